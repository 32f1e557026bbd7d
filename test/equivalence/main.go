// Command equivalence takes the example systems from processes to Docker to a real Kubernetes node, asks both sides the same, and prints one table of what came of it.
//
// It needs nothing but root, Go, Node and the package registries: the engine and the node are brought up by test/docker/engine and test/kube/cluster, and are gone afterwards.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/deploylift/lift/report"
)

func main() {
	out := flag.String("out", "build", "directory that receives the table (equivalence.md), the reports and the logs")
	jobs := flag.Int("j", 2, "systems at once")
	only := flag.String("only", "", "these systems alone, separated by commas")
	keep := flag.String("keep", "", "use the engine and the cluster whose env files are DIR/docker/env and DIR/kube/env, and leave them running")
	patience := flag.Duration("patience", 12*time.Second, "how long a stop is watched")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := equivalence(ctx, *out, *keep, *only, *jobs, *patience); err != nil {
		fmt.Fprintln(os.Stderr, "equivalence: "+err.Error())
		os.Exit(1)
	}
}

func equivalence(ctx context.Context, out, keep, only string, jobs int, patience time.Duration) (err error) {
	begun := time.Now()
	out, err = filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	lift := filepath.Join(out, "lift")
	if err := command(ctx, os.Stderr, nil, "go", "build", "-o", lift, "./cmd/lift"); err != nil {
		return err
	}
	place := keep
	if keep == "" {
		place, err = os.MkdirTemp("", "lift-equivalence-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(place)
	}
	env := os.Environ()
	for _, p := range []struct{ name, dir, pkg string }{{"docker", "test/docker", "./engine"}, {"kube", "test/kube", "./cluster"}} {
		dir := filepath.Join(place, p.name)
		if keep == "" {
			say(begun, "%s: up", p.name)
			defer func() { // with a life of its own: an interrupted run leaves nothing either
				if e := in(context.WithoutCancel(ctx), p.dir, os.Stderr, "go", "run", p.pkg, "down", "--dir", dir); e != nil && err == nil {
					err = e
				}
			}()
			if err := in(ctx, p.dir, os.Stderr, "go", "run", p.pkg, "up", "--dir", dir); err != nil {
				return fmt.Errorf("%s does not come up: %w", p.name, err)
			}
		}
		if env, err = exports(env, filepath.Join(dir, "env")); err != nil {
			return err
		}
	}
	names, err := systems(only)
	if err != nil {
		return err
	}
	trials := make([]*report.Trial, len(names))
	faults := make([]error, len(names))
	slots := make(chan struct{}, jobs)
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				faults[i] = ctx.Err()
				return
			}
			say(begun, "%s: begins", name)
			trials[i], faults[i] = one(ctx, lift, name, out, env, patience)
			if trials[i] != nil {
				say(begun, "%s", trials[i].Line())
			} else {
				say(begun, "%s: %s", name, faults[i])
			}
		})
	}
	wg.Wait()
	var done []report.Trial
	for _, t := range trials {
		if t != nil {
			done = append(done, *t)
		}
	}
	f, err := os.Create(filepath.Join(out, "equivalence.md"))
	if err != nil {
		return err
	}
	table := io.MultiWriter(f, os.Stdout)
	err = report.Overview(table, done)
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if only == "" {
			fmt.Fprintf(table, "- %s: not run: %s\n", name, left[name])
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	say(begun, "done; the reports are in %s", out)
	return errors.Join(faults...)
}

// one migrates a system and runs both sides. An undeclared difference is an error, with the report.
func one(ctx context.Context, lift, name, out string, env []string, patience time.Duration) (*report.Trial, error) {
	work := filepath.Join(out, name)
	if err := os.RemoveAll(work); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(out, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	app := filepath.Join("fixtures", "apps", name)
	undo, err := prepare(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer undo()
	if err := command(ctx, log, env, lift, "migrate", app, "--to", "kubernetes", "--out", work); err != nil {
		return nil, fmt.Errorf("%s: migrate: %w; see %s", name, err, log.Name())
	}
	args := []string{
		"verify", app, "--out", work, "--run", "--witness", "--on", "processes,docker,kubernetes", "--require", "processes,docker,kubernetes",
		"--patience", patience.String(), "--format", "json", "--junit", filepath.Join(out, name+".xml"),
	}
	if load := value(env, "LIFT_TEST_LOAD"); load != "" {
		args = append(args, "--load", load+" {}")
	}
	if values := filepath.Join(app, "exchanges", "values.env"); exists(values) {
		args = append(args, "--values", values)
	}
	cmd := exec.CommandContext(ctx, lift, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * time.Minute // it removes what it started
	cmd.Env, cmd.Stderr = env, log
	text, failed := cmd.Output()
	if err := os.WriteFile(filepath.Join(out, name+".json"), text, 0o644); err != nil {
		return nil, err
	}
	var t report.Trial
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("%s: %w; see %s", name, failed, log.Name())
	}
	if failed != nil {
		return &t, fmt.Errorf("%s: %s", name, t.Line())
	}
	return &t, nil
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

// systems lists the example systems: every one that there is, without a list.
func systems(only string) ([]string, error) {
	if only != "" {
		return strings.Split(only, ","), nil
	}
	entries, err := os.ReadDir(filepath.Join("fixtures", "apps"))
	if err != nil {
		return nil, fmt.Errorf("%w; run it at the root of the repository", err)
	}
	var out []string
	for _, e := range entries {
		if left[e.Name()] == "" {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

func say(begun time.Time, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%5.0fs  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
}

func command(ctx context.Context, log io.Writer, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, log, log
	return cmd.Run()
}

func in(ctx context.Context, dir string, log io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	return cmd.Run()
}

// exports reads lines such as export NAME='value', as a shell does that sources the file.
func exports(env []string, file string) ([]string, error) {
	script := exec.Command("sh", "-c", `. "$1" && env -0`, "sh", file)
	script.Env = env
	out, err := script.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return slices.DeleteFunc(strings.Split(string(out), "\x00"), func(s string) bool { return s == "" }), nil
}

func value(env []string, name string) string {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
