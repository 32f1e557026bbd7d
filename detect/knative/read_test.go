package knative

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/conform"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

func readFiles(t testing.TB, files map[string]string) detect.Result {
	t.Helper()
	return conform.Read(t, Source, files)
}

// leaves prints the leaves of a model, one a line, and elements without any.
func leaves(a deploy.App) string {
	var b strings.Builder
	deploy.Visit(a, func(p []byte, l deploy.Leaf) {
		switch {
		case !l.Presence():
			fmt.Fprintf(&b, "%s = %s\n", p, l)
		case strings.Count(string(p), ".") == 1:
			fmt.Fprintf(&b, "%s\n", p)
		}
	})
	return b.String()
}

func findings(res detect.Result) string {
	var b strings.Builder
	for _, f := range res.Findings {
		fmt.Fprintf(&b, "%s %s\n", f.Severity, f)
	}
	return b.String()
}

const minimal = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - image: shop/web:1.0
`

func TestMinimal(t *testing.T) {
	res := readFiles(t, map[string]string{"knative/web.yaml": minimal})
	const want = `workloads.web
workloads.web.kind = service
workloads.web.autostart = true
workloads.web.image = shop/web:1.0
workloads.web.ports.8080/tcp.protocol = http
workloads.web.ports.8080/tcp.address = 0.0.0.0
workloads.web.ports.8080/tcp.reachable = true
workloads.web.ports.8080/tcp.published = 80
workloads.web.restart.policy = always
workloads.web.stop.scope = mixed
workloads.web.scale.min = 0
workloads.web.security.noNewPrivileges = false
workloads.web.security.readOnlyRoot = false
workloads.web.security.privileged = false
workloads.web.security.capabilities = default
workloads.web.security.seccomp = Unconfined
`
	if got := leaves(res.App); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := findings(res); got != "" {
		t.Error(got)
	}
}

// Every leaf of the model is set by a minimal manifest, or listed as absent with a reason.
func TestTotal(t *testing.T) {
	set := map[string]bool{}
	for _, p := range deploy.Paths(readFiles(t, map[string]string{"knative/web.yaml": minimal}).App) {
		set[strings.NewReplacer("workloads.web", "workloads.*", "ports.8080/tcp", "ports.*").Replace(string(p))] = true
	}
	used := map[string]bool{}
	for _, p := range deploy.Paths(deploy.Full()) {
		path := strings.NewReplacer("workloads.web", "workloads.*", "workloads.db", "workloads.*", "ports.8080/tcp", "ports.*").Replace(string(p))
		if set[path] {
			continue
		}
		i := slices.IndexFunc(absent, func(a detect.Absence) bool { return deploy.Path(path).Under(deploy.Path(a.Path)) })
		if i < 0 {
			t.Errorf("%s is neither set nor listed as absent", path)
			continue
		}
		used[absent[i].Path] = true
	}
	for _, a := range absent {
		if !used[a.Path] || a.Reason == "" {
			t.Errorf("%s is listed as absent, but set or unknown, or without a reason", a.Path)
		}
	}
}

// lifted is a system in the form in which lift itself writes it.
func lifted() map[string]string {
	return map[string]string{
		"knative/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata:
  annotations:
    lift/volumes: data,uploads
resources:
- api.yaml
- web.yaml
- ../kubernetes/base/db
- ../kubernetes/base/nightly
- ../kubernetes/base/volumes
`,
		"knative/api.yaml": strings.Replace(strings.ReplaceAll(minimal, "web", "api"), "      containers:", "      automountServiceAccountToken: false\n      containers:", 1),
		"knative/web.yaml": `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
    networking.knative.dev/visibility: cluster-local
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/max-scale: "4"
        autoscaling.knative.dev/min-scale: "1"
      labels:
        app.kubernetes.io/name: web
        app.kubernetes.io/part-of: shop
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      timeoutSeconds: 300
      containers:
      - image: shop/web:1.0
        command: [/usr/bin/tini, -g, --]
        args: [/bin/sh, -c, "exec ./web $$(cat x)"]
        env:
        - name: GREETING
          value: hi $$(USER)
        - name: TOKEN
          valueFrom:
            secretKeyRef: {name: shop-secrets, key: TOKEN}
        ports:
        - containerPort: 3000
          name: h2c
        readinessProbe:
          httpGet: {path: /healthz, port: 3000}
          periodSeconds: 10
        resources:
          limits: {cpu: 500m}
        securityContext:
          allowPrivilegeEscalation: false
          capabilities: {drop: [ALL]}
          runAsUser: 990
          runAsGroup: 991
          runAsNonRoot: true
          seccompProfile: {type: RuntimeDefault}
        volumeMounts:
        - {name: tmp, mountPath: /tmp}
      volumes:
      - name: tmp
        emptyDir: {medium: Memory, sizeLimit: 64Mi}
`,
	}
}

