package compose

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
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

// treeOf makes a tree of files.
func treeOf(files map[string]string) detect.Tree {
	m := fstest.MapFS{}
	for p, text := range files {
		m[p] = &fstest.MapFile{Data: []byte(text)}
	}
	return detect.Tree{FS: m, Paths: slices.Sorted(maps.Keys(m))}
}

// readText reads a compose file with further files beside it: path, text, path, text …
func readText(t testing.TB, text string, more ...string) detect.Result {
	t.Helper()
	files := map[string]string{"compose.yaml": text}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	tree := treeOf(files)
	res, err := Source.Read(tree, Source.Match(tree.Paths))
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, res)
	return res
}

// checkResult holds whatever the input: all claims are true, and nothing is left over.
func checkResult(t testing.TB, res detect.Result) {
	t.Helper()
	for _, p := range verify.Claims(res.App, res.Doc) {
		t.Errorf("%s", p)
	}
	if _, err := ledger.Join(res.Doc); err != nil {
		t.Error(err)
	}
	for _, f := range res.Findings {
		if strings.Contains(f.What, "lift does not know what it does here") {
			t.Errorf("left over: %s", f)
		}
	}
}

// service wraps the keys of one service.
func service(keys string) string {
	return "services:\n  web:\n    image: x\n    " + strings.ReplaceAll(strings.TrimSpace(keys), "\n", "\n    ") + "\n  db:\n    image: y\nvolumes:\n  data:\n"
}

// fields prints what a model has beyond that of a bare service.
func fields(t testing.TB, a deploy.App) string {
	t.Helper()
	bare := readText(t, service("stop_grace_period: 10s")).App
	have := map[string]bool{}
	deploy.Visit(bare, func(p []byte, l deploy.Leaf) { have[string(p)+"="+l.String()] = true })
	var out []string
	deploy.Visit(a, func(p []byte, l deploy.Leaf) {
		line := string(p) + "=" + l.String()
		if !l.Presence() && !have[line] {
			out = append(out, strings.TrimPrefix(line, "workloads.web."))
		}
	})
	return strings.Join(out, "; ")
}

