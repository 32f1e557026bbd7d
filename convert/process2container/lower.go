// Package process2container moves programs that a supervisor runs on a machine into containers: a Dockerfile for each program and one compose.yaml.
package process2container

import (
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Target is the step to containers.
var Target = convert.Target{
	Name:  "compose",
	Doc:   "Dockerfiles and a compose.yaml (Compose Specification)",
	Lower: Lower,
	Write: Write,
	Drops: drops,
}

// step is one run of Lower.
type step struct {
	src     deploy.App // as it came
	app     deploy.App // being lowered
	l       ledger.Lowering
	notices []convert.Notice
	origin  map[string]string // lowered workload or volume path → its path in src
	told    map[string]bool   // parameters that the user was told to supply
}

// one is a workload on its way: w is changed, was is as it came.
type one struct {
	*step
	w    *deploy.Workload
	was  deploy.Workload
	from deploy.Path // of was
	to   deploy.Path // of w
}

// Lower changes a model of processes to one that containers can hold.
func Lower(src deploy.App) (deploy.App, ledger.Lowering, []convert.Notice) {
	s := &step{src: src, app: deploy.Clone(src), origin: map[string]string{}, told: map[string]bool{}}
	s.rename()
	s.system()
	params := s.secretNames()
	owners := s.owners()
	before, notices := s.l, s.notices
	all := make([]one, len(s.app.Workloads))
	said := make([]ledger.Lowering, len(all)) // what is said of one workload stays together, though images are settled last
	told := make([][]convert.Notice, len(all))
	for i := range all {
		w := &s.app.Workloads[i]
		s.l, s.notices = ledger.Lowering{}, nil
		o := one{s, w, src.Workloads[i], deploy.At("workloads", src.Workloads[i].Name), deploy.At("workloads", w.Name)}
		o.kind()
		o.user()
		o.managed()
		o.arguments()
		o.first()
		o.network(owners)
		o.environment(params)
		o.probes()
		o.sockets()
		all[i], said[i], told[i] = o, s.l, s.notices
	}
	for i, peers := range sharedImages(all) {
		s.l, s.notices = said[i], told[i]
		o := all[i]
		o.image(peers)
		o.idle()
		o.resources()
		o.stop()
		o.security()
		said[i], told[i] = s.l, s.notices
	}
	s.l, s.notices = before, notices
	for i, l := range said {
		s.l.Turns = append(s.l.Turns, l.Turns...)
		s.l.Assumed = append(s.l.Assumed, l.Assumed...)
		s.l.Moves = append(s.l.Moves, l.Moves...)
		s.notices = append(s.notices, told[i]...)
	}
	s.circles()
	s.tree()
	s.data()
	convert.Apply(drops, &s.app, &s.l, s.sourcePath)
	deploy.Sort(&s.app)
	return s.app, s.l, s.notices
}

// notice tells the user something about a place of the source.
func (s *step) notice(sev ledger.Severity, at deploy.Path, what, remedy string) {
	s.notices = append(s.notices, convert.Notice{Severity: sev, Path: at, What: what, Remedy: remedy})
}

// here tells the user something that matters only where compose is what is used.
func (s *step) here(sev ledger.Severity, at deploy.Path, what, remedy string) {
	s.notices = append(s.notices, convert.Notice{Severity: sev, Path: at, What: what, Remedy: remedy, Here: true})
}

// data reminds of what the volumes have to be filled with.
func (s *step) data() {
	for _, v := range s.app.Volumes {
		if origin, ok := v.Origin.Get(); ok {
			s.here(ledger.Warning, s.sourcePath(deploy.At("volumes", v.Name)), "volume "+v.Name+" is empty at first: the data is in "+origin,
				"copy it before the switch, with the commands of "+convert.Runbook)
		}
	}
}

// rename gives workloads and volumes names that every tier above accepts, and lets references follow.
func (s *step) rename() {
	var ws, vs []string
	for _, w := range s.app.Workloads {
		ws = append(ws, w.Name)
	}
	for _, v := range s.app.Volumes {
		vs = append(vs, v.Name)
	}
	workload, volume := names.Labels(ws), names.Labels(vs)
	for i := range s.app.Volumes {
		v := &s.app.Volumes[i]
		from, to := deploy.At("volumes", v.Name), deploy.At("volumes", volume[v.Name])
		s.l.Move(from, to)
		s.origin[string(to)] = string(from)
		v.Name = volume[v.Name]
	}
	for i := range s.app.Workloads {
		w := &s.app.Workloads[i]
		from, to := deploy.At("workloads", w.Name), deploy.At("workloads", workload[w.Name])
		s.l.Move(from, to)
		s.origin[string(to)] = string(from)
		w.Name = workload[w.Name]
		for k := range w.Needs {
			if n, ok := workload[w.Needs[k].Workload]; ok {
				w.Needs[k].Workload = n
			}
		}
		for k := range w.Mounts {
			if r, ok := w.Mounts[k].Volume.Get(); ok {
				if n, ok := volume[r.Name()]; ok {
					w.Mounts[k].Volume = deploy.Some(deploy.Ref(deploy.At("volumes", n)))
				}
			}
		}
	}
	deploy.Lead(&s.app, "routes", func(p deploy.Path) deploy.Path { return ledger.After(s.l.Moves, p) })
}

// sourcePath returns where a place of the lowered model was in the source.
func (s *step) sourcePath(p deploy.Path) deploy.Path {
	n := p.Names()
	if len(n) < 2 {
		return p
	}
	to := deploy.At(n[:2]...)
	if from, ok := s.origin[string(to)]; ok {
		p = p.Rebase(to, deploy.Path(from))
		if len(n) > 3 && n[2] == "needs" {
			if dep, ok := s.origin[string(deploy.At("workloads", n[3]))]; ok {
				n[3] = deploy.Path(dep).Base()
				return deploy.Path(from).Join(n[2:]...)
			}
		}
	}
	return p
}

// system gives the system a name that compose accepts.
func (s *step) system() {
	if name, ok := s.app.Name.Get(); ok {
		if fit := projectName(name); fit != name {
			s.app.Name = deploy.Some(fit)
			s.l.Convert("name", "a compose project's name has lower-case letters, digits, - and _ alone", "name")
		}
	}
}

// tree lets the build contexts take up the place of the source tree. It comes last: only images that are built have a context.
func (s *step) tree() {
	var contexts, backs []deploy.Path
	for _, w := range s.app.Workloads {
		if w.Build.Context.IsSet() {
			contexts = append(contexts, deploy.At("workloads", w.Name, "build", "context"))
		}
		if w.Build.Back.IsSet() {
			backs = append(backs, deploy.At("workloads", w.Name, "build", "back"))
		}
	}
	take := func(leaf *deploy.Opt[string], path deploy.Path, to []deploy.Path) {
		switch {
		case !leaf.IsSet():
			return
		case len(to) == 0:
			s.l.Idle(path, "nothing is built from the tree")
		default:
			s.l.Convert(path, "the build contexts lead to the source tree", to...)
		}
		*leaf = deploy.Opt[string]{}
	}
	take(&s.app.Tree, "tree", contexts)
	take(&s.app.Place, "place", backs)
}

func projectName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, name)
	if name = strings.TrimLeft(name, "-_"); name == "" {
		return "app"
	}
	return name
}

