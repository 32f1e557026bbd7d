package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// A node is a real one: what is deployed runs, keeps its state, is found by name and answers through the gateway. And nothing of it is left afterwards, so that it can be started again.
func TestNode(t *testing.T) {
	if !required() {
		t.Skip("LIFT_REQUIRE=kubernetes runs a whole node: it needs root")
	}
	if err := run("build"); err != nil {
		t.Fatal(err)
	}
	image := filepath.Join(t.TempDir(), "witness.tar")
	if err := witness(image); err != nil {
		t.Fatal(err)
	}
	before := trace(t)
	for _, way := range []struct {
		name string
		end  func(*clusterUp) error
	}{
		{"ended by whoever started it", (*clusterUp).stop},
		{"ended by down", func(c *clusterUp) error { return errors.Join(run("down", "--dir", c.dir), c.cmd.Wait()) }},
	} {
		t.Run(way.name, func(t *testing.T) {
			dir := filepath.Join(work, "node")
			c, err := up(dir)
			if err != nil {
				t.Fatal(err)
			}
			namespace, files := remains(t, dir)
			t.Cleanup(func() {
				if t.Failed() {
					logs(t, dir)
				}
				if err := way.end(c); err != nil {
					t.Fatal(err)
				}
				if left := processesIn(namespace); len(left) > 0 {
					t.Errorf("processes are left: %q", left)
				}
				for _, f := range files {
					if exists(f) {
						t.Errorf("%s is left", f)
					}
				}
				for what, was := range before {
					if is := trace(t)[what]; is != was {
						t.Errorf("%s: was %q, is %q", what, was, is)
					}
				}
			})
			deploy(t, dir, image)
		})
	}
}

// deploy deploys the witness and asks it what it sees.
func deploy(t *testing.T, dir, image string) {
	env := environment(t, dir)
	load := strings.Fields(env["LIFT_TEST_LOAD"])
	if out, err := exec.Command(load[0], append(load[1:], image)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	a, err := Connect(env["KUBECONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("testdata", "node.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.create(data, "shop"); err != nil {
		t.Fatal(err)
	}
	answers := func(path, want string) {
		t.Helper()
		got := ""
		for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if got = get("http://"+env["LIFT_TEST_GATEWAY"]+path, "witness.example"); strings.Contains(got, want) {
				return
			}
		}
		t.Fatalf("%s answers %q; want %q", path, got, want)
	}
	answers("/inside", "started 1")
	answers("/inside/lookup?witness", "[10.")
	answers("/inside/lookup?witness.shop.svc.cluster.local", "[10.")
	answers("/inside/lookup?outside.example.org", "no such host")
	answers("/inside/fetch?http://witness/", "started 1")
	answers("/inside/fetch?http://192.0.2.1/", "network is unreachable")
	if got := get("http://"+env["LIFT_TEST_GATEWAY"]+":8088/", ""); got != "started 1" {
		t.Errorf("the host port answers %q", got)
	}
	// another pod, the same state
	r, err := a.ask(http.MethodDelete, "/api/v1/namespaces/shop/pods?labelSelector=app%3Dwitness", "", nil)
	if err != nil || r.refused != nil {
		t.Fatal(err, r.refused)
	}
	answers("/inside", "started 2")
	for _, c := range []struct {
		user   string
		method string
		status int
	}{
		{"READONLY", http.MethodGet, http.StatusOK},
		{"READONLY", http.MethodPost, http.StatusForbidden},
		{"NORIGHTS", http.MethodGet, http.StatusForbidden},
		{"NORIGHTS", http.MethodPost, http.StatusForbidden},
	} {
		a, err := Connect(env["LIFT_TEST_KUBECONFIG_"+c.user])
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.ask(c.method, "/api/v1/namespaces/shop/configmaps", "application/yaml", []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"))
		if err != nil || r.status != c.status {
			t.Errorf("%s of %s: %d, want %d (%v, %v)", c.method, c.user, r.status, c.status, err, r.refused)
		}
	}
}

// witness makes the image of the program that is deployed.
func witness(image string) error {
	binary := strings.TrimSuffix(image, ".tar")
	build := exec.Command("go", "build", "-o", binary, "./witness")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return run("image", binary, "lift.test/witness:1", image)
}

// create creates all objects of a stream, in a namespace of their own.
func (a *API) create(stream []byte, namespace string) error {
	r, err := a.ask(http.MethodPost, "/api/v1/namespaces", "application/yaml", []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: "+namespace+"}\n"))
	if err != nil || r.refused != nil {
		return fmt.Errorf("%w, %w", err, r.refused)
	}
	// a pod that comes before its service account is refused, and tried again only after a while
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		r, err := a.ask(http.MethodGet, "/api/v1/namespaces/"+namespace+"/serviceaccounts/default", "", nil)
		if err != nil {
			return err
		}
		if r.status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			return r.refused
		}
	}
	docs, err := documents(stream)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		var u unstructured.Unstructured
		if err := yaml.Unmarshal(doc, &u.Object); err != nil {
			return err
		}
		where, err := a.collection(u.GroupVersionKind(), namespace)
		if err != nil {
			return err
		}
		r, err := a.ask(http.MethodPost, where, "application/yaml", doc)
		if err != nil || r.refused != nil {
			return fmt.Errorf("%s %s: %w, %w", u.GetKind(), u.GetName(), err, r.refused)
		}
	}
	return nil
}

