package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/verify/run"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// rolled is what a controller's status says of its rollout: the fields of all kinds that have one.
type rolled struct {
	Metadata metav1.ObjectMeta
	Spec     struct{ Replicas *int64 }
	Status   struct {
		ObservedGeneration                         int64
		Replicas, UpdatedReplicas, ReadyReplicas   int64 // Deployment, StatefulSet
		DesiredNumberScheduled, NumberReady        int64 // DaemonSet
		UpdatedNumberScheduled                     int64
		CurrentNumberScheduled, NumberMisscheduled int64
		Succeeded, Failed                          int64 // Job
		Conditions                                 []condition
	}
}

// condition is one that many kinds of objects have.
type condition struct{ Type, Status, Reason, Message string }

func (r rolled) condition(kind string) (condition, bool) {
	i := slices.IndexFunc(r.Status.Conditions, func(c condition) bool { return c.Type == kind && c.Status == "True" })
	if i < 0 {
		return condition{}, false
	}
	return r.Status.Conditions[i], true
}

// done reports whether the rollout is complete: all replicas are there, of this version, and ready. A Job is done when it has ended, well or not.
func (r rolled) done(kind string) bool {
	st := r.Status
	switch kind {
	case "Deployment", "StatefulSet":
		want := int64(1)
		if r.Spec.Replicas != nil {
			want = *r.Spec.Replicas
		}
		return st.ObservedGeneration >= r.Metadata.Generation && st.Replicas == want && st.UpdatedReplicas == want && st.ReadyReplicas == want
	case "DaemonSet":
		return st.ObservedGeneration >= r.Metadata.Generation && st.UpdatedNumberScheduled == st.DesiredNumberScheduled && st.NumberReady == st.DesiredNumberScheduled && st.CurrentNumberScheduled == st.DesiredNumberScheduled
	case "Job":
		_, complete := r.condition("Complete")
		_, failed := r.condition("Failed")
		return complete || failed
	}
	return true
}

// rollout waits until the controllers have what they want. What will not become better by waiting is told at once.
func (p *running) rollout(ctx context.Context, list []*controller) error {
	limit, cancel := context.WithTimeout(ctx, p.Runner.options.Timeout)
	defer cancel()
	list = slices.DeleteFunc(slices.Clone(list), func(c *controller) bool { return c.kind == "CronJob" || c.suspended })
	slices.SortFunc(list, func(a, b *controller) int { return strings.Compare(a.workload, b.workload) })
	symptoms, lives := symptoms{since: map[string]time.Time{}}, lives{}
	for round := 0; ; round++ {
		waiting, err := p.unready(limit, list)
		if err == nil {
			waiting, err = p.unproven(limit, list, waiting, lives)
		}
		if err == nil && len(waiting) == 0 {
			return nil
		}
		if err == nil {
			err = p.trouble(limit, waiting, &symptoms)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case limit.Err() != nil:
			return p.late(ctx, waiting, list)
		case err != nil:
			return err
		}
		if round > 0 && round%25 == 0 {
			p.progress("waits for %s", strings.Join(namesOf(waiting), ", "))
		}
		list = waiting
		sleep(limit, pause)
	}
}

// unready are those that have not what they want.
func (p *running) unready(ctx context.Context, list []*controller) ([]*controller, error) {
	var out []*controller
	for _, c := range list {
		var now rolled
		if err := p.client.get(ctx, c.resource.at(p.ns, c.name), nil, &now); err != nil {
			return list, fmt.Errorf("%s: %w", c.object, err)
		}
		if !now.done(c.kind) {
			out = append(out, c)
		}
	}
	return out, nil
}

// momentTime is how long a program that no probe asks must have been running.
const momentTime = 2 * time.Second

// lives remembers since when the pods of a workload have lived without a restart: what they were, and when that was seen first.
type lives map[string]struct {
	all   string
	since time.Time
}

