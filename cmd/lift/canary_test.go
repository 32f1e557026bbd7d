package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// canary is what stands for a secret in the systems below: NN tells where it stood.
var canary = regexp.MustCompile(`canary[0-9]{2}x[a-z0-9]*`)

// Systems with a secret in each place where one can stand. What is written after the slash is the file.
var canaries = map[string]map[string]string{
	"systemd": {
		"etc/systemd/system/web.service": `[Unit]
Description=Shop
[Service]
User=990
WorkingDirectory=/opt/shop
Environment=PORT=3000 "DB_PASSWORD=canary01xa" API_TOKEN=canary02xb
Environment='SESSION=sid; password=canary03xc'
Environment=GREETING=sk_live_canary04x7f3b9d2e5a1c
EnvironmentFile=/etc/shop/shop.env
ExecStartPre=/usr/bin/curl -fsS -u deploy:canary05xd http://127.0.0.1:9000/announce
ExecStart=/usr/bin/node server.js --api-key canary06xe --db postgres://shop:canary07xf@db.internal/shop --header "Authorization: Bearer canary08xg"
ExecStop=/bin/sh -c 'DB_PASSWORD=canary09xh exec /usr/bin/node drain.js --token="canary10xi"'
[Install]
WantedBy=multi-user.target
`,
		"etc/systemd/system/web.service.d/20-more.conf": "[Service]\nEnvironment=MQ_URL=amqps://shop:canary11xj@mq.internal/ SMTP_PASS=canary12xk\n",
		"etc/systemd/system/go.service":                 "[Service]\nUser=991\nExecStart=/opt/shop/bin/tool --password canary13xl\n[Install]\nWantedBy=multi-user.target\n",
		"etc/shop/shop.env": `; secrets
JDBC=jdbc:postgresql://db:5432/shop?user=shop&password=canary14xm
MYSQL="shop:canary15xn@tcp(db.internal:3306)/shop"
LIBPQ='host=db user=shop password=canary16xo'
SEED=canary17xQ9z7Lm2Xv8Bn4Ks6
PEM="-----BEGIN RSA PRIVATE KEY-----\
canary18xp\
-----END RSA PRIVATE KEY-----"
AZURE=AccountName=shop;AccountKey=canary19xq;EndpointSuffix=example
`,
		"etc/systemd/system/unknown.service": "[Service]\nUser=1\nFrobnicate=canary20xr\nExecStart=/opt/shop/server --x\nX-Secret=canary21xs\n[X-Vault]\nToken=canary22xt\n",
		"go.mod":                             "module example.com/shop\n\ngo 1.26\n",
		"cmd/tool/main.go":                   "package main\n\nfunc main() {}\n",
		"package.json":                       `{"name": "web", "main": "server.js", "engines": {"node": "22"}}`,
		"server.js":                          "require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)\n",
		"drain.js":                           "",
	},
	"procfile": {
		"Procfile":     "web: DB_PASSWORD=canary30xa node server.js --token canary31xb\nworker: node worker.js \"postgres://shop:canary32xc@db/shop\"\nrelease: curl -u a:canary33xd https://shop.example/\n",
		".env":         "SECRET_KEY=canary34xe\nDATABASE_URL=postgres://shop:canary35xf@db.internal/shop\nexport OTHER_TOKEN='canary36xg'\nbroken line canary37xh\n",
		"app.json":     `{"name": "shop", "env": {"API_KEY": {"value": "canary38xi"}, "URL": "https://u:canary39xj@shop.example/"}, "scripts": {"postdeploy": "node x.js --password=canary40xk"}}`,
		"package.json": `{"name": "web", "main": "server.js", "engines": {"node": "22"}, "scripts": {"start": "node server.js --token canary41xl"}}`,
		"server.js":    "require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)\n",
		"worker.js":    "",
	},
	"compose": {
		"compose.yaml": `name: shop
services:
  web:
    image: registry.example/shop/web:1.0.0
    command: ["node", "server.js", "--password", "canary50xa", "--db=postgres://shop:canary51xb@db/shop"]
    environment:
      DB_PASSWORD: canary52xc
      URL: https://u:canary53xd@shop.example/
      FALLBACK_TOKEN: ${FALLBACK_TOKEN:-canary54xe}
    env_file: [web.env]
    labels:
      token: canary55xf
    healthcheck:
      test: ["CMD", "curl", "-f", "-u", "monitor:canary56xg", "http://127.0.0.1:3000/healthz"]
    logging:
      driver: syslog
      options: {syslog-token: canary57xh}
    ports: ["3000:3000"]
  worker:
    image: registry.example/shop/worker:1.0.0
    entrypoint: sh -c "API_TOKEN=canary58xi exec node worker.js"
    environment: ["SMTP_PASSWORD=canary59xj"]
    healthcheck:
      test: curl -f http://127.0.0.1:3000/healthz?token=canary60xk
  probe:
    image: registry.example/shop/probe:1.0.0
    environment: {PROXY: "http://corp:canary61xl@proxy.example:3128"}
    build:
      context: .
      args: {NPM_TOKEN: canary62xm}
    healthcheck:
      test: ["CMD-SHELL", "redis-cli -a canary63xn ping"]
x-vault: {token: canary64xo}
`,
		"web.env": "STRIPE=rk_live_canary65x7f3b9d2e5a1c\nSESSION_SECRET=\"canary66xp\"\n",
	},
	"dockerfile": {
		"Dockerfile": `FROM node:22-bookworm-slim
ENV DB_PASSWORD=canary70xa
ENV URL=postgres://shop:canary71xb@db/shop
WORKDIR /srv
EXPOSE 3000
HEALTHCHECK CMD curl -f -u m:canary72xc http://127.0.0.1:3000/
CMD ["node", "server.js", "--token=canary73xd"]
`,
	},
	"kubernetes": {
		"manifests/web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {token: canary80xa}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/shop/web:1.0.0
          args: ["--password", "canary81xb", "--db=postgres://shop:canary82xc@db/shop"]
          ports: [{containerPort: 3000}]
          env:
            - {name: DB_PASSWORD, value: canary83xd}
            - {name: URL, value: "https://u:canary84xe@shop.example/"}
          envFrom: [{secretRef: {name: shop}}, {configMapRef: {name: shop}}]
          readinessProbe:
            httpGet: {path: "/healthz?token=canary85xf", port: 3000, httpHeaders: [{name: Authorization, value: Bearer canary86xg}]}
          livenessProbe:
            exec: {command: ["curl", "-u", "m:canary87xh", "http://127.0.0.1:3000/"]}
          lifecycle: {preStop: {exec: {command: ["sh", "-c", "drain --token canary88xi"]}}}
---
apiVersion: v1
kind: Secret
metadata: {name: shop}
stringData: {API_TOKEN: canary89xj}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {SMTP_PASSWORD: canary90xk, PROXY: "http://corp:canary91xl@proxy.example:3128"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 3000}]}
`,
	},
}

// A secret that stands anywhere in a source stands nowhere in what lift writes and prints: no file, no report, no message, whatever the target, the verb and the format. Then each line
// with a secret is broken in several ways, and no complaint quotes it.
func TestCanaries(t *testing.T) {
	for name, files := range canaries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := t.TempDir()
			tree := filepath.Join(base, "shop")
			for p, text := range files {
				writeFile(t, filepath.Join(tree, p), []byte(text))
			}
			seen := map[string]bool{}
			see := func(what, text string) {
				if found := canary.FindAllString(text, -1); len(found) > 0 {
					slices.Sort(found)
					if list := strings.Join(slices.Compact(found), " "); !seen[list] {
						seen[list] = true
						i := strings.Index(text, found[0])
						t.Errorf("%s: %s: …%s", what, list, text[max(0, i-200):min(i+80, len(text))])
					}
				}
			}
			formats := []string{"text", "markdown", "json"}
			migrated := 0
			for _, target := range targetNames() {
				out := filepath.Join(base, "out-"+target)
				for _, format := range formats {
					for _, args := range [][]string{
						{"detect", tree}, {"diff", tree, "--to", target, "--out", out}, {"migrate", tree, "--to", target, "--out", out}, {"diff", tree, "--to", target, "--out", out}, {"verify", tree, "--out", out},
					} {
						r := command(append(args, "--format", format)...)
						see(strings.Join(append(args[:1:1], target, format), " "), r.out+r.err)
						if args[0] == "migrate" && r.code == exitClean {
							migrated++
						}
						if r.code == exitInternal && !seen[r.err] {
							seen[r.err] = true
							t.Errorf("%v: %s", args, r.err)
						}
					}
				}
				if _, err := os.Stat(out); err != nil {
					continue
				}
				err := fs.WalkDir(os.DirFS(out), ".", func(p string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					see(target+": "+p, slurp(t, filepath.Join(out, p)))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
			if migrated == 0 {
				t.Error("nothing was written", command("migrate", tree, "--to", "knative", "--out", filepath.Join(base, "x")))
			}
			broken(t, tree, files, see)
		})
	}
}

// broken runs lift on the tree with each line that has a secret damaged.
func broken(t *testing.T, tree string, files map[string]string, see func(what, text string)) {
	t.Helper()
	for p, text := range files {
		lines := strings.SplitAfter(text, "\n")
		for i, line := range lines {
			if !canary.MatchString(line) || testing.Short() {
				continue
			}
			for k, with := range []string{`"` + line, strings.Replace(line, "=", "\x00", 1), strings.TrimSuffix(line, "\n") + "'\n", "  " + line, "\t" + line, "{[" + line} {
				damaged := slices.Clone(lines)
				damaged[i] = with
				writeFile(t, filepath.Join(tree, p), []byte(strings.Join(damaged, "")))
				r := command("diff", tree, "--to", "knative", "--out", tree+"-none")
				see(fmt.Sprintf("%s:%d damaged in way %d", p, i+1, k), r.out+r.err)
			}
		}
		writeFile(t, filepath.Join(tree, p), []byte(text))
	}
}
