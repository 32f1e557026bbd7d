package unitfile

import "strings"

// Command is one command line of ExecStart= and its kind.
type Command struct {
	// Path is the program: absolute, or a name that systemd looks up in its own search path. Variables mean nothing in
	// it. Unknown are the specifiers in it that only the machine can resolve.
	Path    string
	Unknown []Unknown
	// Argv is the argument vector with argv[0], which is the program as it was written unless Argv0Given.
	Argv   []Word
	Offset int // of the command in the value

	IgnoreFailure  bool // "-"
	Argv0Given     bool // "@": argv[0] was given by the word after the program
	NoExpand       bool // ":": no variable was looked for; a $ is a $
	FullPrivileges bool // "+"
	NoSetuid       bool // "!": User=, Group= and SupplementaryGroups= do not apply
	AmbientMagic   bool // "!!": like "!", but only where the kernel lacks ambient capabilities; nothing on Linux from 4.3 on
}

// Word is one argument. No parts is an empty argument.
type Word struct {
	Parts  []Part
	Offset int // in the value
}

// Part is a piece of a word: exactly one of Text, Var and Specifier is set.
type Part struct {
	Text string
	// Var is the name of a variable. With Split it is the whole word: its value is split at white space, with quotes
	// removed, and the word vanishes when there is none. Otherwise its value stands as it is, empty when unset.
	Var   string
	Split bool
	// Specifier, such as "%H", is what only the machine can resolve.
	Specifier string
}

// ParseCommands reads the value of ExecStart= and its kind (systemd.service(5), COMMAND LINES and Table 1 "Special
// executable prefixes"). A lone ";" separates commands. An empty value, which resets the list, gives none. After a fault
// the commands before it are returned.
//
// systemd unquotes a word, takes the prefixes off the first one, expands specifiers in it, and expands variables when it
// starts the program; so neither quotes nor escapes protect a "$" or a "%".
func ParseCommands(value string, specifiers Specifiers) ([]Command, []Problem) {
	p := commandParser{value: value, specifiers: specifiers}
	for p.next < len(value) {
		if !p.command() {
			break
		}
	}
	return p.commands, p.faults.all()
}

type commandParser struct {
	value      string
	specifiers Specifiers
	next       int
	commands   []Command
	faults     faults
}

func (p *commandParser) fault(offset int, what, remedy string) bool {
	p.faults.add(0, offset+1, what, remedy)
	return false
}

// command reads one command and the ";" after it. It returns false if the rest of the value is lost.
func (p *commandParser) command() bool {
	first, problem := extract(p.value, p.next, UnescapeKnown)
	if problem != nil {
		return p.fault(problem.Column-1, problem.What, problem.Remedy)
	}
	p.next = first.next
	if !first.found || first.text == ";" {
		return true
	}
	c := Command{Offset: first.start}
	program := c.prefixes(first.text)
	path, unknown, problem := Expand(program, p.specifiers)
	if problem != nil {
		return p.fault(first.start, problem.What, problem.Remedy)
	}
	if what, remedy := checkProgram(path); what != "" {
		return p.fault(first.start, what, remedy)
	}
	c.Path, c.Unknown = path, unknown
	if strings.HasPrefix(path, "/") && (strings.Contains(path, "//") || strings.Contains(path, "/./") || strings.HasSuffix(path, "/.")) {
		c.Path, c.Unknown = simplify(path), locate(simplify(path), unknown)
	}
	if !c.NoExpand && (path[0] == '$' || strings.Contains(path, "${")) {
		p.fault(first.start, "a variable in the program's path, where systemd expands none", "write the path itself, or start it with /usr/bin/env or a shell")
	}
	if !c.Argv0Given {
		c.Argv = append(c.Argv, p.word(first.start, path, unknown, c.NoExpand)...)
	}
	words := 0 // before words vanish
	for p.next < len(p.value) {
		rest := p.value[p.next:]
		if rest[0] == ';' && (len(rest) == 1 || isWhite(rest[1])) {
			p.next = skipWhite(p.value, p.next+1)
			break
		}
		words++
		if strings.HasPrefix(rest, `\;`) && (len(rest) == 2 || isWhite(rest[2])) {
			c.Argv = append(c.Argv, Word{[]Part{{Text: ";"}}, p.next})
			p.next = skipWhite(p.value, p.next+2)
			continue
		}
		w, problem := extract(p.value, p.next, UnescapeKnown)
		if problem != nil {
			return p.fault(problem.Column-1, problem.What, problem.Remedy)
		}
		text, unknown, problem := Expand(w.text, p.specifiers)
		if problem != nil {
			return p.fault(w.start, problem.What, problem.Remedy)
		}
		p.next = w.next
		c.Argv = append(c.Argv, p.word(w.start, text, unknown, c.NoExpand)...)
	}
	if c.Argv0Given && words == 0 {
		return p.fault(first.start, `"@" without argv[0]`, "write the name for argv[0] after the program, or remove the @")
	}
	p.commands = append(p.commands, c)
	return true
}

