package kubernetes

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
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
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/owners"
	"github.com/deploylift/lift/verify/run/witness"
)

// example is one of the example systems as lift has written it, with its images in the local engine: docker compose build has made them.
func example(t *testing.T, name string, a deploy.App, values map[string]string, images ...string) (*Runner, run.System) {
	t.Helper()
	cluster(t)
	load := os.Getenv("LIFT_TEST_LOAD")
	o := Options{Load: load}
	if name == "poll" { // the other's images take longer to unpack than to run
		o.Unload = strings.Replace(load, "images import", "images rm", 1)
	}
	r := New(o)
	if err := r.Needs(t.Context()); err != nil {
		t.Skip(err)
	}
	for _, i := range images {
		if err := exec.Command("docker", "image", "inspect", i).Run(); err != nil {
			t.Skipf("the local engine does not have %s: build it in fixtures/systems/%s/compose/files with the tree beside it: docker compose build", i, name)
		}
	}
	out, err := filepath.Abs("../../../fixtures/systems/" + name + "/kubernetes/files")
	if err != nil {
		t.Fatal(err)
	}
	s := run.System{Tier: "kubernetes", App: a, Out: out, Nonce: system(t, a, nil).Nonce, Values: values, Progress: t.Logf}
	err = fs.WalkDir(os.DirFS(out), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			s.Files = append(s.Files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, of := range [][]string{{"ps", "--all"}, {"images"}} {
			if out, err := exec.Command("docker", slices.Concat(of, []string{"--quiet", "--filter", "label=" + labelImages + "=lift-" + s.Nonce})...).Output(); err != nil || len(out) > 0 {
				t.Errorf("left in the engine: docker %s: %s %v", of[0], out, err)
			}
		}
		list := exec.Command("/bin/sh", "-c", strings.Replace(load, "images import", "images ls --quiet", 1))
		if out, err := list.Output(); err != nil || o.Unload != "" && bytes.Contains(out, []byte(registry+"/lift-"+s.Nonce)) {
			t.Errorf("left on the node: %s %v", out, err)
		}
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), archivePrefix+owners.Self().String()+"*")); len(left) > 0 {
			t.Error("left on the disk:", left)
		}
	})
	return r, s
}

var (
	bookshop = app(map[string]deploy.Kind{"catalogue": deploy.Service, "nginx": deploy.Service, "orders": deploy.Service, "storefront": deploy.Service, "worker": deploy.Service, "nightly": deploy.Cron})
	poll     = app(map[string]deploy.Kind{"web": deploy.Service, "worker": deploy.Service, "release": deploy.Job})
)

// ask makes a request over whatever connects.
func ask(t *testing.T, dial func(context.Context) (net.Conn, error), method, url, form, body, password string) (int, string) {
	t.Helper()
	conn, err := dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form)
	if password != "" {
		req.SetBasicAuth("check", password)
	}
	req.Close = true
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

