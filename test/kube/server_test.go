package kube

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// required says whether a machine that cannot run Kubernetes fails the tests.
func required() bool { return strings.Contains(os.Getenv("LIFT_REQUIRE"), "kubernetes") }

// lack skips a test, with the reason, or fails it where Kubernetes is required.
func lack(t *testing.T, format string, args ...any) {
	t.Helper()
	if required() {
		t.Fatalf(format, args...)
	}
	t.Skipf(format+"\nLIFT_REQUIRE=kubernetes makes this a failure, and builds what is missing", args...)
}

// work is for what all tests share.
var work string

func TestMain(m *testing.M) {
	var err error
	if work, err = os.MkdirTemp("", "lift-kube"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if shared != nil {
		if err := shared.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := os.RemoveAll(work); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func exists(p string) bool {
	_, err := os.Stat(p)
	return err == nil
}

// cluster is the command of that name.
var cluster = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(work, "cluster")
	out, err := exec.Command("go", "build", "-o", binary, "./cluster").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return binary, err
})

// run runs a verb of it. Its progress is the test's.
func run(args ...string) error {
	binary, err := cluster()
	if err != nil {
		return err
	}
	out, err := exec.Command(binary, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cluster %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// clusterUp is a cluster that ends with the test, however the test ends.
type clusterUp struct {
	cmd   *exec.Cmd
	input io.Closer
	dir   string
}

func up(dir string, args ...string) (*clusterUp, error) {
	binary, err := cluster()
	if err != nil {
		return nil, err
	}
	c := &clusterUp{cmd: exec.Command(binary, append([]string{"up", "--foreground", "--dir", dir}, args...)...), dir: dir}
	if c.input, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	progress, err := c.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	var said []string
	lines := bufio.NewScanner(progress)
	for lines.Scan() {
		if said = append(said, lines.Text()); strings.HasPrefix(lines.Text(), "the cluster is up") {
			go io.Copy(os.Stderr, progress) // what it says from now on is a fault
			return c, nil
		}
	}
	return nil, fmt.Errorf("cluster up: %w\n%s", c.cmd.Wait(), strings.Join(said, "\n"))
}

// stop ends it, and waits until nothing is left.
func (c *clusterUp) stop() error {
	return errors.Join(c.input.Close(), c.cmd.Wait())
}

// shared is the API server of all tests.
var shared *clusterUp

var started = sync.OnceValues(func() (a *API, err error) {
	if required() {
		if err := run("build", "apiserver"); err != nil {
			return nil, err
		}
	}
	if shared, err = up(filepath.Join(work, "api"), "--apiserver-only"); err != nil {
		return nil, err
	}
	return Connect(filepath.Join(shared.dir, "kubeconfig"))
})

// server is the API server that all tests share, started when the first one asks.
func server(t *testing.T) *API {
	t.Helper()
	a, err := started()
	if err != nil {
		lack(t, "there is no API server: %v", err)
	}
	return a
}
