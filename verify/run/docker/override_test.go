package docker

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/owners"
	"github.com/deploylift/lift/verify/run/witness"
	"go.yaml.in/yaml/v3"
)

const config = `{
  "name": "lift-n",
  "networks": {"default": {"name": "lift-n_default"}, "front": {"name": "front", "external": true}, "back": {"name": "shop-back"}},
  "volumes": {"data": {"name": "lift-n_data"}, "photos": {"name": "photos", "external": true}, "nfs": {"name": "lift-n_nfs", "driver_opts": {"type": "nfs", "device": ":/export"}}},
  "services": {
    "web": {
      "image": "shop/web:1.0", "build": {"context": "/src"}, "container_name": "shop-web", "entrypoint": null, "command": ["serve", "$$X"], "pull_policy": "build",
      "ports": [
        {"mode": "ingress", "target": 80, "published": "80", "protocol": "tcp"},
        {"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp", "host_ip": "10.0.0.1"},
        {"mode": "ingress", "target": 53, "published": "53", "protocol": "udp", "name": "dns"}
      ],
      "ulimits": {"nofile": {"soft": 1024, "hard": 524288}, "nproc": 100}
    },
    "Web_2": {"image": "shop/web:1.0", "build": {"context": "/src"}, "entrypoint": null, "command": null},
    "copy": {"image": "shop/web:1.0", "entrypoint": null, "command": null},
    "own": {"build": {"context": "/own"}, "entrypoint": [], "command": null},
    "db": {"image": "postgres:16", "entrypoint": null, "command": null, "profiles": ["x"], "depends_on": {"web": {"condition": "service_completed_successfully"}}}
  }
}`

