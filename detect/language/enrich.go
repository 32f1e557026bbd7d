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
// port it listens and how its health is asked for. Two programs that fit equally well are refused, with the evidence for each. A program that is not in the tree but in a package of
// Debian's is taken from there. was is what the sources said: facts that follow from a command have the position of that command. The texts are strings in the code of a workload's
// program that speak of the machine itself.
func Enrich(t detect.Tree, was detect.Result) (detect.Result, []detect.Text) {
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
	e := &enricher{Recorder: rec, tree: newTree(t.FS, t.Paths), commands: commandsOf(was.Doc), broken: map[string]bool{}, told: map[string]bool{}}
	scanned := map[string]*Program{} // by program and script: several services may be started from one tree
	for _, w := range was.App.Workloads {
		if w.Image.IsSet() {
			continue
		}
		c := Command{Dir: w.Dir.Or(""), Unit: w.Name, Pairs: pairs, Paths: t.Paths}
		words := make([]string, len(w.Command.Argv))
		for i, word := range w.Command.Argv {
			words[i] = word.String()
			if script, plain := word.Literal(); plain && w.Command.Shell.IsSet() {
				words[i] = script
			}
		}
		if shell, ok := w.Command.Shell.Get(); ok {
			c.Exec, c.Args = shell, append([]string{"-c"}, words...)
		} else if len(words) > 0 {
			c.Exec, c.Args = words[0], words[1:]
		}
		inv := unwrap(c.Exec, c.Args)
		found := Match(c, programs)
		if len(found) > 1 && found[0].Score == found[1].Score {
			a, b := found[0], found[1]
			rec.Find(ledger.Warning, e.commands[w.Name], w.Name+" may be built from "+place(programs[a.Program])+" ("+strings.Join(a.Why, ", ")+") or from "+place(programs[b.Program])+" ("+strings.Join(b.Why, ", ")+")",
				"say which in lift.yaml, paths:")
			continue
		}
		var p *Program
		one, root, isFiles := e.files(inv, c)
		if !isFiles && len(found) == 0 {
			var ok bool
			if one, root, ok = e.packaged(inv); !ok || len(w.Files) > 0 { // its configuration is known file by file
				continue
			}
		}
		if one.Language.Value != "" {
			p, found = &one, []Candidate{{Root: root, Why: []string{one.Language.Why}}}
		} else {
			key := strconv.Itoa(found[0].Program) + "\x00" + found[0].Script
			p = scanned[key]
			if p == nil {
				one := programs[found[0].Program]
				if found[0].Script != "" {
					one.Main.Value = found[0].Script
				}
				one.Scan(t.FS, t.Paths)
				p = &one
				scanned[key] = p
			}
		}
		e.enrich(w, p, found[0], inv)
		for _, x := range p.Texts {
			texts = append(texts, detect.Text{Workload: w.Name, At: ledger.Pos{File: x.File, Line: x.Line}, Value: x.Value, Whole: x.Whole})
		}
	}
	deploy.Sort(&rec.App)
	return rec.Result, texts
}

// enricher is one run of Enrich.
type enricher struct {
	*detect.Recorder
	tree     *tree
	commands map[string]ledger.Pos // workload → where its command stands
	told     map[string]bool       // what was said of the code already
	clock    *clock                // the machine's time zone, once it was looked for
	broken   map[string]bool       // build files that were refused already
}

// commandsOf finds where the commands of the workloads stand.
func commandsOf(doc ledger.Doc) map[string]ledger.Pos {
	out := map[string]ledger.Pos{}
	for _, r := range doc.Reads {
		for _, f := range r.Fields {
			if w := f.Workload(); w != "" && f == deploy.At("workloads", w, "command", "argv") {
				out[w] = doc.Settings[r.Setting].At
			}
		}
	}
	return out
}

func place(p Program) string {
	if p.Main.Value != "" {
		return p.Dir + " (" + p.Main.Value + ")"
	}
	return p.Dir
}

// enrich records what the program says of the workload.
func (e *enricher) enrich(was deploy.Workload, p *Program, found Candidate, inv invocation) {
	rec := e.Recorder
	if b := p.Broken; b.Why != "" {
		if !e.broken[b.File] {
			rec.Find(ledger.Error, ledger.Pos{File: b.File, Line: b.Line}, b.Why+", and "+was.Name+" is built from it", "mend the syntax")
		}
		e.broken[b.File] = true
		return
	}
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
		rec.Convert(e.record(f, was.Name), at.Join("source", name))
	}
	list := func(f Fact, name string, dst *deploy.List, values []string) {
		if len(values) == 0 {
			return
		}
		*dst = values
		rec.Convert(e.record(f, was.Name), at.Join("source", name))
	}
	give(p.Language, "language", &w.Source.Language, p.Language.Value)
	version := p.Version
	if v, ok := inv.version(p.Language.Value); ok {
		if version.File != "" && version.Value != v {
			rec.Find(ledger.Warning, ledger.Pos{File: version.File, Line: version.Line}, version.Why+" says "+version.Value+", but "+was.Name+" runs "+inv.name+" today ("+e.commands[was.Name].String()+")", "make them agree; lift takes what runs: "+v)
		}
		version = Fact{Value: v, Why: "the command runs " + inv.name}
	}
	give(version, "version", &w.Source.Version, version.Value)
	manager := p.Manager.Value
	if p.Release != "" {
		manager += "@" + p.Release
	}
	give(p.Manager, "manager", &w.Source.Manager, manager)
	give(p.Context, "context", &w.Source.Context, p.Context.Value)
	manifests := p.Lockfile
	if manifests.File == "" {
		manifests = p.Manager
	}
	list(manifests, "manifests", &w.Source.Manifests, p.Manifests)
	parts := p.Context
	if p.Language.Value == "go" {
		parts = p.Main
		parts.Why = "files that the code reads by relative names"
		p.Parts = assets(p)
	}
	list(parts, "parts", &w.Source.Parts, p.Parts)
	e.celery(was, inv)
	give(p.Install, "install", &w.Source.Install, p.Install.Value)
	if p.Language.Value != "go" {
		give(p.Build, "build", &w.Source.Build, p.Build.Value)
	}
	give(p.Main, "main", &w.Source.Main, p.Main.Value)
	if task, text, ok := p.script(inv); ok {
		give(task.Fact, "script", &w.Source.Script, text)
	}
	give(p.Framework, "framework", &w.Source.Framework, p.Framework.Value)
	if p.Cgo.Value != "" {
		w.Source.Cgo = deploy.Some(true)
		rec.Convert(e.record(p.Cgo, was.Name), at.Join("source", "cgo"))
	}
	e.listening(was, w, p, at, inv)
	e.risky(was, w, p)
}

