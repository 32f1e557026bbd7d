package conf

import (
	"strings"
)

// maxFiles bounds how many files one configuration may take in: files that include each other in a widening way grow without end.
const maxFiles = 500

// File is one file of a configuration with all that it includes.
type File struct {
	Path       string
	Src        string
	Directives []Directive
	Includes   map[int]Included // by the Begin of the include directive
}

// Included is what an include directive takes in.
type Included struct {
	Files []*File
	Keep  bool // it stands for a file of the distribution, which is there wherever the result runs
}

// Found is what a pattern of an include leads to: files, in their order, or the reason why it leads nowhere.
type Found struct {
	Paths        []string
	Keep         bool
	What, Remedy string // a fault
}

// Load reads a file and all that it includes. find resolves the argument of an include directive; read gives a file's text. Faults in all files are returned together; with any of them the
// result may lack parts.
func Load(path string, read func(string) (string, error), find func(pattern string) Found, known func(string) bool) (*File, []Problem) {
	l := loader{read: read, find: find, known: known}
	return l.file(path, nil), l.problems
}

type loader struct {
	read     func(string) (string, error)
	find     func(string) Found
	known    func(string) bool
	problems []Problem
	files    int
}

func (l *loader) file(path string, above []string) *File {
	l.files++
	f := &File{Path: path, Includes: map[int]Included{}}
	src, err := l.read(path)
	if err != nil {
		l.problems = append(l.problems, Problem{File: path, What: "cannot be read", Remedy: "make it a readable file of the tree"})
		return f
	}
	f.Src = src
	var bad []Problem
	f.Directives, bad = Parse(src, l.known)
	for _, p := range bad {
		p.File = path
		l.problems = append(l.problems, p)
	}
	l.includes(f, f.Directives, append(above[:len(above):len(above)], path))
	return f
}

func (l *loader) includes(f *File, list []Directive, above []string) {
	for _, d := range list {
		if d.Text != "include" || d.HasBlock {
			l.includes(f, d.Block, above)
			continue
		}
		bad := func(what, remedy string) {
			l.problems = append(l.problems, Problem{File: f.Path, Line: d.Line, Col: d.Col, What: what, Remedy: remedy})
		}
		if len(d.Args) != 1 || d.Args[0].Text == "" {
			bad("include takes one file or pattern", "write for example include conf.d/*.conf;")
			continue
		}
		found := l.find(d.Args[0].Text)
		if found.What != "" {
			bad(found.What, found.Remedy)
			continue
		}
		in := Included{Keep: found.Keep}
		for _, path := range found.Paths {
			switch {
			case contains(above, path):
				bad("include of "+path+" goes round in a loop: "+strings.Join(append(above[:len(above):len(above)], path), " → "), "remove one of the includes")
				continue
			case l.files >= maxFiles:
				bad("more than 500 files are included", "look for files that include each other")
				return
			}
			in.Files = append(in.Files, l.file(path, above))
		}
		f.Includes[d.Begin] = in
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Edit replaces a part of a file's text.
type Edit struct {
	Begin, End int
	Text       string
}

// Render prints the file as one text: what it includes stands where it is included, and the edits of each file, which do not overlap, are made.
func (f *File) Render(edits map[*File][]Edit) string {
	all := append([]Edit(nil), edits[f]...)
	var visit func([]Directive)
	visit = func(list []Directive) {
		for _, d := range list {
			if in, ok := f.Includes[d.Begin]; ok && d.Text == "include" && !in.Keep {
				all = append(all, Edit{d.Begin, d.Stop, f.splice(d, in, edits)})
			}
			visit(d.Block)
		}
	}
	visit(f.Directives)
	var b strings.Builder
	at := 0
	for len(all) > 0 {
		least := 0
		for i := range all {
			if all[i].Begin < all[least].Begin {
				least = i
			}
		}
		e := all[least]
		all = append(all[:least], all[least+1:]...)
		if e.Begin < at || e.End > len(f.Src) || e.End < e.Begin {
			continue // inside a part that is gone already
		}
		b.WriteString(f.Src[at:e.Begin])
		b.WriteString(e.Text)
		at = e.End
	}
	b.WriteString(f.Src[at:])
	return b.String()
}

// splice returns the text that stands for an include directive, indented as the directive is.
func (f *File) splice(d Directive, in Included, edits map[*File][]Edit) string {
	indent := f.Src[d.Begin-(d.Col-1) : d.Begin]
	if strings.Trim(indent, " \t") != "" {
		indent = ""
	}
	var b strings.Builder
	b.WriteString("# include " + strings.Map(oneLine, d.Arg(0)))
	for _, g := range in.Files {
		text := strings.TrimRight(g.Render(edits), " \t\r\n")
		b.WriteString("\n" + indent + "# from " + strings.Map(oneLine, g.Path) + "\n")
		verbatim := g.spansLines(g.Directives) // in a quoted word white space counts
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				b.WriteByte('\n')
			}
			if strings.TrimSpace(line) != "" && !verbatim {
				b.WriteString(indent)
			}
			b.WriteString(line)
		}
	}
	if rest, _, _ := strings.Cut(f.Src[d.Stop:], "\n"); strings.TrimSpace(rest) != "" {
		b.WriteByte('\n') // what follows in the same line must not end in a comment
	}
	return b.String()
}

func oneLine(r rune) rune {
	if r < ' ' {
		return '?'
	}
	return r
}

// spansLines reports whether a word, or a program in the file, goes over the end of a line.
func (f *File) spansLines(list []Directive) bool {
	for _, d := range list {
		if d.Script || f.spansLines(d.Block) {
			return true
		}
		for _, w := range append([]Word{d.Word}, d.Args...) {
			if strings.Contains(f.Src[w.Begin:w.End], "\n") {
				return true
			}
		}
		for _, g := range f.Includes[d.Begin].Files {
			if d.Text == "include" && g.spansLines(g.Directives) {
				return true
			}
		}
	}
	return false
}
