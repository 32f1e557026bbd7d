package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/owners"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// running is a system in its namespace.
type running struct {
	Runner   *Runner
	sys      run.System
	client   *client
	ns       string
	mask     mask.Mask
	progress func(string, ...any)
	images   *images
	doors    doors

	controllers map[string]*controller // by workload

	mu     sync.Mutex
	made   bool              // the namespace is there, or may be
	ended  map[string][]byte // what a stopped workload printed, by workload
	ran    map[string]bool   // the Job of the files has been accounted for
	count  int               // of the Jobs that were made for Run
	closed bool
}

var _ run.Running = (*running)(nil)

// Start applies the system to a namespace of its own and waits until everything is ready.
func (r *Runner) Start(ctx context.Context, s run.System) (run.Running, error) {
	p := &running{Runner: r, sys: s, mask: mask.Of(s), progress: progressOf(s), ended: map[string][]byte{}, ran: map[string]bool{}}
	err := p.start(ctx)
	if err == nil {
		return p, nil
	}
	err = p.clean(err)
	if closing := p.Close(); closing != nil {
		err = errors.Join(err, closing)
	}
	return nil, err
}

func (p *running) start(ctx context.Context) error {
	objects, err := readObjects(p.sys)
	if err != nil {
		return err
	}
	if p.controllers, err = controllersOf(p.sys.App, objects); err != nil {
		return err
	}
	wants, err := demands(objects)
	if err != nil {
		return err
	}
	madeSecrets, madeConfigs, err := wants.supply(p.sys.Values)
	if err != nil {
		return err
	}
	if p.client, err = p.Runner.connect(); err != nil {
		return err
	}
	version, err := p.client.reach(ctx)
	if err != nil {
		return err
	}
	p.client.patience = steadfast
	var once sync.Map
	p.client.warn = func(text string) {
		if _, said := once.LoadOrStore(text, true); !said {
			p.progress("the cluster warns: %s", p.mask.Text(text))
		}
	}
	where, err := p.places(ctx, objects)
	if err != nil {
		return err
	}
	p.client.sweep(ctx, p.progress)
	if p.doors, err = p.planDoors(ctx, objects); err != nil {
		return err
	}
	if err := p.makeNamespace(ctx); err != nil {
		return err
	}
	p.progress("context %s, %s, Kubernetes %s: namespace %s", p.client.context, p.client.base.Host, version, p.ns)
	if err := p.bringImages(ctx, objects); err != nil {
		return err
	}
	p.progress("applies %s", count(len(objects), "object"))
	if err := p.makeGateways(ctx); err != nil {
		return err
	}
	for _, s := range madeSecrets {
		if err := p.add(ctx, secrets, s); err != nil {
			return fmt.Errorf("the Secret %s: %w", s.Name, err)
		}
	}
	for _, c := range madeConfigs {
		if err := p.add(ctx, configMaps, c); err != nil {
			return fmt.Errorf("the ConfigMap %s: %w", c.Name, err)
		}
	}
	sortObjects(objects)
	began := time.Now()
	for _, o := range objects {
		if err := p.apply(ctx, o, where[o]); err != nil {
			return err
		}
	}
	if err := p.rollout(ctx, slices.Collect(maps.Values(p.controllers))); err != nil {
		return err
	}
	for _, c := range p.controllers {
		if c.kind == "Job" && !c.suspended {
			p.progress("the Job %s has %s", c.workload, p.outcome(ctx, c))
		}
	}
	p.progress("everything is ready after %s", time.Since(began).Round(100*time.Millisecond))
	return p.openDoors(ctx)
}

// places asks the cluster where each object belongs. Kinds that it does not know, and objects that no namespace holds, are refused, all at once.
func (p *running) places(ctx context.Context, objects []*object) (map[*object]resource, error) {
	out := map[*object]resource{}
	var faults []error
	for _, o := range objects {
		if o.kind == "TLSRoute" || o.kind == "HTTPRoute" || o.kind == "Ingress" {
			continue // they are left out where the cluster has nothing that serves them
		}
		r, ok, err := p.client.resourceOf(ctx, o.version, o.kind)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			faults = append(faults, run.Error{What: fmt.Sprintf("%s: the cluster knows no kind %s of %s", o.file, o.kind, o.version), Remedy: "install its definition, or take a cluster that has it"})
		case !r.namespaced:
			faults = append(faults, run.Error{What: fmt.Sprintf("%s: %s belongs to the whole cluster, and a run makes nothing outside of its own namespace", o.file, o), Remedy: "take it out of the system's files, and apply it beforehand if the system needs it"})
		}
		out[o] = r
	}
	return out, errors.Join(faults...)
}

