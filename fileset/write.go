package fileset

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Write does what was planned, all or nothing: every file is first written beside
// its place and flushed, then all are renamed, the record last; previous contents
// are kept in .lift until the end. If anything fails, the folder is as it was. If
// there is nothing to change, nothing is touched.
//
// It returns an error if there are conflicts, if the folder has changed since
// Plan, if another lift is writing to it, or if the system refuses something. An
// error that says that everything is written is about clearing up alone.
func (p Planned) Write() error {
	if len(p.Conflicts) > 0 {
		return p.refused()
	}
	if !p.change {
		return nil
	}
	w := &writer{Planned: p, backup: map[string]string{}, temp: map[string]string{}, touched: map[string]bool{}}
	err := w.write()
	if err != nil {
		if left := w.rollback(); len(left) > 0 {
			err = errors.Join(append([]error{fmt.Errorf("%w; not all could be undone", err)}, left...)...)
		} else {
			err = fmt.Errorf("%w; nothing was written", err)
		}
	} else {
		err = w.clear()
	}
	if w.d != nil {
		w.d.root.Close()
	}
	return err
}

type writer struct {
	Planned
	d       *disk
	backup  map[string]string // where the previous content of a path goes
	temp    map[string]string // where the new content of a path waits
	temps   int
	touched map[string]bool // folders to flush
	made    string          // the folder in which out's first missing parent was made
	undo    []func() error  // to be run backwards
}

func (w *writer) write() error {
	if err := w.open(); err != nil {
		return err
	}
	if err := w.verify(w.d); err != nil {
		return err
	}
	// Room for what comes.
	if err := w.delete(true); err != nil {
		return err
	}
	for _, dir := range slices.Backward(w.husks) {
		if err := w.removeDir(dir); err != nil {
			return err
		}
	}
	// New contents, beside their places.
	for _, c := range w.Changes {
		if c.Kind != Create && c.Kind != Update {
			continue
		}
		if err := w.mkdirs(parent(c.Path)); err != nil {
			return err
		}
		data, _ := w.set.Get(c.Path)
		if err := w.stage(c.Path, data); err != nil {
			return err
		}
	}
	if err := w.stage(recordPath, w.record); err != nil {
		return err
	}
	// The renames.
	if err := w.delete(false); err != nil {
		return err
	}
	for _, c := range w.Changes {
		if c.Kind == Create || c.Kind == Update {
			if err := w.replace(c.Path); err != nil {
				return err
			}
		}
	}
	if err := w.removeEmptied(); err != nil {
		return err
	}
	for _, dir := range sorted(w.touched) {
		if err := w.d.syncDir(dir); err != nil {
			return at(w.Out, dir, err)
		}
	}
	if w.made != "" {
		f, err := os.Open(w.made)
		if err == nil {
			err = syncFolder(f)
			f.Close()
		}
		if err != nil {
			return at(w.made, "", err)
		}
	}
	if err := w.replace(recordPath); err != nil {
		return err
	}
	if err := w.d.syncDir(private); err != nil {
		return at(w.Out, private, err)
	}
	return nil
}

// open makes the output folder, its .lift and the lock.
func (w *writer) open() error {
	var lacking []string // the deepest first
	for dir := filepath.Clean(w.Out); ; dir = filepath.Dir(dir) {
		_, err := os.Stat(dir)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return at(dir, "", err)
		}
		lacking = append(lacking, dir)
		w.made = filepath.Dir(dir)
	}
	for _, dir := range slices.Backward(lacking) {
		err := os.Mkdir(dir, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue // somebody else was faster; verify will tell
		}
		if err != nil {
			return at(dir, "", err)
		}
		w.undo = append(w.undo, func() error { return leave(os.Remove(dir)) })
	}
	root, err := os.OpenRoot(w.Out)
	if err != nil {
		return at(w.Out, "", err)
	}
	w.d = &disk{root: root, out: w.Out, hook: w.hook}
	if err := w.mkdirs(private); err != nil {
		return err
	}
	if err := w.nameBackups(); err != nil {
		return err
	}
	if err := w.d.lock(w.journal()); err != nil {
		return err
	}
	w.undo = append(w.undo, func() error { return w.discard(lockPath) })
	return nil
}

// nameBackups chooses free names in .lift, before the lock that lists them.
func (w *writer) nameBackups() error {
	paths := []string{recordPath}
	for _, c := range w.Changes {
		if c.Kind == Update || c.Kind == Delete {
			paths = append(paths, c.Path)
		}
	}
	n := 0
	for _, p := range paths {
		for {
			name := private + "/old-" + strconv.Itoa(n)
			n++
			_, err := w.d.root.Lstat(filepath.FromSlash(name))
			if errors.Is(err, fs.ErrNotExist) {
				w.backup[p] = name
				break
			}
			if err != nil {
				return at(w.Out, name, err)
			}
		}
	}
	return nil
}

// journal lists the backups, for whoever finds the lock of a run that was killed.
func (w *writer) journal() string {
	var b strings.Builder
	for _, p := range sorted(w.backup) {
		fmt.Fprintf(&b, "%s %s\n", w.backup[p], p)
	}
	return b.String()
}

