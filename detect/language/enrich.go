package language

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Enrich finds, for each workload that a supervisor starts, the program in the tree, and returns what the tree says of it: how it is built, and where nothing stronger is known on which
// port it listens and how its health is asked for. Two programs that fit equally well are refused, with the evidence for each. The texts are strings in the code of a workload's program
// that speak of the machine itself.
func Enrich(t detect.Tree, app deploy.App) (detect.Result, []detect.Text) {
	rec := &detect.Recorder{}
	var texts []detect.Text
	programs, findings := Find(t.FS, t.Paths)
	for _, f := range findings {
		rec.Find(ledger.Warning, ledger.Pos{File: f.File, Line: f.Line}, f.What, f.Remedy)
	}
	var pairs []Pair
	for machine, tree := range t.Map {
		pairs = append(pairs, Pair{machine, tree})
	}
	slices.SortFunc(pairs, func(a, b Pair) int { return strings.Compare(a.Machine, b.Machine) })
	scanned := map[string]*Program{} // by program and script: several services may be started from one tree
	for _, w := range app.Workloads {
		c := Command{Dir: w.Dir.Or(""), Unit: w.Name, Pairs: pairs, Paths: t.Paths}
		words := make([]string, len(w.Command.Argv))
		for i, word := range w.Command.Argv {
			words[i] = word.String()
		}
		if shell, ok := w.Command.Shell.Get(); ok {
			c.Exec, c.Args = shell, append([]string{"-c"}, words...)
		} else if len(words) > 0 {
			c.Exec, c.Args = words[0], words[1:]
		}
		found := Match(c, programs)
		if len(found) > 1 && found[0].Score == found[1].Score {
			a, b := found[0], found[1]
			rec.Find(ledger.Warning, ledger.Pos{}, w.Name+" may be built from "+place(programs[a.Program])+" ("+strings.Join(a.Why, ", ")+") or from "+place(programs[b.Program])+" ("+strings.Join(b.Why, ", ")+")",
				"say which in lift.yaml, paths:")
			continue
		}
		if len(found) == 0 {
			continue
		}
		key := strconv.Itoa(found[0].Program) + "\x00" + found[0].Script
		p := scanned[key]
		if p == nil {
			one := programs[found[0].Program]
			if found[0].Script != "" {
				one.Main.Value = found[0].Script
			}
			one.Scan(t.FS, t.Paths)
			p = &one
			scanned[key] = p
		}
		enrich(rec, w, p, found[0])
		for _, x := range p.Texts {
			texts = append(texts, detect.Text{Workload: w.Name, At: ledger.Pos{File: x.File, Line: x.Line}, Value: x.Value, Whole: x.Whole})
		}
	}
	deploy.Sort(&rec.App)
	return rec.Result, texts
}

func place(p Program) string {
	if p.Main.Value != "" {
		return p.Dir + " (" + p.Main.Value + ")"
	}
	return p.Dir
}

