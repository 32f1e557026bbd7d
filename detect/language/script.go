package language

import (
	"bytes"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// besides are commands that a script runs around its program: the shell's own, and those that wait, look at the clock or tell something.
var besides = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq(". : [ cd date echo exit export false printf read set shift sleep source test trap true ulimit umask unset wait mkdir chown chmod rm touch ln install") {
		besides[name] = true
	}
}

// program finds the one program that a shell script starts, as a simple command, and the directory that the script goes to before. It reports false where there is none, or several.
func program(script string) (command, dir string, ok bool) {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return "", "", false
	}
	var found []string
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst, *syntax.ArithmCmd, *syntax.FuncDecl:
			return false // what they run is for the script's own use
		case *syntax.CallExpr:
			if len(n.Args) == 0 {
				return true
			}
			first := n.Args[0].Lit()
			switch {
			case first == "cd" && len(n.Args) == 2 && len(found) == 0:
				dir = n.Args[1].Lit()
			case !besides[first]:
				var b bytes.Buffer
				if syntax.NewPrinter().Print(&b, n) != nil {
					return false
				}
				found = append(found, b.String())
			}
			return true
		}
		return true
	})
	if len(found) != 1 {
		return "", "", false
	}
	return found[0], dir, true
}
