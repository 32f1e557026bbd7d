// Package exposed takes secrets out of command lines. Everybody on a machine can read the arguments of a process, and everybody who reads a manifest or an image those that stand in it: so a
// secret becomes an environment variable of its workload, and the command line refers to it. What cannot refer to a variable, the path of an HTTP probe, is dropped.
package exposed

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// Hide changes, in place, all commands of the system that carry a secret, and says so at the settings that the commands come from.
func Hide(r *detect.Result) {
	for i := range r.App.Workloads {
		h := &hider{r, &r.App.Workloads[i], deploy.At("workloads", r.App.Workloads[i].Name)}
		h.command(&h.w.Command, h.at.Join("command"))
		for _, list := range []struct {
			field string
			tasks []deploy.Task
		}{{"before", h.w.Before}, {"started", h.w.Started}, {"stopping", h.w.Stopping}} {
			for k := range list.tasks {
				h.command(&list.tasks[k].Command, h.at.Join(list.field, strconv.Itoa(k), "command"))
			}
		}
		for _, p := range []struct {
			field string
			probe *deploy.Probe
		}{{"startup", &h.w.Probes.Startup}, {"readiness", &h.w.Probes.Readiness}, {"liveness", &h.w.Probes.Liveness}} {
			at := h.at.Join("probes", p.field)
			h.command(&p.probe.Command, at.Join("command"))
			if secret.Holds(p.probe.Path.Or("")) {
				h.dropProbe(p.probe, at)
			}
		}
	}
}

// hider works on one workload.
type hider struct {
	r  *detect.Result
	w  *deploy.Workload
	at deploy.Path
}

// span is a secret in one word of a command line.
type span struct{ word, from, to int }

func (h *hider) command(c *deploy.Command, at deploy.Path) {
	if shell := c.Shell.IsSet(); shell && len(c.Argv) == 1 {
		if script, ok := c.Argv[0].Literal(); ok {
			if spans := secret.Find(script); len(spans) > 0 {
				c.Argv[0] = deploy.Lit(h.script(script, spans, at.Join("argv")))
			}
		}
	} else {
		h.words(c.Argv, at.Join("argv"))
	}
	h.words(c.Entrypoint, at.Join("entrypoint"))
}

// words puts variables in the places of the secrets of a command line.
func (h *hider) words(argv deploy.Argv, at deploy.Path) {
	spans := find(argv)
	for i := len(spans) - 1; i >= 0; i-- { // from the last one, so that the places of the others stay right
		s := spans[i]
		text, _ := argv[s.word].Literal()
		if len(argv[s.word]) > 1 { // what stood behind is a variable already
			text = argv[s.word][0].Text
		}
		word := deploy.Word{}
		if s.from > 0 {
			word = append(word, deploy.Part{Text: text[:s.from]})
		}
		before := text[:s.from]
		if before == "" && s.word > 0 {
			before, _ = argv[s.word-1].Literal()
		}
		word = append(word, deploy.Part{Var: h.variable(before, text[s.from:s.to], at)})
		if s.to < len(text) {
			word = append(word, deploy.Part{Text: text[s.to:]})
		}
		argv[s.word] = append(word, tail(argv[s.word])...)
	}
}

// tail returns what follows the first part of a word.
func tail(w deploy.Word) deploy.Word { return slices.Clone(w[min(1, len(w)):]) }

// find returns the secrets of a command line, in order: what has the form of one in the line as a whole, and the values of options that are secret by their names.
func find(argv deploy.Argv) []span {
	var out []span
	add := func(s span) {
		for _, x := range out {
			if x.word == s.word && x.from < s.to && s.from < x.to {
				return
			}
		}
		out = append(out, s)
	}
	var line strings.Builder
	starts := make([]int, len(argv)+1)
	for i, w := range argv {
		starts[i] = line.Len()
		text, ok := w.Literal()
		if !ok {
			text = w.String()
		}
		line.WriteString(text + " ")
	}
	starts[len(argv)] = line.Len()
	option := ""
	for i, w := range argv {
		text, ok := w.Literal()
		name, value, assigned := strings.Cut(text, "=")
		switch {
		case !ok || i == 0:
		case assigned && strings.HasPrefix(name, "-") && secret.Looks(name, value):
			add(span{i, len(name) + 1, len(text)})
		case !assigned && !strings.HasPrefix(text, "-") && secret.Looks(option, text) && !secret.Holds(text):
			add(span{i, 0, len(text)})
		}
		option = ""
		if ok && strings.HasPrefix(text, "-") && !assigned {
			option = text
		}
	}
	for _, s := range secret.Find(line.String()) {
		for i, w := range argv {
			if text, ok := w.Literal(); ok && s[0] < starts[i]+len(text) && s[1] > starts[i] {
				add(span{i, max(s[0]-starts[i], 0), min(s[1]-starts[i], len(text))})
			}
		}
	}
	slices.SortFunc(out, func(a, b span) int {
		if a.word != b.word {
			return a.word - b.word
		}
		return a.from - b.from
	})
	return out
}

