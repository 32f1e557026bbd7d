package run

import (
	"fmt"
	"io"
	"strings"
)

// meanings say what each aspect is, in the order in which the reference page lists them; a name that ends in "NAME" or "PATH" stands for one of each.
var meanings = []struct{ aspect, what string }{
	{"argv", "the command line, its variables expanded"},
	{"env.NAME", "an environment variable; secrets are compared by a hash that is keyed for the run"},
	{"dir", "the working directory"},
	{"user", "the user's number"},
	{"group", "the group's number"},
	{"groups", "supplementary groups"},
	{"umask", "the mask of new files"},
	{"limits.nofile.soft", "open files, as the program starts with"},
	{"limits.nofile.hard", "open files, up to which it may raise that"},
	{"cgroup.memory", "memory that it may use, in bytes"},
	{"cgroup.swap", "swap that it may use beyond that, in bytes"},
	{"cgroup.cpu", "CPU time that it may use, in billionths of a CPU"},
	{"cgroup.pids", "processes and threads that it may have"},
	{"security.noNewPrivileges", "whether set-user-ID programs are without effect"},
	{"security.capabilities", "the bounding set"},
	{"security.seccomp", "whether system calls are filtered"},
	{"signals.ignored", "signals that it is started with ignored"},
	{"signals.blocked", "signals that it is started with blocked"},
	{"stdin", "what is at standard input"},
	{"stdout", "what is at standard output"},
	{"stderr", "what is at standard error"},
	{"descriptors", "sockets that are handed over open"},
	{"nice", "priority"},
	{"oomScore", "who is killed first when memory runs out"},
	{"zone", "what local time is"},
	{"locale", "language and character set"},
	{"write.PATH", "whether a file can be made in a directory"},
	{"mount.PATH", "whether a directory is in memory, or on storage of its own"},
	{"file.PATH", "the content of a configuration file"},
	{"reach.WORKLOAD:PORT", "who answers at another workload's address, as it stands in the settings"},
	{"published.PORT", "who answers where the machine offers a port"},
	{"door.ROUTE", "who answers requests from outside"},
	{"replicas", "how many run"},
	{"restart.failure", "whether it is started again after an end with status 1"},
	{"restart.success", "whether it is started again after an end with status 0"},
	{"stop.signal", "the signal that it gets first"},
	{"stop.scope", "whether its child processes get it, too"},
	{"stop.grace", "how long it may go on before it is killed"},
	{"run", "how a job ends"},
}

// Reference writes the page on what the witness compares, from the tables that do it.
func Reference(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# What `lift verify --run --witness` compares\n\nOne aspect a row: what the witness finds in a program's place on each tier. A difference must be declared: by the ledger, for the settings named here, or by the platform (below). ")
	b.WriteString("Where a tier's files say what it must be, it must be just that.\n\n| aspect | what it is | decided by |\n|-|-|-|\n")
	for _, m := range meanings {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.aspect, m.what, strings.Join(deciders(m.aspect), ", "))
	}
	b.WriteString("\n## What platforms do by themselves\n\nDifferences that come with a runtime as such, whatever the files say.\n\n| aspect | on | why |\n|-|-|-|\n")
	for _, f := range facts {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(f.aspect, " ", "`, `"), strings.ReplaceAll(f.tiers, " ", ", "), f.why)
	}
	b.WriteString("\n## What no run shows\n\nEach verdict lists these as not tested, where the system has them. They are compared in the files.\n\n| part of a workload | why |\n|-|-|\n")
	for _, u := range unseen {
		if u.why != "" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", u.field, u.why)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// deciders are the fields of a workload, and the settings of a source, that decide an aspect.
func deciders(name string) []string {
	var out []string
	for _, as := range example() {
		if as.name != name {
			continue
		}
		for _, f := range as.fields {
			out = append(out, "`"+f+"`")
		}
		for _, k := range as.keys {
			if k != "NAME" {
				out = append(out, k)
			}
		}
	}
	return out
}

// example are all aspects, one of each kind.
func example() []aspect {
	out := append(append([]aspect(nil), fixed...), asked...)
	return append(out, variable("NAME"), writing("PATH"), filesystem("PATH"), content("PATH"), reach("WORKLOAD", "PORT"), published("PORT"), deed("door.ROUTE", nil, "routes of the system"))
}
