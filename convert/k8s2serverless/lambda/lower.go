// Package lambda moves the workloads that answer HTTP requests, and those that run by a schedule, from Kubernetes to Lambda functions: a template of the AWS Serverless Application Model (SAM,
// AWS::Serverless-2016-10-31) with a Dockerfile for each function, which puts the Lambda Web Adapter or a small runtime before the program of the image. What does not fit stays on Kubernetes.
package lambda

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Target is the step to Lambda.
var Target = convert.Target{
	Name:  "lambda",
	Doc:   "a SAM template with Lambda functions of container images; what does not fit stays on Kubernetes",
	Lower: Lower,
	Write: Write,
	Drops: drops,
}

// step is one run of Lower.
type step struct {
	*pod.Step
	src    deploy.App
	fits   map[string]bool
	routes map[string][]deploy.Route // function → its routes in their lowered form
	static bool                      // routes are not looked at yet
	params map[string]string         // name and text of a value that is supplied from outside → its parameter
}

// Lower changes a model of Kubernetes workloads to one in which those that fit are Lambda functions. A workload or claim that stays on Kubernetes keeps its name alone.
func Lower(src deploy.App) (deploy.App, ledger.Lowering, []convert.Notice) {
	s := &step{Step: pod.NewStep(src), src: src, fits: map[string]bool{}, params: map[string]string{}}
	s.plan()
	stay.SystemName(s.Step, slices.Contains(slices.Collect(maps.Values(s.fits)), true), "the tag system of all functions")
	own := pod.OwnClaims(s.App)
	moving := s.volumes()
	s.collect()
	for i := range s.App.Workloads {
		o := s.Workload(i)
		switch {
		case !s.fits[o.W.Name]:
			stay.Workload(o, s.blockers(s.src.Workloads[i]))
		case o.W.Kind.Is(deploy.Cron):
			s.lowerJob(o)
		default:
			s.lowerService(o)
		}
	}
	stay.Volumes(s.Step, own, func(name string) bool { return moving[name] })
	s.lowerRoutes()
	s.secretNotice()
	convert.Apply(drops, &s.App, &s.L, s.Source)
	deploy.Sort(&s.App)
	return s.App, s.L, s.Notices
}

// secretNotice tells which secrets must be there before the stack is deployed.
func (s *step) secretNotice() {
	keys := map[string][]string{}
	at := deploy.Path("")
	for _, w := range s.App.Workloads {
		for _, e := range w.Env {
			if object, key, ok := strings.Cut(e.Value.Param(), "/"); ok && e.Value.IsSecret() && !slices.Contains(keys[object], key) {
				keys[object] = append(keys[object], key)
				if at == "" {
					at = s.Source(deploy.At("workloads", w.Name, "env", e.Name, "value"))
				}
			}
		}
	}
	for _, object := range slices.Sorted(maps.Keys(keys)) {
		slices.Sort(keys[object])
		s.Notice(ledger.Info, at, "the secret "+object+" of Secrets Manager must be there before the stack is deployed, with the keys "+strings.Join(keys[object], ", ")+": CloudFormation puts its values into the functions, where those read them who may see the functions' configuration",
			"create it as lift-runbook.md says, and deploy again when it changes")
	}
}

// plan decides who becomes a function. Who stays cannot share a volume with a function, so that it is decided again until nothing changes.
func (s *step) plan() {
	for _, w := range s.src.Workloads {
		s.fits[w.Name] = true
	}
	s.static = true
	var first []string
	for _, w := range s.src.Workloads {
		if len(s.blockers(w)) > 0 {
			first = append(first, w.Name)
		}
	}
	for _, name := range first {
		s.fits[name] = false
	}
	s.static = false
	for changed := true; changed; {
		changed = false
		s.planRoutes()
		for _, w := range s.src.Workloads {
			if s.fits[w.Name] && len(s.blockers(w)) > 0 {
				s.fits[w.Name], changed = false, true
			}
		}
	}
}

