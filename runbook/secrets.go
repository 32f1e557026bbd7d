package runbook

import (
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// supply is one value that must be supplied from outside.
type supply struct {
	param  string     // "DB_PASSWORD", or "shop-secrets/DB_PASSWORD"
	secret bool       // else only the machine knows it
	at     ledger.Pos // where it is today, none when it is not in the tree
	cut    string     // extended regular expression for sed that cuts the value out of its line as \1; "" when none does
	quoted bool       // the value can stand in the single quotes of a .env file
}

// supplies lists what the written files refer to, by name.
func (b *book) supplies() []supply {
	var out []supply
	seen := map[string]bool{}
	for _, w := range b.ws {
		for _, e := range w.Env {
			p := e.Value.Param()
			if p == "" || seen[p] {
				continue
			}
			seen[p] = true
			s := supply{param: p, secret: e.Value.IsSecret()}
			for _, o := range w.was.Env {
				if o.Name == e.Name {
					b.locate(&s, o, deploy.At("workloads", w.was.Name, "env", o.Name, "value"))
				}
			}
			out = append(out, s)
		}
	}
	return out
}

// locate finds the line in which the value stands, and an expression that cuts it out. The expression is tried here: only one that gives the value is printed.
func (b *book) locate(s *supply, e deploy.Env, at deploy.Path) {
	text, known := e.Value.Reveal()
	setting, ok := b.position(at)
	if !ok || !known {
		return
	}
	s.at = setting.At
	s.quoted = !strings.ContainsAny(text, "'\\\n")
	src, err := fs.ReadFile(b.tree, setting.At.File)
	lines := strings.Split(string(src), "\n")
	if err != nil || setting.At.Line < 1 || setting.At.Line > len(lines) || text == "" {
		return
	}
	line := strings.TrimSuffix(lines[setting.At.Line-1], "\r")
	i := strings.Index(line, text)
	if i < 0 {
		return
	}
	m := label.FindStringSubmatch(line[:i])
	if m == nil || b.isSecret(m[1]) {
		return
	}
	between := `[^A-Za-z0-9]+`
	if strings.Trim(m[2], `=:"' `) == "" {
		between = strings.ReplaceAll(m[2], `"`, `\"`)
	}
	for _, behind := range []string{`([^ ]+).*$`, `(.*)$`, `(.*).$`, `([^\"]+)\".*$`, `([^&]+).*$`, `([^@ ]+)@.*$`, `([^;]+);.*$`, `([^, ]+),.*$`} {
		cut := `^.*` + regexp.QuoteMeta(m[1]) + between + behind
		if got := regexp.MustCompile(strings.ReplaceAll(cut, `\"`, `"`)).FindStringSubmatch(line); got != nil && got[1] == text {
			s.cut = cut
			return
		}
	}
}

// label is the word before a value: the name of the variable, of the option, of the key.
var label = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_-]*)([^A-Za-z0-9]{1,4})$`)

// isSecret reports whether a word is part of a secret of the system.
func (b *book) isSecret(word string) bool {
	for _, w := range b.l.Source.App.Workloads {
		for _, e := range w.Env {
			if text, known := e.Value.Reveal(); known && e.Value.IsSecret() && strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}

// key is the name of the value within its object.
func (s supply) key() string { return path.Base(s.param) }

// object is the Secret or the ConfigMap, "" at platforms that have none.
func (s supply) object() string {
	if o, _, ok := strings.Cut(s.param, "/"); ok {
		return o
	}
	return ""
}

// sed is a command that prints NAME=VALUE, the value in the given quotes. ok is false when the value has to be copied by hand.
func (s supply) sed(b *book, quote string) (string, bool) {
	if s.cut == "" || quote != "" && !s.quoted {
		return "", false
	}
	return `sed -nE "` + strconv.Itoa(s.at.Line) + `s/` + s.cut + `/` + s.key() + `=` + quote + `\1` + quote + `/p" ` + word(b.source(s.at.File)), true
}

// byHand says where a value is that no command takes.
func (s supply) byHand(b *book) string {
	switch {
	case s.at.File != "":
		return s.key() + "=…   # by hand: " + b.source(s.at.File) + ":" + strconv.Itoa(s.at.Line)
	case s.secret:
		return s.key() + "=…   # its value is not in the tree"
	}
	return s.key() + "=…   # only the machine knows it"
}
