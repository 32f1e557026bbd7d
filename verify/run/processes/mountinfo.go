//go:build linux

package processes

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// remountReadOnly makes one mount read-only; flags are the others that it has and keeps.
func remountReadOnly(at string, flags uintptr) error {
	return unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|flags, "")
}

// mounted is a line of mountinfo.
type mounted struct {
	at, kind string
	flags    uintptr
	super    []string // options of the file system
}

// mountsOf reads a mountinfo file (proc(5)).
func mountsOf(file string) ([]mounted, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []mounted
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		front, back, ok := strings.Cut(s.Text(), " - ")
		a, b := strings.Fields(front), strings.Fields(back)
		if !ok || len(a) < 6 || len(b) < 3 {
			continue
		}
		m := mounted{at: unescape(a[4]), kind: b[0], super: strings.Split(b[2], ",")}
		for option := range strings.SplitSeq(a[5], ",") {
			m.flags |= mountFlags[option]
		}
		out = append(out, m)
	}
	return out, s.Err()
}

var mountFlags = map[string]uintptr{
	"ro": unix.MS_RDONLY, "nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC, "noatime": unix.MS_NOATIME, "nodiratime": unix.MS_NODIRATIME, "relatime": unix.MS_RELATIME,
}

// unescape turns the octal escapes of mountinfo into what they stand for.
func unescape(s string) string {
	for i := 0; i+3 < len(s); i++ {
		if s[i] == '\\' {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				s = s[:i] + string([]byte{byte(n)}) + s[i+4:]
			}
		}
	}
	return s
}

// under reports whether a path is the directory or lies below it.
func under(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}
