package compose

import (
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// defaultTime is what Docker takes for the interval and the timeout of a health check. Dockerfile reference, "HEALTHCHECK".
const defaultTime = 30 * time.Second

// test is what is known of the health check before its test is read.
type test struct {
	off     bool // there is none: disable, or NONE
	present bool // the service says something of its check
	own     bool // and says what it is
}

// checkIsOff looks ahead: a check that is switched off has no other settings.
func checkIsOff(health yamldoc.Node) bool {
	if v, w := truth(health.Get("disable").Str()); w == nil && v {
		return true
	}
	t := health.Get("test")
	for _, c := range t.Items() {
		return c.Str() == "NONE"
	}
	return t.Str() == "NONE"
}

const checkOff = "the health check is switched off"

func (s *svc) healthDisable(n yamldoc.Node) {
	if v, ok := s.truth(n); ok {
		if v {
			s.inert(n, "there is no health check, not even the image's")
		} else {
			s.inert(n, "false: as if it were not there")
		}
	}
}

// checking wraps the reading of one setting of the check.
func (s *svc) checking(do func(n yamldoc.Node)) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		if s.test.off {
			s.all(n, ledger.Overridden, checkOff, "")
			return
		}
		s.test.present = true
		do(n)
	}
}

func (s *svc) healthTime(field *deploy.Opt[time.Duration], name string) func(yamldoc.Node) {
	return s.checking(func(n yamldoc.Node) {
		v, ok := s.duration(n)
		switch {
		case !ok:
			return
		case v < 0:
			s.bad(n, wrongf("write a positive one", "a negative duration"))
			return
		case v == 0 && name != "delay":
			s.inert(n, "0: docker takes its default")
			return
		}
		*field = deploy.Some(v)
		s.give(n, s.at.Join("probes", "readiness", name))
	})
}

func (s *svc) healthRetries(n yamldoc.Node) {
	v, ok := s.number(n)
	switch {
	case !ok:
	case v < 0:
		s.bad(n, wrongf("write a positive number", "%d retries", v))
	case v == 0:
		s.inert(n, "0: docker takes its default")
	default:
		s.w.Probes.Readiness.Failures = deploy.Some(v)
		s.give(n, s.at.Join("probes", "readiness", "failures"))
	}
}

// healthTest reads the check's command. It runs after the timeout.
func (s *svc) healthTest(n yamldoc.Node) {
	if s.test.off {
		s.inert(n, "there is no health check, not even the image's")
		return
	}
	s.test.present = true
	var words []string
	shell := !n.IsSeq()
	if shell {
		t, ok := s.text(n)
		if !ok {
			return
		}
		if t == "" {
			s.inert(n, emptyReason)
			return
		}
		words = []string{t}
	} else {
		all, ok := s.words(n)
		if !ok {
			return
		}
		switch {
		case len(all) == 0:
			s.inert(n, emptyReason)
			return
		case len(all) > 1 && all[0] == "CMD":
			words = all[1:]
		case len(all) == 2 && all[0] == "CMD-SHELL":
			words, shell = all[1:], true
		default:
			s.bad(n, wrongf("begin it with CMD, CMD-SHELL or NONE", "a test that docker does not know"))
			return
		}
	}
	s.test.own = true
	p := &s.w.Probes.Readiness
	at := s.at.Join("probes", "readiness")
	h, isHTTP, c := forms.TestOf(words, shell, p.Timeout.Or(defaultTime))
	if isHTTP {
		p.Path, p.Port, p.Client = deploy.Some(h.Path), deploy.Some(h.Port), deploy.Some(h.Client)
		s.giveAll(n, at.Join("path"), at.Join("port"), at.Join("client"))
		return
	}
	p.Command = c
	s.giveAll(n, forms.CommandFields(c, at.Join("command"))...)
}

// settleHealth adds Docker's own times to a check that the service has; where only the image says what the check is, its times may be the image's as well.
func (s *svc) settleHealth() {
	if !s.test.own {
		return
	}
	p := &s.w.Probes.Readiness
	at := s.at.Join("probes", "readiness")
	key := "services." + s.name + ".healthcheck."
	for _, t := range []struct {
		field     *deploy.Opt[time.Duration]
		name, key string
		value     time.Duration
	}{{&p.Interval, "interval", "interval", defaultTime}, {&p.Timeout, "timeout", "timeout", defaultTime}, {&p.Delay, "delay", "start_period", 0}} {
		if !t.field.IsSet() {
			*t.field = deploy.Some(t.value)
			s.implied("services.healthcheck", key+t.key, t.value.String(), at.Join(t.name))
		}
	}
	if !p.Failures.IsSet() {
		p.Failures = deploy.Some(int64(3))
		s.implied("services.healthcheck", key+"retries", "3", at.Join("failures"))
	}
}
