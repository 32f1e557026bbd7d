package language

import (
	"path"
	"slices"
	"strings"
)

func isNodeSource(base string) bool {
	if !slices.Contains(sourceExtensions, path.Ext(base)) || strings.HasSuffix(base, ".min.js") || strings.Contains(base, ".d.") {
		return false
	}
	for _, s := range []string{".test.", ".spec.", ".config.", ".stories.", ".e2e-"} {
		if strings.Contains(base, s) {
			return false
		}
	}
	return true
}

// node scans JavaScript and TypeScript.
func (s *scan) node() {
	entry := s.scripted()
	byConvention := slices.Contains([]string{"next", "nuxt", "remix", "sveltekit", "astro", "adonis", "strapi", "meteor"}, s.framework)
	rest := func() []string {
		return slices.DeleteFunc(s.sources(isNodeSource, "package.json"), func(p string) bool {
			// What a browser loads is not the server's.
			for e := range strings.SplitSeq(relative(p, s.dir), "/") {
				if e == "public" || e == "static" || e == "assets" || e == "wwwroot" {
					return true
				}
			}
			return false
		})
	}
	files := s.load(entry, byConvention, rest, javascript, s.nodeImports)
	var helpers []string
	for _, f := range files {
		helpers = append(helpers, jsHelpers(f.toks)...)
	}
	for _, f := range files {
		newJSFile(s, f, helpers).facts()
	}
}

// nodeImports returns the files that a file loads, and whether it may load
// others by names that are computed.
func (s *scan) nodeImports(f source) (files []string, dynamic bool) {
	dir, _ := split(f.file)
	for i, tok := range f.toks {
		switch {
		case tok.isString() && (strings.HasPrefix(tok.text, "./") || strings.HasPrefix(tok.text, "../") || tok.text == "." || tok.text == ".."):
			// Whether imported, required or given to fork: if it is a file of
			// code, it is part of the program.
			rel := relativeUp(dir, tok.text)
			if rel == "" {
				continue
			}
			if m, ok := resolveModule(s.tree, ".", rel); ok && slices.Contains(sourceExtensions, path.Ext(m)) {
				files = append(files, m)
			}
		case tok.isString() && (strings.HasPrefix(tok.text, "@/") || strings.HasPrefix(tok.text, "~/") || strings.HasPrefix(tok.text, "#")) && imported(f.toks, i):
			dynamic = true // an alias of the compiler's or of package.json
		case (tok.is("require") || tok.is("import")) && at(f.toks, i+1).is("(") && !at(f.toks, i-1).is("."):
			dynamic = dynamic || !at(f.toks, i+2).isString()
		}
	}
	return files, dynamic
}

// relativeUp resolves a relative name from dir; "" if it leaves the tree.
func relativeUp(dir, name string) string {
	p := path.Join(dir, name)
	if p == ".." || strings.HasPrefix(p, "../") {
		return ""
	}
	return p
}

// imported reports whether the string at i is the name of a module.
func imported(toks []token, i int) bool {
	prev := at(toks, i-1)
	return prev.is("from") || prev.is("import") || prev.is("(") && (at(toks, i-2).is("require") || at(toks, i-2).is("import"))
}

// nodeSpawners are the modules whose use starts processes.
var nodeSpawners = []string{
	"child_process", "cluster", "execa", "cross-spawn", "shelljs", "zx", "puppeteer", "playwright", "node-pty", "pm2", "throng",
	"fluent-ffmpeg", "jest-worker", "workerpool", "tinypool",
}

// jsFile is one file while it is scanned.
type jsFile struct {
	*scan
	source
	jsEnv   []string // names for process.env
	helpers []string // functions that read the variable they are given
	vars    map[string][]token
	props   map[string][][]token
}

