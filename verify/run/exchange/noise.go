package exchange

import (
	"fmt"
	"slices"
	"strconv"
)

// Noise is where the original's own answers differ between two runs from a fresh start.
type Noise struct {
	places   map[int]map[Place]pattern // by item
	unstable map[int]string            // item → why the two runs cannot be compared
	names    []string                  // of the items
}

// Noisy is one place of the noise.
type Noisy struct {
	Item  int    // index into File.Items
	Name  string // of the item
	Place Place
	Form  string // what its values have in common
}

// Hear finds the noise of two recordings of the original.
func Hear(f File, first, second Recording) Noise {
	n := Noise{places: map[int]map[Place]pattern{}, unstable: map[int]string{}}
	for i, it := range f.Items {
		n.names = append(n.names, it.label())
		if i >= len(first.answers) || i >= len(second.answers) {
			n.unstable[i] = "the original was asked once only"
			continue
		}
		a, b := first.answers[i], second.answers[i]
		switch {
		case a.ok() != b.ok(), a.missing != b.missing:
			n.unstable[i] = fmt.Sprintf("the original's own two runs differ: %s, then %s", first.mask.text(a.summary()), second.mask.text(b.summary()))
			continue
		case len(a.unmet) == 0 && len(b.unmet) > 0:
			n.unstable[i] = "the original's second run: " + b.unmet[0].text(second.mask.text)
			continue
		case !a.ok(), it.Do != "":
			continue
		}
		places := map[Place]pattern{}
		hide := func(s string) string { return first.mask.text(second.mask.text(s)) }
		walker{noisy: func(Place) bool { return false }, found: func(at Place, x, y side) {
			switch at.Kind {
			case AtStatus:
				places[at] = pattern{codes: slices.Compact([]int{a.status, b.status})}
			case AtHeader, AtTrailer:
				places[at] = learnText(x.text, y.text, x.there, y.there, hide)
			case AtJSON:
				if x.there && y.there {
					places[at] = learnJSON(x.value, y.value, hide)
				} else {
					places[at] = pattern{optional: true}
				}
			case AtLine:
				if len(x.lines) == 1 && len(y.lines) == 1 && sameLines(a, b) {
					places[at] = learnText(x.lines[0], y.lines[0], true, true, hide)
				} else { // lines come and go: their numbers mean nothing
					places[Place{Kind: AtBody}] = pattern{kinds: []string{string(asText)}}
				}
			case AtBody:
				places[at] = pattern{optional: !x.there || !y.there, kinds: []string{string(x.as), string(y.as)}}
			default:
				places[at] = pattern{optional: true}
			}
		}}.walk(a, b)
		for at, p := range places {
			if p.form == "" {
				p.form = p.describe()
				places[at] = p
			}
		}
		if len(places) > 0 {
			n.places[i] = places
		}
	}
	return n
}

// sameLines reports whether two bodies have as many lines.
func sameLines(a, b answer) bool {
	return len(lines(string(a.body))) == len(lines(string(b.body)))
}

// List tells all of the noise, for the verdict.
func (n Noise) List() []Noisy {
	var out []Noisy
	for item, places := range n.places {
		for at, p := range places {
			out = append(out, Noisy{Item: item, Name: n.names[item], Place: at, Form: p.form})
		}
	}
	slices.SortFunc(out, func(a, b Noisy) int {
		if a.Item != b.Item {
			return a.Item - b.Item
		}
		if a.Place.Kind == AtLine && b.Place.Kind == AtLine {
			x, _ := strconv.Atoi(a.Place.Name)
			y, _ := strconv.Atoi(b.Place.Name)
			return x - y
		}
		if a.Place.String() < b.Place.String() {
			return -1
		}
		return 1
	})
	return out
}

// fits reports whether what another side has at a place can be noise as well.
func (p pattern) fits(at Place, original, s side, a answer) bool {
	switch at.Kind {
	case AtStatus:
		return slices.ContainsFunc(p.codes, func(c int) bool { return c == a.status })
	case AtHeader, AtTrailer:
		return p.fitsText(s.text, s.there)
	case AtLine:
		// With another number of lines the place stands for a whole stretch of them.
		return len(original.lines) == 1 && len(s.lines) == 1 && p.fitsText(s.lines[0], true)
	case AtJSON:
		return p.fitsJSON(s.value, s.there)
	case AtBody:
		return p.optional || s.there && slices.Contains(p.kinds, string(s.as))
	}
	return true
}
