package procfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/ledger"
)

// envLine is a line of .env, or several where a quoted value goes on.
type envLine struct {
	name, value string
	line, col   int
	ignored     string // why it sets nothing
	form        form   // the construct on which the tools may differ
	differs     string // what they do, "" when they agree
	setting     int
}

// form is a construct that the tools read in different ways.
type form int

const (
	severalLines form = iota
	exportWord
	whiteSpace
	emptyValue
	inQuotes
	hashMark
	noQuotes
)

var forms = [...]struct{ what, remedy string }{
	severalLines: {"several lines in the value of ", `write it in one line, in double quotes and with \n for the line ends`},
	exportWord:   {"export in front of ", "remove the word"},
	whiteSpace:   {"white space around the name or value of ", "remove it"},
	emptyValue:   {"nothing behind ", `write NAME=""`},
	inQuotes:     {"quotes, backslashes or more text in the quoted value of ", "use the other kind of quotes, and put comments into lines of their own"},
	hashMark:     {"# in the unquoted value of ", "put the value into quotes, and a comment into a line of its own"},
	noQuotes:     {"white space, quotes or backslashes in the unquoted value of ", "put the value into quotes"},
}

// parseEnv reads a .env file. There is no standard; the tools that run a Procfile read three dialects (dialects.go) and the dotenv libraries, which many programs call themselves, a
// fourth. The rules here are those of foreman 0.87, lib/foreman/env.rb, with what the dotenv libraries add where foreman would ignore a line or keep what cannot be meant:
//
//   - NAME=value up to the end of the line; names consist of letters, digits and "_"; empty lines and lines that begin with # are nothing;
//   - single quotes keep everything as it is; in double quotes \n is a line end and \ protects any other character ("\"", "\\", "\$"); $ is never expanded;
//   - "export" in front, white space around "=" and behind the value (dotenv; foreman ignores the line or keeps the white space);
//   - white space and # behind an unquoted or quoted value begin a comment; # without white space belongs to the value (dotenv; foreman has no comments there);
//   - a quoted value may go on over several lines (dotenv; a private key).
//
// Of a name that occurs twice the later value counts. Whenever foreman, heroku local or honcho read a line otherwise than this, the line says so.
func parseEnv(src string) ([]envLine, []fault) {
	var out []envLine
	var faults []fault
	if strings.HasPrefix(strings.TrimSpace(src), "{") {
		return nil, []fault{{ledger.Error, 1, 1, ".env holds JSON, which heroku local alone reads", "write lines NAME=value"}}
	}
	all := lines(src)
	for i := 0; i < len(all); i++ {
		l := strings.TrimSpace(all[i])
		if l == "" || l[0] == '#' {
			continue
		}
		e := envLine{line: i + 1, col: 1 + strings.Index(all[i], l)}
		if len(out) == maxVariables {
			return out, append(faults, fault{ledger.Error, i + 1, 1, fmt.Sprintf(".env has more than %d lines that set something", maxVariables), "is this file a .env file?"})
		}
		rest, exported := strings.CutPrefix(l, "export ")
		name, raw, found := strings.Cut(rest, "=")
		switch name = strings.TrimSpace(name); {
		case !found && exported:
			e.ignored = "it only exports what is set elsewhere"
		case !found:
			e.ignored = `it has no "="`
		case !isVariable(name):
			e.ignored = "what stands before = is no name of letters, digits and _"
		}
		if e.ignored != "" {
			out = append(out, e)
			continue
		}
		e.name = name
		last, ok := e.take(raw, all, i)
		if !ok {
			faults = append(faults, fault{ledger.Error, i + 1, e.col, e.name + ": unbalanced quote", "close it, or put the whole value into quotes of the other kind"})
			e.ignored, e.name = "its quote is not closed", ""
			out = append(out, e)
			continue
		}
		switch {
		case last > i:
			e.form = severalLines
			e.differs = "foreman takes its first line alone, heroku local and honcho stop at it"
		default:
			e.differs = differences(all[i], e.name, e.value)
			switch trimmed := strings.TrimSpace(raw); {
			case exported:
				e.form = exportWord
			case all[i] != l || len(name) != len(rest)-len(raw)-1 || raw != strings.TrimLeft(raw, " \t"):
				e.form = whiteSpace
			case trimmed == "":
				e.form = emptyValue
			case trimmed[0] == '"' || trimmed[0] == '\'':
				e.form = inQuotes
			case strings.Contains(trimmed, "#"):
				e.form = hashMark
			default:
				e.form = noQuotes
			}
		}
		out = append(out, e)
		i = last
	}
	return out, faults
}

