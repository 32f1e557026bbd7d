// Package convert defines what a step is: the way one tier up. Each step lives in a folder of its own below this one.
package convert

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
)

// Runbook is the file of the output that tells how the system is cut over.
const Runbook = "lift-runbook.md"

// Target is what a step writes.
type Target struct {
	Name string // "compose", as in --to
	Doc  string // one line
	// Lower changes the model to what the target can hold and says all that it changed. It is pure: it works on a copy. Findings are what the user should know or do, with the
	// place in the model that they speak of.
	Lower func(deploy.App) (deploy.App, ledger.Lowering, []Notice)
	// Write prints the lowered model. It is pure and has no ledger, so it may not lose anything, and never leaves a value out because it is a default.
	Write func(deploy.App) (fileset.Set, error)
	// Drops lists, for each place of the model that the target never holds, the reason. "*" stands for one name.
	Drops []Drop
}

// Notice is something that the user should know about a place of the source model; the pipeline gives it the position of the setting that the place comes from.
type Notice struct {
	Severity ledger.Severity
	Path     deploy.Path
	What     string
	Remedy   string
	Port     string // of this machine, where it speaks of an address that leads to no workload
	Here     bool   // it matters only where this target is the one that is used, not a step on the way
}

// Drop says why a place of the model has no counterpart at a target.
type Drop struct {
	Path    string // pattern; "*" stands for one name
	Outcome ledger.Outcome
	Reason  string
	Remedy  string
	Later   bool // a later step may make use of it all the same
}

// Apply removes from the model, in place, all that a target never holds, and records each loss. It is the last act of a Lower: what has been converted by then is gone from these
// places already. A pattern for a group or a collection drops it as a whole.
func Apply(drops []Drop, a *deploy.App, l *ledger.Lowering, source func(deploy.Path) deploy.Path) {
	patterns := make([][]string, len(drops))
	for i, d := range drops {
		patterns[i] = deploy.Path(d.Path).Names()
	}
	gone := map[deploy.Path]bool{}
	for _, p := range deploy.Paths(*a) {
		names := p.Names()
		for i, want := range patterns {
			if !fits(want, names) {
				continue
			}
			at := deploy.At(names[:len(want)]...)
			if !gone[at] {
				gone[at] = true
				l.Turns = append(l.Turns, ledger.Turn{From: source(at), Outcome: drops[i].Outcome, Reason: drops[i].Reason, Remedy: drops[i].Remedy, Later: drops[i].Later})
			}
			break
		}
	}
	for at := range gone {
		_ = deploy.Unset(a, at) // it was just listed
	}
}

// fits reports whether the pattern fits the path or a place above it.
func fits(pattern, path []string) bool {
	if len(pattern) > len(path) {
		return false
	}
	for i, want := range pattern {
		if want != "*" && want != path[i] {
			return false
		}
	}
	return true
}
