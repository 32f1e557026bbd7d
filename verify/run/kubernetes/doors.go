package kubernetes

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

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
		if d.gateway == "" {
			d.gateway = name
		}
		if !slices.ContainsFunc(objects, func(o *object) bool { return o.kind == "Gateway" && o.group() == gatewayGroup && o.name == name }) {
			delete(parent, "sectionName") // the listeners are the run's
			delete(parent, "port")
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

// Door connects to the address of the Gateway or of the ingress controller through which the route leads.
func (p *running) Door(ctx context.Context, r deploy.Route) (net.Conn, error) {
	d, err := p.doors.find(r)
	if err != nil {
		return nil, err
	}
	if d.shut != "" {
		return nil, run.NotHere{Why: p.mask.Text(d.shut)}
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
