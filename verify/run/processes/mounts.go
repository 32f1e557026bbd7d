//go:build linux

package processes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// mounts gives a unit what appears in its file system: its program, its volumes, its files.
func (p *plan) mounts(u *unit, w deploy.Workload) error {
	id := p.ids[w.Name]
	m := p.program[w.Name]
	add := func(pl place) { u.World.Mounts = append(u.World.Mounts, pl) }
	if m != nil {
		if m.light {
			p.lay(m)
		}
		for _, pl := range m.places() {
			pl.ReadOnly = u.World.ReadOnly
			add(pl)
		}
		if m.link[0] != "" {
			p.side.Links = append(p.side.Links, m.link)
		}
	}
	for _, mo := range w.Mounts {
		at := path.Clean(mo.Path)
		switch kind := mo.Kind.Or(deploy.MountVolume); kind {
		case deploy.MountTmpfs:
			mem := memory{Path: at, Mode: uint32(mo.Mode.Or(0o755)), UID: id.uid, GID: id.gid}
			if !mo.Mode.IsSet() && (at == "/tmp" || at == "/var/tmp" || at == "/dev/shm") {
				mem.Mode, mem.UID, mem.GID = 0o1777, 0, 0
			}
			if size, ok := mo.Size.Get(); ok {
				mem.Size = int64(size)
			}
			mem.Shared = under(at, "/run") && at != "/run" && mem.Size == 0
			u.Memories = append(u.Memories, mem)
		case deploy.MountHost:
			host := path.Clean(mo.Host.Or(at))
			if p.sys.Witness != nil {
				p.standIn(host)
			}
			pl := place{From: host, To: at, ReadOnly: mo.ReadOnly.Or(false), Host: true}
			if st, err := os.Stat(filepath.Join(p.scratch, "machine", host)); err == nil && !st.IsDir() {
				pl.File = true
			} else if st, err := os.Stat(host); err == nil && !st.IsDir() {
				pl.File = true
			} else if p.sys.Witness != nil && path.Ext(host) != "" {
				pl.File = true
			}
			add(pl)
		default:
			dir, err := p.volume(w, mo, m)
			if err != nil {
				return err
			}
			add(place{From: dir, To: at, ReadOnly: mo.ReadOnly.Or(false)})
		}
		if m != nil && !m.file && under(at, m.at) { // the mount point lies in what was made
			if err := os.MkdirAll(filepath.Join(m.dir, "copy", strings.TrimPrefix(at, m.at)), 0o755); err != nil {
				return err
			}
		}
	}
	for i, f := range w.Files {
		name := itoa(u.Index) + "-" + itoa(i)
		if err := os.WriteFile(filepath.Join(p.scratch, "file", name), []byte(f.Content.Or("")), 0o644); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(p.scratch, "file", name), 0o644); err != nil {
			return err
		}
		pl := place{From: path.Join(ownRun, "file", name), To: path.Clean(f.Path), File: true, ReadOnly: true}
		if m != nil && !m.file && under(pl.To, m.at) {
			in := place{To: filepath.Join(m.dir, "copy", strings.TrimPrefix(pl.To, m.at)), File: true}
			if err := in.point(); err != nil {
				return err
			}
		}
		add(pl)
	}
	p.side.Dirs = append(p.side.Dirs, u.World.Dir)
	return nil
}

// volume makes the directory of a volume, or finds the one that another workload has made. What the tree has at its place is its first content.
func (p *plan) volume(w deploy.Workload, mo deploy.Mount, m *made) (string, error) {
	id := p.ids[w.Name]
	name := mo.Volume.Or("").Name()
	if name == "" {
		name = mo.Path
	}
	if dir, ok := p.volumes[name]; ok {
		return dir, nil
	}
	n := itoa(len(p.volumes))
	real := filepath.Join(p.scratch, "volume", n)
	if err := os.Mkdir(real, 0o755); err != nil {
		return "", err
	}
	if m != nil && !m.file && under(path.Clean(mo.Path), m.at) {
		from := filepath.Join(m.dir, "copy", strings.TrimPrefix(path.Clean(mo.Path), m.at))
		if st, err := os.Stat(from); err == nil && st.IsDir() {
			if err := layOver(from, real, [2]int{}); err != nil {
				return "", err
			}
		}
	}
	mode := fs.FileMode(mo.Mode.Or(0o755)) & 0o777
	gid := id.gid
	if g, ok := w.User.Volumes.Get(); ok {
		gid, mode = int(g), mode|0o070|fs.ModeSetgid
	}
	err := filepath.WalkDir(real, func(at string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(at, id.uid, gid)
	})
	if err := errors.Join(err, os.Chmod(real, mode)); err != nil {
		return "", fmt.Errorf("the volume %s cannot be made: %w", name, err)
	}
	dir := path.Join(ownRun, "volume", n)
	p.volumes[name] = dir
	return dir, nil
}

