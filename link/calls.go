package link

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Calls finds out which workload listens at each address of the machine that a proxy hands requests to, by the strongest evidence: an argument, then a variable, then the code. What has only
// weaker evidence for a port does not listen there, since two programs cannot: it loses the port. Two with equal evidence are an error with both positions; a port that nobody listens on is a
// warning.
func Calls(r *detect.Result) {
	told := map[string]bool{}
	for _, c := range r.Calls {
		at := r.Doc.Settings[c.Setting].At
		if told[c.Workload+" "+c.Address] {
			continue
		}
		told[c.Workload+" "+c.Address] = true
		_, number, _ := strings.Cut(c.Address[strings.LastIndexByte(c.Address, ':'):], ":")
		owners := ownersOf(r, number)
		switch {
		case len(owners) == 0:
			r.Findings = append(r.Findings, ledger.Finding{
				Severity: ledger.Warning, At: at, What: c.Address + " is an address of the machine itself, and no workload is known to listen there",
				Remedy: "in a container it leads nowhere: name the machine or service that listens there, or let its program say its port (PORT=, --port)",
			})
		case len(owners) > 1 && owners[0].rank == owners[1].rank:
			r.Findings = append(r.Findings, ledger.Finding{
				Severity: ledger.Error, At: at, What: c.Address + " is claimed by two workloads: " + owners[0].String() + ", and " + owners[1].String(), Remedy: "say which of them listens: give the other one its own port",
			})
		default:
			r.Findings = append(r.Findings, ledger.Finding{Severity: ledger.Info, At: at, What: c.Address + " is " + owners[0].String()})
			for _, o := range owners[1:] {
				release(r, o.port, owners[0].String())
			}
		}
	}
}

// owner is a workload that listens on a port, by a setting.
type owner struct {
	workload string
	port     deploy.Path
	rank     int
	setting  ledger.Setting
}

func (o owner) String() string {
	return o.workload + " (" + o.setting.Key + " at " + o.setting.At.String() + ")"
}

// ownersOf lists who listens on a TCP port, the strongest evidence first.
func ownersOf(r *detect.Result, number string) []owner {
	var out []owner
	for _, w := range r.App.Workloads {
		port := deploy.At("workloads", w.Name, "ports", number+"/tcp")
		if !deploy.Has(r.App, port) {
			continue
		}
		best := owner{workload: w.Name, port: port}
		for _, rd := range r.Doc.Reads {
			if slices.ContainsFunc(rd.Fields, func(f deploy.Path) bool { return f.Under(port) }) {
				s := r.Doc.Settings[rd.Setting]
				if rank := rankOf(r, rd.Setting); rank > best.rank {
					best.rank, best.setting = rank, s
				}
			}
		}
		out = append(out, best)
	}
	slices.SortStableFunc(out, func(a, b owner) int { return b.rank - a.rank })
	return out
}

// rankOf weighs a setting that gave a port by what else it gave: the command line, or a variable.
func rankOf(r *detect.Result, setting int) int {
	rank := 1 // the code, or a default
	if r.Doc.Settings[setting].Implied {
		return rank
	}
	for _, rd := range r.Doc.Reads {
		if rd.Setting != setting {
			continue
		}
		for _, f := range rd.Fields {
			n := f.Names()
			switch {
			case len(n) > 2 && (n[2] == "command" || n[2] == "files"):
				return 3
			case len(n) > 2 && n[2] == "env":
				rank = max(rank, 2)
			}
		}
	}
	return rank
}

// release takes a port from a workload that cannot have it.
func release(r *detect.Result, port deploy.Path, winner string) {
	_ = deploy.Unset(&r.App, port) // it is there
	for i := range r.Doc.Reads {
		rd := &r.Doc.Reads[i]
		had := len(rd.Fields)
		rd.Fields = slices.DeleteFunc(slices.Clone(rd.Fields), func(f deploy.Path) bool { return f.Under(port) })
		if had > 0 && len(rd.Fields) == 0 {
			rd.Outcome, rd.Reason, rd.Remedy = ledger.Overridden, "the port is that of "+winner, ""
		}
	}
}
