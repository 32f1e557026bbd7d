package link

import (
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

func TestPorts(t *testing.T) {
	env := func(name, text string) deploy.Env { return deploy.Env{Name: name, Value: deploy.Plain(text)} }
	for want, w := range map[string]deploy.Workload{
		"8002/tcp 127.0.0.1": {Command: deploy.Command{Argv: deploy.Args("/x", "--listen", "127.0.0.1:8002")}},
		"8003/tcp 0.0.0.0":   {Command: deploy.Command{Argv: deploy.Args("/x", "--addr=:8003")}},
		"8004/tcp ::1":       {Command: deploy.Command{Argv: deploy.Args("/x", "-b", "[::1]:8004")}},
		"8005/tcp ":          {Command: deploy.Command{Argv: deploy.Args("/x", "-p", "8005")}, Env: []deploy.Env{env("PORT", "1")}},
		"8006/tcp ":          {Command: deploy.Command{Argv: deploy.Args("/x")}, Env: []deploy.Env{env("PORT", "8006")}},
		"8007/tcp ":          {Command: deploy.Command{Argv: deploy.Argv{deploy.Lit("/x"), deploy.Lit("--port"), {{Var: "P"}}}}, Env: []deploy.Env{env("P", "8007")}},
		"8008/tcp ":          {Command: deploy.Command{Shell: deploy.Some("/bin/sh"), Argv: deploy.Args("exec x --port $PORT")}, Env: []deploy.Env{env("PORT", "8008")}},
		"":                   {Command: deploy.Command{Argv: deploy.Args("/x", "--port", "http", "--db", "127.0.0.1:5432")}, Env: []deploy.Env{env("DB_PORT", "5432"), env("LISTEN", "unix:/run/x")}},
	} {
		w.Name = "web"
		r := detect.Recorder{}
		r.App.Workloads = []deploy.Workload{w}
		deploy.Visit(r.App, func(p []byte, l deploy.Leaf) {
			if !l.Presence() {
				r.Convert(r.Setting(ledger.Pos{File: "f", Line: 1}, string(p), deploy.Plain("")), deploy.Path(p))
			}
		})
		Ports(&r.Result)
		got := ""
		for _, p := range r.App.Workloads[0].Ports {
			got = p.Number + " " + p.Address.Or("")
		}
		if got != want {
			t.Errorf("%v: got %q, want %q", w.Command.Argv, got, want)
		}
		for _, p := range verify.Claims(r.App, r.Doc) {
			t.Errorf("%v: %s", w.Command.Argv, p)
		}
	}
}
