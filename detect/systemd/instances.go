package systemd

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// assemble makes a unit of each instance that something asks for, and gives every unit its lines: the unit file's, then those of the drop-ins.
func (r *reader) assemble() {
	var made []*unit
	ask := func(name string, enabled bool) {
		t := r.units[template(name)]
		if t == nil || t.file == nil || r.units[name] != nil && r.units[name].file != nil {
			return
		}
		u := r.unit(name)
		u.file, u.template, u.enabled = t.file, t, enabled
		made = append(made, u)
	}
	for _, p := range r.pulls {
		ask(p.name, true)
	}
	for _, of := range slices.Sorted(maps.Keys(r.dropIns)) {
		ask(of, true) // who writes a drop-in for an instance runs it
		if !strings.HasSuffix(strings.TrimSuffix(of, path.Ext(of)), "-") && path.Ext(of) != "" {
			r.unit(of)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.units)) {
		t := r.units[name]
		if !t.isTemplate() || t.file == nil || slices.ContainsFunc(made, func(u *unit) bool { return u.template == t }) {
			continue
		}
		for _, l := range t.file.lines {
			if l.Section == "Install" && l.Key == "DefaultInstance" && l.Value != "" {
				ask(strings.Replace(name, "@.", "@"+l.Value+".", 1), true)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.units)) {
		if s := r.units[name]; s.file != nil {
			r.perConnection(s)
		}
	}
	used := map[string]bool{}
	made = nil
	for _, name := range slices.Sorted(maps.Keys(r.units)) {
		made = append(made, r.units[name])
	}
	for i := 0; i < len(made); i++ { // ask adds to made
		made[i].dress(used)
		for _, name := range made[i].asksFor() {
			ask(name, false)
		}
	}
	for of, files := range r.dropIns {
		for _, f := range files {
			for _, l := range f.lines {
				if !used[of] {
					r.Drop(l.setting, "no unit of the tree has a name that the drop-in is for", "add the units, or remove the drop-in")
				}
			}
		}
	}
	r.alike()
}

// perConnection lets one unit stand for the instances that a socket with Accept=yes makes of a template, one for each connection (systemd.socket(5), Accept=).
func (r *reader) perConnection(s *unit) {
	s.lines = s.file.lines // dress comes later, and may add what a drop-in says
	for _, of := range dropInDirs(s.name) {
		for _, f := range r.dropIns[of] {
			s.lines = append(slices.Clone(s.lines), f.lines...)
		}
	}
	prefix := strings.TrimSuffix(s.name, ".socket")
	t := r.units[prefix+"@.service"]
	if !s.accepts() || t == nil || t.file == nil || r.units[prefix+".service"] != nil {
		return
	}
	u := r.unit(prefix + ".service")
	u.file, u.template, u.enabled = t.file, t, true
}

// dropInDirs are the names of the directories with drop-ins for a unit, the most special first (systemd.unit(5), DESCRIPTION).
func dropInDirs(name string) []string {
	dirs := []string{name}
	if t := template(name); t != "" && t != name {
		dirs = append(dirs, t)
	}
	ext := path.Ext(name)
	prefix, _, _ := strings.Cut(strings.TrimSuffix(name, ext), "@")
	for {
		i := strings.LastIndexByte(strings.TrimSuffix(prefix, "-"), '-')
		if i < 0 {
			return append(dirs, strings.TrimPrefix(ext, "."))
		}
		prefix = prefix[:i+1]
		dirs = append(dirs, prefix+ext)
	}
}

// dress gives the unit its lines. Of drop-ins of one name that of the most special directory counts.
func (u *unit) dress(used map[string]bool) {
	if u.file != nil {
		u.lines = slices.Clone(u.file.lines)
	}
	var list []*file
	for _, dir := range dropInDirs(u.name) {
		used[dir] = used[dir] || u.file != nil || dir == u.name
		for _, f := range u.dropIns[dir] {
			i := slices.IndexFunc(list, func(o *file) bool { return path.Base(o.path) == path.Base(f.path) })
			if i < 0 {
				list = append(list, f)
				continue
			}
			for _, l := range f.lines {
				u.Override(l.setting, "the drop-in "+list[i].path+" takes this one's place")
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *file) int { return cmp.Compare(path.Base(a.path), path.Base(b.path)) })
	for _, f := range list {
		u.lines = append(u.lines, f.lines...)
	}
}

// names expands the specifiers in a list of units. What is wrong with it is reported where the line is mapped.
func (u *unit) names(l line) []string {
	items, problems := unitfile.Split(l.Value, unitfile.Keep)
	if len(problems) > 0 {
		return nil
	}
	var out []string
	for _, it := range items {
		if name, _, problem := unitfile.Expand(it.Text, u.specifiers()); problem == nil {
			out = append(out, name)
		}
	}
	return out
}

// starts are the directives that start other units together with this one.
var starts = []string{"Wants", "Requires", "BindsTo", "Upholds"}

// asksFor lists the units that this one starts.
func (u *unit) asksFor() []string {
	if u.file == nil || u.isTemplate() {
		return nil
	}
	var out []string
	for _, l := range u.lines {
		if l.Section == "Unit" && slices.Contains(starts, l.Key) {
			out = append(out, u.names(l)...)
		}
	}
	if ext := path.Ext(u.name); ext == ".timer" || ext == ".socket" {
		out = append(out, u.activates())
	}
	return out
}

// alike finds instances that differ in nothing but their names, and lets one unit stand for them: they are replicas.
func (r *reader) alike() {
	members := map[*unit][]*unit{}
	named := map[string]bool{} // by a service, which means this very instance
	for _, name := range slices.Sorted(maps.Keys(r.units)) {
		u := r.units[name]
		if u.template != nil {
			members[u.template] = append(members[u.template], u)
		}
		if path.Ext(name) == ".target" || u.file == nil {
			continue
		}
		for _, l := range u.lines {
			if l.Section == "Unit" && r.relates(l) || l.Key == "Unit" && l.Section == "Timer" {
				for _, n := range u.names(l) {
					named[n] = true
				}
			}
		}
	}
	for t, list := range members {
		prefix, _, _ := strings.Cut(t.name, "@")
		name := prefix + ".service"
		same := func(u *unit) bool {
			return u.enabled == list[0].enabled && !named[u.name] && r.masked[u.name] == "" && len(r.dropIns[u.name]) == 0
		}
		if path.Ext(t.name) != ".service" || len(list) < 2 || r.units[name] != nil || !t.anonymous() || !slices.ContainsFunc(list, same) || slices.ContainsFunc(list, func(u *unit) bool { return !same(u) }) {
			continue
		}
		one := r.unit(name)
		one.file, one.template, one.enabled, one.lines = t.file, t, list[0].enabled, list[0].lines
		for _, u := range list {
			u.as = name
			r.aliases[u.name] = name
		}
		for _, p := range r.pulls {
			if r.aliases[p.name] == name && p.setting >= 0 {
				one.replicas = append(one.replicas, p.setting)
			}
		}
		one.count = len(list)
	}
}

// anonymous reports whether no directive of a template depends on the instance: names for people do not count.
func (u *unit) anonymous() bool {
	for _, l := range u.lines {
		if l.Key == "Description" || l.Key == "Documentation" {
			continue
		}
		if l.Section == "Service" && (l.Key == "Type" && l.Value == "oneshot") || l.Key == "DefaultInstance" {
			return false
		}
		for i := 0; i+1 < len(l.Value); i++ {
			if l.Value[i] == '%' {
				if i++; strings.IndexByte("iInNfdy", l.Value[i]) >= 0 {
					return false
				}
			}
		}
	}
	return true
}

// unused reports a template that nothing makes an instance of.
func (u *unit) unused() {
	for _, name := range slices.Sorted(maps.Keys(u.units)) {
		if u.units[name].template == u {
			return
		}
	}
	u.other("a template runs only as instances, and nothing in the tree asks for one")
	u.Find(ledger.Warning, ledger.Pos{File: u.file.path}, "is a template without an instance",
		"add the links that enable the instances, such as multi-user.target.wants/"+strings.Replace(u.name, "@.", "@1.", 1)+", or a unit file for each")
}