func newJSFile(s *scan, f source, helpers []string) *jsFile {
	j := &jsFile{scan: s, source: f, helpers: helpers, vars: map[string][]token{}, props: map[string][][]token{}}
	toks := f.toks
	for i, t := range toks {
		switch {
		case t.is("const") || t.is("let") || t.is("var"):
			name, k := at(toks, i+1), i+2
			if name.kind != ident {
				break
			}
			if at(toks, k).is(":") { // a type
				for k < len(toks) && k < i+12 && !toks[k].is("=") {
					k++
				}
			}
			if !at(toks, k).is("=") {
				break
			}
			expr := expression(toks, k+1)
			j.vars[name.text] = expr
			if len(expr) == 3 && expr[0].is("process") && expr[2].is("env") {
				j.jsEnv = append(j.jsEnv, name.text)
			}
		case t.is("env") && (at(toks, i-1).is("{") || at(toks, i-1).is(",")) && (at(toks, i+1).is("}") || at(toks, i+1).is(",")):
			// import { env } from 'node:process'; const { env } = process
			for k := i; k < min(len(toks), i+12); k++ {
				if toks[k].is("}") && (at(toks, k+1).is("from") && isProcess(at(toks, k+2)) || at(toks, k+1).is("=") && (at(toks, k+2).is("process") || isProcess(at(toks, k+4)))) {
					j.jsEnv = append(j.jsEnv, "env")
				}
			}
		case (t.kind == ident || t.kind == text) && at(toks, i+1).is(":") && !at(toks, i-1).is("?"):
			j.props[t.text] = append(j.props[t.text], expression(toks, i+2))
		}
	}
	return j
}

func isProcess(t token) bool {
	return t.isString() && (t.text == "process" || t.text == "node:process")
}

// expression returns the tokens from i up to where an expression ends.
func expression(toks []token, i int) []token {
	depth := 0
	for j := i; j < len(toks) && j < i+60; j++ {
		t := toks[j]
		if j > i && t.nl && depth == 0 && !continues(toks[j-1]) && !continues(t) {
			return toks[i:j]
		}
		if t.kind != punct {
			continue
		}
		switch t.text {
		case "(", "[", "{", "`{":
			depth++
		case ")", "]", "}", "}`":
			if depth--; depth < 0 {
				return toks[i:j]
			}
		case ";", ",":
			if depth == 0 {
				return toks[i:j]
			}
		}
	}
	return toks[min(i, len(toks)):min(len(toks), i+60)]
}

// continues reports whether an expression goes on over a line end at t.
func continues(t token) bool {
	if t.kind != punct {
		return false
	}
	switch t.text {
	case "||", "??", "&&", "?", ":", ".", "?.", "+", "=", "(", "[", "{", ",":
		return true
	}
	return false
}

// jsHelpers finds the functions that read the variable whose name they are
// given: const need = (name) => process.env[name] …
func jsHelpers(toks []token) []string {
	var out []string
	for i := range toks {
		if !toks[i].is("[") || !at(toks, i+2).is("]") || at(toks, i+1).kind != ident || !at(toks, i-1).is("env") {
			continue
		}
		param := toks[i+1].text
		// Back to the list of parameters that brings the name in.
		for k := i - 1; k > max(0, i-60); k-- {
			if !toks[k].is(param) || !at(toks, k-1).is("(") && !at(toks, k-1).is("=") {
				continue
			}
			switch {
			case at(toks, k-1).is("(") && at(toks, k-2).kind == ident && !at(toks, k-2).is("function"):
				if at(toks, k-3).is("function") || at(toks, k-3).is("async") || at(toks, k-3).nl || at(toks, k-3).is("export") {
					out = append(out, toks[k-2].text) // function need(name)
				}
			case at(toks, k-1).is("("): // need = (name) =>, need = function (name)
				m := k - 2
				for at(toks, m).is("function") || at(toks, m).is("async") {
					m--
				}
				if at(toks, m).is("=") && at(toks, m-1).kind == ident {
					out = append(out, toks[m-1].text)
				}
			case at(toks, k+1).is("=>") && at(toks, k-2).kind == ident: // need = name =>
				out = append(out, toks[k-2].text)
			}
			break
		}
	}
	return out
}
