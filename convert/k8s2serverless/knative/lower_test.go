package knative

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deploylift/lift/convert/container2k8s"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/remodel"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
	"go.yaml.in/yaml/v3"
	kjson "sigs.k8s.io/json"
)

var update = flag.Bool("update", false, "rewrite testdata")

const canary = "s3cr3t-canary"

type set struct {
	name string
	app  deploy.App
}

// fitting is a Full in which web becomes a Knative Service and db stays.
func fitting(t testing.TB) deploy.App {
	return remodel.Edit(t, deploy.Full(), "-workloads.web.mounts", "", "-workloads.web.files", "", "-workloads.web.before", "", "-workloads.web.started", "", "-workloads.web.stopping", "", "workloads.web.security.capabilities", "none",
		"workloads.web.mounts./tmp.kind", "tmpfs", "workloads.web.mounts./tmp.size", "1048576", "workloads.web.mounts./tmp.mode", "0700",
		"workloads.web.env.PORT.value", "8080", "workloads.web.env.K_SERVICE.value", "x", "workloads.db.env.URL.value", "http://web:8080/", "workloads.web.env.PEER.value", "tcp://db:5432")
}

func variants(t testing.TB) []set {
	fit := fitting(t)
	e := func(pairs ...string) deploy.App { return remodel.Edit(t, fit, pairs...) }
	out := []set{{"empty", deploy.App{}}, {"name only", remodel.Edit(t, deploy.App{}, "name", "shop")}, {"bare", remodel.Edit(t, deploy.App{}, "workloads.web", "")}, {"full", deploy.Full()}, {"fitting", fit}}
	add := func(name string, a deploy.App) { out = append(out, set{name, a}) }
	for _, kind := range []string{"job", "cron", "agent"} {
		add(kind, e("workloads.web.kind", kind))
	}
	add("no kind", e("-workloads.web.kind", "", "-workloads.web.autostart", "", "-name", ""))
	add("odd name", e("name", "My Shop"))
	add("off", e("workloads.web.autostart", "false"))
	add("no replicas", e("workloads.web.scale.replicas", "0"))
	add("replicas alone", e("-workloads.web.scale.min", "", "-workloads.web.scale.max", ""))
	add("no scale", e("-workloads.web.scale", ""))
	add("scale upside down", e("workloads.web.scale.min", "5"))
	add("no image", e("-workloads.web.image", ""))
	add("two ports", e("workloads.web.ports.9000/tcp.protocol", "http"))
	add("no ports", e("-workloads.web.ports", ""))
	add("udp", e("-workloads.web.ports", "", "workloads.web.ports.53/udp.protocol", "http"))
	add("tcp", e("workloads.web.ports.8080/tcp.protocol", "tcp"))
	add("grpc", e("workloads.web.ports.8080/tcp.protocol", "grpc"))
	add("unknown protocol", e("-workloads.web.ports.8080/tcp.protocol", ""))
	add("nothing known of the protocol", e("-workloads.web.ports.8080/tcp.protocol", "", "-workloads.web.probes", ""))
	add("reserved port", e("-workloads.web.ports", "", "workloads.web.ports.9090/tcp.protocol", "http", "-workloads.web.env.PORT", ""))
	add("other PORT", e("workloads.web.env.PORT.value", "3000"))
	add("published", e("workloads.web.ports.8080/tcp.published", "3000"))
	add("published on 80", e("workloads.web.ports.8080/tcp.published", "80"))
	add("not published", e("-workloads.web.ports.8080/tcp.published", "", "-workloads.web.ports.8080/tcp.reachable", "", "-workloads.web.ports.8080/tcp.address", "", "-workloads.web.ports.8080/tcp.name", ""))
	add("not reachable", e("workloads.web.ports.8080/tcp.reachable", "false", "workloads.web.ports.8080/tcp.address", "127.0.0.1"))
	add("host mount", e("workloads.web.mounts./h.host", "/h"))
	add("volume", e("workloads.web.mounts./v.volume", "volumes.data"))
	add("own volume", e("volumes.own.access", "one", "workloads.db.mounts./own.volume", "volumes.own", "volumes.loose.size", "7", "volumes.bare", ""))
	add("bare mount", e("workloads.web.mounts./b", ""))
	add("privileged", e("workloads.web.security.privileged", "true"))
	add("capabilities", e("workloads.web.security.capabilities", "NET_RAW"))
	add("root", e("workloads.web.user.id", "0", "workloads.web.security.capabilities", "default"))
	add("nothing of security", e("-workloads.web.security", "", "-workloads.web.user", ""))
	for _, task := range []string{"before", "started", "stopping"} {
		add(task, e("workloads.web."+task+".0.command.argv", "x"))
	}
	add("no command", e("-workloads.web.command", ""))
	add("harmless", e("workloads.web.umask", "0022", "workloads.web.stop.signal", "SIGTERM", "workloads.web.start.run", "unlimited"))
	add("tcp probe", e("-workloads.web.probes.readiness.path", "", "-workloads.web.probes.readiness.command", "", "-workloads.web.probes.liveness", ""))
	add("exec probe", e("-workloads.web.probes.readiness.path", "", "-workloads.web.probes.liveness", "", "-workloads.web.probes.startup", ""))
	secret := deploy.Clone(fit)
	for i := range secret.Workloads {
		if w := &secret.Workloads[i]; w.Name == "web" {
			w.Env = append(w.Env, deploy.Env{Name: "K", Value: deploy.Secret(canary)}, deploy.Env{Name: "P", Value: deploy.Param("P", true)}, deploy.Env{Name: "Q", Value: deploy.Param("Q", false)},
				deploy.Env{Name: "R", Value: deploy.Param("shop-secrets/R", true)}, deploy.Env{Name: "NONE"}, deploy.Env{Name: "D", Value: deploy.Plain("$$ $(x)")})
		}
	}
	deploy.Sort(&secret)
	add("environment", secret)
	// as a migration brings it: what Kubernetes lowered, and what it had to drop
	lowered, l, _ := container2k8s.Lower(fit)
	add("from Kubernetes", ledger.Next(fit, lowered, l))
	return out
}

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
				if turn.Reason == "" || turn.Outcome == ledger.Dropped && turn.Remedy == "" {
					t.Errorf("%s: neither reason nor remedy: %+v", turn.From, turn)
				}
			}
		})
	}
}

