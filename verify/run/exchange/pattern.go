package exchange

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// pattern is what is known of a value that differs between two runs of the original.
type pattern struct {
	optional bool     // it is absent at times
	kinds    []string // types that it had, of JSON; nil elsewhere
	text     *regexp.Regexp
	codes    []int  // statuses that it had
	form     string // what its values have in common, for people: without secrets
}

// learn makes a pattern of two texts: the words that they have in common, and between them whatever numbers, times and tokens may become. nil: they have no form in common.
//
// What is equal in both is part of the pattern only if it cannot be equal by chance: the hour of two times is the same as long as the runs are near to each other. So everything with a digit in it varies along,
// and so do the names of days and months. A token may have other characters the next time, so -, +, /, = and % beside what varies are part of it.
func learn(a, b string) *regexp.Regexp {
	if len(a) > 1<<16 || len(b) > 1<<16 {
		return nil
	}
	for _, inWord := range []func(rune) bool{letter, func(r rune) bool { return letter(r) || joint(r) }} {
		x, y := words(a, inWord), words(b, inWord)
		if p := common(x, y); p != nil {
			return p
		}
	}
	return nil
}

func letter(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80
}

// joint reports whether a character is a part of tokens, besides letters and digits: those of base64, and of percent-encoding.
func joint(r rune) bool { return strings.ContainsRune("-+/=%", r) }

// words takes a text apart into words and single characters between them.
func words(text string, inWord func(rune) bool) []string {
	var out []string
	open := false
	for _, r := range text {
		if in := inWord(r); in && open {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
			open = in
		}
	}
	return out
}

// vary is what a varying word becomes.
const vary = `[0-9A-Za-z_+/=%\x{80}-\x{10FFFF}-]+`

// common makes the pattern of two lists of words; nil if they are not built alike.
func common(x, y []string) *regexp.Regexp {
	if len(x) != len(y) {
		return nil
	}
	varies := make([]bool, len(x))
	for i := range x {
		isWord := len(x[i]) > 1 || letter([]rune(x[i])[0])
		otherWord := len(y[i]) > 1 || letter([]rune(y[i])[0])
		switch {
		case isWord != otherWord, !isWord && x[i] != y[i]:
			return nil
		case isWord:
			varies[i] = x[i] != y[i] || strings.ContainsAny(x[i], "0123456789") || slices.Contains(calendar, strings.ToLower(x[i]))
		}
	}
	var b strings.Builder
	b.WriteString(`^`)
	for i := 0; i < len(x); i++ {
		if !varies[i] {
			b.WriteString(regexp.QuoteMeta(x[i]))
			continue
		}
		b.WriteString(vary)
		for i+2 < len(x) && varies[i+2] && len(x[i+1]) == 1 && joint(rune(x[i+1][0])) { // one token, as far as anybody can tell
			i += 2
		}
	}
	b.WriteString(`$`)
	p, err := regexp.Compile(b.String())
	if err != nil { // larger than Go compiles
		return nil
	}
	return p
}

// calendar are words of times.
var calendar = []string{
	"mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "am", "pm",
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
}

// learnText is the pattern of two texts of which either may be absent.
func learnText(a, b string, hasA, hasB bool, hide func(string) string) pattern {
	p := pattern{optional: !hasA || !hasB}
	if !p.optional {
		p.text = learn(a, b)
		p.form = pattern{text: learn(hide(a), hide(b))}.describe()
	}
	return p
}

// learnJSON is the pattern of two JSON values.
func learnJSON(a, b any, hide func(string) string) pattern {
	p := pattern{kinds: []string{kindOf(a), kindOf(b)}}
	x, okx := a.(string)
	y, oky := b.(string)
	if okx && oky {
		p.text = learn(x, y)
		p.form = pattern{text: learn(hide(x), hide(y)), kinds: p.kinds}.describe()
	}
	return p
}

// fitsText reports whether a text can be a value of the pattern.
func (p pattern) fitsText(text string, there bool) bool {
	switch {
	case !there:
		return p.optional
	case p.text != nil:
		return p.text.MatchString(text)
	}
	return true
}

// fitsJSON reports whether a JSON value can be one of the pattern.
func (p pattern) fitsJSON(v any, there bool) bool {
	if !there {
		return p.optional
	}
	if p.optional && p.kinds == nil {
		return true
	}
	if !slices.Contains(p.kinds, kindOf(v)) {
		return false
	}
	s, ok := v.(string)
	return !ok || p.text == nil || p.text.MatchString(s)
}

// describe tells what the original's values have in common, for a difference in spite of the noise.
func (p pattern) describe() string {
	switch {
	case p.text != nil:
		return "always like " + strings.NewReplacer(vary, "…", `\`, "").Replace(strings.Trim(p.text.String(), "^$"))
	case len(p.kinds) > 0:
		return "always " + strings.Join(slices.Compact(slices.Sorted(slices.Values(p.kinds))), " or ")
	case len(p.codes) > 0:
		var all []string
		for _, c := range p.codes {
			all = append(all, itoa(c))
		}
		return strings.Join(all, " or ")
	}
	return "always there"
}

// elements lists the values of an object by their paths, or those of an array.
func elements(v any) (keys []segment, at func(segment) (any, bool)) {
	switch x := v.(type) {
	case map[string]any:
		for k := range x {
			keys = append(keys, segment{name: k})
		}
		slices.SortFunc(keys, func(a, b segment) int { return strings.Compare(a.name, b.name) })
		return keys, func(s segment) (any, bool) { e, ok := x[s.name]; return e, ok }
	case []any:
		for i := range x {
			keys = append(keys, segment{index: i, isIndex: true})
		}
		return keys, func(s segment) (any, bool) {
			if s.index >= len(x) {
				return nil, false
			}
			return x[s.index], true
		}
	}
	return nil, func(segment) (any, bool) { return nil, false }
}

// scalar reports whether a JSON value has no parts.
func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// equalScalars compares two values without parts.
func equalScalars(a, b any) bool {
	x, okx := a.(json.Number)
	y, oky := b.(json.Number)
	if okx && oky {
		return sameNumber(x, y)
	}
	return kindOf(a) == kindOf(b) && a == b
}