// unproven adds to those that wait the ones that Kubernetes calls ready because no probe asks them: they have to live for a moment, and to listen on their ports. A program that crashes is ready in between.
func (p *running) unproven(ctx context.Context, list, waiting []*controller, seen lives) ([]*controller, error) {
	for _, c := range list {
		if c.probed || c.ends() || slices.Contains(waiting, c) {
			continue
		}
		pods, err := p.podsOf(ctx, c)
		if err != nil {
			return waiting, err
		}
		all := ""
		for _, pod := range pods {
			all += pod.Name
			for _, s := range pod.Status.ContainerStatuses {
				all += " " + s.ContainerID
			}
		}
		now := seen[c.workload]
		if now.all != all || now.since.IsZero() {
			now.all, now.since = all, time.Now()
			seen[c.workload] = now
		}
		if len(pods) > 0 && (time.Since(now.since) < momentTime || !p.listening(ctx, pods[0].Name, c.listens)) {
			waiting = append(waiting, c)
		}
	}
	return waiting, nil
}

// listening reports whether a pod takes connections on its ports.
func (p *running) listening(ctx context.Context, pod string, ports []int) bool {
	for _, port := range ports {
		conn, err := p.client.forward(ctx, p.ns, pod, port)
		if err != nil {
			return false
		}
		_ = conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		_, err = conn.Read(make([]byte, 1))
		conn.Close()
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
			return false
		}
	}
	return true
}

// late is the error after all patience.
func (p *running) late(ctx context.Context, waiting, all []*controller) error {
	if len(waiting) == 0 {
		waiting = all
	}
	c := waiting[0]
	what := fmt.Sprintf("%s is not ready after %s", c.workload, p.Runner.options.Timeout)
	if c.kind == "Job" {
		what = fmt.Sprintf("the Job %s has not ended after %s", c.workload, p.Runner.options.Timeout)
	}
	ctx, cancel := own(ctx, answerTime)
	defer cancel()
	list, _ := p.podsOf(ctx, c)
	if len(list) > 0 {
		if why := notReady(list[0]); why != "" {
			what += ": " + why
		}
	}
	if e := p.lastWarning(ctx, c); e != "" {
		what += "; its last warning: " + e
	}
	return run.Error{What: what, Remedy: otherwise(waiting[1:], "look at its readiness probe, and at what it waits for") + p.lastWords(ctx, c, list)}
}

// otherwise adds to a remedy whom else it concerns.
func otherwise(others []*controller, remedy string) string {
	if len(others) == 0 {
		return remedy
	}
	return remedy + "; not ready either: " + strings.Join(namesOf(others), ", ")
}

// notReady is what a pod's conditions say.
func notReady(pod corev1.Pod) string {
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		for _, c := range pod.Status.Conditions {
			if c.Type == kind && c.Status == corev1.ConditionFalse && c.Message != "" {
				return c.Message
			}
		}
	}
	return ""
}

func namesOf(list []*controller) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.workload)
	}
	return out
}

// podsOf are the pods of a workload, the first instance first: the lowest number of a StatefulSet, else the oldest one that is not on its way out.
func (p *running) podsOf(ctx context.Context, c *controller) ([]corev1.Pod, error) {
	if c.selector == "" {
		return nil, nil
	}
	var list corev1.PodList
	if err := p.client.get(ctx, pods.in(p.ns), url.Values{"labelSelector": {c.selector}}, &list); err != nil {
		return nil, err
	}
	return sortPods(list.Items, c), nil
}

func sortPods(list []corev1.Pod, c *controller) []corev1.Pod {
	if !c.ends() { // the labels of a Job's pods may be those of a service
		list = slices.DeleteFunc(list, func(p corev1.Pod) bool {
			return slices.ContainsFunc(p.OwnerReferences, func(o metav1.OwnerReference) bool { return o.Kind == "Job" })
		})
	}
	going := func(p corev1.Pod) int {
		if p.DeletionTimestamp != nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b corev1.Pod) int {
		if d := going(a) - going(b); d != 0 {
			return d
		}
		if c.kind == "StatefulSet" {
			if d := len(a.Name) - len(b.Name); d != 0 { // web-9 before web-10
				return d
			}
			return strings.Compare(a.Name, b.Name)
		}
		if d := a.CreationTimestamp.Compare(b.CreationTimestamp.Time); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}
