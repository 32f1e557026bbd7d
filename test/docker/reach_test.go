// Package docker lets Docker judge what lift writes for it: compose reads every compose.yaml, BuildKit builds the Dockerfiles of the example systems, and what came of them is looked at.
// It is a module of its own, beside test/kube and test/sam; the engine that it wants is brought up by the command in engine/.
package docker

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// need skips a test if no engine is there, unless LIFT_REQUIRE asks for one.
func need(t *testing.T) {
	t.Helper()
	why := ""
	if os.Getenv("DOCKER_HOST") == "" {
		why = "DOCKER_HOST is not set"
	} else if _, stderr, err := docker(".", "version"); err != nil {
		why = strings.TrimSpace(stderr)
	} else if _, stderr, err := docker(".", "compose", "version"); err != nil {
		why = strings.TrimSpace(stderr)
	}
	if why == "" {
		return
	}
	why = "no Docker engine with compose v2: " + why + "; start one with go run ./engine up --dir DIR and source DIR/env"
	if slices.Contains(strings.FieldsFunc(os.Getenv("LIFT_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' }), "docker") {
		t.Fatal(why)
	}
	t.Skip(why)
}

// docker runs the CLI with nothing of this process's environment but what it needs: a variable that happens to be set must not stand in for one that the user was never told of.
func docker(dir string, args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Dir = dir
	for _, k := range []string{"PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_BUILDKIT"} {
		if v, ok := os.LookupEnv(k); ok {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	if err != nil && said.Len() == 0 {
		fmt.Fprint(&said, err)
	}
	return out.String(), said.String(), err
}
