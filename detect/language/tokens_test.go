package language

import (
	"fmt"
	"strings"
	"testing"
)

func show(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		switch t.kind {
		case text:
			fmt.Fprintf(&b, "%q ", t.text)
		case piece:
			fmt.Fprintf(&b, "piece%q ", t.text)
		case newline:
			b.WriteString("NL ")
		default:
			b.WriteString(t.text + " ")
		}
	}
	return strings.TrimSpace(b.String())
}

func TestJavaScriptTokens(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"#!/usr/bin/env node\nx", "x"},
		{"a // listen(3000)\nb /* listen(1) */ c", "a b c"},
		{`listen("3\"0", 'a\'b')`, `listen ( "3\"0" , "a'b" )`},
		{"`plain // no comment`", `"plain // no comment"`},
		{"`a${x + `b${y}c` + {z: 1}.z}d` + e", "piece\"a\" `{ x + piece\"b\" `{ y }` + { z : 1 } . z }` + e"},
		{`x = /["'/]/g.test(y) ? a / b : c`, `x = /["'/]/g . test ( y ) ? a / b : c`},
		{"return /'/", "return /'/"},
		{"a = b / c / d", "a = b / c / d"},
		{"(a) / 2 // '", "( a ) / 2"},
		{"}\n/'/.test(x)", "} /'/ . test ( x )"},
		{"a ?? b || c?.d === e", "a ?? b || c ?. d === e"},
		{"x ? .5 : 1_000", "x ? .5 : 1_000"},
		{"'not ended\nlisten(1)", "not ended listen ( 1 )"},
		{"/* not ended listen(1)", ""},
		{"`not ended ${", "piece\"not ended \" `{"},
		{"<p>Don't</p>\nlisten(1)", "< p > Don t < / p > listen ( 1 )"},
		{"naïve", "naïve"},
		{"'a\\\nb' c", `"ab" c`},
	} {
		if got := show(javascript(tt.in)); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestPythonTokens(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"a # listen(1)\nb", "a NL b NL"},
		{`"""doc` + "\n" + `listen(1)"""` + "\nx = 1", "x = 1 NL"},
		{"def f():\n    'doc'\n    return r'\\d' b\"x\"", `def f ( ) : NL return "\\d" "x" NL`},
		{"f(a,\n  b)\nc \\\n d", "f ( a , b ) NL c d NL"},
		{`f"{os.environ["PORT"]}:x"`, "piece\"\" `{ os . environ [ \"PORT\" ] }` NL"},
		{`f"a{{b}}{c!r:>{w}}d" e`, "piece\"a{{b}}\" `{ c ! r : > { w } }` e NL"},
		{`rf'{x}' '''it's'''`, "piece\"\" `{ x }` \"it's\" NL"},
		{"'not ended\nx()", "x ( ) NL"},
		{"x = 'not ended\ny()", `x = "not ended" NL y ( ) NL`},
		{`'''not ended`, ""},
		{"x := 0x1F != 1.5e3", "x := 0x1F != 1.5e3 NL"},
		{"r = 1\nbr'x'\nrest = 2", "r = 1 NL rest = 2 NL"},
	} {
		if got := show(python(tt.in)); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestLines(t *testing.T) {
	js := javascript("a\n/* \n\n */ b `x\n${\nc}\n` d 'e\\\nf' g\nh")
	py := python("a\n'''\n\n'''\nb\nc = f'''\n{\nd}''' + \"\"\"\n\"\"\" + e\n(\nf)\n")
	lines := func(toks []token) string {
		var b strings.Builder
		for _, t := range toks {
			if t.kind == ident {
				fmt.Fprintf(&b, "%s%d ", t.text, t.line)
			}
		}
		return strings.TrimSpace(b.String())
	}
	check(t, lines(js), "a1 b4 c6 d7 g8 h9")
	check(t, lines(py), "a1 b5 c6 d8 e9 f11")
}

// checkTokens holds for any input: lines do not go back, and lie in the text;
// no more text comes out than went in.
func checkTokens(t *testing.T, src string, toks []token) {
	last, size := 1, 0
	lines := strings.Count(src, "\n") + 1
	for _, tok := range toks {
		if tok.line < last || tok.line > lines {
			t.Fatalf("token %q at line %d after line %d of %d", tok.text, tok.line, last, lines)
		}
		last = tok.line
		size += len(tok.text)
	}
	if len(toks) > 4*len(src)+4 || size > 4*len(src)+4 {
		t.Fatalf("%d tokens, %d bytes of %d", len(toks), size, len(src))
	}
}

func FuzzJavaScript(f *testing.F) {
	for _, s := range []string{"listen(3000) // x", "`a${b`c`}`", "/[/]/'", "'\\", "`${`${`${", "}}}}", "/*", "\\", "const {PORT = 3000} = process.env", "x?.5:1", "listen(,)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkTokens(t, src, javascript(src))
		fsys, paths := tr("-- package.json --\n{\"main\": \"a.js\"}\n")
		fsys["a.js"] = file(src)
		scanAll(fsys, append([]string{"a.js"}, paths...))
	})
}

func FuzzPython(f *testing.F) {
	for _, s := range []string{
		"app.run(port=5000) # x", "f'{a['b']}'", "f\"\"\"{\n{x}\n}\"\"\"", "'\\", "rb'''", "x = (\n'a'\n)", "f'{'*9", "def f(a): return os.environ[a]",
		"os.environ.get(\"PORT\", 8001)", "from . import x\nimport a.b as c, d", "app: X = FastAPI()",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkTokens(t, src, python(src))
		fsys, paths := tr("-- pyproject.toml --\n[project]\n-- manage.py --\n")
		fsys["app.py"], fsys["manage.py"] = file(src), file(src)
		scanAll(fsys, append([]string{"app.py"}, paths...))
	})
}

func FuzzGo(f *testing.F) {
	f.Add("package main\nfunc main() { http.ListenAndServe(\":8080\", nil) }")
	f.Add("package main\nvar a = b\nvar b = a\nfunc f() { p := os.Getenv(\"PORT\"); if p == \"\" { p = a }; flag.StringVar(&p, \"addr\", \":\" + a, \"\") }")
	f.Add("package main\nfunc (")
	f.Fuzz(func(t *testing.T, src string) {
		fsys, paths := tr("-- go.mod --\nmodule x\n-- main.go --\npackage main\n")
		fsys["z.go"] = file(src)
		scanAll(fsys, append(paths, "z.go"))
	})
}

// TestHostile holds inputs that would cost much if they were read carelessly.
func TestHostile(t *testing.T) {
	for name, unit := range map[string]string{
		"regex": "/[", "braces": "{", "template": "`${", "listen": "listen(", "env": "x = {}, process.env", "serve": "serve({port:", "option": "option('--port',",
		"fstring": `f"""{`, "paren": "(", "import": "from . import ", "comma": "a,", "def": "def f(a):", "string": "'", "port": "port:{", "helper": "env[a]",
		"const": "const a = b\n", "route": "get('/health',", "name": "import a.b.c.d, ", "dots": ".",
	} {
		t.Run(name, func(t *testing.T) {
			src := strings.Repeat(unit, (96<<10)/len(unit))
			fsys, paths := tr("-- package.json --\n{\"main\": \"a.js\"}\n-- pyproject.toml --\n[project]\n")
			fsys["a.js"], fsys["app.py"] = file(src), file(src)
			scanAll(fsys, append([]string{"a.js", "app.py"}, paths...))
		})
	}
}
