package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// client speaks to the API server as the administrator.
type client struct {
	server, token string
	http          *http.Client
}

// patience is how long a step of the start may take: 2 s on a machine that does nothing else, much more beside a compiler.
const patience = 5 * time.Minute

// connect takes the address and the token out of a kubeconfig that writeKeys wrote.
func connect(dir string) (*client, error) {
	data, err := os.ReadFile(filepath.Join(dir, "kubeconfig"))
	if err != nil {
		return nil, err
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server    string
				Authority string `json:"certificate-authority-data"`
			}
		}
		Users []struct{ User struct{ Token string } }
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	authority, err := base64.StdEncoding.DecodeString(config.Clusters[0].Cluster.Authority)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return &client{
		server: config.Clusters[0].Cluster.Server, token: config.Users[0].User.Token,
		http: &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}},
	}, nil
}

func (c *client) do(method, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequest(method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = refusal{resp.StatusCode, fmt.Sprintf("%s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(data))}
	}
	return data, err
}

// refusal is an answer of the API server that is none.
type refusal struct {
	code int
	text string
}

func (r refusal) Error() string { return r.text }

// get reads an object.
func (c *client) get(path string, into any) error {
	data, err := c.do(http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// collections are where the kinds that the cluster begins with are created.
var collections = map[string]string{
	"ClusterRole":              "/apis/rbac.authorization.k8s.io/v1/clusterroles",
	"ClusterRoleBinding":       "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
	"CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
	"EndpointSlice":            "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices",
	"GatewayClass":             "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
	"IngressClass":             "/apis/networking.k8s.io/v1/ingressclasses",
	"PersistentVolume":         "/api/v1/persistentvolumes",
	"Service":                  "/api/v1/namespaces/kube-system/services",
	"StorageClass":             "/apis/storage.k8s.io/v1/storageclasses",
	// the definitions of the Gateway API come with a policy that keeps older ones from being installed over them
	"ValidatingAdmissionPolicy":        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
	"ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
}

// create creates all objects of a stream of YAML documents.
func (c *client) create(stream string) error {
	for _, doc := range strings.Split("\n"+stream, "\n---") {
		kind := ""
		for line := range strings.Lines(doc) {
			if k, ok := strings.CutPrefix(line, "kind: "); ok {
				kind = strings.TrimSpace(k)
			}
		}
		if kind == "" {
			continue // a licence
		}
		path := collections[kind]
		if path == "" {
			return fmt.Errorf("where are objects of kind %s created? tell it in client.go", kind)
		}
		// the API server gives itself 34 s for a definition, which takes a second of a processor, and goes on with it nevertheless
		late := false
		if err := wait(kind, patience, func() (bool, error) {
			_, err := c.do(http.MethodPost, path, "application/yaml", []byte(doc))
			var r refusal
			switch {
			case !errors.As(err, &r):
				return err == nil, err
			case r.code == http.StatusGatewayTimeout:
				late = true
				return false, err
			case r.code == http.StatusConflict && late:
				return true, nil
			}
			return false, fmt.Errorf("%w: %w", errFinal, err)
		}); err != nil {
			return err
		}
	}
	return nil
}

// errFinal is for what no waiting changes.
var errFinal = errors.New("in vain")

// wait asks until done says yes.
func wait(what string, limit time.Duration, done func() (bool, error)) error {
	var last error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		ok, err := done()
		if ok {
			return nil
		}
		if errors.Is(err, errDied) || errors.Is(err, errFinal) {
			return err
		}
		last = err
	}
	if last != nil {
		return fmt.Errorf("%s: not within %s: %w", what, limit, last)
	}
	return fmt.Errorf("%s: not within %s", what, limit)
}
