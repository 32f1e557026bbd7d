//go:build linux

package processes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/witness"
)

func stateOf(t *testing.T, r run.Running, workload string) run.State {
	t.Helper()
	st, err := r.State(t.Context(), workload)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// until waits for something.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for range 1000 {
		if f() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("it does not come to this:", what)
}

// shell is a workload that runs a script.
func shell(name, script string) deploy.Workload {
	w := helped(name)
	w.Source = deploy.Source{}
	w.Command = deploy.Command{Argv: deploy.Args(script), Shell: deploy.Some("/bin/sh")}
	return w
}

// Under systemd SIGPIPE is ignored, elsewhere it is not.
func TestPipe(t *testing.T) {
	require(t)
	script := "while read -r l; do case $l in SigIgn*) echo \"$l\";; esac; done </proc/self/status; sleep 60"
	a, b := shell("a", script), shell("b", script)
	b.User = deploy.User{}
	r := started(t, system(t, a, b))
	if got := log(t, r, "a", "\n"); !strings.Contains(got, "0000000000001000") {
		t.Errorf("under systemd: %s", got)
	}
	if got := log(t, r, "b", "\n"); !strings.Contains(got, "0000000000000000") {
		t.Errorf("elsewhere: %s", got)
	}
}

func TestRestart(t *testing.T) {
	require(t)
	always := shell("always", "echo begun; sleep 2; exit 0")
	always.Restart = deploy.Restart{Policy: deploy.Some(deploy.RestartAlways)}
	failure := shell("failure", "echo begun; sleep 2; exit 3")
	failure.Restart = deploy.Restart{Policy: deploy.Some(deploy.RestartOnFailure), Delay: deploy.Some(50 * time.Millisecond), Attempts: deploy.Some(deploy.Bound(int64(2)))}
	clean := shell("clean", "echo begun; sleep 2; kill -TERM $$; sleep 10")
	clean.Restart = failure.Restart
	never := shell("never", "echo begun; sleep 2; exit 3")
	r := started(t, system(t, always, failure, clean, never))
	until(t, "restarted three times", func() bool { return stateOf(t, r, "always").Restarts >= 3 })
	until(t, "given up", func() bool { return stateOf(t, r, "failure") == run.State{Restarts: 1} }) // systemd counts starts
	until(t, "ended", func() bool { return stateOf(t, r, "clean").Running == 0 && stateOf(t, r, "never").Running == 0 })
	if st := stateOf(t, r, "clean"); st.Restarts != 0 {
		t.Errorf("under systemd a program that SIGTERM ends has not failed: %+v", st)
	}
	if st := stateOf(t, r, "never"); st.Restarts != 0 {
		t.Errorf("it was restarted: %+v", st)
	}
	if n := strings.Count(log(t, r, "failure", "begun"), "begun"); n != 2 {
		t.Errorf("its log tells of %d lives", n)
	}
	if err := r.Begin(t.Context(), "failure"); err != nil {
		t.Error("it cannot be started again:", err)
	}
}

