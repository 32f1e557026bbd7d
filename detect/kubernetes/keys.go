package kubernetes

import (
	"slices"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/ledger"
)

// keys lists the mapping as a table.
func keys() []detect.Key {
	out := slices.Concat(
		deploymentTable.Keys(), statefulSetTable.Keys(), daemonSetTable.Keys(), jobTable.Keys(), cronJobTable.Keys(),
		serviceTable.Keys(), servicePortTable.Keys(), claimTable.Keys(), budgetTable.Keys(), policyTable.Keys(), ruleTable.Keys(), peerTable.Keys(), openTable.Keys(), podspec.Keys(),
		routeTable.Keys(), parentTable.Keys(), gatewayRuleTable.Keys(), matchTable.Keys(), filterTable.Keys(), backendTable.Keys(), ingressTable.Keys(), ingressRuleTable.Keys(), ingressPathTable.Keys(),
	)
	for _, kind := range slices.Sorted(func(yield func(string) bool) {
		for k := range unread {
			if !yield(k) {
				return
			}
		}
	}) {
		out = append(out, detect.Key{Name: kind, Section: "kinds", Doc: "objects of kind " + kind, Spec: "Kubernetes API", Outcome: ledger.Dropped, Reason: unread[kind][0], Remedy: unread[kind][1]})
	}
	return out
}

const (
	imageKnows = "the image knows it, and the manifests do not show the image"
	noPlace    = "Kubernetes has no place for it"
	noneThere  = "a minimal manifest has none"
)

// absent lists what a minimal Deployment leaves unset.
var absent = []detect.Absence{
	{Path: "name", Reason: "without a label app.kubernetes.io/part-of the system has no name"},
	{Path: "tree", Reason: "manifests do not say where the source is"},
	{Path: "place", Reason: "manifests do not say where the source is"},
	{Path: "gateway", Reason: "without a route nothing comes through one"},
	{Path: "ingress", Reason: "without a route nothing comes through one"},
	{Path: "routes", Reason: noneThere},
	{Path: "volumes", Reason: noneThere},
	{Path: "workloads.*.source", Reason: "manifests do not say where the source is"},
	{Path: "workloads.*.build", Reason: "manifests do not say how the image is built"},
	{Path: "workloads.*.command", Reason: imageKnows},
	{Path: "workloads.*.dir", Reason: imageKnows},
	{Path: "workloads.*.env", Reason: noneThere},
	{Path: "workloads.*.user", Reason: imageKnows},
	{Path: "workloads.*.umask", Reason: noPlace},
	{Path: "workloads.*.before", Reason: noneThere},
	{Path: "workloads.*.started", Reason: noneThere},
	{Path: "workloads.*.stopping", Reason: noneThere},
	{Path: "workloads.*.ports", Reason: noneThere},
	{Path: "workloads.*.probes", Reason: noneThere},
	{Path: "workloads.*.files", Reason: noneThere},
	{Path: "workloads.*.mounts", Reason: noneThere},
	{Path: "workloads.*.restart.delay", Reason: "Kubernetes waits longer after each failure, 10 s to 5 min, and has no setting for it"},
	{Path: "workloads.*.restart.attempts", Reason: "only Jobs give up"},
	{Path: "workloads.*.restart.window", Reason: noPlace},
	{Path: "workloads.*.start", Reason: "only Jobs have a bound: activeDeadlineSeconds"},
	{Path: "workloads.*.stop.signal", Reason: imageKnows},
	{Path: "workloads.*.resources", Reason: "without requests and limits the name space's own bounds hold, which the files do not show"},
	{Path: "workloads.*.scale.min", Reason: "a HorizontalPodAutoscaler has it, which is not read yet"},
	{Path: "workloads.*.scale.max", Reason: "a HorizontalPodAutoscaler has it, which is not read yet"},
	{Path: "workloads.*.schedule", Reason: "only CronJobs have one"},
	{Path: "workloads.*.needs", Reason: "without a step that waits, pods start in any order"},
	{Path: "workloads.*.placement", Reason: "without a nodeSelector every node will do"},
	{Path: "workloads.*.logging", Reason: noPlace},
}