// makeNamespace makes the namespace of the run, and waits for what Kubernetes puts into each.
func (p *running) makeNamespace(ctx context.Context) error {
	base := "lift-" + p.sys.Nonce
	for i := 1; ; i++ {
		name := base
		if i > 1 {
			name = fmt.Sprintf("%s-%d", base, i) // one system may run twice at a time
		}
		n := corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{
			Name: name, Labels: map[string]string{labelRun: name}, Annotations: map[string]string{labelOwner: owners.Self().String()},
		}}
		p.ns, p.made = name, true // also if the answer gets lost
		err := p.client.create(ctx, namespaces.in(""), nil, n, nil)
		if err == nil {
			break
		}
		if answered(err, http.StatusConflict) && i < 10 {
			continue
		}
		if p.made = !answered(err, http.StatusConflict, http.StatusForbidden, http.StatusUnauthorized, http.StatusUnprocessableEntity); answered(err, http.StatusForbidden) {
			return run.Error{What: p.client.server() + " lets " + p.client.who(ctx) + " create no namespaces: " + err.Error(), Remedy: "take a cluster of your own for tests (kind, minikube), or ask who runs this one"}
		}
		return fmt.Errorf("the namespace %s: %w", name, err)
	}
	// Admission refuses pods until their service account is there.
	limit := time.Now().Add(time.Minute)
	for {
		err := p.client.get(ctx, accounts.at(p.ns, "default"), nil, nil)
		switch {
		case err == nil:
			return nil
		case !missing(err) && !answered(err, http.StatusForbidden):
			return err
		case time.Now().After(limit):
			return run.Error{What: "the namespace " + p.ns + " gets no service account: no controller manager works in this cluster", Remedy: "look whether it is well: kubectl get pods --namespace kube-system"}
		}
		if !sleep(ctx, 100*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// bringImages brings the images into the cluster, and writes into the pods what they are called there, and the witness's command lines.
func (p *running) bringImages(ctx context.Context, objects []*object) error {
	by := map[*object]*controller{}
	for _, c := range p.controllers {
		by[c.object] = c
	}
	witnessed := func(o *object, container string) bool {
		c := by[o]
		if c == nil || p.sys.Witness == nil || c.container != container {
			return false
		}
		_, ok := p.sys.Witness.Plans[c.workload]
		return ok
	}
	refs, err := imagesOf(objects, witnessed)
	if err != nil {
		return err
	}
	p.images = &images{Runner: p.Runner, docker: docker{p.Runner.options.Docker, p.mask}, run: p.ns, progress: p.progress}
	binary := ""
	if p.sys.Witness != nil {
		binary = p.sys.Witness.Binary
	}
	known, err := p.images.bring(ctx, refs, binary)
	if err != nil {
		return err
	}
	for _, o := range objects {
		t := o.template()
		if t == nil {
			continue
		}
		for _, group := range []string{"initContainers", "containers"} {
			list, _ := lookup(t, "spec", group).([]any)
			for _, item := range list {
				c, ok := item.(map[string]any)
				if !ok {
					continue
				}
				ref, _ := c["image"].(string)
				name, _ := c["name"].(string)
				i := known[ref]
				if i.here {
					c["image"], c["imagePullPolicy"] = i.in, string(corev1.PullIfNotPresent)
				}
				if group == "containers" && witnessed(o, name) {
					if err := putWitness(c, i.entry, p.sys.Witness.Plans[by[o].workload]); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// apply creates an object of the files. An unknown field is an error, as a typing error would be.
func (p *running) apply(ctx context.Context, o *object, r resource) error {
	if p.doors.leaves(o) {
		return nil
	}
	if r.name == "" {
		var ok bool
		var err error
		if r, ok, err = p.client.resourceOf(ctx, o.version, o.kind); err != nil || !ok {
			return err
		}
	}
	child(o.data, "metadata")["namespace"] = p.ns
	err := p.add(ctx, r, o.data)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what := fmt.Sprintf("%s: the cluster refuses %s: %v", o.file, o, err)
	switch {
	case answered(err, http.StatusForbidden):
		return run.Error{What: what, Remedy: "if it is a right that is missing, ask who runs the cluster for it; if a policy or a quota, mend what it names"}
	case answered(err, http.StatusBadRequest, http.StatusUnprocessableEntity):
		return run.Error{What: what, Remedy: "mend what it names, or write the file anew: lift migrate"}
	}
	return errors.New(what)
}

func (p *running) add(ctx context.Context, r resource, object any) error {
	return p.client.create(ctx, r.in(p.ns), url.Values{"fieldValidation": {"Strict"}}, object, nil)
}

// masked is an error whose text shows no secret.
type masked struct {
	text string
	err  error
}

func (m masked) Error() string { return m.text }
func (m masked) Unwrap() error { return m.err }

// clean hides secrets in an error's text.
func (p *running) clean(err error) error {
	if err == nil {
		return nil
	}
	var e run.Error
	if errors.As(err, &e) && e.Error() == err.Error() {
		return run.Error{What: p.mask.Text(e.What), Remedy: p.mask.Text(e.Remedy)}
	}
	if text := p.mask.Text(err.Error()); text != err.Error() {
		return masked{strings.TrimSpace(text), err}
	}
	return err
}

// controller finds what runs a workload.
func (p *running) controller(workload string) (*controller, error) {
	c := p.controllers[workload]
	if c == nil {
		return nil, fmt.Errorf("there is no workload %s", workload)
	}
	return c, nil
}
