package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/report"
)

// migrated is a bookshop that was migrated all the way up, into a directory beside it.
func migrated(t *testing.T) (tree, out string) {
	t.Helper()
	tree, out = bookshop(t)
	wants(t, exitClean, "migrate", tree, "--to", "knative", "--out", out)
	return tree, out
}

// What lift wrote says what the sources mean, in the same words at each target; verify needs no --to, and takes --source and --only from the record.
func TestVerifyClean(t *testing.T) {
	t.Parallel()
	for _, target := range targetNames() {
		tree, out := bookshop(t)
		wants(t, exitClean, "migrate", tree, "--to", target, "--out", out)
		r := untouched(t, filepath.Dir(tree), exitClean, "verify", tree, "--out", out)
		if !strings.Contains(r.out, "the files say what the sources mean: 6 workloads") || r.err != "" {
			t.Errorf("%s: %s%s", target, r.out, r.err)
		}
		if got := told(t, exitClean, "verify", tree, "--out", out); got.Target != target || len(got.Differences) != 0 {
			t.Errorf("%s: %s, %v", target, got.Target, got.Differences)
		}
		wants(t, exitClean, "migrate", tree, "--to", target, "--out", out, "--only", "worker,orders", "--source", "systemd")
		if got := told(t, exitClean, "verify", tree, "--out", out); len(got.Workloads) != 2 {
			t.Errorf("%s: --only is not in the record: %v", target, got.Workloads)
		}
	}
	// a comment is no difference
	tree, out := bookshop(t)
	wants(t, exitClean, "migrate", tree, "--to", "compose", "--out", out)
	for _, p := range []string{"compose.yaml", "worker/Dockerfile"} {
		writeFile(t, filepath.Join(out, p), []byte("# by hand\n\n"+slurp(t, filepath.Join(out, p))))
	}
	wants(t, exitClean, "verify", tree, "--out", out)
}

// Each environment variable of the system, deleted from each place where it is written, one at a time: verify ends with 1, names the variable, the line of the source that sets it, and the
// line of the collection that it is missing from.
func TestVerifyNamesEachVariable(t *testing.T) {
	t.Parallel()
	tree, out := migrated(t)
	set := settersOf(t, tree)
	for _, c := range []struct {
		glob     string
		variable string // matches the lines of one variable, the name in parentheses
		head     string // of the collection
	}{
		{"kubernetes/base/*/configmap.yaml", `(?m)^  (\w+): .*\n`, "data:"},
		{"knative/*.yaml", `(?m)^            - name: ([A-Z_]+)\n              value: .*\n`, "env:"},
		{"compose.yaml", `(?m)^      ([A-Z_]+): .*\n`, "environment:"},
	} {
		list, err := filepath.Glob(filepath.Join(out, filepath.FromSlash(c.glob)))
		if err != nil || len(list) == 0 {
			t.Fatal(c.glob, err)
		}
		n := 0
		for _, file := range list {
			text := slurp(t, file)
			rel, err := filepath.Rel(out, file)
			if err != nil {
				t.Fatal(err)
			}
			from := max(strings.Index(text, "\ndata:\n"), 0)
			for _, m := range regexp.MustCompile(c.variable).FindAllStringSubmatchIndex(text[from:], -1) {
				for i := range m {
					m[i] += from
				}
				name := text[m[2]:m[3]]
				if testing.Short() && n%7 != 0 || len(list) == 1 && n%3 != 0 { // compose.yaml has them all in one file
					n++
					continue
				}
				n++
				where := fmt.Sprintf("%s:%d %s", rel, 1+strings.Count(text[:m[0]], "\n"), name)
				writeFile(t, file, []byte(text[:m[0]]+text[m[1]:]))
				r := told(t, exitLoss, "verify", tree, "--out", out)
				i := slices.IndexFunc(r.Differences, func(d report.Difference) bool {
					return d.Kind == "removed" && strings.HasSuffix(d.Field, ".env."+name)
				})
				if len(r.Differences) != 1 || i < 0 {
					t.Errorf("%s: %v", where, r.Differences)
					continue
				}
				d := r.Differences[i]
				workload := strings.Split(d.Field, ".")[1]
				if want, stated := set[workload+" "+name]; stated && (d.Source == nil || *d.Source != want) {
					t.Errorf("%s: comes from %v, not from %v", where, d.Source, want)
				} else if !stated && d.Source == nil {
					t.Errorf("%s: from nowhere", where)
				}
				if d.Here == nil || d.Here.File != filepath.ToSlash(rel) || strings.TrimSpace(line(slurp(t, file), d.Here.Line)) != c.head {
					t.Errorf("%s: missing from %v", where, d.Here)
				}
			}
			writeFile(t, file, []byte(text))
		}
		if n < 15 {
			t.Errorf("%s: only %d variables", c.glob, n)
		}
	}
	wants(t, exitClean, "verify", tree, "--out", out)
}

