package run

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// comparison compares the worlds of two tiers by what the ledger declares between them.
type comparison struct {
	step     int // which step of the way leads to the other tier
	tier     string
	original string // runner of the original
	fates    fates
	entries  []ledger.Entry // of the source, for settings that have no place in the model
	untested []Untested     // declared beforehand by either runner
	mask     func(string) string
}

// worlds compares every aspect of one workload. name is the original's.
func (c comparison) worlds(name string, a, b view) []Finding {
	var out []Finding
	for _, as := range append(aspectsOf(a, b), deedsOf(a, b)...) {
		out = append(out, c.aspect(name, as, a, b))
	}
	return out
}

func (c comparison) aspect(name string, as aspect, a, b view) Finding {
	f := Finding{Tier: c.tier, Workload: name, Aspect: as.name}
	if why := c.cannot(name, as.name); why != "" {
		f.Status, f.Reason = NotTested, why
		return f
	}
	before, ok1 := as.seen(a)
	here, ok2 := as.seen(b)
	if !ok1 || !ok2 {
		f.Status, f.Reason = NotTested, "the witness could not tell"
		return f
	}
	f.Original, f.Here = c.mask(before), c.mask(here)
	wanted := func(v view, seen string) (string, bool) { // what its files say, where that is something else
		if as.want == nil {
			return "", false
		}
		w, ok := as.want(v)
		return w, ok && w != seen
	}
	if w, wrong := wanted(a, before); wrong {
		f.Status, f.Reason = Undeclared, "the original's own files say "+c.mask(w)
		return f
	}
	if w, wrong := wanted(b, here); wrong {
		f.Status, f.Reason = Undeclared, "the files of this tier say "+c.mask(w)
		return f
	}
	told := c.told(name, as)
	f.At = told.at
	switch {
	case before == here && told.lost && !as.agreed(a, b):
		f.Status, f.Reason = Same, "declared as lost, and yet the same here: "+told.reason
	case before == here:
		f.Status = Same
	case told.known:
		f.Status, f.Reason, f.Remedy = Declared, told.reason, told.remedy
	default:
		if why := promised(as.name, c.original, c.tier); why != "" {
			f.Status, f.Reason = Declared, why
			return f
		}
		f.Status, f.Reason = Undeclared, "nothing says that it changes"
	}
	return f
}

// agreed reports whether the files of both tiers say the same of the aspect, whatever else was lost of the fields that decide it.
func (as aspect) agreed(a, b view) bool {
	if as.want == nil {
		return false
	}
	x, ok1 := as.want(a)
	y, ok2 := as.want(b)
	return ok1 && ok2 && x == y
}

// told finds what the ledger says of the fields that decide an aspect: the worst of it.
func (c comparison) told(name string, as aspect) fate {
	var out fate
	worse := func(f fate) {
		if out.at.File == "" && out.at.Spec == "" {
			out.at = f.at
		}
		if f.known && (!out.known || f.outcome > out.outcome) {
			at := out.at
			out = f
			if out.at.File == "" && out.at.Spec == "" {
				out.at = at
			}
		}
	}
	root := deploy.At("workloads", name)
	for _, p := range as.fields {
		worse(c.fates.of(root+deploy.Path("."+p), c.step))
		for _, q := range c.fates.below[name] { // what lies below, where the field is an element
			if q != root+deploy.Path("."+p) && q.Under(root+deploy.Path("."+p)) {
				worse(c.fates.of(q, c.step))
			}
		}
	}
	for _, e := range c.entries {
		if len(e.Fields) > 0 || !slices.Contains(as.keys, e.Key) || c.step >= len(e.Tiers) {
			continue
		}
		t := e.Tiers[c.step]
		worse(fate{known: true, lost: t.Outcome.Loss(), reason: t.Reason, remedy: t.Remedy, outcome: t.Outcome, at: e.At})
	}
	return out
}

// cannot returns why an aspect of a workload is not tested.
func (c comparison) cannot(name, aspect string) string {
	for _, u := range c.untested {
		if u.Workload != "" && u.Workload != name {
			continue
		}
		if u.Aspect == aspect || strings.HasSuffix(u.Aspect, ".") && strings.HasPrefix(aspect, u.Aspect) {
			return u.Why
		}
	}
	return ""
}
