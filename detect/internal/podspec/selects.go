package podspec

import (
	"slices"

	"github.com/deploylift/lift/detect/internal/yamldoc"
)

// Selects reports whether a label selector, with matchLabels and matchExpressions, fits the labels. An empty one fits all.
// Kubernetes API: LabelSelector meta/v1.
func Selects(selector yamldoc.Node, labels map[string]string) bool {
	for _, e := range selector.Get("matchLabels").Entries() {
		if have, ok := labels[e.Key]; !ok || have != e.Value.Str() {
			return false
		}
	}
	for _, item := range selector.Get("matchExpressions").Items() {
		if !Satisfies(item, labels) {
			return false
		}
	}
	return true
}

// CheckSelector finds fields that a selector does not have: with a misspelt one it fits other pods, or all.
func (r *Reader) CheckSelector(n yamldoc.Node) {
	check := func(n yamldoc.Node, section string, known ...string) {
		for _, e := range n.Entries() {
			if !slices.Contains(known, e.Key) {
				r.unknown(e.Value, e.Key, section, known)
			}
		}
	}
	check(n, "LabelSelector", "matchLabels", "matchExpressions")
	for _, item := range n.Get("matchExpressions").Items() {
		check(item, "LabelSelectorRequirement", "key", "operator", "values")
	}
}

// Satisfies reports whether the labels fit one element of matchExpressions.
func Satisfies(n yamldoc.Node, labels map[string]string) bool {
	have, ok := labels[n.Get("key").Str()]
	in := false
	for _, v := range n.Get("values").Items() {
		in = in || v.Str() == have
	}
	switch n.Get("operator").Str() {
	case "In":
		return ok && in
	case "NotIn":
		return !ok || !in
	case "Exists":
		return ok
	case "DoesNotExist":
		return !ok
	}
	return false
}
