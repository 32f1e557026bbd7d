package language

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// tr makes a tree of a text in the form of txtar.
func tr(text string) (fstest.MapFS, []string) {
	fsys := fstest.MapFS{}
	name := ""
	for line := range strings.Lines(strings.TrimPrefix(text, "\n")) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(n, " --") {
			name = strings.TrimSuffix(n, " --")
			fsys[name] = &fstest.MapFile{}
			continue
		}
		fsys[name].Data = append(fsys[name].Data, line...)
	}
	return fsys, pathsOf(fsys)
}

func pathsOf(fsys fstest.MapFS) []string {
	var paths []string
	for p := range fsys {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// summary writes what is known of a program, a line for each fact.
func summary(p Program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s\n", p.Name, p.Dir)
	for _, f := range []struct {
		name string
		Fact
	}{
		{"language", p.Language},
		{"version", p.Version},
		{"manager", p.Manager},
		{"lockfile", p.Lockfile},
		{"install", p.Install},
		{"build", p.Build},
		{"start", p.Start},
		{"main", p.Main},
		{"framework", p.Framework},
		{"app", p.App},
		{"vendor", p.Vendor},
		{"cgo", p.Cgo},
	} {
		line(&b, f.name, f.Fact)
	}
	for _, f := range p.Commands {
		line(&b, "command", f)
	}
	for _, l := range []struct {
		name  string
		facts []Fact
	}{{"port", p.Port}, {"health", p.Health}, {"spawns", p.Spawns}, {"env", p.Env}} {
		for _, f := range l.facts {
			line(&b, l.name, f)
		}
	}
	for _, a := range p.Assets {
		fmt.Fprintf(&b, "asset %s\n", a)
	}
	return b.String()
}

func line(b *strings.Builder, name string, f Fact) {
	if f == (Fact{}) || name == "build" && f.Value == "" {
		return
	}
	fmt.Fprintf(b, "%s %q", name, f.Value)
	if f.File != "" {
		fmt.Fprintf(b, " %s:%d", f.File, f.Line)
	}
	fmt.Fprintf(b, " (%s)\n", f.Why)
}

// checkFind compares the programs and the findings of a tree with the wanted
// text.
func checkFind(t *testing.T, files, want string) {
	t.Helper()
	fsys, paths := tr(files)
	programs, findings := Find(fsys, paths)
	var b strings.Builder
	for _, p := range programs {
		b.WriteString(summary(p))
	}
	for _, f := range findings {
		fmt.Fprintf(&b, "%s:%d: %s; %s\n", f.File, f.Line, f.What, f.Remedy)
	}
	check(t, b.String(), want)
	again, _ := Find(fsys, paths)
	for i := range again {
		if summary(again[i]) != summary(programs[i]) {
			t.Error("not deterministic")
		}
	}
}

func check(t *testing.T, got, want string) {
	t.Helper()
	got, want = strings.TrimSpace(got), strings.TrimSpace(want)
	if got != want {
		t.Errorf("got:\n%s\n\nwant:\n%s", got, want)
	}
}

func TestList(t *testing.T) {
	tree := newTree(nil, []string{"a/b/c", "z", "a-b/x", "a/b.txt", "a/b/d/e", "a.txt", "a/c"}) // unsorted on purpose
	files, dirs := tree.list(".")
	check(t, fmt.Sprint(files, dirs), "[a.txt z] [a-b a]")
	files, dirs = tree.list("a")
	check(t, fmt.Sprint(files, dirs), "[a/b.txt a/c] [b]")
	check(t, fmt.Sprint(tree.under("a/b")), "[a/b/c a/b/d/e]")
	check(t, fmt.Sprint(tree.under("a/none")), "[]")
}

// opened counts which files are opened.
type opened struct {
	fstest.MapFS
	names map[string]int
}

func (o opened) Open(name string) (fs.File, error) {
	o.names[name]++
	return o.MapFS.Open(name)
}

func TestFindOpensBuildFilesOnly(t *testing.T) {
	fsys, paths := tr(`
-- web/package.json --
{"name": "web", "scripts": {"start": "node server.js"}, "dependencies": {"express": "5"}}
-- web/server.js --
listen(3000)
-- web/lib/deep.js --
x
-- web/node_modules/express/package.json --
{"name": "express", "main": "index.js"}
-- web/node_modules/express/index.js --
x
-- docs/readme.md --
x
-- .git/config --
x
`)
	o := opened{fsys, map[string]int{}}
	programs, _ := Find(o, paths)
	if len(programs) != 1 {
		t.Fatalf("%d programs", len(programs))
	}
	if len(o.names) != 1 || o.names["web/package.json"] != 1 {
		t.Errorf("opened %v", o.names)
	}
}

func TestUnreadable(t *testing.T) {
	fsys := fstest.MapFS{
		"a/package.json":   {Data: []byte(`{"main": "x.js"}`)},
		"b/package.json":   {Mode: fs.ModeNamedPipe},
		"c/package.json":   {Data: append([]byte(`{"main": "`), make([]byte, maxFile)...)},
		"e/pyproject.toml": {Data: []byte("[project]\nname = \x00\x01\xff")},
		"e/app.py":         {Data: []byte("\x00\xff\xfe")},
		"f/go.mod":         {Data: []byte("\x00\x01 module ]]")},
		"f/main.go":        {Data: []byte("package main")},
		"g/package.json":   {Data: []byte(strings.Repeat(`{"a":[`, 100_000))},
		"h/pyproject.toml": {Data: []byte("[project]\nx = " + strings.Repeat("[", 200_000))},
		"i/package.json":   {Data: []byte("")},
		"j/package.json":   {Data: []byte("[]")},
	}
	paths := append(pathsOf(fsys), "d/package.json") // listed, but gone
	slices.Sort(paths)
	programs, findings := Find(fsys, paths)
	var names []string
	for i := range programs {
		programs[i].Scan(fsys, paths)
		names = append(names, programs[i].Dir)
	}
	check(t, strings.Join(names, " "), "a b c d e f g h i j")
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s:%d\n", f.File, f.Line)
	}
	check(t, b.String(), "b/package.json:0\nc/package.json:0\nd/package.json:0\ne/pyproject.toml:2\nf/go.mod:1\ng/package.json:1\nh/pyproject.toml:2\ni/package.json:1\nj/package.json:1")
}

// BenchmarkFind looks at a tree of 100,000 paths.
func BenchmarkFind(b *testing.B) {
	fsys := fstest.MapFS{}
	for d := range 100 {
		svc := fmt.Sprintf("services/s%02d", d)
		switch d % 3 {
		case 0:
			fsys[svc+"/package.json"] = &fstest.MapFile{Data: []byte(`{"name":"a","scripts":{"start":"node server.js"},"dependencies":{"express":"5"}}`)}
			fsys[svc+"/server.js"] = &fstest.MapFile{Data: []byte("require('express')().listen(3000)")}
		case 1:
			fsys[svc+"/pyproject.toml"] = &fstest.MapFile{Data: []byte("[project]\nname = \"a\"\ndependencies = [\"flask\"]\n")}
			fsys[svc+"/app.py"] = &fstest.MapFile{Data: []byte("app = Flask(__name__)\n")}
		case 2:
			fsys[svc+"/go.mod"] = &fstest.MapFile{Data: []byte("module a\n\ngo 1.26\n")}
			fsys[svc+"/main.go"] = &fstest.MapFile{Data: []byte("package main\n")}
		}
		for s := range 10 {
			for f := range 98 {
				ext := []string{"js", "py", "go", "md", "css", "json", "txt"}[f%7]
				name := fmt.Sprintf("%s/lib%d/file%02d.%s", svc, s, f, ext)
				fsys[name] = &fstest.MapFile{Data: []byte("package lib\n")}
			}
		}
		for f := range 10 {
			fsys[fmt.Sprintf("%s/node_modules/m%d/package.json", svc, f)] = &fstest.MapFile{Data: []byte("{}")}
		}
	}
	paths := pathsOf(fsys)
	b.ReportMetric(float64(len(paths)), "paths")
	b.ReportAllocs()
	for b.Loop() {
		programs, _ := Find(fsys, paths)
		if len(programs) != 100 {
			b.Fatalf("%d programs", len(programs))
		}
	}
}
