// Package mask hides secrets in what others print.
package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run"
)

// Mask hides what nobody may see in what programs, an engine and a cluster print.
type Mask struct{ secrets []string } // the longest first: one may be a part of another

// Hidden stands in the place of a secret.
const Hidden = "(secret)"

// Of hides every value that people supply, and every secret text of the model, as they are and in the forms in which programs quote them.
func Of(s run.System) Mask {
	var m Mask
	for _, v := range s.Values {
		m.add(v)
	}
	for _, w := range s.App.Workloads {
		for _, e := range w.Env {
			if t, known := e.Value.Reveal(); known && e.Value.IsSecret() {
				m.add(t)
			}
		}
	}
	slices.SortFunc(m.secrets, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	m.secrets = slices.Compact(m.secrets)
	return m
}

func (m *Mask) add(v string) {
	if strings.TrimSpace(v) == "" {
		return
	}
	m.secrets = append(m.secrets, v, strings.ReplaceAll(v, "$", "$$"), url.QueryEscape(v), url.PathEscape(v))
	quoted := strconv.Quote(v)
	m.secrets = append(m.secrets, quoted[1:len(quoted)-1])
	if j, err := json.Marshal(v); err == nil {
		m.secrets = append(m.secrets, string(j[1:len(j)-1]))
	}
	if len(v) >= 6 {
		m.secrets = append(m.secrets, base64.StdEncoding.EncodeToString([]byte(v)), base64.RawURLEncoding.EncodeToString([]byte(v)))
	}
	if strings.Contains(v, "\n") {
		for line := range strings.Lines(v) { // a log breaks it
			if l := strings.TrimSpace(line); len(l) >= 8 {
				m.secrets = append(m.secrets, l)
			}
		}
	}
}

// Text masks a text. A short value is masked where it stands alone: a password of "5" would take every 5 away.
func (m Mask) Text(t string) string {
	for _, s := range m.secrets {
		if len(s) >= 4 {
			t = strings.ReplaceAll(t, s, Hidden)
			continue
		}
		t = replaceAlone(t, s)
	}
	return t
}

func replaceAlone(text, s string) string {
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(text[from:], s)
		if i < 0 {
			b.WriteString(text[from:])
			return b.String()
		}
		i += from
		end := i + len(s)
		b.WriteString(text[from:i])
		if i > 0 && alnum(text[i-1]) || end < len(text) && alnum(text[end]) {
			b.WriteString(s)
		} else {
			b.WriteString(Hidden)
		}
		from = end
	}
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Ending is the last lines of a log, indented, for the end of a message.
func (m Mask) Ending(log []byte, n int) string {
	all := strings.Split(strings.TrimSpace(m.Text(string(bytes.ToValidUTF8(log, []byte("?"))))), "\n")
	all = slices.DeleteFunc(all, func(l string) bool { return strings.TrimSpace(l) == "" })
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	for _, l := range all[max(0, len(all)-n):] {
		l = strings.Map(func(r rune) rune { // no program of a container steers the terminal
			if r < ' ' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, l)
		if len(l) > 400 {
			l = l[:400] + "…"
		}
		b.WriteString("\n    " + l)
	}
	return b.String()
}
