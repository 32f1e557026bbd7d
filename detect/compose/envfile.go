package compose

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// envLine is one variable of an environment file.
type envLine struct {
	setting int
	name    string
	value   expansion
}

const maxEnvFile = 1 << 20

// readEnvFile reads an environment file in compose's format: NAME=VALUE lines, "export" and comments allowed; values in single quotes are literal, in double quotes they may span lines
// and have escapes; variables refer to earlier lines. With raw, each value is the rest of its line. Compose specification, "Env_file format".
func (r *reader) readEnvFile(file string, raw bool) []envLine {
	bad := func(line int, what, remedy string) {
		r.rec.Find(ledger.Error, ledger.Pos{File: file, Line: line}, what, remedy)
	}
	src, err := fs.ReadFile(r.tree.FS, file)
	switch {
	case err != nil:
		bad(0, "cannot be read", "")
		return nil
	case len(src) > maxEnvFile:
		bad(1, fmt.Sprintf("an environment file of %d MiB", len(src)>>20), "give the right file")
		return nil
	case bytes.IndexByte(src, 0) >= 0 || !utf8.Valid(src):
		bad(1, "not a text file", "give the right file")
		return nil
	}
	p := envParser{text: strings.ReplaceAll(strings.TrimPrefix(string(src), "\ufeff"), "\r\n", "\n"), line: 1, raw: raw, known: map[string]string{}}
	var out []envLine
	for {
		name, value, line, ok, err := p.next()
		if err != "" {
			bad(line, err, "write NAME=VALUE")
			continue
		}
		if !ok {
			return out
		}
		i := r.rec.Setting(ledger.Pos{File: file, Line: line}, name, deploy.Secret(value.text))
		out = append(out, envLine{i, name, value})
	}
}

type envParser struct {
	text  string // what is left
	line  int
	raw   bool
	known map[string]string // variables of the lines before
}

func (p *envParser) lookup(name string) (string, bool) {
	v, ok := p.known[name]
	return v, ok
}

// next returns the next variable; a faulty line is returned as an error text and skipped.
func (p *envParser) next() (name string, value expansion, line int, ok bool, fault string) {
	for p.text != "" {
		full, rest, _ := strings.Cut(p.text, "\n")
		line = p.line
		l := strings.TrimSpace(full)
		if l == "" || l[0] == '#' {
			p.text, p.line = rest, p.line+1
			continue
		}
		if after, cut := strings.CutPrefix(l, "export "); cut && !p.raw {
			l = strings.TrimSpace(after)
		}
		k := strings.IndexAny(l, "=")
		if k < 0 {
			p.text, p.line = rest, p.line+1
			if strings.ContainsAny(l, " \t") {
				return "", value, line, false, "a line that is no NAME=VALUE"
			}
			// a name alone is taken from where compose is started
			return l, expansion{unknown: []variable{{name: l}}, whole: true}, line, true, ""
		}
		name = strings.TrimSpace(l[:k])
		if name == "" || strings.ContainsAny(name, " \t\"'$") {
			p.text, p.line = rest, p.line+1
			return "", value, line, false, "a variable without a proper name"
		}
		at := strings.IndexByte(p.text, '=') + 1
		p.text = p.text[at:]
		if p.raw {
			text, rest, _ := strings.Cut(p.text, "\n")
			p.text, p.line = rest, p.line+1
			return name, expansion{text: text}, line, true, ""
		}
		value, fault = p.value()
		if fault != "" {
			return "", value, line, false, fault
		}
		if len(value.unknown) == 0 {
			p.known[name] = value.text
		}
		return name, value, line, true, ""
	}
	return "", value, p.line, false, ""
}

// value reads the value at the front of the text, up to the end of its line or of its quotes.
func (p *envParser) value() (expansion, string) {
	t := strings.TrimLeft(p.text, " \t")
	if t == "" || t[0] != '"' && t[0] != '\'' {
		text, rest, _ := strings.Cut(t, "\n")
		p.text, p.line = rest, p.line+1
		if strings.HasPrefix(text, "#") {
			text = ""
		}
		if i := strings.Index(text, " #"); i >= 0 {
			text = text[:i]
		}
		e, err := interpolate(strings.TrimSpace(text), p.lookup)
		if err != nil {
			return e, err.Error()
		}
		return e, ""
	}
	quote := t[0]
	var b strings.Builder
	i := 1
	for ; i < len(t) && t[i] != quote; i++ {
		c := t[i]
		if quote == '"' && c == '\\' && i+1 < len(t) {
			i++
			switch t[i] {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'r':
				c = '\r'
			case '$':
				b.WriteString("$$") // protected from interpolation
				continue
			case '"', '\\':
				c = t[i]
			default:
				b.WriteByte('\\')
				c = t[i]
			}
		}
		b.WriteByte(c)
	}
	if i >= len(t) {
		_, rest, _ := strings.Cut(p.text, "\n")
		p.text, p.line = rest, p.line+1
		return expansion{}, "a quote that is not closed"
	}
	p.line += strings.Count(t[:i], "\n")
	_, rest, _ := strings.Cut(t[i:], "\n") // what follows the quote on its line is a comment
	p.text, p.line = rest, p.line+1
	if quote == '\'' {
		return expansion{text: b.String()}, ""
	}
	e, err := interpolate(b.String(), p.lookup)
	if err != nil {
		return e, err.Error()
	}
	return e, ""
}
