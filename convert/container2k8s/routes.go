package container2k8s

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Routes are objects of the Gateway API (gateway.networking.k8s.io/v1, release 1.6), or Ingresses where the user names the class of a controller. A proxy of the system stays what it is: the route of
// a host leads to it, and what it does with the paths of the host goes on in its configuration.

// followRoutes lets the routes lead to the workloads under their new names.
func (s *step) followRoutes() {
	deploy.Lead(&s.App, "routes", func(p deploy.Path) deploy.Path { return ledger.After(s.L.Moves, p) })
}

// lowerRoutes leaves the routes that objects of the cluster can be written for.
func (s *step) lowerRoutes() {
	ingress := s.App.Ingress.IsSet()
	taken := map[string]bool{}
	for _, r := range s.App.Routes {
		taken[r.Match] = true
	}
	kept := s.App.Routes[:0]
	for _, r := range s.App.Routes {
		at := deploy.At("routes", r.Match)
		if via, ok := r.Via.Get(); ok {
			s.L.Turns = append(s.L.Turns, ledger.Turn{From: at, Outcome: ledger.Inert, Reason: via.Name() + " does it here as well: all requests of the host reach it", Later: true})
			continue
		}
		t, ok := deploy.ParseTarget(r.Match)
		if reason, remedy := s.unroutable(r, t, ok, ingress); reason != "" {
			s.L.Drop(at, reason, remedy)
			s.Notice(ledger.Warning, at, r.Match+": no route is written: "+reason, remedy)
			continue
		}
		if t.Path == "/" && !t.Exact {
			t.Path = ""
			if taken[t.String()] {
				s.L.Drop(at, "the route "+t.String()+" has all paths of the host already", "remove one of them")
				continue
			}
			r.Match = t.String()
			s.L.Move(at, deploy.At("routes", r.Match))
		}
		if r.Upgrade.IsSet() {
			r.Upgrade = deploy.Opt[bool]{}
			s.L.Idle(at.Join("upgrade"), "Gateways and ingress controllers let connections become WebSockets")
		}
		kept = append(kept, r)
	}
	s.App.Routes = kept
	s.lowerGateway()
	s.gatewayNotices()
	s.lowerPublished()
}

// unroutable says why no object can be written for a route.
func (s *step) unroutable(r deploy.Route, t deploy.Target, ok, ingress bool) (reason, remedy string) {
	i := slices.IndexFunc(s.App.Workloads, func(w deploy.Workload) bool { return w.Name == r.Workload.Or("").Name() })
	switch {
	case !ok:
		return "it is not SCHEME://HOST[/PATH]", "write for example http://shop.example"
	case i < 0:
		return "it leads to no workload", "give it one"
	case !slices.ContainsFunc(s.App.Workloads[i].Ports, func(p deploy.Port) bool {
		return p.Reachable.Is(true) && p.Number == fmt.Sprintf("%d/tcp", r.Port.Or(0))
	}):
		return fmt.Sprintf("%s has no Service with port %d", s.App.Workloads[i].Name, r.Port.Or(0)), "name a port that it listens on"
	case t.Scheme == "https" && (t.Path != "" || r.Prefix.IsSet()):
		return "the workload has the certificate, so that nobody before it can read the path", "lead the whole host to it"
	case t.Scheme == "https" && t.Host == "*":
		return "TLS is passed on by its host name, and none is named", "give the server a name"
	case t.Scheme == "https" && ingress:
		return "an Ingress has no standard field that passes TLS on", "use a Gateway, or the annotation of your controller that passes TLS on (nginx.ingress.kubernetes.io/ssl-passthrough)"
	case ingress && (t.Pattern || r.Prefix.IsSet()):
		return "an Ingress has no standard field for patterns, nor for another path", "use a Gateway, or an annotation of your controller"
	}
	return "", ""
}

// lowerGateway settles what the requests come through.
func (s *step) lowerGateway() {
	switch {
	case len(s.App.Routes) == 0:
		if s.App.Gateway.IsSet() {
			s.App.Gateway = deploy.Opt[string]{}
			s.L.Idle("gateway", "no route leads into the system")
		}
		if s.App.Ingress.IsSet() {
			s.App.Ingress = deploy.Opt[string]{}
			s.L.Idle("ingress", "no route leads into the system")
		}
	case s.App.Ingress.IsSet():
		if s.App.Gateway.IsSet() {
			s.App.Gateway = deploy.Opt[string]{}
			s.L.Idle("gateway", "an Ingress takes its place")
		}
	case !s.App.Gateway.IsSet():
		s.App.Gateway = deploy.Some("gateway")
		s.L.Assume("gateway", "gateway", "the Gateway through which requests come from outside is the cluster's: ingress: CLASS writes Ingresses instead")
	}
}

