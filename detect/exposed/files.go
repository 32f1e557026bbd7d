package exposed

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// KeepOut lists, for each workload whose image will be built from the tree, the files below the program's directory from which secrets were read: whoever builds the image must not copy them.
func KeepOut(r *detect.Result) {
	secret := map[deploy.Path]bool{}
	for _, w := range r.App.Workloads {
		for _, e := range w.Env {
			if e.Value.IsSecret() {
				secret[deploy.At("workloads", w.Name, "env", e.Name, "value")] = true
			}
		}
	}
	from := map[string]int{} // file → a setting in it that is secret
	var files []string
	for _, rd := range r.Doc.Reads {
		at := r.Doc.Settings[rd.Setting].At
		if _, ok := from[at.File]; ok || at.File == "" || !slices.ContainsFunc(rd.Fields, func(f deploy.Path) bool { return secret[f] }) {
			continue
		}
		from[at.File] = rd.Setting
		files = append(files, at.File)
	}
	slices.Sort(files)
	for i := range r.App.Workloads {
		w := &r.App.Workloads[i]
		if !w.Source.Language.IsSet() || w.Build.Ignore.IsSet() {
			continue
		}
		dir := w.Source.Dir.Or(".")
		at := deploy.At("workloads", w.Name, "build", "ignore")
		for _, f := range files {
			if dir != "." && !strings.HasPrefix(f, dir+"/") {
				continue
			}
			w.Build.Ignore = append(w.Build.Ignore, f)
			r.Doc.Reads = append(r.Doc.Reads, ledger.Read{Setting: from[f], Outcome: ledger.Converted, Fields: []deploy.Path{at}, Part: true})
		}
	}
}