// settersOf finds by plain search the line that sets each variable of each workload of the bookshop: an environment file overrides the unit, and a drop-in its own unit.
func settersOf(t *testing.T, tree string) map[string]report.Target {
	t.Helper()
	const etc = "deploy/etc/"
	set := map[string]report.Target{}
	find := func(workload, file, pattern string) {
		for i, l := range strings.Split(slurp(t, filepath.Join(tree, filepath.FromSlash(file))), "\n") {
			if strings.HasPrefix(l, "#") || strings.HasPrefix(l, ";") {
				continue
			}
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(l, -1) {
				set[workload+" "+m[1]] = report.Target{File: file, Line: i + 1}
			}
		}
	}
	for _, w := range []string{"catalogue", "nightly", "orders", "storefront", "worker"} {
		find(w, etc+"systemd/system/"+w+".service", `[=\s'"]([A-Z][A-Z_]*)=`)
		if w == "orders" {
			find(w, etc+"systemd/system/orders.service.d/10-limits.conf", `[=\s'"]([A-Z][A-Z_]*)=`)
		}
		find(w, etc+"bookshop/bookshop.env", `^([A-Z][A-Z_]*)=`)
	}
	return set
}

// Other differences: what should be there and what is, where it comes from, and where it stands.
func TestVerifyDifferences(t *testing.T) {
	t.Parallel()
	const system = "deploy/etc/systemd/system/"
	for _, c := range []struct {
		name, file, old, now string
		want                 []string // parts of the text of one difference each
	}{
		{
			"a variable of a ConfigMap", "kubernetes/base/worker/configmap.yaml", "  WORKER_INTERVAL: \"5\"\n", "",
			[]string{"kubernetes/base/worker/configmap.yaml:8: workloads.worker.env.WORKER_INTERVAL is missing; it comes from " + system + "worker.service:13"},
		},
		{
			"a variable's value", "kubernetes/base/worker/configmap.yaml", "  WORKER_INTERVAL: \"5\"\n", "  WORKER_INTERVAL: \"6\"\n",
			[]string{`kubernetes/base/worker/configmap.yaml:16: workloads.worker.env.WORKER_INTERVAL.value should be "5", but is "6"; it comes from ` + system + "worker.service:13"},
		},
		{
			"a variable that nobody asked for", "kubernetes/base/worker/configmap.yaml", "  WORKER_INTERVAL: \"5\"\n", "  WORKER_INTERVAL: \"5\"\n  WORKER_MOOD: good\n",
			[]string{"kubernetes/base/worker/configmap.yaml:17: workloads.worker.env.WORKER_MOOD is there, but the sources do not say it"},
		},
		{
			"a secret's reference", "knative/storefront.yaml", "            - name: ORDERS_PASSWORD\n              valueFrom:\n                secretKeyRef:\n                  name: bookshop-secrets\n                  key: ORDERS_PASSWORD\n", "",
			[]string{"knative/storefront.yaml:23: workloads.storefront.env.ORDERS_PASSWORD is missing; it comes from deploy/etc/bookshop/bookshop.env:9"},
		},
		{
			"a memory limit in compose.yaml", "compose.yaml", "mem_limit: 96m", "mem_limit: 95m",
			[]string{`: workloads.worker.resources.memory.limit should be "100663296", but is "99614720"; it comes from ` + system + "worker.service:20"},
		},
		{
			"a memory limit in a Knative Service", "knative/storefront.yaml", "              cpu: 1500m\n              memory: 512Mi\n", "              cpu: 1500m\n              memory: 513Mi\n",
			[]string{`: workloads.storefront.resources.memory.limit should be "536870912", but is "537919488"; it comes from ` + system + "storefront.service:22"},
		},
		{
			"the ports of a Service", "kubernetes/base/orders/service.yaml", "  ports:\n    - name: http\n      port: 8002\n      targetPort: http\n      appProtocol: http\n", "",
			[]string{`kubernetes/base/orders/service.yaml:8: workloads.orders.ports.8002/tcp.reachable should be "true", but is "false"; it comes from ` + system + "orders.service:12"},
		},
		{
			"a port of a container", "knative/catalogue.yaml", "            - name: http1\n              containerPort: 8001\n", "            - name: http1\n              containerPort: 8003\n",
			[]string{"workloads.catalogue.ports.8001/tcp is missing; it comes from " + system + "catalogue.service:11", "workloads.catalogue.ports.8003/tcp is there"},
		},
		{
			"a command", "orders/orders.Dockerfile", `"0.0.0.0:8002"`, `"0.0.0.0:8003"`,
			[]string{"workloads.orders.command.argv should be", "it comes from " + system + "orders.service:12"},
		},
		{
			"a user", "worker/Dockerfile", "USER 990:990", "USER 0:0",
			[]string{`worker/Dockerfile:`, `workloads.worker.user.id should be "990", but is "0"; it comes from ` + system + "worker.service:10"},
		},
		{
			"a Deployment's service account token", "kubernetes/base/catalogue/deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false",
			[]string{`workloads.catalogue.security.readOnly`},
		},
		{
			"an instruction that says what is so anyway", "worker/Dockerfile", "STOPSIGNAL SIGTERM\n", "",
			[]string{"worker/Dockerfile:10: STOPSIGNAL is missing"},
		},
		{
			"an instruction twice", "worker/Dockerfile", "USER 990:990\n", "# by hand\nUSER 990:990\nUSER 990:990\n",
			[]string{"worker/Dockerfile:11: USER is there, but the sources do not say it"},
		},
		{
			"the host's network, of which the model knows nothing", "kubernetes/base/worker/deployment.yaml", "      automountServiceAccountToken: false\n", "      hostNetwork: true\n      automountServiceAccountToken: true\n",
			[]string{"kubernetes/base/worker/deployment.yaml:22: spec.template.spec.hostNetwork is there, but the sources do not say it", "kubernetes/base/worker/deployment.yaml:23: spec.template.spec.automountServiceAccountToken is not as it was written"},
		},
		{
			"a route that leads nowhere", "kubernetes/base/nginx/httproute.yaml", "          port: 80\n", "          port: 80\n          weight: 0\n",
			[]string{"kubernetes/base/nginx/httproute.yaml:22: spec.rules[0].backendRefs[0].weight is there"},
		},
		{
			"a route to another program", "kubernetes/base/nginx/httproute.yaml", "        - name: nginx\n", "        - name: orders\n",
			[]string{"kubernetes/base/nginx/httproute.yaml:20: spec.rules[0].backendRefs[0].name is not as it was written", "routes.http://bookshop\\.example is missing; it comes from deploy/etc/nginx/sites-available/bookshop.conf:7"},
		},
		{
			"policies that nothing lists", "kubernetes/overlays/production/kustomization.yaml", "components:\n  - ../../components/network-policy\n", "",
			[]string{"kubernetes/overlays/production/kustomization.yaml:1: components[0] is missing"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree, out := migrated(t)
			edit(t, filepath.Join(out, filepath.FromSlash(c.file)), c.old, c.now)
			r := untouched(t, filepath.Dir(tree), exitLoss, "verify", tree, "--out", out)
			for _, want := range c.want {
				if strings.Contains(r.out, want) {
					continue
				}
				t.Errorf("want %s\n%s", want, r.out)
			}
			if !strings.Contains(r.out, " between the files and what the sources mean") || r.err != "" {
				t.Errorf("%s\n%s", r.out, r.err)
			}
			if strings.Contains(r.out, ":0:") || strings.Contains(r.out, ":0\n") {
				t.Errorf("a line 0 is named:\n%s", r.out)
			}
		})
	}
}