// gatewayNotices tells what whatever stands before the system must be prepared for, and who sees it in place of the clients.
func (s *step) gatewayNotices() {
	if len(s.App.Routes) == 0 {
		return
	}
	tls := slices.ContainsFunc(s.App.Routes, func(r deploy.Route) bool { return strings.HasPrefix(r.Match, "https://") })
	plain := slices.ContainsFunc(s.App.Routes, func(r deploy.Route) bool { return strings.HasPrefix(r.Match, "http://") })
	if gateway, ok := s.App.Gateway.Get(); ok {
		var needs []string
		if plain {
			needs = append(needs, "a listener with protocol HTTP and port 80")
		}
		if tls {
			needs = append(needs, "a listener with protocol TLS, port 443 and tls.mode Passthrough, for the certificates are the workload's")
		}
		remedy := "let the Gateway have them"
		if !s.src.Gateway.IsSet() {
			remedy = "name yours in lift.yaml (gateway: NAMESPACE/NAME), or write Ingresses (ingress: CLASS)"
		}
		s.Notice(ledger.Info, "", "the routes wait for the Gateway "+gateway+", which is not among the files: it needs "+strings.Join(needs, ", and ")+", with allowedRoutes for the namespace of the system", remedy)
		s.Notices[len(s.Notices)-1].Here = true
	}
	for _, w := range s.App.Workloads {
		for _, f := range w.Files {
			text := f.Content.Or("")
			if !routed(s.App, w) || !strings.Contains(text, "$remote_addr") && !strings.Contains(text, "$scheme") {
				continue
			}
			what := "the client that " + w.Name + " sees is the Gateway or ingress controller: $remote_addr is its address, and $scheme is how it asks, not how the client did"
			remedy := "take the address from X-Forwarded-For (set_real_ip_from with the controller's network; real_ip_header X-Forwarded-For), and hand $http_x_forwarded_proto on where TLS ends before it"
			if tls && plain {
				remedy += "; where TLS is passed on to " + w.Name + ", only the PROXY protocol can tell the address (listen … proxy_protocol): X-Forwarded-For is there what the client writes, and allow, deny and limit_req must not count on it"
			}
			if !plain {
				what, remedy = "the client that "+w.Name+" sees is the Gateway: $remote_addr is its address", "let the Gateway tell the client's address (PROXY protocol), and listen with proxy_protocol"
			}
			s.Notice(ledger.Warning, s.Source(deploy.At("workloads", w.Name, "files", f.Path, "content")), what, remedy)
			break
		}
	}
}

// lowerPublished lets a route take the place of the port of the machine that led to a workload.
func (s *step) lowerPublished() {
	for i := range s.App.Workloads {
		o := s.Workload(i)
		for k := range o.W.Ports {
			p := &o.W.Ports[k]
			if !p.Published.IsSet() {
				continue
			}
			at := o.From.Join("ports", p.Number, "published")
			for _, r := range s.App.Routes {
				if r.Workload.Is(deploy.Ref(o.To)) && p.Number == fmt.Sprintf("%d/tcp", r.Port.Or(0)) {
					p.Published = deploy.Opt[string]{}
					s.L.Convert(at, "the cluster's Gateway or Ingress offers it, and its route leads here", deploy.At("routes", r.Match, "port"))
					break
				}
			}
			if p.Published.IsSet() {
				dropPublished(o, p)
			}
		}
	}
}

// HTTPRoute and TLSRoute, as far as they are written here: https://gateway-api.sigs.k8s.io/reference/spec/
type (
	gatewayRoute struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              gatewaySpec `json:"spec"`
	}
	gatewaySpec struct {
		ParentRefs []parentRef   `json:"parentRefs"`
		Hostnames  []string      `json:"hostnames,omitempty"`
		Rules      []gatewayRule `json:"rules"`
	}
	parentRef struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace,omitempty"`
	}
	gatewayRule struct {
		Matches     []gatewayMatch  `json:"matches,omitempty"`
		Filters     []gatewayFilter `json:"filters,omitempty"`
		BackendRefs []backendRef    `json:"backendRefs"`
	}
	gatewayMatch struct {
		Path pathMatch `json:"path"`
	}
	pathMatch struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	gatewayFilter struct {
		Type       string     `json:"type"`
		URLRewrite urlRewrite `json:"urlRewrite"`
	}
	urlRewrite struct {
		Path pathRewrite `json:"path"`
	}
	pathRewrite struct {
		Type               string `json:"type"`
		ReplacePrefixMatch string `json:"replacePrefixMatch,omitempty"`
		ReplaceFullPath    string `json:"replaceFullPath,omitempty"`
	}
	backendRef struct {
		Name string `json:"name"`
		Port int64  `json:"port"`
	}
)

