package container2k8s

import (
	"fmt"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/remodel"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

// set is one model to try, by name.
type set struct {
	name string
	app  deploy.App
}

// variants are models that between them meet every rule of Lower.
func variants(t testing.TB) []set {
	full := deploy.Full()
	e := func(pairs ...string) deploy.App { return remodel.Edit(t, full, pairs...) }
	var out []set
	add := func(name string, a deploy.App) { out = append(out, set{name, a}) }
	add("empty", deploy.App{})
	add("name only", remodel.Edit(t, deploy.App{}, "name", "shop"))
	add("volume only", remodel.Edit(t, deploy.App{}, "volumes.my_data", ""))
	add("bare workload", remodel.Edit(t, deploy.App{}, "workloads.web", ""))
	add("full", full)
	for _, kind := range []string{"service", "job", "cron", "agent"} {
		for _, policy := range []string{"no", "always", "on-failure"} {
			for _, auto := range []string{"true", "false"} {
				add(kind+" "+policy+" "+auto, e("workloads.web.kind", kind, "workloads.web.restart.policy", policy, "workloads.web.autostart", auto))
			}
		}
		add("bare "+kind, remodel.Edit(t, deploy.App{}, "workloads.w.kind", kind, "workloads.w.image", "w:1"))
		add(kind+" with a volume", remodel.Edit(t, deploy.App{}, "workloads.w.kind", kind, "workloads.w.image", "w:1", "workloads.w.mounts./d.volume", "volumes.d"))
	}
	add("cron without schedule", e("workloads.web.kind", "cron", "-workloads.web.schedule.cron", ""))
	add("root", e("workloads.web.user.id", "0"))
	add("no user", e("-workloads.web.user", ""))
	add("no numbers", e("-workloads.web.user.id", "", "-workloads.web.user.groupID", "", "workloads.web.user.groups", "44|video"))
	add("no numbers at all", e("workloads.web.user.groups", "video"))
	add("not hardened", e("workloads.web.security.noNewPrivileges", "false", "workloads.web.security.capabilities", "default", "workloads.web.security.seccomp", "Unconfined"))
	add("hardened silently", e("-workloads.web.security", ""))
	add("root, silently", e("-workloads.web.security", "", "-workloads.web.user", ""))
	add("privileged", e("workloads.web.security.privileged", "true"))
	add("privileged root", e("workloads.web.security.privileged", "true", "workloads.web.user.id", "0", "-workloads.web.security.seccomp", ""))
	add("capabilities", e("workloads.web.security.capabilities", "NET_RAW|CHOWN", "workloads.web.security.noNewPrivileges", "false", "workloads.web.security.seccomp", "profile.json"))
	add("all capabilities", e("workloads.web.security.capabilities", "all"))
	add("no volumes", e("-workloads.web.mounts", "", "-volumes", "", "-workloads.db.mounts", ""))
	add("own volume", e("-workloads.db.mounts", "", "-volumes.data.access", "", "workloads.web.scale.replicas", "1"))
	add("own volume of several", e("-workloads.db.mounts", ""))
	add("shared volume", e("-volumes.data.access", "", "-volumes.data.size", ""))
	add("unlisted volume", e("-volumes", "", "workloads.web.mounts./srv/data.volume", "volumes.My_Data"))
	add("many", e("volumes.data.access", "many"))
	add("odd access", e("volumes.data.access", "some"))
	add("mounts", e("workloads.web.mounts./run/web.kind", "tmpfs", "workloads.web.mounts./run/web.size", "1048576", "workloads.web.mounts./run/web.mode", "0700",
		"workloads.web.mounts./host.host", "/var/lib/x", "workloads.web.mounts./host.readOnly", "true", "workloads.web.mounts./data2.volume", "volumes.data",
		"workloads.web.mounts./broken.kind", "volume", "workloads.web.mounts./broken2.kind", "host", "workloads.web.mounts.relative.kind", "tmpfs",
		"workloads.web.mounts./run-web.kind", "tmpfs", "workloads.web.mounts./bare", ""))
	add("collision", remodel.Edit(t, full, "workloads.my_db.image", "db:1", "workloads.my-db.image", "db:2", "workloads.my\\.db.image", "db:3", "workloads.volumes.image", "v:1",
		"workloads.my_db.mounts./d.volume", "volumes.a_b", "volumes.a_b.size", "5", "volumes.a-b.size", "7", "workloads.my_db.env.URL.value", "http://my_db:80/",
		"workloads.my_db.needs.my-db.condition", "ready", "workloads.my_db.needs.web.condition", "completed"))
	peers := []string{
		"workloads.a_b.image", "a:1", "workloads.a_b.command.argv", "python3 a.py", "workloads.a_b.needs.c_d.required", "true", "workloads.a_b.needs.c_d.follow", "true",
		"workloads.a_b.needs.job.required", "true", "workloads.a_b.needs.gone.required", "true", "workloads.a_b.needs.soft.required", "false", "workloads.a_b.needs.none.required", "true",
		"workloads.c_d.image", "c:1", "workloads.c_d.ports.80/tcp", "", "workloads.c_d.ports.81/tcp.protocol", "http", "workloads.c_d.probes.readiness.port", "81",
		"workloads.soft.image", "s:1", "workloads.soft.ports.80/tcp", "", "workloads.job.image", "j:1", "workloads.job.kind", "job",
		"workloads.none.image", "n:1", "workloads.none.scale.replicas", "0", "workloads.none.ports.80/tcp", "",
	}
	add("waits", remodel.Edit(t, deploy.App{}, peers...))
	add("waits in node", remodel.Edit(t, deploy.App{}, append(peers, "workloads.a_b.command.argv", "npm start", "workloads.a_b.needs.c_d.condition", "ready", "workloads.a_b.needs.c_d.follow", "false")...))
	add("waits in a script", remodel.Edit(t, deploy.App{}, append(peers, "workloads.a_b.command.argv", "exec gunicorn app", "workloads.a_b.command.shell", "/bin/sh", "workloads.a_b.needs.c_d.condition", "started")...))
	add("waits in a circle", remodel.Edit(t, deploy.App{}, append(peers, "workloads.a_b.ports.9/tcp", "", "workloads.c_d.command.argv", "node c.js", "workloads.c_d.needs.a_b.required", "true")...))
	routes := []string{
		"workloads.web.image", "w:1", "workloads.web.ports.8080/tcp.reachable", "true", "workloads.web.ports.8080/tcp.protocol", "http", "workloads.web.ports.8080/tcp.published", "80",
		"workloads.my_proxy.image", "p:1", "workloads.my_proxy.ports.80/tcp", "", "workloads.my_proxy.ports.443/tcp.published", "443", "workloads.my_proxy.needs.web.required", "true",
	}
	for name, list := range map[string][]string{
		"http://shop.example": {"workload", "workloads.my_proxy", "port", "80"}, "http://www.shop.example": {"workload", "workloads.my_proxy", "port", "80"}, "https://shop.example": {"workload", "workloads.my_proxy", "port", "443"},
		"http://*": {"workload", "workloads.my_proxy", "port", "80"}, "http://shop.example/api/": {"workload", "workloads.web", "port", "8080", "via", "workloads.my_proxy"},
		"http://api.shop.example/": {"workload", "workloads.web", "port", "8080"}, "http://api.shop.example/v1": {"workload", "workloads.web", "port", "8080", "prefix", "/"},
		"http://api.shop.example=/v1": {"workload", "workloads.web", "port", "8080", "prefix", "/one"}, `http://api.shop.example~\.php$`: {"workload", "workloads.web", "port", "8080"},
		"http://lost.example": {"workload", "workloads.gone", "port", "8080"}, "http://shut.example": {"workload", "workloads.web", "port", "1"}, "ftp://x": {"workload", "workloads.web", "port", "8080"},
		"https://*": {"workload", "workloads.web", "port", "8080"}, "https://shop.example/x": {"workload", "workloads.web", "port", "8080"},
	} {
		for i := 0; i < len(list); i += 2 {
			routes = append(routes, string(deploy.At("routes", name, list[i])), list[i+1])
		}
	}
	add("routes", remodel.Edit(t, deploy.App{}, routes...))
	add("routes through a Gateway", remodel.Edit(t, deploy.App{}, append(routes, "gateway", "infra/public")...))
	add("routes through an Ingress", remodel.Edit(t, deploy.App{}, append(routes, "gateway", "infra/public", "ingress", "nginx")...))
	add("route with and without a slash", remodel.Edit(t, deploy.App{}, append(routes, string(deploy.At("routes", "http://api.shop.example", "workload")), "workloads.my_proxy", string(deploy.At("routes", "http://api.shop.example", "port")), "80")...))
	add("long name", remodel.Edit(t, deploy.App{}, "workloads.a-very-long-name-that-no-cron-job-could-ever-carry-as-it-is.kind", "cron", "name", "My Shop"))
	add("ports", e("workloads.web.ports.80/tcp.protocol", "http", "workloads.web.ports.80/tcp.address", "127.0.0.1", "workloads.web.ports.80/tcp.published", "80",
		"workloads.web.ports.53/udp.name", "DNS_name", "workloads.web.ports.53/udp.address", "::", "workloads.web.ports.53/tcp.protocol", "dns", "workloads.web.ports.53/tcp.reachable", "true",
		"workloads.web.ports.9000/tcp.protocol", "http", "workloads.web.ports.9001/tcp.protocol", "grpc", "workloads.web.ports.9001/tcp.reachable", "false",
		"workloads.web.ports.9000/tcp.address", "10.0.0.1", "workloads.web.ports.x/tcp.name", "x", "workloads.web.ports.9002/tcp.name", "http"))
	for _, probe := range []string{"startup", "readiness", "liveness"} {
		p := "workloads.web.probes." + probe
		add("tcp "+probe, e("-"+p+".path", "", "-"+p+".command", ""))
		add("exec "+probe, e("-"+p+".path", ""))
		add("exec argv "+probe, e("-"+p+".path", "", "-"+p+".port", "", "-"+p+".command.shell", "", "-"+p+".command.entrypoint", "", p+".command.argv", "/bin/sh -c true"))
		add("empty "+probe, e("-"+p+".path", "", "-"+p+".command", "", "-"+p+".port", ""))
		add("no port "+probe, e("-"+p+".port", "", p+".path", "health"))
		add("no port at all "+probe, e("-"+p+".port", "", "-workloads.web.ports", ""))
		add("rough "+probe, e(p+".interval", "1500ms", p+".timeout", "0s", p+".delay", "100ms", p+".failures", "0"))
		add("bare "+probe, e("-"+p+".interval", "", "-"+p+".timeout", "", "-"+p+".delay", "", "-"+p+".failures", ""))
	}
	add("no probes", e("-workloads.web.probes", ""))
	add("unlimited", e("workloads.web.resources.cpu.limit", "unlimited", "workloads.web.resources.memory.limit", "unlimited", "workloads.web.start.run", "unlimited", "workloads.web.start.timeout", "unlimited",
		"workloads.web.stop.grace", "unlimited", "workloads.web.restart.attempts", "unlimited"))
	add("unlimited job", e("workloads.web.kind", "job", "workloads.web.start.run", "unlimited", "workloads.web.restart.attempts", "unlimited"))
	add("rough job", e("workloads.web.kind", "job", "workloads.web.start.run", "100ms", "-workloads.web.restart.attempts", "", "-workloads.web.probes.startup", ""))
	add("rough resources", e("workloads.web.resources.cpu.limit", "1500000", "workloads.web.resources.cpu.request", "9999999999", "workloads.web.resources.memory.request", "99999999999", "workloads.web.stop.grace", "1500ms"))
	add("limits alone", e("-workloads.web.resources.cpu.request", "", "-workloads.web.resources.memory.request", ""))
	add("requests alone", e("-workloads.web.resources.cpu.limit", "", "-workloads.web.resources.memory.limit", "", "workloads.web.resources.cpu.request", "1"))
	add("no build", e("-workloads.web.build", "", "workloads.web.image", "postgres"))
	add("usual umask", e("workloads.web.umask", "0022"))
	add("no image", e("-workloads.web.image", ""))
	add("sigterm", e("-workloads.web.build", "", "workloads.web.stop.signal", "SIGTERM"))
	for _, scope := range []string{"group", "main", "mixed"} {
		add("scope "+scope, e("workloads.web.stop.scope", scope))
		add("scope, no command "+scope, e("workloads.web.stop.scope", scope, "-workloads.web.command", ""))
		add("scope, entrypoint only "+scope, e("workloads.web.stop.scope", scope, "-workloads.web.command.argv", "", "-workloads.web.command.shell", ""))
		add("scope, shell only "+scope, e("workloads.web.stop.scope", scope, "-workloads.web.command.argv", ""))
		add("tini "+scope, e("workloads.web.stop.scope", scope, "workloads.web.command.entrypoint", "/usr/bin/tini -g -- /entry"))
		add("tini argv "+scope, e("workloads.web.stop.scope", scope, "-workloads.web.command.entrypoint", "", "-workloads.web.command.shell", "", "workloads.web.command.argv", "/usr/bin/tini -g -- sh -c true"))
		add("tini only "+scope, e("workloads.web.stop.scope", scope, "-workloads.web.command", "", "workloads.web.command.entrypoint", "/usr/bin/tini -g --"))
	}
	add("tini, no scope", e("-workloads.web.stop.scope", "", "workloads.web.command.entrypoint", "/usr/bin/tini -g --"))
	add("fish", e("workloads.web.command.shell", "/usr/bin/fish"))
	vars := deploy.Clone(full)
	vars.Workloads[0].Command = deploy.Command{Argv: deploy.Argv{deploy.Lit("node"), {{Text: "--port="}, {Var: "PORT"}}, {{Var: "OPTS", Split: true}}, deploy.Lit("it's $(x)")}}
	vars.Workloads[0].Before[0].Command = deploy.Command{Argv: deploy.Argv{deploy.Lit("run"), {{Var: "X"}}}}
	vars.Workloads[1].Command.Entrypoint = deploy.Argv{{{Var: "ENTRY"}}}
	vars.Workloads[1].Probes.Liveness = deploy.Probe{Command: deploy.Command{Shell: deploy.Some("sh"), Argv: deploy.Argv{{{Text: "test -e "}, {Var: "FILE"}}}}}
	add("variables", vars)
	add("one hook", e("-workloads.web.started.1", "", "-workloads.web.stopping.1", "", "workloads.web.before.0.privileged", "true", "workloads.web.before.1.mayFail", "false"))
	add("hooks that may not fail", e("workloads.web.started.0.mayFail", "false", "workloads.web.started.1.privileged", "true", "workloads.web.stopping.0.privileged", "true", "-workloads.web.stopping.0.command.shell", ""))
	add("tasks in argv", e("-workloads.web.before.0.command.shell", "", "-workloads.web.started.0.command.shell", "", "-workloads.web.stopping.1.command.entrypoint", "", "-workloads.web.started.0.command.entrypoint", ""))
	env := deploy.Clone(full)
	env.Workloads[0].Env = []deploy.Env{
		{Name: "A", Value: deploy.Plain("1")},
		{Name: "B C", Value: deploy.Plain("$(A) $$ $X")},
		{Name: "TOKEN", Value: deploy.Param("TOKEN", true)},
		{Name: "K", Value: deploy.Secret(canary)},
		{Name: "REGION", Value: deploy.Param("REGION", false)},
		{Name: "NONE"},
		{Name: "A=B", Value: deploy.Plain("x")},
		{Name: "EMPTY", Value: deploy.Plain("")},
		{Name: "DONE", Value: deploy.Param("other/key", true)},
		{Name: "ODD", Value: deploy.Param("odd key", true)},
		{Name: "ODD2", Value: deploy.Param("odd_key", true)},
	}
	env.Workloads[1].Name = "shop-config"
	add("environment", env)
	minimal := remodel.Edit(t, deploy.App{}, "name", "shop", "workloads.web.image", "shop/web:1", "workloads.web.command.argv", "node server.js", "workloads.web.ports.8080/tcp.protocol", "http")
	add("minimal", minimal)
	return out
}

// canary is a secret that must not appear anywhere.
const canary = "s3cr3t-canary"

func TestLowerDeclaresAllItChanges(t *testing.T) {
	for _, v := range variants(t) {
		t.Run(v.name, func(t *testing.T) {
			deploy.Sort(&v.app)
			before := deploy.Clone(v.app)
			lowered, l, notices := Lower(v.app)
			if d := deploy.Diff(before, v.app); len(d) > 0 {
				t.Errorf("Lower changed its input: %v", d)
			}
			for _, p := range verify.Lowering(v.app, lowered, l) {
				t.Error(p)
			}
			again, l2, n2 := Lower(v.app)
			if fmt.Sprint(l) != fmt.Sprint(l2) || fmt.Sprint(notices) != fmt.Sprint(n2) || len(deploy.Diff(lowered, again)) > 0 {
				t.Error("two runs differ")
			}
			for _, n := range notices {
				if n.What == "" || n.Severity == "" || n.Path != "" && !deploy.Has(v.app, n.Path) && !deploy.Has(v.app, n.Path.Parent()) {
					t.Errorf("notice without a place: %+v", n)
				}
			}
			twice, l3, _ := Lower(lowered)
			if d := deploy.Diff(lowered, twice); len(d) > 0 {
				t.Errorf("lowering what is lowered changes it: %v", d)
			}
			if len(l3.Assumed)+len(l3.Moves)+len(l3.Turns) > 0 {
				t.Errorf("lowering what is lowered says something: %+v", l3)
			}
		})
	}
}

func TestLowerKeepsWhatItCan(t *testing.T) {
	src := remodel.Edit(t, deploy.App{}, "name", "shop", "workloads.web.kind", "service", "workloads.web.image", "shop/web:1", "workloads.web.ports.8080/tcp.protocol", "http", "workloads.web.ports.8080/tcp.reachable", "true",
		"workloads.web.stop.grace", "45s", "workloads.web.scale.replicas", "2")
	lowered, _, _ := Lower(src)
	w := lowered.Workloads[0]
	if !w.Stop.Grace.Is(deploy.Bound(45*time.Second)) || !w.Scale.Replicas.Is(2) || !w.Ports[0].Name.Is("http") {
		t.Errorf("%+v", w)
	}
}

func TestLowerReasons(t *testing.T) {
	for _, v := range variants(t) {
		_, l, _ := Lower(v.app)
		for _, turn := range l.Turns {
			if turn.Reason == "" {
				t.Errorf("%s: %s: no reason", v.name, turn.From)
			}
			if turn.Outcome == ledger.Dropped && turn.Remedy == "" && !noRemedy[turn.Reason] {
				t.Errorf("%s: %s: no remedy (%s)", v.name, turn.From, turn.Reason)
			}
		}
	}
}

// noRemedy are losses with which nothing is lost.
var noRemedy = map[string]bool{
	"the probe asks nothing": true,
	"a container port is a number from 1 to 65535 and tcp or udp": true,
	"appProtocol says http, grpc or tcp":                          true,
}
