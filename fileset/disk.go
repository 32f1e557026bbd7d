package fileset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"syscall"
)

// disk is an output folder. Everything goes through an os.Root, so that nothing
// leads out of the folder, whatever links are put into it meanwhile.
type disk struct {
	root *os.Root
	out  string // as the user named it, for messages
	// hook is called before each change; tests let it fail.
	hook func(op, path string) error
}

// kind is what stands at a path.
type kind int

const (
	absent kind = iota
	file
	folder
	link // a symbolic link that stays inside; one that leads out is an error
	odd  // a socket, a device …
)

func (k kind) String() string {
	return [...]string{"absent", "a file", "a folder", "a symbolic link", "no regular file"}[k]
}

// state is what look found.
type state struct {
	at   string // the path, or the part of it that is no folder though it should be
	kind kind   // what is at at
	mode fs.FileMode
	hash string // of a file, if at is the whole path
}

// look returns what stands at a path, without following links.
func (d *disk) look(name string) (state, error) {
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		part := name[:i]
		info, err := d.root.Lstat(filepath.FromSlash(part))
		if errors.Is(err, fs.ErrNotExist) {
			return state{at: name}, nil
		}
		if err != nil {
			return state{}, at(d.out, part, err)
		}
		st := state{at: part, mode: info.Mode()}
		switch m := info.Mode(); {
		case m.IsRegular():
			st.kind = file
		case m.IsDir():
			st.kind = folder
		case m&fs.ModeSymlink != 0:
			st.kind = link
			if d.leadsOut(part) {
				return state{}, fmt.Errorf("%s: symbolic link leads out of %s; remove it", show(d.out, part), show(d.out, ""))
			}
		default:
			st.kind = odd
		}
		if part != name && st.kind == folder {
			continue
		}
		if part == name && st.kind == file {
			if st.hash, err = d.sum(name); err != nil {
				return state{}, at(d.out, name, err)
			}
		}
		return st, nil
	}
	panic("unreachable")
}

func (d *disk) sum(name string) (string, error) {
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// leadsOut says where a link points, for the message; os.Root would refuse to
// follow it anyway.
func (d *disk) leadsOut(name string) bool {
	base, err := filepath.EvalSymlinks(d.out)
	if err == nil {
		if base, err = filepath.Abs(base); err == nil {
			if real, err := filepath.EvalSymlinks(filepath.Join(base, filepath.FromSlash(name))); err == nil {
				rel, err := filepath.Rel(base, real)
				return err != nil || !filepath.IsLocal(rel)
			}
		}
	}
	// It points to nothing, so its text has to do.
	to, err := d.root.Readlink(filepath.FromSlash(name))
	return err != nil || filepath.IsAbs(to) || !filepath.IsLocal(filepath.Join(filepath.FromSlash(path.Dir(name)), to))
}

func (d *disk) mkdir(name string) error {
	if err := d.hooked("mkdir", name); err != nil {
		return err
	}
	return d.root.Mkdir(filepath.FromSlash(name), 0o755)
}

// create makes a file that must not exist yet, with content that is on the disk
// when it returns. A mode of 0 is the usual one. A file that could not be
// completed is removed again.
func (d *disk) create(name string, data []byte, mode fs.FileMode) error {
	if err := d.hooked("create", name); err != nil {
		return err
	}
	f, err := d.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = d.hooked("write", name)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil && mode != 0 {
		err = f.Chmod(mode.Perm())
	}
	if err == nil {
		if err = d.hooked("sync", name); err == nil {
			err = f.Sync()
		}
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		err = errors.Join(err, d.root.Remove(filepath.FromSlash(name)))
	}
	return err
}

func (d *disk) rename(from, to string) error {
	if err := d.hooked("rename", to); err != nil {
		return err
	}
	return d.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

func (d *disk) link(from, to string) error {
	if err := d.hooked("link", from); err != nil {
		return err
	}
	return d.root.Link(filepath.FromSlash(from), filepath.FromSlash(to))
}

func (d *disk) remove(name string) error {
	if err := d.hooked("remove", name); err != nil {
		return err
	}
	return d.root.Remove(filepath.FromSlash(name))
}

// syncDir makes the renames in a folder durable, where the system can do that.
func (d *disk) syncDir(name string) error {
	if err := d.hooked("syncdir", name); err != nil {
		return err
	}
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	defer f.Close()
	return syncFolder(f)
}

func syncFolder(f *os.File) error {
	err := f.Sync()
	if runtime.GOOS == "windows" || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}

// empty says whether a folder has no entries.
func (d *disk) empty(name string) (bool, error) {
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return false, err
	}
	defer f.Close()
	_, err = f.ReadDir(1)
	if err == io.EOF {
		return true, nil
	}
	return false, err
}

func (d *disk) hooked(op, name string) error {
	if d.hook == nil {
		return nil
	}
	return d.hook(op, name)
}

// show is a path as the user may type it.
func show(out, name string) string {
	return filepath.ToSlash(filepath.Join(out, filepath.FromSlash(name)))
}

// at puts the path in front of a system's error, in place of the one it has.
func at(out, name string, err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return fmt.Errorf("%s: %w", show(out, name), err)
}
