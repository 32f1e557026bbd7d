package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// controller is the object that keeps the pods of a workload.
type controller struct {
	*object
	workload  string // of System.App
	resource  resource
	replicas  int64  // that it is to have; 0 for what ends by itself
	selector  string // of the pods' labels
	container string // that runs the workload's program
	probed    bool   // the program tells by a probe whether it is ready
	listens   []int  // ports of the program's container, TCP
	grace     int64  // seconds that a pod has to stop
	suspended bool   // a Job that waits for somebody to start it
}

// ends reports whether its pods run to their end.
func (c *controller) ends() bool { return c.kind == "Job" || c.kind == "CronJob" }

// controllerKinds are the objects that have pods.
var controllerKinds = map[string]resource{
	"Deployment": deployments, "StatefulSet": statefulSets, "DaemonSet": daemonSets, "Job": jobs, "CronJob": cronJobs,
}

// template is where the object has its pod: the map itself, so that changes reach the cluster.
func (o *object) template() map[string]any {
	at := []string{"spec", "template"}
	if o.kind == "CronJob" {
		at = []string{"spec", "jobTemplate", "spec", "template"}
	}
	if o.kind == "Pod" {
		return o.data
	}
	t, _ := lookup(o.data, at...).(map[string]any)
	return t
}

// controllersOf finds the object of each workload: by its name, else by the label that carries the workload's name.
func controllersOf(app deploy.App, objects []*object) (map[string]*controller, error) {
	out := map[string]*controller{}
	var lost []string
	for _, w := range app.Workloads {
		i := slices.IndexFunc(objects, func(o *object) bool { return isController(o) && o.name == w.Name })
		if i < 0 {
			i = slices.IndexFunc(objects, func(o *object) bool {
				return isController(o) && lookup(o.data, "metadata", "labels", "app.kubernetes.io/name") == w.Name
			})
		}
		if i < 0 {
			lost = append(lost, w.Name)
			continue
		}
		c, err := newController(objects[i], w.Name)
		if err != nil {
			return nil, err
		}
		out[w.Name] = c
	}
	if len(lost) > 0 {
		return nil, run.Error{What: "the files have no object that runs " + strings.Join(lost, ", "), Remedy: "write them anew: lift migrate"}
	}
	return out, nil
}

func isController(o *object) bool {
	_, ok := controllerKinds[o.kind]
	return ok && (o.group() == "apps" || o.group() == "batch")
}

func newController(o *object, workload string) (*controller, error) {
	c := &controller{object: o, workload: workload, resource: controllerKinds[o.kind], grace: 30}
	c.resource.root = rootOf(o.version)
	var form struct {
		Spec struct {
			Replicas *int64
			Suspend  bool
			Selector *metav1.LabelSelector
		}
	}
	var pod struct{ Spec corev1.PodSpec }
	if err := o.into(&form); err != nil {
		return nil, run.Error{What: fmt.Sprintf("%s: %s: %v", o.file, o, err), Remedy: "mend the file, or write it anew: lift migrate"}
	}
	if err := remodel(o.template(), &pod); err != nil || len(pod.Spec.Containers) == 0 {
		return nil, run.Error{What: fmt.Sprintf("%s: %s has no pod with a container", o.file, o), Remedy: "mend the file, or write it anew: lift migrate"}
	}
	main := pod.Spec.Containers[0]
	for _, k := range pod.Spec.Containers {
		if k.Name == workload {
			main = k
		}
	}
	c.container, c.probed = main.Name, main.ReadinessProbe != nil
	for _, port := range main.Ports {
		if port.Protocol == "" || port.Protocol == corev1.ProtocolTCP {
			c.listens = append(c.listens, int(port.ContainerPort))
		}
	}
	if g := pod.Spec.TerminationGracePeriodSeconds; g != nil {
		c.grace = *g
	}
	switch o.kind {
	case "Deployment", "StatefulSet":
		c.replicas = 1
		if form.Spec.Replicas != nil {
			c.replicas = *form.Spec.Replicas
		}
	case "DaemonSet":
		c.replicas = 1 // on each node
	case "Job":
		c.suspended = form.Spec.Suspend
		c.selector = jobSelector(o.name)
		return c, nil
	case "CronJob":
		return c, nil // each run is a Job of its own
	}
	selector, err := metav1.LabelSelectorAsSelector(form.Spec.Selector)
	if err != nil || selector.Empty() || selector == labels.Nothing() {
		return nil, run.Error{What: fmt.Sprintf("%s: %s has no selector of its pods", o.file, o), Remedy: "write spec.selector.matchLabels, or write the file anew: lift migrate"}
	}
	c.selector = selector.String()
	return c, nil
}

// jobSelector finds the pods of a Job: the API server labels them.
func jobSelector(name string) string { return "batch.kubernetes.io/job-name=" + name }
