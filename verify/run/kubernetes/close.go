package kubernetes

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/owners"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Close deletes the namespace with all that is in it, waits until it is gone, and takes the images of the run out of the cluster.
func (p *running) Close() error {
	p.mu.Lock()
	made := p.made && !p.closed
	p.closed = true
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), cleanTime)
	defer cancel()
	var faults []error
	if made && p.client != nil {
		claimed := p.client.claimed(ctx, p.ns)
		if err := p.client.remove(ctx, p.ns); err != nil {
			faults = append(faults, p.clean(err))
		}
		for _, v := range p.client.released(ctx, claimed) {
			p.progress("the volume %s stays with what the run wrote to it: its reclaim policy is Retain; who runs the cluster may clear it: kubectl get persistentvolume %[1]s", v)
		}
	}
	if p.images != nil {
		if err := p.images.unload(ctx); err != nil {
			faults = append(faults, p.clean(err))
		}
	}
	return errors.Join(faults...)
}

// How long a namespace may take to go.
const (
	emptyTime  = 15 * time.Second // until its pods are gone
	forceAfter = 45 * time.Second // then pods are taken away without word from their node
	sweepTime  = time.Minute      // for what others have left behind
	quickGrace = "1"              // seconds: what runs there is of no use to anybody
)

// remove deletes a namespace and waits until it is gone. Nobody waits for the grace periods of its pods.
func (c *client) remove(ctx context.Context, ns string) error {
	c.empty(ctx, ns)
	if err := c.erase(ctx, ns); err != nil {
		return err
	}
	begun, forced := time.Now(), false
	for {
		var now struct {
			Status struct{ Conditions []condition }
		}
		err := c.get(ctx, namespaces.at("", ns), nil, &now)
		if missing(err) {
			return nil
		}
		if err != nil && answered(err, http.StatusForbidden, http.StatusUnauthorized) {
			return err
		}
		if !forced && time.Since(begun) > forceAfter {
			forced = true
			_ = c.delete(ctx, pods.in(ns), url.Values{"gracePeriodSeconds": {"0"}})
		}
		if !sleep(ctx, pause/2) {
			why := ""
			for _, k := range now.Status.Conditions {
				if k.Status == "True" && strings.Contains(k.Type, "Remaining") {
					why += ": " + k.Message
				}
			}
			return run.Error{What: "the namespace " + ns + " is not gone after " + time.Since(begun).Round(time.Second).String() + why, Remedy: "look at what is in it, and delete it: kubectl delete namespace " + ns}
		}
	}
}

// erase asks for the end of a namespace: after that nothing can be made in it any more.
func (c *client) erase(ctx context.Context, ns string) error {
	err := c.delete(ctx, namespaces.at("", ns), nil)
	if err != nil && !missing(err) && !answered(err, http.StatusConflict) { // a conflict: it is on its way already
		return run.Error{What: "the namespace " + ns + " cannot be deleted: " + err.Error(), Remedy: "delete it: kubectl delete namespace " + ns}
	}
	return nil
}

// empty takes the pods away before the namespace: the controller of namespaces would wait for half of the longest grace period before it looks again. What goes wrong here, goes slower afterwards.
func (c *client) empty(ctx context.Context, ns string) {
	ctx, cancel := context.WithTimeout(ctx, emptyTime)
	defer cancel()
	for _, r := range []resource{cronJobs, deployments, replicaSets, statefulSets, daemonSets, jobs} {
		_ = c.delete(ctx, r.in(ns), url.Values{"propagationPolicy": {"Background"}})
	}
	for {
		_ = c.delete(ctx, pods.in(ns), url.Values{"gracePeriodSeconds": {quickGrace}})
		var list struct{ Items []named }
		if err := c.get(ctx, pods.in(ns), nil, &list); err != nil || len(list.Items) == 0 || !sleep(ctx, pause/2) {
			return
		}
	}
}

// volume is a PersistentVolume, as far as it matters whose it is.
type volume struct {
	Metadata metav1.ObjectMeta
	Spec     struct {
		ClaimRef                      *corev1.ObjectReference
		PersistentVolumeReclaimPolicy string
	}
}

// claimed are the volumes that claims of a namespace are bound to and that outlive them.
func (c *client) claimed(ctx context.Context, ns string) []string {
	var out []string
	for _, v := range c.volumes(ctx) {
		if r := v.Spec.ClaimRef; r != nil && r.Namespace == ns && v.Spec.PersistentVolumeReclaimPolicy == string(corev1.PersistentVolumeReclaimRetain) {
			out = append(out, v.Metadata.Name)
		}
	}
	return out
}

// released are those of the volumes that are still there.
func (c *client) released(ctx context.Context, names []string) []string {
	if len(names) == 0 {
		return nil
	}
	var out []string
	for _, v := range c.volumes(ctx) {
		if slices.Contains(names, v.Metadata.Name) {
			out = append(out, v.Metadata.Name)
		}
	}
	return out
}

// volumes are those of the cluster, none where this user may not see them.
func (c *client) volumes(ctx context.Context) []volume {
	var list struct{ Items []volume }
	_ = c.get(ctx, volumes.in(""), nil, &list)
	return list.Items
}

// sweep deletes what runs have left behind that were killed: namespaces whose owner is known to be dead. Their routes would be in the way of this run's, so it waits for their end, but not for ever.
func (c *client) sweep(ctx context.Context, progress func(string, ...any)) {
	var list struct {
		Items []struct{ Metadata metav1.ObjectMeta }
	}
	if err := c.get(ctx, namespaces.in(""), url.Values{"labelSelector": {labelRun}}, &list); err != nil {
		return // one who may not see namespaces has left none
	}
	ctx, cancel := context.WithTimeout(ctx, sweepTime)
	defer cancel()
	var wg sync.WaitGroup
	for _, n := range list.Items {
		name := n.Metadata.Name
		o, ok := owners.Parse(n.Metadata.Annotations[labelOwner])
		if !ok || !o.Dead() || n.Metadata.Labels[labelRun] != name {
			continue
		}
		progress("deletes the namespace %s, which a run has left behind that was killed", name)
		wg.Go(func() {
			if err := c.remove(ctx, name); err != nil {
				progress("the namespace %s stays for now: %s", name, firstLine(err))
			}
		})
	}
	wg.Wait()
}
