// Package report turns a migration into what a person, a bot or a script reads: text, Markdown or JSON from one value.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/pipeline"
)

// Report is the stable contract of the JSON output; schema.json describes it.
type Report struct {
	Version     int          `json:"version"` // of this format: 1
	Verb        string       `json:"verb"`    // detect, diff, migrate, verify
	Target      string       `json:"target,omitempty"`
	Summary     Summary      `json:"summary"`
	Workloads   []Workload   `json:"workloads"`
	Findings    []Finding    `json:"findings"`
	Ledger      []Entry      `json:"ledger"`
	Assumptions []Assumption `json:"assumptions"`
	Files       []File       `json:"files"`
	Differences []Difference `json:"differences,omitempty"`
	Diff        string       `json:"diff,omitempty"` // unified, of the files that would change

	AcceptedStays []AcceptedStay `json:"acceptedStays,omitempty"`
}

// AcceptedStay is a workload of which lift.yaml says that it may stay on the tier before.
type AcceptedStay struct {
	Workload string `json:"workload"`
	Reason   string `json:"reason"`
	At       Target `json:"at"`
}

// Summary counts the settings that stand in the sources by outcome; what platforms imply is counted apart.
type Summary struct {
	Settings     int `json:"settings"`
	Converted    int `json:"converted"`
	Approximated int `json:"approximated"`
	Dropped      int `json:"dropped"`
	Overridden   int `json:"overridden"`
	Inert        int `json:"inert"`
	Implied      int `json:"implied"`
	ImpliedLost  int `json:"impliedLost"` // of these, approximated or dropped
	Stays        int `json:"stays"`       // workloads that do not fit the target and stay on the tier before
	Accepted     int `json:"accepted"`    // of the losses and of what stays, those that lift.yaml accepts
}

// Workload is one program that runs.
type Workload struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Source string `json:"source"` // the tier's source: systemd, procfile, compose, …
	File   string `json:"file"`
	Line   int    `json:"line"`
	Runs   string `json:"runs,omitempty"` // its command line, secrets left out
}

// Entry is one setting of the source and what became of it.
type Entry struct {
	File    string   `json:"file"` // "" for a default that a platform implies
	Line    int      `json:"line"`
	Spec    string   `json:"spec,omitempty"` // the specification that implies it
	Key     string   `json:"key"`
	Implied bool     `json:"implied,omitempty"`
	Outcome string   `json:"outcome"`
	Reason  string   `json:"reason"`
	Remedy  string   `json:"remedy"`
	Fields  []string `json:"fields"`
	Targets []Target `json:"targets"`
	Tiers   []Tier   `json:"tiers,omitempty"`

	Accepted   string  `json:"accepted,omitempty"` // why lift.yaml takes the loss for harmless
	AcceptedAt *Target `json:"acceptedAt,omitempty"`

	outcome ledger.Outcome
}

// Target is a line of a written file that carries the setting.
type Target struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// String returns "file:line", or the file alone where no line says it.
func (t Target) String() string {
	if t.Line == 0 {
		return t.File
	}
	return fmt.Sprintf("%s:%d", t.File, t.Line)
}

