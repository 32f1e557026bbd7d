package language

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func scanAll(fsys fstest.MapFS, paths []string) []Program {
	slices.Sort(paths)
	programs, _ := Find(fsys, paths)
	for i := range programs {
		programs[i].Scan(fsys, paths)
	}
	return programs
}

// scanned returns what Scan adds to what Find knows, for each program.
func scanned(files string) string {
	fsys, paths := tr(files)
	var b strings.Builder
	for _, p := range scanAll(fsys, paths) {
		found := Program{Name: p.Name, Dir: p.Dir, Port: p.Port, Health: p.Health, Spawns: p.Spawns, Env: p.Env, Cgo: p.Cgo, Assets: p.Assets}
		b.WriteString(summary(found))
	}
	return b.String()
}

func TestScan(t *testing.T) {
	const pkg = "-- package.json --\n{\"name\": \"x\", \"main\": \"server.js\"}\n-- server.js --\n"
	const proj = "-- pyproject.toml --\n[project]\nname = \"x\"\n-- app.py --\n"
	for _, tt := range []struct{ name, files, want string }{
		{"a port in a comment or a string does not count", pkg + `
// app.listen(3000); process.env.OLD
const s = "listen(4000) process.env.OLD"; /* app.get('/health') */
app.listen(5000)
`, `
x in .
port "5000" server.js:4 (literal listen(5000))
`},
		{"ports by variables", pkg + `
const port = Number(process.env.PORT) || 3000;
const admin = { port: 9000 };
app.listen(port, '0.0.0.0');
other.listen(admin.port);
fastify.listen({ port: 7000, host: '::' });
db.connect(process.env.DB_PORT || 5432);
`, `
x in .
port "3000" server.js:2 (default of process.env.PORT)
port "9000" server.js:5 (port: 9000)
port "7000" server.js:6 (literal listen({port: 7000}))
env "DB_PORT" server.js:7 (process.env.DB_PORT)
env "PORT" server.js:2 (process.env.PORT)
`},
		{"forms of the environment", pkg + `
import { env } from 'node:process'
const { HOST, PORT = '8080', LOG: level = 'info' } = process.env
const need = (name) => { const v = env[name]; return v }
function must(key, d) {
  return process.env[key] ?? d
}
env.A; env['B']; process.env?.C; process.env["D-bad"]; need('E'); must("HTTP_PORT", 8081)
process.env.WRITTEN = 1
const n = process.env.G ? 1 : 2
`, `
x in .
port "8080" server.js:3 (default of process.env.PORT)
port "8081" server.js:8 (default of HTTP_PORT)
env "A" server.js:8 (process.env.A)
env "B" server.js:8 (process.env.B)
env "C" server.js:8 (process.env.C)
env "E" server.js:8 (need("E"))
env "G" server.js:10 (process.env.G)
env "HOST" server.js:3 (process.env.HOST)
env "HTTP_PORT" server.js:8 (must("HTTP_PORT"))
env "LOG" server.js:3 (process.env.LOG)
env "PORT" server.js:3 (process.env.PORT)
`},
		{"imports are followed, other files left out", pkg + `
const routes = require('./lib/routes')
import x from "./lib/ts.js"
-- lib/routes.js --
router.get('/ping', h); router.get("/health", h); axios.get('/healthz'); fetch("/readyz"); fetch(base + "/livez")
if (req.url === '/status') {}
const cp = require('node:child_process')
-- lib/ts.ts --
server.listen(6000)
-- worker.js --
listen(7777)
`, `
x in .
port "6000" lib/ts.ts:1 (literal listen(6000))
health "/health" lib/routes.js:1 (get("/health"))
health "/ping" lib/routes.js:1 (get("/ping"))
health "/status" lib/routes.js:2 (compared with "/status")
spawns "child_process" lib/routes.js:3 (import of node:child_process)
`},
		{"computed imports: all files, but no tests, no browser code, no nested programs", pkg + `
for (const f of files) require(path.join(dir, f))
-- routes/a.js --
const cluster = require('cluster'); app.listen(4001)
-- routes/a.test.js --
app.listen(4002)
-- public/app.js --
app.listen(4003)
-- other/package.json --
{"main": "o.js"}
-- other/o.js --
app.listen(4004)
-- node_modules/z/index.js --
app.listen(4005)
`, `
x in .
port "4001" routes/a.js:1 (literal listen(4001))
spawns "cluster" routes/a.js:1 (import of cluster)
other in other
port "4004" other/o.js:1 (literal listen(4004))
`},
		{"flags, nest, route objects", pkg + `
parseArgs({ options: { port: { type: 'string', default: '3001' }, every: { default: '5000' } } })
program.option('-l, --listen <addr>', 'where', '127.0.0.1:3002').option('--size <n>', 's', 3003)
@Controller('health') class H { @Get('ready') r() {} }
route({ method: 'GET', url: '/api/healthz' })
`, `
x in .
port "3001" server.js:2 (default of --port)
port "3002" server.js:3 (default of --listen)
health "/api/healthz" server.js:5 (url: "/api/healthz")
health "/health" server.js:4 (Controller("health"))
health "/ready" server.js:4 (Get("ready"))
`},
		{"a framework's port comes last", `
-- package.json --
{"name": "x", "scripts": {"start": "next start"}, "dependencies": {"next": "15"}}
-- app/page.tsx --
export default () => <a href="/status">it's {process.env.MOTTO}</a>
`, `
x in .
port "3000" package.json:1 (default of next)
health "/status" app/page.tsx:1 (literal "/status")
env "MOTTO" app/page.tsx:1 (process.env.MOTTO)
`},
		{"python: strings and comments do not count", proj + `
"""app.run(port=1111) os.environ["OLD"]"""
# app.run(port=2222)
'''
app.run(port=3333)
'''
app.run(host="0.0.0.0", port=4444)
`, `
x in .
port "4444" app.py:7 (literal run(port=4444))
`},
		{"python: ports", proj + `
PORT = int(os.environ.get("PORT", "8001"))
ADMIN = 8002
class Server(ThreadingHTTPServer): pass
Server(("0.0.0.0", PORT), Handler).serve_forever()
HTTPServer(("", ADMIN), H)
sock.bind(("", 8003))
parser.add_argument("--listen", default="127.0.0.1:8004")
parser.add_argument("--size", default=8005)
web.run_app(app, port=8006)
redis.Redis(port=6379)
uvicorn.run("x:app", host="0.0.0.0", port=int(os.getenv("HTTP_PORT") or 8007), workers=4)
db = os.environ.get("DB_PORT", 5432)
`, `
x in .
port "8001" app.py:2 (default of environment variable PORT)
port "8002" app.py:6 (ADMIN = 8002)
port "8003" app.py:7 (literal bind(8003))
port "8004" app.py:8 (default of --listen)
port "8006" app.py:10 (literal run_app(port=8006))
port "8007" app.py:12 (default of environment variable HTTP_PORT)
spawns "run workers" app.py:12 (workers=4)
env "DB_PORT" app.py:13 (os.environ DB_PORT)
env "HTTP_PORT" app.py:12 (os.environ HTTP_PORT)
env "PORT" app.py:2 (os.environ PORT)
`},
		{"python: environment, processes, routes", proj + `
from os import environ, getenv as ge
from . import local
from multiprocessing import Pool
import subprocess as sp, json
def need(name):
    return environ[name]
need("A"); environ["B"]; environ.get("C"); ge("D"); "E" in os.environ
os.environ["WRITTEN"] = "1"
print(f"{os.environ['F']}")
@app.get("/healthz")
def h(): requests.get("/health"); client.request("GET", "/ready")
urlpatterns = [path("status/", s), path("x", s)]
os.system("true")
-- local.py --
if self.path == "/ping": pass
`, `
x in .
health "/healthz" app.py:11 (@get("/healthz"))
health "/status/" app.py:13 (path("status/"))
health "/ping" local.py:1 (compared with "/ping")
spawns "multiprocessing" app.py:4 (import of multiprocessing)
spawns "subprocess" app.py:5 (import of subprocess)
spawns "os.system" app.py:14 (call of os.system)
env "A" app.py:8 (os.environ A)
env "B" app.py:8 (os.environ B)
env "C" app.py:8 (os.environ C)
env "D" app.py:8 (os.environ D)
env "E" app.py:8 (os.environ E)
env "F" app.py:10 (os.environ F)
`},
		{"python: servers' defaults and configuration", `
-- requirements.txt --
flask
gunicorn
-- app.py --
app = Flask(__name__)
if __name__ == "__main__": app.run()
-- gunicorn.conf.py --
bind = "0.0.0.0:8500"
workers = 4
-- unused.py --
app.run(port=1)
`, `
app in .
port "8500" gunicorn.conf.py:1 (bind in gunicorn.conf.py)
port "5000" app.py:2 (default of Flask's run)
spawns "gunicorn workers" gunicorn.conf.py:2 (workers in gunicorn.conf.py)
`},
		{"go: only the packages that the program imports", `
-- go.mod --
module example.com/x
go 1.26
-- cmd/a/main.go --
package main

import (
	"example.com/x/internal/web"
	"net/http"
	"os"
)

const addr = ":8080"

func main() {
	// http.ListenAndServe(":1111", nil)
	port := os.Getenv("PORT")
	if port == "" {
		port = "8081"
	}
	web.Env("MODE", "x")
	http.HandleFunc("GET /healthz", nil)
	http.Get("/health")
	http.ListenAndServe(addr, http.FileServer(http.Dir("static")))
}
-- internal/web/web.go --
package web

import (
	"C"
	"os"
	"os/exec"
)

type config struct {
	Addr string ` + "`env:\"LISTEN_ADDR,required\" envDefault:\":8082\"`" + `
}

func Env(name, d string) string { v, _ := os.LookupEnv(name); return v }

func f() {
	flag.StringVar(&a, "http-addr", "localhost:8083", "")
	flag.Int("size", 8084, "")
	s := &http.Server{Addr: ":8085"}
	if r.URL.Path == "/ping" {
	}
	mux.Handle("POST /health", nil)
	_ = cmp.Or(os.Getenv("ADMIN_PORT"), "8086")
}
-- internal/web/web_test.go --
package web
var _ = os.Getenv("TEST")
-- internal/web/web_windows.go --
package web
var _ = os.Getenv("WINDOWS")
-- cmd/b/main.go --
package main
func main() { net.Listen("tcp", ":9"+"999"); const p = 9999; net.Listen("tcp", host + ":" + p); net.Dial("tcp", ":1234") }
-- static/index.html --
`, `
a in .
cgo "cgo" internal/web/web.go:4 (import "C")
port "8081" cmd/a/main.go:15 (default of environment variable PORT)
port "8080" cmd/a/main.go:20 (ListenAndServe, a constant)
port "8082" internal/web/web.go:10 (default of environment variable LISTEN_ADDR)
port "8083" internal/web/web.go:16 (default of -http-addr "localhost:8083")
port "8085" internal/web/web.go:18 (literal Server{Addr: …} ":8085")
port "8086" internal/web/web.go:22 (default of environment variable ADMIN_PORT)
health "/healthz" cmd/a/main.go:18 (HandleFunc("GET /healthz"))
health "/ping" internal/web/web.go:19 (compared with "/ping")
spawns "os/exec" internal/web/web.go:6 (import of os/exec)
env "ADMIN_PORT" internal/web/web.go:22 (os.Getenv)
env "LISTEN_ADDR" internal/web/web.go:10 (struct tag env)
env "MODE" cmd/a/main.go:17 (Env("MODE"))
env "PORT" cmd/a/main.go:13 (os.Getenv)
asset static
b in .
port "9999" cmd/b/main.go:2 (net.Listen, a constant)
`},
		{"go: packages of other modules of the tree", `
-- go.work --
go 1.26
use (
	./a
	./lib
)
-- a/go.mod --
module a
replace example.com/r => ../r
-- a/main.go --
package main
import (
	_ "example.com/lib/sub"
	_ "example.com/r"
)
-- lib/go.mod --
module example.com/lib
-- lib/sub/s.go --
package sub
var x = os.Getenv("FROM_WORK")
-- r/go.mod --
module example.com/r
-- r/r.go --
package r
var x = os.Getenv("FROM_REPLACE")
func broken( {
`, `
a in a
env "FROM_REPLACE" r/r.go:2 (os.Getenv)
env "FROM_WORK" lib/sub/s.go:2 (os.Getenv)
`},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, scanned(tt.files), tt.want) })
	}
}

