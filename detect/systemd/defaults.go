package systemd

import (
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
)

// implied records a default of systemd and sets it.
func (u *unit) implied(spec, key, value string, set func(), fields ...string) {
	set()
	paths := make([]deploy.Path, len(fields))
	for i, f := range fields {
		paths[i] = u.at + "." + deploy.Path(f)
	}
	u.Convert(u.Implied(spec, key, value), paths...)
}

// finish settles what several directives say together, and what systemd does where the unit is silent.
func (u *unit) finish() {
	w := u.w
	if !w.Kind.IsSet() {
		kind, value := deploy.Service, "simple"
		u.implied(serviceSpec, "Type", value, func() { w.Kind = deploy.Some(kind) }, "kind")
	}
	u.scheduled()
	u.handed()
	u.settle()
	u.resolve()
	u.directoriesMade()
	u.writableMade()
	u.main()
	u.home()
	u.startTimeout()
	u.privileges()
	u.silent()
}

// home puts the user's home where the unit says ~.
func (u *unit) home() {
	if !u.w.Dir.Is("~") {
		return
	}
	for _, e := range u.w.Env {
		if text, ok := e.Value.Reveal(); ok && e.Name == "HOME" {
			u.w.Dir = deploy.Some(text)
			return
		}
	}
	u.w.Dir = deploy.Some("/")
}

// startTimeout settles TimeoutStartSec=: of a oneshot service it bounds the run, of the others the start.
func (u *unit) startTimeout() {
	once := u.w.Kind.Is(deploy.Job) || u.w.Kind.Is(deploy.Cron)
	switch {
	case u.timeout == nil:
		if !once && u.timing.loop == "" {
			u.implied(serviceSpec, "TimeoutStartSec", "90s", func() { u.w.Start.Timeout = deploy.Some(deploy.Bound(90 * time.Second)) }, "start.timeout")
		}
	case u.timing.loop != "":
		u.Drop(u.timeout.setting, "the loop lets each run take as long as it likes", "start the program under timeout(1)")
	case once && !u.oneshot():
		u.Inert(u.timeout.setting, "a program that is no oneshot has started at once")
	case once:
		d, _ := u.span(*u.timeout)
		if u.w.Start.Run.IsSet() {
			u.Override(u.timeout.setting, "RuntimeMaxSec= bounds the run as well")
			return
		}
		u.w.Start.Run = deploy.Some(bound(d))
		u.Convert(u.timeout.setting, u.at.Join("start", "run"))
	default:
		d, _ := u.span(*u.timeout)
		u.w.Start.Timeout = deploy.Some(bound(d))
		u.Convert(u.timeout.setting, u.at.Join("start", "timeout"))
	}
}

// privileges settles what depends on whether the program is root.
func (u *unit) privileges() {
	w := u.w
	root := w.User.ID.Is(0)
	if !w.Security.NoNewPrivileges.IsSet() {
		if u.sandboxed != nil && !root {
			u.implied(execSpec, "NoNewPrivileges", "yes", func() { w.Security.NoNewPrivileges = deploy.Some(true) }, "security.noNewPrivileges")
		} else {
			u.implied(execSpec, "NoNewPrivileges", "no", func() { w.Security.NoNewPrivileges = deploy.Some(false) }, "security.noNewPrivileges")
		}
	}
	if u.ambient != nil {
		names, inverted, _ := u.capabilityNames(*u.ambient)
		switch {
		case root || inverted || len(names) == 0:
			u.Inert(u.ambient.setting, "root has its capabilities anyway")
		case len(w.Security.Capabilities) == 0:
			w.Security.Capabilities = names
			u.nearly(*u.ambient, "a program that is not root gets a capability only from its own file: ports below 1024 are open to it in containers", "give the file the capability with setcap in the image", "security.capabilities")
		default:
			u.Inert(u.ambient.setting, "CapabilityBoundingSet= names what the container may have")
		}
	}
	if len(w.Security.Capabilities) == 0 {
		u.implied(execSpec, "CapabilityBoundingSet", "all", func() { w.Security.Capabilities = deploy.List{"all"} }, "security.capabilities")
	}
}

