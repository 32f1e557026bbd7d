package exchange

import (
	"encoding/base64"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// hidden is what stands in the place of what must not be shown.
const hidden = "(secret)"

// mask hides secrets in what is shown, in each form that a request or an answer may have them in.
type mask struct {
	secrets []string
	with    *strings.Replacer
	short   []string // secrets of so few characters that they are parts of other words by chance
}

// escapes are those of a URL, which some write in small letters.
var escapes = regexp.MustCompile(`%[0-9A-F]{2}`)

// newMask makes a mask for some secrets. An empty text is none.
func newMask(secrets []string) *mask {
	m := &mask{}
	m.hide(secrets...)
	return m
}

// hide adds secrets.
func (m *mask) hide(secrets ...string) {
	for _, s := range secrets {
		if s == "" {
			continue
		}
		if lines := strings.Split(s, "\n"); len(lines) > 1 { // answers are compared line by line
			for _, l := range lines {
				if len(l) >= 8 {
					m.hide(strings.TrimSuffix(l, "\r"))
				}
			}
		}
		quoted := quoteJSON(s)
		goQuoted := strconv.Quote(s)
		forms := []string{
			s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), quoted[1 : len(quoted)-1], goQuoted[1 : len(goQuoted)-1],
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
		}
		forms = append(forms, escapes.ReplaceAllStringFunc(forms[1], strings.ToLower), escapes.ReplaceAllStringFunc(forms[2], strings.ToLower))
		for _, f := range forms {
			switch {
			case len(f) < 4 && !slices.Contains(m.short, f):
				m.short = append(m.short, f)
			case len(f) >= 4 && !slices.Contains(m.secrets, f):
				m.secrets = append(m.secrets, f)
			}
		}
	}
	// The longest first: one may be a part of another.
	slices.SortStableFunc(m.secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, s := range m.secrets {
		pairs = append(pairs, s, hidden)
	}
	m.with = strings.NewReplacer(pairs...)
}

// text returns a text without the secrets. A very short one is taken for itself only where it stands alone.
func (m *mask) text(s string) string {
	s = m.with.Replace(s)
	for _, secret := range m.short {
		from := 0
		for {
			i := strings.Index(s[from:], secret)
			if i < 0 {
				break
			}
			i += from
			if end := i + len(secret); alone(s[:i], s[end:]) {
				s = s[:i] + hidden + s[end:]
				from = i + len(hidden)
			} else {
				from = i + 1
			}
		}
	}
	return s
}

// alone reports whether what stands between two texts is a word of its own.
func alone(before, after string) bool {
	word := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
	}
	return (before == "" || !word(before[len(before)-1])) && (after == "" || !word(after[0]))
}
