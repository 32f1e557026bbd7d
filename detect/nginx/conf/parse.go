// Package conf reads the syntax of nginx configuration files: directives, blocks, quoting, comments and includes. It knows nothing of lift's model and little of what a directive means.
//
// The specification is what nginx does (src/core/ngx_conf_file.c), because its manual is silent about much of it: quotes count at the start of a word alone, "#" and "}" inside a word are
// part of it, "${" does not open a block, and a backslash takes the next character along, of which \" \' \\ \t \r \n mean something.
//
// Every function is pure, and no input makes one panic.
package conf

import (
	"strconv"
	"strings"
)

// MaxProblems is how many problems one file may list before the rest is left out.
const MaxProblems = 20

// maxDepth bounds how deep blocks may lie in each other.
const maxDepth = 64

// Word is one word of a directive with its place. Begin and End are byte offsets in the file, quotes included.
type Word struct {
	Text       string // without quotes and escapes
	Line, Col  int    // from 1; columns in bytes
	Begin, End int
	Quoted     bool
	first      bool // of its line
}

// Directive is a name with its arguments, ended by ";" or followed by a block.
type Directive struct {
	Word             // the name
	Args      []Word // without the name
	Block     []Directive
	HasBlock  bool
	Script    bool // the block is a program (…_by_lua_block), which is not taken apart
	Stop      int  // offset behind the ";" or "}"
	CloseLine int  // line of the "}"
}

// Arg returns the text of an argument, "" where there is none.
func (d Directive) Arg(i int) string {
	if i < 0 || i >= len(d.Args) {
		return ""
	}
	return d.Args[i].Text
}

// Problem is one fault in a file, at a line and column from 1. No problem quotes an argument, which might be a secret.
type Problem struct {
	File         string
	Line, Col    int
	What, Remedy string
}

// Parse reads a file: its directives, as far as they can be read, and what is wrong with it. known tells the names of directives, by which a forgotten semicolon is recognised; nil: none is.
func Parse(src string, known func(string) bool) ([]Directive, []Problem) {
	p := parser{src: src, line: 1, known: known}
	out := p.block(nil, 0)
	return out, p.problems
}

type parser struct {
	src      string
	pos      int
	line     int
	start    int // offset of the line's first byte
	known    func(string) bool
	problems []Problem
}

func (p *parser) problem(line, col int, what, remedy string) {
	if len(p.problems) < MaxProblems {
		p.problems = append(p.problems, Problem{Line: line, Col: col, What: what, Remedy: remedy})
	}
}

func (p *parser) more() bool { return p.pos < len(p.src) }

func (p *parser) next() {
	if p.src[p.pos] == '\n' {
		p.line++
		p.start = p.pos + 1
	}
	p.pos++
}

func (p *parser) col() int { return p.pos - p.start + 1 }

// space skips white space and comments. It reports whether a line ended in it.
func (p *parser) space() bool {
	line := p.line
	for p.more() {
		switch p.src[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.next()
		case '#':
			for p.more() && p.src[p.pos] != '\n' {
				p.next()
			}
		default:
			return p.line > line || p.pos == 0
		}
	}
	return p.line > line
}

// block reads directives up to the "}" of the block that open began, or to the end of the file.
func (p *parser) block(open *Directive, depth int) []Directive {
	var out []Directive
	var words []Word
	for {
		first := p.space()
		if !p.more() {
			p.atEnd(open, words)
			return out
		}
		switch c := p.src[p.pos]; {
		case c == ';' || c == '{':
			if len(words) == 0 {
				p.problem(p.line, p.col(), `nothing stands before the "`+string(c)+`"`, "remove it, or write the directive that it belongs to")
				p.next()
				continue
			}
			d := Directive{Word: words[0], Args: words[1:]}
			words = nil
			p.terminated(&d, open)
			p.next()
			if c == '{' {
				d.HasBlock = true
				switch {
				case strings.HasSuffix(d.Text, "_by_lua_block"):
					d.Script = true
					p.script(&d)
				case depth >= maxDepth:
					p.problem(d.Line, d.Col, "blocks lie deeper than "+strconv.Itoa(maxDepth)+" in each other", "close them")
					p.pos = len(p.src)
					return append(out, d)
				default:
					d.Block = p.block(&d, depth+1)
				}
			}
			d.Stop = p.pos
			out = append(out, d)
		case c == '}':
			line, col := p.line, p.col()
			if len(words) > 0 {
				last := words[len(words)-1]
				p.problem(last.Line, last.Col, words[0].Text+` is not ended before the "}"`, `write ";" after it`)
			}
			p.next()
			if open == nil {
				p.problem(line, col, `"}" closes nothing`, "remove it, or look for a missing {")
				words = nil
				continue
			}
			open.CloseLine = line
			return out
		default:
			words = append(words, p.word(first))
		}
	}
}

