package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// lifted is a system in the form in which lift itself writes it.
func lifted() map[string]string {
	sum := sha256.Sum256([]byte("GREETING=hi $(USER) $$\nLOG_LEVEL=debug\nPORT=8080\n"))
	return map[string]string{
		"kubernetes/base/kustomization.yaml":     "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- db\n- nightly\n- volumes\n- web\n",
		"kubernetes/base/web/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- configmap.yaml\n- deployment.yaml\n- service.yaml\n",
		"kubernetes/base/web/configmap.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
data:
  GREETING: hi $(USER) $$
  LOG_LEVEL: debug
  PORT: "8080"
`,
		"kubernetes/base/web/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: web
      app.kubernetes.io/part-of: shop
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web
        app.kubernetes.io/part-of: shop
      annotations:
        checksum/config: ` + hex.EncodeToString(sum[:]) + `
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 45
      nodeSelector:
        kubernetes.io/arch: arm64
      securityContext:
        runAsUser: 990
        runAsGroup: 991
        runAsNonRoot: true
        supplementalGroups: [44, 45]
        fsGroup: 991
        seccompProfile:
          type: RuntimeDefault
      initContainers:
      - name: before-0
        image: shop/web:1.0
        command: [/bin/sh, -c, ./migrate || true]
        workingDir: /srv/web
        envFrom:
        - configMapRef:
            name: web
        env:
        - name: API_TOKEN
          valueFrom:
            secretKeyRef:
              name: shop-secrets
              key: API_TOKEN
        - name: REGION
          valueFrom:
            configMapKeyRef:
              name: shop-config
              key: REGION
        volumeMounts:
        - name: uploads
          mountPath: /srv/uploads
        - name: tmp
          mountPath: /tmp
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop: [ALL]
      - name: before-1
        image: shop/web:1.0
        command: [chown, "991", /srv/uploads]
        securityContext:
          runAsUser: 0
          runAsNonRoot: false
      containers:
      - name: web
        image: shop/web:1.0
        command: [/usr/bin/tini, -g, --]
        args: [node, server.js, --price=5$$$, $HOME, "$$(id)"]
        workingDir: /srv/web
        envFrom:
        - configMapRef:
            name: web
        env:
        - name: API_TOKEN
          valueFrom:
            secretKeyRef:
              name: shop-secrets
              key: API_TOKEN
        - name: REGION
          valueFrom:
            configMapKeyRef:
              name: shop-config
              key: REGION
        ports:
        - name: http
          containerPort: 8080
        - name: admin
          containerPort: 9000
        resources:
          requests:
            cpu: 250m
            memory: 128Mi
          limits:
            cpu: 1500m
            memory: 536870912
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
          periodSeconds: 20
          timeoutSeconds: 3
          failureThreshold: 5
          initialDelaySeconds: 4
        livenessProbe:
          exec:
            command: [/bin/sh, -c, "kill -0 $$(cat pid)"]
        lifecycle:
          postStart:
            exec:
              command: [./warm, $$, $(X)]
        volumeMounts:
        - name: uploads
          mountPath: /srv/uploads
        - name: tmp
          mountPath: /tmp
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
      volumes:
      - name: uploads
        persistentVolumeClaim:
          claimName: uploads
      - name: tmp
        emptyDir:
          medium: Memory
          sizeLimit: 64Mi
`,
		"kubernetes/base/web/service.yaml": `apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
spec:
  selector:
    app.kubernetes.io/name: web
    app.kubernetes.io/part-of: shop
  ports:
  - name: http
    port: 8080
    targetPort: http
    appProtocol: http
`,
		"kubernetes/base/volumes/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- uploads.yaml\n",
		"kubernetes/base/volumes/uploads.yaml": `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: uploads
spec:
  accessModes: [ReadWriteMany]
  resources:
    requests:
      storage: 2Gi
`,
		"kubernetes/base/db/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- statefulset.yaml\n",
		"kubernetes/base/db/statefulset.yaml": `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  replicas: 1
  serviceName: db
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      containers:
      - name: db
        image: postgres:17
        volumeMounts:
        - name: data
          mountPath: /var/lib/postgresql/data
          readOnly: false
  volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      resources:
        requests:
          storage: "1073741824"
`,
		"kubernetes/base/nightly/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- cronjob.yaml\n",
		"kubernetes/base/nightly/cronjob.yaml": `apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly
spec:
  schedule: 15 3 * * *
  timeZone: Europe/Zurich
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 86400
  suspend: false
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          enableServiceLinks: false
          containers:
          - name: nightly
            image: shop/web:1.0
            command: [/bin/bash, -c, "./nightly | tee /dev/stderr"]
`,
	}
}

