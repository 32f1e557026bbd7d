package compose

import (
	"math/big"
	"strconv"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
)

// one value of a kind, or a finding

func (r *reader) truth(n yamldoc.Node) (bool, bool)             { return parsed(r, n, truth) }
func (r *reader) bytes(n yamldoc.Node) (deploy.Bytes, bool)     { return parsed(r, n, byteSize) }
func (r *reader) number(n yamldoc.Node) (int64, bool)           { return parsed(r, n, wholeNumber) }
func (r *reader) duration(n yamldoc.Node) (time.Duration, bool) { return parsed(r, n, duration) }

func parsed[T any](r *reader, n yamldoc.Node, parse func(string) (T, *wrong)) (v T, ok bool) {
	t, ok := r.text(n)
	if !ok {
		return v, false
	}
	v, w := parse(t)
	if w != nil {
		r.bad(n, w)
	}
	return v, w == nil
}

// limits

// twice reports, for a value that compose lets one write in two places, that they differ.
func (s *svc) twice(n yamldoc.Node, same bool, other string) bool {
	if !same {
		s.bad(n, wrongf("write it in one place", "%s says another value", other))
	}
	return !same
}

func (s *svc) cpuLimit(other string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		t, ok := s.text(n)
		if !ok {
			return
		}
		v, exact, w := nanoCPU(t)
		if w != nil {
			s.bad(n, w)
			return
		}
		l := deploy.Bound(v)
		if v == 0 {
			l = deploy.Unlimited[deploy.NanoCPU]()
		}
		old, set := s.w.Resources.CPU.Limit.Get()
		if s.twice(n, !set || old == l, other) {
			return
		}
		s.w.Resources.CPU.Limit = deploy.Some(l)
		at := s.at.Join("resources", "cpu", "limit")
		if !exact {
			s.almost(n, "docker counts billionths of a CPU", "write at most nine decimals", at)
			return
		}
		s.give(n, at)
	}
}

func (s *svc) cpuRequest(n yamldoc.Node) {
	if t, ok := s.text(n); ok {
		v, exact, w := nanoCPU(t)
		switch at := s.at.Join("resources", "cpu", "request"); {
		case w != nil:
			s.bad(n, w)
		case !exact:
			s.w.Resources.CPU.Request = deploy.Some(v)
			s.almost(n, "docker counts billionths of a CPU", "write at most nine decimals", at)
		default:
			s.w.Resources.CPU.Request = deploy.Some(v)
			s.give(n, at)
		}
	}
}

// cpuShares reads the weight: 1024 shares are the usual weight of 100.
func (s *svc) cpuShares(n yamldoc.Node) {
	v, ok := s.number(n)
	switch {
	case !ok:
		return
	case v < 0 || v > 262144:
		s.bad(n, wrongf("write a number from 2 to 262144", "%d shares", v))
		return
	case v == 0:
		s.inert(n, "0: the usual weight")
		return
	}
	at := s.at.Join("resources", "cpu", "weight")
	weight := (v*100 + 512) / 1024
	if weight == 0 {
		weight = 1
	}
	s.w.Resources.CPU.Weight = deploy.Some(weight)
	if weight*1024 == v*100 || weight*1024/100 == v {
		s.give(n, at)
		return
	}
	s.almost(n, "a weight is counted in hundredths of the usual one: "+strconv.FormatInt(weight, 10), "write a multiple of 10.24", at)
}

// cpuQuota reads cpu_quota and cpu_period, which together are a limit.
func (s *svc) cpuQuota(n yamldoc.Node) {
	quota, ok := s.number(n)
	if !ok {
		return
	}
	period := int64(100_000)
	p := s.node.Get("cpu_period")
	if p.Exists() && !p.IsNull() {
		if period, ok = s.number(p); !ok {
			s.orphans(n, "the period is not known")
			return
		}
	}
	switch {
	case quota <= 0:
		s.inert(n, "no quota")
		return
	case period <= 0:
		s.bad(n, wrongf("write a period in microseconds", "a period of %d", period))
		return
	case s.w.Resources.CPU.Limit.IsSet():
		s.bad(n, wrongf("write one of them", "both cpus and cpu_quota"))
		return
	}
	r := new(big.Rat).SetFrac64(quota, period)
	v, ok := whole(r.Mul(r, big.NewRat(1_000_000_000, 1)))
	if !ok {
		s.bad(n, wrongf("write a quota in microseconds", "a quota of %d", quota))
		return
	}
	s.w.Resources.CPU.Limit = deploy.Some(deploy.Bound(deploy.NanoCPU(v)))
	at := s.at.Join("resources", "cpu", "limit")
	s.part(n, at)
	if p.Exists() && !p.IsNull() {
		s.part(p, at)
	}
}

