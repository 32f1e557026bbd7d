package deploy

import "strings"

// Part is a piece of a Word: literal text, or a variable that the platform expands when the program starts.
type Part struct {
	Text  string // literal, when Var is ""
	Var   string // name of an environment variable
	Split bool   // the variable's value is split into words at white space and vanishes when empty (systemd's lone $X)
}

// Word is one argument: literal parts and variables, with the source's splitting rule.
type Word []Part

// Lit returns a word of literal text.
func Lit(text string) Word { return Word{{Text: text}} }

// Literal returns the word's text and whether it has no variables.
func (w Word) Literal() (string, bool) {
	if len(w) == 1 && w[0].Var == "" {
		return w[0].Text, true
	}
	var b strings.Builder
	for _, p := range w {
		if p.Var != "" {
			return "", false
		}
		b.WriteString(p.Text)
	}
	return b.String(), true
}

// String prints the word with variables as ${X}, or $X where the value is split.
func (w Word) String() string {
	var b strings.Builder
	for _, p := range w {
		switch {
		case p.Var == "":
			b.WriteString(strings.ReplaceAll(p.Text, "$", "$$"))
		case p.Split:
			b.WriteString("$" + p.Var)
		default:
			b.WriteString("${" + p.Var + "}")
		}
	}
	return b.String()
}

// Argv is a command line: one leaf of the model, replaced as a whole.
type Argv []Word

// Args returns an argv of literal words.
func Args(words ...string) Argv {
	a := make(Argv, len(words))
	for i, w := range words {
		a[i] = Lit(w)
	}
	return a
}

// Literals returns the words' texts and whether none has a variable.
func (a Argv) Literals() ([]string, bool) {
	out := make([]string, len(a))
	for i, w := range a {
		t, ok := w.Literal()
		if !ok {
			return nil, false
		}
		out[i] = t
	}
	return out, true
}

// IsSet reports whether there is a command line.
func (a Argv) IsSet() bool { return len(a) > 0 }

// String prints the words separated by spaces; a word with white space, quotes or nothing in it is quoted.
func (a Argv) String() string {
	var b strings.Builder
	for i, w := range a {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quoteWord(w.String()))
	}
	return b.String()
}

func quoteWord(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\n\"'\\") {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func (a *Argv) clear() { *a = nil }
func (a *Argv) equal(x leaf) bool {
	b, ok := x.(*Argv)
	if !ok || len(*a) != len(*b) {
		return false
	}
	for i, w := range *a {
		if !sameWord(w, (*b)[i]) {
			return false
		}
	}
	return true
}

func (a *Argv) copyFrom(x leaf) {
	src := *x.(*Argv)
	*a = nil
	for _, w := range src {
		*a = append(*a, append(Word(nil), w...))
	}
}

// parse reads white-space separated literal words: enough for samples and pins; sources have grammars of their own.
func (a *Argv) parse(text string) error {
	*a = Args(strings.Fields(text)...)
	return nil
}

func sameWord(a, b Word) bool {
	x, lx := a.Literal()
	y, ly := b.Literal()
	if lx || ly {
		return lx && ly && x == y
	}
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// List is an ordered list of texts: one leaf of the model, replaced as a whole.
type List []string

// IsSet reports whether the list has elements.
func (l List) IsSet() bool { return len(l) > 0 }

// String prints the elements separated by ", ".
func (l List) String() string { return strings.Join(l, ", ") }

func (l *List) clear() { *l = nil }
func (l *List) equal(x leaf) bool {
	m, ok := x.(*List)
	if !ok || len(*l) != len(*m) {
		return false
	}
	for i := range *l {
		if (*l)[i] != (*m)[i] {
			return false
		}
	}
	return true
}
func (l *List) copyFrom(x leaf) { *l = append(List(nil), *x.(*List)...) }

// parse reads elements separated by "|".
func (l *List) parse(text string) error {
	*l = nil
	for _, s := range strings.Split(text, "|") {
		*l = append(*l, strings.TrimSpace(s))
	}
	return nil
}
