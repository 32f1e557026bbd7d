package run

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run/witness"
)

// view is one workload on one tier: what the tier's files say of it, and the world that the witness found in its place.
type view struct {
	tier  string
	w     deploy.Workload
	world *witness.World
	host  Host

	deeds    map[string]string // what was found out by doing, by the aspects' names
	patience time.Duration     // how long a stop was watched
}

// Host is what the machine itself has, by which "all" is told from "some".
type Host struct {
	Capabilities []string // bounding set of the machine's own processes
}

// aspect is one thing that a program can find out about its surroundings.
type aspect struct {
	name   string
	fields []string                    // the leaves below the workload that decide it; "*" is any name
	keys   []string                    // settings of a source that decide it and have no place in the model
	seen   func(v view) (string, bool) // what the witness found; false: it could not tell
	want   func(v view) (string, bool) // what the tier's files say, in the same words; false: they say nothing
}

const (
	yes, no  = "yes", "no"
	writable = "writable"
	readOnly = "read-only"
)

// aspectsOf lists what is compared for a workload, given how the original and the other tier see it: the fixed aspects, and one for each variable, mount and file of either.
func aspectsOf(a, b view) []aspect {
	out := append([]aspect(nil), fixed...)
	for _, name := range union(envNames(a), envNames(b)) {
		out = append(out, variable(name))
	}
	for _, p := range union(writePaths(a.w), writePaths(b.w)) {
		out = append(out, writing(p), filesystem(p))
	}
	for _, p := range union(filePaths(a.w), filePaths(b.w)) {
		out = append(out, content(p))
	}
	return out
}