const liftedLeaves = `name = shop
workloads.db.kind = service
workloads.db.autostart = true
workloads.db.image = postgres:17
workloads.db.mounts./var/lib/postgresql/data.kind = volume
workloads.db.mounts./var/lib/postgresql/data.volume = volumes.data
workloads.db.mounts./var/lib/postgresql/data.readOnly = false
workloads.db.restart.policy = always
workloads.db.stop.grace = 30s
workloads.db.stop.scope = mixed
workloads.db.scale.replicas = 1
workloads.db.security.noNewPrivileges = false
workloads.db.security.readOnlyRoot = false
workloads.db.security.privileged = false
workloads.db.security.capabilities = default
workloads.db.security.seccomp = Unconfined
workloads.nightly.kind = cron
workloads.nightly.autostart = true
workloads.nightly.image = shop/web:1.0
workloads.nightly.command.argv = "./nightly | tee /dev/stderr"
workloads.nightly.command.shell = /bin/bash
workloads.nightly.restart.policy = no
workloads.nightly.restart.attempts = 0
workloads.nightly.start.run = 1h0m0s
workloads.nightly.stop.grace = 30s
workloads.nightly.stop.scope = mixed
workloads.nightly.schedule.cron = 15 3 * * *
workloads.nightly.schedule.zone = Europe/Zurich
workloads.nightly.schedule.overlap = false
workloads.nightly.schedule.catchUp = true
workloads.nightly.security.noNewPrivileges = false
workloads.nightly.security.readOnlyRoot = false
workloads.nightly.security.privileged = false
workloads.nightly.security.capabilities = default
workloads.nightly.security.seccomp = Unconfined
workloads.web.kind = service
workloads.web.autostart = true
workloads.web.image = shop/web:1.0
workloads.web.command.argv = node server.js --price=5$$$$ $$HOME $$(id)
workloads.web.dir = /srv/web
workloads.web.env.API_TOKEN.value = ${shop-secrets/API_TOKEN}
workloads.web.env.GREETING.value = hi $(USER) $$
workloads.web.env.LOG_LEVEL.value = debug
workloads.web.env.PORT.value = 8080
workloads.web.env.REGION.value = ${shop-config/REGION}
workloads.web.user.id = 990
workloads.web.user.groupID = 991
workloads.web.user.groups = 44, 45
workloads.web.user.volumes = 991
workloads.web.before.0.command.argv = "./migrate || true"
workloads.web.before.0.command.shell = /bin/sh
workloads.web.before.0.privileged = false
workloads.web.before.1.command.argv = chown 991 /srv/uploads
workloads.web.before.1.privileged = true
workloads.web.started.0.command.argv = ./warm $$$$ $$(X)
workloads.web.ports.8080/tcp.name = http
workloads.web.ports.8080/tcp.protocol = http
workloads.web.ports.8080/tcp.address = 0.0.0.0
workloads.web.ports.8080/tcp.reachable = true
workloads.web.ports.9000/tcp.name = admin
workloads.web.ports.9000/tcp.address = 0.0.0.0
workloads.web.ports.9000/tcp.reachable = false
workloads.web.probes.readiness.path = /healthz
workloads.web.probes.readiness.port = 8080
workloads.web.probes.readiness.interval = 20s
workloads.web.probes.readiness.timeout = 3s
workloads.web.probes.readiness.delay = 4s
workloads.web.probes.readiness.failures = 5
workloads.web.probes.liveness.command.argv = "kill -0 $$(cat pid)"
workloads.web.probes.liveness.command.shell = /bin/sh
workloads.web.probes.liveness.interval = 10s
workloads.web.probes.liveness.timeout = 1s
workloads.web.probes.liveness.delay = 0s
workloads.web.probes.liveness.failures = 3
workloads.web.mounts./srv/uploads.kind = volume
workloads.web.mounts./srv/uploads.volume = volumes.uploads
workloads.web.mounts./srv/uploads.readOnly = false
workloads.web.mounts./tmp.kind = tmpfs
workloads.web.mounts./tmp.readOnly = false
workloads.web.mounts./tmp.size = 67108864
workloads.web.restart.policy = always
workloads.web.stop.grace = 45s
workloads.web.stop.scope = group
workloads.web.resources.cpu.request = 250000000
workloads.web.resources.cpu.limit = 1500000000
workloads.web.resources.memory.request = 134217728
workloads.web.resources.memory.limit = 536870912
workloads.web.scale.replicas = 2
workloads.web.placement.arch = arm64
workloads.web.security.noNewPrivileges = true
workloads.web.security.readOnlyRoot = true
workloads.web.security.privileged = false
workloads.web.security.capabilities = none
workloads.web.security.seccomp = RuntimeDefault
volumes.data.size = 1073741824
volumes.data.access = one
volumes.uploads.size = 2147483648
volumes.uploads.access = many
`

func TestLifted(t *testing.T) {
	files := lifted()
	res := readFiles(t, files)
	if got := leaves(res.App); got != liftedLeaves {
		t.Errorf("got\n%s", diffLines(got, liftedLeaves))
	}
	if got := findings(res); got != "" {
		t.Error(got)
	}
	for _, r := range res.Doc.Reads {
		if r.Outcome == ledger.Dropped {
			t.Errorf("%s dropped: %s", res.Doc.Settings[r.Setting].Key, r.Reason)
		}
	}
}

