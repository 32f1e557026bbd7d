package pod

import (
	"fmt"

	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	milli          = deploy.NanoCPU(1_000_000)
	assumedRequest = 100 * milli
)

// LowerResources brings requests and limits into the form of a container: thousandths of a CPU, requests not above limits, and a request beside each limit.
func LowerResources(o Workload) {
	cpu, memory := &o.W.Resources.CPU, &o.W.Resources.Memory
	bound(o, &cpu.Limit, "resources", "cpu", "limit")
	bound(o, &memory.Limit, "resources", "memory", "limit")
	if limit, ok := cpu.Limit.Get(); ok {
		n, _ := limit.Get()
		Approximate(o, &cpu.Limit, deploy.Bound(roundCPU(n)), "Kubernetes counts CPU in thousandths", "nothing to do: less than a thousandth of a processor", "resources", "cpu", "limit")
		n = roundCPU(n)
		Default(o, &cpu.Request, min(assumedRequest, n), "without a request Kubernetes would reserve the whole limit; what is free may be used all the same", "resources", "cpu", "request")
		Approximate(o, &cpu.Request, min(roundCPU(cpu.Request.Or(0)), n), "Kubernetes counts CPU in thousandths and reserves no more than the limit", "raise the limit if as much as the request is needed", "resources", "cpu", "request")
	} else {
		Approximate(o, &cpu.Request, roundCPU(cpu.Request.Or(0)), "Kubernetes counts CPU in thousandths", "nothing to do: less than a thousandth of a processor", "resources", "cpu", "request")
	}
	if limit, ok := memory.Limit.Get(); ok {
		n, _ := limit.Get()
		Default(o, &memory.Request, n, "the program may use this much, so that much is reserved: a node that runs out of memory would evict it else", "resources", "memory", "request")
		Approximate(o, &memory.Request, min(memory.Request.Or(0), n), "Kubernetes reserves no more than the limit", "raise the limit if as much as the request is needed", "resources", "memory", "request")
	}
}

// bound removes a limit that is unlimited: the absence of a limit says the same.
func bound[T deploy.Scalar](o Workload, f *deploy.Opt[T], at ...string) {
	if f.String() == "unlimited" {
		Idle(o, f, "a container without a limit is unlimited", at...)
	}
}

func roundCPU(n deploy.NanoCPU) deploy.NanoCPU {
	if rest := n % milli; rest > 0 {
		return n - rest + milli
	}
	return n
}

// Resources prints requests and limits in canonical quantities.
func Resources(r deploy.Resources) (corev1.ResourceRequirements, error) {
	var out corev1.ResourceRequirements
	if n, ok := r.CPU.Request.Get(); ok {
		q, err := cpuQuantity(n)
		if err != nil {
			return out, fmt.Errorf("resources.cpu.request: %w", err)
		}
		put(&out.Requests, corev1.ResourceCPU, q)
	}
	if n, ok := r.Memory.Request.Get(); ok {
		put(&out.Requests, corev1.ResourceMemory, Bytes(n))
	}
	if limit, ok := r.CPU.Limit.Get(); ok {
		n, bounded := limit.Get()
		if !bounded {
			return out, fmt.Errorf("resources.cpu.limit: unlimited has no form")
		}
		q, err := cpuQuantity(n)
		if err != nil {
			return out, fmt.Errorf("resources.cpu.limit: %w", err)
		}
		put(&out.Limits, corev1.ResourceCPU, q)
	}
	if limit, ok := r.Memory.Limit.Get(); ok {
		n, bounded := limit.Get()
		if !bounded {
			return out, fmt.Errorf("resources.memory.limit: unlimited has no form")
		}
		put(&out.Limits, corev1.ResourceMemory, Bytes(n))
	}
	return out, nil
}

func put(list *corev1.ResourceList, name corev1.ResourceName, q resource.Quantity) {
	if *list == nil {
		*list = corev1.ResourceList{}
	}
	(*list)[name] = q
}

// cpuQuantity prints thousandths of a CPU: 1500m, 2.
func cpuQuantity(n deploy.NanoCPU) (resource.Quantity, error) {
	if n%milli != 0 {
		return resource.Quantity{}, fmt.Errorf("finer than 1m")
	}
	return *resource.NewMilliQuantity(int64(n/milli), resource.DecimalSI), nil
}

// Bytes prints an amount of memory or storage: 512Mi where it divides, else plain bytes.
func Bytes(n deploy.Bytes) resource.Quantity {
	return *resource.NewQuantity(int64(n), resource.BinarySI)
}
