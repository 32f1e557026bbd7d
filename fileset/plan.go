package fileset

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The kinds of a Change.
const (
	Create    = "create"
	Update    = "update"
	Unchanged = "unchanged"
	Delete    = "delete"
)

// Change is what happens to one path.
type Change struct{ Path, Kind string }

// Conflict is a path that is not lift's to change.
type Conflict struct{ Path, What, Remedy string }

// Planned is what Write will do. Paths are relative to Out.
type Planned struct {
	Out       string
	Changes   []Change   // sorted by path; a path with a conflict is not among them
	Conflicts []Conflict // Write refuses while there is one
	Notes     []Conflict // files that lift wrote once, does not generate any more and keeps, since they were edited

	set    Set
	record []byte
	change bool             // there is anything to write
	seen   map[string]state // what every decision was based on
	inWay  map[string]bool  // deletions that make room for a folder or a file
	husks  []string         // folders in whose place a file goes, the deepest last
	hook   func(op, path string) error
}

// Plan compares a set with an output folder, which need not exist, and writes
// nothing. rec describes the set; its Version and Files are filled in. old is what
// ReadRecord returned.
//
// A file that is there and that lift did not write, or that was edited since, is
// a conflict, unless force is given or it already has the right content. Links
// and folders in the place of a file are conflicts even with force. Files of the
// old record that are not in the set are deleted if nobody edited them.
//
// It returns an error if a path leads out of the folder through a symbolic link,
// or if the folder cannot be read.
func Plan(out string, set Set, rec Record, old *Record, force bool) (Planned, error) {
	p := Planned{Out: out, set: set, seen: map[string]state{}, inWay: map[string]bool{}}
	rec, err := rec.complete(set)
	if err != nil {
		return p, err
	}
	if p.record, err = rec.encode(); err != nil {
		return p, err
	}
	info, err := os.Stat(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for f := range set.from("") {
			p.add(f.Path, Create)
			p.seen[f.Path] = state{at: f.Path}
		}
		p.seen[recordPath] = state{at: recordPath}
		p.change = true
		return p, nil
	case err != nil:
		return p, at(out, "", err)
	case !info.IsDir():
		return p, fmt.Errorf("%s: is a file; name a folder to write to", show(out, ""))
	}
	root, err := os.OpenRoot(out)
	if err != nil {
		return p, at(out, "", err)
	}
	defer root.Close()
	return p, p.compare(&disk{root: root, out: out}, old, force)
}

func (p *Planned) compare(d *disk, old *Record, force bool) error {
	var errs []error
	look := func(name string) (state, bool) {
		st, err := d.look(name)
		if err != nil {
			// Many files may lie behind one bad link.
			if !slices.ContainsFunc(errs, func(e error) bool { return e.Error() == err.Error() }) {
				errs = append(errs, err)
			}
			return st, false
		}
		p.seen[name] = st
		return st, true
	}

	if st, ok := look(recordPath); ok {
		if st.kind != absent && st.kind != file || st.at != recordPath {
			p.conflict(st.at, "is "+st.kind.String()+", but lift keeps its record there", "remove it")
		}
		p.change = st.hash != Sum(p.record)
	}

	// What goes, first: it may make room for what comes.
	written := map[string]string{}
	gone := map[string]bool{}
	if old != nil {
		for _, f := range old.Files {
			written[f.Path] = f.SHA256
			if _, ok := p.set.Get(f.Path); ok || checkPath(f.Path) != nil {
				continue
			}
			st, err := d.look(f.Path)
			switch {
			case err != nil:
				p.note(f.Path, "is no longer generated and cannot be looked at; kept")
			case st.kind == absent:
			case st.at != f.Path || st.kind != file:
				p.note(f.Path, fmt.Sprintf("is no longer generated, but %s is now %s; kept", st.at, st.kind))
			case st.hash != f.SHA256:
				p.note(f.Path, "is no longer generated, but was edited since lift wrote it; kept")
			default:
				p.seen[f.Path] = st
				gone[f.Path] = true
				p.add(f.Path, Delete)
				p.change = true
			}
		}
	}

	for f := range p.set.from("") {
		st, ok := look(f.Path)
		if !ok {
			continue
		}
		wrote, ours := written[f.Path]
		switch {
		case st.kind == absent:
			p.add(f.Path, Create)
		case st.at != f.Path && gone[st.at]:
			p.inWay[st.at] = true
			p.add(f.Path, Create)
		case st.at != f.Path:
			p.conflict(st.at, fmt.Sprintf("is %s, but %s needs a folder there", st.kind, f.Path), "move it away")
		case st.kind == folder:
			files, folders, err := d.contents(f.Path)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if len(files) == 0 || slices.ContainsFunc(files, func(f string) bool { return !gone[f] }) {
				p.conflict(f.Path, "is a folder, but a file goes there", "move it away")
				continue
			}
			for _, name := range files {
				p.inWay[name] = true
			}
			p.husks = append(p.husks, folders...)
			p.add(f.Path, Create)
		case st.kind != file:
			p.conflict(f.Path, "is "+st.kind.String()+", but a file goes there", "remove it")
		case st.hash == Sum(f.Data):
			p.add(f.Path, Unchanged)
			continue
		case force || ours && wrote == st.hash:
			p.add(f.Path, Update)
		case ours:
			p.conflict(f.Path, "was edited since lift wrote it", "keep the edit elsewhere and run lift with --force to overwrite it")
			continue
		default:
			p.conflict(f.Path, "was not written by lift", "move it away, or run lift with --force to overwrite it")
			continue
		}
		p.change = true
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return errors.Join(errs...)
}

// contents lists what is below a folder: all that is no folder, and the folders,
// itself included, each before those in it.
func (d *disk) contents(name string) (files, folders []string, err error) {
	err = fs.WalkDir(d.root.FS(), name, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return at(d.out, path, err)
		case e.IsDir():
			folders = append(folders, path)
		default:
			files = append(files, path)
		}
		return nil
	})
	return files, folders, err
}

func (p *Planned) add(path, kind string) { p.Changes = append(p.Changes, Change{path, kind}) }

func (p *Planned) note(path, what string) {
	p.Notes = append(p.Notes, Conflict{path, what, "delete it if nobody needs it"})
}

func (p *Planned) conflict(path, what, remedy string) {
	if !slices.ContainsFunc(p.Conflicts, func(c Conflict) bool { return c.Path == path }) {
		p.Conflicts = append(p.Conflicts, Conflict{path, what, remedy})
	}
}

// verify looks again at all that the plan is based on.
func (p *Planned) verify(d *disk) error {
	for _, name := range slices.Sorted(maps.Keys(p.seen)) {
		st, err := d.look(name)
		if err != nil {
			return err
		}
		if st != p.seen[name] {
			return fmt.Errorf("%s: changed while lift was running; run lift again", show(p.Out, name))
		}
	}
	return nil
}

// refused is the error for conflicts.
func (p *Planned) refused() error {
	var errs []error
	for _, c := range p.Conflicts {
		errs = append(errs, fmt.Errorf("%s: %s; %s", filepath.ToSlash(filepath.Join(p.Out, c.Path)), c.What, c.Remedy))
	}
	return errors.Join(errs...)
}
