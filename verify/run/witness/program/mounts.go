//go:build linux

package main

import (
	"os"
	"sort"
	"strings"
	"syscall"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// mountLine is a line of /proc/self/mountinfo, proc(5).
type mountLine struct {
	root    string // what of the file system is mounted
	path    string
	kind    string
	options []string // of the mount
	super   []string // of the file system
}

func mountLines() []mountLine {
	text, _ := os.ReadFile("/proc/self/mountinfo")
	return parseMounts(string(text))
}

func parseMounts(text string) []mountLine {
	var lines []mountLine
	for line := range strings.Lines(text) {
		front, back, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		f, b := strings.Fields(front), strings.Fields(back)
		if !ok || len(f) < 6 || len(b) < 2 {
			continue
		}
		m := mountLine{root: unescape(f[3]), path: unescape(f[4]), options: strings.Split(f[5], ","), kind: b[0]}
		if len(b) > 2 {
			m.super = strings.Split(b[len(b)-1], ",") // the source before it may be empty
		}
		lines = append(lines, m)
	}
	return lines
}

// unescape takes back what mountinfo does to spaces and the like: \040.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// has reports whether a file system has the option: "ro", a controller.
func (m mountLine) has(option string) bool {
	for _, o := range m.super {
		if o == option {
			return true
		}
	}
	return false
}

func (m mountLine) readOnly() bool {
	for _, o := range m.options {
		if o == "ro" {
			return true
		}
	}
	return m.has("ro")
}

// kernel are the file systems through which the kernel shows itself: they hold nothing of the program's.
var kernel = map[string]bool{
	"proc": true, "sysfs": true, "devpts": true, "devtmpfs": true, "mqueue": true, "cgroup": true, "cgroup2": true, "securityfs": true, "debugfs": true, "tracefs": true, "bpf": true, "pstore": true,
	"configfs": true, "fusectl": true, "binfmt_misc": true, "autofs": true, "hugetlbfs": true, "efivarfs": true, "nsfs": true, "selinuxfs": true, "rpc_pipefs": true,
}

// matters tells whether a program might look there. Below /proc and /sys, container runtimes mount what hides something; /dev is theirs, but what is mounted below it (/dev/shm) is not. The place of the
// witness itself is nobody's.
func (m mountLine) matters() bool {
	below := func(dir string) bool { return m.path == dir || strings.HasPrefix(m.path, dir+"/") }
	return !kernel[m.kind] && !below("/proc") && !below("/sys") && m.path != "/dev" && !below("/.lift")
}

// mounts lists what is mounted; of several at one path, the one on top.
func mounts(lines []mountLine) []report.Mount {
	top := map[string]report.Mount{}
	for _, m := range lines {
		if !m.matters() {
			delete(top, m.path)
			continue
		}
		mount := report.Mount{Path: m.path, Type: m.kind, ReadOnly: m.readOnly()}
		var st syscall.Statfs_t
		if m.kind == "tmpfs" && syscall.Statfs(m.path, &st) == nil {
			mount.Size = int64(st.Blocks) * int64(st.Bsize)
		}
		top[m.path] = mount
	}
	list := make([]report.Mount, 0, len(top))
	for _, m := range top {
		list = append(list, m)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// rootReadOnly reports whether nobody can write at /, whatever the permissions.
func rootReadOnly() bool {
	var st syscall.Statfs_t
	const readOnly = 1 // ST_RDONLY, statfs(2)
	return syscall.Statfs("/", &st) == nil && st.Flags&readOnly != 0
}
