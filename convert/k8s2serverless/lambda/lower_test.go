package lambda

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/remodel"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

func route(match, leaf string) string { return string(deploy.At("routes", match, leaf)) }

// shop is a system of a proxy, two programs behind it, a job and a database.
func shop(t testing.TB) deploy.App {
	return remodel.Edit(t, deploy.App{}, "name", "shop", "gateway", "infra/public",
		"workloads.proxy.image", "nginx:1", "workloads.proxy.files./etc/nginx/nginx\\.conf.content", "x", "workloads.proxy.ports.80/tcp.protocol", "http",
		"workloads.web.image", "shop/web:1.0", "workloads.web.kind", "service", "workloads.web.command.argv", "node server.js", "workloads.web.ports.8080/tcp.protocol", "http",
		"workloads.web.env.API_URL.value", "http://api:9000/v1", "workloads.web.env.DB.value", "postgres://db:5432/shop", "workloads.web.env.LEVEL.value", "info", "workloads.web.scale.replicas", "1",
		"workloads.web.probes.startup.path", "/up", "workloads.web.probes.startup.port", "8080", "workloads.web.user.id", "990", "workloads.web.mounts./tmp.kind", "tmpfs", "workloads.web.mounts./var/tmp.kind", "tmpfs",
		"workloads.api.image", "shop/api:1.0", "workloads.api.ports.9000/tcp.protocol", "http", "workloads.api.resources.memory.limit", "100000000", "workloads.api.resources.cpu.limit", "1500000000",
		"workloads.db.image", "postgres:17", "workloads.db.ports.5432/tcp.protocol", "tcp", "workloads.db.mounts./data.volume", "volumes.data", "volumes.data.access", "one",
		"workloads.report.image", "shop/report:1.0", "workloads.report.kind", "cron", "workloads.report.command.argv", "report --to /srv/reports/today --level info", "workloads.report.schedule.cron", "*/15 3 * * 1-5",
		"workloads.report.schedule.overlap", "false", "workloads.report.schedule.jitter", "90s", "workloads.report.mounts./srv/reports.volume", "volumes.reports", "volumes.reports.size", "1073741824",
		"workloads.report.env.REPORTS.value", "/srv/reports", "workloads.report.start.run", "10m",
		route("http://shop.example", "workload"), "workloads.proxy", route("http://shop.example", "port"), "80",
		route("http://shop.example/", "workload"), "workloads.web", route("http://shop.example/", "port"), "8080", route("http://shop.example/", "via"), "workloads.proxy",
		route("http://shop.example/api/", "workload"), "workloads.api", route("http://shop.example/api/", "port"), "9000", route("http://shop.example/api/", "via"), "workloads.proxy", route("http://shop.example/api/", "prefix"), "/",
		route("http://shop.example/static", "workload"), "workloads.proxy", route("http://shop.example/static", "port"), "80", route("http://shop.example/static", "via"), "workloads.proxy",
	)
}

type variant struct {
	name string
	app  deploy.App
	want string // functions
}

