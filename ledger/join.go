package ledger

import (
	"fmt"
	"maps"
	"slices"

	"github.com/deploylift/lift/deploy"
)

// Hop is one step with what was read back from the files that it wrote.
type Hop struct {
	Lowering
	Back Doc
}

// Tier is what became of a setting at one step.
type Tier struct {
	Outcome Outcome
	Reason  string
	Remedy  string
	Targets []Pos
}

// Entry is one setting of the source with all that became of it. Outcome, Reason and Remedy are those of the last step; a setting is worth its worst field.
type Entry struct {
	Setting
	Fields  []deploy.Path
	Outcome Outcome
	Reason  string
	Remedy  string
	Tiers   []Tier // one for each step

	Accepted   string // why lift.yaml takes the loss for harmless
	AcceptedAt Pos
}

// Join follows every setting of the source through the hops. It fails on a setting that nobody accounted for.
func Join(source Doc, hops ...Hop) ([]Entry, error) {
	reads := make([][]int, len(source.Settings))
	for i, r := range source.Reads {
		if r.Setting < 0 || r.Setting >= len(source.Settings) {
			return nil, fmt.Errorf("internal: read %d speaks of setting %d of %d; please report", i, r.Setting, len(source.Settings))
		}
		reads[r.Setting] = append(reads[r.Setting], i)
	}
	traces := make([]*tracer, len(hops))
	for i, h := range hops {
		traces[i] = newTracer(h)
	}
	out := make([]Entry, 0, len(source.Settings))
	for i, s := range source.Settings {
		if len(reads[i]) == 0 {
			return nil, fmt.Errorf("internal: %s: %s unaccounted; please report", s.At, s.Key)
		}
		e := Entry{Setting: s, Tiers: make([]Tier, len(hops))}
		for _, r := range reads[i] {
			rd := source.Reads[r]
			if rd.Outcome == Unaccounted {
				return nil, fmt.Errorf("internal: %s: %s unaccounted; please report", s.At, s.Key)
			}
			e.Fields = append(e.Fields, rd.Fields...)
			first := Tier{Outcome: rd.Outcome, Reason: rd.Reason, Remedy: rd.Remedy}
			if len(rd.Fields) == 0 {
				for k := range e.Tiers {
					e.Tiers[k].worsen(first)
				}
				e.worsen(first)
				continue
			}
			if len(hops) == 0 {
				e.worsen(first)
			}
			for _, f := range rd.Fields {
				follow(f, first, traces, &e)
			}
		}
		if n := len(hops); n > 0 {
			last := e.Tiers[n-1]
			e.Outcome, e.Reason, e.Remedy = last.Outcome, last.Reason, last.Remedy
		}
		for k := range e.Tiers {
			slices.SortFunc(e.Tiers[k].Targets, comparePos)
			e.Tiers[k].Targets = slices.Compact(e.Tiers[k].Targets)
		}
		out = append(out, e)
	}
	return out, nil
}

func comparePos(a, b Pos) int {
	switch {
	case a.File != b.File:
		if a.File < b.File {
			return -1
		}
		return 1
	case a.Line != b.Line:
		return a.Line - b.Line
	}
	return a.Col - b.Col
}

func (t *Tier) worsen(u Tier) {
	if u.Outcome > t.Outcome {
		t.Outcome, t.Reason, t.Remedy = u.Outcome, u.Reason, u.Remedy
	}
	t.Targets = append(t.Targets, u.Targets...)
}

func (e *Entry) worsen(u Tier) {
	if u.Outcome > e.Outcome {
		e.Outcome, e.Reason, e.Remedy = u.Outcome, u.Reason, u.Remedy
	}
}

// follow traces one field through all hops and adds what became of it to the entry's tiers.
func follow(f deploy.Path, first Tier, traces []*tracer, e *Entry) {
	at := []deploy.Path{f}
	state := first // what holds without the losses that a later tier makes good
	var below Tier // what became of it a tier below
	for k := range traces {
		shown := Tier{Outcome: state.Outcome, Reason: state.Reason, Remedy: state.Remedy}
		var next []deploy.Path
		for _, p := range at {
			t := traces[k].turn(p)
			switch {
			case t == nil:
				next = append(next, After(traces[k].moves, p))
			case t.Stays && p != t.From && k > 0:
				shown.Targets = append(shown.Targets, traces[k-1].lines(p)...)
				shown.worsen(Tier{Outcome: below.Outcome, Reason: below.Reason, Remedy: below.Remedy}) // what was lost there is lost for good
			case t.Stays:
				shown.worsen(Tier{Outcome: t.Outcome, Reason: t.Reason, Remedy: t.Remedy})
			case len(t.To) == 0:
				shown.worsen(Tier{Outcome: t.Outcome, Reason: t.Reason, Remedy: t.Remedy})
				next = append(next, After(traces[k].moves, p)) // the residue: a later step may hold it
			default:
				now := Tier{Outcome: t.Outcome, Reason: t.Reason, Remedy: t.Remedy}
				shown.worsen(now)
				state.worsen(now)
				next = append(next, t.To...)
			}
		}
		for _, p := range next {
			shown.Targets = append(shown.Targets, traces[k].lines(p)...)
		}
		e.Tiers[k].worsen(shown)
		below = shown
		at = next
	}
}

// tracer answers for one hop where a path goes and which lines hold it.
type tracer struct {
	moves  []deploy.Move
	turns  map[deploy.Path]*Turn
	at     map[deploy.Path][]Pos
	sorted []deploy.Path // keys of at, made at the first need
}

func newTracer(h Hop) *tracer {
	t := &tracer{moves: h.Moves, turns: make(map[deploy.Path]*Turn, len(h.Turns)), at: make(map[deploy.Path][]Pos, len(h.Back.Reads))}
	for i := range h.Turns {
		// of several turns for one path the one that loses most speaks
		if old := t.turns[h.Turns[i].From]; old == nil || h.Turns[i].Outcome > old.Outcome {
			t.turns[h.Turns[i].From] = &h.Turns[i]
		}
	}
	for _, r := range h.Back.Reads {
		s := h.Back.Settings[r.Setting]
		if s.At.File == "" {
			continue
		}
		for _, f := range r.Fields {
			t.at[f] = append(t.at[f], s.At)
		}
	}
	return t
}

// turn finds the turn of the path or of the nearest place above it.
func (t *tracer) turn(p deploy.Path) *Turn {
	for q := p; q != ""; q = q.Parent() {
		if found := t.turns[q]; found != nil {
			return found
		}
	}
	return nil
}

// lines returns the positions that hold the path, or its parts: the first one in each file.
func (t *tracer) lines(p deploy.Path) []Pos {
	if at := t.at[p]; len(at) > 0 {
		return firsts(at)
	}
	if t.sorted == nil {
		t.sorted = slices.Sorted(maps.Keys(t.at))
	}
	var out []Pos
	i, _ := slices.BinarySearch(t.sorted, p+".")
	for ; i < len(t.sorted) && t.sorted[i].Under(p); i++ {
		out = append(out, t.at[t.sorted[i]]...)
	}
	return firsts(out)
}

// firsts keeps the first position in each file.
func firsts(at []Pos) []Pos {
	out := slices.SortedFunc(slices.Values(at), comparePos)
	return slices.CompactFunc(out, func(a, b Pos) bool { return a.File == b.File })
}