// Tier is what became of the setting at one step.
type Tier struct {
	Target  string `json:"target"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
}

// Assumption is what lift decided because the source does not say it.
type Assumption struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Why   string `json:"why"`
}

// Finding is something that the user should know.
type Finding struct {
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	What     string `json:"what"`
	Remedy   string `json:"remedy"`
}

// File is one file of the output and what happens to it: create, update, unchanged, delete, keep.
type File struct {
	Path   string `json:"path"`
	Change string `json:"change"`
	Note   string `json:"note,omitempty"`
}

// Difference is something that the files say otherwise than the source means.
type Difference struct {
	Target string  `json:"target"`
	Kind   string  `json:"kind"` // removed, added, changed, collision
	Field  string  `json:"field"`
	Meant  string  `json:"meant,omitempty"`
	Found  string  `json:"found,omitempty"`
	Source *Target `json:"source,omitempty"` // the setting that it comes from
	Here   *Target `json:"here,omitempty"`   // where it stands, or the place that it is missing from
}

// New makes the report of a migration.
func New(verb, target string, l pipeline.Lifted) Report {
	r := Report{Version: 1, Verb: verb, Target: target, Workloads: []Workload{}, Findings: []Finding{}, Ledger: []Entry{}, Assumptions: []Assumption{}, Files: []File{}}
	for _, w := range l.Source.App.Workloads {
		at := placeOf(l.Source.Doc, deploy.At("workloads", w.Name))
		command := w.Command.Argv.String()
		if script, ok := w.Command.Argv.Literals(); ok && w.Command.Shell.IsSet() {
			command = strings.Join(script, " ")
		}
		r.Workloads = append(r.Workloads, Workload{Name: w.Name, Kind: w.Kind.String(), Source: sourceOf(l.Source.Sources), File: at.File, Line: at.Line, Runs: command})
	}
	for _, f := range l.Findings {
		r.Findings = append(r.Findings, Finding{string(f.Severity), f.At.File, f.At.Line, f.What, f.Remedy})
	}
	rank := map[string]int{string(ledger.Error): 0, string(ledger.Warning): 1, string(ledger.Info): 2}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank[a.Severity], rank[b.Severity]), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.What, b.What))
	})
	r.Findings = slices.Compact(r.Findings)
	var targets []string
	for _, s := range l.Stages {
		targets = append(targets, s.Name)
		r.Summary.Stays = 0 // what counts is the last target
		for _, t := range s.Lowering.Turns {
			if t.Stays && t.From.Workload() != "" {
				r.Summary.Stays++
			}
		}
	}
	for _, e := range l.Entries {
		r.Ledger = append(r.Ledger, entry(e, targets))
		r.Summary.count(e)
	}
	slices.SortStableFunc(r.Ledger, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.outcome, a.outcome), compareBool(a.Implied, b.Implied), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	for _, a := range l.Assumptions {
		key := a.Field
		if a.Key != "" {
			key = a.Key
		}
		r.Assumptions = append(r.Assumptions, Assumption{string(key), deploy.InUnits(a.Field, a.Value), a.Why})
	}
	for _, s := range l.Accepted {
		r.AcceptedStays = append(r.AcceptedStays, AcceptedStay{s.Workload, s.Reason, Target{s.At.File, s.At.Line}})
		r.Summary.Accepted++
	}
	return r
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func sourceOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	out := ""
	for i, n := range names {
		if i > 0 {
			out += "+"
		}
		out += n
	}
	return out
}

func placeOf(doc ledger.Doc, p deploy.Path) ledger.Pos {
	for _, pl := range doc.Places {
		if pl.Path == p {
			return pl.At
		}
	}
	return ledger.Pos{}
}

func entry(e ledger.Entry, targets []string) Entry {
	out := Entry{File: e.At.File, Line: e.At.Line, Spec: e.At.Spec, Key: e.Key, Implied: e.Implied, Outcome: e.Outcome.String(), Reason: e.Reason, Remedy: e.Remedy, Fields: []string{}, Targets: []Target{}, outcome: e.Outcome}
	out.Accepted, out.AcceptedAt = e.Accepted, at(e.AcceptedAt)
	for _, f := range e.Fields {
		out.Fields = append(out.Fields, string(f))
	}
	for k, t := range e.Tiers {
		out.Tiers = append(out.Tiers, Tier{targets[k], t.Outcome.String(), t.Reason})
		for _, p := range t.Targets {
			if at := (Target{p.File, p.Line}); !slices.Contains(out.Targets, at) {
				out.Targets = append(out.Targets, at)
			}
		}
	}
	return out
}

func (s *Summary) count(e ledger.Entry) {
	if e.Implied {
		s.Implied++
		if e.Outcome.Loss() {
			s.ImpliedLost++
		}
		return
	}
	s.Settings++
	if e.Accepted != "" {
		s.Accepted++
	}
	switch e.Outcome {
	case ledger.Converted:
		s.Converted++
	case ledger.Approximated:
		s.Approximated++
	case ledger.Dropped:
		s.Dropped++
	case ledger.Overridden:
		s.Overridden++
	case ledger.Inert:
		s.Inert++
	}
}

// Losses counts the stated settings that the target does not hold as they are, and the workloads that do not fit it, without those that lift.yaml accepts.
func (r Report) Losses() int {
	return r.Summary.Approximated + r.Summary.Dropped + r.Summary.Stays - r.Summary.Accepted
}

// Differ makes differences part of the report.
func (r *Report) Differ(list []pipeline.Difference) {
	r.Differences = []Difference{}
	for _, d := range list {
		out := Difference{Target: d.Target, Kind: string(d.Kind), Field: string(d.At()), Meant: d.Old, Found: d.New}
		out.Source, out.Here = at(d.Source), at(d.Here)
		r.Differences = append(r.Differences, out)
	}
}

func at(p ledger.Pos) *Target {
	if p.File == "" {
		return nil
	}
	return &Target{p.File, p.Line}
}