func TestWhatStays(t *testing.T) {
	services := map[string]bool{
		"fitting": true, "no kind": true, "odd name": true, "replicas alone": true, "no scale": true, "scale upside down": true, "grpc": true, "unknown protocol": true, "published": true,
		"published on 80": true, "not published": true, "not reachable": true, "own volume": true, "bare mount": true, "root": true, "nothing of security": true, "no command": true, "harmless": true,
		"tcp probe": true, "exec probe": true, "environment": true, "from Kubernetes": true,
	}
	for _, v := range variants(t) {
		lowered, l, _ := Lower(v.app)
		_, err := Write(lowered)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
		found := false
		for _, w := range lowered.Workloads {
			found = found || !stays(w)
		}
		if found != services[v.name] {
			t.Errorf("%s: a Knative Service: %v, want %v", v.name, found, services[v.name])
			for _, turn := range l.Turns {
				if turn.Stays {
					t.Log(turn.From, turn.Reason)
				}
			}
		}
	}
}

func TestAddressesOfPeers(t *testing.T) {
	src := fitting(t)
	_, _, notices := Lower(src)
	var found []string
	for _, n := range notices {
		if strings.Contains(n.What, "port 80") {
			found = append(found, string(n.Path)+": "+n.Remedy)
		}
	}
	if len(found) != 1 || found[0] != "workloads.db.env.URL.value: write web:80 in kubernetes/base/db" {
		t.Error(found)
	}
	// a peer that becomes a Knative Service as well is led to the new address
	for i := range src.Workloads {
		if src.Workloads[i].Name == "web" {
			peer := deploy.Clone(deploy.App{Workloads: src.Workloads[i : i+1]}).Workloads[0]
			peer.Name = "peer"
			peer.Env = append(peer.Env, deploy.Env{Name: "WEB", Value: deploy.Plain("http://web:8080/x web:80801 myweb:8080")})
			src.Workloads = append(src.Workloads, peer)
		}
	}
	deploy.Sort(&src)
	lowered, l, _ := Lower(src)
	if got, _ := deploy.Text(lowered, "workloads.peer.env.WEB.value"); got != "http://web:80/x web:80801 myweb:8080" {
		t.Errorf("got %q", got)
	}
	if ps := verify.Lowering(src, lowered, l); len(ps) != 0 {
		t.Error(ps)
	}
}