func TestMinimalIsTotal(t *testing.T) {
	res := readText(t, "services: {web: {image: x}}")
	if len(res.Findings) != 0 {
		t.Errorf("findings: %v", res.Findings)
	}
	for path, want := range map[string]string{
		"kind": "service", "autostart": "true", "restart.policy": "no", "stop.grace": "10s", "scale.replicas": "1", "security.noNewPrivileges": "false",
		"security.readOnlyRoot": "false", "security.privileged": "false", "security.capabilities": "default", "image": "x",
	} {
		if got, _ := deploy.Text(res.App, deploy.Path("workloads.web."+path)); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
	src := Source // a service has an image or is built: without either there is none
	src.Absent = slices.DeleteFunc(slices.Clone(Source.Absent), func(a detect.Absence) bool { return a.Path == "workloads.*.image" })
	conform.Total(t, src, map[string]string{"compose.yaml": "services: {web: {image: x}}\n"})
}

func TestKeys(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		// command
		{"command: [node, server.js, \"a b\"]", `command.argv=node server.js "a b"`},
		{"command: node server.js 'a b' c\\ d", `command.argv=node server.js "a b" "c d"`},
		{"command: [sh, -c, \"echo $$HOME\"]", `command.argv="echo $$HOME"; command.shell=sh`},
		{"command: /bin/bash -c 'a; b'", `command.argv="a; b"; command.shell=/bin/bash`},
		{"entrypoint: [/usr/bin/tini, -g, --]\ncommand: [a]", "command.argv=a; stop.scope=group"},
		{"entrypoint: [/usr/bin/tini, -g, --, /entry]\ncommand: [a]", "command.entrypoint=/entry; command.argv=a; stop.scope=group"},
		{"entrypoint: /entry --x", "command.entrypoint=/entry --x"},
		{"command: [echo, \"a$$b\"]", "command.argv=echo a$$b"},
		{"command: []", ""},
		{"command:", ""},
		{"working_dir: /srv/web/", "dir=/srv/web"},
		{"user: \"990:991\"", "user.id=990; user.groupID=991"},
		{"user: \"990\"", "user.id=990"},
		{"user: app:staff", "user.name=app; user.group=staff"},
		{"user: root", "user.name=root; user.id=0"},
		{"group_add: [44, \"45\"]", "user.groups=44, 45"},
		// environment
		{"environment: {A: b, N: 1, T: true, E: \"\", Z: 1.10}", "env.A.value=b; env.E.value=; env.N.value=1; env.T.value=true; env.Z.value=1.1"},
		{"environment: [A=b=c, \"B=\", \"P=$$1\"]", "env.A.value=b=c; env.B.value=; env.P.value=$1"},
		{"environment: [A]", "env.A.value=${A}"},
		{"environment: {A: }", "env.A.value=${A}"},
		{"environment: {A: \"${B:?secret; set it in .env}\", C: \"${D:?unknown; set it in .env}\"}", "env.A.value=${B}; env.C.value=${D}"},
		{"environment: {A: \"${B:-c}\", D: \"${E:-${F-g}}h\", I: \"${J:+k}\"}", "env.A.value=c; env.D.value=gh; env.I.value="},
		{"environment: {URL: \"http://${H}/\"}", "env.URL.value=${URL}"},
		{"environment: {DB_PASSWORD: hunter2}", "env.DB_PASSWORD.value=(secret)"},
		{"environment: {U: \"postgres://a:hunter2@db/x\"}", "env.U.value=(secret)"},
		// ports
		{"ports: [\"127.0.0.1:3000:3001\"]", "ports.3001/tcp.address=0.0.0.0; ports.3001/tcp.reachable=true; ports.3001/tcp.published=127.0.0.1:3000"},
		{"ports: [\"53:53/udp\"]", "ports.53/udp.address=0.0.0.0; ports.53/udp.reachable=true; ports.53/udp.published=53"},
		{"ports: [8080]", "ports.8080/tcp.address=0.0.0.0; ports.8080/tcp.reachable=true"},
		{"ports: [\"[::1]:80:8080\"]", "ports.8080/tcp.address=0.0.0.0; ports.8080/tcp.reachable=true; ports.8080/tcp.published=[::1]:80"},
		{"ports: [\"9000-9001:8000-8001\"]", "ports.8000/tcp.address=0.0.0.0; ports.8000/tcp.reachable=true; ports.8000/tcp.published=9000; ports.8001/tcp.address=0.0.0.0; ports.8001/tcp.reachable=true; ports.8001/tcp.published=9001"},
		{
			"ports: [{target: 80, published: \"8080\", host_ip: 127.0.0.1, protocol: tcp, app_protocol: http, name: web, mode: host}]",
			"ports.80/tcp.name=web; ports.80/tcp.protocol=http; ports.80/tcp.address=0.0.0.0; ports.80/tcp.reachable=true; ports.80/tcp.published=127.0.0.1:8080",
		},
		{"expose: [\"3000\", 3001/udp]", "ports.3000/tcp.address=0.0.0.0; ports.3000/tcp.reachable=true; ports.3001/udp.address=0.0.0.0; ports.3001/udp.reachable=true"},
		// mounts
		{"volumes: [\"data:/srv/data\"]", "mounts./srv/data.kind=volume; mounts./srv/data.volume=volumes.data; mounts./srv/data.readOnly=false"},
		{"volumes: [\"./a.conf:/etc/a.conf:ro\"]", "mounts./etc/a\\.conf.kind=host; mounts./etc/a\\.conf.host=./a.conf; mounts./etc/a\\.conf.readOnly=true"},
		{"volumes: [{type: volume, source: data, target: /d, read_only: true, volume: {nocopy: true}}]", "mounts./d.kind=volume; mounts./d.volume=volumes.data; mounts./d.readOnly=true"},
		{"volumes: [{type: bind, source: /mnt, target: /d, bind: {create_host_path: false}}]", "mounts./d.kind=host; mounts./d.host=/mnt; mounts./d.readOnly=false"},
		{"volumes: [{type: tmpfs, target: /t, tmpfs: {size: 64m, mode: 0750}}]", "mounts./t.kind=tmpfs; mounts./t.readOnly=false; mounts./t.mode=0750; mounts./t.size=67108864"},
		{"volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1024, mode: \"0750\"}}]", "mounts./t.kind=tmpfs; mounts./t.readOnly=false; mounts./t.mode=0750; mounts./t.size=1024"},
		{"tmpfs: /run", "mounts./run.kind=tmpfs; mounts./run.readOnly=false"},
		{"tmpfs: [\"/run:size=64m,mode=1770,ro\"]", "mounts./run.kind=tmpfs; mounts./run.readOnly=true; mounts./run.mode=01770; mounts./run.size=67108864"},
		// health
		{"healthcheck: {test: [CMD, /check, -x]}", "probes.readiness.command.argv=/check -x; probes.readiness.interval=30s; probes.readiness.timeout=30s; probes.readiness.delay=0s; probes.readiness.failures=3"},
		{
			"healthcheck: {test: \"/check | grep ok\", interval: 10s, timeout: 3s, start_period: 5s, retries: 2}",
			`probes.readiness.command.argv="/check | grep ok"; probes.readiness.command.shell=/bin/sh; probes.readiness.interval=10s; probes.readiness.timeout=3s; probes.readiness.delay=5s; probes.readiness.failures=2`,
		},
		{
			"healthcheck: {test: \"curl -f http://localhost:8080/health || exit 1\", interval: 1m30s}",
			"probes.readiness.path=/health; probes.readiness.port=8080; probes.readiness.client=curl; probes.readiness.interval=1m30s; probes.readiness.timeout=30s; probes.readiness.delay=0s; probes.readiness.failures=3",
		},
		{"healthcheck: {disable: true, interval: 5s}", ""},
		{"healthcheck: {test: [NONE]}", ""},
		// life
		{"restart: \"no\"", ""},
		{"restart: no", ""},
		{"restart: always", "restart.policy=always"},
		{"restart: on-failure:3", "restart.policy=on-failure; restart.attempts=3"},
		{"restart: unless-stopped", "restart.policy=always"},
		{"restart: on-failure:3\ndeploy: {restart_policy: {condition: any, delay: 5s}}", "restart.policy=always"},
		{"deploy: {restart_policy: {condition: on-failure, max_attempts: 4}}", "restart.policy=on-failure; restart.attempts=4"},
		{"stop_signal: 2", "stop.signal=SIGINT"},
		{"stop_signal: SIGRTMIN+3\nstop_grace_period: 1m30s", "stop.signal=SIGRTMIN+3; stop.grace=1m30s"},
		{"deploy: {replicas: 3}", "scale.replicas=3"},
		{"deploy: {replicas: 0}", "scale.replicas=0"},
		{"scale: 2\ndeploy: {replicas: 2}", "scale.replicas=2"},
		{"profiles: [job]", "kind=job"},
		{"profiles: [cron, manual]", "kind=cron; autostart=false"},
		{"profiles: [debug]", "autostart=false"},
		{"depends_on: [db]", "needs.db.condition=started; needs.db.required=true; needs.db.follow=false"},
		{"depends_on: {db: {condition: service_healthy, restart: true, required: false}}", "needs.db.condition=ready; needs.db.required=false; needs.db.follow=true"},
		{"links: [\"db:database\"]", "needs.db.condition=started; needs.db.required=true; needs.db.follow=true"},
		{"post_start: [{command: [/warm, up], user: root}]", "started.0.command.argv=/warm up; started.0.mayFail=false; started.0.privileged=true"},
		{"pre_stop: [{command: sh -c 'a'}]", "stopping.0.command.argv=a; stopping.0.command.shell=sh; stopping.0.mayFail=false; stopping.0.privileged=false"},
		// resources
		{
			"cpus: 1.5\ncpu_shares: 2048\nmem_limit: 512m\nmem_reservation: 128mb\nmemswap_limit: 1g\npids_limit: 100",
			"resources.cpu.limit=1500000000; resources.cpu.weight=200; resources.memory.request=134217728; resources.memory.limit=536870912; resources.memory.swap=536870912; resources.pids=100",
		},
		{"mem_limit: 1g\nmemswap_limit: -1\npids_limit: -1", "resources.memory.limit=1073741824; resources.memory.swap=unlimited; resources.pids=unlimited"},
		{"cpu_quota: 50000\ncpu_period: 20000", "resources.cpu.limit=2500000000"},
		{"ulimits: {nofile: 1024, nproc: 5}", "resources.files.soft=1024; resources.files.hard=1024"},
		{"ulimits: {nofile: {soft: 1, hard: -1}}", "resources.files.soft=1; resources.files.hard=unlimited"},
		{
			"deploy: {resources: {limits: {cpus: '0.5', memory: 50M, pids: 1}, reservations: {cpus: '0.25', memory: 20M}}}",
			"resources.cpu.request=250000000; resources.cpu.limit=500000000; resources.memory.request=20971520; resources.memory.limit=52428800; resources.pids=1",
		},
		// security
		{"cap_drop: [ALL]", "security.capabilities=none"},
		{"cap_drop: [ALL]\ncap_add: [NET_BIND_SERVICE, CAP_CHOWN]", "security.capabilities=NET_BIND_SERVICE, CHOWN"},
		{"cap_add: [ALL]", "security.capabilities=all"},
		{"cap_drop: [MKNOD, NET_RAW]\ncap_add: [NET_RAW]", "security.capabilities=AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, NET_BIND_SERVICE, NET_RAW, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT"},
		{"security_opt: [\"no-new-privileges:true\", seccomp=unconfined]", "security.noNewPrivileges=true; security.seccomp=Unconfined"},
		{"read_only: true\nprivileged: true", "security.readOnlyRoot=true; security.privileged=true"},
		{"platform: linux/arm64", "placement.arch=arm64"},
		{"logging: {driver: journald, options: {tag: web, max-size: 10m}}", "logging.tag=web"},
	} {
		res := readText(t, service(c.keys))
		for _, f := range res.Findings {
			if f.Severity == ledger.Error {
				t.Errorf("%s\n  finding: %s", c.keys, f)
			}
		}
		if got := fields(t, res.App); got != c.want {
			t.Errorf("%s\n  got:  %s\n  want: %s", c.keys, got, c.want)
		}
	}
}