// take reads the value from what stands behind "=" in line i and returns the line where it ends.
func (e *envLine) take(raw string, all []string, i int) (last int, ok bool) {
	v := strings.TrimSpace(raw)
	if v == "" || v[0] != '"' && v[0] != '\'' {
		if strings.HasPrefix(v, "#") && v[0] != raw[0] { // NAME= # comment
			return i, true
		}
		e.value = v
		if at := comment(v); at >= 0 {
			e.value = strings.TrimRight(v[:at], " \t")
		}
		return i, true
	}
	quote := v[0]
	if n := len(v); n > 1 && v[n-1] == quote && (quote == '\'' || !escapedAt(v, n-1)) && closing(v) >= 0 && !commentBehind(v, closing(v)) { // foreman: from the first quote to the last
		e.value = unquote(v[1:n-1], quote)
		return i, true
	}
	if end := closing(v); end > 0 { // what stands behind the closing quote is a comment, or nothing that anybody reads
		e.value = unquote(v[1:end], quote)
		return i, true
	}
	for j := i + 1; j < len(all); j++ {
		if end := closing(string(quote) + all[j]); end > 0 { // a backslash at a line's end protects the line end alone
			text := strings.TrimLeft(raw, " \t") + "\n" + strings.Join(append(slices.Clone(all[i+1:j]), all[j][:end-1]), "\n")
			e.value = unquote(text[1:], quote)
			return j, true
		}
	}
	return i, false
}

// comment returns where white space and # begin a comment, -1 for nowhere.
func comment(v string) int {
	for i := 1; i < len(v); i++ {
		if v[i] == '#' && (v[i-1] == ' ' || v[i-1] == '\t') {
			return i
		}
	}
	return -1
}

// closing returns where the quote that begins v is closed, -1 for nowhere.
func closing(v string) int {
	for i := 1; i < len(v); i++ {
		if v[i] == v[0] && (v[0] == '\'' || !escapedAt(v, i)) {
			return i
		}
	}
	return -1
}

// commentBehind reports whether nothing but a comment stands behind position end.
func commentBehind(v string, end int) bool {
	rest := strings.TrimLeft(v[end+1:], " \t")
	return strings.HasPrefix(rest, "#")
}

func escapedAt(v string, i int) bool {
	n := 0
	for i--; i > 0 && v[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

func unquote(s string, quote byte) string {
	if quote == '\'' {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'n' {
				b.WriteByte('\n')
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// dotenv reads .env, records its lines and tells where the tools differ.
func (u *unit) dotenv() []envLine {
	file := u.beside(".env")
	src, ok := u.text(file, "a .env file")
	if !ok {
		return nil
	}
	env, faults := parseEnv(src)
	u.report(file, faults)
	seen := map[string]int{}
	u.dotenvNames = map[string]bool{}
	type difference struct {
		form    form
		differs string
	}
	same := map[difference][]envLine{}
	var order []difference
	for i := range env {
		e := &env[i]
		at := ledger.Pos{File: file, Line: e.line, Col: e.col}
		if e.ignored != "" {
			e.setting = u.rec.Setting(at, "(no variable)", deploy.Secret(e.value))
			u.rec.Inert(e.setting, "foreman ignores the line: "+e.ignored)
			if !slices.ContainsFunc(faults, func(f fault) bool { return f.line == e.line }) {
				u.rec.Find(ledger.Warning, at, "foreman ignores this line: "+e.ignored, "write NAME=value, or # in front of a comment")
			}
			continue
		}
		e.setting = u.rec.Setting(at, e.name, deploy.Secret(e.value))
		if !secret.Looks(e.name, e.value) {
			u.rec.Show(e.setting)
		}
		if j, ok := seen[e.name]; ok { // the later one takes its place
			u.rec.Override(env[j].setting, "overridden by "+at.String())
			u.rec.Find(ledger.Info, at, fmt.Sprintf("%s is set in line %d already; this line counts", e.name, env[j].line), "remove one of them")
			env[j].ignored = "overridden"
		}
		seen[e.name], u.dotenvNames[e.name] = i, true
		if e.differs != "" {
			d := difference{e.form, e.differs}
			if same[d] == nil {
				order = append(order, d)
			}
			same[d] = append(same[d], *e)
		}
	}
	for _, d := range order {
		es := same[d]
		what := forms[d.form].what + es[0].name
		if n := len(es) - 1; n > 0 {
			what += fmt.Sprintf(" (and %d more)", n)
		}
		u.rec.Find(ledger.Info, ledger.Pos{File: file, Line: es[0].line, Col: es[0].col}, what+": "+d.differs+", lift reads it as the dotenv libraries do", forms[d.form].remedy)
	}
	return env
}
