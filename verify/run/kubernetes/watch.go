package kubernetes

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// watchPods tells of the pods with a label as they are now, and of every change, until see has seen enough. gone is true for a pod that is no more.
func (c *client) watchPods(ctx context.Context, ns, selector string, see func(pod *corev1.Pod, gone bool) (enough bool)) error {
	known := map[string]*corev1.Pod{}
	for {
		var list corev1.PodList
		if err := c.get(ctx, pods.in(ns), url.Values{"labelSelector": {selector}}, &list); err != nil {
			return err
		}
		there := map[string]bool{}
		for i := range list.Items {
			pod := &list.Items[i]
			there[pod.Name], known[pod.Name] = true, pod
			if see(pod, false) {
				return nil
			}
		}
		for name, pod := range known { // gone while nobody watched
			if !there[name] {
				delete(known, name)
				if see(pod, true) {
					return nil
				}
			}
		}
		done, err := c.follow(ctx, ns, selector, list.ResourceVersion, known, see)
		if done || err != nil {
			return err
		}
		if !sleep(ctx, 100*time.Millisecond) { // the server ends a watch now and then
			return ctx.Err()
		}
	}
}

// follow watches from a version on, until the server ends it.
func (c *client) follow(ctx context.Context, ns, selector, version string, known map[string]*corev1.Pod, see func(*corev1.Pod, bool) bool) (done bool, err error) {
	body, err := c.stream(ctx, pods.in(ns), url.Values{"labelSelector": {selector}, "watch": {"true"}, "resourceVersion": {version}, "timeoutSeconds": {"300"}})
	if err != nil {
		if answered(err, http.StatusForbidden, http.StatusUnauthorized) || ctx.Err() != nil {
			return false, err
		}
		return false, nil // the next list tells whether the server is well
	}
	defer body.Close()
	d := json.NewDecoder(body)
	for {
		var event struct {
			Type   string
			Object json.RawMessage
		}
		if err := d.Decode(&event); err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			return false, nil // the list tells what was missed
		}
		if event.Type != "ADDED" && event.Type != "MODIFIED" && event.Type != "DELETED" {
			return false, nil
		}
		pod := &corev1.Pod{}
		if err := json.Unmarshal(event.Object, pod); err != nil {
			return false, err
		}
		gone := event.Type == "DELETED"
		known[pod.Name] = pod
		if gone {
			delete(known, pod.Name)
		}
		if see(pod, gone) {
			return true, nil
		}
	}
}

// terminated is how the container ended, nil as long as it has not.
func terminated(pod *corev1.Pod, container string) *corev1.ContainerStateTerminated {
	for _, s := range pod.Status.ContainerStatuses {
		if s.Name == container {
			return s.State.Terminated
		}
	}
	return nil
}

// tail follows a container's log until its end.
type tail struct {
	done chan struct{}
	end  context.CancelFunc
	log  []byte
	err  error
}

// tailOf begins to follow a log from its beginning.
func (p *running) tailOf(ctx context.Context, pod, container string) *tail {
	ctx, cancel := context.WithCancel(ctx)
	t := &tail{done: make(chan struct{}), end: cancel}
	go func() {
		defer close(t.done)
		body, err := p.client.stream(ctx, pods.at(p.ns, pod, "log"), url.Values{"container": {container}, "follow": {"true"}})
		if err != nil {
			t.err = err
			return
		}
		defer body.Close()
		t.log, t.err = io.ReadAll(io.LimitReader(body, mostLog))
	}()
	return t
}

// rest waits a little for the end of the log, and returns what there was. The kubelet looks about once a second whether a container still runs.
func (t *tail) rest(wait time.Duration) []byte {
	select {
	case <-t.done:
	case <-time.After(wait):
	}
	t.end()
	<-t.done
	return t.log
}

// endOf turns the exit code that the runtime tells into the one of the program: above 128 a signal may have ended it, which the code does not tell for sure.
func endOf(t *corev1.ContainerStateTerminated) (code int, killed bool) {
	if t == nil {
		return -1, false
	}
	switch c := int(t.ExitCode); {
	case c == 137 && t.Reason != "OOMKilled":
		return -1, true
	case c > 128 && c <= 128+64 || t.Signal != 0:
		return -1, false
	default:
		return c, false
	}
}
