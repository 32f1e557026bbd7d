package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/owners"
	"github.com/deploylift/lift/verify/run/witness"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestInFront(t *testing.T) {
	words := func(s string) []string {
		if s == "" {
			return nil
		}
		return strings.Split(s, " ")
	}
	const w = witnessPath + " --"
	for _, c := range []struct{ command, args, entrypoint, cmd, wantCommand, wantArgs string }{
		{command: "node server.js", wantCommand: w + " node server.js"},
		{command: "node", args: "server.js $(PORT)", entrypoint: "/e", cmd: "c", wantCommand: w + " node", wantArgs: "server.js $(PORT)"},
		{command: "/usr/bin/tini -g --", args: "python3 app.py", wantCommand: "/usr/bin/tini -g -- " + w, wantArgs: "python3 app.py"},
		{command: "/usr/bin/tini -- node", args: "a", wantCommand: "/usr/bin/tini -- " + w + " node", wantArgs: "a"},
		{command: "tini", args: "-p SIGTERM -- node a", wantCommand: "tini -p SIGTERM -- " + w, wantArgs: "node a"},
		{command: "tini -s", args: "node", wantCommand: "tini -s " + w, wantArgs: "node"},
		{command: "dumb-init -r 15:3 sh -c x", wantCommand: "dumb-init -r 15:3 " + w + " sh -c x"},
		{command: "sh -c script", wantCommand: w + " sh -c script"},
		{entrypoint: "/e $HOME", cmd: "a b", wantCommand: w + " /e $$HOME", wantArgs: "a b"},
		{entrypoint: "/e", cmd: "a b", args: "x", wantCommand: w + " /e", wantArgs: "x"},
		{entrypoint: "tini --", cmd: "node $(x)", wantCommand: "tini -- " + w, wantArgs: "node $$(x)"},
		{cmd: "node", wantCommand: w, wantArgs: "node"},
		{args: "tini -- node", wantCommand: w, wantArgs: "tini -- node"},
	} {
		command, args := inFront(corev1.Container{Command: words(c.command), Args: words(c.args)}, words(c.entrypoint), words(c.cmd))
		if strings.Join(command, " ") != c.wantCommand || strings.Join(args, " ") != c.wantArgs {
			t.Errorf("%+v:\n%q %q", c, command, args)
		}
	}
}

func TestPutWitness(t *testing.T) {
	c := map[string]any{"name": "web", "image": "i", "command": []any{"node"}, "args": []any{"x"}, "env": []any{map[string]any{"name": "A", "value": "b"}}}
	plan := witness.Plan{Nonce: "n", Write: []string{"/a$(B)$$"}}
	if err := putWitness(c, entry{}, plan); err != nil {
		t.Fatal(err)
	}
	var k corev1.Container
	if err := remodel(c, &k); err != nil {
		t.Fatal(err)
	}
	var back witness.Plan
	text := strings.ReplaceAll(k.Env[1].Value, "$$", "$") // as the kubelet does
	if err := json.Unmarshal([]byte(text), &back); err != nil || back.Write[0] != plan.Write[0] || k.Env[0].Value != "b" || k.Env[1].Name != "LIFT_WITNESS" || k.Image != "i" {
		t.Errorf("%+v %v", k, err)
	}
}

func TestParse(t *testing.T) {
	good, err := parse("a.yaml", []byte("# a comment\n---\n---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {many: 9007199254740993}\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}\n---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"))
	if err != nil || len(good) != 3 || good[0].String() != "Service a" || good[1].group() != "apps" || fmt.Sprint(lookup(good[0].data, "spec", "many")) != "9007199254740993" {
		t.Errorf("%v %v %v", good, err, good[0].data)
	}
	for text, part := range map[string]string{
		"a: b\n":       "is no Kubernetes object: apiVersion",
		"- a\n":        "is no Kubernetes object",
		"a: [\n":       "yaml: ",
		"a: 1\na: 2\n": `key "a" already set`,
		"apiVersion: v1\nkind: Service\nmetadata: {}\n": "metadata.name are missing",
	} {
		_, err := parse("a.yaml", []byte(text))
		want(t, err, "a.yaml: ", part, "; mend the file")
	}
}

