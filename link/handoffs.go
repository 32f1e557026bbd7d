package link

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Handoffs gives the routes on which a proxy hands requests on the workload that answers at the other end. Calls has settled by then who has a port, so that at most one does; where nobody is known
// the proxy goes on doing it.
func Handoffs(r *detect.Result) {
	for _, h := range r.Handoffs {
		for i := range r.App.Routes {
			route := &r.App.Routes[i]
			if route.Match != h.Match {
				continue
			}
			at := deploy.At("routes", h.Match)
			fields := []deploy.Path{at.Join("workload"), at.Join("port")}
			number := h.Address[strings.LastIndexByte(h.Address, ':')+1:]
			if owners := ownersOf(r, number); len(owners) > 0 {
				route.Workload, route.Prefix = deploy.Some(deploy.Ref(deploy.At("workloads", owners[0].workload))), h.Prefix
				if n, err := strconv.ParseInt(number, 10, 32); err == nil {
					route.Port = deploy.Some(n)
				}
				if h.Prefix.IsSet() {
					fields = append(fields, at.Join("prefix"))
				}
			} else {
				route.Workload, route.Port = route.Via, deploy.Some(h.Itself)
			}
			r.Doc.Reads = append(r.Doc.Reads, ledger.Read{Setting: h.Setting, Outcome: ledger.Converted, Fields: fields, Part: true})
		}
	}
}
