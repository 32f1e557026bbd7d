//go:build linux

// The example systems of fixtures/apps are asked what their files of exchanges say, by the runners of this machine.
package examples_test

import (
	"fmt"
	"maps"
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
	"github.com/deploylift/lift/verify/run/exchange"
	"github.com/deploylift/lift/verify/run/processes"
)

// TestMain lets this binary be the supervisor of the processes as well: their runner starts itself anew for that.
func TestMain(m *testing.M) {
	processes.Child()
	os.Exit(m.Run())
}

// examples are the systems of fixtures/apps, and why their programs cannot run on a bare machine, if so.
var examples = map[string]string{
	"bookshop": "", "poll": "", "shortener": "", "weather": "",
	"chat":      "its nginx has certificates that are not in the tree",
	"guestbook": "it needs a PostgreSQL server",
	"notebook":  "it needs Redis, and packages of PyPI",
}

// lifted is an example, and what it becomes.
type lifted struct {
	dir, out string
	source   pipeline.Detected
	compose  pipeline.Stage
	files    []exchange.File
}

// lift reads an example with its exchanges, and takes it one tier up.
func lift(t *testing.T, name string) lifted {
	t.Helper()
	base := t.TempDir()
	l := lifted{dir: filepath.Join(base, name), out: filepath.Join(base, "out")}
	if err := os.CopyFS(l.dir, os.DirFS(filepath.Join("../../../../fixtures/apps", name))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(l.out, 0o755); err != nil {
		t.Fatal(err)
	}
	tree, done, err := pipeline.OpenTree(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	rel, place, err := pipeline.Between(l.out, l.dir)
	if err != nil {
		t.Fatal(err)
	}
	sources := []detect.Source{systemd.Source, procfile.Source, nginx.Source, compose.Source, dockerfile.Source}
	if l.source, err = pipeline.Detect(sources, tree, pipeline.Options{Below: detect.Container, Name: name, Tree: rel, Place: place}); err != nil {
		t.Fatal(err)
	}
	up, err := pipeline.Lift(sources, l.source, []pipeline.Step{{Target: process2container.Target, Tier: detect.Container, Reader: "compose"}})
	if err != nil || len(up.Stages) != 1 {
		t.Fatal(err, up.Findings)
	}
	l.compose = up.Stages[0]
	plan, err := fileset.Plan(l.out, up.Set, fileset.Record{Target: "compose"}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Write(); err != nil {
		t.Fatal(err)
	}
	var faults []exchange.Fault
	if l.files, faults, err = exchange.Load(os.DirFS(filepath.Join(l.dir, "exchanges")), "fixtures/apps/"+name+"/exchanges"); err != nil {
		t.Fatal(err)
	}
	for _, f := range l.files {
		faults = append(faults, exchange.Vet(f, l.source.App, l.values())...)
	}
	for _, f := range faults {
		t.Error(f)
	}
	return l
}

// values makes up what people would supply.
func (l lifted) values() map[string]string {
	out := map[string]string{}
	for _, app := range []deploy.App{l.source.App, l.compose.Back.App} {
		for _, w := range app.Workloads {
			for _, e := range w.Env {
				if p := e.Value.Param(); p != "" {
					out[p] = "correct horse " + p
				}
			}
		}
	}
	return out
}

// called tells what the original's workloads are called in compose.
func (l lifted) called() map[string]string {
	out := map[string]string{}
	for _, m := range l.compose.Lowering.Moves {
		if m.From.Parent() == deploy.At("workloads") && m.To.Parent() == deploy.At("workloads") {
			out[m.From.Base()] = m.To.Base()
		}
	}
	return out
}

// The exchanges of every example are about the system: their workloads, ports, routes and variables are there. What is derived of it can be read as well, and asks for each of its services.
func TestExamplesAreAboutTheirSystems(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		t.Run(name, func(t *testing.T) {
			l := lift(t, name)
			if len(l.files) == 0 {
				t.Fatal("no exchanges")
			}
			for _, f := range l.files {
				text, err := os.ReadFile(filepath.Join(l.dir, "exchanges", filepath.Base(f.Name)))
				if err != nil {
					t.Fatal(err)
				}
				if printed := exchange.Print(f); printed != string(text) {
					t.Errorf("%s is not written as Print does it:\n%s", f.Name, printed)
				}
			}
			derived, _ := exchange.Derive(l.source.App, []exchange.Tier{{App: l.compose.Back.App, Called: l.called()}}, nil)
			again, faults := exchange.Parse("derived", exchange.Print(derived))
			for _, x := range append(faults, exchange.Vet(again, l.source.App, nil)...) {
				t.Error(x)
			}
			for _, w := range l.source.App.Workloads {
				if len(w.Ports) > 0 && !strings.Contains(exchange.Print(derived), " "+w.Name+":") {
					t.Errorf("%s is not asked", w.Name)
				}
			}
		})
	}
}

// required reports whether LIFT_REQUIRE names a runner.
func required(runner string) bool {
	return slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), runner)
}

