package kubernetes

import (
	"context"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// resource is where the API server keeps the objects of a kind.
type resource struct {
	root       string // "/api/v1", "/apis/apps/v1"
	name       string // "deployments"
	namespaced bool
}

// Resources that every cluster has.
var (
	pods         = resource{"/api/v1", "pods", true}
	events       = resource{"/api/v1", "events", true}
	secrets      = resource{"/api/v1", "secrets", true}
	configMaps   = resource{"/api/v1", "configmaps", true}
	accounts     = resource{"/api/v1", "serviceaccounts", true}
	volumes      = resource{"/api/v1", "persistentvolumes", false}
	namespaces   = resource{"/api/v1", "namespaces", false}
	jobs         = resource{"/apis/batch/v1", "jobs", true}
	deployments  = resource{"/apis/apps/v1", "deployments", true}
	statefulSets = resource{"/apis/apps/v1", "statefulsets", true}
	daemonSets   = resource{"/apis/apps/v1", "daemonsets", true}
	replicaSets  = resource{"/apis/apps/v1", "replicasets", true}
	cronJobs     = resource{"/apis/batch/v1", "cronjobs", true}

	ingresses      = resource{"/apis/networking.k8s.io/v1", "ingresses", true}
	ingressClasses = resource{"/apis/networking.k8s.io/v1", "ingressclasses", false}

	gateways       = resource{gatewayRoot, "gateways", true}
	gatewayClasses = resource{gatewayRoot, "gatewayclasses", false}
	httpRoutes     = resource{gatewayRoot, "httproutes", true}
)

const (
	gatewayGroup   = "gateway.networking.k8s.io"
	gatewayVersion = gatewayGroup + "/v1"
	gatewayRoot    = "/apis/" + gatewayVersion
)

// in is the path of all objects of a kind in a namespace; in "" of all of the cluster.
func (r resource) in(namespace string) string {
	if namespace == "" {
		return r.root + "/" + r.name
	}
	return r.root + "/namespaces/" + url.PathEscape(namespace) + "/" + r.name
}

// at is the path of one object, and of what belongs to it: "log", "scale".
func (r resource) at(namespace, name string, sub ...string) string {
	p := r.in(namespace) + "/" + url.PathEscape(name)
	if len(sub) > 0 {
		p += "/" + strings.Join(sub, "/")
	}
	return p
}

func rootOf(version string) string {
	if strings.Contains(version, "/") {
		return "/apis/" + version
	}
	return "/api/" + version
}

// resourceOf asks the cluster where it keeps objects of a kind. ok is false where it does not know the kind.
func (c *client) resourceOf(ctx context.Context, version, kind string) (r resource, ok bool, err error) {
	root := rootOf(version)
	c.mu.Lock()
	list, known := c.kinds[version]
	c.mu.Unlock()
	if !known {
		var got metav1.APIResourceList
		if err := c.get(ctx, root, nil, &got); err != nil && !missing(err) {
			return r, false, err
		}
		list = got.APIResources
		c.mu.Lock()
		if c.kinds == nil {
			c.kinds = map[string][]metav1.APIResource{}
		}
		c.kinds[version] = list
		c.mu.Unlock()
	}
	for _, a := range list {
		if a.Kind == kind && !strings.Contains(a.Name, "/") {
			return resource{root, a.Name, a.Namespaced}, true, nil
		}
	}
	return r, false, nil
}
