package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// down ends a cluster and takes away all that it left. Mounts need no care: they are in a namespace of their own and went with its last process.
func down(dir string) error {
	r, err := readRunning(dir)
	if err != nil {
		return err
	}
	if r.alive(dir) {
		if err := syscall.Kill(r.pid, syscall.SIGKILL); err != nil {
			return err
		}
		if err := wait("the end of all processes", 30*time.Second, func() (bool, error) { return ended(r.pid), nil }); err != nil {
			return err
		}
	}
	if r.whole {
		if err := r.net.takeAway(); err != nil {
			return err
		}
		if err := removeCgroups(r.net.cgroup()); err != nil {
			return err
		}
	}
	// the daemons of an API server alone die with their parent, but not before it
	return wait(dir+" is in use", 10*time.Second, func() (bool, error) {
		err := os.RemoveAll(dir)
		return err == nil, err
	})
}

// ended reports whether a process is gone, or is a zombie that nobody asked about. The first process of a namespace ends after all others of it.
func ended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	state := stat[bytes.LastIndexByte(stat, ')')+2:]
	return bytes.HasPrefix(state, []byte("Z"))
}

// cgroupRoots are where hierarchies are mounted: one for each controller, or one for all.
func cgroupRoots() ([]string, error) {
	const top = "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(top, "cgroup.controllers")); err == nil {
		return []string{top}, nil
	}
	entries, err := os.ReadDir(top)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() { // a link is another name of one that is listed
			out = append(out, filepath.Join(top, e.Name()))
		}
	}
	return out, nil
}

func makeCgroups(name string) error {
	roots, err := cgroupRoots()
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			return err
		}
	}
	if len(roots) == 1 {
		for _, g := range []string{roots[0], filepath.Join(roots[0], name)} {
			if err := os.WriteFile(filepath.Join(g, "cgroup.subtree_control"), []byte("+cpuset +cpu +memory +pids"), 0); err != nil {
				return fmt.Errorf("%s: %w; the controllers of cgroups must be this machine's to hand on", g, err)
			}
		}
	}
	return nil
}

func removeCgroups(name string) error {
	roots, err := cgroupRoots()
	if err != nil {
		return err
	}
	return wait("the end of the cgroups", 10*time.Second, func() (bool, error) {
		var errs []error
		for _, root := range roots {
			var groups []string
			err := filepath.WalkDir(filepath.Join(root, name), func(p string, d fs.DirEntry, err error) error {
				if err == nil && d.IsDir() {
					groups = append(groups, p)
				}
				return err
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
			for _, g := range slices.Backward(groups) {
				errs = append(errs, os.Remove(g))
			}
		}
		err := errors.Join(errs...)
		return err == nil, err
	})
}