func variants(t testing.TB) []variant {
	s := shop(t)
	e := func(pairs ...string) deploy.App { return remodel.Edit(t, s, pairs...) }
	full := deploy.Full()
	return []variant{
		{"empty", deploy.App{}, ""},
		{"full", full, ""},
		{"shop", s, "api report web"},
		{"odd name", e("name", "My Shop"), "api report web"},
		{"no name", e("-name", ""), "api report web"},
		{"two hosts", e(route("https://www.shop.example/", "workload"), "workloads.web", route("https://www.shop.example/", "port"), "8080"), "api report web"},
		{"hosts that differ", e(route("http://b.example/", "workload"), "workloads.api", route("http://b.example/", "port"), "9000"), "api report"}, // in the order of the hosts
		{"WebSocket", e(route("http://shop.example/", "upgrade"), "true"), "api report"},
		{"a prefix that cannot be", e(route("http://shop.example/api/", "prefix"), "/v2/"), "report web"},
		{"pattern", e(route(`http://shop.example~\.php$`, "workload"), "workloads.web", route(`http://shop.example~\.php$`, "port"), "8080"), "api report web"},
		{"exact", e(route("http://shop.example=/ping", "workload"), "workloads.web", route("http://shop.example=/ping", "port"), "8080"), "api report web"},
		{"segments", e(route("http://shop.example/shop", "workload"), "workloads.web", route("http://shop.example/shop", "port"), "8080", route("http://shop.example/shop", "via"), "workloads.proxy"), "api report web"},
		{"published", e("-routes", "", "workloads.web.ports.8080/tcp.published", "80"), "report web"},
		{"two published", e("-routes", "", "workloads.web.ports.8080/tcp.published", "80", "workloads.api.ports.9000/tcp.published", "81"), "api report"},
		{"published to the machine", e("-routes", "", "workloads.web.ports.8080/tcp.published", "127.0.0.1:80"), "report"},
		{"gRPC", e("workloads.web.ports.8080/tcp.protocol", "grpc"), "api report"},
		{"not known to speak HTTP", e("-workloads.api.ports.9000/tcp.protocol", ""), "report web"},
		{"off", e("workloads.web.autostart", "false"), "api report"},
		{"off schedule", e("workloads.report.autostart", "false"), "api report web"},
		{"writes", e("workloads.web.mounts./run/web.kind", "tmpfs"), "api report"},
		{"below /tmp", e("workloads.web.mounts./tmp/web.kind", "tmpfs", "workloads.web.mounts./tmp.size", "1048576", "workloads.web.mounts./tmp.readOnly", "true"), "api report web"},
		{"long run", e("workloads.report.start.run", "20m"), "api web"},
		{"run without bound", e("workloads.report.start.run", "unlimited"), "api report web"},
		{"unknown run", e("-workloads.report.start.run", ""), "api report web"},
		{"both days", e("workloads.report.schedule.cron", "0 3 1 * 1"), "api web"},
		{"no schedule", e("-workloads.report.schedule.cron", ""), "api web"},
		{"retries", e("workloads.report.restart.policy", "always", "workloads.report.restart.attempts", "9"), "api report web"},
		{"retries for ever", e("workloads.report.restart.policy", "on-failure", "workloads.report.restart.attempts", "unlimited"), "api report web"},
		{"one retry", e("workloads.report.restart.policy", "on-failure", "workloads.report.restart.attempts", "1"), "api report web"},
		{"directory that nobody tells", e("workloads.report.command.argv", "report", "-workloads.report.env", ""), "api web"},
		{"shared volume", e("workloads.db.mounts./reports.volume", "volumes.reports"), "api web"},
		{"two volumes", e("workloads.report.mounts./b.volume", "volumes.b", "workloads.report.env.B.value", "/b"), "api web"},
		{"read-only volume", e("workloads.report.mounts./srv/reports.readOnly", "true", "workloads.report.mounts./srv/reports.mode", "0750", "workloads.report.mounts./srv/reports.kind", "volume"), "api report web"},
		{"a script", e("workloads.report.command.argv", "report", "workloads.report.command.shell", "/bin/sh"), "api report web"},
		{"entrypoint", e("workloads.web.command.entrypoint", "/usr/bin/tini -g --"), "api report web"},
		{"command with an address", e("workloads.web.command.argv", "node server.js --db db:5432"), "api report"},
		{"large environment", e("workloads.web.env.BIG.value", strings.Repeat("x", 5000)), "api report"},
		{"names that Lambda has", e("workloads.web.env.AWS_REGION.value", "x", "workloads.web.env.AWS_LWA_PORT.value", "1", "workloads.web.env.X-Y.value", "1"), "api report web"},
		{"capabilities", e("workloads.web.security.capabilities", "NET_RAW"), "api report"},
		{"privileged", e("workloads.web.security.privileged", "true"), "api report"},
		{"arm64", e("workloads.web.placement.arch", "arm64"), "api report web"},
		{"odd processor", e("workloads.web.placement.arch", "s390x"), "api report web"},
		{"no memory", e("workloads.web.resources.memory.limit", "unlimited"), "api report web"},
		{"much memory", e("workloads.web.resources.memory.limit", "99999999999"), "api report web"},
		{"job", e("workloads.report.kind", "job"), "api web"},
		{"agent", e("workloads.web.kind", "agent"), "api report"},
		{"secrets", withEnv(s), "api report web"},
	}
}

// withEnv gives web values of every kind.
func withEnv(a deploy.App) deploy.App {
	a = deploy.Clone(a)
	for k := range a.Workloads {
		if w := &a.Workloads[k]; w.Name == "web" {
			w.Env = append(w.Env, deploy.Env{Name: "KEY", Value: deploy.Secret(canary)}, deploy.Env{Name: "SEC", Value: deploy.Param("TOKEN", true)}, deploy.Env{Name: "REF", Value: deploy.Param("shop-secrets/REF", true)},
				deploy.Env{Name: "CFG", Value: deploy.Param("shop-config/cfg.level", false)}, deploy.Env{Name: "NONE"})
		}
	}
	deploy.Sort(&a)
	return a
}

const canary = "s3cr3t-canary"