func TestScanFromAnotherMain(t *testing.T) {
	fsys, paths := tr(`
-- package.json --
{"name": "poll", "main": "web.js"}
-- web.js --
listen(3000); require('./settings')
-- worker.js --
require('./settings')
-- settings.js --
process.env.POLL_STORE
`)
	programs, _ := Find(fsys, paths)
	p := programs[0]
	p.Main.Value = "worker.js"
	p.Scan(fsys, paths)
	if len(p.Port) != 0 || len(p.Env) != 1 {
		t.Errorf("ports %v, env %v", p.Port, p.Env)
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]bool{
		"PORT": true, "HTTP_PORT": true, "listen": true, "LISTEN_ADDR": true, "http.addr": true, "bind": true, "APP_PORT": true, "web.listen-address": true,
		"DB_PORT": false, "REDIS_PORT": false, "db-addr": false, "export": false, "": false, "support": false, "SMTP_ADDRESS": false, "HTTP_PROXY": false, "https": true,
	} {
		if bindName(in) != want {
			t.Errorf("bindName(%q) is %v", in, !want)
		}
	}
	for in, want := range map[string]string{
		"3000": "3000", ":8080": "8080", "127.0.0.1:8002": "8002", "[::]:80": "80", "tcp://*:5555": "5555", "1_0_0": "100", "0": "", ":0": "", "65536": "", "65535": "65535",
		"": "", "x": "", "12:30": "30", "http://h/x:80": "", "99999": "", "0x50": "", "a b:80": "",
	} {
		if got, ok := portOf(in); ok != (want != "") || ok && got != want {
			t.Errorf("portOf(%q) = %q, %v", in, got, ok)
		}
	}
	for in, want := range map[string]string{
		"/healthz": "/healthz", "GET /healthz": "/healthz", "POST /healthz": "", "/api/v1/ping": "/api/v1/ping", "/health/": "/health/", "/users": "", "health": "",
		"/status?x=1": "", "/": "", "": "", "/a/b/c/d/e/health": "", "/health/{$}": "/health/", "HEAD /up": "/up", "/actuator/health": "/actuator/health",
	} {
		if got, ok := healthPath(in); ok != (want != "") || ok && got != want {
			t.Errorf("healthPath(%q) = %q, %v", in, got, ok)
		}
	}
}
