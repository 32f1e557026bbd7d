package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/witness"
)

// need skips a test where no engine is, or fails it where one has to be.
func need(t *testing.T) *Runner {
	t.Helper()
	r := New()
	if err := r.Needs(t.Context()); err != nil {
		if slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), "docker") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return r
}

var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lift-docker-test-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "app")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, ".")
	cmd.Dir = filepath.Join("testdata", "app")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

const password = "correct-$horse'\"\\7"

// small lays a system out as lift migrate does: the sources in one directory, what is written in another.
func small(t *testing.T, compose string, workloads ...deploy.Workload) run.System {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	base := t.TempDir()
	tree, out := filepath.Join(base, "src"), filepath.Join(base, "out")
	for _, d := range []string{tree, out} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(file, filepath.Join(tree, "app")); err != nil {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(tree, "app"), string(data))
	}
	if err := os.Chmod(filepath.Join(tree, "app"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(out, "Dockerfile"), "FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]\nCMD [\"serve\"]\n")
	write(t, filepath.Join(out, "compose.yaml"), compose)
	return run.System{
		Tier: "docker", App: deploy.App{Workloads: workloads}, Tree: tree, Out: out, Files: []string{"Dockerfile", "compose.yaml"},
		Values: map[string]string{"TOKEN": password}, Nonce: newNonce(), Progress: t.Logf,
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const build = `
    image: shop/web:1.0
    build: {context: ../src, dockerfile: ../out/Dockerfile}
`

func begin(t *testing.T, r *Runner, s run.System) *running {
	t.Helper()
	x, err := r.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		nothingLeft(t, s.Nonce)
	})
	return x.(*running)
}

// nothingLeft looks for everything that a run could leave, by names and not by the labels that the runner goes by.
func nothingLeft(t *testing.T, nonce string) {
	t.Helper()
	for _, args := range [][]string{
		{"ps", "--all", "--format", "{{.Names}}"},
		{"network", "ls", "--format", "{{.Name}}"},
		{"volume", "ls", "--format", "{{.Name}}"},
		{"image", "ls", "--all", "--format", "{{.Repository}}"},
		{"image", "ls", "--all", "--quiet", "--filter", "label=lift.run=lift-" + nonce},
		{"volume", "ls", "--quiet", "--filter", "label=lift.run=lift-" + nonce},
	} {
		out, err := exec.Command("docker", args...).CombinedOutput()
		if err != nil {
			t.Errorf("docker %v: %v: %s", args, err, out)
		}
		for _, line := range strings.Fields(string(out)) {
			if strings.Contains(line, nonce) || args[1] != "--all" && slices.Contains(args, "--filter") {
				t.Errorf("docker %s still shows %s", args[0], line)
			}
		}
	}
	if dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), "*"+nonce+"*")); len(dirs) > 0 {
		t.Errorf("%v is left", dirs)
	}
}

