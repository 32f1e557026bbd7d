package kubernetes

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/ledger"
)

// change replaces one text of the minimal manifest.
func change(t *testing.T, pairs ...string) string {
	t.Helper()
	s := minimal
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			t.Fatalf("no %q", pairs[i])
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	return s
}

// in puts fields into the container, the pod's spec or the Deployment's spec of the minimal manifest.
func in(where, fields string) string {
	switch where {
	case "container":
		return strings.Replace(minimal, `image: "shop/web:1.0"}`, `image: "shop/web:1.0", `+fields+"}", 1)
	case "pod":
		return strings.Replace(minimal, "      containers:", "      "+fields+"\n      containers:", 1)
	case "spec":
		return strings.Replace(minimal, "  selector:", "  "+fields+"\n  selector:", 1)
	}
	return minimal + "---\n" + where + "\n" + fields
}

// What is said of single faults and losses, each with its position and what mends it.
func TestFindings(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"number as text", in("spec", `replicas: "2"`), `error k8s/web.yaml:5: spec.replicas is text; write a whole number, without quotes`},
		{"list as number", in("spec", `replicas: [2]`), `error k8s/web.yaml:5: spec.replicas is a list; write a whole number, without quotes`},
		{"fraction", in("spec", `replicas: 1.5`), `error k8s/web.yaml:5: spec.replicas is a number; write a whole number, without quotes`},
		{"negative", in("spec", `replicas: -1`), `error k8s/web.yaml:5: spec.replicas -1 is out of bounds; use 0 to 2147483647`},
		{"typo", in("spec", `replica: 2`), `warning k8s/web.yaml:5: spec.replica dropped: Deployment has no such field; did you mean "replicas"?`},
		{"typo in the container", in("container", `imagepullpolicy: Always`), `did you mean "imagePullPolicy"?`},
		{"strange field", in("pod", `flavour: mild`), `warning k8s/web.yaml:9: spec.template.spec.flavour dropped: PodSpec has no such field; check the name and the indentation`},
		{"twice", in("spec", "replicas: 2\n  replicas: 3"), `error k8s/web.yaml:6: spec.replicas is there twice: first at k8s/web.yaml:5; remove one of them`},
		{"number in env", in("container", `env: [{name: PORT, value: 8080}]`), `env[0].value is a number; the API takes text here: put it in quotes`},
		{"true in env", in("container", `env: [{name: DEBUG, value: true}]`), `env[0].value is true or false; the API takes text here: put it in quotes`},
		{"yes in env", in("container", `env: [{name: DEBUG, value: yes}]`), `env[0].value is text for some tools and true or false for others; put it in quotes`},
		{"both values", in("container", `env: [{name: A, value: x, valueFrom: {secretKeyRef: {name: s, key: k}}}]`), `env[0] has both value and valueFrom; remove one of them`},
		{"half a reference", in("container", `env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]`), `valueFrom needs name and key; write both`},
		{"put together from a secret", in("container", `env: [{name: P, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: URL, value: "x$(P)"}]`), `env[1].value dropped: it is put together from $(P), whose value is not known here`},
		{"ConfigMap missing", in("container", `envFrom: [{configMapRef: {name: gone}}]`), `dropped: ConfigMap gone is not among the files: its variables are not known; add its manifest`},
		{"quantity", in("container", `resources: {limits: {memory: 2Q}}`), `limits.memory "2Q" is no quantity; write a quantity, such as 500m or 512Mi`},
		{"thousandths of bytes", in("container", `resources: {limits: {memory: 512m}}`), `limits.memory is a fraction of a byte: m stands for thousandths; write M or Mi`},
		{"negative quantity", in("container", `resources: {limits: {cpu: -1}}`), `limits.cpu "-1" is below zero`},
		{"unknown choice", in("pod", `dnsPolicy: {}`), `dnsPolicy is a mapping; write ClusterFirst or the like`},
		{"restart policy", in("pod", `restartPolicy: Never`), `restartPolicy has an unknown value; use Always`},
		{"port twice", in("container", `ports: [{containerPort: 80}, {containerPort: 80}]`), `ports[1]: port 80/tcp is there twice; remove one of them`},
		{"port without number", in("container", `ports: [{name: http}]`), `ports[0] has no containerPort; write its number`},
		{"probe of two kinds", in("container", `livenessProbe: {tcpSocket: {port: 1}, exec: {command: [x]}}`), `livenessProbe has 2 ways to ask; write one of httpGet, tcpSocket, exec`},
		{"probe of no kind", in("container", `livenessProbe: {periodSeconds: 5}`), `livenessProbe has 0 ways to ask`},
		{"probe of an unknown port", in("container", `livenessProbe: {tcpSocket: {port: http}}`), `tcpSocket.port is no port of the container; write its number, or a name in its ports`},
		{"probe without port", in("container", `livenessProbe: {httpGet: {path: /x}}`), `httpGet has no port; write the number or the name of a port`},
		{"gRPC probe", in("container", `livenessProbe: {grpc: {port: 1}}`), `livenessProbe dropped: the model has no gRPC probe`},
		{"mount without volume", in("container", `volumeMounts: [{name: data, mountPath: /data}]`), `volumeMounts[0].name is no volume of the pod; add it to volumes, or mend the name`},
		{"root or not", in("pod", "securityContext: {runAsUser: 0, runAsNonRoot: true}"), `runAsNonRoot is true, but runAsUser is 0: the pod does not start`},
		{"capability", in("container", `securityContext: {capabilities: {add: [CAP_CHOWN]}}`), `add[0] begins with CAP_, which Kubernetes puts there itself; write CHOWN`},
		{"no image", change(t, `, image: "shop/web:1.0"`, ""), `containers[0] has no image; write one`},
		{"no containers", change(t, "containers:\n        - {name: web, image: \"shop/web:1.0\"}", "containers: []"), `containers is an empty list; a pod has at least one container`},
		{"no pod", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n", `Deployment web has no spec.template.spec.containers; write the container that runs`},
		{"selector", change(t, "{matchLabels: {app: web}}", "{matchLabels: {app: wbe}}"), `error k8s/web.yaml:5: spec.selector.matchLabels asks for a label app that the pods do not have; write labels of spec.template.metadata`},
		{"no selector", change(t, "  selector: {matchLabels: {app: web}}\n", ""), `Deployment web has no spec.selector`},
		{"other image before", in("pod", `initContainers: [{name: wait, image: busybox, command: [sh, -c, "until nc -z db 1; do sleep 1; done"]}]`), `initContainers[0] dropped: a step before the start runs in the program's own image`},
		{"old version", change(t, "apps/v1", "extensions/v1beta1"), `error k8s/web.yaml:2: Deployment web dropped: extensions/v1beta1 is no longer served by Kubernetes; write apiVersion: apps/v1`},
		{"same name", minimal + "---\n" + minimal, `Deployment web dropped: it is there twice: first at k8s/web.yaml:2`},
		{"name of a workload", in("apiVersion: batch/v1", "kind: Job\nmetadata: {name: web}\n"), `Job web dropped: a Deployment has the same name: k8s/web.yaml:2; rename one of them`},
		{"no name", change(t, "{name: web}\n", "{}\n"), `Deployment has no metadata.name; write one`},
		{"unknown kind", in("apiVersion: example.org/v1", "kind: Widget\nmetadata: {name: w}\n"), `warning k8s/web.yaml:13: Widget w dropped: objects of this kind are not read yet`},
		{"no kind", in("apiVersion: v1", "data: {}\n"), `not a Kubernetes object: apiVersion or kind is missing; write both`},
		{"Service to nowhere", in("apiVersion: v1", "kind: Service\nmetadata: {name: web}\nspec: {selector: {app: wbe}, ports: [{port: 80}]}\n"), `Service web leads nowhere: its selector fits the pods of no workload`},
		{"Service to no port", in("apiVersion: v1", "kind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}\n"), `spec.ports[0].targetPort is no port of web; name a port of the container, or write its number`},
		{"Service without selector", in("apiVersion: v1", "kind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"), `Service web dropped: it has no selector`},
		{"Service with two ports of a number", in("apiVersion: v1", "kind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: a, port: 80}, {name: b, port: 80, targetPort: 81}]}\n"), `spec.ports[1] has the name or the number of spec.ports[0]; names and numbers of a Service's ports are unique`},
		{"Service with two ports of a name", in("apiVersion: v1", "kind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: a, port: 80}, {name: a, port: 81}]}\n"), `spec.ports[1] has the name or the number of spec.ports[0]`},
		{"no name of the container", change(t, "name: web, image", "image"), `error k8s/web.yaml:10: spec.template.spec.containers[0] has no name; write one`},
		{"step without a name", in("pod", `initContainers: [{image: "shop/web:1.0", command: [./migrate]}]`), `initContainers[0] has no name; write one`},
		{"medium", change(t, "containers:", "volumes: [{name: d, emptyDir: {medium: Memorz}}]\n      containers:", `"shop/web:1.0"`, `"shop/web:1.0", volumeMounts: [{name: d, mountPath: /d}]`), `emptyDir.medium has an unknown value; write Memory, or leave it out for the machine's disk`},
		{"spread by a selector that is none", in("pod", `topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabel: {app: web}}}]`), `labelSelector.matchLabel dropped: LabelSelector has no such field; did you mean "matchLabels"?`},
		{"budget of nothing", in("apiVersion: policy/v1", "kind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {maxUnavailable: 1}\n"), `PodDisruptionBudget web keeps no pods`},
		{"budget by a selector that is none", in("apiVersion: policy/v1", "kind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {maxUnavailable: 1, selector: {matchExpressions: [{key: app, operater: Exists}]}}\n"), `matchExpressions[0].operater dropped: LabelSelectorRequirement has no such field; did you mean "operator"?`},
		{"policy with a peer that is none", in("apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelecter: {matchLabels: {app: web}}}], ports: [{port: 80}]}]}\n"), `from[0].podSelecter dropped: NetworkPolicyPeer has no such field; did you mean "podSelector"?`},
		{"policy with a port that is none", in("apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{ports: [{port: 80, protocom: TCP}]}]}\n"), `ports[0].protocom dropped: NetworkPolicyPort has no such field; did you mean "protocol"?`},
		{"policy by a selector that is none", in("apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {matchLabel: {app: web}}, policyTypes: [Ingress]}\n"), `podSelector.matchLabel dropped: LabelSelector has no such field`},
		{"route without a Gateway", in("apiVersion: gateway.networking.k8s.io/v1", "kind: HTTPRoute\nmetadata: {name: web}\nspec: {hostnames: [a.example]}\n"), `warning k8s/web.yaml:13: HTTPRoute web comes through no Gateway: no request reaches it; name the Gateway in spec.parentRefs`},
		{"route through a Gateway twice", in("apiVersion: gateway.networking.k8s.io/v1", "kind: HTTPRoute\nmetadata: {name: web}\nspec: {parentRefs: [{name: g}, {name: g}]}\n"), `spec.parentRefs[1] is there twice; remove one of them`},
		{"route through a Gateway without a name", in("apiVersion: gateway.networking.k8s.io/v1", "kind: HTTPRoute\nmetadata: {name: web}\nspec: {parentRefs: [{namespace: g}]}\n"), `spec.parentRefs[0] has no name; write that of the Gateway`},
		{"route to no port", in("apiVersion: gateway.networking.k8s.io/v1", "kind: HTTPRoute\nmetadata: {name: web}\nspec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: web}]}]}\n"), `backendRefs[0] has no port, which the Gateway API asks for; write that of the Service`},
		{"claim missing", change(t, "containers:", "volumes: [{name: d, persistentVolumeClaim: {claimName: d}}]\n      containers:", `"shop/web:1.0"`, `"shop/web:1.0", volumeMounts: [{name: d, mountPath: /d}]`), `PersistentVolumeClaim d is not among the files: its size and access are not known`},
		{"claim without size", in("apiVersion: v1", "kind: PersistentVolumeClaim\nmetadata: {name: d}\nspec: {accessModes: [ReadWriteOnce]}\n"), `error k8s/web.yaml:12: spec.resources.requests.storage is missing`},
		{"schedule", in("apiVersion: batch/v1", "kind: CronJob\nmetadata: {name: n}\nspec: {schedule: \"0 0 * *\", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: n, image: n}]}}}}}\n"), `spec.schedule has 4 fields; write five fields`},
		{"job without policy", in("apiVersion: batch/v1", "kind: Job\nmetadata: {name: n}\nspec: {template: {spec: {containers: [{name: n, image: n}]}}}\n"), `Job n has no restartPolicy that Jobs may have`},
		{"broken YAML", "apiVersion: v1\nkind: [\n", `k8s/web.yaml:`},
		{"template", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n", `warning k8s/web.yaml: a template of Helm's or the like, not read; render it`},
		{"secret in the ConfigMap", in("apiVersion: v1", "kind: ConfigMap\nmetadata: {name: c}\ndata: {DB_PASSWORD: canary}\n"), `data.DB_PASSWORD holds what looks like a secret`},
		{"two systems", in("apiVersion: v1", "kind: ConfigMap\nmetadata: {name: c, labels: {app.kubernetes.io/part-of: a}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, labels: {app.kubernetes.io/part-of: b}}\n"), `dropped: the objects are parts of different systems`},
		{"name spaces", in("apiVersion: v1", "kind: ConfigMap\nmetadata: {name: c, namespace: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: b}\n"), `metadata.namespace dropped: other objects live in another name space`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := findings(readFiles(t, map[string]string{"k8s/web.yaml": c.src}))
			if !strings.Contains(got, c.want) {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			if strings.Contains(got, "canary") {
				t.Error("a finding tells a secret")
			}
		})
	}
}

