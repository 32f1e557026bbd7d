//go:build linux

package processes_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/nginx"
	"github.com/deploylift/lift/detect/procfile"
	"github.com/deploylift/lift/detect/systemd"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/processes"
	"github.com/deploylift/lift/verify/run/witness"
)

// required reports whether LIFT_REQUIRE names the runner.
func required() bool {
	return slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), "processes")
}

// demand skips a test that lacks something of the machine, unless it is required.
func demand(t *testing.T, err error) {
	t.Helper()
	switch {
	case err == nil:
	case required():
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// app reads an example system.
func app(t *testing.T, name string) run.System {
	t.Helper()
	if !required() {
		t.Skip("installs from package registries, builds and starts a system: LIFT_REQUIRE=processes")
	}
	demand(t, processes.Runner{}.Needs(t.Context()))
	dir, err := filepath.Abs(filepath.Join("../../../fixtures/apps", name))
	if err != nil {
		t.Fatal(err)
	}
	tree, done, err := pipeline.OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	d, err := pipeline.Detect([]detect.Source{systemd.Source, procfile.Source, nginx.Source}, tree, pipeline.Options{Below: detect.Container, Name: name, Tree: "."})
	if err != nil {
		t.Fatal(err)
	}
	return run.System{Tier: "processes", App: d.App, Tree: dir, From: d.Sources, Nonce: "app" + name, Progress: t.Logf}
}

// needTools demands programs of the machine.
func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, n := range names {
		_, err := exec.LookPath(n)
		demand(t, err)
	}
}

func start(t *testing.T, s run.System) run.Running {
	t.Helper()
	began := time.Now()
	r, err := processes.Runner{}.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %s", time.Since(began).Round(10*time.Millisecond))
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		for _, dir := range []string{"/var/tmp", "/tmp", "/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
			if found, _ := filepath.Glob(filepath.Join(dir, "lift-"+s.Nonce+"-*")); len(found) > 0 {
				t.Error("left behind:", found)
			}
		}
	})
	return r
}

// web makes requests over whatever connects.
type web struct {
	t    *testing.T
	dial func(context.Context) (net.Conn, error)
}