// kind keeps what compose has profiles for.
func (o one) kind() {
	switch o.w.Kind.Or(deploy.Service) {
	case deploy.Job, deploy.Cron:
		if o.w.Autostart.Is(true) && o.awaited() {
			o.w.Autostart = deploy.Opt[bool]{}
			o.l.Turns = append(o.l.Turns, ledger.Turn{From: o.from.Join("autostart"), Outcome: ledger.Inert, Reason: "those that wait for its end start it", Later: true})
		}
		if o.w.Autostart.IsSet() {
			o.w.Autostart = deploy.Opt[bool]{}
			o.l.Drop(o.from.Join("autostart"), "compose starts a job on request alone", "start it with `docker compose run --rm "+o.w.Name+"`, or by a timer of the machine")
		}
		if p, ok := o.w.Restart.Policy.Get(); ok && p != deploy.RestartNo {
			o.w.Restart.Policy = deploy.Some(deploy.RestartNo)
			o.l.Approximate(o.from.Join("restart", "policy"), "compose would restart a job that has done its work", "start it again by hand when it failed", o.to.Join("restart", "policy"))
		}
	case deploy.Agent:
		o.w.Kind = deploy.Some(deploy.Service)
		o.l.Approximate(o.from.Join("kind"), "compose knows one machine, where it runs once", "", o.to.Join("kind"))
	}
}

// awaited reports whether another workload starts only after this one's end.
func (o one) awaited() bool {
	for _, w := range o.app.Workloads {
		for _, n := range w.Needs {
			if n.Workload == o.w.Name && n.Condition.Is(deploy.Completed) {
				return true
			}
		}
	}
	return false
}
