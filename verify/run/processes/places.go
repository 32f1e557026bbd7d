//go:build linux

package processes

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

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