// diffLines shows the lines that only one of two texts has.
func diffLines(got, want string) string {
	var b strings.Builder
	for _, l := range strings.Split(got, "\n") {
		if !strings.Contains("\n"+want, "\n"+l+"\n") {
			b.WriteString("+ " + l + "\n")
		}
	}
	for _, l := range strings.Split(want, "\n") {
		if !strings.Contains("\n"+got, "\n"+l+"\n") {
			b.WriteString("- " + l + "\n")
		}
	}
	return b.String()
}

// Whatever is taken out of or changed in the files shows in the model: that is what the check of written files lives on.
func TestLiftedChanges(t *testing.T) {
	meant := readFiles(t, lifted()).App
	for _, c := range []struct{ file, old, new, want string }{
		{"web/configmap.yaml", "  LOG_LEVEL: debug\n", "", "workloads.web.env.LOG_LEVEL"},
		{"web/configmap.yaml", "LOG_LEVEL: debug", "LOG_LEVEL: info", "workloads.web.env.LOG_LEVEL.value"},
		{"web/kustomization.yaml", "- service.yaml\n", "", "workloads.web.ports.8080/tcp.protocol"},
		{"web/service.yaml", "    appProtocol: http\n", "", "workloads.web.ports.8080/tcp.protocol"},
		{"web/deployment.yaml", "      terminationGracePeriodSeconds: 45\n", "", "workloads.web.stop.grace"},
		{"web/deployment.yaml", "  replicas: 2\n", "", "workloads.web.scale.replicas"},
		{"web/deployment.yaml", "        command: [/usr/bin/tini, -g, --]\n        args:", "        command:", "workloads.web.stop.scope"},
		{"web/deployment.yaml", "$HOME", "$(PORT)", "workloads.web.command.argv"},
		{"web/deployment.yaml", "          periodSeconds: 20\n", "", "workloads.web.probes.readiness.interval"},
		{"web/deployment.yaml", "            cpu: 250m\n", "", "workloads.web.resources.cpu.request"},
		{"web/deployment.yaml", "          medium: Memory\n", "          medium: \"\"\n", ""},
		{"web/deployment.yaml", "        seccompProfile:\n          type: RuntimeDefault\n", "", "workloads.web.security.seccomp"},
		{"web/deployment.yaml", "runAsUser: 0\n          runAsNonRoot: false", "runAsUser: 990", "workloads.web.before.1.privileged"},
		{"db/statefulset.yaml", "storage: \"1073741824\"", "storage: 1Ki", "volumes.data.size"},
		{"nightly/cronjob.yaml", "  concurrencyPolicy: Forbid\n", "", "workloads.nightly.schedule.overlap"},
		{"nightly/cronjob.yaml", "      backoffLimit: 0\n", "", "workloads.nightly.restart.attempts"},
		{"nightly/cronjob.yaml", "startingDeadlineSeconds: 86400", "startingDeadlineSeconds: 60", "workloads.nightly.schedule.catchUp"},
		{"nightly/cronjob.yaml", "suspend: false", "suspend: true", "workloads.nightly.autostart"},
	} {
		files := lifted()
		name := "kubernetes/base/" + c.file
		if !strings.Contains(files[name], c.old) {
			t.Fatalf("%s has no %q", name, c.old)
		}
		files[name] = strings.Replace(files[name], c.old, c.new, 1)
		got := ""
		for _, d := range deploy.Diff(meant, readFiles(t, files).App) {
			if got == "" || string(d.At()) == c.want {
				got = string(d.At())
			}
		}
		if got != c.want {
			t.Errorf("%s: %q → %q: differs at %q, want %q", c.file, c.old, c.new, got, c.want)
		}
	}
}

// A variable that was deleted by hand is reported where the variables stand.
func TestPlaces(t *testing.T) {
	res := readFiles(t, lifted())
	files := lifted()
	// where returns the line of the last occurrence of a text, which is the program's own container, not a step before it
	where := func(file, text string) string {
		i := strings.LastIndex(files["kubernetes/base/web/"+file], text)
		if i < 0 {
			t.Fatalf("%s has no %q", file, text)
		}
		return fmt.Sprintf("kubernetes/base/web/%s:%d", file, 1+strings.Count(files["kubernetes/base/web/"+file][:i], "\n"))
	}
	want := map[deploy.Path]string{
		"workloads.web":                  where("deployment.yaml", "- name: web\n"),
		"workloads.web.env":              where("configmap.yaml", "data:"),
		"workloads.web.ports":            where("deployment.yaml", "ports:"),
		"workloads.web.mounts":           where("deployment.yaml", "volumeMounts:"),
		"workloads.web.before":           where("deployment.yaml", "initContainers:"),
		"workloads.web.probes.readiness": where("deployment.yaml", "readinessProbe:"),
	}
	for _, p := range res.Doc.Places {
		if w, ok := want[p.Path]; ok && p.At.String() != w {
			t.Errorf("%s stands at %s, want %s", p.Path, p.At, w)
		}
		delete(want, p.Path)
	}
	for p := range want {
		t.Errorf("%s has no place", p)
	}
}