// fixed are the aspects that every workload has.
var fixed = []aspect{
	{
		name: "argv", fields: []string{"command.entrypoint", "command.argv", "command.shell"},
		seen: func(v view) (string, bool) { return line(v.world.Argv), true },
		want: func(v view) (string, bool) {
			argv, ok := arguments(v.w)
			return line(hideWords(v, argv[Front(argv):])), ok
		},
	},
	{
		name: "dir", fields: []string{"dir"},
		seen: func(v view) (string, bool) { return v.world.Dir, true },
		want: func(v view) (string, bool) { return v.w.Dir.Get() },
	},
	{
		name: "user", fields: []string{"user.id", "user.name"},
		seen: func(v view) (string, bool) { return strconv.Itoa(v.world.UID), true },
		want: func(v view) (string, bool) { return number(v.w.User.ID) },
	},
	{
		name: "group", fields: []string{"user.groupID", "user.group"},
		seen: func(v view) (string, bool) { return strconv.Itoa(v.world.GID), true },
		want: func(v view) (string, bool) { return number(v.w.User.GroupID) },
	},
	{
		name: "groups", fields: []string{"user.groups", "user.volumes"},
		seen: func(v view) (string, bool) { return list(ints(v.world.Groups)), true },
		want: func(v view) (string, bool) { return supplementary(v.w) },
	},
	{
		name: "umask", fields: []string{"umask"},
		seen: func(v view) (string, bool) { return v.world.Umask, v.world.Umask != "" },
		want: func(v view) (string, bool) {
			m, ok := v.w.Umask.Get()
			return fmt.Sprintf("%04o", uint32(m)), ok
		},
	},
	limit("limits.nofile.soft", "nofile", 0, "resources.files.soft", func(w deploy.Workload) deploy.Opt[deploy.Limit[int64]] { return w.Resources.Files.Soft }),
	limit("limits.nofile.hard", "nofile", 1, "resources.files.hard", func(w deploy.Workload) deploy.Opt[deploy.Limit[int64]] { return w.Resources.Files.Hard }),
	{
		name: "cgroup.memory", fields: []string{"resources.memory.limit"},
		seen: func(v view) (string, bool) { return bound(v.world.Cgroup.Memory) },
		want: func(v view) (string, bool) { return bounded(v.w.Resources.Memory.Limit.Get()) },
	},
	{
		name: "cgroup.swap", fields: []string{"resources.memory.swap"},
		seen: func(v view) (string, bool) { return bound(v.world.Cgroup.Swap) },
		want: func(v view) (string, bool) { return bounded(v.w.Resources.Memory.Swap.Get()) },
	},
	{
		name: "cgroup.cpu", fields: []string{"resources.cpu.limit"},
		seen: func(v view) (string, bool) { return bound(v.world.Cgroup.CPU) },
		want: func(v view) (string, bool) { return bounded(v.w.Resources.CPU.Limit.Get()) },
	},
	{
		name: "cgroup.pids", fields: []string{"resources.pids"},
		seen: func(v view) (string, bool) { return bound(v.world.Cgroup.Pids) },
		want: func(v view) (string, bool) { return bounded(v.w.Resources.Pids.Get()) },
	},
	{
		name: "security.noNewPrivileges", fields: []string{"security.noNewPrivileges", "security.privileged"},
		seen: func(v view) (string, bool) { return word(v.world.NoNewPrivs), true },
		want: func(v view) (string, bool) {
			b, ok := v.w.Security.NoNewPrivileges.Get()
			return word(b), ok
		},
	},
	{
		name: "security.capabilities", fields: []string{"security.capabilities", "security.privileged", "user.id"},
		seen: func(v view) (string, bool) { return capabilities(v.world.Bounding, v.host), true },
		want: func(v view) (string, bool) { return wantedCapabilities(v.w.Security.Capabilities, v.host) },
	},
	{
		name: "security.seccomp", fields: []string{"security.seccomp", "security.privileged"}, keys: []string{"SystemCallFilter"},
		seen: func(v view) (string, bool) { return v.world.Seccomp, v.world.Seccomp != "" },
		want: func(v view) (string, bool) {
			s, ok := v.w.Security.Seccomp.Get()
			if s == "Unconfined" {
				return "none", ok
			}
			return "filter", ok
		},
	},
	{
		name: "signals.ignored", keys: []string{"IgnoreSIGPIPE", "IgnoreSIGPIPE=yes"},
		seen: func(v view) (string, bool) { return list(v.world.Ignored), true },
	},
	{
		name: "signals.blocked",
		seen: func(v view) (string, bool) { return list(v.world.Blocked), true },
	},
	{
		name: "stdin", keys: []string{"StandardInput"},
		seen: func(v view) (string, bool) { return v.world.Stdin, v.world.Stdin != "" },
	},
	{
		name: "stdout", keys: []string{"StandardOutput"},
		seen: func(v view) (string, bool) { return v.world.Stdout, v.world.Stdout != "" },
	},
	{
		name: "stderr", keys: []string{"StandardError"},
		seen: func(v view) (string, bool) { return v.world.Stderr, v.world.Stderr != "" },
	},
	{
		name: "descriptors", fields: []string{"source.sockets", "source.accept"},
		seen: func(v view) (string, bool) { return list(ints(v.world.Descriptors)), true },
	},
	{
		name: "nice", keys: []string{"Nice"},
		seen: func(v view) (string, bool) { return strconv.Itoa(v.world.Nice), true },
	},
	{
		name: "oomScore", keys: []string{"OOMScoreAdjust"},
		seen: func(v view) (string, bool) { return strconv.Itoa(v.world.OOMScore), true },
	},
	{
		name: "zone", fields: []string{"env.TZ.value"},
		seen: func(v view) (string, bool) { return v.world.Zone, v.world.Zone != "" },
	},
	{
		name: "locale", keys: []string{"LANG"},
		seen: func(v view) (string, bool) {
			if v.world.Locale == "" {
				return "C", true
			}
			return v.world.Locale, true
		},
	},
}

func limit(name, resource string, i int, field string, want func(deploy.Workload) deploy.Opt[deploy.Limit[int64]]) aspect {
	return aspect{
		name: name, fields: []string{field},
		seen: func(v view) (string, bool) {
			l, ok := v.world.Limits[resource]
			return l[i], ok
		},
		want: func(v view) (string, bool) { return bounded(want(v.w).Get()) },
	}
}

