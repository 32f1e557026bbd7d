package unitfile

import (
	"bytes"
	"sort"
	"strconv"
	"strings"
)

// MaxFile is the size from which a unit file is refused. systemd's own limit is 1 MiB for one line (systemd.syntax(7),
// INTRODUCTION); the longest unit of Debian 12 has a few kilobytes.
const MaxFile = 1 << 20

// File is a unit file or drop-in in the order of its lines.
type File struct {
	Name       string
	Sections   []Section
	Directives []Directive
}

// Section is one section header. A name may occur several times; systemd then goes on with the same section.
type Section struct {
	Name         string
	Line, Column int
}

// Directive is one assignment. Value has continuation lines joined and white space around it removed, and is otherwise
// as written: whether quotes, escapes or specifiers mean anything in it depends on the key. An empty Value is an
// assignment too: it resets a list.
type Directive struct {
	Section, Key, Value string
	Line, Column        int    // of the key
	Raw                 string // the lines as they stand in the file, without the last line end

	value  spot   // where Value starts
	joints []spot // where Value goes on after a continuation, in order
}

// spot ties an offset in a joined text to a position in the file.
type spot struct{ offset, line, column int }

// Position returns the line and column in the file of the byte at offset in Value, so that a word on the ninth
// continuation line is reported on that line.
func (d Directive) Position(offset int) (line, column int) {
	at := d.value
	after := sort.Search(len(d.joints), func(i int) bool { return d.joints[i].offset > offset })
	if after > 0 {
		at = d.joints[after-1]
	}
	return at.line, at.column + offset - at.offset
}

// Locate moves a problem of d.Value into the file.
func (d Directive) Locate(p Problem) Problem {
	if p.Line == 0 {
		p.Line, p.Column = d.Position(max(p.Column-1, 0))
	}
	return p
}

// Parse splits a unit file into its assignments. name is only handed on.
//
// It follows systemd.syntax(7), INTRODUCTION, and systemd's reader in what the page leaves open: a line ends with LF, CR
// or a pair of both; a line whose first visible character is # or ; is a comment, also between continuation lines; a
// backslash at the very end joins the next line, the backslash becoming a space and the next line keeping its
// indentation; a UTF-8 byte order mark is dropped.
//
// Where systemd gives up on the whole file (a bad section header, bytes that are not UTF-8) Parse goes on, to report all
// faults in one run.
func Parse(name string, src []byte) (File, []Problem) {
	p := parser{file: File{Name: name}}
	if what, remedy, line := refuse(src); what != "" {
		return p.file, []Problem{{line, 0, what, remedy}}
	}
	p.src = string(src)
	p.run()
	if p.garbage > 0 && len(p.file.Sections) == 0 {
		return p.file, []Problem{{p.garbage, 0, "not a unit file: no section header, and bytes that are not UTF-8", unitRemedy}}
	}
	return p.file, p.faults.all()
}

const unitRemedy = "give the text that `systemctl cat` shows"

// refuse tells why src is not worth reading at all.
func refuse(src []byte) (what, remedy string, line int) {
	if len(src) > MaxFile {
		return "not a unit file: larger than 1 MiB", unitRemedy, 1
	}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return "not a unit file: text in UTF-16", "save it as UTF-8", 1
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		return "not a unit file: it contains NUL bytes", unitRemedy, 1 + bytes.Count(src[:i], []byte("\n"))
	}
	return "", "", 0
}

type parser struct {
	src    string
	file   File
	faults faults

	section string // current section
	inside  bool   // a section header was seen
	bom     bool   // the byte order mark was dropped
	garbage int    // first line that is not UTF-8
	broken  int    // last line that ends with a backslash and white space
}

// logical is one line after joining.
type logical struct {
	text       string
	start, end int    // of all its lines in the source
	spots      []spot // one for each physical line that contributes
}

func (p *parser) run() {
	var joined strings.Builder
	var l logical
	open := false // a continuation is pending
	for line, next := 1, 0; next < len(p.src); line++ {
		start := next
		end, after := lineEnd(p.src, start)
		next = after
		text, column := p.src[start:end], 1
		if !p.bom && strings.HasPrefix(text, "\uFEFF") {
			p.bom = true
			text, column = text[len("\uFEFF"):], 4
		}
		if first := skipWhite(text, 0); first < len(text) && (text[first] == '#' || text[first] == ';') {
			continue
		}
		if !open {
			l = logical{start: start, spots: append(l.spots[:0], spot{0, line, column})}
			joined.Reset()
		} else {
			l.spots = append(l.spots, spot{joined.Len(), line, column})
		}
		l.end = end
		if backslashes(text)%2 == 1 {
			joined.WriteString(text[:len(text)-1])
			joined.WriteByte(' ')
			open = true
			continue
		}
		l.text = text
		if open {
			joined.WriteString(text)
			l.text = joined.String()
		}
		open = false
		p.line(l)
		if t := strings.TrimRight(text, white); len(t) < len(text) && backslashes(t)%2 == 1 {
			p.broken = line
		}
	}
	if open {
		l.text = joined.String()
		p.line(l)
	}
}

