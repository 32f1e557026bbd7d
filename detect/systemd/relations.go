package systemd

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// pull says that a unit is started together with another one: by a link, an [Install] section or a dependency.
type pull struct {
	by, name string
	setting  int // -1: said elsewhere
	required bool
}

// reversed is a relation that stands in the unit of the other side: Before=, WantedBy=, RequiredBy=.
type reversed struct {
	workload string
	setting  int
	give     func(*deploy.Need) string
}

// relates reports whether a directive ties its unit to others.
func (r *reader) relates(l line) bool {
	return slices.Contains(starts, l.Key) || slices.Contains([]string{"After", "Before", "Requisite", "PartOf"}, l.Key)
}

// relate collects who starts whom and who waits for whom, before any unit is mapped: each says something of the others.
func (r *reader) relate(order []string) {
	live := func(name string) *unit {
		if u := r.units[name]; u.file != nil && !u.isTemplate() && u.as == "" && r.masked[name] == "" {
			return u
		}
		return nil
	}
	for _, name := range order {
		if u := live(name); u != nil {
			u.ordered = map[string]bool{}
			u.install()
			for _, l := range u.lines {
				if l.Section != "Unit" || !slices.Contains(starts, l.Key) {
					continue
				}
				for _, other := range u.names(l) {
					p := pull{by: name, name: other, setting: -1}
					if path.Ext(name) == ".target" {
						p.setting = l.setting
					}
					r.pulls = append(r.pulls, p)
				}
			}
		}
	}
	for _, name := range order {
		u := live(name)
		if u == nil || path.Ext(name) != ".service" {
			continue
		}
		for _, l := range u.lines {
			for _, other := range u.names(l) {
				for _, v := range r.members(other) {
					switch {
					case v == u || l.Section != "Unit":
					case l.Key == "After":
						u.ordered[v.name] = true
					case l.Key == "Before":
						v.ordered[u.name] = true
					}
				}
			}
		}
	}
	for _, name := range order {
		if u := live(name); u != nil && path.Ext(name) == ".service" {
			u.reverse()
		}
	}
	for _, p := range r.pulls {
		by, u := r.service(p.by), r.service(p.name)
		if by == nil || u == nil || p.setting < 0 || by == u || r.waits(u, by) {
			continue
		}
		by.ordered[u.name] = true
		by.reversed = append(by.reversed, reversed{u.workloadName(), p.setting, func(n *deploy.Need) string {
			if p.required || !n.Required.IsSet() {
				n.Required = deploy.Some(p.required)
			}
			return "required"
		}})
	}
}

// install reads the [Install] section: who starts this unit once it is enabled.
func (u *unit) install() {
	var mine []pull
	for _, l := range u.lines {
		if l.Section != "Install" || l.Key != "WantedBy" && l.Key != "RequiredBy" {
			continue
		}
		u.Show(l.setting)
		switch {
		case !u.enabled:
			u.Inert(l.setting, "the instance is not enabled: another unit starts it")
		case l.Value == "":
			for _, p := range mine {
				u.Override(p.setting, "overridden by "+l.pos().String())
			}
			mine = nil
			u.Inert(l.setting, "empty: it takes back what stood before")
		default:
			for _, by := range u.names(l) {
				mine = append(mine, pull{by: by, name: u.name, setting: l.setting, required: l.Key == "RequiredBy"})
			}
		}
	}
	u.pulls = append(u.pulls, mine...)
}

// reverse hands what Before= says to the units that have to wait.
func (u *unit) reverse() {
	for _, l := range u.lines {
		if l.Section != "Unit" || l.Key != "Before" {
			continue
		}
		for _, name := range u.names(l) {
			for _, v := range u.members(name) {
				if v != u && !u.waits(u, v) {
					v.reversed = append(v.reversed, reversed{u.workloadName(), l.setting, u.arrival})
				}
			}
		}
	}
}

// waits reports whether a starts only after b, directly or by way of others.
func (r *reader) waits(a, b *unit) bool {
	seen := map[string]bool{}
	var from func(u *unit) bool
	from = func(u *unit) bool {
		if u == nil || seen[u.name] {
			return false
		}
		seen[u.name] = true
		if u.ordered[b.name] {
			return true
		}
		for name := range u.ordered {
			if from(r.units[name]) {
				return true
			}
		}
		return false
	}
	return from(a)
}

