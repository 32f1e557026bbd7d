package pipeline

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/exposed"
	"github.com/deploylift/lift/detect/language"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/link"
	"github.com/deploylift/lift/merge"
)

// Options choose what is read.
type Options struct {
	Source string   // read this source alone; "": all of the lowest tier that is there
	Only   []string // keep these workloads alone
	Below  detect.Tier
	Name   string // name of the system, where no source gives one
	Tree   string // how to reach the tree from the output
	Place  string // the last names of the output's path, as many as Tree leads up
}

// Detected is what the sources of a tree say.
type Detected struct {
	detect.Result
	Tier    detect.Tier
	Above   detect.Tier       // the tier of the target
	Sources []string          // names of the sources that were read
	Uses    []link.Use        // of the machine's own addresses, outside of what the model holds
	Config  Config            // lift.yaml
	Behind  map[string]string // port → the workload that listens there and stays where it is

	registry int // setting that puts the registry before image names
}

// ErrNothing says that no source recognised anything.
var ErrNothing = fmt.Errorf("nothing that lift can read; see lift formats for what it looks for")

// Detect reads the system that a tree describes.
func Detect(sources []detect.Source, t detect.Tree, o Options) (Detected, error) {
	config, faults := ReadConfig(t.FS)
	if len(faults) > 0 {
		return Detected{Result: detect.Result{Findings: faults}}, nil
	}
	t.Map = config.Paths
	type hit struct {
		src    detect.Source
		picked []string
	}
	var hits []hit
	known := false
	for _, s := range sources {
		if o.Source != "" && s.Name != o.Source {
			continue
		}
		known = true
		if s.Match == nil {
			continue
		}
		picked := slices.DeleteFunc(s.Match(t.Paths), func(p string) bool {
			_, err := fs.Lstat(t.FS, p)
			return err != nil // listed by git, but deleted
		})
		if len(picked) > 0 {
			hits = append(hits, hit{s, picked})
		}
	}
	if !known {
		return Detected{}, fmt.Errorf("unknown source %q; see lift formats", o.Source)
	}
	var findings []ledger.Finding
	tier := detect.Tier(-1)
	for _, h := range hits {
		if h.src.Tier < o.Below && (tier < 0 || h.src.Tier < tier) {
			tier = h.src.Tier
		}
	}
	if tier < 0 {
		for _, h := range hits {
			return Detected{}, fmt.Errorf("%s describes the %s tier already; choose a higher target", h.picked[0], h.src.Tier)
		}
		return Detected{}, ErrNothing
	}
	d := Detected{Tier: tier, Above: o.Below, Config: config}
	var inputs []merge.Input
	for _, h := range hits {
		if h.src.Tier != tier {
			findings = append(findings, unread(h.src, h.picked, names(hits, tier, func(x hit) (detect.Tier, string) { return x.src.Tier, x.src.Name }), o.Below)...)
			continue
		}
		in, err := Read(sources, h.src, t, h.picked)
		if err != nil {
			return d, err
		}
		inputs = append(inputs, in...)
		d.Sources = append(d.Sources, h.src.Name)
	}
	d.Result = merge.Merge(inputs...)
	d.Findings = append(d.Findings, findings...)
	exposed.Hide(&d.Result)
	guesses := len(d.Doc.Settings)
	if tier == detect.Process {
		link.Ports(&d.Result)
		program, texts := language.Enrich(t, d.Result)
		d.Result = merge.Merge(merge.Input{Rank: merge.Configured, Result: d.Result}, merge.Input{Rank: merge.Suggested, Result: program})
		exposed.KeepOut(&d.Result)
		link.Calls(&d.Result)
		link.Handoffs(&d.Result)
		link.Data(&d.Result, t.Paths)
		link.Hosts(t, &d.Result)
		d.Uses = append(link.Code(d.App, texts), link.Files(t, d.Result)...)
	}
	d.system(o)
	left, err := d.leftOut(o.Only)
	if err != nil {
		return d, err
	}
	d.pin(guesses, left)
	d.domains(left)
	d.leave(left)
	return d, nil
}

func names[T any](list []T, tier detect.Tier, get func(T) (detect.Tier, string)) []string {
	var out []string
	for _, x := range list {
		if t, n := get(x); t == tier {
			out = append(out, n)
		}
	}
	return out
}

// Read reads the picked files of one source, and what they contain in other formats.
func Read(sources []detect.Source, src detect.Source, t detect.Tree, picked []string) ([]merge.Input, error) {
	res, err := src.Read(t, picked)
	if err != nil {
		return nil, err
	}
	inputs := []merge.Input{{Rank: merge.Configured, Result: res}}
	for _, p := range res.Pieces {
		i := slices.IndexFunc(sources, func(s detect.Source) bool { return s.Name == p.Source })
		if i < 0 || sources[i].Piece == nil {
			return nil, fmt.Errorf("internal: %s contains %s, which no source reads; please report", src.Name, p.Source)
		}
		part, err := sources[i].Piece(t, p)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, merge.Input{Rank: merge.Packaged, Result: part})
	}
	return inputs, nil
}

// system gives the model its name, where no source does, and the place of the tree.
func (d *Detected) system(o Options) {
	give := func(leaf *deploy.Opt[string], path deploy.Path, key, value string) {
		if leaf.IsSet() || value == "" {
			return
		}
		*leaf = deploy.Some(value)
		d.Doc.Settings = append(d.Doc.Settings, ledger.Setting{At: ledger.Pos{Spec: key}, Key: string(path), Value: deploy.Plain(value), Implied: true})
		d.Doc.Reads = append(d.Doc.Reads, ledger.Read{Setting: len(d.Doc.Settings) - 1, Outcome: ledger.Converted, Fields: []deploy.Path{path}})
	}
	give(&d.App.Name, "name", "name of the directory", o.Name)
	if d.Tier == detect.Process {
		give(&d.App.Tree, "tree", "place of the output", o.Tree)
		give(&d.App.Place, "place", "place of the output", o.Place)
	}
}

// unread tells of files that describe the system a tier above those that lift starts from: what runs today outranks what may once have been tried. What lift wrote itself is not among them. Above
// the target lie other people's files, of no concern.
func unread(src detect.Source, picked, by []string, below detect.Tier) []ledger.Finding {
	f := ledger.Finding{Severity: ledger.Warning, At: ledger.Pos{File: picked[0]}}
	f.What = "is not read: the system is described a tier below, by " + strings.Join(by, " and ")
	if more := len(picked) - 1; more > 0 {
		f.What = fmt.Sprintf("and %d more: %s", more, strings.Replace(f.What, "is not", "are not", 1))
	}
	switch {
	case src.Tier < below:
		f.Remedy = "use --source " + src.Name + " to start from it instead"
	case src.Tier == below:
		f.What += ", and lift writes its own"
		f.Remedy = "compare the two, and keep the one that you mean to maintain"
	default:
		return nil
	}
	return []ledger.Finding{f}
}
