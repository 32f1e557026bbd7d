package pipeline

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Difference is something that the files on disk say otherwise than the source means.
type Difference struct {
	Target string
	deploy.Change
	Source ledger.Pos // the setting that it comes from
	Here   ledger.Pos // where it stands on disk, or the place that it is missing from
}

// Verify reads the files of each stage as they are on disk and compares them with what was meant. It returns the differences, and what is wrong with the files themselves.
func Verify(sources []detect.Source, l Lifted, disk detect.Tree) ([]Difference, []ledger.Finding, error) {
	var out []Difference
	var findings []ledger.Finding
	for k, st := range l.Stages {
		back, err := readBack(sources, st.Reader, disk)
		if err != nil {
			return nil, nil, err
		}
		findings = append(findings, back.Findings...)
		first := len(out)
		for _, c := range deploy.Diff(st.Lowered, back.App) {
			p := c.From
			if p == "" {
				p = c.To
			}
			origin := p
			for i := k; i >= 0; i-- {
				origin = originOf(l.Stages[i].Lowering, origin)
			}
			d := Difference{Target: st.Name, Change: c, Source: positionOf(l.Source.Doc, origin)}
			if c.Kind == deploy.Removed {
				d.Here = placeOf(back.Doc, p)
			} else {
				d.Here = positionOf(back.Doc, c.To)
			}
			out = append(out, d)
		}
		out = append(out, unmeant(st, back, disk, out[first:])...)
	}
	return out, findings, nil
}

// originOf returns where a place of the lowered model came from: the turn that leads to it, or the moves.
func originOf(l ledger.Lowering, p deploy.Path) deploy.Path {
	for _, t := range l.Turns {
		for _, to := range t.To {
			if p == to || p.Under(to) {
				return t.From
			}
		}
	}
	return back(l.Moves, p)
}

// placeOf returns the place that something is missing from: the nearest recorded one above it, or a neighbour's.
func placeOf(doc ledger.Doc, p deploy.Path) ledger.Pos {
	for q := p.Parent(); q != ""; q = q.Parent() {
		for _, pl := range doc.Places {
			if pl.Path == q {
				return pl.At
			}
		}
		if q.Workload() != "" && len(q.Names()) > 2 {
			if at := positionOf(ledger.Doc{Settings: doc.Settings, Reads: doc.Reads}, q); at.File != "" {
				return at
			}
		}
	}
	return ledger.Pos{}
}