func get(t *testing.T, conn net.Conn, err error, method, path, body string) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
	req, err := http.NewRequest(method, "http://shop.example"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func web(name string) deploy.Workload {
	return deploy.Workload{Name: name, Kind: deploy.Some(deploy.Service), Ports: []deploy.Port{{Number: "8080/tcp", Published: deploy.Some("127.0.0.1:80")}}}
}

const whole = `name: shop
services:
  web:` + build + `
    container_name: shop-web
    environment: {NAME: web, TOKEN: "${TOKEN:?secret; set it in .env}"}
    ports: ["80:8080", {target: 8080, published: "9090", host_ip: 127.0.0.1}]
    volumes: ["data:/data"]
    depends_on: {release: {condition: service_completed_successfully}}
    networks: [front, default]
    ulimits: {nofile: {soft: 1024, hard: 524288}}
    healthcheck: {test: [CMD, /app, check], interval: 30s, timeout: 3s, start_period: 60s}
    command: [serve, 200ms, 300ms]
    restart: always
    stop_grace_period: 5s
  stubborn:` + build + `
    command: [serve, 0s, never]
    stop_grace_period: 2s
    deploy: {replicas: 2}
  release:` + build + `
    command: [exit, "0", released]
    restart: "no"
  nightly:` + build + `
    profiles: [cron]
    depends_on: [web]
    environment: {TOKEN: "${TOKEN:?secret; set it in .env}"}
    command: [exit, "3", nightly, $$TOKEN]
volumes:
  data: {name: shop-data}
networks:
  front: {external: true}
`

func TestSystem(t *testing.T) {
	r := need(t)
	taken, err := net.Listen("tcp", "127.0.0.1:9090") // the user's own copy has the port
	if err == nil {
		defer taken.Close()
	}
	s := small(t, whole, web("web"),
		deploy.Workload{Name: "stubborn", Kind: deploy.Some(deploy.Service), Ports: []deploy.Port{{Number: "8080/tcp"}}},
		deploy.Workload{Name: "release", Kind: deploy.Some(deploy.Job)},
		deploy.Workload{Name: "nightly", Kind: deploy.Some(deploy.Cron)})
	begun := time.Now()
	x := begin(t, r, s)
	t.Logf("started in %s", time.Since(begun))
	ctx := t.Context()

	conn, err := x.Dial(ctx, "web", 8080)
	if got, want := get(t, conn, err, "GET", "/x", ""), "web "+password+" /x"; got != want {
		t.Errorf("Dial: %q, want %q", got, want)
	}
	conn, err = x.Published(ctx, "web", 8080)
	if got := get(t, conn, err, "PUT", "/order", "7 books"); got != "" {
		t.Errorf("PUT: %q", got)
	}
	conn, err = x.Door(ctx, deploy.Route{Match: "http://shop.example", Workload: deploy.Some(deploy.Ref("workloads.web"))})
	if got := get(t, conn, err, "GET", "/order", ""); got != "7 books" {
		t.Errorf("Door: %q", got)
	}
	if _, err := x.Published(ctx, "stubborn", 8080); !isNotHere(err) {
		t.Errorf("Published of a port that is not offered: %v", err)
	}
	if _, err := x.Dial(ctx, "nightly", 8080); !isNotHere(err) {
		t.Errorf("Dial to what does not run: %v", err)
	}
	if st, err := x.State(ctx, "stubborn"); err != nil || st != (run.State{Running: 2, Ready: 2}) {
		t.Errorf("State: %+v %v", st, err)
	}
	if st, err := x.State(ctx, "web"); err != nil || st != (run.State{Running: 1, Ready: 1}) {
		t.Errorf("State: %+v %v", st, err)
	}

	end, err := x.Run(ctx, "nightly")
	said := strings.Split(strings.TrimSpace(string(end.Log)), "\n")
	slices.Sort(said) // the engine collects the two streams apart
	if err != nil || end.Code != 3 || end.Killed || end.Took <= 0 || !slices.Equal(said, []string{"nightly $TOKEN " + password, "to standard error"}) {
		t.Errorf("Run: %+v %v %q", end, err, end.Log)
	}

	end, err = x.Stop(ctx, "web")
	if err != nil || end.Code != 0 || end.Killed || end.Took < 300*time.Millisecond || end.Took > 5*time.Second || string(end.Log) != "serving\nasked to stop\n" {
		t.Errorf("Stop: %+v %v %q", end, err, end.Log)
	}
	if st, err := x.State(ctx, "web"); err != nil || st.Running != 0 {
		t.Errorf("State after Stop: %+v %v", st, err)
	}
	if err := x.Begin(ctx, "web"); err != nil {
		t.Fatal(err)
	}
	conn, err = x.Door(ctx, deploy.Route{Match: "http://shop.example", Workload: deploy.Some(deploy.Ref("workloads.web"))})
	if got := get(t, conn, err, "GET", "/order", ""); got != "7 books" {
		t.Errorf("after the restart: %q", got)
	}
	if log, err := x.Logs(ctx, "web"); err != nil || string(log) != "serving\nasked to stop\nserving\n" {
		t.Errorf("Logs: %q %v", log, err)
	}

	end, err = x.Stop(ctx, "stubborn")
	if err != nil || end.Code != -1 || !end.Killed || end.Took < 1900*time.Millisecond || end.Took > 10*time.Second {
		t.Errorf("Stop of a stubborn one: %+v %v", end, err)
	}
	if err := x.Begin(ctx, "stubborn"); err != nil {
		t.Fatal(err)
	}
	// who does not want to wait for the end of a stop goes on at once
	bounded, cancel := context.WithTimeout(ctx, 700*time.Millisecond)
	defer cancel()
	if _, err := x.Stop(bounded, "stubborn"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stop that was broken off: %v", err)
	}
	if log, err := x.Logs(ctx, "stubborn"); err != nil || !strings.Contains(string(log), "serving") {
		t.Errorf("Logs while it is stopped: %q %v", log, err)
	}
	begun = time.Now()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("closed in %s", time.Since(begun))
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	for _, dir := range []string{s.Tree, s.Out} {
		if have, _ := os.ReadDir(dir); len(have) > 2 {
			t.Errorf("the run has written into %s: %v", dir, have)
		}
	}
	if out, _ := exec.Command("docker", "image", "ls", "--quiet", "shop/web").Output(); len(out) > 0 {
		t.Error("the user's own tag was made")
	}
}

func isNotHere(err error) bool {
	_, ok := err.(run.NotHere)
	return ok
}

func TestWitness(t *testing.T) {
	r := need(t)
	s := small(t, `
services:
  web:`+build+`
    environment: {TOKEN: "${TOKEN:?}"}
    command: [serve, "--token=$$TOKEN"]
    healthcheck: {test: [CMD, /app, check], interval: 1s, timeout: 3s}
  plain:`+build+`
    command: [idle]
  job:`+build+`
    profiles: [job]
    entrypoint: [/app, exit, "0"]
`, web("web"), deploy.Workload{Name: "plain"}, deploy.Workload{Name: "job", Kind: deploy.Some(deploy.Job)})
	file, _ := program()
	s.Witness = &run.Witness{Binary: file, Plans: map[string]witness.Plan{"web": {Nonce: s.Nonce, Socket: "$x"}, "job": {}}}
	x := begin(t, r, s)
	ctx := t.Context()
	if log, err := x.Logs(ctx, "web"); err != nil || !strings.Contains(string(log), `in the place of ["/app" "serve" "--token=$TOKEN"]`) {
		t.Errorf("the witness got another command line: %q %v", log, err)
	}
	if out, err := x.Ask(ctx, "web", "ask", "socket", "world"); err != nil || string(out) != "asked socket world true\n" {
		t.Errorf("Ask: %q %v", out, err)
	}
	if _, err := x.Ask(ctx, "plain", "ask"); !isNotHere(err) {
		t.Errorf("Ask where no witness is: %v", err)
	}
	if log, err := x.Logs(ctx, "plain"); err != nil || string(log) != "idle\n" {
		t.Errorf("a workload without a plan keeps its program: %q %v", log, err)
	}
	out, err := x.c.output(ctx, "container", "inspect", "--format", "{{json .Config.Env}}", x.c.name+"-web-1")
	if err != nil || !strings.Contains(string(out), `\"socket\":\"$x\"`) {
		t.Errorf("the plan is another one: %s %v", out, err)
	}
}

func newNonce() string { return "t" + strings.ToLower(rand.Text()[:11]) }
