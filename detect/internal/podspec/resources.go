package podspec

import (
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiResources = "Kubernetes API: ResourceRequirements v1 core"

const nano = 1_000_000_000

var resourceTable = Table[*Workload]{Section: "ResourceRequirements", Rows: []Row[*Workload]{
	{Key: "limits", Doc: "what it may use at most", Spec: apiResources, Example: "{cpu: 1500m, memory: 512Mi}", Read: func(w *Workload, n yamldoc.Node) { limitTable.Apply(w.Reader, w, n) }},
	{Key: "requests", Doc: "what is set aside for it; the limit where it is left out", Spec: apiResources, Example: "{cpu: 250m, memory: 128Mi}", Read: func(w *Workload, n yamldoc.Node) { requestTable.Apply(w.Reader, w, n) }},
	{Key: "claims", Doc: "devices", Spec: apiResources, Outcome: ledger.Dropped, Reason: "the model has no devices", Remedy: "keep a program that needs a device on Kubernetes"},
}}

const (
	scratch = "the model does not bound the space of a container's own file system"
	pages   = "the model has no large memory pages"
)

// unmodelled are the resources of which the model knows neither limit nor request.
var unmodelled = []Row[*Workload]{
	{Key: "ephemeral-storage", Doc: "space in the container's own file system", Spec: apiResources, Outcome: ledger.Dropped, Reason: scratch, Remedy: "watch the space on the target"},
	{Key: "hugepages-2Mi", Doc: "large pages", Spec: apiResources, Outcome: ledger.Dropped, Reason: pages, Remedy: "keep a program that needs them on Kubernetes"},
	{Key: "hugepages-1Gi", Doc: "large pages", Spec: apiResources, Outcome: ledger.Dropped, Reason: pages, Remedy: "keep a program that needs them on Kubernetes"},
	{Key: "nvidia.com/gpu", Doc: "graphics processors", Spec: apiResources, Outcome: ledger.Dropped, Reason: "the model has no devices", Remedy: "keep a program that needs a device on Kubernetes"},
}

var limitTable = Table[*Workload]{Section: "ResourceRequirements limits", Rows: append([]Row[*Workload]{
	{Key: "cpu", Doc: "processor time at most", Spec: apiResources, Example: "1500m", Read: func(w *Workload, n yamldoc.Node) {
		amount(w.Reader, n, nano, cpuLimit, &w.M.Resources.CPU.Limit, w.At.Join("resources", "cpu", "limit"))
	}},
	{Key: "memory", Doc: "memory at most; beyond it the program is killed", Spec: apiResources, Example: "512Mi", Read: func(w *Workload, n yamldoc.Node) {
		amount(w.Reader, n, 1, memoryLimit, &w.M.Resources.Memory.Limit, w.At.Join("resources", "memory", "limit"))
	}},
}, unmodelled...)}

var requestTable = Table[*Workload]{Section: "ResourceRequirements requests", Rows: append([]Row[*Workload]{
	{Key: "cpu", Doc: "processor time that is set aside", Spec: apiResources, Example: "250m", Read: func(w *Workload, n yamldoc.Node) {
		amount(w.Reader, n, nano, cpuRequest, &w.M.Resources.CPU.Request, w.At.Join("resources", "cpu", "request"))
	}},
	{Key: "memory", Doc: "memory that is set aside", Spec: apiResources, Example: "128Mi", Read: func(w *Workload, n yamldoc.Node) {
		amount(w.Reader, n, 1, bytes, &w.M.Resources.Memory.Request, w.At.Join("resources", "memory", "request"))
	}},
}, unmodelled...)}

// amount sets a leaf from a quantity; what is finer than the unit is rounded up, as Kubernetes does.
func amount[T deploy.Scalar](r *Reader, n yamldoc.Node, unit int64, of func(int64) T, o *deploy.Opt[T], at deploy.Path) {
	v, exact, ok := r.quantity(n, unit)
	switch {
	case !ok:
	case exact:
		Set(r, n, o, of(v), at)
	case unit == 1 && strings.HasSuffix(n.Str(), "m"):
		r.Bad(n, "is a fraction of a byte: m stands for thousandths", "write M or Mi")
	default:
		SetNearly(r, n, o, of(v), at, "rounded up to a whole number of the smallest units", "write a whole number")
	}
}

// SetBytes sets a leaf from a quantity of bytes.
func SetBytes(r *Reader, n yamldoc.Node, o *deploy.Opt[deploy.Bytes], at deploy.Path) {
	amount(r, n, 1, bytes, o, at)
}

// Kubernetes takes a limit of 0 for none.
func cpuLimit(v int64) deploy.Limit[deploy.NanoCPU] {
	if v == 0 {
		return deploy.Unlimited[deploy.NanoCPU]()
	}
	return deploy.Bound(deploy.NanoCPU(v))
}

func memoryLimit(v int64) deploy.Limit[deploy.Bytes] {
	if v == 0 {
		return deploy.Unlimited[deploy.Bytes]()
	}
	return deploy.Bound(deploy.Bytes(v))
}

func cpuRequest(v int64) deploy.NanoCPU { return deploy.NanoCPU(v) }
func bytes(v int64) deploy.Bytes        { return deploy.Bytes(v) }

// finishResources sets the requests that the platform takes from the limits.
func (w *Workload) finishResources() {
	cpu, memory := &w.M.Resources.CPU, &w.M.Resources.Memory
	if l, ok := cpu.Limit.Get(); ok {
		if v, bounded := l.Get(); bounded {
			Imply(w.Reader, apiResources, "requests.cpu", &cpu.Request, v, w.At.Join("resources", "cpu", "request"))
		}
	}
	if l, ok := memory.Limit.Get(); ok {
		if v, bounded := l.Get(); bounded {
			Imply(w.Reader, apiResources, "requests.memory", &memory.Request, v, w.At.Join("resources", "memory", "request"))
		}
	}
}