// prefixes takes the special prefixes off the first word. They may come in any order, each once; "+", "!" and "!!"
// exclude each other. What does not fit is part of the program's name.
func (c *Command) prefixes(s string) string {
	for ; s != ""; s = s[1:] {
		elevated := c.FullPrivileges || c.AmbientMagic
		switch {
		case s[0] == '-' && !c.IgnoreFailure:
			c.IgnoreFailure = true
		case s[0] == '@' && !c.Argv0Given:
			c.Argv0Given = true
		case s[0] == ':' && !c.NoExpand:
			c.NoExpand = true
		case s[0] == '+' && !elevated && !c.NoSetuid:
			c.FullPrivileges = true
		case s[0] == '!' && !elevated && !c.NoSetuid:
			c.NoSetuid = true
		case s[0] == '!' && !elevated:
			c.NoSetuid, c.AmbientMagic = false, true
		default:
			return s
		}
	}
	return s
}

// checkProgram tells why systemd refuses a program.
func checkProgram(path string) (what, remedy string) {
	switch {
	case path == "":
		return "no program after the prefixes", "write the program's absolute path"
	case !safe(path):
		return "control character, quote or backslash in the program's path", "give the program a plain name"
	case strings.HasSuffix(path, "/"), path[0] == '/' && simplify(path) == "":
		return "the program is a directory", "write the program's absolute path"
	case path[0] == '/':
		return "", ""
	case strings.IndexByte("@-:+!|", path[0]) >= 0 && strings.Contains(path, "/"):
		return "the prefixes before the program do not go together", "write each of @ - : once, and at most one of + ! !!"
	case path == "." || path == ".." || strings.Contains(path, "/"):
		return "the program's path is relative", "write the absolute path"
	case len(path) > 255:
		return "the program's name is longer than a file name can be", "write the program's absolute path"
	}
	return "", ""
}

// simplify removes double slashes and "." from an absolute path, as systemd does with a program's path.
func simplify(path string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(path, "/") {
		if part != "" && part != "." {
			b.WriteByte('/')
			b.WriteString(part)
		}
	}
	return b.String()
}

// locate finds the unknown specifiers again after simplify: they keep their order and number.
func locate(path string, unknown []Unknown) []Unknown {
	moved := append([]Unknown(nil), unknown...)
	from := 0
	for i := range moved {
		if n := strings.Index(path[from:], moved[i].Specifier); n >= 0 {
			moved[i].Offset = from + n
			from += n + len(moved[i].Specifier)
		}
	}
	return moved
}

// word splits a word into its parts. A word that systemd drops whatever the environment holds gives none.
//
// systemd.service(5): "$FOO" as a separate word, "${FOO}" anywhere, "$$" for a dollar sign. Beyond the page, as
// measured: "$" followed by what is no name, up to the end of the word, is still a variable, which nobody can set;
// "${FOO:-x}" and an unclosed "${FOO" stay as they are; "${}" is empty.
func (p *commandParser) word(offset int, s string, unknown []Unknown, plain bool) []Word {
	w := wordBuilder{text: s, unknown: unknown}
	if plain {
		w.literal(0, len(s))
		return w.word(offset)
	}
	if s != "" && s[0] == '$' && (len(s) == 1 || s[1] != '{' && s[1] != '$') {
		if !ValidEnvName(s[1:]) {
			p.fault(offset, "a word that starts with $ and is no variable's name vanishes", "write $$ for a dollar sign; systemd runs no shell")
			return nil
		}
		return []Word{{[]Part{{Var: s[1:], Split: true}}, offset}}
	}
	start := 0 // of the literal text not yet taken
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '$' {
			continue
		}
		switch s[i+1] {
		case '$':
			w.literal(start, i+1)
			start = i + 2
			i++
		case '{':
			n := strings.IndexAny(s[i+2:], "}:")
			if n < 0 {
				i = len(s)
				continue
			}
			end := i + 2 + n
			if s[end] == '}' {
				w.literal(start, i)
				start = end + 1
				if name := s[i+2 : end]; ValidEnvName(name) {
					w.part(Part{Var: name})
				} else {
					p.fault(offset, "${…} around what is no variable's name vanishes", "write $${ for a literal one")
				}
			}
			i = end
		default:
			i++
		}
	}
	w.literal(start, len(s))
	return w.word(offset)
}

// wordBuilder collects parts.
type wordBuilder struct {
	text    string
	unknown []Unknown // those not yet passed
	parts   []Part
	open    []byte // text not yet made a part
}

// literal takes text[from:to], with the unknown specifiers in it as parts of their own.
func (w *wordBuilder) literal(from, to int) {
	for len(w.unknown) > 0 && w.unknown[0].Offset < to {
		u := w.unknown[0]
		w.unknown = w.unknown[1:]
		if u.Offset >= from {
			w.open = append(w.open, w.text[from:u.Offset]...)
			w.part(Part{Specifier: u.Specifier})
			from = u.Offset + len(u.Specifier)
		}
	}
	w.open = append(w.open, w.text[from:to]...)
}

// part adds a part after the text that is open.
func (w *wordBuilder) part(p Part) {
	w.flush()
	w.parts = append(w.parts, p)
}

func (w *wordBuilder) flush() {
	if len(w.open) > 0 {
		w.parts = append(w.parts, Part{Text: string(w.open)})
		w.open = w.open[:0]
	}
}

// word ends the word.
func (w *wordBuilder) word(offset int) []Word {
	w.flush()
	return []Word{{w.parts, offset}}
}
