package kube

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const taken = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: web
          image: registry.example.org/shop/web:1.0.0
          ports:
            - {name: http, containerPort: 8080}
          resources:
            requests: {memory: 64Mi}
            limits: {memory: 64Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
      volumes:
        - name: tmp
          emptyDir: {medium: Memory}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  LEVEL: info
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {storage: 1Gi}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  schedule: 30 2 * * *
  timeZone: Etc/UTC
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            seccompProfile: {type: RuntimeDefault}
          containers:
            - name: nightly
              image: registry.example.org/shop/nightly:1.0.0
              securityContext:
                allowPrivilegeEscalation: false
                capabilities: {drop: [ALL]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: web}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels: {app: web}
  policyTypes: [Ingress]
  ingress:
    - ports:
        - {protocol: TCP, port: 8080}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: web
spec:
  parentRefs: [{name: gateway}]
  hostnames: [shop.example]
  rules:
    - matches: [{path: {type: PathPrefix, value: /shop}}]
      filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
      backendRefs: [{name: web, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata:
  name: web
spec:
  parentRefs: [{name: gateway}]
  hostnames: [tls.shop.example]
  rules:
    - backendRefs: [{name: web, port: 443}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
`

// complaints are all that a judged stream is blamed for.
func complaints(t *testing.T, a *API, stream string) []string {
	t.Helper()
	objects, err := a.Judge([]byte(stream), "judged")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range objects {
		if o.Refused != nil {
			out = append(out, o.String()+": "+o.Refused.Error())
		}
		for _, w := range o.Warnings {
			out = append(out, o.String()+": warning: "+w)
		}
		for _, r := range o.Restricted {
			out = append(out, o.String()+": restricted: "+r)
		}
	}
	return out
}

// What is right passes, and each mistake is found for what it is: a judge that takes everything proves nothing.
func TestJudgeRefuses(t *testing.T) {
	a := server(t)
	if got := complaints(t, a, taken); len(got) > 0 {
		t.Fatalf("nothing is wrong with it:\n%s", strings.Join(got, "\n"))
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown field", "  replicas: 2\n", "  replica: 2\n", `unknown field "spec.replica"`},
		{"field twice", "  replicas: 2\n", "  replicas: 2\n  replicas: 3\n", `"replicas" already set`},
		{"wrong type", "replicas: 2", "replicas: two", "unmarshal"},
		{"negative", "replicas: 2", "replicas: -2", "greater than or equal to 0"},
		{"version that is gone", "policy/v1\n", "policy/v1beta1\n", "policy/v1beta1 PodDisruptionBudget is not served"},
		{"name", "name: nightly\nspec", "name: Nightly_job\nspec", "metadata.name"},
		{"selector of other pods", "    matchLabels: {app: web}\n  template", "    matchLabels: {app: wbe}\n  template", "does not match template"},
		{"volume that is not there", "{name: tmp, mountPath: /tmp}", "{name: tpm, mountPath: /tmp}", `volumeMounts[0].name: Not found: "tpm"`},
		{"more asked for than allowed", "requests: {memory: 64Mi}", "requests: {memory: 128Mi}", "must be less than or equal to memory limit"},
		{"quantity", "limits: {memory: 64Mi}", "limits: {memory: 64MiB}", "quantities must match"},
		{"port", "containerPort: 8080", "containerPort: 80800", "between 1 and 65535"},
		{"port name", "{name: http, containerPort: 8080}", "{name: http_web_and_more, containerPort: 8080}", "ports[0].name"},
		{"ports without names", "{name: http, port: 80, targetPort: http}", "{port: 80}\n    - {port: 81}", "ports[0].name: Required"},
		{"schedule", "schedule: 30 2 * * *", "schedule: 61 2 * * *", "spec.schedule"},
		{"time zone", "Etc/UTC", "Mars/Olympus", "unknown time zone"},
		{"restart policy of a job", "restartPolicy: Never", "restartPolicy: Always", "restartPolicy"},
		{"two budgets in one", "  maxUnavailable: 1\n", "  maxUnavailable: 1\n  minAvailable: 1\n", "cannot be both set"},
		{"protocol", "protocol: TCP", "protocol: HTTP", "spec.ingress[0].ports[0].protocol"},
		{"policy type", "policyTypes: [Ingress]", "policyTypes: [Ingres]", "spec.policyTypes"},
		{"size of a claim", "requests: {storage: 1Gi}", "requests: {storage: 0}", "spec.resources[storage]"},
		{"access mode", "ReadWriteOnce", "ReadWriteSometimes", "spec.accessModes"},
		{"value that is no text", "LEVEL: info", "LEVEL: 3", "unmarshal"},
		{"variable twice", "          volumeMounts:", "          env: [{name: A, value: one}, {name: A, value: two}]\n          volumeMounts:", "warning: spec.template.spec.containers[0].env[1]: hides previous definition"},
		{"host of a route", "hostnames: [shop.example]", "hostnames: [Shop_example]", "spec.hostnames[0]"},
		{"field of a route", "matches: [{path", "match: [{path", `unknown field "spec.rules[0].match"`},
		{"path of a route", "value: /shop}", "value: shop}", "must be an absolute path"},
		{"kind of a rewrite", "{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}", "{type: RequestMirror, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}", "filter.urlRewrite must be nil"},
		{"route without a port", "backendRefs: [{name: web, port: 443}]", "backendRefs: [{name: web}]", "Must have port for Service reference"},
		{"version of a route", "gateway.networking.k8s.io/v1\nkind: TLSRoute", "gateway.networking.k8s.io/v1beta1\nkind: TLSRoute", "v1beta1 TLSRoute is not served"},
		{"kind of an Ingress path", "pathType: Prefix, ", "", "pathType must be specified"},
		{"root", "runAsNonRoot: true\n        seccompProfile: {type: RuntimeDefault}\n      containers", "seccompProfile: {type: RuntimeDefault}\n      containers", "restricted: runAsNonRoot"},
		{"path of the node", "emptyDir: {medium: Memory}", "hostPath: {path: /srv}", `uses restricted volume type "hostPath"`},
		{"kind that is deprecated", "kind: ConfigMap", "kind: Endpoints", "warning: v1 Endpoints is deprecated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(taken, c.old) == 0 {
				t.Fatalf("there is no %q", c.old)
			}
			got := complaints(t, a, strings.Replace(taken, c.old, c.new, 1))
			if all := strings.Join(got, "\n"); !strings.Contains(all, c.want) {
				t.Errorf("want %q in:\n%s", c.want, all)
			}
		})
	}
}

// Mistakes that a check of the schema alone does not see, most of them: what each is refused for stands on its first line.
func TestInvalid(t *testing.T) {
	a := server(t)
	files, err := filepath.Glob(filepath.Join("invalid", "*.yaml"))
	if err != nil || len(files) < 12 {
		t.Fatalf("%d manifests (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(data), "\n")
			want, ok := strings.CutPrefix(first, "# refused: ")
			if !ok {
				t.Fatal("its first line does not say what it is refused for")
			}
			objects, err := a.Judge(data, "judged")
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range objects {
				if o.Refused != nil && strings.Contains(o.Refused.Error(), want) {
					return
				}
			}
			t.Errorf("want it refused for %q; got %v", want, objects)
			for _, o := range objects {
				t.Logf("%s: %v", o, o.Refused)
			}
		})
	}
}

// What the API server says is taken apart without one.
func TestWarnings(t *testing.T) {
	got, err := warnings(nil, `299 - "unknown field \"a\", and more", 299 - "b"`)
	if want := []string{`unknown field "a", and more`, "b"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if _, err := warnings(nil, "299 - unquoted"); err == nil {
		t.Error("it is no warning")
	}
	rules, ok := restricted(`would violate PodSecurity "restricted:latest": runAsNonRoot != true (pod or containers "a", "b" must set it), seccompProfile (pod must set it)`)
	if want := []string{`runAsNonRoot != true (pod or containers "a", "b" must set it)`, "seccompProfile (pod must set it)"}; !ok || !slices.Equal(rules, want) {
		t.Errorf("%q; want %q", rules, want)
	}
	if _, ok := restricted("spec.replicas: Invalid value"); ok {
		t.Error("Pod Security has no part in it")
	}
}
