package exchange

import (
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
)

// shop is a system with a proxy in front, as the readers find it.
func shop() deploy.App {
	ref := func(n string) deploy.Opt[deploy.Ref] { return deploy.Some(deploy.Ref(deploy.At("workloads", n))) }
	service := func(name string, ports ...deploy.Port) deploy.Workload {
		return deploy.Workload{Name: name, Kind: deploy.Some(deploy.Service), Ports: ports}
	}
	web := service("web", deploy.Port{Number: "3000/tcp", Protocol: deploy.Some("http")}, deploy.Port{Number: "9000/tcp"}, deploy.Port{Number: "53/udp"}, deploy.Port{Number: "6379/tcp", Protocol: deploy.Some("tcp")})
	web.Probes.Readiness = deploy.Probe{Path: deploy.Some("/healthz"), Port: deploy.Some(int64(3000))}
	web.Probes.Liveness = deploy.Probe{Path: deploy.Some("/healthz"), Port: deploy.Some(int64(3000))}
	live := service("live", deploy.Port{Number: "4001/tcp"})
	live.Probes.Startup = deploy.Probe{Path: deploy.Some("/up"), Port: deploy.Some(int64(4001))}
	return deploy.App{
		Workloads: []deploy.Workload{web, live, service("nginx", deploy.Port{Number: "80/tcp"}, deploy.Port{Number: "443/tcp"}), {Name: "nightly", Kind: deploy.Some(deploy.Cron)}},
		Routes: []deploy.Route{
			{Match: "http://shop.example", Workload: ref("nginx"), Port: deploy.Some(int64(80))},
			{Match: "https://shop.example", Workload: ref("nginx"), Port: deploy.Some(int64(443))},
			{Match: "https://shop.example/", Workload: ref("web"), Port: deploy.Some(int64(3000)), Via: ref("nginx")},
			{Match: "https://shop.example/live/", Workload: ref("live"), Port: deploy.Some(int64(4001)), Via: ref("nginx"), Upgrade: deploy.Some(true)},
			{Match: "https://shop.example=/exact", Workload: ref("web"), Port: deploy.Some(int64(3000)), Via: ref("nginx")},
			{Match: `https://shop.example~\.php$`, Workload: ref("web"), Port: deploy.Some(int64(3000)), Via: ref("nginx")},
			{Match: "http://*.shop.example", Workload: ref("nginx"), Port: deploy.Some(int64(80))},
			{Match: "http://*", Workload: ref("nginx"), Port: deploy.Some(int64(80))},
		},
	}
}

func TestDerive(t *testing.T) {
	container := shop()
	container.Workloads[0].Name = "web-1"
	container.Workloads[0].Ports[0].Published = deploy.Some("127.0.0.1:3000")
	f, gaps := Derive(shop(), []Tier{{App: container, Called: map[string]string{"web": "web-1"}}}, func(p deploy.Path) string {
		if p == "workloads.web.probes.readiness.path" {
			return "deploy/web.service:3"
		}
		return ""
	})
	text := Print(f)
	back, faults := Parse("", text)
	for _, x := range slices.Concat(faults, Vet(f, shop(), nil)) {
		t.Error(x)
	}
	unplaced(&back)
	if Print(back) != text {
		t.Errorf("read again, it is another file:\n%s", Print(back))
	}
	var got []string
	for _, it := range f.Items {
		got = append(got, it.Name())
		if !it.Expect.empty() || it.Do != "" || !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, it.Request.Method) {
			t.Errorf("%s may change something, or expects something", it.Name())
		}
	}
	want := `GET web:3000/healthz, HEAD web:3000/healthz, GET published web:3000/healthz, HEAD published web:3000/healthz, GET web:3000/, HEAD web:3000/, OPTIONS web:3000/, GET published web:3000/, HEAD published web:3000/, OPTIONS published web:3000/, ` +
		`GET live:4001/up, HEAD live:4001/up, GET live:4001/, HEAD live:4001/, OPTIONS live:4001/, GET nginx:80/, HEAD nginx:80/, OPTIONS nginx:80/, ` +
		`GET http://shop.example/, HEAD http://shop.example/, GET https://shop.example/, HEAD https://shop.example/, GET https://shop.example/live/, GET https://shop.example/live/, HEAD https://shop.example/live/, GET https://shop.example/exact, HEAD https://shop.example/exact, ` +
		`GET http://any.shop.example/, HEAD http://any.shop.example/, GET http://any.example/, HEAD http://any.example/`
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if !strings.Contains(text, "# readiness probe of web, deploy/web.service:3\nGET web:3000/healthz\n") {
		t.Errorf("it is not said where it comes from:\n%s", text)
	}
	if strings.Count(text, "send websocket") != 1 {
		t.Errorf("not one WebSocket:\n%s", text)
	}
	var missing []string
	for _, g := range gaps {
		missing = append(missing, g.What+": "+g.Why)
	}
	wantGaps := []string{
		"port 9000/tcp of web: nothing says that it speaks HTTP",
		"port 53/udp of web: it is not HTTP",
		"port 6379/tcp of web: it speaks tcp",
		"port 443/tcp of nginx: nothing says that it speaks HTTP",
		"cron nightly: to run it may change something; write run nightly where its time is",
		`route https://shop.example~\.php$: a pattern names no path to ask for`,
	}
	if !slices.Equal(missing, wantGaps) {
		t.Errorf("got gaps\n%s", strings.Join(missing, "\n"))
	}
	for _, g := range missing {
		if !strings.Contains(text, "# Not derived: "+g+"\n") {
			t.Errorf("the file does not tell: %s", g)
		}
	}
}

// A system that tells nothing gives a file that says so.
func TestDeriveNothing(t *testing.T) {
	f, gaps := Derive(deploy.App{Workloads: []deploy.Workload{{Name: "job", Kind: deploy.Some(deploy.Job)}}}, nil, nil)
	back, faults := Parse("", Print(f))
	if len(f.Items) != 0 || len(gaps) != 1 || len(faults) > 0 || Print(back) != Print(f) {
		t.Errorf("%v, %v, %q", gaps, faults, Print(f))
	}
}

// Whatever the model says, what is derived can be printed and read.
func TestDeriveOdd(t *testing.T) {
	a := shop()
	a.Workloads[0].Probes.Readiness.Path = deploy.Some("/a b")
	a.Workloads[0].Probes.Liveness.Path = deploy.Some("no slash")
	a.Workloads[1].Probes.Startup.Port = deploy.Opt[int64]{}
	a.Workloads[2].Ports = append(a.Workloads[2].Ports, deploy.Port{Number: "99999/tcp"}, deploy.Port{Number: "x/tcp"})
	a.Workloads[0].Name = "odd name:1"
	a.Routes = append(a.Routes, deploy.Route{Match: "http://shop.example/${x}"}, deploy.Route{Match: "http://[::1]"}, deploy.Route{Match: "nothing"})
	for _, app := range []deploy.App{a, deploy.Full(), {}} {
		f, _ := Derive(app, nil, nil)
		back, faults := Parse("", Print(f))
		if len(faults) > 0 || Print(back) != Print(f) {
			t.Errorf("%v\n%s", faults, Print(f))
		}
	}
}