func (s *svc) cpuPeriod(n yamldoc.Node) {
	s.orphans(n, "a period alone, without cpu_quota, limits nothing")
}

func (s *svc) memoryLimit(other string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		v, ok := s.bytes(n)
		if !ok {
			return
		}
		l := deploy.Bound(v)
		if v == 0 {
			l = deploy.Unlimited[deploy.Bytes]()
		}
		old, set := s.w.Resources.Memory.Limit.Get()
		if s.twice(n, !set || old == l, other) {
			return
		}
		s.w.Resources.Memory.Limit = deploy.Some(l)
		s.give(n, s.at.Join("resources", "memory", "limit"))
	}
}

func (s *svc) memoryRequest(other string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		v, ok := s.bytes(n)
		if !ok || s.twice(n, !s.w.Resources.Memory.Request.IsSet() || s.w.Resources.Memory.Request.Is(v), other) {
			return
		}
		s.w.Resources.Memory.Request = deploy.Some(v)
		s.give(n, s.at.Join("resources", "memory", "request"))
	}
}

// swap reads memswap_limit, which is memory and swap together. It runs after the memory limit.
func (s *svc) swap(n yamldoc.Node) {
	at := s.at.Join("resources", "memory", "swap")
	t, ok := s.text(n)
	if !ok {
		return
	}
	if t == "-1" {
		s.w.Resources.Memory.Swap = deploy.Some(deploy.Unlimited[deploy.Bytes]())
		s.give(n, at)
		return
	}
	v, w := byteSize(t)
	if w != nil {
		s.bad(n, w)
		return
	}
	if v == 0 {
		s.inert(n, "0: as if it were not there")
		return
	}
	l, set := s.w.Resources.Memory.Limit.Get()
	limit, bounded := l.Get()
	switch {
	case !set || !bounded:
		s.bad(n, wrongf("set mem_limit too", "memory and swap are bounded together, memory is not"))
	case v < limit:
		s.bad(n, wrongf("write memory and swap together", "%d bytes are less than the memory alone", int64(v)))
	default:
		s.w.Resources.Memory.Swap = deploy.Some(deploy.Bound(v - limit))
		s.give(n, at)
	}
}

func (s *svc) pids(other string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		v, ok := s.number(n)
		if !ok {
			return
		}
		l := deploy.Bound(v)
		if v <= 0 {
			l = deploy.Unlimited[int64]()
		}
		old, set := s.w.Resources.Pids.Get()
		if s.twice(n, !set || old == l, other) {
			return
		}
		s.w.Resources.Pids = deploy.Some(l)
		s.give(n, s.at.Join("resources", "pids"))
	}
}

// nofile reads one number for both bounds, or {soft, hard}.
func (s *svc) nofile(n yamldoc.Node) {
	at := s.at.Join("resources", "files")
	bound := func(c yamldoc.Node) (deploy.Opt[deploy.Limit[int64]], bool) {
		v, ok := s.number(c)
		if v < 0 {
			return deploy.Some(deploy.Unlimited[int64]()), ok
		}
		return deploy.Some(deploy.Bound(v)), ok
	}
	if !n.IsMap() {
		if b, ok := bound(n); ok {
			s.w.Resources.Files = deploy.Files{Soft: b, Hard: b}
			s.give(n, at.Join("soft"), at.Join("hard"))
		}
		return
	}
	for _, e := range n.Entries() {
		switch e.Key {
		case "soft":
			if b, ok := bound(e.Value); ok {
				s.w.Resources.Files.Soft = b
				s.give(e.Value, at.Join("soft"))
			}
		case "hard":
			if b, ok := bound(e.Value); ok {
				s.w.Resources.Files.Hard = b
				s.give(e.Value, at.Join("hard"))
			}
		default:
			s.unknown(e, "ulimits", []string{"soft", "hard"})
		}
	}
}
