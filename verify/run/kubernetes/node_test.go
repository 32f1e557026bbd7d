package kubernetes

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// These tests run on the cluster of test/kube/cluster alone, whose env file they want to have been read: a KUBECONFIG may name one on which people work.

const (
	testImage  = "lift.invalid/test/program:1"
	testSecret = "open-sesame-4711"
)

// cluster tells what is needed to run here, and skips the test, or fails it where LIFT_REQUIRE says that it has to run.
func cluster(t *testing.T) *Runner {
	t.Helper()
	lacks := func(format string, args ...any) {
		t.Helper()
		if strings.Contains(","+os.Getenv("LIFT_REQUIRE")+",", ",kubernetes,") {
			t.Fatalf(format, args...)
		}
		t.Skipf(format, args...)
	}
	if testing.Short() {
		t.Skip("it takes a cluster")
	}
	if os.Getenv("KUBECONFIG") == "" || os.Getenv("LIFT_TEST_LOAD") == "" {
		lacks("KUBECONFIG and LIFT_TEST_LOAD are not set: start the cluster of test/kube/cluster, and read its env file")
	}
	r := New(Options{})
	if err := r.Needs(t.Context()); err != nil {
		lacks("%v", err)
	}
	loadProgram(t)
	return r
}

var loaded sync.Once

