package knative

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	group       = "serving.knative.dev/"
	apiService  = "Knative API: Service serving.knative.dev/v1"
	apiRevision = "Knative API: RevisionSpec serving.knative.dev/v1"
	apiScale    = "Knative: autoscaling annotations"
	apiRoute    = "Knative: networking.knative.dev/visibility"
	apiRuntime  = "Knative: runtime contract"
)

// defaultPort is the port of a container that lists none.
const defaultPort = 8080

// service is a Service while it is read.
type service struct {
	*podspec.Workload
	visibility yamldoc.Node
}

const perRequest = "only Knative bounds single requests"

var serviceTable = podspec.Table[*service]{Section: "Service", Rows: []podspec.Row[*service]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiService, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "how the workload runs: service", Spec: apiService, Example: "Service", Read: func(s *service, n yamldoc.Node) {
		podspec.Set(s.Reader, n, &s.M.Kind, deploy.Service, s.At.Join("kind"))
	}},
	{Key: "metadata", Doc: "name and labels; the label networking.knative.dev/visibility says who reaches it", Spec: apiService, Example: "{name: web}", Read: func(s *service, n yamldoc.Node) {
		m := s.Meta()
		m.Label = s.label
		s.Metadata(n, m)
	}},
	{Key: "spec.template.metadata", Doc: "annotations with the bounds of the scale", Spec: apiScale, Example: `{annotations: {autoscaling.knative.dev/min-scale: "1"}}`, Read: func(s *service, n yamldoc.Node) {
		s.Template(n, podspec.Meta{Annotation: s.annotation})
	}},
	{Key: "spec.template.spec", Doc: "the pod", Spec: apiRevision, Example: "{containers: [{image: web}]}", Read: func(s *service, n yamldoc.Node) { s.ReadPod(&revisionTable, n) }},
	{Key: "spec.traffic", Doc: "shares of the revisions", Spec: apiService, Example: "[{latestRevision: true, percent: 100}]", Read: (*service).traffic},
	{Key: "status", Doc: "what the cluster saw", Spec: apiService, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
}}

// revisionTable has the rows of every pod and those that Knative adds.
var revisionTable = podspec.Table[*podspec.Workload]{Section: "RevisionSpec", Rows: slices.Concat([]podspec.Row[*podspec.Workload]{
	{Key: "timeoutSeconds", Doc: "time that a request may take", Spec: apiRevision, Example: "300", Read: podspec.InertIf("300", "it is the default", perRequest)},
	{Key: "responseStartTimeoutSeconds", Doc: "time until the answer begins", Spec: apiRevision, Example: "300", Read: podspec.InertIf("300", "it is the default", perRequest)},
	{Key: "idleTimeoutSeconds", Doc: "time that a request may be silent", Spec: apiRevision, Example: "0", Read: podspec.InertIf("0", "it is the default", perRequest)},
	{Key: "containerConcurrency", Doc: "requests at a time; 0: any number", Spec: apiRevision, Example: "0", Read: podspec.InertIf("0", "it is the default", perRequest)},
}, podspec.PodTable.Rows)}

// label reads who reaches the Service.
func (s *service) label(key string, n yamldoc.Node) bool {
	if key != "networking.knative.dev/visibility" {
		return false
	}
	if _, ok := s.OneOf(n, "cluster-local"); ok {
		s.visibility = n
	}
	return true
}

// annotation reads the bounds of the scale.
func (s *service) annotation(key string, n yamldoc.Node) bool {
	switch key {
	case "autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/minScale":
		if v, ok := s.count(n); ok {
			podspec.Set(s.Reader, n, &s.M.Scale.Min, v, s.At.Join("scale", "min"))
		}
		return true
	case "autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale":
		if v, ok := s.count(n); ok && v == 0 {
			s.Rec.Inert(n.Setting(), "0 is no bound, as by default")
		} else if ok {
			podspec.Set(s.Reader, n, &s.M.Scale.Max, v, s.At.Join("scale", "max"))
		}
		return true
	}
	return false
}

