// Package systemd reads systemd units: services with their drop-ins, environment files and users, and the timers that start them. The grammar lives in unitfile; the mapping is the
// table in table.go and fixed.go.
package systemd

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
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
	Doc:    "units of systemd: *.service with drop-ins, environment files and instances, *.timer, *.socket, *.target",
	Tier:   detect.Process,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Sample: sample,
	Absent: absent,
}

// types are the kinds of units by their ending; only services are workloads; timers, sockets and targets say when they start, the directives of the others are accounted for one by one.
var types = []string{".service", ".timer", ".socket", ".path", ".target", ".slice", ".mount", ".automount", ".swap"}

func match(paths []string) []string {
	var out []string
	for _, p := range paths {
		ext := path.Ext(p)
		if slices.Contains(types, ext) {
			out = append(out, p)
			continue
		}
		if dir, ok := strings.CutSuffix(path.Base(path.Dir(p)), ".d"); ok && ext == ".conf" && (slices.Contains(types, path.Ext(dir)) || slices.Contains(types, "."+dir)) {
			out = append(out, p)
		}
	}
	return out
}

// reader is one run over a tree.
type reader struct {
	detect.Recorder
	tree    detect.Tree
	units   map[string]*unit   // by unit name
	dropIns map[string][]*file // by the name of their directory without ".d": a unit, a template, "shop-.service" or "service"
	aliases map[string]string  // further names of units
	masked  map[string]string  // unit → link to /dev/null
	pulls   []pull
	users   *accounts

	envLines map[ledger.Pos]int // assignments that are settings already: files and templates are read by several units
}

// file is a unit file or a drop-in.
type file struct {
	path  string
	lines []line
}

// unit is one unit with all that its files say.
type unit struct {
	*reader
	name     string // "orders.service"
	file     *file  // the unit file, of an instance its template's; nil: there are drop-ins alone
	lines    []line
	template *unit           // of an instance
	enabled  bool            // its [Install] section counts: an instance that nothing but another unit asks for is not enabled
	as       string          // the unit that stands for it and for others alike
	count    int             // how many instances the unit stands for
	said     bool            // a setting says whether it starts with the system
	ordered  map[string]bool // units that must have started before
	reversed []reversed      // what other units say of their relation to this one

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
	strict    bool
	privTmp   *line
	writable  []writablePath
	ambient   *line
	replicas  []int   // settings that enable the instances which this unit stands for
	timers    []*unit // that start it
	timing    timing

	opened     []*unit // socket units that open its sockets
	sockets    []socket
	connection *line // Accept=yes
	stdio      *line // StandardInput=socket
	fdNames    []line
}

// line is one directive with the file that it stands in and the setting that it was recorded as.
type line struct {
	unitfile.Directive
	file    string
	setting int
}

func (l line) pos() ledger.Pos { return ledger.Pos{File: l.file, Line: l.Line, Col: l.Column} }

func read(t detect.Tree, picked []string) (detect.Result, error) {
	r := &reader{
		tree: t, units: map[string]*unit{}, dropIns: map[string][]*file{}, aliases: map[string]string{}, masked: map[string]string{},
		envLines: map[ledger.Pos]int{},
	}
	r.users = newAccounts(r)
	for _, p := range byPrecedence(picked) {
		if r.link(p) {
			continue
		}
		src, err := fs.ReadFile(t.FS, p)
		if err != nil {
			r.Find(ledger.Error, ledger.Pos{File: p}, "cannot be read", "check that it is a readable file inside the tree")
			continue
		}
		if path.Ext(p) == ".conf" {
			of := strings.TrimSuffix(path.Base(path.Dir(p)), ".d")
			r.dropIns[of] = append(r.dropIns[of], r.load(p, src))
			continue
		}
		u := r.unit(path.Base(p))
		if u.file != nil {
			r.shadowed(p, u, src)
			continue
		}
		u.file, u.enabled = r.load(p, src), true
	}
	r.assemble()
	order := slices.Sorted(maps.Keys(r.units))
	r.activate(order)
	r.relate(order)
	for _, name := range order {
		r.units[name].convert()
	}
	r.autostart(order)
	r.volumes()
	r.Findings = slices.CompactFunc(sortedFindings(r.Findings), func(a, b ledger.Finding) bool { return a == b })
	return r.Finish(r.unknown), nil
}

// sortedFindings brings findings that the instances of one template share beside each other.
func sortedFindings(list []ledger.Finding) []ledger.Finding {
	first := map[ledger.Finding]int{}
	for i, f := range list {
		if _, ok := first[f]; !ok {
			first[f] = i
		}
	}
	slices.SortStableFunc(list, func(a, b ledger.Finding) int { return first[a] - first[b] })
	return list
}

// unit returns the unit of a name, made when it is first spoken of.
func (r *reader) unit(name string) *unit {
	u := r.units[name]
	if u == nil {
		u = &unit{reader: r, name: name, dirs: map[string][]directory{}, modes: map[string]line{}}
		r.units[name] = u
	}
	return u
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
			return cmp.Or(strings.Compare(path.Base(a), path.Base(b)), strings.Compare(a, b)) // /etc < /run < /usr by luck of the alphabet
		}
		return strings.Compare(a, b)
	})
	return out
}

// load records every directive of a file as a setting.
func (r *reader) load(p string, src []byte) *file {
	f, problems := unitfile.Parse(p, src)
	for _, pr := range problems {
		r.Find(ledger.Error, ledger.Pos{File: p, Line: pr.Line, Col: pr.Column}, pr.What, pr.Remedy)
	}
	out := &file{path: p}
	for _, d := range f.Directives {
		at := ledger.Pos{File: p, Line: d.Line, Col: d.Column}
		out.lines = append(out.lines, line{d, p, r.Setting(at, d.Key, deploy.Secret(d.Value))})
	}
	return out
}