// script puts variables in the places of the secrets of a shell's script, so that the shell sees what stood there: inside of double quotes, of single quotes, or without.
func (h *hider) script(text string, spans [][2]int, at deploy.Path) string {
	var b strings.Builder
	end := 0
	for _, s := range spans {
		b.WriteString(text[end:s[0]])
		q := quoting(text[:s[0]])
		name := "${" + h.variable(text[:s[0]], plain(text[s[0]:s[1]], q), at) + "}"
		switch q {
		case '\'':
			name = `'"` + name + `"'`
		case 0:
			name = `"` + name + `"`
		}
		b.WriteString(name)
		end = s[1]
	}
	return b.String() + text[end:]
}

// quoting returns the quote that is open at the end of a script's beginning, 0 for none.
func quoting(text string) byte {
	var q byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && q != '\'':
			i++
		case q == 0 && (c == '"' || c == '\''):
			q = c
		case c == q:
			q = 0
		}
	}
	return q
}

// plain takes away the backslashes that a shell would (POSIX, Shell Command Language, 2.2).
func plain(text string, q byte) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (q == 0 || q == '"' && strings.IndexByte("$`\"\\", text[i+1]) >= 0) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// label is the option or the variable that a secret is the value of.
var label = lazyregexp.New(`([A-Za-z][A-Za-z0-9_.-]*)(?:\s*[=:]\s*|\s+)?["']?$`)

// generic is the name of a secret that no option and no variable names.
const generic = "SECRET_ARGUMENT"

// variable gives the workload an environment variable with the secret and returns its name: the one that has the same text already, or one after the option that it stood behind.
func (h *hider) variable(before, text string, at deploy.Path) string {
	value := deploy.Secret(text)
	for _, e := range h.w.Env {
		if e.Value.Equal(value) {
			h.say(e.Name, at)
			return e.Name
		}
	}
	name := generic
	if m := label.FindStringSubmatch(before); m != nil && secret.Name(m[1]) {
		name = strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(m[1]))
	}
	taken := func(n string) bool {
		return slices.ContainsFunc(h.w.Env, func(e deploy.Env) bool { return e.Name == n })
	}
	if taken(name) && name != generic {
		name = "ARG_" + name
	}
	for base, n := name, 2; taken(name); n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	h.w.Env = append(h.w.Env, deploy.Env{Name: name, Value: value})
	if i := h.claimant(at); i >= 0 {
		h.r.Doc.Reads = append(h.r.Doc.Reads, ledger.Read{Setting: i, Outcome: ledger.Converted, Fields: []deploy.Path{h.at.Join("env", name, "value")}})
	}
	h.say(name, at)
	return name
}

// say warns of the secret, and hides the settings in which it stands.
func (h *hider) say(name string, at deploy.Path) {
	key, pos := "the command", ledger.Pos{}
	if i := h.claimant(at); i >= 0 {
		key, pos = h.r.Doc.Settings[i].Key, h.r.Doc.Settings[i].At
	}
	h.conceal(at)
	f := ledger.Finding{
		Severity: ledger.Warning, At: pos, What: key + " carries a secret, which every user of the machine can see",
		Remedy: "it becomes the environment variable " + name + " here; put it into an environment file",
	}
	if !slices.Contains(h.r.Findings, f) {
		h.r.Findings = append(h.r.Findings, f)
	}
}

// claimant returns the first setting that gave the field, -1 for none.
func (h *hider) claimant(at deploy.Path) int {
	for _, r := range h.r.Doc.Reads {
		if slices.Contains(r.Fields, at) {
			return r.Setting
		}
	}
	return -1
}

func (h *hider) conceal(at deploy.Path) {
	for _, r := range h.r.Doc.Reads {
		if !slices.Contains(r.Fields, at) {
			continue
		}
		s := &h.r.Doc.Settings[r.Setting]
		if text, ok := s.Value.Reveal(); ok {
			s.Value = deploy.Secret(text)
		}
	}
}

// dropProbe takes away an HTTP probe whose path holds a secret.
func (h *hider) dropProbe(p *deploy.Probe, at deploy.Path) {
	h.conceal(at.Join("path"))
	*p = deploy.Probe{}
	for i := range h.r.Doc.Reads {
		r := &h.r.Doc.Reads[i]
		had := len(r.Fields)
		r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f deploy.Path) bool { return f.Under(at) })
		if had > 0 && len(r.Fields) == 0 {
			r.Outcome, r.Reason, r.Remedy = ledger.Dropped, "the address of the health check carries a secret, which no manifest may hold", "let the program answer a health check without it"
		}
	}
}
