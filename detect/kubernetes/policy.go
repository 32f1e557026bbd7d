package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

const (
	apiPolicy      = "Kubernetes API: NetworkPolicy v1 networking"
	whoReaches     = "the model does not say who may reach whom beyond what the workloads themselves name"
	closeByHand    = "close the target's network by hand"
	followsFromUse = "it follows from who calls whom, which the workloads' own settings say"
)

// policy is a NetworkPolicy while it is read.
type policy struct {
	*podspec.Reader
	system  *system
	object  *podspec.Object
	targets []*podspec.Workload
	rules   []rule
	derived bool // it says no more than that those who call a workload may
}

// rule lets some workloads in, or everybody, to some ports, or all.
type rule struct {
	everybody bool
	outside   bool // some of other namespaces or addresses
	from      []*podspec.Workload
	ports     []yamldoc.Node // elements of ports; none: all
}

var policyTable = podspec.Table[*policy]{Section: "NetworkPolicy", Rows: []podspec.Row[*policy]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiPolicy, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "kind of object", Spec: apiPolicy, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels", Spec: apiPolicy, Example: "{name: web}", Read: func(p *policy, n yamldoc.Node) { p.Metadata(n, podspec.Meta{}) }},
	{Key: "spec.podSelector", Doc: "labels of the pods that it closes", Spec: apiPolicy, Example: "{matchLabels: {app: web}}", Read: (*policy).selector},
	{Key: "spec.policyTypes", Doc: "whether it closes what comes in, what goes out, or both", Spec: apiPolicy, Example: "[Ingress]", Read: func(p *policy, n yamldoc.Node) {
		p.Each(n, func(item yamldoc.Node) {
			if _, ok := p.OneOf(item, "Ingress", "Egress"); ok {
				p.account(item)
			}
		})
	}},
	{Key: "spec.ingress", Doc: "who is let in, to which ports", Spec: apiPolicy, Example: "[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]", Read: func(p *policy, n yamldoc.Node) {
		p.Each(n, func(item yamldoc.Node) { ruleTable.Apply(p.Reader, p, item) })
		p.rest(n)
	}},
	{Key: "spec.egress", Doc: "who may be called, on which ports", Spec: apiPolicy, Example: "[{ports: [{port: 53}]}]", Read: (*policy).account},
}}

var ruleTable = podspec.Table[*policy]{Section: "NetworkPolicyIngressRule", Rows: []podspec.Row[*policy]{
	{Key: "from", Doc: "who is let in; none: everybody", Spec: apiPolicy, Example: "[{podSelector: {matchLabels: {app: web}}}]", Read: func(p *policy, n yamldoc.Node) {
		p.Each(n, func(item yamldoc.Node) { peerTable.Apply(p.Reader, p, item) })
		p.account(n)
	}},
	{Key: "ports", Doc: "ports that are open; none: all", Spec: apiPolicy, Example: "[{protocol: TCP, port: 8080}]", Read: func(p *policy, n yamldoc.Node) {
		p.Each(n, func(item yamldoc.Node) { openTable.Apply(p.Reader, p, item) })
		p.account(n)
	}},
}}

var peerTable = podspec.Table[*policy]{Section: "NetworkPolicyPeer", Rows: []podspec.Row[*policy]{
	{Key: "podSelector", Doc: "labels of the pods", Spec: apiPolicy, Example: "{matchLabels: {app: web}}", Read: (*policy).selector},
	{Key: "namespaceSelector", Doc: "labels of their name space", Spec: apiPolicy, Example: "{matchLabels: {team: shop}}", Read: (*policy).selector},
	{Key: "ipBlock.cidr", Doc: "addresses", Spec: apiPolicy, Example: "10.0.0.0/8", Read: (*policy).account},
	{Key: "ipBlock.except", Doc: "addresses that are not among them", Spec: apiPolicy, Example: "[10.1.0.0/16]", Read: (*policy).account},
}}

