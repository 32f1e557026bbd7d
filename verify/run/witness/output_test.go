//go:build linux

package witness

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// What becomes of standard output must not matter to the program's life.
func TestOutput(t *testing.T) {
	stop := func(t *testing.T, r *running) {
		t.Helper()
		var w World
		r.askSoon(&w, "world")
		r.kill(syscall.SIGTSTP)
		time.Sleep(100 * time.Millisecond)
		var events []Event
		r.ask(&events, "events")
		if !strings.Contains(kinds(events), "signal:SIGTSTP") {
			t.Errorf("events: %s", kinds(events))
		}
		begin := time.Now()
		r.kill(syscall.SIGTERM)
		want(t, "status", r.end(), 0)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("it took %s to end", took)
		}
	}
	t.Run("closed", func(t *testing.T) {
		stop(t, start(t, launch{setup: setup{Close: []int{1}}}))
	})
	t.Run("all closed", func(t *testing.T) {
		stop(t, start(t, launch{setup: setup{Close: []int{0, 1, 2}}}))
	})
	broken := func(t *testing.T) *os.File {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		in.Close()
		t.Cleanup(func() { out.Close() })
		return out
	}
	t.Run("broken", func(t *testing.T) {
		stop(t, start(t, launch{stdout: broken(t), stderr: broken(t)}))
	})
	t.Run("broken, with a child", func(t *testing.T) {
		stop(t, start(t, launch{stdout: broken(t), plan: Plan{Children: true}}))
	})
	t.Run("stuck", func(t *testing.T) {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		defer out.Close()
		fd := int(out.Fd())
		if err := syscall.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
		for { // until it is full
			if _, err := syscall.Write(fd, make([]byte, 4096)); err != nil {
				break
			}
		}
		if err := syscall.SetNonblock(fd, false); err != nil {
			t.Fatal(err)
		}
		stop(t, start(t, launch{stdout: out}))
	})
}

func TestOnce(t *testing.T) {
	r := start(t, launch{plan: Plan{Once: true, Stubborn: true, Children: true}})
	want(t, "status", r.end(), 0)
	want(t, "events", kinds(r.printed()), "world exit")
}

// A secret is in the environment and in the command line; it comes out nowhere.
func TestSecrets(t *testing.T) {
	const secret = "correct-horse-7-staple"
	r := start(t, launch{
		env: []string{"API_TOKEN=" + secret, "URL=http://u:" + secret + "@db"}, argv: []string{"app", "--token", secret}, plan: Plan{Children: true, Show: []string{"LOG_LEVEL"}},
	})
	w := r.world()
	if !Matches(nonce, w.Env["API_TOKEN"], secret) || Matches(nonce, w.Env["API_TOKEN"], "other") || !Matches(nonce, w.Argv[2], secret) {
		t.Errorf("%v %v", w.Env, w.Argv)
	}
	if Matches("another", w.Env["API_TOKEN"], secret) {
		t.Error("hashes of another run are the same")
	}
	if _, ok := w.Env[report.Variable]; ok {
		t.Error("the plan is in the environment")
	}
	for _, words := range [][]string{{"world"}, {"events"}} {
		out, _, _ := askStatus(t, append([]string{r.socket}, words...)...)
		if bytes.Contains(out, []byte(secret)) || len(out) < 100 {
			t.Errorf("ask %q: %s", words, out)
		}
	}
	r.kill(syscall.SIGTERM)
	r.end()
	if strings.Contains(r.log.String(), secret) {
		t.Error("it is in the log")
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		env  []string
		args []string
		says string
	}{
		{nil, nil, "usage: "},
		{nil, []string{"app"}, "usage: "},
		{nil, []string{"ask", "socket"}, "usage: "},
		{nil, []string{"--", "app"}, "LIFT_WITNESS is not in the environment"},
		{[]string{"LIFT_WITNESS={"}, []string{"--", "app"}, "LIFT_WITNESS is no plan"},
	} {
		cmd := exec.Command(binary(t), c.args...)
		cmd.Env = append([]string{"A=b"}, c.env...)
		out, _ := cmd.CombinedOutput()
		want(t, "status", cmd.ProcessState.ExitCode(), 2)
		if !strings.Contains(string(out), c.says) || !strings.HasPrefix(string(out), "lift-witness: ") {
			t.Errorf("%q: %s", c.args, out)
		}
	}
}
