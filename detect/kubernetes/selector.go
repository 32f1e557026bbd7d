package kubernetes

import (
	"maps"
	"slices"

	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// fits reports whether the labels have all the wanted values.
func fits(want, labels map[string]string) bool {
	for k, v := range want {
		if have, ok := labels[k]; !ok || have != v {
			return false
		}
	}
	return true
}

// pairs reads a mapping of texts.
func pairs(n yamldoc.Node) map[string]string {
	out := map[string]string{}
	for _, e := range n.Entries() {
		out[e.Key] = e.Value.Str()
	}
	return out
}

// checkSelector checks that a workload's selector picks its own pods: the API server refuses it otherwise.
func (w workload) checkSelector(n yamldoc.Node) {
	const reason = "it joins pods to their owner"
	if !n.IsMap() {
		w.Wrong(n, "write matchLabels")
		return
	}
	var unknown []string
	labels, expressions := n.Get("matchLabels"), n.Get("matchExpressions")
	for _, e := range n.Entries() {
		if e.Key != "matchLabels" && e.Key != "matchExpressions" {
			unknown = append(unknown, e.Key)
		}
	}
	w.Show(n, reason)
	bad := func(at yamldoc.Node, what string) {
		w.Rec.Find(ledger.Error, at.KeyPos(), at.Path+" "+what, "write labels of spec.template.metadata")
	}
	if len(unknown) > 0 {
		bad(n, "has a field "+unknown[0]+", but selectors of workloads have matchLabels and matchExpressions alone")
		return
	}
	want := pairs(labels)
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if have, ok := w.Labels[k]; !ok || have != want[k] {
			bad(labels, "asks for a label "+k+" that the pods do not have")
			return
		}
	}
	for _, item := range expressions.Items() {
		if !podspec.Satisfies(item, w.Labels) {
			bad(item, "does not fit the labels of the pods")
			return
		}
	}
	if len(want) == 0 && len(expressions.Items()) == 0 {
		bad(n, "is empty")
	}
}