var openTable = podspec.Table[*policy]{Section: "NetworkPolicyPort", Rows: []podspec.Row[*policy]{
	{Key: "port", Doc: "number or name of the port; none: all", Spec: apiPolicy, Example: "8080", Read: (*policy).account},
	{Key: "endPort", Doc: "the last of several ports", Spec: apiPolicy, Example: "8090", Read: (*policy).account},
	{Key: "protocol", Doc: "TCP, UDP or SCTP", Spec: apiPolicy, Example: "TCP", Read: func(p *policy, n yamldoc.Node) {
		if _, ok := p.OneOf(n, "TCP", "UDP", "SCTP"); ok {
			p.account(n)
		}
	}},
}}

func (p *policy) selector(n yamldoc.Node) {
	p.account(n)
	p.CheckSelector(n)
}

// account accounts for what lies below a node: without a behaviour of its own where the policy follows from who calls whom, else lost.
func (p *policy) account(n yamldoc.Node) {
	for _, s := range n.Settings() {
		switch p.Rec.Show(s); {
		case p.Rec.Accounted(s):
		case p.derived:
			p.Rec.Inert(s, followsFromUse)
		default:
			p.Rec.Drop(s, whoReaches, closeByHand)
		}
	}
}

// rest accounts for rules that say nothing: an empty one lets everybody in.
func (p *policy) rest(n yamldoc.Node) {
	for _, s := range n.Settings() {
		if !p.Rec.Accounted(s) {
			p.account(n)
			return
		}
	}
}

// readPolicies reads the policies and holds them against what the workloads' own settings show: who calls whom must be let in.
func (s *system) readPolicies(objects []*podspec.Object) {
	var all []*policy
	for _, o := range objects {
		p := &policy{Reader: s.Reader, system: s, object: o}
		spec := o.Root.Get("spec")
		p.targets = s.selected(spec.Get("podSelector"))
		for _, r := range spec.Get("ingress").Items() {
			p.rules = append(p.rules, p.rule(r))
		}
		all = append(all, p)
		p.derived = p.follows(spec)
		if len(p.targets) == 0 {
			s.Rec.Find(ledger.Warning, o.Pos(), o.String()+" closes nothing: its selector fits the pods of no workload", "mend the selector, or remove it")
		} else if !p.derived {
			s.Rec.Find(ledger.Warning, o.Pos(), o.String()+" dropped: "+whoReaches, closeByHand)
		}
		policyTable.Apply(s.Reader, p, o.Root)
	}
	for _, w := range s.workloads {
		for _, peer := range s.workloads {
			if peer != w {
				s.checkCall(all, peer, w)
			}
		}
		if s.routed(w) {
			s.checkRoute(all, w)
		}
	}
}

// routed reports whether a route from outside leads to the workload.
func (s *system) routed(w *podspec.Workload) bool {
	return slices.ContainsFunc(s.Rec.App.Routes, func(r deploy.Route) bool { return r.Workload.Is(deploy.Ref(w.At)) })
}

// checkRoute looks whether what hands on requests from outside is let in: its pods are in another namespace.
func (s *system) checkRoute(all []*policy, w *podspec.Workload) {
	var closed *policy
	for _, p := range all {
		if !p.isolates() || !slices.Contains(p.targets, w) {
			continue
		}
		closed = p
		if slices.ContainsFunc(p.rules, func(r rule) bool { return r.everybody || r.outside }) {
			return
		}
	}
	if closed != nil {
		reason := fmt.Sprintf("%s keeps out the Gateway or ingress controller, whose routes lead to %s", closed.object, w.M.Name)
		s.Rec.Find(ledger.Warning, closed.object.Pos(), reason, "let its namespace in")
		s.Rec.Drop(closed.object.Root.Get("kind").Setting(), reason, "let its namespace in")
	}
}

// selected lists the workloads whose pods a selector fits. One that is not there selects none, an empty one all.
func (s *system) selected(selector yamldoc.Node) []*podspec.Workload {
	var out []*podspec.Workload
	for _, w := range s.workloads {
		if selector.IsMap() && podspec.Selects(selector, w.Labels) {
			out = append(out, w)
		}
	}
	return out
}

