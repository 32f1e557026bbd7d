package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiGateway = "Gateway API: HTTPRoute, TLSRoute v1"
	apiIngress = "Kubernetes API: Ingress v1 networking"
	elsewhere  = "the model's routes know hosts and paths alone"
)

// route is an HTTPRoute, a TLSRoute or an Ingress while it is read.
type route struct {
	*system
	object *podspec.Object
	scheme string
	hosts  []yamldoc.Node
}

var routeTable = podspec.Table[*route]{Section: "HTTPRoute", Rows: []podspec.Row[*route]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiGateway, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "kind of object", Spec: apiGateway, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels", Spec: apiGateway, Example: "{name: web}", Read: func(r *route, n yamldoc.Node) { r.Metadata(n, podspec.Meta{}) }},
	{Key: "spec.parentRefs", Doc: "Gateway that the requests come through", Spec: apiGateway, Example: "[{name: gateway}]", Read: (*route).parents},
	{Key: "spec.hostnames", Doc: "hosts that are asked for", Spec: apiGateway, Example: "[shop.example]", Read: (*route).names},
	{Key: "spec.rules", Doc: "paths, and where they lead", Spec: apiGateway, Example: "[{backendRefs: [{name: web, port: 8080}]}]", Read: (*route).rules},
	{Key: "spec.useDefaultGateways", Doc: "comes through the default Gateways", Spec: apiGateway, Outcome: ledger.Dropped, Reason: "which Gateways are the default is the cluster's own business", Remedy: "name the Gateway in parentRefs"},
	{Key: "status", Doc: "what the cluster saw", Spec: apiGateway, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
}}

var ingressTable = podspec.Table[*route]{Section: "Ingress", Rows: []podspec.Row[*route]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiIngress, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "kind of object", Spec: apiIngress, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels; its annotations speak to the controller", Spec: apiIngress, Example: "{name: web}", Read: func(r *route, n yamldoc.Node) { r.Metadata(n, podspec.Meta{}) }},
	{Key: "spec.ingressClassName", Doc: "class of the controller", Spec: apiIngress, Example: "nginx", Read: (*route).ingressClass},
	{Key: "spec.rules", Doc: "hosts and paths, and where they lead", Spec: apiIngress, Example: "[{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8080}}}}]}}]", Read: (*route).ingressRules},
	{Key: "spec.defaultBackend", Doc: "where all else leads", Spec: apiIngress, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "add a rule without a host"},
	{Key: "spec.tls", Doc: "certificates of the hosts", Spec: apiIngress, Outcome: ledger.Dropped, Reason: "certificates are the business of whatever stands before the target", Remedy: "give the target's load balancer a certificate for the host"},
	{Key: "status", Doc: "what the cluster saw", Spec: apiIngress, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
}}

// readRoutes reads what leads to workloads from outside. Their Services are read by then.
func (s *system) readRoutes(todo map[string][]*podspec.Object) {
	for _, kind := range []string{"HTTPRoute", "TLSRoute", "Ingress"} {
		for _, o := range todo[kind] {
			r := &route{system: s, object: o, scheme: "http"}
			switch kind {
			case "Ingress":
				ingressTable.Apply(s.Reader, r, o.Root)
			case "TLSRoute":
				r.scheme = "https"
				routeTable.Apply(s.Reader, r, o.Root)
			default:
				routeTable.Apply(s.Reader, r, o.Root)
			}
			r.idle()
			r.attached()
		}
	}
}

// attached looks for the Gateway: a route that names none leads nowhere.
func (r *route) attached() {
	if r.object.Kind == "Ingress" {
		return
	}
	if spec := r.object.Root.Get("spec"); spec.IsMap() && len(spec.Get("parentRefs").Items()) == 0 && !spec.Get("useDefaultGateways").Exists() {
		r.Rec.Find(ledger.Warning, r.object.Pos(), r.object.String()+" comes through no Gateway: no request reaches it", "name the Gateway in spec.parentRefs")
	}
}

