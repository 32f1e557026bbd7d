package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Arguments of go build. The tag brings in what looks into Go's runtime, which the linker has to be told to allow; the entry point looks at the standard descriptors before the runtime replaces closed ones.
const (
	tag     = "liftwitness"
	ldflags = "-s -w -checklinkname=0 -E=main.entry"
	program = "./" + inModule + "/program"
)

func buildArgs(out string) []string {
	return []string{"build", "-trimpath", "-buildvcs=false", "-tags=" + tag, "-ldflags=" + ldflags, "-o", out, program}
}

// buildEnv keeps the user's own settings of Go out of the build, which needs nothing but the standard library: nothing is downloaded, not even a toolchain.
func buildEnv() []string {
	return []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + runtime.GOARCH, "GOFLAGS=", "GOENV=off", "GOWORK=off", "GOPROXY=off", "GOTOOLCHAIN=local", "GO111MODULE=on", "GOEXPERIMENT=", "GODEBUG="}
}

// Build returns the path of the witness for this machine, which is built the first time: with the Go toolchain of the machine, or, where there is none, with Docker. progress may be nil.
func Build(ctx context.Context, progress func(format string, args ...any)) (string, error) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return "", fmt.Errorf("the witness is built for amd64 and arm64, and this machine is %s; run without --witness", runtime.GOARCH)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no directory to keep the witness in: %w; set HOME or XDG_CACHE_HOME", err)
	}
	if progress == nil {
		progress = func(string, ...any) {}
	}
	return build(ctx, filepath.Join(cache, "lift", "witness"), progress)
}

// ErrNoBuilder is the error of Build where there is nothing to build with.
var ErrNoBuilder = errors.New("the witness is built with Go or with Docker, and neither is here; install Go " + oldestGo + " or newer (https://go.dev/dl), or a Docker daemon that you may use")

func build(ctx context.Context, cache string, progress func(format string, args ...any)) (string, error) {
	if goTool, err := exec.LookPath("go"); err == nil {
		return buildWithGo(ctx, cache, goTool, progress)
	}
	docker, err := exec.LookPath("docker")
	if err != nil {
		return "", ErrNoBuilder
	}
	return buildWithDocker(ctx, cache, docker, progress)
}

func buildWithGo(ctx context.Context, cache, goTool string, progress func(format string, args ...any)) (string, error) {
	version, err := command(ctx, os.TempDir(), buildEnv(), nil, goTool, "env", "GOVERSION")
	if err != nil {
		return "", fmt.Errorf("the Go toolchain does not answer: %w", err)
	}
	return cached(cache, strings.TrimSpace(string(version)), func(out string) error {
		progress("building the witness with %s", strings.TrimSpace(string(version)))
		return inTemp(func(dir string) error {
			if err := writeModule(dir); err != nil {
				return err
			}
			env := append(buildEnv(), "GOTMPDIR="+dir) // what a killed build leaves goes with it
			if _, err := command(ctx, dir, env, nil, goTool, buildArgs(out)...); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				return fmt.Errorf("go build of the witness: %w; it needs Go %s or newer", err, oldestGo)
			}
			return nil
		})
	})
}

// cached returns the witness that was built with a toolchain, and makes it if there is none yet. It appears under its name all at once: several lifts may build at the same time, and one may be killed.
func cached(cache, toolchain string, make func(out string) error) (string, error) {
	key, err := sum(toolchain, tag, ldflags, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, key)
	path := filepath.Join(dir, "witness")
	if isELF(path) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	temp, err := os.CreateTemp(dir, ".building-*")
	if err != nil {
		return "", err
	}
	temp.Close()
	defer os.Remove(temp.Name()) // gone, if all went well
	if err := make(temp.Name()); err != nil {
		return "", err
	}
	if !isELF(temp.Name()) {
		return "", errors.New("what was built as the witness is no program; please report")
	}
	if err := os.Chmod(temp.Name(), 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return "", err
	}
	return path, nil
}

// isELF tells a program from a file that a crash of the machine has emptied.
func isELF(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := [4]byte{}
	_, err = io.ReadFull(f, magic[:])
	return err == nil && string(magic[:]) == "\x7fELF"
}

func inTemp(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", "lift-witness-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return f(dir)
}

// command runs a program and returns what it prints; an error tells the last lines that it had to say.
func command(ctx context.Context, dir string, env []string, stdin []byte, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // upon which Docker's client passes it on
	cmd.WaitDelay = 3 * time.Second                                       // then it is killed
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		if said := lastLines(errs.String(), 5); said != "" {
			return nil, fmt.Errorf("%s", said)
		}
		return nil, err
	}
	return out.Bytes(), nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func sortedKeys(m map[string][]byte) []string { return slices.Sorted(maps.Keys(m)) }
