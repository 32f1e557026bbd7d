package kubernetes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/conform"
	"github.com/deploylift/lift/ledger"
)

func readFiles(t testing.TB, files map[string]string) detect.Result {
	t.Helper()
	return conform.Read(t, Source, files)
}

// leaves prints the leaves of a model, one a line.
func leaves(a deploy.App) string {
	var b strings.Builder
	deploy.Visit(a, func(p []byte, l deploy.Leaf) {
		if !l.Presence() {
			fmt.Fprintf(&b, "%s = %s\n", p, l)
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

// reads returns what became of the settings whose key ends in a text.
func reads(res detect.Result, key string) (out []ledger.Read) {
	for _, r := range res.Doc.Reads {
		if strings.HasSuffix(res.Doc.Settings[r.Setting].Key, key) {
			out = append(out, r)
		}
	}
	return out
}

// minimal is the least that the API server takes for a Deployment.
const minimal = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "shop/web:1.0"}
`

func TestMinimal(t *testing.T) {
	res := readFiles(t, map[string]string{"k8s/web.yaml": minimal})
	const want = `workloads.web.kind = service
workloads.web.autostart = true
workloads.web.image = shop/web:1.0
workloads.web.restart.policy = always
workloads.web.stop.grace = 30s
workloads.web.stop.scope = mixed
workloads.web.scale.replicas = 1
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
	if len(res.Owns) != 1 || res.Owns[0] != "workloads.web" {
		t.Errorf("owns %v", res.Owns)
	}
}

// Every leaf of the model is set by a minimal manifest, or listed as absent with a reason.
func TestTotal(t *testing.T) {
	got := readFiles(t, map[string]string{"k8s/web.yaml": minimal}).App
	set := map[string]bool{}
	for _, p := range deploy.Paths(got) {
		set[strings.Replace(string(p), "workloads.web", "workloads.*", 1)] = true
	}
	used := map[string]bool{}
	for _, p := range deploy.Paths(deploy.Full()) {
		path := strings.NewReplacer("workloads.web", "workloads.*", "workloads.db", "workloads.*").Replace(string(p))
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
		if !used[a.Path] {
			t.Errorf("%s is listed as absent, but set or unknown", a.Path)
		}
		if a.Reason == "" {
			t.Errorf("%s is absent without a reason", a.Path)
		}
	}
}

// What beats what: env beats envFrom, a later ConfigMap an earlier one, the container the pod. The beaten setting says by which line.
func TestOverrides(t *testing.T) {
	res := readFiles(t, map[string]string{"k8s/web.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {X: a, Y: a, Z: a}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
data: {Y: b}
---
` + strings.Replace(in("pod", "securityContext: {runAsUser: 1, seccompProfile: {type: Unconfined}}"), `image: "shop/web:1.0"}`,
		`image: "shop/web:1.0", envFrom: [{configMapRef: {name: a}}, {configMapRef: {name: b}}], env: [{name: X, value: x}], securityContext: {runAsUser: 2, seccompProfile: {type: RuntimeDefault}}}`, 1)})
	for path, want := range map[deploy.Path]string{
		"workloads.web.env.X.value": "x", "workloads.web.env.Y.value": "b", "workloads.web.env.Z.value": "a", "workloads.web.user.id": "2", "workloads.web.security.seccomp": "RuntimeDefault",
	} {
		if got, _ := deploy.Text(res.App, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for key, want := range map[string]string{
		"data.X": "overridden by k8s/web.yaml:21", "data.Y": "overridden by k8s/web.yaml:9", "spec.template.spec.securityContext.runAsUser": "overridden by k8s/web.yaml:21",
		"spec.template.spec.securityContext.seccompProfile.type": "overridden by k8s/web.yaml:21",
	} {
		if got := reads(res, key)[0]; got.Outcome != ledger.Overridden || got.Reason != want {
			t.Errorf("%s: %s %q, want %q", key, got.Outcome, got.Reason, want)
		}
	}
}

// A field that means nothing to the model says so, with a reason of its own; a lost one has a remedy as well.
func TestOutcomes(t *testing.T) {
	res := readFiles(t, map[string]string{"k8s/web.yaml": in("pod", `automountServiceAccountToken: false
      enableServiceLinks: true
      hostNetwork: true
      dnsPolicy: ClusterFirst
      tolerations: [{key: a}]
      nodeSelector: {disk: ssd, kubernetes.io/os: linux}`)})
	for key, want := range map[string]ledger.Outcome{
		"automountServiceAccountToken": ledger.Inert, "enableServiceLinks": ledger.Dropped, "hostNetwork": ledger.Dropped, "dnsPolicy": ledger.Inert,
		"tolerations[0].key": ledger.Dropped, "nodeSelector.disk": ledger.Dropped, "nodeSelector.kubernetes.io/os": ledger.Inert,
	} {
		got := reads(res, key)
		if len(got) != 1 || got[0].Outcome != want || got[0].Reason == "" || want == ledger.Dropped && got[0].Remedy == "" {
			t.Errorf("%s: %+v, want %s", key, got, want)
		}
	}
	if f := findings(res); f != "" {
		t.Error(f)
	}
}
