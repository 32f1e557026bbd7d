package kubernetes

import (
	"fmt"
	"slices"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// workload is a workload while its object is read.
type workload struct {
	*podspec.Workload
	system *system
}

const rollout = "it concerns how a new version takes the place of the old one"

// head are the rows that all kinds of workloads begin with.
func head(spec, name string, kind deploy.Kind) []podspec.Row[workload] {
	return []podspec.Row[workload]{
		{Key: "apiVersion", Doc: "version of the form", Spec: spec, Outcome: ledger.Inert, Reason: podspec.Version},
		{Key: "kind", Doc: "how the workload runs: " + string(kind), Spec: spec, Example: name, Read: func(w workload, n yamldoc.Node) {
			podspec.Set(w.Reader, n, &w.M.Kind, kind, w.At.Join("kind"))
		}},
		{Key: "metadata", Doc: "name and labels", Spec: spec, Example: "{name: web}", Read: func(w workload, n yamldoc.Node) { w.Metadata(n, w.Meta()) }},
		{Key: "status", Doc: "what the cluster saw", Spec: spec, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
	}
}

// pod are the rows for the pod of a kind; front is where it stands.
func pod(spec, front string) []podspec.Row[workload] {
	return []podspec.Row[workload]{
		{Key: front + "template.metadata", Doc: "labels of the pods", Spec: spec, Example: "{labels: {app: web}}", Read: func(w workload, n yamldoc.Node) { w.Template(n, podspec.Meta{}) }},
		{Key: front + "template.spec", Doc: "the pod", Spec: spec, Example: "{containers: [{name: web, image: web}]}", Read: func(w workload, n yamldoc.Node) { w.ReadPod(&podspec.PodTable, n) }},
	}
}

func selector(spec string) podspec.Row[workload] {
	return podspec.Row[workload]{
		Key: "spec.selector", Doc: "which pods belong to it", Spec: spec, Example: "{matchLabels: {app: web}}", Read: func(w workload, n yamldoc.Node) { w.checkSelector(n) },
		Outcome: ledger.Inert, Reason: "it joins pods to their owner",
	}
}

func fixed(spec string, outcome ledger.Outcome, reason, remedy string, fields ...string) []podspec.Row[workload] {
	var rows []podspec.Row[workload]
	for i := 0; i+1 < len(fields); i += 2 {
		rows = append(rows, podspec.Row[workload]{Key: fields[i], Doc: fields[i+1], Spec: spec, Outcome: outcome, Reason: reason, Remedy: remedy})
	}
	return rows
}

func usual(spec, key, doc, value, reason, otherwise string) podspec.Row[workload] {
	f := podspec.InertIf(value, reason, otherwise)
	return podspec.Row[workload]{Key: key, Doc: doc, Spec: spec, Example: value, Read: func(w workload, n yamldoc.Node) { f(w.Workload, n) }}
}

func replicas(spec string) podspec.Row[workload] {
	return podspec.Row[workload]{Key: "spec.replicas", Doc: "how many of it run", Spec: spec, Example: "2", Read: func(w workload, n yamldoc.Node) {
		if v, ok := w.Int(n, 0, 1<<31-1); ok {
			podspec.Set(w.Reader, n, &w.M.Scale.Replicas, v, w.At.Join("scale", "replicas"))
		}
	}}
}

const (
	apiDeployment  = "Kubernetes API: Deployment v1 apps"
	apiStatefulSet = "Kubernetes API: StatefulSet v1 apps"
	apiDaemonSet   = "Kubernetes API: DaemonSet v1 apps"
	apiPod         = "Kubernetes API: PodSpec v1 core"
)

var deploymentTable = podspec.Table[workload]{Section: "Deployment", Rows: slices.Concat(
	head(apiDeployment, "Deployment", deploy.Service),
	[]podspec.Row[workload]{replicas(apiDeployment)},
	pod(apiDeployment, "spec."),
	[]podspec.Row[workload]{selector(apiDeployment), usual(apiDeployment, "spec.paused", "holds changes back", "false", "it is the default", "it holds changes back in this cluster alone")},
	fixed(apiDeployment, ledger.Inert, rollout, "", "spec.strategy", "how pods are replaced", "spec.minReadySeconds", "how long a new pod must last", "spec.progressDeadlineSeconds", "when a change has failed",
		"spec.revisionHistoryLimit", "old versions that are kept"),
)}

var statefulSetTable = podspec.Table[workload]{Section: "StatefulSet", Rows: slices.Concat(
	head(apiStatefulSet, "StatefulSet", deploy.Service),
	[]podspec.Row[workload]{
		replicas(apiStatefulSet),
		{Key: "spec.volumeClaimTemplates", Doc: "volumes of its own", Spec: apiStatefulSet, Example: "[{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]", Read: workload.readTemplates},
	},
	pod(apiStatefulSet, "spec."),
	[]podspec.Row[workload]{
		selector(apiStatefulSet),
		usual(apiStatefulSet, "spec.podManagementPolicy", "whether pods start one after the other", "OrderedReady", "it is the default", "replicas start in any order elsewhere"),
	},
	fixed(apiStatefulSet, ledger.Inert, "the Service is read itself", "", "spec.serviceName", "Service that gives its pods names"),
	fixed(apiStatefulSet, ledger.Inert, rollout, "", "spec.updateStrategy", "how pods are replaced", "spec.minReadySeconds", "how long a new pod must last", "spec.revisionHistoryLimit", "old versions that are kept"),
	fixed(apiStatefulSet, ledger.Dropped, "volumes outlive their workloads", "remove volumes by hand", "spec.persistentVolumeClaimRetentionPolicy", "when volumes go"),
	fixed(apiStatefulSet, ledger.Dropped, "the model does not number replicas", "keep a program that counts its replicas on Kubernetes", "spec.ordinals", "numbers of the pods"),
)}

var daemonSetTable = podspec.Table[workload]{Section: "DaemonSet", Rows: slices.Concat(
	head(apiDaemonSet, "DaemonSet", deploy.Agent),
	pod(apiDaemonSet, "spec."),
	[]podspec.Row[workload]{selector(apiDaemonSet)},
	fixed(apiDaemonSet, ledger.Inert, rollout, "", "spec.updateStrategy", "how pods are replaced", "spec.minReadySeconds", "how long a new pod must last", "spec.revisionHistoryLimit", "old versions that are kept"),
)}

// readWorkload reads the object of a workload and sets what it leaves out.
func (s *system) readWorkload(o *podspec.Object) {
	w := workload{s.NewWorkload(o, podspec.Platform{Name: "Kubernetes", Named: true, Links: true}), s}
	s.workloads = append(s.workloads, w.Workload)
	r, spec, template := s.Reader, "", "spec"
	switch o.Kind {
	case "Deployment":
		spec = apiDeployment
		deploymentTable.Apply(r, w, o.Root)
	case "StatefulSet":
		spec = apiStatefulSet
		statefulSetTable.Apply(r, w, o.Root)
	case "DaemonSet":
		spec = apiDaemonSet
		daemonSetTable.Apply(r, w, o.Root)
	case "Job":
		spec = apiJob
		jobTable.Apply(r, w, o.Root)
	case "CronJob":
		spec, template = apiCronJob, "spec.jobTemplate.spec"
		cronJobTable.Apply(r, w, o.Root)
	}
	w.wantPod(o, template)
	podspec.Imply(r, spec, "autostart", &w.M.Autostart, true, w.At.Join("autostart"))
	switch o.Kind {
	case "Deployment", "StatefulSet":
		podspec.Imply(r, spec, "spec.replicas", &w.M.Scale.Replicas, 1, w.At.Join("scale", "replicas"))
		w.ChangeReplicas()
		fallthrough
	case "DaemonSet":
		podspec.Imply(r, apiPod, "restartPolicy", &w.M.Restart.Policy, deploy.RestartAlways, w.At.Join("restart", "policy"))
		if o.Root.Get("spec").IsMap() && !o.Root.Get("spec", "selector").Exists() {
			r.Rec.Find(ledger.Error, o.Pos(), o.String()+" has no spec.selector", "write the labels of its pods under matchLabels")
		}
	case "Job", "CronJob":
		w.batchDefaults(spec)
	}
	podspec.Imply(r, apiPod, "terminationGracePeriodSeconds", &w.M.Stop.Grace, deploy.Bound(defaultGrace), w.At.Join("stop", "grace"))
	w.Defaults()
}

// wantPod checks that the object says what runs.
func (w workload) wantPod(o *podspec.Object, front string) {
	spec := o.Root.Get("spec")
	if front != "spec" {
		spec = spec.Get("jobTemplate", "spec")
	}
	pod := spec.Get("template", "spec")
	switch {
	case pod.IsMap() && pod.Get("containers").Exists(), pod.Exists() && !pod.IsMap() && !pod.IsNull():
	default:
		w.Rec.Find(ledger.Error, o.Pos(), fmt.Sprintf("%s has no %s.template.spec.containers", o, front), "write the container that runs")
	}
}
