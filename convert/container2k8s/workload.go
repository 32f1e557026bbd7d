package container2k8s

import (
	"fmt"
	"strings"
	"time"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// workloadObjects prints all that a workload consists of: what runs its pods, its Service, its ConfigMap, its PodDisruptionBudget. The first comes first.
func workloadObjects(a deploy.App, w deploy.Workload, own map[string]string) ([]object, error) {
	config, files := configMap(a, w), filesMap(a, w)
	template, err := podTemplate(a, w, own, config, files)
	if err != nil {
		return nil, err
	}
	service, err := serviceObject(a, w)
	if err != nil {
		return nil, err
	}
	objects := []object{controller(a, w, own, template)}
	if service != nil {
		objects = append(objects, object{"service.yaml", service})
	}
	if config != nil {
		objects = append(objects, object{"configmap.yaml", config})
	}
	if files != nil {
		objects = append(objects, object{"files.yaml", files})
	}
	if budget := disruptionBudget(a, w); budget != nil {
		objects = append(objects, object{"poddisruptionbudget.yaml", budget})
	}
	return objects, nil
}

// controller is what runs the pods.
func controller(a deploy.App, w deploy.Workload, own map[string]string, template corev1.PodTemplateSpec) object {
	selector := &metav1.LabelSelector{MatchLabels: labels(a, w.Name)}
	switch w.Kind.Or("") {
	case deploy.Job:
		return object{"job.yaml", &batchv1.Job{TypeMeta: typeMeta("batch/v1", "Job"), ObjectMeta: meta(a, w.Name), Spec: jobSpec(w, template)}}
	case deploy.Cron:
		return object{"cronjob.yaml", cronJob(a, w, template)}
	case deploy.Agent:
		return object{"daemonset.yaml", &appsv1.DaemonSet{
			TypeMeta: typeMeta("apps/v1", "DaemonSet"), ObjectMeta: meta(a, w.Name),
			Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template},
		}}
	}
	if templates := claimTemplates(a, w, own); len(templates) > 0 {
		// The governing Service is the workload's own, with an address: one pod, or several that serve the same, are reached under one stable name, as before. Names for single pods
		// (web-0.web) would need a headless Service, which nobody has asked for.
		return object{"statefulset.yaml", &appsv1.StatefulSet{
			TypeMeta: typeMeta("apps/v1", "StatefulSet"), ObjectMeta: meta(a, w.Name),
			Spec: appsv1.StatefulSetSpec{Replicas: replicas(w), ServiceName: w.Name, Selector: selector, Template: template, VolumeClaimTemplates: templates},
		}}
	}
	d := &appsv1.Deployment{
		TypeMeta: typeMeta("apps/v1", "Deployment"), ObjectMeta: meta(a, w.Name),
		Spec: appsv1.DeploymentSpec{Replicas: replicas(w), Selector: selector, Template: template},
	}
	if mountsExclusively(a, w) {
		// a rolling update would start the new pod, which waits for the claim, before it stops the old one, which holds it
		d.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType
	}
	return object{"deployment.yaml", d}
}

func replicas(w deploy.Workload) *int32 {
	n, ok := w.Scale.Replicas.Get()
	if !ok {
		return nil
	}
	return new(int32(n))
}

func jobSpec(w deploy.Workload, template corev1.PodTemplateSpec) batchv1.JobSpec {
	var spec batchv1.JobSpec
	if limit, ok := w.Restart.Attempts.Get(); ok {
		n, _ := limit.Get()
		spec.BackoffLimit = new(int32(n))
	}
	if limit, ok := w.Start.Run.Get(); ok {
		d, _ := limit.Get()
		spec.ActiveDeadlineSeconds = new(int64(d / time.Second))
	}
	if w.Kind.Is(deploy.Job) && w.Autostart.Is(false) {
		spec.Suspend = new(true)
	}
	spec.Template = template
	return spec
}

// How late a CronJob may start a run that is not made up for, in seconds: below ten it may miss all of them.
const noCatchUpSeconds = 60

// catchUpSeconds is how late a CronJob may start a run that is made up for. Kubernetes starts the last run that was missed, and that is never older than the time between two runs: a day, a week,
// two months to the next 31st, eight years to the next 29th of February.
func catchUpSeconds(schedule string) int64 {
	const day = 24 * 60 * 60
	f := strings.Fields(schedule)
	switch {
	case len(f) != 5:
		return day
	case f[3] != "*":
		return 2922 * day
	case f[4] != "*": // beside a day of the month either will do
		return 7 * day
	case f[2] != "*":
		return 62 * day
	}
	return day
}

func cronJob(a deploy.App, w deploy.Workload, template corev1.PodTemplateSpec) *batchv1.CronJob {
	job := &batchv1.CronJob{TypeMeta: typeMeta("batch/v1", "CronJob"), ObjectMeta: meta(a, w.Name)}
	job.Spec.Schedule = w.Schedule.Cron.Or("")
	if zone, ok := w.Schedule.Zone.Get(); ok {
		job.Spec.TimeZone = &zone
	}
	if overlap, ok := w.Schedule.Overlap.Get(); ok {
		job.Spec.ConcurrencyPolicy = batchv1.ForbidConcurrent
		if overlap {
			job.Spec.ConcurrencyPolicy = batchv1.AllowConcurrent
		}
	}
	if catchUp, ok := w.Schedule.CatchUp.Get(); ok {
		job.Spec.StartingDeadlineSeconds = new(int64(noCatchUpSeconds))
		if catchUp {
			job.Spec.StartingDeadlineSeconds = new(catchUpSeconds(job.Spec.Schedule))
		}
	}
	if auto, ok := w.Autostart.Get(); ok {
		job.Spec.Suspend = new(!auto)
	}
	job.Spec.JobTemplate.Spec = jobSpec(w, template)
	return job
}

