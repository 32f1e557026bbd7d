package pod

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// shells are the programs that take a script after -c.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "zsh"}

func isShell(program string) bool { return slices.Contains(shells, path.Base(program)) }

// script writes a command line for a POSIX shell: literal text is quoted, variables are not expanded before the shell sees them.
func script(argv deploy.Argv) string {
	words := make([]string, len(argv))
	for i, w := range argv {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}

func shellWord(w deploy.Word) string {
	if text, ok := w.Literal(); ok {
		return quote(text)
	}
	var b strings.Builder
	for _, p := range w {
		switch {
		case p.Var == "" && p.Text != "":
			b.WriteString(quote(p.Text))
		case p.Var != "" && p.Split:
			b.WriteString("${" + p.Var + "}")
		case p.Var != "":
			b.WriteString(`"${` + p.Var + `}"`)
		}
	}
	return b.String()
}

// quote writes a text as one word of a shell.
func quote(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("%+,-./:=@_", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
