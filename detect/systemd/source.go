// Package systemd reads systemd units: services with their drop-ins, environment files and users, and the timers that start them. The grammar lives in unitfile; the mapping is the
// table in table.go and fixed.go.
package systemd

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

// Source is systemd.
var Source = detect.Source{
	Name:   "systemd",
	Doc:    "units of systemd: *.service with drop-ins and environment files, *.timer",
	Tier:   detect.Process,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Sample: sample,
	Absent: absent,
}

// types are the kinds of units by their ending; only services and timers are mapped, the directives of the others are accounted for one by one.
var types = []string{".service", ".timer", ".socket", ".path", ".target", ".slice", ".mount", ".automount", ".swap"}

func match(paths []string) []string {
	var out []string
	for _, p := range paths {
		ext := path.Ext(p)
		if slices.Contains(types, ext) || ext == ".conf" && slices.Contains(types, path.Ext(strings.TrimSuffix(path.Dir(p), ".d"))) && strings.HasSuffix(path.Dir(p), ".d") {
			out = append(out, p)
		}
	}
	return out
}

// reader is one run over a tree.
type reader struct {
	detect.Recorder
	tree  detect.Tree
	units map[string]*unit // by unit name
	users *accounts

	envLines map[ledger.Pos]int // lines of environment files that are settings already
}

// unit is one unit with all that its files say.
type unit struct {
	*reader
	name  string // "orders.service"
	files []string
	lines []line

	w    *deploy.Workload // of a service
	at   deploy.Path      // of w
	spec unitfile.Specifiers

	// what the directives say together, settled in finish
	env       []envLine
	envFiles  []line
	unset     []string
	commands  []startCommand
	timeout   *line // TimeoutStartSec
	sandboxed *line // a directive that implies NoNewPrivileges for a user that is not root
	dirs      map[string][]directory
	modes     map[string]line
	pulls     []string // units that it starts too
	strict    bool
	privTmp   *line
	writable  []writablePath
	ambient   *line
	schedule  *unit // the timer that starts it
}

// line is one directive with the file that it stands in and the setting that it was recorded as.
type line struct {
	unitfile.Directive
	file    string
	setting int
}

func (l line) pos() ledger.Pos { return ledger.Pos{File: l.file, Line: l.Line, Col: l.Column} }

func read(t detect.Tree, picked []string) (detect.Result, error) {
	r := &reader{tree: t, units: map[string]*unit{}, envLines: map[ledger.Pos]int{}}
	r.users = newAccounts(r)
	var order []string
	for _, p := range byPrecedence(picked) {
		name, dropIn := unitOf(p)
		src, err := fs.ReadFile(t.FS, p)
		if err != nil {
			r.Find(ledger.Error, ledger.Pos{File: p}, "cannot be read", "check that it is a readable file inside the tree")
			continue
		}
		u := r.units[name]
		if u == nil {
			u = &unit{reader: r, name: name, dirs: map[string][]directory{}, modes: map[string]line{}}
			r.units[name] = u
			order = append(order, name)
		}
		if !dropIn && len(u.files) > 0 && slices.ContainsFunc(u.files, isUnitFile) {
			r.masked(p, u, src)
			continue
		}
		u.load(p, src)
	}
	slices.Sort(order)
	r.activate(order)
	for _, name := range order {
		r.units[name].convert()
	}
	r.autostart(order)
	r.volumes()
	return r.Finish(r.unknown), nil
}

func isUnitFile(p string) bool { return path.Ext(p) != ".conf" }

// unitOf returns the unit that a file belongs to, and whether it is a drop-in.
func unitOf(p string) (string, bool) {
	if path.Ext(p) == ".conf" {
		return strings.TrimSuffix(path.Base(path.Dir(p)), ".d"), true
	}
	return path.Base(p), false
}

