package kubernetes

import (
	"fmt"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/ledger"
)

// kinds that are read, with the version of their API.
var kinds = map[string]string{
	"ConfigMap": "v1", "Secret": "v1", "PersistentVolumeClaim": "v1", "Service": "v1",
	"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1",
	"PodDisruptionBudget": "policy/v1", "NetworkPolicy": "networking.k8s.io/v1",
	"Ingress": "networking.k8s.io/v1", "HTTPRoute": "gateway.networking.k8s.io/v1", "TLSRoute": "gateway.networking.k8s.io/v1",
}

// unread says of kinds that lift knows but does not read why, and what to do.
var unread = map[string][2]string{
	"Gateway":                 {"what stands before the system, with its listeners and certificates, is the cluster's own", "put a load balancer before the target"},
	"GRPCRoute":               {"routes by the methods of gRPC are read by a later version", "carry the routes over by hand"},
	"HorizontalPodAutoscaler": {"scaling by load is read by a later version", "set the bounds on the target by hand"},
	"ServiceAccount":          {"rights in the Kubernetes API mean nothing elsewhere", "keep a program that uses them on Kubernetes"},
	"Role":                    {"rights in the Kubernetes API mean nothing elsewhere", "keep a program that uses them on Kubernetes"},
	"RoleBinding":             {"rights in the Kubernetes API mean nothing elsewhere", "keep a program that uses them on Kubernetes"},
	"ClusterRole":             {"rights in the Kubernetes API mean nothing elsewhere", "keep a program that uses them on Kubernetes"},
	"ClusterRoleBinding":      {"rights in the Kubernetes API mean nothing elsewhere", "keep a program that uses them on Kubernetes"},
	"Pod":                     {"a pod alone is not read yet", "make it a Deployment or a Job"},
	"ReplicaSet":              {"a ReplicaSet alone is not read yet", "make it a Deployment"},
	"ReplicationController":   {"a ReplicationController is not read", "make it a Deployment"},
	"PersistentVolume":        {"where the bytes of a claim lie is a matter of the cluster", "move the data by hand"},
	"StorageClass":            {"where the bytes of a claim lie is a matter of the cluster", "choose storage on the target"},
	"LimitRange":              {"bounds of a name space are not read yet", "write requests and limits at the containers"},
	"ResourceQuota":           {"bounds of a name space are not read yet", "set a quota on the target by hand"},
}

// readObjects reads what the files hold: first what workloads refer to, then the workloads, then the Services that lead to them, and what speaks of all of these.
func readObjects(r *podspec.Reader) detect.Result {
	s := &system{Reader: r, named: map[string]*podspec.Object{}, served: map[*podspec.Workload]ledger.Pos{}}
	todo := map[string][]*podspec.Object{}
	r.Peer = s.peer
	for _, o := range r.Objects {
		if s.admit(o) {
			todo[o.Kind] = append(todo[o.Kind], o)
		}
	}
	for _, o := range todo["ConfigMap"] {
		r.ReadConfig(o)
	}
	for _, o := range todo["Secret"] {
		r.ReadSecret(o)
	}
	s.countTemplates(todo)
	for _, o := range todo["PersistentVolumeClaim"] {
		s.readClaim(o)
	}
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"} {
		for _, o := range todo[kind] {
			s.readWorkload(o)
		}
	}
	for _, o := range todo["Service"] {
		s.readService(o)
	}
	s.finishPorts()
	for _, o := range todo["PodDisruptionBudget"] {
		s.readBudget(o)
	}
	s.readRoutes(todo)
	s.readPolicies(todo["NetworkPolicy"])
	r.LeftConfigs()
	return r.Finish(s.workloads)
}

// system is what the objects make together.
type system struct {
	*podspec.Reader
	workloads []*podspec.Workload
	named     map[string]*podspec.Object       // "Deployment web" and "workload web"
	templates map[string]int                   // how many claims and claim templates have a name
	served    map[*podspec.Workload]ledger.Pos // where the Service of a workload lists its ports
}

// admit reports whether the object is one to read; the others are accounted for.
func (s *system) admit(o *podspec.Object) bool {
	want, known := kinds[o.Kind]
	refuse := func(sev ledger.Severity, reason, remedy string) bool {
		s.Rec.Find(sev, o.Pos(), fmt.Sprintf("%s dropped: %s", strings.TrimSpace(o.String()), reason), remedy)
		s.Drop(o.Root, reason, remedy)
		return false
	}
	switch {
	case strings.HasPrefix(o.APIVersion, "serving.knative.dev/"):
		s.Inert(o.Root, "it is read as a Knative Service")
		return false
	case o.Kind == "Namespace" && o.APIVersion == "v1":
		s.Inert(o.Root, "it only makes the name space")
		return false
	case known && o.APIVersion != want && isOld(o.APIVersion):
		return refuse(ledger.Error, o.APIVersion+" is no longer served by Kubernetes", "write apiVersion: "+want)
	case known && o.APIVersion != want:
		return refuse(ledger.Warning, o.APIVersion+" of it is not read", "write apiVersion: "+want)
	case !known:
		if why, ok := unread[o.Kind]; ok {
			return refuse(ledger.Warning, why[0], why[1])
		}
		return refuse(ledger.Warning, "objects of this kind are not read yet", "carry over by hand what it does")
	case o.Name == "":
		s.Nameless(o)
		return false
	}
	if first := s.named[o.String()]; first != nil {
		return refuse(ledger.Error, "it is there twice: first at "+first.Pos().String(), "remove one of them")
	}
	s.named[o.String()] = o
	switch o.Kind {
	case "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob":
		key := "workload " + o.Name
		if first := s.named[key]; first != nil {
			return refuse(ledger.Error, "a "+first.Kind+" has the same name: "+first.Pos().String(), "rename one of them")
		}
		s.named[key] = o
	}
	return true
}

// peer reports whether there is a workload of a name, and whether the Service of that name carries the TCP port.
func (s *system) peer(name string, port int64) (known, open bool) {
	if svc := s.named["Service "+name]; svc != nil {
		for _, p := range svc.Root.Get("spec", "ports").Items() {
			n, ok := p.Get("port").Int()
			open = open || ok && n == port && (!p.Get("protocol").Exists() || p.Get("protocol").Str() == "TCP")
		}
	}
	return s.named["workload "+name] != nil, open
}

// isOld reports whether a version is one of those under which the kinds were served before.
func isOld(version string) bool {
	switch version {
	case "extensions/v1beta1", "networking.k8s.io/v1beta1", "apps/v1beta1", "apps/v1beta2", "batch/v1beta1", "batch/v2alpha1", "policy/v1beta1":
		return true
	}
	return false
}