// lowerService brings a workload that answers requests into the form of a function with the Lambda Web Adapter.
func (s *step) lowerService(o pod.Workload) {
	w := o.W
	pod.Default(o, &w.Kind, deploy.Service, "it answers requests", "kind")
	pod.Default(o, &w.Autostart, true, "a function is there as soon as it is deployed", "autostart")
	pod.Default(o, &w.Restart.Policy, deploy.RestartAlways, "Lambda starts the program anew when it has ended", "restart", "policy")
	pod.Approximate(o, &w.Restart.Policy, deploy.RestartAlways, "Lambda starts the program anew after every end", "leave it on Kubernetes as a Job if it is meant to end", "restart", "policy")
	pod.Drop(o, &w.Restart.Attempts, "Lambda never gives up: each request may start the program", "alarm on the metric Errors of the function", "restart", "attempts")
	pod.Drop(o, &w.Start.Run, fmt.Sprintf("a request takes %d s at most, and an environment lives as long as Lambda likes", request), "let the program end by itself after that time; it is started again", "start", "run")
	if w.Schedule != (deploy.Schedule{}) {
		w.Schedule = deploy.Schedule{}
		o.L.Drop(o.From.Join("schedule"), "requests start it, not a schedule", "add an event ScheduleV2 to the function that asks a path of its own")
	}
	pod.LowerWords(o)
	port := &w.Ports[0]
	pod.Default(o, &port.Protocol, "http", "its HTTP probe asks this port", "ports", port.Number, "protocol")
	s.lowerEnv(o)
	lowerReadiness(o)
	s.lowerMounts(o)
	lowerMemory(o)
	lowerArch(o)
	if n, ok := w.Scale.Replicas.Get(); ok && n <= 1 {
		o.Notice(ledger.Warning, w.Name+" was one process; Lambda starts as many copies as there are requests at a time, and freezes each after its answer: what it keeps in memory (sessions, counters, caches) is not shared, and what it does between requests stands still",
			"keep such things in a database; reserve the concurrency (ReservedConcurrentExecutions) if it must be one", "scale", "replicas")
	}
}

// lowerJob brings a workload that runs by a schedule into the form of a function with a runtime that runs the program once for each event.
func (s *step) lowerJob(o pod.Workload) {
	w := o.W
	pod.Default(o, &w.Autostart, true, "its schedule is on as soon as it is deployed", "autostart")
	if len(w.Ports) > 0 {
		w.Ports = nil
		o.L.Drop(o.From.Join("ports"), "nobody reaches a function but by its schedule", "leave it on Kubernetes if others call it while it runs")
	}
	if deploy.Has(o.App, o.To.Join("probes")) {
		w.Probes = deploy.Probes{}
		o.L.Drop(o.From.Join("probes"), "Lambda asks nobody how it goes: the end of the program says it", "let the program end with a failure when it cannot go on")
	}
	lowerRetries(o)
	const run = "the span after which Lambda ends a run, 15 minutes at most"
	limit := func() time.Duration { n, _ := w.Start.Run.Or(deploy.Bound(maxRun)).Get(); return n }
	pod.Default(o, &w.Start.Run, deploy.Bound(maxRun), run, "start", "run")
	if w.Start.Run.String() == "unlimited" {
		o.Notice(ledger.Warning, w.Name+" may run without bound today, and Lambda ends a run after 15 minutes", "see how long it runs today; leave it on Kubernetes if it may take longer", "start", "run")
		pod.Approximate(o, &w.Start.Run, deploy.Bound(maxRun), run, "leave it on Kubernetes if a run may take longer", "start", "run")
	}
	pod.Approximate(o, &w.Start.Run, deploy.Bound(max(pod.Seconds(limit()), time.Second)), "Lambda counts in whole seconds", "nothing to do, unless part of a second matters", "start", "run")
	s.lowerMounts(o)
	pod.LowerWords(o, func(c *deploy.Command) string { return moveWords(o, c) })
	s.lowerEnv(o)
	lowerMemory(o)
	lowerArch(o)
	lowerSchedule(o)
}

// moveWords leads the arguments to where the volumes are.
func moveWords(o pod.Workload, c *deploy.Command) string {
	reason := ""
	words, ok := c.Argv.Literals()
	if !ok {
		return ""
	}
	for i := range words {
		for _, m := range o.W.Mounts {
			if now := relocate(words[i], was(o, m), m.Path); now != words[i] {
				words[i], reason = now, "a function has its file systems below /mnt"
			}
		}
	}
	if reason != "" {
		c.Argv = deploy.Args(words...)
	}
	return reason
}

// lowerRetries settles how often a run that failed is tried again: Lambda does it twice when nothing is said.
func lowerRetries(o pod.Workload) {
	r := &o.W.Restart
	pod.Default(o, &r.Policy, deploy.RestartNo, "nothing says that a run is tried again", "restart", "policy")
	pod.Approximate(o, &r.Policy, map[bool]deploy.RestartPolicy{true: deploy.RestartOnFailure, false: r.Policy.Or("")}[r.Policy.Is(deploy.RestartAlways)], "Lambda tries a run again that failed, and no other", "leave it on Kubernetes if it must run again after it has succeeded", "restart", "policy")
	at := []string{"restart", "attempts"}
	if !r.Policy.Is(deploy.RestartOnFailure) {
		pod.Idle(o, &r.Attempts, "a run is not tried again", at...)
		return
	}
	pod.Default(o, &r.Attempts, deploy.Bound(maxRetries), "Lambda's own default", at...)
	n, bounded := r.Attempts.Or(deploy.Bound(maxRetries)).Get()
	if !bounded || n > maxRetries || n < 1 {
		n = min(max(n, 1), maxRetries)
		if !bounded {
			n = maxRetries
		}
		pod.Approximate(o, &r.Attempts, deploy.Bound(n), "Lambda tries a run again twice at most", "send what failed to a queue (OnFailure), and look at it", at...)
	}
}

