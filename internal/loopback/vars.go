package loopback

import (
	"path"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

// Var is a value under a name: a variable, an argument with its flag, a key of a configuration file. Name is "" for an argument that stands alone.
type Var struct {
	Name  string
	Text  string
	Word  int // of a command line: which word holds the text
	Start int // and where in it
}

var (
	assigned = lazyregexp.New(`^-{0,2}[A-Za-z_][\w.\-]*=`)
	joined   = lazyregexp.New(`^-[A-Za-z](?:127\.|localhost\b|\[::|0\.0\.0\.0)`)
)

// Arguments names the values of a command line by their flags: --db HOST, --db=HOST, -bHOST, KEY=HOST.
func Arguments(words []string) []Var {
	var out []Var
	flag := ""
	for i, w := range words {
		head := assigned.FindString(w)
		switch {
		case head != "" && (head[0] == '-' || !strings.ContainsAny(w, " ;")):
			out = append(out, Var{strings.TrimSuffix(head, "="), w[len(head):], i, len(head)})
			flag = ""
		case joined.MatchString(w):
			out = append(out, Var{w[:2], w[2:], i, 2})
			flag = ""
		case strings.HasPrefix(w, "-"):
			flag = w
		default:
			out = append(out, Var{flag, w, i, 0})
			flag = ""
		}
	}
	return out
}

// PortOf returns the port of an address in vars[i]: the one that stands with it, the one that another variable gives, or the one that the named client uses. program is the command's
// first word, whose name may tell of a client. "" when nothing tells.
func PortOf(vars []Var, i int, a Address, program string) string {
	if name, ok := strings.CutPrefix(a.Port, "$"); ok {
		name = strings.Trim(name, "{}")
		for _, v := range vars {
			if v.Name == name {
				return number(v.Text)
			}
		}
		return ""
	}
	if a.Port != "" && !a.Default {
		return a.Port
	}
	if v := vars[i]; a.Lone || a.Scheme == "" {
		for _, w := range vars {
			if Mate(v.Name, w.Name) || v.Name == "-h" && (w.Name == "-p" || w.Name == "-P") {
				if n := number(w.Text); n != "" {
					return n
				}
			}
		}
		if p := ClientPort(v.Name); p != "" {
			return p
		}
		if v.Name == "-h" || v.Name == "--host" {
			return clientPorts[path.Base(program)]
		}
	}
	return a.Port
}

// number returns the text if it is a port number.
func number(text string) string {
	text = strings.TrimSpace(text)
	if m := port.FindStringSubmatch(":" + text); m != nil && m[0] == ":"+text && !strings.HasPrefix(text, "$") {
		return text
	}
	return ""
}
