package yamlout

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// parsers read a document the way its users do. sigs_test.go adds the one of
// Kubernetes, PyYAML has a test of its own.
var parsers = map[string]func([]byte, any) error{
	"go.yaml.in/yaml/v3": func(b []byte, v any) error { return yaml.Unmarshal(b, v) },
}

var tricky = []string{
	"", " ", "a", "a ", " a", "yes", "No", "ON", "off", "y", "N", "null", "Null", "~", "~/x", "true", "False",
	"0", "00", "0755", "0o755", "08", "1", "-1", "+1", "1_000", "_1", "-_1", "1,000", "0_x1F", "0x1F", "0X1f", "-0x1", "0b1", "0b-1", "0o-7", "0x",
	"1e3", "1E+3", "1e", "1.", ".5", "1.5", "1.2.3", "10.0.0.1", ".", "..", "...", "...x", ".inf", "-.INF", "+.inf", ".NaN", "nan", "inf",
	"99999999999999999999", "1e999", "12:30", "1:2:3", "12:30:45.5", "8080:80", "80:80/tcp", "127.0.0.1:80:80", "2026-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "2026-01",
	"=", "<<", "==", "a: b", "a:b", "a:", ": a", ":a", "a #b", "a#b", "#a", "- a", "-a", "-", "--", "---", "--- a", "--port=80", "? a", "?a", "?",
	"[a]", "{a}", "a]", "a, b", "&a", "*a", "!a", "|", ">", "'a'", `"a"`, `a "b"`, "it's", "%a", "@a", "`a`", `\d+`, `C:\x: "y"`, `{"a": 1}`,
	"a\nb", "a\nb\n", "a\nb\n\n", "\n", "\n\n", "\na", " a\nb", "\n  a\nb", "\ta\nb", "a\n\tb\n", "a \nb", "a\n ", "a\n \nb", "a\n\n\nb", "a\r\nb", "# a\nb", "---\na\n", "- a\nb: c\n", "a\n# b\n\n\n",
	"a\tb", "\t", "a\t#b", "\x00", "\x1b[0m", "\x7f", "a\u0085b", "a\u00a0b", "\u2028", "\u2029", "\ufeff", "\ufeffa\nb", "\ufffd", "é", "日本語", "😀", "\u202egnp", "\U000e0001", "<script>&", "${A}", "$(B)", "{{ .C }}",
	strings.Repeat("long ", 500) + "end", strings.Repeat("x", 2000),
}

// texts are strings that a parser could take for something else.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom(tricky),
		rapid.StringMatching(`[-+.]?[0-9_.,:eExXoObBaAfF+-]{1,10}`),
		rapid.StringMatching(`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.{0,9}`),
		rapid.StringMatching(`[-?:,\[\]{}#&*!|>'"%@=<~. a]{1,6}`),
		rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{"\n", " ", "\t", "a", "#", ": ", "- ", "é", "\r", "\"", "'", "\\", "---", "b c"})), func(s []string) string { return strings.Join(s, "") }),
	)
}

// holders put a string in every kind of place.
func holders(s string) map[string]any {
	return map[string]any{
		"root":       s,
		"map":        Map{{Key: "k", Value: s}, {Key: "l", Value: "end"}},
		"key":        Map{{Key: s, Value: Map{{Key: s + "x", Value: s}}}},
		"seq":        Seq{s, "end", s},
		"nested":     Map{{Key: "a", Value: Seq{Map{{Key: "b", Value: s}, {Key: "c", Value: s}}, Seq{s, Seq{s}}}}},
		"flow":       Map{{Key: "a", Value: Flow{s, s}}, {Key: "b", Value: Seq{Flow{s}}}},
		"typed":      map[string]any{"k": s, "l": []any{s, map[string]any{"m": s, s + "n": nil}, []string{s}}},
		"typed root": []string{s},
	}
}

// same checks that a parser reads out as what v means to encoding/json.
func same(t rapid.TB, v any, out []byte) {
	t.Helper()
	j, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(j, &want); err != nil {
		t.Fatal(err)
	}
	for name, parse := range parsers {
		var got any
		if err := parse(out, &got); err != nil {
			t.Fatalf("%s: %v\n%q\n%s", name, err, j, out)
		}
		// Numbers have different types, so both go through JSON once more.
		gj, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		wj, _ := json.Marshal(want)
		if !bytes.Equal(gj, wj) {
			t.Fatalf("%s reads\n%s, want\n%s\n%s", name, gj, wj, out)
		}
	}
}

func checkString(t rapid.TB, s string) {
	t.Helper()
	for name, v := range holders(s) {
		out, err := Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again, _ := Marshal(v); !bytes.Equal(out, again) {
			t.Fatalf("%s: not deterministic", name)
		}
		same(t, v, out)
	}
}

