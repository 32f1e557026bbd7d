package podspec

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// ContainerTable is the mapping of the container that is the program.
var ContainerTable = Table[*Workload]{Section: "Container", Rows: []Row[*Workload]{
	{Key: "name", Doc: "name of the container", Spec: apiContainer, Example: "web", Read: func(w *Workload, n yamldoc.Node) {
		if _, ok := w.Name(n); ok {
			w.Rec.Inert(n.Setting(), "the workload's name counts")
		}
	}},
	{Key: "image", Doc: "image reference", Spec: apiContainer, Example: "shop/web:1.0", Read: func(w *Workload, n yamldoc.Node) {
		if v, ok := w.Name(n); ok {
			Set(w.Reader, n, &w.M.Image, v, w.At.Join("image"))
			w.changeImage()
		}
	}},
	{Key: "workingDir", Doc: "working directory", Spec: apiContainer, Example: "/srv/web", Read: func(w *Workload, n yamldoc.Node) {
		if v, ok := w.Name(n); ok {
			Set(w.Reader, n, &w.M.Dir, v, w.At.Join("dir"))
		}
	}},
	{Key: "ports", Doc: "ports that it listens on", Spec: apiContainer, Example: "[{name: http, containerPort: 8080}]", Read: (*Workload).readPorts},
	{Key: "envFrom", Doc: "variables from ConfigMaps and Secrets", Spec: apiContainer, Example: "[{configMapRef: {name: web}}]", Read: (*Workload).readEnvFrom},
	{Key: "env", Doc: "variables; they beat those of envFrom", Spec: apiContainer, Example: "[{name: LOG_LEVEL, value: debug}]", Read: (*Workload).readEnv},
	{Key: "command", Doc: "program in place of the image's entrypoint", Spec: apiContainer, Example: "[node, server.js]", Read: func(w *Workload, n yamldoc.Node) { w.command = n }},
	{Key: "args", Doc: "arguments in place of the image's", Spec: apiContainer, Example: "[--all]", Read: func(w *Workload, n yamldoc.Node) { w.args = n }},
	{Key: "resources", Doc: "requests and limits", Spec: apiContainer, Example: "{limits: {memory: 512Mi}}", Read: func(w *Workload, n yamldoc.Node) { resourceTable.Apply(w.Reader, w, n) }},
	{Key: "securityContext", Doc: "what it may do; it beats the pod's", Spec: apiContainer, Example: "{readOnlyRootFilesystem: true}", Read: func(w *Workload, n yamldoc.Node) { containerSecurity.Apply(w.Reader, w, n) }},
	{Key: "volumeMounts", Doc: "volumes in its file system", Spec: apiContainer, Example: "[{name: tmp, mountPath: /tmp}]", Read: (*Workload).readMounts},
	{Key: "startupProbe", Doc: "whether it has started", Spec: apiContainer, Example: "{httpGet: {path: /healthz, port: 8080}}", Read: func(w *Workload, n yamldoc.Node) { w.readProbe(n, &w.M.Probes.Startup, "startup") }},
	{Key: "readinessProbe", Doc: "whether it takes requests", Spec: apiContainer, Example: "{tcpSocket: {port: 8080}}", Read: func(w *Workload, n yamldoc.Node) { w.readProbe(n, &w.M.Probes.Readiness, "readiness") }},
	{Key: "livenessProbe", Doc: "whether it must be restarted", Spec: apiContainer, Example: "{exec: {command: [./alive]}}", Read: func(w *Workload, n yamldoc.Node) { w.readProbe(n, &w.M.Probes.Liveness, "liveness") }},
	{Key: "lifecycle", Doc: "commands after the start and before the stop", Spec: apiContainer, Example: "{preStop: {exec: {command: [./drain]}}}", Read: (*Workload).readLifecycle},

	{Key: "imagePullPolicy", Doc: "when the image is fetched again", Spec: apiContainer, Outcome: ledger.Inert, Reason: "when the image is fetched is the platform's business; its reference says which"},
	{Key: "terminationMessagePath", Doc: "file with the program's last words", Spec: apiContainer, Outcome: ledger.Inert, Reason: "only Kubernetes looks into it"},
	{Key: "terminationMessagePolicy", Doc: "where the last words come from", Spec: apiContainer, Outcome: ledger.Inert, Reason: "only Kubernetes looks into it"},
	{Key: "stdin", Doc: "keeps standard input open", Spec: apiContainer, Example: "false", Read: InertIf("false", "it is the default", "the model has no terminal")},
	{Key: "stdinOnce", Doc: "closes standard input after the first visitor", Spec: apiContainer, Example: "false", Read: InertIf("false", "it is the default", "the model has no terminal")},
	{Key: "tty", Doc: "gives it a terminal", Spec: apiContainer, Example: "false", Read: InertIf("false", "it is the default", "the model has no terminal")},
	{Key: "volumeDevices", Doc: "raw block devices", Spec: apiContainer, Outcome: ledger.Dropped, Reason: "the model has no devices", Remedy: "keep a program that needs a device on Kubernetes"},
	{Key: "resizePolicy", Doc: "whether a new limit restarts it", Spec: apiContainer, Outcome: ledger.Inert, Reason: "it concerns changes of a running pod"},
	{Key: "restartPolicy", Doc: "the container's own restart policy", Spec: apiContainer, Outcome: ledger.Dropped, Reason: "the pod's policy is read alone", Remedy: "use the pod's restartPolicy"},
	{Key: "restartPolicyRules", Doc: "restart policy by exit code", Spec: apiContainer, Outcome: ledger.Dropped, Reason: "the model does not tell exit codes apart", Remedy: "handle the code in the program"},
}}