func (p *policy) rule(n yamldoc.Node) rule {
	r := rule{ports: n.Get("ports").Items(), everybody: len(n.Get("from").Items()) == 0}
	for _, peer := range n.Get("from").Items() {
		if peer.Get("namespaceSelector").Exists() || peer.Get("ipBlock").Exists() {
			r.outside = true
			continue
		}
		r.from = append(r.from, p.system.selected(peer.Get("podSelector"))...)
	}
	return r
}

// isolates reports whether a policy closes what comes in: without policyTypes it does always.
func (p *policy) isolates() bool {
	types := p.object.Root.Get("spec", "policyTypes").Items()
	return len(types) == 0 || slices.ContainsFunc(types, func(n yamldoc.Node) bool { return n.Str() == "Ingress" })
}

// follows reports whether the policy says no more than what the workloads show: each of those whom it lets in calls the target, or may by an address that is supplied from outside, and where it lets everybody in nobody is known to call.
func (p *policy) follows(spec yamldoc.Node) bool {
	types := spec.Get("policyTypes").Items()
	if len(p.targets) != 1 || spec.Get("egress").Exists() || len(types) != 1 || types[0].Str() != "Ingress" {
		return false
	}
	target := p.targets[0]
	open := map[string]bool{}
	for _, r := range p.rules {
		for _, port := range r.ports {
			n, _ := port.Get("port").Int()
			protocol := port.Get("protocol").Str()
			if protocol == "" {
				protocol = "TCP"
			}
			open[podspec.PortKey(n, protocol)] = true
		}
		if len(r.ports) == 0 || r.everybody && p.system.anyCaller(target) && !p.system.routed(target) || !r.everybody && len(r.from) == 0 {
			return false
		}
		for _, peer := range r.from {
			if _, where := callOf(peer.M, target.M); where == "" && !addressFromOutside(peer.M) {
				return false
			}
		}
	}
	for _, port := range target.M.Ports {
		if port.Reachable.Is(true) != open[port.Number] {
			return false
		}
		delete(open, port.Number)
	}
	return len(open) == 0
}

func (s *system) anyCaller(w *podspec.Workload) bool {
	return slices.ContainsFunc(s.workloads, func(peer *podspec.Workload) bool {
		_, where := callOf(peer.M, w.M)
		return peer != w && where != ""
	})
}

// checkCall looks whether a workload that calls another one is let in.
func (s *system) checkCall(all []*policy, peer, w *podspec.Workload) {
	port, where := callOf(peer.M, w.M)
	if where == "" || !slices.ContainsFunc(w.M.Ports, func(p deploy.Port) bool { return p.Reachable.Is(true) }) {
		return
	}
	var closed *policy
	for _, p := range all {
		if !p.isolates() || !slices.Contains(p.targets, w) {
			continue
		}
		closed = p
		for _, r := range p.rules {
			if (r.everybody || slices.Contains(r.from, peer)) && (port == "" || opens(r, w, port)) {
				return
			}
		}
	}
	if closed != nil {
		reason := fmt.Sprintf("%s keeps %s out, whose %s names %s", closed.object, peer.M.Name, where, w.M.Name)
		s.Rec.Find(ledger.Warning, closed.object.Pos(), reason, "let it in, or take the address away")
		s.Rec.Drop(closed.object.Root.Get("kind").Setting(), reason, "let it in, or take the address away")
	}
}

// opens reports whether a rule opens a TCP port of a workload.
func opens(r rule, w *podspec.Workload, port string) bool {
	if len(r.ports) == 0 {
		return true
	}
	for _, p := range r.ports {
		if proto := p.Get("protocol").Str(); proto != "" && proto != "TCP" {
			continue
		}
		name := p.Get("port").Str()
		for _, q := range w.M.Ports {
			if q.Name.Is(name) {
				name = strings.TrimSuffix(q.Number, "/tcp")
			}
		}
		if name == port || name == "" {
			return true
		}
	}
	return false
}

