package kubernetes

import (
	"fmt"
	"strconv"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiService     = "Kubernetes API: Service v1 core"
	apiServicePort = "Kubernetes API: ServicePort v1 core"
)

// service is a Service while it is read.
type service struct {
	*podspec.Reader
	object  *podspec.Object
	targets []*podspec.Workload
	typ     string
	typeAt  yamldoc.Node
	claimed bool              // the type gave a field
	seen    map[string]string // name or number of a port → where it stands
}

var serviceTable = podspec.Table[*service]{Section: "Service", Rows: []podspec.Row[*service]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiService, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "kind of object", Spec: apiService, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name under which peers reach the workload", Spec: apiService, Example: "{name: web}", Read: func(s *service, n yamldoc.Node) { s.Metadata(n, podspec.Meta{Name: s.name}) }},
	{Key: "spec.selector", Doc: "labels of the pods that it leads to", Spec: apiService, Example: "{app: web}", Read: func(s *service, n yamldoc.Node) { s.Show(n, "it leads to "+s.names()) }},
	{Key: "spec.type", Doc: "who reaches it: ClusterIP, NodePort, LoadBalancer", Spec: apiService, Example: "ClusterIP", Read: func(s *service, n yamldoc.Node) {
		if v, ok := s.OneOf(n, "ClusterIP", "NodePort", "LoadBalancer"); ok {
			s.typ, s.typeAt = v, n
		}
	}},
	{Key: "spec.ports", Doc: "ports that it carries", Spec: apiService, Example: "[{port: 8080}]", Read: (*service).ports},
	{Key: "spec.clusterIP", Doc: "address; None: the name leads to the pods themselves", Spec: apiService, Outcome: ledger.Inert, Reason: "peers use the name"},
	{Key: "spec.clusterIPs", Doc: "addresses", Spec: apiService, Outcome: ledger.Inert, Reason: "peers use the name"},
	{Key: "spec.ipFamilies", Doc: "IPv4, IPv6", Spec: apiService, Outcome: ledger.Inert, Reason: "peers use the name"},
	{Key: "spec.ipFamilyPolicy", Doc: "IPv4, IPv6 or both", Spec: apiService, Outcome: ledger.Inert, Reason: "peers use the name"},
	{Key: "spec.ipFamily", Doc: "IPv4 or IPv6", Spec: apiService, Outcome: ledger.Inert, Reason: "peers use the name"},
	{Key: "spec.internalTrafficPolicy", Doc: "whether requests stay on their node", Spec: apiService, Outcome: ledger.Inert, Reason: "it only shortens ways"},
	{Key: "spec.externalTrafficPolicy", Doc: "whether requests stay on their node", Spec: apiService, Outcome: ledger.Inert, Reason: "it only shortens ways"},
	{Key: "spec.trafficDistribution", Doc: "whether requests stay near", Spec: apiService, Outcome: ledger.Inert, Reason: "it only shortens ways"},
	{Key: "spec.topologyKeys", Doc: "whether requests stay near", Spec: apiService, Outcome: ledger.Inert, Reason: "it only shortens ways"},
	{Key: "spec.allocateLoadBalancerNodePorts", Doc: "how the load balancer reaches the nodes", Spec: apiService, Outcome: ledger.Inert, Reason: "it concerns the load balancer's own way"},
	{Key: "spec.healthCheckNodePort", Doc: "how the load balancer asks the nodes", Spec: apiService, Outcome: ledger.Inert, Reason: "it concerns the load balancer's own way"},
	{Key: "spec.publishNotReadyAddresses", Doc: "leads to pods that are not ready, too", Spec: apiService, Example: "false", Read: usualService("false", "it is the default", "the model leads to ready programs alone")},
	{Key: "spec.sessionAffinity", Doc: "whether a client stays with a pod", Spec: apiService, Example: "None", Read: usualService("None", "it is the default", "the model does not bind clients to replicas")},
	{Key: "spec.sessionAffinityConfig", Doc: "for how long", Spec: apiService, Outcome: ledger.Dropped, Reason: "the model does not bind clients to replicas", Remedy: "keep sessions in a store"},
	{Key: "spec.externalIPs", Doc: "further addresses", Spec: apiService, Outcome: ledger.Dropped, Reason: "addresses of this cluster mean nothing elsewhere", Remedy: "give the target's address to the clients"},
	{Key: "spec.loadBalancerIP", Doc: "address of the load balancer", Spec: apiService, Outcome: ledger.Dropped, Reason: "addresses of this cluster mean nothing elsewhere", Remedy: "give the target's address to the clients"},
	{Key: "spec.loadBalancerClass", Doc: "kind of load balancer", Spec: apiService, Outcome: ledger.Dropped, Reason: "load balancers are the platform's choice", Remedy: "choose one on the target"},
	{Key: "spec.loadBalancerSourceRanges", Doc: "clients that are let in", Spec: apiService, Outcome: ledger.Dropped, Reason: "who may reach whom is read by a later version", Remedy: "close the target's network by hand"},
	{Key: "spec.externalName", Doc: "another name", Spec: apiService, Outcome: ledger.Dropped, Reason: "with a selector it means nothing", Remedy: "remove it"},
	{Key: "status", Doc: "what the cluster saw", Spec: apiService, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
}}

