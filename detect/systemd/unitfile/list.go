package unitfile

import (
	"strings"
	"unicode/utf8"
)

// Escapes says what a backslash means in a list. systemd has no single rule: it depends on the key.
type Escapes int

const (
	// Unescape decodes the escapes of systemd.syntax(7), QUOTING; an unknown one spoils the rest of the line.
	// Environment= is read so.
	Unescape Escapes = iota
	// UnescapeKnown decodes as well, but leaves an unknown escape as it stands. ExecStart= and its kind are read so.
	UnescapeKnown
	// Protect takes the character after a backslash as it is. Lists of paths and names are read so: ReadWritePaths=,
	// RuntimeDirectory=, SupplementaryGroups=, SuccessExitStatus= ….
	Protect
	// Keep gives a backslash no meaning. Lists of units are read so, whose names contain \x2d: After=, Wants=,
	// Alias= ….
	Keep
)

// Item is one word of a list.
type Item struct {
	Text   string
	Offset int // of its first byte in the value
}

// Split separates a list at white space, as QUOTING in systemd.syntax(7) has it and as systemd does it: quotes count
// anywhere in a word (a"b c"d is one word), and are removed. After a fault the words before it are returned, as systemd
// keeps them.
func Split(value string, escapes Escapes) ([]Item, []Problem) {
	var items []Item
	for i := 0; ; {
		w, problem := extract(value, i, escapes)
		if problem != nil {
			return items, []Problem{*problem}
		}
		if !w.found {
			return items, nil
		}
		items = append(items, Item{w.text, w.start})
		i = w.next
	}
}

// Assignment is one environment variable. Line and Column follow the rule of [Problem].
type Assignment struct {
	Name, Value  string
	Line, Column int
	Unknown      []Unknown // specifiers in Value that only the machine can resolve
}

// ParseEnvironment reads the value of Environment= (systemd.exec(5)): words with quotes and escapes; specifiers are
// expanded in each word; $ means nothing. The same name may occur twice; the later one counts. What systemd ignores is
// reported and left out.
func ParseEnvironment(value string, specifiers Specifiers) ([]Assignment, []Problem) {
	var list []Assignment
	var f faults
	items, problems := Split(value, Unescape)
	for _, item := range items {
		text, unknown, problem := Expand(item.Text, specifiers)
		if problem != nil {
			f.add(0, item.Offset+1, problem.What, problem.Remedy)
			continue
		}
		name, val, found := strings.Cut(text, "=")
		switch {
		case !found:
			f.add(0, item.Offset+1, "word without '=' in Environment=", `put the whole assignment in quotes: "NAME=some text"`)
		case !ValidEnvName(name):
			f.add(0, item.Offset+1, "invalid variable name in Environment=", nameRemedy)
		case !validUTF8(val):
			f.add(0, item.Offset+1, "value that is not UTF-8 in Environment=", "remove the escapes that produce such bytes")
		default:
			for i := range unknown {
				unknown[i].Offset -= len(name) + 1
			}
			list = append(list, Assignment{name, val, 0, item.Offset + 1, unknown})
		}
	}
	for _, p := range problems {
		f.add(0, p.Column, p.What, p.Remedy)
	}
	return list, f.all()
}

const nameRemedy = "use letters, digits and underscores, and no digit first"

// ValidEnvName reports whether systemd accepts s as the name of an environment variable (systemd.exec(5), Environment=).
func ValidEnvName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && c != '_' && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return s != ""
}

// word is one extracted word.
type word struct {
	text        string
	start, next int // first byte, and first byte of what follows
	found       bool
}

