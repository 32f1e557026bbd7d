//go:build linux

package witness

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSourceIsComplete(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, dir := range []string{"report", "program"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			n++
			onDisk, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if !bytes.Equal(all[inModule+"/"+filepath.ToSlash(path)], onDisk) {
				t.Errorf("%s is not embedded as it is", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want(t, "files", len(all), n+1)
	for path := range all {
		if strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s is carried along", path)
		}
	}
}

func TestBuild(t *testing.T) {
	path := binary(t)
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("it is not static")
		}
	}
	want(t, "machine", f.Machine, map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH])
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", st, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{"/lift-witness-", "net/http.(*Transport)"} {
		if bytes.Contains(text, []byte(foreign)) {
			t.Errorf("%q is in it", foreign)
		}
	}

	// A second time it is there already, and a broken one is made anew.
	cache := filepath.Dir(filepath.Dir(path))
	told := 0
	progress := func(string, ...any) { told++ }
	again, err := build(context.Background(), cache, progress)
	if err != nil || again != path || told != 0 {
		t.Errorf("%s, %v, told %d times", again, err, told)
	}
	own := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir())
	broken := filepath.Join(own, filepath.Base(filepath.Dir(path)), "witness")
	if err := os.Mkdir(filepath.Dir(broken), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	again, err = build(context.Background(), own, progress)
	if err != nil || again != broken || told != 1 || !isELF(broken) {
		t.Errorf("%s, %v, told %d times", again, err, told)
	}
	want(t, "left in the cache", names(t, filepath.Dir(broken)), []string{"witness"})
	want(t, "left in the temporary directory", names(t, os.TempDir()), []string(nil))
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// A user's own settings, and a directory with a go.mod or go.work around, must not matter.
func TestBuildAnywhere(t *testing.T) {
	binary(t)
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module broken\n\ngo 9.99\n", "go.work": "broken"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("TMPDIR", dir)
	t.Setenv("GOFLAGS", "-mod=vendor")
	t.Setenv("GOWORK", filepath.Join(dir, "go.work"))
	t.Setenv("GOOS", "plan9")
	t.Setenv("CGO_ENABLED", "1")
	if _, err := build(context.Background(), t.TempDir(), func(string, ...any) {}); err != nil {
		t.Error(err)
	}
}

func TestBuildAtTheSameTime(t *testing.T) {
	binary(t)
	cache := t.TempDir()
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			if path, err := build(context.Background(), cache, func(string, ...any) {}); err != nil || !isELF(path) {
				t.Error(path, err)
			}
		})
	}
	wait.Wait()
}

func TestBuildWithoutAnything(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := build(context.Background(), t.TempDir(), func(string, ...any) {}); !errors.Is(err, ErrNoBuilder) {
		t.Error(err)
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if _, err := Build(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "set HOME or XDG_CACHE_HOME") {
		t.Error(err)
	}
}

// tool puts a script into a PATH of its own.
func tool(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestBuildFails(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell here")
	}
	cache := t.TempDir()
	tool(t, "go", `[ "$1" = env ] && { echo go1.17; exit; }; echo "go: errors parsing go.mod: invalid go version" >&2; exit 1`)
	_, err := build(context.Background(), cache, func(string, ...any) {})
	if err == nil || !strings.Contains(err.Error(), "invalid go version; it needs Go "+oldestGo) {
		t.Error(err)
	}
	tool(t, "go", `[ "$1" = env ] && { echo go1.99; exit; }; trap "" INT; exec /bin/sleep 60`)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := build(ctx, cache, func(string, ...any) {}); err != context.DeadlineExceeded || time.Since(begin) > 20*time.Second {
		t.Errorf("%v after %s", err, time.Since(begin))
	}
	for _, dir := range names(t, cache) {
		want(t, "left in the cache", names(t, filepath.Join(cache, dir)), []string(nil))
	}
}

func TestBuildWithDocker(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell here")
	}
	log := filepath.Join(t.TempDir(), "log")
	result := binary(t)
	tool(t, "docker", `echo "$@" >>`+log+`
exec /bin/cat `+result)
	path, err := build(context.Background(), t.TempDir(), func(string, ...any) {})
	if err != nil || !isELF(path) {
		t.Fatal(path, err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); len(lines) != 1 || !strings.HasPrefix(lines[0], "run --rm ") {
		t.Errorf("commands: %q", lines)
	}

	// It fails, or it is cancelled: the container is removed all the same, and the message tells what to do.
	removed := func() {
		t.Helper()
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "rm --force --volumes lift-witness-") {
			t.Errorf("the last command is %s", last)
		}
		os.Remove(log)
	}
	tool(t, "docker", `echo "$@" >>`+log+`
[ "$1" = rm ] || { echo "no space left on device" >&2; exit 1; }`)
	_, err = build(context.Background(), t.TempDir(), func(string, ...any) {})
	if err == nil || !strings.Contains(err.Error(), "docker, to build the witness: no space left on device; install Go") {
		t.Error(err)
	}
	removed()
	tool(t, "docker", `echo "$@" >>`+log+`
[ "$1" = rm ] || exec /bin/sleep 60`)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := build(ctx, t.TempDir(), func(string, ...any) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	removed()
}

// The real one. The standard library is compiled anew, which takes a minute.
func TestBuildWithRealDocker(t *testing.T) {
	if !slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), "docker") {
		t.Skip("it takes a minute and a Docker daemon with the image " + builderImage + "; LIFT_REQUIRE=docker runs it")
	}
	docker, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal("required by LIFT_REQUIRE: ", err)
	}
	path, err := buildWithDocker(context.Background(), t.TempDir(), docker, t.Logf)
	if err != nil || !isELF(path) {
		t.Fatal(path, err)
	}
	cmd := exec.Command(path)
	out, _ := cmd.CombinedOutput()
	if !strings.Contains(string(out), "usage: ") {
		t.Errorf("it says %q", out)
	}
	out, err = exec.Command(docker, "ps", "--all", "--quiet", "--filter", "name=lift-witness-").Output()
	if err != nil || len(out) > 0 {
		t.Errorf("containers are left: %s, %v", out, err)
	}
}
