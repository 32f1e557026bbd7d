package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The verbs that up starts itself with.
const (
	verbInit      = "first-process" // the first process of the cluster's namespaces
	verbSupervise = "supervise"     // whoever starts the daemons
)

// ready is the last line of a start that went well.
const ready = "ready"

// up starts a cluster and returns when it is ready. What it starts stays until down; in the foreground up stays as well, and takes all away when its input ends: whoever holds the other end of a pipe cannot die and leave a cluster behind.
func up(dir string, only, foreground bool) (err error) {
	began := time.Now()
	part, err := find(only)
	if err != nil {
		return err
	}
	if strings.ContainsAny(dir, " '\"\\\n") || len(dir) > 80 {
		return fmt.Errorf("%q: such a path cannot hold a socket and stand in a shell line; take a short one of plain characters", dir)
	}
	if !only {
		if err := machineFit(); err != nil {
			return err
		}
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty; stop what is there: cluster down --dir %[1]s, or name another directory", dir)
	}
	for _, sub := range []string{"", "etc", "log", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	n := node{dir: dir, part: part}
	address, port := "127.0.0.1", apiPort
	if only {
		if port, err = freePort(); err != nil {
			return err
		}
	} else {
		if n.net, err = lay(dir); err != nil {
			return errors.Join(err, os.RemoveAll(dir))
		}
		address = n.net.node()
	}
	if err := (running{net: n.net, whole: !only}).write(dir); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, down(dir))
		}
	}()
	if err := writeKeys(dir, "https://"+net.JoinHostPort(address, port), address, "127.0.0.1", n.net.first()); err != nil {
		return err
	}
	if err := n.writeEnv(only); err != nil {
		return err
	}
	first, err := start(n, only)
	if err != nil {
		return err
	}
	say("the cluster is up: %s, in %s", time.Since(began).Round(time.Second/10), dir)
	if !foreground {
		return first.Process.Release()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ended := make(chan error, 2)
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		ended <- err
	}()
	go func() {
		_ = first.Wait() // killed, by down
		ended <- nil
	}()
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	if _, running := os.Stat(filepath.Join(dir, "running")); running != nil {
		return nil // somebody else took it down
	}
	return errors.Join(err, down(dir))
}

// machineFit says why this machine cannot run a node.
func machineFit() error {
	if os.Geteuid() != 0 {
		return errors.New("a node needs root: it makes namespaces and mounts; without, there is --apiserver-only")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return errors.New("no ip; install the package iproute2")
	}
	return nil
}

// start starts the supervisor and returns its process, for the whole node as the child of a first process in namespaces of their own: when that one dies, the kernel ends all others with it.
func start(n node, only bool) (*exec.Cmd, error) {
	reports, reporter, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reports.Close()
	plugged, plugIn, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer plugIn.Close()
	log, err := os.Create(n.path("log", "cluster.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args, attr := []string{verbInit, "--dir", n.dir, "--network", strconv.Itoa(int(n.net))}, &syscall.SysProcAttr{Setsid: true}
	if only {
		args = []string{verbSupervise, "--dir", n.dir, "--apiserver-only"}
	} else {
		attr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC
	}
	cmd := exec.Command("/proc/self/exe", args...)
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	cmd.Env, cmd.SysProcAttr = append(n.environment(), "LIFT_TEST_CACHE="+cache), attr
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{reporter, plugged} // 3 and 4
	err = cmd.Start()
	reporter.Close()
	plugged.Close()
	if err != nil {
		return nil, err
	}
	if err := (running{cmd.Process.Pid, n.net, !only}).write(n.dir); err != nil {
		return nil, errors.Join(err, cmd.Process.Kill())
	}
	if !only {
		if err := n.net.connect(cmd.Process.Pid); err != nil {
			return nil, err
		}
	}
	plugIn.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		reports.Close()
	}()
	lines := bufio.NewScanner(reports)
	for lines.Scan() {
		if lines.Text() == ready {
			return cmd, nil
		}
		say("%s", lines.Text())
	}
	if ctx.Err() != nil {
		return nil, errors.New("interrupted")
	}
	why, err := os.ReadFile(log.Name())
	return nil, errors.Join(fmt.Errorf("it does not start: %s", strings.TrimSpace(string(why))), err)
}

// writeEnv writes what tests ask for as shell lines.
func (n node) writeEnv(only bool) error {
	env := "export KUBECONFIG=" + n.path("kubeconfig") + "\n" +
		"export LIFT_TEST_KUBECONFIG_READONLY=" + n.path("kubeconfig-readonly") + "\n" +
		"export LIFT_TEST_KUBECONFIG_NORIGHTS=" + n.path("kubeconfig-norights") + "\n"
	if !only {
		env += "export LIFT_TEST_GATEWAY=" + n.net.node() + "\n" +
			"export LIFT_TEST_MACHINE=" + n.net.machine() + "\n" + // how a pod reaches the machine
			"export LIFT_TEST_LOAD='" + n.program("ctr") + " --address " + n.socket() + " --namespace k8s.io images import'\n"
	}
	return os.WriteFile(n.path("env"), []byte(env), 0o644)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// running is what DIR/running keeps: the process whose end is the end of all, and whether it is a whole node with a network.
type running struct {
	pid   int
	net   network
	whole bool
}

func (r running) write(dir string) error {
	return os.WriteFile(filepath.Join(dir, "running"), fmt.Appendf(nil, "%d %d %t\n", r.pid, r.net, r.whole), 0o644)
}

func readRunning(dir string) (r running, err error) {
	f, err := os.Open(filepath.Join(dir, "running"))
	if err != nil {
		return r, fmt.Errorf("%s holds no cluster", dir)
	}
	defer f.Close()
	_, err = fmt.Fscan(io.LimitReader(f, 100), &r.pid, &r.net, &r.whole)
	return r, err
}

// alive reports whether the process is there and still the one that up started, whose number may have gone to another one.
func (r running) alive(dir string) bool {
	if r.pid <= 1 {
		return false
	}
	proc := filepath.Join("/proc", strconv.Itoa(r.pid))
	line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	words := strings.Split(string(line), "\x00")
	return err == nil && len(words) > 3 && (words[1] == verbInit || words[1] == verbSupervise) && words[3] == dir
}
