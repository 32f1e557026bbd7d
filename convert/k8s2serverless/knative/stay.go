package knative

import (
	"fmt"
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// stay leaves a workload on Kubernetes: of it the lowered model has the name alone, which the kustomization lists.
func stay(o pod.Workload) {
	was := *o.W
	*o.W = deploy.Workload{Name: was.Name}
	if len(deploy.Paths(deploy.App{Workloads: []deploy.Workload{was}})) == 1 {
		return // it stayed before
	}
	var reasons, remedies []string
	for _, b := range blockers(was) {
		reasons = append(reasons, b.reason)
		remedies = append(remedies, b.remedy)
	}
	o.L.Turns = append(o.L.Turns, ledger.Turn{
		From: o.From, To: []deploy.Path{o.To}, Outcome: ledger.Approximated, Stays: true,
		Reason: "stays on Kubernetes: " + strings.Join(reasons, "; "), Remedy: strings.Join(unique(remedies), "; "),
	})
}

// stayVolumes leaves the claims on Kubernetes. A StatefulSet's own are part of their workload; the others have a folder of their own, and keep their names.
func stayVolumes(s *pod.Step, own map[string]string) {
	kept := s.App.Volumes[:0]
	for _, v := range s.App.Volumes {
		at := deploy.At("volumes", v.Name)
		turn := ledger.Turn{From: at, To: []deploy.Path{at}, Outcome: ledger.Approximated, Stays: true, Reason: "its claim stays on Kubernetes, with the workloads that mount it"}
		if owner := own[v.Name]; owner != "" {
			turn.To, turn.Reason = []deploy.Path{deploy.At("workloads", owner)}, "its claim stays on Kubernetes, with the StatefulSet "+owner
			s.L.Turns = append(s.L.Turns, turn)
			continue
		}
		if v != (deploy.Volume{Name: v.Name}) {
			s.L.Turns = append(s.L.Turns, turn)
		}
		kept = append(kept, deploy.Volume{Name: v.Name})
	}
	s.App.Volumes = kept
}

func unique(texts []string) []string {
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

// addresses finds settings that address a workload by the port that it had: a Knative Service answers on port 80 of its name, whatever its container port is.
func addresses(s *pod.Step, src deploy.App, fits map[string]bool) {
	for _, target := range src.Workloads {
		if !fits[target.Name] {
			continue
		}
		number, _, err := pod.PortNumber(target.Ports[0].Number)
		if err != nil || number == 80 {
			continue
		}
		host := fmt.Sprintf("%s:%d", target.Name, number)
		for _, w := range src.Workloads {
			for _, e := range w.Env {
				text, known := e.Value.Reveal()
				if !known || e.Value.IsSecret() || !mentions(text, host) {
					continue
				}
				where := "knative/" + w.Name + ".yaml"
				if !fits[w.Name] {
					where = "kubernetes/base/" + w.Name
				}
				s.Notice(ledger.Warning, deploy.At("workloads", w.Name, "env", e.Name), fmt.Sprintf("addresses %s, but a Knative Service answers on port 80: nobody listens on %d", host, number),
					fmt.Sprintf("write http://%s in %s", target.Name, where))
			}
		}
	}
}

// mentions reports whether a text has the address HOST:PORT, not as a part of a longer name or number.
func mentions(text, address string) bool {
	inName := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	for i := 0; ; {
		k := strings.Index(text[i:], address)
		if k < 0 {
			return false
		}
		begin, end := i+k, i+k+len(address)
		if (begin == 0 || !inName(text[begin-1])) && (end == len(text) || text[end] < '0' || text[end] > '9') {
			return true
		}
		i = begin + 1
	}
}
