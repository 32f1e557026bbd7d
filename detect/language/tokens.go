package language

import (
	"strings"
	"unicode/utf8"
)

// Tokens of JavaScript, TypeScript and Python: enough to tell code from
// comments and strings, and no more. The tokenizers never fail; on what is not
// the language they give nonsense, within the size of the input.

type kind uint8

const (
	ident  kind = iota + 1
	number      // as written
	text        // a string; its value without quotes and escapes
	piece       // a string with substitutions: the part up to the first one
	regex
	punct
	newline // Python: the end of a logical line
)

type token struct {
	kind kind
	text string
	line int
	nl   bool // first token on its line
	in   int  // Python: indentation, on the first token of a line
}

func (t token) is(s string) bool { return t.text == s && (t.kind == punct || t.kind == ident) }
func (t token) isString() bool   { return t.kind == text }
func letter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || c >= utf8.RuneSelf
}
func digit(c byte) bool       { return c >= '0' && c <= '9' }
func identByte(c byte) bool   { return letter(c) || digit(c) }
func spanIdent(s string) int  { return span(s, identByte) }
func spanNumber(s string) int { return span(s, func(c byte) bool { return identByte(c) || c == '.' }) }
func span(s string, in func(byte) bool) int {
	i := 0
	for i < len(s) && in(s[i]) {
		i++
	}
	return i
}

// tokenizer is the state that both languages share.
type tokenizer struct {
	src  string
	pos  int
	line int
	nl   bool
	out  []token
}

func (z *tokenizer) emit(k kind, s string, line int) {
	z.out = append(z.out, token{kind: k, text: s, line: line, nl: z.nl})
	z.nl = false
}

// skip steps over n bytes and counts the lines in them.
func (z *tokenizer) skip(n int) {
	n = min(n, len(z.src)-z.pos)
	z.line += strings.Count(z.src[z.pos:z.pos+n], "\n")
	z.pos += n
}

// javascript splits JavaScript or TypeScript into tokens.
func javascript(src string) []token {
	z := &tokenizer{src: src, line: 1, nl: true}
	if strings.HasPrefix(src, "#!") {
		z.lineComment()
	}
	// Braces that are open; true for the ones of a template's ${.
	var braces []bool
	for z.pos < len(z.src) {
		c := z.src[z.pos]
		rest := z.src[z.pos:]
		switch {
		case c == '\n':
			z.line++
			z.pos++
			z.nl = true
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c < ' ':
			z.pos++
		case strings.HasPrefix(rest, "//"):
			z.lineComment()
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				z.skip(len(rest))
				break
			}
			if strings.Contains(rest[:n], "\n") {
				z.nl = true
			}
			z.skip(n + 4)
		case c == '"' || c == '\'':
			z.jsString(c)
		case c == '`':
			z.pos++
			if z.template(z.line) {
				braces = append(braces, true)
			}
		case letter(c):
			n := spanIdent(rest)
			z.emit(ident, rest[:n], z.line)
			z.pos += n
		case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
			n := spanNumber(rest)
			z.emit(number, rest[:n], z.line)
			z.pos += n
		case c == '/' && z.regexAllowed():
			if n := regexLen(rest); n > 0 {
				z.emit(regex, rest[:n], z.line)
				z.pos += n
				break
			}
			z.emit(punct, "/", z.line)
			z.pos++
		case c == '{':
			braces = append(braces, false)
			z.emit(punct, "{", z.line)
			z.pos++
		case c == '}':
			z.pos++
			if len(braces) == 0 {
				z.emit(punct, "}", z.line)
				break
			}
			inTemplate := braces[len(braces)-1]
			braces = braces[:len(braces)-1]
			if !inTemplate {
				z.emit(punct, "}", z.line)
				break
			}
			z.emit(punct, "}`", z.line)
			if z.templateRest() {
				braces = append(braces, true)
			}
		default:
			n := jsPunct(rest)
			z.emit(punct, rest[:n], z.line)
			z.pos += n
		}
	}
	return z.out
}

func (z *tokenizer) lineComment() {
	n := strings.IndexByte(z.src[z.pos:], '\n')
	if n < 0 {
		n = len(z.src) - z.pos
	}
	z.pos += n
}

// jsString reads a quoted string. A quote that nothing closes on its line is
// none: it is an apostrophe in the text of JSX.
func (z *tokenizer) jsString(quote byte) {
	start, line := z.pos+1, z.line
	i := start
	for i < len(z.src) && z.src[i] != quote && z.src[i] != '\n' {
		if z.src[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(z.src) || z.src[i] == '\n' {
		z.pos++
		return
	}
	z.emit(text, unescape(z.src[start:i]), line)
	z.skip(i + 1 - z.pos)
}

// template reads from after the backquote to its end or to the first ${, and
// reports whether an expression follows.
func (z *tokenizer) template(line int) bool {
	n, open := templateLen(z.src[z.pos:])
	s := unescape(z.src[z.pos : z.pos+n])
	if open {
		z.emit(piece, s, line)
		z.emit(punct, "`{", line)
	} else {
		z.emit(text, s, line)
	}
	z.skip(n)
	z.skip(1 + btoi(open))
	return open
}

// templateRest goes on with a template after a substitution.
func (z *tokenizer) templateRest() bool {
	n, open := templateLen(z.src[z.pos:])
	z.skip(n)
	z.skip(1 + btoi(open))
	if open {
		z.emit(punct, "`{", z.line)
	}
	return open
}

func templateLen(s string) (int, bool) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '`':
			return i, false
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '{':
			return i, true
		}
	}
	return len(s), false
}

// regexAllowed tells a regular expression from a division by what stands
// before it. After ")" it takes a division, which is wrong for
// `if (x) /re/.test(y)` and right for all else.
func (z *tokenizer) regexAllowed() bool {
	if len(z.out) == 0 {
		return true
	}
	prev := z.out[len(z.out)-1]
	switch prev.kind {
	case punct:
		switch prev.text {
		case ")", "]", "}`":
			return false
		case "}":
			return z.nl
		}
		return true
	case ident:
		switch prev.text {
		case "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof", "yield", "await":
			return true
		}
	}
	return false
}

// regexLen is the length of a regular expression with its flags, 0 if the line
// ends first.
func regexLen(s string) int {
	s = s[:min(len(s), 1024)] // longer ones are nonsense, and would be read again and again
	class := false
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\n':
			return 0
		case '\\':
			i++
			if i < len(s) && s[i] == '\n' {
				return 0
			}
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if !class {
				return i + 1 + spanIdent(s[i+1:])
			}
		}
	}
	return 0
}

// jsPunct is the length of a punctuator. Those of several characters matter
// here only where a part of them would mean something else.
func jsPunct(s string) int {
	for _, p := range []string{"===", "!==", "...", "??=", "||=", "=>", "==", "!=", "<=", ">=", "||", "&&", "??", "?.", "++", "--"} {
		if strings.HasPrefix(s, p) {
			if p == "?." && len(s) > 2 && digit(s[2]) {
				continue
			}
			return len(p)
		}
	}
	return 1
}

// unescape resolves the escapes that matter for names, paths and numbers; the
// others lose their backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '\n':
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
