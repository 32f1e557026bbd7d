package pod

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Kubernetes' own defaults (Probe v1 core), said explicitly when the source says nothing.
const (
	probeInterval = 10 * time.Second
	probeTimeout  = time.Second
	probeFailures = 3
)

// LowerProbes gives each probe one way to ask and whole seconds.
func LowerProbes(o Workload) {
	lowerProbe(o, &o.W.Probes.Startup, "startup")
	lowerProbe(o, &o.W.Probes.Readiness, "readiness")
	lowerProbe(o, &o.W.Probes.Liveness, "liveness")
}

func lowerProbe(o Workload, p *deploy.Probe, name string) {
	at := func(rest ...string) []string { return append([]string{"probes", name}, rest...) }
	Idle(o, &p.Client, "the kubelet makes the request itself", at("client")...)
	if p.Path.IsSet() && !p.Port.IsSet() {
		if port, ok := firstPort(o.W); ok {
			Default(o, &p.Port, port, "the workload's first port", at("port")...)
		} else {
			Drop(o, &p.Path, "an HTTP probe needs a port, and the workload has none", "add the port to the workload", at("path")...)
		}
	}
	switch {
	case p.Path.IsSet():
		idleCommand(o, &p.Command, "the HTTP request is asked in its place", at("command")...)
		if path := p.Path.Or(""); !strings.HasPrefix(path, "/") {
			Convert(o, &p.Path, "/"+path, "the kubelet puts the slash before it", at("path")...)
		}
	case p.Command.Argv.IsSet() || p.Command.Entrypoint.IsSet() || p.Command.Shell.IsSet():
		Idle(o, &p.Port, "the command knows what it asks", at("port")...)
		LowerTask(o, &p.Command, nil, at()...)
	case !p.Port.IsSet():
		why := "the probe asks nothing"
		Drop(o, &p.Interval, why, "", at("interval")...)
		Drop(o, &p.Timeout, why, "", at("timeout")...)
		Drop(o, &p.Delay, why, "", at("delay")...)
		Drop(o, &p.Failures, why, "", at("failures")...)
		return
	}
	Default(o, &p.Interval, probeInterval, "Kubernetes' own default", at("interval")...)
	Default(o, &p.Timeout, probeTimeout, "Kubernetes' own default", at("timeout")...)
	Default(o, &p.Delay, 0, "Kubernetes' own default", at("delay")...)
	Default(o, &p.Failures, probeFailures, "Kubernetes' own default", at("failures")...)
	const whole = "Kubernetes counts in whole seconds"
	Approximate(o, &p.Interval, max(Seconds(p.Interval.Or(0)), time.Second), whole, "", at("interval")...)
	Approximate(o, &p.Timeout, max(Seconds(p.Timeout.Or(0)), time.Second), whole, "", at("timeout")...)
	if name == "readiness" {
		// initialDelaySeconds would keep a pod that is ready at once out of its Service for all that time
		Convert(o, &p.Delay, 0, "until it answers, a pod is only kept out of its Service: failures during the start do no harm", at("delay")...)
	}
	Approximate(o, &p.Delay, max(Seconds(p.Delay.Or(0)), 0), whole, "", at("delay")...)
	Approximate(o, &p.Failures, max(p.Failures.Or(0), 1), "a probe fails once at least", "nothing to do: a probe that never fails is none", at("failures")...)
}

func idleCommand(o Workload, c *deploy.Command, reason string, at ...string) {
	place := func(name string) deploy.Path { return o.From.Join(append(slices.Clone(at), name)...) }
	if c.Entrypoint.IsSet() {
		o.L.Idle(place("entrypoint"), reason)
	}
	if c.Argv.IsSet() {
		o.L.Idle(place("argv"), reason)
	}
	if c.Shell.IsSet() {
		o.L.Idle(place("shell"), reason)
	}
	*c = deploy.Command{}
}

