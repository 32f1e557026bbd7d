package kubernetes

import (
	"strings"
	"testing"
)

// stranger is a system as somebody else writes it: one file, flow style, anchors, defaults left out, names that differ.
const stranger = `# everything in one file, by hand
---
{apiVersion: v1, kind: Namespace, metadata: {name: blog}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: blog-config, namespace: blog}
data:
  BLOG_TITLE: "My blog"
  BLOG_URL: |-
    https://blog.example.org
  LOG_LEVEL: warn
  nginx.conf: |
    server { listen 80; }
---
apiVersion: v1
kind: Secret
metadata: {name: blog-secret, namespace: blog}
type: Opaque
stringData: {DB_PASSWORD: hunter2-canary}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  namespace: blog
  name: blog
  labels: &labels
    app: blog
    app.kubernetes.io/part-of: journal
  annotations: {reloader.stakater.com/auto: "true"}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
  revisionHistoryLimit: 3
  template:
    metadata: {labels: *labels}
    spec:
      serviceAccountName: blog
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: blog-data}}
        - name: scratch
          emptyDir: {}
        - name: conf
          configMap: {name: blog-config, items: [{key: nginx.conf, path: nginx.conf}]}
        - {name: socket, hostPath: {path: /var/run/x.sock, type: Socket}}
      securityContext: {runAsUser: 1000, fsGroup: 2000}
      containers:
      - name: logger
        image: fluent/fluent-bit:3
        env: [{name: SIDE_TOKEN, value: hunter2-canary}]
      - name: blog
        image: ghcr.io/example/blog@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        imagePullPolicy: Always
        args: ["--title", "$(BLOG_TITLE)", "--cost=$$5", "$(NOPE)"]
        envFrom: [{configMapRef: {name: blog-config}}, {prefix: SEC_, secretRef: {name: blog-secret}}]
        env:
        - {name: LOG_LEVEL, value: debug}
        - {name: BIND, value: "0.0.0.0:$(PORT)"}
        - {name: PORT, value: "2368"}
        - {name: SELF, value: "http://localhost:$(PORT)/"}
        - name: DB_PASSWORD
          valueFrom: {secretKeyRef: {name: blog-secret, key: DB_PASSWORD}}
        - name: TITLE
          valueFrom: {configMapKeyRef: {name: blog-config, key: BLOG_TITLE}}
        - name: POD
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: ADMIN_PASSWORD
          value: hunter2-canary
        ports:
        - containerPort: 2368
          name: http
        - {containerPort: 9100, protocol: TCP}
        livenessProbe: &alive
          httpGet: {port: http, path: /ping, httpHeaders: [{name: Authorization, value: hunter2-canary}]}
        readinessProbe:
          <<: *alive
          periodSeconds: 5
        startupProbe: {tcpSocket: {port: 2368}, failureThreshold: 30}
        resources: {limits: {cpu: "1.5", memory: 0.5Gi}, requests: {memory: 200M}}
        securityContext: {runAsUser: 1001, capabilities: {drop: [NET_RAW]}}
        volumeMounts:
        - {name: data, mountPath: /var/lib/blog, subPath: content}
        - {name: scratch, mountPath: /tmp}
        - {name: conf, mountPath: /etc/nginx}
        - {name: socket, mountPath: /var/run/x.sock, readOnly: true}
        lifecycle: {preStop: {exec: {command: ["sh", "-c", "sleep 5"]}}}
      restartPolicy: Always
  selector: {matchLabels: {app: blog}}
---
apiVersion: v1
kind: Service
metadata: {name: blog-svc, namespace: blog}
spec:
  type: LoadBalancer
  selector: {app: blog}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: blog-data, namespace: blog}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 10Gi}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup, namespace: blog}
spec:
  schedule: "@daily"
  concurrencyPolicy: Replace
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{name: main, image: "example/backup:2", command: [backup], args: [--all]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: blog, annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 8m}}
spec:
  ingressClassName: nginx
  tls: [{hosts: [blog.example.org], secretName: blog-tls}]
  rules:
    - host: blog.example.org
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: blog-svc, port: {number: 80}}}}
          - {path: /feed, backend: {service: {name: blog-svc, port: {name: web}}}, pathType: ImplementationSpecific}
    - host: nobody.example.org
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: blog}
spec:
  parentRefs: [{name: public, namespace: infra, sectionName: http}]
  hostnames: [www.blog.example.org, blog.example.org]
  rules:
    - matches: [{path: {value: /api}}, {path: {type: Exact, value: /}}, {path: {type: RegularExpression, value: '/a.*'}}]
      filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
      backendRefs: [{name: blog-svc, port: 80}]
      timeouts: {request: 10s}
    - matches: [{method: POST}]
      backendRefs: [{name: blog-svc, port: 80}]
    - backendRefs: [{name: blog-svc, port: 80, weight: 1}, {name: blog-svc, port: 80, weight: 3}]
    - filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: blog}
spec:
  parentRefs: [{name: public, namespace: infra}]
  hostnames: [blog.example.org]
  rules: [{backendRefs: [{name: blog-svc, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: HTTPRoute
metadata: {name: old}
...
`

