package yamlout

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner walks over the output of encoding/json, which is valid and compact.
// Decoding it into tokens with json.Decoder would take longer than everything
// else here together.
type scanner struct {
	b   []byte
	i   int
	buf []byte // the last string that had escapes
}

// json prints the value at s.i and moves behind it.
func (p *printer) json(s *scanner, at place, col int) error {
	switch s.b[s.i] {
	case '{':
		return p.object(s, at, col)
	case '[':
		return p.array(s, at, col)
	case '"':
		text, ok := s.string()
		if !ok {
			return fmt.Errorf("%s: not valid UTF-8, which YAML cannot hold", p.where())
		}
		return p.string(text, at, col)
	}
	start := s.i
	s.skip()
	p.scalar(at)
	p.out = append(appendNumber(p.out, s.b[start:s.i]), '\n')
	return nil
}

func (p *printer) object(s *scanner, at place, col int) error {
	order := p.order(s, at)
	col += step
	n := 0
	member := func() error {
		key, ok := s.string()
		if !ok {
			return fmt.Errorf("%s: a key is not valid UTF-8, which YAML cannot hold", p.where())
		}
		s.i++ // the colon
		here := p.enter(key)
		defer p.leave(here)
		if p.pruned(s, key) {
			s.skip()
			return nil
		}
		p.line(n, at, col, "")
		n++
		if err := p.key(key, col); err != nil {
			return err
		}
		return p.json(s, afterKey, col)
	}
	if order != nil {
		end := s.i
		for _, o := range order {
			s.i = o
			if err := member(); err != nil {
				return err
			}
		}
		s.i = end
		s.skip()
	} else {
		for s.i++; s.b[s.i] != '}'; {
			if err := member(); err != nil {
				return err
			}
			if s.b[s.i] == ',' {
				s.i++
			}
		}
		s.i++
	}
	if n == 0 {
		p.scalar(at)
		p.out = append(p.out, "{}\n"...)
	}
	return nil
}

func (p *printer) array(s *scanner, at place, col int) error {
	s.i++
	if s.b[s.i] == ']' {
		s.i++
		p.scalar(at)
		p.out = append(p.out, "[]\n"...)
		return nil
	}
	col += step
	for n := 0; ; n++ {
		here := p.enterIndex(n)
		p.line(n, at, col, "")
		p.out = append(p.out, '-')
		if err := p.json(s, afterDash, col); err != nil {
			return err
		}
		p.leave(here)
		s.i++
		if s.b[s.i-1] == ']' {
			return nil
		}
	}
}

// order returns where the members of the outermost object start, sorted by
// First, or nil if they are to be printed as they come. s does not move.
func (p *printer) order(s *scanner, at place) []int {
	if at != atRoot || len(p.First) == 0 {
		return nil
	}
	type start struct{ rank, at int }
	var starts []start
	t := &scanner{b: s.b, i: s.i}
	for t.i++; t.b[t.i] != '}'; {
		from := t.i
		key, _ := t.string()
		rank := slices.Index(p.First, string(key))
		if rank < 0 {
			rank = len(p.First)
		}
		starts = append(starts, start{rank, from})
		t.i++
		t.skip()
		if t.b[t.i] == ',' {
			t.i++
		}
	}
	slices.SortStableFunc(starts, func(a, b start) int { return a.rank - b.rank })
	out := make([]int, len(starts))
	for i, o := range starts {
		out[i] = o.at
	}
	return out
}

// pruned says whether the member at s, whose path is current, is left out. One
// that has a comment stays, so that the comment is not lost.
func (p *printer) pruned(s *scanner, key []byte) bool {
	if p.Prune == nil && !p.dropStatus {
		return false
	}
	end, says := hollow(s.b, s.i)
	if end < 0 {
		return false
	}
	if len(p.comments) > 0 {
		if _, ok := p.comments[string(p.path)]; ok {
			return false
		}
	}
	if p.dropStatus && string(p.path) == "/status" {
		return true
	}
	return !says && p.Prune != nil && p.Prune(string(p.path), string(key))
}

