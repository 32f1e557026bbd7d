package exchange

import (
	"slices"
	"strings"
)

// walker looks for what differs between two answers. The comparison of two sides and that of two runs of the original walk the same way; what they do at a place is theirs.
type walker struct {
	noisy func(at Place) bool // differences at and below it are not looked for
	// found is called at each place where the answers differ. lines are the differing lines of a text, on both sides.
	found func(at Place, a, b side)
}

// side is what one answer has at a place.
type side struct {
	there bool
	text  string   // as a report shows it
	value any      // of JSON
	lines []string // of a text
	as    shape    // of a body
}

func shown(text string) side { return side{there: true, text: text} }

// walk looks at two answers place by place.
func (w walker) walk(a, b answer) {
	plain := func(k Kind, x, y string) {
		if x != y || w.noisy(Place{Kind: k}) {
			w.found(Place{Kind: k}, shown(x), shown(y))
		}
	}
	plain(AtStatus, itoa(a.status), itoa(b.status))
	plain(AtProtocol, a.protocol, b.protocol)
	plain(AtFraming, a.framing, b.framing)
	plain(AtConnection, a.connection, b.connection)
	w.headers(AtHeader, a.normal, b.normal)
	w.headers(AtTrailer, a.trailer, b.trailer)
	w.bodies(a, b)
}

// headers looks at two sets of header fields.
func (w walker) headers(k Kind, a, b map[string][]string) {
	var names []string
	for n := range a {
		names = append(names, n)
	}
	for n := range b {
		if _, ok := a[n]; !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		x, hasX := a[n]
		y, hasY := b[n]
		if k == AtHeader {
			switch n {
			case "Content-Length", "Connection", "Keep-Alive": // framing and connection stand for them
				continue
			case "Date":
				if hasX == hasY {
					continue
				}
			}
		}
		at := Place{Kind: k, Name: n}
		if hasX != hasY || !slices.Equal(x, y) || w.noisy(at) {
			w.found(at, side{there: hasX, text: strings.Join(x, ", ")}, side{there: hasY, text: strings.Join(y, ", ")})
		}
	}
}

// bodies looks at two bodies.
func (w walker) bodies(a, b answer) {
	at := Place{Kind: AtBody}
	as, av := a.look()
	bs, bv := b.look()
	switch {
	case w.noisy(at):
		w.found(at, body(a, as), body(b, bs))
	case as != bs:
		w.found(at, body(a, as), body(b, bs))
	case as == asJSON:
		w.json(nil, av, bv)
	case as == asText:
		w.text(string(a.body), string(b.body))
	case as == asBytes && (string(a.body) != string(b.body) || a.cut != b.cut):
		w.found(at, body(a, as), body(b, bs))
	}
}

// json looks at two JSON values.
func (w walker) json(p path, a, b any) {
	at := Place{Kind: AtJSON, Name: p.String()}
	if w.noisy(at) {
		w.found(at, side{there: true, text: compact(a), value: a}, side{there: true, text: compact(b), value: b})
		return
	}
	kindA, kindB := kindOf(a), kindOf(b)
	if kindA != kindB || scalar(a) || len(p) > most {
		if kindA != kindB || scalar(a) && !equalScalars(a, b) || !scalar(a) && !sameJSON(a, b) {
			w.found(at, side{there: true, text: compact(a), value: a}, side{there: true, text: compact(b), value: b})
		}
		return
	}
	keysA, inA := elements(a)
	keysB, inB := elements(b)
	if kindA == "array" && len(keysA) != len(keysB) {
		w.found(at, side{there: true, text: count(len(keysA)) + ": " + compact(a), value: a}, side{there: true, text: count(len(keysB)) + ": " + compact(b), value: b})
		return
	}
	for _, k := range keysB {
		if _, ok := inA(k); !ok {
			keysA = append(keysA, k)
		}
	}
	for _, k := range keysA {
		x, hasX := inA(k)
		y, hasY := inB(k)
		below := append(slices.Clone(p), k)
		if hasX && hasY {
			w.json(below, x, y)
			continue
		}
		w.found(Place{Kind: AtJSON, Name: below.String()}, side{there: hasX, text: compact(x), value: x}, side{there: hasY, text: compact(y), value: y})
	}
}

func count(n int) string {
	if n == 1 {
		return "1 element"
	}
	return itoa(n) + " elements"
}

// text looks at two texts line by line: by number where both have as many, else as one stretch between the lines that both begin and end with.
func (w walker) text(a, b string) {
	x, y := lines(a), lines(b)
	if len(x) == len(y) {
		for i := range x {
			at := Place{Kind: AtLine, Name: itoa(i + 1)}
			if x[i] != y[i] || w.noisy(at) {
				w.found(at, side{there: true, text: lineText(x[i], y[i]), lines: []string{trimEnd(x[i])}}, side{there: true, text: lineText(y[i], x[i]), lines: []string{trimEnd(y[i])}})
			}
		}
		return
	}
	first := 0
	for first < len(x) && first < len(y) && x[first] == y[first] {
		first++
	}
	endX, endY := len(x), len(y)
	for endX > first && endY > first && x[endX-1] == y[endY-1] {
		endX, endY = endX-1, endY-1
	}
	w.found(Place{Kind: AtLine, Name: itoa(first + 1)}, stretch(x[first:endX]), stretch(y[first:endY]))
}

// lines takes a text apart into lines with their ends.
func lines(text string) []string {
	all := strings.SplitAfter(text, "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
}

func trimEnd(l string) string { return strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r") }

// lineText is a line as it is shown: without its end, unless that is all that differs.
func lineText(l, other string) string {
	if trimEnd(l) == trimEnd(other) {
		return strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(l)
	}
	return trimEnd(l)
}

// stretch is what one side has between the lines that are the same: nothing, one line, or the first one of several.
func stretch(lines []string) side {
	s := side{there: len(lines) > 0}
	for _, l := range lines {
		s.lines = append(s.lines, trimEnd(l))
	}
	switch {
	case len(lines) == 1:
		s.text = s.lines[0]
	case len(lines) > 1:
		s.text = itoa(len(lines)) + " lines: " + s.lines[0]
	}
	return s
}

// body is a body as a whole.
func body(a answer, as shape) side {
	s := side{there: len(a.body) > 0, as: as}
	switch as {
	case asNothing:
		s.text = "empty"
	case asBytes:
		s.text = digest(a)
	default:
		s.text = string(as) + ", " + itoa(len(a.body)) + " bytes: " + firstLine(string(a.body))
	}
	return s
}

func firstLine(text string) string {
	l, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(l, "\r")
}