func TestReadObjects(t *testing.T) {
	const svc = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
	s := system(t, deploy.App{}, map[string]string{"a.yaml": svc, "b/a.yml": svc, "c.yaml": "a: [\n", "README.md": "- a\n"})
	s.Files = append(slices.Sorted(slices.Values(s.Files)), "none.yaml")
	_, err := readObjects(s)
	want(t, err, "b/a.yml: Service a stands in a.yaml as well", "c.yaml: ", "none.yaml cannot be read")
	_, err = readObjects(system(t, deploy.App{}, map[string]string{"README.md": "x"}))
	want(t, err, "there are no Kubernetes objects in ", "lift migrate")

	list := []*object{{kind: "Deployment", name: "b"}, {kind: "HTTPRoute", name: "a"}, {kind: "Fountain"}, {kind: "Deployment", name: "a"}, {kind: "ConfigMap"}, {kind: "CronJob"}}
	sortObjects(list)
	var got []string
	for _, o := range list {
		got = append(got, o.String())
	}
	if g := strings.Join(got, ","); g != "ConfigMap ,Fountain ,Deployment a,Deployment b,CronJob ,HTTPRoute a" {
		t.Error(g)
	}
}

func TestControllers(t *testing.T) {
	objects := func(text string) []*object {
		t.Helper()
		o, err := parse("a.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	two := objects(deployment("web", 3, pod("web", "serve", readiness, "          ports: [{containerPort: 8080}, {containerPort: 53, protocol: UDP}]\n")) + "---\n" +
		"apiVersion: batch/v1\nkind: Job\nmetadata: {name: setup-1, labels: {app.kubernetes.io/name: setup}}\nspec: {suspend: true, template: {spec: {containers: [{name: x}]}}}\n" +
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: setup}\n")
	got, err := controllersOf(app(map[string]deploy.Kind{"web": deploy.Service, "setup": deploy.Job}), two)
	if err != nil {
		t.Fatal(err)
	}
	web, setup := got["web"], got["setup"]
	if web.replicas != 3 || web.selector != "app.kubernetes.io/name=web" || web.container != "web" || web.grace != 3 || !web.probed || len(web.listens) != 1 || web.listens[0] != 8080 {
		t.Errorf("%+v", web)
	}
	if setup.name != "setup-1" || !setup.suspended || !setup.ends() || setup.selector != "batch.kubernetes.io/job-name=setup-1" || setup.grace != 30 {
		t.Errorf("%+v", setup)
	}
	_, err = controllersOf(app(map[string]deploy.Kind{"db": deploy.Service}), two)
	want(t, err, "no object that runs db")
	_, err = controllersOf(app(map[string]deploy.Kind{"web": deploy.Service}), objects("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"))
	want(t, err, "a.yaml: Deployment web has no pod with a container")
	_, err = controllersOf(app(map[string]deploy.Kind{"web": deploy.Service}), objects("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: a}]}}}\n"))
	want(t, err, "a.yaml: Deployment web has no selector")
	_, err = controllersOf(app(map[string]deploy.Kind{"web": deploy.Service}), objects("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: many, template: {spec: {containers: [{name: a}]}}}\n"))
	want(t, err, "a.yaml: Deployment web: ", "Replicas")
}

func TestValues(t *testing.T) {
	o, err := parse("a.yaml", []byte(deployment("web", 1, `
      containers:
        - name: web
          env:
            - {name: A, valueFrom: {secretKeyRef: {name: s, key: A}}}
            - {name: B, valueFrom: {secretKeyRef: {name: s, key: B, optional: true}}}
            - {name: C, valueFrom: {configMapKeyRef: {name: c, key: C}}}
            - {name: D, valueFrom: {configMapKeyRef: {name: here, key: D}}}
            - {name: E, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
          envFrom: [{secretRef: {name: bag}}, {configMapRef: {name: here}}, {configMapRef: {name: perhaps, optional: true}}]
      volumes:
        - {name: v, secret: {secretName: certificate, items: [{key: tls.key, path: key}]}}
        - {name: p, projected: {sources: [{secret: {name: bag}}, {configMap: {name: c, items: [{key: F, path: f}]}}]}}
`)+"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: here}\n"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := demands(o)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.supply(nil)
	want(t, err, "bag, c/C, c/F, certificate/tls.key, s/A have no values; supply it")
	values := map[string]string{"s/A": "1", "C": "2", "c/F": "3", "certificate/tls.key": "4", "bag/X": "5", "bag/Y": "6", "other/Z": "7"}
	s, c, err := d.supply(values)
	if err != nil || len(s) != 3 || len(c) != 1 {
		t.Fatal(len(s), len(c), err)
	}
	if string(s[0].Data["X"]) != "5" || string(s[0].Data["Y"]) != "6" || string(s[1].Data["tls.key"]) != "4" || string(s[2].Data["A"]) != "1" || len(s[2].Data) != 1 || c[0].Data["C"] != "2" || c[0].Data["F"] != "3" {
		t.Error(s[0].Name, s[1].Name, s[2].Name, c)
	}
	delete(values, "bag/X")
	delete(values, "bag/Y")
	delete(values, "s/A")
	_, _, err = d.supply(values)
	want(t, err, "bag, s/A have no values")
}

func TestSick(t *testing.T) {
	waits := func(reason, message string, restarts int32) corev1.Pod {
		p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web"}}}}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "web", RestartCount: restarts, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}, LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}}}}
		return p
	}
	unschedulable := func(message string) corev1.Pod {
		p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: message}}
		return p
	}
	job := waits("CrashLoopBackOff", "", 5)
	job.OwnerReferences = []metav1.OwnerReference{{Kind: "Job"}}
	going := waits("ImagePullBackOff", "", 0)
	going.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	for _, c := range []struct {
		pod          corev1.Pod
		ago          time.Duration
		what, remedy string
	}{
		{waits("ContainerCreating", "", 0), time.Hour, "", ""},
		{waits("ImagePullBackOff", "no such image", 0), 0, "ImagePullBackOff: no such image", "push the image"},
		{waits("InvalidImageName", "", 0), 0, "InvalidImageName", "mend the name"},
		{waits("CreateContainerConfigError", "no key", 0), time.Second, "", ""},
		{waits("CreateContainerConfigError", "no key", 0), 5 * time.Second, "CreateContainerConfigError: no key", "supply"},
		{waits("CrashLoopBackOff", "", 1), time.Hour, "", ""},
		{waits("CrashLoopBackOff", "", 2), 0, "CrashLoopBackOff: it has ended 3 times, at last with status 137 (OOMKilled)", "look at what it says"},
		{job, time.Hour, "", ""},
		{going, time.Hour, "", ""},
		{unschedulable("insufficient cpu"), time.Second, "", ""},
		{unschedulable("insufficient cpu"), time.Minute, "no node takes it (Unschedulable): insufficient cpu", "has room"},
		{unschedulable("pod has unbound immediate PersistentVolumeClaims"), time.Minute, "PersistentVolumeClaims", "StorageClass"},
	} {
		s := symptoms{since: map[string]time.Time{}}
		sick(c.pod, &s)
		for k := range s.since {
			s.since[k] = time.Now().Add(-c.ago)
		}
		what, remedy := sick(c.pod, &s)
		if (what == "") != (c.what == "") || !strings.Contains(what, c.what) || !strings.Contains(remedy, c.remedy) {
			t.Errorf("%+v: %q %q", c, what, remedy)
		}
	}
}

func TestDone(t *testing.T) {
	for text, kinds := range map[string]string{
		`{"metadata": {"generation": 2}, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}}`:                        "Deployment StatefulSet DaemonSet CronJob",
		`{"metadata": {"generation": 3}, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}}`:                        "CronJob",
		`{"spec": {"replicas": 2}, "status": {"replicas": 3, "updatedReplicas": 2, "readyReplicas": 2}}`:                                                                                "DaemonSet CronJob",
		`{"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 1, "currentNumberScheduled": 1, "updatedNumberScheduled": 1}}`:                   "CronJob",
		`{"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 1, "currentNumberScheduled": 1, "updatedNumberScheduled": 1, "numberReady": 1}}`: "DaemonSet CronJob",
		`{"metadata": {"generation": 9}, "status": {"conditions": [{"type": "Complete", "status": "False"}, {"type": "Failed", "status": "True"}]}}`:                                    "Job CronJob",
		`{"metadata": {"generation": 9}, "status": {"conditions": [{"type": "Complete", "status": "False"}]}}`:                                                                          "CronJob",
		`{"metadata": {"generation": 1}, "spec": {"replicas": 0}, "status": {"observedGeneration": 1}}`:                                                                                 "Deployment StatefulSet DaemonSet CronJob",
	} {
		var r rolled
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"} {
			if got := r.done(k); got != slices.Contains(strings.Fields(kinds), k) {
				t.Errorf("%s %s: %t", k, text, got)
			}
		}
	}
}

