package loopback

import (
	"testing"

	"github.com/deploylift/lift/deploy"
)

func TestJudge(t *testing.T) {
	port := func(number, address string) deploy.Port {
		p := deploy.Port{Number: number}
		if address != "" {
			p.Address = deploy.Some(address)
		}
		return p
	}
	web := deploy.Workload{Name: "web", Ports: []deploy.Port{port("8000/tcp", "127.0.0.1")}}
	app := deploy.App{Workloads: []deploy.Workload{
		web,
		{Name: "db", Ports: []deploy.Port{port("5432/tcp", "")}},
		{Name: "a", Ports: []deploy.Port{port("7000/tcp", "0.0.0.0")}},
		{Name: "b", Ports: []deploy.Port{port("7000/tcp", "::1")}},
		{Name: "far", Ports: []deploy.Port{port("6000/tcp", "10.0.0.5")}},
		{Name: "dns", Ports: []deploy.Port{port("53/udp", "127.0.0.53")}},
	}}
	owners := Owners(app)
	for _, c := range []struct {
		name, text string
		want       Verdict
		owner      string
	}{
		{"LISTEN", "127.0.0.1:8000", Listen, "web"},
		{"LISTEN", "0.0.0.0:8000", Keep, "web"},
		{"--listen", "[::]:8000", Keep, "web"},
		{"X", "127.0.0.1:8000", Listen, "web"},
		{"SELF", "http://127.0.0.1:8000", Keep, "web"},
		{"ASPNETCORE_URLS", "http://localhost:8000", Listen, "web"},
		{"HOST", "127.0.0.1", Listen, "web"},
		{"HOST", "0.0.0.0", Keep, ""},
		{"API_HOST", "127.0.0.1", NoPort, ""},
		{"API_HOST", "127.0.0.1:9999", Nobody, ""},
		{"METRICS_ADDR", "127.0.0.1:9999", Private, ""},
		{"--bind", "127.0.0.1:9999", Private, ""},
		{"X", "0.0.0.0:9999", Keep, ""},
		{"URL", "http://0.0.0.0:9999", Nobody, ""},
		{"DB_HOST", "localhost", Call, "db"},
		{"DATABASE_URL", "postgres://localhost/x", Call, "db"},
		{"URL", "http://localhost:7000", Several, "a and b"},
		{"URL", "http://localhost:6000", Nobody, ""},
		{"URL", "http://10.0.0.5:6000", Call, "far"},
		{"DNS", "127.0.0.53:53", Call, "dns"},
	} {
		found := Find(c.text, owners.Hosts...)
		if len(found) != 1 {
			t.Errorf("%s=%s: %d addresses", c.name, c.text, len(found))
			continue
		}
		v := Var{Name: c.name, Text: c.text}
		got, owner := owners.Judge(web, v, found[0], PortOf([]Var{v}, 0, found[0], ""))
		if got != c.want || owner != c.owner {
			t.Errorf("%s=%s: got %d %q, want %d %q", c.name, c.text, got, owner, c.want, c.owner)
		}
	}
}
