package yamlout

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// step is the indentation of a collection below the one that holds it.
const step = 2

// place is what stands on the line before a value.
type place int

const (
	atRoot    place = iota // nothing
	afterKey               // "key:"
	afterDash              // "-"
)

type printer struct {
	Options
	out      []byte
	path     []byte            // where we are, as a JSON pointer
	comments map[string]string // still to be printed, by path
}

func (p *printer) where() string {
	if len(p.path) == 0 {
		return "document"
	}
	return string(p.path)
}

// enter and leave keep the path; leave takes what enter returned.
func (p *printer) enter(key []byte) int {
	n := len(p.path)
	p.path = append(p.path, '/')
	for _, c := range key {
		switch c {
		case '~':
			p.path = append(p.path, "~0"...)
		case '/':
			p.path = append(p.path, "~1"...)
		default:
			p.path = append(p.path, c)
		}
	}
	return n
}

func (p *printer) enterIndex(i int) int {
	n := len(p.path)
	p.path = strconv.AppendInt(append(p.path, '/'), int64(i), 10)
	return n
}

func (p *printer) leave(n int) { p.path = p.path[:n] }

func (p *printer) indent(col int) {
	for range col {
		p.out = append(p.out, ' ')
	}
}

// scalar starts a value that follows on the same line.
func (p *printer) scalar(at place) {
	if at != atRoot {
		p.out = append(p.out, ' ')
	}
}

// line starts the n-th member or item of a collection at col, with its comment
// above. The first one after a dash stands on the dash's line, so its comment
// goes above that line.
func (p *printer) line(n int, at place, col int, comment string) {
	if len(p.comments) > 0 {
		if c, ok := p.comments[string(p.path)]; ok {
			if comment != "" && c != "" {
				comment += "\n"
			}
			comment += c
			delete(p.comments, string(p.path))
		}
	}
	switch {
	case n == 0 && at == afterDash:
		if comment != "" {
			start := bytes.LastIndexByte(p.out, '\n') + 1
			rest := bytes.Clone(p.out[start:])
			p.out = p.out[:start]
			p.comment(comment, len(rest)-len(bytes.TrimLeft(rest, " ")))
			p.out = append(p.out, rest...)
		}
		p.out = append(p.out, ' ')
		return
	case n == 0 && at == afterKey:
		p.out = append(p.out, '\n')
	}
	p.comment(comment, col)
	p.indent(col)
}

// comment prints each line of text as a comment. Characters that could end the
// comment, or that hide, are shown escaped.
func (p *printer) comment(text string, col int) {
	if text == "" {
		return
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		p.indent(col)
		p.out = append(p.out, '#')
		if l != "" {
			p.out = append(p.out, ' ')
		}
		for _, r := range l {
			if r == '\t' || unicode.IsPrint(r) {
				p.out = append(p.out, string(r)...)
			} else {
				p.out = fmt.Appendf(p.out, `\u%04X`, r)
			}
		}
		p.out = append(p.out, '\n')
	}
}

// key prints "key:". Parsers look for the ":" of a simple key only within 1024
// characters (YAML 1.2.2, 7.4.2); a longer one is written with "? ".
func (p *printer) key(key []byte, col int) error {
	start := len(p.out)
	if err := p.inline(key); err != nil {
		return err
	}
	if len(p.out)-start > 1000 {
		text := bytes.Clone(p.out[start:])
		p.out = append(append(append(p.out[:start], "? "...), text...), '\n')
		p.indent(col)
	}
	p.out = append(p.out, ':')
	return nil
}