// hosts are those that have the same rules.
type hosts struct {
	scheme string
	names  []string
	routes []deploy.Route // of one of the hosts
	key    string         // what the rules say
}

// hostsOf brings the routes to a workload together by what they say.
func hostsOf(a deploy.App, w deploy.Workload) ([]hosts, error) {
	var order []string
	by := map[string][]deploy.Route{}
	targets := map[string]deploy.Target{}
	for _, r := range a.Routes {
		if !r.Workload.Is(deploy.Ref(deploy.At("workloads", w.Name))) {
			continue
		}
		t, ok := deploy.ParseTarget(r.Match)
		if !ok {
			return nil, fmt.Errorf("%s: is no SCHEME://HOST[/PATH]", deploy.At("routes", r.Match))
		}
		host := t.Scheme + "://" + t.Host
		if by[host] == nil {
			order = append(order, host)
		}
		by[host], targets[host] = append(by[host], r), t
	}
	var out []hosts
	for _, host := range order {
		h := hosts{scheme: targets[host].Scheme, names: []string{targets[host].Host}, routes: by[host]}
		for _, r := range h.routes {
			h.key += strings.TrimPrefix(r.Match, host) + " " + r.Port.String() + " " + r.Prefix.String() + "\n"
		}
		i := slices.IndexFunc(out, func(o hosts) bool {
			return o.scheme == h.scheme && o.key == h.key && h.names[0] != "*" && o.names[0] != "*"
		})
		if i < 0 {
			out = append(out, h)
			continue
		}
		out[i].names = append(out[i].names, h.names...)
	}
	return out, nil
}

// routeObjects are what leads to a workload from outside.
func routeObjects(a deploy.App, w deploy.Workload) ([]object, error) {
	groups, err := hostsOf(a, w)
	if err != nil {
		return nil, err
	}
	var out []object
	count := map[string]int{}
	for _, h := range groups {
		kind, version := "HTTPRoute", "gateway.networking.k8s.io/v1"
		switch {
		case h.scheme == "https":
			kind = "TLSRoute"
		case a.Ingress.IsSet():
			kind, version = "Ingress", "networking.k8s.io/v1"
		}
		count[kind]++
		name, file := w.Name, strings.ToLower(kind)
		if n := count[kind]; n > 1 {
			name, file = names.Label(fmt.Sprintf("%s-%d", w.Name, n)), fmt.Sprintf("%s-%d", file, n)
		}
		about := meta(a, w.Name)
		about.Name = name
		var data any
		if kind == "Ingress" {
			data, err = ingressOf(a, w, h, about)
		} else {
			data, err = gatewayRouteOf(a, w, h, metav1.TypeMeta{APIVersion: version, Kind: kind}, about)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, object{file + ".yaml", data})
	}
	return out, nil
}

func gatewayRouteOf(a deploy.App, w deploy.Workload, h hosts, form metav1.TypeMeta, about metav1.ObjectMeta) (any, error) {
	r := gatewayRoute{TypeMeta: form, ObjectMeta: about}
	parent := parentRef{Name: a.Gateway.Or("")}
	if ns, name, ok := strings.Cut(parent.Name, "/"); ok {
		parent = parentRef{Name: name, Namespace: ns}
	}
	r.Spec.ParentRefs = []parentRef{parent}
	if h.names[0] != "*" {
		r.Spec.Hostnames = h.names
	}
	for _, route := range h.routes {
		t, _ := deploy.ParseTarget(route.Match)
		rule := gatewayRule{BackendRefs: []backendRef{{Name: w.Name, Port: route.Port.Or(0)}}}
		if form.Kind == "TLSRoute" {
			if t.Path != "" || route.Prefix.IsSet() {
				return nil, fmt.Errorf("%s: TLS that is passed on has no path", deploy.At("routes", route.Match))
			}
			r.Spec.Rules = append(r.Spec.Rules, rule)
			continue
		}
		match := pathMatch{Type: "PathPrefix", Value: t.Path}
		switch {
		case t.Path == "":
			match.Value = "/"
		case t.Path == "/" && !t.Exact:
			return nil, fmt.Errorf("%s: says the same without the slash", deploy.At("routes", route.Match))
		case t.Exact:
			match.Type = "Exact"
		case t.Pattern:
			match.Type = "RegularExpression"
		}
		rule.Matches = []gatewayMatch{{Path: match}}
		if prefix, ok := route.Prefix.Get(); ok {
			rewrite := pathRewrite{Type: "ReplacePrefixMatch", ReplacePrefixMatch: prefix}
			if t.Exact || t.Pattern {
				rewrite = pathRewrite{Type: "ReplaceFullPath", ReplaceFullPath: prefix}
			}
			rule.Filters = []gatewayFilter{{Type: "URLRewrite", URLRewrite: urlRewrite{Path: rewrite}}}
		}
		r.Spec.Rules = append(r.Spec.Rules, rule)
	}
	return r, nil
}