func TestSmallThings(t *testing.T) {
	for code, want := range map[int32]struct {
		code   int
		killed bool
	}{0: {0, false}, 3: {3, false}, 137: {-1, true}, 143: {-1, false}, 255: {255, false}} {
		if c, k := endOf(&corev1.ContainerStateTerminated{ExitCode: code}); c != want.code || k != want.killed {
			t.Error(code, c, k)
		}
	}
	if c, k := endOf(&corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}); c != -1 || k {
		t.Error("out of memory is taken for the end of patience")
	}
	if c, _ := endOf(nil); c != -1 {
		t.Error(c)
	}
	if n := jobName(strings.Repeat("a", 55)+"-"+strings.Repeat("b", 7), 3); n != strings.Repeat("a", 55)+"-lift-3" || len(n) > 63 {
		t.Error(n)
	}
	used := map[string]bool{}
	for ref, want := range map[string]string{"shop/web:1.0": "web", "localhost:5000/shop/db": "db", "nginx@sha256:abc": "nginx"} {
		if n := imageName("lift-x", ref, used); n != "lift.invalid/lift-x/"+want+":run" {
			t.Error(n)
		}
	}
	if n := imageName("lift-x", "other/web:2", used); n != "lift.invalid/lift-x/web-2:run" {
		t.Error(n)
	}
	for line, want := range map[string]string{"kind load image-archive {}": `kind load image-archive '/t/it'\''s'`, "ctr import": `ctr import '/t/it'\''s'`} {
		if got := withPath(line, "/t/it's"); got != want {
			t.Error(got)
		}
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{{"a.example", "b.example", false}, {"a.example b.example", "B.example", true}, {"", "a.example", false}, {"", "", true}, {"*.example", "*.example", true}} {
		if _, same := overlap(strings.Fields(c.a), strings.Fields(c.b)); same != c.same {
			t.Errorf("%+v", c)
		}
	}
	if err := refusal("error forwarding port 9 to pod x: failed to connect to localhost:9 inside namespace y, IPv4: dial tcp4 127.0.0.1:9: connect: connection refused"); err.Error() != "nothing listens: connection refused" {
		t.Error(err)
	}
	log := []byte("a\nlift-witness {}\n2026 lift-witness {}\nb\n")
	if got := withoutWitness(log); string(got) != "a\nb\n" {
		t.Errorf("%q", got)
	}
}

