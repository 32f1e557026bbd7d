package podspec

import (
	"fmt"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// word is one argument with the node that it stands in.
type word struct {
	yamldoc.Node
	w deploy.Word
}

// words reads a list of arguments. defined tells which variables Kubernetes expands in them; nil: none, and $ is a letter like any other.
func (w *Workload) words(n yamldoc.Node, defined func(string) bool) ([]word, bool) {
	var out []word
	ok := true
	w.Each(n, func(item yamldoc.Node) {
		text, isText := w.Text(item)
		if !isText {
			ok = false
			return
		}
		if !secret.Holds(text) {
			w.Rec.Show(item.Setting())
		} else {
			w.Rec.Find(ledger.Warning, item.Pos(), item.Path+" holds what looks like a secret: everybody on the machine can read arguments", "move it to a Secret and pass it as a variable")
		}
		if defined == nil {
			out = append(out, word{item, deploy.Lit(text)})
			return
		}
		expanded, unresolved := expand(text, defined)
		for _, name := range unresolved {
			w.Rec.Find(ledger.Warning, item.Pos(), fmt.Sprintf("%s: $(%.60s) refers to no variable of the container and stays as it is", item.Path, name), "write $$( if that is meant, or add the variable to env")
		}
		out = append(out, word{item, expanded})
	})
	return out, ok
}

// readCommand reads command and args.
func (w *Workload) readCommand() {
	defined := func(name string) bool { _, ok := w.known[name]; return ok }
	front, ok1 := w.words(w.command, defined)
	rest, ok2 := w.words(w.args, defined)
	if !ok1 || !ok2 {
		for _, x := range append(front, rest...) {
			w.leftover(x.Node, "another word of the command cannot be read")
		}
		return
	}
	texts, _ := literals(front)
	if cut, group := forms.CutTini(texts); group {
		w.M.Stop.Scope = deploy.Some(deploy.StopGroup)
		tini := len(texts) - len(cut)
		for _, x := range front[:tini] {
			w.Rec.Part(x.Setting(), w.At.Join("stop", "scope"))
		}
		front = front[tini:]
	}
	at := w.At.Join("command")
	switch {
	case len(rest) == 0:
		w.argv(front, &w.M.Command, at)
	case len(front) == 0 && len(w.command.Items()) == 0:
		w.argv(rest, &w.M.Command, at)
		reason, remedy := "the image's own entrypoint stands before these arguments, and the manifest does not show it", "write the whole command: command and args"
		w.Rec.Find(ledger.Warning, w.args.KeyPos(), w.args.Path+": "+reason, remedy)
	default:
		for _, x := range front {
			w.M.Command.Entrypoint = append(w.M.Command.Entrypoint, x.w)
			w.Rec.Part(x.Setting(), at.Join("entrypoint"))
		}
		w.argv(rest, &w.M.Command, at)
	}
}

// literals are the texts of the words; that of a word with variables is empty. all is false when there is one.
func literals(words []word) (texts []string, all bool) {
	all = true
	for _, x := range words {
		t, ok := x.w.Literal()
		texts, all = append(texts, t), all && ok
	}
	return texts, all
}

// argv sets a command in its normal form: a shell with its script is Shell and one word.
func (w *Workload) argv(words []word, c *deploy.Command, at deploy.Path) {
	if t, ok := literals(words); ok && len(t) == 3 && t[1] == "-c" && isShell(t[0]) {
		c.Shell, c.Argv = deploy.Some(t[0]), deploy.Argv{words[2].w}
		w.Rec.Part(words[0].Setting(), at.Join("shell"))
		w.Rec.Part(words[1].Setting(), at.Join("shell"))
		w.Rec.Convert(words[2].Setting(), at.Join("argv"))
		return
	}
	for _, x := range words {
		c.Argv = append(c.Argv, x.w)
		w.Rec.Part(x.Setting(), at.Join("argv"))
	}
}

// isShell reports whether a program takes -c SCRIPT as the shells of POSIX do.
func isShell(program string) bool {
	switch program[strings.LastIndexByte(program, '/')+1:] {
	case "sh", "bash", "dash", "ash", "zsh", "ksh":
		return true
	}
	return false
}