func TestLowerDeclaresAllItChanges(t *testing.T) {
	for _, v := range variants(t) {
		t.Run(v.name, func(t *testing.T) {
			before := deploy.Clone(v.app)
			lowered, l, notices := Lower(v.app)
			if d := deploy.Diff(before, v.app); len(d) > 0 {
				t.Errorf("Lower changed its input: %v", d)
			}
			for _, p := range verify.Lowering(v.app, lowered, l) {
				t.Error(p)
			}
			_, l2, n2 := Lower(v.app)
			if fmt.Sprint(l, notices) != fmt.Sprint(l2, n2) {
				t.Error("two runs differ")
			}
			twice, l3, _ := Lower(lowered)
			if d := deploy.Diff(lowered, twice); len(d) > 0 || len(l3.Turns)+len(l3.Assumed)+len(l3.Moves) > 0 {
				t.Errorf("lowering what is lowered changes it: %v %+v", d, l3)
			}
			for _, turn := range l.Turns {
				if turn.Reason == "" {
					t.Errorf("%s: no reason: %+v", turn.From, turn)
				}
			}
			var functions []string
			for _, w := range lowered.Workloads {
				if w.Image.IsSet() {
					functions = append(functions, w.Name)
				}
			}
			if got := strings.Join(functions, " "); got != v.want {
				t.Errorf("functions: %q, want %q", got, v.want)
				for _, n := range notices {
					t.Log(n.What)
				}
			}
			files, err := Write(lowered)
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := Write(lowered); remodel.Text(files) != remodel.Text(again) {
				t.Error("two runs differ")
			}
			if strings.Contains(remodel.Text(files)+fmt.Sprint(l, notices), canary) {
				t.Error("a secret is told")
			}
		})
	}
}

// Each leaf of the lowered model that is changed makes another output, or a refusal.
func TestEveryLeafIsWritten(t *testing.T) {
	for _, v := range variants(t) {
		t.Run(v.name, func(t *testing.T) {
			lowered, _, _ := Lower(v.app)
			remodel.EveryLeafIsWritten(t, lowered, Write)
		})
	}
}

func TestScheduler(t *testing.T) {
	for cron, want := range map[string]string{
		"15 3 * * *": "15 3 * * *", "*/20 0-3 1,2,3 */6 *": "0,20,40 0-3 1-3 1,7 *", "0 0 * * 1-5": "0 0 * * MON-FRI", "0 0 * * 7": "0 0 * * SUN", "0 0 * * 0,6": "0 0 * * SUN,SAT", "0 0 * * fri-7": "0 0 * * SUN,FRI,SAT",
		"*/1 * * * *": "* * * * *", "5/20 * * jan *": "5,25,45 * * 1 *", "0 0 * * 0-6": "0 0 * * *",
	} {
		if got, reason := scheduler(cron); got != want || reason != "" {
			t.Errorf("%s: %q %s, want %q", cron, got, reason, want)
		}
		if again, _ := scheduler(want); again != want {
			t.Errorf("%s becomes %s", want, again)
		}
	}
	for _, cron := range []string{"@daily", "0 0 1 * 1", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "* * * * *  *", ""} {
		if got, reason := scheduler(cron); reason == "" {
			t.Errorf("%q is taken for %s", cron, got)
		}
	}
}

func TestNotices(t *testing.T) {
	_, l, notices := Lower(shop(t))
	var all []string
	for _, n := range notices {
		all = append(all, string(n.Path)+": "+n.What)
	}
	for _, want := range []string{
		"workloads.proxy: proxy stays on Kubernetes: it reads the configuration file /etc/nginx/nginx.conf",
		"workloads.db: db stays on Kubernetes: its port speaks tcp",
		"workloads.web.env.DB: DB was postgres://db:5432/shop: the parameter Db must say where db is",
		"routes.http://shop\\.example/static: http://shop.example/static: the HTTP API has no route of its own for it, so that web, which has all other paths, gets what is asked for: proxy answers it, which stays on Kubernetes",
		"api may use 1500m of a CPU today; with 128 MiB a function has 72m",
		"the HTTP API has a name of its own, under which it answers for shop.example",
	} {
		if !slices.ContainsFunc(all, func(n string) bool { return strings.Contains(n, want) }) {
			t.Errorf("%q is missing in\n%s", want, strings.Join(all, "\n"))
		}
	}
	for _, turn := range l.Turns {
		if turn.From == deploy.Path(route("http://shop.example", "")).Parent() && !turn.Stays {
			t.Error("the route of the proxy stays with it", turn)
		}
		if turn.Outcome == ledger.Dropped && turn.Remedy == "" {
			t.Errorf("%s is lost without a remedy", turn.From)
		}
	}
}

func TestRelocate(t *testing.T) {
	for in, want := range map[string]string{
		"/srv/reports": "/mnt/r", "/srv/reports/today": "/mnt/r/today", "--to=/srv/reports": "--to=/mnt/r", "file:///srv/reports/x": "file:///mnt/r/x", "/srv/reports2": "/srv/reports2", "/a/srv/reports": "/a/srv/reports",
		"/x:/srv/reports:/srv/reports": "/x:/mnt/r:/mnt/r", "": "",
	} {
		if got := relocate(in, "/srv/reports", "/mnt/r"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
