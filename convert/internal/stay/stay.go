// Package stay leaves on Kubernetes what does not fit a serverless platform, and says why.
package stay

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/convert/internal/names"
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

// SystemName settles the system's name, which labels what moves. what is what carries it.
func SystemName(s *pod.Step, moves bool, what string) {
	switch name, ok := s.App.Name.Get(); {
	case !moves && ok:
		s.App.Name = deploy.Opt[string]{}
		s.L.Turns = append(s.L.Turns, ledger.Turn{From: "name", Outcome: ledger.Inert, Reason: "nothing moves: the name stays with the Kubernetes objects", Stays: true})
	case moves && !ok:
		s.App.Name = deploy.Some("app")
		s.L.Assume("name", "app", what+" needs a name of the system")
	case moves && names.Label(name) != name:
		s.App.Name = deploy.Some(names.Label(name))
		s.L.Convert("name", "the system's name is "+what, "name")
	}
}

// Check refuses a lowered model in which what stays on Kubernetes (a workload without an image, a volume) has more than its name, an element is there twice, or a text is not UTF-8. moving checks each
// workload that moves.
func Check(a deploy.App, moving func(deploy.Workload) error) error {
	alone := map[deploy.Path]bool{} // elements that must have their name alone
	for i, w := range a.Workloads {
		at := deploy.At("workloads", w.Name)
		if i > 0 && a.Workloads[i-1].Name == w.Name {
			return fmt.Errorf("%s: is there twice", at)
		}
		if !w.Image.IsSet() {
			alone[at] = true
		} else if err := moving(w); err != nil {
			return fmt.Errorf("%s.%w", at, err)
		}
	}
	for _, v := range a.Volumes {
		if strings.Contains(v.Name, ",") {
			return fmt.Errorf("%s: a claim's name has no comma", deploy.At("volumes", v.Name))
		}
		alone[deploy.At("volumes", v.Name)] = true
	}
	var err error
	deploy.Visit(a, func(path []byte, l deploy.Leaf) {
		p := deploy.Path(path)
		n := p.Names()
		switch {
		case err != nil:
		case !utf8.Valid(path) || !utf8.ValidString(l.String()):
			err = fmt.Errorf("%q: is not UTF-8, which no YAML file can hold", path)
		case len(n) > 2 && alone[deploy.At(n[:2]...)]:
			err = fmt.Errorf("%s: what stays on Kubernetes has a name alone; what moves has an image", deploy.At(n...))
		}
	})
	return err
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