// idle accounts for hosts from which no rule leads anywhere.
func (r *route) idle() {
	for _, h := range r.hosts {
		if !r.Rec.Accounted(h.Setting()) {
			const reason, remedy = "no rule leads from it to a workload", "add one, or remove the host"
			r.Rec.Show(h.Setting())
			r.Rec.Drop(h.Setting(), reason, remedy)
			r.Rec.Find(ledger.Warning, h.Pos(), h.Path+" dropped: "+reason, remedy)
		}
	}
}

// give sets a name of the system that all routes share; where another one has given a different one, it is dropped.
func (r *route) give(leaf *deploy.Opt[string], at deploy.Path, value string, nodes ...yamldoc.Node) {
	if leaf.IsSet() && !leaf.Is(value) {
		reason := "other routes come through " + leaf.Or("")
		for _, n := range nodes {
			r.Rec.Show(n.Setting())
			r.Rec.Drop(n.Setting(), reason, "let all come through one")
		}
		r.Rec.Find(ledger.Warning, nodes[0].Pos(), r.object.String()+" comes through "+value+": "+reason, "let all come through one")
		return
	}
	*leaf = deploy.Some(value)
	for _, n := range nodes {
		r.Rec.Show(n.Setting())
		r.Rec.Part(n.Setting(), at)
	}
}

// parent is one of a route's parentRefs while it is read.
type parent struct {
	*route
	nodes           []yamldoc.Node
	name, namespace string
}

var parentTable = podspec.Table[*parent]{Section: "ParentReference", Rows: []podspec.Row[*parent]{
	{Key: "name", Doc: "name of the Gateway", Spec: apiGateway, Example: "gateway", Read: func(p *parent, n yamldoc.Node) {
		if v, ok := p.Name(n); ok {
			p.name, p.nodes = v, append(p.nodes, n)
		}
	}},
	{Key: "namespace", Doc: "where the Gateway is", Spec: apiGateway, Example: "infra", Read: func(p *parent, n yamldoc.Node) {
		if v, ok := p.Name(n); ok {
			p.namespace, p.nodes = v+"/", append(p.nodes, n)
		}
	}},
	{Key: "group", Doc: "gateway.networking.k8s.io", Spec: apiGateway, Outcome: ledger.Inert, Reason: "it says what kind of object the parent is"},
	{Key: "kind", Doc: "Gateway", Spec: apiGateway, Outcome: ledger.Inert, Reason: "it says what kind of object the parent is"},
	{Key: "sectionName", Doc: "one listener of the Gateway", Spec: apiGateway, Outcome: ledger.Dropped, Reason: "the model does not know the listeners of a Gateway", Remedy: "choose the listener by hand"},
	{Key: "port", Doc: "one port of the Gateway", Spec: apiGateway, Outcome: ledger.Dropped, Reason: "the model does not know the listeners of a Gateway", Remedy: "choose the listener by hand"},
}}

func (r *route) parents(n yamldoc.Node) {
	seen := map[string]bool{}
	r.Each(n, func(item yamldoc.Node) {
		p := &parent{route: r}
		parentTable.Apply(r.Reader, p, item)
		key := strings.Join([]string{p.namespace, p.name, item.Get("sectionName").Str(), item.Get("port").Str()}, " ")
		switch {
		case item.IsMap() && p.name == "" && !item.Get("name").Exists():
			r.Bad(item, "has no name", "write that of the Gateway")
		case p.name != "" && seen[key]:
			r.Bad(item, "is there twice", "remove one of them")
		}
		if seen[key] = true; p.name != "" {
			r.give(&r.Rec.App.Gateway, "gateway", p.namespace+p.name, p.nodes...)
		}
	})
}

func (r *route) ingressClass(n yamldoc.Node) {
	if v, ok := r.Name(n); ok {
		r.give(&r.Rec.App.Ingress, "ingress", v, n)
	}
}

func (r *route) names(n yamldoc.Node) {
	r.Each(n, func(item yamldoc.Node) {
		if v, ok := r.Name(item); ok {
			if strings.ContainsAny(v, "/=~ ") {
				r.Bad(item, "is no host name", "write for example shop.example or *.shop.example")
				return
			}
			r.hosts = append(r.hosts, item)
		}
	})
}

