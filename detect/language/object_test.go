package language

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	v, _, err := parseJSON([]byte("{\n \"a\": [1,\n \"x\"],\n \"b\": {\"c\":\n \"old\"},\n \"b\": {\"c\":\n \"d\"}\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, line := v.str("b", "c")
	a, _ := v.get("a")
	check(t, fmt.Sprint(s, line, a.strings(), a.line, v.line), "d6 [x] 2 1")
	if _, ok := v.get("a", "b"); ok {
		t.Error("a list has no members")
	}
}

func TestJSONErrors(t *testing.T) {
	for in, want := range map[string]int{
		"{\n\"a\": 1,\n}": 3, "": 1, "\n\n": 1, "{}\n{}": 2, "{\"a\"\n:\n'b'}": 3, "{\"a\": \"\n\"}": 1, "[1,\n2": 2, "\xff": 1,
	} {
		if _, line, err := parseJSON([]byte(in)); err == nil || line != want {
			t.Errorf("%q: line %d, %v; want line %d", in, line, err, want)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add("{\"a\": [1, \"x\", {\"b\": null}]}\n")
	f.Add("[[[[]]]]")
	f.Add("1e999")
	f.Add("{\"a\":1,\"a\":2}")
	f.Fuzz(func(t *testing.T, src string) {
		v, line, err := parseJSON([]byte(src))
		lines := strings.Count(src, "\n") + 1
		if json.Valid([]byte(src)) != (err == nil) {
			t.Fatalf("valid: %v, error: %v", json.Valid([]byte(src)), err)
		}
		if line < 1 || line > lines {
			t.Fatalf("line %d of %d", line, lines)
		}
		var walk func(v value)
		walk = func(v value) {
			if v.line < 1 || v.line > lines {
				t.Fatalf("line %d of %d", v.line, lines)
			}
			if v.kind == '{' && len(v.keys) != len(v.vals) {
				t.Fatal("keys without values")
			}
			for i, e := range v.vals {
				if v.kind == '{' {
					quoted, _ := json.Marshal(v.keys[i])
					text := strings.Split(src, "\n")[e.line-1]
					if string(quoted) == `"`+v.keys[i]+`"` && !strings.Contains(src, `\`) && strings.ToValidUTF8(src, "") == src && !strings.Contains(text, string(quoted)) {
						t.Fatalf("key %s is not on line %d", quoted, e.line)
					}
				}
				walk(e)
			}
		}
		if err == nil {
			walk(v)
		}
	})
}

func TestTOML(t *testing.T) {
	tab, _, err := parseTOML([]byte("a = 1\n[t]\n\"x y\".z = \"v\"\nlist = [\n \"p\", # c\n 2, \"q\"]\nin = {k = 'w', l.m = true}\n[[arr]]\nn = 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range tab {
		fmt.Fprintf(&b, "%d %s=%s%v\n", e.line, e.key, e.text, e.items)
	}
	check(t, b.String(), "1 a=1[]\n2 t=[]\n3 t.x y.z=v[]\n4 t.list=[p q]\n7 t.in=[]\n7 t.in.k=w[]\n7 t.in.l.m=true[]\n8 arr=[]\n9 arr.n=1[]")
}

func FuzzTOML(f *testing.F) {
	for _, s := range []string{"[a]\nb = {c = [1, \"x\"]}", "a = \"\"\"", "[[", "a.b.c = 1979-05-27", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tab, line, _ := parseTOML([]byte(src))
		lines := strings.Count(src, "\n") + 1
		if line < 0 || line > lines {
			t.Fatalf("line %d of %d", line, lines)
		}
		for _, e := range tab {
			if e.line < 1 || e.line > lines {
				t.Fatalf("%s: line %d of %d", e.key, e.line, lines)
			}
		}
	})
}
