package run

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify/run/exchange"
	"github.com/deploylift/lift/verify/run/witness"
)

// Side is a tier that takes part.
type Side struct {
	Runner Runner
	System System
	Steps  int // how many hops of the way lead to it; the original has none
}

// Trial is all that is to be tried.
type Trial struct {
	Name      string         // of the system
	Sides     []Side         // the first one is the original
	Way       []Hop          // from the original to each of the others, in their order
	Entries   []ledger.Entry // what became of the source's settings
	Source    func(deploy.Path) ledger.Pos
	Exchanges []exchange.File // what is asked of the real programs
	Witness   bool            // whether the witness takes their place, too
	Patience  time.Duration   // how long a stop is watched
	Host      Host
	Progress  func(format string, args ...any)
}

// NewNonce makes up the name of a run.
func NewNonce() string { return strings.ToLower(rand.Text()[:12]) }

// Try runs all sides, compares each with the original, and says what came of it. An error means that nothing can be said; whatever was started is gone then as well.
func Try(ctx context.Context, t Trial) (Verdict, error) {
	nonce := NewNonce()
	v := Verdict{System: t.Name, Nonce: nonce, Original: t.Sides[0].System.Tier}
	for i := range t.Sides {
		s := &t.Sides[i].System
		s.Nonce, s.Progress = nonce, t.Progress
		if i > 0 {
			v.Tiers = append(v.Tiers, s.Tier)
		}
	}
	known, err := newFates(t.Sides[0].System.App, t.Way, t.Source)
	if err != nil {
		return v, err
	}
	if err := t.exchanges(ctx, known, &v); err != nil {
		return v, err
	}
	if t.Witness {
		if err := t.witness(ctx, known, &v); err != nil {
			return v, err
		}
	}
	t.rest(&v)
	return v, nil
}

// names of the original's workloads and what they are called on a side.
func (t Trial) called(known fates, side int) (to, from func(string) string) {
	step := t.Sides[side].Steps - 1
	if step < 0 {
		same := func(n string) string { return n }
		return same, same
	}
	back := map[string]string{}
	for _, w := range t.Sides[0].System.App.Workloads {
		back[known.name(w.Name, step)] = w.Name
	}
	return func(n string) string { return known.name(n, step) }, func(n string) string {
		if o, ok := back[n]; ok {
			return o
		}
		return n
	}
}

// witness puts the witness in the place of every program, on all sides at once, and compares the worlds.
func (t Trial) witness(ctx context.Context, known fates, v *Verdict) error {
	binary, err := witness.Build(ctx, t.Progress)
	if err != nil {
		return err
	}
	var names []string
	for _, w := range t.Sides[0].System.App.Workloads {
		names = append(names, w.Name)
	}
	systems := make([]System, len(t.Sides))
	to := make([]func(string) string, len(t.Sides))
	from := make([]func(string) string, len(t.Sides))
	for i, s := range t.Sides {
		systems[i] = s.System
		to[i], from[i] = t.called(known, i)
	}
	collectors := make([]*collector, len(t.Sides))
	untested := make([][]Untested, len(t.Sides))
	errs := make([]error, len(t.Sides))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for i, s := range t.Sides {
		sys := s.System
		sys.Witness = &Witness{Binary: binary, Plans: plans(sys, names, to[i], systems, to)}
		for _, u := range s.Runner.Cannot(ctx, sys) {
			if u.Workload != "" {
				u.Workload = from[i](u.Workload)
			}
			u.Why = sys.Tier + ": " + u.Why
			untested[i] = append(untested[i], u)
		}
		c := &collector{sys: sys, host: t.Host, patience: t.Patience, names: names, called: to[i], original: from[i], routes: t.Sides[0].System.App.Routes}
		collectors[i] = c
		wg.Go(func() {
			if errs[i] = c.whole(ctx, s.Runner); errs[i] != nil {
				cancel() // the others cannot be compared with anything any more
			}
		})
	}
	wg.Wait()
	if err := worst(errs); err != nil {
		return err
	}
	for i := 1; i < len(t.Sides); i++ {
		c := comparison{
			step: t.Sides[i].Steps - 1, tier: systems[i].Tier, original: systems[0].Tier, fates: known, entries: t.Entries, mask: masker(systems...),
			untested: slices.Concat(untested[0], untested[i], collectors[0].untested, collectors[i].untested),
		}
		for _, name := range names {
			a, b := collectors[0].views[name], collectors[i].views[name]
			if a == nil || b == nil {
				v.Findings = append(v.Findings, c.absent(name, b == nil))
				continue
			}
			v.Findings = append(v.Findings, c.worlds(name, *a, *b)...)
		}
	}
	return nil
}

// worst returns the error that tells most: not that of a side that was only stopped because of another one.
func worst(errs []error) error {
	for _, e := range errs {
		if e != nil && !errors.Is(e, context.Canceled) {
			return e
		}
	}
	return errors.Join(errs...)
}

// whole starts the side, asks it, and removes it.
func (c *collector) whole(ctx context.Context, r Runner) (err error) {
	c.run, err = r.Start(ctx, c.sys)
	if err != nil {
		return err
	}
	defer func() {
		if e := c.run.Close(); err == nil && e != nil {
			err = fmt.Errorf("%s: cleaning up: %w", c.sys.Tier, e)
		}
	}()
	return c.collect(ctx)
}

// absent is what is found where a workload is not on one of the sides.
func (c comparison) absent(name string, here bool) Finding {
	f := Finding{Tier: c.tier, Workload: name, Aspect: "workload", Status: NotTested, Reason: "the original does not run it"}
	if !here {
		return f
	}
	told := c.fates.of(deploy.At("workloads", name), c.step)
	f.Original, f.Here, f.Reason, f.Remedy, f.At = "there", "not there", told.reason, told.remedy, told.at
	f.Status = Undeclared
	if told.known {
		f.Status = Declared
	}
	return f
}

// masker hides every secret that any side knows.
func masker(sides ...System) func(string) string {
	var secrets []string
	for _, s := range sides {
		for _, v := range s.Values {
			secrets = append(secrets, v)
		}
		for _, w := range s.App.Workloads {
			for _, e := range w.Env {
				if t, ok := e.Value.Reveal(); ok && e.Value.IsSecret() {
					secrets = append(secrets, t)
				}
			}
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // the longest first: one may be a part of another
	return func(text string) string {
		for _, s := range secrets {
			if len(s) >= 4 {
				text = strings.ReplaceAll(text, s, "(secret)")
			}
		}
		if strings.HasPrefix(text, "hmac-sha256:") {
			return "(secret)"
		}
		return text
	}
}

// rest says what nothing here looks at: the leaves of the model that neither an aspect nor an exchange can show.
func (t Trial) rest(v *Verdict) {
	told := map[string]bool{}
	deploy.Visit(t.Sides[0].System.App, func(p []byte, l deploy.Leaf) {
		at := deploy.Path(p)
		w := at.Workload()
		root := deploy.At("workloads", w)
		if l.Presence() || w == "" || at == root {
			return
		}
		part, why := unobserved(at[len(root)+1:])
		if why == "" || told[w+"/"+part] {
			return
		}
		told[w+"/"+part] = true
		for _, tier := range v.Tiers {
			f := Finding{Tier: tier, Workload: w, Aspect: part, Status: NotTested, Reason: why}
			if t.Source != nil {
				f.At = t.Source(at)
			}
			v.Findings = append(v.Findings, f)
		}
	})
}
