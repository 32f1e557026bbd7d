// Package compose reads Compose files: services become workloads. The mapping is the table of table.go, which names every key of the Compose specification.
//
// What the image itself says (its user, directory, stop signal, ports) is the Dockerfile's to tell: Result.Pieces names the Dockerfiles, and package dockerfile reads them.
package compose

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// Source reads Compose files.
var Source = detect.Source{
	Name:   "compose",
	Doc:    "Compose files: compose.yaml, docker-compose.yml",
	Tier:   detect.Container,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Sample: sample,
	Absent: absent,
}

// names are what compose looks for, best first.
var names = []string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}

// match picks, in the root of the tree and in each directory just below it, the file that compose itself would take. A file in the root stands for the whole tree.
func match(paths []string) []string {
	best := map[string]string{}
	for _, p := range paths {
		dir, base := path.Split(p)
		rank := slices.Index(names, base)
		if rank < 0 || strings.Count(p, "/") > 1 {
			continue
		}
		if old, ok := best[dir]; !ok || rank < slices.Index(names, path.Base(old)) {
			best[dir] = p
		}
	}
	if p, ok := best[""]; ok {
		return []string{p}
	}
	var out []string
	for _, p := range best {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func read(t detect.Tree, picked []string) (detect.Result, error) {
	var rec detect.Recorder
	for _, p := range picked {
		src, err := fs.ReadFile(t.FS, p)
		if err != nil {
			return detect.Result{}, fmt.Errorf("%s: %w", p, err)
		}
		before := len(rec.Doc.Settings)
		roots := yamldoc.Parse(&rec, p, src)
		for _, root := range roots {
			r := newReader(&rec, t, p, root)
			already := len(rec.App.Workloads)
			r.document()
			rec.Pieces = append(rec.Pieces, r.pieces(rec.App.Workloads[already:])...)
		}
		for i := before; i < len(rec.Doc.Settings) && len(roots) == 0; i++ {
			rec.Drop(i, "the file cannot be read", "")
		}
		for _, o := range []string{"compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml"} {
			o = path.Join(path.Dir(p), o)
			if _, ok := slices.BinarySearch(t.Paths, o); ok {
				rec.Find(ledger.Warning, ledger.Pos{File: o}, "compose merges this file into "+p+"; lift reads "+p+" alone", "write out the result: docker compose config > compose.yaml")
			}
		}
	}
	return rec.Finish(func(ledger.Setting) (string, string) {
		return "lift does not know what it does here", "report it, please"
	}), nil
}

func newReader(rec *detect.Recorder, t detect.Tree, file string, root yamldoc.Node) *reader {
	return &reader{
		rec: rec, tree: t, file: file, root: root,
		defaulted: map[int]string{}, said: map[said]bool{}, envFiles: map[string][]envLine{}, services: map[string]bool{}, volumes: map[string]bool{}, configs: map[string]configFile{},
	}
}

// document reads one compose file.
func (r *reader) document() {
	if !r.root.IsMap() {
		r.bad(r.root, wrongf("begin with services:", "a compose file is a mapping"))
		return
	}
	if r.root.IsLeaf() {
		r.inert(r.root, emptyReason)
	}
	list, vols := r.root.Get("services"), r.root.Get("volumes")
	for _, e := range vols.Entries() {
		r.volumes[e.Key] = true
	}
	for _, e := range list.Entries() {
		r.services[e.Key] = true
	}
	if !list.Exists() || list.IsNull() {
		r.rec.Find(ledger.Error, ledger.Pos{File: r.file, Line: 1}, "no services", "write services: with at least one service")
	}
	top.walk(r, r.root, "", func(w *row, v yamldoc.Node) { w.top(r)(v) })
	for _, e := range r.root.Entries() {
		if strings.HasPrefix(e.Key, "x-") {
			r.extension(e.Value)
		}
	}
	r.cycles()
}

// extension accounts for what only anchors can use.
func (r *reader) extension(n yamldoc.Node) {
	for _, i := range n.Settings() {
		if !r.rec.Accounted(i) {
			r.rec.Inert(i, extensionReason)
		}
	}
}

// name reads the system's name. Of several files the first one names it.
func (r *reader) name(n yamldoc.Node) {
	t, ok := r.text(n)
	switch {
	case !ok:
	case r.rec.App.Name.IsSet():
		r.all(n, ledger.Overridden, "another file names the system", "")
	default:
		r.rec.App.Name = deploy.Some(t)
		r.give(n, deploy.At("name"))
	}
}

var serviceName = lazyregexp.New(`^[a-zA-Z0-9._-]+$`)

func (r *reader) allServices(n yamldoc.Node) {
	if !n.IsMap() {
		r.bad(n, wrongf("write NAME: {image: ...}", "services are a mapping"))
		return
	}
	seen := map[string]bool{}
	for _, e := range n.Entries() {
		switch {
		case seen[e.Key]:
			r.bad(e.Value, wrongf("remove one of them", "the service stands here twice"))
		case slices.ContainsFunc(r.rec.App.Workloads, func(w deploy.Workload) bool { return w.Name == e.Key }):
			r.bad(e.Value, wrongf("give one of them another name", "another file has a service of this name"))
		case !serviceName.MatchString(e.Key):
			r.bad(e.Value, wrongf("use letters, digits, - _ and .", "a service cannot have this name"))
		case !e.Value.IsMap() || e.Value.IsLeaf():
			r.bad(e.Value, wrongf("write image: or build:", "a service is a mapping"))
		default:
			r.service(e.Key, e.Value)
		}
		seen[e.Key] = true
	}
}

func (r *reader) service(name string, n yamldoc.Node) {
	s := &svc{reader: r, name: name, at: deploy.At("workloads", name), node: n, imageOwn: true}
	s.w.Name = name
	s.test.off = checkIsOff(n.Get("healthcheck"))
	r.rec.Place(s.at, n.KeyPos())
	r.rec.Owns = append(r.rec.Owns, s.at)
	type call struct {
		late int
		run  func()
	}
	var calls []call
	services.walk(r, n, "", func(w *row, v yamldoc.Node) { calls = append(calls, call{w.late, func() { w.do(s)(v) }}) })
	slices.SortStableFunc(calls, func(a, b call) int { return cmp.Compare(a.late, b.late) })
	for _, c := range calls {
		c.run()
	}
	for _, e := range n.Entries() {
		if strings.HasPrefix(e.Key, "x-") {
			r.extension(e.Value)
		}
	}
	if !n.Get("image").Exists() && !n.Get("build").Exists() && !n.Get("extends").Exists() && !n.Get("provider").Exists() {
		r.rec.Find(ledger.Error, n.KeyPos(), n.Path+": neither image nor build", "name an image, or the directory to build")
	}
	s.settle()
	r.rec.App.Workloads = append(r.rec.App.Workloads, s.w)
}

// isWaitedFor reports whether another service starts only after this one has come to its end.
func (s *svc) isWaitedFor() bool {
	for _, e := range s.root.Get("services").Entries() {
		if e.Value.Get("depends_on", s.name, "condition").Str() == "service_completed_successfully" {
			return true
		}
	}
	return false
}

// settle sets what compose does where the service says nothing: every field that compose could set is set, except those that the image decides.
func (s *svc) settle() {
	key := "services." + s.name + "."
	if !s.w.Kind.IsSet() && s.isWaitedFor() {
		s.w.Kind = deploy.Some(deploy.Job)
		s.implied("services.depends_on", key+"kind", "another service waits for its end", s.at.Join("kind"))
	}
	if !s.w.Kind.IsSet() {
		s.w.Kind = deploy.Some(deploy.Service)
		s.implied("services", key+"kind", "service", s.at.Join("kind"))
	}
	if !s.w.Autostart.IsSet() && s.w.Kind.Is(deploy.Service) {
		s.w.Autostart = deploy.Some(true)
		s.implied("services.profiles", key+"profiles", "started with the system", s.at.Join("autostart"))
	}
	if !s.w.Restart.Policy.IsSet() {
		s.w.Restart.Policy = deploy.Some(deploy.RestartNo)
		s.implied("services.restart", key+"restart", "no", s.at.Join("restart", "policy"))
	}
	if !s.w.Stop.Grace.IsSet() {
		s.w.Stop.Grace = deploy.Some(deploy.Bound(defaultGrace))
		s.implied("services.stop_grace_period", key+"stop_grace_period", "10s", s.at.Join("stop", "grace"))
	}
	if !s.w.Stop.Scope.IsSet() { // an entrypoint of the image that passes signals on is stated in its Dockerfile and takes the place of this default
		s.w.Stop.Scope = deploy.Some(deploy.StopMixed)
		s.implied("services.stop_signal", key+"stop: PID 1, then all", "mixed", s.at.Join("stop", "scope"))
	}
	if !s.w.Scale.Replicas.IsSet() {
		s.w.Scale.Replicas = deploy.Some(int64(1))
		s.implied("deploy.replicas", key+"deploy.replicas", "1", s.at.Join("scale", "replicas"))
	}
	for _, b := range []struct {
		field     *deploy.Opt[bool]
		name, key string
	}{{&s.w.Security.NoNewPrivileges, "noNewPrivileges", "security_opt"}, {&s.w.Security.ReadOnlyRoot, "readOnlyRoot", "read_only"}, {&s.w.Security.Privileged, "privileged", "privileged"}} {
		if !b.field.IsSet() {
			*b.field = deploy.Some(false)
			s.implied("services."+b.key, key+b.key, "false", s.at.Join("security", b.name))
		}
	}
	s.settleCaps()
	s.settleHealth()
	s.settleBuild()
}

const defaultGrace = 10 * time.Second
