package docker

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// bad systems: what is wrong with them has to be said, in words that name the workload and never the password, and nothing may be left.
func TestBadSystems(t *testing.T) {
	r := need(t)
	for _, c := range []struct {
		name, compose string
		dockerfile    string
		want          []string
	}{
		{
			name:    "ends at once",
			compose: "services:\n  web:" + build + "    environment: {TOKEN: \"${TOKEN:?}\"}\n    restart: always\n    command: [exit, \"7\", boom]\n",
			want:    []string{"web ended with status 7", ", the last time after ", " restarts; mend the program", "boom (secret)", "to standard error"},
		},
		{
			name:    "ends at once for good",
			compose: "services:\n  web:" + build + "    command: [exit, \"0\", done]\n",
			want:    []string{"web ended with status 0; mend the program", "\n    done"},
		},
		{
			name:    "awaited job fails",
			compose: "services:\n  release:" + build + "    restart: \"no\"\n    command: [exit, \"4\", no database]\n  web:" + build + "    depends_on: {release: {condition: service_completed_successfully}}\n",
			want:    []string{"release ended with status 4, and others wait for its end; mend", "no database"},
		},
		{
			name:    "never healthy",
			compose: "services:\n  web:" + build + "    healthcheck: {test: [CMD, /app, fail], interval: 1s, retries: 2}\n",
			want:    []string{"web runs, but its health check does not pass; mend", "the check says no", "serving"},
		},
		{
			name:    "never healthy, and awaited",
			compose: "services:\n  db:" + build + "    healthcheck: {test: [CMD, /app, fail], interval: 1s, retries: 2}\n  web:" + build + "    depends_on: {db: {condition: service_healthy}}\n",
			want:    []string{"db runs, but its health check does not pass; mend", "the check says no"},
		},
		{
			name:    "awaited, and ends over and over",
			compose: "services:\n  db:" + build + "    restart: always\n    command: [exit, \"1\"]\n    healthcheck: {test: [CMD, /app, check], interval: 1s, retries: 200}\n  web:" + build + "    depends_on: {db: {condition: service_healthy}}\n",
			want:    []string{"db ended with status 1, the last time after "},
		},
		{
			name:    "no such program",
			compose: "services:\n  web:" + build + "    entrypoint: [/nothing]\n",
			want:    []string{"web cannot be started; mend what the engine says:", "/nothing"},
		},
		{
			name: "no base image", dockerfile: "FROM registry.invalid/shop/base:1\n",
			compose: "services:\n  web:" + build,
			want:    []string{"an image cannot be built; let the engine reach the registry", "registry.invalid/shop/base:1"},
		},
		{
			name: "a build that fails", dockerfile: "FROM scratch\nARG TOKEN\nCOPY app /app\nRUN [\"/app\", \"exit\", \"9\", \"cannot\", \"build\"]\n",
			compose: "services:\n  web:\n    build: {context: ../src, dockerfile: ../out/Dockerfile, args: {TOKEN: \"${TOKEN}\"}}\n",
			want:    []string{"an image cannot be built; mend what the build runs", "cannot build (secret)"},
		},
		{
			name:    "a file that compose does not take",
			compose: "services:\n  web: {imagine: x}\n",
			want:    []string{"docker compose does not take compose.yaml; mend what it says:", "imagine"},
		},
		{
			name:    "a secret's file is missing",
			compose: "services:\n  web:" + build + "    secrets: [key]\nsecrets: {key: {file: ./key.pem}}\n",
			want:    []string{"the secret key is to come from ", "key.pem, which is not there; put the file there"},
		},
		{
			name:    "a file of the machine is missing",
			compose: "services:\n  web:" + build + "    volumes: [\"/nowhere/cert.pem:/cert.pem:ro\"]\n",
			want:    []string{"web mounts /nowhere/cert.pem of the machine, which is not there; put there"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := small(t, c.compose, deploy.Workload{Name: "web"}, deploy.Workload{Name: "db"})
			if c.dockerfile != "" {
				write(t, filepath.Join(s.Out, "Dockerfile"), c.dockerfile)
			}
			begun := time.Now()
			x, err := r.Start(t.Context(), s)
			if err == nil {
				x.Close()
				t.Fatal("it started")
			}
			if took := time.Since(begun); took > readyTime {
				t.Errorf("it took %s to say so", took)
			}
			t.Log(err)
			var say run.Error
			if !errors.As(err, &say) || say.Remedy == "" {
				t.Errorf("no error for people: %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("it does not say %q", w)
				}
			}
			if strings.Contains(err.Error(), "horse") {
				t.Error("it shows the password")
			}
			nothingLeft(t, s.Nonce)
		})
	}
}