func TestClean(t *testing.T) {
	p := &running{mask: mask.Of(run.System{Values: map[string]string{"a": testSecret}})}
	for _, err := range []error{
		run.Error{What: "it says " + testSecret, Remedy: "do not write " + testSecret},
		fmt.Errorf("it says %s: %w", testSecret, os.ErrNotExist),
		errors.Join(run.Error{What: "one " + testSecret}, run.Error{What: "two"}),
	} {
		got := p.clean(err)
		if strings.Contains(got.Error(), testSecret) || !strings.Contains(got.Error(), mask.Hidden) {
			t.Error(got)
		}
		if errors.Is(err, os.ErrNotExist) != errors.Is(got, os.ErrNotExist) {
			t.Errorf("%v hides what it is", got)
		}
	}
	if p.clean(nil) != nil {
		t.Error("no error is one")
	}
}

func TestSortPods(t *testing.T) {
	at := func(name string, minute int, going bool) corev1.Pod {
		p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.Time{Time: time.Unix(int64(minute)*60, 0)}}}
		if going {
			p.DeletionTimestamp = &metav1.Time{}
		}
		return p
	}
	names := func(list []corev1.Pod) string {
		var out []string
		for _, p := range list {
			out = append(out, p.Name)
		}
		return strings.Join(out, " ")
	}
	of := func(kind string) *controller { return &controller{object: &object{kind: kind}} }
	if got := names(sortPods([]corev1.Pod{at("web-10", 1, false), at("web-9", 2, false), at("web-0", 0, true)}, of("StatefulSet"))); got != "web-9 web-10 web-0" {
		t.Error(got)
	}
	if got := names(sortPods([]corev1.Pod{at("b", 2, false), at("a", 2, false), at("c", 1, false), at("d", 0, true)}, of("Deployment"))); got != "c a b d" {
		t.Error(got)
	}
	job := at("job", 0, false)
	job.OwnerReferences = []metav1.OwnerReference{{Kind: "Job"}}
	if got := names(sortPods([]corev1.Pod{job, at("a", 2, false)}, of("Deployment"))); got != "a" {
		t.Error(got)
	}
}

