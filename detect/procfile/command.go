package procfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/internal/lazyregexp"
	"mvdan.cc/sh/v3/syntax"
)

// command is what became of a command's text. Either argv is set: nothing in the command needs a shell, so that none stands between the platform and the program; or script and shell are.
//
// The forms, from the best image to the worst:
//
//   - literal words, quoted or not: argv. "exec" in front goes away, it would change nothing;
//   - one command with variables, patterns, a tilde or redirections: a script "exec …", after which the program has taken the shell's place and gets the signals itself;
//   - anything else, such as pipes, && and built-in commands: the script as it stands. The shell stays.
//
// Assignments of literal values in front of a single command become variables of the workload; others stay where they are, in front of exec, which hands them on.
type command struct {
	argv     []string
	script   string
	shell    string
	direct   bool   // the program takes the shell's place
	why      string // where it does not
	assigned []assignment
	reads    []string // variables that must come from outside, sorted
	usesPort bool
	bash     string // what only bash knows
}

type assignment struct{ name, value string }

// unreadable says why a command is no shell command. It holds nothing of the command's text.
type unreadable struct {
	column       int
	what, remedy string
}

const (
	posixShell = "/bin/sh"
	bashShell  = "/bin/bash"
)

// parseCommand analyses the text of a command.
func parseCommand(text string) (command, *unreadable) {
	var c command
	if len(text) > maxCommand {
		return c, &unreadable{1, fmt.Sprintf("the command has more than %d KiB", maxCommand>>10), "write it into a script that the line calls"}
	}
	c.shell = posixShell
	c.usesPort = mentionsPort.MatchString(text)
	inBash, errBash := parseShell(text, syntax.LangBash)
	f, err := parseShell(text, syntax.LangPOSIX)
	if errBash == nil {
		c.bash = bashism(inBash)
	}
	switch {
	case errBash == nil && (err != nil || c.bash != ""):
		f, c.shell = inBash, bashShell
		c.bash = cmp.Or(c.bash, "syntax")
	case err != nil:
		u := &unreadable{1, "no shell can read the command", "look for an unbalanced quote or bracket, and try it with sh -n"}
		var pe syntax.ParseError
		if errors.As(err, &pe) {
			u.column = int(pe.Pos.Col())
		}
		return c, u
	case len(f.Stmts) == 0:
		return c, &unreadable{1, "the command is nothing but a comment", "write a command"}
	}
	c.reads = reads(f)
	call, why := single(f)
	if call == nil {
		c.script, c.why = text, why
		return c, nil
	}
	c.simple(text, f.Stmts[0], call)
	return c, nil
}

// simple fills in the forms of a single command.
func (c *command) simple(text string, stmt *syntax.Stmt, call *syntax.CallExpr) {
	args := call.Args
	first, literalFirst := literal(args[0])
	executes := literalFirst && first == "exec"
	if executes && len(args) > 1 {
		if second, ok := literal(args[1]); !ok || !strings.HasPrefix(second, "-") { // exec -a has options
			args = args[1:]
			first, literalFirst = literal(args[0])
		}
	}
	if literalFirst && builtins[first] {
		c.script = text
		if c.direct = first == "exec"; !c.direct {
			c.why = first + " is a built-in command"
		}
		return
	}
	assigns, used, stay := call.Assigns, mentions(stmt), false
	for _, a := range assigns {
		name := a.Name.Value
		v, ok := "", true
		if a.Value != nil {
			v, ok = literal(a.Value)
		}
		if !ok || a.Append || a.Array != nil || slices.Contains(used, name) {
			stay = true
		}
		c.assigned = append(c.assigned, assignment{name, v})
	}
	if stay {
		c.assigned = nil
	}
	words, plain := make([]string, len(args)), len(stmt.Redirs) == 0 && !stay
	for i, a := range args {
		w, ok := literal(a)
		words[i], plain = w, plain && ok
	}
	if plain {
		c.argv, c.shell, c.bash = words, "", ""
		return
	}
	c.direct = true
	script := text
	if !executes {
		at := call.Args[0].Pos().Offset()
		script = text[:at] + "exec " + text[at:]
	}
	if !stay { // the assignments are the workload's variables now
		for _, a := range slices.Backward(assigns) {
			script = script[:a.Pos().Offset()] + strings.TrimLeft(script[a.End().Offset():], " \t")
		}
	}
	c.script = script
}