// A step that only waits has an image, and no field that containers do not have.
func TestWaitFindings(t *testing.T) {
	db := strings.ReplaceAll(minimal, "web", "db") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: db}, ports: [{port: 5432}]}\n---\n"
	for _, c := range []struct{ name, fields, want string }{
		{"the program's own image", `name: wait, image: "shop/web:1.0"`, ""},
		{"another image", `name: wait, image: busybox`, "info k8s/web.yaml:25: spec.template.spec.initContainers[0].image is not the program's: the step only waits, and elsewhere the platform does that\n"},
		{"no image", `name: wait`, "error k8s/web.yaml:25: spec.template.spec.initContainers[0] has no image; write one\n"},
		{"no name", `image: "shop/web:1.0"`, "error k8s/web.yaml:25: spec.template.spec.initContainers[0] has no name; write one\n"},
		{"no such field", `name: wait, image: "shop/web:1.0", securityContexd: {runAsUser: 0}`, "warning k8s/web.yaml:25: spec.template.spec.initContainers[0].securityContexd dropped: Container has no such field; did you mean \"securityContext\"?\n"},
	} {
		res := readFiles(t, map[string]string{"k8s/web.yaml": db + in("pod", `initContainers: [{`+c.fields+`, command: [sh, -c, "until nc -z db 5432; do sleep 1; done"]}]`)})
		if got := findings(res); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
	}
}

