package kubernetes

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fake is as much of an API server as the tests ask for: "METHOD /path" → an answer, or a status code, or a function. What it does not know is not found.
type fake struct {
	*httptest.Server
	answers map[string]any
	deny    func(verb, resource string) bool

	mu    sync.Mutex
	asked []string
	sent  map[string]string // the last body of each question
}

func newFake(t *testing.T, answers map[string]any) *fake {
	t.Helper()
	f := &fake{answers: answers, sent: map[string]string{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Method + " " + r.URL.Path
	f.mu.Lock()
	f.asked = append(f.asked, key)
	f.sent[key] = string(body)
	answer, known := f.answers[key]
	f.mu.Unlock()
	if strings.HasSuffix(key, "/selfsubjectaccessreviews") {
		var review authorizationv1.SelfSubjectAccessReview
		_ = json.Unmarshal(body, &review)
		a := review.Spec.ResourceAttributes
		review.Status.Allowed = f.deny == nil || !f.deny(a.Verb, strings.TrimSuffix(a.Resource+"/"+a.Subresource, "/"))
		answer, known = review, true
	}
	if r.URL.Path == "/version" && !known {
		answer, known = map[string]string{"gitVersion": "v1.37.2"}, true
	}
	if !known {
		answer = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	switch a := answer.(type) {
	case func(http.ResponseWriter, *http.Request):
		a(w, r)
	case int:
		w.WriteHeader(a)
		_ = json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status"}, Code: int32(a), Message: fmt.Sprintf("%s is answered with %d", key, a)})
	default:
		_ = json.NewEncoder(w).Encode(a)
	}
}

// was reports how often a question was asked.
func (f *fake) was(key string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.asked {
		if a == key {
			n++
		}
	}
	return n
}

// kubeconfig is one for a server.
func kubeconfig(t *testing.T, server string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: here\ncontexts: [{name: here, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: '" + server + "'}}]\nusers: [{name: u, user: {token: t}}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (f *fake) runner(t *testing.T, o Options) *Runner {
	t.Helper()
	o.Kubeconfig = kubeconfig(t, f.URL)
	return New(o)
}

func (f *fake) client(t *testing.T) *client {
	t.Helper()
	c, err := f.runner(t, Options{}).connect()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kinds answers what resources a group has: "Deployment deployments".
func kinds(list ...string) metav1.APIResourceList {
	var out metav1.APIResourceList
	for _, l := range list {
		kind, name, _ := strings.Cut(l, " ")
		name, wide := strings.CutSuffix(name, " cluster")
		out.APIResources = append(out.APIResources, metav1.APIResource{Kind: kind, Name: name, Namespaced: !wide})
	}
	return out
}

func items(list ...any) map[string]any { return map[string]any{"items": list} }

func object1(name string, more map[string]any) map[string]any {
	o := map[string]any{"metadata": map[string]any{"name": name, "namespace": "other"}}
	for k, v := range more {
		o[k] = v
	}
	return o
}

func want(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, and not %q", parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q is not in: %v", p, err)
		}
	}
}
