//go:build linux

package processes

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

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
