package exchange

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/deploylift/lift/internal/nearest"
)

// Kind is what a place is a place of.
type Kind string

// Kinds of places.
const (
	AtStatus     Kind = "status"
	AtHeader     Kind = "header"
	AtTrailer    Kind = "trailer"
	AtJSON       Kind = "json"
	AtLine       Kind = "line"
	AtBody       Kind = "body"
	AtFraming    Kind = "framing"
	AtConnection Kind = "connection"
	AtProtocol   Kind = "protocol"
	AtExit       Kind = "exit"
	AtAnswer     Kind = "answer" // whether there is one at all; cannot be allowed
)

// kinds that allow takes, and whether they have a name.
var kinds = map[Kind]bool{
	AtStatus: false, AtHeader: true, AtTrailer: true, AtJSON: true, AtLine: true, AtBody: false, AtFraming: false, AtConnection: false, AtProtocol: false, AtExit: false,
}

// Place is where an answer can differ from another one: a header by its name, a JSON value by its path, a line of a text by its number or, where it is allowed, by a pattern.
type Place struct {
	Kind Kind
	Name string
}

// String prints the place as allow takes it.
func (p Place) String() string {
	switch {
	case p.Name == "":
		return string(p.Kind)
	case p.Kind == AtLine:
		return string(p.Kind) + " " + delimited(p.Name, ": ")
	}
	return string(p.Kind) + " " + p.Name
}

// parsePlace reads a place and returns what follows it.
func parsePlace(text string) (p Place, rest string, what, remedy string) {
	word := text
	if i := strings.IndexAny(text, " :"); i >= 0 {
		word = text[:i]
	}
	named, ok := kinds[Kind(word)]
	if !ok {
		return p, "", fmt.Sprintf("allow: there is no place %q", clip(word)), "use one of status, header NAME, trailer NAME, json PATH, line PATTERN, body, framing, connection, protocol, exit" + meant(word, []string{"status", "header", "trailer", "json", "line", "body", "framing", "connection", "protocol", "exit"})
	}
	p.Kind = Kind(word)
	rest = strings.TrimLeft(text[len(word):], " ")
	if !named {
		return p, rest, "", ""
	}
	switch p.Kind {
	case AtHeader, AtTrailer:
		name, after := headerName(rest)
		if name == "" {
			return p, "", "allow " + word + ": the name is missing", "write allow " + word + " NAME: REASON"
		}
		p.Name, rest = name, after
	case AtJSON:
		path, after, err := parsePath(rest)
		if err != nil {
			return p, "", "allow json: " + err.Error(), "write a path such as $.orders[0].time, or $[*].time for all"
		}
		p.Name, rest = path.String(), after
	case AtLine:
		pattern, after, ok := cutDelimited(rest, ": ")
		if !ok || pattern == "" {
			return p, "", "allow line: the pattern is missing, or the reason is", "write allow line PATTERN: REASON"
		}
		if _, err := regexp.Compile(pattern); err != nil {
			return p, "", "allow line: " + patternFault(err), "write a regular expression of Go"
		}
		p.Name, rest = pattern, after
	}
	return p, rest, "", ""
}

// meant is the remedy for a word that is probably another one.
func meant(word string, known []string) string {
	if n := nearest.Name(word, known); n != "" {
		return " (" + n + "?)"
	}
	return ""
}

// A path leads to a value in JSON: names, and indexes, of which negative ones count from the end.
type path []segment

type segment struct {
	name    string
	index   int
	isIndex bool
	all     bool // [*] or .*
}

const most = 64 // segments of a path; deeper JSON is not looked into

// parsePath reads a path at the beginning of a text and returns what follows it.
func parsePath(text string) (path, string, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return nil, "", fmt.Errorf("a path begins with $")
	}
	var out path
	for {
		if len(out) > most {
			return nil, "", fmt.Errorf("the path is longer than %d steps", most)
		}
		switch {
		case strings.HasPrefix(rest, ".*"):
			out, rest = append(out, segment{all: true}), rest[2:]
		case strings.HasPrefix(rest, "."):
			n := 1
			for n < len(rest) && plainKey(rest[n]) {
				n++
			}
			if n == 1 {
				return nil, "", fmt.Errorf(`after the dot a name is missing; keys with other characters are written ["so"]`)
			}
			out, rest = append(out, segment{name: rest[1:n]}), rest[n:]
		case strings.HasPrefix(rest, "[*]"):
			out, rest = append(out, segment{all: true, isIndex: true}), rest[3:]
		case strings.HasPrefix(rest, `["`):
			quoted, err := strconv.QuotedPrefix(rest[1:])
			if err != nil || !strings.HasPrefix(rest[1+len(quoted):], "]") {
				return nil, "", fmt.Errorf(`a quoted key ends with "]`)
			}
			name, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, "", fmt.Errorf("%s is no quoted text", clip(quoted))
			}
			out, rest = append(out, segment{name: name}), rest[2+len(quoted):]
		case strings.HasPrefix(rest, "["):
			number, after, ok := strings.Cut(rest[1:], "]")
			i, err := strconv.Atoi(number)
			if !ok || err != nil || number != itoa(i) {
				return nil, "", fmt.Errorf("in brackets stands a number, * or a quoted key")
			}
			out, rest = append(out, segment{index: i, isIndex: true}), after
		default:
			return out, rest, nil
		}
	}
}

// plainKey reports whether a key of this character can stand after a dot.
func plainKey(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// String prints the path.
func (p path) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range p {
		b.WriteString(s.String())
	}
	return b.String()
}

func (s segment) String() string {
	switch {
	case s.all && s.isIndex:
		return "[*]"
	case s.all:
		return ".*"
	case s.isIndex:
		return "[" + itoa(s.index) + "]"
	}
	for i := range len(s.name) {
		if !plainKey(s.name[i]) {
			return "[" + strconv.Quote(s.name) + "]"
		}
	}
	if s.name == "" {
		return `[""]`
	}
	return "." + s.name
}

// covers reports whether q is at or below p.
func (p path) covers(q path) bool {
	if len(q) < len(p) {
		return false
	}
	for i, s := range p {
		switch t := q[i]; {
		case s.isIndex != t.isIndex:
			return false
		case s.all:
		case s != t:
			return false
		}
	}
	return true
}

// in returns the value that the path leads to; "all" segments lead nowhere.
func (p path) in(v any) (any, bool) {
	for _, s := range p {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[s.name]
			if !ok || s.isIndex || s.all {
				return nil, false
			}
			v = next
		case []any:
			i := s.index
			if i < 0 {
				i += len(x)
			}
			if !s.isIndex || s.all || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// covers reports whether a difference at d, found in the lines given if it is one of a text, is what the place of an allow means.
func (p Place) covers(d Place, lines []string) bool {
	switch {
	case p == d:
		return true
	case p.Kind == AtBody:
		return d.Kind == AtJSON || d.Kind == AtLine
	case p.Kind != d.Kind:
		return false
	case p.Kind == AtJSON:
		a, _, err := parsePath(p.Name)
		b, _, errd := parsePath(d.Name)
		return err == nil && errd == nil && a.covers(b)
	case p.Kind == AtLine:
		re, err := regexp.Compile(p.Name)
		if err != nil || len(lines) == 0 {
			return false
		}
		for _, l := range lines {
			if !re.MatchString(l) {
				return false
			}
		}
		return true
	}
	return false
}