func ingressOf(a deploy.App, w deploy.Workload, h hosts, about metav1.ObjectMeta) (any, error) {
	class := a.Ingress.Or("")
	in := &networkingv1.Ingress{TypeMeta: typeMeta("networking.k8s.io/v1", "Ingress"), ObjectMeta: about, Spec: networkingv1.IngressSpec{IngressClassName: &class}}
	var paths []networkingv1.HTTPIngressPath
	for _, route := range h.routes {
		t, _ := deploy.ParseTarget(route.Match)
		kind, value := networkingv1.PathTypePrefix, t.Path
		if value == "" {
			value = "/"
		}
		if t.Exact {
			kind = networkingv1.PathTypeExact
		}
		if t.Pattern || route.Prefix.IsSet() || t.Path == "/" && !t.Exact {
			return nil, fmt.Errorf("%s: has no form in an Ingress", deploy.At("routes", route.Match))
		}
		paths = append(paths, networkingv1.HTTPIngressPath{Path: value, PathType: &kind, Backend: networkingv1.IngressBackend{
			Service: &networkingv1.IngressServiceBackend{Name: w.Name, Port: networkingv1.ServiceBackendPort{Number: int32(route.Port.Or(0))}},
		}})
	}
	for _, name := range h.names {
		if name == "*" {
			name = ""
		}
		in.Spec.Rules = append(in.Spec.Rules, networkingv1.IngressRule{Host: name, IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: paths}}})
	}
	return in, nil
}

// checkRoutes refuses routes that Lower would not leave behind.
func checkRoutes(a deploy.App) error {
	if len(a.Routes) == 0 {
		if a.Gateway.IsSet() || a.Ingress.IsSet() {
			return fmt.Errorf("gateway: without a route nothing comes through it")
		}
		return nil
	}
	if a.Gateway.IsSet() == a.Ingress.IsSet() {
		return fmt.Errorf("gateway: routes come through a Gateway or an Ingress, not through both or none")
	}
	for _, r := range a.Routes {
		at := deploy.At("routes", r.Match)
		t, ok := deploy.ParseTarget(r.Match)
		i := slices.IndexFunc(a.Workloads, func(w deploy.Workload) bool { return r.Workload.Is(deploy.Ref(deploy.At("workloads", w.Name))) })
		switch {
		case r.Via.IsSet() || r.Upgrade.IsSet():
			return fmt.Errorf("%s.via, upgrade: have no form", at)
		case i < 0:
			return fmt.Errorf("%s.workload: leads to %s, which is not there", at, r.Workload)
		case !r.Port.IsSet():
			return fmt.Errorf("%s.port: a route leads to a port", at)
		case !ok || t.Scheme == "https" && a.Ingress.IsSet():
			return fmt.Errorf("%s: has no form", at)
		}
	}
	return nil
}

// routed reports whether a route from outside leads to the workload.
func routed(a deploy.App, w deploy.Workload) bool {
	return slices.ContainsFunc(a.Routes, func(r deploy.Route) bool { return r.Workload.Is(deploy.Ref(deploy.At("workloads", w.Name))) })
}

// dropPublished says what no route takes the place of: how a cluster offers it is decided for the cluster as a whole.
func dropPublished(o pod.Workload, p *deploy.Port) {
	at := []string{"ports", p.Number, "published"}
	number, _, _ := strings.Cut(p.Number, "/")
	address, port := "", p.Published.Or("")
	if i := strings.LastIndexByte(port, ':'); i >= 0 {
		address, port = port[:i], port[i+1:]
	}
	forward := fmt.Sprintf("kubectl port-forward service/%s %s:%s", o.W.Name, port, number)
	if !p.Reachable.Is(true) {
		forward = fmt.Sprintf("kubectl port-forward pod/NAME %s:%s", port, number)
	}
	if isLoopback(address) {
		pod.Idle(o, &p.Published, "only programs of the machine itself reached it there: in the cluster the other workloads do, through the Service; for yourself: "+forward, at...)
		return
	}
	outside := "add a Service of type LoadBalancer"
	if p.Protocol.Is("http") || p.Protocol.Is("grpc") {
		outside = "name its host in lift.yaml (workloads." + o.W.Name + ".domain: shop.example): a route is written for it then"
	}
	if called(o.App, *o.W) {
		outside += ", and let it in at " + policies + "/" + o.W.Name + ".yaml"
	}
	pod.Drop(o, &p.Published, "a Service is reached within the cluster alone: what leads to it from outside belongs to the cluster", outside+"; for yourself: "+forward, at...)
}