func TestWriteDecodesStrictly(t *testing.T) {
	for _, v := range variants(t) {
		lowered, _, _ := Lower(v.app)
		files, err := Write(lowered)
		if err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		if again, _ := Write(lowered); remodel.Text(files) != remodel.Text(again) {
			t.Errorf("%s: two runs differ", v.name)
		}
		if strings.Contains(remodel.Text(files), canary) {
			t.Errorf("%s: a secret was written", v.name)
		}
		for _, f := range files.Files() {
			var m map[string]any
			if err := yaml.Unmarshal(f.Data, &m); err != nil {
				t.Fatalf("%s: %s: %v", v.name, f.Path, err)
			}
			if filepath.Base(f.Path) == "kustomization.yaml" {
				continue
			}
			buf, _ := json.Marshal(m)
			if strict, err := kjson.UnmarshalStrict(buf, &service{}); err != nil || len(strict) > 0 {
				t.Errorf("%s: %s: %v %v\n%s", v.name, f.Path, err, strict, f.Data)
			}
		}
		if dir := os.Getenv("LIFT_KNATIVE_OUT"); dir != "" { // for a check with Knative's own validation
			for _, f := range files.Files() {
				name := filepath.Join(dir, strings.ReplaceAll(v.name, " ", "-")+"-"+filepath.Base(f.Path))
				if err := os.WriteFile(name, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestEveryLeafIsWritten changes each leaf of the lowered model and expects another output, or a refusal.
func TestEveryLeafIsWritten(t *testing.T) {
	for _, v := range variants(t) {
		t.Run(v.name, func(t *testing.T) {
			lowered, _, _ := Lower(v.app)
			remodel.EveryLeafIsWritten(t, lowered, Write)
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	lowered, _, _ := Lower(fitting(t))
	for name, change := range map[string][]string{
		"env.X":           nil,
		"before":          {"workloads.web.before.0.command.argv", "x"},
		"replicas":        {"workloads.web.scale.replicas", "2"},
		"has a name":      {"workloads.db.kind", "service"},
		"stop.grace":      {"workloads.web.stop.grace", "5s"},
		"ports":           {"workloads.web.ports.9/tcp.protocol", "http"},
		"user":            {"workloads.web.user.volumes", "5"},
		"placement":       {"workloads.web.placement.arch", "arm64"},
		"mounts":          {"workloads.web.mounts./x.kind", "volume"},
		"stays on Kubern": {"volumes.data.size", "5"},
	} {
		a := remodel.Edit(t, lowered, change...)
		if change == nil {
			for i := range a.Workloads {
				if a.Workloads[i].Name == "web" {
					a.Workloads[i].Env = append(a.Workloads[i].Env, deploy.Env{Name: "X", Value: deploy.Secret(canary)})
				}
			}
		}
		if _, err := Write(a); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGolden(t *testing.T) {
	for _, v := range variants(t) {
		if v.name != "fitting" && v.name != "environment" && v.name != "own volume" {
			continue
		}
		lowered, _, _ := Lower(v.app)
		files, err := Write(lowered)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", strings.ReplaceAll(v.name, " ", "-")+".txtar")
		if *update {
			if err := os.WriteFile(path, []byte(remodel.Text(files)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || string(want) != remodel.Text(files) {
			t.Errorf("%s differs (%v); go test -update, and review the diff\n%s", path, err, remodel.Text(files))
		}
	}
}