// A deadline as long as the time between two runs makes up for every run that was missed, and a minute is what the controller needs.
func TestDeadline(t *testing.T) {
	for _, c := range []struct {
		schedule, deadline string
		catchUp, exact     bool
	}{
		{"15 3 * * *", "86400", true, true},
		{"15 3 * * *", "86399", true, false},
		{"*/5 * * * *", "86400", true, true},
		{"15 3 * * MON", "86400", true, false},
		{"15 3 * * MON", "604800", true, true},
		{"15 3 31 * *", "2678400", true, false},
		{"15 3 31 * *", "5356800", true, true},
		{"15 3 1,2 * MON", "604800", true, true},
		{"0 0 29 2 *", "252460800", true, true},
		{"15 3 * * *", "60", false, true},
		{"15 3 * * *", "61", false, false},
	} {
		src := "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: n}\nspec: {schedule: \"" + c.schedule + "\", startingDeadlineSeconds: " + c.deadline + ", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: n, image: n}]}}}}}\n"
		res := readFiles(t, map[string]string{"k8s/n.yaml": src})
		got := reads(res, "startingDeadlineSeconds")
		if len(got) != 1 || (got[0].Outcome == ledger.Converted) != c.exact || !res.App.Workloads[0].Schedule.CatchUp.Is(c.catchUp) {
			t.Errorf("%s within %s s: %v, catchUp %v", c.schedule, c.deadline, got, res.App.Workloads[0].Schedule.CatchUp)
		}
	}
}