// mkdirs makes a folder and those above it, as far as they are missing.
func (w *writer) mkdirs(dir string) error {
	if dir == "." {
		return nil
	}
	if info, err := w.d.root.Lstat(filepath.FromSlash(dir)); err == nil && info.IsDir() {
		return nil
	}
	if err := w.mkdirs(parent(dir)); err != nil {
		return err
	}
	if err := w.d.mkdir(dir); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another lift made .lift; its lock decides
		}
		return at(w.Out, dir, err)
	}
	w.touched[parent(dir)] = true
	w.undo = append(w.undo, func() error {
		if err := leave(w.d.remove(dir)); err != nil {
			return at(w.Out, dir, err)
		}
		return nil
	})
	return nil
}

// stage writes the new content of a file beside its place. A file that is replaced
// keeps its permissions, which somebody may have narrowed.
func (w *writer) stage(name string, data []byte) error {
	var mode fs.FileMode
	if st := w.seen[name]; st.kind == file && st.at == name {
		mode = st.mode
	}
	for range 1000 {
		temp := path.Join(parent(name), ".lift-new-"+strconv.Itoa(w.temps))
		w.temps++
		err := w.d.create(temp, data, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return at(w.Out, name, err)
		}
		w.temp[name] = temp
		w.undo = append(w.undo, func() error { return w.discard(temp) })
		return nil
	}
	return fmt.Errorf("%s: too many files named .lift-new-*; delete them", show(w.Out, parent(name)))
}

// delete moves files that are no longer generated out of the way, either those
// that stand in the way of others, or the rest.
func (w *writer) delete(inWay bool) error {
	for _, c := range w.Changes {
		if c.Kind != Delete || w.inWay[c.Path] != inWay {
			continue
		}
		name, old := c.Path, w.backup[c.Path]
		if err := w.d.rename(name, old); err != nil {
			return at(w.Out, name, err)
		}
		w.touched[parent(name)] = true
		w.undo = append(w.undo, func() error { return w.putBack(old, name, w.d.rename(old, name)) })
	}
	return nil
}

// replace puts the staged content of a file in its place.
func (w *writer) replace(name string) error {
	temp, old := w.temp[name], w.backup[name]
	if st := w.seen[name]; st.kind == file && st.at == name {
		// With a second name for the previous content, the file is there at every
		// moment; where the system has no such links, it is gone for one.
		if err := w.d.link(name, old); err == nil {
			w.undo = append(w.undo, func() error { return w.discard(old) })
		} else if err := w.d.rename(name, old); err != nil {
			return at(w.Out, name, err)
		} else {
			w.undo = append(w.undo, func() error { return w.putBack(old, name, missing(w.d.rename(old, name))) })
		}
		if err := w.d.rename(temp, name); err != nil {
			return at(w.Out, name, err)
		}
		w.undo = append(w.undo, func() error { return w.putBack(old, name, w.d.rename(old, name)) })
	} else {
		if _, err := w.d.root.Lstat(filepath.FromSlash(name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: appeared while lift was running; run lift again", show(w.Out, name))
		}
		if err := w.d.rename(temp, name); err != nil {
			return at(w.Out, name, err)
		}
		w.undo = append(w.undo, func() error { return w.discard(name) })
	}
	w.touched[parent(name)] = true
	return nil
}

// removeEmptied removes the folders that the deletions have left empty.
func (w *writer) removeEmptied() error {
	for _, c := range w.Changes {
		if c.Kind != Delete {
			continue
		}
		for dir := parent(c.Path); dir != "."; dir = parent(dir) {
			st, err := w.d.look(dir)
			if err != nil {
				return err
			}
			if st.at != dir || st.kind != folder {
				continue // removed before, or a file has taken its place
			}
			empty, err := w.d.empty(dir)
			if err != nil {
				return at(w.Out, dir, err)
			}
			if !empty {
				break
			}
			if err := w.removeDir(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) removeDir(dir string) error {
	info, err := w.d.root.Lstat(filepath.FromSlash(dir))
	if err == nil {
		err = w.d.remove(dir)
	}
	if err != nil {
		return at(w.Out, dir, err)
	}
	delete(w.touched, dir)
	w.touched[parent(dir)] = true
	w.undo = append(w.undo, func() error {
		err := w.d.mkdir(dir)
		if err == nil {
			err = w.d.root.Chmod(filepath.FromSlash(dir), info.Mode().Perm())
		}
		if err != nil {
			return at(w.Out, dir, err)
		}
		return nil
	})
	return nil
}

// rollback undoes everything, the last step first. What it cannot undo it leaves,
// says so, and goes on.
func (w *writer) rollback() []error {
	var errs []error
	for _, undo := range slices.Backward(w.undo) {
		if err := undo(); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// discard removes a file that the rollback does not want.
func (w *writer) discard(name string) error {
	if err := missing(w.d.remove(name)); err != nil {
		return fmt.Errorf("%w; delete it", at(w.Out, name, err))
	}
	return nil
}

func (w *writer) putBack(old, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; its previous content is in %s, move it back", at(w.Out, name, err), show(w.Out, old))
}

// clear removes what was kept for a rollback. It goes on after a failure.
func (w *writer) clear() error {
	var errs []error
	for _, name := range append(sortedValues(w.backup), lockPath) {
		if err := missing(w.d.remove(name)); err != nil {
			errs = append(errs, fmt.Errorf("%w; everything is written, delete this file", at(w.Out, name, err)))
		}
	}
	return errors.Join(errs...)
}

// missing forgives that a file is not there any more.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// leave forgives that a folder is gone, or that somebody else uses it by now
// (ErrExist is also what systems mean by "not empty").
func leave(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return missing(err)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func sortedValues(m map[string]string) []string { return slices.Sorted(maps.Values(m)) }
