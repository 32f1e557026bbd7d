package process2container

import (
	"strconv"
	"time"

	"github.com/deploylift/lift/deploy"
)

// How a probe asks when the source says nothing of it.
const (
	probeInterval = 10 * time.Second
	probeTimeout  = 3 * time.Second
	probeFailures = 3
)

// probes completes the readiness probe. compose asks inside the container, so an HTTP request needs a client that the image has.
func (o one) probes() {
	p := &o.w.Probes.Readiness
	from, to := o.from.Join("probes", "readiness"), o.to.Join("probes", "readiness")
	if !p.Path.IsSet() && len(p.Command.Argv) == 0 {
		return
	}
	if p.Path.IsSet() && !p.Client.IsSet() {
		client := map[string]string{"node": "node", "python": "python3"}[o.was.Source.Language.Or("")]
		if client == "" {
			for _, leaf := range []string{"path", "port", "interval", "timeout", "delay", "failures"} {
				if !deploy.Has(o.src, from.Join(leaf)) {
					continue
				}
				o.l.Drop(from.Join(leaf), "the image has no program that could ask: compose runs health checks inside the container", "add a health subcommand to the program and name it in healthcheck.test")
			}
			*p = deploy.Probe{}
			return
		}
		p.Client = deploy.Some(client)
		o.l.Assume(to.Join("client"), client, "the health check is made by the program that the image has anyway")
	}
	why := "the source does not say how often its health is asked for"
	if !p.Interval.IsSet() {
		p.Interval = deploy.Some(probeInterval)
		o.l.Assume(to.Join("interval"), probeInterval.String(), why)
	}
	if !p.Timeout.IsSet() {
		p.Timeout = deploy.Some(probeTimeout)
		o.l.Assume(to.Join("timeout"), probeTimeout.String(), why)
	}
	if !p.Failures.IsSet() {
		p.Failures = deploy.Some(int64(probeFailures))
		o.l.Assume(to.Join("failures"), strconv.Itoa(probeFailures), why)
	}
	if !p.Delay.IsSet() {
		delay := o.startDelay()
		p.Delay = deploy.Some(delay)
		o.l.Assume(to.Join("delay"), delay.String(), "failures do not count as long as the supervisor would wait for the start, at most a minute")
	}
}

func (o one) startDelay() time.Duration {
	if l, ok := o.was.Start.Timeout.Get(); ok {
		if d, bounded := l.Get(); bounded && d < time.Minute {
			return d
		}
	}
	return time.Minute
}
