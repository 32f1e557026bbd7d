package container2k8s

import (
	"strconv"
	"time"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// lowerTasks makes init containers of what runs before the program, and one hook each of what runs after its start and before its stop.
func lowerTasks(o pod.Workload) {
	for i := range o.W.Before {
		t, at := &o.W.Before[i], []string{"before", strconv.Itoa(i)}
		pod.LowerTask(o, &t.Command, &t.MayFail, at...)
		pod.Default(o, &t.Privileged, false, "it runs as the workload's user", append(at, "privileged")...)
		if t.Privileged.Is(true) && !pod.IsRoot(o.W) {
			o.Notice(ledger.Warning, "a task before the start runs as root: namespaces with Pod Security level restricted refuse the pod", "let the image or user.volumes prepare what it prepares", at...)
		}
	}
	lowerHook(o, &o.W.Started, "started", "a hook runs as the user of its container")
	if len(o.W.Stopping) > 0 {
		pod.Idle(o, &o.W.Stopping[0].MayFail, "the pod stops whatever becomes of the hook", "stopping", "0", "mayFail")
	}
	lowerHook(o, &o.W.Stopping, "stopping", "a hook runs as the user of its container")
}

// lowerHook leaves one task at most: a container has one hook after the start and one before the stop.
func lowerHook(o pod.Workload, tasks *[]deploy.Task, name, why string) {
	if len(*tasks) == 0 {
		return
	}
	for i := range *tasks {
		t := &(*tasks)[i]
		if i > 0 { // goes into the first one as a whole, below
			if t.Privileged.Is(true) {
				o.Notice(ledger.Warning, "ran as root, and a hook runs as the user of its container", "move it into the image or a task before the start", name, strconv.Itoa(i))
			}
			continue
		}
		if t.Privileged.Is(false) {
			pod.Idle(o, &t.Privileged, why, name, strconv.Itoa(i), "privileged")
		}
		pod.Drop(o, &t.Privileged, why, "move what needs root into the image or into a task before the start", name, strconv.Itoa(i), "privileged")
	}
	first := &(*tasks)[0]
	if len(*tasks) == 1 {
		pod.LowerTask(o, &first.Command, &first.MayFail, name, "0")
		return
	}
	quiet := pod.Workload{Step: &pod.Step{}, W: o.W, From: o.From, To: o.To} // the one turn below says it all
	for i := range *tasks {
		pod.LowerTask(quiet, &(*tasks)[i].Command, &(*tasks)[i].MayFail, name, strconv.Itoa(i))
	}
	const reason = "a container has one such hook: the script runs the commands in order and ends with the first that fails"
	to := o.To.Join(name, "0", "command")
	for i := len(*tasks) - 1; i > 0; i-- {
		o.L.Convert(o.From.Join(name, strconv.Itoa(i)), reason, to)
	}
	o.L.Convert(o.From.Join(name, "0", "command"), reason, to)
	for _, t := range quiet.L.Turns { // the first task's own leaves beside its command
		if t.From == o.From.Join(name, "0", "mayFail") {
			o.L.Turns = append(o.L.Turns, t)
		}
	}
	*first = deploy.Task{Command: pod.Join(*tasks), MayFail: first.MayFail, Privileged: first.Privileged}
	*tasks = (*tasks)[:1]
}

// never stands for a grace period without an end: Kubernetes wants a number of seconds.
const never = 365 * 24 * time.Hour

// kubernetesGrace is terminationGracePeriodSeconds when nothing is said (PodSpec v1 core).
const kubernetesGrace = 30 * time.Second

// lowerStop keeps how long a pod may take to stop. The signal is the image's.
func lowerStop(o pod.Workload, built bool) {
	s := &o.W.Stop
	grace := []string{"stop", "grace"}
	pod.Default(o, &s.Grace, deploy.Bound(kubernetesGrace), "Kubernetes' own default", grace...)
	limit, _ := s.Grace.Get()
	if d, bounded := limit.Get(); bounded {
		pod.Approximate(o, &s.Grace, deploy.Bound(max(pod.Seconds(d), 0)), "Kubernetes counts in whole seconds", "nothing to do, unless part of a second matters", grace...)
	} else {
		pod.Approximate(o, &s.Grace, deploy.Bound(never), "Kubernetes kills a pod at some time: after a year here", "set the longest time that a stop may take in lift.yaml", grace...)
	}
	if o.W.Umask.Is(0o022) {
		pod.Idle(o, &o.W.Umask, "containers start with this umask", "umask")
	}
	signal := []string{"stop", "signal"}
	switch sig := s.Signal.Or(""); {
	case sig == "SIGTERM":
		pod.Idle(o, &s.Signal, "container runtimes send SIGTERM when the image says nothing else", signal...)
	case built:
		pod.Idle(o, &s.Signal, "the image's STOPSIGNAL says it", signal...)
	}
	pod.Drop(o, &s.Signal, "pods have no stable field for it: the image's STOPSIGNAL decides", "set STOPSIGNAL in the image", signal...)
}
