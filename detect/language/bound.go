package language

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// loopbacks are the machine's own address as code gives it to a call that listens.
var loopbacks = []string{"127.0.0.1", "localhost", "::1"}

// boundCalls are the methods that listen: of Node's servers and of those that Python's frameworks bring.
var boundCalls = []string{"listen", "run", "serve", "run_app"}

// boundAt finds the calls of a file that listen on the machine's own address and on no other, whatever the environment says: listen(port, '127.0.0.1'), run(host="127.0.0.1").
// An address that is a mere default (HOST || '127.0.0.1') is not one of them.
func (s *scan) boundAt(f source) {
	for i, t := range f.toks {
		if t.kind != ident || !slices.Contains(boundCalls, t.text) || !at(f.toks, i-1).is(".") || !at(f.toks, i+1).is("(") {
			continue
		}
		depth := 0
		for j := i + 1; j < len(f.toks); j++ {
			a := f.toks[j]
			switch {
			case a.is("(") || a.is("[") || a.is("{"):
				depth++
			case a.is(")") || a.is("]") || a.is("}"):
				depth--
			case a.is("=>") || a.is("function"):
				depth = 0 // what is called once it listens
			case a.isString() && depth <= 2 && slices.Contains(loopbacks, a.text) && s.ends(f.toks, j):
				s.bound = append(s.bound, Fact{a.text, f.file, a.line, t.text + " with " + a.text})
			case a.isString() && depth <= 2 && (a.text == "0.0.0.0" || a.text == "::") && s.ends(f.toks, j):
				s.open = append(s.open, Fact{a.text, f.file, a.line, t.text + " with " + a.text})
			}
			if depth <= 0 {
				break
			}
		}
	}
}

// goListens are the calls of Go that listen, with the address that they begin with: http.ListenAndServe("127.0.0.1:"+port, nil).
var goListens = lazyregexp.New(`\b(?:ListenAndServe|ListenAndServeTLS|Listen)\((?:\s*"tcp[46]?",)?\s*"(127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0|\[::\]|):`)

// goBoundAt is boundAt for a file of Go.
func (s *scan) goBoundAt(data []byte, file string) {
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		m := goListens.FindStringSubmatch(line)
		switch {
		case m == nil || strings.HasPrefix(strings.TrimSpace(line), "//"):
		case m[1] == "" || m[1] == "0.0.0.0" || m[1] == "[::]":
			s.open = append(s.open, Fact{"0.0.0.0", file, n, "it listens on " + m[1] + ":"})
		default:
			s.bound = append(s.bound, Fact{m[1], file, n, "it listens on " + m[1]})
		}
	}
}

// ends reports whether the string at j is an argument, or the value of one, as a whole.
func (*scan) ends(toks []token, j int) bool {
	before, after := at(toks, j-1), at(toks, j+1)
	return (before.is(",") || before.is("(") || before.is(":") || before.is("=")) && (after.is(",") || after.is(")") || after.is("}"))
}

// boundWarning tells of code that listens where no other container reaches it: lift changes no code.
func (e *enricher) boundWarning(workload string, p *Program) {
	for _, f := range p.Bound {
		e.Find(ledger.Warning, ledger.Pos{File: f.File, Line: f.Line}, workload+" listens on "+f.Value+" alone, where nothing outside of its container reaches it",
			"let it listen on 0.0.0.0, or on an address that the environment gives (HOST)")
	}
}
