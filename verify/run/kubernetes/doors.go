package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// doors is how requests from outside come in. The Gateway that routes ask for is the cluster's, and not among the files: the run makes one of the name in its own namespace, of the cluster's class. A door that
// would take requests from somebody else's system is left shut: hosts are the real ones, and controllers serve all namespaces alike.
type doors struct {
	list []*door
	made map[string]*gateway // that the run has to make, by name
}

// door is a route's object.
type door struct {
	object  *object
	hosts   []string // empty: all
	shut    string   // why it is not applied, or cannot be used
	gateway string   // the Gateway's name, "" for an Ingress
	port    string   // of the address
	address string   // known when it is open
}

// gateway is one that the run makes.
type gateway struct{ class string }

func isDoor(o *object) bool {
	return o.group() == gatewayGroup && (o.kind == "HTTPRoute" || o.kind == "TLSRoute") || o.group() == "networking.k8s.io" && o.kind == "Ingress"
}

// leaves reports whether an object is not applied.
func (d doors) leaves(o *object) bool {
	return slices.ContainsFunc(d.list, func(e *door) bool { return e.object == o && e.shut != "" })
}

// planDoors looks for what the cluster has to serve the routes with, and lets them name it.
func (p *running) planDoors(ctx context.Context, objects []*object) (doors, error) {
	out := doors{made: map[string]*gateway{}}
	for _, o := range objects {
		if !isDoor(o) {
			continue
		}
		d := &door{object: o, hosts: hostsOf(o), port: "80"}
		if o.kind == "TLSRoute" {
			d.port = "443"
		}
		var err error
		if o.kind == "Ingress" {
			err = p.planIngress(ctx, d)
		} else {
			err = p.planGateway(ctx, d, objects, out.made)
		}
		if err != nil {
			return out, err
		}
		if d.shut == "" {
			if d.shut, err = p.client.taken(ctx, d); err != nil {
				return out, err
			}
		}
		if d.shut != "" && p.progress != nil {
			p.progress("%s is left out: %s", o, d.shut)
		}
		out.list = append(out.list, d)
	}
	return out, nil
}

// hostsOf are the hosts that a route is about.
func hostsOf(o *object) []string {
	var out []string
	add := func(v any) {
		if h, ok := v.(string); ok && h != "" {
			out = append(out, h)
		}
	}
	if o.kind != "Ingress" {
		list, _ := lookup(o.data, "spec", "hostnames").([]any)
		for _, h := range list {
			add(h)
		}
		return out
	}
	rules, _ := lookup(o.data, "spec", "rules").([]any)
	for _, r := range rules {
		m, _ := r.(map[string]any)
		if host, _ := m["host"].(string); host == "" {
			return nil // one rule for all hosts
		}
		add(m["host"])
	}
	return out
}

// named is an object of a list, as far as its name matters.
type named struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		Hostnames []string
		Rules     []struct{ Host string }
	}
}

// planGateway lets a route lead to a Gateway of the run.
func (p *running) planGateway(ctx context.Context, d *door, objects []*object, made map[string]*gateway) error {
	r, ok, err := p.client.resourceOf(ctx, d.object.version, d.object.kind)
	if err != nil {
		return err
	}
	if !ok || !r.namespaced {
		d.shut = fmt.Sprintf("the cluster knows no %s of %s", d.object.kind, d.object.version)
		return nil
	}
	class := p.Runner.options.GatewayClass
	if class == "" {
		if class, d.shut, err = p.client.onlyOne(ctx, gatewayClasses, "GatewayClass"); err != nil || d.shut != "" {
			return err
		}
	}
	parents, _ := lookup(d.object.data, "spec", "parentRefs").([]any)
	for _, item := range parents {
		parent, ok := item.(map[string]any)
		if !ok {
			continue
		}
		name, _ := parent["name"].(string)
		delete(parent, "namespace")
		delete(parent, "sectionName")
		delete(parent, "port")
		if d.gateway == "" {
			d.gateway = name
		}
		if !slices.ContainsFunc(objects, func(o *object) bool { return o.kind == "Gateway" && o.group() == gatewayGroup && o.name == name }) {
			made[name] = &gateway{class}
		}
	}
	if d.gateway == "" {
		d.shut = "it names no Gateway"
	}
	return nil
}

