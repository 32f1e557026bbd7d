package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// engine is a dockerd with all that it keeps below one directory.
type engine struct {
	dir   string
	tools tools
}

func (e engine) path(name string) string { return filepath.Join(e.dir, name) }

// socket lies below the directory, too, if its path is short enough for one.
func (e engine) socket() string { return e.path("docker.sock") }

func (e engine) host() string { return "unix://" + e.socket() }

// clientEnv is what a docker CLI needs to find the engine and its plugin.
func (e engine) clientEnv() []string {
	return []string{"DOCKER_HOST=" + e.host(), "DOCKER_CONFIG=" + e.path("config"), "DOCKER_BUILDKIT=1"}
}

// env is a file for a shell to source. The CLI that is on the machine may be newer, and then it refuses BuildKit without a plugin, so that ours comes first.
func (e engine) env() string {
	var b strings.Builder
	for _, v := range e.clientEnv() {
		k, v, _ := strings.Cut(v, "=")
		fmt.Fprintf(&b, "export %s='%s'\n", k, v)
	}
	fmt.Fprintf(&b, "export PATH='%s':\"$PATH\"\n", e.path("bin"))
	return b.String()
}

func (e engine) docker(ctx context.Context, args ...string) (string, error) {
	return command(ctx, append(e.tools.env(), e.clientEnv()...), e.tools.docker(), args...)
}

// start runs dockerd in the background and waits until it answers.
func (e engine) start(ctx context.Context) error {
	if len(e.socket()) > 100 {
		return fmt.Errorf("%s: a socket's path is at most 107 bytes long; choose a shorter --dir", e.dir)
	}
	if pid, ok := e.running(); ok {
		fmt.Fprintf(os.Stderr, "engine: dockerd runs already: %d\n", pid)
		return e.wait(ctx, nil)
	}
	if pid, ok := otherDaemon(); ok {
		return fmt.Errorf("another dockerd runs: %d; two of them fight over the machine's network: use that one or stop it", pid)
	}
	defer step("starting dockerd")()
	for _, d := range []string{"config/cli-plugins", "data", "exec", "bin"} {
		if err := os.MkdirAll(e.path(d), 0o755); err != nil {
			return err
		}
	}
	for from, to := range map[string]string{
		e.path("config/cli-plugins/docker-compose"): filepath.Join(e.tools.root, "usr", "libexec", "docker", "cli-plugins", "docker-compose"),
		e.path("bin/docker"):                        e.tools.docker(),
	} {
		os.Remove(from)
		if _, err := os.Stat(to); err != nil {
			return err
		}
		if err := os.Symlink(to, from); err != nil {
			return err
		}
	}
	if err := e.recordNetwork(); err != nil {
		return err
	}
	log, err := os.OpenFile(e.path("dockerd.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(e.tools.root, "usr", "sbin", "dockerd"),
		"--data-root", e.path("data"), "--exec-root", e.path("exec"), "--pidfile", e.path("pid"), "--host", e.host(),
		"--config-file", e.path("daemon.json"), "--group", "root")
	cmd.Env = append(os.Environ(), e.tools.env()...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives this command and the terminal
	if err := os.WriteFile(e.path("daemon.json"), []byte("{}\n"), 0o644); err != nil {
		return err // without one of its own it would read the machine's
	}
	os.Remove(e.path("pid"))
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return e.wait(ctx, ended)
}

func (e engine) wait(ctx context.Context, ended <-chan error) error {
	limit := time.After(3 * time.Minute)
	for {
		if _, err := e.docker(ctx, "version"); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("dockerd ended: %v; its log:\n%s", err, tail(e.path("dockerd.log")))
		case <-limit:
			return fmt.Errorf("dockerd does not answer; its log:\n%s", tail(e.path("dockerd.log")))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func tail(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// running reports the engine's own dockerd. A number in a file may be another process by now.
func (e engine) running() (int, bool) {
	data, err := os.ReadFile(e.path("pid"))
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, false
	}
	args := cmdline(pid)
	return pid, len(args) > 0 && filepath.Base(args[0]) == "dockerd" && strings.Contains(strings.Join(args, " "), e.dir+"/")
}

func otherDaemon() (int, bool) {
	for _, pid := range processes() {
		if args := cmdline(pid); len(args) > 0 && filepath.Base(args[0]) == "dockerd" {
			return pid, true
		}
	}
	return 0, false
}

func processes() []int {
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func cmdline(pid int) []string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(string(data), "\x00"), "\x00")
}

// down ends everything that up and its users left: containers, dockerd, shims, mounts, networks, files.
func down(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, own := range []string{"daemon.json", "data", "exec"} { // what follows removes a whole directory
		if _, err := os.Stat(filepath.Join(dir, own)); err != nil {
			return fmt.Errorf("%s is no engine's directory: it has no %s; name the one that was given to up", dir, own)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	e := engine{dir: dir}
	link, err := os.Readlink(e.path("bin/docker"))
	if err != nil {
		return err
	}
	e.tools = tools{bin: filepath.Dir(link), root: filepath.Join(filepath.Dir(filepath.Dir(link)), "root")}
	defer step("stopping dockerd")()
	pid, ok := e.running()
	if !ok { // it was killed: what it left, it knows best how to take away
		if err := e.start(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "engine:", err)
		}
		pid, ok = e.running()
	}
	if ok {
		// while dockerd lives it takes its networks and their rules away by itself
		if ids, err := e.docker(ctx, "ps", "--all", "--quiet"); err == nil && ids != "" {
			if _, err := e.docker(ctx, append([]string{"rm", "--force", "--volumes"}, strings.Fields(ids)...)...); err != nil {
				fmt.Fprintln(os.Stderr, "engine:", err)
			}
		}
		if _, err := e.docker(ctx, "network", "prune", "--force"); err != nil {
			fmt.Fprintln(os.Stderr, "engine:", err)
		}
		if err := end(pid, 20*time.Second); err != nil {
			return err
		}
	}
	for _, pid := range processes() { // shims, and a containerd that dockerd did not outlive
		if args := cmdline(pid); len(args) > 0 && strings.HasPrefix(filepath.Base(args[0]), "containerd") && strings.Contains(strings.Join(args, " "), e.dir+"/") {
			if err := end(pid, 2*time.Second); err != nil {
				return err
			}
		}
	}
	if err := unmountBelow(dir); err != nil {
		return err
	}
	if err := e.restoreNetwork(ctx); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// end asks a process to end, and after a while makes it.
func end(pid int, grace time.Duration) error {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(pid, s); errors.Is(err, syscall.ESRCH) {
			return nil
		}
		for limit := time.Now().Add(grace); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
			if len(cmdline(pid)) == 0 { // gone, or a zombie that waits for whoever started it
				return nil
			}
		}
	}
	return fmt.Errorf("process %d does not end", pid)
}

func unmountBelow(dir string) error {
	for range 8 { // a mount may hide another one
		data, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			return err
		}
		var points []string
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(f[4], dir+"/") {
				points = append(points, f[4])
			}
		}
		if len(points) == 0 {
			return nil
		}
		for i := len(points) - 1; i >= 0; i-- {
			if err := syscall.Unmount(points[i], syscall.MNT_DETACH); err != nil {
				return fmt.Errorf("umount %s: %w", points[i], err)
			}
		}
	}
	return fmt.Errorf("mounts below %s come back", dir)
}