// extract reads the word at or after i. next is after the white space that follows.
func extract(s string, i int, escapes Escapes) (word, *Problem) {
	i = skipWhite(s, i)
	if i >= len(s) {
		return word{next: i}, nil
	}
	w := word{start: i, found: true}
	// Most words have neither quotes nor escapes: no copy for them.
	for i < len(s) && !isWhite(s[i]) && s[i] != '"' && s[i] != '\'' && s[i] != '\\' {
		i++
	}
	if i >= len(s) || isWhite(s[i]) {
		w.text, w.next = s[w.start:i], skipWhite(s, i)
		return w, nil
	}
	b := make([]byte, i-w.start, 2*(i-w.start)+16)
	copy(b, s[w.start:i])
	var quote byte // the open one, at index opened
	opened := 0
	for i < len(s) {
		c := s[i]
		switch {
		case quote == 0 && isWhite(c):
			w.text, w.next = string(b), skipWhite(s, i)
			return w, nil
		case c == '\\' && escapes != Keep:
			if i+1 == len(s) {
				if quote != 0 {
					return w, unbalanced(opened)
				}
				if escapes != UnescapeKnown {
					return w, fault(i, "backslash at the end of the value", `write \\ for a backslash`)
				}
				b = append(b, '\\')
				i++
				continue
			}
			if escapes == Protect {
				b = append(b, s[i+1])
				i += 2
				continue
			}
			decoded, n := unescape(b, s[i+1:])
			switch {
			case n > 0:
				b = decoded
				i += 1 + n
			case escapes == Unescape:
				return w, fault(i, "unknown escape sequence", `write \\ for a backslash`)
			default:
				b = append(b, '\\', s[i+1])
				i += 2
			}
		case quote == 0 && (c == '"' || c == '\''):
			quote, opened = c, i
			i++
		case quote != 0 && c == quote:
			quote = 0
			i++
		default:
			b = append(b, c)
			i++
		}
	}
	if quote != 0 {
		return w, unbalanced(opened)
	}
	w.text, w.next = string(b), i
	return w, nil
}

func unbalanced(offset int) *Problem {
	return fault(offset, "unbalanced quote", `close it, or write \" or \' for a literal one`)
}

// unescape decodes the escape whose text after the backslash starts s, appends it to b and returns the length of that
// text, 0 if it is none. Table 1 of systemd.syntax(7); NUL cannot be written.
func unescape(b []byte, s string) ([]byte, int) {
	const plain, meaning = `abfnrtv\"'s`, "\a\b\f\n\r\t\v\\\"' "
	if i := strings.IndexByte(plain, s[0]); i >= 0 {
		return append(b, meaning[i]), 1
	}
	switch s[0] {
	case 'x':
		if v, ok := digits(s, 1, 2, 16); ok && v != 0 {
			return append(b, byte(v)), 3
		}
	case 'u':
		if v, ok := digits(s, 1, 4, 16); ok && v != 0 {
			return appendRune(b, v), 5
		}
	case 'U':
		if v, ok := digits(s, 1, 8, 16); ok && v != 0 && v <= utf8.MaxRune && validUTF8(string(appendRune(nil, v))) {
			return appendRune(b, v), 9
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		if v, ok := digits(s, 0, 3, 8); ok && v != 0 && v < 256 {
			return append(b, byte(v)), 3
		}
	}
	return b, 0
}

// digits reads exactly n digits of the base at index i.
func digits(s string, i, n int, base uint32) (v uint32, ok bool) {
	if len(s) < i+n {
		return 0, false
	}
	for _, c := range []byte(s[i : i+n]) {
		var d uint32
		switch {
		case isDigit(c):
			d = uint32(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = uint32(c|0x20-'a') + 10
		default:
			return 0, false
		}
		if d >= base {
			return 0, false
		}
		v = v*base + d
	}
	return v, true
}

// appendRune encodes a code point as systemd does: surrogates, which \u can name, are encoded like any other.
func appendRune(b []byte, v uint32) []byte {
	if v >= 0xD800 && v <= 0xDFFF {
		return append(b, 0xE0|byte(v>>12), 0x80|byte(v>>6)&0x3F, 0x80|byte(v)&0x3F)
	}
	return utf8.AppendRune(b, rune(v))
}
