package run

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Hop is one step between two tiers: what the ledger says of it.
type Hop struct{ Lowering ledger.Lowering }

// fates answers what the ledger says of places of the original model at the tiers above.
type fates struct {
	way     []Hop
	entries map[deploy.Path]ledger.Entry
	below   map[string][]deploy.Path // the places of a workload
	sources func(deploy.Path) ledger.Pos
}

// newFates follows every place of the original model through the steps.
func newFates(original deploy.App, way []Hop, sources func(deploy.Path) ledger.Pos) (fates, error) {
	f := fates{way: way, entries: map[deploy.Path]ledger.Entry{}, below: map[string][]deploy.Path{}, sources: sources}
	var doc ledger.Doc
	for _, p := range deploy.Paths(original) {
		doc.Reads = append(doc.Reads, ledger.Read{Setting: len(doc.Settings), Fields: []deploy.Path{p}, Outcome: ledger.Converted})
		doc.Settings = append(doc.Settings, ledger.Setting{Key: string(p)})
	}
	hops := make([]ledger.Hop, len(way))
	for i, h := range way {
		hops[i] = ledger.Hop{Lowering: h.Lowering}
	}
	entries, err := ledger.Join(doc, hops...)
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		p := e.Fields[0]
		f.entries[p] = e
		f.below[p.Workload()] = append(f.below[p.Workload()], p)
	}
	return f, nil
}

// fate is what the ledger says of a place at a tier.
type fate struct {
	known   bool // it says something beyond "as it was"
	lost    bool // approximated or dropped
	reason  string
	remedy  string
	outcome ledger.Outcome
	at      ledger.Pos
}

// of tells what became of the place of the original model at the k-th step (from 0).
func (f fates) of(p deploy.Path, k int) fate {
	var out fate
	if f.sources != nil {
		out.at = f.sources(p)
	}
	if e, ok := f.entries[p]; ok && k < len(e.Tiers) {
		t := e.Tiers[k]
		out.outcome, out.reason, out.remedy = t.Outcome, t.Reason, t.Remedy
		out.lost = t.Outcome.Loss()
	}
	if !out.lost && out.outcome != ledger.Inert { // a change of form, or a thing that the tier's files add: by what they say of it
		for i := k; i >= 0; i-- {
			q := f.forward(p, i)
			for _, t := range f.way[i].Lowering.Turns {
				if out.reason == "" && covers(t.To, q) && t.Reason != "" {
					out.reason, out.remedy = t.Reason, t.Remedy
				}
			}
			for _, a := range f.way[i].Lowering.Assumed {
				if out.reason == "" && q.Under(a.Field) {
					out.reason = a.Why
				}
			}
		}
	}
	if out.reason == "" && f.turned(p, k) {
		out.reason = "it is said in another form there"
	}
	out.known = out.lost || out.outcome == ledger.Inert || out.reason != ""
	return out
}

// turned reports whether a turn on the way speaks of the place.
func (f fates) turned(p deploy.Path, k int) bool {
	at := p
	for i := 0; i <= k; i++ {
		for _, t := range f.way[i].Lowering.Turns {
			if at.Under(t.From) || covers(t.To, f.forward(p, i)) {
				return true
			}
		}
		at = ledger.After(f.way[i].Lowering.Moves, at)
	}
	return false
}

func covers(to []deploy.Path, p deploy.Path) bool {
	for _, t := range to {
		if p.Under(t) {
			return true
		}
	}
	return false
}

// forward returns where a place of the original model is after the k-th step, as far as moves tell.
func (f fates) forward(p deploy.Path, k int) deploy.Path {
	for i := 0; i <= k; i++ {
		p = ledger.After(f.way[i].Lowering.Moves, p)
	}
	return p
}

// name returns what the original's workload is called after the k-th step.
func (f fates) name(workload string, k int) string {
	return f.forward(deploy.At("workloads", workload), k).Base()
}
