package exchange

import (
	"strconv"
	"strings"
	"time"
)

// Print writes a file of exchanges as Parse reads it: Parse of it gives the same file, but for the numbers of the lines.
func Print(f File) string {
	var p printer
	p.comment(f.Comment)
	if d := f.Defaults; d.given() {
		p.gap()
		p.comment(d.Comment)
		p.line("defaults")
		p.timeout(d.Timeout)
		p.headers(d.Headers)
		p.user(d.User)
		p.allow(d.Allow)
	}
	for _, it := range f.Items {
		p.gap()
		p.comment(it.Comment)
		p.item(it)
	}
	if len(f.End) > 0 {
		p.gap()
		p.comment(f.End)
	}
	return p.b.String()
}

type printer struct{ b strings.Builder }

func (p *printer) line(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
	p.b.WriteByte('\n')
}

// gap separates items by an empty line.
func (p *printer) gap() {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
}

func (p *printer) comment(lines []string) {
	for _, l := range lines {
		if l == "" {
			p.line("#")
		} else {
			p.line("# ", l)
		}
	}
}

func (p *printer) timeout(t time.Duration) {
	if t > 0 {
		p.line("  timeout ", short(t))
	}
}

// short prints a duration without the zeros that Go puts after it: 1m, not 1m0s.
func short(t time.Duration) string {
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (p *printer) headers(list []Header) {
	for _, h := range list {
		p.line(strings.TrimRight("  send header "+h.Name+": "+h.Value, " "))
	}
}

func (p *printer) user(user string) {
	if user != "" {
		p.line("  send user ", written(user))
	}
}

func (p *printer) allow(list []Allow) {
	for _, a := range list {
		on := ""
		if len(a.Tiers) > 0 {
			on = "on " + strings.Join(a.Tiers, ",") + " "
		}
		p.line("  allow ", on, a.Place.String(), ": ", a.Reason)
	}
}

func (p *printer) item(it Item) {
	p.line(it.Name())
	if it.Title != "" {
		p.line("  title ", written(it.Title))
	}
	p.timeout(it.Timeout)
	if it.Until > 0 {
		every := ""
		if it.Every > 0 {
			every = " every " + short(it.Every)
		}
		p.line("  until ", short(it.Until), every)
	}
	r := it.Request
	p.headers(r.Headers)
	p.user(r.User)
	if r.WebSocket {
		p.line("  send websocket")
	}
	if r.Body != nil {
		p.body(*r.Body)
	}
	p.expect(it.Expect)
	for _, k := range it.Keep {
		s := "  keep " + k.Name + " = " + k.From
		if k.What != "" {
			s += " " + k.What
		}
		if k.Pattern != "" {
			s += " ~ " + written(k.Pattern)
		}
		p.line(s)
	}
	p.allow(it.Allow)
}

func (p *printer) body(b Body) {
	switch b.Form {
	case Text:
		p.exactly("  send body", b.Text)
	case JSON:
		p.json("  send json", b.Text)
	case Fields:
		if len(b.Fields) == 1 {
			p.line("  send form ", field(b.Fields[0]))
			return
		}
		p.line("  send form")
		for _, f := range b.Fields {
			p.line("    ", field(f))
		}
	}
}

func field(f Field) string {
	name := f.Name
	if !plain(name) || name[0] == '"' || strings.Contains(name, "=") {
		name = strconv.Quote(name)
	}
	value := f.Value
	if value != "" && !plain(value) {
		value = strconv.Quote(value)
	}
	return name + "=" + value
}

func (p *printer) expect(e Expect) {
	if e.Status != "" {
		p.line("  expect ", e.Status)
	}
	if e.NoAnswer {
		p.line("  expect no answer")
	}
	for _, h := range e.Headers {
		switch h.Op {
		case Absent:
			p.line("  expect no header ", h.Name)
		case Fits:
			p.line("  expect header ", h.Name, " ~ ", written(h.Value))
		default:
			p.line(strings.TrimRight("  expect header "+h.Name+": "+h.Value, " "))
		}
	}
	for _, w := range e.Body {
		switch w.Op {
		case IsJSON, ContainsJSON:
			p.json("  expect "+string(w.Op), w.Text)
		case Contains, Fits:
			p.line("  expect body ", string(w.Op), " ", written(w.Text))
		default:
			p.exactly("  expect body", w.Text)
		}
	}
	if e.Exit != nil {
		p.line("  expect exit ", itoa(*e.Exit))
	}
	for _, w := range e.Output {
		p.line("  expect output ", string(w.Op), " ", written(w.Text))
	}
}

// exactly prints a text as a block where it can be one.
func (p *printer) exactly(word, text string) {
	lines, ok := blockLines(text)
	if !ok {
		p.line(word, " ", strconv.Quote(text))
		return
	}
	p.line(word)
	p.block(lines)
}

// blockLines takes a text apart that stands as a block: it has several lines, the last one ends, and no blank is where nobody would see it.
func blockLines(text string) ([]string, bool) {
	inner, ok := strings.CutSuffix(text, "\n")
	if !ok || inner == "" {
		return nil, false
	}
	lines := strings.Split(inner, "\n")
	for _, l := range lines {
		if strings.TrimRightFunc(l, blank) != l || strings.ContainsFunc(l, control) {
			return nil, false
		}
	}
	first, last := lines[0], lines[len(lines)-1]
	return lines, len(lines) > 1 && first != "" && last != "" && !blank(rune(first[0]))
}

func (p *printer) json(word, text string) {
	if !strings.Contains(text, "\n") {
		p.line(word, " ", text)
		return
	}
	p.line(word)
	p.block(strings.Split(text, "\n"))
}

func (p *printer) block(lines []string) {
	for _, l := range lines {
		if l == "" {
			p.line()
		} else {
			p.line("    ", l)
		}
	}
}
