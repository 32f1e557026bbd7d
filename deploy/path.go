package deploy

import "strings"

// Path names one place in an App by the names of its parts: "workloads.web.env.PORT.value". Elements of a collection are named by their key, steps by their number; "." and "\" in a
// name are escaped with "\". The empty path is the App itself.
type Path string

// At joins names to a path, escaping them.
func At(names ...string) Path {
	var b []byte
	for _, n := range names {
		b = appendName(b, n)
	}
	return Path(b)
}

// Join appends names to the path.
func (p Path) Join(names ...string) Path {
	b := []byte(p)
	for _, n := range names {
		b = appendName(b, n)
	}
	return Path(b)
}

func appendName(b []byte, name string) []byte {
	if len(b) > 0 {
		b = append(b, '.')
	}
	if strings.IndexByte(name, '.') < 0 && strings.IndexByte(name, '\\') < 0 {
		return append(b, name...)
	}
	for i := 0; i < len(name); i++ {
		if name[i] == '.' || name[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, name[i])
	}
	return b
}

// Names splits the path into unescaped names.
func (p Path) Names() []string {
	if p == "" {
		return nil
	}
	if strings.IndexByte(string(p), '\\') < 0 {
		return strings.Split(string(p), ".")
	}
	var out []string
	for rest, more := string(p), true; more; {
		var name string
		name, rest, more = nextName(rest)
		out = append(out, name)
	}
	return out
}

// nextName splits the first name off a path and unescapes it. more tells whether another one follows.
func nextName(p string) (name, rest string, more bool) {
	end := strings.IndexAny(p, `.\`)
	if end < 0 {
		return p, "", false
	}
	if p[end] == '.' {
		return p[:end], p[end+1:], true
	}
	b := []byte(p[:end])
	for i := end; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			i++
			b = append(b, p[i])
		case p[i] == '.':
			return string(b), p[i+1:], true
		default:
			b = append(b, p[i])
		}
	}
	return string(b), "", false
}

// Under reports whether p is q or lies below it.
func (p Path) Under(q Path) bool {
	return q == "" || p == q || len(p) > len(q) && p[:len(q)] == q && p[len(q)] == '.'
}

// Parent returns the path without its last name.
func (p Path) Parent() Path {
	for i := len(p) - 1; i > 0; i-- {
		if p[i] == '.' && !escaped(p, i) {
			return p[:i]
		}
	}
	return ""
}

// Base returns the last name, unescaped.
func (p Path) Base() string {
	parent := p.Parent()
	if parent != "" {
		p = p[len(parent)+1:]
	}
	name, _, _ := nextName(string(p))
	return name
}

func escaped(p Path, i int) bool {
	n := 0
	for i--; i >= 0 && p[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// Rebase replaces the leading from of p by to; p must lie under from.
func (p Path) Rebase(from, to Path) Path {
	rest := strings.TrimPrefix(string(p[len(from):]), ".")
	switch {
	case rest == "":
		return to
	case to == "":
		return Path(rest)
	}
	return to + "." + Path(rest)
}

// Workload returns the workload's name that the path lies in, "" for none.
func (p Path) Workload() string {
	rest, ok := strings.CutPrefix(string(p), "workloads.")
	if !ok {
		return ""
	}
	name, _, _ := nextName(rest)
	return name
}

// Move says that one element of a collection has another name or place on the other side. Joined allows several elements to become one.
type Move struct {
	From, To Path
	Joined   bool
}