func TestStranger(t *testing.T) {
	res := readFiles(t, map[string]string{"deploy/all.yml": stranger, "deploy/values.yaml": "replicas: 2\n", "README.md": "x"})
	const want = `name = journal
gateway = infra/public
ingress = nginx
routes.http://blog\.example\.org.workload = workloads.blog
routes.http://blog\.example\.org.port = 2368
routes.http://blog\.example\.org/api.workload = workloads.blog
routes.http://blog\.example\.org/api.port = 2368
routes.http://blog\.example\.org/api.prefix = /
routes.http://blog\.example\.org=/.workload = workloads.blog
routes.http://blog\.example\.org=/.port = 2368
routes.http://blog\.example\.org=/.prefix = /
routes.http://blog\.example\.org~/a\.*.workload = workloads.blog
routes.http://blog\.example\.org~/a\.*.port = 2368
routes.http://blog\.example\.org~/a\.*.prefix = /
routes.http://www\.blog\.example\.org/api.workload = workloads.blog
routes.http://www\.blog\.example\.org/api.port = 2368
routes.http://www\.blog\.example\.org/api.prefix = /
routes.http://www\.blog\.example\.org=/.workload = workloads.blog
routes.http://www\.blog\.example\.org=/.port = 2368
routes.http://www\.blog\.example\.org=/.prefix = /
routes.http://www\.blog\.example\.org~/a\.*.workload = workloads.blog
routes.http://www\.blog\.example\.org~/a\.*.port = 2368
routes.http://www\.blog\.example\.org~/a\.*.prefix = /
routes.https://blog\.example\.org.workload = workloads.blog
routes.https://blog\.example\.org.port = 2368
workloads.backup.kind = cron
workloads.backup.autostart = true
workloads.backup.image = example/backup:2
workloads.backup.command.entrypoint = backup
workloads.backup.command.argv = --all
workloads.backup.restart.policy = on-failure
workloads.backup.restart.attempts = 6
workloads.backup.stop.grace = 30s
workloads.backup.stop.scope = mixed
workloads.backup.schedule.cron = 0 0 * * *
workloads.backup.schedule.overlap = false
workloads.backup.schedule.catchUp = true
workloads.backup.security.noNewPrivileges = false
workloads.backup.security.readOnlyRoot = false
workloads.backup.security.privileged = false
workloads.backup.security.capabilities = default
workloads.backup.security.seccomp = Unconfined
workloads.blog.kind = service
workloads.blog.autostart = true
workloads.blog.image = ghcr.io/example/blog@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
workloads.blog.command.argv = --title ${BLOG_TITLE} --cost=$$5 $$(NOPE)
workloads.blog.env.ADMIN_PASSWORD.value = (secret)
workloads.blog.env.BIND.value = 0.0.0.0:$(PORT)
workloads.blog.env.BLOG_TITLE.value = My blog
workloads.blog.env.BLOG_URL.value = https://blog.example.org
workloads.blog.env.DB_PASSWORD.value = ${blog-secret/DB_PASSWORD}
workloads.blog.env.LOG_LEVEL.value = debug
workloads.blog.env.PORT.value = 2368
workloads.blog.env.SEC_DB_PASSWORD.value = ${blog-secret/DB_PASSWORD}
workloads.blog.env.SELF.value = http://localhost:2368/
workloads.blog.env.TITLE.value = My blog
workloads.blog.env.nginx\.conf.value = server { listen 80; }

workloads.blog.user.id = 1001
workloads.blog.user.volumes = 2000
workloads.blog.stopping.0.command.argv = "sleep 5"
workloads.blog.stopping.0.command.shell = sh
workloads.blog.ports.2368/tcp.name = http
workloads.blog.ports.2368/tcp.address = 0.0.0.0
workloads.blog.ports.2368/tcp.reachable = true
workloads.blog.ports.2368/tcp.published = 80
workloads.blog.ports.9100/tcp.address = 0.0.0.0
workloads.blog.ports.9100/tcp.reachable = false
workloads.blog.probes.startup.port = 2368
workloads.blog.probes.startup.interval = 10s
workloads.blog.probes.startup.timeout = 1s
workloads.blog.probes.startup.delay = 0s
workloads.blog.probes.startup.failures = 30
workloads.blog.probes.readiness.path = /ping
workloads.blog.probes.readiness.port = 2368
workloads.blog.probes.readiness.interval = 5s
workloads.blog.probes.readiness.timeout = 1s
workloads.blog.probes.readiness.delay = 0s
workloads.blog.probes.readiness.failures = 3
workloads.blog.probes.liveness.path = /ping
workloads.blog.probes.liveness.port = 2368
workloads.blog.probes.liveness.interval = 10s
workloads.blog.probes.liveness.timeout = 1s
workloads.blog.probes.liveness.delay = 0s
workloads.blog.probes.liveness.failures = 3
workloads.blog.mounts./tmp.kind = tmpfs
workloads.blog.mounts./tmp.readOnly = false
workloads.blog.mounts./var/lib/blog.kind = volume
workloads.blog.mounts./var/lib/blog.volume = volumes.blog-data
workloads.blog.mounts./var/lib/blog.readOnly = false
workloads.blog.mounts./var/run/x\.sock.kind = host
workloads.blog.mounts./var/run/x\.sock.host = /var/run/x.sock
workloads.blog.mounts./var/run/x\.sock.readOnly = true
workloads.blog.files./etc/nginx/nginx\.conf.content = server { listen 80; }

workloads.blog.restart.policy = always
workloads.blog.stop.grace = 30s
workloads.blog.stop.scope = mixed
workloads.blog.resources.cpu.request = 1500000000
workloads.blog.resources.cpu.limit = 1500000000
workloads.blog.resources.memory.request = 200000000
workloads.blog.resources.memory.limit = 536870912
workloads.blog.scale.replicas = 1
workloads.blog.security.noNewPrivileges = false
workloads.blog.security.readOnlyRoot = false
workloads.blog.security.privileged = false
workloads.blog.security.capabilities = AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT
workloads.blog.security.seccomp = Unconfined
volumes.blog-data.size = 10737418240
volumes.blog-data.access = one
`
	if got := leaves(res.App); got != want {
		t.Errorf("got\n%s", diffLines(got, want))
	}
	const wantFindings = `warning deploy/all.yml:154: HTTPRoute old dropped: gateway.networking.k8s.io/v1beta1 of it is not read; write apiVersion: gateway.networking.k8s.io/v1
warning deploy/all.yml:47: spec.template.spec.containers[0]: a second container in the pod of blog dropped: sidecars are read by a later version; give it a workload of its own
warning deploy/all.yml:57: spec.template.spec.containers[1].env[1].value: $(PORT) refers to no variable before this one and stays as it is; write $$( if that is meant, or move the variable up
warning deploy/all.yml:64: spec.template.spec.containers[1].env[6]: POD dropped: only Kubernetes knows its value; give it a value that holds elsewhere
warning deploy/all.yml:66: spec.template.spec.containers[1].env[7]: ADMIN_PASSWORD holds what looks like a secret: everybody who may read the manifests can read it; move it to a Secret and refer to it with secretKeyRef
warning deploy/all.yml:53: spec.template.spec.containers[1].args[3]: $(NOPE) refers to no variable of the container and stays as it is; write $$( if that is meant, or add the variable to env
warning deploy/all.yml:53: spec.template.spec.containers[1].args: the image's own entrypoint stands before these arguments, and the manifest does not show it; write the whole command: command and args
warning deploy/all.yml:81: spec.template.spec.containers[1].volumeMounts[0].subPath dropped: the model mounts whole volumes; give the directory a volume of its own
warning deploy/all.yml:91: metadata.name dropped: peers reach blog as blog-svc; elsewhere they reach it under its own name; give Service and workload one name, in the addresses that peers use as well
warning deploy/all.yml:95: spec.ports[0].port dropped: peers reach port 80, which leads to 2368; elsewhere they reach the program's own port; let peers use port 2368, or let the program listen on 80
warning deploy/all.yml:140: spec.rules[1] dropped: the model's routes know hosts and paths alone; carry the rule over by hand
warning deploy/all.yml:142: spec.rules[2] dropped: the model's routes know hosts and paths alone; carry the rule over by hand
warning deploy/all.yml:143: spec.rules[3] dropped: it names no Service that answers; carry over by hand what it does
warning deploy/all.yml:126: spec.rules[0].http.paths[1] dropped: Service blog-svc carries no such port to its program; name one of its ports
warning deploy/all.yml:127: spec.rules[1].host dropped: no rule leads from it to a workload; add one, or remove the host
`
	if got := findings(res); got != wantFindings {
		t.Errorf("findings\n%s", diffLines(got, wantFindings))
	}
	for _, f := range res.Findings {
		if strings.Contains(f.String(), "canary") {
			t.Errorf("a finding tells a secret: %s", f)
		}
	}
	for _, s := range res.Doc.Settings {
		if strings.Contains(s.Value.String(), "canary") {
			t.Errorf("%s: %s shows a secret", s.At, s.Key)
		}
	}
}
