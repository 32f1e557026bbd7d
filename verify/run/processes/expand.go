//go:build linux

package processes

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// arguments are the words that are executed, with the variables of env expanded as systemd does it (systemd.service(5), COMMAND LINES): a variable that stands alone is split and vanishes when it is empty,
// one inside of a word is a part of it.
func (c command) arguments(env []string) []string {
	out := expand(c.Entry, env)
	if c.Shell != "" {
		out = append(out, c.Shell, "-c", c.Script)
	} else {
		out = append(out, expand(c.Argv, env)...)
	}
	if len(c.Front) == 0 {
		return out
	}
	return slices.Insert(out, leading(out), c.Front...)
}

func expand(argv deploy.Argv, env []string) []string {
	var out []string
	for _, w := range argv {
		if len(w) == 1 && w[0].Split {
			out = append(out, words(variable(env, w[0].Var))...)
			continue
		}
		var b strings.Builder
		for _, p := range w {
			if p.Var != "" {
				b.WriteString(variable(env, p.Var))
			} else {
				b.WriteString(p.Text)
			}
		}
		out = append(out, b.String())
	}
	return out
}

// variable is the value of the last assignment that names it.
func variable(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// words splits a variable's value at white space; quotes hold together and are taken away.
func words(text string) []string {
	var out []string
	var b strings.Builder
	quote, inside := rune(0), false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, inside = r, true
		case quote == 0 && strings.ContainsRune(" \t\n\r", r):
			if inside {
				out = append(out, b.String())
				b.Reset()
				inside = false
			}
		default:
			b.WriteRune(r)
			inside = true
		}
	}
	if inside {
		out = append(out, b.String())
	}
	return out
}

// inits are programs whose only task is to start another one and hand it signals.
var inits = map[string]bool{"tini": true, "tini-static": true, "dumb-init": true, "catatonit": true}

// leading counts the words of an init, with its options, that stand before the program itself.
func leading(argv []string) int {
	if len(argv) == 0 || !inits[path.Base(argv[0])] {
		return 0
	}
	if i := slices.Index(argv, "--"); i > 0 {
		return i + 1
	}
	for i, w := range argv[1:] {
		if !strings.HasPrefix(w, "-") {
			return i + 1
		}
	}
	return 0
}
