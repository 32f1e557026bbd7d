package kube

import (
	"fmt"
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
	if dir := filepath.Join(work, "api"); exists(dir) {
		if out, err := exec.Command(filepath.Join(work, "cluster"), "down", "--dir", dir).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
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

var started = sync.OnceValues(func() (*API, error) {
	if required() {
		if err := run("build", "apiserver"); err != nil {
			return nil, err
		}
	}
	dir := filepath.Join(work, "api")
	if err := run("up", "--dir", dir, "--apiserver-only"); err != nil {
		return nil, err
	}
	return Connect(filepath.Join(dir, "kubeconfig"))
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
