// Package pod holds what the steps to Kubernetes and to Knative have in common: both end in a pod, with the same rules for commands, probes, quantities, environment and security.
// Each file answers for one part of a pod: what its lowering changes, and what is printed.
package pod

import (
	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Step is one run of a Lower: the model on its way and all that is said about it.
type Step struct {
	App     deploy.App
	L       ledger.Lowering
	Notices []convert.Notice
	src     deploy.App
	origin  map[deploy.Path]deploy.Path // element of App → element of the source
}

// NewStep begins a lowering on a copy of the model.
func NewStep(src deploy.App) *Step {
	return &Step{App: deploy.Clone(src), src: src, origin: map[deploy.Path]deploy.Path{}}
}

// Rename records that an element has another name from now on.
func (s *Step) Rename(from, to deploy.Path) {
	s.L.Move(from, to)
	s.origin[to] = from
}

// Source returns where a place of the model on its way was in the source.
func (s *Step) Source(p deploy.Path) deploy.Path {
	if n := p.Names(); len(n) >= 2 {
		element := deploy.At(n[:2]...)
		if from, ok := s.origin[element]; ok {
			return p.Rebase(element, from)
		}
	}
	return p
}

// Notice tells the user something about a place of the source. Where the source has nothing at that place, the nearest one above it is meant.
func (s *Step) Notice(severity ledger.Severity, at deploy.Path, what, remedy string) {
	for at != "" && !deploy.Has(s.src, at) {
		at = at.Parent()
	}
	s.Notices = append(s.Notices, convert.Notice{Severity: severity, Path: at, What: what, Remedy: remedy})
}

// Workload is one workload on its way.
type Workload struct {
	*Step
	W    *deploy.Workload
	From deploy.Path // in the source
	To   deploy.Path // in the lowered model
}

// Workload returns the i-th workload with its places.
func (s *Step) Workload(i int) Workload {
	to := deploy.At("workloads", s.App.Workloads[i].Name)
	return Workload{Step: s, W: &s.App.Workloads[i], From: s.Source(to), To: to}
}

// Notice tells the user something about the workload, or about a place in it.
func (o Workload) Notice(severity ledger.Severity, what, remedy string, at ...string) {
	o.Step.Notice(severity, o.From.Join(at...), what, remedy)
}

// Default gives a leaf that is absent a value and records the assumption.
func Default[T deploy.Scalar](o Workload, f *deploy.Opt[T], v T, why string, at ...string) {
	if f.IsSet() {
		return
	}
	*f = deploy.Some(v)
	o.L.Assume(o.To.Join(at...), f.String(), why)
}

// Convert gives a leaf that is set another form.
func Convert[T deploy.Scalar](o Workload, f *deploy.Opt[T], v T, reason string, at ...string) {
	if !f.IsSet() || f.Is(v) {
		return
	}
	*f = deploy.Some(v)
	o.L.Convert(o.From.Join(at...), reason, o.To.Join(at...))
}

// Approximate gives a leaf that is set another value.
func Approximate[T deploy.Scalar](o Workload, f *deploy.Opt[T], v T, reason, remedy string, at ...string) {
	if !f.IsSet() || f.Is(v) {
		return
	}
	*f = deploy.Some(v)
	o.L.Approximate(o.From.Join(at...), reason, remedy, o.To.Join(at...))
}

// Drop removes a leaf, if it is set, and records the loss.
func Drop[T deploy.Scalar](o Workload, f *deploy.Opt[T], reason, remedy string, at ...string) {
	if f.IsSet() {
		*f = deploy.Opt[T]{}
		o.L.Drop(o.From.Join(at...), reason, remedy)
	}
}

// Idle removes a leaf, if it is set, that carries no behaviour here.
func Idle[T deploy.Scalar](o Workload, f *deploy.Opt[T], reason string, at ...string) {
	if f.IsSet() {
		*f = deploy.Opt[T]{}
		o.L.Idle(o.From.Join(at...), reason)
	}
}