// hollow looks whether nothing is set in the value at i: it returns the position
// behind it, or -1. zero says that it holds a 0, "" or false, which is nothing
// in a status and a value anywhere else.
func hollow(b []byte, i int) (end int, zero bool) {
	switch b[i] {
	case 'n':
		return i + len("null"), false
	case 'f':
		return i + len("false"), true
	case '0':
		if c := b[i+1]; c == ',' || c == '}' || c == ']' || c == '\n' {
			return i + 1, true
		}
	case '"':
		if b[i+1] == '"' {
			return i + 2, true
		}
	case '[':
		if b[i+1] == ']' {
			return i + 2, false
		}
	case '{':
		for i++; b[i] != '}'; {
			t := scanner{b: b, i: i}
			t.skip()
			var z bool
			if i, z = hollow(b, t.i+1); i < 0 {
				return -1, false
			}
			zero = zero || z
			if b[i] == ',' {
				i++
			}
		}
		return i + 1, zero
	}
	return -1, false
}

// skip moves behind the value at s.i.
func (s *scanner) skip() {
	depth := 0
	for {
		switch s.b[s.i] {
		case '"':
			for s.i++; s.b[s.i] != '"'; s.i++ {
				if s.b[s.i] == '\\' {
					s.i++
				}
			}
			s.i++
		case '{', '[':
			depth++
			s.i++
		case '}', ']':
			depth--
			s.i++
		case ',', ':':
			s.i++
		default: // a number, true, false, null
			for s.i < len(s.b) && !bytes.ContainsRune([]byte(",:}]\n"), rune(s.b[s.i])) {
				s.i++
			}
		}
		if depth == 0 {
			return
		}
	}
}

// string returns the string at s.i and moves behind it. The result is valid
// until the next call. It is not ok if the Go string was not valid UTF-8:
// encoding/json writes U+FFFD itself as it is, and as \ufffd what it replaced.
func (s *scanner) string() (text []byte, ok bool) {
	s.i++
	n := bytes.IndexByte(s.b[s.i:], '"')
	if text = s.b[s.i : s.i+n]; bytes.IndexByte(text, '\\') < 0 {
		s.i += n + 1
		return text, true
	}
	ok = true
	out := s.buf[:0]
	for s.b[s.i] != '"' {
		c := s.b[s.i]
		s.i++
		if c != '\\' {
			out = append(out, c)
			continue
		}
		c = s.b[s.i]
		s.i++
		switch c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r := s.hex()
			if utf16.IsSurrogate(r) {
				if bytes.HasPrefix(s.b[s.i:], []byte(`\u`)) {
					s.i += 2
					r = utf16.DecodeRune(r, s.hex())
				} else {
					r = utf8.RuneError
				}
			}
			ok = ok && r != utf8.RuneError
			out = utf8.AppendRune(out, r)
		default: // " \ /
			out = append(out, c)
		}
	}
	s.i++
	s.buf = out
	return out, ok
}

func (s *scanner) hex() rune {
	var r rune
	for _, c := range s.b[s.i : s.i+4] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	s.i += 4
	return r
}

// appendNumber prints a number, true, false or null as JSON has it, but gives a
// float with an exponent the "." and the sign that YAML 1.1 wants (1e5 would be
// a string there), and negative zero, which JSON has as -0, the form of a float.
func appendNumber(out, n []byte) []byte {
	if string(n) == "-0" {
		return append(out, "-0.0"...)
	}
	e := bytes.IndexAny(n, "eE")
	if e < 0 || n[0] > '9' {
		return append(out, n...)
	}
	out = append(out, n[:e]...)
	if bytes.IndexByte(n, '.') < 0 {
		out = append(out, ".0"...)
	}
	out = append(out, 'e')
	if c := n[e+1]; c != '+' && c != '-' {
		out = append(out, '+')
	}
	return append(out, n[e+1:]...)
}
