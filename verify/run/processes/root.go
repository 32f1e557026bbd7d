//go:build linux

package processes

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

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

// under reports whether a path is the directory or lies below it.
func under(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

// show makes a place's content appear where it belongs, in the root that the caller is in.
func (p place) show() error {
	if err := p.there(); err != nil {
		return err
	}
	if err := p.point(); err != nil {
		return err
	}
	if err := unix.Mount(p.From, p.To, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("%s cannot be mounted: %w", p.To, err)
	}
	if p.ReadOnly {
		return remountReadOnly(p.To, 0)
	}
	err := unix.Mount("", p.To, "", unix.MS_REMOUNT|unix.MS_BIND, "") // what it is a view of may be read-only here
	if errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return nil // as the disk that it lies on
	}
	return err
}

// there looks whether the machine has what is to be mounted of it.
func (p place) there() error {
	if _, err := os.Stat(p.From); err == nil || !p.Host {
		return nil
	}
	what := p.From + " is not on this machine, and is mounted at " + p.To
	if p.From == p.To {
		what = p.From + " is not on this machine"
	}
	return &fault{What: what, Remedy: "put there what the workload is to find, or into the tree below the directory that holds the machine's files (the one with etc/systemd or etc/nginx in it)"}
}

// point makes the mount point.
func (p place) point() error {
	if st, err := os.Stat(p.To); err == nil {
		if st.IsDir() == p.File {
			return fmt.Errorf("%s is no %s", p.To, map[bool]string{true: "file", false: "directory"}[p.File])
		}
		return nil
	}
	if !p.File {
		return os.MkdirAll(p.To, 0o755)
	}
	if err := os.MkdirAll(path.Dir(p.To), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(p.To, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	return f.Close()
}

// layOver copies a directory's content, or a file, over what is at to. Directories that are there keep their owner and mode.
func layOver(from, to string, who [2]int) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		if _, err := os.Stat(at); err == nil && d.IsDir() {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := copyEntry(p, at, d); err != nil || who == [2]int{} {
			return err
		}
		return os.Lchown(at, who[0], who[1])
	})
}

// copyFile copies a file, open for all to read and, where it is a program, to run: who may do what with the source tree is no business of the system that is in it.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if st.Mode()&0o111 != 0 {
		mode = 0o755
	}
	_ = os.Remove(to) // whatever it is, a link's target is not meant
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	if err := out.Chmod(mode); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func owner(st fs.FileInfo) ([2]int, bool) {
	s, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return [2]int{}, false
	}
	return [2]int{int(s.Uid), int(s.Gid)}, true
}
