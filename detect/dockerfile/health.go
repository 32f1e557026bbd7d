package dockerfile

import (
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
)

// health reads HEALTHCHECK.
func (c *step) health(cmd *instructions.HealthCheckCommand) {
	n := &chosen{setting: c.setting(c.in.line, "HEALTHCHECK", c.rawText()), health: cmd, flags: map[string]bool{}}
	for _, f := range c.in.node.Flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(f, "--"), "=")
		n.flags[name] = true
		if name == "start-interval" {
			c.rec.Drop(c.setting(c.in.line, "HEALTHCHECK --start-interval", value), "a probe has one interval", "use a startup probe with an interval of its own")
		}
	}
	t := cmd.Health.Test
	switch {
	case t[0] == "CMD-SHELL":
		n.words, n.shell = t[1:], true
		if c.stage.shell[0] != "/bin/sh" || len(c.stage.shell) != 2 {
			n.words, n.shell = append(append([]string(nil), c.stage.shell...), t[1:]...), false
		}
	case t[0] == "CMD":
		n.words = t[1:]
	}
	c.pick(&c.start.health, "HEALTHCHECK", n)
}

// defaultTime is what Docker takes for the interval and the timeout of a health check. Dockerfile reference, "HEALTHCHECK".
const defaultTime = 30 * time.Second

// settleHealth makes the probe.
func (r *reader) settleHealth() {
	h := r.start.health
	if h == nil {
		return
	}
	if h.health.Health.Test[0] == "NONE" {
		r.rec.Inert(h.setting, "there is no health check, not even the base image's")
		return
	}
	p := &r.w.Probes.Readiness
	at := r.at.Join("probes", "readiness")
	var fields []deploy.Path
	for _, t := range []struct {
		field      *deploy.Opt[time.Duration]
		name, flag string
		value, def time.Duration
	}{
		{&p.Interval, "interval", "interval", h.health.Health.Interval, defaultTime},
		{&p.Timeout, "timeout", "timeout", h.health.Health.Timeout, defaultTime},
		{&p.Delay, "delay", "start-period", h.health.Health.StartPeriod, 0},
	} {
		if h.flags[t.flag] && (t.value != 0 || t.def == 0) {
			*t.field = deploy.Some(t.value)
			fields = append(fields, at.Join(t.name))
			continue
		}
		*t.field = deploy.Some(t.def)
		r.implied("HEALTHCHECK", "HEALTHCHECK --"+t.flag, t.def.String(), at.Join(t.name))
	}
	if n := int64(h.health.Health.Retries); n > 0 {
		p.Failures = deploy.Some(n)
		fields = append(fields, at.Join("failures"))
	} else {
		p.Failures = deploy.Some(int64(3))
		r.implied("HEALTHCHECK", "HEALTHCHECK --retries", "3", at.Join("failures"))
	}
	if r.opt.without["TEST"] {
		if len(fields) == 0 {
			r.rec.Override(h.setting, "the service sets another check")
			return
		}
		r.rec.Convert(h.setting, fields...)
		return
	}
	t, isHTTP, cmd := forms.TestOf(h.words, h.shell, p.Timeout.Or(defaultTime))
	if isHTTP {
		p.Path, p.Port, p.Client = deploy.Some(t.Path), deploy.Some(t.Port), deploy.Some(t.Client)
		fields = append(fields, at.Join("path"), at.Join("port"), at.Join("client"))
	} else {
		p.Command = cmd
		fields = append(fields, forms.CommandFields(cmd, at.Join("command"))...)
	}
	r.rec.Convert(h.setting, fields...)
}
