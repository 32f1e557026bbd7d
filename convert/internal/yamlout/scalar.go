package yamlout

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// style is a way to write a string.
type style int

const (
	plain           style = iota
	single                // 'a "b" \c'
	double                // "a\tb"
	literal               // |
	literalIndented       // |2: the text itself starts with a space
)

// string prints a value.
func (p *printer) string(s []byte, at place, col int) error {
	st, err := p.classify(s)
	if err != nil {
		return err
	}
	p.scalar(at)
	if at == atRoot || st != literal && st != literalIndented {
		p.out = append(appendInline(p.out, s, st), '\n')
		return nil
	}
	// YAML 1.2.2, 8.1: an indicator counts from the collection that holds the
	// scalar, which is what col is.
	p.out = append(p.out, '|')
	if st == literalIndented {
		p.out = strconv.AppendInt(p.out, step, 10)
	}
	body := bytes.TrimRight(s, "\n")
	switch len(s) - len(body) {
	case 0:
		p.out = append(p.out, '-')
	case 1:
	default:
		p.out = append(p.out, '+')
		body = s[:len(s)-1]
	}
	p.out = append(p.out, '\n')
	for l := range bytes.SplitSeq(body, []byte("\n")) {
		if len(l) > 0 {
			p.indent(col + step)
			p.out = append(p.out, l...)
		}
		p.out = append(p.out, '\n')
	}
	return nil
}

// inline prints a key, which must stay on its line.
func (p *printer) inline(s []byte) error {
	st, err := p.classify(s)
	if err != nil {
		return err
	}
	p.out = appendInline(p.out, s, st)
	return nil
}

func appendInline(out, s []byte, st style) []byte {
	switch st {
	case plain:
		return append(out, s...)
	case single:
		out = append(out, '\'')
		for _, c := range s {
			if c == '\'' {
				out = append(out, '\'')
			}
			out = append(out, c)
		}
		return append(out, '\'')
	}
	return appendDouble(out, s)
}

// appendDouble writes escapes that JSON has too, where there is one.
func appendDouble(out, s []byte) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\t':
			out = append(out, `\t`...)
		case r == '\r':
			out = append(out, `\r`...)
		case unicode.IsPrint(r):
			out = append(out, s[i:i+n]...)
		case r > 0xffff:
			out = fmt.Appendf(out, `\U%08X`, r)
		default:
			out = fmt.Appendf(out, `\u%04X`, r)
		}
		i += n
	}
	return append(out, '"')
}

// classify chooses the style for a string: the first of plain, literal, single
// and double in which every parser reads the string back.
func (p *printer) classify(s []byte) (style, error) {
	if len(s) == 0 {
		return double, nil
	}
	ok := plainStart(s) && s[len(s)-1] != ' ' && !special(s)
	multi, tab, escape, quote := false, false, false, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				return 0, fmt.Errorf("%s: %w", p.where(), errUTF8)
			}
			// Not printable are also the other line breaks of YAML 1.1 (NEL, LS,
			// PS), the byte order mark, and characters that hide or turn text.
			escape = escape || !unicode.IsPrint(r)
			i += n - 1
		case c == '\n':
			multi = true
		case c == '\t':
			tab = true
		case c < ' ' || c == 0x7f:
			escape = true
		case c == '"' || c == '\\':
			quote = true
		case c == ':':
			ok = ok && i+1 < len(s) && s[i+1] != ' '
		case c == '#':
			ok = ok && i > 0 && s[i-1] != ' '
		}
	}
	switch {
	case escape:
		return double, nil
	case multi:
		return block(s), nil
	case tab:
		return double, nil
	case ok:
		return plain, nil
	case quote:
		return single, nil
	}
	return double, nil
}

var errUTF8 = errors.New("not valid UTF-8, which YAML cannot hold")

// block says whether text of several lines can be a literal. It cannot if a line
// ends in a blank, which editors strip and nobody sees, or if the first one
// starts with a tab, which parsers take for indentation.
func block(s []byte) style {
	text := bytes.TrimLeft(s, "\n")
	if len(text) == 0 || text[0] == '\t' {
		return double
	}
	for i, c := range s {
		if (c == ' ' || c == '\t') && (i+1 == len(s) || s[i+1] == '\n') {
			return double
		}
	}
	if text[0] == ' ' {
		return literalIndented
	}
	return literal
}

// plainStart says whether a plain scalar may start like s (YAML 1.2.2, 7.3.3).
// "?" and ":" may in some places; they are quoted everywhere.
func plainStart(s []byte) bool {
	switch s[0] {
	case ' ', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	case '-': // an option like --port is fine, a list item or a document is not
		return len(s) > 1 && s[1] != ' ' && !bytes.HasPrefix(s, []byte("---"))
	case '.':
		return !bytes.HasPrefix(s, []byte("..."))
	}
	return true
}

// special says whether some parser reads a plain s as something else than a
// string: the types of YAML 1.1 (yaml.org/type) and of the core schema of YAML
// 1.2 (10.3.2), with the additions of go-yaml (underscores, 0o7, 0b-1), PyYAML
// and Psych (1,000).
func special(s []byte) bool {
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		return number(s)
	}
	if len(s) > 5 {
		return false
	}
	switch string(bytes.ToLower(s)) {
	case "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<":
		return true
	}
	return false
}

// number is asked about strings that start with a digit, a sign or a point.
func number(s []byte) bool {
	if date(s) {
		return true
	}
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	// go-yaml strips underscores before anything else, even from 0_x1.
	var buf [32]byte
	digits := buf[:0]
	for _, c := range s {
		if c != '_' && c != ',' {
			digits = append(digits, c|0x20) // lower case; signs, digits and points have that bit
		}
	}
	only := func(s []byte, cutset string) bool { return len(bytes.Trim(s, cutset)) == 0 }
	switch {
	case len(digits) == 0:
		return false
	case string(digits) == ".inf" || string(digits) == ".nan":
		return true
	case digits[0] != '.' && (digits[0] < '0' || digits[0] > '9'):
		return false
	// 12:30 is 750 in YAML 1.1; 8080:80 is not, but nobody counts digits.
	case bytes.IndexByte(digits, ':') > 0 && only(digits, "0123456789:."):
		return true
	case len(digits) > 2 && digits[0] == '0' && bytes.IndexByte([]byte("box"), digits[1]) >= 0:
		return only(digits[2:], "0123456789abcdef+-")
	case !only(digits, "0123456789.e+-"):
		return false
	}
	_, err := strconv.ParseFloat(string(digits), 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// date says whether s starts like 2026-01-01, with one or two digits for month
// and day.
func date(s []byte) bool {
	digits := func(max int) (n int) {
		for n < len(s) && n < max && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n
	}
	dash := func() bool {
		if len(s) == 0 || s[0] != '-' {
			return false
		}
		s = s[1:]
		return true
	}
	return digits(4) == 4 && dash() && digits(2) > 0 && dash() && digits(2) > 0
}
