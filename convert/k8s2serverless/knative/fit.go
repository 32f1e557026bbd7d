package knative

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
)

// blocker is why a workload cannot be a Knative Service.
type blocker struct{ reason, remedy string }

// reserved are the ports of Knative's own proxy in each pod (pkg/networking/constants.go; 8008 is its profiling port).
var reserved = []int32{8008, 8012, 8013, 8022, 9090, 9091}

// blockers finds all that keeps a workload on Kubernetes.
func blockers(w deploy.Workload) []blocker {
	var out []blocker
	block := func(reason, remedy string) { out = append(out, blocker{reason, remedy}) }
	switch kind := w.Kind.Or(deploy.Service); {
	case !w.Image.IsSet():
		return []blocker{{"it has no image", "set its image in lift.yaml"}}
	case kind == deploy.Agent:
		block("it runs on each node, and Knative knows requests, not nodes", "leave it on Kubernetes")
	case kind != deploy.Service:
		block("it runs to its end, and a Knative Service waits for requests", "leave it on Kubernetes")
	case w.Autostart.Is(false) || w.Scale.Replicas.Is(0):
		block("it is switched off, and Knative would start it at the first request", "switch it on, or leave it on Kubernetes")
	}
	if names.Label(w.Name) != w.Name {
		block("its name is no DNS label", "rename it")
	}
	blockPort(w, block)
	for _, m := range w.Mounts {
		switch {
		case m.Kind.Is(deploy.MountHost) || !m.Kind.IsSet() && m.Host.IsSet():
			block("it mounts "+m.Path+" from its node, which Knative refuses", "put what it reads into the image or a ConfigMap")
		case m.Kind.Is(deploy.MountVolume) || !m.Kind.IsSet() && m.Volume.IsSet():
			block("it keeps data at "+m.Path+", and pods of a Knative Service come and go", "keep the data in a database or an object store")
		}
	}
	for _, f := range w.Files {
		block("it reads the configuration file "+f.Path+", which its ConfigMap on Kubernetes holds", "put the file into the image, or leave it on Kubernetes")
	}
	if w.Security.Privileged.Is(true) {
		block("it runs privileged, which Knative refuses", "run it without")
	}
	if c := w.Security.Capabilities; c.IsSet() && !slices.Equal(c, deploy.List{"none"}) && !slices.Equal(c, deploy.List{"default"}) {
		block("it adds capabilities ("+c.String()+"), which Knative refuses", "do without them, or enable kubernetes.containerspec-addcapabilities in config-features")
	}
	for _, t := range []struct {
		what  string
		tasks []deploy.Task
	}{{"before its start", w.Before}, {"after its start", w.Started}, {"before its stop", w.Stopping}} {
		if len(t.tasks) > 0 {
			block("it runs commands "+t.what+", for which Knative has no place", "move them into the program or the image")
		}
	}
	return out
}

// blockPort wants one port that speaks HTTP: Knative's proxy counts requests.
func blockPort(w deploy.Workload, block func(reason, remedy string)) {
	switch len(w.Ports) {
	case 0:
		block("it has no port: Knative runs what answers requests", "leave it on Kubernetes")
		return
	case 1:
	default:
		var all []string
		for _, p := range w.Ports {
			all = append(all, p.Number)
		}
		block("it has several ports ("+strings.Join(all, ", ")+"), and a Knative Service has one", "split it, or serve all on one port")
		return
	}
	p := w.Ports[0]
	number, proto, err := pod.PortNumber(p.Number)
	switch {
	case err != nil || proto != corev1.ProtocolTCP:
		block("its port "+p.Number+" is no TCP port", "leave it on Kubernetes")
		return
	case slices.Contains(reserved, number):
		block(fmt.Sprintf("Knative's own proxy has port %d in each pod", number), "let it listen on another port")
	case p.Protocol.IsSet() && !p.Protocol.Is("http") && !p.Protocol.Is("grpc"):
		block("its port speaks "+p.Protocol.Or("")+", and Knative knows HTTP alone", "leave it on Kubernetes")
	case !p.Protocol.IsSet() && !asked(w.Probes, int64(number)):
		block("nothing tells that its port speaks HTTP", fmt.Sprintf("set workloads.%s.ports.%s.protocol to http in lift.yaml if it does", w.Name, p.Number))
	}
	for _, e := range w.Env {
		if e.Name != "PORT" {
			continue
		}
		if text, known := e.Value.Reveal(); !known || e.Value.IsSecret() || text != fmt.Sprint(number) {
			block(fmt.Sprintf("it reads PORT, which Knative sets to %d, its container port", number), "let it listen on the port that PORT says, or read another variable")
		}
	}
}

// asked reports whether an HTTP probe asks the port, which proves what it speaks.
func asked(p deploy.Probes, port int64) bool {
	for _, probe := range []deploy.Probe{p.Startup, p.Readiness, p.Liveness} {
		if probe.Path.IsSet() && probe.Port.Or(port) == port {
			return true
		}
	}
	return false
}