// planIngress lets an Ingress be served by a class that the cluster has.
func (p *running) planIngress(ctx context.Context, d *door) error {
	class := p.Runner.options.IngressClass
	written, _ := lookup(d.object.data, "spec", "ingressClassName").(string)
	if class == "" && written != "" {
		err := p.client.get(ctx, ingressClasses.at("", written), nil, nil)
		if err != nil && !answered(err, http.StatusNotFound, http.StatusForbidden) {
			return err
		}
		if !missing(err) {
			class = written
		}
	}
	if class == "" {
		var err error
		if class, d.shut, err = p.client.onlyOne(ctx, ingressClasses, "IngressClass"); err != nil || d.shut != "" {
			return err
		}
	}
	child(d.object.data, "spec")["ingressClassName"] = class
	return nil
}

// onlyOne is the name of the only object of a kind in the cluster, else why there is none.
func (c *client) onlyOne(ctx context.Context, r resource, kind string) (name, why string, err error) {
	var list struct{ Items []named }
	err = c.get(ctx, r.in(""), nil, &list)
	switch {
	case answered(err, http.StatusForbidden):
		return "", "this user may not see which " + kind + " the cluster has; name one", nil
	case missing(err):
		return "", "the cluster has no " + kind, nil
	case err != nil:
		return "", "", err
	case len(list.Items) == 0:
		return "", "the cluster has no " + kind + ": no controller serves such routes", nil
	case len(list.Items) > 1:
		var names []string
		for _, i := range list.Items {
			names = append(names, i.Metadata.Name)
		}
		return "", "the cluster has several of the kind " + kind + " (" + strings.Join(names, ", ") + "); name one", nil
	}
	return list.Items[0].Metadata.Name, "", nil
}

// taken says why a route would take requests away from another system of the cluster.
func (c *client) taken(ctx context.Context, d *door) (string, error) {
	r := httpRoutes
	switch d.object.kind {
	case "Ingress":
		r = ingresses
	case "TLSRoute":
		r = resource{rootOf(d.object.version), "tlsroutes", true}
	}
	var list struct{ Items []named }
	err := c.get(ctx, r.in(""), nil, &list)
	if answered(err, http.StatusForbidden, http.StatusNotFound) {
		return "", nil // one's own namespace is all that one sees: it is likely to be all there is
	}
	if err != nil {
		return "", err
	}
	for _, other := range list.Items {
		hosts := other.Spec.Hostnames
		for _, rule := range other.Spec.Rules {
			if rule.Host != "" {
				hosts = append(hosts, rule.Host)
			}
		}
		if host, same := overlap(d.hosts, hosts); same {
			return fmt.Sprintf("the cluster serves %s already (%s of namespace %s): a second route would take its requests", host, other.Metadata.Name, other.Metadata.Namespace), nil
		}
	}
	return "", nil
}

// overlap tells which host is in both lists; an empty one stands for all hosts that nobody else wants.
func overlap(a, b []string) (string, bool) {
	if len(a) == 0 && len(b) == 0 {
		return "every host", true
	}
	for _, x := range a {
		for _, y := range b {
			if strings.EqualFold(x, y) {
				return x, true
			}
		}
	}
	return "", false
}

// makeGateways creates the Gateways that routes ask for. Each has the listeners that the files count on, for routes of its own namespace.
func (p *running) makeGateways(ctx context.Context) error {
	for name, g := range p.doors.made {
		var listeners []map[string]any
		own := map[string]any{"namespaces": map[string]any{"from": "Same"}}
		for _, d := range p.doors.list {
			if d.gateway != name || d.shut != "" || slices.ContainsFunc(listeners, func(l map[string]any) bool { return l["name"] == "port-"+d.port }) {
				continue
			}
			if d.port == "443" {
				listeners = append(listeners, map[string]any{"name": "port-443", "protocol": "TLS", "port": 443, "tls": map[string]any{"mode": "Passthrough"}, "allowedRoutes": own})
				continue
			}
			listeners = append(listeners, map[string]any{"name": "port-80", "protocol": "HTTP", "port": 80, "allowedRoutes": own})
		}
		if len(listeners) == 0 {
			continue
		}
		err := p.add(ctx, gateways, map[string]any{
			"apiVersion": gatewayVersion, "kind": "Gateway", "metadata": map[string]any{"name": name},
			"spec": map[string]any{"gatewayClassName": g.class, "listeners": listeners},
		})
		if err != nil {
			return fmt.Errorf("the Gateway %s: %w", name, err)
		}
	}
	return nil
}

