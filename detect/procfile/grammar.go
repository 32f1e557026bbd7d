package procfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Bounds on what the files may hold. Hand-written ones stay far below them.
const (
	maxSize      = 1 << 20 // bytes of a file
	maxTypes     = 500     // process types of a Procfile; their ports end below 65536
	maxCommand   = 4 << 10 // bytes of a command; parsing deeply nested shell costs stack
	maxVariables = 2000    // of .env
	maxLeaves    = 5000    // of app.json
	maxDepth     = 50
)

// unit is one Procfile with its neighbours while it is being read.
type unit struct {
	rec       *detect.Recorder
	fs        fs.FS
	paths     []string // of all files, sorted
	file, dir string   // of the Procfile
	prefix    string   // of the names of its workloads
	taken     map[string]ledger.Pos
	processes []*process

	dotenvNames map[string]bool // variables of .env
}

// fault is something wrong with a line. Its texts hold nothing of the line but names.
type fault struct {
	severity     ledger.Severity
	line, col    int
	what, remedy string
}

func (u *unit) report(file string, faults []fault) {
	for _, f := range faults {
		u.rec.Find(f.severity, ledger.Pos{File: file, Line: f.line, Col: f.col}, f.what, f.remedy)
	}
}

// beside returns the path of a file in the Procfile's directory.
func (u *unit) beside(name string) string { return path.Join(u.dir, name) }

// text reads a text file; what is wrong with the file as a whole is one finding. The file is opened whether or not the walk of the tree listed it: .env is usually ignored by git.
func (u *unit) text(name, kind string) (string, bool) {
	src, err := readBounded(u.fs, name)
	bad := func(line int, what, remedy string) (string, bool) {
		u.rec.Find(ledger.Error, ledger.Pos{File: name, Line: line}, what, remedy)
		return "", false
	}
	nul := bytes.IndexByte(src, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist) && name != u.file:
		return "", false
	case err != nil:
		var pe *fs.PathError // its text repeats the path
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return bad(0, "cannot be read: "+err.Error(), "make it readable, or remove it")
	case len(src) > maxSize:
		return bad(1, "not "+kind+": larger than 1 MiB", "remove the file or give it another name")
	case nul >= 0:
		return bad(1+bytes.Count(src[:nul], []byte("\n")), "not "+kind+": it contains a NUL byte", "save it as UTF-8 text")
	case !utf8.Valid(src):
		return bad(badUTF8(src), "not "+kind+": it is not UTF-8", "save it as UTF-8 text")
	}
	text, marked := strings.CutPrefix(string(src), "\ufeff")
	if marked {
		u.rec.Find(ledger.Warning, ledger.Pos{File: name, Line: 1}, "byte order mark: foreman ignores the first line because of it", "save the file without one")
	}
	return text, true
}

func readBounded(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("no regular file")
	}
	return io.ReadAll(io.LimitReader(f, maxSize+1))
}

func badUTF8(src []byte) int {
	line := 1
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		src = src[n:]
	}
	return line
}

// lines splits a text at line ends, LF or CR LF.
func lines(src string) []string {
	out := strings.Split(src, "\n")
	for i, l := range out {
		out[i] = strings.TrimSuffix(l, "\r")
	}
	return out
}

// entry is a line of a Procfile.
type entry struct {
	name, text string
	line, col  int // col: where the command begins
}

// parseProcfile reads the lines "name: command". Names consist of letters, digits, "_" and "-"; there is no white space in front, and none is needed behind the colon. Empty lines and
// lines that begin with # are nothing. There are no continuation lines and no quotes; the command goes to the end of the line.
//
// What does not fit is an error here, because the platforms disagree: foreman ignores the line in silence, heroku local starts "npm start" instead, Heroku refuses the deployment.
func parseProcfile(src string) ([]entry, []fault) {
	const example = `write for example "web: node server.js"`
	var out []entry
	var faults []fault
	continued := false
	for i, l := range lines(src) {
		bad := func(col int, what, remedy string) {
			faults = append(faults, fault{ledger.Error, i + 1, col, what, remedy})
		}
		trimmed := strings.TrimSpace(l)
		skip := continued || trimmed == "" || trimmed[0] == '#'
		continued = strings.HasSuffix(trimmed, `\`) && (continued || !skip)
		if skip {
			continue
		}
		if len(out) == maxTypes {
			bad(1, fmt.Sprintf("a Procfile has at most %d process types", maxTypes), "is this file a Procfile?")
			return out, faults
		}
		name, rest, colon := strings.Cut(l, ":")
		control := strings.IndexFunc(l, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
		switch {
		case continued:
			bad(len(l), `a line ends in "\": a Procfile has no continuation lines`, "write the command in one line, or into a script that the line calls")
		case control >= 0:
			bad(control+1, fmt.Sprintf("control character U+%04X", l[control]), "remove it")
		case l[0] == ' ' || l[0] == '\t':
			bad(1, "white space in front of a process type", "begin the line with its name")
		case !colon:
			bad(1, `a process type needs "name: command"`, example)
		case !isName(name):
			bad(1, `the name of a process type consists of letters, digits, "_" and "-" and ends at a colon`, example)
		case strings.TrimSpace(rest) == "":
			bad(len(name)+2, `process type "`+name+`" has no command`, example)
		default:
			command := strings.TrimSpace(rest)
			out = append(out, entry{name, command, i + 1, len(name) + 2 + strings.Index(rest, command)})
		}
	}
	return out, faults
}

func isName(s string) bool {
	for _, c := range s {
		if !isWordChar(c) && c != '-' {
			return false
		}
	}
	return s != ""
}

func isWordChar(c rune) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isVariable reports whether s is a variable's name as foreman takes it; a digit in front is allowed.
func isVariable(s string) bool { return isName(s) && !strings.Contains(s, "-") }
