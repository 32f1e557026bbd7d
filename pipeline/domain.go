package pipeline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

// Domain is the host name under which requests from outside reach a workload.
type Domain struct {
	Stated
	Key      string // in the words of lift.yaml
	Workload string
}

// validHost reports whether a text is a host name, or *. before one.
func validHost(text string) bool {
	for label := range strings.SplitSeq(strings.TrimPrefix(text, "*."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return strings.Contains(text, ".") && len(text) <= 253
}

// domains gives the workloads of which lift.yaml says so a route from outside. Routes for all hosts, which a proxy without names has, are for the domain alone then.
func (d *Detected) domains(left map[string]string) {
	for _, dom := range d.Config.Domains {
		d.Doc.Settings = append(d.Doc.Settings, ledger.Setting{At: dom.At, Key: dom.Key, Value: deploy.Plain(dom.Text)})
		read := ledger.Read{Setting: len(d.Doc.Settings) - 1, Outcome: ledger.Converted, Part: true}
		fault := func(what, remedy string) {
			d.Findings = append(d.Findings, ledger.Finding{Severity: ledger.Error, At: dom.At, What: dom.Key + ": " + what, Remedy: remedy})
			read.Outcome, read.Reason, read.Fields = ledger.Inert, what, nil
		}
		at, match := deploy.At("workloads", dom.Workload), "http://"+dom.Text
		switch {
		case left[dom.Workload] != "":
			read.Outcome, read.Reason = ledger.Inert, left[dom.Workload]
		case !deploy.Has(d.App, at):
			have := elements(d.App, "workloads")
			remedy := "there are " + strings.Join(have, ", ")
			if near := nearest.Name(dom.Workload, have); near != "" {
				remedy = "did you mean " + near + "?"
			}
			fault("there is no workload "+dom.Workload, remedy)
		case deploy.Has(d.App, deploy.At("routes", match)):
			fault("a route for it is there already", "remove it")
		case d.rename(dom, at, &read):
		default:
			port, remedy := d.webPort(dom.Workload)
			if port == 0 {
				fault("nothing tells which port of "+dom.Workload+" answers requests from outside", remedy)
				break
			}
			route := deploy.At("routes", match)
			d.App.Routes = append(d.App.Routes, deploy.Route{Match: match, Workload: deploy.Some(deploy.Ref(at)), Port: deploy.Some(port)})
			read.Fields = []deploy.Path{route.Join("workload"), route.Join("port")}
		}
		d.Doc.Reads = append(d.Doc.Reads, read)
	}
	deploy.Sort(&d.App)
}

// rename lets the routes for all hosts that a proxy has be those of the domain.
func (d *Detected) rename(dom Domain, proxy deploy.Path, read *ledger.Read) bool {
	found := false
	for i := range d.App.Routes {
		r := &d.App.Routes[i]
		t, ok := deploy.ParseTarget(r.Match)
		if !ok || t.Host != "*" || !r.Workload.Is(deploy.Ref(proxy)) && !r.Via.Is(deploy.Ref(proxy)) {
			continue
		}
		from := deploy.At("routes", r.Match)
		t.Host = dom.Text
		r.Match = t.String()
		to := deploy.At("routes", r.Match)
		for k := range d.Doc.Reads {
			rd := &d.Doc.Reads[k]
			fields := make([]deploy.Path, len(rd.Fields))
			for n, f := range rd.Fields {
				fields[n] = f
				if f.Under(from) {
					fields[n] = f.Rebase(from, to)
				}
			}
			rd.Fields = fields
		}
		if t.Path == "" {
			read.Fields = append(read.Fields, to.Join("workload"))
		}
		found = true
	}
	return found
}

// webPort finds the port of a workload that answers requests from outside: the only one, the only one that speaks HTTP, or the only one that the machine offers.
func (d *Detected) webPort(workload string) (port int64, remedy string) {
	var all, http, published []string
	for _, w := range d.App.Workloads {
		if w.Name != workload {
			continue
		}
		for _, p := range w.Ports {
			number, transport, _ := strings.Cut(p.Number, "/")
			if transport != "tcp" {
				continue
			}
			all = append(all, number)
			if p.Protocol.Is("http") {
				http = append(http, number)
			}
			if p.Published.IsSet() {
				published = append(published, number)
			}
		}
	}
	for _, list := range [][]string{all, http, published} {
		if len(list) == 1 {
			port, _ = strconv.ParseInt(list[0], 10, 32)
			return port, ""
		}
	}
	if len(all) == 0 {
		return 0, "let its program say its port (PORT=, --port)"
	}
	return 0, fmt.Sprintf("say which of %s speaks HTTP: workloads.%s.ports.%s/tcp.protocol: http", strings.Join(all, ", "), workload, all[0])
}
