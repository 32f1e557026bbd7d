package kubernetes

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/deploylift/lift/verify/run"
	corev1 "k8s.io/api/core/v1"
)

// Run runs a job or a schedule's program once. A Job of the files has run when the system was applied, as Kubernetes does it: its first Run tells how that went. One that is suspended is let go. Every other
// Run makes a Job of the same template, and removes it afterwards.
func (p *running) Run(ctx context.Context, workload string) (run.Ended, error) {
	var end run.Ended
	c, err := p.controller(workload)
	if err != nil {
		return end, err
	}
	if !c.ends() {
		return end, run.NotHere{Why: workload + " is a service: it runs until it is stopped"}
	}
	p.mu.Lock()
	first := c.kind == "Job" && !p.ran[workload]
	p.ran[workload] = true
	p.count++
	number := p.count
	p.mu.Unlock()
	name, begun := c.name, time.Now()
	switch {
	case first && c.suspended:
		err = p.client.patch(ctx, jobs.at(p.ns, name), map[string]any{"spec": map[string]any{"suspend": false}}, nil)
	case first:
	default:
		name = jobName(c.name, number)
		err = p.add(ctx, jobs, c.job(name))
	}
	if err != nil {
		return end, p.clean(fmt.Errorf("%s: %w", workload, err))
	}
	end, err = p.awaitJob(ctx, c, name, begun)
	if err != nil {
		return end, p.clean(err)
	}
	p.keep(workload, end.Log)
	if name != c.name {
		if err := p.client.delete(ctx, jobs.at(p.ns, name), map[string][]string{"propagationPolicy": {"Background"}}); err != nil && !missing(err) {
			return end, p.clean(err)
		}
	}
	return end, nil
}

// jobName is a name for another Job, within what Kubernetes allows: its pods carry it as a label.
func jobName(name string, number int) string {
	suffix := fmt.Sprintf("-lift-%d", number)
	return strings.TrimRight(name[:min(len(name), 63-len(suffix))], "-.") + suffix
}

// job is a Job that does what a CronJob starts, or what another Job has done.
func (c *controller) job(name string) map[string]any {
	spec, _ := lookup(c.data, "spec").(map[string]any)
	if c.kind == "CronJob" {
		spec, _ = lookup(c.data, "spec", "jobTemplate", "spec").(map[string]any)
	}
	copied := map[string]any{}
	for k, v := range spec {
		if k != "suspend" && k != "ttlSecondsAfterFinished" && k != "selector" && k != "manualSelector" { // its end has to be seen
			copied[k] = v
		}
	}
	return map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": name}, "spec": copied}
}

// awaitJob waits until a Job has ended, and reads what its last pod printed.
func (p *running) awaitJob(ctx context.Context, c *controller, name string, begun time.Time) (run.Ended, error) {
	var end run.Ended
	job := *c
	job.object, job.resource, job.selector = &object{file: c.file, version: "batch/v1", kind: "Job", name: name}, jobs, jobSelector(name)
	symptoms := symptoms{since: map[string]time.Time{}}
	ends := map[string]time.Time{} // when the end of a pod was seen: the Job's own status comes later
	var last corev1.Pod            // earlier ones are tries that failed
	for {
		list, err := p.podsOf(ctx, &job)
		if err != nil {
			return end, err
		}
		for _, pod := range list {
			if last = pod; terminated(&pod, c.container) == nil {
				delete(ends, pod.Name)
			} else if ends[pod.Name].IsZero() {
				ends[pod.Name] = time.Now()
			}
		}
		waiting, err := p.unready(ctx, []*controller{&job})
		if err != nil {
			return end, err
		}
		if len(waiting) == 0 {
			break
		}
		if err := p.trouble(ctx, waiting, &symptoms); err != nil {
			return end, err
		}
		if !sleep(ctx, pause/2) {
			return end, ctx.Err()
		}
	}
	how := terminated(&last, c.container)
	end.Code, end.Killed = endOf(how)
	end.Took = time.Since(begun)
	switch at := ends[last.Name]; {
	case how != nil && name == c.name && !c.suspended: // it began when the system was applied
		end.Took = how.FinishedAt.Sub(how.StartedAt.Time)
	case !at.IsZero():
		end.Took = at.Sub(begun)
	}
	if last.Name == "" {
		return end, nil // its deadline was over, and Kubernetes has taken the pod away
	}
	var err error
	if end.Log, err = p.logsOf(ctx, last.Name, c.container); err != nil && !answered(err, http.StatusNotFound) {
		return end, err
	}
	return end, nil
}

// outcome tells how a Job ended.
func (p *running) outcome(ctx context.Context, c *controller) string {
	var now rolled
	if err := p.client.get(ctx, c.resource.at(p.ns, c.name), nil, &now); err != nil {
		return "ended"
	}
	if failed, yes := now.condition("Failed"); yes {
		return "failed: " + p.mask.Text(strings.ToLower(failed.Message))
	}
	return "done its work"
}
