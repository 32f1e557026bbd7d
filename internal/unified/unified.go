// Package unified prints the difference of two texts in the unified format
// that patch(1) and git apply read.
package unified

import (
	"bytes"
	"strconv"
	"strings"
)

// Diff returns the unified diff that turns old into new, with context equal
// lines around every change (a negative context counts as none). It returns nil
// if the texts are equal. It has no errors: any bytes are a text, lines end in
// "\n" alone, and a last line without it is marked as such.
//
// The names are printed as they are given; callers who want git's prefixes pass
// "a/x" and "b/x". An empty name stands for a file that does not exist and is
// printed as /dev/null: Diff("", "b/x", nil, data, 3) creates x. A created or
// deleted file that is empty has no lines to print and yields nil.
func Diff(oldName, newName string, old, new []byte, context int) []byte {
	if bytes.Equal(old, new) {
		return nil
	}
	context = max(context, 0)
	a, b := lines(old), lines(new)
	edits := compact(script(a, b), a, b)

	out := make([]byte, 0, 1024)
	out = appendName(out, "--- ", oldName)
	out = appendName(out, "+++ ", newName)
	for len(edits) > 0 {
		// Changes whose context would touch or overlap share one hunk. Written
		// with a difference, so that a huge context cannot overflow.
		n := 1
		for n < len(edits) && (edits[n].a0-edits[n-1].a1+1)/2 <= context {
			n++
		}
		out = appendHunk(out, a, b, edits[:n], context)
		edits = edits[n:]
	}
	return out
}

// edit says that the lines a0:a1 of the old text become b0:b1 of the new one.
type edit struct{ a0, a1, b0, b1 int }

// lines splits a text after every "\n"; only the last line may lack it.
func lines(text []byte) [][]byte {
	out := make([][]byte, 0, bytes.Count(text, []byte("\n"))+1)
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

func appendHunk(out []byte, a, b [][]byte, edits []edit, context int) []byte {
	first, last := edits[0], edits[len(edits)-1]
	before := min(context, first.a0)
	after := min(context, len(a)-last.a1)
	out = append(out, "@@ -"...)
	out = appendRange(out, first.a0-before, last.a1+after)
	out = append(out, " +"...)
	out = appendRange(out, first.b0-before, last.b1+after)
	out = append(out, " @@\n"...)

	at := first.a0 - before
	for _, e := range edits {
		out = appendLines(out, ' ', a[at:e.a0])
		out = appendLines(out, '-', a[e.a0:e.a1])
		out = appendLines(out, '+', b[e.b0:e.b1])
		at = e.a1
	}
	return appendLines(out, ' ', a[at:last.a1+after])
}

// appendRange prints a range of lines as start,count. A count of one is left
// out, and an empty range names the line before it, as POSIX diff -u does.
func appendRange(out []byte, from, to int) []byte {
	n := to - from
	if n > 0 {
		from++
	}
	out = strconv.AppendInt(out, int64(from), 10)
	if n != 1 {
		out = append(out, ',')
		out = strconv.AppendInt(out, int64(n), 10)
	}
	return out
}

func appendLines(out []byte, mark byte, lines [][]byte) []byte {
	for _, l := range lines {
		out = append(out, mark)
		out = append(out, l...)
		if l[len(l)-1] != '\n' {
			out = append(out, "\n\\ No newline at end of file\n"...)
		}
	}
	return out
}

// appendName prints a header line. A name that would break the line is quoted
// like a C string, as git does; one with a space gets a tab behind it, which
// patch and git take for the end of the name.
func appendName(out []byte, mark, name string) []byte {
	out = append(out, mark...)
	if name == "" {
		name = "/dev/null"
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return append(appendQuoted(out, name), '\n')
	}
	out = append(out, name...)
	if strings.Contains(name, " ") {
		out = append(out, '\t')
	}
	return append(out, '\n')
}

// appendQuoted writes git's C-style quoting, which knows octal escapes and not
// Go's \x and \u.
func appendQuoted(out []byte, name string) []byte {
	out = append(out, '"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ' || c >= 0x7f:
			out = append(out, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// compact slides changes that may stand in several places (an inserted block
// whose first line also follows it) to the place where a reader expects them:
// where the block starts at the lowest indentation, and of those the last one.
// Without it, a new item of a YAML list often starts in the middle of the item
// before it.
func compact(edits []edit, a, b [][]byte) []edit {
	for i := range edits {
		e := &edits[i]
		if (e.a0 == e.a1) == (e.b0 == e.b1) {
			continue // lines are replaced: the change is where it is
		}
		text, from, to := a, e.a0, e.a1
		if from == to {
			text, from, to = b, e.b0, e.b1
		}
		// It may not touch its neighbours, or the two would have to be joined.
		up, down := from, len(text)-to
		if i > 0 {
			up = e.a0 - edits[i-1].a1 - 1
		}
		if i+1 < len(edits) {
			down = edits[i+1].a0 - e.a1 - 1
		}
		low, high := 0, 0
		for high < down && bytes.Equal(text[from+high], text[to+high]) {
			high++
		}
		for -low < up && bytes.Equal(text[from+low-1], text[to+low-1]) {
			low--
		}
		best, width := 0, -1
		for shift := low; shift <= high; shift++ {
			if w := indent(text[from+shift]); width < 0 || w <= width {
				best, width = shift, w
			}
		}
		e.a0, e.a1, e.b0, e.b1 = e.a0+best, e.a1+best, e.b0+best, e.b1+best
	}
	return edits
}

// indent is the number of blanks in front of a line; an empty line counts as
// deeply indented, since a block should not start with it.
func indent(line []byte) int {
	for i, c := range line {
		switch c {
		case ' ', '\t':
		case '\n', '\r':
			return 1 << 30
		default:
			return i
		}
	}
	return 1 << 30
}
