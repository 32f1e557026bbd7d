package docker_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/convert/process2container"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/compose"
	"github.com/deploylift/lift/detect/dockerfile"
	"github.com/deploylift/lift/detect/nginx"
	"github.com/deploylift/lift/detect/procfile"
	"github.com/deploylift/lift/detect/systemd"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/docker"
	"github.com/deploylift/lift/verify/run/witness"
	"github.com/deploylift/lift/verify/run/witness/report"
)

// migrated takes an example system one tier up, as lift migrate does, and starts what was written.
func migrated(t *testing.T, name string, change ...func(*run.System)) (run.System, run.Running, deploy.App) {
	t.Helper()
	r := docker.New()
	if err := r.Needs(t.Context()); err != nil {
		if slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), "docker") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	base := t.TempDir()
	tree, out := filepath.Join(base, name), filepath.Join(base, "out")
	if err := os.CopyFS(tree, os.DirFS(filepath.Join("..", "..", "..", "fixtures", "apps", name))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	files, done, err := pipeline.OpenTree(tree)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	rel, place, err := pipeline.Between(out, tree)
	if err != nil {
		t.Fatal(err)
	}
	sources := []detect.Source{systemd.Source, procfile.Source, nginx.Source, compose.Source, dockerfile.Source}
	d, err := pipeline.Detect(sources, files, pipeline.Options{Below: detect.Container, Name: name, Tree: rel, Place: place})
	if err != nil {
		t.Fatal(err)
	}
	l, err := pipeline.Lift(sources, d, []pipeline.Step{{Target: process2container.Target, Tier: detect.Container, Reader: "compose"}})
	if err != nil || len(l.Problems) > 0 || len(l.Stages) != 1 {
		t.Fatal(err, l.Problems, l.Findings)
	}
	plan, err := fileset.Plan(out, l.Set, fileset.Record{Target: "compose"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Write(); err != nil {
		t.Fatal(err)
	}
	s := run.System{Tier: "docker", App: l.Stages[0].Back.App, Tree: tree, Out: out, Nonce: fmt.Sprintf("t%x", time.Now().UnixNano()), Values: map[string]string{}, Progress: t.Logf}
	for _, f := range l.Stages[0].Set.Files() {
		s.Files = append(s.Files, f.Path)
	}
	for _, w := range s.App.Workloads {
		for _, e := range w.Env {
			if p := e.Value.Param(); p != "" {
				s.Values[p] = "correct horse " + s.Nonce
			}
		}
	}
	for _, u := range r.Cannot(t.Context(), s) {
		t.Logf("cannot: %+v", u)
	}
	for _, f := range change {
		f(&s)
	}
	before := listing(t, base)
	begun := time.Now()
	x, err := r.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s started in %s", name, time.Since(begun))
	t.Cleanup(func() {
		begun := time.Now()
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("%s closed in %s", name, time.Since(begun))
		if after := listing(t, base); !slices.Equal(before, after) {
			t.Errorf("the run wrote into the tree or the output: %v, before %v", after, before)
		}
	})
	return s, x, l.Source.App
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			out = append(out, p)
			return err
		}
		st, err := d.Info()
		if err == nil {
			out = append(out, fmt.Sprint(p, st.ModTime(), st.Size()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ask sends one request over a connection.
func ask(t *testing.T, conn net.Conn, err error, method, url, body string, header ...string) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func want(t *testing.T, what string, code int, text string, wantCode int, part string) {
	t.Helper()
	if code != wantCode || !strings.Contains(text, part) {
		t.Errorf("%s: %d %.400q, want %d with %q", what, code, text, wantCode, part)
	}
}

func TestBookshop(t *testing.T) {
	s, x, original := migrated(t, "bookshop")
	ctx := t.Context()
	for _, w := range []struct {
		name string
		port int
	}{{"catalogue", 8001}, {"orders", 8002}, {"storefront", 3000}} {
		conn, err := x.Dial(ctx, w.name, w.port)
		code, text := ask(t, conn, err, "GET", "http://127.0.0.1/healthz", "")
		want(t, w.name, code, text, 200, "")
	}
	var front deploy.Route
	for _, r := range original.Routes {
		if r.Match == "http://bookshop.example" && r.Via.IsSet() || front.Match == "" && strings.HasPrefix(r.Match, "http://bookshop.example") {
			front = r
		}
	}
	if front.Match == "" {
		t.Fatalf("no route of the shop: %+v", original.Routes)
	}
	door := func() (net.Conn, error) { return x.Door(ctx, front) }
	conn, err := door()
	code, text := ask(t, conn, err, "GET", "http://bookshop.example/", "")
	want(t, "front page through nginx", code, text, 200, "Middlemarch")
	conn, err = door()
	code, text = ask(t, conn, err, "GET", "http://bookshop.example/api/catalogue/books", "")
	want(t, "the catalogue through nginx", code, text, 200, "Walden")
	conn, err = door()
	code, text = ask(t, conn, err, "POST", "http://bookshop.example/orders", `{"book": "middlemarch", "quantity": 2, "customer": "Ada"}`, "Content-Type", "application/json")
	want(t, "an order", code, text, 201, "middlemarch")
	var placed struct{ ID int }
	if err := json.Unmarshal([]byte(text), &placed); err != nil || placed.ID == 0 {
		t.Fatalf("%s: %v", text, err)
	}

	began := time.Now()
	end, err := x.Stop(ctx, "orders")
	if err != nil || end.Killed || end.Took > 20*time.Second {
		t.Errorf("Stop: %+v %v", end, err)
	}
	t.Logf("orders stopped in %s (the call: %s), status %d", end.Took, time.Since(began), end.Code)
	began = time.Now()
	if err := x.Begin(ctx, "orders"); err != nil {
		t.Fatal(err)
	}
	t.Logf("orders began in %s", time.Since(began))
	shipped := false
	for limit := time.Now().Add(20 * time.Second); !shipped && time.Now().Before(limit); time.Sleep(500 * time.Millisecond) {
		conn, err := x.Published(ctx, "orders", 8002)
		if err != nil {
			t.Fatal(err)
		}
		req, _ := http.NewRequest("GET", "/", nil)
		req.SetBasicAuth("check", s.Values["ORDERS_PASSWORD"])
		code, text := ask(t, conn, err, "GET", "http://127.0.0.1/orders", "", "Authorization", req.Header.Get("Authorization"))
		want(t, "the order after the restart", code, text, 200, fmt.Sprintf(`"id":%d,`, placed.ID))
		shipped = strings.Contains(text, "shipped")
	}
	if !shipped {
		t.Error("the worker has not shipped the order")
	}

	end, err = x.Run(ctx, "nightly")
	if err != nil || end.Code != 0 || !strings.Contains(string(end.Log), "Middlemarch") {
		t.Errorf("nightly: %+v %v %s", end, err, end.Log)
	}
	t.Logf("nightly ran for %s", end.Took)
	for _, w := range []string{"storefront", "worker", "nginx"} {
		end, err := x.Stop(ctx, w)
		if err != nil || end.Killed {
			t.Errorf("Stop of %s: %+v %v\n%s", w, end, err, end.Log)
		}
		t.Logf("%s stopped in %s, status %d", w, end.Took, end.Code)
	}
	if strings.Contains(text, s.Values["ORDERS_PASSWORD"]) {
		t.Error("an answer shows the password")
	}
}

func TestPoll(t *testing.T) {
	_, x, _ := migrated(t, "poll")
	ctx := t.Context()
	conn, err := x.Dial(ctx, "web", 5000)
	code, text := ask(t, conn, err, "GET", "http://127.0.0.1/health", "")
	want(t, "health", code, text, 200, "ok")
	vote := func(wantCount string) {
		t.Helper()
		conn, err := x.Published(ctx, "web", 5000)
		code, text := ask(t, conn, err, "POST", "http://127.0.0.1/vote", "choice=tea", "Content-Type", "application/x-www-form-urlencoded")
		want(t, "a vote", code, text, 303, "")
		conn, err = x.Published(ctx, "web", 5000)
		code, text = ask(t, conn, err, "GET", "http://127.0.0.1/results", "")
		want(t, "the results", code, text, 200, wantCount)
	}
	vote(`"tea":1`)
	end, err := x.Stop(ctx, "web")
	if err != nil || end.Killed {
		t.Errorf("Stop: %+v %v", end, err)
	}
	t.Logf("web stopped in %s, status %d", end.Took, end.Code)
	if err := x.Begin(ctx, "web"); err != nil {
		t.Fatal(err)
	}
	vote(`"tea":2`)
	end, err = x.Run(ctx, "release")
	if err != nil || end.Code != 0 {
		t.Errorf("release: %+v %v %s", end, err, end.Log)
	}
	bounded, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if st, err := x.State(bounded, "worker"); err != nil || st != (run.State{Running: 1, Ready: 1}) {
		t.Errorf("worker: %+v %v", st, err)
	}
}

// The witness itself, in the place of every program of the bookshop.
func TestBookshopWitness(t *testing.T) {
	s, x, _ := migrated(t, "bookshop", func(s *run.System) {
		binary, err := witness.Build(t.Context(), t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		s.Witness = &run.Witness{Binary: binary, Plans: map[string]witness.Plan{}}
		for _, w := range s.App.Workloads {
			p := witness.Plan{Nonce: s.Nonce, Side: "docker", Workload: w.Name, Socket: "lift-" + s.Nonce + "-" + w.Name, Once: w.Kind.Is(deploy.Cron), Stubborn: w.Name == "worker", Children: w.Name == "worker"}
			for _, port := range w.Ports {
				p.Listen = append(p.Listen, "0.0.0.0:"+port.Number)
			}
			if w.Name == "storefront" {
				p.Peers = []witness.Peer{{Workload: "orders", Name: "orders", Port: 8002}}
			}
			s.Witness.Plans[w.Name] = p
		}
	})
	ctx := t.Context()
	world := func(name string) witness.World {
		t.Helper()
		var w witness.World
		out, err := x.Ask(ctx, name, "ask", s.Witness.Plans[name].Socket, "world")
		if err != nil {
			t.Fatal(name, err)
		}
		if err := json.Unmarshal(out, &w); err != nil || w.Nonce != s.Nonce || w.Workload != name {
			t.Fatalf("%s: %v %.300s", name, err, out)
		}
		return w
	}
	c := world("catalogue")
	if got := strings.Join(c.Argv, " "); !strings.Contains(got, "python3") || strings.Contains(got, "tini") {
		t.Errorf("the catalogue's command line: %q", got)
	}
	if c.UID != 990 || c.Limits["nofile"][0] != "1024" || !c.RootReadOnly || !c.NoNewPrivs || len(c.Bounding) > 0 || c.Cgroup.Memory != "134217728" {
		t.Errorf("the catalogue's world: uid %d, nofile %v, read-only %v, no_new_privs %v, capabilities %v, memory %s", c.UID, c.Limits["nofile"], c.RootReadOnly, c.NoNewPrivs, c.Bounding, c.Cgroup.Memory)
	}
	if got := world("storefront").Peers["orders:8002"]; got.Answered != "orders" || got.Nonce != s.Nonce {
		t.Errorf("orders by its name: %+v", got)
	}
	world("nginx")
	for _, name := range []string{"nginx", "orders"} {
		port := map[string]int{"nginx": 80, "orders": 8002}[name]
		conn, err := x.Published(ctx, name, port)
		code, text := ask(t, conn, err, "GET", "http://127.0.0.1/", "")
		want(t, name+" published", code, text, 200, `"workload":"`+name+`"`)
	}
	life := world("orders").Started
	if _, err := x.Ask(ctx, "orders", "ask", s.Witness.Plans["orders"].Socket, "exit", "1"); err != nil {
		t.Error(err)
	}
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("orders does not come back")
		}
		out, err := x.Ask(ctx, "orders", "ask", s.Witness.Plans["orders"].Socket, "world")
		var w witness.World
		if err == nil && json.Unmarshal(out, &w) == nil && w.Started != life {
			break
		}
	}
	if st, err := x.State(ctx, "orders"); err != nil || st.Restarts != 1 {
		t.Errorf("orders: %+v %v", st, err)
	}
	end, err := x.Run(ctx, "nightly")
	if err != nil || end.Code != 0 || !strings.Contains(string(end.Log), report.Line) {
		t.Errorf("nightly: %+v %v %.300s", end, err, end.Log)
	}
	end, err = x.Stop(ctx, "worker")
	if err != nil || !end.Killed || end.Took < 4500*time.Millisecond || end.Took > 8*time.Second || !strings.Contains(string(end.Log), "SIGTERM") {
		t.Errorf("worker holds out for its 5s: %+v %v %.300s", end, err, end.Log)
	}
	t.Logf("worker was killed after %s", end.Took)
}
