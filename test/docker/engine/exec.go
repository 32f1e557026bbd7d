package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// command runs a program and returns what it printed. What it said is part of the error alone: a run that goes well is quiet.
func command(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		text := out.String() + said.String()
		if len(text) > 6000 {
			text = "…" + text[len(text)-6000:]
		}
		return out.String(), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, strings.TrimSpace(text))
	}
	return out.String(), nil
}

// step tells what is being done and, by the function that it returns, how long it took.
func step(format string, args ...any) func() {
	what, start := fmt.Sprintf(format, args...), time.Now()
	fmt.Fprintf(os.Stderr, "engine: %s\n", what)
	return func() { fmt.Fprintf(os.Stderr, "engine: %s: %.1f s\n", what, time.Since(start).Seconds()) }
}