// Every row of the table is tried with its example: it must be accounted for with the outcome that it announces, or a better one.
func TestRows(t *testing.T) {
	for _, k := range Source.Keys() {
		if k.Doc == "" || k.Spec == "" || (k.Outcome == ledger.Dropped || k.Outcome == ledger.Inert) != (k.Reason != "") {
			t.Errorf("%s: a row without doc, specification or reason", k.Name)
		}
		if k.Example == "" {
			continue
		}
		files := Source.Sample(k)
		text := files["compose.yaml"]
		tree := treeOf(files)
		res, err := Source.Read(tree, Source.Match(tree.Paths))
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, res)
		found := false
		entries, err := ledger.Join(res.Doc)
		if err != nil {
			t.Error(err)
		}
		for _, f := range res.Findings {
			if f.Severity == ledger.Error || strings.Contains(f.What, "no such key") {
				t.Errorf("%s: %s", text, f)
			}
		}
		for _, e := range entries {
			if e.At.File != "" && isKey(k, e.Key) {
				found = true
				if k.Outcome == ledger.Converted && e.Outcome.Loss() && !strings.HasPrefix(k.Name, "build.dockerfile_inline") && k.Name != "healthcheck.disable" || k.Outcome == ledger.Dropped && e.Outcome != ledger.Dropped || k.Outcome == ledger.Inert && e.Outcome != ledger.Inert {
					t.Errorf("%s: announced as %s, but %s: %s", text, k.Outcome, e.Outcome, e.Reason)
				}
			}
		}
		if !found {
			t.Errorf("%s: the row was not tried", text)
		}
	}
}

