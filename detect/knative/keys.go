package knative

import (
	"slices"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/podspec"
)

// keys lists the mapping as a table.
func keys() []detect.Key {
	own := revisionTable.Keys()
	return slices.Concat(serviceTable.Keys(), own[:len(own)-len(podspec.PodTable.Rows)], podspec.Keys())
}

const (
	imageKnows = "the image knows it, and the manifests do not show the image"
	noPlace    = "Knative has no place for it"
	noneThere  = "a minimal manifest has none"
)

// absent lists what a minimal Service leaves unset.
var absent = []detect.Absence{
	{Path: "name", Reason: "without a label app.kubernetes.io/part-of the system has no name"},
	{Path: "tree", Reason: "manifests do not say where the source is"},
	{Path: "place", Reason: "manifests do not say where the source is"},
	{Path: "gateway", Reason: "Knative has its own way in"},
	{Path: "ingress", Reason: "Knative has its own way in"},
	{Path: "routes", Reason: "Knative names its Services itself"},
	{Path: "volumes", Reason: noneThere},
	{Path: "workloads.*.source", Reason: "manifests do not say where the source is"},
	{Path: "workloads.*.build", Reason: "manifests do not say how the image is built"},
	{Path: "workloads.*.command", Reason: imageKnows},
	{Path: "workloads.*.dir", Reason: imageKnows},
	{Path: "workloads.*.env", Reason: "a minimal manifest has none; PORT and K_SERVICE are Knative's own"},
	{Path: "workloads.*.user", Reason: imageKnows},
	{Path: "workloads.*.umask", Reason: noPlace},
	{Path: "workloads.*.before", Reason: noneThere},
	{Path: "workloads.*.started", Reason: "Knative refuses hooks"},
	{Path: "workloads.*.stopping", Reason: "Knative refuses hooks"},
	{Path: "workloads.*.ports.*.name", Reason: "Knative uses the name for the protocol"},
	{Path: "workloads.*.probes", Reason: "Knative's own proxy asks whether the port takes a connection"},
	{Path: "workloads.*.files", Reason: noneThere},
	{Path: "workloads.*.mounts", Reason: noneThere},
	{Path: "workloads.*.restart.delay", Reason: "Kubernetes waits longer after each failure, 10 s to 5 min, and has no setting for it"},
	{Path: "workloads.*.restart.attempts", Reason: "Knative does not give up"},
	{Path: "workloads.*.restart.window", Reason: noPlace},
	{Path: "workloads.*.start", Reason: noPlace},
	{Path: "workloads.*.stop.signal", Reason: imageKnows},
	{Path: "workloads.*.stop.grace", Reason: "Knative waits for timeoutSeconds and has no other time to stop"},
	{Path: "workloads.*.resources", Reason: "without requests and limits those of the cluster's config-defaults hold, which the files do not show"},
	{Path: "workloads.*.scale.replicas", Reason: "Knative scales by requests"},
	{Path: "workloads.*.scale.max", Reason: "without max-scale there is no bound"},
	{Path: "workloads.*.schedule", Reason: noPlace},
	{Path: "workloads.*.needs", Reason: noPlace},
	{Path: "workloads.*.placement", Reason: "every node will do"},
	{Path: "workloads.*.logging", Reason: noPlace},
}