// lowerReadiness leaves the one way in which the adapter asks whether the program takes requests.
func lowerReadiness(o pod.Workload) {
	p := &o.W.Probes
	r := &p.Readiness
	port := portOf(*o.W)
	if !r.Path.IsSet() {
		for _, other := range []struct {
			name  string
			probe deploy.Probe
		}{{"startup", p.Startup}, {"liveness", p.Liveness}} {
			if path, ok := other.probe.Path.Get(); ok && other.probe.Port.Or(port) == port {
				r.Path = deploy.Some(path)
				o.L.Convert(o.From.Join("probes", other.name, "path"), "the adapter asks before the first request", o.To.Join("probes", "readiness", "path"))
				clearProbe(o, other.name)
				break
			}
		}
	}
	pod.Default(o, &r.Port, port, "the port that answers requests", "probes", "readiness", "port")
	if path := r.Path.Or("/"); !strings.HasPrefix(path, "/") {
		pod.Convert(o, &r.Path, "/"+path, "a path begins with a slash", "probes", "readiness", "path")
	}
}

// clearProbe takes away the path of a probe that was turned into another one: the table of drops speaks of the rest.
func clearProbe(o pod.Workload, name string) {
	if name == "startup" {
		o.W.Probes.Startup.Path = deploy.Opt[string]{}
	} else {
		o.W.Probes.Liveness.Path = deploy.Opt[string]{}
	}
}

// portOf returns the one port of a workload that fits: HTTPPort has made sure that it is a number.
func portOf(w deploy.Workload) int64 {
	number, _, _ := pod.PortNumber(w.Ports[0].Number)
	return int64(number)
}

// lowerMemory settles the one amount that a function has: what it may use is reserved, and its share of processors follows from it.
func lowerMemory(o pod.Workload) {
	m := &o.W.Resources.Memory
	at := []string{"resources", "memory", "limit"}
	if m.Limit.String() == "unlimited" {
		pod.Approximate(o, &m.Limit, deploy.Bound(mib(max(m.Request.Or(0), 512<<20), minMemory, maxMemory)), "a function has a fixed amount of memory, 10240 MiB at most", "set it in lift.yaml to what the program needs", at...)
	}
	pod.Default(o, &m.Limit, deploy.Bound(mib(max(m.Request.Or(0), 512<<20), minMemory, maxMemory)), "a function has a fixed amount of memory, and its share of processors follows from it", at...)
	n, _ := m.Limit.Or(deploy.Bound(deploy.Bytes(0))).Get()
	pod.Approximate(o, &m.Limit, deploy.Bound(mib(n, minMemory, maxMemory)), "Lambda gives 128 to 10240 MiB, in whole MiB", "keep a program that needs more on Kubernetes", at...)
	n, _ = m.Limit.Or(deploy.Bound(deploy.Bytes(0))).Get()
	if limit, ok := o.W.Resources.CPU.Limit.Get(); ok {
		if cpus, bounded := limit.Get(); bounded {
			have := int64(n) * 1000 / perCPU
			want := int64(cpus) / 1_000_000
			if have < want {
				o.Notice(ledger.Warning, fmt.Sprintf("%s may use %dm of a CPU today; with %d MiB a function has %dm: CPU follows memory", o.W.Name, want, n>>20, have),
					fmt.Sprintf("set workloads.%s.resources.memory.limit to %dMi in lift.yaml if it needs it", o.W.Name, min(want*perCPU/1000/(1<<20)+1, maxMemory>>20)), "resources", "cpu", "limit")
			}
		}
	}
}

func lowerArch(o pod.Workload) {
	pod.Default(o, &o.W.Placement.Arch, "amd64", "Lambda's own default; the image must be built for it", "placement", "arch")
	if a := o.W.Placement.Arch.Or(""); a != "amd64" && a != "arm64" {
		pod.Approximate(o, &o.W.Placement.Arch, "amd64", "Lambda knows amd64 and arm64", "build the image for one of them", "placement", "arch")
	}
}

