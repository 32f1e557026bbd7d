// Package knative moves the workloads that answer HTTP requests from Kubernetes to Knative Services (serving.knative.dev/v1). What does not fit stays on Kubernetes, where it already is.
//
// What Knative accepts is read from knative.dev/serving v0.50.0 with its default feature flags: pkg/apis/serving/fieldmask.go and k8s_validation.go.
package knative

import (
	"maps"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Target is the step to Knative.
var Target = convert.Target{
	Name:  "knative",
	Doc:   "Knative Services; what does not fit stays on Kubernetes",
	Lower: Lower,
	Write: Write,
	Drops: drops,
}

// Lower changes a model of Kubernetes workloads to one in which those that fit are Knative Services. A workload or claim that stays on Kubernetes keeps its name alone.
func Lower(src deploy.App) (deploy.App, ledger.Lowering, []convert.Notice) {
	s := pod.NewStep(src)
	fits := map[string]bool{}
	for _, w := range src.Workloads {
		fits[w.Name] = len(blockers(w)) == 0
	}
	stay.SystemName(s, slices.Contains(slices.Collect(maps.Values(fits)), true), "the label app.kubernetes.io/part-of of all objects")
	own := pod.OwnClaims(s.App)
	addresses(s, src, fits)
	for i := range s.App.Workloads {
		if o := s.Workload(i); fits[o.W.Name] {
			lowerService(o)
		} else {
			stay.Workload(o, blockers(*o.W))
		}
	}
	stay.Volumes(s, own, func(string) bool { return false })
	stayRoutes(s, fits)
	convert.Apply(drops, &s.App, &s.L, s.Source)
	deploy.Sort(&s.App)
	return s.App, s.L, s.Notices
}

// lowerService brings one workload into the form of a Knative Service.
func lowerService(o pod.Workload) {
	w := o.W
	pod.Default(o, &w.Kind, deploy.Service, "it answers requests", "kind")
	pod.Default(o, &w.Autostart, true, "a Knative Service starts as soon as it is applied", "autostart")
	pod.Default(o, &w.Restart.Policy, deploy.RestartAlways, "Knative keeps it running", "restart", "policy")
	pod.Approximate(o, &w.Restart.Policy, deploy.RestartAlways, "Knative keeps it running: it is started again after every end", "leave it on Kubernetes as a Job if it is meant to end", "restart", "policy")
	pod.LowerCommand(o)
	lowerPort(o)
	lowerEnv(o)
	pod.LowerProbes(o)
	lowerUser(o)
	lowerMounts(o)
	lowerScale(o)
	pod.LowerResources(o)
	pod.LowerSecurity(o)
	if w.Start.Run.String() == "unlimited" {
		pod.Idle(o, &w.Start.Run, "nothing bounds the run of a service", "start", "run")
	}
	if w.Umask.Is(0o022) {
		pod.Idle(o, &w.Umask, "containers start with this umask", "umask")
	}
	if w.Stop.Signal.Is("SIGTERM") {
		pod.Idle(o, &w.Stop.Signal, "container runtimes send SIGTERM when the image says nothing else", "stop", "signal")
	}
	o.Notice(ledger.Warning, "the Service that Kubernetes has under the name "+w.Name+" is in Knative's way", "kubectl delete -k kubernetes/base/"+w.Name+" right before kubectl apply -k knative")
}

// lowerPort leaves the one port as Knative knows it. blockers has made sure that there is one, and that it speaks HTTP.
func lowerPort(o pod.Workload) {
	p := &o.W.Ports[0]
	at := func(leaf string) []string { return []string{"ports", p.Number, leaf} }
	pod.Default(o, &p.Protocol, "http", "its HTTP probe asks this port", at("protocol")...)
	pod.Idle(o, &p.Name, "Knative names the port by what it speaks: http1 or h2c", at("name")...)
	pod.Default(o, &p.Address, anywhere, "Knative's proxy reaches the program over the pod's network", at("address")...)
	if !p.Address.Is(anywhere) {
		pod.Approximate(o, &p.Address, anywhere, "Knative's proxy reaches the program over the pod's network", "let the program bind "+anywhere, at("address")...)
	}
	pod.Default(o, &p.Reachable, true, "a Knative Service has an address always", at("reachable")...)
	pod.Approximate(o, &p.Reachable, true, "a Knative Service has an address always", "keep others away with a NetworkPolicy", at("reachable")...)
	published, ok := p.Published.Get()
	switch {
	case !ok:
	case isLocal(published):
		pod.Drop(o, &p.Published, "only the machine itself reached it: its Knative Service is cluster-local", "remove the label networking.knative.dev/visibility if it is to be public", at("published")...)
	default:
		pod.Approximate(o, &p.Published, publicPort, "Knative's ingress offers it under a host name of its own, on port 80 (443 with a certificate)", "kubectl get ksvc "+o.W.Name+" tells the name", at("published")...)
	}
}

const (
	// anywhere is the address on which a program in a pod must listen.
	anywhere = "0.0.0.0"
	// publicPort is where Knative's ingress offers what is not cluster-local.
	publicPort = "80"
)

// isLocal reports whether a published port is bound to the machine itself.
func isLocal(published string) bool {
	return strings.HasPrefix(published, "127.") || strings.HasPrefix(published, "localhost:") || strings.HasPrefix(published, "[::1]:")
}

// lowerEnv removes the variables that Knative sets itself, and refuses to have set.
func lowerEnv(o pod.Workload) {
	kept := o.W.Env[:0]
	for _, e := range o.W.Env {
		switch e.Name {
		case "PORT":
			o.L.Convert(o.From.Join("env", "PORT"), "Knative sets PORT to the container port", o.To.Join("ports", o.W.Ports[0].Number))
		case "K_SERVICE", "K_CONFIGURATION", "K_REVISION":
			o.L.Drop(o.From.Join("env", e.Name), "Knative sets it itself, to names of its own", "read another variable")
		default:
			kept = append(kept, e)
		}
	}
	o.W.Env = kept
	app := o.App.Name.Or("")
	pod.LowerEnv(o, pod.CollectParameters(o.App, app+"-secrets", app+"-config"))
}

func lowerUser(o pod.Workload) {
	u := &o.W.User
	pod.Idle(o, &u.Volumes, "it mounts no claim", "user", "volumes")
	if u.Groups.IsSet() {
		u.Groups = nil
		o.L.Drop(o.From.Join("user", "groups"), "Knative accepts no further groups of a pod", "enable kubernetes.podspec-securitycontext in config-features and add supplementalGroups")
	}
	pod.LowerUser(o)
}

// lowerMounts settles the directories in memory, the only mounts that are left.
func lowerMounts(o pod.Workload) {
	for i := range o.W.Mounts {
		m := &o.W.Mounts[i]
		at := func(leaf string) []string { return []string{"mounts", m.Path, leaf} }
		pod.Default(o, &m.Kind, deploy.MountTmpfs, "that is what its settings speak of", at("kind")...)
		pod.Default(o, &m.ReadOnly, false, "Kubernetes' own default", at("readOnly")...)
		pod.Idle(o, &m.Volume, "the mount is of another kind", at("volume")...)
		pod.Idle(o, &m.Host, "the mount is of another kind", at("host")...)
	}
}

// lowerScale keeps as many pods warm as ran before, and lets no more run: whether more may run side by side (state in memory, connections to a database) only its owner knows.
func lowerScale(o pod.Workload) {
	s := &o.W.Scale
	n := s.Replicas.Or(1)
	at := func(leaf string) []string { return []string{"scale", leaf} }
	if s.Replicas.IsSet() {
		s.Replicas = deploy.Opt[int64]{}
		to := o.To.Join("scale", "min")
		reason := "Knative scales by itself, between scale.min and scale.max"
		if !s.Min.IsSet() {
			s.Min = deploy.Some(n)
			reason = "Knative scales by itself: min-scale keeps as many pods warm as ran before, so that no request waits for a start"
		}
		o.L.Approximate(o.From.Join("scale", "replicas"), reason, "min-scale 0 costs nothing while nobody asks, but the first request waits for a cold start", to)
	}
	pod.Default(o, &s.Min, n, "it ran always, so one pod stays warm; 0 would cost nothing while nobody asks, but the first request would wait for a cold start", at("min")...)
	pod.Default(o, &s.Max, max(n, s.Min.Or(0), 1), "so many ran side by side before; raise it once you know that more can", at("max")...)
	pod.Approximate(o, &s.Max, max(s.Max.Or(0), s.Min.Or(0), 1), "max-scale is not below min-scale, and 0 would mean without bound", "say in scale.min and scale.max what is meant", at("max")...)
}