func TestStop(t *testing.T) {
	require(t)
	polite := helped("polite", "look")
	group := helped("group", "stubborn")
	mixed := helped("mixed", "stubborn")
	mixed.Stop.Scope = deploy.Some(deploy.StopMixed)
	leaver := helped("leaver", "stubborn", "leaves")
	leaver.Stop.Scope = deploy.Some(deploy.StopMixed)
	leaver.Stop.Grace = deploy.Some(deploy.Bound(time.Minute))
	first := helped("main", "stubborn", "leaves")
	first.Stop.Scope = deploy.Some(deploy.StopMain)
	before := helped("before", "look")
	before.Stop.Signal = deploy.Some("SIGINT")
	before.Stopping = []deploy.Task{{Command: deploy.Command{Argv: deploy.Args("/bin/sh", "-c", `echo "stops $MAINPID"`)}}}
	again := helped("again", "look")
	again.Restart.Policy = deploy.Some(deploy.RestartAlways)
	r := started(t, system(t, polite, group, mixed, leaver, first, before, again))
	for _, w := range []string{"polite", "before", "again"} {
		log(t, r, w, "}\n")
	}
	for _, w := range []string{"group", "mixed", "leaver", "main"} {
		log(t, r, w, "child runs")
	}
	stop := func(w string) run.Ended {
		t.Helper()
		e, err := r.Stop(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	within := func(w string, e run.Ended, least, most time.Duration) {
		t.Helper()
		if e.Took < least || e.Took > most {
			t.Errorf("%s took %s to stop", w, e.Took)
		}
	}
	e := stop("polite")
	within("polite", e, 0, 990*time.Millisecond)
	if e.Code != 0 || e.Killed || !strings.Contains(string(e.Log), "ends at SIGTERM") {
		t.Errorf("%+v\n%s", e, e.Log)
	}
	e = stop("group")
	within("group", e, time.Second, 4*time.Second)
	if e.Code != -1 || !e.Killed || !strings.Contains(string(e.Log), "stubborn heard SIGTERM") || !strings.Contains(string(e.Log), "child heard SIGTERM") {
		t.Errorf("%+v\n%s", e, e.Log)
	}
	e = stop("mixed")
	within("mixed", e, time.Second, 4*time.Second)
	if !e.Killed || !strings.Contains(string(e.Log), "stubborn heard SIGTERM") || strings.Contains(string(e.Log), "child heard") {
		t.Errorf("%+v\n%s", e, e.Log)
	}
	e = stop("leaver")
	within("leaver", e, 0, 20*time.Second)
	if e.Killed || e.Code != 0 || strings.Contains(string(e.Log), "child heard") {
		t.Errorf("%+v\n%s", e, e.Log)
	}
	e = stop("main")
	within("main", e, 0, 990*time.Millisecond)
	if e.Killed || e.Code != 0 {
		t.Errorf("%+v\n%s", e, e.Log)
	}
	e = stop("before")
	if log := string(e.Log); !strings.Contains(log, "stops ") || !strings.Contains(log, "ends at SIGINT") || strings.Index(log, "stops ") > strings.Index(log, "ends at") || strings.Contains(log, "stops \n") {
		t.Errorf("%+v\n%s", e, e.Log)
	}
	if e = stop("again"); e.Code != 0 || stateOf(t, r, "again") != (run.State{}) {
		t.Errorf("%+v: %+v", e, stateOf(t, r, "again"))
	}
	if e, err := r.Stop(t.Context(), "again"); err != nil || e.Code != 0 {
		t.Errorf("stopped twice: %+v %v", e, err)
	}
	if err := r.Begin(t.Context(), "again"); err != nil || stateOf(t, r, "again") != (run.State{Running: 1, Ready: 1}) {
		t.Errorf("%v: %+v", err, stateOf(t, r, "again"))
	}
	// of "main" alone a process is left
	left := 0
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, p := range procs {
		cmd, _ := os.ReadFile(p)
		if strings.HasSuffix(string(cmd), "helper\x00child\x00") {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d processes of the helpers are left", left)
	}
}

// What follows a workload is stopped and started with it.
func TestFollow(t *testing.T) {
	require(t)
	a, b := helped("a", "look"), helped("b", "look")
	b.Needs = []deploy.Need{{Workload: "a", Condition: deploy.Some(deploy.Started), Required: deploy.Some(true), Follow: deploy.Some(true)}}
	a.Restart.Policy = deploy.Some(deploy.RestartAlways)
	r := started(t, system(t, a, b))
	log(t, r, "b", "}\n")
	if _, err := r.Stop(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if st := stateOf(t, r, "b"); st.Running != 0 {
		t.Errorf("%+v", st)
	}
	if err := r.Begin(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if st := stateOf(t, r, "b"); st.Running != 1 {
		t.Errorf("%+v", st)
	}
	r.(*sideOf).signal(t, "a") // it ends by itself, and is started anew
	until(t, "b was started three times", func() bool {
		b, _ := r.Logs(t.Context(), "b")
		return strings.Count(string(b), `"Args"`) == 3
	})
}

// Without control groups the processes of a workload are told apart by their mounts.
func TestWithoutGroups(t *testing.T) {
	require(t)
	w := helped("web", "stubborn")
	s := system(t, w)
	r, err := startIn(t.Context(), s, groups{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		leavesNothing(t, s.Nonce)
	}()
	log(t, r, "web", "child runs")
	e, err := r.Stop(t.Context(), "web")
	if err != nil || !e.Killed || e.Took > 2*time.Second || !strings.Contains(string(e.Log), "child heard SIGTERM") {
		t.Errorf("%+v %v\n%s", e, err, e.Log)
	}
}

// Jobs that others wait for are run, other ones on request; what runs before and after a start does so, as whom it is to.
func TestTasksAndJobs(t *testing.T) {
	require(t)
	job := shell("job", "echo one >/var/lib/shared/order")
	job.Kind = deploy.Some(deploy.Job)
	cron := shell("cron", "echo cron runs; exit 4")
	cron.Kind = deploy.Some(deploy.Cron)
	long := shell("long", "sleep 60")
	long.Kind = deploy.Some(deploy.Job)
	long.Start.Run = deploy.Some(deploy.Bound(300 * time.Millisecond))
	volume := []deploy.Mount{{Path: "/var/lib/shared", Kind: deploy.Some(deploy.MountVolume), Volume: deploy.Some(deploy.Ref("volumes.shared"))}}
	job.Mounts = volume
	web := shell("web", "read -r w </var/lib/shared/order; echo \"job wrote $w\"; cat /tmp/before; ls -l /tmp; sleep 60")
	web.Mounts = append(volume, deploy.Mount{Path: "/tmp", Kind: deploy.Some(deploy.MountTmpfs)})
	web.Needs = []deploy.Need{{Workload: "job", Condition: deploy.Some(deploy.Completed), Required: deploy.Some(true)}}
	task := func(script string, privileged, mayFail bool) deploy.Task {
		return deploy.Task{Command: deploy.Command{Argv: deploy.Args(script), Shell: deploy.Some("/bin/sh")}, Privileged: deploy.Some(privileged), MayFail: deploy.Some(mayFail)}
	}
	web.Before = []deploy.Task{task("echo before >/tmp/before", false, false), task("echo root >/tmp/root", true, false), task("exit 1", false, true)}
	web.Started = []deploy.Task{task("echo after $MAINPID", false, false)}
	web.Restart.Policy = deploy.Some(deploy.RestartAlways)
	idle := shell("idle", "sleep 60")
	idle.Autostart = deploy.Some(false)
	r := started(t, system(t, job, cron, long, web, idle))
	text := log(t, r, "web", " root")
	for _, want := range []string{"job wrote one", "before\n", "helper helper", "root   root"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	log(t, r, "web", "after ")
	if st := stateOf(t, r, "idle"); st.Running != 0 {
		t.Errorf("what does not start with the system: %+v", st)
	}
	e, err := r.Run(t.Context(), "cron")
	if err != nil || e.Code != 4 || string(e.Log) != "cron runs\n" {
		t.Errorf("%+v %s %v", e, e.Log, err)
	}
	if e, err = r.Run(t.Context(), "long"); err != nil || e.Code != -1 || e.Killed || e.Took > 2*time.Second {
		t.Errorf("%+v %v", e, err)
	}
	if err := r.Begin(t.Context(), "idle"); err != nil {
		t.Error(err)
	}
	// storage is what it was, memory is empty
	if _, err := r.Stop(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	if err := r.Begin(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	until(t, "two lives", func() bool { b, _ := r.Logs(t.Context(), "web"); return strings.Count(string(b), "job wrote one") == 2 })
}

// Ports that the machine has taken are free, and nothing of a side is reachable from the machine.
// Sockets are handed over, and a program that ends comes back with the next call.
// signal ends a workload's helper from outside.
// What cannot be started is told clearly, and leaves nothing.
// A run that is broken off leaves nothing.
// A build that is broken off ends with all that it has started.
// When lift is killed, every process goes with it; the next run sweeps the rest away.
// Replicas of a Procfile's process have ports of their own; where nothing tells them, one is started.
// Limits are those of a control group.
func TestLimits(t *testing.T) {
	require(t)
	w := shell("web", `for f in memory.limit_in_bytes memory.max cpu.cfs_quota_us cpu.max pids.max; do
		for l in $(sed 's/^[0-9]*:\([^:]*\):/\1=/' /proc/self/cgroup); do
			[ -r "/sys/fs/cgroup/${l%%=*}${l#*=}/$f" ] && echo "$f $(cat "/sys/fs/cgroup/${l%%=*}${l#*=}/$f")"
		done
	done; sleep 60`)
	w.Resources = deploy.Resources{
		Memory: deploy.Memory{Limit: deploy.Some(deploy.Bound(deploy.Bytes(64 << 20))), Swap: deploy.Some(deploy.Bound(deploy.Bytes(0)))},
		CPU:    deploy.CPU{Limit: deploy.Some(deploy.Bound(deploy.NanoCPU(250_000_000))), Weight: deploy.Some(int64(200))},
		Pids:   deploy.Some(deploy.Bound(int64(16))),
	}
	s := system(t, w)
	for _, u := range (Runner{}).Cannot(t.Context(), s) {
		if strings.HasPrefix(u.Aspect, "cgroup.") && u.Aspect != "cgroup.swap" {
			t.Skip(u.Why)
		}
	}
	r := started(t, s)
	text := log(t, r, "web", "pids.max")
	for _, want := range []string{"67108864", "25000", "pids.max 16"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}

// In the witness's place nothing is mounted that the machine would not show.
func TestLight(t *testing.T) {
	require(t)
	w := helped("web", "look", "/opt/helper")
	s := system(t, w)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plan := witness.Plan{Nonce: s.Nonce, Workload: "web", Socket: "x"}
	s.Witness = &run.Witness{Binary: exe, Plans: map[string]witness.Plan{"web": plan}} // the helper takes the place: WITNESS -- ARGV
	r := started(t, s)
	got := looked(t, []byte(log(t, r, "web", "}\n")))
	if at := got.Mounts["/opt/helper"]; at != "" || got.Args[0] != ownWitness {
		t.Errorf("%q %q", at, got.Args)
	}
	if got.Writes["/opt/helper"] != "permission denied" {
		t.Errorf("%q", got.Writes)
	}
}