// shared puts into the root of the whole side what every program of the machine would see: the programs, the volumes and the directories in which programs work. Mount points are made there, too: where a
// program has a read-only root, they can no longer be made.
func (p *plan) shared() {
	taken := map[string]bool{}
	for _, u := range p.side.Units {
		for _, pl := range u.World.Mounts {
			if taken[pl.To] || pl.Host && pl.From == pl.To || strings.HasPrefix(pl.From, ownRun+"/file/") {
				continue
			}
			taken[pl.To] = true
			pl.ReadOnly = false
			p.side.Places = append(p.side.Places, pl)
		}
	}
	slices.SortStableFunc(p.side.Places, func(a, b place) int { return strings.Compare(a.To, b.To) })
}

// machineFiles gathers what the tree holds of the machine's own files, under their paths: what lies below a copied root such as deploy/, and the configuration of packages.
func (p *plan) machineFiles() error {
	to := filepath.Join(p.scratch, "machine")
	for _, root := range machineRoots(p.sys.Tree) {
		for _, dir := range []string{"etc", "usr", "lib", "opt", "srv", "var"} {
			from := filepath.Join(p.sys.Tree, root, dir)
			if st, err := os.Stat(from); err == nil && st.IsDir() {
				if err := copyTree(from, filepath.Join(to, dir)); err != nil {
					return err
				}
			}
		}
	}
	for _, w := range p.sys.App.Workloads {
		if !w.Source.Language.Is("debian") {
			continue
		}
		for _, part := range w.Source.Parts {
			from := filepath.Join(p.sys.Tree, filepath.FromSlash(w.Source.Context.Or(w.Source.Dir.Or("."))), filepath.FromSlash(part))
			st, err := os.Stat(from)
			if err != nil {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(to, part)), 0o755); err != nil {
				return err
			}
			if st.IsDir() {
				err = copyTree(from, filepath.Join(to, part))
			} else {
				err = copyFile(from, filepath.Join(to, part))
			}
			if err != nil {
				return err
			}
		}
	}
	p.side.Copies = append(p.side.Copies, laid{From: "machine", To: "/"})
	return nil
}

// machineRoots finds the directories of a tree below which the machine's files lie under their own paths: those that have an etc with units or with a proxy's configuration in it.
func machineRoots(tree string) []string {
	var out []string
	_ = filepath.WalkDir(tree, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(tree, at)
		if err != nil || slices.Contains(leftOut, d.Name()) || strings.Count(rel, "/") > 6 {
			return fs.SkipDir
		}
		for _, mark := range []string{"etc/systemd", "usr/lib/systemd", "lib/systemd", "etc/nginx"} {
			if root, ok := strings.CutSuffix("/"+rel, "/"+mark); ok {
				root = strings.TrimPrefix(root, "/")
				if root == "" {
					root = "."
				}
				if !slices.Contains(out, root) {
					out = append(out, root)
				}
			}
		}
		return nil
	})
	return out
}

// standIn makes something empty where the machine lacks what a workload mounts of it: the witness needs no more.
func (p *plan) standIn(host string) {
	at := filepath.Join(p.scratch, "machine", host)
	if _, err := os.Stat(host); err == nil {
		return
	}
	if _, err := os.Stat(at); err == nil {
		return
	}
	if path.Ext(host) == "" {
		_ = os.MkdirAll(at, 0o755)
		return
	}
	_ = os.MkdirAll(filepath.Dir(at), 0o755)
	_ = os.WriteFile(at, nil, 0o644)
}
