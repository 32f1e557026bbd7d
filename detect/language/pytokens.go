package language

import "strings"

// python splits Python into tokens. Strings that stand as a statement of their
// own (docstrings, code that is commented out) are left out.
func python(src string) []token { return pythonAt(src, 1, 0) }

// maxNested bounds f-strings in f-strings.
const maxNested = 8

func pythonAt(src string, line, nested int) []token {
	z := &tokenizer{src: src, line: line, nl: true}
	depth, indent := 0, 0
	fresh := true // at the start of a logical line
	for z.pos < len(z.src) {
		c := z.src[z.pos]
		rest := z.src[z.pos:]
		if fresh && nested == 0 {
			n := span(rest, func(c byte) bool { return c == ' ' || c == '\t' || c == '\f' })
			indent = n
			z.pos += n
			fresh = false
			z.nl = true
			continue
		}
		switch {
		case c == '\n':
			if depth == 0 {
				z.endLine()
				fresh = true
			}
			z.line++
			z.pos++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c < ' ':
			z.pos++
		case c == '\\' && len(rest) > 1 && (rest[1] == '\n' || rest[1] == '\r'):
			z.skip(2)
		case c == '#':
			z.lineComment()
		case letter(c) || c == '"' || c == '\'':
			if n := stringPrefix(rest); n >= 0 {
				z.pyString(n, nested)
				break
			}
			n := spanIdent(rest)
			first := z.nl
			z.emit(ident, rest[:n], z.line)
			if first {
				z.out[len(z.out)-1].in = indent
			}
			z.pos += n
		case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
			n := spanNumber(rest)
			z.emit(number, rest[:n], z.line)
			z.pos += n
		default:
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth = max(0, depth-1)
			}
			n := 1
			for _, p := range []string{"==", "!=", ":=", "->", "<=", ">="} {
				if strings.HasPrefix(rest, p) {
					n = 2
				}
			}
			first := z.nl
			z.emit(punct, rest[:n], z.line)
			if first {
				z.out[len(z.out)-1].in = indent
			}
			z.pos += n
		}
	}
	if nested == 0 {
		z.endLine()
	}
	return z.out
}

// endLine ends a logical line. A line that holds nothing but strings does
// nothing: it goes.
func (z *tokenizer) endLine() {
	i := len(z.out)
	for i > 0 && z.out[i-1].kind == text {
		i--
	}
	if i < len(z.out) && (i == 0 || z.out[i-1].kind == newline) {
		z.out = z.out[:i]
		z.nl = true
		return
	}
	if len(z.out) > 0 && z.out[len(z.out)-1].kind != newline {
		z.emit(newline, "", z.line)
	}
}

// stringPrefix returns the length of a string's prefix (r, b, f, rb …), -1 if
// no string begins here.
func stringPrefix(s string) int {
	n := 0
	for n < len(s) && n < 3 && strings.IndexByte("rRbBuUfFtT", s[n]) >= 0 {
		n++
	}
	if n < 3 && n < len(s) && (s[n] == '"' || s[n] == '\'') {
		return n
	}
	return -1
}

// pyString reads a string whose prefix has n letters. Of an f-string the
// expressions become tokens too.
func (z *tokenizer) pyString(n, nested int) {
	prefix := strings.ToLower(z.src[z.pos : z.pos+n])
	raw, formatted := strings.Contains(prefix, "r"), strings.ContainsAny(prefix, "ft")
	quote := z.src[z.pos+n : z.pos+n+1]
	if strings.HasPrefix(z.src[z.pos+n:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	line := z.line
	start := z.pos + n + len(quote)
	i := start
	first := -1 // where the first substitution begins
	type span struct{ from, to, line int }
	var exprs []span
	at := line // the line of i
	for i < len(z.src) && !strings.HasPrefix(z.src[i:], quote) {
		c := z.src[i]
		switch {
		case c == '\n':
			if len(quote) == 1 {
				goto end // a missing quote ends the string with its line
			}
			at++
		case c == '\\':
			i++ // in raw strings too, a backslash keeps the quote from ending them
			if i < len(z.src) && z.src[i] == '\n' {
				at++
			}
		case formatted && c == '{' && strings.HasPrefix(z.src[i:], "{{"):
			i++
		case formatted && c == '{':
			to := replacementEnd(z.src[i+1:], quote)
			if to < 0 {
				break
			}
			if first < 0 {
				first = i
			}
			exprs = append(exprs, span{i + 1, i + 1 + to, at})
			at += strings.Count(z.src[i+1:i+1+to], "\n")
			i += 1 + to // on the closing brace
		}
		i++
	}
end:
	i = min(i, len(z.src))
	body := z.src[start:i]
	if first >= 0 {
		body = z.src[start:first]
	}
	if !raw {
		body = unescape(body)
	}
	if first >= 0 {
		z.emit(piece, body, line)
		if nested < maxNested {
			for _, e := range exprs {
				z.out = append(z.out, token{kind: punct, text: "`{", line: e.line})
				z.out = append(z.out, pythonAt(z.src[e.from:e.to], e.line, nested+1)...)
				z.out = append(z.out, token{kind: punct, text: "}`", line: e.line + strings.Count(z.src[e.from:e.to], "\n")})
			}
		}
	} else {
		z.emit(text, body, line)
	}
	z.skip(i - z.pos)
	if strings.HasPrefix(z.src[z.pos:], quote) {
		z.pos += len(quote)
	}
}

// replacementEnd returns the offset of the brace that closes a replacement
// field of an f-string, -1 if the string ends before. Since Python 3.12 the
// expression may use the quotes of the string around it.
func replacementEnd(s, quote string) int {
	s = s[:min(len(s), 512)] // longer ones are nonsense, and would be read again and again
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '{', '(', '[':
			depth++
		case ')', ']':
			depth--
		case '}':
			if depth <= 0 {
				return i
			}
			depth--
		case '\n':
			if len(quote) == 1 {
				return -1
			}
		case '"', '\'':
			// A string in the expression ends on the same line, or this was
			// the end of the f-string.
			n := strings.IndexByte(s[i+1:], c)
			line := strings.IndexByte(s[i+1:], '\n')
			if n < 0 || line >= 0 && line < n {
				return -1
			}
			i += 1 + n
		}
	}
	return -1
}
