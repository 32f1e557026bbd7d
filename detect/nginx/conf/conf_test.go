package conf

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// outline prints directives on one line: "server { listen [80] ; }".
func outline(list []Directive) string {
	var out []string
	for _, d := range list {
		s := d.Text
		for _, a := range d.Args {
			s += " [" + a.Text + "]"
		}
		switch {
		case d.Script:
			s += " {script}"
		case d.HasBlock:
			s += " { " + outline(d.Block) + " }"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestParse(t *testing.T) {
	for src, want := range map[string]string{
		"":                              "",
		"# nothing\n":                   "",
		"listen 80;":                    "listen [80]",
		"a b;c d;":                      "a [b]; c [d]",
		"server{listen 80;}":            "server { listen [80] }",
		"location ~ \"^/a{2}$\" {}":     "location [~] [^/a{2}$] {  }",
		"a 'b c' \"d;e\";":              "a [b c] [d;e]",
		"a 'it\\'s' \"x\\ty\";":         "a [it's] [x\ty]",
		`a \d+ \\ \;;`:                  `a [\d+] [\] [\;]`,
		"a ${b}c $d;":                   "a [${b}c] [$d]",
		"a b#c # d\n;":                  "a [b#c]",
		"a b'c'd;":                      "a [b'c'd]",
		"a b}c;":                        "a [b}c]",
		"if ($a = \"b\") { return 1; }": "if [($a] [=] [b] [)] { return [1] }",
		"log_format x 'a'\n  'b';":      "log_format [x] [a] [b]",
		"a \"\";":                       "a []",
		"x_by_lua_block { local t = {1, '}'} -- }\n }a;": "x_by_lua_block {script}; a",
		"a\r\nb;\r\n": "a [b]",
	} {
		got, bad := Parse(src, nil)
		if outline(got) != want || len(bad) > 0 {
			t.Errorf("%q: got %s, want %s; faults %v", src, outline(got), want, bad)
		}
	}
}

func TestFaults(t *testing.T) {
	known := func(s string) bool { return s == "server_name" || s == "listen" || s == "server" }
	for src, want := range map[string]string{
		"server {\n  listen 80;\n":                     "1:1: server { is not closed",
		"http {\n server {\n listen 80;\n}\n":          "1:1: http { is not closed",
		"listen 80;\n}\n":                              `2:1: "}" closes nothing`,
		"server {\n  listen 80\n  server_name x;\n}\n": "2:10: listen is not ended: server_name begins in line 3",
		"server {\n  listen 80\n}\n":                   `2:10: listen is not ended before the "}"`,
		"listen 80":                                    "1:8: listen is not ended: the file ends first",
		";":                                            `1:1: nothing stands before the ";"`,
		"server { {} }":                                `1:10: nothing stands before the "{"`,
		"a \"b":                                        "1:3: the quote is not closed",
		"a \"b\"c;":                                    "1:6: something follows the closing quote",
		"a_by_lua_block { x":                           "1:1: a_by_lua_block { is not closed",
		strings.Repeat("a {", 70) + strings.Repeat("}", 70): "1:193: blocks lie deeper",
	} {
		_, bad := Parse(src, known)
		if len(bad) == 0 {
			t.Errorf("%q: no fault", src)
			continue
		}
		if got := fmt.Sprintf("%d:%d: %s", bad[0].Line, bad[0].Col, bad[0].What); !strings.HasPrefix(got, want) || bad[0].Remedy == "" {
			t.Errorf("%q: got %s; %s, want %s", src, got, bad[0].Remedy, want)
		}
	}
	for _, src := range []string{"map $a $b {\n server_name\n listen;\n}", "types {\n a\n listen;\n}", "x a\n 'listen';"} {
		if _, bad := Parse(src, known); len(bad) > 0 {
			t.Errorf("%q: %v", src, bad)
		}
	}
}

// load reads a small set of files; a pattern is a name, or PREFIX*.
func load(files map[string]string, main string) (*File, []Problem) {
	return Load(main, func(p string) (string, error) {
		if s, ok := files[p]; ok {
			return s, nil
		}
		return "", fs.ErrNotExist
	}, func(pattern string) Found {
		if _, ok := files[pattern]; ok {
			return Found{Paths: []string{pattern}}
		}
		if pattern == "mime.types" {
			return Found{Keep: true}
		}
		if front, ok := strings.CutSuffix(pattern, "*"); ok {
			var out []string
			for _, n := range []string{"a", "b", "c"} {
				if _, ok := files[front+n]; ok {
					out = append(out, front+n)
				}
			}
			return Found{Paths: out}
		}
		return Found{What: "include leads nowhere", Remedy: "add the file"}
	}, nil)
}

func TestIncludes(t *testing.T) {
	f, bad := load(map[string]string{
		"main": "http {\n    include mime.types;\n    include d/*; x 1;\n}\n",
		"d/a":  "server {\n    listen 80;\n}\n",
		"d/b":  "log_format m 'a\n b'; # end",
	}, "main")
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	want := "http {\n    include mime.types;\n    # include d/*\n    # from d/a\n    server {\n        listen 80;\n    }\n    # from d/b\nlog_format m 'a\n b'; # end\n x 1;\n}\n"
	if got := f.Render(nil); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	inner := f.Includes[f.Directives[0].Block[1].Begin].Files[0]
	listen := inner.Directives[0].Block[0]
	got := f.Render(map[*File][]Edit{inner: {{listen.Args[0].Begin, listen.Args[0].End, "81"}}})
	if !strings.Contains(got, "listen 81;") {
		t.Errorf("the edit is not made:\n%s", got)
	}
	again, bad := Parse(f.Render(nil), nil)
	if len(bad) > 0 || outline(again) != "http { include [mime.types]; server { listen [80] }; log_format [m] [a\n b]; x [1] }" {
		t.Errorf("what is printed reads as %s, %v", outline(again), bad)
	}
}

func TestIncludeFaults(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"loop":    {map[string]string{"main": "\ninclude b;", "b": "include main;"}, "b:1: include of main goes round in a loop: main → b → main"},
		"itself":  {map[string]string{"main": "include main;"}, "main:1: include of main goes round in a loop: main → main"},
		"missing": {map[string]string{"main": "a;\ninclude x;"}, "main:2: include leads nowhere"},
		"two":     {map[string]string{"main": "include a b;"}, "main:1: include takes one file"},
		"inside":  {map[string]string{"main": "include a;", "a": "\nserver {"}, "a:2: server { is not closed"},
		"growth":  {map[string]string{"main": "include a; include a; include a;", "a": "include b; include b; include b; include b; include b; include b; include b; include b; include b;", "b": strings.Repeat("include c;", 30), "c": "x;"}, "b:1: more than 500 files"},
	} {
		_, bad := load(c.files, "main")
		if len(bad) == 0 {
			t.Errorf("%s: no fault", name)
			continue
		}
		if got := fmt.Sprintf("%s:%d: %s", bad[0].File, bad[0].Line, bad[0].What); !strings.HasPrefix(got, c.want) || bad[0].Remedy == "" {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// Whatever the input: no panic, words lie in the file in their order, and what Quote writes is read back as it was.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"http { server { listen 80; } }", "a 'b' \"c\" ${d} \\", "x_by_lua_block { '", "a#b;\n}", "include a;", "a \"\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		list, _ := Parse(src, func(s string) bool { return s == "listen" })
		at := 0
		var walk func([]Directive)
		walk = func(list []Directive) {
			for _, d := range list {
				for _, w := range append([]Word{d.Word}, d.Args...) {
					if w.Begin < at || w.End < w.Begin || w.End > len(src) || w.Line < 1 || w.Col < 1 {
						t.Fatalf("%q: word %+v stands nowhere", src, w)
					}
					at = w.End
				}
				walk(d.Block)
			}
		}
		walk(list)
		file := &File{Src: src, Directives: list}
		if got := file.Render(nil); got != src {
			t.Fatalf("%q is printed as %q", src, got)
		}
		if strings.ContainsAny(src, "$\x00") || !strings.HasPrefix(Quote(src), `"`) {
			return
		}
		if back, bad := Parse("x "+Quote(src)+";", nil); len(bad) > 0 || len(back) != 1 || back[0].Arg(0) != src {
			t.Fatalf("%q quoted as %s reads as %s %v", src, Quote(src), outline(back), bad)
		}
	})
}