func (w *Workload) readContainer(n yamldoc.Node) {
	w.container = n
	w.Rec.Place(w.At, n.Pos())
	if n.IsMap() && !n.Get("image").Exists() {
		w.Rec.Find(ledger.Error, n.Pos(), n.Path+" has no image", "write one")
	}
	w.checkName(n)
	if w.Platform.NoPorts != nil && len(n.Get("ports").Items()) == 0 {
		w.Platform.NoPorts(w)
	}
	ContainerTable.Apply(w.Reader, w, n)
	w.readCommand()
	w.finishMounts()
	w.finishResources()
	for i := range w.M.Ports {
		p := &w.M.Ports[i]
		Imply(w.Reader, apiContainer, "ports address", &p.Address, "0.0.0.0", w.At.Join("ports", p.Number, "address"))
	}
}

// checkName looks for the name of a container, which Kubernetes asks for and Knative gives itself.
func (w *Workload) checkName(n yamldoc.Node) {
	if w.Platform.Named && n.IsMap() && !n.Get("name").Exists() {
		w.Rec.Find(ledger.Error, n.Pos(), n.Path+" has no name", "write one")
	}
}

// Defaults sets what the platform implies where the files are silent, for what every pod has.
func (w *Workload) Defaults() {
	w.imply("securityContext.allowPrivilegeEscalation", &w.M.Security.NoNewPrivileges, false, "security", "noNewPrivileges")
	w.imply("securityContext.readOnlyRootFilesystem", &w.M.Security.ReadOnlyRoot, false, "security", "readOnlyRoot")
	w.imply("securityContext.privileged", &w.M.Security.Privileged, false, "security", "privileged")
	if !w.M.Security.Capabilities.IsSet() {
		w.M.Security.Capabilities = deploy.List{"default"}
		w.Rec.Convert(w.Rec.Implied(apiSecurity, "securityContext.capabilities", "default"), w.At.Join("security", "capabilities"))
	}
	Imply(w.Reader, apiSecurity, "securityContext.seccompProfile.type", &w.M.Security.Seccomp, "Unconfined", w.At.Join("security", "seccomp"))
	Imply(w.Reader, apiContainer, "command", &w.M.Stop.Scope, deploy.StopMixed, w.At.Join("stop", "scope"))
}

func (w *Workload) imply(key string, o *deploy.Opt[bool], v bool, at ...string) {
	Imply(w.Reader, apiSecurity, key, o, v, w.At.Join(at...))
}
