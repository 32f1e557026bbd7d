package systemd

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// find looks for a file of the machine in the tree.
func (u *unit) find(machine string) (string, bool) {
	from := ""
	if u.file != nil {
		from = u.file.path
	}
	return u.tree.Machine(machine, from)
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
