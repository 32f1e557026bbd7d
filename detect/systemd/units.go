package systemd

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// reset handles an empty assignment, which takes back what stood before, and reports whether it was one.
func (u *unit) reset(l line, fields ...string) bool {
	if l.Value != "" {
		return false
	}
	for _, f := range fields {
		p := u.at + "." + deploy.Path(f)
		if deploy.Has(u.App, p) {
			_ = deploy.Unset(&u.App, p) // it is there
		}
		u.Release(p, l.pos())
	}
	u.Inert(l.setting, "empty: it takes back what stood before")
	return true
}

// bad reports a value of the wrong kind with the directive quoted: for values that cannot be secret.
func (u *unit) bad(l line, p *unitfile.Problem) {
	u.Show(l.setting)
	located := l.Locate(*p)
	u.Find(ledger.Error, ledger.Pos{File: l.file, Line: located.Line, Col: located.Column}, l.Key+"="+shorten(l.Value)+": "+p.What, p.Remedy)
	if !u.Accounted(l.setting) {
		u.Drop(l.setting, "its value cannot be read", "")
	}
}

func shorten(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// set records a plain directive that gives fields of the workload: names below the workload, such as "stop.signal".
func (u *unit) set(l line, fields ...string) {
	u.Show(l.setting)
	paths := make([]deploy.Path, len(fields))
	for i, f := range fields {
		paths[i] = u.at + "." + deploy.Path(f)
	}
	u.Convert(l.setting, paths...)
}

func (u *unit) nearly(l line, reason, remedy string, fields ...string) {
	u.Show(l.setting)
	paths := make([]deploy.Path, len(fields))
	for i, f := range fields {
		paths[i] = u.at + "." + deploy.Path(f)
	}
	u.Approximate(l.setting, reason, remedy, paths...)
}

// boolean reads a yes or no.
func (u *unit) boolean(l line) (value, ok bool) {
	v, problem := unitfile.ParseBool(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return false, false
	}
	return v, true
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

// relation is one of the directives that tie a unit to others: how it gives the fields of a need.
func (u *unit) relation(l line, give func(n *deploy.Need) string) {
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
		other, ok := u.units[name]
		workload, isService := strings.CutSuffix(name, ".service")
		switch why := platform(name); {
		case ok && isService && !strings.Contains(name, "@.") && other.name != u.name && slices.ContainsFunc(other.files, isUnitFile):
			field := give(u.need(workload))
			if l.Key == "Requires" || l.Key == "Wants" || l.Key == "BindsTo" {
				u.pulls = append(u.pulls, name)
			}
			u.Part(l.setting, u.at.Join("needs", workload, field))
		case why != "":
			u.Inert(l.setting, name+": "+why)
		case ok:
			u.Inert(l.setting, name+" gives no workload of its own")
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

func (u *unit) need(workload string) *deploy.Need {
	for i := range u.w.Needs {
		if u.w.Needs[i].Workload == workload {
			return &u.w.Needs[i]
		}
	}
	u.w.Needs = append(u.w.Needs, deploy.Need{Workload: workload})
	return &u.w.Needs[len(u.w.Needs)-1]
}

func (u *unit) after(l line) {
	u.relation(l, func(n *deploy.Need) string {
		n.Condition = deploy.Some(deploy.Started)
		return "condition"
	})
}

func (u *unit) requires(l line) {
	u.relation(l, func(n *deploy.Need) string {
		n.Required = deploy.Some(true)
		return "required"
	})
}

func (u *unit) wants(l line) {
	u.relation(l, func(n *deploy.Need) string {
		if !n.Required.IsSet() {
			n.Required = deploy.Some(false)
		}
		return "required"
	})
}

func (u *unit) partOf(l line) {
	u.relation(l, func(n *deploy.Need) string {
		n.Follow = deploy.Some(true)
		return "follow"
	})
}

// architectures maps systemd's names to Go's (systemd.unit(5), ConditionArchitecture=).
var architectures = map[string]string{"x86-64": "amd64", "x86": "386", "arm64": "arm64", "arm": "arm", "ppc64-le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64", "mips64-le": "mips64le", "loongarch64": "loong64"}

func (u *unit) architecture(l line) {
	if u.reset(l, "placement.arch") {
		return
	}
	if arch, ok := architectures[l.Value]; ok {
		u.w.Placement.Arch = deploy.Some(arch)
		u.set(l, "placement.arch")
		return
	}
	u.Show(l.setting)
	u.Drop(l.setting, "a condition on the architecture that no image can state", "build the image for the architectures that it may run on")
}

// wantedBy says that the unit starts together with the system.
func (u *unit) wantedBy(l line) {
	if l.Value == "" {
		u.Inert(l.setting, "an empty list")
		return
	}
	u.w.Autostart = deploy.Some(true)
	u.Show(l.setting)
	u.Part(l.setting, u.at.Join("autostart"))
}

func (u *unit) timerUnit(l line) {
	u.Show(l.setting)
	u.Inert(l.setting, "it says which service the timer starts")
}

func (u *unit) onCalendar(l line) {
	if u.reset(l, "schedule.cron", "schedule.zone") {
		return
	}
	u.Show(l.setting)
	c, problem := unitfile.ToCron(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	if u.w.Schedule.Cron.IsSet() {
		u.Drop(l.setting, "a second schedule for one service", "make it a service of its own with its own timer")
		u.Find(ledger.Warning, l.pos(), "a second OnCalendar= for "+u.w.Name, "give it a service and a timer of its own: a schedule has one expression above systemd")
		return
	}
	u.w.Schedule.Cron = deploy.Some(c.Spec)
	fields := []string{"schedule.cron"}
	if c.Zone != "" {
		u.w.Schedule.Zone = deploy.Some(c.Zone)
		fields = append(fields, "schedule.zone")
	}
	if !c.Exact {
		u.nearly(l, c.Reason, c.Remedy, fields...)
		u.Find(ledger.Warning, l.pos(), l.Key+"="+l.Value+" is not exact in cron: "+c.Reason, c.Remedy)
		return
	}
	u.set(l, fields...)
}

func (u *unit) persistent(l line) {
	if v, ok := u.boolean(l); ok {
		u.w.Schedule.CatchUp = deploy.Some(v)
		u.set(l, "schedule.catchUp")
	}
}

func (u *unit) randomizedDelay(l line) {
	if d, ok := u.span(l); ok {
		if d.Infinite {
			u.bad(l, &unitfile.Problem{What: "a random delay must have a bound", Remedy: "write a time such as 5min"})
			return
		}
		u.w.Schedule.Jitter = deploy.Some(d.Duration)
		u.set(l, "schedule.jitter")
	}
}