func TestStringsComeBack(t *testing.T) {
	for _, s := range tricky {
		checkString(t, s)
	}
	rapid.Check(t, func(t *rapid.T) { checkString(t, texts().Draw(t, "s")) })
}

func TestDocumentsComeBack(t *testing.T) {
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		scalars := []*rapid.Generator[any]{
			rapid.Map(texts(), func(s string) any { return s }),
			rapid.Map(rapid.Int64Range(-1<<53, 1<<53), func(n int64) any { return n }), // what float64 holds; see TestNumbers
			rapid.Map(rapid.Float64(), func(n float64) any { return n }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Just[any](nil),
			rapid.Map(rapid.SliceOfN(texts(), 0, 4), func(s []string) any { return Flow(append([]string{}, s...)) }),
		}
		if depth == 0 {
			return rapid.OneOf(scalars...)
		}
		below := value(depth - 1)
		return rapid.OneOf(append(scalars,
			rapid.Map(rapid.SliceOfN(below, 0, 4), func(s []any) any { return append(Seq{}, s...) }),
			rapid.Map(rapid.SliceOfN(below, 0, 4), func(s []any) any { return append([]any{}, s...) }),
			rapid.Map(rapid.MapOfN(texts(), below, 0, 4), func(m map[string]any) any { return m }),
			rapid.Custom(func(t *rapid.T) any {
				m := Map{}
				for _, k := range rapid.SliceOfNDistinct(texts(), 0, 4, rapid.ID).Draw(t, "keys") {
					m = append(m, Item{Key: k, Value: below.Draw(t, "value"), Comment: rapid.SampledFrom([]string{"", "c", "c\nd: e\r- f"}).Draw(t, "comment")})
				}
				return m
			}),
		)...)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := value(3).Draw(t, "v")
		out, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		same(t, v, out)
		// And in a stream, where the next document must not become part of it.
		dec := yaml.NewDecoder(bytes.NewReader(Join(out, []byte("end: true\n"))))
		var first, second any
		if err := errors.Join(dec.Decode(&first), dec.Decode(&second)); err != nil || !cmp.Equal(second, any(map[string]any{"end": true})) {
			t.Fatalf("%v %v\n%s", err, second, out)
		}
	})
}

func FuzzString(f *testing.F) {
	for _, s := range tricky {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := Marshal(s); err != nil {
			t.Skip("not UTF-8")
		}
		checkString(t, s)
	})
}

// TestPyYAML reads all tricky strings with the reference parser for YAML 1.1.
func TestPyYAML(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import yaml").Run() != nil {
		t.Skip("no python3 with PyYAML; the Go parsers alone check the strings")
	}
	all := tricky
	for i := range 3000 {
		all = append(all, texts().Example(i))
	}
	// One process for all of them; a key would have to be unique and short.
	items := Seq{}
	for _, s := range all {
		items = append(items, Map{{Key: "v", Value: s}, {Key: "w", Value: Flow{s}}})
	}
	out, err := Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin.buffer.read()), sys.stdout)")
	cmd.Stdin = bytes.NewReader(out)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	read, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var got []struct {
		V any
		W []any
	}
	if err := json.Unmarshal(read, &got); err != nil {
		t.Fatal(err)
	}
	for i, s := range all {
		if got[i].V != s || len(got[i].W) != 1 || got[i].W[0] != s {
			one, _ := Marshal(items[i])
			t.Errorf("%q is read as %#v\n%s", s, got[i], one)
		}
	}
}

// TestStyle pins how strings look; that they come back is checked above.
func TestStyle(t *testing.T) {
	for in, want := range map[string]string{
		"web":             "web",
		"nginx:1.27":      "nginx:1.27",
		"--port=8080":     "--port=8080",
		"10.0.0.1":        "10.0.0.1",
		"1.2.3":           "1.2.3",
		"http://a/b#c":    "http://a/b#c",
		"500m":            "500m",
		"5s":              "5s",
		".":               ".",
		"./data:/data":    "./data:/data",
		"a, b [c]":        "a, b [c]",
		"日本語 é":           "日本語 é",
		"it's":            "it's",
		"":                `""`,
		"no":              `"no"`,
		"8080":            `"8080"`,
		"8080:80":         `"8080:80"`,
		"0755":            `"0755"`,
		"2026-01-01":      `"2026-01-01"`,
		"* * * * *":       `"* * * * *"`,
		"a: b":            `"a: b"`,
		`{"a": 1}`:        `'{"a": 1}'`,
		`'\d+: "`:         `'''\d+: "'`,
		"a\tb":            `"a\tb"`,
		"\x1b\u202e":      `"\u001B\u202E"`,
		"a\n":             "|\n    a",
		"a\n  b":          "|-\n    a\n      b",
		"a\n\nb\n\n":      "|+\n    a\n\n    b\n",
		" a\nb\n":         "|2\n     a\n    b",
		"trailing \nline": `"trailing \nline"`,
	} {
		out, err := Marshal(Map{{Key: "m", Value: Map{{Key: "k", Value: in}}}})
		if got := strings.TrimPrefix(string(out), "m:\n  k: "); err != nil || got != want+"\n" {
			t.Errorf("%q: %v %q, want %q", in, err, got, want)
		}
	}
}

