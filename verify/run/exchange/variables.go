package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// reference is a variable in a text: "id", "env:PASSWORD", "env:orders/PASSWORD".
type reference string

// environment reports whether the reference is to the environment of a workload, and to which one's, "" for any.
func (r reference) environment() (workload, name string, ok bool) {
	rest, ok := strings.CutPrefix(string(r), "env:")
	if !ok {
		return "", "", false
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		return rest[:i], rest[i+1:], true
	}
	return "", rest, true
}

// variable reports whether a text can be the name of what is kept.
func variable(name string) bool {
	for i, c := range []byte(name) {
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && (c == '-' || c >= '0' && c <= '9')) {
			return false
		}
	}
	return name != ""
}

// pieces takes a text apart at its variables: f gets what stands between, and the references.
func pieces(text string, literal func(string), ref func(reference)) error {
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			literal(text)
			return nil
		}
		if i > 0 && text[i-1] == '$' { // $${ is ${
			literal(text[:i-1])
			literal("${")
			text = text[i+2:]
			continue
		}
		literal(text[:i])
		name, rest, ok := strings.Cut(text[i+2:], "}")
		r := reference(name)
		if w, n, env := r.environment(); !ok || !(env && n != "" && !strings.ContainsAny(w+n, " ${") || !env && variable(name)) {
			return fmt.Errorf("${%s is no variable", clip(strings.SplitN(text[i+2:], "\n", 2)[0]))
		}
		ref(r)
		text = rest
	}
}

// references lists the variables of a text.
func references(text string) ([]reference, error) {
	var out []reference
	err := pieces(text, func(string) {}, func(r reference) { out = append(out, r) })
	return out, err
}

// kept is the value of a variable: as text, and as JSON if it came out of some.
type kept struct {
	text string
	json string // "" if it did not
}

// lookup finds the value of a variable.
type lookup func(reference) (kept, error)

// expand puts the values in the place of the variables. with, if it is not nil, changes a value before.
func (l lookup) expand(text string, with func(string) string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var b strings.Builder
	var fault error
	err := pieces(text, func(s string) { b.WriteString(s) }, func(r reference) {
		v, err := l(r)
		if err != nil && fault == nil {
			fault = err
		}
		if with != nil {
			v.text = with(v.text)
		}
		b.WriteString(v.text)
	})
	if err == nil {
		err = fault
	}
	return b.String(), err
}

// pattern puts the values in the place of the variables of a pattern, where they mean themselves.
func (l lookup) pattern(text string) (*regexp.Regexp, error) {
	p, err := l.expand(text, regexp.QuoteMeta)
	if err != nil {
		return nil, err
	}
	return compile(p)
}

// json puts the values in the place of the variables of a JSON text: between quotes as text, elsewhere as values.
func (l lookup) json(text string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var b strings.Builder
	inside, escaped := false, false
	var fault error
	err := pieces(text, func(s string) {
		for i := range len(s) {
			switch {
			case escaped:
				escaped = false
			case inside && s[i] == '\\':
				escaped = true
			case s[i] == '"':
				inside = !inside
			}
		}
		b.WriteString(s)
	}, func(r reference) {
		v, err := l(r)
		if err != nil && fault == nil {
			fault = err
		}
		quoted := quoteJSON(v.text)
		switch {
		case inside:
			b.WriteString(quoted[1 : len(quoted)-1])
		case v.json != "":
			b.WriteString(v.json)
		case json.Valid([]byte(v.text)):
			b.WriteString(v.text)
		default:
			b.WriteString(quoted)
		}
	})
	if err == nil {
		err = fault
	}
	return b.String(), err
}

// quoteJSON prints a text as JSON, and leaves <, > and & as they are.
func quoteJSON(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text)
	return strings.TrimSuffix(b.String(), "\n")
}

// checkJSON reports whether a JSON text with variables can be one.
func checkJSON(text string) error {
	t, err := lookup(func(reference) (kept, error) { return kept{text: "0", json: "0"}, nil }).json(text)
	if err != nil {
		return err
	}
	_, err = decodeJSON([]byte(t))
	return err
}

// environment finds the values of the environment variables of a side.
type environment struct {
	app    deploy.App
	called func(string) string // the original's workloads on this side
	given  map[string]string   // by the name of the parameter
}

// value finds the value of a variable, and tells whether it must not be shown.
func (e environment) value(workload, name string) (text string, secret bool, err error) {
	found := false
	for _, w := range e.app.Workloads {
		if workload != "" && w.Name != e.called(workload) {
			continue
		}
		for _, v := range w.Env {
			if v.Name != name {
				continue
			}
			t, known := v.Value.Reveal()
			if !known {
				t, known = e.given[v.Value.Param()]
			}
			switch {
			case !known:
				continue
			case found && t != text:
				return "", false, fmt.Errorf("%s differs between the workloads; write ${env:WORKLOAD/%s}", name, name)
			}
			text, found = t, true
			secret = secret || v.Value.IsSecret() || v.Value.Param() != ""
		}
	}
	if found {
		return text, secret, nil
	}
	if t, ok := e.given[name]; ok {
		return t, true, nil
	}
	return "", false, fmt.Errorf("nobody knows the value of %s", name)
}

// secrets lists everything that must not be shown.
func (e environment) secrets() []string {
	var out []string
	for _, t := range e.given {
		out = append(out, t)
	}
	for _, w := range e.app.Workloads {
		for _, v := range w.Env {
			if t, ok := v.Value.Reveal(); ok && v.Value.IsSecret() {
				out = append(out, t)
			}
		}
	}
	return out
}
