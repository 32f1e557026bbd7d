package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

// pin gives the leaves that lift.yaml names their values. A pin outranks what lift assumes, what the tree suggests and what a platform implies; what a source states outranks the pin, for it is
// what runs today. guesses is the first setting of those that the tree merely suggests; left tells which workloads are left out, and why.
func (d *Detected) pin(guesses int, left map[string]string) {
	claims := map[deploy.Path]int{} // leaf → the Read that gives it
	for i, r := range d.Doc.Reads {
		for _, f := range r.Fields {
			claims[f] = i
		}
	}
	for _, p := range d.Config.Pins {
		d.Doc.Settings = append(d.Doc.Settings, ledger.Setting{At: p.At, Key: p.Key, Value: deploy.Plain(p.Text)})
		read := ledger.Read{Setting: len(d.Doc.Settings) - 1, Outcome: ledger.Converted, Fields: []deploy.Path{p.Path}}
		say := func(severity ledger.Severity, what, remedy string) {
			d.Findings = append(d.Findings, ledger.Finding{Severity: severity, At: p.At, What: p.Key + ": " + what, Remedy: remedy})
		}
		lose := func(o ledger.Outcome, reason string) { read.Outcome, read.Reason, read.Fields = o, reason, nil }
		twice := slices.IndexFunc(d.Config.Pins, func(q Pin) bool { return q.Path == p.Path })
		what, remedy := d.missing(p)
		i, claimed := claims[p.Path]
		switch {
		case left[p.Path.Workload()] != "":
			lose(ledger.Inert, left[p.Path.Workload()])
		case what != "":
			say(ledger.Error, what, remedy)
			lose(ledger.Inert, what)
		case d.Config.Pins[twice].At != p.At:
			say(ledger.Error, "says the same as "+d.Config.Pins[twice].Key+" at "+d.Config.Pins[twice].At.String(), "remove one of them")
			lose(ledger.Inert, "said twice")
		case d.idle(p) != "":
			say(ledger.Warning, "nothing asks for it: "+d.idle(p), "remove it")
			lose(ledger.Inert, d.idle(p))
		case claimed && !d.Doc.Settings[d.Doc.Reads[i].Setting].Implied && d.Doc.Reads[i].Setting < guesses:
			by := d.Doc.Settings[d.Doc.Reads[i].Setting]
			lose(ledger.Overridden, by.Key+" at "+by.At.String()+" states it")
			if have, _ := deploy.Text(d.App, p.Path); have != p.Text {
				say(ledger.Warning, "is not used: "+by.Key+" at "+by.At.String()+" says "+deploy.InUnits(p.Path, have)+", and what runs today counts", "change it there, or remove the pin")
			}
		default:
			if claimed {
				d.release(i, p.Path, p.Key+" at "+p.At.String()+" takes its place")
			}
			if err := deploy.Set(&d.App, p.Path, p.Text); err != nil {
				say(ledger.Error, err.Error(), "write another value")
				lose(ledger.Inert, "no value of the model")
			}
		}
		d.Doc.Reads = append(d.Doc.Reads, read)
		if len(read.Fields) > 0 {
			claims[p.Path] = len(d.Doc.Reads) - 1
		}
	}
	d.register()
}

// release takes a field away from the read that gave it.
func (d *Detected) release(i int, field deploy.Path, why string) {
	r := &d.Doc.Reads[i]
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f deploy.Path) bool { return f == field })
	if len(r.Fields) == 0 {
		r.Outcome, r.Reason, r.Remedy = ledger.Overridden, why, ""
	}
}

// missing says which element of the pin's path is not there, and which one was probably meant.
func (d *Detected) missing(p Pin) (what, remedy string) {
	names := p.Path.Names()
	for i := 2; i < len(names); i += 2 {
		at := deploy.At(names[:i]...)
		if deploy.Has(d.App, at) {
			continue
		}
		kind := strings.TrimSuffix(names[i-2], "s")
		if kind != "workload" && kind != "volume" && kind != "port" && kind != "mount" && kind != "before" {
			break // a group: it may come with the pin
		}
		have := elements(d.App, at.Parent())
		if kind == "before" {
			kind = "command before the start with number"
		}
		what = fmt.Sprintf("there is no %s %s", kind, names[i-1])
		switch near := nearest.Name(names[i-1], have); {
		case near != "":
			remedy = "did you mean " + near + "?"
		case len(have) == 0:
			remedy = "remove it"
		default:
			remedy = "there are " + strings.Join(have, ", ")
		}
		return what, remedy
	}
	return "", ""
}

