package systemd

import (
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

// wantedBy is nothing of its own: install has read it, and autostart settles it.
func (u *unit) wantedBy(line) {}
