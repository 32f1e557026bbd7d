package run

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
)

// A leaf of the model at which no aspect looks must say why: else a verdict would be silent about it.
func TestEveryLeafIsLookedAtOrExcused(t *testing.T) {
	used := map[string]bool{}
	n := 0
	root := deploy.At("workloads", deploy.Full().Workloads[0].Name)
	deploy.Visit(deploy.Full(), func(p []byte, l deploy.Leaf) {
		at := deploy.Path(p)
		if l.Presence() || at == root || !at.Under(root) {
			return
		}
		n++
		field := at[len(root)+1:]
		part, why := unobserved(field)
		used[part] = true
		if part != "" && why == "" && !observed(field) && field != "kind" && field != "security.privileged" {
			t.Errorf("%s is said to be looked at, and no aspect does", field)
		}
		if part == "" && !observed(field) {
			t.Errorf("%s: no aspect looks at it; add one, or its reason to unseen", field)
		}
	})
	if n < 80 {
		t.Fatalf("only %d leaves were looked at", n)
	}
	for _, u := range unseen {
		if !used[u.field] {
			t.Errorf("unseen: the model has no %s any more", u.field)
		}
		if u.why != "" && strings.HasSuffix(u.why, ".") {
			t.Errorf("unseen %s: %q ends like a sentence", u.field, u.why)
		}
	}
}

// The reference page knows every aspect, and no other.
func TestEveryAspectHasAMeaning(t *testing.T) {
	known := map[string]bool{}
	for _, m := range meanings {
		known[m.aspect] = true
	}
	for _, as := range example() {
		if !known[as.name] {
			t.Errorf("%s has no meaning", as.name)
		}
		delete(known, as.name)
	}
	for name := range known {
		t.Errorf("there is no aspect %s", name)
	}
}

// observed reports whether an aspect looks at a leaf, given by its path below the workload.
func observed(field deploy.Path) bool {
	full := view{w: deploy.Full().Workloads[0]}
	for _, as := range append(aspectsOf(full, full), asked...) {
		for _, p := range as.fields {
			if field.Under(deploy.Path(p)) {
				return true
			}
		}
	}
	return strings.HasPrefix(string(field), "ports.") // reach, published and door
}