// shadowed accounts for a unit file that another one of the same name takes the place of.
func (r *reader) shadowed(p string, by *unit, src []byte) {
	for _, l := range r.load(p, src).lines {
		r.Override(l.setting, "the unit file "+by.file.path+" takes this one's place")
	}
	r.Find(ledger.Info, ledger.Pos{File: p}, by.name+" is defined in "+by.file.path+" too, which counts", "")
}

// activate ties timers and sockets to the services that they start.
func (r *reader) activate(order []string) {
	for _, name := range order {
		u := r.units[name]
		ext := path.Ext(name)
		if ext != ".timer" && ext != ".socket" || u.file == nil || u.isTemplate() || r.masked[name] != "" {
			continue
		}
		target := u.activates()
		if s := r.service(target); s != nil {
			if ext == ".timer" {
				s.timers = append(s.timers, u)
			} else if s.opened = append(s.opened, u); strings.TrimSuffix(name, ext) == s.workloadName() {
				s.opened = append([]*unit{u}, s.opened[:len(s.opened)-1]...) // its own socket is the first descriptor
			}
			r.pulls = append(r.pulls, pull{by: name, name: s.name, setting: -1})
			continue
		}
		u.other("it starts " + target + ", which is not in the tree")
		r.Find(ledger.Warning, ledger.Pos{File: u.file.path}, "starts "+target+", which is not in the tree", "add the unit, or remove this one")
	}
}

// activates returns the unit that a timer or a socket starts.
func (u *unit) activates() string {
	target := strings.TrimSuffix(u.name, path.Ext(u.name)) + ".service"
	for _, l := range u.lines {
		if l.Value != "" && (l.Section == "Timer" && l.Key == "Unit" || l.Section == "Socket" && l.Key == "Service") {
			if text, _, problem := unitfile.Expand(l.Value, u.specifiers()); problem == nil {
				target = text
			}
		}
	}
	return target
}

// service returns the unit of a service in the tree that runs, by any of its names; nil for none.
func (r *reader) service(name string) *unit {
	if to, ok := r.aliases[name]; ok {
		name = to
	}
	u := r.units[name]
	if u == nil || u.file == nil || path.Ext(name) != ".service" || u.isTemplate() || r.masked[name] != "" {
		return nil
	}
	return u
}

func (u *unit) isTemplate() bool { return strings.Contains(u.name, "@.") }

func (u *unit) specifiers() unitfile.Specifiers {
	fragment := u.name
	if u.template != nil {
		fragment = u.template.name
	}
	return unitfile.SystemSpecifiers(u.name, "/etc/systemd/system/"+fragment)
}

// convert maps the directives of one unit.
func (u *unit) convert() {
	switch {
	case u.as != "": // one of several alike, which another unit stands for
		return
	case u.file == nil:
		u.other("the unit that this drop-in belongs to is not in the tree")
		if len(u.lines) > 0 {
			u.Find(ledger.Warning, ledger.Pos{File: u.lines[0].file}, u.name+" itself is not in the tree", "add the unit file, or remove the drop-in")
		}
		return
	case u.reader.masked[u.name] != "":
		for _, l := range u.lines {
			u.Override(l.setting, "the unit is masked by "+u.reader.masked[u.name])
		}
		return
	case u.isTemplate():
		u.unused()
		return
	case path.Ext(u.name) == ".timer" || path.Ext(u.name) == ".socket":
		return // with the service that it starts
	case path.Ext(u.name) == ".target":
		u.target()
		return
	case path.Ext(u.name) != ".service":
		u.other("nothing above systemd has units of this kind")
		return
	}
	name := strings.TrimSuffix(u.name, ".service")
	u.App.Workloads = append(u.App.Workloads, deploy.Workload{Name: name})
	u.w = &u.App.Workloads[len(u.App.Workloads)-1]
	u.at = deploy.At("workloads", name)
	u.Owns = append(u.Owns, u.at)
	u.Place(u.at, ledger.Pos{File: u.file.path, Line: 1})
	u.spec = u.specifiers()
	lines := u.lines
	for _, t := range append(slices.Clone(u.timers), u.opened...) {
		lines = append(slices.Clone(lines), t.lines...)
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
	for _, rel := range u.reversed {
		u.Part(rel.setting, u.at.Join("needs", rel.workload, rel.give(u.need(rel.workload))))
	}
	u.finish()
}

// other accounts for the directives of a unit that gives no workload.
func (u *unit) other(reason string) {
	for _, l := range u.lines {
		row, ok := rows()[rowKey{l.Section, l.Key}]
		switch {
		case ok && row.apply == nil:
			u.fixed(l, row)
			continue
		case l.Section == "Install":
			continue // autostart sees to it
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

// volumes settles what only all units together tell: whether a volume is mounted by one workload or by several.
func (r *reader) volumes() {
	for i := range r.App.Volumes {
		v := &r.App.Volumes[i]
		n := 0
		for _, w := range r.App.Workloads {
			for _, m := range w.Mounts {
				if ref, ok := m.Volume.Get(); ok && ref == deploy.Ref(deploy.At("volumes", v.Name)) {
					n += int(w.Scale.Replicas.Or(1))
				}
			}
		}
		v.Access = deploy.Some(deploy.AccessOne)
		if n > 1 {
			v.Access = deploy.Some(deploy.AccessMany)
		}
	}
}