const (
	addressTime = time.Minute      // until a Gateway or an Ingress has an address
	acceptTime  = 20 * time.Second // until a route is accepted, and served
)

// openDoors waits until requests come in. What does not open is shut, with the reason: the rest of the system can be looked at all the same.
func (p *running) openDoors(ctx context.Context) error {
	open := false
	for _, d := range p.doors.list {
		if d.shut != "" {
			continue
		}
		if err := p.openDoor(ctx, d); err != nil {
			return err
		}
		if d.shut != "" {
			p.progress("%s serves nothing: %s", d.object, d.shut)
			continue
		}
		open = true
	}
	if !open {
		return nil
	}
	return p.served(ctx)
}

// status is what Gateways, routes and Ingresses say of themselves.
type status struct {
	Status struct {
		Addresses    []struct{ Value string }
		Conditions   []condition
		Parents      []struct{ Conditions []condition }
		LoadBalancer struct {
			Ingress []struct{ IP, Hostname string }
		}
	}
}

// openDoor waits for the address, and until the route is accepted.
func (p *running) openDoor(ctx context.Context, d *door) error {
	path, what := gateways.at(p.ns, d.gateway), "the Gateway "+d.gateway
	if d.gateway == "" {
		path, what = ingresses.at(p.ns, d.object.name), "the Ingress "+d.object.name
	}
	var now status
	err := p.until(ctx, addressTime, path, &now, func() bool {
		if a := now.Status.Addresses; len(a) > 0 {
			d.address = a[0].Value
		}
		if i := now.Status.LoadBalancer.Ingress; len(i) > 0 {
			if d.address = i[0].IP; d.address == "" {
				d.address = i[0].Hostname
			}
		}
		return d.address != "" && (d.gateway == "" || holds(now.Status.Conditions, "Programmed"))
	})
	if errors.Is(err, errPatience) {
		d.shut = what + " gets no address" + conditionWords(now.Status.Conditions)
		return nil
	}
	if err != nil || d.gateway == "" {
		return err
	}
	r, _, err := p.client.resourceOf(ctx, d.object.version, d.object.kind)
	if err != nil {
		return err
	}
	var route status
	err = p.until(ctx, acceptTime, r.at(p.ns, d.object.name), &route, func() bool {
		return slices.ContainsFunc(route.Status.Parents, func(s struct{ Conditions []condition }) bool {
			return holds(s.Conditions, "Accepted") && holds(s.Conditions, "ResolvedRefs")
		})
	})
	if errors.Is(err, errPatience) {
		var all []condition
		for _, parent := range route.Status.Parents {
			all = append(all, parent.Conditions...)
		}
		d.shut = "the cluster's controller does not accept it" + conditionWords(all)
		return nil
	}
	return err
}

var errPatience = errors.New("not in time")