func TestLifted(t *testing.T) {
	res := readFiles(t, lifted())
	const want = `name = shop
workloads.api
workloads.api.kind = service
workloads.api.autostart = true
workloads.api.image = shop/api:1.0
workloads.api.ports.8080/tcp.protocol = http
workloads.api.ports.8080/tcp.address = 0.0.0.0
workloads.api.ports.8080/tcp.reachable = true
workloads.api.ports.8080/tcp.published = 80
workloads.api.restart.policy = always
workloads.api.stop.scope = mixed
workloads.api.scale.min = 0
workloads.api.security.noNewPrivileges = false
workloads.api.security.readOnlyRoot = false
workloads.api.security.privileged = false
workloads.api.security.capabilities = default
workloads.api.security.seccomp = Unconfined
workloads.db
workloads.nightly
workloads.web
workloads.web.kind = service
workloads.web.autostart = true
workloads.web.image = shop/web:1.0
workloads.web.command.argv = "exec ./web $$(cat x)"
workloads.web.command.shell = /bin/sh
workloads.web.env.GREETING.value = hi $(USER)
workloads.web.env.TOKEN.value = ${shop-secrets/TOKEN}
workloads.web.user.id = 990
workloads.web.user.groupID = 991
workloads.web.ports.3000/tcp.protocol = grpc
workloads.web.ports.3000/tcp.address = 0.0.0.0
workloads.web.ports.3000/tcp.reachable = true
workloads.web.probes.readiness.path = /healthz
workloads.web.probes.readiness.port = 3000
workloads.web.probes.readiness.interval = 10s
workloads.web.probes.readiness.timeout = 1s
workloads.web.probes.readiness.delay = 0s
workloads.web.probes.readiness.failures = 3
workloads.web.mounts./tmp.kind = tmpfs
workloads.web.mounts./tmp.readOnly = false
workloads.web.mounts./tmp.size = 67108864
workloads.web.restart.policy = always
workloads.web.stop.scope = group
workloads.web.resources.cpu.request = 500000000
workloads.web.resources.cpu.limit = 500000000
workloads.web.scale.min = 1
workloads.web.scale.max = 4
workloads.web.security.noNewPrivileges = true
workloads.web.security.readOnlyRoot = false
workloads.web.security.privileged = false
workloads.web.security.capabilities = none
workloads.web.security.seccomp = RuntimeDefault
volumes.data
volumes.uploads
`
	if got := leaves(res.App); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := findings(res); got != "" {
		t.Error(got)
	}
	for _, r := range res.Doc.Reads {
		if r.Outcome == ledger.Dropped {
			t.Errorf("%s dropped: %s", res.Doc.Settings[r.Setting].Key, r.Reason)
		}
	}
	if got := fmt.Sprint(res.Owns); got != "[workloads.api workloads.web]" {
		t.Errorf("owns %s", got)
	}
}

