package exchange

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// Gap is something that no exchange can be derived for.
type Gap struct {
	What string // "route http://shop.example~^/x"
	Why  string
}

// Derive makes a first file of exchanges from what the model of the original tells: its probes, its routes, and the root of each port that speaks HTTP, by methods that change nothing. above are the models of the
// tiers above, for the ports that they publish; called tells what a workload is called there. from tells where in the sources a path of the model stands, "" if nowhere; it may be nil.
//
// Nothing is expected of the answers but that there are any: that they are the same is the comparison's to find.
func Derive(app deploy.App, above []Tier, from func(deploy.Path) string) (File, []Gap) {
	d := deriver{app: app, above: above, from: from, seen: map[string]bool{}}
	d.file.Comment = []string{"Derived from the system's probes, routes and ports; a start, to be extended by what the programs are for."}
	for _, w := range app.Workloads {
		d.workload(w)
	}
	for _, r := range app.Routes {
		d.route(r)
	}
	for _, g := range d.gaps {
		d.file.End = append(d.file.End, remark("Not derived: "+g.What+": "+g.Why))
	}
	if len(d.file.Items) == 0 && len(d.file.End) > 0 { // Print and Parse agree on it that way
		d.file.Comment, d.file.End = append(d.file.Comment, d.file.End...), nil
	}
	return d.file, d.gaps
}

// Tier is a tier above the original, as Derive needs it.
type Tier struct {
	App    deploy.App
	Called map[string]string // what the original's workloads are called there, where that differs
}

type deriver struct {
	app   deploy.App
	above []Tier
	from  func(deploy.Path) string
	file  File
	gaps  []Gap
	seen  map[string]bool
}

// add adds one exchange for each method, unless it is there already.
func (d *deriver) add(why string, at deploy.Path, a Address, websocket bool, methods ...string) {
	if d.from != nil {
		if p := d.from(at); p != "" {
			why += ", " + p
		}
	}
	for _, m := range methods {
		it := Item{Request: Request{Method: m, Address: a, WebSocket: websocket}}
		key := it.Name() + strconv.FormatBool(websocket)
		if d.seen[key] {
			continue
		}
		d.seen[key] = true
		it.Comment = []string{remark(why)}
		if websocket {
			it.Title = "a WebSocket"
		}
		d.file.Items = append(d.file.Items, it)
	}
}

// remark makes a comment of a text: one line.
func remark(text string) string {
	return strings.TrimFunc(strings.Map(func(r rune) rune {
		if control(r) {
			return ' '
		}
		return r
	}, text), blank)
}

func (d *deriver) gap(what, why string) { d.gaps = append(d.gaps, Gap{what, why}) }

// safe are the methods that change nothing (RFC 9110 section 9.2.1), but TRACE, which shows what a proxy sends on.
var safe = []string{http.MethodGet, http.MethodHead}

// workload derives what its probes and ports tell.
func (d *deriver) workload(w deploy.Workload) {
	if !workloadName(w.Name) {
		d.gap(w.Name, "its name cannot be written as a workload's")
		return
	}
	if w.Kind.Is(deploy.Job) || w.Kind.Is(deploy.Cron) {
		d.gap(string(w.Kind.Or(""))+" "+w.Name, "to run it may change something; write run "+w.Name+" where its time is")
		return
	}
	speaks := map[int64]bool{}
	for _, p := range []struct {
		name string
		deploy.Probe
	}{{"startup", w.Probes.Startup}, {"readiness", w.Probes.Readiness}, {"liveness", w.Probes.Liveness}} {
		path, ok := p.Path.Get()
		port, known := p.Port.Get()
		switch {
		case !ok:
			continue
		case !known:
			d.gap(p.name+" probe of "+w.Name, "its port is not known")
			continue
		case pathFault(path) != "" || !strings.HasPrefix(path, "/") || strings.Contains(path, "${"):
			d.gap(p.name+" probe of "+w.Name, "its path cannot be written in a request")
			continue
		}
		speaks[port] = true
		d.ways(w, port, path, p.name+" probe of "+w.Name, deploy.At("workloads", w.Name, "probes", p.name, "path"), safe...)
	}
	for _, r := range d.app.Routes {
		if ref, ok := r.Workload.Get(); ok && ref.Name() == w.Name && strings.HasPrefix(r.Match, "http://") { // with https it may have the certificate itself
			speaks[r.Port.Or(0)] = true
		}
		if ref, ok := r.Workload.Get(); ok && ref.Name() == w.Name && r.Via.IsSet() { // the proxy has the certificate
			speaks[r.Port.Or(0)] = true
		}
	}
	for _, p := range w.Ports {
		number, protocol, _ := strings.Cut(p.Number, "/")
		n, err := strconv.ParseInt(number, 10, 64)
		what := "port " + p.Number + " of " + w.Name
		if n, isNumber := n, err == nil; !isNumber || n < 1 || n > 65535 {
			d.gap(what, "it is no number")
			continue
		}
		switch said := p.Protocol.Or(""); {
		case protocol != "tcp":
			d.gap(what, "it is not HTTP")
		case said == "http" || said == "" && speaks[n]:
			d.ways(w, n, "/", "port "+number+" of "+w.Name, deploy.At("workloads", w.Name, "ports", p.Number), append(slices.Clone(safe), http.MethodOptions)...)
		case said != "":
			d.gap(what, "it speaks "+said)
		default:
			d.gap(what, "nothing says that it speaks HTTP")
		}
	}
}

// ways derives the requests to a port: to the program itself, and where any tier publishes it, there.
func (d *deriver) ways(w deploy.Workload, port int64, path, why string, at deploy.Path, methods ...string) {
	a := Address{Workload: w.Name, Port: int(port), Path: path}
	d.add(why, at, a, false, methods...)
	if d.published(w.Name, port) {
		a.Way = Published
		d.add(why+", where it is published", at, a, false, methods...)
	}
}

// published reports whether a tier offers the port on the machine.
func (d *deriver) published(workload string, port int64) bool {
	for _, t := range append([]Tier{{App: d.app}}, d.above...) {
		name := workload
		if here, ok := t.Called[workload]; ok {
			name = here
		}
		for _, w := range t.App.Workloads {
			for _, p := range w.Ports {
				if w.Name == name && p.Number == strconv.FormatInt(port, 10)+"/tcp" && p.Published.IsSet() {
					return true
				}
			}
		}
	}
	return false
}

// route derives what a route tells: a request from outside for what it matches.
func (d *deriver) route(r deploy.Route) {
	at := deploy.At("routes", r.Match)
	t, ok := deploy.ParseTarget(r.Match)
	switch {
	case !ok:
		d.gap("route "+r.Match, "it cannot be read")
		return
	case t.Pattern:
		d.gap("route "+r.Match, "a pattern names no path to ask for")
		return
	}
	a := Address{Way: Outside, Scheme: t.Scheme, Host: t.Host, Path: t.Path}
	switch {
	case a.Host == "*":
		a.Host = "any.example"
	case strings.HasPrefix(a.Host, "*."):
		a.Host = "any" + a.Host[1:]
	}
	if a.Path == "" {
		a.Path = "/"
	}
	if !hostName(a.Host) || pathFault(a.Path) != "" || strings.Contains(a.Path, "${") {
		d.gap("route "+r.Match, "it cannot be written as a request")
		return
	}
	why := "route " + r.Match
	if via, ok := r.Via.Get(); ok {
		why += " through " + via.Name()
	}
	if r.Upgrade.Is(true) {
		d.add(why+", which lets connections go on with another protocol", at, a, true, http.MethodGet)
	}
	d.add(why, at, a, false, safe...)
}