// count reads a number in an annotation, which is text.
func (s *service) count(n yamldoc.Node) (int64, bool) {
	text, ok := s.Text(n)
	if !ok {
		return 0, false
	}
	s.Rec.Show(n.Setting())
	v, err := strconv.ParseInt(text, 10, 32)
	if err != nil || v < 0 {
		s.Bad(n, "is no number of replicas", "write a whole number in quotes")
		return 0, false
	}
	return v, true
}

// traffic is inert while all of it goes to the newest revision.
func (s *service) traffic(n yamldoc.Node) {
	items := n.Items()
	if len(items) == 1 && items[0].Get("revisionName").Str() == "" && items[0].Get("tag").Str() == "" {
		s.Show(n, "all requests go to the newest revision, as by default")
		return
	}
	reason, remedy := "only the newest revision is moved", "end the roll-out first"
	s.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
	s.Drop(n, reason, remedy)
}

// platform is how Knative differs from Kubernetes.
var platform = podspec.Platform{
	Name:      apiRevision,
	ProbePort: true,
	Port: func(w *podspec.Workload, p *deploy.Port, n yamldoc.Node) {
		at := w.At.Join("ports", p.Number, "protocol")
		switch v, _ := w.OneOf(n, "http1", "h2c"); v {
		case "http1":
			podspec.Set(w.Reader, n, &p.Protocol, "http", at)
		case "h2c":
			podspec.Set(w.Reader, n, &p.Protocol, "grpc", at)
		}
	},
	NoPorts: func(w *podspec.Workload) { w.ImplyPort(apiRevision, defaultPort) },
	Refused: func(field string) (string, string) {
		switch field {
		case "restartPolicy", "lifecycle":
			return "Knative refuses it", "remove it"
		case "terminationGracePeriodSeconds":
			return "Knative refuses it: it waits for timeoutSeconds", "write timeoutSeconds"
		}
		return "", ""
	},
}

func (s *system) readService(o *podspec.Object) *podspec.Workload {
	v := &service{Workload: s.NewWorkload(o, platform)}
	r, w := s.Reader, v.Workload
	serviceTable.Apply(r, v, o.Root)
	pod := o.Root.Get("spec", "template", "spec")
	if !pod.Get("containers").Exists() && (pod.IsMap() || !pod.Exists()) {
		r.Rec.Find(ledger.Error, o.Pos(), o.String()+" has no spec.template.spec.containers", "write the container that runs")
	}
	podspec.Imply(r, apiService, "autostart", &w.M.Autostart, true, w.At.Join("autostart"))
	podspec.Imply(r, apiRevision, "restartPolicy", &w.M.Restart.Policy, deploy.RestartAlways, w.At.Join("restart", "policy"))
	podspec.Imply(r, apiScale, "min-scale", &w.M.Scale.Min, 0, w.At.Join("scale", "min"))
	w.Defaults()
	v.ports(o)
	return w
}

// ports sets who reaches the one port, and checks that there is one.
func (s *service) ports(o *podspec.Object) {
	if len(s.M.Ports) > 1 {
		s.Rec.Find(ledger.Error, o.Pos(), fmt.Sprintf("%s has %d ports: Knative takes one", o, len(s.M.Ports)), "leave the one that takes requests")
	}
	if s.visibility.Exists() && len(s.M.Ports) == 0 {
		s.Rec.Inert(s.visibility.Setting(), "there is no port to reach")
	}
	for i := range s.M.Ports {
		p := &s.M.Ports[i]
		at := s.At.Join("ports", p.Number)
		podspec.Imply(s.Reader, apiRuntime, "ports name", &p.Protocol, "http", at.Join("protocol"))
		if s.visibility.Exists() {
			podspec.Set(s.Reader, s.visibility, &p.Reachable, true, at.Join("reachable"))
			continue
		}
		podspec.Imply(s.Reader, apiRoute, "reachable", &p.Reachable, true, at.Join("reachable"))
		podspec.Imply(s.Reader, apiRoute, "visibility", &p.Published, "80", at.Join("published"))
	}
}