// A written file that is gone is a difference, whatever it is.
func TestVerifyFileGone(t *testing.T) {
	t.Parallel()
	tree, out := migrated(t)
	all := slices.DeleteFunc(files(state(t, out, false)), func(p string) bool { return p == ".lift/record.json" })
	if len(all) < 30 {
		t.Fatal(all)
	}
	for _, p := range all {
		file := filepath.Join(out, filepath.FromSlash(p))
		text := slurp(t, file)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		r := wants(t, exitLoss, "verify", tree, "--out", out)
		if !strings.Contains(r.out, p+": is gone; run lift migrate again") || strings.Contains(r.out, "the files say what the sources mean") || r.err != "" {
			t.Errorf("without %s:\n%s%s", p, r.out, r.err)
		}
		writeFile(t, file, []byte(text))
	}
	wants(t, exitClean, "verify", tree, "--out", out)
	if err := os.Remove(filepath.Join(out, "compose.yaml")); err != nil {
		t.Fatal(err)
	}
	wants(t, exitClean, "migrate", tree, "--to", "knative", "--out", out) // as the remedy says
	wants(t, exitClean, "verify", tree, "--out", out)
}

// A written file that cannot be read any more is bad input.
func TestVerifyFileBroken(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]string{
		"compose.yaml":                           "compose.yaml:",
		"kubernetes/base/worker/deployment.yaml": "kubernetes/base/worker/deployment.yaml:",
		"knative/catalogue.yaml":                 "knative/catalogue.yaml:",
	} {
		tree, out := migrated(t)
		writeFile(t, filepath.Join(out, filepath.FromSlash(p)), []byte("a: [\n"))
		r := untouched(t, filepath.Dir(tree), exitUsage, "verify", tree, "--out", out)
		if !strings.HasPrefix(r.err, want) || !message.MatchString(strings.Split(r.err, "\n")[0]) {
			t.Errorf("%s: %q", p, r.err)
		}
	}
}

// A source that changed since is a difference, too.
func TestVerifySourceChanged(t *testing.T) {
	t.Parallel()
	tree, out := migrated(t)
	edit(t, filepath.Join(tree, "deploy/etc/systemd/system/worker.service"), "WORKER_INTERVAL=5", "WORKER_INTERVAL=9")
	r := wants(t, exitLoss, "verify", tree, "--out", out)
	if !strings.Contains(r.out, `workloads.worker.env.WORKER_INTERVAL.value should be "9", but is "5"; it comes from deploy/etc/systemd/system/worker.service:13`) {
		t.Error(r.out)
	}
	write(t, tree, map[string]string{"deploy/etc/systemd/system/worker.service": "[Service]\nMemoryMax=2Q\n"})
	r = untouched(t, filepath.Dir(tree), exitUsage, "verify", tree, "--out", out)
	if !strings.Contains(r.err, "worker.service:2: MemoryMax=2Q") {
		t.Error(r.err)
	}
}
