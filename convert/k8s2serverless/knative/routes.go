package knative

import (
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

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
	stay.Gateway(s, stays)
}