func parsed(t *testing.T) project {
	t.Helper()
	var p project
	if err := json.Unmarshal([]byte(config), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// plain reads what the printer prints, tags aside.
func plain(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal(regexp.MustCompile(`: !(override|reset) `).ReplaceAll(text, []byte(": ")), &out); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return out
}

func TestOverride(t *testing.T) {
	p := parsed(t)
	if !slices.Equal(p.started(), []string{"Web_2", "copy", "own", "web"}) {
		t.Errorf("started: %v", p.started())
	}
	if got := p.jobs(deploy.App{}); !reflect.DeepEqual(got, map[string]bool{"web": true}) {
		t.Errorf("jobs: %v", got)
	}
	if got := outside(p); !slices.Equal(got, []string{"nfs", "photos"}) {
		t.Errorf("outside: %v", got)
	}
	v := newOverride("lift-n", owners.Owner{PID: 1}, p)
	building := plain(t, v.building(p))["services"].(map[string]any)
	if len(building) != 3 {
		t.Errorf("built: %v", building)
	}
	shared := building["web"].(map[string]any)["image"]
	if shared != building["Web_2"].(map[string]any)["image"] || shared != "lift-n-web-2:run" || building["own"].(map[string]any)["image"] != "lift-n-own:run" {
		t.Errorf("tags: %v", building)
	}
	v.lowered["web"] = map[string]ulimit{"nofile": {1024, 20000}}
	v.fronts["copy"] = front{image: "lift-n-witness-copy:run", argv: []string{"/w", "$A"}, plan: witness.Plan{Nonce: "n", Socket: `"$x`}}
	text := v.running(p)
	all := plain(t, text)
	get := func(path ...string) any {
		var at any = all
		for _, k := range path {
			m, ok := at.(map[string]any)
			if !ok {
				return nil
			}
			at = m[k]
		}
		return at
	}
	for _, c := range []struct {
		want any
		path []string
	}{
		{"lift-n-web-2:run", []string{"services", "web", "image"}},
		{"lift-n-web-2:run", []string{"services", "Web_2", "image"}},
		{"never", []string{"services", "web", "pull_policy"}},
		{"lift-n-witness-copy:run", []string{"services", "copy", "image"}},
		{nil, []string{"services", "db", "image"}},
		{nil, []string{"services", "db", "entrypoint"}},
		{[]any{"/w", "$$A"}, []string{"services", "copy", "entrypoint"}},
		{[]any{}, []string{"services", "copy", "command"}},
		{[]any{
			map[string]any{"mode": "ingress", "target": 80, "protocol": "tcp", "host_ip": "127.0.0.1"},
			map[string]any{"mode": "ingress", "target": 53, "protocol": "udp", "host_ip": "127.0.0.1", "name": "dns"},
		}, []string{"services", "web", "ports"}},
		{map[string]any{"nofile": map[string]any{"soft": 1024, "hard": 20000}, "nproc": map[string]any{"soft": 100, "hard": 100}}, []string{"services", "web", "ulimits"}},
		{"lift-n", []string{"networks", "front", "labels", labelRun}},
		{nil, []string{"networks", "front", "name"}},
		{"lift-n_back", []string{"networks", "back", "name"}},
		{nil, []string{"volumes", "data", "name"}},
		{"lift-n", []string{"volumes", "photos", "labels", labelRun}},
	} {
		if got := get(c.path...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %#v, want %#v", c.path, got, c.want)
		}
	}
	for _, line := range []string{`"container_name": !reset null`, `"ports": !override [`, `"front": !override {`, `"photos": !override {`, `"nfs": !override {`} {
		if !strings.Contains(string(text), line) {
			t.Errorf("no %s in:\n%s", line, text)
		}
	}
	plan := get("services", "copy", "environment", witness.Variable).(string)
	var back witness.Plan
	if err := json.Unmarshal([]byte(strings.ReplaceAll(plan, "$$", "$")), &back); err != nil || back.Socket != `"$x` {
		t.Errorf("the plan: %s %v", plan, err)
	}
}

func TestFront(t *testing.T) {
	for _, c := range []struct{ argv, want string }{
		{"node server.js", "W -- node server.js"},
		{"/usr/bin/tini -g -- python3 app.py", "/usr/bin/tini -g -- W -- python3 app.py"},
		{"tini -p SIGTERM -s node x -- y", "tini -p SIGTERM -s W -- node x -- y"},
		{"/docker-entrypoint.sh nginx -g off", "/docker-entrypoint.sh W -- nginx -g off"},
		{"dumb-init --rewrite 15:3 node x", "dumb-init --rewrite 15:3 W -- node x"},
		{"tini", "W -- tini"},
		{"/bin/sh -c script", "W -- /bin/sh -c script"},
	} {
		got := strings.ReplaceAll(strings.Join(inFront(strings.Fields(c.argv)), " "), witnessPath, "W")
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.argv, got, c.want)
		}
	}
	image, cmd := []string{"/entry"}, []string{"serve"}
	for _, c := range []struct {
		svc  service
		want string
	}{
		{service{}, "/entry serve"},
		{service{Command: []string{"other", "$$X"}}, "/entry other $X"},
		{service{Entrypoint: []string{"/mine"}}, "/mine"},
		{service{Entrypoint: []string{"/mine"}, Command: []string{"x"}}, "/mine x"},
		{service{Entrypoint: []string{}, Command: []string{"x"}}, "x"},
		{service{Command: []string{}}, "/entry"},
	} {
		if got := strings.Join(commandLine(c.svc, image, cmd), " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.svc, got, c.want)
		}
	}
}

