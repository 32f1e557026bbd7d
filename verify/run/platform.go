package run

import "strings"

// fact is something that a platform does by itself, whatever the files say: no model holds it, so no ledger can declare it. Each has the document that promises it.
type fact struct {
	tiers  string // runners that do it, separated by spaces
	aspect string // an aspect, or what one begins with, when it ends in "*"
	why    string
}

const image = "the base image sets it, and programs that do not ask for it do not notice"

// facts is the whole list of differences that come with a runtime as such. A difference that is not here and not in the ledger is undeclared.
var facts = []fact{
	{"docker kubernetes", "env.HOSTNAME", "the runtime gives each container its own host name in this variable (OCI image-spec, docker run)"},
	{"docker kubernetes", "env.PATH", "the search path is the image's (Dockerfile ENV)"},
	{"docker", "env.HOME", "Docker sets HOME from the image's passwd where nothing else does (docker run, USER)"},
	{"kubernetes", "env.HOME", "containerd sets HOME from the image's passwd where nothing else does"},
	{"kubernetes", "env.KUBERNETES_*", "the kubelet names the API server's Service in every container, enableServiceLinks or not (Kubernetes, Accessing the API from a Pod)"},
	{"docker kubernetes", "env.NODE_VERSION", image},
	{"docker kubernetes", "env.YARN_VERSION", image},
	{"docker kubernetes", "env.PYTHON_VERSION", image},
	{"docker kubernetes", "env.PYTHON_SHA256", image},
	{"docker kubernetes", "env.GPG_KEY", image},
	{"docker kubernetes", "env.GOLANG_VERSION", image},
	{"docker kubernetes", "env.GOTOOLCHAIN", image},
	{"docker kubernetes", "env.GOPATH", image},
	{"docker kubernetes", "env.NGINX_VERSION", image},
	{"docker kubernetes", "env.NJS_*", image},
	{"docker kubernetes", "env.PKG_RELEASE", image},
	{"docker kubernetes", "env.DYNPKG_RELEASE", image},
	{"docker kubernetes", "env.ACME_VERSION", image},
	{"docker kubernetes", "env.SSL_CERT_FILE", image},
	{"docker", "security.seccomp", "Docker confines every container with its default profile (docker run, --security-opt seccomp)"},
	{"docker kubernetes", "limits.*", "limits that no file sets are those of the container engine"},
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