// routeRule is one rule of a route while it is read: paths that lead to one place.
type routeRule struct {
	*route
	paths   []deploy.Target
	at      []yamldoc.Node // what says the paths
	backend yamldoc.Node   // name of the Service
	port    yamldoc.Node
	prefix  yamldoc.Node // what the path becomes
	lost    bool         // the rule asks for more than the model knows
}

var gatewayRuleTable = podspec.Table[*routeRule]{Section: "HTTPRouteRule", Rows: []podspec.Row[*routeRule]{
	{Key: "name", Doc: "name of the rule", Spec: apiGateway, Outcome: ledger.Inert, Reason: "nothing refers to it"},
	{Key: "matches", Doc: "paths that are asked for", Spec: apiGateway, Example: "[{path: {type: PathPrefix, value: /api}}]", Read: func(r *routeRule, n yamldoc.Node) {
		r.Each(n, func(item yamldoc.Node) {
			r.paths = append(r.paths, deploy.Target{})
			matchTable.Apply(r.Reader, r, item)
		})
	}},
	{Key: "filters", Doc: "what happens to a request on its way", Spec: apiGateway, Example: "[{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]", Read: func(r *routeRule, n yamldoc.Node) {
		r.Each(n, func(item yamldoc.Node) { filterTable.Apply(r.Reader, r, item) })
	}},
	{Key: "backendRefs", Doc: "Services that answer", Spec: apiGateway, Example: "[{name: web, port: 8080}]", Read: (*routeRule).backends},
	{Key: "timeouts", Doc: "how long an answer may take", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set it on whatever stands before the target"},
	{Key: "retry", Doc: "when a request is tried again", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set it on whatever stands before the target"},
	{Key: "sessionPersistence", Doc: "whether a client stays with a pod", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "keep sessions in a store"},
}}

var matchTable = podspec.Table[*routeRule]{Section: "HTTPRouteMatch", Rows: []podspec.Row[*routeRule]{
	{Key: "path.type", Doc: "PathPrefix, Exact or RegularExpression", Spec: apiGateway, Example: "PathPrefix", Read: func(r *routeRule, n yamldoc.Node) {
		if v, ok := r.OneOf(n, "PathPrefix", "Exact", "RegularExpression"); ok {
			t := &r.paths[len(r.paths)-1]
			t.Exact, t.Pattern, t.Path = v == "Exact", v == "RegularExpression", "/"
			r.at = append(r.at, n)
		}
	}},
	{Key: "path.value", Doc: "the path", Spec: apiGateway, Example: "/api", Read: func(r *routeRule, n yamldoc.Node) {
		if v, ok := r.Name(n); ok {
			r.paths[len(r.paths)-1].Path = v
			r.at = append(r.at, n)
		}
	}},
	{Key: "headers", Doc: "headers that are asked for", Spec: apiGateway, Example: "[{name: X, value: y}]", Read: (*routeRule).more},
	{Key: "queryParams", Doc: "parameters that are asked for", Spec: apiGateway, Example: "[{name: x, value: y}]", Read: (*routeRule).more},
	{Key: "method", Doc: "method that is asked for", Spec: apiGateway, Example: "GET", Read: (*routeRule).more},
}}

var filterTable = podspec.Table[*routeRule]{Section: "HTTPRouteFilter", Rows: []podspec.Row[*routeRule]{
	{Key: "type", Doc: "kind of filter", Spec: apiGateway, Outcome: ledger.Inert, Reason: "what it holds says it"},
	{Key: "urlRewrite.path.type", Doc: "ReplacePrefixMatch or ReplaceFullPath", Spec: apiGateway, Outcome: ledger.Inert, Reason: "what it holds says it"},
	{Key: "urlRewrite.path.replacePrefixMatch", Doc: "takes the place of the path's begin", Spec: apiGateway, Example: "/", Read: func(r *routeRule, n yamldoc.Node) { r.prefix = n }},
	{Key: "urlRewrite.path.replaceFullPath", Doc: "takes the place of the path", Spec: apiGateway, Example: "/", Read: func(r *routeRule, n yamldoc.Node) { r.prefix = n }},
	{Key: "urlRewrite.hostname", Doc: "host that the program sees", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set it on whatever stands before the target"},
	{Key: "requestHeaderModifier", Doc: "headers of the request", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set them on whatever stands before the target"},
	{Key: "responseHeaderModifier", Doc: "headers of the answer", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set them on whatever stands before the target"},
	{Key: "requestRedirect", Doc: "sends the client elsewhere", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "redirect on whatever stands before the target"},
	{Key: "requestMirror", Doc: "sends a copy elsewhere", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "mirror on whatever stands before the target"},
	{Key: "cors", Doc: "other sites that may ask", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set it on whatever stands before the target"},
	{Key: "externalAuth", Doc: "who decides about a request", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set it on whatever stands before the target"},
	{Key: "extensionRef", Doc: "a filter of the controller", Spec: apiGateway, Outcome: ledger.Dropped, Reason: "what it does is the controller's own", Remedy: "carry it over by hand"},
}}

// more is a condition beside the path. Without it the rule would take requests that are not its own, so that the whole rule is left out.
func (r *routeRule) more(n yamldoc.Node) {
	r.Drop(n, elsewhere+": the rule is left out", "carry the rule over by hand")
	r.lost = true
}

var backendTable = podspec.Table[*routeRule]{Section: "BackendRef", Rows: []podspec.Row[*routeRule]{
	{Key: "name", Doc: "name of the Service", Spec: apiGateway, Example: "web", Read: func(r *routeRule, n yamldoc.Node) {
		if _, ok := r.Name(n); ok {
			r.backend = n
		}
	}},
	{Key: "port", Doc: "port of the Service", Spec: apiGateway, Example: "8080", Read: func(r *routeRule, n yamldoc.Node) {
		if _, ok := r.Int(n, 1, 65535); ok {
			r.port = n
		}
	}},
	{Key: "group", Doc: "of the Service", Spec: apiGateway, Outcome: ledger.Inert, Reason: "it says what kind of object answers"},
	{Key: "kind", Doc: "Service", Spec: apiGateway, Outcome: ledger.Inert, Reason: "it says what kind of object answers"},
	{Key: "namespace", Doc: "where the Service is", Spec: apiGateway, Outcome: ledger.Dropped, Reason: "the model has one name space", Remedy: "bring the manifests together"},
	{Key: "weight", Doc: "its share of the requests", Spec: apiGateway, Example: "1", Read: func(r *routeRule, n yamldoc.Node) {
		r.Rec.Show(n.Setting())
		r.Rec.Inert(n.Setting(), "there is one that answers")
	}},
	{Key: "filters", Doc: "what happens to a request on its way", Spec: apiGateway, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "set it on whatever stands before the target"},
}}

func (r *routeRule) backends(n yamldoc.Node) {
	items := n.Items()
	if len(items) > 1 {
		r.Drop(n, "requests are shared out among several Services, and the model knows one for each path", "carry the rule over by hand")
		r.lost = true
		return
	}
	r.Each(n, func(item yamldoc.Node) {
		backendTable.Apply(r.Reader, r, item)
		if kind := item.Get("kind").Str(); item.IsMap() && !item.Get("port").Exists() && (kind == "" || kind == "Service") {
			r.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no port, which the Gateway API asks for", "write that of the Service")
		}
	})
}

func (r *route) rules(n yamldoc.Node) {
	r.Each(n, func(item yamldoc.Node) {
		u := &routeRule{route: r}
		gatewayRuleTable.Apply(r.Reader, u, item)
		if item.IsMap() {
			u.finish(item)
		}
	})
}

// finish makes the routes of a rule, for each host and path.
func (u *routeRule) finish(item yamldoc.Node) {
	said := slices.Clone(u.at)
	for _, n := range []yamldoc.Node{u.backend, u.port, u.prefix} {
		if n.Exists() {
			said = append(said, n)
		}
	}
	leave := func(reason, remedy string) {
		for _, n := range said {
			for _, i := range n.Settings() {
				if !u.Rec.Accounted(i) {
					u.Rec.Drop(i, reason, remedy)
				}
			}
		}
	}
	if u.lost {
		leave("the rule is left out", "carry the rule over by hand")
		u.Rec.Find(ledger.Warning, item.Pos(), item.Path+" dropped: "+elsewhere, "carry the rule over by hand")
		return
	}
	target, port := u.answers()
	if target == nil {
		if !u.backend.Exists() {
			leave("nobody answers", "name a Service in backendRefs")
			u.Rec.Find(ledger.Warning, item.Pos(), item.Path+" dropped: it names no Service that answers", "carry over by hand what it does")
			return
		}
		u.Bad(u.backend, "leads to no workload", "name a Service of these manifests")
		leave("it leads to no workload", "")
		return
	}
	if port == 0 {
		reason, remedy := "Service "+u.backend.Str()+" carries no such port to its program", "name one of its ports"
		leave(reason, remedy)
		u.Rec.Find(ledger.Warning, item.Pos(), item.Path+" dropped: "+reason, remedy)
		return
	}
	paths := u.paths
	if len(paths) == 0 {
		paths = []deploy.Target{{}}
	}
	for _, host := range u.allHosts() {
		for _, t := range paths {
			t.Scheme, t.Host = u.scheme, "*"
			if host.Exists() {
				t.Host = host.Str()
			}
			if t.Path == "/" && !t.Exact && !t.Pattern {
				t.Path = ""
			}
			u.add(t, target, port, host)
		}
	}
}

func (u *routeRule) allHosts() []yamldoc.Node {
	if len(u.hosts) == 0 {
		return make([]yamldoc.Node, 1)
	}
	return u.hosts
}

// answers finds the workload behind the rule's Service, and its port.
func (u *routeRule) answers() (*podspec.Workload, int64) {
	if !u.backend.Exists() {
		return nil, 0
	}
	o := u.named["Service "+u.backend.Str()]
	if o == nil {
		return nil, 0
	}
	selector := o.Root.Get("spec", "selector")
	for _, w := range u.workloads {
		if !selector.IsMap() || !fits(pairs(selector), w.Labels) {
			continue
		}
		for _, p := range o.Root.Get("spec", "ports").Items() {
			number, _ := p.Get("port").Int()
			if want, ok := u.port.Int(); u.port.Exists() && (!ok || want != number) && p.Get("name").Str() != u.port.Str() {
				continue
			}
			by := p.Get("targetPort")
			if !by.Exists() {
				by = p.Get("port")
			}
			if inner, _ := w.Port(by, "TCP"); inner > 0 {
				return w, inner
			}
		}
		return w, 0
	}
	return nil, 0
}

func (u *routeRule) add(t deploy.Target, w *podspec.Workload, port int64, host yamldoc.Node) {
	match := t.String()
	at := deploy.At("routes", match)
	if slices.ContainsFunc(u.Rec.App.Routes, func(r deploy.Route) bool { return r.Match == match }) {
		u.Rec.Find(ledger.Warning, u.backend.Pos(), fmt.Sprintf("%s leads to %s twice: the first counts", u.object, match), "remove one of them")
		for _, n := range append(slices.Clone(u.at), u.backend, u.port, u.prefix) {
			if n.Exists() && n.IsScalar() && !u.Rec.Accounted(n.Setting()) {
				u.Rec.Override(n.Setting(), "another route has the same host and path")
			}
		}
		return
	}
	r := deploy.Route{Match: match, Workload: deploy.Some(deploy.Ref(w.At))}
	part := func(n yamldoc.Node, leaf string) {
		if n.Exists() && n.IsScalar() {
			u.Rec.Show(n.Setting())
			u.Rec.Part(n.Setting(), at.Join(leaf))
		}
	}
	part(u.backend, "workload")
	part(host, "workload")
	for _, n := range u.at {
		part(n, "workload")
	}
	r.Port = deploy.Some(port)
	if u.port.Exists() {
		part(u.port, "port")
	} else {
		part(u.backend, "port")
	}
	if u.prefix.Exists() {
		r.Prefix = deploy.Some(u.prefix.Str())
		part(u.prefix, "prefix")
	}
	u.Rec.App.Routes = append(u.Rec.App.Routes, r)
	u.Rec.Place(at, u.object.Pos())
}

var ingressPathTable = podspec.Table[*routeRule]{Section: "HTTPIngressPath", Rows: []podspec.Row[*routeRule]{
	{Key: "pathType", Doc: "Prefix, Exact or ImplementationSpecific", Spec: apiIngress, Example: "Prefix", Read: func(r *routeRule, n yamldoc.Node) {
		if v, ok := r.OneOf(n, "Prefix", "Exact", "ImplementationSpecific"); ok {
			r.paths = append(r.paths, deploy.Target{Exact: v == "Exact", Path: "/"})
			if v == "ImplementationSpecific" {
				r.Rec.Show(n.Setting())
				r.Rec.Drop(n.Setting(), "what the path means is the controller's own: it is taken for a prefix", "write pathType: Prefix")
				return
			}
			r.at = append(r.at, n)
		}
	}},
	{Key: "path", Doc: "the path", Spec: apiIngress, Example: "/", Read: func(r *routeRule, n yamldoc.Node) {
		if v, ok := r.Name(n); ok {
			if len(r.paths) == 0 {
				r.paths = append(r.paths, deploy.Target{})
			}
			r.paths[0].Path = v
			r.at = append(r.at, n)
		}
	}},
	{Key: "backend.service.name", Doc: "name of the Service", Spec: apiIngress, Example: "web", Read: func(r *routeRule, n yamldoc.Node) {
		if _, ok := r.Name(n); ok {
			r.backend = n
		}
	}},
	{Key: "backend.service.port.number", Doc: "port of the Service", Spec: apiIngress, Example: "8080", Read: func(r *routeRule, n yamldoc.Node) {
		if _, ok := r.Int(n, 1, 65535); ok {
			r.port = n
		}
	}},
	{Key: "backend.service.port.name", Doc: "port of the Service", Spec: apiIngress, Example: "http", Read: func(r *routeRule, n yamldoc.Node) {
		if _, ok := r.Name(n); ok {
			r.port = n
		}
	}},
	{Key: "backend.resource", Doc: "something else that answers", Spec: apiIngress, Outcome: ledger.Dropped, Reason: elsewhere, Remedy: "name a Service"},
}}

// ingressHost is one rule of an Ingress while it is read: a host with its paths.
type ingressHost struct {
	*route
	paths yamldoc.Node
}

var ingressRuleTable = podspec.Table[*ingressHost]{Section: "IngressRule", Rows: []podspec.Row[*ingressHost]{
	{Key: "host", Doc: "host that is asked for", Spec: apiIngress, Example: "shop.example", Read: func(h *ingressHost, n yamldoc.Node) {
		if _, ok := h.Name(n); ok {
			h.hosts = []yamldoc.Node{n}
		}
	}},
	{Key: "http.paths", Doc: "paths, and where they lead", Spec: apiIngress, Example: "[{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8080}}}}]", Read: func(h *ingressHost, n yamldoc.Node) { h.paths = n }},
}}

func (r *route) ingressRules(n yamldoc.Node) {
	r.Each(n, func(item yamldoc.Node) {
		h := &ingressHost{route: &route{system: r.system, object: r.object, scheme: r.scheme}}
		ingressRuleTable.Apply(r.Reader, h, item)
		defer h.idle()
		if !h.paths.Exists() {
			return
		}
		r.Each(h.paths, func(p yamldoc.Node) {
			u := &routeRule{route: h.route}
			ingressPathTable.Apply(r.Reader, u, p)
			if p.IsMap() {
				u.finish(p)
			}
		})
	})
}
