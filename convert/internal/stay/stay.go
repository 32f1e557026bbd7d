// Package stay leaves on Kubernetes what does not fit a serverless platform, and says why.
package stay

import (
	"fmt"
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	corev1 "k8s.io/api/core/v1"
)

// Blocker is why a workload stays on Kubernetes.
type Blocker struct{ Reason, Remedy string }

// Workload leaves a workload on Kubernetes: of it the lowered model has the name alone.
func Workload(o pod.Workload, blockers []Blocker) {
	was := *o.W
	*o.W = deploy.Workload{Name: was.Name}
	if len(deploy.Paths(deploy.App{Workloads: []deploy.Workload{was}})) == 1 {
		return // it stayed before
	}
	var reasons, remedies []string
	for _, b := range blockers {
		reasons = append(reasons, b.Reason)
		remedies = append(remedies, b.Remedy)
	}
	reason, remedy := strings.Join(reasons, "; "), strings.Join(Unique(remedies), "; ")
	o.Notice(ledger.Warning, was.Name+" stays on Kubernetes: "+reason, remedy)
	o.L.Turns = append(o.L.Turns, ledger.Turn{From: o.From, To: []deploy.Path{o.To}, Outcome: ledger.Approximated, Stays: true, Reason: "stays on Kubernetes: " + reason, Remedy: remedy})
}

// Volumes leaves the claims on Kubernetes, but for those that move. A StatefulSet's own are part of their workload; the others keep their names.
func Volumes(s *pod.Step, own map[string]string, moves func(volume string) bool) {
	kept := s.App.Volumes[:0]
	for _, v := range s.App.Volumes {
		at := deploy.At("volumes", v.Name)
		turn := ledger.Turn{From: at, To: []deploy.Path{at}, Outcome: ledger.Approximated, Stays: true, Reason: "its claim stays on Kubernetes, with the workloads that mount it"}
		switch owner := own[v.Name]; {
		case moves(v.Name):
		case owner != "":
			turn.To, turn.Reason = []deploy.Path{deploy.At("workloads", owner)}, "its claim stays on Kubernetes, with the StatefulSet "+owner
			s.L.Turns = append(s.L.Turns, turn)
			continue
		default:
			if v != (deploy.Volume{Name: v.Name}) {
				s.L.Turns = append(s.L.Turns, turn)
			}
			v = deploy.Volume{Name: v.Name}
		}
		kept = append(kept, v)
	}
	s.App.Volumes = kept
}

// Gateway leaves what requests to Kubernetes come through there. stays tells whether a route does.
func Gateway(s *pod.Step, stays bool) {
	for _, leaf := range []struct {
		of *deploy.Opt[string]
		at deploy.Path
	}{{&s.App.Gateway, "gateway"}, {&s.App.Ingress, "ingress"}} {
		if leaf.of.IsSet() {
			*leaf.of = deploy.Opt[string]{}
			s.L.Turns = append(s.L.Turns, ledger.Turn{From: leaf.at, Outcome: ledger.Inert, Reason: "it is for the routes that stay on Kubernetes", Stays: stays})
		}
	}
}

// HTTPPort returns the one port of a workload that answers HTTP requests, or why there is none. platform is what would send it requests.
func HTTPPort(w deploy.Workload, platform string) (int32, *Blocker) {
	switch len(w.Ports) {
	case 0:
		return 0, &Blocker{"it has no port: " + platform + " runs what answers requests", "leave it on Kubernetes"}
	case 1:
	default:
		var all []string
		for _, p := range w.Ports {
			all = append(all, p.Number)
		}
		return 0, &Blocker{"it has several ports (" + strings.Join(all, ", ") + "), and requests come to one", "split it, or serve all on one port"}
	}
	p := w.Ports[0]
	number, proto, err := pod.PortNumber(p.Number)
	switch {
	case err != nil || proto != corev1.ProtocolTCP:
		return 0, &Blocker{"its port " + p.Number + " is no TCP port", "leave it on Kubernetes"}
	case p.Protocol.IsSet() && !p.Protocol.Is("http") && !p.Protocol.Is("grpc"):
		return 0, &Blocker{"its port speaks " + p.Protocol.Or("") + ", and " + platform + " knows HTTP alone", "leave it on Kubernetes"}
	case !p.Protocol.IsSet() && !asked(w.Probes, int64(number)):
		return number, &Blocker{"nothing tells that its port speaks HTTP", fmt.Sprintf("set workloads.%s.ports.%s.protocol to http in lift.yaml if it does", w.Name, p.Number)}
	}
	return number, nil
}

// asked reports whether an HTTP probe asks the port, which proves what it speaks.
func asked(p deploy.Probes, port int64) bool {
	for _, probe := range []deploy.Probe{p.Startup, p.Readiness, p.Liveness} {
		if probe.Path.IsSet() && probe.Port.Or(port) == port {
			return true
		}
	}
	return false
}

// Extras lists what of a workload no serverless platform has a place for: files of a ConfigMap, privileges, commands beside the program.
func Extras(w deploy.Workload, platform string) []Blocker {
	var out []Blocker
	for _, f := range w.Files {
		out = append(out, Blocker{"it reads the configuration file " + f.Path + ", which its ConfigMap on Kubernetes holds", "put the file into the image, or leave it on Kubernetes"})
	}
	if w.Security.Privileged.Is(true) {
		out = append(out, Blocker{"it runs privileged, which " + platform + " refuses", "run it without"})
	}
	for _, t := range []struct {
		what  string
		tasks []deploy.Task
	}{{"before its start", w.Before}, {"after its start", w.Started}, {"before its stop", w.Stopping}} {
		if len(t.tasks) > 0 {
			out = append(out, Blocker{"it runs commands " + t.what + ", for which " + platform + " has no place", "move them into the program or the image"})
		}
	}
	return out
}

// Unique returns the texts without repetitions, in their order.
func Unique(texts []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}
