package unitfile

import (
	"math"
	"strings"
)

// Limit is one bound of a resource limit: a number in the unit of the kernel, or none.
type Limit struct {
	N        uint64
	Infinite bool
}

// limitKind is how the number of a resource limit is written.
type limitKind int

const (
	limitBytes  limitKind = iota
	limitCount            // no unit
	limitSecond           // time span, seconds for the kernel
	limitMicro            // time span in microseconds, also without a unit
	limitNice             // 0 to 40, or a nice level with its sign
)

// limitKinds after systemd.exec(5), Table 1 "Resource limit directives", in the order of the kernel's numbers.
var limitKinds = [...]struct {
	key  string
	kind limitKind
}{
	{"LimitCPU", limitSecond},
	{"LimitFSIZE", limitBytes},
	{"LimitDATA", limitBytes},
	{"LimitSTACK", limitBytes},
	{"LimitCORE", limitBytes},
	{"LimitRSS", limitBytes},
	{"LimitNPROC", limitCount},
	{"LimitNOFILE", limitCount},
	{"LimitMEMLOCK", limitBytes},
	{"LimitAS", limitBytes},
	{"LimitLOCKS", limitCount},
	{"LimitSIGPENDING", limitCount},
	{"LimitMSGQUEUE", limitBytes},
	{"LimitNICE", limitNice},
	{"LimitRTPRIO", limitCount},
	{"LimitRTTIME", limitMicro},
}

// ParseLimit reads a resource limit, "soft:hard" or one value for both (systemd.exec(5), PROCESS PROPERTIES). key is
// the directive, such as LimitNOFILE. The numbers are those of setrlimit(2): bytes, counts, seconds for LimitCPU,
// microseconds for LimitRTTIME, 20 minus the nice level for LimitNICE.
func ParseLimit(key, value string) (soft, hard Limit, problem *Problem) {
	for _, k := range limitKinds {
		if k.key != key {
			continue
		}
		first, second, both := strings.Cut(value, ":")
		if soft, problem = parseLimit(k.kind, first); problem != nil || !both {
			return soft, soft, problem
		}
		if hard, problem = parseLimit(k.kind, second); problem != nil {
			problem.Column += len(first) + 1
			return Limit{}, Limit{}, problem
		}
		if !hard.Infinite && (soft.Infinite || soft.N > hard.N) {
			return Limit{}, Limit{}, fault(0, "soft limit above the hard limit", "write the smaller one first: soft:hard")
		}
		return soft, hard, nil
	}
	return Limit{}, Limit{}, fault(0, "unknown resource limit "+key, "use one of the Limit directives of systemd.exec(5)")
}

func parseLimit(kind limitKind, s string) (Limit, *Problem) {
	if s == "infinity" && kind != limitNice {
		return Limit{Infinite: true}, nil
	}
	var n uint64
	var infinite bool
	var problem *Problem
	switch kind {
	case limitBytes:
		n, problem = parseBytes(s)
	case limitCount:
		n, problem = ParseCount(s)
	case limitSecond:
		// Rounded up, as the kernel knows whole seconds alone.
		if n, infinite, problem = parseMicro(s, 1e6); problem == nil {
			n = n/1e6 + (n%1e6+1e6-1)/1e6
		}
	case limitMicro:
		n, infinite, problem = parseMicro(s, 1)
	case limitNice:
		n, problem = parseNice(s)
	}
	if problem != nil {
		return Limit{}, problem
	}
	if n == math.MaxUint64 {
		return Limit{}, fault(0, "limit out of range", "write infinity for no limit")
	}
	return Limit{n, infinite}, nil
}

// ParseCount reads a number without a unit: LimitNOFILE=, TasksMax=, StartLimitBurst=.
func ParseCount(s string) (uint64, *Problem) {
	const remedy = "write a whole number without a unit"
	digits := strings.TrimPrefix(strings.TrimLeft(s, white), "+")
	if v, next, ok := scanUint(digits, 0); ok && next == len(digits) && next > 0 && (digits[0] != '0' || next == 1) {
		return v, nil // beyond int64, which scanInt ends at
	}
	n, ok := scanInt(s)
	switch {
	case !ok:
		return 0, fault(0, "not a number", remedy)
	case n < 0:
		return 0, fault(0, "negative number", remedy)
	}
	return uint64(n), nil
}

func parseNice(s string) (uint64, *Problem) {
	const remedy = "write a nice level from -20 to +19 with its sign, or 0 to 40"
	n, ok := scanInt(s)
	signed := strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-")
	switch {
	case !ok:
		return 0, fault(0, "not a nice level", remedy)
	case signed && (n < -20 || n > 19), !signed && (n < 0 || n > 40):
		return 0, fault(0, "nice level out of range", remedy)
	case signed:
		return uint64(20 - n), nil
	}
	return uint64(n), nil
}