func usualService(value, reason, otherwise string) func(*service, yamldoc.Node) {
	return func(s *service, n yamldoc.Node) {
		switch {
		case !n.IsScalar():
			s.Wrong(n, "write "+value+" or the like")
		case n.Str() == value:
			s.Show(n, reason)
		default:
			s.Rec.Show(n.Setting())
			s.Drop(n, otherwise, "let the program do without it")
		}
	}
}

func (s *system) readService(o *podspec.Object) {
	spec, svc := o.Root.Get("spec"), &service{Reader: s.Reader, object: o, typ: "ClusterIP", seen: map[string]string{}}
	drop := func(reason, remedy string) {
		s.Rec.Find(ledger.Warning, o.Pos(), o.String()+" dropped: "+reason, remedy)
		s.Drop(o.Root, reason, remedy)
	}
	selector := spec.Get("selector")
	switch {
	case spec.Exists() && !spec.IsMap():
		serviceTable.Apply(s.Reader, svc, o.Root)
		return
	case spec.Get("type").Str() == "ExternalName":
		drop("it is another name for a host outside, which the model does not have", "let peers use the host's own name")
		return
	case !selector.IsMap() || selector.IsLeaf():
		drop("it has no selector: where it leads is not known here", "let peers use the address that its Endpoints name")
		return
	}
	want := pairs(selector)
	for _, w := range s.workloads {
		if fits(want, w.Labels) {
			svc.targets = append(svc.targets, w)
		}
	}
	if len(svc.targets) == 0 {
		s.Rec.Find(ledger.Warning, selector.KeyPos(), o.String()+" leads nowhere: its selector fits the pods of no workload", "mend the selector, or remove the Service")
		s.Drop(o.Root, "its selector fits the pods of no workload", "mend the selector, or remove the Service")
		return
	}
	if len(svc.targets) > 1 {
		s.Rec.Find(ledger.Warning, selector.KeyPos(), fmt.Sprintf("%s leads to the pods of several workloads: %s", o, svc.names()), "give the selector a label that only one of them has")
	}
	list := spec
	if ports := spec.Get("ports"); ports.Exists() {
		list = ports
	}
	for _, w := range svc.targets {
		s.served[w] = list.KeyPos()
	}
	serviceTable.Apply(s.Reader, svc, o.Root)
	svc.finish()
}

func (s *service) names() string {
	out := ""
	for i, w := range s.targets {
		if i > 0 {
			out += ", "
		}
		out += w.M.Name
	}
	return out
}

// name compares the Service's name with the workload's: peers of the model use the latter.
func (s *service) name(n yamldoc.Node) {
	for _, w := range s.targets {
		if w.M.Name == n.Str() {
			s.Rec.Inert(n.Setting(), "peers reach the workload under its own name")
			return
		}
	}
	reason, remedy := fmt.Sprintf("peers reach %s as %s; elsewhere they reach it under its own name", s.names(), n.Str()), "give Service and workload one name, in the addresses that peers use as well"
	s.Rec.Drop(n.Setting(), reason, remedy)
	s.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
}