// members are the services that a name stands for: one, or all that a target of the tree starts.
func (r *reader) members(name string) []*unit {
	if s := r.service(name); s != nil {
		return []*unit{s}
	}
	var out []*unit
	seen := map[string]bool{}
	var from func(string)
	from = func(name string) {
		u := r.units[name]
		if seen[name] || u == nil || u.file == nil {
			return
		}
		seen[name] = true
		for _, p := range r.pulls {
			if p.by != name {
				continue
			}
			if s := r.service(p.name); s == nil {
				from(p.name)
			} else if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	if to, ok := r.aliases[name]; ok {
		name = to
	}
	from(name)
	return out
}

// platform are units that every tier above stands for by itself.
func platform(name string) string {
	base := strings.TrimSuffix(name, ".target")
	switch {
	case strings.HasPrefix(name, "network") || name == "systemd-networkd-wait-online.service" || name == "NetworkManager-wait-online.service":
		return "the network is there before a container starts"
	case base == "nss-lookup" || base == "nss-user-lookup" || name == "systemd-resolved.service":
		return "name resolution is there before a container starts"
	case base == "remote-fs" || base == "local-fs" || strings.HasSuffix(name, ".mount"):
		return "what is mounted into a container is there before it starts"
	case base == "time-sync" || base == "time-set":
		return "the machine keeps the time"
	case name == "syslog.target" || name == "syslog.socket" || name == "rsyslog.service" || strings.HasPrefix(name, "systemd-journald"):
		return "output is collected by the platform"
	case strings.HasSuffix(name, ".target") || strings.HasSuffix(name, ".slice") || strings.HasPrefix(name, "systemd-"):
		return "a stage of the machine's own start"
	}
	return ""
}

// relation is one of the directives that tie a unit to others: how it gives the fields of a need. hard says that the unit waits for the others' start.
func (u *unit) relation(l line, hard bool, give func(n *deploy.Need, other *unit) string) {
	u.Show(l.setting)
	if l.Value == "" {
		for i := range u.w.Needs {
			u.Release(u.at.Join("needs", u.w.Needs[i].Workload), l.pos())
		}
		u.w.Needs = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	names, problems := unitfile.Split(l.Value, unitfile.Keep)
	for _, p := range problems {
		u.bad(l, &p)
		return
	}
	for _, item := range names {
		name, _, problem := unitfile.Expand(item.Text, u.spec)
		if problem != nil {
			u.bad(l, problem)
			return
		}
		members := u.members(name)
		other := u.units[name]
		switch why := platform(name); {
		case slices.Contains(members, u):
			u.Inert(l.setting, name+" starts it itself")
		case len(members) > 0:
			for _, m := range members {
				u.tie(l, m, hard, give)
			}
		case other != nil && other.file != nil && why == "":
			u.Inert(l.setting, name+" gives no workload of its own")
		case other != nil && other.file != nil && path.Ext(name) == ".target":
			u.Inert(l.setting, name+" starts nothing that is in the tree")
		case why != "":
			u.Inert(l.setting, name+": "+why)
		default:
			line, col := l.Position(item.Offset)
			u.Drop(l.setting, name+" is not in the tree", "see that it is there before "+u.w.Name+" starts, or that "+u.w.Name+" tries again")
			u.Find(ledger.Info, ledger.Pos{File: l.file, Line: line, Col: col}, name+" stays behind: it is not in the tree", "see that the containers can reach it")
		}
	}
	if !u.Accounted(l.setting) {
		u.Inert(l.setting, "an empty list")
	}
}

// tie makes one need of a relation. Above systemd a workload cannot start another one that waits for it: of such a relation the start alone remains.
func (u *unit) tie(l line, other *unit, hard bool, give func(n *deploy.Need, other *unit) string) {
	if u.waits(other, u) {
		if !hard {
			u.Part(l.setting, deploy.At("workloads", other.workloadName(), "autostart"))
			other.said = true
			return
		}
		u.Drop(l.setting, other.name+" waits for "+u.name+" in turn", "remove one of the two")
		u.Find(ledger.Warning, l.pos(), l.Key+"="+other.name+": each of the two waits for the other, which systemd breaks up as it likes", "remove one of the two orders")
		return
	}
	u.ordered[other.name] = true
	u.Part(l.setting, u.at.Join("needs", other.workloadName(), give(u.need(other.workloadName()), other)))
}

func (u *unit) workloadName() string { return strings.TrimSuffix(u.name, ".service") }

func (u *unit) need(workload string) *deploy.Need {
	for i := range u.w.Needs {
		if u.w.Needs[i].Workload == workload {
			return &u.w.Needs[i]
		}
	}
	u.w.Needs = append(u.w.Needs, deploy.Need{Workload: workload})
	return &u.w.Needs[len(u.w.Needs)-1]
}

// arrival says what a unit that starts after this one waits for: a program's start, or the end of a oneshot (systemd.service(5), Type=).
func (u *unit) arrival(n *deploy.Need) string {
	n.Condition = deploy.Some(deploy.Started)
	if u.oneshot() && len(u.timers) == 0 {
		n.Condition = deploy.Some(deploy.Completed)
	}
	return "condition"
}

func (u *unit) oneshot() bool {
	one := false
	for _, l := range u.lines {
		if l.Section == "Service" && l.Key == "Type" {
			one = l.Value == "oneshot"
		}
	}
	return one
}

func (u *unit) after(l line) {
	u.relation(l, true, func(n *deploy.Need, other *unit) string { return other.arrival(n) })
}

// before accounts for Before=: the units that wait have it as a need already.
func (u *unit) before(l line) {
	u.Show(l.setting)
	for _, name := range u.names(l) {
		members := u.members(name)
		switch why := platform(name); {
		case len(members) == 1 && members[0] != u && u.waits(u, members[0]):
			u.Drop(l.setting, name+" is waited for in turn", "remove one of the two")
			u.Find(ledger.Warning, l.pos(), l.Key+"="+name+": each of the two waits for the other, which systemd breaks up as it likes", "remove one of the two orders")
		case len(members) > 0:
			if !slices.ContainsFunc(members, func(m *unit) bool { return m != u }) {
				u.Inert(l.setting, name+" starts nothing else")
			}
		case why != "":
			u.Inert(l.setting, name+": "+why)
		default:
			u.Drop(l.setting, name+" is not in the tree", "see that it starts after "+u.w.Name+", or that it tries again")
		}
	}
	if l.Value == "" {
		u.Inert(l.setting, "an empty list")
	}
}

func (u *unit) requires(l line) {
	u.relation(l, false, func(n *deploy.Need, _ *unit) string {
		n.Required = deploy.Some(true)
		return "required"
	})
}

func (u *unit) wants(l line) {
	u.relation(l, false, func(n *deploy.Need, _ *unit) string {
		if !n.Required.IsSet() {
			n.Required = deploy.Some(false)
		}
		return "required"
	})
}

func (u *unit) partOf(l line) {
	u.relation(l, false, func(n *deploy.Need, _ *unit) string {
		n.Follow = deploy.Some(true)
		return "follow"
	})
}

// target accounts for the directives of a target: it runs nothing, but starts others.
func (u *unit) target() {
	for _, l := range u.lines {
		row, ok := rows()[rowKey{l.Section, l.Key}]
		switch {
		case !ok || l.Section == "Install": // autostart sees to it
		case row.apply == nil:
			u.fixed(l, row)
		case l.Value == "" || len(u.names(l)) == 0:
			u.Inert(l.setting, "an empty list")
		case slices.Contains(starts, l.Key):
			u.Show(l.setting) // autostart sees to it
		default:
			u.Show(l.setting)
			u.Inert(l.setting, "a target runs nothing that could wait or fail: those that it starts say themselves whom they need")
		}
	}
}

// autostart settles which services start together with the system: those that something that starts pulls in.
func (r *reader) autostart(order []string) {
	started := map[string]bool{}
	for again := true; again; {
		again = false
		for _, p := range r.pulls {
			by, stage := r.units[p.by], p.by == "multi-user.target" || p.by == "graphical.target" || p.by == "default.target" || p.by == "timers.target" || p.by == "sockets.target"
			name := p.name
			if to, ok := r.aliases[name]; ok {
				name = to
			}
			if from, ok := r.aliases[p.by]; ok {
				by = r.units[from]
			}
			if runs := p.by != "" && (stage || by == nil || by.file == nil || started[by.name]); runs && !started[name] && r.masked[name] == "" {
				started[name], again = true, true
			}
		}
	}
	for _, p := range r.pulls {
		if p.setting < 0 {
			continue
		}
		members := r.members(p.name)
		for _, m := range members {
			m.said = true
			r.Part(p.setting, deploy.At("workloads", m.workloadName(), "autostart"))
		}
		u := r.units[p.name]
		switch why := platform(p.name); {
		case len(members) > 0:
		case r.masked[p.name] != "":
			r.Override(p.setting, "the unit is masked by "+r.masked[p.name])
		case u != nil && u.file != nil:
			r.Inert(p.setting, p.name+" starts nothing that lift moves")
		case why != "":
			r.Inert(p.setting, p.name+": "+why)
		default:
			r.Drop(p.setting, p.name+" is not in the tree", "add the unit, or leave it on the machine")
			r.Find(ledger.Info, r.At(p.setting), p.name+" stays behind: it is not in the tree", "see that the containers can reach it")
		}
	}
	for _, name := range order {
		u := r.units[name]
		w := u.workload()
		if w == nil {
			continue
		}
		w.Autostart = deploy.Some(started[name])
		if u.said {
			continue
		}
		why := "nothing says that it starts with the system"
		if started[name] {
			why = "a unit that starts with the system pulls it in"
		}
		r.Convert(r.Implied(unitSpec, "WantedBy", why), u.at.Join("autostart"))
	}
}

// workload finds the workload that the unit gave: the slice may have grown since.
func (u *unit) workload() *deploy.Workload {
	for i := range u.App.Workloads {
		if u.w != nil && u.App.Workloads[i].Name == u.workloadName() {
			return &u.App.Workloads[i]
		}
	}
	return nil
}
