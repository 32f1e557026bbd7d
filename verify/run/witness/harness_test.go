//go:build linux

package witness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// The tests start the witness as a runner would, from a process that has been set up in some way, and look at what it reports.

func TestMain(m *testing.M) {
	if text := os.Getenv(setupVariable); text != "" {
		becomeWitness(text)
	}
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// binary builds the witness, once for all tests, from the source that is embedded.
func binary(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the witness is built with Go, which is not in PATH")
	}
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "lift-witness-test-"); built.err != nil {
			return
		}
		os.Chmod(built.dir, 0o755) // other users start it
		built.path, built.err = build(context.Background(), filepath.Join(built.dir, "cache"), func(string, ...any) {})
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// skip skips a test; where the runner of processes is required, that is a failure.
func skip(t *testing.T, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), "processes") {
		t.Fatal("required by LIFT_REQUIRE: " + why)
	}
	t.Skip(why)
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		skip(t, "only root can set this up")
	}
}

const nonce = "n0nce"

// launch is how a witness is started.
type launch struct {
	setup setup
	plan  Plan
	argv  []string
	env   []string // all of it, but for the plan
	dir   string
	attr  syscall.SysProcAttr

	stdin, stdout, stderr *os.File // nil: /dev/null; for stdout: a pipe that is read
	extra                 []*os.File
}

var sockets struct {
	sync.Mutex
	n int
}

// running is a witness that runs.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	socket string
	ended  chan struct{} // closed at its end

	mu     sync.Mutex
	events []Event
	log    bytes.Buffer // both streams
}

func start(t *testing.T, l launch) *running {
	t.Helper()
	path := binary(t)
	l.plan.Nonce = nonce
	if l.plan.Side == "" {
		l.plan.Side = "processes"
	}
	if l.plan.Workload == "" {
		l.plan.Workload = "web"
	}
	sockets.Lock()
	sockets.n++
	l.plan.Socket = fmt.Sprintf("lift-test-%d-%d", os.Getpid(), sockets.n)
	sockets.Unlock()
	plan, err := json.Marshal(l.plan)
	if err != nil {
		t.Fatal(err)
	}
	l.setup.Program = append([]string{path, "--"}, l.argv...)
	l.setup.Keep = len(l.extra)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, socket: l.plan.Socket, ended: make(chan struct{})}
	cmd := exec.Command(self)
	cmd.Env = append(append([]string{}, l.env...), report.Variable+"="+string(plan), setupVariable+"="+l.setup.text(t))
	cmd.Dir = l.dir
	cmd.SysProcAttr = &l.attr
	cmd.ExtraFiles = l.extra
	if l.stdin != nil {
		cmd.Stdin = l.stdin
	}
	cmd.Stderr = &lockedWriter{r: r}
	if l.stderr != nil {
		cmd.Stderr = l.stderr
	}
	var read sync.WaitGroup
	var ours, theirs *os.File
	if l.stdout != nil {
		cmd.Stdout = l.stdout
	} else {
		if ours, theirs, err = os.Pipe(); err != nil {
			t.Fatal(err)
		}
		cmd.Stdout = theirs
		read.Add(1)
		go func() {
			defer read.Done()
			defer ours.Close()
			lines := bufio.NewReader(ours)
			for {
				line, err := lines.ReadString('\n')
				r.take(line)
				if err != nil {
					return
				}
			}
		}()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if theirs != nil {
		theirs.Close()
	}
	r.cmd = cmd
	go func() {
		cmd.Wait()
		read.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-r.ended
		if t.Failed() {
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Logf("it printed:\n%s", r.log.String())
		}
	})
	return r
}

type lockedWriter struct{ r *running }

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.r.mu.Lock()
	defer w.r.mu.Unlock()
	return w.r.log.Write(p)
}

func (r *running) take(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.WriteString(line)
	if text, ok := strings.CutPrefix(line, report.Line); ok {
		var e Event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			r.t.Errorf("%s: %v", line, err)
		}
		r.events = append(r.events, e)
	}
}

// printed returns the events so far.
func (r *running) printed() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

const patience = 20 * time.Second

// await waits for an event.
func (r *running) await(what string, fits func(Event) bool) Event {
	r.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		over := false
		select {
		case <-r.ended:
			over = true
		default:
		}
		for _, e := range r.printed() {
			if fits(e) {
				return e
			}
		}
		if over || time.Now().After(end) {
			r.t.Fatalf("no event: %s", what)
		}
	}
}

func (r *running) signalled(name string, child bool) Event {
	r.t.Helper()
	return r.await(name, func(e Event) bool { return e.Kind == "signal" && e.Name == name && e.Child == child })
}

// world waits for the event of the start.
func (r *running) world() World {
	r.t.Helper()
	return *r.await("world", func(e Event) bool { return e.World != nil }).World
}

func (r *running) kill(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// end waits for its end and returns the exit status, -1 after a signal.
func (r *running) end() int {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		r.t.Fatal("it does not end")
	}
	return r.cmd.ProcessState.ExitCode()
}

// ask asks it, and fills in the answer.
func (r *running) ask(into any, words ...string) {
	r.t.Helper()
	out, status, said := askStatus(r.t, append([]string{r.socket}, words...)...)
	if status != 0 {
		r.t.Fatalf("ask %q ends with status %d: %s", words, status, said)
	}
	if err := json.Unmarshal(out, into); err != nil {
		r.t.Fatalf("ask %q: %v: %s", words, err, out)
	}
}

func askStatus(t *testing.T, words ...string) (out []byte, status int, said string) {
	t.Helper()
	cmd := exec.Command(binary(t), append([]string{"ask"}, words...)...)
	cmd.Env = []string{}
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return out, exit.ExitCode(), string(exit.Stderr)
	case err != nil:
		t.Fatal(err)
	}
	return out, 0, ""
}

// once runs a job and returns the world that it has printed.
func once(t *testing.T, l launch) World {
	t.Helper()
	l.plan.Once = true
	r := start(t, l)
	if code := r.end(); code != 0 {
		t.Fatalf("it ends with status %d", code)
	}
	return r.world()
}

// freePort finds one that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
