// Package fileset holds generated files in memory and writes them to a folder,
// all or nothing, without ever touching a file that somebody else wrote or
// edited.
//
//	var set fileset.Set
//	err := set.Add("k8s/web.yaml", data)
//	old, err := fileset.ReadRecord(out)
//	plan, err := fileset.Plan(out, set, fileset.Record{Target: "kubernetes", Source: "."}, old, false)
//	// print plan.Changes, plan.Notes, plan.Conflicts
//	err = plan.Write()
package fileset

import (
	"bytes"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

// File is one generated file.
type File struct {
	Path string // relative to the output folder, with slashes
	Data []byte // not to be changed
}

// Set is a set of files, sorted by path, no path twice and none inside another.
// The zero value is empty and ready to use. A copy of a Set is independent of it.
//
// The files are kept in blocks, each of them replaced and never changed: so copies
// stay independent, and adding thousands of files does not copy all each time.
type Set struct{ blocks [][]File } // sorted, none empty

const blockSize = 64

// private is lift's own folder in the output.
const private = ".lift"

// Add adds a file. The data is copied.
//
// It refuses paths that are empty, absolute, not clean ("a//b", "./a", "a/"), that
// lead out ("..") or into .lift, or that have a backslash, a colon or a control
// character, which some systems cannot have in a name; a path that is already
// there with other content; and one that would have to be a file and a folder.
func (s *Set) Add(path string, data []byte) error {
	if err := checkPath(path); err != nil {
		return err
	}
	b, i, ok := s.find(path)
	if ok {
		if bytes.Equal(s.blocks[b][i].Data, data) {
			return nil
		}
		return fmt.Errorf("%s: generated twice with different content", path)
	}
	for dir := parent(path); dir != "."; dir = parent(dir) {
		if _, ok := s.Get(dir); ok {
			return fmt.Errorf("%s: %s is a file and cannot be its folder", path, dir)
		}
	}
	for f := range s.from(path + "/") {
		if strings.HasPrefix(f.Path, path+"/") {
			return fmt.Errorf("%s: is the folder of %s and cannot be a file", path, f.Path)
		}
		break
	}
	f := File{path, append([]byte{}, data...)}
	if len(s.blocks) == 0 {
		s.blocks = [][]File{{f}}
		return nil
	}
	block := slices.Insert(slices.Clip(s.blocks[b]), i, f)
	blocks := slices.Clone(s.blocks)
	if half := len(block) / 2; len(block) > blockSize {
		blocks = slices.Insert(blocks, b+1, block[half:])
		block = block[:half:half]
	}
	blocks[b] = block
	s.blocks = blocks
	return nil
}

// checkPath says whether a path can be the path of a generated file.
func checkPath(path string) error {
	bad := func(what string) error { return fmt.Errorf("%q: path %s", path, what) }
	switch {
	case path == "" || path == ".":
		return bad("names no file")
	case strings.HasPrefix(path, "/"):
		return bad("is absolute; use one relative to the output folder")
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == ':' }):
		return bad("has a backslash, a colon or a control character")
	case slices.Contains(strings.Split(path, "/"), ".."):
		return bad("leads out of the output folder")
	case !fs.ValidPath(path):
		return bad("is not clean")
	}
	// Some file systems take .LIFT for the same folder.
	if first, _, _ := strings.Cut(path, "/"); strings.EqualFold(first, private) {
		return bad("lies in " + private + ", which lift keeps for itself")
	}
	return nil
}

// find returns the block and the place in it where path is, or where it would be.
func (s Set) find(path string) (block, i int, ok bool) {
	block, ok = slices.BinarySearchFunc(s.blocks, path, func(b []File, path string) int { return strings.Compare(b[0].Path, path) })
	if ok {
		return block, 0, true
	}
	if block = max(block-1, 0); block < len(s.blocks) {
		i, ok = slices.BinarySearchFunc(s.blocks[block], path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	}
	return block, i, ok
}

// from yields the files in order, from path on; from("") yields all.
func (s Set) from(path string) iter.Seq[File] {
	return func(yield func(File) bool) {
		b, i, _ := s.find(path)
		for ; b < len(s.blocks); b, i = b+1, 0 {
			for _, f := range s.blocks[b][i:] {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// parent is the folder of a slash path, "." in the end.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

// Files returns the files, sorted by path.
func (s Set) Files() []File { return slices.Collect(s.from("")) }

// Get returns the content of a file, which is not to be changed.
func (s Set) Get(path string) ([]byte, bool) {
	if b, i, ok := s.find(path); ok {
		return s.blocks[b][i].Data, true
	}
	return nil, false
}

// Join returns a set of the files of all sets. It returns an error where Add would.
func Join(sets ...Set) (Set, error) {
	var out Set
	for _, s := range sets {
		for f := range s.from("") {
			if err := out.Add(f.Path, f.Data); err != nil {
				return Set{}, err
			}
		}
	}
	return out, nil
}
