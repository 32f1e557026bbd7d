package lambda

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

var (
	envName    = lazyregexp.New(`^[a-zA-Z][a-zA-Z0-9_]+$`) // Lambda API: EnvironmentVariables
	identifier = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*$`)
)

// collect gives each value that is supplied from outside a parameter of the template: what is plain and not known, and the addresses of other workloads, which have other ones from a function's place.
func (s *step) collect() {
	var all []string
	where := map[string]map[string]string{} // variable → text → the first workload that has it
	for _, w := range s.src.Workloads {
		if !s.fits[w.Name] {
			continue
		}
		for _, e := range w.Env {
			if text, ok := s.outside(w, e); ok {
				if where[e.Name] == nil {
					where[e.Name] = map[string]string{}
				}
				if where[e.Name][text] == "" {
					where[e.Name][text] = w.Name
				}
			}
		}
	}
	name := map[string]string{} // variable and text → what the parameter is called after
	for variable, texts := range where {
		for text, workload := range texts {
			after := variable
			if len(texts) > 1 {
				after = workload + "_" + variable
			}
			if identifier.MatchString(text) && len(texts) == 1 {
				after = text // a parameter already
			}
			name[variable+"\x00"+text] = after
			all = append(all, after)
		}
	}
	ids := names.Identifiers(all, "HttpApi", "HttpApiUrl", "SubnetIds", "SecurityGroupIds")
	for key, after := range name {
		s.params[key] = ids[after]
	}
}

// outside returns what a variable's value is called after if a parameter takes its place.
func (s *step) outside(w deploy.Workload, e deploy.Env) (string, bool) {
	if !e.Value.IsSet() || e.Value.IsSecret() || s.refused(e.Name) != "" {
		return "", false
	}
	if text, known := e.Value.Reveal(); known {
		return text, len(s.calls(e.Name, text, w.Name)) > 0
	}
	return e.Value.Param(), true
}

// calls lists the workloads that a variable leads to. A lone word is the name of one only where the variable is called like an address: USER=shop is none.
func (s *step) calls(variable, text, self string) []string {
	if !strings.ContainsAny(text, ":/,@") && !pod.IsAddress(variable) {
		return nil
	}
	return s.peersIn(text, self)
}

// refused says why a function cannot have a variable.
func (s *step) refused(name string) string {
	switch {
	case reserved[name]:
		return "Lambda sets it itself, and refuses to have it set"
	case strings.HasPrefix(name, "AWS_LWA_"):
		return "it speaks to the Lambda Web Adapter, which the template does"
	case !envName.MatchString(name):
		return "Lambda accepts no such name of a variable: letters, digits and _ after a letter"
	}
	return ""
}

// lowerEnv leaves texts, references to secrets, and parameters.
func (s *step) lowerEnv(o pod.Workload) {
	kept := o.W.Env[:0]
	secrets := pod.CollectParameters(s.App, s.App.Name.Or("")+"-secrets", "")
	for _, e := range o.W.Env {
		at := []string{"env", e.Name}
		from, to := o.From.Join("env", e.Name, "value"), o.To.Join("env", e.Name, "value")
		if reason := s.refused(e.Name); reason != "" {
			o.L.Drop(o.From.Join(at...), reason, "read another variable")
			continue
		}
		if !e.Value.IsSet() {
			o.L.Drop(o.From.Join(at...), "its value is not known", "set it in the template")
			continue
		}
		text, known := e.Value.Reveal()
		switch called, ok := s.outside(deploy.Workload{Name: o.W.Name}, e); {
		case e.Value.IsSecret() && (known || !strings.Contains(e.Value.Param(), "/")):
			key := e.Value.Param()
			if known {
				key = e.Name
				o.Notice(ledger.Warning, "the secret was readable in the source", "put it into Secrets Manager and think of replacing it", at...)
			}
			e.Value = deploy.Param(secrets.Secret+"/"+names.Key(key), true)
			o.L.Convert(from, "comes from the secret "+secrets.Secret+" of Secrets Manager", to)
		case e.Value.IsSecret():
		case ok:
			id := s.params[e.Name+"\x00"+called]
			e.Value = deploy.Param(id, false)
			if peers := s.calls(e.Name, text, o.W.Name); len(peers) > 0 {
				where := "its address on Kubernetes, as functions reach it (an internal load balancer)"
				if s.fits[peers[0]] {
					where = "the address of the HTTP API with the path that leads to it: deploy once without it, look at the output HttpApiUrl, and deploy again"
				}
				o.L.Approximate(from, "no function can resolve "+strings.Join(peers, ", ")+": the parameter "+id+" says where it is", "was "+text+"; give "+where, to)
				o.Notice(ledger.Warning, fmt.Sprintf("%s was %s: the parameter %s must say where %s is, seen from a function", e.Name, text, id, strings.Join(peers, ", ")), "give "+where, at...)
			} else if called != id {
				o.L.Convert(from, "comes from the parameter "+id+" of the template", to)
			}
		case known:
			now := text
			for _, m := range o.W.Mounts {
				now = relocate(now, was(o, m), m.Path)
			}
			if now != text {
				e.Value = deploy.Plain(now)
				o.L.Convert(from, "a function has its file systems below /mnt", to)
			}
		}
		kept = append(kept, e)
	}
	o.W.Env = kept
}

// was returns the path that a mount had in the source.
func was(o pod.Workload, m deploy.Mount) string {
	for _, move := range o.L.Moves {
		if move.To == o.To.Join("mounts", m.Path) {
			return move.From.Base()
		}
	}
	return m.Path
}

// relocate replaces a directory in a text, where it is not a part of a longer name.
func relocate(text, dir, by string) string {
	dir = path.Clean(dir)
	if dir == "/" || dir == "." || dir == by {
		return text
	}
	var out strings.Builder
	for {
		i := strings.Index(text, dir)
		if i < 0 {
			return out.String() + text
		}
		end := i + len(dir)
		begins := i == 0 && out.Len() == 0 || i > 0 && strings.ContainsAny(text[i-1:i], "=: ,'\"(") || i > 2 && text[i-3:i] == "://"
		ends := end == len(text) || strings.ContainsAny(text[end:end+1], "/: ,'\"?)")
		out.WriteString(text[:i])
		if begins && ends {
			out.WriteString(by)
		} else {
			out.WriteString(dir)
		}
		text = text[end:]
	}
}
