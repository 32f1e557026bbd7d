package container2k8s

import (
	"fmt"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func containerPorts(w deploy.Workload) ([]corev1.ContainerPort, error) {
	var out []corev1.ContainerPort
	for _, p := range w.Ports {
		number, proto, err := pod.PortNumber(p.Number)
		if err != nil {
			return nil, fmt.Errorf("ports: %w", err)
		}
		out = append(out, corev1.ContainerPort{Name: p.Name.Or(""), ContainerPort: number, Protocol: shown(proto)})
	}
	return out, nil
}

// serviceObject carries the ports under which peers reach the workload by its name: the very ports of the program, whatever was published elsewhere.
func serviceObject(a deploy.App, w deploy.Workload) (*corev1.Service, error) {
	var ports []corev1.ServicePort
	for _, p := range w.Ports {
		if !p.Reachable.Is(true) {
			continue
		}
		number, proto, err := pod.PortNumber(p.Number)
		if err != nil {
			return nil, fmt.Errorf("ports: %w", err)
		}
		sp := corev1.ServicePort{Name: p.Name.Or(""), Port: number, TargetPort: intstr.FromString(p.Name.Or("")), Protocol: shown(proto)}
		if proto, ok := p.Protocol.Get(); ok {
			sp.AppProtocol = &proto
		}
		ports = append(ports, sp)
	}
	if len(ports) == 0 {
		return nil, nil
	}
	return &corev1.Service{TypeMeta: typeMeta("v1", "Service"), ObjectMeta: meta(a, w.Name), Spec: corev1.ServiceSpec{Selector: labels(a, w.Name), Ports: ports}}, nil
}

// shown leaves TCP out, as everybody does.
func shown(p corev1.Protocol) corev1.Protocol {
	if p == corev1.ProtocolTCP {
		return ""
	}
	return p
}
