//go:build linux

package processes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// prefix begins the names of all that a run makes on the machine: its scratch directory and its control groups. The name goes on with the nonce and with who made it, so that what a killed run has left can
// be told from what belongs to a living one.
const prefix = "lift-"

// sides counts those that this process has started.
var sides atomic.Int64

// runName is the name of what this process makes for a side of a run.
func runName(nonce string) string {
	return prefix + nonce + "-" + name + "-" + strconv.Itoa(os.Getpid()) + "-" + birth(os.Getpid()) + "." + strconv.FormatInt(sides.Add(1), 10)
}

// birth is when a process was started, in the kernel's own count; "" if there is none.
func birth(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold anything
	if f := strings.Fields(rest); len(f) > 19 {
		return f[19]
	}
	return ""
}

// orphan reports whether it is the name of a run whose process has ended.
func orphan(entry string) bool {
	f := strings.Split(entry, "-")
	if len(f) != 5 || f[0]+"-" != prefix || f[2] != name {
		return false
	}
	pid, err := strconv.Atoi(f[3])
	born, _, _ := strings.Cut(f[4], ".")
	return err == nil && birth(pid) != born
}

// temporary lists the directories in which a scratch directory may lie, the best first: state belongs on a disk, where the machine has one for it.
func temporary() []string {
	var disks, rest []string
	for _, dir := range []string{os.Getenv("TMPDIR"), "/var/tmp", "/tmp"} {
		var st unix.Statfs_t
		if dir == "" || !filepath.IsAbs(dir) || unix.Statfs(dir, &st) != nil || unix.Access(dir, unix.W_OK) != nil {
			continue
		}
		if st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC {
			rest = append(rest, dir)
		} else {
			disks = append(disks, dir)
		}
	}
	return append(disks, rest...)
}

// makeScratch makes the directory of a run. held is open as long as the run lives: a lock on it tells that it does, even to somebody who sees other processes.
func makeScratch(run string) (dir string, held *os.File, err error) {
	dirs := temporary()
	if len(dirs) == 0 {
		return "", nil, errors.New("there is no directory for temporary files; set TMPDIR to one that can be written")
	}
	if dir, err = filepath.EvalSymlinks(dirs[0]); err != nil {
		return "", nil, err
	}
	dir = filepath.Join(dir, run)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", nil, err
	}
	if held, err = os.Open(dir); err == nil {
		err = unix.Flock(int(held.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	for _, sub := range []string{"stage", "log", "program", "volume", "file", "machine", "cgroup", "memory"} {
		err = errors.Join(err, os.Mkdir(filepath.Join(dir, sub), 0o755))
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, held, nil
}

// abandoned reports whether nobody holds a scratch directory.
func abandoned(dir string) bool {
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}

// sweep removes what runs have left that were killed: their processes have gone with them.
func sweep() {
	for _, dir := range temporary() {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if e.IsDir() && orphan(e.Name()) && abandoned(filepath.Join(dir, e.Name())) {
				_ = removeAll(filepath.Join(dir, e.Name()))
			}
		}
	}
	g := findGroups()
	for _, h := range g.hierarchies() {
		entries, _ := os.ReadDir(filepath.Join(cgroupRoot, h))
		for _, e := range entries {
			if e.IsDir() && orphan(e.Name()) {
				_ = removeGroup(filepath.Join(cgroupRoot, h, e.Name()))
			}
		}
	}
}

// removeAll removes a directory with all that is in it, directories too that nobody may write: caches of modules are made like that.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(p, 0o700)
		}
		return nil
	})
	if err = os.RemoveAll(dir); err != nil {
		return fmt.Errorf("%s cannot be removed: %w", dir, err)
	}
	return nil
}
