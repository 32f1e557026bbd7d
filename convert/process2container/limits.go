package process2container

import (
	"time"

	"github.com/deploylift/lift/deploy"
)

// resources brings limits into the forms that compose has.
func (o one) resources() {
	r := &o.w.Resources
	from, to := o.from.Join("resources"), o.to.Join("resources")
	if weight, ok := r.CPU.Weight.Get(); ok && weight*1024%100 != 0 {
		fit := weight * 1024 / 100 * 100 / 1024 // the weight that whole shares stand for
		for fit*1024%100 != 0 {
			fit--
		}
		r.CPU.Weight = deploy.Some(max(fit, 25))
		o.l.Approximate(from.Join("cpu", "weight"), "compose counts in shares of which 1024 are a weight of 100", "", to.Join("cpu", "weight"))
	}
	if r.Memory.Swap.IsSet() {
		limit, ok := r.Memory.Limit.Get()
		if _, bounded := limit.Get(); !ok || !bounded {
			r.Memory.Swap = deploy.Opt[deploy.Limit[deploy.Bytes]]{}
			o.l.Drop(from.Join("memory", "swap"), "compose limits swap together with memory only", "set a memory limit as well")
		}
	}
}

// idle drops what says no more than every container does anyway.
func (o one) idle() {
	drop := func(o1 interface{ IsSet() bool }, same bool, clear func(), reason string, names ...string) {
		if o1.IsSet() && same {
			clear()
			o.l.Idle(o.from.Join(names...), reason)
		}
	}
	w := o.w
	drop(w.Umask, w.Umask.Is(0o022), func() { w.Umask = deploy.Opt[deploy.Mode]{} }, "a container's program starts with this umask", "umask")
	drop(w.Start.Timeout, unlimited(w.Start.Timeout), func() { w.Start.Timeout = deploy.Opt[deploy.Limit[time.Duration]]{} }, "a start is waited for without bound", "start", "timeout")
	drop(w.Start.Run, unlimited(w.Start.Run), func() { w.Start.Run = deploy.Opt[deploy.Limit[time.Duration]]{} }, "a container runs without bound", "start", "run")
	drop(w.Resources.CPU.Limit, unlimited(w.Resources.CPU.Limit), func() { w.Resources.CPU.Limit = deploy.Opt[deploy.Limit[deploy.NanoCPU]]{} }, "a container has no limit unless one is set", "resources", "cpu", "limit")
	drop(w.Resources.Memory.Limit, unlimited(w.Resources.Memory.Limit), func() { w.Resources.Memory.Limit = deploy.Opt[deploy.Limit[deploy.Bytes]]{} }, "a container has no limit unless one is set", "resources", "memory", "limit")
	if unlimited(w.Stop.Grace) {
		w.Stop.Grace = deploy.Some(deploy.Bound(longestGrace))
		o.l.Approximate(o.from.Join("stop", "grace"), "compose has no unlimited grace: a year stands for it", "", o.to.Join("stop", "grace"))
	}
}

// longestGrace stands for no bound where a bound must be given.
const longestGrace = 365 * 24 * time.Hour

// unlimited reports whether a limit is explicitly none.
func unlimited(limit interface{ String() string }) bool { return limit.String() == "unlimited" }

// stop keeps the stop protocol: which processes get the signal, and how long they have.
func (o one) stop() {
	if !o.w.Stop.Scope.Is(deploy.StopMain) {
		return
	}
	o.w.Stop.Scope = deploy.Some(deploy.StopMixed)
	o.l.Approximate(o.from.Join("stop", "scope"), "what the main process leaves behind is killed with its container", "let the program end its children itself", o.to.Join("stop", "scope"))
}

// security brings privileges into the forms that compose has.
func (o one) security() {
	s := &o.w.Security
	from, to := o.from.Join("security", "capabilities"), o.to.Join("security", "capabilities")
	if len(s.Capabilities) != 1 || s.Capabilities[0] != "all" {
		return
	}
	if id, ok := o.w.User.ID.Get(); ok && id != 0 {
		s.Capabilities = deploy.List{"none"}
		if o.w.Security.NoNewPrivileges.Is(true) {
			o.l.Convert(from, "a program that is not root and may gain no privileges has no use for capabilities", to)
		} else {
			o.l.Approximate(from, "the program is not root, so it has no capabilities; setuid programs that it starts would have had them", "list what they need in CapabilityBoundingSet=", to)
		}
		return
	}
	s.Capabilities = deploy.List{"default"}
	o.l.Approximate(from, "root in a container has the runtime's fourteen capabilities, not all", "add the ones that the program needs with cap_add", to)
}

// tmpfsOwner opens directories in memory to the program. Directories of volumes are made by the image (see image.go), which gives them their owner.
func (o one) tmpfsOwner() {
	for i := range o.w.Mounts {
		m := &o.w.Mounts[i]
		if !m.Kind.Is(deploy.MountTmpfs) {
			continue
		}
		if mode, ok := m.Mode.Get(); ok && mode != 0o1777 {
			m.Mode = deploy.Some(deploy.Mode(0o1777))
			o.l.Approximate(o.from.Join("mounts", m.Path, "mode"), "compose cannot give a directory in memory to a user, so that everybody in the container may write it", "nothing to do, unless the container runs programs of several users", o.to.Join("mounts", m.Path, "mode"))
		}
	}
}