// record makes a setting of a fact: at its place in the tree, at the command that it follows from, or implied where it is lift's own default.
func (e *enricher) record(f Fact, workload string) int {
	if f.File == "" {
		if at := e.commands[workload]; at.File != "" && strings.HasPrefix(f.Why, "the command ") {
			return e.Setting(at, f.Why, deploy.Plain(f.Value))
		}
		return e.Implied(f.Why, "default", f.Value)
	}
	return e.Setting(ledger.Pos{File: f.File, Line: f.Line}, f.Why, deploy.Plain(f.Value))
}

// bindVariables are the names of variables that programs read to know on which address they listen.
var bindVariables = []string{"HOST", "BIND", "BIND_ADDRESS", "BIND_HOST", "LISTEN_HOST", "LISTEN_ADDRESS"}

func (e *enricher) listening(was deploy.Workload, w *deploy.Workload, p *Program, at deploy.Path, inv invocation) {
	rec := e.Recorder
	if was.Kind.Or(deploy.Service) != deploy.Service {
		return
	}
	l := inv.listener(e.tree, p.Dir, was.Env)
	if l.socket != "" {
		rec.Find(ledger.Warning, e.commands[was.Name], was.Name+" listens on the socket "+l.socket+" ("+l.why+"), which programs in other containers do not see", "let it listen on a port, and lead its callers there: "+inv.server+" --bind 0.0.0.0:8000")
	}
	if l.none || l.socket != "" {
		return
	}
	ports := was.Ports
	switch {
	case l.known:
		f := l.config
		f.Value = l.port.Number
		if f.Why == "" {
			f.Why = "the command listens: " + l.why
		}
		i := -1
		claim := func(field deploy.Path) {
			if i < 0 {
				i = e.record(f, was.Name)
			}
			rec.Convert(i, field)
		}
		if len(ports) == 0 {
			w.Ports = []deploy.Port{l.port}
			port := at.Join("ports", l.port.Number)
			claim(port.Join("reachable"))
			claim(port.Join("address"))
			ports = w.Ports
		} else if ports[0].Number == l.port.Number && !ports[0].Address.IsSet() {
			w.Ports = []deploy.Port{{Number: l.port.Number, Address: l.port.Address}}
			claim(at.Join("ports", l.port.Number, "address"))
		}
		if l.flag != "" && ports[0].Number == l.port.Number {
			w.Source.Bind = deploy.Some(l.flag)
			claim(at.Join("source", "bind"))
		}
	case len(ports) == 0 && len(p.Port) > 0:
		f := p.Port[0]
		w.Ports = []deploy.Port{{Number: f.Value + "/tcp", Reachable: deploy.Some(true)}}
		rec.Convert(e.record(f, was.Name), at.Join("ports", f.Value+"/tcp", "reachable"))
		ports = w.Ports
	}
	if len(ports) == 0 {
		return
	}
	if !l.known {
		e.boundWarning(was.Name, p)
		if len(p.Open) > 0 && len(p.Bound) == 0 && !ports[0].Address.IsSet() {
			if len(w.Ports) == 0 {
				w.Ports = []deploy.Port{{Number: ports[0].Number}}
			}
			w.Ports[0].Address = deploy.Some("0.0.0.0")
			rec.Convert(e.record(p.Open[0], was.Name), at.Join("ports", ports[0].Number, "address"))
			ports = w.Ports
		}
	}
	number, _, _ := strings.Cut(ports[0].Number, "/")
	if len(p.Health) > 0 && !was.Probes.Readiness.Path.IsSet() {
		f := p.Health[0]
		i := e.record(f, was.Name)
		_ = deploy.Set(&rec.App, at.Join("probes", "readiness", "port"), number) // a number, as Port is keyed
		_ = deploy.Set(&rec.App, at.Join("ports", ports[0].Number, "protocol"), "http")
		w.Probes.Readiness.Path = deploy.Some(f.Value)
		rec.Convert(i, at.Join("probes", "readiness", "path"), at.Join("probes", "readiness", "port"), at.Join("ports", ports[0].Number, "protocol"))
	}
	for _, name := range bindVariables {
		has := slices.ContainsFunc(was.Env, func(e deploy.Env) bool { return e.Name == name })
		i := slices.IndexFunc(p.Env, func(f Fact) bool { return f.Value == name })
		if i < 0 || has || ports[0].Address.IsSet() || l.known {
			continue
		}
		w.Source.Bind = deploy.Some(name)
		rec.Convert(e.record(p.Env[i], was.Name), at.Join("source", "bind"))
		return
	}
}
