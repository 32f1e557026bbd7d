package yamlout

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Map is a mapping whose members are printed in this order.
//
// Values may be Map, Seq, Flow, string, nil, or anything that encoding/json can
// marshal.
type Map []Item

// Item is one member of a Map. A comment is printed above it.
type Item struct {
	Key     string
	Value   any
	Comment string
}

// Seq is a sequence in block style.
type Seq []any

// Flow is a short list of strings on one line: ["node", "server.js"]. All are
// quoted. One that would make the line longer than 100 characters, or that has
// an item of several lines, is printed as a block.
type Flow []string

// MarshalJSON keeps the order for a Map inside a value that goes through
// encoding/json. Comments are lost there, so put such a Map into Maps and Seqs.
func (m Map) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, it := range m {
		k, err := json.Marshal(it.Key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(it.Value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (p *printer) mapping(m Map, at place, col int) error {
	if len(m) == 0 {
		p.scalar(at)
		p.out = append(p.out, "{}\n"...)
		return nil
	}
	col += step
	seen := make(map[string]bool, len(m))
	for i, it := range m {
		key := []byte(it.Key)
		here := p.enter(key)
		if seen[it.Key] {
			return fmt.Errorf("%s: key is there twice", p.where())
		}
		seen[it.Key] = true
		p.line(i, at, col, it.Comment)
		if err := p.key(key, col); err != nil {
			return err
		}
		if err := p.value(it.Value, afterKey, col); err != nil {
			return err
		}
		p.leave(here)
	}
	return nil
}

func (p *printer) sequence(s Seq, at place, col int) error {
	if len(s) == 0 {
		p.scalar(at)
		p.out = append(p.out, "[]\n"...)
		return nil
	}
	col += step
	for i, v := range s {
		here := p.enterIndex(i)
		p.line(i, at, col, "")
		p.out = append(p.out, '-')
		if err := p.value(v, afterDash, col); err != nil {
			return err
		}
		p.leave(here)
	}
	return nil
}

func (p *printer) flow(f Flow, at place, col int) error {
	start := len(p.out)
	p.scalar(at)
	p.out = append(p.out, '[')
	block := false
	for i, s := range f {
		if i > 0 {
			p.out = append(p.out, ", "...)
		}
		style, err := p.classify([]byte(s))
		if err != nil {
			return err
		}
		block = block || style == literal || style == literalIndented
		p.out = appendDouble(p.out, []byte(s))
		// A comment for one of the items has no place on a shared line.
		here := p.enterIndex(i)
		_, commented := p.comments[string(p.path)]
		block = block || commented
		p.leave(here)
	}
	p.out = append(p.out, "]\n"...)
	line := len(p.out) - 1 - (bytes.LastIndexByte(p.out[:len(p.out)-1], '\n') + 1)
	if len(f) == 0 || !block && line <= 100 {
		return nil
	}
	p.out = p.out[:start]
	items := make(Seq, len(f))
	for i, s := range f {
		items[i] = s
	}
	return p.sequence(items, at, col)
}
