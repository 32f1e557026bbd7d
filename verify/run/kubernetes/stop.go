package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deploylift/lift/verify/run"
	corev1 "k8s.io/api/core/v1"
)

// nowhere is a label that no node has: a DaemonSet that asks for it has no pods.
const nowhere = "lift.run/nowhere"

// Stop takes all instances away, as a rollout, a drained node or a scaling would: the pod's hooks run, the program gets its stop signal, and SIGKILL when its grace period is over. The first instance is
// measured, from the moment at which Kubernetes deletes its pod.
func (p *running) Stop(ctx context.Context, workload string) (run.Ended, error) {
	var end run.Ended
	c, err := p.controller(workload)
	if err != nil {
		return end, err
	}
	if c.ends() {
		return end, run.NotHere{Why: workload + " ends by itself: there is nothing to stop"}
	}
	pod, _, err := p.instance(ctx, workload)
	if err != nil {
		return end, p.clean(err)
	}
	log := p.tailOf(ctx, pod.Name, c.container)
	defer log.end()
	if err := p.scale(ctx, c, 0); err != nil {
		return end, p.clean(err)
	}
	w := ending{first: pod.Name, container: c.container, begun: time.Now()}
	limit, cancel := context.WithTimeout(ctx, time.Duration(c.grace)*time.Second+stopSlack)
	defer cancel()
	err = p.client.watchPods(limit, p.ns, c.selector, w.see)
	end.Log = log.rest(2 * time.Second)
	p.keep(workload, end.Log)
	if ctx.Err() != nil {
		return end, ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return end, run.Error{What: fmt.Sprintf("%s is not gone %s after its grace period of %ds", workload, stopSlack, c.grace), Remedy: "look at the pod's finalizers and at its node"}
	}
	if err != nil {
		return end, p.clean(err)
	}
	end.Took = w.took
	end.Code, end.Killed = endOf(w.how)
	return end, nil
}

// ending watches how the pods of a workload go.
type ending struct {
	first     string // the pod that is measured
	container string
	begun     time.Time // of the request; from the moment at which the pod is being deleted it counts from there

	deleted bool
	took    time.Duration
	how     *corev1.ContainerStateTerminated
	alive   map[string]bool // pods that are not gone yet
}

func (w *ending) see(pod *corev1.Pod, gone bool) bool {
	if ownedByJob(*pod) {
		return false // it ends by itself, and stays to be looked at
	}
	if w.alive == nil {
		w.alive = map[string]bool{w.first: true}
	}
	if gone {
		delete(w.alive, pod.Name)
	} else {
		w.alive[pod.Name] = true
	}
	if pod.Name == w.first {
		if pod.DeletionTimestamp != nil && !w.deleted && !gone {
			w.deleted, w.begun = true, time.Now()
		}
		// A container that had ended before, and waits for its next life, shows that end, too.
		if t := terminated(pod, w.container); w.how == nil && t != nil && pod.DeletionTimestamp != nil {
			w.how, w.took = t, time.Since(w.begun)
		}
		if gone && w.how == nil {
			w.took = time.Since(w.begun)
		}
	}
	return len(w.alive) == 0
}

// scale lets a controller have no instances, or as many as the files say.
func (p *running) scale(ctx context.Context, c *controller, n int64) error {
	if c.kind == "DaemonSet" {
		var value any // null takes the key out
		if n == 0 {
			value = p.ns
		}
		return p.client.patch(ctx, c.resource.at(p.ns, c.name), map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"nodeSelector": map[string]any{nowhere: value}}}}}, nil)
	}
	return p.client.patch(ctx, c.resource.at(p.ns, c.name, "scale"), map[string]any{"spec": map[string]any{"replicas": n}}, nil)
}

// Begin lets a stopped workload have its instances again, and waits until they are ready.
func (p *running) Begin(ctx context.Context, workload string) error {
	c, err := p.controller(workload)
	if err != nil {
		return err
	}
	if c.ends() {
		return run.NotHere{Why: workload + " is no service: Run runs it"}
	}
	if err := p.scale(ctx, c, c.replicas); err != nil {
		return p.clean(err)
	}
	if err := p.rollout(ctx, []*controller{c}); err != nil {
		return p.clean(err)
	}
	p.keep(workload, nil)
	return nil
}
