package knative

import (
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
	o.Notice(ledger.Warning, was.Name+" stays on Kubernetes: "+strings.Join(reasons, "; "), strings.Join(unique(remedies), "; "))
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

// stayRoutes leaves the routes to what stays on Kubernetes there. A Knative Service is reached under a name of its own.
func stayRoutes(s *pod.Step, fits map[string]bool) {
	stays := false
	for _, r := range s.App.Routes {
		at, to := deploy.At("routes", r.Match), r.Workload.Or("").Name()
		switch {
		case r.Via.IsSet():
			s.L.Idle(at, r.Via.Or("").Name()+" does it on Kubernetes: all requests of the host reach it")
		case fits[to]:
			host := strings.TrimPrefix(r.Match, "http://")
			reason, remedy := to+" is reached under a name of its own, which Knative gives it", "add a DomainMapping (serving.knative.dev/v1beta1) with the name "+host+" that leads to "+to
			s.L.Drop(at, reason, remedy)
			s.Notice(ledger.Warning, at, r.Match+": no route is written: "+reason, remedy)
		default:
			stays = true
			s.L.Turns = append(s.L.Turns, ledger.Turn{From: at, To: []deploy.Path{deploy.At("workloads", to)}, Outcome: ledger.Approximated, Stays: true, Reason: "its route stays on Kubernetes, with " + to})
		}
	}
	s.App.Routes = nil
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