func TestValues(t *testing.T) {
	secret := func(name string) deploy.Env { return deploy.Env{Name: name, Value: deploy.Param(name, true)} }
	s := run.System{App: deploy.App{Workloads: []deploy.Workload{{Name: "a", Env: []deploy.Env{secret("B"), secret("A")}}, {Name: "b", Env: []deploy.Env{secret("A"), secret("C")}}}}}
	s.Values = map[string]string{"C": ""}
	if err := supplied(s); err == nil || !strings.HasPrefix(err.Error(), "A, B have no values; ") {
		t.Errorf("%v", err)
	}
	s.Values = map[string]string{"A": "1", "B": "2", "C": "", "DOCKER_HOST": "tcp://elsewhere"}
	if err := supplied(s); err == nil || !strings.HasPrefix(err.Error(), "the parameter DOCKER_HOST would steer docker itself; ") {
		t.Errorf("%v", err)
	}
	t.Setenv("COMPOSE_PROFILES", "x")
	t.Setenv("A", "of the machine")
	t.Setenv("SHOP_NAME", "of the machine")
	t.Setenv("HOME", "/home/me")
	t.Setenv("DOCKER_CONFIG", "")
	os.Unsetenv("DOCKER_CONFIG")
	env := command{values: map[string]string{"A": "1", "HOME": "/srv"}}.environ()
	for _, v := range env {
		switch name, value, _ := strings.Cut(v, "="); name {
		case "COMPOSE_PROFILES", "SHOP_NAME":
			t.Errorf("%s of the machine leaks in", name)
		case "A", "HOME", "DOCKER_CONFIG":
			if value == "of the machine" || value == "/home/me" || name == "DOCKER_CONFIG" && value != "/home/me/.docker" {
				t.Errorf("%s", v)
			}
		}
	}
}

// Whatever is going on when it is called off: nothing is left, and it does not take long.
func TestCancel(t *testing.T) {
	r := need(t)
	for _, c := range []struct{ name, compose, dockerfile, sign string }{
		{"build", "services:\n  web:" + build, "FROM scratch\nCOPY app /app\nRUN [\"/app\", \"idle\"]\n", "web 2/2"},
		{"up", "services:\n  db:" + build + "    command: [idle]\n    healthcheck: {test: [CMD, /app, check], interval: 1s, retries: 900}\n  web:" + build + "    depends_on: {db: {condition: service_healthy}}\n", "", "docker: starts"},
		{"ready", "services:\n  web:" + build + "    command: [idle]\n    healthcheck: {test: [CMD, /app, check], interval: 1s, retries: 900}\n", "", "docker: starts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := small(t, c.compose, deploy.Workload{Name: "web"})
			if c.dockerfile != "" {
				write(t, filepath.Join(s.Out, "Dockerfile"), c.dockerfile)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			s.Progress = func(format string, args ...any) {
				t.Logf(format, args...)
				if line := strings.ReplaceAll(format, "%s", "") + " " + first(args); strings.Contains(line, c.sign) {
					time.AfterFunc(1500*time.Millisecond, cancel)
				}
			}
			begun := make(chan time.Time, 1)
			context.AfterFunc(ctx, func() { begun <- time.Now() })
			x, err := r.Start(ctx, s)
			if err == nil {
				x.Close()
				t.Fatal("it started")
			}
			t.Logf("gone %s after it was called off", time.Since(<-begun))
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			nothingLeft(t, s.Nonce)
			out, _ := exec.Command("pgrep", "-f", s.Nonce).Output()
			if len(out) > 0 {
				t.Errorf("processes are left: %s", out)
			}
		})
	}
}

func first(args []any) string {
	if len(args) == 0 {
		return ""
	}
	s, _ := args[0].(string)
	return s
}