// isKey reports whether a setting is the row's own or stands below it.
func isKey(k detect.Key, setting string) bool {
	name := k.Name
	if k.Section != "" {
		name = k.Section + "." + name
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(name), `\*`, `[^.]+`)
	return regexp.MustCompile(`^` + pattern + `(?:$|[.\[])`).MatchString(setting)
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{service("mem_limit: 5Q"), `compose.yaml:4: services.web.mem_limit: unknown unit "Q"; use b, k, m or g`},
		{service("mem_limit: [1]"), `compose.yaml:4: services.web.mem_limit: one value is wanted here, not a list or mapping`},
		{service("stop_grace_period: soon"), `compose.yaml:4: services.web.stop_grace_period: "soon" is no duration; write a number with its unit: 10s, 1m30s, 500ms`},
		{service("stop_grace_period: 10"), `compose.yaml:4: services.web.stop_grace_period: "10" has no unit; write a number with its unit: 10s, 1m30s, 500ms`},
		{service("restart: sometimes"), `compose.yaml:4: services.web.restart: unknown restart policy "sometimes"; use "no", always, on-failure or unless-stopped`},
		{service("restart: on-failure:x"), `compose.yaml:4: services.web.restart: "x" is no number of attempts; write on-failure:3`},
		{service("ports: [\"99999:1\"]"), `compose.yaml:4: services.web.ports[0]: "99999" is no port; write a number from 1 to 65535`},
		{service("ports: [\"a.b:1:1\"]"), `compose.yaml:4: services.web.ports[0]: "a.b" is no address; write [ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]`},
		{service("volumes: [\"nowhere:/a\"]"), `compose.yaml:4: services.web.volumes[0]: the volume "nowhere" is not declared; add it under volumes: at the top level`},
		{service("volumes: [\"data:a\"]"), `compose.yaml:4: services.web.volumes[0]: the path "a" is relative; write an absolute path in the container`},
		{service("volumes: [\"data:/a\", \"data:/a/\"]"), `compose.yaml:4: services.web.volumes[1]: something is mounted at /a already; mount one thing at one path`},
		{service("depends_on: [cache]"), `compose.yaml:4: services.web.depends_on[0]: there is no service "cache"; name one of the file's services`},
		{service("depends_on: {db: {restart: true}}"), `compose.yaml:4: services.web.depends_on.db: a dependency needs a condition; write condition: service_started`},
		{service("depends_on: {db: {}}"), `compose.yaml:4: services.web.depends_on.db: a dependency needs a condition; write condition: service_started`},
		{service("security_opt: [\"no-new-privileges:true\", \"no-new-privileges:true\"]"), `compose.yaml:4: services.web.security_opt[1]: is there twice, which Docker Compose refuses; remove one of them`},
		{service("group_add: [44, 45, 44]"), `compose.yaml:4: services.web.group_add[2]: is there twice, which Docker Compose refuses; remove one of them`},
		{service("depends_on: {db: {condition: alive}}"), `compose.yaml:4: services.web.depends_on.db.condition: unknown condition "alive"; use service_started, service_healthy or service_completed_successfully`},
		{service("read_only: maybe"), `compose.yaml:4: services.web.read_only: "maybe" is neither true nor false; use true or false`},
		{service("stop_signal: SIGFOO"), `compose.yaml:4: services.web.stop_signal: unknown signal "SIGFOO"; write SIGTERM or the like`},
		{service("memory_limit: 5m"), `compose.yaml:4: services.web.memory_limit dropped: compose has no such key here; did you mean mem_limit?`},
		{service("colour: 5m"), `compose.yaml:4: services.web.colour dropped: compose has no such key here; remove it`},
		{service("comand: [a]"), `compose.yaml:4: services.web.comand dropped: compose has no such key here; did you mean command?`},
		{service("deploy: {resources: {limit: {cpus: 1}}}"), `compose.yaml:4: services.web.deploy.resources.limit dropped: compose has no such key here; did you mean limits?`},
		{service("image: a"), `compose.yaml:4: services.web.image: the key stands here twice; remove one of them`},
		{service("environment: {A: \"$\"}"), `compose.yaml:4: services.web.environment.A: a "$" begins no variable; write $$ for a "$" that is meant as such`},
		{service("command: echo 'a"), `compose.yaml:4: services.web.command: a command line that compose refuses; close the quotes, or write a list: [sh, -c, ...]`},
		{service("command: echo a; echo b"), `compose.yaml:4: services.web.command: compose ends the command before ";"; write a list: [sh, -c, ...]`},
		{service("working_dir: ${DIR}"), `compose.yaml:4: services.web.working_dir dropped: its text is not known here: compose reads ${DIR} at each start; write the value, or a default: ${DIR:-value}`},
		{service("ports: [\"${P}:80\"]"), `compose.yaml:4: services.web.ports[0] dropped: its text is not known here: compose reads ${P} at each start; write the value, or a default: ${P:-value}`},
		{service("mem_limit: 1m\ndeploy: {resources: {limits: {memory: 2m}}}"), `compose.yaml:5: services.web.deploy.resources.limits.memory: mem_limit says another value; write it in one place`},
		{service("memswap_limit: 1g"), `compose.yaml:4: services.web.memswap_limit: memory and swap are bounded together, memory is not; set mem_limit too`},
		{service("env_file: gone.env"), `compose.yaml:4: services.web.env_file dropped: the file gone.env is not in the tree: which variables it sets is not known; put it beside the compose file, or write its variables into environment`},
		{service("healthcheck: {test: [curl, x]}"), `compose.yaml:4: services.web.healthcheck.test: a test that docker does not know; begin it with CMD, CMD-SHELL or NONE`},
		{service("healthcheck: [a]"), `compose.yaml:4: services.web.healthcheck: a mapping is wanted here`},
		{service("networks: {default: {aliases: [www]}}"), `compose.yaml:4: services.web.networks.default.aliases[0] dropped: peers reach a workload under its own name alone; use the service's name, or add a Service of the other name by hand`},
		{"services:\n  web: 5\n", `compose.yaml:2: services.web: a service is a mapping; write image: or build:`},
		{"services:\n  web: {restart: always}\n", `compose.yaml:2: services.web: neither image nor build; name an image, or the directory to build`},
		{"services: [a]\n", `compose.yaml:1: services: services are a mapping; write NAME: {image: ...}`},
		{"name: x\n", `compose.yaml:1: no services; write services: with at least one service`},
		{"- a\n", `compose.yaml:1: a compose file is a mapping; begin with services:`},
		{"services:\n  web: {image: [}\n", `compose.yaml:1: did not find expected node content; mend the YAML`},
		{"services:\n  web: {build: ./web}\n", `compose.yaml:2: services.web.build: web/Dockerfile is not in the tree: how the image is built is not known; add the Dockerfile, or name an image`},
		{"a: \x00b\n", `compose.yaml:1: not a text file: it contains a NUL byte; remove the file or give it another name`},
		{
			"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
			"aliases or nesting expand beyond all bounds",
		},
	} {
		res := readText(t, c.text)
		var all []string
		for _, f := range res.Findings {
			all = append(all, f.String())
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s\n  got:  %s\n  want: %s", c.text, got, c.want)
		}
	}
}