// variable compares one environment variable. Secret ones are compared by their keyed hashes.
func variable(name string) aspect {
	a := aspect{
		name: "env." + name, fields: []string{string(deploy.At("env", name, "value")), string(deploy.At("env", name))}, keys: []string{name},
		seen: func(v view) (string, bool) {
			t, ok := v.world.Env[name]
			if !ok {
				return "(not set)", true
			}
			return t, true
		},
		want: func(v view) (string, bool) {
			for _, e := range v.w.Env {
				if e.Name != name {
					continue
				}
				t, known := e.Value.Reveal()
				if !known {
					return "", false
				}
				if e.Value.IsSecret() {
					t = witness.Hash(v.world.Nonce, t)
				}
				return t, true
			}
			return "", false
		},
	}
	for _, own := range []string{"INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"} {
		if name == own {
			a.keys = append(a.keys, "INVOCATION_ID, JOURNAL_STREAM, SYSTEMD_EXEC_PID")
		}
	}
	return a
}

// writing compares whether files can be made in a directory.
func writing(path string) aspect {
	return aspect{
		name: "write." + path, fields: []string{string(deploy.At("mounts", path)), "security.readOnlyRoot", "user.id", "user.volumes"},
		seen: func(v view) (string, bool) {
			t, ok := v.world.Write[path]
			switch {
			case !ok:
				return "", false
			case t == yes:
				return writable, true
			}
			return t, true
		},
		want: func(v view) (string, bool) {
			if m := mountAt(v.w, path); m != nil {
				if m.ReadOnly.Or(false) {
					return "", false // the error's words are the system's
				}
				return writable, true
			}
			return "", false
		},
	}
}

// filesystem compares whether a directory is in memory or on a disk.
func filesystem(path string) aspect {
	return aspect{
		name: "mount." + path, fields: []string{string(deploy.At("mounts", path)), "security.readOnlyRoot"},
		seen: func(v view) (string, bool) {
			for _, m := range v.world.Mounts {
				if m.Path == path {
					if m.Type == "tmpfs" {
						return "memory", true
					}
					return "storage", true
				}
			}
			return "part of " + rootOf(v.world, path), true
		},
		want: func(v view) (string, bool) {
			m := mountAt(v.w, path)
			if m == nil {
				return "", false
			}
			if m.Kind.Or("") == deploy.MountTmpfs {
				return "memory", true
			}
			return "storage", true
		},
	}
}

// content compares a configuration file that the platform puts in place.
func content(path string) aspect {
	return aspect{
		name: "file." + path, fields: []string{string(deploy.At("files", path))},
		seen: func(v view) (string, bool) {
			t, ok := v.world.Read[path]
			return t, ok
		},
		want: func(v view) (string, bool) {
			for _, f := range v.w.Files {
				if f.Path == path {
					t, ok := f.Content.Get()
					sum := sha256.Sum256([]byte(t))
					return hex.EncodeToString(sum[:]), ok
				}
			}
			return "", false
		},
	}
}

func rootOf(w *witness.World, path string) string {
	best := "/"
	for _, m := range w.Mounts {
		if len(m.Path) > len(best) && strings.HasPrefix(path, strings.TrimSuffix(m.Path, "/")+"/") {
			best = m.Path
		}
	}
	return best
}

func mountAt(w deploy.Workload, path string) *deploy.Mount {
	for i := range w.Mounts {
		if w.Mounts[i].Path == path {
			return &w.Mounts[i]
		}
	}
	return nil
}

func writePaths(w deploy.Workload) []string {
	out := []string{"/", "/tmp"}
	for _, m := range w.Mounts {
		out = append(out, m.Path)
	}
	if d, ok := w.Dir.Get(); ok {
		out = append(out, d)
	}
	return out
}

func filePaths(w deploy.Workload) []string {
	var out []string
	for _, f := range w.Files {
		out = append(out, f.Path)
	}
	return out
}

func envNames(v view) []string {
	var out []string
	for _, e := range v.w.Env {
		out = append(out, e.Name)
	}
	if v.world != nil {
		for n := range v.world.Env {
			out = append(out, n)
		}
	}
	return out
}

