package kubernetes

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/verify/run"
	corev1 "k8s.io/api/core/v1"
)

// symptoms remembers since when something has been wrong: some of it passes by itself.
type symptoms struct{ since map[string]time.Time }

// lasts reports whether a symptom has lasted for d.
func (s *symptoms) lasts(what string, d time.Duration) bool {
	if s.since[what].IsZero() {
		s.since[what] = time.Now()
	}
	return time.Since(s.since[what]) >= d
}

// hopeless are reasons for which a container waits that do not pass, with how long they may last all the same, and what can be done.
var hopeless = map[string]struct {
	after  time.Duration
	remedy string
}{
	"ImagePullBackOff":           {0, "push the image where the cluster pulls from, or say how local images are brought into the cluster"},
	"ErrImageNeverPull":          {0, "bring the image into the cluster"},
	"InvalidImageName":           {0, "mend the name of the image"},
	"CreateContainerConfigError": {3 * time.Second, "supply what the container refers to"},
	"CreateContainerError":       {3 * time.Second, "look at the command and the mounts of the container"},
	"RunContainerError":          {3 * time.Second, "look at the command of the container: the image may not have the program"},
}

// Patience with what often passes by itself.
const (
	mostLives     = 3                // of a program that crashes: what it waits for may come up in the meantime
	schedulerTime = 20 * time.Second // until a pod has a node: volumes are bound on the way
)

// trouble looks for what does not become better by waiting, in the pods and in the events of what is not ready.
func (p *running) trouble(ctx context.Context, waiting []*controller, s *symptoms) error {
	for i, c := range waiting {
		list, err := p.podsOf(ctx, c)
		if err != nil {
			return err
		}
		others := slices.Delete(slices.Clone(waiting), i, i+1)
		for _, pod := range list {
			what, remedy := sick(pod, s)
			if what == "" {
				continue
			}
			return run.Error{What: c.workload + " does not start: " + what, Remedy: otherwise(others, remedy) + p.lastWords(ctx, c, []corev1.Pod{pod})}
		}
		if len(list) > 0 || !s.lasts("no pods/"+c.name, time.Second) {
			continue
		}
		if why := p.refused(ctx, c); why != "" {
			return run.Error{What: c.workload + " does not start: the cluster refuses its pods: " + why, Remedy: otherwise(others, "mend what it names, or take a cluster without that rule")}
		}
	}
	return nil
}

// sick tells what is wrong with a pod for good.
func sick(pod corev1.Pod, s *symptoms) (what, remedy string) {
	if pod.DeletionTimestamp != nil {
		return "", ""
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable && s.lasts("unschedulable/"+pod.Name, schedulerTime) {
			remedy := "give the cluster a node that has room for it"
			if strings.Contains(c.Message, "PersistentVolumeClaim") || strings.Contains(c.Message, "persistent volume") {
				remedy = "give the cluster volumes for the claims: a default StorageClass with a provisioner"
			}
			return "no node takes it (Unschedulable): " + c.Message, remedy
		}
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		w := c.State.Waiting
		if w == nil {
			continue
		}
		who := ""
		if c.Name != pod.Spec.Containers[0].Name || len(pod.Spec.Containers) > 1 {
			who = "container " + c.Name + ": "
		}
		if h, ok := hopeless[w.Reason]; ok && s.lasts(w.Reason+"/"+pod.Name+"/"+c.Name, h.after) {
			if w.Message != "" {
				return who + w.Reason + ": " + w.Message, h.remedy
			}
			return who + w.Reason, h.remedy
		}
		if w.Reason == "CrashLoopBackOff" && c.RestartCount >= mostLives-1 && !ownedByJob(pod) { // a Job counts its tries itself
			return fmt.Sprintf("%sCrashLoopBackOff: it has ended %d times%s", who, c.RestartCount+1, lastEnd(c)), "look at what it says, and at what it needs to start"
		}
	}
	if pod.Status.Phase == corev1.PodFailed && pod.Status.Reason != "" && !ownedByJob(pod) { // Evicted, NodeAffinity, UnexpectedAdmissionError: its controller makes another one, which fares likewise
		if s.lasts("failed/"+pod.Status.Reason, 10*time.Second) {
			return pod.Status.Reason + ": " + pod.Status.Message, "look at the node"
		}
	}
	return "", ""
}

func ownedByJob(pod corev1.Pod) bool {
	return len(pod.OwnerReferences) > 0 && pod.OwnerReferences[0].Kind == "Job"
}

// lastEnd tells how a container ended.
func lastEnd(c corev1.ContainerStatus) string {
	t := c.LastTerminationState.Terminated
	if t == nil {
		return ""
	}
	if t.Reason != "" && t.Reason != "Error" && t.Reason != "Completed" {
		return fmt.Sprintf(", at last with status %d (%s)", t.ExitCode, t.Reason)
	}
	return fmt.Sprintf(", at last with status %d", t.ExitCode)
}

// refused tells why the API server takes no pods of a controller: a quota, Pod Security, a webhook.
func (p *running) refused(ctx context.Context, c *controller) string {
	for _, e := range p.warnings(ctx, c) {
		if e.Reason == "FailedCreate" {
			return e.Message
		}
	}
	return ""
}

// lastWarning is the last thing that the cluster warned of.
func (p *running) lastWarning(ctx context.Context, c *controller) string {
	list := p.warnings(ctx, c)
	if len(list) == 0 {
		return ""
	}
	e := list[len(list)-1]
	return e.Reason + ": " + e.Message
}

// warnings are those about a controller and what it made, the oldest first.
func (p *running) warnings(ctx context.Context, c *controller) []corev1.Event {
	var list corev1.EventList
	if err := p.client.get(ctx, events.in(p.ns), url.Values{"fieldSelector": {"type=Warning"}}, &list); err != nil {
		return nil // they only help to explain
	}
	out := slices.DeleteFunc(list.Items, func(e corev1.Event) bool {
		o := e.InvolvedObject
		return o.Name != c.name && !(strings.HasPrefix(o.Name, c.name+"-") && (o.Kind == "Pod" || o.Kind == "ReplicaSet"))
	})
	slices.SortStableFunc(out, func(a, b corev1.Event) int { return when(a).Compare(when(b)) })
	return out
}

func when(e corev1.Event) time.Time {
	if !e.LastTimestamp.IsZero() {
		return e.LastTimestamp.Time
	}
	return e.EventTime.Time
}

// lastWords are the last lines of a workload's log, for the end of a message. The witness's own lines say nothing to people.
func (p *running) lastWords(ctx context.Context, c *controller, list []corev1.Pod) string {
	for _, pod := range list {
		container := c.container
		for _, s := range pod.Status.InitContainerStatuses {
			if s.State.Terminated == nil || s.State.Terminated.ExitCode != 0 {
				container = s.Name // it has not come to the program itself
				break
			}
		}
		log, err := p.logsOf(ctx, pod.Name, container)
		if err != nil {
			continue
		}
		if tail := p.mask.Ending(withoutWitness(log), 5); tail != "" {
			return "; its last lines:" + tail
		}
	}
	return ""
}
