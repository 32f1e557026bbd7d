package verify

import (
	"fmt"
	"maps"
	"slices"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Lowering checks that what a step changed is exactly what it declared, both ways: no silent loss, no stale excuse, and outcomes as Diff shows them. It returns one problem a line, none
// when all is declared.
func Lowering(source, lowered deploy.App, l ledger.Lowering) []Problem {
	var out []Problem
	bad := func(p deploy.Path, format string, args ...any) {
		out = append(out, Problem{Check: "lowering", Path: p, What: fmt.Sprintf(format, args...)})
	}
	for _, m := range l.Moves {
		if !deploy.Has(source, m.From) {
			bad(m.From, "stale move: the source has no such place")
		}
		if !deploy.Has(lowered, m.To) {
			bad(m.To, "stale move: the lowered model has no such place")
		}
	}
	usedTurn := make([]bool, len(l.Turns))
	usedAssumption := make([]bool, len(l.Assumed))
	ix := newIndex(l)
	added := map[deploy.Path]bool{}
	for _, c := range deploy.Diff(source, lowered, l.Moves...) {
		switch c.Kind {
		case deploy.Collision:
			bad(c.From, "collides with another element at %s", c.To)
		case deploy.Removed:
			i := ix.from(c.From)
			if i < 0 {
				bad(c.From, "lost without a word")
				continue
			}
			usedTurn[i] = true
		case deploy.Changed:
			i := ix.from(c.From)
			if i < 0 {
				bad(c.From, "changed without a word: %q became %q", c.Old, c.New)
				continue
			}
			usedTurn[i] = true
			if !reaches(l.Turns[i], c.To) {
				bad(c.From, "changed at %s, where its turn does not lead", c.To)
			}
			if l.Turns[i].Outcome < ledger.Converted || l.Turns[i].Outcome > ledger.Approximated {
				bad(c.From, "declared %s, but it is there: %q", l.Turns[i].Outcome, c.New)
			}
		case deploy.Added:
			found := false
			for _, i := range ix.byTo.near(c.To) {
				usedTurn[i], found = true, true
			}
			for _, i := range ix.assumed.near(c.To) {
				usedAssumption[i], found = true, true
			}
			if !found {
				bad(c.To, "invented without a word: %s", c.New)
			} else if !ix.byTo.covers(c.To) && !ix.assumed.covers(c.To) {
				added[c.To] = true
			}
		}
	}
	if len(added) > 0 { // elements declared by some of their leaves: each leaf must be
		deploy.Visit(lowered, func(path []byte, leaf deploy.Leaf) {
			p := deploy.Path(path)
			if !leaf.Presence() && underAny(added, p) && !ix.byTo.covers(p) && !ix.assumed.covers(p) {
				bad(p, "invented without a word: %s", leaf)
			}
		})
	}
	for i, t := range l.Turns {
		if !usedTurn[i] {
			bad(t.From, "stale turn: nothing changed there (%s)", t.Reason)
		}
		if t.Outcome != ledger.Converted && t.Reason == "" {
			bad(t.From, "%s without a reason", t.Outcome)
		}
		if len(t.To) > 0 == (t.Outcome == ledger.Dropped || t.Outcome == ledger.Inert) {
			bad(t.From, "declared %s, but it leads to %d places", t.Outcome, len(t.To))
		}
		for _, to := range t.To {
			if !deploy.Has(lowered, to) {
				bad(t.From, "its turn leads to %s, which is not there", to)
			}
		}
		if len(t.To) == 0 {
			if at := ledger.After(l.Moves, t.From); deploy.Has(lowered, at) && deploy.Has(source, t.From) && len(ix.byTo.at[at]) == 0 && len(ix.assumed.at[at]) == 0 {
				bad(t.From, "declared %s, but it is still there", t.Outcome)
			}
		}
	}
	for i, a := range l.Assumed {
		if !usedAssumption[i] {
			bad(a.Field, "stale assumption: nothing was added there")
		}
		if a.Why == "" {
			bad(a.Field, "assumed without a reason")
		}
	}
	return out
}

func reaches(t ledger.Turn, p deploy.Path) bool {
	for _, to := range t.To {
		if p.Under(to) {
			return true
		}
	}
	return false
}

// index finds the turns and assumptions that speak of a place.
type index struct {
	byFrom        map[deploy.Path]int
	byTo, assumed places
}

func newIndex(l ledger.Lowering) index {
	ix := index{byFrom: make(map[deploy.Path]int, len(l.Turns)), byTo: places{at: map[deploy.Path][]int{}}, assumed: places{at: map[deploy.Path][]int{}}}
	for i, t := range l.Turns {
		if _, ok := ix.byFrom[t.From]; !ok {
			ix.byFrom[t.From] = i
		}
		for _, to := range t.To {
			ix.byTo.at[to] = append(ix.byTo.at[to], i)
		}
	}
	for i, a := range l.Assumed {
		ix.assumed.at[a.Field] = append(ix.assumed.at[a.Field], i)
	}
	ix.byTo.sorted = slices.Sorted(maps.Keys(ix.byTo.at))
	ix.assumed.sorted = slices.Sorted(maps.Keys(ix.assumed.at))
	return ix
}

// from returns the turn of the nearest place at or above p, -1 for none.
func (ix index) from(p deploy.Path) int {
	for q := p; q != ""; q = q.Parent() {
		if i, ok := ix.byFrom[q]; ok {
			return i
		}
	}
	return -1
}

// places maps paths to indexes and answers for what lies at, above or below a path.
type places struct {
	at     map[deploy.Path][]int
	sorted []deploy.Path
}

// near returns what speaks of p, of a place above it or of one below it: an added element is one change with all its leaves, each of which may be declared on its own.
func (x places) near(p deploy.Path) []int {
	var out []int
	for q := p; q != ""; q = q.Parent() {
		out = append(out, x.at[q]...)
	}
	i, _ := slices.BinarySearch(x.sorted, p+".")
	for ; i < len(x.sorted) && x.sorted[i].Under(p); i++ {
		out = append(out, x.at[x.sorted[i]]...)
	}
	return out
}

// covers reports whether something speaks of p or of a place above it.
func (x places) covers(p deploy.Path) bool {
	for q := p; q != ""; q = q.Parent() {
		if len(x.at[q]) > 0 {
			return true
		}
	}
	return false
}

func underAny(set map[deploy.Path]bool, p deploy.Path) bool {
	for q := p; q != ""; q = q.Parent() {
		if set[q] {
			return true
		}
	}
	return false
}