// byPrecedence orders the files as systemd applies them: unit files before drop-ins, /etc before /run before /usr/lib for unit files, of which the first counts; drop-ins by their names,
// whichever directory they are in (systemd.unit(5), UNIT FILE LOAD PATH).
func byPrecedence(picked []string) []string {
	out := slices.Clone(picked)
	rank := func(p string) int {
		switch {
		case path.Ext(p) == ".conf":
			return 9
		case strings.Contains("/"+p, "/etc/systemd/"):
			return 0
		case strings.Contains("/"+p, "/run/systemd/"):
			return 1
		case strings.Contains("/"+p, "/lib/systemd/"):
			return 3
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if rank(a) == 9 {
			return strings.Compare(path.Base(a), path.Base(b))
		}
		return strings.Compare(a, b)
	})
	return out
}

// load records every directive of a file as a setting.
func (u *unit) load(p string, src []byte) {
	f, problems := unitfile.Parse(p, src)
	u.files = append(u.files, p)
	for _, pr := range problems {
		u.Find(ledger.Error, ledger.Pos{File: p, Line: pr.Line, Col: pr.Column}, pr.What, pr.Remedy)
	}
	for _, d := range f.Directives {
		at := ledger.Pos{File: p, Line: d.Line, Col: d.Column}
		u.lines = append(u.lines, line{d, p, u.Setting(at, d.Key, deploy.Secret(d.Value))})
	}
}

// masked accounts for a unit file that another one of the same name takes the place of.
func (r *reader) masked(p string, by *unit, src []byte) {
	f, _ := unitfile.Parse(p, src)
	for _, d := range f.Directives {
		i := r.Setting(ledger.Pos{File: p, Line: d.Line, Col: d.Column}, d.Key, deploy.Secret(d.Value))
		r.Override(i, "the unit file "+by.files[0]+" takes this one's place")
	}
	r.Find(ledger.Info, ledger.Pos{File: p}, by.name+" is defined in "+by.files[0]+" too, which counts", "")
}

// activate ties timers to the services that they start.
func (r *reader) activate(order []string) {
	for _, name := range order {
		if path.Ext(name) != ".timer" {
			continue
		}
		target := strings.TrimSuffix(name, ".timer") + ".service"
		for _, l := range r.units[name].lines {
			if l.Section == "Timer" && l.Key == "Unit" && l.Value != "" {
				target = l.Value
			}
		}
		if s := r.units[target]; s != nil {
			s.schedule = r.units[name]
		} else {
			r.Find(ledger.Warning, ledger.Pos{File: r.units[name].files[0]}, "starts "+target+", which is not in the tree", "add the unit, or remove the timer")
		}
	}
}

// convert maps the directives of one unit.
func (u *unit) convert() {
	switch {
	case path.Ext(u.name) == ".timer":
		return // with the service that it starts
	case path.Ext(u.name) != ".service":
		u.other("nothing above systemd has units of this kind")
		return
	case !slices.ContainsFunc(u.files, isUnitFile):
		u.other("the unit that this drop-in belongs to is not in the tree")
		u.Find(ledger.Warning, ledger.Pos{File: u.files[0]}, u.name+" itself is not in the tree", "add the unit file, or remove the drop-in")
		return
	case strings.Contains(u.name, "@."):
		u.other("a template runs only as instances, and the tree has none")
		u.Find(ledger.Warning, ledger.Pos{File: u.files[0]}, "is a template without an instance", "add a unit file for each instance, such as "+strings.Replace(u.name, "@.", "@1.", 1))
		return
	}
	name := strings.TrimSuffix(u.name, ".service")
	u.App.Workloads = append(u.App.Workloads, deploy.Workload{Name: name})
	u.w = &u.App.Workloads[len(u.App.Workloads)-1]
	u.at = deploy.At("workloads", name)
	u.Owns = append(u.Owns, u.at)
	u.Place(u.at, ledger.Pos{File: u.files[0], Line: 1})
	u.spec = unitfile.SystemSpecifiers(u.name, "/etc/systemd/system/"+u.name)
	lines := u.lines
	if u.schedule != nil {
		lines = append(slices.Clone(lines), u.schedule.lines...)
	}
	for _, l := range lines {
		row, ok := rows()[rowKey{l.Section, l.Key}]
		if !ok {
			continue // Finish reports it
		}
		if row.apply == nil {
			u.fixed(l, row)
			continue
		}
		row.apply(u, l)
	}
	u.finish()
}