// servicePort is one element of a Service's ports while it is read.
type servicePort struct {
	*service
	number                     int64
	name                       string
	protocol                   string
	portAt, targetAt, protocAt yamldoc.Node
	app, node                  yamldoc.Node
}

var servicePortTable = podspec.Table[*servicePort]{Section: "ServicePort", Rows: []podspec.Row[*servicePort]{
	{Key: "port", Doc: "number that peers use", Spec: apiServicePort, Example: "8080", Read: func(p *servicePort, n yamldoc.Node) {
		if v, ok := p.Int(n, 1, 65535); ok {
			p.number, p.portAt = v, n
		}
	}},
	{Key: "targetPort", Doc: "number or name of the container's port; port where it is left out", Spec: apiServicePort, Example: "http", Read: func(p *servicePort, n yamldoc.Node) {
		if !n.IsScalar() || n.Tag() != "!!int" && n.Tag() != "!!str" {
			p.Wrong(n, "write the number or the name of a container's port")
			return
		}
		p.Rec.Show(n.Setting())
		p.targetAt = n
	}},
	{Key: "protocol", Doc: "TCP, UDP or SCTP", Spec: apiServicePort, Example: "TCP", Read: func(p *servicePort, n yamldoc.Node) {
		if v, ok := p.OneOf(n, "TCP", "UDP", "SCTP"); ok {
			p.protocol, p.protocAt = v, n
			p.Rec.Inert(n.Setting(), "the container's port has it as well")
		}
	}},
	{Key: "name", Doc: "name of the port in the Service", Spec: apiServicePort, Example: "http", Outcome: ledger.Inert, Reason: "routes refer to it, peers do not", Read: func(p *servicePort, n yamldoc.Node) {
		if v, ok := p.Name(n); ok {
			p.name = v
			p.Rec.Inert(n.Setting(), "routes refer to it, peers do not")
		}
	}},
	{Key: "appProtocol", Doc: "what is spoken: http, grpc, tcp", Spec: apiServicePort, Example: "http", Read: func(p *servicePort, n yamldoc.Node) {
		if _, ok := p.Name(n); ok {
			p.app = n
		}
	}},
	{Key: "nodePort", Doc: "port of every machine that leads to it", Spec: apiServicePort, Example: "30080", Read: func(p *servicePort, n yamldoc.Node) {
		if _, ok := p.Int(n, 0, 65535); ok {
			p.node = n
		}
	}},
}}

func (s *service) ports(n yamldoc.Node) {
	s.Each(n, func(item yamldoc.Node) {
		p := &servicePort{service: s, protocol: "TCP"}
		servicePortTable.Apply(s.Reader, p, item)
		if !item.IsMap() {
			return
		}
		p.finish(item)
	})
}

func (p *servicePort) finish(item yamldoc.Node) {
	var left []yamldoc.Node
	for _, n := range []yamldoc.Node{p.portAt, p.targetAt, p.app, p.node} {
		if n.Exists() {
			left = append(left, n)
		}
	}
	give := func(reason string) {
		for _, n := range left {
			for _, i := range n.Settings() {
				if !p.Rec.Accounted(i) {
					p.Rec.Drop(i, reason, "")
				}
			}
		}
	}
	if !p.portAt.Exists() {
		if !item.Get("port").Exists() {
			p.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no port", "write the number that peers use")
		}
		give("the port has no number")
		return
	}
	for _, key := range []string{p.name, podspec.PortKey(p.number, p.protocol)} {
		if first, twice := p.seen[key]; twice && key != "" {
			p.Bad(item, "has the name or the number of "+first, "names and numbers of a Service's ports are unique")
			return
		}
		p.seen[key] = item.Path
	}
	by := p.targetAt
	if !by.Exists() {
		by = p.portAt
	}
	found := false
	for _, w := range p.targets {
		number, m := w.Port(by, p.protocol)
		if number < 1 || number > 65535 {
			continue
		}
		found = true
		if m == nil {
			m = w.AddPort(number, p.protocol, by)
		}
		p.lead(w, m, by, number)
	}
	if !found {
		p.Bad(by, "is no port of "+p.names(), "name a port of the container, or write its number")
		give("it leads to no port")
		return
	}
	if p.portAt.Exists() && !p.Rec.Accounted(p.portAt.Setting()) {
		p.Rec.Inert(p.portAt.Setting(), "it is the program's own port")
	}
}

