//go:build linux

package processes

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run"
)

// mask hides what nobody may see in what programs and builds print, in the forms too in which they quote it.
type mask struct{ secrets []string }

func maskOf(s run.System) mask {
	var m mask
	for _, v := range s.Values {
		m.add(v)
	}
	for _, w := range s.App.Workloads {
		for _, e := range w.Env {
			if t, ok := e.Value.Reveal(); ok && e.Value.IsSecret() {
				m.add(t)
			}
		}
	}
	slices.SortFunc(m.secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	m.secrets = slices.Compact(m.secrets)
	return m
}

func (m *mask) add(v string) {
	if len(strings.TrimSpace(v)) < 4 { // a password of "5" would take every 5 away
		return
	}
	q := strconv.Quote(v)
	m.secrets = append(m.secrets, v, q[1:len(q)-1], url.QueryEscape(v), url.PathEscape(v))
	if j, err := json.Marshal(v); err == nil {
		m.secrets = append(m.secrets, string(j[1:len(j)-1]))
	}
}

func (m mask) text(t string) string {
	for _, s := range m.secrets {
		t = strings.ReplaceAll(t, s, "(secret)")
	}
	return strings.Map(func(r rune) rune { // no program steers the terminal
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
			return -1
		}
		return r
	}, t)
}
