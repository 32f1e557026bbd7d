package docker

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var fixtures = filepath.Join("..", "..", "fixtures")

// liftDir is where lift is built; empty if no test asked for it.
var liftDir string

// lift is the command of this tree, built once.
var lift = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lift-test-")
	if err != nil {
		return "", err
	}
	liftDir = dir
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "lift"), "./cmd/lift")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(dir, "lift"), nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if liftDir != "" {
		os.RemoveAll(liftDir)
	}
	os.Exit(code)
}

// migrate takes a tree to containers; ok is false if it is there already.
func migrate(t *testing.T, args ...string) (ok bool) {
	t.Helper()
	bin, err := lift()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bin, append([]string{"migrate", "--to", "compose"}, args...)...).CombinedOutput()
	if strings.Contains(string(out), "tier already; choose a higher target") {
		return false
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return true
}