// lead records that peers reach a port of a workload.
func (p *servicePort) lead(w *podspec.Workload, m *deploy.Port, by yamldoc.Node, number int64) {
	at := w.At.Join("ports", m.Number)
	m.Reachable = deploy.Some(true)
	p.Rec.Show(by.Setting())
	p.Rec.Part(by.Setting(), at.Join("reachable"))
	if number != p.number {
		reason := fmt.Sprintf("peers reach port %d, which leads to %d; elsewhere they reach the program's own port", p.number, number)
		remedy := fmt.Sprintf("let peers use port %d, or let the program listen on %d", number, p.number)
		p.Rec.Drop(p.portAt.Setting(), reason, remedy)
		p.Rec.Find(ledger.Warning, p.portAt.Pos(), p.portAt.Path+" dropped: "+reason, remedy)
	}
	if p.app.Exists() {
		p.speak(m, at)
	}
	p.publish(m, at)
}

func (p *servicePort) speak(m *deploy.Port, at deploy.Path) {
	set := func(v string) { podspec.Set(p.Reader, p.app, &m.Protocol, v, at.Join("protocol")) }
	switch v := p.app.Str(); v {
	case "http", "grpc", "tcp":
		set(v)
	case "kubernetes.io/h2c":
		set("grpc")
	case "kubernetes.io/ws":
		podspec.SetNearly(p.Reader, p.app, &m.Protocol, "http", at.Join("protocol"), "WebSocket begins as HTTP; that connections last is not said", "check that the target lets connections last")
	default:
		p.Rec.Drop(p.app.Setting(), "the model knows http, grpc and tcp alone", "check that the target passes it on")
	}
}

// publish reads what is offered outside of the cluster.
func (p *servicePort) publish(m *deploy.Port, at deploy.Path) {
	switch {
	case p.typ == "LoadBalancer":
		const reason, remedy = "an address of the cloud offers it; the machine offers it then", "put a load balancer before the target"
		m.Published = deploy.Some(strconv.FormatInt(p.number, 10))
		p.claimed = true
		p.Rec.Show(p.typeAt.Setting())
		p.Rec.Approximate(p.typeAt.Setting(), reason, remedy, at.Join("published"))
		if p.node.Exists() {
			p.Rec.Inert(p.node.Setting(), "the load balancer leads there")
		}
	case p.node.Exists() && p.typ == "NodePort" && p.node.Str() != "0":
		podspec.SetNearly(p.Reader, p.node, &m.Published, p.node.Str(), at.Join("published"), "every machine of the cluster offers it", "give the target's address to the clients")
	case p.node.Exists():
		p.Rec.Inert(p.node.Setting(), "without type NodePort it means nothing")
	}
}

func (s *service) finish() {
	if !s.typeAt.Exists() || s.Rec.Accounted(s.typeAt.Setting()) {
		return
	}
	if s.typ == "LoadBalancer" {
		s.Rec.Drop(s.typeAt.Setting(), "it carries no port", "write its ports")
		return
	}
	s.Rec.Inert(s.typeAt.Setting(), "its ports say who reaches it")
}

// finishPorts sets for every port whether peers reach it and where the program listens.
func (s *system) finishPorts() {
	for _, w := range s.workloads {
		for i := range w.M.Ports {
			p, at := &w.M.Ports[i], w.At.Join("ports", w.M.Ports[i].Number, "reachable")
			if list, ok := s.served[w]; ok && !p.Reachable.IsSet() {
				s.Rec.Place(at, list) // it is missing there
			}
			podspec.Imply(s.Reader, apiService, "spec.ports", &p.Reachable, false, at)
		}
	}
}