// lineEnd finds the end of the line that starts at i and the start of the next one.
func lineEnd(s string, i int) (end, next int) {
	n := strings.IndexAny(s[i:], "\n\r")
	if n < 0 {
		return len(s), len(s)
	}
	end, next = i+n, i+n+1
	if next < len(s) && s[next] != s[end] && (s[next] == '\n' || s[next] == '\r') {
		next++
	}
	return end, next
}

// backslashes counts those at the end of s.
func backslashes(s string) int {
	return len(s) - len(strings.TrimRight(s, `\`))
}

// at returns the position of an offset in the text of l, and the index of its line in l.spots.
func (l logical) at(offset int) (s spot, index int) {
	for i := len(l.spots) - 1; i > 0; i-- {
		if l.spots[i].offset <= offset {
			index = i
			break
		}
	}
	s = l.spots[index]
	return spot{offset, s.line, s.column + offset - s.offset}, index
}

// line handles one joined line: nothing, a section header or an assignment.
func (p *parser) line(l logical) {
	first := skipWhite(l.text, 0)
	text := trim(l.text)
	if text == "" {
		return
	}
	at, _ := l.at(first)
	if !validUTF8(text) {
		if p.garbage == 0 {
			p.garbage = at.line
		}
		p.faults.add(at.line, at.column, "not UTF-8: systemd refuses the whole file", "save the file as UTF-8")
		return
	}
	if text[0] == '[' {
		p.header(text, at)
		return
	}
	if !p.inside {
		p.faults.add(at.line, at.column, "assignment outside of a section", "put a [Service] line before it")
		return
	}
	equals := strings.IndexByte(text, '=')
	switch {
	case equals < 0 && p.broken > 0 && p.broken == at.line-1:
		p.faults.add(at.line, at.column, "missing '='", "remove the white space after the backslash of line "+strconv.Itoa(p.broken)+", or write Key=value")
		return
	case equals < 0:
		p.faults.add(at.line, at.column, "missing '='", "write Key=value, or start the line with # if it is a comment")
		return
	case equals == 0:
		p.faults.add(at.line, at.column, "missing key before '='", "write Key=value")
		return
	}
	d := Directive{
		Section: p.section,
		Key:     strings.TrimRight(text[:equals], white),
		Value:   strings.TrimLeft(text[equals+1:], white),
		Line:    at.line,
		Column:  at.column,
		Raw:     p.src[l.start:l.end],
	}
	start := first + len(text) - len(d.Value)
	var index int
	d.value, index = l.at(start)
	d.value.offset = 0
	for _, s := range l.spots[index+1:] {
		if s.offset-start < len(d.Value) {
			d.joints = append(d.joints, spot{s.offset - start, s.line, s.column})
		}
	}
	p.file.Directives = append(p.file.Directives, d)
}

// header handles a section header. After a bad one the following assignments count to what it seems to mean, so that
// one slip is not reported for each of them.
func (p *parser) header(text string, at spot) {
	end := strings.IndexByte(text, ']')
	name := strings.TrimPrefix(text, "[")
	switch {
	case end < 0:
		p.faults.add(at.line, at.column, "section header without ']'", "write it as [Service]")
	case text[len(text)-1] != ']':
		p.faults.add(at.line, at.column, "text after the section header", "put it on a line of its own, also if it is a comment")
		name = text[1:end]
	case end == 1 && len(text) == 2:
		p.faults.add(at.line, at.column, "section header without a name", "write it as [Service]")
		name = ""
	default:
		name = text[1 : len(text)-1]
		if !safe(name) {
			p.faults.add(at.line, at.column, "control character, quote or backslash in a section header", "write it as [Service]")
		}
	}
	p.section, p.inside = name, true
	p.file.Sections = append(p.file.Sections, Section{name, at.line, at.column})
}

// safe reports whether s is free of control characters, quotes and backslashes, as systemd wants section names and
// the paths of programs.
func safe(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || c == '"' || c == '\'' || c == '\\' {
			return false
		}
	}
	return true
}
