package link

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// system is workloads that claim port 3000, by the field that the same setting gave.
func system(by map[string]string) *detect.Result {
	var rec detect.Recorder
	for _, name := range []string{"a", "b"} {
		field, ok := by[name]
		if !ok {
			continue
		}
		w := deploy.Workload{Name: name, Ports: []deploy.Port{{Number: "3000/tcp", Reachable: deploy.Some(true)}}}
		at := deploy.At("workloads", name)
		s := rec.Setting(ledger.Pos{File: name + ".service", Line: 3}, field, deploy.Plain("3000"))
		rec.Convert(s, at.Join("ports", "3000/tcp", "reachable"))
		switch field {
		case "ExecStart":
			w.Command.Argv = deploy.Args("x", "--port", "3000")
			rec.Convert(s, at.Join("command", "argv"))
		case "PORT":
			w.Env = []deploy.Env{{Name: "PORT", Value: deploy.Plain("3000")}}
			rec.Convert(s, at.Join("env", "PORT", "value"))
		}
		rec.App.Workloads = append(rec.App.Workloads, w)
	}
	s := rec.Setting(ledger.Pos{File: "nginx.conf", Line: 7}, "proxy_pass", deploy.Plain("http://127.0.0.1:3000"))
	rec.Inert(s, "test")
	rec.Calls = []detect.Call{{Workload: "nginx", Address: "127.0.0.1:3000", Setting: s}, {Workload: "nginx", Address: "127.0.0.1:3000", Setting: s}}
	return &rec.Result
}

func TestCalls(t *testing.T) {
	for _, c := range []struct {
		by    map[string]string
		want  string
		ports int
	}{
		{nil, "warning nginx.conf:7: 127.0.0.1:3000 is an address of the machine itself, and no workload is known to listen there", 0},
		{map[string]string{"a": "PORT"}, "info nginx.conf:7: 127.0.0.1:3000 is a (PORT at a.service:3)", 1},
		{map[string]string{"a": "PORT", "b": "PORT"}, "error nginx.conf:7: 127.0.0.1:3000 is claimed by two workloads: a (PORT at a.service:3), and b (PORT at b.service:3)", 2},
		{map[string]string{"a": "PORT", "b": "ExecStart"}, "info nginx.conf:7: 127.0.0.1:3000 is b (ExecStart at b.service:3)", 1},
		{map[string]string{"a": "PORT", "b": "listen(3000)"}, "info nginx.conf:7: 127.0.0.1:3000 is a (PORT at a.service:3)", 1},
	} {
		r := system(c.by)
		Calls(r)
		if len(r.Findings) != 1 || !strings.HasPrefix(string(r.Findings[0].Severity)+" "+r.Findings[0].String(), c.want) {
			t.Errorf("%v: got %v, want %s", c.by, r.Findings, c.want)
		}
		ports := 0
		for _, w := range r.App.Workloads {
			ports += len(w.Ports)
		}
		if ports != c.ports {
			t.Errorf("%v: %d workloads listen, want %d", c.by, ports, c.ports)
		}
		for _, rd := range r.Doc.Reads {
			for _, f := range rd.Fields {
				if !deploy.Has(r.App, f) {
					t.Errorf("%v: %s is claimed and not there", c.by, f)
				}
			}
		}
	}
}
