package systemd

import (
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
)

// span reads a time span; infinity and fractions are kept exact.
func (u *unit) span(l line) (unitfile.Span, bool) {
	d, problem := unitfile.ParseSpan(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return d, false
	}
	return d, true
}

// bound turns a time span into a limit. systemd takes 0 for no limit as well (systemd.service(5), TimeoutStopSec=).
func bound(d unitfile.Span) deploy.Limit[time.Duration] {
	if d.Infinite || d.Duration == 0 {
		return deploy.Unlimited[time.Duration]()
	}
	return deploy.Bound(d.Duration)
}

func (u *unit) startWindow(l line) {
	if u.reset(l, "restart.window") {
		return
	}
	if d, ok := u.span(l); ok {
		if d.Duration == 0 {
			u.w.Restart.Attempts = deploy.Some(deploy.Unlimited[int64]())
			u.set(l, "restart.attempts")
			return
		}
		u.w.Restart.Window = deploy.Some(d.Duration)
		u.set(l, "restart.window")
	}
}

func (u *unit) startBurst(l line) {
	if u.reset(l, "restart.attempts") {
		return
	}
	n, problem := unitfile.ParseCount(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	u.w.Restart.Attempts = deploy.Some(deploy.Bound(int64(n)))
	u.set(l, "restart.attempts")
}

// serviceType says how the program starts. All but oneshot run until they are stopped.
func (u *unit) serviceType(l line) {
	kind := deploy.Service
	switch l.Value {
	case "":
		u.reset(l, "kind")
		return
	case "simple", "exec", "idle":
	case "oneshot":
		kind = deploy.Job
	case "notify", "notify-reload":
		u.w.Kind = deploy.Some(kind)
		u.nearly(l, "nothing receives the program's message that it is ready", "give it a readiness probe; sd_notify does nothing where NOTIFY_SOCKET is not set", "kind")
		return
	case "forking":
		u.w.Kind = deploy.Some(kind)
		u.nearly(l, "a program that goes to the background ends its container", "start it with its option for staying in the foreground", "kind")
		return
	case "dbus":
		u.w.Kind = deploy.Some(kind)
		u.nearly(l, "a container has no system bus to appear on", "keep a program that needs the machine's D-Bus on the machine", "kind")
		return
	default:
		u.bad(l, &unitfile.Problem{What: "unknown type", Remedy: "use simple, exec, oneshot, notify, forking, dbus or idle"})
		return
	}
	u.w.Kind = deploy.Some(kind)
	u.set(l, "kind")
}

func (u *unit) restart(l line) {
	if u.reset(l, "restart.policy") {
		return
	}
	policy, reason, remedy := deploy.RestartNo, "", ""
	switch l.Value {
	case "no":
	case "always":
		policy = deploy.RestartAlways
	case "on-failure":
		policy = deploy.RestartOnFailure
	case "on-abnormal", "on-abort", "on-watchdog":
		policy, reason, remedy = deploy.RestartOnFailure, "every failure starts it again, an exit status other than 0 included", "let the program exit with 0 where it must stay down"
	case "on-success":
		policy, reason, remedy = deploy.RestartAlways, "it starts again after failures too", "watch the restart count"
	default:
		u.bad(l, &unitfile.Problem{What: "unknown policy", Remedy: "use no, always, on-failure, on-success, on-abnormal, on-abort or on-watchdog"})
		return
	}
	u.w.Restart.Policy = deploy.Some(policy)
	if reason != "" {
		u.nearly(l, reason, remedy, "restart.policy")
		return
	}
	u.set(l, "restart.policy")
}

func (u *unit) restartSec(l line) {
	if u.reset(l, "restart.delay") {
		return
	}
	if d, ok := u.span(l); ok {
		if d.Infinite {
			u.Show(l.setting)
			u.Drop(l.setting, "a restart that never comes", "use Restart=no")
			return
		}
		u.w.Restart.Delay = deploy.Some(d.Duration)
		u.set(l, "restart.delay")
	}
}

// timeoutStart waits for finish: of a oneshot service it bounds the run, of the others the start.
func (u *unit) timeoutStart(l line) {
	if _, ok := u.span(l); !ok {
		return
	}
	if u.timeout != nil {
		u.Override(u.timeout.setting, "overridden by "+l.pos().String())
	}
	u.Show(l.setting)
	u.timeout = &l
}

func (u *unit) timeoutStop(l line) {
	if u.reset(l, "stop.grace") {
		return
	}
	if d, ok := u.span(l); ok {
		u.w.Stop.Grace = deploy.Some(bound(d))
		u.set(l, "stop.grace")
	}
}

func (u *unit) timeoutBoth(l line) {
	u.timeoutStop(l)
	if l.Value != "" {
		u.timeoutStart(l)
	}
}

func (u *unit) runtimeMax(l line) {
	if u.reset(l, "start.run") {
		return
	}
	if d, ok := u.span(l); ok {
		u.w.Start.Run = deploy.Some(bound(d))
		u.set(l, "start.run")
	}
}

func (u *unit) killSignal(l line) {
	if u.reset(l, "stop.signal") {
		return
	}
	s, problem := unitfile.ParseSignal(l.Value)
	if problem != nil {
		u.bad(l, problem)
		return
	}
	u.w.Stop.Signal = deploy.Some(s.Name)
	u.set(l, "stop.signal")
}

func (u *unit) killMode(l line) {
	if u.reset(l, "stop.scope") {
		return
	}
	scope := deploy.StopGroup
	switch l.Value {
	case "control-group":
	case "mixed":
		scope = deploy.StopMixed
	case "process", "none":
		scope = deploy.StopMain
	default:
		u.bad(l, &unitfile.Problem{What: "unknown kill mode", Remedy: "use control-group, mixed, process or none"})
		return
	}
	u.w.Stop.Scope = deploy.Some(scope)
	if l.Value == "none" {
		u.nearly(l, "the main process gets the stop signal: a container cannot be left running", "let the program ignore the stop signal if it must end by itself, and give it a longer stop timeout", "stop.scope")
		return
	}
	u.set(l, "stop.scope")
}
