package podspec

import (
	"fmt"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiPod       = "Kubernetes API: PodSpec v1 core"
	apiContainer = "Kubernetes API: Container v1 core"
)

const (
	onlyHere  = "only Kubernetes knows it"
	placing   = "where pods are placed among nodes is a matter of the cluster"
	hostSpace = "the model has no place for a machine's own name spaces"
)

// PodTable is the mapping of a pod's specification.
var PodTable = Table[*Workload]{Section: "PodSpec", Rows: []Row[*Workload]{
	{Key: "securityContext", Doc: "who the pod's processes are", Spec: apiPod, Example: "{runAsUser: 990}", Read: func(w *Workload, n yamldoc.Node) { podSecurity.Apply(w.Reader, w, n) }},
	{Key: "volumes", Doc: "what its containers may mount", Spec: apiPod, Example: "[{name: tmp, emptyDir: {medium: Memory}}]", Read: (*Workload).readVolumes},
	{Key: "terminationGracePeriodSeconds", Doc: "time between the stop signal and SIGKILL", Spec: apiPod, Example: "45", Read: (*Workload).readGrace},
	{Key: "nodeSelector", Doc: "labels of the nodes that it may run on", Spec: apiPod, Example: "{kubernetes.io/arch: arm64}", Read: (*Workload).readNodeSelector},
	{Key: "containers", Doc: "its containers; the one named like the workload, else the first, is the program", Spec: apiPod, Example: "[{name: web, image: web}]", Read: (*Workload).readContainers},
	{Key: "initContainers", Doc: "steps before the start", Spec: apiPod, Example: "[{name: before-0, image: web, command: [./migrate]}]", Read: (*Workload).readInit},
	{Key: "topologySpreadConstraints", Doc: "how replicas are spread", Spec: apiPod, Example: "[{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway}]", Read: (*Workload).readSpread},
	{Key: "restartPolicy", Doc: "when a container is started again after its end", Spec: apiPod, Example: "Always", Read: (*Workload).readRestart},

	{Key: "automountServiceAccountToken", Doc: "puts a token for the Kubernetes API into the containers", Spec: apiPod, Example: "false", Read: (*Workload).readToken},
	{Key: "enableServiceLinks", Doc: "adds a variable for each Service", Spec: apiPod, Example: "false", Read: (*Workload).readLinks},
	{Key: "dnsPolicy", Doc: "who resolves names", Spec: apiPod, Example: "ClusterFirst", Read: InertIf("ClusterFirst", "names are resolved by the cluster, as by default", "the model has no resolver of its own")},
	{Key: "schedulerName", Doc: "who places the pod", Spec: apiPod, Example: "default-scheduler", Read: InertIf("default-scheduler", "it is the default", placing)},
	{Key: "hostNetwork", Doc: "uses the machine's network", Spec: apiPod, Example: "false", Read: InertIf("false", "it is the default", hostSpace)},
	{Key: "hostPID", Doc: "sees the machine's processes", Spec: apiPod, Example: "false", Read: InertIf("false", "it is the default", hostSpace)},
	{Key: "hostIPC", Doc: "shares the machine's memory segments", Spec: apiPod, Example: "false", Read: InertIf("false", "it is the default", hostSpace)},
	{Key: "hostUsers", Doc: "false: user ids differ from the machine's", Spec: apiPod, Example: "true", Read: InertIf("true", "it is the default", hostSpace)},
	{Key: "shareProcessNamespace", Doc: "containers see each other's processes", Spec: apiPod, Example: "false", Read: InertIf("false", "it is the default", "the workload has one container")},
	{Key: "serviceAccountName", Doc: "who the pod is towards the Kubernetes API", Spec: apiPod, Outcome: ledger.Dropped, Reason: "rights in the Kubernetes API mean nothing elsewhere", Remedy: "keep a program that uses them on Kubernetes"},
	{Key: "serviceAccount", Doc: "old name of serviceAccountName", Spec: apiPod, Outcome: ledger.Dropped, Reason: "rights in the Kubernetes API mean nothing elsewhere", Remedy: "keep a program that uses them on Kubernetes"},
	{Key: "imagePullSecrets", Doc: "credentials for the registry", Spec: apiPod, Outcome: ledger.Dropped, Reason: "access to the registry is given to each platform in its own way", Remedy: "give the target access to the registry"},
	{Key: "affinity", Doc: "which nodes and neighbours it prefers", Spec: apiPod, Outcome: ledger.Dropped, Reason: placing, Remedy: "carry it over by hand where it matters"},
	{Key: "tolerations", Doc: "which tainted nodes it accepts", Spec: apiPod, Outcome: ledger.Dropped, Reason: placing, Remedy: "carry it over by hand where it matters"},
	{Key: "nodeName", Doc: "the node that it runs on", Spec: apiPod, Outcome: ledger.Dropped, Reason: placing, Remedy: "use nodeSelector"},
	{Key: "priorityClassName", Doc: "who goes first when room is short", Spec: apiPod, Outcome: ledger.Dropped, Reason: onlyHere, Remedy: "carry it over by hand where it matters"},
	{Key: "priority", Doc: "who goes first when room is short", Spec: apiPod, Outcome: ledger.Dropped, Reason: onlyHere, Remedy: "carry it over by hand where it matters"},
	{Key: "preemptionPolicy", Doc: "whether it drives others out", Spec: apiPod, Outcome: ledger.Dropped, Reason: onlyHere, Remedy: "carry it over by hand where it matters"},
	{Key: "runtimeClassName", Doc: "container runtime", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the runtime is the platform's choice", Remedy: "carry it over by hand where isolation depends on it"},
	{Key: "overhead", Doc: "resources that the runtime itself takes", Spec: apiPod, Outcome: ledger.Inert, Reason: "the runtime's own use, not the program's"},
	{Key: "hostname", Doc: "host name inside the pod", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no host name", Remedy: "give the program its name as a variable"},
	{Key: "hostnameOverride", Doc: "host name inside the pod", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no host name", Remedy: "give the program its name as a variable"},
	{Key: "subdomain", Doc: "domain of the pod's name", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no host name", Remedy: "reach the workload under its own name"},
	{Key: "setHostnameAsFQDN", Doc: "host name with its domain", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no host name", Remedy: "give the program its name as a variable"},
	{Key: "hostAliases", Doc: "entries of /etc/hosts", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no names besides those of its workloads", Remedy: "put the address into a variable"},
	{Key: "dnsConfig", Doc: "resolver settings", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no resolver of its own", Remedy: "use full names"},
	{Key: "readinessGates", Doc: "further conditions of readiness", Spec: apiPod, Outcome: ledger.Dropped, Reason: "a controller of this cluster sets them", Remedy: "drop them, or carry the controller over"},
	{Key: "schedulingGates", Doc: "holds the pod back", Spec: apiPod, Outcome: ledger.Dropped, Reason: "a controller of this cluster opens them", Remedy: "drop them, or carry the controller over"},
	{Key: "schedulingGroup", Doc: "pods that are placed together", Spec: apiPod, Outcome: ledger.Dropped, Reason: placing, Remedy: "carry it over by hand where it matters"},
	{Key: "resourceClaims", Doc: "devices", Spec: apiPod, Outcome: ledger.Dropped, Reason: "the model has no devices", Remedy: "keep a program that needs a device on Kubernetes"},
	{Key: "resources", Doc: "requests and limits of the pod as a whole", Spec: apiPod, Outcome: ledger.Dropped, Reason: "not read yet for the pod as a whole", Remedy: "write them at the container"},
	{Key: "os", Doc: "operating system", Spec: apiPod, Example: "{name: linux}", Read: func(w *Workload, n yamldoc.Node) { osTable.Apply(w.Reader, w, n) }},
	{Key: "activeDeadlineSeconds", Doc: "bound of the pod's life", Spec: apiPod, Outcome: ledger.Dropped, Reason: "it bounds a single pod, which is replaced then", Remedy: "bound the Job: spec.activeDeadlineSeconds"},
	{Key: "ephemeralContainers", Doc: "containers for debugging", Spec: apiPod, Outcome: ledger.Dropped, Reason: "they are added to running pods only", Remedy: "remove them"},
	{Key: "workloadRef", Doc: "what the pod belongs to", Spec: apiPod, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "evictionResponders", Doc: "who is asked before an eviction", Spec: apiPod, Outcome: ledger.Dropped, Reason: onlyHere, Remedy: "drop them, or carry the controller over"},
}}

var osTable = Table[*Workload]{Section: "PodOS", Rows: []Row[*Workload]{
	{Key: "name", Doc: "linux or windows", Spec: apiPod, Example: "linux", Read: InertIf("linux", "lift knows no other", "lift moves Linux programs alone")},
}}

// InertIf accounts for a scalar that carries no behaviour at its usual value and is dropped otherwise.
func InertIf(usual, reason, otherwise string) func(*Workload, yamldoc.Node) {
	return func(w *Workload, n yamldoc.Node) {
		if !n.IsScalar() {
			w.Wrong(n, "write "+usual+" or the like")
			return
		}
		w.Rec.Show(n.Setting())
		if n.Str() == usual {
			w.Rec.Inert(n.Setting(), reason)
			return
		}
		w.Rec.Drop(n.Setting(), otherwise, "keep a program that needs it on Kubernetes")
	}
}

// ReadPod reads a pod's specification by PodTable, or by a format's own table with the rows of PodTable.
func (w *Workload) ReadPod(t *Table[*Workload], n yamldoc.Node) {
	t.Apply(w.Reader, w, n)
	w.leftVolumes()
	w.additions(n)
}

const (
	noToken = "a token for the Kubernetes API means nothing elsewhere"
	noLinks = "the variables for the addresses of Services are Kubernetes' own"
)

// additions accounts for what the platform puts into every container unless the pod says that it is not wanted.
func (w *Workload) additions(n yamldoc.Node) {
	if !n.Get("automountServiceAccountToken").Exists() {
		w.Rec.Drop(w.Rec.Implied(apiPod, "automountServiceAccountToken", "true"), noToken, "write automountServiceAccountToken: false, or keep a program that uses it on Kubernetes")
	}
	if w.Platform.Links && !n.Get("enableServiceLinks").Exists() {
		w.Rec.Drop(w.Rec.Implied(apiPod, "enableServiceLinks", "true"), noLinks, "write enableServiceLinks: false, and reach the others under their names")
	}
}

func (w *Workload) readGrace(n yamldoc.Node) {
	if w.refuse(n, "terminationGracePeriodSeconds") {
		return
	}
	if d, ok := w.Seconds(n, 0); ok {
		Set(w.Reader, n, &w.M.Stop.Grace, deploy.Bound(d), w.At.Join("stop", "grace"))
	}
}

func (w *Workload) readNodeSelector(n yamldoc.Node) {
	w.Pairs(n, func(key string, item yamldoc.Node) {
		v, ok := w.Text(item)
		if !ok {
			return
		}
		w.Rec.Show(item.Setting())
		switch {
		case key == "kubernetes.io/arch" || key == "beta.kubernetes.io/arch":
			Set(w.Reader, item, &w.M.Placement.Arch, v, w.At.Join("placement", "arch"))
		case (key == "kubernetes.io/os" || key == "beta.kubernetes.io/os") && v == "linux":
			w.Rec.Inert(item.Setting(), "lift knows no other")
		default:
			w.Rec.Drop(item.Setting(), placing, "carry it over by hand where it matters")
		}
	})
}

// readRestart reads the policy; the kinds say which are allowed.
func (w *Workload) readRestart(n yamldoc.Node) {
	if w.refuse(n, "restartPolicy") {
		return
	}
	batch := w.M.Kind.Is(deploy.Job) || w.M.Kind.Is(deploy.Cron)
	at := w.At.Join("restart", "policy")
	if !batch {
		if _, ok := w.OneOf(n, "Always"); ok {
			Set(w.Reader, n, &w.M.Restart.Policy, deploy.RestartAlways, at)
		}
		return
	}
	switch v, _ := w.OneOf(n, "Never", "OnFailure"); v {
	case "OnFailure":
		Set(w.Reader, n, &w.M.Restart.Policy, deploy.RestartOnFailure, at)
	case "Never":
		if w.M.Restart.Attempts == deploy.Some(deploy.Bound[int64](0)) {
			Set(w.Reader, n, &w.M.Restart.Policy, deploy.RestartNo, at)
			return
		}
		SetNearly(w.Reader, n, &w.M.Restart.Policy, deploy.RestartNo, at, "the program is not started again in its pod, but up to backoffLimit new pods are tried", "write backoffLimit: 0 if it must not run twice")
	}
}

func (w *Workload) readToken(n yamldoc.Node) {
	v, ok := w.Bool(n)
	switch {
	case ok && v:
		w.Rec.Drop(n.Setting(), noToken, "keep a program that uses it on Kubernetes")
	case ok:
		w.Rec.Inert(n.Setting(), "the program gets no token, as everywhere else")
	}
}

func (w *Workload) readLinks(n yamldoc.Node) {
	v, ok := w.Bool(n)
	switch {
	case ok && v:
		w.Rec.Drop(n.Setting(), noLinks, "reach the others under their names")
	case ok:
		w.Rec.Inert(n.Setting(), "no variables are added, as everywhere else")
	}
}

// readContainers picks the program and drops the others.
func (w *Workload) readContainers(n yamldoc.Node) {
	if !n.IsSeq() || n.IsLeaf() {
		if !n.IsSeq() {
			w.Wrong(n, "write a list")
			return
		}
		w.Bad(n, "is an empty list", "a pod has at least one container")
		return
	}
	items := n.Items()
	main := items[0]
	for _, c := range items {
		if c.Get("name").Str() == w.M.Name {
			main = c
			break
		}
	}
	for _, c := range items {
		if c.Path == main.Path {
			continue
		}
		reason, remedy := "sidecars are read by a later version", "give it a workload of its own"
		w.Rec.Find(ledger.Warning, c.Pos(), fmt.Sprintf("%s: a second container in the pod of %s dropped: %s", c.Path, w.M.Name, reason), remedy)
		w.Drop(c, reason, remedy)
	}
	w.readContainer(main)
}
