package language

import (
	"fmt"
	"strings"
	"testing"
)

const shop = `
-- storefront/package.json --
{"name": "@bookshop/storefront", "main": "server.js", "scripts": {"start": "node server.js", "jobs": "node jobs/run.js"}}
-- storefront/server.js --
-- storefront/jobs/run.js --
-- storefront/bin/www --
-- admin/package.json --
{"name": "admin", "main": "server.js", "scripts": {"start": "node server.js"}}
-- admin/server.js --
-- built/package.json --
{"name": "built", "scripts": {"start": "node dist/main.js", "build": "tsc"}}
-- built/src/main.ts --
-- catalogue/pyproject.toml --
[project]
name = "bookshop-catalogue"
dependencies = ["flask", "gunicorn"]
[project.scripts]
reindex = "shop.cli:main"
-- catalogue/app.py --
app = Flask(__name__)
-- catalogue/shop/__init__.py --
-- catalogue/shop/wsgi.py --
-- catalogue/shop/tasks/celery.py --
-- worker/pyproject.toml --
[project]
name = "bookshop-worker"
-- worker/worker.py --
if __name__ == "__main__": pass
-- orders/go.mod --
module example.com/bookshop/orders
-- orders/cmd/orders/main.go --
package main
-- orders/cmd/nightly/main.go --
package main
-- gateway/go.mod --
module example.com/bookshop/gateway
-- gateway/main.go --
package main
-- README.md --
`

func TestMatch(t *testing.T) {
	fsys, paths := tr(shop)
	programs, findings := Find(fsys, paths)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, tt := range []struct {
		name    string
		command string // unit dir exec args…
		pairs   string
		want    string // the best: name, script, root or binary; "tie", "none"
	}{
		{"node in its directory", "storefront /opt/bookshop/storefront /usr/bin/node server.js", "", "storefront server.js /opt/bookshop/storefront"},
		{"node with flags", "web /srv/admin /usr/bin/node --max-old-space-size=200 -r dotenv/config server.js --port 3", "", "admin server.js /srv/admin"},
		{"node, absolute script", "web - /usr/bin/node /srv/x/storefront/jobs/run.js", "", "storefront jobs/run.js /srv/x/storefront"},
		{"node, name without its extension", "web /srv/admin /usr/bin/node server", "", "admin server.js /srv/admin"},
		{"node, the directory itself", "web /srv/admin /usr/bin/node .", "", "admin server.js /srv/admin"},
		{"an executable script", "www - /srv/storefront/bin/www", "", "storefront bin/www /srv/storefront"},
		{"a script that the build makes", "api /srv/api /usr/bin/node dist/main.js", "", "built dist/main.js /srv/api"},
		{"the same script in two programs", "web /srv/web /usr/bin/node server.js", "", "tie"},
		{"the unit decides", "admin /srv/web /usr/bin/node server.js", "", "admin server.js /srv/web"},
		{"npm start", "x /srv/admin /usr/bin/npm start", "", "admin server.js /srv/admin"},
		{"npm run by prefix", "x - /usr/bin/npm --prefix /srv/storefront run jobs", "", "storefront jobs/run.js /srv/storefront"},
		{"pnpm by filter", "x /srv /usr/bin/pnpm --filter @bookshop/storefront start", "", "storefront server.js "},
		{"env and nice before it", "x /srv/worker /usr/bin/env A=b nice -n 5 python3 -u worker.py", "", "bookshop-worker worker.py /srv/worker"},
		{"a shell before it", "x - /bin/sh -c cd§/srv/worker§&&§exec§python3§worker.py", "", "bookshop-worker worker.py /srv/worker"},
		{"a pipeline is not looked into", "x /srv/worker /bin/sh -c python3§worker.py|tee§log", "", "none"},
		{"gunicorn", "catalogue /opt/catalogue /opt/catalogue/venv/bin/gunicorn -w 4 -b 127.0.0.1:8000 shop.wsgi:app", "", "bookshop-catalogue shop/wsgi.py /opt/catalogue"},
		{"gunicorn without a working directory", "x - /opt/c/venv/bin/gunicorn shop.wsgi", "", "bookshop-catalogue shop/wsgi.py /opt/c"},
		{"gunicorn, chdir, by python -m", "x / /usr/bin/python3 -m gunicorn --reload --chdir /opt/c shop.wsgi", "", "bookshop-catalogue shop/wsgi.py /opt/c"},
		{"celery", "x /opt/c /opt/c/.venv/bin/celery -A shop.tasks worker -c 2", "", "bookshop-catalogue shop/tasks/celery.py /opt/c"},
		{"python flags", "x /srv/worker /usr/bin/python3.11 -X dev -Wd -uB worker.py", "", "bookshop-worker worker.py /srv/worker"},
		{"python of another language's script", "x /srv/admin /usr/bin/python3 server.js", "", "none"},
		{"a command that the package installs", "x /opt/c /opt/c/venv/bin/reindex --all", "", "bookshop-catalogue  /opt/c"},
		{"go by its name", "orders /opt/bookshop /opt/bookshop/bin/orders --listen 127.0.0.1:8002", "", "orders  /opt/bookshop/bin/orders"},
		{"go, nearly its name", "x /opt /opt/bin/bookshop-nightly", "", "nightly  /opt/bin/bookshop-nightly"},
		{"go, by the unit only", "gateway /opt /opt/bin/server", "", "gateway  /opt/bin/server"},
		{"go, with a platform", "x /opt /opt/bin/gateway-linux-amd64", "", "gateway  /opt/bin/gateway-linux-amd64"},
		{"a program of the system", "gateway / /usr/sbin/nginx -g x", "", "none"},
		{"a stranger", "postgres / /usr/lib/postgresql/15/bin/postgres", "", "none"},
		{"a stranger's script of a like name", "x / /usr/bin/python3 /usr/share/foo/app.py", "", "none"},
		{"a pair outranks names", "admin /srv/web /usr/bin/node server.js", "/srv/web=storefront", "storefront server.js /srv/web"},
		{"the longest pair", "x /srv/a/b /usr/bin/node server.js", "/srv/a=storefront /srv/a/b=admin", "admin server.js /srv/a/b"},
		{"a pair of the root", "x /srv/a/admin /usr/bin/node server.js", "/srv/a=.", "admin server.js /srv/a/admin"},
		{"a pair deep inside", "x - /usr/bin/node /srv/j/run.js", "/srv/j=storefront/jobs", "storefront jobs/run.js "},
		{"a pair of a binary and a package", "orders /opt /opt/bin/orders", "/opt/bin/orders=orders/cmd/nightly", "nightly  /opt/bin/orders"},
		{"a pair of a binary and a module with one program", "orders /opt /opt/bin/x", "/opt/bin/x=gateway", "gateway  /opt/bin/x"},
		{"a pair for the working directory of a binary", "nightly /opt/o /usr/local/bin/run", "/opt/o=orders", "nightly  /usr/local/bin/run"},
		{"nothing", "- - -", "", "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := strings.Fields(tt.command)
			for i := range w {
				w[i] = strings.ReplaceAll(strings.TrimPrefix(w[i], "-§"), "§", " ")
				if w[i] == "-" {
					w[i] = ""
				}
			}
			c := Command{Unit: w[0], Dir: w[1], Exec: w[2], Args: w[3:], Paths: paths}
			for p := range strings.FieldsSeq(tt.pairs) {
				m, r, _ := strings.Cut(p, "=")
				c.Pairs = append(c.Pairs, Pair{m, r})
			}
			got := "none"
			cands := Match(c, programs)
			switch {
			case len(cands) > 1 && cands[0].Score == cands[1].Score:
				got = "tie"
			case len(cands) > 0:
				b := cands[0]
				got = fmt.Sprintf("%s %s %s", programs[b.Program].Name, b.Script, b.Root+b.Binary)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
				for _, c := range cands {
					t.Logf("%s %+v", programs[c.Program].Name, c)
				}
			}
		})
	}
}

