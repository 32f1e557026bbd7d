package lambda

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// plainPath are the paths that a route of an HTTP API can have as they stand: braces mean variables there.
var plainPath = lazyregexp.New(`^/[A-Za-z0-9._~/-]*$`)

// everything is the route of an HTTP API that takes what no other one does ($default).
const everything = "https://*"

// apiRoute returns the form that a route has in the HTTP API, which has one name for all hosts, or why it has none.
func apiRoute(r deploy.Route) (out deploy.Route, reason, remedy string) {
	t, ok := deploy.ParseTarget(r.Match)
	prefix, rewritten := r.Prefix.Get()
	switch {
	case !ok:
		return r, "it is not SCHEME://HOST[/PATH]", "write for example http://shop.example"
	case r.Upgrade.Is(true):
		return r, "its connections become WebSockets, which an HTTP API does not know", "leave it on Kubernetes, or rewrite it for a WebSocket API"
	case t.Pattern:
		return r, "an HTTP API knows no patterns of paths", "name the paths"
	case t.Path != "" && !plainPath.MatchString(t.Path):
		return r, "the path has characters that mean something else in an HTTP API", "add the route by hand"
	case rewritten && (prefix != "/" || t.Exact || strings.Trim(t.Path, "/") == ""):
		return r, "the Lambda Web Adapter takes a path away, and puts none in its place", "let the program answer under the path that is asked for"
	}
	t.Scheme, t.Host = "https", "*"
	if t.Path == "/" && !t.Exact {
		t.Path = ""
	}
	return deploy.Route{Match: t.String(), Workload: r.Workload, Port: r.Port, Prefix: r.Prefix}, "", ""
}

// basePath is what the adapter of a function takes away, "" for nothing.
func basePath(routes []deploy.Route) string {
	for _, r := range routes {
		if r.Prefix.IsSet() {
			t, _ := deploy.ParseTarget(r.Match)
			return strings.TrimSuffix(t.Path, "/")
		}
	}
	return ""
}

// conflict says why a route cannot stand beside those that are there already.
func (s *step) conflict(out deploy.Route, workload string) (reason, remedy string) {
	for other, routes := range s.routes {
		if other != workload && slices.ContainsFunc(routes, func(r deploy.Route) bool { return r.Match == out.Match }) {
			return "another host has the path for " + other + ", and an HTTP API has one name for all hosts", "give the host an HTTP API of its own"
		}
	}
	for _, r := range s.src.Routes { // of another host: a name that the API does not tell apart
		same, why, _ := apiRoute(r)
		if who := r.Workload.Or("").Name(); why == "" && same.Match == out.Match && who != workload && (r.Via.IsSet() || !s.hands(who)) {
			return "as " + r.Match + " the path leads to " + who + ", and an HTTP API has one name for all hosts", "give each host an HTTP API of its own"
		}
	}
	t, _ := deploy.ParseTarget(out.Match)
	base := basePath(s.routes[workload])
	own := strings.TrimSuffix(t.Path, "/")
	if i := slices.IndexFunc(s.routes[workload], func(r deploy.Route) bool { return r.Match == out.Match }); i >= 0 {
		if s.routes[workload][i] != out {
			return "another host has the path in another form", "give the host an HTTP API of its own"
		}
		return "", ""
	}
	switch {
	case base != "" && out.Prefix.IsSet() && own != base, base != "" && !out.Prefix.IsSet() && (own == base || strings.HasPrefix(own, base+"/")):
		return "the adapter of a function takes one path away, " + base + ", from all that it hands on", "let the program answer under the path that is asked for"
	}
	return "", ""
}

// hands reports whether a workload is a proxy that hands requests on.
func (s *step) hands(workload string) bool {
	return slices.ContainsFunc(s.src.Routes, func(r deploy.Route) bool { return r.Via.Or("").Name() == workload })
}

// planRoutes finds the routes of the HTTP API: those that lead to functions, whoever hands the requests on today.
func (s *step) planRoutes() {
	s.routes = map[string][]deploy.Route{}
	for _, r := range s.src.Routes {
		to := r.Workload.Or("").Name()
		out, reason, _ := apiRoute(r)
		if !s.serves(to) || reason != "" {
			continue
		}
		if reason, _ := s.conflict(out, to); reason == "" && !slices.ContainsFunc(s.routes[to], func(x deploy.Route) bool { return x.Match == out.Match }) {
			s.routes[to] = append(s.routes[to], out)
		}
	}
	for _, w := range s.src.Workloads {
		if r, ok := s.offered(w); ok {
			s.routes[w.Name] = append(s.routes[w.Name], r)
		}
	}
}

// serves reports whether a workload becomes a function that answers requests.
func (s *step) serves(name string) bool {
	return s.fits[name] && slices.ContainsFunc(s.src.Workloads, func(w deploy.Workload) bool { return w.Name == name && w.Kind.Or(deploy.Service) == deploy.Service })
}

