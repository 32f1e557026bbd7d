//go:build linux

package processes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Where the side's root has what is lift's own.
const (
	own         = "/.lift"
	ownRun      = own + "/run" // the scratch directory, for the supervisor alone: programs' mount namespaces lose it
	ownGroups   = ownRun + "/cgroup"
	ownMemory   = ownRun + "/memory"
	ownWitness  = own + "/witness"
	beforePivot = own + "/machine" // the machine's root, until all is taken from it
)

// enterRoot makes the root of a side and goes into it: an overlay over the machine's root, and one over each of its other disks, so that nothing is written to the machine. What belongs to the running
// machine is made anew: /proc, /dev, /run, /tmp. scratch appears at ownRun. keep are directories of the machine that stay as they are, writes included.
//
// The caller is the first process of new mount and pid namespaces.
func enterRoot(scratch string, keep []string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts cannot be made private: %w", err)
	}
	before, err := mountsOf("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	stage := filepath.Join(scratch, "stage")
	if err := os.MkdirAll(stage, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", stage, "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("no file system in memory can be mounted: %w", err)
	}
	if err := os.Chdir(stage); err != nil { // overlay takes relative paths, whose commas and colons do not matter
		return err
	}
	root := filepath.Join(stage, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	fresh := []string{"tmp", "var/tmp"}
	if len(keep) > 0 {
		fresh = nil
	}
	if err := overlay("/", root, "0", fresh); err != nil {
		return fmt.Errorf("no overlay can be mounted over the machine's root: %w", err)
	}
	for i, m := range before {
		if !disk(m) {
			continue
		}
		if err := overDisk(m, root, strconv.Itoa(i+1)); err != nil {
			return fmt.Errorf("%s: %w", m.at, err)
		}
	}
	if err := machinery(root, len(keep) > 0); err != nil {
		return err
	}
	for _, dir := range []string{own, ownRun, beforePivot} {
		if err := os.MkdirAll(root+dir, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount(scratch, root+ownRun, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("%s: %w", scratch, err)
	}
	if err := unix.Mount("", root+ownRun, "", unix.MS_REMOUNT|unix.MS_BIND, ""); err != nil { // programs lie in it, even if the machine runs none from its temporary directory
		return fmt.Errorf("%s: %w", scratch, err)
	}
	for _, dir := range keep {
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			continue
		}
		if err := os.MkdirAll(root+dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(dir, root+dir, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	if err := os.MkdirAll(root+ownGroups, 0o700); err != nil {
		return err
	}
	if err := bindGroups(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, root+beforePivot); err != nil {
		return fmt.Errorf("the root cannot be changed: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := unix.Unmount(beforePivot, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("the machine's root cannot be left: %w", err)
	}
	return os.Remove(beforePivot)
}

// overlay mounts a writable layer over a directory of the machine. Directories in fresh begin empty.
func overlay(lower, at, layer string, fresh []string) error {
	upper, work := "upper"+layer, "work"+layer
	for _, dir := range []string{upper, work} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if st, err := os.Stat(lower); err == nil { // the merged directory has the mode of the upper one
		if err := os.Chmod(upper, st.Mode().Perm()|st.Mode()&(fs.ModeSticky|fs.ModeSetgid)); err != nil {
			return err
		}
		if sys, ok := owner(st); ok {
			_ = os.Chown(upper, sys[0], sys[1])
		}
	}
	for _, dir := range fresh {
		made := filepath.Join(upper, dir)
		if err := os.MkdirAll(made, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(made, 0o777|fs.ModeSticky); err != nil {
			return err
		}
		if err := unix.Setxattr(made, "trusted.overlay.opaque", []byte("y"), 0); err != nil {
			return fmt.Errorf("%s cannot be made empty: %w", dir, err)
		}
	}
	if strings.ContainsAny(lower, ",:\\") {
		return errors.New("a comma, a colon or a backslash in the name of a mount point")
	}
	return unix.Mount("overlay", at, "overlay", 0, "lowerdir="+lower+",upperdir="+upper+",workdir="+work)
}

// overDisk puts another disk of the machine into the root, with a layer of its own where that is possible, else read-only.
func overDisk(m mounted, root, layer string) error {
	to := root + m.at
	st, err := os.Stat(m.at)
	if err != nil {
		return nil // hidden by another mount
	}
	if _, err := os.Stat(to); err != nil {
		return nil // likewise
	}
	if st.IsDir() && m.kind != "squashfs" && m.kind != "iso9660" {
		if overlay(m.at, to, layer, nil) == nil {
			return nil
		}
	}
	if err := unix.Mount(m.at, to, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	return remountReadOnly(to, m.flags)
}

// machinery makes what the kernel and the running machine provide. Builds keep the machine's own /run, whose resolver they need.
func machinery(root string, building bool) error {
	mount := func(kind, at string, flags uintptr, data string) error {
		if err := os.MkdirAll(root+at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(kind, root+at, kind, flags, data); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		return nil
	}
	const plain = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := errors.Join(
		mount("proc", "/proc", plain, ""),
		mount("sysfs", "/sys", plain|unix.MS_RDONLY, ""),
		mount("tmpfs", "/dev", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755"),
		mount("devpts", "/dev/pts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5"),
		mount("tmpfs", "/dev/shm", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"),
	); err != nil {
		return err
	}
	if err := mount("mqueue", "/dev/mqueue", plain, ""); err != nil && !errors.Is(err, unix.ENODEV) {
		return err
	}
	for _, node := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		f, err := os.Create(root + "/dev/" + node)
		if err != nil {
			return err
		}
		f.Close()
		if err := unix.Mount("/dev/"+node, root+"/dev/"+node, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("/dev/%s: %w", node, err)
		}
	}
	for _, l := range [][2]string{{"ptmx", "pts/ptmx"}, {"fd", "/proc/self/fd"}, {"stdin", "fd/0"}, {"stdout", "fd/1"}, {"stderr", "fd/2"}} {
		if err := os.Symlink(l[1], root+"/dev/"+l[0]); err != nil {
			return err
		}
	}
	// settings of the kernel are the machine's
	for _, dir := range []string{"/proc/sys", "/proc/sysrq-trigger"} {
		if unix.Mount(root+dir, root+dir, "", unix.MS_BIND, "") == nil {
			if err := remountReadOnly(root+dir, unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC); err != nil {
				return fmt.Errorf("%s: %w", dir, err)
			}
		}
	}
	if building {
		return nil
	}
	if err := mount("tmpfs", "/run", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return err
	}
	return os.MkdirAll(root+"/run/lock", 0o777|fs.ModeSticky)
}

// bindGroups brings the machine's control groups: for programs to look at, and for the supervisor to change.
func bindGroups(root string) error {
	const at = "/sys/fs/cgroup"
	if _, err := os.Stat(at); err != nil {
		return nil
	}
	if err := unix.Mount(at, root+ownGroups, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	if err := unix.Mount(at, root+at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	list, err := mountsOf("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for _, m := range list {
		if under(m.at, root+at) {
			if err := remountReadOnly(m.at, m.flags); err != nil {
				return fmt.Errorf("%s: %w", m.at, err)
			}
		}
	}
	return nil
}

// disk reports whether a mount of the machine holds files that programs may want: not the root itself, nothing that the kernel makes up, nothing that is made anew or belongs to containers.
func disk(m mounted) bool {
	switch m.kind {
	case "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue", "bpf", "debugfs", "tracefs", "securityfs", "pstore", "configfs", "fusectl", "hugetlbfs", "binfmt_misc", "autofs", "efivarfs", "nsfs",
		"rpc_pipefs", "ramfs", "overlay", "swap", "selinuxfs", "smackfs":
		return false
	}
	if m.at == "/" || strings.HasPrefix(m.kind, "fuse.") {
		return false
	}
	return !slices.ContainsFunc([]string{"/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet", "/var/lib/lxd"},
		func(dir string) bool { return under(m.at, dir) })
}
