package run

import (
	"slices"
	"strings"
)

// fact is something that a platform does by itself, whatever the files say: no model holds it, so no ledger can declare it. Each has the document that promises it.
type fact struct {
	tiers  string // runners that do it, separated by spaces
	aspect string // aspects separated by spaces, or what they begin with, where one ends in "*"
	why    string
}

// facts is the whole list of differences that come with a runtime as such. A difference that is not here and not in the ledger is undeclared.
var facts = []fact{
	{"docker kubernetes", "env.HOSTNAME", "the runtime gives each container its own host name in this variable (OCI image-spec, docker run)"},
	{"docker kubernetes", "env.PATH", "the search path is the image's (Dockerfile ENV)"},
	{"docker", "env.HOME", "Docker sets HOME from the image's passwd where nothing else does (docker run, USER)"},
	{"kubernetes", "env.HOME", "containerd sets HOME from the image's passwd where nothing else does"},
	{"kubernetes", "env.KUBERNETES_*", "the kubelet names the API server's Service in every container, enableServiceLinks or not (Kubernetes, Accessing the API from a Pod)"},
	{"docker kubernetes", "env.NODE_VERSION env.YARN_VERSION env.PYTHON_VERSION env.PYTHON_SHA256 env.GPG_KEY env.GOLANG_VERSION env.GOTOOLCHAIN env.GOPATH env.NGINX_VERSION env.NJS_* env.PKG_RELEASE env.DYNPKG_RELEASE env.ACME_VERSION env.SSL_CERT_FILE", "the base image sets it, and programs that do not ask for it do not notice"},
	{"docker kubernetes", "env.PWD", "the shell of the image's entrypoint script sets it"},
	{"docker", "security.seccomp", "Docker confines every container with its default profile (docker run, --security-opt seccomp)"},
	{"docker kubernetes", "zone", "a container has no /etc/localtime of the machine's: local time is UTC unless TZ says otherwise"},
	{"docker kubernetes", "hostname", "a container has a host name of its own"},
	{"docker kubernetes", "oomScore", "the container runtime decides which process is killed first when memory runs out"},
	{"processes docker kubernetes", "stdin", "nothing is at standard input: /dev/null under a supervisor, closed or empty in a container"},
	{"processes docker kubernetes", "stdout", "lines are collected by a journal's socket or a pipe, as the supervisor has it"},
	{"processes docker kubernetes", "stderr", "lines are collected by a journal's socket or a pipe, as the supervisor has it"},
}

// promised returns why the platform alone makes the difference, "" if none does.
func promised(aspect string, tiers ...string) string {
	for _, f := range facts {
		if !f.speaksOf(aspect) {
			continue
		}
		for _, t := range tiers {
			if slices.Contains(strings.Fields(f.tiers), t) {
				return f.why
			}
		}
	}
	return ""
}

func (f fact) speaksOf(aspect string) bool {
	return slices.ContainsFunc(strings.Fields(f.aspect), func(a string) bool {
		begin, open := strings.CutSuffix(a, "*")
		return aspect == a || open && strings.HasPrefix(aspect, begin)
	})
}
