// Package unitfile reads the syntax of systemd: unit files, the lists, command lines, specifiers, environment files,
// values and calendar expressions inside them. It knows nothing of lift's model.
//
// Every function is pure: no file, clock or environment is looked at, and no input makes one panic. The manual pages
// of systemd 252 are the specification (systemd.syntax(7), systemd.unit(5), systemd.service(5), systemd.exec(5),
// systemd.time(7)); where they are silent, what systemd 252 does was measured and is followed.
package unitfile

import (
	"strconv"
	"strings"
)

// MaxProblems is how many problems one call lists; the rest is counted.
const MaxProblems = 20

// Problem is one fault in a text that a user supplied. No problem quotes a value that might be a secret.
//
// Line and Column count from 1, columns in bytes. A problem of a value (not of a whole file) has Line 0, and its Column
// counts from the start of the value; [Directive.Locate] moves it into the file. Column 0 means the text as a whole.
type Problem struct {
	Line, Column int
	What, Remedy string
}

// String renders the problem as lift prints it: what; how to mend it.
func (p Problem) String() string {
	if p.Remedy == "" {
		return p.What
	}
	return p.What + "; " + p.Remedy
}

// faults collects problems, the first MaxProblems of them in full.
type faults struct {
	list []Problem
	more int
}

func (f *faults) add(line, column int, what, remedy string) {
	if len(f.list) >= MaxProblems {
		f.more++
		return
	}
	f.list = append(f.list, Problem{line, column, what, remedy})
}

func (f *faults) all() []Problem {
	if f.more > 0 {
		last := f.list[len(f.list)-1]
		return append(f.list, Problem{last.Line, last.Column, "and " + strconv.Itoa(f.more) + " more", "mend the first ones and run again"})
	}
	return f.list
}

// fault makes the problem of a single value.
func fault(offset int, what, remedy string) *Problem {
	return &Problem{Column: offset + 1, What: what, Remedy: remedy}
}

// white is what systemd strips and splits at. Form feeds, vertical tabs and Unicode's spaces are ordinary characters.
const white = " \t\n\r"

func isWhite(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// skipWhite returns the first index at or after i that holds no white space.
func skipWhite(s string, i int) int {
	for i < len(s) && isWhite(s[i]) {
		i++
	}
	return i
}

func trim(s string) string { return strings.Trim(s, white) }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// validUTF8 reports whether s is UTF-8 as systemd wants it: no surrogates, and no noncharacters either (U+FDD0 to
// U+FDEF and the last two code points of each plane). See systemd.exec(5), EnvironmentFile=.
func validUTF8(s string) bool {
	for i, r := range s {
		switch {
		case r < 0x80:
		case r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD"):
			return false
		case r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
			return false
		}
	}
	return true
}
