//go:build linux

package processes

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
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
	for range 250 {
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
	always := shell("always", "echo begun; sleep 0.6; exit 0")
	always.Restart = deploy.Restart{Policy: deploy.Some(deploy.RestartAlways)}
	failure := shell("failure", "echo begun; sleep 0.6; exit 3")
	failure.Restart = deploy.Restart{Policy: deploy.Some(deploy.RestartOnFailure), Delay: deploy.Some(50 * time.Millisecond), Attempts: deploy.Some(deploy.Bound(int64(2)))}
	clean := shell("clean", "echo begun; sleep 0.6; kill -TERM $$; sleep 10")
	clean.Restart = failure.Restart
	never := shell("never", "echo begun; sleep 0.6; exit 3")
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
	until(t, "b was stopped twice", func() bool {
		b, _ := r.Logs(t.Context(), "b")
		return strings.Count(string(b), "ends at SIGTERM") == 2 && stateOf(t, r, "b").Running == 1
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
func TestPorts(t *testing.T) {
	require(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, number, _ := net.SplitHostPort(l.Addr().String())
	port, _ := net.LookupPort("tcp", number)
	web := helped("web", "serve", "127.0.0.1:"+number)
	web.Ports = []deploy.Port{{Number: number + "/tcp", Address: deploy.Some("127.0.0.1")}}
	web.Probes.Readiness = deploy.Probe{Path: deploy.Some("/healthz"), Port: deploy.Some(int64(port))}
	far := helped("far", "serve", "10.11.12.13:8080")
	hidden := helped("hidden", "serve", "127.0.0.1:18082")
	far.Ports = []deploy.Port{{Number: "8080/tcp", Address: deploy.Some("10.11.12.13")}}
	proxy := helped("proxy", "serve", ":80")
	proxy.Ports = []deploy.Port{{Number: "80/tcp", Address: deploy.Some("0.0.0.0"), Published: deploy.Some("80")}}
	proxy.Security.Capabilities = deploy.List{"NET_BIND_SERVICE"}
	s := system(t, web, far, hidden, proxy)
	via := deploy.Some(deploy.Ref("workloads.proxy"))
	behind := deploy.Route{Match: "http://bookshop.example/", Workload: deploy.Some(deploy.Ref("workloads.web")), Port: deploy.Some(int64(port)), Via: via}
	s.App.Routes = []deploy.Route{{Match: "http://bookshop.example", Workload: via, Port: deploy.Some(int64(80))}, behind}
	r := started(t, s)
	ctx := t.Context()
	c, err := r.Dial(ctx, "web", port)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve 127.0.0.1:"+number+" answers /x") {
		t.Error(got)
	}
	c, err = r.Dial(ctx, "far", 8080)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve 10.11.12.13:8080 answers /x") {
		t.Error(got)
	}
	c, err = r.Door(ctx, behind)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve :80 answers /x") {
		t.Error(got)
	}
	c, err = r.Published(ctx, "proxy", 80)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve :80 answers /x") {
		t.Error(got)
	}
	if c, err := r.Dial(ctx, "web", 1); err == nil {
		c.Close()
		t.Error("something listens on port 1")
	}
	if c, err := net.DialTimeout("tcp", "127.0.0.1:18082", 100*time.Millisecond); err == nil {
		c.Close()
		t.Error("the side is reachable from the machine")
	}
	if st := stateOf(t, r, "web"); st != (run.State{Running: 1, Ready: 1}) {
		t.Errorf("%+v", st)
	}
}

// Sockets are handed over, and a program that ends comes back with the next call.
func TestSockets(t *testing.T) {
	require(t)
	w := helped("web", "handed")
	w.Source.Sockets = deploy.List{"stream 127.0.0.1:8085 http"}
	w.Ports = []deploy.Port{{Number: "8085/tcp", Address: deploy.Some("127.0.0.1")}}
	w.Probes.Readiness = deploy.Probe{Path: deploy.Some("/healthz"), Port: deploy.Some(int64(8085))}
	each := shell("each", "read -r l; echo \"you said $l\"; echo seen >&2")
	each.Source.Sockets, each.Source.Accept = deploy.List{"stream 0.0.0.0:8086 echo"}, deploy.Some("stdio")
	fd := shell("fd", `read -r l <&3; echo "$LISTEN_FDS $LISTEN_FDNAMES $l $((LISTEN_PID - $$))" >&3`)
	fd.Source.Sockets, fd.Source.Accept = deploy.List{"stream /run/echo/sock echo"}, deploy.Some("descriptor")
	call := shell("call", "sleep 60")
	r := started(t, system(t, w, each, fd, call))
	c, err := r.Dial(t.Context(), "web", 8085)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "handed answers /x") {
		t.Error(got)
	}
	for range 2 {
		c, err = r.Dial(t.Context(), "each", 8086)
		if got := say(t, c, err, "hello\n"); got != "you said hello\n" {
			t.Errorf("%q", got)
		}
	}
	log(t, r, "each", "seen\nseen\n")
	s := r.(*sideOf)
	c, err = s.dial(t.Context(), "unix", "/proc/"+itoa(s.child.pid)+"/root/run/echo/sock")
	if got := say(t, c, err, "hello\n"); got != "1 connection hello 0\n" {
		t.Errorf("%q", got)
	}
	if st := stateOf(t, r, "each"); st.Running != 1 || st.Ready != 1 {
		t.Errorf("%+v", st)
	}
	if e, err := r.Stop(t.Context(), "each"); err != nil || e.Took > time.Second {
		t.Errorf("%+v %v", e, err)
	}
	// ended by itself, and not restarted: the next call starts it
	s.signal(t, "web")
	log(t, r, "web", "ends at SIGTERM")
	c, err = r.Dial(t.Context(), "web", 8085)
	if got := fetch(t, c, err, "/y"); !strings.Contains(got, "handed answers /y") {
		t.Error(got)
	}
}

