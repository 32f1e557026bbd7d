package merge

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// align calls the workloads that in starts by the names that they have in the model already: the unit shop-web.service and the process type web are one program if they run the same command,
// or if no other unit's name ends in -web. Without that one program would run twice after the migration.
func (m *merger) align(in detect.Result) detect.Result {
	have := func(a deploy.App, name string) bool { return deploy.Has(a, deploy.At("workloads", name)) }
	names := map[string]string{} // in → model
	taken := map[string]bool{}
	pair := func(fits func(weak, strong deploy.Workload) bool) {
		for _, w := range in.App.Workloads {
			if names[w.Name] != "" || have(m.out.App, w.Name) || !owns(in.Owns, deploy.At("workloads", w.Name)) {
				continue
			}
			var found []string
			for _, s := range m.out.App.Workloads {
				if !taken[s.Name] && !have(in.App, s.Name) && owns(m.starts, deploy.At("workloads", s.Name)) && fits(w, s) {
					found = append(found, s.Name)
				}
			}
			rivals := 0
			for _, other := range in.App.Workloads {
				if len(found) == 1 && names[other.Name] == "" && fits(other, *workload(&m.out.App, found[0])) {
					rivals++
				}
			}
			if len(found) == 1 && rivals == 1 {
				names[w.Name] = found[0]
				taken[found[0]] = true
			}
		}
	}
	pair(func(weak, strong deploy.Workload) bool {
		c := words(weak.Command)
		return len(c) > 0 && slices.Equal(c, words(strong.Command))
	})
	pair(func(weak, strong deploy.Workload) bool { return strings.HasSuffix(strong.Name, "-"+weak.Name) })
	if len(names) == 0 {
		return in
	}
	in.App = deploy.Clone(in.App)
	for i := range in.App.Workloads {
		w := &in.App.Workloads[i]
		if to := names[w.Name]; to != "" {
			w.Name = to
		}
		for k := range w.Needs {
			if to := names[w.Needs[k].Workload]; to != "" {
				w.Needs[k].Workload = to
			}
		}
	}
	rename := func(p deploy.Path) deploy.Path {
		n := p.Names()
		if len(n) < 2 || n[0] != "workloads" {
			return p
		}
		if to := names[n[1]]; to != "" {
			n[1] = to
		}
		if len(n) > 3 && n[2] == "needs" && names[n[3]] != "" {
			n[3] = names[n[3]]
		}
		return deploy.At(n...)
	}
	deploy.Lead(&in.App, "", rename)
	in.Owns, in.Doc.Places, in.Doc.Reads = slices.Clone(in.Owns), slices.Clone(in.Doc.Places), slices.Clone(in.Doc.Reads)
	for i := range in.Owns {
		in.Owns[i] = rename(in.Owns[i])
	}
	for i := range in.Doc.Places {
		in.Doc.Places[i].Path = rename(in.Doc.Places[i].Path)
	}
	for i := range in.Doc.Reads {
		fields := slices.Clone(in.Doc.Reads[i].Fields)
		for k := range fields {
			fields[k] = rename(fields[k])
		}
		in.Doc.Reads[i].Fields = fields
	}
	return in
}

func workload(a *deploy.App, name string) *deploy.Workload {
	i := slices.IndexFunc(a.Workloads, func(w deploy.Workload) bool { return w.Name == name })
	if i < 0 {
		return &deploy.Workload{}
	}
	return &a.Workloads[i]
}

// words is a command line as it can be compared: without the directories of programs and files, whether a shell takes it apart or not.
func words(c deploy.Command) []string {
	var out []string
	for _, w := range append(slices.Clone(c.Entrypoint), c.Argv...) {
		text := strings.NewReplacer("${", "$", "}", "").Replace(strings.ReplaceAll(w.String(), "$$", "$"))
		if c.Shell.IsSet() {
			out = append(out, strings.Fields(text)...)
		} else {
			out = append(out, text)
		}
	}
	if len(out) > 0 && out[0] == "exec" {
		out = out[1:]
	}
	for i, text := range out {
		if path.IsAbs(text) {
			out[i] = path.Base(text)
		}
	}
	return out
}

// contradict tells of two sources that state different things, with both positions, and which of them counts.
func (m *merger) contradict(in Input, p deploy.Path, here, there ledger.Setting) {
	f := ledger.Finding{Severity: ledger.Info, At: here.At, What: here.Key + " says something else than " + there.Key + " at " + there.At.String(), Remedy: "the latter counts; make them agree"}
	if w := p.Workload(); m.twice(in, p) { // both start it: one of the two does not do what it says
		f.Severity = ledger.Warning
		weak, _ := deploy.Text(in.App, p)
		strong, _ := deploy.Text(m.out.App, p)
		if _, a := here.Value.Reveal(); a && !here.Value.IsSecret() && !there.Value.IsSecret() {
			f.What = here.Key + " says " + weak + " for " + w + ", but " + there.Key + " at " + there.At.String() + " says " + strong
		}
	}
	m.out.Findings = append(m.out.Findings, f)
}

// surplus tells of the variables that a weaker source would give to workloads that a stronger one starts without them.
func (m *merger) surplus(in Input, without map[string][]string) {
	for _, w := range in.App.Workloads {
		names := without[w.Name]
		if len(names) == 0 {
			continue
		}
		var at, by ledger.Pos
		for _, pl := range in.Doc.Places {
			if pl.Path == deploy.At("workloads", w.Name) {
				at = pl.At
			}
		}
		for _, pl := range m.out.Doc.Places {
			if pl.Path == deploy.At("workloads", w.Name) && by.File == "" && pl.At != at {
				by = pl.At
			}
		}
		m.out.Findings = append(m.out.Findings, ledger.Finding{
			Severity: ledger.Warning, At: at, What: w.Name + " would get " + strings.Join(names, ", ") + " here, but " + by.String() + ", which starts it, does not set it",
			Remedy: "what runs today does without; set it there if the program needs it",
		})
	}
}