// silent sets the defaults of systemd 252 that other platforms do not share.
func (u *unit) silent() {
	w := u.w
	unset := func(o interface{ IsSet() bool }, spec, key, value string, set func(), fields ...string) {
		if !o.IsSet() {
			u.implied(spec, key, value, set, fields...)
		}
	}
	unset(w.Dir, execSpec, "WorkingDirectory", "/", func() { w.Dir = deploy.Some("/") }, "dir")
	unset(w.Umask, execSpec, "UMask", "0022", func() { w.Umask = deploy.Some(deploy.Mode(0o022)) }, "umask")
	if u.timing.loop != "" {
		unset(w.Restart.Policy, timerSpec, "the timer starts it again", "", func() { w.Restart.Policy = deploy.Some(deploy.RestartAlways) }, "restart.policy")
	}
	unset(w.Restart.Policy, serviceSpec, "Restart", "no", func() { w.Restart.Policy = deploy.Some(deploy.RestartNo) }, "restart.policy")
	if !w.Restart.Policy.Is(deploy.RestartNo) {
		unset(w.Restart.Delay, serviceSpec, "RestartSec", "100ms", func() { w.Restart.Delay = deploy.Some(100 * time.Millisecond) }, "restart.delay")
		unset(w.Restart.Attempts, unitSpec, "StartLimitBurst", "5", func() { w.Restart.Attempts = deploy.Some(deploy.Bound(int64(5))) }, "restart.attempts")
		if _, bounded := w.Restart.Attempts.Or(deploy.Limit[int64]{}).Get(); bounded {
			unset(w.Restart.Window, unitSpec, "StartLimitIntervalSec", "10s", func() { w.Restart.Window = deploy.Some(10 * time.Second) }, "restart.window")
		}
	}
	unset(w.Stop.Signal, killSpec, "KillSignal", "SIGTERM", func() { w.Stop.Signal = deploy.Some("SIGTERM") }, "stop.signal")
	unset(w.Stop.Grace, serviceSpec, "TimeoutStopSec", "90s", func() { w.Stop.Grace = deploy.Some(deploy.Bound(90 * time.Second)) }, "stop.grace")
	unset(w.Stop.Scope, killSpec, "KillMode", "control-group", func() { w.Stop.Scope = deploy.Some(deploy.StopGroup) }, "stop.scope")
	unset(w.Resources.Files.Soft, execSpec, "LimitNOFILE", "1024:524288", func() {
		w.Resources.Files = deploy.Files{Soft: deploy.Some(deploy.Bound(int64(1024))), Hard: deploy.Some(deploy.Bound(int64(524288)))}
	}, "resources.files.soft", "resources.files.hard")
	if w.Resources.Memory.Limit.IsSet() {
		unset(w.Resources.Memory.Swap, resourceSpec, "MemorySwapMax", "infinity", func() { w.Resources.Memory.Swap = deploy.Some(deploy.Unlimited[deploy.Bytes]()) }, "resources.memory.swap")
	}
	unset(w.Security.ReadOnlyRoot, execSpec, "ProtectSystem", "no", func() { w.Security.ReadOnlyRoot = deploy.Some(false) }, "security.readOnlyRoot")
	u.implied(execSpec, "privileged", "no", func() { w.Security.Privileged = deploy.Some(false) }, "security.privileged")
	if u.count > 1 {
		w.Scale.Replicas = deploy.Some(int64(u.count))
		if len(u.replicas) == 0 {
			u.replicas = []int{u.Implied(unitSpec, "instances", itoa(u.count))}
		}
		for _, s := range u.replicas {
			u.Part(s, u.at.Join("scale", "replicas"))
		}
	} else {
		u.implied(serviceSpec, "one process", "1", func() { w.Scale.Replicas = deploy.Some(int64(1)) }, "scale.replicas")
	}
	if w.Schedule.Cron.IsSet() {
		unset(w.Schedule.CatchUp, timerSpec, "Persistent", "false", func() { w.Schedule.CatchUp = deploy.Some(false) }, "schedule.catchUp")
		u.implied(timerSpec, "a unit runs once at a time", "", func() { w.Schedule.Overlap = deploy.Some(false) }, "schedule.overlap")
	}
	for i := range w.Mounts {
		m := &w.Mounts[i]
		unset(m.ReadOnly, execSpec, "ReadWritePaths", m.Path, func() { m.ReadOnly = deploy.Some(false) }, "mounts."+string(deploy.At(m.Path))+".readOnly")
	}
	for i := range w.Needs {
		n := &w.Needs[i]
		at := "needs." + string(deploy.At(n.Workload)) + "."
		unset(n.Condition, unitSpec, "After", "", func() { n.Condition = deploy.Some(deploy.Started) }, at+"condition")
		unset(n.Required, unitSpec, "Wants", "", func() { n.Required = deploy.Some(false) }, at+"required")
		required := n.Required.Or(false)
		unset(n.Follow, unitSpec, "Requires", "", func() { n.Follow = deploy.Some(required) }, at+"follow")
	}
	// what systemd gives every program of its own, and nothing above it does
	for _, gone := range []struct{ key, reason string }{
		{"PATH", "the image has a search path of its own"},
		{"LANG", "the machine's locale is not known here: an image speaks POSIX unless LANG is set"},
		{"INVOCATION_ID, JOURNAL_STREAM, SYSTEMD_EXEC_PID", "made anew at each start by systemd, for programs that talk to it"},
		{"IgnoreSIGPIPE=yes", "a container's program starts with SIGPIPE deadly; Node.js, Python and Go set their own handling"},
	} {
		u.Drop(u.Implied(execSpec, gone.key, ""), gone.reason, "")
	}
}

