package container2k8s

import (
	"math"
	"time"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
)

// lowerKind settles what runs the pods, and with it what starts them, starts them again, and how many there are.
func lowerKind(o pod.Workload) {
	w := o.W
	pod.Default(o, &w.Kind, deploy.Service, "the source does not say that it ends", "kind")
	if w.Kind.Is(deploy.Cron) && !w.Schedule.Cron.IsSet() {
		pod.Approximate(o, &w.Kind, deploy.Job, "a CronJob needs a schedule, and none is known: it becomes a Job that waits to be started", "set workloads."+w.Name+".schedule.cron in lift.yaml", "kind")
		pod.Default(o, &w.Autostart, false, "it must not run at the moment it is applied: its schedule is not known", "autostart")
		pod.Approximate(o, &w.Autostart, false, "it must not run at the moment it is applied: its schedule is not known", "set its schedule in lift.yaml", "autostart")
	}
	switch w.Kind.Or("") {
	case deploy.Job, deploy.Cron:
		pod.Default(o, &w.Autostart, true, "it starts as soon as it is applied", "autostart")
		lowerJobRestart(o)
	default:
		pod.Default(o, &w.Autostart, true, "it starts as soon as it is applied", "autostart")
		pod.Approximate(o, &w.Autostart, true, "it starts as soon as it is applied: Kubernetes has no workload that waits",
			"leave "+w.Name+" out of kubernetes/base/kustomization.yaml, or kubectl scale it to 0", "autostart")
		lowerServiceRestart(o)
	}
	lowerScale(o)
	lowerSchedule(o)
}

func lowerServiceRestart(o pod.Workload) {
	r := &o.W.Restart
	pod.Default(o, &r.Policy, deploy.RestartAlways, "Kubernetes keeps it running", "restart", "policy")
	if r.Policy.Is(deploy.RestartNo) {
		pod.Approximate(o, &r.Policy, deploy.RestartAlways, "Kubernetes keeps it running: it is started again after every end", "make it a Job if it is meant to end", "restart", "policy")
	}
	pod.Approximate(o, &r.Policy, deploy.RestartAlways, "Kubernetes keeps it running: it is started again after an end without failure, too", "make it a Job if it is meant to end", "restart", "policy")
	if r.Attempts.String() == "unlimited" {
		pod.Idle(o, &r.Attempts, "Kubernetes never gives up", "restart", "attempts")
	}
	pod.Drop(o, &r.Attempts, "Kubernetes never gives up: it waits up to 5 minutes between restarts", "alert on pods in CrashLoopBackOff", "restart", "attempts")
}

// kubernetesRetries is backoffLimit when nothing is said (JobSpec v1 batch).
const kubernetesRetries = 6

func lowerJobRestart(o pod.Workload) {
	r := &o.W.Restart
	at := []string{"restart", "attempts"}
	pod.Default(o, &r.Policy, deploy.RestartNo, "the source does not start it again", "restart", "policy")
	if r.Policy.Is(deploy.RestartAlways) {
		pod.Approximate(o, &r.Policy, deploy.RestartOnFailure, "a Job that has done its work is done: it is started again after a failure alone", "make it a Service if it must run for ever", "restart", "policy")
	}
	none, few, many := deploy.Bound[int64](0), deploy.Bound[int64](kubernetesRetries), deploy.Bound[int64](math.MaxInt32)
	if r.Policy.Is(deploy.RestartNo) {
		pod.Default(o, &r.Attempts, none, "it is not started again; Kubernetes would try six times when nothing is said", at...)
		pod.Approximate(o, &r.Attempts, none, "a Job that is not started again has no attempts", "nothing to do", at...)
		return
	}
	pod.Default(o, &r.Attempts, few, "Kubernetes' own default: a Job that fails for ever must end", at...)
	if n, bounded := r.Attempts.Or(few).Get(); !bounded || n > math.MaxInt32 {
		pod.Approximate(o, &r.Attempts, many, "a Job is given up at some time", "remove the Job and apply it anew when it has given up", at...)
	}
}

// lowerScale keeps the number of replicas where there is one.
func lowerScale(o pod.Workload) {
	r := &o.W.Scale.Replicas
	at := []string{"scale", "replicas"}
	switch o.W.Kind.Or("") {
	case deploy.Service:
		pod.Default(o, r, 1, "the source runs one", at...)
	case deploy.Agent:
		pod.Idle(o, r, "a DaemonSet runs one on each node", at...)
	default:
		if r.Is(1) {
			pod.Idle(o, r, "a Job runs one pod at a time", at...)
		}
		pod.Drop(o, r, "a Job runs one pod at a time", "set parallelism and completions if several must run", at...)
	}
}

func lowerSchedule(o pod.Workload) {
	s := &o.W.Schedule
	if !o.W.Kind.Is(deploy.Cron) {
		const why, remedy = "it runs on no schedule", "make it a Cron workload if the schedule counts"
		pod.Drop(o, &s.Cron, why, remedy, "schedule", "cron")
		pod.Drop(o, &s.Zone, why, remedy, "schedule", "zone")
		pod.Drop(o, &s.Overlap, why, remedy, "schedule", "overlap")
		pod.Drop(o, &s.CatchUp, why, remedy, "schedule", "catchUp")
		return
	}
	pod.Default(o, &s.Zone, "Etc/UTC", "the zone of the source is not known, and that of the cluster is none of this file's business", "schedule", "zone")
	pod.Default(o, &s.Overlap, false, "a job that still runs is rarely meant to run twice", "schedule", "overlap")
	pod.Default(o, &s.CatchUp, false, "cron does not make up for a run that was missed", "schedule", "catchUp")
}

// lowerStart bounds the run of Jobs. What bounds the start is the startup probe.
func lowerStart(o pod.Workload) {
	s := &o.W.Start
	run, timeout := []string{"start", "run"}, []string{"start", "timeout"}
	if s.Run.String() == "unlimited" {
		pod.Idle(o, &s.Run, "nothing bounds the run when nothing is said", run...)
	}
	if s.Timeout.String() == "unlimited" {
		pod.Idle(o, &s.Timeout, "nothing bounds the start when nothing is said", timeout...)
	}
	if k := o.W.Kind.Or(""); k == deploy.Job || k == deploy.Cron {
		limit, _ := s.Run.Get()
		d, _ := limit.Get()
		pod.Approximate(o, &s.Run, deploy.Bound(max(pod.Seconds(d), time.Second)), "Kubernetes counts in whole seconds", "nothing to do, unless part of a second matters", run...)
	} else {
		pod.Drop(o, &s.Run, "what runs for ever has no deadline: nobody would start it again at that moment", "let the program end by itself after that time; it is started again", run...)
	}
	if p := o.W.Probes.Startup; p.Path.IsSet() || p.Port.IsSet() || p.Command.Argv.IsSet() {
		pod.Idle(o, &s.Timeout, "the startup probe bounds the start", timeout...)
	}
	pod.Drop(o, &s.Timeout, "a pod may take as long as it likes to start when no probe watches it", "add a startup probe: its failures times its interval bound the start", timeout...)
}