// Seconds rounds up to whole seconds.
func Seconds(d time.Duration) time.Duration {
	if rest := d % time.Second; rest > 0 {
		return d - rest + time.Second
	}
	return d
}

// PortNumber reads the key of a port: "8080/tcp".
func PortNumber(key string) (number int32, protocol corev1.Protocol, err error) {
	text, proto, _ := strings.Cut(key, "/")
	n, err := strconv.ParseInt(text, 10, 32)
	switch {
	case err != nil || n < 1 || n > 65535:
		return 0, "", fmt.Errorf("%q is no port", key)
	case proto == "tcp" || proto == "":
		return int32(n), corev1.ProtocolTCP, nil
	case proto == "udp":
		return int32(n), corev1.ProtocolUDP, nil
	}
	return 0, "", fmt.Errorf("%q: use tcp or udp", key)
}

// firstPort returns the number of the first TCP port, one that speaks HTTP before others.
func firstPort(w *deploy.Workload) (int64, bool) {
	best, found := int64(0), false
	for _, p := range w.Ports {
		n, proto, err := PortNumber(p.Number)
		if err != nil || proto != corev1.ProtocolTCP || found && !p.Protocol.Is("http") {
			continue
		}
		if best, found = int64(n), true; p.Protocol.Is("http") {
			break
		}
	}
	return best, found
}

// Probe prints a probe, nil when there is none.
func Probe(p deploy.Probe) (*corev1.Probe, error) {
	if !p.Path.IsSet() && !p.Port.IsSet() && !p.Command.Argv.IsSet() {
		if p.Interval.IsSet() || p.Timeout.IsSet() || p.Delay.IsSet() || p.Failures.IsSet() {
			return nil, fmt.Errorf("the probe asks nothing")
		}
		return nil, nil
	}
	out := &corev1.Probe{}
	port := intstr.FromInt32(int32(p.Port.Or(0)))
	switch {
	case (p.Path.IsSet() || p.Port.IsSet()) && (p.Command.Argv.IsSet() || p.Command.Shell.IsSet()):
		return nil, fmt.Errorf("a probe asks in one way")
	case p.Path.IsSet() && !p.Port.IsSet():
		return nil, fmt.Errorf("an HTTP probe needs a port")
	case p.Path.IsSet():
		out.HTTPGet = &corev1.HTTPGetAction{Path: p.Path.Or(""), Port: port}
	case p.Port.IsSet():
		out.TCPSocket = &corev1.TCPSocketAction{Port: port}
	default:
		words, err := TaskWords(p.Command)
		if err != nil {
			return nil, err
		}
		out.Exec = &corev1.ExecAction{Command: Escape(words)} // the kubelet expands these as well (ExpandContainerCommandOnlyStatic)
	}
	var err error
	whole := func(name string, d deploy.Opt[time.Duration]) int32 {
		if d.Or(0)%time.Second != 0 || d.Or(0) < 0 {
			err = fmt.Errorf("%s: not in whole seconds", name)
		}
		return int32(d.Or(0) / time.Second)
	}
	out.InitialDelaySeconds = whole("delay", p.Delay)
	out.PeriodSeconds = whole("interval", p.Interval)
	out.TimeoutSeconds = whole("timeout", p.Timeout)
	out.FailureThreshold = int32(p.Failures.Or(0))
	return out, err
}

// Probes prints the three probes into a container.
func Probes(c *corev1.Container, p deploy.Probes) error {
	for _, one := range []struct {
		name string
		from deploy.Probe
		to   **corev1.Probe
	}{{"startup", p.Startup, &c.StartupProbe}, {"readiness", p.Readiness, &c.ReadinessProbe}, {"liveness", p.Liveness, &c.LivenessProbe}} {
		printed, err := Probe(one.from)
		if err != nil {
			return fmt.Errorf("probes.%s: %w", one.name, err)
		}
		*one.to = printed
	}
	return nil
}
