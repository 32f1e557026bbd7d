package container2k8s

import (
	"fmt"
	"path"
	"slices"
	"unicode/utf8"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/yamlout"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// base is the folder of the output.
const base = "kubernetes/base"

// Write prints a lowered model. It fails on a model that holds what no file says, on a workload without an image, and on a secret whose text is known.
func Write(a deploy.App) (fileset.Set, error) {
	var out fileset.Set
	a = deploy.Clone(a)
	deploy.Sort(&a)
	if err := check(a); err != nil {
		return out, err
	}
	own := pod.OwnClaims(a)
	var folders []string
	for _, w := range a.Workloads {
		dir := path.Join(base, w.Name)
		objects, err := workloadObjects(a, w, own)
		if err != nil {
			return fileset.Set{}, fmt.Errorf("%s.%w", deploy.At("workloads", w.Name), err)
		}
		routes, err := routeObjects(a, w)
		if err != nil {
			return fileset.Set{}, err
		}
		objects = append(objects, routes...)
		if err := addFolder(&out, dir, objects); err != nil {
			return fileset.Set{}, err
		}
		folders = append(folders, w.Name)
	}
	var claims []object
	for _, v := range a.Volumes {
		if own[v.Name] == "" {
			claims = append(claims, object{v.Name + ".yaml", claim(a, v)})
		}
	}
	if len(claims) > 0 {
		if err := addFolder(&out, path.Join(base, claimsDir), claims); err != nil {
			return fileset.Set{}, err
		}
		folders = append(folders, claimsDir)
	}
	if len(folders) == 0 {
		return out, nil
	}
	if err := addKustomization(&out, base, folders); err != nil {
		return fileset.Set{}, err
	}
	if len(a.Workloads) == 0 {
		return out, nil
	}
	if err := addPolicies(&out, a); err != nil {
		return fileset.Set{}, err
	}
	return out, addOverlay(&out, a)
}

// object is a Kubernetes object and the file in its folder.
type object struct {
	file string
	data any
}

// addFolder adds the objects of one folder and the kustomization that lists them.
func addFolder(out *fileset.Set, dir string, objects []object) error {
	var files []string
	for _, o := range objects {
		data, err := pod.YAML(o.data)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", dir, o.file, err)
		}
		if err := out.Add(path.Join(dir, o.file), data); err != nil {
			return err
		}
		files = append(files, o.file)
	}
	return addKustomization(out, dir, files)
}

func addKustomization(out *fileset.Set, dir string, resources []string) error {
	return addList(out, dir, "kustomize.config.k8s.io/v1beta1", "Kustomization", resources)
}

func addList(out *fileset.Set, dir, version, kind string, resources []string) error {
	list := yamlout.Seq{}
	for _, r := range slices.Sorted(slices.Values(resources)) {
		list = append(list, r)
	}
	data, err := yamlout.Marshal(yamlout.Map{{Key: "apiVersion", Value: version}, {Key: "kind", Value: kind}, {Key: "resources", Value: list}})
	if err != nil {
		return err
	}
	return out.Add(path.Join(dir, "kustomization.yaml"), data)
}

// check refuses a model that Lower would not leave behind: Write has no ledger, so it may not lose anything.
func check(a deploy.App) error {
	rest := deploy.Clone(a)
	var lost ledger.Lowering
	convert.Apply(drops, &rest, &lost, func(p deploy.Path) deploy.Path { return p })
	if len(lost.Turns) > 0 {
		return fmt.Errorf("internal: deploy field %s unaccounted by container2k8s; please report", lost.Turns[0].From)
	}
	var err error
	deploy.Visit(a, func(p []byte, l deploy.Leaf) {
		if err == nil && (!utf8.Valid(p) || !utf8.ValidString(l.String())) {
			err = fmt.Errorf("%q: is not UTF-8, which no YAML file can hold", p)
		}
	})
	if err != nil {
		return err
	}
	for _, v := range a.Volumes {
		if !v.Size.IsSet() || !v.Access.Is(deploy.AccessOne) && !v.Access.Is(deploy.AccessMany) {
			return fmt.Errorf("%s: a claim needs its size and its access", deploy.At("volumes", v.Name))
		}
	}
	if err := checkRoutes(a); err != nil {
		return err
	}
	for i, w := range a.Workloads {
		at := deploy.At("workloads", w.Name)
		if w.Name == claimsDir {
			return fmt.Errorf("%s: the folder %s/%s is that of the claims", at, base, claimsDir)
		}
		if i > 0 && a.Workloads[i-1].Name == w.Name {
			return fmt.Errorf("%s: is there twice", at)
		}
		if err := checkWorkload(w); err != nil {
			return fmt.Errorf("%s.%w", at, err)
		}
		for _, name := range pod.Volumes(w) {
			if !slices.ContainsFunc(a.Volumes, func(v deploy.Volume) bool { return v.Name == name }) {
				return fmt.Errorf("%s.mounts: there is no volume %s", at, name)
			}
		}
	}
	return nil
}