// loadProgram builds the program of the tests and brings it to the node as an image.
func loadProgram(t *testing.T) {
	t.Helper()
	loaded.Do(func() {
		dir := t.TempDir()
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "program"), "./testdata/program")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		archive := filepath.Join(dir, "image.tar")
		if err := os.WriteFile(archive, imageArchive(t, filepath.Join(dir, "program"), testImage), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("/bin/sh", "-c", withPath(os.Getenv("LIFT_TEST_LOAD"), archive)).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}

// imageArchive is a docker-archive of one program.
func imageArchive(t *testing.T, program, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	pack := func(files map[string][]byte, order ...string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, f := range order {
			if err := errors.Join(w.WriteHeader(&tar.Header{Name: f, Mode: 0o755, Size: int64(len(files[f]))}), write(w, files[f])); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	layer := pack(map[string][]byte{"program": data}, "program")
	sum := sha256.Sum256(layer)
	config, _ := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": map[string]any{"Entrypoint": []string{"/program"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
	})
	manifest, _ := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"}}})
	return pack(map[string][]byte{"config.json": config, "layer.tar": layer, "manifest.json": manifest}, "config.json", "layer.tar", "manifest.json")
}

func write(w io.Writer, b []byte) error {
	_, err := w.Write(b)
	return err
}

// system writes files and makes a system of them.
func system(t *testing.T, app deploy.App, files map[string]string) run.System {
	t.Helper()
	s := run.System{Tier: "kubernetes", App: app, Out: t.TempDir(), Nonce: fmt.Sprintf("t%x", time.Now().UnixNano()&0xffffffffff), Progress: t.Logf}
	s.Values = map[string]string{"words/SECRET_WORD": testSecret}
	for name, text := range files {
		p := filepath.Join(s.Out, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
		s.Files = append(s.Files, name)
	}
	return s
}

func app(kinds map[string]deploy.Kind) deploy.App {
	var a deploy.App
	for name, k := range kinds {
		a.Workloads = append(a.Workloads, deploy.Workload{Name: name, Kind: deploy.Some(k)})
	}
	return a
}

// pod is the specification of a test's pod.
func pod(name, mode string, more ...string) string {
	return fmt.Sprintf(`
      enableServiceLinks: false
      terminationGracePeriodSeconds: 3
      securityContext: {runAsNonRoot: true, runAsUser: 990, runAsGroup: 990, fsGroup: 990}
      containers:
        - name: %s
          image: %s
          args: [%s]
          env:
            - {name: STATE, value: /state}
            - name: SECRET_WORD
              valueFrom: {secretKeyRef: {name: words, key: SECRET_WORD}}
`, name, testImage, mode) + strings.Join(more, "")
}

const readiness = "          readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}\n"

func deployment(name string, replicas int, spec string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, labels: {app.kubernetes.io/name: %[1]s}}
spec:
  replicas: %[2]d
  selector: {matchLabels: {app.kubernetes.io/name: %[1]s}}
  template:
    metadata: {labels: {app.kubernetes.io/name: %[1]s}}
    spec:%[3]s`, name, replicas, spec)
}

func service(name string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %[1]s}\nspec:\n  selector: {app.kubernetes.io/name: %[1]s}\n  ports: [{port: 8080}]\n", name)
}

// start starts a system, which is gone with the test.
func start(t *testing.T, r *Runner, s run.System) run.Running {
	t.Helper()
	p, err := r.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		nothingLeft(t, s)
	})
	return p
}

// nothingLeft looks for the namespace of a run.
func nothingLeft(t *testing.T, s run.System) {
	t.Helper()
	c, err := New(Options{}).connect()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.get(context.Background(), namespaces.at("", "lift-"+s.Nonce), nil, nil); !missing(err) {
		t.Errorf("the namespace is still there: %v", err)
	}
	for _, v := range c.volumes(context.Background()) { // the cluster is the tests' own
		if r := v.Spec.ClaimRef; r != nil && r.Namespace == "lift-"+s.Nonce {
			if err := c.patch(context.Background(), volumes.at("", v.Metadata.Name), map[string]any{"spec": map[string]any{"claimRef": nil}}, nil); err != nil {
				t.Error(err)
			}
		}
	}
}

// request sends one over a connection.
func request(t *testing.T, conn net.Conn, err error, method, url string) (int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(body))
}

func TestSmallSystem(t *testing.T) {
	r := cluster(t)
	host := fmt.Sprintf("small-%d.example", os.Getpid())
	s := system(t, app(map[string]deploy.Kind{"web": deploy.Service, "keeper": deploy.Service, "agent": deploy.Agent, "setup": deploy.Job, "later": deploy.Job, "nightly": deploy.Cron, "bad": deploy.Cron}), map[string]string{
		"web.yaml": deployment("web", 2, pod("web", "stubborn", readiness)) + "---\n" + service("web"),
		"keeper.yaml": `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: keeper}
spec:
  serviceName: keeper
  selector: {matchLabels: {app: keeper}}
  template:
    metadata: {labels: {app: keeper}}
    spec:` + pod("keeper", "serve", readiness, "          volumeMounts: [{name: state, mountPath: /state}]\n") + `
  volumeClaimTemplates:
    - metadata: {name: state}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`,
		"agent.yaml": "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  selector: {matchLabels: {app: agent}}\n  template:\n    metadata: {labels: {app: agent}}\n    spec:" + pod("agent", "serve"),
		"setup.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: setup}\nspec:\n  backoffLimit: 0\n  template:\n    spec:\n      restartPolicy: Never" + pod("setup", "job, '0'"),
		"later.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata: {name: later}\nspec:\n  suspend: true\n  backoffLimit: 0\n  template:\n    spec:\n      restartPolicy: Never" + pod("later", "job, '5'"),
		"nightly.yaml": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec:\n  schedule: 15 3 1 1 *\n  jobTemplate: {spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: nightly, image: '" + testImage + "', args: [job, '0'], env: [{name: SECRET_WORD, valueFrom: {secretKeyRef: {name: words, key: SECRET_WORD}}}]}]}}}}\n" +
			"---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: bad}\nspec:\n  schedule: 15 3 1 1 *\n  jobTemplate: {spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: bad, image: '" + testImage + "', args: [job, '7']}]}}}}\n",
		"route.yaml": "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, labels: {app.kubernetes.io/name: web}}\nspec:\n  parentRefs: [{name: public, namespace: infra}]\n  hostnames: [" + host + "]\n  rules: [{matches: [{path: {type: PathPrefix, value: /}}], backendRefs: [{name: web, port: 8080}]}]\n" +
			"---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: keeper}\nspec:\n  ingressClassName: nginx\n  rules: [{host: i-" + host + ", http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: keeper, port: {number: 8080}}}}]}}]\n",
		"keeper-service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: keeper}\nspec:\n  selector: {app: keeper}\n  ports: [{port: 8080}]\n",
		"kustomization.yaml":  "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\n",
	})
	began := time.Now()
	p := start(t, r, s)
	t.Logf("up after %s", time.Since(began))

	for name, want := range map[string]run.State{"web": {Running: 2, Ready: 2}, "keeper": {Running: 1, Ready: 1}, "agent": {Running: 1, Ready: 1}} {
		if st, err := p.State(t.Context(), name); err != nil || st != want {
			t.Errorf("%s: %+v, %v", name, st, err)
		}
	}
	get := func(workload, path string) string {
		t.Helper()
		conn, err := p.Dial(t.Context(), workload, 8080)
		_, body := request(t, conn, err, "GET", "http://x"+path)
		return body
	}
	if got := get("web", "/env?SECRET_WORD"); got != testSecret {
		t.Error("the secret did not arrive")
	}
	if conn, err := p.Dial(t.Context(), "web", 9999); err != nil {
		t.Error(err)
	} else {
		_, err := io.ReadAll(conn)
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a port on which nothing listens: %v", err)
		}
		conn.Close()
	}
	conn, err := p.Door(t.Context(), deploy.Route{Match: "http://" + host, Workload: deploy.Some(deploy.Ref("workloads.web"))})
	if code, _ := request(t, conn, err, "GET", "http://"+host+"/healthz"); code != 200 {
		t.Errorf("the Gateway answers %d", code)
	}
	conn, err = p.Door(t.Context(), deploy.Route{Match: "http://i-" + host})
	if code, _ := request(t, conn, err, "GET", "http://i-"+host+"/healthz"); code != 200 {
		t.Errorf("the Ingress answers %d", code)
	}
	if _, err := p.Door(t.Context(), deploy.Route{Match: "http://other.example"}); !errors.As(err, new(run.NotHere)) {
		t.Errorf("a route that is not there: %v", err)
	}
	if _, err := p.Published(t.Context(), "web", 8080); !errors.As(err, new(run.NotHere)) {
		t.Errorf("published: %v", err)
	}

	for name, code := range map[string]int{"setup": 0, "later": 5, "nightly": 0, "bad": 7} {
		for range 2 { // the second time is another Job for each of them
			began := time.Now()
			end, err := p.Run(t.Context(), name)
			if err != nil || end.Code != code || end.Killed {
				t.Errorf("%s: %+v, %v", name, end, err)
			}
			if name == "nightly" && !strings.Contains(string(end.Log), "the word is "+testSecret) {
				t.Errorf("%s prints %q", name, end.Log)
			}
			t.Logf("%s: took %s, seen after %s", name, end.Took, time.Since(began))
		}
	}
	if _, err := p.Run(t.Context(), "web"); !errors.As(err, new(run.NotHere)) {
		t.Errorf("a service was run: %v", err)
	}

	if a, b := get("keeper", "/count"), get("keeper", "/count"); a != "1" || b != "2" {
		t.Errorf("it counts %s, %s", a, b)
	}
	end, err := p.Stop(t.Context(), "keeper")
	if err != nil || end.Killed || end.Code != 0 || end.Took < 250*time.Millisecond || !strings.HasSuffix(string(end.Log), "got SIGTERM\nends\n") {
		t.Errorf("stop of keeper: %+v, %v\n%s", end, err, end.Log)
	}
	t.Logf("keeper stopped in %s", end.Took)
	if log, err := p.Logs(t.Context(), "keeper"); err != nil || !bytes.Equal(log, end.Log) {
		t.Errorf("the log of what is stopped: %q, %v", log, err)
	}
	if st, err := p.State(t.Context(), "keeper"); err != nil || st != (run.State{}) {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := p.Dial(t.Context(), "keeper", 8080); err == nil {
		t.Error("what is stopped can be dialled")
	}
	if err := p.Begin(t.Context(), "keeper"); err != nil {
		t.Fatal(err)
	}
	if got := get("keeper", "/count"); got != "3" {
		t.Errorf("after the restart it counts %s: its storage was lost", got)
	}
	end, err = p.Stop(t.Context(), "web")
	if err != nil || !end.Killed || end.Code != -1 || end.Took < 2900*time.Millisecond {
		t.Errorf("stop of web: %+v, %v", end, err)
	}
	t.Logf("web stopped in %s", end.Took)
	if err := p.Begin(t.Context(), "web"); err != nil {
		t.Fatal(err)
	}
	if st, err := p.State(t.Context(), "web"); err != nil || st.Ready != 2 {
		t.Errorf("%+v, %v", st, err)
	}
	if end, err = p.Stop(t.Context(), "agent"); err != nil || end.Killed {
		t.Errorf("stop of agent: %+v, %v", end, err)
	}
	if err := p.Begin(t.Context(), "agent"); err != nil {
		t.Fatal(err)
	}
	if st, err := p.State(t.Context(), "agent"); err != nil || st.Ready != 1 {
		t.Errorf("%+v, %v", st, err)
	}
	began = time.Now()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("gone after %s", time.Since(began))
	nothingLeft(t, s)
	if err := p.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}
