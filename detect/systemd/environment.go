package systemd

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// envLine is one assignment of Environment=, a setting of its own.
type envLine struct {
	unitfile.Assignment
	setting int
}

// environment records each assignment of the list as a setting, so that one that is overridden later can be told from its neighbours.
func (u *unit) environment(l line) {
	if l.Value == "" {
		for _, e := range u.env {
			u.Override(e.setting, "overridden by "+l.pos().String())
		}
		u.env = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	list, problems := unitfile.ParseEnvironment(l.Value, u.spec)
	for _, p := range problems {
		located := l.Locate(p)
		u.Find(ledger.Error, ledger.Pos{File: l.file, Line: located.Line, Col: located.Column}, l.Key+": "+p.What, p.Remedy)
	}
	for _, a := range list {
		line, col := l.Position(a.Column - 1)
		at := ledger.Pos{File: l.file, Line: line, Col: col}
		s, known := u.envLines[at] // by another instance of the template
		if !known {
			s = u.Setting(at, l.Key+" "+a.Name, deploy.Secret(a.Value))
			u.envLines[at] = s
		}
		u.env = append(u.env, envLine{a, s})
	}
	u.Inert(l.setting, "each assignment of the list is a setting of its own")
}

func (u *unit) environmentFile0(l line) {
	if l.Value == "" {
		for _, e := range u.envFiles {
			u.Override(e.setting, "overridden by "+l.pos().String())
		}
		u.envFiles = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	u.envFiles = append(u.envFiles, l)
}

func (u *unit) unsetEnvironment(l line) {
	u.Show(l.setting)
	if l.Value == "" {
		u.unset = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	items, problems := unitfile.Split(l.Value, unitfile.Unescape)
	for _, p := range problems {
		u.bad(l, &p)
		return
	}
	for _, it := range items {
		u.unset = append(u.unset, it.Text)
	}
	u.Inert(l.setting, "the variables that it names are left out")
}

// setEnv gives the workload a variable; a later one of the same name takes its place.
func (u *unit) setEnv(name, text string, unknown []unitfile.Unknown, setting int) {
	value := deploy.Plain(text)
	switch {
	case len(unknown) > 0:
		value = deploy.Param(name, false)
	case secret.Looks(name, text):
		value = deploy.Secret(text)
	default:
		u.Show(setting)
	}
	at := u.at.Join("env", name, "value")
	i := slices.IndexFunc(u.w.Env, func(e deploy.Env) bool { return e.Name == name })
	if i < 0 {
		u.w.Env = append(u.w.Env, deploy.Env{Name: name})
		i = len(u.w.Env) - 1
	}
	u.w.Env[i].Value = value
	u.Convert(setting, at)
}

// impliedEnv gives the workload a variable that systemd sets, unless the unit sets it itself.
func (u *unit) impliedEnv(name, text string) {
	if slices.ContainsFunc(u.w.Env, func(e deploy.Env) bool { return e.Name == name }) {
		return
	}
	u.setEnv(name, text, nil, u.Implied(execSpec, name, text))
}

// settle brings the variables together in systemd's order: what the unit says, then its files, then what it takes away, then what systemd sets by itself.
func (u *unit) settle() {
	for _, e := range u.env {
		u.setEnv(e.Name, e.Value, e.Unknown, e.setting)
	}
	u.environmentFiles()
	for _, name := range u.unset {
		name, value, exact := strings.Cut(name, "=")
		for i, e := range u.w.Env {
			text, _ := e.Value.Reveal()
			if e.Name == name && (!exact || text == value) {
				u.w.Env = slices.Delete(u.w.Env, i, i+1)
				u.Release(u.at.Join("env", name, "value"), ledger.Pos{Spec: "UnsetEnvironment="})
				break
			}
		}
	}
}
