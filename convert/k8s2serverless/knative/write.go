package knative

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// service is a Knative Service as far as it is written here: https://knative.dev/docs/serving/reference/serving-api/
type service struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Template template `json:"template"`
	} `json:"spec"`
}

type template struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              revision `json:"spec"`
}

type revision struct {
	corev1.PodSpec `json:",inline"`
	TimeoutSeconds int64 `json:"timeoutSeconds"`
}

const (
	// timeoutSeconds bounds a request, and how long a pod may take to stop. It is Knative's own default, said so that a cluster with another one behaves the same; at most 600 are allowed.
	timeoutSeconds = 300

	minScale     = "autoscaling.knative.dev/min-scale"
	maxScale     = "autoscaling.knative.dev/max-scale"
	visibility   = "networking.knative.dev/visibility"
	clusterLocal = "cluster-local"
)

// Write prints a lowered model: a file for each Knative Service, and a kustomization that lists them together with what stays on Kubernetes.
func Write(a deploy.App) (fileset.Set, error) {
	var out fileset.Set
	a = deploy.Clone(a)
	deploy.Sort(&a)
	if err := check(a); err != nil {
		return out, err
	}
	var files, kept, claims []string
	for _, w := range a.Workloads {
		if stays(w) {
			kept = append(kept, w.Name)
			continue
		}
		object, err := serviceObject(a, w)
		if err != nil {
			return fileset.Set{}, fmt.Errorf("%s.%w", deploy.At("workloads", w.Name), err)
		}
		data, err := pod.YAML(object)
		if err != nil {
			return fileset.Set{}, fmt.Errorf("%s: %w", w.Name, err)
		}
		if err := out.Add("knative/"+w.Name+".yaml", data); err != nil {
			return fileset.Set{}, err
		}
		files = append(files, w.Name+".yaml")
	}
	for _, v := range a.Volumes {
		claims = append(claims, v.Name)
	}
	if len(files)+len(kept)+len(claims) == 0 {
		return out, nil
	}
	data, err := stay.Kustomization("../", files, kept, claims)
	if err != nil {
		return fileset.Set{}, err
	}
	return out, out.Add("knative/kustomization.yaml", data)
}

// stays reports whether the workload stays on Kubernetes: a Knative Service has an image.
func stays(w deploy.Workload) bool { return !w.Image.IsSet() }

// check refuses a model that Lower would not leave behind: Write has no ledger, so it may not lose anything.
func check(a deploy.App) error {
	rest := deploy.Clone(a)
	var lost ledger.Lowering
	convert.Apply(drops, &rest, &lost, func(p deploy.Path) deploy.Path { return p })
	if len(lost.Turns) > 0 {
		return fmt.Errorf("internal: deploy field %s unaccounted by knative; please report", lost.Turns[0].From)
	}
	anyService := false
	err := stay.Check(a, func(w deploy.Workload) error {
		anyService = true
		return checkService(w)
	})
	if err == nil && a.Name.IsSet() && !anyService {
		err = fmt.Errorf("name: there is no Knative Service that could carry it")
	}
	return err
}

// checkService finds what a Knative Service has no field for.
func checkService(w deploy.Workload) error {
	whole := deploy.App{Workloads: []deploy.Workload{w}}
	for _, place := range []string{"before", "started", "stopping"} {
		if deploy.Has(whole, deploy.At("workloads", w.Name, place)) {
			return fmt.Errorf("%s: has no form", place)
		}
	}
	switch {
	case !w.Kind.Is(deploy.Service):
		return fmt.Errorf("kind: a Knative Service is a service")
	case !w.Autostart.Is(true):
		return fmt.Errorf("autostart: a Knative Service starts as soon as it is applied")
	case !w.Restart.Policy.Is(deploy.RestartAlways):
		return fmt.Errorf("restart.policy: a Knative Service is always restarted")
	case w.Scale.Replicas.IsSet() || !w.Scale.Min.IsSet() || !w.Scale.Max.IsSet():
		return fmt.Errorf("scale: a Knative Service has min and max, and no replicas")
	case w.User.Name.IsSet() || w.User.Group.IsSet() || w.User.Groups.IsSet() || w.User.Volumes.IsSet():
		return fmt.Errorf("user: has numbers of a user and a group alone")
	case !w.Security.Privileged.Is(false):
		return fmt.Errorf("security.privileged: Knative refuses it")
	case w.Security.Capabilities.IsSet() && !slices.Equal(w.Security.Capabilities, deploy.List{"none"}) && !slices.Equal(w.Security.Capabilities, deploy.List{"default"}):
		return fmt.Errorf("security.capabilities: Knative refuses added ones")
	case len(w.Ports) != 1:
		return fmt.Errorf("ports: a Knative Service has one")
	}
	p := w.Ports[0]
	at := "ports." + p.Number
	switch {
	case p.Name.IsSet():
		return fmt.Errorf("%s.name: Knative names it", at)
	case !p.Address.Is(anywhere):
		return fmt.Errorf("%s.address: a pod has an address of its own", at)
	case !p.Reachable.Is(true):
		return fmt.Errorf("%s.reachable: a Knative Service has an address always", at)
	case p.Published.IsSet() && !p.Published.Is(publicPort):
		return fmt.Errorf("%s.published: Knative's ingress offers it on port %s", at, publicPort)
	case !p.Protocol.Is("http") && !p.Protocol.Is("grpc"):
		return fmt.Errorf("%s.protocol: Knative knows http and grpc", at)
	}
	for _, m := range w.Mounts {
		if !m.Kind.Is(deploy.MountTmpfs) || m.Volume.IsSet() || m.Host.IsSet() {
			return fmt.Errorf("mounts.%s: Knative mounts directories in memory alone", m.Path)
		}
	}
	for _, probe := range []deploy.Probe{w.Probes.Startup, w.Probes.Readiness, w.Probes.Liveness} {
		if probe.Client.IsSet() || probe.Command.Entrypoint.IsSet() {
			return fmt.Errorf("probes: a probe has neither client nor entrypoint")
		}
	}
	return nil
}