func TestFindings(t *testing.T) {
	pod := func(fields string) string {
		return strings.Replace(minimal, "      containers:", "      "+fields+"\n      containers:", 1)
	}
	container := func(fields string) string {
		return strings.TrimSuffix(minimal, "\n") + "\n          " + fields + "\n"
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"refused", map[string]string{"knative/web.yaml": pod("terminationGracePeriodSeconds: 5")}, "warning knative/web.yaml:7: spec.template.spec.terminationGracePeriodSeconds dropped: Knative refuses it: it waits for timeoutSeconds; write timeoutSeconds"},
		{"hook", map[string]string{"knative/web.yaml": container("lifecycle: {preStop: {exec: {command: [x]}}}")}, "lifecycle dropped: Knative refuses it; remove it"},
		{"typo", map[string]string{"knative/web.yaml": pod("containerconcurrency: 5")}, `did you mean "containerConcurrency"?`},
		{"two ports", map[string]string{"knative/web.yaml": container("ports: [{containerPort: 1}, {containerPort: 2}]")}, "Service web has 2 ports: Knative takes one; leave the one that takes requests"},
		{"port name", map[string]string{"knative/web.yaml": container("ports: [{containerPort: 1, name: http}]")}, `ports[0].name has an unknown value; did you mean "http1"? use http1, h2c`},
		{"scale", map[string]string{"knative/web.yaml": strings.Replace(minimal, "    spec:", "    metadata: {annotations: {autoscaling.knative.dev/min-scale: 1}}\n    spec:", 1)}, "min-scale is a number; the API takes text here: put it in quotes"},
		{"no scale", map[string]string{"knative/web.yaml": strings.Replace(minimal, "    spec:", "    metadata: {annotations: {autoscaling.knative.dev/min-scale: few}}\n    spec:", 1)}, "min-scale is no number of replicas"},
		{"twice", map[string]string{"knative/web.yaml": minimal + "---\n" + minimal}, "Service web dropped: it is there twice: first at knative/web.yaml:2"},
		{"stays and is here", map[string]string{"knative/kustomization.yaml": "resources: [web.yaml, ../kubernetes/base/web]\n", "knative/web.yaml": minimal}, "Service web dropped: a workload of the same name stays on Kubernetes: knative/kustomization.yaml:1"},
		{"stays and is gone", map[string]string{"knative/kustomization.yaml": "resources: [../kubernetes/base/web]\n", "kubernetes/base/db/x.yaml": ""}, "resources[0] names nothing that is there: kubernetes/base/web"},
		{"volume twice", map[string]string{"knative/kustomization.yaml": "metadata: {annotations: {lift/volumes: \"a,a\"}}\n"}, "lift/volumes has an empty or a doubled name"},
		{"claims that no folder makes", map[string]string{"knative/kustomization.yaml": "metadata: {annotations: {lift/volumes: a}}\n"}, "error knative/kustomization.yaml:1: metadata.annotations.lift/volumes names claims, and no entry of resources leads to them; add kubernetes/base/volumes"},
		{"stays twice", map[string]string{"knative/kustomization.yaml": "resources:\n- ../kubernetes/base/web\n- ../kubernetes/base/web\n"}, "error knative/kustomization.yaml:3: resources[1] names what knative/kustomization.yaml:2 names already: kustomize refuses objects that are there twice; remove one of them"},
		{"claims twice", map[string]string{"knative/kustomization.yaml": "resources:\n- ../kubernetes/base/volumes\n- ../kubernetes/base/volumes\n"}, "error knative/kustomization.yaml:3: resources[1] names what resources[0] names already"},
		{"other version", map[string]string{"knative/web.yaml": strings.Replace(minimal, "dev/v1", "dev/v1beta1", 1)}, "error knative/web.yaml:2: Service web dropped: serving.knative.dev/v1beta1 is not served by Knative; write apiVersion: serving.knative.dev/v1"},
		{"other kind", map[string]string{"knative/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"}, "Deployment web dropped: it is no Knative Service; move it to the manifests of Kubernetes"},
		{"traffic", map[string]string{"knative/web.yaml": minimal + "  traffic: [{revisionName: web-1, percent: 50}, {latestRevision: true, percent: 50}]\n"}, "spec.traffic dropped: only the newest revision is moved; end the roll-out first"},
		{"no container", map[string]string{"knative/web.yaml": "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: web, labels: {networking.knative.dev/visibility: cluster-local}}\n"}, "Service web has no spec.template.spec.containers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := findings(readFiles(t, c.files)); !strings.Contains(got, c.want) {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// What people write who are not lift: defaults left out, a ConfigMap, probes without ports.
func TestStranger(t *testing.T) {
	res := readFiles(t, map[string]string{"infra/knative/app.yml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {MODE: fast}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello, namespace: demo}
spec:
  template:
    metadata: {name: hello-2, annotations: {autoscaling.knative.dev/target: "50", autoscaling.knative.dev/maxScale: "0"}}
    spec:
      containerConcurrency: 80
      containers:
      - image: example/hello
        ports: [{containerPort: 9000}]
        envFrom: [{configMapRef: {name: conf}}]
        readinessProbe: {httpGet: {path: /}, periodSeconds: 0}
        livenessProbe: {tcpSocket: {}}
        startupProbe: {failureThreshold: 2}
  traffic: [{latestRevision: true, percent: 100}]
`})
	got := leaves(res.App)
	for _, want := range []string{
		"hello.env.MODE.value = fast\n", "hello.ports.9000/tcp.protocol = http\n", "hello.probes.readiness.path = /\n", "hello.probes.readiness.port = 9000\n",
		"hello.probes.liveness.port = 9000\n", "hello.probes.startup.port = 9000\n", "hello.scale.min = 0\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "scale.max") || findings(res) != "" {
		t.Error(got, findings(res))
	}
}

// Whatever line is lost, doubled or given another kind of value: nothing panics, every setting is accounted for, every claim is true.
func TestEveryLine(t *testing.T) {
	files := lifted()
	for name := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := strings.Split(files[name], "\n")
			for i, l := range lines {
				edits := [][]string{slices.Delete(slices.Clone(lines), i, i+1), slices.Insert(slices.Clone(lines), i, l)}
				if key, _, ok := strings.Cut(l, ":"); ok {
					for _, v := range []string{"", "{}", "[]", "[x]", "{x: y}", "7", "true", `"-1"`, "&a [*a]"} {
						edits = append(edits, slices.Replace(slices.Clone(lines), i, i+1, key+": "+v))
					}
				}
				for _, e := range edits {
					changed := maps.Clone(files)
					changed[name] = strings.Join(e, "\n")
					if readFiles(t, changed); t.Failed() {
						t.Fatalf("with %s", changed[name])
					}
				}
			}
		})
	}
}

func TestKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Source.Keys() {
		id := k.Section + " " + k.Name
		if seen[id] || k.Doc == "" || k.Spec == "" || k.Outcome == ledger.Unaccounted || k.Outcome != ledger.Converted && k.Reason == "" || k.Outcome == ledger.Converted && k.Example == "" {
			t.Errorf("%s: %+v", id, k)
		}
		seen[id] = true
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ paths, want string }{
		{"knative/kustomization.yaml knative/web.yaml kubernetes/base/kustomization.yaml", "knative/kustomization.yaml"},
		{"a.yaml infra/knative/x.yml k8s/b.yaml", "infra/knative/x.yml"},
		{"k8s/b.yaml kustomization.yaml", ""},
	} {
		if got := strings.Join(Source.Match(strings.Fields(c.paths)), " "); got != c.want {
			t.Errorf("of %s: %q, want %q", c.paths, got, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(minimal)
	for _, text := range lifted() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, name := range []string{"knative/web.yaml", "knative/kustomization.yaml"} {
			fs := fstest.MapFS{name: {Data: []byte(src)}}
			res, err := Source.Read(detect.Tree{FS: fs, Paths: []string{name}}, []string{name})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range verify.Claims(res.App, res.Doc) {
				t.Error(p)
			}
		}
	})
}
