package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run/exchange"
)

// Derived is what can be asked without anybody having written it down: what the models tell, by methods that change nothing.
func (t Trial) Derived() (exchange.File, []exchange.Gap, error) {
	known, err := newFates(t.Sides[0].System.App, t.Way, t.Source)
	if err != nil {
		return exchange.File{}, nil, err
	}
	var above []exchange.Tier
	for i := 1; i < len(t.Sides); i++ {
		above = append(above, exchange.Tier{App: t.Sides[i].System.App, Called: t.names(known, i)})
	}
	f, gaps := exchange.Derive(t.Sides[0].System.App, above, func(p deploy.Path) string {
		if t.Source == nil {
			return ""
		}
		if at := t.Source(p); at.File != "" {
			return at.String()
		}
		return ""
	})
	return f, gaps, nil
}

// names are what the original's workloads are called on a side.
func (t Trial) names(known fates, side int) map[string]string {
	out := map[string]string{}
	to, _ := t.called(known, side)
	for _, w := range t.Sides[0].System.App.Workloads {
		out[w.Name] = to(w.Name)
	}
	return out
}

// exchanges asks the real programs of all sides the same, the original twice: what differs between its own answers is noise.
func (t Trial) exchanges(ctx context.Context, known fates, v *Verdict) error {
	files := t.Exchanges
	if len(files) == 0 {
		f, gaps, err := t.Derived()
		if err != nil {
			return err
		}
		if len(f.Items) > 0 {
			files = []exchange.File{f}
		}
		for _, g := range gaps {
			for _, tier := range v.Tiers {
				v.Findings = append(v.Findings, Finding{Tier: tier, Aspect: exchangePrefix + g.What, Status: NotTested, Reason: g.Why})
			}
		}
	}
	if len(files) == 0 {
		return nil
	}
	var faults []error
	for _, f := range files {
		for _, fault := range exchange.Vet(f, t.Sides[0].System.App, t.Sides[0].System.Values) {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	// the original and the others at once: they are busy with waiting more than with anything else
	var first, second []exchange.Recording
	others := make([][]exchange.Recording, len(t.Sides))
	errs := make([]error, len(t.Sides))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for i := range t.Sides {
		wg.Go(func() {
			if others[i], errs[i] = t.play(ctx, known, i, files); errs[i] == nil && i == 0 {
				first = others[0]
				second, errs[0] = t.play(ctx, known, 0, files)
			}
			if errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	if err := worst(errs); err != nil {
		return err
	}
	for k, f := range files {
		for _, fault := range exchange.Check(f, first[k]) {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	for k, f := range files {
		noise := exchange.Hear(f, first[k], second[k])
		for _, n := range noise.List() {
			v.Noise = append(v.Noise, Noise{File: f.Name, Exchange: n.Name, Place: n.Place.String(), Form: n.Form})
		}
		var results [][]exchange.Result
		for i := 1; i < len(t.Sides); i++ {
			rs := exchange.Compare(f, first[k], others[i][k], noise, t.Sides[0].System.App.Routes)
			results = append(results, rs)
			for _, r := range rs {
				hop(f.Items[r.Item], t.Sides[i].System.Tier, &r)
				v.Findings = append(v.Findings, finding(t.Sides[i].System.Tier, r))
			}
		}
		for _, a := range exchange.Stale(f, results...) {
			v.Stale = append(v.Stale, fmt.Sprintf("%s: a difference of %s is allowed, and nothing differs there: %s", f.Name, a.Place, a.Reason))
		}
	}
	return nil
}

// hop excuses what holds for one hop alone: a Gateway hands answers on in a framing of its own (RFC 9112, 6.1), and what the program itself does shows where it is asked directly.
func hop(it exchange.Item, tier string, r *exchange.Result) {
	if tier != "kubernetes" || it.Do != "" || it.Request.Address.Way != exchange.Outside || r.Status != exchange.Different {
		return
	}
	open := false
	for i, d := range r.Differences {
		if d.Reason == "" && d.Place.Kind == exchange.AtFraming {
			r.Differences[i].Reason = "the Gateway hands answers on in a framing of its own: it holds for one hop alone (RFC 9112, 6.1)"
		}
		open = open || r.Differences[i].Reason == ""
	}
	if !open {
		r.Status = exchange.Declared
	}
}

// finding puts the result of an exchange into the verdict's words.
func finding(tier string, r exchange.Result) Finding {
	f := Finding{Tier: tier, Workload: r.Workload, Aspect: exchangePrefix + r.Name, Reason: r.Why, Remedy: r.Remedy}
	f.At.File, f.At.Line = r.File, r.Line
	switch r.Status {
	case exchange.Same:
		f.Status = Same
	case exchange.Declared:
		f.Status = Declared
	case exchange.Different:
		f.Status = Undeclared
	default:
		f.Status = NotTested
	}
	var was, is, why []string
	for _, d := range r.Differences {
		was, is = append(was, d.Place.String()+": "+d.Original), append(is, d.Place.String()+": "+d.Here)
		if d.Reason != "" && !slices.Contains(why, d.Reason) {
			why = append(why, d.Reason)
		}
	}
	f.Original, f.Here = strings.Join(was, "; "), strings.Join(is, "; ")
	switch {
	case f.Reason != "":
	case f.Status == Undeclared:
		f.Reason = "it answers otherwise"
	default:
		f.Reason = strings.Join(why, "; ")
	}
	return f
}

// play starts a side afresh, asks all there is to ask, and removes it.
func (t Trial) play(ctx context.Context, known fates, side int, files []exchange.File) (out []exchange.Recording, err error) {
	s := t.Sides[side]
	running, err := s.Runner.Start(ctx, s.System)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.System.Tier, err)
	}
	defer func() {
		if e := running.Close(); err == nil && e != nil {
			err = fmt.Errorf("%s: cleaning up: %w", s.System.Tier, e)
		}
	}()
	at := exchange.Side{
		Tier: s.System.Tier, App: s.System.App, Routes: t.Sides[0].System.App.Routes, Called: t.names(known, side), Values: s.System.Values, Nonce: s.System.Nonce, Target: running, Progress: s.System.Progress,
	}
	for _, f := range files {
		rec, err := exchange.Play(ctx, f, at)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}
