package compose

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// environment reads both syntaxes: a mapping, and a list of NAME=VALUE.
func (s *svc) environment(n yamldoc.Node) {
	s.rec.Place(s.at.Join("env"), n.KeyPos())
	switch {
	case n.IsMap():
		for _, e := range n.Entries() {
			if !e.Value.IsScalar() {
				s.bad(e.Value, wrongf("", "the value of a variable is one text"))
				continue
			}
			s.variable(e.Value, e.Key, canonical(s.reader, e.Value), !e.Value.IsNull())
		}
	case n.IsSeq():
		for _, c := range n.Items() {
			if !c.IsScalar() {
				s.bad(c, wrongf("write NAME=VALUE", "an entry of the environment is one text"))
				continue
			}
			name, value, set := strings.Cut(c.Str(), "=")
			s.variable(c, name, value, set)
		}
	default:
		s.bad(n, wrongf("write NAME: VALUE pairs", "the environment is a mapping or a list"))
	}
}

// canonical is the text that compose makes of a scalar without quotes: 1.10 is a number and reaches the program as 1.1.
func canonical(r *reader, n yamldoc.Node) string {
	raw, out := n.Str(), n.Str()
	switch n.Tag() {
	case "!!int":
		if v, err := strconv.ParseInt(strings.ReplaceAll(raw, "_", ""), 0, 64); err == nil {
			out = strconv.FormatInt(v, 10)
		}
	case "!!float":
		if v, err := strconv.ParseFloat(strings.ReplaceAll(raw, "_", ""), 64); err == nil {
			out = fmt.Sprint(v)
		}
	case "!!bool":
		out = strings.ToLower(raw)
	}
	if out != raw && n.Tag() != "!!bool" {
		r.rec.Find(ledger.Warning, n.Pos(), n.Path+": without quotes it is a number, and another text reaches the program than the one that is written", "put the value into quotes")
	}
	return out
}

// variable records one variable. set is false for a name alone, whose value comes from where compose is started.
func (s *svc) variable(n yamldoc.Node, name, raw string, set bool) {
	if strings.Contains(name, "$") {
		s.lose(n, "a variable's name cannot be made of variables", "write the name")
		return
	}
	if name == "" || strings.ContainsAny(name, "\x00=") {
		s.bad(n, wrongf("write NAME=VALUE", "a variable without a name"))
		return
	}
	field := s.at.Join("env", name, "value")
	if !set {
		s.setEnv(name, deploy.Param(name, secret.Name(name)))
		s.almost(n, "compose takes the value from the environment in which it is started; where that has none, the program has none either", "write the value, or supply it as the parameter "+name, field)
		return
	}
	e, err := interpolate(raw, unknownVariable)
	if err != nil {
		s.bad(n, wrongf(`write $$ for a "$" that is meant as such`, "%s", err.Error()))
		return
	}
	s.value(n.Setting(), name, e, field)
}

// value records the value of one variable, from the compose file or from an environment file.
func (s *svc) value(setting int, name string, e expansion, field deploy.Path) {
	switch {
	case e.whole:
		v := e.unknown[0]
		s.setEnv(name, deploy.Param(v.name, secretParam(v, name)))
		s.rec.Convert(setting, field)
		s.rec.Show(setting) // a reference, no value
	case len(e.unknown) > 0:
		s.setEnv(name, deploy.Param(name, secret.Name(name) || secret.Name(e.unknown[0].name)))
		s.rec.Approximate(setting, "the value is put together with ${"+e.unknown[0].name+"} at each start; here it is one parameter", "supply the whole value as "+name, field)
	default:
		v := deploy.Plain(e.text)
		if secret.Looks(name, e.text) {
			v = deploy.Secret(e.text)
		} else {
			s.rec.Show(setting)
		}
		s.setEnv(name, v)
		if len(e.defaulted) > 0 {
			s.rec.Approximate(setting, defaultReason(e.defaulted[0]), defaultRemedy, field)
		} else {
			s.rec.Convert(setting, field)
		}
	}
}

// secretParam tells whether a parameter is secret: by the first word of its message, where that says so, else by its name.
func secretParam(v variable, name string) bool {
	word, _, _ := strings.Cut(v.word, ";")
	switch strings.TrimSpace(word) {
	case "secret":
		return true
	case "unknown":
		return false
	}
	return secret.Name(v.name) || secret.Name(name)
}

func (s *svc) setEnv(name string, v deploy.Value) {
	for i := range s.w.Env {
		if s.w.Env[i].Name == name {
			s.w.Env[i].Value = v
			return
		}
	}
	s.w.Env = append(s.w.Env, deploy.Env{Name: name, Value: v})
}

// envFile reads env_file: a path, a list of paths, or of {path, required, format}. It runs before environment, which wins.
func (s *svc) envFile(n yamldoc.Node) {
	if n.IsMap() {
		s.bad(n, wrongf("write a list", "env_file is a path or a list"))
		return
	}
	for _, c := range items(n) {
		required, raw := true, false
		at := c
		if c.IsMap() {
			at = c.Get("path")
			for _, e := range c.Entries() {
				switch e.Key {
				case "path":
				case "required":
					if t, ok := s.text(e.Value); ok {
						v, w := truth(t)
						if w != nil {
							s.bad(e.Value, w)
							continue
						}
						required = v
						s.inert(e.Value, "it matters only where the file is missing")
					}
				case "format":
					if t, ok := s.text(e.Value); ok {
						raw = t == "raw"
						s.inert(e.Value, "the file is read in this format")
					}
				default:
					s.unknown(e, "env_file", []string{"path", "required", "format"})
				}
			}
			if !at.Exists() {
				s.bad(c, wrongf("write path: FILE", "an environment file without a path"))
				continue
			}
		}
		p, ok := s.text(at)
		if !ok {
			continue
		}
		s.envFrom(at, p, required, raw)
	}
}

func (s *svc) envFrom(n yamldoc.Node, p string, required, raw bool) {
	file, ok := s.inTree(p)
	if !ok {
		reason, remedy := "the file "+p+" is not in the tree: which variables it sets is not known", "put it beside the compose file, or write its variables into environment"
		if !required {
			s.drop(n, reason, remedy)
			return
		}
		s.lose(n, reason, remedy)
		return
	}
	lines, ok := s.envFiles[file]
	if !ok {
		lines = s.readEnvFile(file, raw)
		s.envFiles[file] = lines
	}
	for _, l := range lines {
		s.value(l.setting, l.name, l.value, s.at.Join("env", l.name, "value"))
	}
	s.inert(n, "it names the file; the variables are settings of their own")
}
