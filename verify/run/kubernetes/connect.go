package kubernetes

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// connect makes a client for the cluster of the kubeconfig's context. Nothing is asked of it yet. A cluster around lift itself (a service account in a pod) is not taken: nobody has named it.
func (r *Runner) connect() (*client, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = r.options.Kubeconfig
	rules.WarnIfAllMissing = false
	raw, err := rules.Load()
	if err != nil {
		return nil, run.Error{What: fmt.Sprintf("the kubeconfig cannot be read: %v", firstLine(err)), Remedy: "mend it, or let KUBECONFIG name another one"}
	}
	where := strings.Join(rules.GetLoadingPrecedence(), string(filepath.ListSeparator))
	if r.options.Kubeconfig != "" {
		where = r.options.Kubeconfig
	}
	if len(raw.Contexts) == 0 && len(raw.Clusters) == 0 {
		return nil, run.Error{What: "there is no kubeconfig at " + where, Remedy: "let KUBECONFIG name the one of the cluster that may be used for tests"}
	}
	name := r.options.Context
	if name == "" {
		name = raw.CurrentContext
	}
	if name == "" {
		return nil, run.Error{What: "the kubeconfig " + where + " has no current context", Remedy: "choose the cluster that may be used for tests: kubectl config use-context NAME"}
	}
	if raw.Contexts[name] == nil {
		return nil, run.Error{What: fmt.Sprintf("the kubeconfig %s has no context %q", where, name), Remedy: "look what it has: kubectl config get-contexts"}
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, &clientcmd.ConfigOverrides{}, rules).ClientConfig()
	if err != nil {
		return nil, run.Error{What: fmt.Sprintf("the context %s of the kubeconfig says not how to reach its cluster: %v", name, firstLine(err)), Remedy: "mend it, or choose another one: kubectl config use-context NAME"}
	}
	return newClient(config, name)
}

// silence keeps client-go from writing to standard error on its own: whatever matters comes back as an error.
var silence sync.Once

// newClient makes a client of a configuration.
func newClient(config *rest.Config, context string) (*client, error) {
	silence.Do(func() { klog.SetLogger(logr.Discard()) })
	config.UserAgent = "lift"
	config.WarningHandler = rest.NoWarnings{}
	web, err := rest.HTTPClientFor(config)
	if err != nil {
		what := fmt.Sprintf("the context %s cannot be used: %v", context, firstLine(err))
		if errors.Is(err, os.ErrNotExist) {
			return nil, run.Error{What: what, Remedy: "bring the file that it names"}
		}
		return nil, run.Error{What: what, Remedy: "mend it in the kubeconfig"}
	}
	web.Timeout = 0 // streams last; every request has a context
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, run.Error{What: fmt.Sprintf("the context %s names no server: %v", context, firstLine(err)), Remedy: "mend it in the kubeconfig"}
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	return &client{web: web, base: base, config: config, context: context, warn: func(string) {}, patience: time.Second}, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
