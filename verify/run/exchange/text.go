package exchange

import (
	"errors"
	"net/textproto"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// clip shortens what a message quotes.
func clip(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// plain reports whether a text can stand at the end of a line as it is.
func plain(text string) bool {
	if _, err := strconv.Unquote(text); err == nil && text[0] == '"' {
		return false // it would be taken for a quoted one
	}
	if text == "" || strings.TrimFunc(text, blank) != text || !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if control(r) {
			return false
		}
	}
	return true
}

func blank(r rune) bool { return r == ' ' || r == '\t' }

// control reports whether a character cannot stand in a file: it would be seen by nobody, or end the line.
func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == utf8.RuneError }

// written prints a text as it can stand at the end of a line.
func written(text string) string {
	if plain(text) {
		return text
	}
	return strconv.Quote(text)
}

// readText reads the rest of a line as a text: in quotes by the rules of Go, else as it stands, also if it merely begins with a quote, as a piece of JSON may.
func readText(rest string) string {
	if strings.HasPrefix(rest, `"`) {
		if text, err := strconv.Unquote(rest); err == nil {
			return text
		}
	}
	return rest
}

// delimited prints a text that something else follows after a separator.
func delimited(text, sep string) string {
	if plain(text) && text[0] != '"' && !strings.Contains(text+sep[:1], sep) && !strings.HasSuffix(text, ":") {
		return text
	}
	return strconv.Quote(text)
}

// cutDelimited reads a text up to a separator, which is not in the text unless that is quoted. What follows begins with the separator's first character.
func cutDelimited(rest, sep string) (text, after string, ok bool) {
	if strings.HasPrefix(rest, `"`) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return "", "", false
		}
		text, err := strconv.Unquote(quoted)
		return text, rest[len(quoted):], err == nil
	}
	i := strings.Index(rest, sep)
	if i < 0 {
		return "", "", false
	}
	return rest[:i], rest[i:], true
}

// headerName reads the name of a header at the beginning of a text, in its usual spelling, and returns what follows it; "" where there is none.
func headerName(text string) (name, rest string) {
	n := 0
	for n < len(text) && token(text[n]) {
		n++
	}
	return textproto.CanonicalMIMEHeaderKey(text[:n]), text[n:]
}

// token reports whether a character can be part of a header's name: RFC 9110 section 5.6.2.
func token(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// compile compiles a pattern. Where a text has several lines, . fits no line's end, and ^ and $ fit the text's.
func compile(pattern string) (*regexp.Regexp, error) { return regexp.Compile(pattern) }

// patternFault says what is wrong with a pattern, without the words that Go puts before it.
func patternFault(err error) string {
	var e *syntax.Error
	if errors.As(err, &e) {
		return e.Code.String() + " in the pattern: " + clip(e.Expr)
	}
	return err.Error()
}