func TestMap(t *testing.T) {
	out, err := Marshal(Commented{
		Head: "Written by lift.\n\nSee README.md.",
		At:   map[string]string{"/services/web/ports/0": "from web.service:4", "/x~1y": "at\rend"},
		Value: Map{
			{Key: "services", Comment: "two of them", Value: Map{
				{Key: "web", Value: Map{
					{Key: "image", Value: "web:1"},
					{Key: "command", Value: Flow{"node", "server.js", `say "hi"`}},
					{Key: "entrypoint", Value: Flow{}},
					{Key: "ports", Value: []string{"8080:80"}},
					{Key: "cpus", Value: 1.5},
					{Key: "big", Value: 1e21},
				}},
				{Key: "db", Value: nil},
			}},
			{Key: "list", Value: Seq{
				Map{{Key: "name", Value: "a", Comment: "the first\nof all"}, {Key: "more", Value: Seq{1, true}}},
				Seq{Seq{Map{{Key: "deep", Value: Map{}, Comment: "c"}}}, Seq{}},
				map[string]int{"n": 1},
			}},
			{Key: "script", Value: Flow{"sh", "-c", "a\nb\n"}},
			{Key: "wide", Value: Flow{strings.Repeat("x", 50), strings.Repeat("y", 50)}},
			{Key: "x/y", Value: map[string]any{}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "map.yaml", out)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Error(d)
	}
}

func TestNumbers(t *testing.T) {
	for want, v := range map[string]any{
		"9223372036854775807":  int64(math.MaxInt64),
		"18446744073709551615": uint64(math.MaxUint64),
		"-0.1":                 -0.1,
		"1.0e+21":              1e21,
		"1.5e-9":               1.5e-9,
		"1.0e+5":               json.Number("1E5"),
		"-0.0":                 math.Copysign(0, -1),
		"true":                 true,
		"null":                 nil,
		"[]":                   []int{},
		"{}":                   struct{}{},
	} {
		if out, err := Marshal(v); err != nil || string(out) != want+"\n" {
			t.Errorf("%v: %v %q, want %q", v, err, out, want)
		}
	}
}

func TestLongKey(t *testing.T) {
	m := Map{}
	for _, c := range "abc" {
		m = append(m, Item{Key: strings.Repeat(string(c), 1500), Value: Map{{Key: strings.Repeat("é:", 900), Value: "x\ny"}}})
	}
	out, err := Marshal(Seq{m})
	if err != nil {
		t.Fatal(err)
	}
	same(t, Seq{m}, out)
}

func TestErrors(t *testing.T) {
	type typed struct{ A map[string]string }
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"text in a map":      {Map{{Key: "a", Value: Seq{"secret\xff"}}}, "/a/0: not valid UTF-8, which YAML cannot hold"},
		"text in a flow":     {Map{{Key: "a", Value: Flow{"\xff"}}}, "/a: not valid UTF-8, which YAML cannot hold"},
		"text in an object":  {typed{map[string]string{"k/l": "secret\xff"}}, "/A/k~1l: not valid UTF-8, which YAML cannot hold"},
		"key of an object":   {typed{map[string]string{"\xff": "x"}}, "/A: a key is not valid UTF-8, which YAML cannot hold"},
		"key twice":          {Map{{Key: "a"}, {Key: "b", Value: Map{{Key: "c"}, {Key: "c"}}}}, "/b/c: key is there twice"},
		"no JSON":            {Map{{Key: "a", Value: func() {}}}, "/a: json: unsupported type: func()"},
		"comment for nobody": {Commented{Value: Map{{Key: "a"}}, At: map[string]string{"/b": "x", "/a/c": "y"}}, "/a/c, /b: nothing there to comment on"},
		"comment inside":     {Map{{Key: "a", Value: Commented{}}}, "/a: yamlout.Commented cannot stand inside a document"},
	} {
		if _, err := Marshal(c.v); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	// U+FFFD itself is a character like any other.
	if out, err := Marshal(typed{map[string]string{"k": "\ufffd"}}); err != nil || string(out) != "A:\n  k: \ufffd\n" {
		t.Errorf("%v %q", err, out)
	}
}

func TestFlowComment(t *testing.T) {
	out, err := Marshal(Commented{Value: Map{{Key: "a", Value: Flow{"b", "c"}}}, At: map[string]string{"/a/1": "why"}})
	if want := "a:\n  - b\n  # why\n  - c\n"; err != nil || string(out) != want {
		t.Errorf("%v %q, want %q", err, out, want)
	}
}