func TestCancelRun(t *testing.T) {
	r := need(t)
	s := small(t, "services:\n  web:"+build+"    command: [idle]\n  job:"+build+"    profiles: [job]\n    command: [serve]\n", deploy.Workload{Name: "web"})
	x := begin(t, r, s)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := x.Run(ctx, "job"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run: %v", err)
	}
	out, err := exec.Command("docker", "ps", "--all", "--quiet", "--filter", "name="+x.c.name+"-once").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("the job's container is left: %s %v", out, err)
	}
}

// TestVictim is started by TestKilled in a process of its own.
func TestVictim(t *testing.T) {
	if os.Getenv("LIFT_TEST_VICTIM") == "" {
		t.Skip("it is the victim of TestKilled")
	}
	s := small(t, "services:\n  web:"+build+"    restart: always\n    command: [idle]\n    volumes: [\"data:/data\"]\nvolumes: {data: {}}\n", deploy.Workload{Name: "web"})
	s.Nonce = os.Getenv("LIFT_TEST_NONCE")
	s.Progress = func(format string, args ...any) { println("progress: " + format) }
	if _, err := New().Start(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	println("up")
	time.Sleep(time.Minute)
}

// What lift cannot clean up any more, because it was killed, the next run removes.
func TestKilled(t *testing.T) {
	r := need(t)
	if _, err := program(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir()) // the victim leaves what a test makes, too
	for _, sign := range []string{"progress: docker: starts", "up"} {
		t.Run(sign, func(t *testing.T) {
			victim := newNonce()
			cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
			cmd.Env = append(os.Environ(), "LIFT_TEST_VICTIM=1", "LIFT_TEST_NONCE="+victim)
			out, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			seen := false
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if strings.HasPrefix(lines.Text(), sign) {
					seen = true
					break
				}
			}
			if !seen {
				t.Error("the victim did not get so far")
			}
			if sign != "up" {
				time.Sleep(700 * time.Millisecond)
			}
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			time.Sleep(2 * time.Second) // what the engine was asked for last, it does
			left, _ := exec.Command("docker", "ps", "--all", "--quiet", "--filter", "label=lift.run=lift-"+victim).Output()
			if len(left) == 0 {
				t.Log("no container was there yet")
			}
			s := small(t, "services:\n  web:"+build+"    command: [idle]\n", deploy.Workload{Name: "web"})
			begin(t, r, s)
			nothingLeft(t, victim)
		})
	}
}

func TestNoEngine(t *testing.T) {
	need(t)
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	r := New()
	const want = "no docker engine answers at unix:///nowhere/docker.sock; start it"
	if err := r.Needs(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Needs: %v", err)
	}
	s := small(t, "services:\n  web:"+build, deploy.Workload{Name: "web"})
	if _, err := r.Start(t.Context(), s); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Start: %v", err)
	}
	if got := r.Cannot(t.Context(), s); got != nil {
		t.Errorf("Cannot: %v", got)
	}
	t.Setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
	if err := r.Needs(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "the docker engine at tcp://192.0.2.1:2375 is on another machine") {
		t.Errorf("Needs: %v", err)
	}
}

// What the system in use works with is seen, and is not written to.
func TestPathsOfTheMachine(t *testing.T) {
	r := need(t)
	if os.Geteuid() != 0 {
		t.Skip("an overlay is mounted by root alone")
	}
	data := t.TempDir()
	write(t, filepath.Join(data, "stock"), "12 books")
	write(t, filepath.Join(data, "file"), "as it was")
	absent := filepath.Join(data, "absent")
	s := small(t, "services:\n  web:"+build+"    volumes: [\""+data+":/data\", \""+data+"/file:/data/file\", \""+absent+":/absent\", \""+data+":/seen:ro\"]\n", web("web"))
	x := begin(t, r, s)
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", "/stock", "", "12 books"},
		{"PUT", "/stock", "11 books", ""},
		{"GET", "/stock", "", "11 books"},
		{"PUT", "/file", "changed", ""},
		{"GET", "/file", "", "changed"},
		{"PUT", "/new", "x", ""},
	} {
		conn, err := x.Dial(t.Context(), "web", 8080)
		if got := get(t, conn, err, c.method, c.path, c.body); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, got, c.want)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"stock": "12 books", "file": "as it was"} {
		if got, err := os.ReadFile(filepath.Join(data, name)); err != nil || string(got) != want {
			t.Errorf("%s of the machine: %q %v", name, got, err)
		}
	}
	if have, _ := os.ReadDir(data); len(have) != 2 {
		t.Errorf("the run made %v", have)
	}
}
