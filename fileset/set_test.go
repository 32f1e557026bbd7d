package fileset

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAddRefuses(t *testing.T) {
	for path, want := range map[string]string{
		"":                  `"": path names no file`,
		".":                 `".": path names no file`,
		"/etc/passwd":       `"/etc/passwd": path is absolute; use one relative to the output folder`,
		"..":                `"..": path leads out of the output folder`,
		"../x":              `"../x": path leads out of the output folder`,
		"a/../../x":         `"a/../../x": path leads out of the output folder`,
		"a/..":              `"a/..": path leads out of the output folder`,
		`a\b`:               `"a\\b": path has a backslash, a colon or a control character`,
		`C:/x`:              `"C:/x": path has a backslash, a colon or a control character`,
		"a\nb":              `"a\nb": path has a backslash, a colon or a control character`,
		"a//b":              `"a//b": path is not clean`,
		"./a":               `"./a": path is not clean`,
		"a/":                `"a/": path is not clean`,
		"a\xff":             `"a\xff": path is not clean`,
		".lift":             `".lift": path lies in .lift, which lift keeps for itself`,
		".lift/record.json": `".lift/record.json": path lies in .lift, which lift keeps for itself`,
		".LIFT/x":           `".LIFT/x": path lies in .lift, which lift keeps for itself`,
		"taken":             `taken: generated twice with different content`,
		"taken/x/y":         `taken/x/y: taken is a file and cannot be its folder`,
		"dir":               `dir: is the folder of dir/sub/x and cannot be a file`,
		"dir/sub":           `dir/sub: is the folder of dir/sub/x and cannot be a file`,
	} {
		var s Set
		add(t, &s, "taken", "1")
		add(t, &s, "dir-x", "1") // stands between dir and dir/
		add(t, &s, "dir/sub/x", "1")
		before := s.Files()
		if err := s.Add(path, []byte("2")); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
		if d := cmp.Diff(before, s.Files()); d != "" {
			t.Errorf("%q: refused, but %s", path, d)
		}
	}
}

func add(t *testing.T, s *Set, path, data string) {
	t.Helper()
	if err := s.Add(path, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func TestAddTwice(t *testing.T) {
	var s Set
	data := []byte("x")
	if err := s.Add("a", data); err != nil {
		t.Fatal(err)
	}
	data[0] = 'y' // the set has a copy
	add(t, &s, "a", "x")
	if got, ok := s.Get("a"); !ok || string(got) != "x" || len(s.Files()) != 1 {
		t.Errorf("%q %v %v", got, ok, s.Files())
	}
	if got, ok := s.Get("b"); ok || got != nil {
		t.Errorf("%q %v", got, ok)
	}
}

func TestCopiesAreIndependent(t *testing.T) {
	var a Set
	add(t, &a, "m", "1")
	b := a
	add(t, &a, "a", "2")
	add(t, &b, "b", "3")
	add(t, &b, "z", "4")
	if got := paths(a) + "|" + paths(b); got != "a m|b m z" {
		t.Error(got)
	}
}

func paths(s Set) string {
	var out []string
	for _, f := range s.Files() {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

func TestJoin(t *testing.T) {
	var a, b, c Set
	add(t, &a, "x", "1")
	add(t, &b, "x", "1")
	add(t, &b, "a", "2")
	add(t, &c, "x", "3")
	if s, err := Join(a, b); err != nil || paths(s) != "a x" {
		t.Errorf("%v %v", s, err)
	}
	if s, err := Join(a, c); err == nil || len(s.Files()) != 0 {
		t.Errorf("%v %v", s, err)
	}
	if s, err := Join(); err != nil || len(s.Files()) != 0 {
		t.Errorf("%v %v", s, err)
	}
}

var somePaths = rapid.SliceOf(rapid.StringMatching(`[ab.-]{1,2}(/[ab.-]{1,2}){0,2}`))

// TestAddOrder adds the same files in two orders: those that fit together give
// the same set, sorted, whichever comes first.
func TestAddOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var first Set
		var taken []string
		for _, p := range somePaths.Draw(t, "paths") {
			clash := !fs.ValidPath(p) || p == "." || strings.Contains("/"+p+"/", "/../")
			for _, q := range taken {
				clash = clash || strings.HasPrefix(p, q+"/") || strings.HasPrefix(q, p+"/")
			}
			if err := first.Add(p, []byte(p)); (err != nil) != clash {
				t.Fatalf("%q among %q: %v", p, taken, err)
			}
			if !clash {
				taken = append(taken, p)
			}
		}
		var second Set
		for _, p := range rapid.Permutation(taken).Draw(t, "order") {
			if err := second.Add(p, []byte(p)); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(first.Files(), second.Files()); d != "" {
			t.Fatal(d)
		}
		slices.Sort(taken)
		if want := strings.Join(slices.Compact(taken), " "); paths(first) != want {
			t.Fatalf("%s, want %s", paths(first), want)
		}
	})
}

func TestFS(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Set
		for _, p := range somePaths.Draw(t, "paths") {
			_ = s.Add(p, []byte(p))
		}
		var want []string
		for _, f := range s.Files() {
			want = append(want, f.Path)
		}
		if err := fstest.TestFS(s.FS(), want...); err != nil {
			t.Fatal(err)
		}
	})
	var s Set
	add(t, &s, "a/c", "1")
	add(t, &s, "a-b", "2")
	fsys := s.FS()
	add(t, &s, "later", "3")
	var seen []string
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		seen = append(seen, path)
		return err
	})
	if d := cmp.Diff([]string{".", "a", "a/c", "a-b"}, seen); d != "" || err != nil {
		t.Error(d, err)
	}
}

// TestManyFiles has several blocks, filled in a scattered order, and a copy taken
// at every so many files that must stay as it was.
func TestManyFiles(t *testing.T) {
	const n = 2500
	var s Set
	copies := map[int]Set{}
	for i := range n {
		if i%100 == 0 {
			copies[i] = s
		}
		add(t, &s, fmt.Sprintf("d%d/%04d", i*7%3, i*1009%n), fmt.Sprint(i))
	}
	copies[n] = s
	for size, c := range copies {
		files := c.Files()
		if len(files) != size || !slices.IsSortedFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
			t.Fatalf("a copy of %d files has %d", size, len(files))
		}
		for _, f := range files {
			if i, _ := strconv.Atoi(string(f.Data)); i >= size {
				t.Fatalf("a copy of %d files has file %d", size, i)
			}
			if got, ok := c.Get(f.Path); !ok || string(got) != string(f.Data) {
				t.Fatalf("%s: %q %v", f.Path, got, ok)
			}
		}
		if joined, err := Join(copies[100], c); err != nil || size >= 100 && paths(joined) != paths(c) {
			t.Fatal(err)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	r := make([]string, 10000)
	for i := range r {
		r[i] = "k8s/" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i%11) + string(rune('0'+i/1000)) + string(rune('0'+i/100%10)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + ".yaml"
	}
	for b.Loop() {
		var s Set
		for _, p := range r {
			if err := s.Add(p, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}