// The bookshop through its Gateway and its proxy: an order is placed, shipped by the worker, survives a restart, and stands in the nightly report.
func TestBookshop(t *testing.T) {
	r, s := example(t, "bookshop", bookshop, map[string]string{"bookshop-secrets/ORDERS_PASSWORD": testSecret}, "bookshop/orders:1.0.0", "bookshop/storefront:1.0.0", "bookshop/catalogue:1.0.0", "bookshop/worker:1.0.0", "bookshop/nightly:1.0.0", "nginx:1.28-bookworm")
	t.Log(r.Cannot(t.Context(), s))
	began := time.Now()
	p := start(t, r, s)
	t.Logf("up after %s", time.Since(began))
	for name, port := range map[string]int{"storefront": 3000, "catalogue": 8001, "orders": 8002} {
		if code, text := ask(t, func(ctx context.Context) (net.Conn, error) { return p.Dial(ctx, name, port) }, "GET", "http://x/healthz", "", "", ""); code != 200 {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
	door := func(ctx context.Context) (net.Conn, error) {
		return p.Door(ctx, deploy.Route{Match: "http://bookshop.example", Workload: deploy.Some(deploy.Ref("workloads.nginx"))})
	}
	if code, text := ask(t, door, "GET", "http://bookshop.example/", "", "", ""); code != 200 || !strings.Contains(text, "Middlemarch") {
		t.Errorf("front page: %d %s", code, text)
	}
	code, text := ask(t, door, "POST", "http://bookshop.example/orders", "application/json", `{"book": "middlemarch", "quantity": 2, "customer": "Ada"}`, "")
	var order struct{ ID int }
	if err := json.Unmarshal([]byte(text), &order); err != nil || code/100 != 2 {
		t.Fatalf("order: %d %s", code, text)
	}
	orders := func(ctx context.Context) (net.Conn, error) { return p.Dial(ctx, "orders", 8002) }
	shipped := func() bool {
		_, text := ask(t, orders, "GET", "http://x/orders?status=shipped", "", "", testSecret)
		return strings.Contains(text, `"book":"middlemarch"`)
	}
	for end := time.Now().Add(40 * time.Second); !shipped(); time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatal("the order was not shipped")
		}
	}
	for _, w := range []string{"storefront", "orders", "catalogue", "nginx", "worker"} {
		end, err := p.Stop(t.Context(), w)
		t.Logf("stop of %s: %s, code %d, killed %t, %d bytes of log, %v", w, end.Took, end.Code, end.Killed, len(end.Log), err)
		if err != nil || end.Killed {
			t.Errorf("%s: %v", w, err)
		}
	}
	for _, w := range []string{"orders", "catalogue", "storefront", "nginx", "worker"} {
		if err := p.Begin(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if !shipped() {
		t.Error("the order is gone")
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Second) { // the Gateway has to hear of the new pod
		if code, text = ask(t, door, "GET", "http://bookshop.example/", "", "", ""); code == 200 || time.Now().After(end) {
			break
		}
	}
	if code != 200 {
		t.Errorf("front page after the restart: %d %s", code, text)
	}
	end, err := p.Run(t.Context(), "nightly")
	if err != nil || end.Code != 0 || !strings.Contains(string(end.Log), "Middlemarch") {
		t.Errorf("%+v %v\n%s", end, err, end.Log)
	}
	t.Logf("nightly took %s", end.Took)
	began = time.Now()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("gone after %s", time.Since(began))
}

func TestPoll(t *testing.T) {
	r, s := example(t, "poll", poll, map[string]string{"poll-secrets/SESSION_SECRET": testSecret}, "poll/app:1.0.0")
	p := start(t, r, s)
	end, err := p.Run(t.Context(), "release")
	if err != nil || end.Code != 0 || len(end.Log) == 0 {
		t.Errorf("release: %+v %v", end, err)
	}
	web := func(ctx context.Context) (net.Conn, error) { return p.Dial(ctx, "web", 5000) }
	if code, text := ask(t, web, "POST", "http://x/vote", "application/x-www-form-urlencoded", "choice=coffee", ""); code >= 400 {
		t.Errorf("a vote for coffee: %d %s", code, text)
	}
	if end, err := p.Stop(t.Context(), "web"); err != nil || end.Killed {
		t.Errorf("%+v %v", end, err)
	}
	if err := p.Begin(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	if _, text := ask(t, web, "GET", "http://x/results", "", "", ""); !strings.Contains(text, `"coffee":1`) {
		t.Error(text)
	}
	if st, err := p.State(t.Context(), "worker"); err != nil || st.Ready != 1 {
		t.Errorf("%+v %v", st, err)
	}
}

// The witness takes the place of all programs of the bookshop.
func TestWitness(t *testing.T) {
	r, s := example(t, "bookshop", bookshop, map[string]string{"bookshop-secrets/ORDERS_PASSWORD": testSecret}, "bookshop/orders:1.0.0", "bookshop/storefront:1.0.0", "bookshop/catalogue:1.0.0", "bookshop/worker:1.0.0", "bookshop/nightly:1.0.0", "nginx:1.28-bookworm")
	binary, err := witness.Build(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	listen := map[string]string{"storefront": "0.0.0.0:3000/tcp", "catalogue": "0.0.0.0:8001/tcp", "orders": "0.0.0.0:8002/tcp", "nginx": "0.0.0.0:80/tcp"}
	argv := map[string]string{
		"storefront": "node server.js", "catalogue": "python3 app.py", "orders": "/opt/bookshop/bin/orders --listen 0.0.0.0:8002", "nginx": "nginx -g daemon off;", "worker": "python3 -u worker.py",
		"nightly": "/opt/bookshop/bin/nightly --reports /var/log/bookshop",
	}
	s.Witness = &run.Witness{Binary: binary, Plans: map[string]witness.Plan{}}
	for _, w := range s.App.Workloads {
		plan := witness.Plan{Nonce: s.Nonce, Side: s.Tier, Workload: w.Name, Socket: "lift-" + s.Nonce + "-" + w.Name, Once: w.Name == "nightly", Hide: []string{"ORDERS_PASSWORD"}}
		if l := listen[w.Name]; l != "" {
			plan.Listen = []string{l}
		}
		plan.Stubborn = w.Name == "worker"
		plan.Children = w.Name == "worker" || w.Name == "storefront"
		s.Witness.Plans[w.Name] = plan
	}
	began := time.Now()
	p := start(t, r, s)
	t.Logf("up after %s", time.Since(began))
	world := func(name string) (w witness.World) {
		t.Helper()
		text, err := p.Ask(t.Context(), name, "ask", s.Witness.Plans[name].Socket, "world")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &w); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return w
	}
	for _, w := range s.App.Workloads {
		if w.Name == "nightly" {
			continue
		}
		got := world(w.Name)
		if got.Workload != w.Name || got.Nonce != s.Nonce || strings.Join(got.Argv, " ") != argv[w.Name] {
			t.Errorf("%s: %s of %s: %q", w.Name, got.Workload, got.Nonce, got.Argv)
		}
		if _, told := got.Env[witness.Variable]; told {
			t.Errorf("%s: the plan is in the environment", w.Name)
		}
		if w.Name != "nginx" && (got.UID != 990 || !got.NoNewPrivs || !got.RootReadOnly || !witness.Matches(s.Nonce, got.Env["ORDERS_PASSWORD"], testSecret)) {
			t.Errorf("%s: %+v", w.Name, got)
		}
	}
	end, err := p.Run(t.Context(), "nightly")
	if err != nil || end.Code != 0 || !strings.Contains(string(end.Log), `"kind":"world"`) {
		t.Errorf("nightly: %+v %v\n%s", end, err, end.Log)
	}
	code, text := ask(t, func(ctx context.Context) (net.Conn, error) {
		return p.Door(ctx, deploy.Route{Match: "http://www.bookshop.example"})
	}, "GET", "http://www.bookshop.example/a?b=c", "", "", "")
	var answer witness.Answer
	if err := json.Unmarshal([]byte(text), &answer); err != nil || code != 200 || answer.Workload != "nginx" || answer.Nonce != s.Nonce || answer.URI != "/a?b=c" {
		t.Errorf("the door: %d %s", code, text)
	}
	before := world("storefront")
	if out, err := p.Ask(t.Context(), "storefront", "ask", s.Witness.Plans["storefront"].Socket, "exit", "1"); err != nil {
		t.Errorf("exit: %s %v", out, err)
	}
	for end := time.Now().Add(40 * time.Second); ; time.Sleep(500 * time.Millisecond) {
		text, err := p.Ask(t.Context(), "storefront", "ask", s.Witness.Plans["storefront"].Socket, "world")
		var w witness.World
		if err == nil && json.Unmarshal(text, &w) == nil && w.Started != before.Started {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it does not come back: %v", err)
		}
	}
	if st, err := p.State(t.Context(), "storefront"); err != nil || st.Restarts != 1 {
		t.Errorf("%+v %v", st, err)
	}
	if log, err := p.Logs(t.Context(), "storefront"); err != nil || bytes.Count(log, []byte(`"kind":"world"`)) != 2 || !bytes.Contains(log, []byte(`"kind":"asked"`)) {
		t.Errorf("the log across the restart: %v\n%s", err, log)
	}
	if end, err = p.Stop(t.Context(), "storefront"); err != nil || end.Killed || end.Code != 0 || !bytes.Contains(end.Log, []byte(`"name":"SIGTERM"`)) {
		t.Errorf("stop of storefront: %+v %v\n%s", end, err, end.Log)
	}
	t.Logf("storefront stopped in %s", end.Took)
	end, err = p.Stop(t.Context(), "worker") // its grace period is 5 s, and tini passes the signal to the group
	if err != nil || !end.Killed || end.Took < 4900*time.Millisecond || bytes.Count(end.Log, []byte(`"name":"SIGTERM"`)) != 2 {
		t.Errorf("stop of worker: %+v %v\n%s", end, err, end.Log)
	}
	t.Logf("worker killed after %s", end.Took)
}
