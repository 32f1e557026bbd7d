package ledger

import (
	"strings"

	"github.com/deploylift/lift/deploy"
)

// Move records that an element has another name or place after the lowering.
func (l *Lowering) Move(from, to deploy.Path) {
	if from != to {
		l.Moves = append(l.Moves, deploy.Move{From: from, To: to})
	}
}

// Convert records a change of form that keeps the meaning.
func (l *Lowering) Convert(from deploy.Path, reason string, to ...deploy.Path) {
	l.Turns = append(l.Turns, Turn{From: from, To: to, Outcome: Converted, Reason: reason})
}

// Approximate records a change that keeps the meaning nearly.
func (l *Lowering) Approximate(from deploy.Path, reason, remedy string, to ...deploy.Path) {
	l.Turns = append(l.Turns, Turn{From: from, To: to, Outcome: Approximated, Reason: reason, Remedy: remedy})
}

// Drop records a loss.
func (l *Lowering) Drop(from deploy.Path, reason, remedy string) {
	l.Turns = append(l.Turns, Turn{From: from, Outcome: Dropped, Reason: reason, Remedy: remedy})
}

// Idle records that a leaf carries no behaviour on the target.
func (l *Lowering) Idle(from deploy.Path, reason string) {
	l.Turns = append(l.Turns, Turn{From: from, Outcome: Inert, Reason: reason})
}

// Assume records an invented leaf.
func (l *Lowering) Assume(field deploy.Path, value, why string) {
	l.Assumed = append(l.Assumed, Assumption{Field: field, Value: value, Why: why})
}

// After returns the place of a source path in the lowered model as far as moves tell: the longest moved prefix counts.
func After(moves []deploy.Move, p deploy.Path) deploy.Path {
	best := -1
	for i, m := range moves {
		if p.Under(m.From) && (best < 0 || len(m.From) > len(moves[best].From)) {
			best = i
		}
	}
	if best >= 0 {
		p = p.Rebase(moves[best].From, moves[best].To)
	}
	if !strings.Contains(string(p), ".needs.") {
		return p
	}
	n := p.Names()
	if len(n) < 4 || n[0] != "workloads" || n[2] != "needs" {
		return p
	}
	for _, m := range moves { // a need is called after the workload that it leads to
		if m.From == deploy.At("workloads", n[3]) {
			n[3] = m.To.Base()
			return deploy.At(n...)
		}
	}
	return p
}

// Residue returns the paths of the source model that the step had to drop: a later step may hold them.
func Residue(source deploy.App, l Lowering) []deploy.Path {
	var out []deploy.Path
	for _, t := range l.Turns {
		if (t.Outcome == Dropped || t.Later) && len(t.To) == 0 && !t.Stays && deploy.Has(source, t.From) {
			out = append(out, t.From)
		}
	}
	return out
}

// Next returns what the next step starts from: the lowered model and, grafted into it, what this step had to drop.
func Next(source, lowered deploy.App, l Lowering) deploy.App {
	next := deploy.Clone(lowered)
	for _, p := range Residue(source, l) {
		if at := After(l.Moves, p); !deploy.Has(next, at) && parentExists(next, at) {
			// a place that exists can be grafted to: both models have the same shape
			_ = deploy.Graft(&next, at, source, p)
			deploy.Lead(&next, at, func(to deploy.Path) deploy.Path { return After(l.Moves, to) })
		}
	}
	deploy.Sort(&next)
	return next
}

// parentExists reports whether the workload or volume that the path belongs to is still there, so that a graft brings back a part and never half an element.
func parentExists(a deploy.App, p deploy.Path) bool {
	n := p.Names()
	return len(n) <= 2 || deploy.Has(a, deploy.At(n[:2]...))
}