var afterHost = lazyregexp.New(`^(?::([0-9]{1,5}))?(?:$|[/ ,?;)'"])`)

// hostInFile finds hosts in a line of a configuration file: behind the slashes of a URL, or with a port.
var hostInFile = lazyregexp.New(`(//)?\b([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?::([0-9]{1,5}))?\b`)

// callOf tells where a workload names another one as a host, "" if it does not, and the port that it names where that is one of the other's.
func callOf(peer, w *deploy.Workload) (port, where string) {
	for _, n := range peer.Needs {
		if n.Workload == w.Name {
			return "", "initContainers"
		}
	}
	look := func(text, place string) bool {
		for at := 0; ; {
			i := strings.Index(text[at:], w.Name)
			if i < 0 {
				return false
			}
			begin := at + i
			at = begin + len(w.Name)
			m := afterHost.FindStringSubmatch(text[at:])
			if m == nil || begin > 0 && !strings.ContainsRune("/@ ,=('\"", rune(text[begin-1])) {
				continue
			}
			if begin > 0 && text[begin-1] == '/' && !strings.HasSuffix(text[:begin], "//") {
				continue
			}
			where = place
			if slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { return p.Number == m[1]+"/tcp" }) {
				port = m[1]
			}
			return true
		}
	}
	for _, e := range peer.Env {
		if text, known := e.Value.Reveal(); known && (text != w.Name || addressName.MatchString(e.Name)) && look(text, e.Name) {
			return port, where
		}
	}
	for _, word := range peer.Command.Argv {
		if text, ok := word.Literal(); ok && look(text, "command") {
			return port, where
		}
	}
	for _, f := range peer.Files {
		for line := range strings.Lines(f.Content.Or("")) {
			line = strings.TrimSpace(line)
			for _, at := range hostInFile.FindAllStringSubmatchIndex(line, -1) {
				m := []string{"", group(line, at, 1), group(line, at, 2), group(line, at, 3)}
				if m[2] != w.Name || m[1] == "" && m[3] == "" || at[5] < len(line) && line[at[5]] == '.' {
					continue // shop is no part of shop.example
				}
				if listens := slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { return p.Number == m[3]+"/tcp" }); listens || m[1] != "" {
					if listens {
						port = m[3]
					}
					return port, f.Path
				}
			}
		}
	}
	type placed struct {
		place   string
		command deploy.Command
	}
	commands := []placed{{"startupProbe", peer.Probes.Startup.Command}, {"readinessProbe", peer.Probes.Readiness.Command}, {"livenessProbe", peer.Probes.Liveness.Command}}
	for _, hook := range []struct {
		place string
		tasks []deploy.Task
	}{{"initContainers", peer.Before}, {"postStart", peer.Started}, {"preStop", peer.Stopping}} {
		for _, t := range hook.tasks {
			commands = append(commands, placed{hook.place, t.Command})
		}
	}
	for _, c := range commands {
		for _, word := range c.command.Argv {
			if text, ok := word.Literal(); ok && look(text, c.place) {
				return port, where
			}
		}
	}
	return "", ""
}

func group(text string, at []int, n int) string {
	if at[2*n] < 0 {
		return ""
	}
	return text[at[2*n]:at[2*n+1]]
}

var addressName = lazyregexp.New(`(?i)(?:^|_)(URL|URI|DSN|HOSTS?|HOSTNAME|ADDR|ADDRESS|ENDPOINTS?|SERVERS?|BROKERS?|CONNECTION)$`)

// addressFromOutside reports whether the workload has a variable that is called like an address and whose text the files do not show.
func addressFromOutside(w *deploy.Workload) bool {
	return slices.ContainsFunc(w.Env, func(e deploy.Env) bool {
		_, known := e.Value.Reveal()
		return !known && addressName.MatchString(e.Name)
	})
}