// serviceObject prints one workload.
func serviceObject(a deploy.App, w deploy.Workload) (*service, error) {
	s := &service{TypeMeta: metav1.TypeMeta{APIVersion: "serving.knative.dev/v1", Kind: "Service"}}
	s.Name = w.Name
	s.Labels = map[string]string{"app.kubernetes.io/name": w.Name}
	if name := a.Name.Or(""); name != "" {
		s.Labels["app.kubernetes.io/part-of"] = name
	}
	port := w.Ports[0]
	if !port.Published.IsSet() {
		// without it Knative's ingress would offer to the world what only peers reached
		s.Labels[visibility] = clusterLocal
	}
	t := &s.Spec.Template
	t.Annotations = map[string]string{minScale: strconv.FormatInt(w.Scale.Min.Or(0), 10), maxScale: strconv.FormatInt(w.Scale.Max.Or(0), 10)}
	t.Spec.TimeoutSeconds = timeoutSeconds
	t.Spec.AutomountServiceAccountToken = new(false) // the program knows nothing of the Kubernetes API
	t.Spec.EnableServiceLinks = new(false)           // Knative's own default; a cluster may have another, which floods the environment
	c, err := container(w)
	if err != nil {
		return nil, err
	}
	named := pod.VolumeNames(w)
	for _, m := range w.Mounts {
		t.Spec.Volumes = append(t.Spec.Volumes, corev1.Volume{Name: named[m.Path], VolumeSource: corev1.VolumeSource{EmptyDir: pod.Memory(m)}})
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: named[m.Path], MountPath: m.Path, ReadOnly: m.ReadOnly.Is(true)})
	}
	t.Spec.Containers = []corev1.Container{*c}
	return s, nil
}

// container prints the one container. Its name is left to Knative, as everybody does.
func container(w deploy.Workload) (*corev1.Container, error) {
	c := &corev1.Container{Image: w.Image.Or(""), WorkingDir: w.Dir.Or("")}
	command, args, err := pod.Words(w)
	if err != nil {
		return nil, err
	}
	c.Command, c.Args = pod.Escape(command), pod.Escape(args)
	for _, e := range w.Env {
		v, err := pod.Variable(e)
		if err != nil {
			return nil, err
		}
		c.Env = append(c.Env, v)
	}
	number, proto, err := pod.PortNumber(w.Ports[0].Number)
	if err != nil || proto != corev1.ProtocolTCP {
		return nil, fmt.Errorf("ports: %q is no TCP port", w.Ports[0].Number)
	}
	speaks := "http1"
	if w.Ports[0].Protocol.Is("grpc") {
		speaks = "h2c"
	}
	c.Ports = []corev1.ContainerPort{{Name: speaks, ContainerPort: number}}
	if err := pod.Probes(c, w.Probes); err != nil {
		return nil, err
	}
	if c.Resources, err = pod.Resources(w.Resources); err != nil {
		return nil, err
	}
	// Knative accepts the security settings of the container alone
	ofPod, ofContainer, err := pod.Context(w)
	if err != nil {
		return nil, err
	}
	ofContainer.RunAsUser, ofContainer.RunAsGroup, ofContainer.RunAsNonRoot, ofContainer.SeccompProfile = ofPod.RunAsUser, ofPod.RunAsGroup, ofPod.RunAsNonRoot, ofPod.SeccompProfile
	c.SecurityContext = ofContainer
	return c, nil
}