func union(a, b []string) []string {
	out := append(append([]string(nil), a...), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

func line(argv []string) string { return deploy.Args(argv...).String() }

// arguments is the command line with its variables, as the tier's supervisor makes it out of the model.
func arguments(w deploy.Workload) ([]string, bool) {
	env := map[string]string{}
	for _, e := range w.Env {
		t, known := e.Value.Reveal()
		if !known {
			return nil, false
		}
		env[e.Name] = t
	}
	var out []string
	if sh, ok := w.Command.Shell.Get(); ok {
		out = append(out, sh, "-c")
		script, ok := w.Command.Argv.Literals()
		return append(out, script...), ok
	}
	for _, word := range append(append(deploy.Argv(nil), w.Command.Entrypoint...), w.Command.Argv...) {
		if len(word) == 1 && word[0].Split {
			out = append(out, strings.Fields(env[word[0].Var])...)
			continue
		}
		var b strings.Builder
		for _, p := range word {
			if p.Var != "" {
				b.WriteString(env[p.Var])
			} else {
				b.WriteString(p.Text)
			}
		}
		out = append(out, b.String())
	}
	return out, len(out) > 0
}

// hideWords puts the hash in the place of words that hold a secret, as the witness does.
func hideWords(v view, argv []string) []string {
	out := slices.Clone(argv)
	for i, word := range out {
		for _, e := range v.w.Env {
			if t, ok := e.Value.Reveal(); ok && e.Value.IsSecret() && len(t) >= 4 && strings.Contains(word, t) {
				out[i] = witness.Hash(v.world.Nonce, word)
			}
		}
	}
	return out
}

func number(o deploy.Opt[int64]) (string, bool) {
	n, ok := o.Get()
	return strconv.FormatInt(n, 10), ok
}

func ints(n []int) []string {
	out := make([]string, len(n))
	for i, x := range n {
		out[i] = strconv.Itoa(x)
	}
	return out
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func word(b bool) string {
	if b {
		return yes
	}
	return no
}

const unlimited = "unlimited"

// bound puts what a control group says into the model's words.
func bound(s string) (string, bool) {
	if s == "max" {
		return unlimited, true
	}
	return s, s != ""
}

// bounded puts a limit of the model into words; "" where it is absent.
func bounded[T ~int64](l deploy.Limit[T], ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	n, finite := l.Get()
	if !finite {
		return unlimited, true
	}
	return strconv.FormatInt(int64(n), 10), true
}

func supplementary(w deploy.Workload) (string, bool) {
	if !w.User.ID.IsSet() {
		return "", false
	}
	var out []int
	for _, g := range w.User.Groups {
		n, err := strconv.Atoi(g)
		if err != nil {
			return "", false
		}
		out = append(out, n)
	}
	if n, ok := w.User.Volumes.Get(); ok {
		out = append(out, int(n))
	}
	own, _ := w.User.GroupID.Get()
	out = slices.DeleteFunc(out, func(n int) bool { return n == int(own) })
	slices.Sort(out)
	return list(ints(slices.Compact(out))), true
}

// UsualCapabilities are the capabilities that container runtimes leave a container when nothing is said (Moby's default profile; containerd has the same).
var UsualCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

// capabilities puts a bounding set into the model's words: "all" is all that the machine itself has.
func capabilities(set []string, h Host) string {
	switch {
	case len(set) == 0:
		return "none"
	case slices.Equal(set, UsualCapabilities):
		return "default"
	case len(h.Capabilities) > 0 && slices.Equal(set, h.Capabilities):
		return "all"
	}
	return strings.Join(set, ", ")
}

func wantedCapabilities(l deploy.List, h Host) (string, bool) {
	if len(l) == 0 {
		return "", false
	}
	var out []string
	for _, c := range l {
		switch c {
		case "all":
			return "all", true
		case "none":
		case "default":
			out = append(out, UsualCapabilities...)
		default:
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return capabilities(slices.Compact(out), h), true
}
