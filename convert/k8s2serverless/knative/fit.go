package knative

import (
	"fmt"
	"slices"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
)

// reserved are the ports of Knative's own proxy in each pod (pkg/networking/constants.go; 8008 is its profiling port).
var reserved = []int32{8008, 8012, 8013, 8022, 9090, 9091}

// blockers finds all that keeps a workload on Kubernetes.
func blockers(w deploy.Workload) []stay.Blocker {
	var out []stay.Blocker
	block := func(reason, remedy string) { out = append(out, stay.Blocker{Reason: reason, Remedy: remedy}) }
	switch kind := w.Kind.Or(deploy.Service); {
	case !w.Image.IsSet():
		return []stay.Blocker{{Reason: "it has no image", Remedy: "set its image in lift.yaml"}}
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
	if c := w.Security.Capabilities; c.IsSet() && !slices.Equal(c, deploy.List{"none"}) && !slices.Equal(c, deploy.List{"default"}) {
		block("it adds capabilities ("+c.String()+"), which Knative refuses", "do without them, or enable kubernetes.containerspec-addcapabilities in config-features")
	}
	return append(out, stay.Extras(w, "Knative")...)
}

// blockPort wants one port that speaks HTTP: Knative's proxy counts requests.
func blockPort(w deploy.Workload, block func(reason, remedy string)) {
	number, b := stay.HTTPPort(w, "Knative")
	if b != nil {
		block(b.Reason, b.Remedy)
	}
	if number == 0 {
		return
	}
	if slices.Contains(reserved, number) {
		block(fmt.Sprintf("Knative's own proxy has port %d in each pod", number), "let it listen on another port")
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