// elements lists the names in a collection.
func elements(a deploy.App, at deploy.Path) []string {
	var out []string
	depth := len(at.Names())
	for _, p := range deploy.Paths(a) {
		if p.Under(at) && p != at {
			if name := p.Names()[depth]; !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// idle says why nothing asks for the pin in this system, "" if something may.
func (d *Detected) idle(p Pin) string {
	names := p.Path.Names()
	if len(names) < 4 {
		return ""
	}
	part := func(n ...string) bool { return deploy.Has(d.App, deploy.At(names[:2]...).Join(n...)) }
	switch names[2] {
	case "probes":
		if !part(names[2:4]...) {
			return "nothing tells of a " + names[3] + " probe of " + names[1]
		}
	case "schedule":
		if !part("schedule", "cron") {
			return names[1] + " has no schedule"
		}
	case "source":
		if !part("source", "language") {
			return "lift writes no Dockerfile for " + names[1]
		}
	}
	return ""
}

// register puts the registry before the names of images that are built and that a source gives without one. Images that lift names itself follow in Lift.
func (d *Detected) register() {
	if d.Config.Registry.Text == "" {
		return
	}
	d.Doc.Settings = append(d.Doc.Settings, ledger.Setting{At: d.Config.Registry.At, Key: "registry", Value: deploy.Plain(d.Config.Registry.Text)})
	d.registry = len(d.Doc.Settings) - 1
	d.Doc.Reads = append(d.Doc.Reads, ledger.Read{Setting: d.registry, Outcome: ledger.Inert, Reason: "no image is built here whose name lacks a registry"})
	for i := range d.App.Workloads {
		w := &d.App.Workloads[i]
		image, ok := w.Image.Get()
		at := deploy.At("workloads", w.Name, "image")
		if !ok || !deploy.Has(d.App, deploy.At("workloads", w.Name, "build")) || hasRegistry(image) {
			continue
		}
		pinned := false
		for k := range d.Doc.Reads {
			if r := &d.Doc.Reads[k]; slices.Contains(r.Fields, at) {
				pinned = pinned || d.Doc.Settings[r.Setting].At.File == ConfigFile
				if len(r.Fields) > 1 {
					r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), func(f deploy.Path) bool { return f == at })
					d.Doc.Reads = append(d.Doc.Reads, ledger.Read{Setting: r.Setting, Outcome: r.Outcome, Reason: r.Reason, Remedy: r.Remedy, Fields: []deploy.Path{at}})
				}
			}
		}
		if pinned {
			continue // the user has said it all
		}
		for k := range d.Doc.Reads {
			if r := &d.Doc.Reads[k]; slices.Contains(r.Fields, at) {
				r.Part = true
			}
		}
		w.Image = deploy.Some(d.Config.Registry.Text + "/" + image)
		d.registered(at)
	}
}

// registered lets the registry be a part of what gives an image its name.
func (d *Detected) registered(at deploy.Path) {
	for i := range d.Doc.Reads {
		if r := &d.Doc.Reads[i]; r.Setting == d.registry {
			r.Outcome, r.Reason, r.Part = ledger.Converted, "", true
			r.Fields = append(slices.Clone(r.Fields), at)
		}
	}
}

// hasRegistry reports whether an image reference begins with a host.
func hasRegistry(image string) bool {
	host, _, ok := strings.Cut(image, "/")
	return ok && (strings.ContainsAny(host, ".:") || host == "localhost")
}

// nameImages answers a step that had to name images itself: with a registry before the name that it chose. It returns the model with the answers, and whether there are any.
func (d *Detected) nameImages(cur deploy.App, l ledger.Lowering, before []ledger.Hop) (deploy.App, bool) {
	if d.Config.Registry.Text == "" {
		return cur, false
	}
	answered := false
	next := cur
	for _, a := range l.Assumed {
		n := a.Field.Names()
		if len(n) != 3 || n[0] != "workloads" || n[2] != "image" || hasRegistry(a.Value) {
			continue
		}
		at := back(l.Moves, a.Field) // in the model that the step started from
		origin := at
		for i := len(before) - 1; i >= 0; i-- {
			origin = back(before[i].Moves, origin)
		}
		if !answered {
			next, d.App, d.Doc.Reads = deploy.Clone(cur), deploy.Clone(d.App), slices.Clone(d.Doc.Reads)
			answered = true
		}
		value := d.Config.Registry.Text + "/" + a.Value
		_ = deploy.Set(&next, at, value) // a text, at a place of the model
		_ = deploy.Set(&d.App, origin, value)
		d.registered(origin)
	}
	return next, answered
}

// settle says of the settings of lift.yaml what became of them: what the target does not ask for is no loss, but a pin that no tier asks for is of no use.
func (l *Lifted) settle() {
	if len(l.Stages) == 0 {
		return
	}
	last := l.Stages[len(l.Stages)-1]
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.At.File != ConfigFile || !e.Outcome.Loss() {
			continue
		}
		used := slices.ContainsFunc(e.Tiers, func(t ledger.Tier) bool { return len(t.Targets) > 0 })
		if e.Outcome == ledger.Dropped {
			why := e.Reason
			e.Outcome, e.Reason, e.Remedy = ledger.Inert, last.Name+" does not ask for it: "+why, ""
			if !used && last.Tier > detect.Container {
				l.Findings = append(l.Findings, ledger.Finding{Severity: ledger.Warning, At: e.At, What: e.Key + ": nothing asks for it: " + why, Remedy: "remove it, unless another target needs it"})
			}
			continue
		}
		l.Findings = append(l.Findings, ledger.Finding{Severity: ledger.Warning, At: e.At, What: e.Key + ": " + last.Name + " takes it only nearly so: " + e.Reason, Remedy: e.Remedy})
	}
}
