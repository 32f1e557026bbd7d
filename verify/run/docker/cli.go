package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/procgroup"
)

// command is the docker command with the surroundings in which it is called.
type command struct {
	dir    string
	values map[string]string // parameters of the compose file. They go through the environment: it takes any text as it is, and a process's environment is closed to other users
	mask   mask.Mask
}

// handed are the variables of the machine that the docker command needs: to find the engine and its plugins, and to reach registries. Nothing else leaks in, or compose would put it in place of parameters.
var handed = []string{
	"PATH", "HOME", "USER", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SystemRoot", "USERPROFILE", "ProgramFiles", "ProgramData", "APPDATA", "LOCALAPPDATA", "ComSpec", "PATHEXT", "TEMP", "TMP",
}

// steering are the beginnings of variables that steer docker itself.
var steering = []string{"DOCKER_", "BUILDKIT_", "BUILDX_", "COMPOSE_"}

func steers(name string) bool {
	return slices.ContainsFunc(steering, func(p string) bool { return strings.HasPrefix(name, p) })
}

// environ is the environment of the docker command.
func (c command) environ() []string {
	var out []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if _, taken := c.values[name]; taken {
			continue
		}
		if slices.Contains(handed, name) || steers(name) && !strings.HasPrefix(name, "COMPOSE_") {
			out = append(out, v)
		}
	}
	if _, moved := c.values["HOME"]; moved && os.Getenv("DOCKER_CONFIG") == "" { // the parameter is not where docker's own settings are
		if home, err := os.UserHomeDir(); err == nil {
			out = append(out, "DOCKER_CONFIG="+filepath.Join(home, ".docker"))
		}
	}
	for name, v := range c.values {
		out = append(out, name+"="+v)
	}
	slices.Sort(out)
	return out
}

// failure is a docker command that did not end well.
type failure struct {
	args []string // without what may be long or secret
	code int      // exit status, -1 if there is none
	tail string   // the end of what it printed, secrets masked
	err  error
}

func (f *failure) Error() string {
	if f.tail == "" {
		return fmt.Sprintf("docker %s: %v", strings.Join(f.args, " "), f.err)
	}
	return f.tail
}

func (f *failure) Unwrap() error { return f.err }

// output runs the command to its end and returns what it prints to standard output.
func (c command) output(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := c.start(ctx, nil, &out, nil, args...)
	return out.Bytes(), err
}

// both runs the command and returns what it prints to either stream, in its order.
func (c command) both(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := c.start(ctx, nil, &out, &out, args...)
	return out.Bytes(), err
}

// input runs the command with something at its standard input.
func (c command) input(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := c.start(ctx, in, &out, nil, args...)
	return out.Bytes(), err
}

// watch runs the command and hands on each line that it prints to either stream.
func (c command) watch(ctx context.Context, line func(string), args ...string) error {
	w := &lines{each: line}
	err := c.start(ctx, nil, w, w, args...)
	w.end()
	return err
}

// start runs the command. When ctx ends, its whole process group is killed: docker runs compose as a child.
func (c command) start(ctx context.Context, in io.Reader, stdout, stderr io.Writer, args ...string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = c.dir, c.environ(), in
	said := &last{}
	// one writer for both streams keeps the order of what is printed: they share a pipe then
	switch {
	case stdout == stderr:
		w := io.MultiWriter(stdout, said)
		cmd.Stdout, cmd.Stderr = w, w
	case stderr != nil:
		cmd.Stdout, cmd.Stderr = stdout, io.MultiWriter(stderr, said)
	default:
		cmd.Stdout, cmd.Stderr = stdout, said
	}
	procgroup.Own(cmd)
	cmd.Cancel = func() error { return procgroup.Kill(cmd) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f := &failure{args: shown(args), code: -1, tail: c.mask.Text(said.text()), err: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		f.code = exit.ExitCode()
	}
	return f
}

// shown is the verb of a command line, for messages.
func shown(args []string) []string {
	for i, a := range args {
		if i == 3 || strings.HasPrefix(a, "-") || strings.HasPrefix(a, "/") {
			return args[:i]
		}
	}
	return args
}

// last keeps the end of what is written to it.
type last struct {
	mu sync.Mutex
	b  []byte
}

const kept = 64 << 10

func (l *last) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	if len(l.b) > 2*kept {
		l.b = append([]byte(nil), l.b[len(l.b)-kept:]...)
	}
	return len(p), nil
}

func (l *last) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.b))
}

// lines hands on what is written to it line by line.
type lines struct {
	mu   sync.Mutex
	each func(string)
	part []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, p...)
	for {
		i := bytes.IndexByte(l.part, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.each(strings.TrimRight(string(l.part[:i]), "\r"))
		l.part = l.part[i+1:]
	}
}

func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.part) > 0 {
		l.each(string(l.part))
		l.part = nil
	}
}