func TestMask(t *testing.T) {
	s := run.System{Values: map[string]string{"A": "s3cr$t\"word", "B": "s3cr$t", "N": "5", "E": "", "K": "-----BEGIN KEY-----\nabcdefgh12345\n-----END KEY-----\n"}}
	s.App.Workloads = []deploy.Workload{{Name: "w", Env: []deploy.Env{{Name: "P", Value: deploy.Secret("plainly")}, {Name: "Q", Value: deploy.Plain("shown")}}}}
	m := mask.Of(s)
	for in, want := range map[string]string{
		`a s3cr$t"word b s3cr$t`:     `a (secret) b (secret)`,
		`{"x":"s3cr$t\"word"}`:       `{"x":"(secret)"}`,
		`url s3cr%24t%22word`:        `url (secret)`,
		`compose s3cr$$t`:            `compose (secret)`,
		`base64 czNjciR0`:            `base64 (secret)`,
		`plainly shown`:              `(secret) shown`,
		`port 5000, level 5, 55 n5`:  `port 5000, level (secret), 55 n5`,
		"line\nabcdefgh12345\nother": "line\n(secret)\nother",
	} {
		if got := m.Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := m.Ending([]byte("one\n\ntwo s3cr$t\x1b[31m\nthree\n"), 2); got != "\n    two (secret)[31m\n    three" {
		t.Errorf("%q", got)
	}
}

func TestOwner(t *testing.T) {
	me := owners.Self()
	back, ok := owners.Parse(me.String())
	if !ok || back != me || me.Boot != "" && me.Dead() {
		t.Errorf("%+v %+v %v", me, back, ok)
	}
	if me.Boot == "" {
		t.Skip("nothing is known of processes here")
	}
	other := me
	other.Started = "1"
	before := me
	before.Boot = "another"
	before.Machine = me.Machine
	elsewhere := before
	elsewhere.Machine = "another"
	inside := me
	inside.Space, inside.Started = "1", "1"
	for _, c := range []struct {
		o    owners.Owner
		dead bool
	}{{other, true}, {before, me.Machine != ""}, {elsewhere, false}, {inside, false}, {owners.Owner{}, false}} {
		if c.o.Dead() != c.dead {
			t.Errorf("%+v: dead is %v", c.o, !c.dead)
		}
	}
}

func TestEnded(t *testing.T) {
	for code, want := range map[int]run.Ended{0: {}, 3: {Code: 3}, 137: {Code: -1, Killed: true}, 143: {Code: -1}, 255: {Code: 255}} {
		if got := ended(code); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %+v", code, got)
		}
	}
}

func TestDoor(t *testing.T) {
	offered := func(ports ...string) deploy.Workload {
		w := deploy.Workload{Name: "w"}
		for _, p := range ports {
			number, at, ok := strings.Cut(p, "@")
			port := deploy.Port{Number: number + "/tcp"}
			if ok {
				port.Published = deploy.Some(at)
			}
			w.Ports = append(w.Ports, port)
		}
		return w
	}
	for _, c := range []struct {
		w     deploy.Workload
		match string
		own   int64
		want  int
	}{
		{offered("80@80", "443@443"), "https://a.example/x", 0, 443},
		{offered("80@80", "443@443"), "http://a.example", 0, 80},
		{offered("8080@10.0.0.1:80", "9000@9000"), "http://*", 0, 8080},
		{offered("80@8080", "9000@9000"), "http://*", 0, 80},
		{offered("5000@5000"), "http://*", 0, 5000},
		{offered("5000@5000", "6000@6000"), "http://*", 6000, 6000},
		{offered("5000@5000", "6000@6000"), "http://*", 0, 0},
		{offered("5000"), "http://*", 5000, 0},
	} {
		if got, _ := door(c.w, c.match, c.own); got != c.want {
			t.Errorf("%+v %s: %d, want %d", c.w.Ports, c.match, got, c.want)
		}
	}
}

func TestBuildSteps(t *testing.T) {
	steps := map[string]string{}
	var got []string
	for _, l := range strings.Split(`#1 [web internal] load build definition from Dockerfile
#2 [web 1/3] FROM node
#2 CACHED
#3 [web 2/3] RUN apt-get   update
#3 0.512 Get:1
#3 0.600 Get:2
#3 DONE 4.0s
#4 [db build 3/3] COPY . .
#4 DONE 0.1s
#5 0.1 stray`, "\n") {
		if s, ok := buildStep(steps, l); ok {
			got = append(got, s)
		}
	}
	if !slices.Equal(got, []string{"web 2/3: RUN apt-get update"}) {
		t.Errorf("%q", got)
	}
}
