// Package pipeline is the loop of lift: read the sources, lower the model one step after the other, write each step, read back what was written, and check all of it.
package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/merge"
	"github.com/deploylift/lift/verify"
)

// Step is one way up: a target, the tier that it reaches, and the name of the source that reads back what it writes.
type Step struct {
	convert.Target
	Tier   detect.Tier
	Reader string
}

// Stage is one step that was taken.
type Stage struct {
	Step
	Before   deploy.App // what the step started from
	Lowered  deploy.App
	Lowering ledger.Lowering
	Set      fileset.Set
	Back     detect.Result
}

// Lifted is a whole migration, in memory.
type Lifted struct {
	Source      Detected
	Stages      []Stage
	Entries     []ledger.Entry
	Assumptions []ledger.Assumption
	Findings    []ledger.Finding
	Problems    []verify.Problem // breaches of the structural checks: bugs in lift
	Set         fileset.Set      // all files of all stages
	Accepted    []AcceptedStay   // workloads that stay on the tier before with the user's consent
}

// AcceptedStay is a workload of which lift.yaml says that it may stay on the tier before.
type AcceptedStay struct {
	Workload, Reason string
	At               ledger.Pos
}

// Lift takes the detected system up the steps. With findings of severity error nothing is lowered: what cannot be read is not guessed.
func Lift(sources []detect.Source, d Detected, steps []Step) (Lifted, error) {
	l := Lifted{Source: d, Findings: d.Findings}
	l.Problems = verify.Claims(d.App, d.Doc)
	if l.Faulty() {
		var err error
		l.Entries, err = ledger.Join(d.Doc)
		return l, err
	}
	cur := d.App
	var hops []ledger.Hop
	var sets []fileset.Set
	var here []convert.Notice // of the step below, that matter where its target is used
	for _, s := range steps {
		if s.Tier <= d.Tier {
			continue
		}
		st := Stage{Step: s, Before: cur}
		var notices []convert.Notice
		st.Lowered, st.Lowering, notices = s.Lower(cur)
		if next, ok := l.Source.nameImages(cur, st.Lowering, hops); ok {
			cur, st.Before = next, next
			st.Lowered, st.Lowering, notices = s.Lower(cur)
			l.Problems = append(l.Problems, verify.Claims(l.Source.App, l.Source.Doc)...)
		}
		l.check(verify.Lowering(cur, st.Lowered, st.Lowering), s.Name)
		var err error
		if st.Set, err = s.Write(st.Lowered); err != nil {
			return l, fmt.Errorf("internal: %s: %w; please report", s.Name, err)
		}
		if st.Back, err = readBack(sources, s.Reader, TreeOf(st.Set)); err != nil {
			return l, err
		}
		l.Problems = append(l.Problems, st.Check(st.Back)...)
		last := !slices.ContainsFunc(steps, func(next Step) bool { return next.Tier > s.Tier })
		l.notices(slices.DeleteFunc(slices.Clone(notices), func(n convert.Notice) bool { return n.Here && !last }), hops)
		if held, on := here, slices.ContainsFunc(st.Lowering.Turns, func(t ledger.Turn) bool { return t.Stays && deploy.Has(cur, t.From) && t.From.Workload() != "" }); on {
			l.notices(held, hops[:max(len(hops)-1, 0)]) // what stays on the tier below is used there
		}
		if len(hops) == 0 && s.Tier == detect.Serverless {
			l.ownManifests(st)
		}
		here = slices.DeleteFunc(notices, func(n convert.Notice) bool { return !n.Here })
		if len(hops) == 0 {
			l.uses(st.Lowering.Moves)
		}
		for _, a := range st.Lowering.Assumed { // under the names that the source has, which lift.yaml speaks
			a.Field = back(st.Lowering.Moves, a.Field)
			for i := len(hops) - 1; i >= 0; i-- {
				a.Field = back(hops[i].Moves, a.Field)
			}
			l.Assumptions = append(l.Assumptions, a)
		}
		l.Stages = append(l.Stages, st)
		hops = append(hops, ledger.Hop{Lowering: st.Lowering, Back: st.Back.Doc})
		sets = append(sets, st.Set)
		cur = ledger.Next(cur, st.Lowered, st.Lowering)
	}
	var err error
	if l.Set, err = fileset.Join(sets...); err != nil {
		return l, fmt.Errorf("internal: %w; please report", err)
	}
	if l.Entries, err = ledger.Join(l.Source.Doc, hops...); err != nil {
		return l, err
	}
	l.settle()
	l.accept()
	return l, nil
}

// Faulty reports whether a finding stops the run.
func (l *Lifted) Faulty() bool {
	return slices.ContainsFunc(l.Findings, func(f ledger.Finding) bool { return f.Severity == ledger.Error })
}

func (l *Lifted) check(ps []verify.Problem, step string) {
	for _, p := range ps {
		p.Check += " " + step
		l.Problems = append(l.Problems, p)
	}
}