// signal ends a workload's helper from outside.
func (s *sideOf) signal(t *testing.T, workload string) {
	t.Helper()
	dir, err := filepath.Glob(cgroupRoot + "/*/" + s.groups.Name + "/*-" + workload + "/cgroup.procs")
	if err != nil || len(dir) == 0 {
		t.Skip("no control groups")
	}
	text, _ := os.ReadFile(dir[0])
	for _, pid := range strings.Fields(string(text)) {
		_ = exec.Command("kill", pid).Run()
	}
}

// What cannot be started is told clearly, and leaves nothing.
func TestRefused(t *testing.T) {
	require(t)
	exit := helped("web", "exit", "3")
	exit.Env = []deploy.Env{{Name: "TOKEN", Value: deploy.Secret("hunter2hunter2")}}
	loop := helped("web", "exit", "3")
	loop.Restart = deploy.Restart{Policy: deploy.Some(deploy.RestartAlways)}
	deaf := helped("web", "serve", "127.0.0.1:8081")
	deaf.Ports = []deploy.Port{{Number: "8080/tcp"}}
	deaf.Start.Timeout = deploy.Some(deploy.Bound(700 * time.Millisecond))
	missing := helped("web")
	missing.Command.Argv = deploy.Args("/opt/helper/gone")
	nginx := helped("web")
	nginx.Command.Argv = deploy.Args("redis-server", "--port", "1")
	param := helped("web", "look")
	param.Env = []deploy.Env{{Name: "TOKEN", Value: deploy.Param("web-token", true)}}
	host := helped("web", "look")
	host.Mounts = []deploy.Mount{{Path: "/etc/web", Kind: deploy.Some(deploy.MountHost), Host: deploy.Some("/etc/does-not-exist")}}
	same := helped("web", "look")
	same.Mounts = []deploy.Mount{{Path: "/etc/does-not-exist", Kind: deploy.Some(deploy.MountHost), Host: deploy.Some("/etc/does-not-exist")}}
	dir := helped("web", "look")
	dir.Dir = deploy.Some("/root")
	task := helped("web", "look")
	task.Before = []deploy.Task{{Command: deploy.Command{Argv: deploy.Args("/bin/sh", "-c", "echo no luck; exit 7")}}}
	ringA, ringB := helped("a", "look"), helped("b", "look")
	ringA.Needs = []deploy.Need{{Workload: "b", Required: deploy.Some(true)}}
	ringB.Needs = []deploy.Need{{Workload: "a", Required: deploy.Some(true)}}
	job := shell("job", "exit 5")
	job.Kind = deploy.Some(deploy.Job)
	needy := helped("web", "look")
	needy.Needs = []deploy.Need{{Workload: "job", Condition: deploy.Some(deploy.Completed), Required: deploy.Some(true)}}
	for name, c := range map[string]struct {
		w    []deploy.Workload
		want []string
		not  string
	}{
		"ends":      {[]deploy.Workload{exit}, []string{"web ended with status 3 before it was ready", "these are its last words: (secret)"}, "hunter2"},
		"loops":     {[]deploy.Workload{loop}, []string{"web ended with status 3 before it was ready, ", "these are its last words"}, ""},
		"deaf":      {[]deploy.Workload{deaf}, []string{"web is not ready after 700ms: nothing listens on 127.0.0.1:8080"}, ""},
		"missing":   {[]deploy.Workload{missing}, []string{"web cannot be started: /opt/helper/gone cannot be executed: no such file or directory"}, ""},
		"package":   {[]deploy.Workload{nginx}, []string{"web: redis-server is not on this machine", "install the package redis-server"}, ""},
		"parameter": {[]deploy.Workload{param}, []string{"web: nobody tells web-token; "}, ""},
		"same host": {[]deploy.Workload{same}, []string{"web: /etc/does-not-exist is not on this machine; "}, ""},
		"host":      {[]deploy.Workload{host}, []string{"web: /etc/does-not-exist is not on this machine; "}, ""},
		"directory": {[]deploy.Workload{dir}, []string{"web cannot be started: its working directory /root cannot be entered: permission denied"}, ""},
		"task":      {[]deploy.Workload{task}, []string{"web cannot be started: before the start: ended with status 7", "no luck"}, ""},
		"ring":      {[]deploy.Workload{ringA, ringB}, []string{"workloads wait for each other: a, b, a"}, ""},
		"job":       {[]deploy.Workload{job, needy}, []string{"job ended with status 5"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := refused(t, system(t, c.w...))
			for _, want := range c.want {
				if !strings.Contains(err, want) {
					t.Errorf("%q is missing in:\n%s", want, err)
				}
			}
			if c.not != "" && strings.Contains(err, c.not) {
				t.Errorf("%q is told:\n%s", c.not, err)
			}
		})
	}
}