func TestOwner(t *testing.T) {
	me := owners.Self()
	back, ok := owners.Parse(me.String())
	if !ok || back != me || me.Dead() {
		t.Errorf("%v %v", me, back)
	}
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		gone := me
		gone.Started = "1"
		if !gone.Dead() {
			t.Error("another process of the number lives for it")
		}
		gone = me
		gone.Space = "1"
		if gone.Dead() {
			t.Error("what cannot be seen is taken for dead")
		}
	}
	for _, bad := range []string{"", "a:b", "a:b:c:d:e", "a:b:c:-1:e"} {
		if _, ok := owners.Parse(bad); ok {
			t.Error(bad)
		}
	}
}

func TestEnding(t *testing.T) {
	w := ending{first: "a", container: "web", begun: time.Now()}
	p := func(name string, going bool, code int32) *corev1.Pod {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if going {
			p.DeletionTimestamp = &metav1.Time{}
		}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "web"}}
		if code >= 0 {
			p.Status.ContainerStatuses[0].State.Terminated = &corev1.ContainerStateTerminated{ExitCode: code}
		}
		return p
	}
	job := p("job", false, 0)
	job.OwnerReferences = []metav1.OwnerReference{{Kind: "Job"}}
	for i, step := range []struct {
		pod        *corev1.Pod
		gone, done bool
	}{{p("a", false, -1), false, false}, {p("b", false, -1), false, false}, {job, false, false}, {p("a", true, -1), false, false}, {p("a", true, 3), false, false}, {p("a", true, 3), true, false}, {p("b", true, 0), true, true}} {
		if got := w.see(step.pod, step.gone); got != step.done {
			t.Errorf("step %d: %t", i, got)
		}
	}
	if w.how == nil || w.how.ExitCode != 3 || w.took <= 0 {
		t.Errorf("%+v", w)
	}
}

func TestWitnessLayer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w")
	if err := os.WriteFile(file, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := witnessLayer(file); err != nil {
		t.Error(err)
	}
	if _, err := witnessLayer(file + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
