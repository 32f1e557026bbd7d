package kubernetes

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiBudget   = "Kubernetes API: PodDisruptionBudget v1 policy"
	maintenance = "how many pods may go at a time while nodes are maintained is the cluster's own business"
)

// budget is a PodDisruptionBudget while it is read.
type budget struct {
	*podspec.Reader
	object  *podspec.Object
	targets []*podspec.Workload
}

var budgetTable = podspec.Table[*budget]{Section: "PodDisruptionBudget", Rows: []podspec.Row[*budget]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiBudget, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "kind of object", Spec: apiBudget, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels", Spec: apiBudget, Example: "{name: web}", Read: func(b *budget, n yamldoc.Node) { b.Metadata(n, podspec.Meta{}) }},
	{Key: "spec.selector", Doc: "labels of the pods that it keeps", Spec: apiBudget, Example: "{matchLabels: {app: web}}", Outcome: ledger.Inert, Reason: maintenance, Read: func(b *budget, n yamldoc.Node) {
		b.Show(n, maintenance)
		b.CheckSelector(n)
	}},
	{Key: "spec.maxUnavailable", Doc: "pods that may be away at a time", Spec: apiBudget, Example: "1", Read: func(b *budget, n yamldoc.Node) { b.bound(n, func(total, n int64) int64 { return n }) }},
	{Key: "spec.minAvailable", Doc: "pods that must stay", Spec: apiBudget, Example: "1", Read: func(b *budget, n yamldoc.Node) { b.bound(n, func(total, n int64) int64 { return total - n }) }},
	{Key: "spec.unhealthyPodEvictionPolicy", Doc: "whether pods that do not work count", Spec: apiBudget, Example: "AlwaysAllow", Read: func(b *budget, n yamldoc.Node) {
		if _, ok := b.OneOf(n, "AlwaysAllow", "IfHealthyBudget"); ok {
			b.Rec.Inert(n.Setting(), maintenance)
		}
	}},
	{Key: "status", Doc: "what the cluster saw", Spec: apiBudget, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
}}

// readBudget holds a budget against the workloads: nothing that runs depends on it, but one that lets no pod go stops the maintenance of the cluster.
func (s *system) readBudget(o *podspec.Object) {
	b := &budget{Reader: s.Reader, object: o}
	b.targets = s.selected(o.Root.Get("spec", "selector"))
	if len(b.targets) == 0 {
		s.Rec.Find(ledger.Warning, o.Pos(), o.String()+" keeps no pods: its selector fits those of no workload", "mend the selector, or remove it")
	}
	budgetTable.Apply(s.Reader, b, o.Root)
}

// bound reads a number of pods or a percentage of them, rounded up; free tells how many of the total may go then.
func (b *budget) bound(n yamldoc.Node, free func(total, n int64) int64) {
	v, isNumber := n.Int()
	share, isShare := strings.CutSuffix(n.Str(), "%")
	percent, err := strconv.ParseInt(share, 10, 32)
	isShare = isShare && err == nil && percent >= 0 && percent <= 100
	isNumber = isNumber && n.Tag() == "!!int" && v >= 0 && v <= 1<<31-1
	if !n.IsScalar() || !isNumber && !isShare {
		b.Bad(n, "is no number of pods", "write a number, or a percentage such as 50%")
		return
	}
	b.Rec.Show(n.Setting())
	b.Rec.Inert(n.Setting(), maintenance)
	for _, w := range b.targets {
		total := w.M.Scale.Replicas.Or(1)
		if isShare {
			v = (total*percent + 99) / 100
		}
		if w.M.Kind.Is(deploy.Service) && total > 0 && free(total, v) < 1 {
			b.Rec.Find(ledger.Warning, n.KeyPos(), fmt.Sprintf("%s lets no pod of %s go, of %d: a node that runs one cannot be drained", b.object, w.M.Name, total), "write maxUnavailable: 1, and none for a single replica")
		}
	}
}
