// Command engine brings up a Docker engine for tests on a bare Debian machine that reaches package registries and no image registry: dockerd and compose from Debian's packages, unpacked into a
// cache and not installed, and stand-ins for the upstream images that lift's Dockerfiles begin with, under their exact names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

const usage = `usage:
  engine up --dir DIR    start an engine whose state is all in DIR, and write DIR/env for the shell to source
  engine down --dir DIR  stop it, undo what it did to the machine's network and remove DIR

LIFT_TEST_CACHE is where packages and images are kept between runs; without it, lift-test/docker in the user's cache directory.`

var errUsage = errors.New("wrong usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	if errors.Is(err, errUsage) {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("engine "+args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dir := flags.String("dir", "", "where the engine keeps its state")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if *dir == "" || flags.NArg() > 0 {
		return errUsage
	}
	abs, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return up(ctx, abs)
	case "down":
		return down(abs)
	}
	return errUsage
}

// up leaves an engine running that has every stand-in; one that runs in dir already only gets those that it lacks.
func up(ctx context.Context, dir string) error {
	if os.Geteuid() != 0 {
		return errors.New("dockerd has to be started by root; run it with sudo")
	}
	c, err := openCache()
	if err != nil {
		return err
	}
	t, err := provide(ctx, c)
	if err != nil {
		return err
	}
	e := engine{dir: dir, tools: t}
	if err := e.start(ctx); err != nil {
		return err
	}
	if err := e.standIns(ctx, c); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "env"), []byte(e.env()), 0o644); err != nil {
		return err
	}
	fmt.Printf("the engine runs; source %s\n", filepath.Join(dir, "env"))
	return nil
}

func openCache() (string, error) {
	dir := os.Getenv("LIFT_TEST_CACHE")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("%w; set LIFT_TEST_CACHE", err)
		}
		dir = filepath.Join(user, "lift-test", "docker")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}
