package pipeline

import (
	"slices"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// OnDisk reads what the files of each stage say as they are on disk, which is what would run.
func OnDisk(sources []detect.Source, l Lifted, disk detect.Tree) ([]deploy.App, error) {
	var out []deploy.App
	for _, st := range l.Stages {
		back, err := readBack(sources, st.Reader, disk)
		if err != nil {
			return nil, err
		}
		out = append(out, back.App)
	}
	return out, nil
}

// Position returns where the sources say something of a place in their model.
func (d Detected) Position(p deploy.Path) ledger.Pos { return positionOf(d.Doc, p) }

// Missing is a parameter whose text nothing in the sources tells.
type Missing struct {
	Name  string      // under which it is supplied
	Field deploy.Path // of the model that wants it
}

// Supplied returns the texts of the parameters of a stage's model: those that given names, and those that are written in the sources, from where a person would take them. It lists the parameters that nobody
// tells.
func (l Lifted) Supplied(stage int, app deploy.App, given map[string]string) (map[string]string, []Missing) {
	known := map[deploy.Path]deploy.Value{}
	for _, w := range l.Source.App.Workloads {
		at := deploy.At("workloads", w.Name)
		for k := 0; k <= stage && k < len(l.Stages); k++ {
			at = ledger.After(l.Stages[k].Lowering.Moves, at)
		}
		for _, e := range w.Env {
			known[at.Join("env", e.Name)] = e.Value
		}
	}
	out := map[string]string{}
	var missing []Missing
	for _, w := range app.Workloads {
		for _, e := range w.Env {
			name := e.Value.Param()
			if name == "" {
				continue
			}
			at := deploy.At("workloads", w.Name, "env", e.Name)
			if text, ok := given[name]; ok {
				out[name] = text
			} else if text, ok := known[at].Reveal(); ok {
				out[name] = text
			} else if !slices.ContainsFunc(missing, func(m Missing) bool { return m.Name == name }) {
				missing = append(missing, Missing{name, at})
			}
		}
	}
	missing = slices.DeleteFunc(missing, func(m Missing) bool { _, ok := out[m.Name]; return ok })
	return out, missing
}
