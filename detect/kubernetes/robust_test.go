package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

// Whatever line of a good input is lost, doubled, moved in or given another kind of value: nothing panics, every setting is accounted for, and every claim is true.
func TestEveryLine(t *testing.T) {
	values := []string{"", "{}", "[]", "[x]", "{x: y}", "7", "true", `"-1"`, "&a [*a]"}
	each := func(t *testing.T, files map[string]string, name string) {
		t.Parallel()
		lines := strings.Split(files[name], "\n")
		try := func(edit []string) {
			changed := maps.Clone(files)
			changed[name] = strings.Join(edit, "\n")
			readFiles(t, changed)
			if t.Failed() {
				t.Fatalf("with %s:\n%s", name, changed[name])
			}
		}
		for i, l := range lines {
			try(slices.Delete(slices.Clone(lines), i, i+1))
			try(slices.Insert(slices.Clone(lines), i, l))
			try(slices.Replace(slices.Clone(lines), i, i+1, "  "+l))
			if key, _, ok := strings.Cut(l, ":"); ok {
				for _, v := range values {
					try(slices.Replace(slices.Clone(lines), i, i+1, key+": "+v))
				}
			}
		}
	}
	files := lifted()
	for name := range files {
		t.Run(name, func(t *testing.T) { each(t, files, name) })
	}
	t.Run("stranger", func(t *testing.T) { each(t, map[string]string{"k8s/all.yaml": stranger}, "k8s/all.yaml") })
}

func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\na0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	got := findings(readFiles(t, map[string]string{"k8s/web.yaml": b.String()}))
	if !strings.Contains(got, "expand beyond all bounds") {
		t.Error(got)
	}
}

// An anchored block is one setting that gives several fields.
func TestAnchors(t *testing.T) {
	src := strings.Replace(minimal, `image: "shop/web:1.0"}`, `image: &i "shop/web:1.0", env: &e [{name: A, value: a}]}`, 1) + "---\n" + strings.NewReplacer("web", "db").Replace(minimal)
	res := readFiles(t, map[string]string{"k8s/web.yaml": src})
	if len(res.App.Workloads) != 2 {
		t.Error(leaves(res.App))
	}
	src = strings.Replace(minimal, "metadata: {name: web}", "metadata: {name: &n web}", 1)
	src = strings.Replace(src, "- {name: web,", "- {name: *n, args: [*n, *n], env: [{name: *n, value: *n}],", 1)
	res = readFiles(t, map[string]string{"k8s/web.yaml": src})
	if got := res.App.Workloads[0].Command.Argv.String(); got != "web web" {
		t.Error(got)
	}
}

// A stale checksum leaves running pods with the old values.
func TestChecksum(t *testing.T) {
	files := lifted()
	name := "kubernetes/base/web/configmap.yaml"
	files[name] = strings.Replace(files[name], "debug", "info", 1)
	got := findings(readFiles(t, files))
	if !strings.Contains(got, "annotations.checksum/config is not that of ConfigMap web: running pods keep the old values; write ") || strings.Count(got, "\n") != 1 {
		t.Error(got)
	}
}

// The order of files and of objects in them does not matter.
func TestOrder(t *testing.T) {
	docs := strings.Split(stranger, "---\n")
	slices.Reverse(docs)
	a := readFiles(t, map[string]string{"k8s/all.yaml": stranger})
	b := readFiles(t, map[string]string{"k8s/all.yaml": strings.Join(append([]string{""}, strings.TrimSuffix(docs[0], "...\n"), strings.Join(docs[1:], "---\n")), "---\n")})
	if leaves(a.App) != leaves(b.App) {
		t.Error(diffLines(leaves(a.App), leaves(b.App)))
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ paths, want string }{
		{"README.md k8s/a.yaml", "k8s/a.yaml"},
		{"a.yaml deploy/b.yml deploy/x/c.yaml manifests/d.json", "deploy/b.yml deploy/x/c.yaml"},
		{"k8s/a.yaml kustomization.yaml", "kustomization.yaml"},
		{"knative/kustomization.yaml kubernetes/base/kustomization.yaml kubernetes/base/web/kustomization.yaml", "kubernetes/base/kustomization.yaml"},
		{"compose.yaml", ""},
	} {
		if got := strings.Join(Source.Match(strings.Fields(c.paths)), " "); got != c.want {
			t.Errorf("of %s: %q, want %q", c.paths, got, c.want)
		}
	}
}

// Every row of the mapping has its line, its specification, and, unless it is converted, its reason. Nothing stands there twice.
func TestKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Source.Keys() {
		id := k.Section + " " + k.Name
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		if k.Doc == "" || k.Spec == "" || k.Outcome == ledger.Unaccounted {
			t.Errorf("%s: %+v", id, k)
		}
		if k.Outcome != ledger.Converted && k.Reason == "" {
			t.Errorf("%s has no reason", id)
		}
		if k.Outcome == ledger.Dropped && k.Remedy == "" {
			t.Errorf("%s has no remedy", id)
		}
		if k.Outcome == ledger.Converted && k.Example == "" {
			t.Errorf("%s has no example", id)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(stranger)
	f.Add(minimal)
	for _, text := range lifted() {
		f.Add(text)
	}
	f.Add("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List, items: [{}]}]\n")
	f.Add("resources: [web.yaml, .]\n")
	f.Add("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n name: 00000000") // a number is no name
	f.Fuzz(func(t *testing.T, src string) {
		for _, name := range []string{"k8s/web.yaml", "kustomization.yaml"} {
			fs := fstest.MapFS{name: {Data: []byte(src)}}
			res, err := Source.Read(detect.Tree{FS: fs, Paths: []string{name}}, Source.Match([]string{name}))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range verify.Claims(res.App, res.Doc) {
				t.Error(p)
			}
		}
	})
}