// checkWorkload finds what the kind of the workload has no field for.
func checkWorkload(w deploy.Workload) error {
	kind := w.Kind.Or("")
	ends := kind == deploy.Job || kind == deploy.Cron
	switch {
	case !w.Image.IsSet() || w.Image.Is(""):
		return fmt.Errorf("image: a pod needs one; set it in lift.yaml")
	case kind != deploy.Service && kind != deploy.Agent && !ends:
		return fmt.Errorf("kind: %q has no form", kind)
	case deploy.Has(deploy.App{Workloads: []deploy.Workload{w}}, deploy.At("workloads", w.Name, "build")):
		return fmt.Errorf("build: has no form")
	case !ends && !w.Autostart.Is(true):
		return fmt.Errorf("autostart: starts as soon as it is applied")
	case !ends && !w.Restart.Policy.Is(deploy.RestartAlways):
		return fmt.Errorf("restart.policy: a pod that runs for ever is always restarted")
	case !ends && w.Restart.Attempts.IsSet():
		return fmt.Errorf("restart.attempts: has no form")
	case ends && !w.Restart.Policy.Is(deploy.RestartNo) && !w.Restart.Policy.Is(deploy.RestartOnFailure):
		return fmt.Errorf("restart.policy: a Job is restarted on failure or not at all")
	case kind != deploy.Service && w.Scale.Replicas.IsSet():
		return fmt.Errorf("scale.replicas: has no form")
	case !ends && w.Start.Run.IsSet():
		return fmt.Errorf("start.run: has no form")
	case w.Start.Timeout.IsSet():
		return fmt.Errorf("start.timeout: has no form")
	case kind != deploy.Cron && (w.Schedule.Cron.IsSet() || w.Schedule.Zone.IsSet() || w.Schedule.Overlap.IsSet() || w.Schedule.CatchUp.IsSet()):
		return fmt.Errorf("schedule: has no form")
	case kind == deploy.Cron && !w.Schedule.Cron.IsSet():
		return fmt.Errorf("schedule.cron: a CronJob needs one")
	case w.Stop.Signal.IsSet():
		return fmt.Errorf("stop.signal: has no form")
	case w.User.Name.IsSet() || w.User.Group.IsSet():
		return fmt.Errorf("user: a pod knows users and groups by number alone")
	case len(w.Started) > 1:
		return fmt.Errorf("started: a container has one such hook")
	case len(w.Stopping) > 1:
		return fmt.Errorf("stopping: a container has one such hook")
	}
	for _, f := range w.Files {
		if !f.Content.IsSet() {
			return fmt.Errorf("files.%s.content: there is nothing to put there", f.Path)
		}
	}
	for _, p := range []struct {
		name  string
		probe deploy.Probe
	}{{"startup", w.Probes.Startup}, {"readiness", w.Probes.Readiness}, {"liveness", w.Probes.Liveness}} {
		if p.probe.Client.IsSet() || p.probe.Command.Entrypoint.IsSet() {
			return fmt.Errorf("probes.%s: has no form", p.name)
		}
	}
	for _, m := range w.Mounts {
		at := "mounts." + m.Path
		volume, host, tmpfs := m.Kind.Is(deploy.MountVolume), m.Kind.Is(deploy.MountHost), m.Kind.Is(deploy.MountTmpfs)
		switch {
		case !volume && !host && !tmpfs:
			return fmt.Errorf("%s.kind: a mount needs one", at)
		case volume != m.Volume.IsSet():
			return fmt.Errorf("%s.volume: belongs to a mount of kind volume", at)
		case host != m.Host.IsSet():
			return fmt.Errorf("%s.host: belongs to a mount of kind host", at)
		case m.Size.IsSet() && !tmpfs:
			return fmt.Errorf("%s.size: belongs to a mount of kind tmpfs", at)
		}
	}
	for _, p := range w.Ports {
		switch {
		case !p.Address.Is(anywhere):
			return fmt.Errorf("ports.%s.address: a pod has an address of its own", p.Number)
		case p.Published.IsSet():
			return fmt.Errorf("ports.%s.published: has no form", p.Number)
		case p.Protocol.IsSet() && !p.Reachable.Is(true):
			return fmt.Errorf("ports.%s.protocol: only a port of the Service says it", p.Number)
		case !p.Name.IsSet():
			return fmt.Errorf("ports.%s.name: a port needs one", p.Number)
		}
	}
	return nil
}

// labels are those of all objects of a workload; its selector uses both.
func labels(a deploy.App, workload string) map[string]string {
	l := map[string]string{"app.kubernetes.io/name": workload}
	if name := a.Name.Or(""); name != "" {
		l["app.kubernetes.io/part-of"] = name
	}
	return l
}

func meta(a deploy.App, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Labels: labels(a, name)}
}