func TestHugeFile(t *testing.T) {
	res := readText(t, "services:\n  web: {image: x}\n#"+strings.Repeat("x", 50<<20))
	if len(res.Findings) != 1 || res.Findings[0].Severity != ledger.Error {
		t.Errorf("findings: %v", res.Findings)
	}
}

func TestEnvFile(t *testing.T) {
	res := readText(t, service("env_file: [a.env, {path: b.env, required: false}, {path: c.env, required: false}]\nenvironment: {B: file}"), "a.env", `
# comment
A=1
B=2 # not this
export C='x $y'
D="a\nb ${A}"
E=${A:-z}${A}
API_TOKEN=hunter2
F
G=http://x/#a
`, "b.env", "A=over\n")
	want := `env.A.value=over; env.API_TOKEN.value=(secret); env.B.value=file; env.C.value=x $y; env.D.value=a
b 1; env.E.value=11; env.F.value=${F}; env.G.value=http://x/#a`
	if got := fields(t, res.App); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, e := range res.Doc.Settings {
		if e.Key == "API_TOKEN" && !e.Value.IsSecret() {
			t.Error("a secret of an environment file is shown")
		}
	}
	res = readText(t, service("env_file: bad.env"), "bad.env", "A B\n=x\nC='\n")
	if len(res.Findings) != 3 || res.Findings[2].At.String() != "bad.env:3" {
		t.Errorf("findings: %v", res.Findings)
	}
}