// until reads an object again and again until it is as it should be.
func (p *running) until(ctx context.Context, limit time.Duration, path string, into *status, good func() bool) error {
	for end := time.Now().Add(limit); ; {
		*into = status{}
		if err := p.client.get(ctx, path, nil, into); err != nil {
			return err
		}
		if good() {
			return nil
		}
		if time.Now().After(end) {
			return errPatience
		}
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
}

func holds(list []condition, kind string) bool {
	return slices.ContainsFunc(list, func(c condition) bool { return c.Type == kind && c.Status == "True" })
}

// conditionWords is what the conditions say that do not hold.
func conditionWords(list []condition) string {
	var out []string
	for _, c := range list {
		if c.Status != "True" && c.Message != "" {
			out = append(out, c.Message)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ": " + strings.Join(out, "; ")
}

// canary is a route that the Gateway answers by itself. It is created last: when it is served, the others are, and no program of the system was asked for that. A status tells less: it says that a route is
// accepted, not that it is served.
const canary = "lift-canary"

// served waits until the routes are served.
func (p *running) served(ctx context.Context) error {
	for name := range p.doors.made {
		i := slices.IndexFunc(p.doors.list, func(d *door) bool { return d.gateway == name && d.shut == "" && d.port == "80" })
		if i < 0 {
			continue
		}
		d := p.doors.list[i]
		host := p.ns + "." + registry
		err := p.add(ctx, httpRoutes, map[string]any{
			"apiVersion": gatewayVersion, "kind": "HTTPRoute", "metadata": map[string]any{"name": canary},
			"spec": map[string]any{
				"parentRefs": []any{map[string]any{"name": name}}, "hostnames": []any{host},
				"rules": []any{map[string]any{"filters": []any{map[string]any{"type": "RequestRedirect", "requestRedirect": map[string]any{"hostname": canary + "." + registry, "statusCode": 302}}}}},
			},
		})
		if err != nil {
			return fmt.Errorf("the HTTPRoute %s: %w", canary, err)
		}
		if err := p.sings(ctx, d, host); errors.Is(err, errPatience) {
			for _, d := range p.doors.list {
				if d.gateway == name && d.shut == "" {
					d.shut = fmt.Sprintf("the Gateway's address %s does not serve its routes from here within %s", net.JoinHostPort(d.address, d.port), acceptTime)
					p.progress("%s serves nothing: %s", d.object, d.shut)
				}
			}
		} else if err != nil {
			return err
		}
		if err := p.client.delete(ctx, httpRoutes.at(p.ns, canary), nil); err != nil && !missing(err) {
			return err
		}
	}
	if slices.ContainsFunc(p.doors.list, func(d *door) bool { return d.gateway == "" && d.shut == "" }) {
		sleep(ctx, ingressTime) // an Ingress has nothing that the controller answers by itself
	}
	return ctx.Err()
}

// ingressTime is what controllers take at most, as a rule, until an Ingress that has its address is served.
const ingressTime = 3 * time.Second

// sings asks for the canary until it answers.
func (p *running) sings(ctx context.Context, d *door, host string) error {
	web := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       5 * time.Second,
	}
	for end := time.Now().Add(acceptTime); time.Now().Before(end); {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(d.address, d.port)+"/", nil)
		if err != nil {
			return err
		}
		req.Host = host
		if resp, err := web.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusFound && strings.Contains(resp.Header.Get("Location"), canary) {
				return nil
			}
		}
		if !sleep(ctx, pause/2) {
			return ctx.Err()
		}
	}
	return errPatience
}

// Door connects to the address of the Gateway or of the ingress controller through which the route leads.
func (p *running) Door(ctx context.Context, r deploy.Route) (net.Conn, error) {
	d, err := p.doors.find(r)
	if err != nil {
		return nil, err
	}
	if d.shut != "" {
		return nil, run.NotHere{Why: p.mask.text(d.shut)}
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", net.JoinHostPort(d.address, d.port))
}

// Published is not of this tier.
func (p *running) Published(context.Context, string, int) (net.Conn, error) {
	return nil, run.NotHere{Why: "Kubernetes offers no port of the machine: requests from outside come through the Gateway"}
}

// find looks for the object that serves a route: the one of its workload that names its host.
func (d doors) find(r deploy.Route) (*door, error) {
	t, ok := deploy.ParseTarget(r.Match)
	if !ok {
		return nil, run.NotHere{Why: r.Match + " is not SCHEME://HOST[/PATH]"}
	}
	for _, e := range d.list {
		if (t.Scheme == "https") != (e.port == "443") {
			continue
		}
		whole := len(e.hosts) == 0 && t.Host == "*"
		if whole || slices.ContainsFunc(e.hosts, func(h string) bool { return strings.EqualFold(h, t.Host) }) {
			return e, nil
		}
	}
	return nil, run.NotHere{Why: "no route of the files leads from " + r.Match + " into the system"}
}

// Cannot tells what this cluster cannot show.
func (r *Runner) Cannot(ctx context.Context, s run.System) []run.Untested {
	objects, err := readObjects(s)
	if err != nil {
		return nil // Start says so
	}
	var out []run.Untested
	if slices.ContainsFunc(objects, func(o *object) bool { return o.kind == "NetworkPolicy" }) {
		out = append(out, run.Untested{Aspect: "network policies", Why: "they are applied, but whether a cluster enforces them depends on its network, and no connection is tried that they forbid"})
	}
	c, err := r.connect()
	if err != nil {
		return out
	}
	p := &running{Runner: r, client: c}
	d, err := p.planDoors(ctx, objects)
	if err != nil {
		return out
	}
	for _, e := range d.list {
		if e.shut == "" {
			continue
		}
		workload, _ := lookup(e.object.data, "metadata", "labels", "app.kubernetes.io/name").(string)
		out = append(out, run.Untested{Workload: workload, Aspect: "door.", Why: e.object.String() + ": " + e.shut})
	}
	return out
}
