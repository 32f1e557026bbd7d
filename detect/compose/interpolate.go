package compose

import (
	"errors"
	"strings"
)

// variable is a reference whose value is not in the file.
type variable struct {
	name string
	word string // message of ${NAME:?word}
}

// expansion is a text with its variables resolved as far as the file itself tells.
type expansion struct {
	text      string
	defaulted []string   // variables that a default, or nothing, stands in for
	unknown   []variable // variables without a default; they add nothing to text
	whole     bool       // the text is exactly one unknown variable
}

const maxNesting = 50 // of defaults inside defaults

var (
	errVariable = errors.New(`a "$" begins no variable`)
	errOpen     = errors.New(`a "${" is not closed`)
	errName     = errors.New("a variable's name is letters, digits and _")
	errNesting  = errors.New("defaults are nested too deeply")
)

// interpolate resolves $$, $NAME, ${NAME} and the forms with :-, -, :?, ?, :+ and +. lookup knows variables; the process environment is never asked, so that the answer depends on the
// files alone. Compose specification, "Interpolation".
func interpolate(text string, lookup func(string) (string, bool)) (expansion, error) {
	var e expansion
	if strings.IndexByte(text, '$') < 0 {
		e.text = text
		return e, nil
	}
	var b strings.Builder
	if err := e.expand(&b, text, lookup, 0); err != nil {
		return e, err
	}
	e.text = b.String()
	if len(e.unknown) == 1 && len(e.defaulted) == 0 && e.text == "" {
		n := nameLen(text[1:])
		e.whole = n > 0 && n == len(text)-1 || strings.HasPrefix(text, "${") && closing(text[2:]) == len(text)-3
	}
	return e, nil
}

func (e *expansion) expand(b *strings.Builder, text string, lookup func(string) (string, bool), depth int) error {
	if depth > maxNesting {
		return errNesting
	}
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			b.WriteString(text)
			return nil
		}
		b.WriteString(text[:i])
		text = text[i+1:]
		switch {
		case strings.HasPrefix(text, "$"):
			b.WriteByte('$')
			text = text[1:]
		case strings.HasPrefix(text, "{"):
			end := closing(text[1:])
			if end < 0 {
				return errOpen
			}
			if err := e.braced(b, text[1:1+end], lookup, depth); err != nil {
				return err
			}
			text = text[end+2:]
		default:
			n := nameLen(text)
			if n == 0 {
				return errVariable
			}
			e.plain(b, variable{name: text[:n]}, lookup)
			text = text[n:]
		}
	}
}

func (e *expansion) plain(b *strings.Builder, v variable, lookup func(string) (string, bool)) {
	if value, ok := lookup(v.name); ok {
		b.WriteString(value)
		return
	}
	e.unknown = append(e.unknown, v)
}

// braced resolves what stands between the braces.
func (e *expansion) braced(b *strings.Builder, body string, lookup func(string) (string, bool), depth int) error {
	n := nameLen(body)
	if n == 0 {
		return errName
	}
	name, op := body[:n], body[n:]
	if op == "" {
		e.plain(b, variable{name: name}, lookup)
		return nil
	}
	value, known := lookup(name)
	if op[0] == ':' && len(op) > 1 {
		op = op[1:]
		known = known && value != ""
	}
	word := op[1:]
	switch op[0] {
	case '-':
		if known {
			b.WriteString(value)
			return nil
		}
		e.defaulted = append(e.defaulted, name)
		return e.expand(b, word, lookup, depth+1)
	case '+':
		if known {
			return e.expand(b, word, lookup, depth+1)
		}
		e.defaulted = append(e.defaulted, name) // unset, as far as the file tells: nothing
		return nil
	case '?':
		if known {
			b.WriteString(value)
			return nil
		}
		e.unknown = append(e.unknown, variable{name: name, word: word})
		return nil
	}
	return errName
}

// nameLen is the length of the variable name at the front of s.
func nameLen(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

// closing finds the brace that closes the one before s, -1 for none.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '$':
			i++
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '{':
			depth++
			i++
		case s[i] == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
