package unitfile

import (
	"bytes"
	"strings"
)

// MaxEnvFile is the size from which an environment file is refused; Linux gives a process little more than that for
// all its arguments and variables.
const MaxEnvFile = 1 << 20

// envState is a state of systemd's reader. The names say what the next character belongs to.
type envState int

const (
	beforeKey envState = iota
	inKey
	beforeValue // also after a closing quote
	inValue
	inValueEscape
	inSingle
	inDouble
	inDoubleEscape
	inComment
	inCommentEscape
)

// ParseEnvFile reads an environment file as systemd does for EnvironmentFile= (systemd.exec(5)): no specifiers, no
// variables, and no comment after a value. The same name may occur twice; the later one counts.
//
//   - quotes count only at the start of a value or after another quoted piece; between pieces white space vanishes;
//   - in double quotes a backslash protects " \ ` $, joins lines, and otherwise stays; without quotes it protects any
//     character and joins lines; single quotes keep everything, line ends too;
//   - a comment that ends in a backslash swallows the next line, as up to systemd 253; reported, since 254 does not.
//
// A line without '=' and a name that is none are reported and left out, as systemd leaves them out. If a name or value
// is not UTF-8, systemd rejects the whole file, and nothing is returned.
func ParseEnvFile(src []byte) ([]Assignment, []Problem) {
	switch nul := bytes.IndexByte(src, 0); {
	case len(src) > MaxEnvFile:
		return nil, []Problem{{Line: 1, What: "not an environment file: larger than 1 MiB", Remedy: "name a text file of NAME=value lines"}}
	case nul >= 0:
		line := 1 + bytes.Count(src[:nul], []byte("\n"))
		return nil, []Problem{{line, 0, "not an environment file: it contains NUL bytes", "name a text file of NAME=value lines"}}
	}
	p := envParser{src: string(src), line: 1}
	for p.i < len(p.src) {
		p.step(p.src[p.i])
		p.i++
	}
	switch p.state {
	case inKey:
		p.noEquals()
	case inSingle, inDouble, inDoubleEscape:
		p.faults.add(p.quoteLine, p.quoteColumn, "unbalanced quote: everything up to the end of the file is the value", "close it")
		p.push()
	case beforeValue, inValue, inValueEscape:
		p.push()
	}
	if p.invalid {
		return nil, p.faults.all()
	}
	return p.list, p.faults.all()
}

type envParser struct {
	src   string
	i     int
	state envState
	list  []Assignment

	line, lineStart int // of src[i]
	key, keyEnd     int // the key is src[key:keyEnd]
	keyLine, keyCol int
	value           []byte
	valueEnd        int // of value without trailing white space that no quote or escape protects

	commentLine            int
	quoteLine, quoteColumn int
	faults                 faults
	invalid                bool
}

// step consumes c, which is src[i].
func (p *envParser) step(c byte) {
	newline := c == '\n' || c == '\r'
	switch p.state {
	case beforeKey:
		switch {
		case c == '#' || c == ';':
			p.state, p.commentLine = inComment, p.line
		case !isWhite(c):
			p.state = inKey
			p.key, p.keyEnd, p.keyLine, p.keyCol = p.i, p.i+1, p.line, p.i-p.lineStart+1
		}
	case inKey:
		switch {
		case newline:
			p.noEquals()
			p.state = beforeKey
		case c == '=':
			p.state = beforeValue
			p.value, p.valueEnd = p.value[:0], 0
		case !isWhite(c):
			p.keyEnd = p.i + 1
		}
	case beforeValue:
		switch {
		case newline:
			p.push()
			p.state = beforeKey
		case c == '\'' || c == '"':
			p.state = inSingle
			if c == '"' {
				p.state = inDouble
			}
			p.quoteLine, p.quoteColumn = p.line, p.i-p.lineStart+1
		case c == '\\':
			p.state = inValueEscape
		case !isWhite(c):
			p.state = inValue
			p.keep(c)
		}
	case inValue:
		switch {
		case newline:
			p.push()
			p.state = beforeKey
		case c == '\\':
			p.state = inValueEscape
			p.valueEnd = len(p.value)
		case isWhite(c):
			p.value = append(p.value, c)
		default:
			p.keep(c)
		}
	case inValueEscape:
		p.state = inValue
		if !newline {
			p.keep(c)
		}
	case inSingle:
		if c == '\'' {
			p.state = beforeValue
		} else {
			p.keep(c)
		}
	case inDouble:
		switch c {
		case '"':
			p.state = beforeValue
		case '\\':
			p.state = inDoubleEscape
		default:
			p.keep(c)
		}
	case inDoubleEscape:
		p.state = inDouble
		switch {
		case strings.IndexByte("\"\\`$", c) >= 0:
			p.keep(c)
		case c != '\n':
			p.keep('\\')
			p.keep(c)
		}
	case inComment:
		switch {
		case c == '\\':
			p.state = inCommentEscape
		case newline:
			p.state = beforeKey
		}
	case inCommentEscape:
		p.state = inComment
		if newline {
			p.faults.add(p.commentLine, 0, "comment that ends in a backslash: systemd up to 253 takes the next line for a comment too, later ones do not", "remove the backslash")
		}
	}
	if c == '\n' || c == '\r' && !(p.i+1 < len(p.src) && p.src[p.i+1] == '\n') {
		p.line++
		p.lineStart = p.i + 1
	}
}

// keep appends a character that trailing white space cannot be stripped beyond.
func (p *envParser) keep(c byte) {
	p.value = append(p.value, c)
	p.valueEnd = len(p.value)
}

// push ends an assignment.
func (p *envParser) push() {
	name, value := p.src[p.key:p.keyEnd], string(p.value[:p.valueEnd])
	switch {
	case !validUTF8(name) || !validUTF8(value):
		p.invalid = true
		p.faults.add(p.keyLine, p.keyCol, "not UTF-8: systemd refuses the whole environment file", "save the file as UTF-8")
	case ValidEnvName(name):
		p.list = append(p.list, Assignment{Name: name, Value: value, Line: p.keyLine, Column: p.keyCol})
	case strings.HasPrefix(name, "export") && ValidEnvName(trim(name[len("export"):])):
		p.faults.add(p.keyLine, p.keyCol, "line ignored by systemd: it is no shell and knows no export", "remove the word export")
	default:
		p.faults.add(p.keyLine, p.keyCol, "line ignored by systemd: invalid variable name", nameRemedy)
	}
	p.state = beforeKey
}

func (p *envParser) noEquals() {
	p.faults.add(p.keyLine, p.keyCol, "line ignored by systemd: missing '='", "write NAME=value, or start the line with # if it is a comment")
}
