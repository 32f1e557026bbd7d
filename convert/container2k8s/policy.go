package container2k8s

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// policies is the folder of the NetworkPolicies: a component of Kustomize, which the base does without. On the machine every program reached every other one; the base keeps it so, and the overlay closes it.
const policies = "kubernetes/components/network-policy"

// networkPolicy closes a workload to all but those that the settings show to call it. A workload that nobody in the system calls is called from outside, where no policy of this system can name the caller:
// its ports are open to everybody. One without a Service is open to nobody. Names are resolved and calls are made as before: nothing is said of what goes out.
func networkPolicy(a deploy.App, w deploy.Workload) (*networkingv1.NetworkPolicy, error) {
	p := &networkingv1.NetworkPolicy{TypeMeta: typeMeta("networking.k8s.io/v1", "NetworkPolicy"), ObjectMeta: meta(a, w.Name), Spec: networkingv1.NetworkPolicySpec{
		PodSelector: metav1.LabelSelector{MatchLabels: labels(a, w.Name)}, PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
	}}
	var rule networkingv1.NetworkPolicyIngressRule
	for _, port := range w.Ports {
		if !port.Reachable.Is(true) {
			continue
		}
		number, proto, err := pod.PortNumber(port.Number)
		if err != nil {
			return nil, fmt.Errorf("ports: %w", err)
		}
		n := intstr.FromInt32(number)
		rule.Ports = append(rule.Ports, networkingv1.NetworkPolicyPort{Protocol: &proto, Port: &n})
	}
	if len(rule.Ports) == 0 {
		return p, nil
	}
	sure, maybe := callers(a, w)
	for _, name := range slices.Sorted(slices.Values(append(sure, maybe...))) {
		rule.From = append(rule.From, networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{MatchLabels: labels(a, name)}})
	}
	p.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{rule}
	return p, nil
}

// callers lists the workloads that the settings show to call one, and where there are such, those that might: an address that is supplied from outside may name any of them.
func callers(a deploy.App, w deploy.Workload) (sure, maybe []string) {
	if !slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { return p.Reachable.Is(true) }) {
		return nil, nil // there is nothing that could be called
	}
	if routed(a, w) {
		return nil, nil // the Gateway calls it, whose pods no setting of this system names
	}
	for _, peer := range a.Workloads {
		switch {
		case peer.Name == w.Name:
		case calls(peer, w.Name) || slices.ContainsFunc(peer.Files, func(f deploy.File) bool { return fileNames(f.Content.Or(""), w) }):
			sure = append(sure, peer.Name)
		case slices.ContainsFunc(peer.Env, hiddenAddress):
			maybe = append(maybe, peer.Name)
		}
	}
	if len(sure) == 0 {
		return nil, nil
	}
	return sure, maybe
}

// called reports whether the settings show that somebody calls the workload, which closes it to everybody else.
func called(a deploy.App, w deploy.Workload) bool {
	sure, _ := callers(a, w)
	return len(sure) > 0
}

// policyNotices tells what no setting can show: who calls from code alone, or from another namespace, and where an address from outside leads.
func (s *step) policyNotices() {
	say := func(at deploy.Path, what, remedy string) {
		s.Notice(ledger.Info, at, what, remedy)
		s.Notices[len(s.Notices)-1].Here = true // a tier above has no such policies
	}
	var closed []string
	open := map[string][]string{} // who is let in for an address that nobody knows → where
	for _, w := range s.App.Workloads {
		if !slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { return p.Reachable.Is(true) }) {
			continue
		}
		sure, maybe := callers(s.App, w)
		if len(sure) > 0 {
			closed = append(closed, w.Name)
		}
		for _, peer := range maybe {
			open[peer] = append(open[peer], w.Name)
		}
	}
	for _, w := range s.App.Workloads {
		if len(open[w.Name]) > 0 {
			e := w.Env[slices.IndexFunc(w.Env, hiddenAddress)]
			say(s.Source(deploy.At("workloads", w.Name, "env", e.Name)), "nothing shows where "+e.Name+" leads, so the NetworkPolicies let "+w.Name+" in at "+strings.Join(open[w.Name], ", "),
				"take it out of the policies in "+policies+" where it has no business")
		}
	}
	if len(closed) > 0 {
		say("", "the NetworkPolicies let in those whose settings name a workload: "+strings.Join(closed, ", ")+" refuse a caller that only code knows, and other namespaces (metrics, a gateway); a cluster whose network plugin knows no policies ignores them",
			"let further callers in at "+policies+", or take the component out of "+overlay+"/kustomization.yaml")
	}
}

// calls reports whether a setting of the workload has the host, or waits for it.
func calls(w deploy.Workload, host string) bool {
	if slices.ContainsFunc(w.Needs, func(n deploy.Need) bool { return n.Workload == host }) {
		return true
	}
	for _, e := range w.Env {
		if text, known := e.Value.Reveal(); known && pod.Mentions(text, host) && (text != host || pod.IsAddress(e.Name)) {
			return true // a lone word is the name of a host only where the variable is called like one: USER=shop is none
		}
	}
	commands := []deploy.Command{w.Command, w.Probes.Startup.Command, w.Probes.Readiness.Command, w.Probes.Liveness.Command}
	for _, tasks := range [][]deploy.Task{w.Before, w.Started, w.Stopping} {
		for _, t := range tasks {
			commands = append(commands, t.Command)
		}
	}
	return slices.ContainsFunc(commands, func(c deploy.Command) bool {
		words, _ := c.Argv.Literals()
		return slices.ContainsFunc(words, func(word string) bool { return pod.Mentions(word, host) })
	})
}

// fileNames reports whether a configuration file names the workload as HOST:PORT or in a URL. A word alone may be anything there.
func fileNames(text string, w deploy.Workload) bool {
	text = strings.ReplaceAll(text, "\n", " ")
	if pod.Mentions(text, "//"+w.Name) {
		return true
	}
	return slices.ContainsFunc(w.Ports, func(p deploy.Port) bool {
		number, _, _ := strings.Cut(p.Number, "/")
		return pod.Mentions(text, "//"+w.Name+":"+number) || pod.Mentions(text, w.Name+":"+number)
	})
}

// hiddenAddress reports whether a variable is supplied from outside and called like an address.
func hiddenAddress(e deploy.Env) bool {
	if _, known := e.Value.Reveal(); known {
		return false
	}
	return pod.IsAddress(e.Name)
}

// addPolicies adds the component with a policy for each workload.
func addPolicies(out *fileset.Set, a deploy.App) error {
	var files []string
	for _, w := range a.Workloads {
		p, err := networkPolicy(a, w)
		if err != nil {
			return fmt.Errorf("%s.%w", deploy.At("workloads", w.Name), err)
		}
		data, err := pod.YAML(p)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", policies, w.Name, err)
		}
		file := w.Name + ".yaml"
		if w.Name == "kustomization" { // that of the component itself
			file = w.Name + "-policy.yaml"
		}
		if err := out.Add(path.Join(policies, file), data); err != nil {
			return err
		}
		files = append(files, file)
	}
	return addList(out, policies, "kustomize.config.k8s.io/v1alpha1", "Component", files)
}