// offered returns the route of a workload that the machine offers itself, without a name.
func (s *step) offered(w deploy.Workload) (deploy.Route, bool) {
	if !s.serves(w.Name) || len(w.Ports) != 1 || !isExternal(w.Ports[0].Published.Or("")) || len(s.routes[w.Name]) > 0 {
		return deploy.Route{}, false
	}
	for _, routes := range s.routes {
		if slices.ContainsFunc(routes, func(r deploy.Route) bool { return r.Match == everything }) {
			return deploy.Route{}, false
		}
	}
	return deploy.Route{Match: everything, Workload: deploy.Some(deploy.Ref(deploy.At("workloads", w.Name))), Port: deploy.Some(portOf(w))}, true
}

// lowerRoutes leaves the routes to functions, under the one name of the API.
func (s *step) lowerRoutes() {
	var kept []deploy.Route
	have := map[string]bool{}
	stays := false
	var hosts []string
	for _, r := range s.src.Routes {
		at, to := deploy.At("routes", r.Match), r.Workload.Or("").Name()
		drop := func(reason, remedy string) {
			s.L.Drop(at, reason, remedy)
			what := ": the HTTP API has no route for it: "
			if others := s.catchAll(); others != "" && others != to {
				what = ": the HTTP API has no route of its own for it, so that " + others + ", which has all other paths, gets what is asked for: "
			}
			s.Notice(ledger.Warning, at, r.Match+what+reason, remedy)
		}
		t, _ := deploy.ParseTarget(r.Match)
		if !s.fits[to] {
			switch {
			case r.Via.IsSet() && len(s.routes) > 0:
				drop(to+" answers it, which stays on Kubernetes", "lead the path to its address: an integration of type HTTP_PROXY")
			case r.Via.IsSet():
				s.L.Idle(at, r.Via.Or("").Name()+" does it on Kubernetes: all requests of the host reach it")
			default:
				stays = true
				hosts = append(hosts, t.Host)
				s.L.Turns = append(s.L.Turns, ledger.Turn{From: at, To: []deploy.Path{deploy.At("workloads", to)}, Outcome: ledger.Approximated, Stays: true, Reason: "its route stays on Kubernetes, with " + to})
			}
			continue
		}
		out, reason, remedy := apiRoute(r)
		if reason == "" && !s.serves(to) {
			reason, remedy = to+" runs by a schedule, and nobody else reaches it", "leave it on Kubernetes if it answers requests while it runs"
		}
		if reason == "" {
			reason, remedy = s.conflict(out, to)
		}
		if reason != "" {
			drop(reason, remedy)
			continue
		}
		s.L.Moves = append(s.L.Moves, deploy.Move{From: at, To: deploy.At("routes", out.Match), Joined: true})
		if t.Host != "*" {
			hosts = append(hosts, t.Host)
		}
		if r.Upgrade.IsSet() {
			s.L.Idle(at.Join("upgrade"), "requests alone lead there")
		}
		if r.Via.IsSet() {
			via, proxy := at.Join("via"), r.Via.Or("").Name()
			if t.Path != "" && !t.Exact && !strings.HasSuffix(t.Path, "/") {
				s.L.Drop(via, "the HTTP API leads there itself, past "+proxy+", by whole segments of the path: "+t.Path+"x is not among them", "name such paths if they are asked for")
			} else {
				s.L.Approximate(via, "requests go past "+proxy+": what it does to them beside handing them on (limits, timeouts, headers, compression) is not done, and the HTTP API's own bounds hold: 30 s and 10 MB for a request, 6 MB for an answer",
					"let the program do it, or leave "+to+" on Kubernetes", deploy.At("routes", out.Match, "workload"))
			}
		}
		if !have[out.Match] {
			have[out.Match] = true
			kept = append(kept, out)
		}
	}
	s.App.Routes = kept
	for _, w := range s.src.Workloads {
		for _, r := range s.routes[w.Name] {
			if have[r.Match] {
				continue
			}
			number := w.Ports[0].Number // the machine offers it itself
			at, to := s.Source(deploy.At("workloads", w.Name)).Join("ports", number, "published"), deploy.At("routes", r.Match)
			s.L.Convert(at, "the HTTP API takes all that is asked for", to.Join("workload"), to.Join("port"))
			for i := range s.App.Workloads {
				if s.App.Workloads[i].Name == w.Name {
					s.App.Workloads[i].Ports[0].Published = deploy.Opt[string]{}
				}
			}
			s.App.Routes = append(s.App.Routes, r)
		}
	}
	s.dropMoves()
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(s.App.Routes) > 0 && len(hosts) > 0 {
		s.Notice(ledger.Warning, "", "the HTTP API has a name of its own, under which it answers for "+strings.Join(hosts, ", ")+" as well once they lead there; what stays on Kubernetes is reached as before",
			"give the API the domain (Domain of the HttpApi, with a certificate of ACM) and lead its DNS record there, at the switch")
	}
	stay.Gateway(s.Step, stays)
}

// catchAll returns the function that gets what no other route of the API takes.
func (s *step) catchAll() string {
	for function, routes := range s.routes {
		if slices.ContainsFunc(routes, func(r deploy.Route) bool { return r.Match == everything }) {
			return function
		}
	}
	return ""
}

// dropMoves takes away the moves that lead nowhere else: a route that has its form already.
func (s *step) dropMoves() {
	s.L.Moves = slices.DeleteFunc(s.L.Moves, func(m deploy.Move) bool { return m.From == m.To && strings.HasPrefix(string(m.From), "routes.") })
}
