package kubernetes

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/witness/report"
	corev1 "k8s.io/api/core/v1"
)

// mostLog is as much as is kept of a log.
const mostLog = 16 << 20

// Logs returns what the first instance has printed: the life before this one, as long as the kubelet keeps it, and this one.
func (p *running) Logs(ctx context.Context, workload string) ([]byte, error) {
	c, err := p.controller(workload)
	if err != nil {
		return nil, err
	}
	if c.kind == "CronJob" {
		return p.kept(workload), nil
	}
	list, err := p.podsOf(ctx, c)
	if err != nil {
		return nil, p.clean(err)
	}
	if len(list) == 0 {
		return p.kept(workload), nil
	}
	log, err := p.logsOf(ctx, list[0].Name, c.container)
	return log, p.clean(err)
}

// kept is what a workload printed that runs no more.
func (p *running) kept(workload string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended[workload]
}

func (p *running) keep(workload string, log []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[workload] = log
}

// logsOf reads the log of a container, the one of its last life first.
func (p *running) logsOf(ctx context.Context, pod, container string) ([]byte, error) {
	var out []byte
	for _, previous := range []string{"true", "false"} {
		body, err := p.client.stream(ctx, pods.at(p.ns, pod, "log"), url.Values{"container": {container}, "previous": {previous}})
		if answered(err, http.StatusBadRequest, http.StatusNotFound) {
			continue // it had no other life, or has not begun this one
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(body, mostLog))
		body.Close()
		if err != nil {
			return nil, err
		}
		if previous == "true" && bytes.HasPrefix(text, []byte("unable to retrieve container logs")) {
			continue // the kubelet's words for a life that it no longer has
		}
		out = append(out, text...)
	}
	return out, nil
}

// withoutWitness leaves the witness's own lines out.
func withoutWitness(log []byte) []byte {
	lines := bytes.SplitAfter(log, []byte("\n"))
	return bytes.Join(slices.DeleteFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(report.Line)) }), nil)
}

// State tells how the instances of the workload are.
func (p *running) State(ctx context.Context, workload string) (run.State, error) {
	var st run.State
	c, err := p.controller(workload)
	if err != nil {
		return st, err
	}
	list, err := p.podsOf(ctx, c)
	if err != nil {
		return st, p.clean(err)
	}
	for _, pod := range list {
		if pod.DeletionTimestamp != nil {
			continue
		}
		for _, s := range pod.Status.ContainerStatuses {
			if s.Name != c.container {
				continue
			}
			st.Restarts += int(s.RestartCount)
			if s.State.Running != nil {
				st.Running++
			}
		}
		if slices.ContainsFunc(pod.Status.Conditions, func(k corev1.PodCondition) bool { return k.Type == corev1.PodReady && k.Status == corev1.ConditionTrue }) {
			st.Ready++
		}
	}
	return st, nil
}