// mentions lists the variables that a command reads.
func mentions(stmt *syntax.Stmt) []string {
	var out []string
	syntax.Walk(stmt, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil {
			out = append(out, p.Param.Value)
		}
		return true
	})
	return out
}

func parseShell(text string, lang syntax.LangVariant) (*syntax.File, error) {
	return syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(text), "")
}

// single returns the one simple command that the script is, or why it is none.
func single(f *syntax.File) (*syntax.CallExpr, string) {
	if len(f.Stmts) != 1 {
		return nil, "it runs several commands"
	}
	s := f.Stmts[0]
	if s.Negated || s.Background || s.Coprocess || s.Disown {
		return nil, "it turns the exit status round or runs in the background"
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return nil, "it runs no program"
		}
		return c, ""
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			return nil, "it is a pipeline"
		}
		return nil, "it runs several commands"
	}
	return nil, "it is a compound or built-in command"
}

// literal returns the text of a word in which the shell has nothing to expand, quotes removed.
func literal(w *syntax.Word) (string, bool) {
	var b strings.Builder
	for i, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if !plainText(&b, p.Value, i == 0) {
				return "", false
			}
		case *syntax.SglQuoted:
			if p.Dollar {
				return "", false
			}
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			if p.Dollar {
				return "", false
			}
			for _, q := range p.Parts {
				l, ok := q.(*syntax.Lit)
				if !ok {
					return "", false
				}
				for i := 0; i < len(l.Value); i++ {
					if l.Value[i] == '\\' && i+1 < len(l.Value) && strings.IndexByte("$`\"\\", l.Value[i+1]) >= 0 {
						i++
					}
					b.WriteByte(l.Value[i])
				}
			}
		default:
			return "", false
		}
	}
	return b.String(), true
}

// plainText appends text outside quotes, without the backslashes that protect a character. It returns false when a character is left that the shell expands: a pattern, a tilde where a
// word or a path in a list begins, or a brace (which bash expands and sh does not).
func plainText(b *strings.Builder, s string, start bool) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			if i+1 == len(s) {
				return false
			}
			i++
			b.WriteByte(s[i])
			continue
		case '*', '?', '[', '{':
			return false
		case '~':
			if i == 0 && start || i > 0 && strings.IndexByte(":=", s[i-1]) >= 0 {
				return false
			}
		}
		b.WriteByte(s[i])
	}
	return true
}

// bashism names something in the script that sh does not know or reads otherwise, "" when there is nothing.
func bashism(f *syntax.File) string {
	found := ""
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.TestClause:
			found = "[[ ]]"
		case *syntax.ArithmCmd:
			found = "(( ))"
		case *syntax.LetClause:
			found = "let"
		case *syntax.CoprocClause:
			found = "coproc"
		case *syntax.ProcSubst:
			found = "<( )"
		case *syntax.ExtGlob:
			found = "extended patterns"
		case *syntax.ArrayExpr:
			found = "arrays"
		case *syntax.SglQuoted:
			if n.Dollar {
				found = "$' '"
			}
		case *syntax.DblQuoted:
			if n.Dollar {
				found = `$" "`
			}
		case *syntax.Redirect:
			if n.Op == syntax.RdrAll || n.Op == syntax.AppAll || n.Op == syntax.WordHdoc {
				found = "the redirection " + n.Op.String()
			}
		case *syntax.BinaryCmd:
			if n.Op == syntax.PipeAll {
				found = "|&"
			}
		case *syntax.DeclClause:
			if v := n.Variant.Value; v != "export" && v != "readonly" {
				found = v
			}
		case *syntax.FuncDecl:
			if n.RsrvWord {
				found = "function"
			}
		case *syntax.ParamExp:
			if n.Slice != nil || n.Repl != nil || n.Index != nil || n.Excl || n.Names != 0 {
				found = "${ } with an index, a slice or a replacement"
			}
		case *syntax.CallExpr:
			if len(n.Args) > 0 && n.Args[0].Lit() == "source" {
				found = "source"
			}
		case *syntax.Word:
			if w := (&syntax.Word{Parts: slices.Clone(n.Parts)}); syntax.SplitBraces(w) && slices.ContainsFunc(w.Parts, isBraces) {
				found = "{ , }"
			}
		}
		return found == ""
	})
	return found
}