// Lists of kustomize: what they name, and what they change.
func TestKustomizations(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // findings; "" for none
		found int    // workloads
	}{
		{"files and directories", map[string]string{"kustomization.yaml": "resources: [a, b.yaml]\n", "a/kustomization.yml": "resources: [c.yaml]\n", "a/c.yaml": minimal, "b.yaml": strings.ReplaceAll(minimal, "web", "db")}, "", 2},
		{"what no list names is not read", map[string]string{"kustomization.yaml": "resources: []\n", "k8s/web.yaml": minimal}, "", 0},
		{"changes", map[string]string{"kustomization.yaml": "namePrefix: x-\nresources: [b.yaml]\n", "b.yaml": minimal}, "warning kustomization.yaml:1: namePrefix dropped: lift reads the objects as they stand, without what kustomize changes; run kustomize build and give lift the result", 1},
		{"missing file", map[string]string{"kustomization.yaml": "resources:\n- b.yaml\n"}, "error kustomization.yaml:2: resources[0] names nothing that is there: b.yaml; mend the name, or add the file", 0},
		{"out of the tree", map[string]string{"kustomization.yaml": "resources:\n- ../b.yaml\n"}, "error kustomization.yaml:2: resources[0] leads out of the tree", 0},
		{"the net", map[string]string{"kustomization.yaml": "resources:\n- https://example.org/x\n"}, "warning kustomization.yaml:2: resources[0] dropped: lift reads no files from the net", 0},
		{"circle", map[string]string{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}, "includes this list in turn; remove one of the two entries", 0},
		{"itself", map[string]string{"kustomization.yaml": "resources: [.]\n"}, "includes this list in turn", 0},
		{"two overlays of a base", map[string]string{"base/kustomization.yaml": "resources: [b.yaml]\n", "base/b.yaml": minimal, "dev/kustomization.yaml": "resources: [../base]\n", "prod/kustomization.yaml": "resources: [../base]\n"}, "", 1},
		{"a file in two lists", map[string]string{"a/kustomization.yaml": "resources: [../b.yaml]\n", "c/kustomization.yaml": "resources: [../b.yaml]\n", "b.yaml": minimal}, "info c/kustomization.yaml:1: resources[0]: b.yaml is named by another list, too, and read once", 1},
		{"a file twice in one list", map[string]string{"kustomization.yaml": "resources:\n- b.yaml\n- ./b.yaml\n", "b.yaml": minimal}, "error kustomization.yaml:3: resources[1] names what resources[0] names already: kustomize refuses objects that are there twice; remove one of them", 1},
		{"a version of another kind", map[string]string{"kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [b.yaml]\n", "b.yaml": minimal}, "error kustomization.yaml:1: apiVersion is not that of a Kustomization; write kustomize.config.k8s.io/v1beta1", 1},
		{"a version that there is not", map[string]string{"kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta2\nresources: [b.yaml]\n", "b.yaml": minimal}, "error kustomization.yaml:1: apiVersion has an unknown value", 1},
		{"a component", map[string]string{"kustomization.yaml": "components: [c]\n", "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [b.yaml]\n", "c/b.yaml": minimal}, "", 1},
		{"a component among resources", map[string]string{"kustomization.yaml": "resources: [c]\n", "c/kustomization.yaml": "kind: Component\nresources: [b.yaml]\n", "c/b.yaml": minimal}, "error kustomization.yaml:1: resources[0] names a Component: kustomize refuses it there; list it under components", 1},
		{"no component", map[string]string{"kustomization.yaml": "components: [c]\n", "c/kustomization.yaml": "resources: [b.yaml]\n", "c/b.yaml": minimal}, "error kustomization.yaml:1: components[0] names no Component: kustomize refuses it there; list it under resources", 1},
		{"typo", map[string]string{"kustomization.yaml": "resource: [b.yaml]\n"}, `did you mean "resources"?`, 0},
		{"lift's own list beats others", map[string]string{"kubernetes/base/kustomization.yaml": "resources: [web]\n", "kubernetes/base/web/kustomization.yaml": "resources: [b.yaml]\n", "kubernetes/base/web/b.yaml": minimal, "other/kustomization.yaml": "resources: [gone]\n"}, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := readFiles(t, c.files)
			got := findings(res)
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %swant %s", got, c.want)
			}
			if len(res.App.Workloads) != c.found {
				t.Errorf("%d workloads, want %d", len(res.App.Workloads), c.found)
			}
		})
	}
}
