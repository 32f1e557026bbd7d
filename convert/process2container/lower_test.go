package process2container

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify"
)

// variants are models with every leaf set, for the cases that Lower tells apart.
func variants() map[string]deploy.App {
	out := map[string]deploy.App{}
	add := func(name string, change func(*deploy.Workload)) {
		a := deploy.Full()
		for i := range a.Workloads {
			a.Workloads[i].Build = deploy.Build{}
			a.Workloads[i].Image = deploy.Opt[string]{}
			a.Workloads[i].Needs[0].Workload = a.Workloads[(i+1)%2].Name
			change(&a.Workloads[i])
		}
		out[name] = a
	}
	for _, kind := range []deploy.Kind{deploy.Service, deploy.Job, deploy.Cron, deploy.Agent} {
		for _, lang := range []string{"node", "python", "go", "", "cobol"} {
			add(string(kind)+"/"+lang, func(w *deploy.Workload) {
				w.Kind, w.Source.Language = deploy.Some(kind), deploy.Some(lang)
				if lang == "" {
					w.Source = deploy.Source{}
				}
			})
		}
	}
	add("root", func(w *deploy.Workload) { w.User = deploy.User{Name: deploy.Some("root"), ID: deploy.Some(int64(0))} })
	add("no user", func(w *deploy.Workload) { w.User = deploy.User{} })
	add("named user", func(w *deploy.Workload) { w.User = deploy.User{Name: deploy.Some("shop")} })
	add("no shell", func(w *deploy.Workload) { w.Command.Shell = deploy.Opt[string]{} })
	add("variables", func(w *deploy.Workload) {
		w.Command = deploy.Command{Argv: deploy.Argv{deploy.Lit("/usr/bin/node"), {{Var: "LOG_LEVEL"}}, {{Text: "a"}, {Var: "API_TOKEN"}}, {{Var: "NONE", Split: true}}}}
		w.Env[1].Value = deploy.Secret("hunter2-canary")
	})
	add("known variables", func(w *deploy.Workload) {
		w.Command = deploy.Command{Argv: deploy.Argv{deploy.Lit("/usr/bin/node"), {{Var: "LOG_LEVEL"}}, {{Var: "LOG_LEVEL", Split: true}}}}
	})
	add("all capabilities", func(w *deploy.Workload) { w.Security.Capabilities = deploy.List{"all"} })
	add("all capabilities and privileges", func(w *deploy.Workload) {
		w.Security.Capabilities, w.Security.NoNewPrivileges = deploy.List{"all"}, deploy.Some(false)
	})
	add("loopback", func(w *deploy.Workload) {
		w.Ports[0].Address, w.Ports[0].Published = deploy.Some("127.0.0.1"), deploy.Opt[string]{}
		w.Env = append(w.Env, deploy.Env{Name: "HOST", Value: deploy.Plain("localhost")}, deploy.Env{Name: "URL", Value: deploy.Plain("http://127.0.0.1:8080")})
	})
	add("no address", func(w *deploy.Workload) {
		w.Ports[0].Address, w.Ports[0].Published = deploy.Opt[string]{}, deploy.Opt[string]{}
	})
	add("open address", func(w *deploy.Workload) { w.Ports[0].Published = deploy.Opt[string]{} })
	add("other address", func(w *deploy.Workload) {
		w.Ports[0].Address, w.Ports[0].Published = deploy.Some("10.0.0.5"), deploy.Opt[string]{}
	})
	add("no limit", func(w *deploy.Workload) {
		for _, p := range []string{"cpu.limit", "memory.limit", "memory.swap", "pids", "files.soft"} {
			if err := setIn(w, "resources."+p, "unlimited"); err != nil {
				panic(err)
			}
		}
		_ = setIn(w, "stop.grace", "unlimited")
		_ = setIn(w, "start.timeout", "unlimited")
	})
	add("scopes", func(w *deploy.Workload) { w.Stop.Scope = deploy.Some(deploy.StopMain) })
	add("tmpfs", func(w *deploy.Workload) {
		w.Mounts[0].Kind, w.Mounts[0].Volume, w.Mounts[0].Host = deploy.Some(deploy.MountTmpfs), deploy.Opt[deploy.Ref]{}, deploy.Opt[string]{}
	})
	collide := deploy.Full()
	collide.Workloads[0].Name, collide.Workloads[1].Name = "my_db", "my.db"
	for i := range collide.Workloads {
		collide.Workloads[i].Build = deploy.Build{}
		collide.Workloads[i].Needs[0].Workload = collide.Workloads[1-i].Name
	}
	out["names that collide"] = collide
	return out
}

func setIn(w *deploy.Workload, path, text string) error {
	a := deploy.App{Workloads: []deploy.Workload{*w}}
	err := deploy.Set(&a, deploy.At("workloads", w.Name)+"."+deploy.Path(path), text)
	*w = a.Workloads[0]
	return err
}

func TestLower(t *testing.T) {
	for name, src := range variants() {
		t.Run(name, func(t *testing.T) {
			before := deploy.Clone(src)
			low, l, notices := Lower(src)
			if d := deploy.Diff(before, src); len(d) != 0 {
				t.Errorf("the input was changed: %v", d)
			}
			for _, p := range verify.Lowering(src, low, l) {
				t.Error(p)
			}
			again, l2, _ := Lower(src)
			if d := deploy.Diff(low, again); len(d) != 0 || fmt.Sprint(l.Moves) != fmt.Sprint(l2.Moves) {
				t.Errorf("two runs differ: %v", d)
			}
			set, err := Write(low)
			if err != nil {
				t.Fatal(err)
			}
			twice, _ := Write(low)
			for i, f := range set.Files() {
				if !bytes.Equal(f.Data, twice.Files()[i].Data) {
					t.Errorf("%s differs from run to run", f.Path)
				}
				if bytes.Contains(f.Data, []byte("canary")) {
					t.Errorf("%s contains a secret", f.Path)
				}
			}
			if strings.Contains(fmt.Sprintf("%v %v %+v", l, notices, low), "canary") {
				t.Error("a secret is printed")
			}
		})
	}
}

func TestWriteRefusesSecrets(t *testing.T) {
	a := deploy.App{Workloads: []deploy.Workload{{Name: "web", Env: []deploy.Env{{Name: "P", Value: deploy.Secret("canary")}}}}}
	if _, err := Write(a); err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "workloads.web") {
		t.Errorf("got %v", err)
	}
}

func TestShellScript(t *testing.T) {
	for want, argv := range map[string]deploy.Argv{
		`exec a 'b c' "x${V}\"\$"`:    {deploy.Lit("a"), deploy.Lit("b c"), {{Text: "x"}, {Var: "V"}, {Text: `"$`}}},
		`set -f; exec a $V 'it'\''s'`: {deploy.Lit("a"), {{Var: "V", Split: true}}, deploy.Lit("it's")},
		`exec a ''`:                   {deploy.Lit("a"), deploy.Lit("")},
	} {
		if got := shellScript(argv); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestBytesAndCPUs(t *testing.T) {
	for b, want := range map[deploy.Bytes]string{1 << 30: "1g", 3 << 20: "3m", 1536: "1536b", 1 << 10: "1k", 0: "0b", (1 << 30) + 1: "1073741825b"} {
		if got := bytesText(b); got != want {
			t.Errorf("%d: %s, want %s", b, got, want)
		}
	}
	for n, want := range map[deploy.NanoCPU]string{1_500_000_000: "1.5", 250_000_000: "0.25", 2_000_000_000: "2", 1: "0.000000001"} {
		if got := string(cpus(n)); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