// Check holds what was read of the files of a stage against what was meant: it is the same (readback), what the reader claims is there (claims), and nothing that is written was read as an
// error (refused) or as lost (lost).
func (st Stage) Check(back detect.Result) []verify.Problem {
	var out []verify.Problem
	bad := func(check string, p verify.Problem) {
		p.Check = check + " " + st.Name
		out = append(out, p)
	}
	for _, p := range verify.Claims(back.App, back.Doc) {
		bad(p.Check, p)
	}
	for _, c := range verify.ReadBack(st.Lowered, back.App) {
		bad("readback", verify.Problem{Path: c.At(), What: c.String()})
	}
	for _, f := range back.Findings {
		if f.Severity == ledger.Error {
			bad("refused", verify.Problem{What: f.String()})
		}
	}
	for _, r := range back.Doc.Reads { // a file says what is meant and nothing else; what it leaves out adds nothing either
		if at := back.Doc.Settings[r.Setting]; r.Outcome == ledger.Dropped {
			how := "is written"
			if at.Implied {
				how = "is not ruled out"
			}
			bad("lost", verify.Problem{What: at.At.String() + ": " + at.Key + " " + how + ", but read as lost: " + r.Reason})
		}
	}
	return out
}

// TreeOf makes a set of files readable for sources.
func TreeOf(set fileset.Set) detect.Tree {
	t := detect.Tree{FS: set.FS()}
	for _, f := range set.Files() {
		t.Paths = append(t.Paths, f.Path)
	}
	return t
}

// readBack reads written files with the source of their format.
func readBack(sources []detect.Source, name string, t detect.Tree) (detect.Result, error) {
	i := slices.IndexFunc(sources, func(s detect.Source) bool { return s.Name == name })
	if i < 0 {
		return detect.Result{}, fmt.Errorf("internal: no source %q reads what was written; please report", name)
	}
	inputs, err := Read(sources, sources[i], t, sources[i].Match(t.Paths))
	if err != nil {
		return detect.Result{}, err
	}
	return merge.Merge(inputs...), nil
}

// notices turns what a lowering has to say of places in its model into findings at the settings that these places come from.
func (l *Lifted) notices(list []convert.Notice, before []ledger.Hop) {
	for _, n := range list {
		if n.Port != "" && l.Source.Behind[n.Port] != "" {
			continue // said already, with the name of what listens there
		}
		p := n.Path
		for i := len(before) - 1; i >= 0; i-- {
			p = back(before[i].Moves, p)
		}
		l.Findings = append(l.Findings, ledger.Finding{Severity: n.Severity, At: positionOf(l.Source.Doc, p), What: n.What, Remedy: n.Remedy})
	}
}

// ownManifests tells that what stays on Kubernetes stays in the user's own manifests, which are not where lift itself writes them.
func (l *Lifted) ownManifests(st Stage) {
	for _, f := range st.Set.Files() {
		if strings.HasSuffix(f.Path, "kustomization.yaml") && strings.Contains(string(f.Data), "/kubernetes/base/") {
			l.Findings = append(l.Findings, ledger.Finding{
				Severity: ledger.Warning, At: ledger.Pos{File: f.Path}, What: "names what stays by the folders that lift would write, kubernetes/base/…, and it stays in your own manifests",
				Remedy: "put the paths of your manifests in their place, or apply those as before and leave this list alone",
			})
		}
	}
}

// uses says what has to change in files and code that are carried along as they are: their addresses lead to what the workloads are called from now on.
func (l *Lifted) uses(moves []deploy.Move) {
	for _, u := range l.Source.Uses {
		l.Findings = append(l.Findings, u.Finding(func(workload string) string {
			return ledger.After(moves, deploy.At("workloads", workload)).Base()
		}))
	}
}

// back follows moves to where a place came from.
func back(moves []deploy.Move, p deploy.Path) deploy.Path {
	reversed := make([]deploy.Move, len(moves))
	for i, m := range moves {
		reversed[i] = deploy.Move{From: m.To, To: m.From}
	}
	return ledger.After(reversed, p)
}

// positionOf returns where the documents say something of the path: of itself, of what lies below it, or of the nearest place above it.
func positionOf(doc ledger.Doc, p deploy.Path) ledger.Pos {
	var below, workload ledger.Pos
	if p == "" {
		return below // of the system as a whole
	}
	for _, r := range doc.Reads {
		at := doc.Settings[r.Setting].At
		if at.File == "" {
			continue
		}
		for _, f := range r.Fields {
			switch {
			case f == p:
				return at
			case below.File == "" && f.Under(p):
				below = at
			}
		}
	}
	if below.File != "" {
		return below
	}
	for q := p; q != ""; q = q.Parent() {
		for _, pl := range doc.Places {
			if pl.Path == q && workload.File == "" {
				workload = pl.At
			}
		}
	}
	return workload
}