// A run that is broken off leaves nothing.
func TestBrokenOff(t *testing.T) {
	require(t)
	w := helped("web", "look")
	w.Ports = []deploy.Port{{Number: "8080/tcp"}}
	s := system(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), 800*time.Millisecond)
	defer cancel()
	r, err := Runner{}.Start(ctx, s)
	if err == nil {
		r.Close()
		t.Fatal("it was started")
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	leavesNothing(t, s.Nonce)
}

// A build that is broken off ends with all that it has started.
func TestBuildBrokenOff(t *testing.T) {
	require(t)
	w := helped("web", "look")
	w.Source.Language, w.Source.Manager = deploy.Some("static"), deploy.Some("sh")
	w.Source.Install = deploy.Some("echo builds; sleep 4711 & sleep 4711")
	s := system(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	if r, err := (Runner{}).Start(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v %v", r, err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it takes %s to end", took)
	}
	leavesNothing(t, s.Nonce)
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, p := range procs {
		if cmd, _ := os.ReadFile(p); string(cmd) == "sleep\x004711\x00" {
			t.Error("left behind:", p)
		}
	}
	w.Source.Install = deploy.Some("echo this is why; echo $NO; exit 1")
	s = system(t, w)
	if err := refused(t, s); !strings.Contains(err, "web: `echo this is why; echo $NO; exit 1`: exit status 1") || !strings.Contains(err, "    this is why") {
		t.Error(err)
	}
}

// When lift is killed, every process goes with it; the next run sweeps the rest away.
func TestKilled(t *testing.T) {
	require(t)
	s := system(t, helped("web", "stubborn"))
	cmd := exec.Command(os.Args[0], "-test.run=^TestRunsUntilKilled$", "-test.v")
	cmd.Env = append(os.Environ(), "LIFT_TEST_TREE="+s.Tree, "LIFT_TEST_NONCE="+s.Nonce)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	text := ""
	for !strings.Contains(text, "it runs") {
		n, err := out.Read(buf)
		text += string(buf[:n])
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	if len(leftovers(s.Nonce)) == 0 {
		t.Error("leftovers are not found while it runs")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	until(t, "no process is left", func() bool {
		for _, l := range leftovers(s.Nonce) {
			if strings.HasPrefix(l, "/proc/") {
				return false
			}
		}
		return true
	})
	sweep()
	leavesNothing(t, s.Nonce)
}

func TestRunsUntilKilled(t *testing.T) {
	tree := os.Getenv("LIFT_TEST_TREE")
	if tree == "" {
		t.Skip("a part of TestKilled")
	}
	w := helped("web", "stubborn")
	r, err := Runner{}.Start(t.Context(), run.System{Tier: name, Tree: tree, Nonce: os.Getenv("LIFT_TEST_NONCE"), App: deploy.App{Workloads: []deploy.Workload{w}}})
	if err != nil {
		t.Fatal(err)
	}
	log(t, r, "web", "child runs")
	os.Stdout.WriteString("it runs\n")
	time.Sleep(time.Minute)
}

// Replicas of a Procfile's process have ports of their own; where nothing tells them, one is started.
func TestReplicas(t *testing.T) {
	require(t)
	w := helped("web", "look")
	w.User = deploy.User{}
	w.Command = deploy.Command{Argv: deploy.Args(`exec /opt/helper/helper helper serve ":$PORT"`), Shell: deploy.Some("/bin/sh")}
	w.Env = []deploy.Env{{Name: "PORT", Value: deploy.Plain("5000")}}
	w.Ports = []deploy.Port{{Number: "5000/tcp"}}
	w.Scale.Replicas = deploy.Some(int64(3))
	fixed := helped("fixed", "serve", ":6000")
	fixed.Ports = []deploy.Port{{Number: "6000/tcp"}}
	fixed.Scale.Replicas = deploy.Some(int64(2))
	s := system(t, w, fixed)
	r := started(t, s)
	if st := stateOf(t, r, "web"); st != (run.State{Running: 3, Ready: 3}) {
		t.Errorf("%+v", st)
	}
	c, err := r.Dial(t.Context(), "web", 5002)
	if got := fetch(t, c, err, "/"); !strings.Contains(got, "serve :5002 answers") {
		t.Error(got)
	}
	said := false
	for _, u := range (Runner{}).Cannot(t.Context(), s) {
		said = said || u.Workload == "fixed" && u.Aspect == "replicas"
	}
	if !said {
		t.Error("Cannot does not tell of the replica that is not started")
	}
}

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
