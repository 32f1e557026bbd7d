// Package verify holds the checks over a migration. The structural ones run on every run: what was written says what was meant (ReadBack), what a step changed is what it declared
// (Lowering), and what a reader claims is there (Claims). Each returns the problems it found, none when all is well.
package verify

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Problem is a breach of a structural check.
type Problem struct {
	Check string      // lowering, readback, claims
	Path  deploy.Path // of the model
	What  string      // redacted
}

// String prints the problem as the message of an internal error.
func (p Problem) String() string { return p.Check + ": " + string(p.Path) + ": " + p.What }

// ReadBack checks that what an independent reader found in the written files is what was meant.
func ReadBack(meant, read deploy.App) []deploy.Change { return deploy.Diff(meant, read) }

// Claims checks what a reader says of its documents: every setting is accounted for, every field that it claims is set, by one live claimant, and every field that is set is claimed.
// Presence of an element counts as claimed with any leaf below it; an element of which nothing else is set must be claimed itself.
func Claims(app deploy.App, doc ledger.Doc) []Problem {
	var out []Problem
	bad := func(p deploy.Path, what string) { out = append(out, Problem{Check: "claims", Path: p, What: what}) }
	accounted := make([]bool, len(doc.Settings))
	owner := make(map[deploy.Path]int, len(doc.Reads))
	for i, r := range doc.Reads {
		if r.Setting < 0 || r.Setting >= len(doc.Settings) {
			bad("", "a read speaks of a setting that does not exist")
			continue
		}
		s := doc.Settings[r.Setting]
		accounted[r.Setting] = accounted[r.Setting] || r.Outcome != ledger.Unaccounted
		if r.Outcome != ledger.Converted && r.Reason == "" {
			bad("", s.At.String()+": "+s.Key+": "+r.Outcome.String()+" without a reason")
		}
		if (r.Outcome == ledger.Converted || r.Outcome == ledger.Approximated) != (len(r.Fields) > 0) {
			bad("", s.At.String()+": "+s.Key+": "+r.Outcome.String()+", but it claims another number of fields")
		}
		for _, f := range r.Fields {
			if !deploy.Has(app, f) {
				bad(f, s.At.String()+": "+s.Key+" claims it, but it is not set")
			}
			if k, ok := owner[f]; ok && !(doc.Reads[k].Part && r.Part) && doc.Reads[k].Setting != r.Setting {
				bad(f, "claimed by "+s.At.String()+" and by "+doc.Settings[doc.Reads[k].Setting].At.String())
			}
			owner[f] = i
		}
	}
	for i, ok := range accounted {
		if !ok {
			bad("", doc.Settings[i].At.String()+": "+doc.Settings[i].Key+" unaccounted")
		}
	}
	elements := map[deploy.Path]bool{} // whether something below was claimed
	deploy.Visit(app, func(path []byte, l deploy.Leaf) {
		p := deploy.Path(path)
		_, claimed := owner[p]
		if l.Presence() {
			elements[p] = elements[p] || claimed
			return
		}
		if !claimed {
			bad(p, "set by no setting")
		}
		for q := p.Parent(); q != ""; q = q.Parent() {
			if _, isElement := elements[q]; isElement {
				elements[q] = true
			}
		}
	})
	for p, ok := range elements {
		if !ok {
			bad(p, "there, but no setting says so")
		}
	}
	return out
}