// get is what a URL answers, or why it does not.
func get(url, host string) string {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	req.Host = host
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// environment reads DIR/env as a shell does.
func environment(t *testing.T, dir string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "env"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		out[name] = strings.Trim(value, "'")
	}
	return out
}

// remains are where a cluster that runs can be seen on the machine.
func remains(t *testing.T, dir string) (namespace string, files []string) {
	t.Helper()
	var pid, network int
	data, err := os.ReadFile(filepath.Join(dir, "running"))
	if err == nil {
		_, err = fmt.Sscan(string(data), &pid, &network)
	}
	if err != nil {
		t.Fatal(err)
	}
	if namespace, err = os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid)); err != nil {
		t.Fatal(err)
	}
	files = []string{dir, fmt.Sprintf("/sys/class/net/lift-kube%d", network)}
	for _, pattern := range []string{"/sys/fs/cgroup/*/lift-kube%d", "/sys/fs/cgroup/lift-kube%d"} {
		groups, err := filepath.Glob(fmt.Sprintf(pattern, network))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, groups...)
	}
	for _, f := range files {
		if !exists(f) {
			t.Errorf("%s is not there", f)
		}
	}
	if len(files) < 3 {
		t.Error("there are no cgroups")
	}
	return namespace, files
}

func processesIn(namespace string) (out []string) {
	links, _ := filepath.Glob("/proc/[0-9]*/ns/pid")
	for _, l := range links {
		process := filepath.Dir(filepath.Dir(l))
		status, err := os.ReadFile(filepath.Join(process, "status"))
		if err != nil || bytes.Contains(status, []byte("State:\tZ")) {
			continue // it is dead, and the machine has not looked at it yet
		}
		if name, err := os.Readlink(l); err == nil && name == namespace {
			out = append(out, process)
		}
	}
	return out
}

// trace is what a cluster could leave on the machine: where its programs put their files when nobody tells them otherwise, and what they change in the kernel.
func trace(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, p := range []string{"/opt/containerd", "/run/containerd", "/run/netns", "/var/lib/containerd"} { // which may be others'
		out[p] = fmt.Sprint(exists(p))
	}
	for _, dir := range []string{"/etc/cni", "/opt/cni", "/usr/libexec/kubernetes", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers", "/var/log/pods"} {
		var files []string
		_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil {
				var info fs.FileInfo
				if info, err = d.Info(); err == nil {
					files = append(files, p+" "+info.ModTime().String())
				}
			}
			return err
		})
		out[dir] = strings.Join(files, "\n")
	}
	for _, p := range []string{"kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "vm/overcommit_memory", "vm/panic_on_oom"} {
		data, err := os.ReadFile("/proc/sys/" + p)
		out[p] = fmt.Sprint(string(data), err)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for line := range bytes.Lines(mounts) {
		if bytes.Contains(line, []byte(work)) || bytes.Contains(line, []byte("kubelet")) {
			ours = append(ours, string(line))
		}
	}
	out["mounts"] = strings.Join(ours, "")
	return out
}

// logs tells why it did not work.
func logs(t *testing.T, dir string) {
	a, err := Connect(filepath.Join(dir, "kubeconfig"))
	if err != nil {
		t.Log(err)
		return
	}
	r, err := a.ask(http.MethodGet, "/api/v1/events", "", nil)
	if err != nil {
		t.Log(err)
		return
	}
	var events corev1.EventList
	if err := json.Unmarshal(r.body, &events); err != nil {
		t.Log(err)
	}
	seen := map[string]bool{}
	for _, e := range events.Items {
		seen[e.InvolvedObject.Kind+" "+e.InvolvedObject.Name+": "+e.Message] = true
	}
	for _, e := range slices.Sorted(maps.Keys(seen)) {
		t.Log(e)
	}
}