// absent lists what a minimal unit leaves open.
var absent = []detect.Absence{
	{Path: "workloads.*.image", Reason: "a process has no image"},
	{Path: "workloads.*.source", Reason: "the source tree says it, not the unit"},
	{Path: "workloads.*.build", Reason: "a process has no image"},
	{Path: "workloads.*.command.entrypoint", Reason: "the command is one line"},
	{Path: "workloads.*.command.shell", Reason: "systemd starts a program without a shell, unless ExecStart= names one"},
	{Path: "workloads.*.env", Reason: "systemd sets HOME, USER and LOGNAME with User= only; PATH, LANG and its own variables are accounted for as dropped defaults"},
	{Path: "workloads.*.user.groups", Reason: "none without SupplementaryGroups="},
	{Path: "gateway", Reason: "a unit does not say who calls it"},
	{Path: "ingress", Reason: "a unit does not say who calls it"},
	{Path: "routes", Reason: "a unit does not say who calls it"},
	{Path: "workloads.*.user.volumes", Reason: "directories belong to the user and group themselves"},
	{Path: "workloads.*.before", Reason: "nothing without ExecStartPre="},
	{Path: "workloads.*.started", Reason: "nothing without ExecStartPost="},
	{Path: "workloads.*.stopping", Reason: "nothing without ExecStop="},
	{Path: "workloads.*.ports", Reason: "a unit does not say where its program listens"},
	{Path: "workloads.*.probes", Reason: "systemd asks no program how it goes"},
	{Path: "workloads.*.files", Reason: "a program finds its files on the machine"},
	{Path: "workloads.*.mounts", Reason: "the file system is the machine's, unless directories are asked for"},
	{Path: "workloads.*.restart.delay", Reason: "nothing is restarted with Restart=no"},
	{Path: "workloads.*.restart.attempts", Reason: "nothing is restarted with Restart=no"},
	{Path: "workloads.*.restart.window", Reason: "nothing is restarted with Restart=no"},
	{Path: "workloads.*.start.run", Reason: "no bound without RuntimeMaxSec="},
	{Path: "workloads.*.resources.cpu", Reason: "no quota and the usual weight"},
	{Path: "workloads.*.resources.memory", Reason: "no bound without MemoryMax="},
	{Path: "workloads.*.resources.pids", Reason: "15 % of what the machine allows, which only the machine knows"},
	{Path: "workloads.*.scale.min", Reason: "systemd does not scale"},
	{Path: "workloads.*.scale.max", Reason: "systemd does not scale"},
	{Path: "workloads.*.schedule", Reason: "only a timer has one"},
	{Path: "workloads.*.needs", Reason: "none without After= and its like"},
	{Path: "workloads.*.placement", Reason: "wherever the unit is installed"},
	{Path: "workloads.*.security.seccomp", Reason: "no filter"},
	{Path: "workloads.*.logging", Reason: "lines are filed under the program's own name"},
}