func TestUnwrap(t *testing.T) {
	for in, want := range map[string]string{
		"node server.js":                                   "node script=server.js",
		"node --require x --inspect server.js a":           "node script=server.js",
		"node -e code":                                     "node",
		"NODE_ENV=x node a.js":                             "node script=a.js",
		"cross-env A=b nodemon --watch src src/app.ts":     "node script=src/app.ts",
		"npx -y tsx watch a.ts":                            "node script=a.ts",
		"bun run a.ts":                                     "node script=a.ts",
		"bun run dev":                                      "node task=dev",
		"yarn --cwd x serve":                               "node task=serve cd=x",
		"yarn workspace @a/b start":                        "node task=start pkg=b",
		"npm run-script x -- --y":                          "node task=x",
		"next start -p 3":                                  "node",
		"python -m http.server":                            "python module=http.server",
		"python -um uvicorn --host ::1 a.b:app":            "python module=a.b",
		"python -c x":                                      "python",
		"uvicorn --app-dir src main:app --workers 2":       "python module=main cd=src",
		"gunicorn --workers=3 -D a:create()":               "python module=a",
		"flask --app shop/app.py run":                      "python script=shop/app.py",
		"fastapi run --port 80 app/main.py":                "python script=app/main.py",
		"uwsgi --ini x --module a.b:app":                   "python module=a.b",
		"poetry -C sub run python x.py":                    "python script=x.py cd=sub",
		"uv run --frozen a.py":                             "python script=a.py",
		"manage.py runserver":                              "python script=manage.py",
		"timeout -k 5 10 sudo -u www env -u A B=c ./srv x": "./srv",
		"tini -g -- bash -x run.sh":                        "shell script=run.sh",
		"sh -c 'exec \"node\" a.js'":                       "node script=a.js",
		"env -S 'node a.js'":                               "node script=a.js",
		"env":                                              "env",
		"":                                                 "",
	} {
		w := words(in)
		if len(w) == 0 {
			w = []string{""}
		}
		inv := unwrap(w[0], w[1:])
		var got []string
		if inv.runtime != "" {
			got = append(got, inv.runtime)
		} else {
			got = append(got, inv.exec)
		}
		for _, kv := range [][2]string{{"script", inv.script}, {"module", inv.module}, {"task", inv.task}, {"pkg", inv.pkg}, {"cd", inv.chdir}} {
			if kv[1] != "" {
				got = append(got, kv[0]+"="+kv[1])
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %q, want %q", in, g, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/usr/bin/node", "server.js --port 3", "/opt/storefront", "/opt=.")
	f.Add("env", "-S 'sh -c \"cd x && python -m gunicorn --chdir y a.b\"'", "", "/=")
	f.Add("npm", "--prefix start -C", "a/../..", "x=y")
	fsys, paths := tr(shop)
	programs, _ := Find(fsys, paths)
	f.Fuzz(func(t *testing.T, exec, args, dir, pairs string) {
		c := Command{Exec: exec, Args: words(args), Dir: dir, Unit: exec, Paths: paths}
		for p := range strings.FieldsSeq(pairs) {
			m, r, _ := strings.Cut(p, "=")
			c.Pairs = append(c.Pairs, Pair{m, r})
		}
		for _, cand := range Match(c, programs) {
			if len(cand.Why) == 0 {
				t.Fatal("a candidate without evidence")
			}
		}
	})
}
