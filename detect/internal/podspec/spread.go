package podspec

import (
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiSpread = "Kubernetes API: TopologySpreadConstraint v1 core"

// constraint is one element of topologySpreadConstraints while it is read.
type constraint struct {
	*Workload
	wish bool // the scheduler may disregard it
}

// fixed accounts for a field of a constraint: a wish changes nothing that runs, a demand keeps pods from running.
func (c constraint) fixed(n yamldoc.Node) {
	if c.wish {
		c.Show(n, "a wish to the scheduler: the replicas run wherever there is room")
		return
	}
	for _, s := range n.Settings() {
		c.Rec.Show(s)
		c.Rec.Drop(s, placing, "carry it over by hand where it matters")
	}
}

var spreadTable = Table[constraint]{Section: "TopologySpreadConstraint", Rows: []Row[constraint]{
	{Key: "maxSkew", Doc: "how many more pods one node or zone may have than another", Spec: apiSpread, Example: "1", Read: func(c constraint, n yamldoc.Node) {
		if _, ok := c.Int(n, 1, maxInt32); ok {
			c.fixed(n)
		}
	}},
	{Key: "topologyKey", Doc: "label of the nodes that it counts by", Spec: apiSpread, Example: "kubernetes.io/hostname", Read: func(c constraint, n yamldoc.Node) {
		if _, ok := c.Name(n); ok {
			c.fixed(n)
		}
	}},
	{Key: "whenUnsatisfiable", Doc: "ScheduleAnyway makes it a wish, DoNotSchedule a demand", Spec: apiSpread, Example: "ScheduleAnyway", Read: func(c constraint, n yamldoc.Node) {
		if _, ok := c.OneOf(n, "ScheduleAnyway", "DoNotSchedule"); ok {
			c.fixed(n)
		}
	}},
	{Key: "labelSelector", Doc: "labels of the pods that it counts", Spec: apiSpread, Example: "{matchLabels: {app: web}}", Read: constraint.readSelector},
	{Key: "matchLabelKeys", Doc: "labels whose own values are asked for as well", Spec: apiSpread, Example: "[pod-template-hash]", Read: constraint.fixed},
	{Key: "minDomains", Doc: "how many nodes or zones there must be", Spec: apiSpread, Example: "2", Read: constraint.fixed},
	{Key: "nodeAffinityPolicy", Doc: "whether nodes that the pod refuses count", Spec: apiSpread, Example: "Honor", Read: constraint.fixed},
	{Key: "nodeTaintsPolicy", Doc: "whether tainted nodes count", Spec: apiSpread, Example: "Ignore", Read: constraint.fixed},
}}

func (w *Workload) readSpread(n yamldoc.Node) {
	if w.refuse(n, "topologySpreadConstraints") {
		return
	}
	w.Each(n, func(item yamldoc.Node) {
		spreadTable.Apply(w.Reader, constraint{w, item.Get("whenUnsatisfiable").Str() == "ScheduleAnyway"}, item)
	})
}

// readSelector checks that the constraint counts the workload's own pods: it spreads nothing otherwise.
func (c constraint) readSelector(n yamldoc.Node) {
	c.fixed(n)
	c.CheckSelector(n)
	if !Selects(n, c.Labels) {
		c.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" does not fit the labels of "+c.M.Name+": its pods are not spread", "write the labels of its own pods")
	}
}
