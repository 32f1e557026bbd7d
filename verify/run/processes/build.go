//go:build linux

package processes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// job is one command of a build. It runs in a root of its own: what it writes outside of its places and the caches is gone afterwards.
type job struct {
	Scratch string
	Keep    []string // directories of the machine that stay: caches, the resolver's configuration
	Places  []place
	Dir     string
	Env     []string
	Command string // for /bin/sh
}

// build is the part of lift that becomes a job's command.
func build() error {
	unix.Umask(0o022)
	text, err := readAll(ordersAt)
	if err != nil {
		return errors.New(verb + " is not for people")
	}
	unix.Close(ordersAt)
	var j job
	if err := json.Unmarshal(text, &j); err != nil {
		return errors.New(verb + " is not for people")
	}
	if err := enterRoot(j.Scratch, j.Keep); err != nil {
		return err
	}
	for _, p := range j.Places {
		if err := p.show(); err != nil {
			return err
		}
	}
	if err := os.Chdir(j.Dir); err != nil {
		return err
	}
	return syscall.Exec("/bin/sh", []string{"sh", "-c", j.Command}, j.Env)
}

// run runs a job to its end and returns what it printed. The kernel ends all of its processes together with it, and it together with lift.
func (j job) run(ctx context.Context) ([]byte, error) {
	var out tail
	p, wire, err := spawn(partBuild, unix.CLONE_NEWPID|unix.CLONE_NEWNS, &out)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	if err = json.NewEncoder(wire).Encode(j); err == nil {
		err = wire.Close()
	}
	if err != nil {
		p.kill()
	}
	status := <-p.ended
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if status == nil {
		status = err
	}
	return out.bytes(), status
}

// child is lift, started again.
type child struct {
	pid   int
	kill  func()
	ended chan error // gets its end, once
}

// spawn starts a part of lift in new namespaces; its orders go into wire. It is killed when lift ends: the death signal belongs to the thread that has started it, which therefore waits for its end.
func spawn(part string, namespaces uintptr, output io.Writer) (*child, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	_ = unix.SetNonblock(pair[0], true)
	mine, theirs := os.NewFile(uintptr(pair[0]), "orders"), os.NewFile(uintptr(pair[1]), "orders")
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{"lift", verb, part}
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true, Pdeathsig: syscall.SIGKILL}
	c := &child{ended: make(chan error, 1)}
	c.kill = func() { _ = cmd.Process.Kill() }
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			c.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			c.ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		mine.Close()
		return nil, nil, fmt.Errorf("no process can be started in namespaces of its own: %w", err)
	}
	return c, mine, nil
}

// tail keeps the last of what is written to it.
type tail struct{ b bytes.Buffer }

const tailSize = 64 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.b.Write(b)
	if extra := t.b.Len() - tailSize; extra > 0 {
		t.b.Next(extra)
	}
	return len(b), nil
}

func (t *tail) bytes() []byte { return t.b.Bytes() }

// lastLines are the last lines of an output that say something.
func lastLines(out []byte, n int) string {
	var lines []string
	for l := range strings.Lines(string(out)) {
		if l = strings.TrimRight(l, " \t\r\n"); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