// Secrets stay hidden wherever they come from, in the result, its findings and its ledger.
func TestSecretsStayHidden(t *testing.T) {
	const canary = "hunter2-canary"
	res := readText(t, service(`environment: {DB_PASSWORD: `+canary+`, URL: "http://a:`+canary+`@b/", KEY_SECRET: "${X:-`+canary+`}"}
labels: {token: `+canary+`}
x-password: `+canary+`
secrets: [`+canary+`]
build: {context: ., args: {NPM_TOKEN: `+canary+`}}`), "Dockerfile", "FROM x\n")
	out := fmt.Sprintf("%v %+v %v", res.App, res.Doc.Settings, res.Findings)
	if i := strings.Index(out, canary); i >= 0 && !strings.Contains(out[max(0, i-200):i], "services.web.secrets[0]") {
		t.Errorf("a secret is shown: …%s…", out[max(0, i-120):i+20])
	}
	built, err := Source.Read(treeOf(map[string]string{"compose.yaml": "services: {web: {build: {context: ., args: {NPM_TOKEN: " + canary + "}}}}", "Dockerfile": "FROM x"}), []string{"compose.yaml"})
	if err != nil || len(built.Pieces) != 1 || strings.Contains(fmt.Sprint(built.Pieces), canary) {
		t.Errorf("a secret is shown: %v %v", built.Pieces, err)
	}
}