func isBraces(p syntax.WordPart) bool { _, ok := p.(*syntax.BraceExp); return ok }

var (
	variableName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// mentionsPort finds PORT in nested quotes as well: sh -c '… $PORT'.
	mentionsPort = lazyregexp.New(`\$(?:PORT\b|\{PORT\b)`)
)

// reads lists the variables that the script expects from outside: not those with a default (${X:-1}), and not those that it sets itself.
func reads(f *syntax.File) []string {
	own := map[string]bool{}
	var out []string
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			if len(n.Args) == 0 {
				break
			}
			switch n.Args[0].Lit() {
			case "read", "export", "readonly":
				for _, a := range n.Args[1:] {
					if l, ok := a.Parts[0].(*syntax.Lit); ok {
						name, _, assigned := strings.Cut(l.Value, "=")
						own[name] = own[name] || assigned || n.Args[0].Lit() == "read"
					}
				}
			}
		case *syntax.Assign:
			if n.Name != nil && n.Value != nil {
				own[n.Name.Value] = true
			}
		case *syntax.WordIter:
			own[n.Name.Value] = true
		case *syntax.ParamExp:
			if n.Param == nil || !variableName.MatchString(n.Param.Value) {
				break
			}
			if n.Exp == nil || n.Exp.Op >= syntax.RemSmallPrefix || n.Exp.Op == syntax.ErrorUnset || n.Exp.Op == syntax.ErrorUnsetOrNull {
				out = append(out, n.Param.Value)
			}
		}
		return true
	})
	out = slices.DeleteFunc(out, func(s string) bool { return own[s] })
	slices.Sort(out)
	return slices.Compact(out)
}

// builtins are the commands of sh and bash that are no programs, or behave otherwise as programs.
var builtins = set(`. : [ alias bg break builtin cd command continue declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local
	logout mapfile popd printf pushd pwd read readonly return set shift shopt source suspend test time times trap true type typeset ulimit umask unalias unset wait`)

var shellVariables = set(`PATH HOME PWD OLDPWD SHELL USER LOGNAME HOSTNAME LANG TERM TMPDIR IFS PPID UID EUID RANDOM SECONDS LINENO OPTARG OPTIND BASH BASH_VERSION`)

// shellSets reports whether every shell or every machine sets the variable.
func shellSets(name string) bool { return shellVariables[name] }

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// secretIn reports whether a command's text holds a secret: in a URL, behind an option or in an assignment.
func secretIn(text string) bool {
	if secret.Holds(text) {
		return true
	}
	words := strings.Fields(text)
	for i, w := range words {
		w = strings.Trim(w, `"'`)
		name, v, found := strings.Cut(w, "=")
		option := strings.HasPrefix(w, "-")
		if !found && option && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
			name, v, found = w, words[i+1], true
		}
		v = strings.Trim(v, `"'`)
		if secret.Holds(w) || found && !strings.HasPrefix(v, "$") && secret.Looks(strings.TrimLeft(name, "-"), v) {
			return true
		}
	}
	return false
}