// drops is what a function never holds. What depends on the rest of the workload is settled beside the place that it belongs to.
var drops = func() []convert.Drop {
	out := []convert.Drop{
		{Path: "tree", Outcome: ledger.Inert, Reason: "the images are built by then: nothing is built from the tree"},
		{Path: "place", Outcome: ledger.Inert, Reason: "the images are built by then: nothing is built from the tree"},
		{Path: "gateway", Outcome: ledger.Inert, Reason: "an HTTP API is the way in"},
		{Path: "ingress", Outcome: ledger.Inert, Reason: "an HTTP API is the way in"},
		{Path: "volumes.*.size", Outcome: ledger.Inert, Reason: "a file system of EFS grows with what is in it"},
		{Path: "volumes.*.access", Outcome: ledger.Inert, Reason: "a file system of EFS may always be shared"},
		{Path: "volumes.*.origin", Outcome: ledger.Inert, Reason: "where the data comes from is no setting: it is copied once"},
	}
	add := func(outcome ledger.Outcome, reason, remedy string, places ...string) {
		for _, p := range places {
			out = append(out, convert.Drop{Path: "workloads.*." + p, Outcome: outcome, Reason: reason, Remedy: remedy})
		}
	}
	add(ledger.Inert, "the image is built by then: the function's image is based on it", "", "source", "build")
	add(ledger.Dropped, "Lambda runs the program as a user of its own, who is never root", "let the program need no rights of a user; files of its image must be readable for all", "user.name", "user.id", "user.group", "user.groupID", "user.groups")
	add(ledger.Inert, "an access point of EFS says whose its files are", "", "user.volumes")
	add(ledger.Dropped, "a function has no umask of its own: new files get 0022 or what the image sets", "set the umask in the program or in a script before it", "umask")
	add(ledger.Dropped, "Lambda ends the program's environment without a stop signal that it would wait for", "finish what matters before the answer is given", "stop.signal", "stop.grace", "stop.scope")
	add(ledger.Dropped, "Lambda decides when to start the program anew", "nothing to do, unless the program counts on a quick restart", "restart.delay", "restart.window")
	add(ledger.Dropped, "the program has 10 s to start before the first request pays for it", "start quickly, or keep environments warm (provisioned concurrency)", "start.timeout")
	add(ledger.Inert, "the adapter asks the program from inside of its environment", "", "ports.*.name", "ports.*.address", "ports.*.reachable", "probes.readiness.client")
	add(ledger.Dropped, "an HTTP API has a name of its own: no port of a machine leads to it", "give the clients the API's address, or a domain that leads to it", "ports.*.published")
	add(ledger.Inert, "the adapter asks every 10 ms until the program answers", "", "probes.readiness.interval", "probes.readiness.timeout", "probes.readiness.delay", "probes.readiness.failures", "probes.startup")
	add(ledger.Dropped, "the adapter asks by HTTP or TCP alone", "let a path tell how it goes to the program", "probes.readiness.command")
	add(ledger.Dropped, "Lambda does not ask a program how it goes: it ends one that does not answer in time", "end the program when it cannot go on", "probes.liveness")
	add(ledger.Dropped, "CPU follows memory: a function has one processor at 1769 MiB", "raise the memory until the program is quick enough", "resources.cpu.request", "resources.cpu.limit", "resources.cpu.weight")
	add(ledger.Inert, "what a function may use is reserved", "", "resources.memory.request")
	add(ledger.Dropped, "a function has no swap", "raise the memory if the program needs it", "resources.memory.swap")
	add(ledger.Dropped, "an environment of Lambda has 1024 processes and threads", "bound them in the program", "resources.pids")
	add(ledger.Dropped, "an environment of Lambda has 1024 open files", "open fewer", "resources.files.soft", "resources.files.hard")
	add(ledger.Dropped, "Lambda starts as many environments as there are requests at a time", "bound them with ReservedConcurrentExecutions if a database behind it takes fewer connections", "scale.replicas", "scale.min", "scale.max")
	add(ledger.Inert, "EventBridge Scheduler is never down: no run is missed", "", "schedule.catchUp")
	add(ledger.Dropped, "functions start in any order, and again at each request that finds none", "let the program try again until the other one answers", "needs.*")
	add(ledger.Inert, "an environment of Lambda is a machine of its own, in which the program has no rights", "", "security.noNewPrivileges", "security.privileged", "security.capabilities", "security.seccomp")
	add(ledger.Inert, "all but /tmp is read-only", "", "security.readOnlyRoot")
	add(ledger.Dropped, "the lines are filed under the function's name", "search the log group of the function", "logging.tag")
	add(ledger.Inert, "all users of an environment are one", "", "mounts.*.mode")
	return out
}()

// isExternal reports whether a published port is offered to others than the machine itself.
func isExternal(published string) bool {
	return published != "" && !strings.HasPrefix(published, "127.") && !strings.HasPrefix(published, "localhost:") && !strings.HasPrefix(published, "[::1]:")
}

// peersIn lists the other workloads that a text names as hosts.
func (s *step) peersIn(text, self string) []string {
	var out []string
	for _, w := range s.src.Workloads {
		if w.Name != self && pod.Mentions(text, w.Name) && !slices.Contains(out, w.Name) {
			out = append(out, w.Name)
		}
	}
	return out
}