func TestAnchors(t *testing.T) {
	res := readText(t, `
x-common: &common
  restart: always
  environment: &env {A: "1"}
  unused: &u {q: 1}
services:
  a: {<<: *common, image: x}
  b:
    <<: *common
    image: y
    restart: "no"
    environment: {<<: *env, B: "2"}
`)
	for path, want := range map[deploy.Path]string{"workloads.a.restart.policy": "always", "workloads.b.restart.policy": "no", "workloads.a.env.A.value": "1", "workloads.b.env.A.value": "1", "workloads.b.env.B.value": "2"} {
		if got, _ := deploy.Text(res.App, path); got != want {
			t.Errorf("%s = %q, want %q", path, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	res := readText(t, "services:\n  web:\n    image: x\n    environment:\n      A: b\n    ports:\n      - 80\n")
	got := map[deploy.Path]string{}
	for _, p := range res.Doc.Places {
		got[p.Path] = p.At.String()
	}
	for path, want := range map[deploy.Path]string{"workloads.web": "compose.yaml:2", "workloads.web.env": "compose.yaml:4", "workloads.web.ports": "compose.yaml:6"} {
		if got[path] != want {
			t.Errorf("%s stands at %q, want %q", path, got[path], want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ paths, want []string }{
		{[]string{"compose.yaml", "compose.yml", "docker-compose.yml", "x/compose.yaml"}, []string{"compose.yaml"}},
		{[]string{"a/docker-compose.yml", "b/c/compose.yaml", "b/compose.yaml"}, []string{"a/docker-compose.yml", "b/compose.yaml"}},
		{[]string{"kubernetes.yaml"}, nil},
	} {
		if got := Source.Match(c.paths); !slices.Equal(got, c.want) {
			t.Errorf("Match(%v) = %v", c.paths, got)
		}
	}
}

func TestBuildAndExpand(t *testing.T) {
	for _, c := range []struct{ build, file, context, piece string }{
		{"./web", "web/Dockerfile", "web", "web/Dockerfile"},
		{".", "Dockerfile", ".", "Dockerfile"},
		{"{}", "", "", ""},
		{"{context: web, dockerfile: Dockerfile.prod}", "web/Dockerfile.prod", "web", "web/Dockerfile.prod"},
		{"{context: ., dockerfile: web/Dockerfile}", "web/Dockerfile", ".", "web/Dockerfile map[ignore:[.dockerignore]]"},
		{"{context: lib, dockerfile: ../web/Dockerfile}", "web/Dockerfile", "lib", "web/Dockerfile map[ignore:[]]"},
		{"{context: ../src/web, dockerfile: ../../out/web/Dockerfile}", "web/Dockerfile", "../src/web", "web/Dockerfile map[ignore:[]]"},
		{"{context: ../src/web, dockerfile: \"${PWD}/web/Dockerfile\"}", "web/Dockerfile", "../src/web", "web/Dockerfile map[ignore:[]]"},
		{"{context: ../src/web, dockerfile: \"${PWD:-.}/web/Dockerfile\"}", "web/Dockerfile", "../src/web", "web/Dockerfile map[ignore:[]]"},
		{"{context: web, target: prod, args: [A=b, NPM_TOKEN=x, C]}", "web/Dockerfile", "web", "web/Dockerfile map[arg:[A=b] target:[prod]]"},
		{"gone", "gone/Dockerfile", "gone", ""},
		{"{context: \"https://example.org/x.git\"}", "", "", ""},
		{"{context: \"${C}\"}", "", "", ""},
	} {
		files := map[string]string{
			"compose.yaml": "services: {web: {build: " + c.build + "}}", "Dockerfile": "FROM a", "web/Dockerfile": "FROM b", "web/Dockerfile.prod": "FROM c", ".dockerignore": ".git",
		}
		tree := treeOf(files)
		res, err := Source.Read(tree, []string{"compose.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, res)
		w := res.App.Workloads[0]
		if w.Build.File.Or("") != c.file || w.Build.Context.Or("") != c.context {
			if c.build != "{}" {
				t.Errorf("%s: file %q, context %q", c.build, w.Build.File, w.Build.Context)
			}
		}
		got := ""
		for _, p := range res.Pieces {
			got += pieceText(p)
			if p.Source != "dockerfile" || p.Workload != "web" {
				t.Errorf("%s: piece %v", c.build, p)
			}
		}
		if got != c.piece && c.build != "{}" {
			t.Errorf("%s: piece %q, want %q", c.build, got, c.piece)
		}
	}
	tree := treeOf(map[string]string{"compose.yaml": "services: {web: {build: ., entrypoint: [a], user: b, healthcheck: {disable: true}}}", "Dockerfile": "FROM x"})
	built, _ := Source.Read(tree, []string{"compose.yaml"})
	if p := built.Pieces; len(p) != 1 || pieceText(p[0]) != "Dockerfile map[without:[CMD ENTRYPOINT USER HEALTHCHECK]]" {
		t.Errorf("pieces %v", p)
	}
}

// pieceText prints what a piece names and, behind it, its options.
func pieceText(p detect.Piece) string {
	if len(p.Options) == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s %v", p.Path, p.Options)
}

func TestOneDirectoryDown(t *testing.T) {
	tree := treeOf(map[string]string{"deploy/compose.yaml": "name: shop\nservices: {web: {build: ../web, env_file: web.env}}", "web/Dockerfile": "FROM x", "deploy/web.env": "A=1\n", "web/.dockerignore": "a"})
	res, err := Source.Read(tree, Source.Match(tree.Paths))
	if err != nil {
		t.Fatal(err)
	}
	checkResult(t, res)
	w := res.App.Workloads[0]
	if !w.Build.Context.Is("../web") || !w.Build.File.Is("../web/Dockerfile") || len(w.Env) != 1 || !res.App.Name.Is("shop") {
		t.Errorf("%+v", w.Build)
	}
	p := res.Pieces
	if len(p) != 1 || pieceText(p[0]) != "web/Dockerfile" {
		t.Errorf("pieces %v", p)
	}
}

func TestVanishedFile(t *testing.T) {
	tree := detect.Tree{FS: fstest.MapFS{}}
	if _, err := Source.Read(tree, []string{"compose.yaml"}); err == nil {
		t.Error("a file that vanished is no error")
	}
}

func TestValues(t *testing.T) {
	for text, want := range map[string]time.Duration{"1m30s": 90 * time.Second, "0": 0, "1.5s": 1500 * time.Millisecond, "2h": 2 * time.Hour, "100us": 100 * time.Microsecond, "1d": 24 * time.Hour} {
		if got, w := duration(text); w != nil || got != want {
			t.Errorf("duration(%q) = %v, %v", text, got, w)
		}
	}
	for text, want := range map[string]deploy.Bytes{"1": 1, "1b": 1, "1k": 1024, "1KB": 1024, "1kib": 1024, "1.5g": 3 << 29, "2gb": 2 << 30, "1 m": 1 << 20, "1t": 1 << 40} {
		if got, w := byteSize(text); w != nil || got != want {
			t.Errorf("byteSize(%q) = %v, %v", text, got, w)
		}
	}
	for _, text := range []string{"", "m", "1q", "1bb", "-1", "1e9", "9999999999999999999g", "1.2.3m"} {
		if got, w := byteSize(text); w == nil {
			t.Errorf("byteSize(%q) = %v", text, got)
		}
	}
	for _, text := range []string{"", "5", "s", "1x", "99999999999h", "-5s"} {
		if got, w := duration(text); w == nil {
			t.Errorf("duration(%q) = %v", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"services: {web: {image: x}}", service("ports: [80, {target: 1, published: 2}]\nvolumes: [data:/a, {type: tmpfs, target: /b}]"), service("healthcheck: {test: [CMD, a]}\ncommand: a 'b'"),
		service("environment: {A: \"${B:-${C}}\"}\nenv_file: a.env"), "services: &a {<<: *a, web: *a}", "x-a: &a {image: x}\nservices: {a: *a, b: {<<: *a}}", service("deploy: {resources: {limits: {cpus: 1}}}"),
		service("cap_add: [ALL]\ncap_drop: [A]\nrestart: on-failure:3\ndeploy: {restart_policy: {condition: none}}"), "services: {web: {build: {context: a, args: [b]}}}\nvolumes: {a: {b: {}}}",
	} {
		f.Add(s, "A=1\n")
	}
	f.Fuzz(func(t *testing.T, text, env string) {
		tree := treeOf(map[string]string{"compose.yaml": text, "a.env": env, "Dockerfile": "FROM x"})
		res, err := Source.Read(tree, []string{"compose.yaml"})
		if err != nil && !strings.Contains(err.Error(), fs.ErrNotExist.Error()) {
			t.Fatal(err)
		}
		checkResult(t, res)
	})
}

func FuzzInterpolate(f *testing.F) {
	f.Add("${A:-${B:?x}}$$ $C")
	f.Fuzz(func(t *testing.T, s string) {
		if e, err := interpolate(s, unknownVariable); err == nil && !strings.Contains(s, "$") && e.text != s {
			t.Errorf("%q became %q", s, e.text)
		}
	})
}

func TestConfigs(t *testing.T) {
	res := readText(t, `services:
  web:
    image: nginx
    configs: [short, {source: long, target: /etc/long.conf, mode: 0440}, {source: inline, target: etc/inline}, lost, gone]
configs:
  short: {file: ./short.conf}
  long: {file: conf/long.conf}
  inline: {content: "a $$b"}
  lost: {external: true}
  gone: {file: ./gone}
  idle: {file: ./short.conf}
`, "short.conf", "short\n", "conf/long.conf", "long\n")
	var got []string
	for _, f := range res.App.Workloads[0].Files {
		got = append(got, f.Path+"="+strings.TrimSpace(f.Content.Or("")))
	}
	if want := "/etc/inline=a $b /etc/long.conf=long /short=short"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	var said []string
	for _, f := range res.Findings {
		said = append(said, f.String())
	}
	for _, want := range []string{"services.web.configs[3] dropped: the config comes from outside of the files", "services.web.configs[4] dropped: the file ./gone is not in the tree"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%q is missing in %v", want, said)
		}
	}
	for _, p := range verify.Claims(res.App, res.Doc) {
		t.Error(p)
	}
}
