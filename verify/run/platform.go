package run

import "strings"

// fact is something that a platform does by itself, whatever the files say: no model holds it, so no ledger can declare it. Each has the document that promises it.
type fact struct {
	tiers  string // runners that do it, separated by spaces
	aspect string // an aspect, or what one begins with, when it ends in "*"
	why    string
}

// facts is the whole list of differences that come with a runtime as such. A difference that is not here and not in the ledger is undeclared.
var facts = []fact{
	{"docker kubernetes", "env.HOSTNAME", "the runtime gives each container its own host name in this variable (OCI image-spec, docker run)"},
	{"docker kubernetes", "env.PATH", "the search path is the image's (Dockerfile ENV)"},
	{"docker", "env.HOME", "Docker sets HOME from the image's passwd where nothing else does (docker run, USER)"},
	{"kubernetes", "env.HOME", "containerd sets HOME from the image's passwd where nothing else does"},
	{"kubernetes", "env.KUBERNETES_*", "the kubelet names the API server's Service in every container, enableServiceLinks or not (Kubernetes, Accessing the API from a Pod)"},
	{"docker kubernetes", "hostname", "a container has a host name of its own"},
	{"docker kubernetes", "oomScore", "the container runtime decides which process is killed first when memory runs out"},
	{"processes docker kubernetes", "stdin", "nothing is at standard input: /dev/null under a supervisor, closed or empty in a container"},
	{"processes docker kubernetes", "stdout", "lines are collected by a journal's socket or a pipe, as the supervisor has it"},
	{"processes docker kubernetes", "stderr", "lines are collected by a journal's socket or a pipe, as the supervisor has it"},
}

// promised returns why the platform alone makes the difference, "" if none does.
func promised(aspect string, tiers ...string) string {
	for _, f := range facts {
		begin, open := strings.CutSuffix(f.aspect, "*")
		if aspect != f.aspect && !(open && strings.HasPrefix(aspect, begin)) {
			continue
		}
		for _, t := range tiers {
			if strings.Contains(" "+f.tiers+" ", " "+t+" ") {
				return f.why
			}
		}
	}
	return ""
}
