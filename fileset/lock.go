package fileset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

const lockPath = private + "/lock"

// lock makes the lock file, which names this process and the backups that it
// will make. If there is one already, the error says whose it is and what to do.
//
// A lock left by a killed run is not broken silently: its files may be half
// written, and two runs that both find it stale would both take it.
func (d *disk) lock(journal string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	err = d.create(lockPath, fmt.Appendf(nil, "lift %d %s\n%s", os.Getpid(), host, journal), 0)
	if errors.Is(err, fs.ErrExist) {
		return d.locked(host)
	}
	if err != nil {
		return at(d.out, lockPath, err)
	}
	return nil
}

func (d *disk) locked(host string) error {
	name := show(d.out, lockPath)
	info, err := d.root.Lstat(filepath.FromSlash(lockPath))
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: is no regular file; remove it", name)
	}
	data, err := d.root.ReadFile(filepath.FromSlash(lockPath))
	if err != nil {
		return fmt.Errorf("%s: another lift was writing here a moment ago; run lift again", name)
	}
	first, journal, _ := strings.Cut(string(data), "\n")
	var pid int
	var where string
	if _, err := fmt.Sscanf(first, "lift %d %s", &pid, &where); err != nil {
		return fmt.Errorf("%s: another lift is writing here, or was killed; if none is running, delete this file", name)
	}
	if where != host {
		return fmt.Errorf("%s: lift is writing here (process %d on %s); if it no longer runs, delete this file", name, pid, where)
	}
	if alive(pid) {
		return fmt.Errorf("%s: lift is writing here (process %d); wait for it to end, or delete this file if that process is no lift", name, pid)
	}
	// Whoever killed it wants to know whether files were lost.
	var kept []string
	for l := range strings.Lines(journal) {
		old, path, ok := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		if !ok {
			continue
		}
		if _, err := d.root.Lstat(filepath.FromSlash(old)); err == nil {
			kept = append(kept, fmt.Sprintf("%s was %s", old, path))
		}
	}
	what := "it had not replaced anything yet"
	if len(kept) > 0 {
		what = "previous contents: " + strings.Join(kept, ", ")
	}
	return fmt.Errorf("%s: left by lift process %d, which was killed (%s); delete this file and any .lift-new-* file and run lift again", name, pid, what)
}

// alive says whether a process of this host runs. Where that cannot be found out,
// it does.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission) || runtime.GOOS == "windows"
}
