package kubernetes

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"

	"github.com/deploylift/lift/verify/run"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

// Needs tells why it cannot run here: a kubeconfig, a cluster that answers, the rights in it, and the docker command where images are to be brought there.
func (r *Runner) Needs(ctx context.Context) error {
	c, err := r.connect()
	if err != nil {
		return err
	}
	if _, err := c.reach(ctx); err != nil {
		return err
	}
	if err := c.rights(ctx); err != nil {
		return err
	}
	if r.options.Load == "" {
		return nil
	}
	if _, err := exec.LookPath(r.options.Docker); err != nil {
		return run.Error{What: "images are to be brought into the cluster, and there is no " + r.options.Docker + " command to take them from", Remedy: "install Docker's CLI: https://docs.docker.com/engine/install/"}
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err := (docker{command: r.options.Docker}).output(ctx, "version", "--format", "{{.Server.Version}}"); err != nil {
		return run.Error{What: "images are to be brought into the cluster, and the local Docker engine does not answer", Remedy: "start it (systemctl start docker), or let DOCKER_HOST name the one that runs"}
	}
	return nil
}

// server is what is said of the cluster to people.
func (c *client) server() string {
	return "the cluster at " + c.base.Host + " (context " + c.context + ")"
}

// reach asks the API server for its version.
func (c *client) reach(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var v version.Info
	err := c.get(ctx, "/version", nil, &v)
	if err == nil && v.GitVersion == "" {
		err = errors.New("its answer is none of a Kubernetes API server")
	}
	if err == nil {
		return v.GitVersion, nil
	}
	const renew = "log in again as its provider says, or choose another context: kubectl config use-context NAME"
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	switch {
	case answered(err, http.StatusUnauthorized):
		return "", run.Error{What: c.server() + " does not know who asks", Remedy: renew}
	case answered(err, http.StatusForbidden):
		return "", run.Error{What: c.server() + " does not even tell its version: " + err.Error(), Remedy: renew}
	case errors.As(err, &unknown):
		return "", run.Error{What: c.server() + " shows a certificate that the kubeconfig does not trust", Remedy: "bring the kubeconfig up to date: the cluster may have been set up anew"}
	case errors.As(err, &dns):
		return "", run.Error{What: c.server() + " cannot be found: no such host", Remedy: "look at the network, or choose another context: kubectl config use-context NAME"}
	case errors.Is(err, context.DeadlineExceeded):
		return "", run.Error{What: c.server() + " does not answer within " + answerTime.String(), Remedy: "look whether it runs and can be reached: kubectl version"}
	case strings.Contains(err.Error(), "getting credentials"): // an exec plugin of the kubeconfig
		return "", run.Error{What: "the kubeconfig's context " + c.context + " gets no credentials: " + firstLine(err), Remedy: renew}
	}
	return "", run.Error{What: c.server() + " does not answer: " + firstLine(err), Remedy: "start it, or choose another context: kubectl config use-context NAME"}
}

// right is something that a run does in the cluster.
type right struct {
	verb, group, resource string
	does, what            string // in words: one who lacks it "creates no Jobs"
}

// rights of a run. What it makes is in its own namespace, but a right that is bound to no namespace is all that can be had beforehand.
var allRights = []right{
	{"create", "", "namespaces", "create", "namespaces"},
	{"delete", "", "namespaces", "delete", "namespaces"},
	{"get", "", "namespaces", "read", "namespaces"},
	{"create", "apps", "deployments", "create", "Deployments"},
	{"patch", "apps", "deployments/scale", "scale", "Deployments"},
	{"create", "apps", "statefulsets", "create", "StatefulSets"},
	{"create", "batch", "jobs", "create", "Jobs"},
	{"create", "batch", "cronjobs", "create", "CronJobs"},
	{"create", "", "services", "create", "Services"},
	{"create", "", "configmaps", "create", "ConfigMaps"},
	{"create", "", "secrets", "create", "Secrets"},
	{"create", "", "persistentvolumeclaims", "create", "PersistentVolumeClaims"},
	{"create", "networking.k8s.io", "networkpolicies", "create", "NetworkPolicies"},
	{"list", "", "pods", "list", "pods"},
	{"watch", "", "pods", "watch", "pods"},
	{"delete", "", "pods", "delete", "pods"},
	{"get", "", "pods/log", "read", "logs of pods"},
	{"create", "", "pods/exec", "run", "commands in pods"},
	{"create", "", "pods/portforward", "forward", "ports to pods"},
}

// rights asks the cluster what this user may do. All that is missing is told at once.
func (c *client) rights(ctx context.Context) error {
	may, errs := make([]bool, len(allRights)), make([]error, len(allRights))
	var wg sync.WaitGroup
	for i, r := range allRights { // a cluster may be far away
		wg.Go(func() { may[i], errs[i] = c.may(ctx, r) })
	}
	wg.Wait()
	var order []string
	lost := map[string][]string{}
	for i, r := range allRights {
		if errs[i] != nil {
			return errs[i]
		}
		if may[i] {
			continue
		}
		if lost[r.does] == nil {
			order = append(order, r.does)
		}
		lost[r.does] = append(lost[r.does], r.what)
	}
	if len(order) == 0 {
		return nil
	}
	for i, does := range order {
		what := lost[does]
		order[i] = does + " no " + strings.Join(what[:len(what)-1], ", ")
		if len(what) > 1 {
			order[i] += " or "
		}
		order[i] += what[len(what)-1]
	}
	return run.Error{
		What:   fmt.Sprintf("%s lets %s %s", c.server(), c.who(ctx), strings.Join(order, ", ")),
		Remedy: "take a cluster of your own for tests (kind, minikube), or ask who runs this one for the role admin in all namespaces and the right to create and delete namespaces",
	}
}

// may asks for one right.
func (c *client) may(ctx context.Context, r right) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	resource, sub, _ := strings.Cut(r.resource, "/")
	review := authorizationv1.SelfSubjectAccessReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview"},
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: r.verb, Group: r.group, Resource: resource, Subresource: sub,
		}},
	}
	if err := c.create(ctx, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", nil, review, &review); err != nil {
		if answered(err, http.StatusForbidden, http.StatusUnauthorized) {
			return false, run.Error{What: c.server() + " does not tell what this user may do: " + err.Error(), Remedy: "log in again, or choose another context: kubectl config use-context NAME"}
		}
		return false, run.Error{What: c.server() + " does not tell what this user may do: " + firstLine(err), Remedy: "look whether it is well: kubectl auth can-i create namespaces"}
	}
	return review.Status.Allowed, nil
}

// who is the user as the cluster calls it; older clusters do not say.
func (c *client) who(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	review := authenticationv1.SelfSubjectReview{TypeMeta: metav1.TypeMeta{APIVersion: "authentication.k8s.io/v1", Kind: "SelfSubjectReview"}}
	if err := c.create(ctx, "/apis/authentication.k8s.io/v1/selfsubjectreviews", nil, review, &review); err != nil || review.Status.UserInfo.Username == "" {
		return "this user"
	}
	return "user " + review.Status.UserInfo.Username
}