// enrich records what the program says of the workload.
func enrich(rec *detect.Recorder, was deploy.Workload, p *Program, found Candidate) {
	rec.App.Workloads = append(rec.App.Workloads, deploy.Workload{Name: was.Name})
	w := &rec.App.Workloads[len(rec.App.Workloads)-1]
	at := deploy.At("workloads", was.Name)
	rec.Owns = append(rec.Owns, at)
	why := rec.Implied(strings.Join(found.Why, ", "), "program", p.Dir)
	w.Source.Dir = deploy.Some(p.Dir)
	rec.Convert(why, at.Join("source", "dir"))
	if installed := found.Root + found.Binary; installed != "" {
		if found.Binary != "" {
			installed = found.Binary
		}
		w.Source.Installed = deploy.Some(installed)
		rec.Convert(why, at.Join("source", "installed"))
	}
	give := func(f Fact, name string, dst *deploy.Opt[string], value string) {
		if value == "" {
			return
		}
		*dst = deploy.Some(value)
		rec.Convert(record(rec, f), at.Join("source", name))
	}
	give(p.Language, "language", &w.Source.Language, p.Language.Value)
	give(p.Version, "version", &w.Source.Version, p.Version.Value)
	give(p.Manager, "manager", &w.Source.Manager, p.Manager.Value)
	lockfile, within := relativeTo(p.Dir, p.Lockfile.Value)
	if within {
		give(p.Lockfile, "lockfile", &w.Source.Lockfile, lockfile)
	} else {
		rec.Find(ledger.Warning, ledger.Pos{File: p.Lockfile.File}, "is the lockfile of a workspace around "+p.Dir+", which its image is built without", "give "+p.Dir+" a lockfile of its own, or write its Dockerfile by hand")
	}
	give(p.Install, "install", &w.Source.Install, p.Install.Value)
	if p.Language.Value != "go" {
		give(p.Build, "build", &w.Source.Build, p.Build.Value)
	}
	give(p.Main, "main", &w.Source.Main, p.Main.Value)
	give(p.Framework, "framework", &w.Source.Framework, p.Framework.Value)
	if p.Cgo.Value != "" {
		w.Source.Cgo = deploy.Some(true)
		rec.Convert(record(rec, p.Cgo), at.Join("source", "cgo"))
	}
	listening(rec, was, w, p, at)
}

// record makes a setting of a fact: at its place in the tree, or implied where it is lift's own default.
func record(rec *detect.Recorder, f Fact) int {
	if f.File == "" {
		return rec.Implied(f.Why, "default", f.Value)
	}
	return rec.Setting(ledger.Pos{File: f.File, Line: f.Line}, f.Why, deploy.Plain(f.Value))
}

// relativeTo returns a path of the tree as seen from the program's directory, and whether it lies there.
func relativeTo(dir, file string) (string, bool) {
	if dir == "." || file == "" {
		return file, true
	}
	return strings.CutPrefix(file, dir+"/")
}

// bindVariables are the names of variables that programs read to know on which address they listen.
var bindVariables = []string{"HOST", "BIND", "BIND_ADDRESS", "BIND_HOST", "LISTEN_HOST", "LISTEN_ADDRESS"}

func listening(rec *detect.Recorder, was deploy.Workload, w *deploy.Workload, p *Program, at deploy.Path) {
	ports := was.Ports
	if len(ports) == 0 && len(p.Port) > 0 && was.Kind.Or(deploy.Service) == deploy.Service {
		f := p.Port[0]
		w.Ports = []deploy.Port{{Number: f.Value + "/tcp", Reachable: deploy.Some(true)}}
		rec.Convert(record(rec, f), at.Join("ports", f.Value+"/tcp", "reachable"))
		ports = w.Ports
	}
	if len(ports) == 0 || was.Kind.Or(deploy.Service) != deploy.Service {
		return
	}
	number, _, _ := strings.Cut(ports[0].Number, "/")
	if len(p.Health) > 0 && !was.Probes.Readiness.Path.IsSet() {
		f := p.Health[0]
		i := record(rec, f)
		w.Probes.Readiness.Path = deploy.Some(f.Value)
		_ = deploy.Set(&rec.App, at.Join("probes", "readiness", "port"), number) // a number, as Port is keyed
		_ = deploy.Set(&rec.App, at.Join("ports", ports[0].Number, "protocol"), "http")
		w.Probes.Readiness.Path = deploy.Some(f.Value)
		rec.Convert(i, at.Join("probes", "readiness", "path"), at.Join("probes", "readiness", "port"), at.Join("ports", ports[0].Number, "protocol"))
	}
	for _, name := range bindVariables {
		has := slices.ContainsFunc(was.Env, func(e deploy.Env) bool { return e.Name == name })
		i := slices.IndexFunc(p.Env, func(f Fact) bool { return f.Value == name })
		if i < 0 || has || ports[0].Address.IsSet() {
			continue
		}
		w.Source.Bind = deploy.Some(name)
		rec.Convert(record(rec, p.Env[i]), at.Join("source", "bind"))
		return
	}
}