func (w web) do(method, url, body string, header ...string) (int, string) {
	w.t.Helper()
	c, err := w.dial(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	req, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Close = true
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if err := req.Write(c); err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// The bookshop runs through its proxy: an order is placed, shipped by the worker, survives a restart, and stands in the nightly report.
func TestBookshop(t *testing.T) {
	s := app(t, "bookshop")
	needTools(t, "nginx", "node", "npm", "go", "python3")
	r := start(t, s)
	ctx := t.Context()
	i := slices.IndexFunc(s.App.Routes, func(r deploy.Route) bool { return r.Match == "http://bookshop.example/" })
	door := web{t, func(ctx context.Context) (net.Conn, error) { return r.Door(ctx, s.App.Routes[i]) }}
	if code, text := door.do("GET", "http://bookshop.example/", ""); code != 200 || !strings.Contains(text, "Middlemarch") {
		t.Errorf("front page: %d %s", code, text)
	}
	if code, _ := door.do("GET", "http://bookshop.example/books/none", ""); code != 404 {
		t.Errorf("a book that is not there: %d", code)
	}
	code, text := door.do("POST", "http://bookshop.example/orders", `{"book": "middlemarch", "quantity": 2, "customer": "Ada"}`, "Content-Type", "application/json")
	var order struct{ ID int }
	if err := json.Unmarshal([]byte(text), &order); err != nil || code/100 != 2 {
		t.Fatalf("order: %d %s", code, text)
	}
	password := ""
	for _, w := range s.App.Workloads {
		for _, e := range w.Env {
			if e.Name == "ORDERS_PASSWORD" {
				password, _ = e.Value.Reveal()
			}
		}
	}
	orders := web{t, func(ctx context.Context) (net.Conn, error) { return r.Dial(ctx, "orders", 8002) }}
	shipped := func() bool {
		req, _ := http.NewRequest("GET", "http://x", nil)
		req.SetBasicAuth("check", password)
		_, text := orders.do("GET", "http://127.0.0.1:8002/orders?status=shipped", "", "Authorization", req.Header.Get("Authorization"))
		return strings.Contains(text, fmt.Sprintf(`"id":%d,`, order.ID))
	}
	deadline := time.Now().Add(20 * time.Second)
	for !shipped() {
		if time.Now().After(deadline) {
			t.Fatal("the order was not shipped")
		}
		time.Sleep(200 * time.Millisecond)
	}
	for _, w := range []string{"storefront", "orders"} {
		e, err := r.Stop(ctx, w)
		if err != nil || e.Killed || e.Code != 0 {
			t.Errorf("%s: %+v %v\n%s", w, e, err, e.Log)
		}
	}
	if code, _ := door.do("GET", "http://bookshop.example/", ""); code != 502 {
		t.Errorf("without the storefront: %d", code)
	}
	for _, w := range []string{"orders", "storefront"} {
		if err := r.Begin(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	if !shipped() {
		t.Error("the order is gone")
	}
	e, err := r.Run(ctx, "nightly")
	if err != nil || e.Code != 0 || !strings.Contains(string(e.Log), "Middlemarch") {
		t.Errorf("%+v %v\n%s", e, err, e.Log)
	}
	for _, w := range s.App.Workloads {
		if w.Name == "nightly" {
			continue
		}
		if st, err := r.State(ctx, w.Name); err != nil || st != (run.State{Running: 1, Ready: 1}) {
			t.Errorf("%s: %+v %v", w.Name, st, err)
		}
	}
}

func TestPoll(t *testing.T) {
	s := app(t, "poll")
	needTools(t, "node")
	r := start(t, s)
	poll := web{t, func(ctx context.Context) (net.Conn, error) { return r.Published(ctx, "web", 5000) }}
	if code, text := poll.do("GET", "http://127.0.0.1:5000/", ""); code != 200 || !strings.Contains(text, "Tea or coffee?") {
		t.Errorf("%d %s", code, text)
	}
	if code, _ := poll.do("POST", "http://127.0.0.1:5000/vote", "choice=water", "Content-Type", "application/x-www-form-urlencoded"); code != 400 {
		t.Errorf("a vote for water: %d", code)
	}
	if code, text := poll.do("POST", "http://127.0.0.1:5000/vote", "choice=coffee", "Content-Type", "application/x-www-form-urlencoded"); code >= 400 {
		t.Errorf("a vote for coffee: %d %s", code, text)
	}
	if _, text := poll.do("GET", "http://127.0.0.1:5000/results", ""); !strings.Contains(text, `"coffee":1`) {
		t.Error(text)
	}
}

// The other examples start as they are, as far as this machine has what they need.
func TestOtherExamples(t *testing.T) {
	for _, name := range []string{"shortener", "weather"} {
		t.Run(name, func(t *testing.T) {
			s := app(t, name)
			needTools(t, "go", "python3")
			r := start(t, s)
			for _, w := range s.App.Workloads {
				if st, err := r.State(t.Context(), w.Name); err != nil || st != (run.State{Running: 1, Ready: 1}) {
					t.Errorf("%s: %+v %v", w.Name, st, err)
				}
			}
		})
	}
}

// The witness takes the place of all programs; nothing is built.
func TestWitness(t *testing.T) {
	s := app(t, "bookshop")
	binary, err := witness.Build(t.Context(), t.Logf)
	demand(t, err)
	s.Witness = &run.Witness{Binary: binary, Plans: map[string]witness.Plan{}}
	for _, w := range s.App.Workloads {
		p := witness.Plan{Nonce: s.Nonce, Side: s.Tier, Workload: w.Name, Socket: "lift-" + s.Nonce + "-" + w.Name, Once: w.Name == "nightly", Write: []string{"/", "/tmp", w.Dir.Or("/")}}
		for _, port := range w.Ports {
			p.Listen = append(p.Listen, port.Address.Or("0.0.0.0")+":"+port.Number)
		}
		for _, e := range w.Env {
			if !e.Value.IsSecret() {
				p.Show = append(p.Show, e.Name)
			}
		}
		s.Witness.Plans[w.Name] = p
	}
	r := start(t, s)
	for _, w := range s.App.Workloads {
		if w.Name == "nightly" {
			e, err := r.Run(t.Context(), w.Name)
			if err != nil || e.Code != 0 || !strings.Contains(string(e.Log), `"kind":"world"`) {
				t.Errorf("%+v %v\n%s", e, err, e.Log)
			}
			continue
		}
		text, err := r.Ask(t.Context(), w.Name, "ask", s.Witness.Plans[w.Name].Socket, "world")
		if err != nil {
			t.Fatal(err)
		}
		var world witness.World
		if err := json.Unmarshal(text, &world); err != nil {
			t.Fatal(err)
		}
		argv, _ := w.Command.Argv.Literals()
		if world.Workload != w.Name || !slices.Equal(world.Argv, argv) || world.UID != int(w.User.ID.Or(-1)) || world.Dir != w.Dir.Or("") || world.NoNewPrivs != w.Security.NoNewPrivileges.Or(false) ||
			world.RootReadOnly != w.Security.ReadOnlyRoot.Or(false) {
			t.Errorf("%s: %s", w.Name, text)
		}
		if memory, ok := w.Resources.Memory.Limit.Get(); ok && world.Cgroup.Memory != memory.String() {
			t.Errorf("%s has %s of memory", w.Name, world.Cgroup.Memory)
		}
		for _, e := range w.Env {
			if v, _ := e.Value.Reveal(); !e.Value.IsSecret() && world.Env[e.Name] != v {
				t.Errorf("%s: %s=%s", w.Name, e.Name, world.Env[e.Name])
			}
		}
	}
}
