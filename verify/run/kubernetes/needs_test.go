package kubernetes

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

func TestKubeconfig(t *testing.T) {
	dir := t.TempDir()
	file := func(text string) string {
		p := filepath.Join(dir, "config")
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Setenv("KUBECONFIG", filepath.Join(dir, "none"))
	t.Setenv("HOME", dir)
	t.Setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1") // a cluster around lift is not meant
	t.Setenv("KUBERNETES_SERVICE_PORT", "1")
	want(t, New(Options{}).Needs(t.Context()), "there is no kubeconfig at "+filepath.Join(dir, "none"), "let KUBECONFIG name")
	want(t, New(Options{Kubeconfig: filepath.Join(dir, "missing")}).Needs(t.Context()), "missing", "KUBECONFIG")
	want(t, New(Options{Kubeconfig: file("a: [")}).Needs(t.Context()), "cannot be read", "mend it")
	const one = "apiVersion: v1\nkind: Config\ncontexts: [{name: here, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
	want(t, New(Options{Kubeconfig: file(one)}).Needs(t.Context()), "has no current context", "kubectl config use-context")
	want(t, New(Options{Kubeconfig: file(one), Context: "there"}).Needs(t.Context()), `has no context "there"`, "get-contexts")
	want(t, New(Options{Kubeconfig: file(one), Context: "here"}).Needs(t.Context()), "the cluster at 127.0.0.1:1 (context here) does not answer", "connection refused", "start it")
	want(t, New(Options{Kubeconfig: file("apiVersion: v1\nkind: Config\ncontexts: [{name: here, context: {cluster: d}}]\n"), Context: "here"}).Needs(t.Context()), "context here", "mend it")
	t.Setenv("KUBECONFIG", file("current-context: here\n"+one))
	want(t, New(Options{}).Needs(t.Context()), "the cluster at 127.0.0.1:1 (context here) does not answer")
}

func TestReach(t *testing.T) {
	for name, c := range map[string]struct {
		answer any
		want   []string
	}{
		"stranger":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello</html>")) }, []string{"does not answer", "none of a"}},
		"unknown":   {http.StatusUnauthorized, []string{"does not know who asks", "log in again"}},
		"forbidden": {http.StatusForbidden, []string{"does not even tell its version", "log in again"}},
		"broken":    {http.StatusInternalServerError, []string{"does not answer: GET /version is answered with 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, newFake(t, map[string]any{"GET /version": c.answer}).runner(t, Options{}).Needs(t.Context()), c.want...)
		})
	}
	f := newFake(t, map[string]any{"GET /version": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	want(t, f.runner(t, Options{}).Needs(ctx), "does not answer")
}

func TestRights(t *testing.T) {
	f := newFake(t, map[string]any{"POST /apis/authentication.k8s.io/v1/selfsubjectreviews": map[string]any{"status": map[string]any{"userInfo": map[string]any{"username": "ada"}}}})
	if err := f.runner(t, Options{}).Needs(t.Context()); err != nil {
		t.Error(err)
	}
	f.deny = func(verb, resource string) bool { return resource == "pods/exec" }
	want(t, f.runner(t, Options{}).Needs(t.Context()), "(context here) lets user ada run no commands in pods; take a cluster of your own")
	f.deny = func(verb, resource string) bool { return verb == "create" && resource != "pods/exec" }
	want(t, f.runner(t, Options{}).Needs(t.Context()), "lets user ada create no namespaces, Deployments, ", " or NetworkPolicies, forward no ports to pods; ")
	delete(f.answers, "POST /apis/authentication.k8s.io/v1/selfsubjectreviews")
	want(t, f.runner(t, Options{}).Needs(t.Context()), "lets this user create no")
	f.deny = nil
	want(t, f.runner(t, Options{Load: "true", Docker: "/none/docker"}).Needs(t.Context()), "there is no /none/docker command", "install")
}

func TestRetries(t *testing.T) {
	n := 0
	f := newFake(t, map[string]any{"GET /api/v1/pods": func(w http.ResponseWriter, _ *http.Request) {
		if n++; n < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Header().Set("Warning", `299 - "for reading nobody is warned"`)
		_, _ = w.Write([]byte("{}"))
	}, "POST /api/v1/pods": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Warning", `299 - "would violate PodSecurity"`)
		_, _ = w.Write([]byte("{}"))
	}})
	c := f.client(t)
	var warned []string
	c.warn = func(s string) { warned = append(warned, s) }
	if err := c.get(t.Context(), "/api/v1/pods", nil, nil); err != nil || n != 3 {
		t.Error(n, err)
	}
	if err := c.create(t.Context(), "/api/v1/pods", nil, 1, nil); err != nil || len(warned) != 1 || warned[0] != "would violate PodSecurity" {
		t.Error(warned, err)
	}
	if err := c.get(t.Context(), "/api/v1/none", nil, nil); !missing(err) || err.Error() != "GET /api/v1/none is answered with 404" {
		t.Error(err)
	}
	f.Close()
	if err := c.get(t.Context(), "/api/v1/pods", nil, nil); err == nil || missing(err) {
		t.Error(err)
	}
}

func TestResourceOf(t *testing.T) {
	f := newFake(t, map[string]any{
		"GET /api/v1":               kinds("Pod pods", "PodExecOptions pods/exec", "Namespace namespaces cluster"),
		"GET /apis/apps/v1":         kinds("Deployment deployments", "Scale deployments/scale"),
		"GET /apis/broken.dev/v1":   http.StatusServiceUnavailable,
		"GET /apis/no.resources/v1": kinds(),
	})
	c := f.client(t)
	for _, k := range []struct {
		version, kind, path string
	}{
		{"v1", "Pod", "/api/v1/namespaces/a/pods/b"},
		{"apps/v1", "Deployment", "/apis/apps/v1/namespaces/a/deployments/b"},
		{"v1", "PodExecOptions", ""},
		{"apps/v1", "Scale", ""},
		{"none/v1", "Thing", ""},
		{"no.resources/v1", "Thing", ""},
	} {
		r, ok, err := c.resourceOf(t.Context(), k.version, k.kind)
		if err != nil || ok != (k.path != "") || ok && r.at("a", "b") != k.path {
			t.Errorf("%+v: %+v %t %v", k, r, ok, err)
		}
	}
	if r, ok, _ := c.resourceOf(t.Context(), "v1", "Namespace"); !ok || r.namespaced {
		t.Error(r, ok)
	}
	if n := f.was("GET /api/v1"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if _, _, err := c.resourceOf(t.Context(), "broken.dev/v1", "Thing"); err == nil {
		t.Error("a group that cannot be asked is taken for one that is not there")
	}
}
