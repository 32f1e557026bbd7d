package systemd

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// find looks for a file of the machine in the tree: where lift.yaml says, below the copied root that the unit lies in, or at the one path of the tree that ends like it.
func (u *unit) find(machine string) (string, bool) {
	rel := strings.TrimPrefix(machine, "/")
	if mapped, ok := u.mapped(machine); ok {
		if _, err := fs.Stat(u.tree.FS, mapped); err == nil {
			return mapped, true
		}
	}
	var roots []string
	for _, mark := range []string{"etc/systemd/", "usr/lib/systemd/", "lib/systemd/", "run/systemd/"} {
		if i := strings.Index("/"+u.file.path, "/"+mark); i >= 0 {
			roots = append(roots, u.file.path[:i])
		}
	}
	for _, root := range append(roots, "") {
		if st, err := fs.Stat(u.tree.FS, root+rel); err == nil && st.Mode().IsRegular() {
			return root + rel, true
		}
	}
	found := ""
	for _, p := range u.tree.Paths {
		if strings.HasSuffix(p, "/"+rel) {
			if found != "" {
				return "", false
			}
			found = p
		}
	}
	return found, found != ""
}

// mapped translates a machine path by the longest of the user's own pairs.
func (u *unit) mapped(machine string) (string, bool) {
	best := ""
	for from := range u.tree.Map {
		if (machine == from || strings.HasPrefix(machine, strings.TrimSuffix(from, "/")+"/")) && len(from) > len(best) {
			best = from
		}
	}
	if best == "" {
		return "", false
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(machine, strings.TrimSuffix(best, "/")), "/")
	to := strings.Trim(u.tree.Map[best], "/")
	if to == "." || to == "" {
		return rest, true
	}
	if rest == "" {
		return to, true
	}
	return to + "/" + rest, true
}

// environmentFiles reads the files in their order; each of their lines is a setting that overrides Environment= (systemd.exec(5), EnvironmentFile=).
func (u *unit) environmentFiles() {
	for _, l := range u.envFiles {
		name, optional := strings.CutPrefix(l.Value, "-")
		name, unknown, problem := unitfile.Expand(name, u.spec)
		u.Show(l.setting)
		if problem != nil || !strings.HasPrefix(name, "/") {
			u.Bad(l.setting, "%s=%s: the path must be absolute; write it from the root on", l.Key, l.Value)
			continue
		}
		p, ok := u.find(name)
		if !ok || len(unknown) > 0 {
			remedy := "add the file to the tree, or say in lift.yaml, paths:, where it is"
			if optional {
				u.Drop(l.setting, name+" is not in the tree, and systemd starts without it: if the machine has one, its variables are missing here", remedy)
				continue
			}
			u.Drop(l.setting, name+" is not in the tree: its variables are not known here", remedy)
			u.Find(ledger.Warning, l.pos(), name+" is not in the tree: "+u.w.Name+" would start without its variables", remedy)
			continue
		}
		u.environmentFile(l, p)
	}
}

func (u *unit) environmentFile(l line, p string) {
	src, err := fs.ReadFile(u.tree.FS, p)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			u.Find(ledger.Error, ledger.Pos{File: p}, "cannot be read", "check that it is a readable file inside the tree")
		}
		u.Drop(l.setting, p+" cannot be read", "")
		return
	}
	list, problems := unitfile.ParseEnvFile(src)
	for _, pr := range problems {
		u.Find(ledger.Warning, ledger.Pos{File: p, Line: pr.Line, Col: pr.Column}, pr.What, pr.Remedy)
	}
	u.Place(u.at.Join("env"), ledger.Pos{File: p, Line: 1})
	for _, a := range list {
		u.setEnv(a.Name, a.Value, nil, u.envSetting(p, a))
	}
	u.Inert(l.setting, "each line of "+p+" is a setting of its own")
}

// envSetting records a line of an environment file once, however many units read the file.
func (r *reader) envSetting(p string, a unitfile.Assignment) int {
	at := ledger.Pos{File: p, Line: a.Line, Col: a.Column}
	i, ok := r.envLines[at]
	if !ok {
		i = r.Setting(at, a.Name, deploy.Secret(a.Value))
		r.envLines[at] = i
	}
	return i
}
