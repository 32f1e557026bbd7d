package docker

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Each thing that may be missing is named with its remedy. A docker command of the test's own answers.
func TestNeeds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the docker command of the test is a script")
	}
	const ok = `
context) echo unix:///var/run/docker.sock ;;
version) echo "28.2.2 linux" ;;
compose) echo "v2.39.1" ;;
`
	for _, c := range []struct{ name, script, want string }{
		{"all there", ok, ""},
		{"no engine", "version) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;;" + ok, "no docker engine answers at unix:///var/run/docker.sock; start it"},
		{"no rights", "version) echo 'permission denied while trying to connect' >&2; exit 1 ;;" + ok, "this user may not speak to the docker engine at unix:///var/run/docker.sock; run lift as root"},
		{"another machine", "context) echo ssh://me@build.example ;;" + ok, "the docker engine at ssh://build.example is on another machine"},
		{"another system", "version) echo '28.2.2 windows' ;;" + ok, "the docker engine at unix:///var/run/docker.sock runs containers of windows; "},
		{"no compose", "compose) echo \"docker: 'compose' is not a docker command.\" >&2; exit 1 ;;" + ok, "docker has no plugin compose; install Docker's plugin compose, 2.24 or newer"},
		{"old compose", "compose) echo 2.23.3-ubuntu ;;" + ok, "docker compose is version 2.23.3-ubuntu, which knows no override tags; "},
		{"no buildx", "compose) echo 2.40.3 ;; buildx) echo 'unknown command' >&2; exit 1 ;;" + ok, "docker compose 2.40 builds no image without the plugin buildx, which is not there; install"},
		{"old buildx", "compose) echo 5.0.1 ;; buildx) echo 'github.com/docker/buildx v0.16.2 34c1952' ;;" + ok, "docker compose 5.0 builds no image with buildx 0.16; install"},
		{"new buildx", "compose) echo v5.0.1-desktop.2 ;; buildx) echo 'github.com/docker/buildx v0.17.0 x' ;;" + ok, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\ncase \"$1\" in\n"+c.script+"*) echo unexpected >&2; exit 9 ;;\nesac\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir)
			err := New().Needs(t.Context())
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)):
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	t.Setenv("PATH", t.TempDir())
	if err := New().Needs(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "the docker command is not on the PATH; install") {
		t.Error(err)
	}
}
