package kube

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// API is a real API server.
type API struct {
	server, token string
	http          *http.Client

	mu         sync.Mutex
	resources  map[schema.GroupVersion][]metav1.APIResource
	namespaces map[string]bool
}

// Connect takes the address and the token of an API server out of a kubeconfig.
func Connect(kubeconfig string) (*API, error) {
	data, err := os.ReadFile(kubeconfig)
	if err != nil {
		return nil, err
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server    string
				Authority []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct{ User struct{ Token string } }
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, fmt.Errorf("%s: want one cluster and one user", kubeconfig)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(config.Clusters[0].Cluster.Authority)
	return &API{
		server: config.Clusters[0].Cluster.Server, token: config.Users[0].User.Token,
		http:       &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}},
		resources:  map[schema.GroupVersion][]metav1.APIResource{},
		namespaces: map[string]bool{},
	}, nil
}

// reply is what the API server answers to one request.
type reply struct {
	body     []byte
	warnings []string
	refused  error
	status   int
}

// ask sends a request. Its error is that of the connection alone.
func (a *API) ask(method, path, contentType string, body []byte) (r reply, err error) {
	req, err := http.NewRequest(method, a.server+path, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", contentType)
	resp, err := a.http.Do(req)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	if r.body, err = io.ReadAll(resp.Body); err != nil {
		return r, err
	}
	r.status = resp.StatusCode
	for _, w := range resp.Header.Values("Warning") {
		if r.warnings, err = warnings(r.warnings, w); err != nil {
			return r, err
		}
	}
	if resp.StatusCode < 300 {
		return r, nil
	}
	var status metav1.Status
	if err := json.Unmarshal(r.body, &status); err != nil || status.Message == "" {
		r.refused = fmt.Errorf("%s: %s", resp.Status, bytes.TrimSpace(r.body))
	} else {
		r.refused = errors.New(status.Message)
	}
	return r, nil
}

// warnings takes apart a header of warnings: each is a number, an agent and a quoted text (RFC 7234 section 5.5).
func warnings(to []string, header string) ([]string, error) {
	for header != "" {
		words := strings.SplitN(header, " ", 3)
		if len(words) < 3 {
			return to, fmt.Errorf("no warning: %q", header)
		}
		quoted, err := strconv.QuotedPrefix(words[2])
		if err != nil {
			return to, fmt.Errorf("no warning: %q", header)
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return to, fmt.Errorf("no warning: %q", header)
		}
		to, header = append(to, text), strings.TrimLeft(words[2][len(quoted):], ", ")
	}
	return to, nil
}

// collection is where objects of a kind are created; empty if the API server does not know the kind.
func (a *API) collection(kind schema.GroupVersionKind, namespace string) (string, error) {
	version := kind.GroupVersion()
	base := "/apis/" + version.String()
	if version.Group == "" {
		base = "/api/" + version.Version
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.resources[version]
	if !ok {
		r, err := a.ask(http.MethodGet, base, "", nil)
		if err != nil {
			return "", err
		}
		var list metav1.APIResourceList
		if r.status == http.StatusOK {
			if err := json.Unmarshal(r.body, &list); err != nil {
				return "", err
			}
		}
		known, a.resources[version] = list.APIResources, list.APIResources
	}
	for _, r := range known {
		switch {
		case r.Kind != kind.Kind || strings.Contains(r.Name, "/"):
		case r.Namespaced:
			return base + "/namespaces/" + namespace + "/" + r.Name, nil
		default:
			return base + "/" + r.Name, nil
		}
	}
	return "", nil
}

// prepare makes a namespace where nothing is admitted that breaks the restricted Pod Security Standard. Its service account is made here, as there is no controller that would.
func (a *API) prepare(namespace string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.namespaces[namespace] {
		return nil
	}
	for _, o := range []struct{ where, what string }{
		{"/api/v1/namespaces/" + namespace, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + namespace + "\n  labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}\n"},
		{"/api/v1/namespaces/" + namespace + "/serviceaccounts/default", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: default\n"},
	} {
		r, err := a.ask(http.MethodPatch, o.where+"?fieldManager=judge", "application/apply-patch+yaml", []byte(o.what)) // "default" is there already
		if err != nil {
			return err
		}
		if r.refused != nil {
			return fmt.Errorf("the namespace %s: %w", namespace, r.refused)
		}
	}
	a.namespaces[namespace] = true
	return nil
}
