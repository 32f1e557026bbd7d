package procfile

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/conform"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

// readFiles reads a tree of texts. .env is left out of the paths, as a walk that honours .gitignore would.
func readFiles(t testing.TB, files map[string]string) detect.Result {
	t.Helper()
	fsys := fstest.MapFS{}
	var paths []string
	for p, text := range files {
		fsys[p] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		if !strings.HasSuffix(p, ".env") {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	res, err := Source.Read(detect.Tree{FS: fsys, Paths: paths}, Source.Match(paths))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range verify.Claims(res.App, res.Doc) {
		t.Errorf("%v: %s", files, p)
	}
	if _, err := ledger.Join(res.Doc); err != nil {
		t.Error(err)
	}
	return res
}

func findings(res detect.Result) string {
	var b strings.Builder
	for _, f := range res.Findings {
		fmt.Fprintf(&b, "%s %s\n", f.Severity, f)
	}
	return b.String()
}

func TestMatch(t *testing.T) {
	got := Source.Match([]string{".git/Procfile", "Procfile", "Procfile.dev", "api/Procfile", "myProcfile", "web/node_modules/x/Procfile"})
	if want := []string{"Procfile", "api/Procfile"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTotal(t *testing.T) {
	conform.Total(t, Source, map[string]string{"Procfile": "web: node server.js\n"})
}

// counter counts the errors of a test that is expected to fail.
type counter struct {
	testing.TB
	errors []string
}

func (c *counter) Helper()                      {}
func (c *counter) Errorf(f string, args ...any) { c.errors = append(c.errors, fmt.Sprintf(f, args...)) }

// Total finds a forgotten field, a stale absence, a place that does not exist and an absence without a reason.
func TestTotalFails(t *testing.T) {
	src := Source
	src.Absent = slices.DeleteFunc(slices.Clone(absent), func(a detect.Absence) bool { return a.Path == "workloads.*.user" })
	src.Absent = append(src.Absent, detect.Absence{Path: "workloads.*.umask", Reason: "x"}, detect.Absence{Path: "workloads.*.colour", Reason: "x"}, detect.Absence{Path: "workloads.*.user.name"})
	c := &counter{TB: t}
	conform.Total(c, src, map[string]string{"Procfile": "web: node server.js\n"})
	all := strings.Join(c.errors, "\n")
	for _, want := range []string{"web does not set workloads.*.user.id,", "web sets workloads.*.umask, which is listed", "workloads.*.colour is listed as absent, but the model has no", "workloads.*.user.name is absent without"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

func TestModel(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  map[string]string // path → text; "-": not set
		finds []string          // parts of the findings, all of them
	}{
		{
			name:  "a web process is a service with a port",
			files: map[string]string{"Procfile": "web: node server.js\n"},
			want: map[string]string{
				"workloads.web.kind": "service", "workloads.web.command.argv": "node server.js", "workloads.web.command.shell": "-",
				"workloads.web.env.PORT.value": "5000", "workloads.web.env.HOME.value": "/app", "workloads.web.ports.5000/tcp.protocol": "http",
				"workloads.web.ports.5000/tcp.published": "5000", "workloads.web.restart.policy": "always", "workloads.web.stop.grace": "30s",
				"workloads.web.dir": "/app", "workloads.web.source.dir": "-", "workloads.web.security.capabilities": "none", "workloads.web.start.timeout": "1m0s",
			},
		},
		{
			name:  "ports count up in the order of the file; who does not mention PORT has none",
			files: map[string]string{"Procfile": "worker: node w.js\nweb: node s.js $PORT\nadmin: sh -c 'node a.js --port ${PORT}'\n"},
			want: map[string]string{
				"workloads.worker.env.PORT.value": "5000", "workloads.worker.ports": "-", "workloads.web.ports.5100/tcp.reachable": "true",
				"workloads.admin.ports.5200/tcp.reachable": "true", "workloads.admin.ports.5200/tcp.protocol": "-", "workloads.admin.ports.5200/tcp.published": "-",
				"workloads.admin.start.timeout": "unlimited", "workloads.web.command.argv": `"exec node s.js $$PORT"`, "workloads.web.command.shell": "/bin/sh",
			},
		},
		{
			name:  "release is a job before the others and takes no port number away",
			files: map[string]string{"Procfile": "web: node s.js\nrelease: node migrate.js\nworker: node w.js\n"},
			want: map[string]string{
				"workloads.release.kind": "job", "workloads.release.restart.policy": "no", "workloads.release.restart.attempts": "-", "workloads.release.start.run": "1h0m0s",
				"workloads.release.ports": "-", "workloads.release.needs": "-", "workloads.worker.env.PORT.value": "5100",
				"workloads.web.needs.release.condition": "completed", "workloads.worker.needs.release.required": "true",
			},
			finds: []string{"info Procfile:2: foreman and honcho count release among the process types: there worker gets PORT=5200"},
		},
		{
			name:  "PORT of .env is the first port",
			files: map[string]string{"Procfile": "web: node s.js\nworker: node w.js\n", ".env": "PORT=3000\n"},
			want: map[string]string{
				"workloads.web.env.PORT.value": "3000", "workloads.worker.env.PORT.value": "3100", "workloads.web.ports.3000/tcp.protocol": "http",
				"workloads.web.ports.5000/tcp": "-",
			},
		},
		{
			name:  "PORT in front of a command counts for that command",
			files: map[string]string{"Procfile": "web: PORT=8080 node s.js\n"},
			want:  map[string]string{"workloads.web.env.PORT.value": "8080", "workloads.web.ports.8080/tcp.published": "8080", "workloads.web.command.argv": "node s.js"},
		},
		{
			name: "variables of .env go to all, assignments in front to one",
			files: map[string]string{
				"Procfile": "web: MODE=web node s.js\nworker: node w.js\n",
				".env":     "MODE=any\nHOME=/home/me\nSESSION_SECRET=s3\n",
			},
			want: map[string]string{
				"workloads.web.env.MODE.value": "web", "workloads.worker.env.MODE.value": "any", "workloads.worker.env.HOME.value": "/home/me",
				"workloads.web.env.SESSION_SECRET.value": "(secret)",
			},
		},
		{
			name:  "a variable that nobody sets is a parameter",
			files: map[string]string{"Procfile": "web: node s.js $REDIS_URL ${LEVEL:-1} $PATH $LOG\n", ".env": "LOG=x\n"},
			want:  map[string]string{"workloads.web.env.REDIS_URL.value": "${REDIS_URL}", "workloads.web.env.LEVEL": "-", "workloads.web.env.PATH": "-"},
			finds: []string{"warning Procfile:1: web uses $REDIS_URL, which nothing here sets"},
		},
		{
			name:  "DYNO names an instance",
			files: map[string]string{"Procfile": "worker: node w.js $DYNO\n"},
			want:  map[string]string{"workloads.worker.env.DYNO": "-"},
			finds: []string{"warning Procfile:1: worker uses $DYNO"},
		},
		{
			name:  "a pipeline keeps its shell, bash where it must",
			files: map[string]string{"Procfile": "web: node s.js | tee log\nworker: [[ -f x ]] && node w.js\n"},
			want: map[string]string{
				"workloads.web.command.argv": `"node s.js | tee log"`, "workloads.web.command.shell": "/bin/sh",
				"workloads.worker.command.shell": "/bin/bash",
			},
			finds: []string{"info Procfile:2: worker uses [[ ]] of bash"},
		},
		{
			name:  "of two lines with one name the later counts",
			files: map[string]string{"Procfile": "web: node old.js\nworker: node w.js\nweb: node new.js\n"},
			want:  map[string]string{"workloads.web.command.argv": "node new.js", "workloads.web.env.PORT.value": "5000", "workloads.worker.env.PORT.value": "5100"},
			finds: []string{`warning Procfile:1: process type "web" is defined again in line 3`},
		},
		{
			name:  "carriage returns, comments, empty lines and a missing line end",
			files: map[string]string{"Procfile": "# hello\r\n\r\n  # more\r\nweb:node s.js\r\nmy-worker_2:\tnode w.js"},
			want:  map[string]string{"workloads.web.command.argv": "node s.js", "workloads.my-worker_2.command.argv": "node w.js"},
		},
		{
			name:  "several Procfiles",
			files: map[string]string{"Procfile": "web: a\n", "api/Procfile": "web: b\n", "api/go.mod": "module b\n", "api/.env": "A=1\n", ".env": "B=1\n"},
			want: map[string]string{
				"workloads.web.source.dir": "-", "workloads.api-web.source.dir": "api", "workloads.api-web.source.installed": "-", "workloads.api-web.env.A.value": "1",
				"workloads.web.env.A": "-", "workloads.api-web.env.B": "-", "workloads.web.env.B.value": "1",
			},
		},
		{
			name:  "one Procfile in a subdirectory",
			files: map[string]string{"api/Procfile": "web: b\n", "api/package.json": "{}"},
			want:  map[string]string{"workloads.web.source.dir": "api", "workloads.web.source.installed": "/app", "workloads.web.dir": "/app"},
		},
		{
			name: "app.json",
			files: map[string]string{"Procfile": "web: node s.js\nworker: node w.js\nrelease: node m.js\n", ".env": "LEVEL=debug\n", "app.json": `{
  "name": "shop", "keywords": [],
  "formation": {"web": {"quantity": 2, "size": "standard-1x"}, "worker": {"quantity": 0}, "release": {"quantity": 1}, "clock": {"quantity": 1}},
  "env": {"MODE": "production", "LEVEL": {"value": "info", "description": "how much"}, "KEY": {"generator": "secret"},
    "REGION": {"description": "where"}, "DEBUG": {"required": false}, "PORT": "1"},
  "addons": ["heroku-postgresql", {"plan": "heroku-redis:mini"}],
  "scripts": {"postdeploy": "node seed.js"},
  "buildpacks": [{"url": "heroku/nodejs"}, {"url": "https://github.com/x/y"}],
  "environments": {"test": {"addons": ["x"]}},
  "healthchecks": {"web": [{"path": "/"}]}
}`},
			want: map[string]string{
				"workloads.web.scale.replicas": "2", "workloads.worker.scale.replicas": "0", "workloads.release.scale.replicas": "1",
				"workloads.web.env.MODE.value": "production", "workloads.web.env.LEVEL.value": "debug", "workloads.web.env.KEY.value": "${KEY}",
				"workloads.web.env.REGION.value": "${REGION}", "workloads.web.env.DEBUG": "-", "workloads.web.env.PORT.value": "5000",
			},
			finds: []string{
				"formation.web.size dropped", "formation.clock.quantity dropped", "KEY has no value: Heroku makes up a secret", "REGION has no value",
				"addons.0 dropped", "addons.1.plan dropped", "scripts.postdeploy dropped", "buildpacks.1.url dropped", "warning app.json:10: healthchecks.web.0.path dropped: lift does not know this key",
			},
		},
		{
			name:  "somebody else's app.json",
			files: map[string]string{"Procfile": "web: a\n", "app.json": `{"expo": {"name": "x"}, "env": {"A": "1"}}`},
			want:  map[string]string{"workloads.web.env.A": "-"},
		},
		{
			name:  "files that lift does not read",
			files: map[string]string{"Procfile": "web: a\n", ".foreman": "port: 1\n", "heroku.yml": "run:\n"},
			finds: []string{"info .foreman: not read", "info heroku.yml: not read"},
		},
		{
			name:  "a secret in a command",
			files: map[string]string{"Procfile": "web: node s.js --api-token=canary-1234\n"},
			finds: []string{"warning Procfile:1: the command of web holds a secret"},
		},
		{
			name:  "a secret in front of a command is a variable",
			files: map[string]string{"Procfile": "web: API_TOKEN=canary-1234 node s.js\n"},
			want:  map[string]string{"workloads.web.env.API_TOKEN.value": "(secret)", "workloads.web.command.argv": "node s.js"},
		},
		{
			name:  "where the tools read .env in different ways, by construct",
			files: map[string]string{"Procfile": "web: a\n", ".env": "export A=1\nexport B=2\nC=3 # c\nC2=\nnothing\nA=4\n"},
			want:  map[string]string{"workloads.web.env.A.value": "4", "workloads.web.env.C.value": "3", "workloads.web.env.C2.value": ""},
			finds: []string{
				"info .env:1: export in front of A (and 1 more): foreman, heroku local and honcho ignore the line, lift reads it as the dotenv libraries do; remove the word",
				"info .env:3: # in the unquoted value of C: foreman reads another value", "info .env:4: nothing behind C2: honcho ignores the line",
				`warning .env:5: foreman ignores this line: it has no "="`, "info .env:6: A is set in line 1 already",
			},
		},
		{
			name:  "no process types",
			files: map[string]string{"Procfile": "# later\n", ".env": "A=1\nPORT=3\n", "app.json": `{"env": {"B": "1"}}`},
			finds: []string{"warning Procfile: a Procfile without process types"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := readFiles(t, c.files)
			for p, want := range c.want {
				got, ok := deploy.Text(res.App, deploy.Path(p))
				switch {
				case want == "-" && deploy.Has(res.App, deploy.Path(p)):
					t.Errorf("%s is set: %q", p, got)
				case want != "-" && (!ok || got != want):
					t.Errorf("%s = %q (set %v), want %q", p, got, ok, want)
				}
			}
			wantFindings(t, res, c.finds)
			for _, f := range res.Findings {
				if f.Severity == ledger.Error {
					t.Errorf("error: %s", f)
				}
			}
			if len(res.Owns) != len(res.App.Workloads) {
				t.Errorf("owns %v", res.Owns)
			}
		})
	}
}

func wantFindings(t *testing.T, res detect.Result, want []string) {
	t.Helper()
	all := findings(res)
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("no finding %q in\n%s", w, all)
		}
	}
	if len(res.Findings) != len(want) {
		t.Errorf("%d findings, want %d:\n%s", len(res.Findings), len(want), all)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		finds []string
	}{
		{"all faults in one run", map[string]string{
			"Procfile": "web node server.js\nworker: node 'w.js\nclock:\n  cron: x\nmy type: y\nx: a \\\n  --b \\\n  --c\nok: z\nbell: a\ab\n",
			".env":     "A='\nPORT=x\n",
			"app.json": `{"formation": {"ok": {"quantity": "two"}}}`,
		}, []string{
			`error Procfile:1: a process type needs "name: command"; write for example "web: node server.js"`,
			"error Procfile:2: worker: no shell can read the command; look for an unbalanced quote",
			`error Procfile:3: process type "clock" has no command`,
			"error Procfile:4: white space in front of a process type",
			"error Procfile:5: the name of a process type consists of",
			"error Procfile:6: a line ends in \"\\\": a Procfile has no continuation lines",
			"error Procfile:10: control character U+0007",
			"error .env:1: A: unbalanced quote",
			"error .env:2: PORT is no port number that leaves room for 1 process types",
			"error app.json:1: formation.ok.quantity is no number of dynos",
		}},
		{"a binary file", map[string]string{"Procfile": "web: a\n\x00\x01\n"}, []string{"error Procfile:2: not a Procfile: it contains a NUL byte"}},
		{"not UTF-8", map[string]string{"Procfile": "web: a\nb\xff: c\n"}, []string{"error Procfile:2: not a Procfile: it is not UTF-8"}},
		{"too large", map[string]string{"Procfile": strings.Repeat("a: b\n", 1<<18)}, []string{"error Procfile:1: not a Procfile: larger than 1 MiB"}},
		{"a large .env", map[string]string{"Procfile": "web: a\n", ".env": strings.Repeat("A=b\n", 1<<19)}, []string{"error .env:1: not a .env file: larger than 1 MiB"}},
		{"a byte order mark", map[string]string{"Procfile": "\ufeffweb: a\n"}, []string{"warning Procfile:1: byte order mark"}},
		{"a JSON .env", map[string]string{"Procfile": "web: a\n", ".env": "{\"A\": 1}\n"}, []string{"error .env:1: .env holds JSON"}},
		{"broken app.json", map[string]string{"Procfile": "web: a\n", "app.json": "{\n  \"env\": {,}\n}\n"}, []string{"error app.json:2: not JSON"}},
		{
			"one name from two files",
			map[string]string{"Procfile": "api-web: a\n", "api/Procfile": "web: b\n"},
			[]string{`error api/Procfile:1: workload "api-web" is defined by Procfile:1 as well`},
		},
		{"too many process types", map[string]string{"Procfile": manyTypes(501)}, []string{"error Procfile:501: a Procfile has at most 500 process types"}},
		{"a monster of a command", map[string]string{"Procfile": "web: " + strings.Repeat("((", 5000) + "\n"}, []string{"error Procfile:1: web: the command has more than 4 KiB"}},
		{
			"a deep app.json",
			map[string]string{"Procfile": "web: a\n", "app.json": `{"env": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}"},
			[]string{"error app.json:1: more than 5000 values, or nested deeper than 50"},
		},
		{"PORT in front", map[string]string{"Procfile": "web: PORT=http node x\n"}, []string{"error Procfile:1: web: PORT is no port number"}},
		{"PORT too high", map[string]string{"Procfile": "a: a\nweb: b\n", ".env": "PORT=65500\n"}, []string{"error .env:1: PORT is no port number that leaves room"}},
	} {
		t.Run(c.name, func(t *testing.T) { wantFindings(t, readFiles(t, c.files), c.finds) })
	}
}

func manyTypes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "t%d: node x\n", i)
	}
	return b.String()
}

// What a user hands over costs time in proportion to its size.
func TestLargeInput(t *testing.T) {
	start := time.Now()
	readFiles(t, map[string]string{"Procfile": manyTypes(200), ".env": "A='" + strings.Repeat("\n", 1<<19) + "'\n" + strings.Repeat("B=\"\n\"\n", 1000)})
	readFiles(t, map[string]string{"Procfile": "web: a\n", ".env": strings.Repeat("A=b\n", 1<<18)[1:]})
	readFiles(t, map[string]string{"Procfile": "web: a\n", "app.json": `{"addons": [` + strings.Repeat("1,\n", 1<<18) + "1]}"})
	for _, s := range []string{"(", "((", "$((", "$(", "`", "{a,", "${a:-", "[[ ( ", "a=(", `"$(`, "x ", "A=1 ", "|x ", "<(", "if ", "{ "} {
		readFiles(t, map[string]string{"Procfile": "web: x " + strings.Repeat(s, maxCommand/len(s)-2) + "\n"})
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("takes %s", d)
	}
}

func TestUnreadableNeighbour(t *testing.T) {
	fsys := fstest.MapFS{"Procfile": {Data: []byte("web: a\n")}, ".env/x": {Data: []byte("A=1")}}
	res, err := Source.Read(detect.Tree{FS: fsys, Paths: []string{"Procfile"}}, []string{"Procfile", "gone/Procfile"})
	if err != nil {
		t.Fatal(err)
	}
	wantFindings(t, res, []string{"error .env: cannot be read: no regular file", "error gone/Procfile: cannot be read: file does not exist"})
}

// Nothing prints a secret but Reveal: not the result, not its parts, not as JSON.
func TestCanary(t *testing.T) {
	const canary = "canary-7a41c"
	files := map[string]string{
		"Procfile": "web: node s.js\nworker: SECRET_KEY=" + canary + " node w.js\nbad: node '" + canary + "\n" + canary + " no colon\n" + canary + " x: y\n  " + canary + ": z\n",
		".env": "SESSION_SECRET=" + canary + "\nDATABASE_URL=postgres://u:" + canary + "@db/x # " + canary + "\nexport API_KEY='" + canary + "' " + canary + "\nPASSWORD=\"x\n" + canary +
			"==\n\"\nnot a variable " + canary + "\n" + canary + "!=x\nTOKEN='" + canary + "\n",
		"app.json": `{"env": {"CLIENT_SECRET": {"value": "` + canary + `", "description": "see"}, "API_TOKEN": "` + canary + `"}, "formation": {"web": {"quantity": "` + canary + `"}}, "scripts": {"postdeploy": "x --password ` + canary + `"}}`,
	}
	files["app.json"] = strings.Replace(files["app.json"], `"quantity": "`+canary+`"`, `"quantity": "x"`, 1)
	res := readFiles(t, files)
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		out = append(out, fmt.Sprintf(verb, res.Doc), fmt.Sprintf(verb, res.Findings), fmt.Sprintf(verb, res.App))
	}
	for _, v := range []any{res, res.App, res.Doc, res.Findings} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	deploy.Visit(res.App, func(p []byte, l deploy.Leaf) { out = append(out, string(p)+"="+l.String()) })
	for _, o := range out {
		if i := strings.Index(o, canary); i >= 0 {
			t.Errorf("the canary sings: …%s…", o[max(0, i-200):min(len(o), i+40)])
			break
		}
	}
	revealed := 0
	for _, w := range res.App.Workloads {
		for _, e := range w.Env {
			if text, _ := e.Value.Reveal(); strings.Contains(text, canary) {
				revealed++
			}
		}
	}
	if revealed < 8 {
		t.Errorf("only %d variables hold it", revealed)
	}
}

func TestKeys(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Source.Keys() {
		id := k.Section + " " + k.Name
		if seen[id] || k.Doc == "" || k.Spec == "" || k.Example == "" || k.Outcome == ledger.Unaccounted {
			t.Errorf("%s: twice or incomplete: %+v", id, k)
		}
		seen[id] = true
		if (k.Outcome != ledger.Converted) != (k.Reason != "") {
			t.Errorf("%s: %s with reason %q", id, k.Outcome, k.Reason)
		}
	}
}

// That a process type has a PORT does not mean that it listens: the setting behind it is implied wherever nothing else says so, and link looks at that.
func TestPortIsNoEvidence(t *testing.T) {
	for _, env := range []string{"", "PORT=3000\n"} {
		res := readFiles(t, map[string]string{"Procfile": "release: m\nweb: s\nworker: w\nadmin: a $PORT\n", ".env": env})
		for _, r := range res.Doc.Reads {
			for _, f := range r.Fields {
				listens := f.Workload() == "web" || f.Workload() == "admin"
				if f.Base() == "value" && f.Parent().Base() == "PORT" && !res.Doc.Settings[r.Setting].Implied && !(listens && env != "") {
					t.Errorf("%q: %s is not implied", env, f)
				}
			}
		}
	}
	readFiles(t, map[string]string{"Procfile": "worker: w\nclock: c\n", ".env": "PORT=3000\n"})
}

// The same input gives the same result.
func TestDeterministic(t *testing.T) {
	files := map[string]string{"Procfile": "web: a $X $Y\nw: b\n", ".env": "A=1\nexport B=2\nC= x\n", "app.json": `{"env": {"Q": "1", "R": {}, "S": "3"}}`}
	first := fmt.Sprintf("%+v", readFiles(t, files))
	for range 20 {
		if again := fmt.Sprintf("%+v", readFiles(t, files)); again != first {
			t.Fatalf("got\n%s\nthen\n%s", first, again)
		}
	}
}

// The poll is an application that really runs.
func TestPoll(t *testing.T) {
	const dir = "../../fixtures/apps/poll"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no fixture")
	}
	files := map[string]string{}
	for _, name := range []string{"Procfile", ".env"} {
		b, err := fs.ReadFile(os.DirFS(dir), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	res := readFiles(t, files)
	for p, want := range map[string]string{
		"workloads.release.kind": "job", "workloads.release.command.argv": "node release.js", "workloads.web.command.argv": `"exec node web.js --port $$PORT"`,
		"workloads.web.ports.5000/tcp.published": "5000", "workloads.worker.command.argv": `"exec node worker.js --every $${POLL_INTERVAL}"`,
		"workloads.worker.env.POLL_INTERVAL.value": "5", "workloads.worker.env.POLL_STORE.value": "./data/votes.json", "workloads.web.env.SESSION_SECRET.value": "(secret)",
		"workloads.web.env.POLL_TITLE.value": "Tea or coffee?", "workloads.web.env.POLL_CHOICES.value": "tea,coffee,hot chocolate",
	} {
		if got, _ := deploy.Text(res.App, deploy.Path(p)); got != want {
			t.Errorf("%s = %q, want %q", p, got, want)
		}
	}
	for _, f := range res.Findings {
		if f.Severity != ledger.Info {
			t.Errorf("%s %s", f.Severity, f)
		}
	}
}

func FuzzProcfile(f *testing.F) {
	f.Add("web: node server.js\n", "A=1\n", "{}")
	f.Add("release: a\r\nweb: A=1 b $PORT | c\n", "PORT=3000\nexport B='x'\n", `{"formation": {"web": {"quantity": 2}}}`)
	f.Add("web: exec a {b,c}\nweb: x\n# y\nz\n", "PORT=\n", `{"env": {"A": {"value": "x"}, "B": {}, "": null}, "addons": [[]]}`)
	f.Fuzz(func(t *testing.T, procfile, env, app string) {
		readFiles(t, map[string]string{"Procfile": procfile, ".env": env, "app.json": app})
	})
}
