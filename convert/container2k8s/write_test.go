package container2k8s

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/internal/remodel"
	"go.yaml.in/yaml/v3"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	kjson "sigs.k8s.io/json"
)

var update = flag.Bool("update", false, "rewrite testdata")

func write(t testing.TB, a deploy.App) fileset.Set {
	t.Helper()
	lowered, _, _ := Lower(a)
	set, err := Write(lowered)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestWriteDecodesStrictly(t *testing.T) {
	for _, v := range variants(t) {
		t.Run(v.name, func(t *testing.T) {
			set := write(t, v.app)
			if remodel.Text(set) != remodel.Text(write(t, v.app)) {
				t.Error("two runs differ")
			}
			if strings.Contains(remodel.Text(set), canary) {
				t.Error("a secret was written")
			}
			listed := map[string]bool{}
			for _, f := range set.Files() {
				if strings.HasSuffix(f.Path, "/kustomization.yaml") {
					for _, r := range kustomization(t, f.Data) {
						listed[filepath.ToSlash(filepath.Join(filepath.Dir(f.Path), r))] = true
					}
					continue
				}
				decode(t, f.Path, f.Data)
			}
			for _, f := range set.Files() {
				at := f.Path
				if filepath.Base(at) == "kustomization.yaml" {
					if at = filepath.Dir(at); at == overlay || at == base && len(v.app.Workloads) == 0 {
						continue
					}
				}
				if !listed[at] {
					t.Errorf("%s is in no kustomization", at)
				}
				delete(listed, at)
			}
			for r := range listed {
				t.Errorf("%s is listed, but not there", r)
			}
		})
	}
}

func kustomization(t *testing.T, data []byte) []string {
	t.Helper()
	var k struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Namespace  string   `yaml:"namespace"`
		Resources  []string `yaml:"resources"`
		Components []string `yaml:"components"`
		Images     []struct {
			Name    string `yaml:"name"`
			NewName string `yaml:"newName"`
			NewTag  string `yaml:"newTag"`
		} `yaml:"images"`
		Replicas []struct {
			Name  string `yaml:"name"`
			Count int    `yaml:"count"`
		} `yaml:"replicas"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&k); err != nil || len(k.Resources) == 0 || k.Kind != "Kustomization" && k.Kind != "Component" || !slices.IsSorted(k.Resources) {
		t.Errorf("%v %+v", err, k)
	}
	return append(k.Resources, k.Components...)
}

// decode reads a file into the type of the API that its kind names, as the API server does.
func decode(t *testing.T, path string, data []byte) any {
	t.Helper()
	var v map[string]any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, data)
	}
	into := map[string]func() any{
		"apps/v1/Deployment": func() any { return &appsv1.Deployment{} }, "apps/v1/StatefulSet": func() any { return &appsv1.StatefulSet{} }, "apps/v1/DaemonSet": func() any { return &appsv1.DaemonSet{} },
		"batch/v1/Job": func() any { return &batchv1.Job{} }, "batch/v1/CronJob": func() any { return &batchv1.CronJob{} },
		"networking.k8s.io/v1/Ingress": func() any { return &networkingv1.Ingress{} }, "gateway.networking.k8s.io/v1/HTTPRoute": func() any { return &gatewayRoute{} }, "gateway.networking.k8s.io/v1/TLSRoute": func() any { return &gatewayRoute{} },
		"v1/Service": func() any { return &corev1.Service{} }, "v1/ConfigMap": func() any { return &corev1.ConfigMap{} }, "v1/PersistentVolumeClaim": func() any { return &corev1.PersistentVolumeClaim{} },
		"policy/v1/PodDisruptionBudget": func() any { return &policyv1.PodDisruptionBudget{} }, "networking.k8s.io/v1/NetworkPolicy": func() any { return &networkingv1.NetworkPolicy{} },
	}[v["apiVersion"].(string)+"/"+v["kind"].(string)]
	if into == nil {
		t.Fatalf("%s: unknown %v/%v", path, v["apiVersion"], v["kind"])
	}
	object := into()
	buf, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	strict, err := kjson.UnmarshalStrict(buf, object)
	if err != nil || len(strict) > 0 {
		t.Errorf("%s: %v %v\n%s", path, err, strict, data)
	}
	if _, ok := v["status"]; ok || bytes.Contains(data, []byte("creationTimestamp")) {
		t.Errorf("%s: has what only the server writes", path)
	}
	return object
}

// TestEveryLeafIsWritten changes each leaf of the lowered model and expects another output, or a refusal: a writer that forgets a field shows here.
func TestEveryLeafIsWritten(t *testing.T) {
	for _, v := range variants(t) {
		if !slices.Contains(inDepth, v.name) {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			lowered, _, _ := Lower(v.app)
			remodel.EveryLeafIsWritten(t, lowered, Write)
		})
	}
}

// inDepth are the variants whose leaves are changed one by one; the others differ from them in Lower alone.
var inDepth = []string{
	"volume only", "full", "job no true", "cron always false", "agent always true", "root", "privileged", "capabilities", "own volume", "mounts", "collision", "ports", "exec readiness", "tcp liveness",
	"routes", "routes through an Ingress", "scope group", "scope, no command main", "one hook", "tasks in argv", "environment", "minimal", "requests alone", "waits", "waits in node",
}

func TestWriteRefusesKnownSecret(t *testing.T) {
	lowered, _, _ := Lower(variants(t)[len(variants(t))-1].app)
	for _, name := range []string{"TOKEN", "a b"} {
		lowered.Workloads[0].Env = []deploy.Env{{Name: name, Value: deploy.Secret(canary)}}
		_, err := Write(lowered)
		if err == nil || !strings.Contains(err.Error(), "workloads.web.env."+name) || strings.Contains(err.Error(), canary) {
			t.Error(err)
		}
	}
}

func TestWriteRefusesWhatItCannotHold(t *testing.T) {
	lowered, _, _ := Lower(deploy.Full())
	var kept []deploy.Path
	deploy.Visit(deploy.Full(), func(path []byte, l deploy.Leaf) { // each leaf that the lowering removed is put back
		p := deploy.Path(bytes.Clone(path))
		if l.Presence() || deploy.Has(lowered, p) || p.Workload() == "db" {
			return
		}
		a := deploy.Clone(lowered)
		if err := deploy.Graft(&a, p, deploy.Full(), p); err != nil {
			return // a step whose list is gone
		}
		was, _ := Write(lowered)
		if set, err := Write(a); err == nil && remodel.Text(set) == remodel.Text(was) {
			kept = append(kept, p)
		}
	})
	for _, p := range kept {
		t.Errorf("%s is lost in silence", p)
	}
}

// golden compares the whole output with a file under testdata.
func golden(t *testing.T, name string, set fileset.Set) {
	t.Helper()
	path := filepath.Join("testdata", name+".txtar")
	got := remodel.Text(set)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test -update, and review the diff\n%s", path, got)
	}
}

func TestGolden(t *testing.T) {
	os.MkdirAll("testdata", 0o755)
	shop := remodel.Edit(t, deploy.App{}, "name", "shop",
		"workloads.web.kind", "service", "workloads.web.image", "shop/web:1.0", "workloads.web.command.argv", "node server.js", "workloads.web.dir", "/srv/web",
		"workloads.web.env.PORT.value", "8080", "workloads.web.env.GREETING.value", "say $(hello)", "workloads.web.user.id", "990", "workloads.web.user.groupID", "991",
		"workloads.web.ports.8080/tcp.protocol", "http", "workloads.web.ports.8080/tcp.reachable", "true", "workloads.web.stop.grace", "45s", "workloads.web.stop.scope", "group",
		"workloads.web.probes.readiness.path", "/healthz", "workloads.web.probes.readiness.port", "8080", "workloads.web.resources.cpu.limit", "1500000000", "workloads.web.resources.memory.limit", "536870912",
		"workloads.web.security.capabilities", "default", "workloads.web.security.readOnlyRoot", "true", "workloads.web.mounts./tmp.kind", "tmpfs", "workloads.web.scale.replicas", "2",
		"workloads.db.image", "postgres:18", "workloads.db.mounts./var/lib/postgresql/data.volume", "volumes.data", "workloads.db.ports.5432/tcp.protocol", "tcp", "workloads.db.user.id", "999",
		"workloads.db.probes.liveness.command.argv", "pg_isready", "workloads.db.stopping.0.command.argv", "pg_ctl stop",
		"workloads.nightly.kind", "cron", "workloads.nightly.image", "shop/nightly:1.0", "workloads.nightly.schedule.cron", "15 3 * * *", "workloads.nightly.schedule.zone", "Europe/Zurich",
		"workloads.nightly.schedule.catchUp", "true", "workloads.nightly.start.run", "1h", "workloads.nightly.mounts./uploads.volume", "volumes.uploads", "workloads.web.mounts./uploads.volume", "volumes.uploads",
		"workloads.nightly.before.0.command.argv", "chown 990 /uploads", "workloads.nightly.before.0.privileged", "true", "workloads.nightly.user.id", "990",
		"workloads.migrate.kind", "job", "workloads.migrate.image", "shop/web:1.0", "workloads.migrate.command.shell", "/bin/sh", "workloads.migrate.user.id", "990",
		"workloads.logs.kind", "agent", "workloads.logs.image", "shop/logs:1.0", "workloads.logs.mounts./var/log.host", "/var/log", "workloads.logs.mounts./var/log.readOnly", "true",
		"volumes.data.size", "10737418240")
	i := slices.IndexFunc(shop.Workloads, func(w deploy.Workload) bool { return w.Name == "migrate" })
	shop.Workloads[i].Command.Argv = deploy.Args("set -e\necho $$ $(date)\nnode migrate.js")
	for k := range shop.Workloads {
		if shop.Workloads[k].Name == "web" {
			shop.Workloads[k].Env = append(shop.Workloads[k].Env, deploy.Env{Name: "TOKEN", Value: deploy.Param("TOKEN", true)})
		}
	}
	golden(t, "shop", write(t, shop))
	golden(t, "full", write(t, deploy.Full()))
}
