package unified

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name, oldName, newName, old, new string
		context                          int
		want                             string
	}{
		{"equal", "a", "b", "x\n", "x\n", 3, ""},
		{
			"changed line", "a/f", "b/f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", 3,
			"--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
		},
		{"created", "", "b/f", "", "x\ny\n", 3, "--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+x\n+y\n"},
		{"deleted", "a/f", "", "x\n", "", 3, "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"},
		{"created empty", "", "b/f", "", "", 3, ""},
		{"newline gained", "a", "b", "x", "x\n", 3, "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n"},
		{"newline lost", "a", "b", "x\n", "x", 3, "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+x\n\\ No newline at end of file\n"},
		{"no newline in context", "a", "b", "1\nx", "2\nx", 3, "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-1\n+2\n x\n\\ No newline at end of file\n"},
		{"hunks that touch are one", "a", "b", "1\n2\n3\n4\n", "x\n2\n3\ny\n", 1, "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n-4\n+y\n"},
		{
			"hunks apart", "a", "b", "1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n", 1,
			"--- a\n+++ b\n@@ -1,2 +1,2 @@\n-1\n+x\n 2\n@@ -4,2 +4,2 @@\n 4\n-5\n+y\n",
		},
		{"no context", "a", "b", "1\n2\n3\n", "1\n2\nnew\n3\n", 0, "--- a\n+++ b\n@@ -2,0 +3 @@\n+new\n"},
		{"negative context", "a", "b", "1\n2\n", "2\n", -5, "--- a\n+++ b\n@@ -1 +0,0 @@\n-1\n"},
		{"huge context", "a", "b", "1\n2\n", "2\n", int(^uint(0) >> 1), "--- a\n+++ b\n@@ -1,2 +1 @@\n-1\n 2\n"},
		{
			"a list item starts at its dash", "a", "b",
			"c:\n  - name: a\n    ports:\n      - 80\n  - name: z\n    ports:\n      - 80\n",
			"c:\n  - name: a\n    ports:\n      - 80\n  - name: m\n    ports:\n      - 80\n  - name: z\n    ports:\n      - 80\n", 0,
			"--- a\n+++ b\n@@ -4,0 +5,3 @@\n+  - name: m\n+    ports:\n+      - 80\n",
		},
		{"name with a space", "a b", "c", "1\n", "", 3, "--- a b\t\n+++ c\n@@ -1 +0,0 @@\n-1\n"},
		{"name that would break the line", "a\n+++ x", "b\x01\"é", "1\n", "", 3, "--- \"a\\n+++ x\"\n+++ \"b\\001\\\"\\303\\251\"\n@@ -1 +0,0 @@\n-1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := string(Diff(c.oldName, c.newName, []byte(c.old), []byte(c.new), c.context))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// apply is a small, strict reader of the unified format, written apart from the
// writer: context, counts and positions must all be right.
func apply(diff, old []byte) ([]byte, error) {
	if len(diff) == 0 {
		return old, nil
	}
	src := bytes.SplitAfter(old, []byte("\n"))
	if len(src[len(src)-1]) == 0 {
		src = src[:len(src)-1]
	}
	rows := strings.SplitAfter(string(diff), "\n")
	rows = rows[:len(rows)-1]
	if len(rows) < 3 || !strings.HasPrefix(rows[0], "--- ") || !strings.HasPrefix(rows[1], "+++ ") {
		return nil, errors.New("no header")
	}
	var out []byte
	outLines, at := 0, 0
	for i := 2; i < len(rows); {
		f := strings.Fields(rows[i])
		if len(f) != 4 || f[0] != "@@" || f[3] != "@@" {
			return nil, fmt.Errorf("row %d: no hunk header: %q", i, rows[i])
		}
		i++
		span := func(s string) (int, int) {
			start, count, ok := strings.Cut(s[1:], ",")
			n := 1
			if ok {
				n, _ = strconv.Atoi(count)
			}
			p, _ := strconv.Atoi(start)
			if n > 0 {
				p--
			}
			return p, n
		}
		a0, an := span(f[1])
		b0, bn := span(f[2])
		for ; at < a0; at++ {
			out = append(out, src[at]...)
			outLines++
		}
		if outLines != b0 {
			return nil, fmt.Errorf("hunk at +%d, but %d lines are written", b0, outLines)
		}
		for an > 0 || bn > 0 {
			mark, l := rows[i][0], rows[i][1:]
			i++
			if i < len(rows) && strings.HasPrefix(rows[i], "\\ ") {
				l = strings.TrimSuffix(l, "\n")
				i++
			}
			if mark == ' ' || mark == '-' {
				if at >= len(src) || string(src[at]) != l {
					return nil, fmt.Errorf("line %d does not match", at+1)
				}
				at, an = at+1, an-1
			}
			if mark == ' ' || mark == '+' {
				out = append(out, l...)
				outLines, bn = outLines+1, bn-1
			}
		}
	}
	for ; at < len(src); at++ {
		out = append(out, src[at]...)
	}
	return out, nil
}

// text draws lines from a small alphabet, so that much repeats and moves.
var text = rapid.Custom(func(t *rapid.T) []byte {
	ls := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "  c", "  - d", "", "@@ -1 +1 @@", "-", "\\ x", "e\r"}), 0, 40).Draw(t, "lines")
	s := strings.Join(ls, "\n")
	if len(ls) > 0 && rapid.Bool().Draw(t, "newline") {
		s += "\n"
	}
	return []byte(s)
})

func TestApplyGivesNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		check(t, a, b, rapid.IntRange(0, 5).Draw(t, "context"))
	})
}

func check(t rapid.TB, a, b []byte, context int) {
	d := Diff("a", "b", a, b, context)
	if got, err := apply(d, a); err != nil || !bytes.Equal(got, b) {
		t.Fatalf("%v\n%q\n%q\n%s", err, a, b, d)
	}
}

// TestShortest holds the number of changed lines against the longest common
// subsequence, computed the slow way.
func TestShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		la, lb := lines(a), lines(b)
		lcs := make([][]int, len(la)+1)
		for i := range lcs {
			lcs[i] = make([]int, len(lb)+1)
			for j := range lcs[i] {
				switch {
				case i == 0 || j == 0:
				case bytes.Equal(la[i-1], lb[j-1]):
					lcs[i][j] = lcs[i-1][j-1] + 1
				default:
					lcs[i][j] = max(lcs[i-1][j], lcs[i][j-1])
				}
			}
		}
		got := 0
		for _, e := range script(la, lb) {
			got += e.a1 - e.a0 + e.b1 - e.b0
		}
		if want := len(la) + len(lb) - 2*lcs[len(la)][len(lb)]; got != want {
			t.Fatalf("%d changed lines, %d would do\n%q\n%q", got, want, a, b)
		}
	})
}

func FuzzDiff(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("b\nc"), 3)
	f.Add([]byte(""), []byte("\x00\r\n"), 0)
	f.Fuzz(func(t *testing.T, a, b []byte, context int) {
		check(t, a, b, context)
	})
}

// unrelated are pairs of big texts that Myers' algorithm alone is slow on.
func unrelated(n int) map[string][2][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	join := func(line func(int) int) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, "line %d\n", line(i))
		}
		return b.Bytes()
	}
	p := r.Perm(n)
	return map[string][2][]byte{
		"nothing in common": {join(func(i int) int { return i }), join(func(i int) int { return i + n })},
		"shuffled":          {join(func(i int) int { return i }), join(func(i int) int { return p[i] })},
		"reversed":          {join(func(i int) int { return i }), join(func(i int) int { return n - i })},
		"few words":         {join(func(int) int { return r.IntN(20) }), join(func(int) int { return r.IntN(20) })},
		"two words":         {join(func(int) int { return r.IntN(2) }), join(func(int) int { return r.IntN(2) })},
	}
}

// TestBigTexts counts steps instead of reading a clock: the benchmark does the
// pairs below in 15 to 70 ms, and its time goes with the steps.
func TestBigTexts(t *testing.T) {
	for name, c := range unrelated(20000) {
		t.Run(name, func(t *testing.T) {
			check(t, c[0], c[1], 3)
			s := newSearch(lines(c[0]), lines(c[1]))
			s.split()
			t.Logf("%d steps", s.steps)
			if s.steps > 50e6 {
				t.Errorf("%d steps", s.steps)
			}
		})
	}
}

// TestTools has patch and git, which share nothing with this package, apply the
// differences.
func TestTools(t *testing.T) {
	tools := map[string][]string{
		"patch": {"-s", "-p1", "-i", "diff"},
		"git":   {"apply", "--unidiff-zero", "--whitespace=nowarn", "diff"},
	}
	for tool, args := range tools {
		t.Run(tool, func(t *testing.T) {
			bin, err := exec.LookPath(tool)
			if err != nil {
				t.Skipf("%s is not installed; the own applier alone checks the format", tool)
			}
			n := 0
			try := func(a, b []byte, context int, name string) {
				n++
				dir := filepath.Join(t.TempDir(), strconv.Itoa(n))
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(dir, name)
				oldName, newName := "a/"+name, "b/"+name
				if a == nil {
					oldName = ""
				} else if err := os.WriteFile(file, a, 0o644); err != nil {
					t.Fatal(err)
				}
				if b == nil {
					newName = ""
				}
				d := Diff(oldName, newName, a, b, context)
				if len(d) == 0 {
					return
				}
				if err := os.WriteFile(filepath.Join(dir, "diff"), d, 0o644); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(bin, args...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s\n%s\nold: %q", err, out, d, a)
				}
				got, err := os.ReadFile(file)
				if b == nil {
					if !errors.Is(err, os.ErrNotExist) {
						t.Fatalf("%s is still there", name)
					}
				} else if err != nil || !bytes.Equal(got, b) {
					t.Fatalf("%v: %q, want %q\n%s", err, got, b, d)
				}
			}
			try(nil, []byte("x\ny"), 3, "f")
			try([]byte("x\ny"), nil, 3, "f")
			try([]byte("x\ny\n"), []byte("y\nx"), 3, "f g")
			r := rand.New(rand.NewPCG(3, 4))
			words := []string{"a", "b", "  c", "", "- d", "+ e", "@@ f"}
			draw := func() []byte {
				var b []byte
				for range 1 + r.IntN(30) {
					b = append(append(b, words[r.IntN(len(words))]...), '\n')
				}
				if last := len(b) - 1; last > 0 && b[last-1] != '\n' && r.IntN(2) == 0 {
					b = b[:last]
				}
				return b
			}
			for i := range 60 {
				try(draw(), draw(), i%4, "f")
			}
		})
	}
}

func BenchmarkDiff(b *testing.B) {
	for name, c := range unrelated(20000) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Diff("a", "b", c[0], c[1], 3)
			}
		})
	}
}