// play starts a side, plays all files on it in their order, and removes it.
func play(t *testing.T, r run.Runner, s run.System, routes []deploy.Route, called map[string]string, files []exchange.File) []exchange.Recording {
	t.Helper()
	began := time.Now()
	x, err := r.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	ready := time.Now()
	var out []exchange.Recording
	for _, f := range files {
		rec, err := exchange.Play(t.Context(), f, exchange.Side{Tier: s.Tier, App: s.App, Routes: routes, Called: called, Values: s.Values, Nonce: s.Nonce, Target: x, Progress: t.Logf})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
	t.Logf("%s: started in %s, asked for %s", s.Tier, ready.Sub(began).Round(time.Millisecond), time.Since(ready).Round(time.Millisecond))
	return out
}

// The examples answer as their files say, twice; and what they become answers alike. Each runner has to be asked for: LIFT_REQUIRE=processes, or processes,docker.
func TestExamplesAnswer(t *testing.T) {
	if !required("processes") {
		t.Skip("installs from package registries, builds and starts systems: LIFT_REQUIRE=processes")
	}
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		t.Run(name, func(t *testing.T) {
			if why := examples[name]; why != "" {
				t.Skip(why)
			}
			l := lift(t, name)
			derived, _ := exchange.Derive(l.source.App, []exchange.Tier{{App: l.compose.Back.App, Called: l.called()}}, nil)
			derived.Name = "derived"
			files := append([]exchange.File{derived}, l.files...)
			routes := l.source.App.Routes
			s := run.System{Tier: "processes", App: l.source.App, Tree: l.dir, From: l.source.Sources, Values: l.values(), Progress: t.Logf}
			s.Nonce = fmt.Sprintf("x%x", time.Now().UnixNano())
			first := play(t, processes.Runner{}, s, routes, nil, files)
			s.Nonce = fmt.Sprintf("x%x", time.Now().UnixNano())
			second := play(t, processes.Runner{}, s, routes, nil, files)
			var noise []exchange.Noise
			for i, f := range files {
				for _, x := range exchange.Check(f, first[i]) {
					t.Error(x)
				}
				noise = append(noise, exchange.Hear(f, first[i], second[i]))
				for _, n := range noise[i].List() {
					t.Logf("noise: %s: %s: %s", n.Name, n.Place, n.Form)
				}
				judge(t, f, exchange.Compare(f, first[i], second[i], noise[i], routes))
			}
			if !required("docker") {
				return
			}
			d := run.System{Tier: "docker", App: l.compose.Back.App, Tree: l.dir, Out: l.out, Values: l.values(), Nonce: fmt.Sprintf("x%x", time.Now().UnixNano()), Progress: t.Logf}
			for _, f := range l.compose.Set.Files() {
				d.Files = append(d.Files, f.Path)
			}
			other := play(t, docker.New(), d, routes, l.called(), files)
			var all [][]exchange.Result
			for i, f := range files {
				rs := exchange.Compare(f, first[i], other[i], noise[i], routes)
				all = append(all, rs)
				judge(t, f, rs)
			}
			counts := map[exchange.Status]int{}
			for _, rs := range all {
				for _, r := range rs {
					counts[r.Status]++
				}
			}
			t.Logf("docker: %v", counts)
		})
	}
}

func judge(t *testing.T, f exchange.File, rs []exchange.Result) {
	t.Helper()
	for _, r := range rs {
		switch r.Status {
		case exchange.Different, exchange.Unmet:
			t.Errorf("%s:%d: %s: %s %s %v", f.Name, r.Line, r.Name, r.Status, r.Why, r.Differences)
		case exchange.NotTested, exchange.Declared:
			t.Logf("%s:%d: %s: %s %s %v", f.Name, r.Line, r.Name, r.Status, r.Why, r.Differences)
		}
	}
}