// other accounts for the directives of a unit that gives no workload.
func (u *unit) other(reason string) {
	for _, l := range u.lines {
		if row, ok := rows()[rowKey{l.Section, l.Key}]; ok && row.apply == nil {
			u.fixed(l, row)
			continue
		}
		u.Drop(l.setting, reason, "keep the unit on the machine")
	}
}

// fixed accounts for a directive that has no counterpart in the model.
func (u *unit) fixed(l line, row row) {
	if !maySecret[l.Key] {
		u.Show(l.setting)
	}
	if sandbox[l.Key] && l.Value != "" && !slices.Contains([]string{"no", "n", "false", "f", "0", "off"}, strings.ToLower(l.Value)) {
		u.sandboxed = &l
	}
	switch {
	case l.Value == "":
		u.Inert(l.setting, "empty: it takes back what stood before")
	case asksNothing(l.Section, l.Key, l.Value):
		u.Inert(l.setting, "with this value it asks for nothing that a container does not do anyway")
	case row.Outcome == ledger.Inert:
		u.Inert(l.setting, row.Reason)
	default:
		u.Drop(l.setting, row.Reason, row.Remedy)
	}
}

// maySecret are directives without counterpart whose values may contain secrets: they stay hidden.
var maySecret = map[string]bool{
	"SetCredential": true, "SetCredentialEncrypted": true, "StandardInputText": true, "StandardInputData": true, "LogExtraFields": true, "ExecReload": true, "ExecStopPost": true,
	"ExecCondition": true, "ConditionEnvironment": true, "AssertEnvironment": true, "ExecStartPre": true, "ExecStartPost": true, "ExecStopPre": true, "PassEnvironment": true,
}

// unknown says what to do about a directive that the table does not have.
func (r *reader) unknown(s ledger.Setting) (string, string) {
	var names []string
	for _, k := range keys() { // the rows that are mapped come first
		if strings.EqualFold(k.Name, s.Key) {
			return fmt.Sprintf("it does not belong into this section (%s= stands in [%s])", k.Name, k.Section), "move it, or remove it: systemd ignores it here"
		}
		names = append(names, k.Name)
	}
	if near := nearest.Name(s.Key, names); near != "" {
		return "unknown directive, which systemd ignores", "did you mean " + near + "=?"
	}
	return "unknown directive, which systemd ignores", "remove it, or write X- before a section's name to keep notes in it"
}

// autostart settles which services start together with the system: those that something says so of, and what they pull in.
func (r *reader) autostart(order []string) {
	started := map[string]bool{}
	var pull func(u *unit)
	pull = func(u *unit) {
		for _, name := range u.pulls {
			if other := r.units[name]; other != nil && !started[name] {
				started[name] = true
				pull(other)
			}
		}
	}
	for _, name := range order {
		if u := r.units[name]; u.workload() != nil && u.workload().Autostart.Is(true) {
			pull(u)
		}
	}
	for _, name := range order {
		u := r.units[name]
		w := u.workload()
		if w == nil || w.Autostart.IsSet() {
			continue
		}
		why := "nothing says that it starts with the system"
		if started[name] {
			why = "a unit that starts with the system pulls it in"
		}
		w.Autostart = deploy.Some(started[name])
		r.Convert(r.Implied(unitSpec, "WantedBy", why), u.at.Join("autostart"))
	}
}

// workload finds the workload that the unit gave: the slice may have grown since.
func (u *unit) workload() *deploy.Workload {
	for i := range u.App.Workloads {
		if u.w != nil && u.App.Workloads[i].Name == strings.TrimSuffix(u.name, ".service") {
			return &u.App.Workloads[i]
		}
	}
	return nil
}

// volumes settles what only all units together tell: whether a volume is mounted by one workload or by several.
func (r *reader) volumes() {
	for i := range r.App.Volumes {
		v := &r.App.Volumes[i]
		n := 0
		for _, w := range r.App.Workloads {
			for _, m := range w.Mounts {
				if ref, ok := m.Volume.Get(); ok && ref == deploy.Ref(deploy.At("volumes", v.Name)) {
					n++
				}
			}
		}
		v.Access = deploy.Some(deploy.AccessOne)
		if n > 1 {
			v.Access = deploy.Some(deploy.AccessMany)
		}
	}
}