// atEnd complains of what the file leaves open.
func (p *parser) atEnd(open *Directive, words []Word) {
	switch {
	case len(words) > 0:
		last := words[len(words)-1]
		p.problem(last.Line, last.Col, words[0].Text+" is not ended: the file ends first", `write ";" after it`)
	}
	if open != nil && open.CloseLine == 0 {
		open.CloseLine = p.line
		p.problem(open.Line, open.Col, open.Text+" { is not closed: the file ends first", `write "}" where the block ends`)
	}
}

// terminated looks for a forgotten semicolon: a word that begins a line and is the name of a directive. Entries of map and the like are not directives.
func (p *parser) terminated(d, open *Directive) {
	if p.known == nil || open != nil && listing[open.Text] {
		return
	}
	before := d.Word
	for _, w := range d.Args {
		if w.first && !w.Quoted && p.known(w.Text) {
			p.problem(before.Line, before.Col, d.Text+` is not ended: `+w.Text+" begins in line "+strconv.Itoa(w.Line), `write ";" after it`)
			return
		}
		before = w
	}
}

// listing are the blocks whose entries are values, not directives.
var listing = map[string]bool{"map": true, "geo": true, "types": true, "split_clients": true, "charset_map": true, "match": true}

// Lists reports whether the entries of a block of this name are values, not directives.
func Lists(name string) bool { return listing[name] }

// word reads one word. It stands at its first byte.
func (p *parser) word(first bool) Word {
	w := Word{Line: p.line, Col: p.col(), Begin: p.pos, first: first}
	quote := p.src[p.pos]
	if quote != '"' && quote != '\'' {
		p.bare()
		w.End = p.pos
		w.Text = unescape(p.src[w.Begin:w.End])
		return w
	}
	w.Quoted = true
	p.next()
	for p.more() && p.src[p.pos] != quote {
		if p.src[p.pos] == '\\' {
			p.next()
		}
		if p.more() {
			p.next()
		}
	}
	if !p.more() {
		w.End = p.pos
		w.Text = unescape(p.src[w.Begin+1:])
		p.problem(w.Line, w.Col, "the quote is not closed", "write "+string(quote)+" where it ends")
		return w
	}
	w.Text = unescape(p.src[w.Begin+1 : p.pos])
	p.next()
	w.End = p.pos
	if p.more() && !strings.ContainsRune(" \t\r\n;{)", rune(p.src[p.pos])) {
		p.problem(p.line, p.col(), "something follows the closing quote at once", "write a space or ; between them, or quote it as a whole")
	}
	return w
}

// bare skips a word without quotes.
func (p *parser) bare() {
	variable := false
	for p.more() {
		c := p.src[p.pos]
		switch {
		case c == '{' && variable:
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '{':
			return
		case c == '\\':
			p.next()
			if !p.more() {
				return
			}
		}
		variable = c == '$'
		p.next()
	}
}

// unescape takes away the backslashes that mean something; the others stay.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case '"', '\'', '\\':
			b.WriteByte(s[i+1])
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'n':
			b.WriteByte('\n')
		default:
			b.WriteString(s[i : i+2])
		}
		i++
	}
	return b.String()
}

// script skips a program in braces, as far as braces and quotes tell.
func (p *parser) script(d *Directive) {
	depth := 1
	for p.more() {
		switch c := p.src[p.pos]; c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				d.CloseLine = p.line
				p.next()
				return
			}
		case '"', '\'':
			p.next()
			for p.more() && p.src[p.pos] != c && p.src[p.pos] != '\n' {
				if p.src[p.pos] == '\\' {
					p.next()
				}
				if p.more() {
					p.next()
				}
			}
			if !p.more() {
				continue
			}
		case '-':
			if strings.HasPrefix(p.src[p.pos:], "--") {
				for p.more() && p.src[p.pos] != '\n' {
					p.next()
				}
				continue
			}
		}
		p.next()
	}
	d.CloseLine = p.line
	p.problem(d.Line, d.Col, d.Text+" { is not closed: the file ends first", `write "}" where the block ends`)
}

// Quote writes a text as one word.
func Quote(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\r\n;{}\"'\\#") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`, "\r", `\r`, "\n", `\n`).Replace(s) + `"`
}