// podTemplate is the pod of a workload.
func podTemplate(a deploy.App, w deploy.Workload, own map[string]string, config, files *corev1.ConfigMap) (corev1.PodTemplateSpec, error) {
	t := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels(a, w.Name)}}
	for name, data := range map[string]*corev1.ConfigMap{"checksum/config": config, "checksum/files": files} {
		if data != nil {
			metav1.SetMetaDataAnnotation(&t.ObjectMeta, name, checksum(data))
		}
	}
	s := &t.Spec
	if w.Kind.Is(deploy.Job) || w.Kind.Is(deploy.Cron) {
		s.RestartPolicy = corev1.RestartPolicyNever
		if w.Restart.Policy.Is(deploy.RestartOnFailure) {
			s.RestartPolicy = corev1.RestartPolicyOnFailure
		}
	}
	if arch, ok := w.Placement.Arch.Get(); ok {
		s.NodeSelector = map[string]string{corev1.LabelArchStable: arch}
	}
	s.TopologySpreadConstraints = spread(a, w)
	// The programs came from machines and containers and know nothing of the Kubernetes API: a token of it would only be of use to an intruder.
	s.AutomountServiceAccountToken = new(false)
	// Without this every Service of the namespace puts variables like STOREFRONT_PORT=tcp://10.0.0.1:3000 into every pod, over which programs that read STOREFRONT_PORT stumble.
	s.EnableServiceLinks = new(false)
	if limit, ok := w.Stop.Grace.Get(); ok {
		d, bounded := limit.Get()
		if !bounded || d%time.Second != 0 {
			return t, fmt.Errorf("stop.grace: %s has no form", limit)
		}
		s.TerminationGracePeriodSeconds = new(int64(d / time.Second))
	}
	main := corev1.Container{Name: w.Name, Image: w.Image.Or(""), WorkingDir: w.Dir.Or("")}
	podContext, context, err := pod.Context(w)
	if err != nil {
		return t, err
	}
	s.SecurityContext = podContext
	main.SecurityContext = context
	command, args, err := pod.Words(w)
	if err != nil {
		return t, err
	}
	main.Command, main.Args = pod.Escape(command), pod.Escape(args)
	if err := environment(&main, w, config); err != nil {
		return t, err
	}
	if main.Ports, err = containerPorts(w); err != nil {
		return t, err
	}
	if err := pod.Probes(&main, w.Probes); err != nil {
		return t, err
	}
	if main.Resources, err = pod.Resources(w.Resources); err != nil {
		return t, err
	}
	s.Volumes, main.VolumeMounts = mounts(w, own)
	if files != nil {
		volume, at := filesVolume(w, files)
		s.Volumes, main.VolumeMounts = append(s.Volumes, volume), append(main.VolumeMounts, at...)
	}
	if main.Lifecycle, err = hooks(w); err != nil {
		return t, err
	}
	if s.InitContainers, err = waits(a, w, main); err != nil {
		return t, err
	}
	steps, err := initContainers(w, main)
	if err != nil {
		return t, err
	}
	s.InitContainers = append(s.InitContainers, steps...)
	s.Containers = []corev1.Container{main}
	return t, nil
}

// initContainers print what runs before the program: the same container with another command.
func initContainers(w deploy.Workload, main corev1.Container) ([]corev1.Container, error) {
	var out []corev1.Container
	for i, task := range w.Before {
		words, err := pod.TaskWords(task.Command)
		switch {
		case err != nil:
			return nil, fmt.Errorf("before.%d.command: %w", i, err)
		case len(words) == 0 || task.Command.Entrypoint.IsSet():
			return nil, fmt.Errorf("before.%d.command: a task needs one command line", i)
		case task.MayFail.IsSet():
			return nil, fmt.Errorf("before.%d.mayFail: has no form", i)
		}
		c := corev1.Container{
			Name: fmt.Sprintf("before-%d", i), Image: main.Image, Command: pod.Escape(words), WorkingDir: main.WorkingDir,
			EnvFrom: main.EnvFrom, Env: main.Env, VolumeMounts: main.VolumeMounts, SecurityContext: main.SecurityContext,
		}
		if task.Privileged.Is(true) {
			// root needs its capabilities to do what a task as root is for: chown, install
			c.SecurityContext = &corev1.SecurityContext{RunAsUser: new(int64(0)), RunAsNonRoot: new(false)}
		}
		out = append(out, c)
	}
	return out, nil
}

// hooks print the commands after the start and before the stop. The kubelet does not expand $(NAME) in them.
func hooks(w deploy.Workload) (*corev1.Lifecycle, error) {
	hook := func(name string, tasks []deploy.Task) (*corev1.LifecycleHandler, error) {
		if len(tasks) == 0 {
			return nil, nil
		}
		words, err := pod.TaskWords(tasks[0].Command)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s.0.command: %w", name, err)
		case len(words) == 0 || tasks[0].Command.Entrypoint.IsSet():
			return nil, fmt.Errorf("%s.0.command: a hook needs one command line", name)
		case tasks[0].MayFail.IsSet() || tasks[0].Privileged.IsSet():
			return nil, fmt.Errorf("%s.0: has no form beside its command", name)
		}
		return &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: words}}, nil
	}
	started, err := hook("started", w.Started)
	if err != nil {
		return nil, err
	}
	stopping, err := hook("stopping", w.Stopping)
	if err != nil || started == nil && stopping == nil {
		return nil, err
	}
	return &corev1.Lifecycle{PostStart: started, PreStop: stopping}, nil
}

func typeMeta(version, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: version, Kind: kind}
}
