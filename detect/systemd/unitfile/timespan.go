package unitfile

import (
	"math"
	"math/bits"
	"strings"
	"time"
)

// Span is a time span or no end.
type Span struct {
	Duration time.Duration
	Infinite bool
}

// spanUnits in an order in which the first prefix that fits is the right one.
var spanUnits = [...]struct {
	name  string
	micro uint64
}{
	{"seconds", 1e6},
	{"second", 1e6},
	{"sec", 1e6},
	{"s", 1e6},
	{"minutes", 60e6},
	{"minute", 60e6},
	{"min", 60e6},
	{"months", monthMicro},
	{"month", monthMicro},
	{"M", monthMicro},
	{"msec", 1e3},
	{"ms", 1e3},
	{"m", 60e6},
	{"hours", 3600e6},
	{"hour", 3600e6},
	{"hr", 3600e6},
	{"h", 3600e6},
	{"days", 86400e6},
	{"day", 86400e6},
	{"d", 86400e6},
	{"weeks", 7 * 86400e6},
	{"week", 7 * 86400e6},
	{"w", 7 * 86400e6},
	{"years", yearMicro},
	{"year", yearMicro},
	{"y", yearMicro},
	{"usec", 1},
	{"us", 1},
	{"µs", 1},
	{"μs", 1},
}

const (
	monthMicro = 2629800e6  // 30.4375 days; systemd.time(7) rounds to 30.44
	yearMicro  = 31557600e6 // 365.25 days
	spanRemedy = "write it as 90s, 5min 20s, 1h or infinity"
	spanUnit   = "use us, ms, s, min, h, d or w"
)

// ParseSpan reads a time span (systemd.time(7), PARSING TIME SPANS) in which a bare number is seconds.
func ParseSpan(s string) (Span, *Problem) { return ParseSpanIn(s, time.Second) }

// ParseSpanIn reads a time span in which a bare number counts units of the given length, whole microseconds.
func ParseSpanIn(s string, unit time.Duration) (Span, *Problem) {
	micro, infinite, problem := parseMicro(s, uint64(max(unit/time.Microsecond, 1)))
	if problem == nil && !infinite && micro > math.MaxInt64/uint64(time.Microsecond) {
		problem = fault(0, "time span longer than 292 years", "write infinity")
	}
	if problem != nil {
		return Span{}, problem
	}
	return Span{time.Duration(micro) * time.Microsecond, infinite}, nil
}

// parseMicro reads a time span as microseconds, as systemd counts.
func parseMicro(s string, unit uint64) (total uint64, infinite bool, problem *Problem) {
	if trim(s) == "infinity" {
		return 0, true, nil
	}
	outOfRange := func(i int) (uint64, bool, *Problem) {
		return 0, false, fault(i, "time span out of range", "write infinity for no end")
	}
	for i := 0; ; {
		i = skipWhite(s, i)
		if i == len(s) {
			if total == 0 && trim(s) == "" {
				return 0, false, fault(0, "empty time span", spanRemedy)
			}
			return total, false, nil
		}
		start := i
		if s[i] == '-' {
			return 0, false, fault(i, "negative time span", spanRemedy)
		}
		signed := s[i] == '+'
		if signed {
			i++
		}
		whole, next, ok := scanUint(s, i)
		dot := next < len(s) && s[next] == '.' && (next > i || !signed)
		switch {
		case next == i && !dot:
			return 0, false, fault(start, "not a time span", spanRemedy)
		case !ok || whole > math.MaxInt64:
			return outOfRange(start)
		}
		i = next
		var decimals string
		if dot {
			_, end, _ := scanUint(s, i+1)
			decimals, i = s[i+1:end], end
			if decimals == "" {
				return 0, false, fault(start, "number that ends in a dot", "write digits after the dot")
			}
		}
		bare := i
		i = skipWhite(s, i)
		factor, length := unit, 0
		for _, u := range spanUnits {
			if strings.HasPrefix(s[i:], u.name) {
				factor, length = u.micro, len(u.name)
				break
			}
		}
		if end := i + length; length > 0 && end < len(s) && isLetter(s[end]) {
			return 0, false, fault(i, "unknown time unit", spanUnit)
		}
		i += length
		if length == 0 {
			if i < len(s) && !isDigit(s[i]) && s[i] != '.' && s[i] != '+' && s[i] != '-' {
				return 0, false, fault(i, "unknown time unit", spanUnit)
			}
			if i == bare && i < len(s) {
				return 0, false, fault(i, "not a time span", spanRemedy)
			}
		}
		hi, n := bits.Mul64(whole, factor)
		if hi != 0 || n > math.MaxUint64-1-total || whole >= math.MaxUint64/factor {
			return outOfRange(start)
		}
		total += n
		for m, k := factor/10, 0; k < len(decimals); m, k = m/10, k+1 {
			part := uint64(decimals[k]-'0') * m
			if part >= math.MaxUint64-total {
				return outOfRange(start)
			}
			total += part
		}
	}
}
