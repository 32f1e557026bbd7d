package fileset

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// FS returns the files as a read-only file system: no times, mode 0444 (folders
// 0555), entries sorted by name. It stays as it is when files are added to s.
func (s Set) FS() fs.FS { return tree(s) }

type tree Set

func (t tree) Open(name string) (fs.File, error) {
	i, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if i.dir {
		entries, err := t.ReadDir(name)
		return &openDir{info: i, entries: entries}, err
	}
	return &openFile{Reader: bytes.NewReader(i.data), info: i}, nil
}

// Stat, ReadFile and ReadDir save fs.Stat, fs.ReadFile and fs.ReadDir the Open.
func (t tree) Stat(name string) (fs.FileInfo, error) {
	i, err := t.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return i, nil
}

func (t tree) ReadFile(name string) ([]byte, error) {
	i, err := t.lookup("read", name)
	if err != nil {
		return nil, err
	}
	if i.dir {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errIsDir}
	}
	return append([]byte{}, i.data...), nil
}

func (t tree) ReadDir(name string) ([]fs.DirEntry, error) {
	i, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !i.dir {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNotDir}
	}
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var out []fs.DirEntry
	for f := range Set(t).from(prefix) {
		rest, ok := strings.CutPrefix(f.Path, prefix)
		if !ok {
			break
		}
		first, _, dir := strings.Cut(rest, "/")
		e := info{name: first, dir: dir}
		if !dir {
			e.data = f.Data
		}
		// The files of a folder follow each other.
		if n := len(out); n == 0 || out[n-1].Name() != first {
			out = append(out, e)
		}
	}
	// "a-b" stands before "a/c" among paths, and "a" before "a-b" among names.
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

func (t tree) lookup(op, name string) (info, error) {
	if !fs.ValidPath(name) {
		return info{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	if name == "." {
		return info{name: base, dir: true}, nil
	}
	if data, ok := Set(t).Get(name); ok {
		return info{name: base, data: data}, nil
	}
	for f := range Set(t).from(name + "/") {
		if strings.HasPrefix(f.Path, name+"/") {
			return info{name: base, dir: true}, nil
		}
		break
	}
	return info{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

type info struct {
	name string
	dir  bool
	data []byte
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return int64(len(i.data)) }
func (i info) ModTime() time.Time         { return time.Time{} }
func (i info) IsDir() bool                { return i.dir }
func (i info) Sys() any                   { return nil }
func (i info) Type() fs.FileMode          { return i.Mode().Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }
func (i info) String() string             { return fs.FormatFileInfo(i) }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type openFile struct {
	*bytes.Reader
	info info
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	info    info
	entries []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: errIsDir}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		out := d.entries
		d.entries = nil
		return out, nil
	}
	if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	out := d.entries[:n:n]
	d.entries = d.entries[n:]
	return out, nil
}

var (
	errIsDir  = errors.New("is a directory")
	errNotDir = errors.New("not a directory")
)
