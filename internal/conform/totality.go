// Package conform holds the tests that every source and every target must pass.
package conform

import (
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Total demands that the source is total: on minimal input, files by path, every field of every workload that it finds is set or listed in Source.Absent with a reason. Both ways: what is
// listed must exist in the model, and no workload may set it. An absence stands for all that lies below its path, "*" for any one name.
//
// A platform's default that a reader forgets is one that no writer will be asked for, so give it the smallest file that describes a running service.
func Total(t testing.TB, src detect.Source, files map[string]string) {
	t.Helper()
	tree := detect.Tree{FS: fstest.MapFS{}, Paths: slices.Sorted(maps.Keys(files))}
	for p, text := range files {
		tree.FS.(fstest.MapFS)[p] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	picked := src.Match(tree.Paths)
	if len(picked) == 0 {
		t.Fatalf("%s: matches none of the files %v", src.Name, tree.Paths)
	}
	res, err := src.Read(tree, picked)
	if err != nil {
		t.Fatalf("%s: %v", src.Name, err)
	}
	for _, f := range res.Findings {
		if f.Severity == ledger.Error {
			t.Errorf("%s: the input is bad: %s", src.Name, f)
		}
	}
	if len(res.App.Workloads) == 0 {
		t.Fatalf("%s: finds no workload", src.Name)
	}
	model := patterns(deploy.Full())
	listed := make([]bool, len(src.Absent)) // whether the place is in the model
	for _, p := range model {
		for i, a := range src.Absent {
			listed[i] = listed[i] || covers(a.Path, p)
		}
	}
	seen := map[string]bool{}
	for i, a := range src.Absent {
		switch {
		case a.Reason == "":
			t.Errorf("%s: %s is absent without a reason", src.Name, a.Path)
		case !listed[i]:
			t.Errorf("%s: %s is listed as absent, but the model has no such place", src.Name, a.Path)
		case seen[a.Path]:
			t.Errorf("%s: %s is listed as absent twice", src.Name, a.Path)
		}
		seen[a.Path] = true
	}
	for _, w := range res.App.Workloads {
		has := patterns(deploy.App{Workloads: []deploy.Workload{w}})
		for _, p := range model {
			if len(p) < 3 || p[0] != "workloads" {
				continue
			}
			set := slices.ContainsFunc(has, func(q []string) bool { return slices.Equal(p, q) })
			var absence *detect.Absence
			for i := range src.Absent {
				if covers(src.Absent[i].Path, p) {
					absence = &src.Absent[i]
				}
			}
			switch {
			case !set && absence == nil:
				t.Errorf("%s: %s does not set %s, and it is not listed as absent", src.Name, w.Name, deploy.At(p...))
			case set && absence != nil:
				t.Errorf("%s: %s sets %s, which is listed as absent (%s)", src.Name, w.Name, deploy.At(p...), absence.Reason)
			}
		}
	}
}

// patterns lists the leaves of a model as names, with "*" for the name of every element of a collection; each once.
func patterns(a deploy.App) [][]string {
	elements := map[deploy.Path]bool{}
	var out [][]string
	seen := map[deploy.Path]bool{}
	deploy.Visit(a, func(path []byte, l deploy.Leaf) {
		p := deploy.Path(path)
		if l.Presence() {
			elements[p] = true
			return
		}
		names := p.Names()
		for n, q := len(names), p; n > 0; n, q = n-1, q.Parent() {
			if elements[q] {
				names[n-1] = "*"
			}
		}
		if key := deploy.At(names...); !seen[key] {
			seen[key] = true
			out = append(out, names)
		}
	})
	return out
}

// covers reports whether the place is the absent one or lies below it.
func covers(absent string, place []string) bool {
	want := deploy.Path(absent).Names()
	if len(want) > len(place) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != place[i] {
			return false
		}
	}
	return true
}
