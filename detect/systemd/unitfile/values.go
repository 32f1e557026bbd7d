package unitfile

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// ParseBool reads a boolean (systemd.syntax(7), INTRODUCTION; the short forms and the indifference to case are as
// measured).
func ParseBool(s string) (bool, *Problem) {
	switch strings.ToLower(s) {
	case "1", "yes", "y", "true", "t", "on":
		return true, nil
	case "0", "no", "n", "false", "f", "off":
		return false, nil
	}
	return false, fault(0, "not a boolean", "write yes or no")
}

// Size is an amount of memory: bytes, no limit, or a part of the machine's memory.
type Size struct {
	Bytes     uint64
	Infinite  bool
	Relative  bool
	Permyriad int // with Relative: hundredths of a percent
}

const sizeRemedy = "write a number such as 512M, a percentage or infinity"

// ParseSize reads a size with base 1024 (systemd.resource-control(5), MemoryMax=). Parts add up, from large units to
// small ones: "1G 500M". Fractions are cut to whole bytes, exactly, where systemd's floating point may be off in the 17th
// digit.
func ParseSize(s string) (Size, *Problem) {
	if s == "infinity" {
		return Size{Infinite: true}, nil
	}
	if isRelative(s) {
		n, problem := ParsePercent(s)
		return Size{Relative: true, Permyriad: n}, problem
	}
	n, problem := parseBytes(s)
	if problem == nil && n == math.MaxUint64 {
		problem = fault(0, "size out of range", "write infinity for no limit")
	}
	return Size{Bytes: n}, problem
}

const sizeUnits = "EPTGMKB" // each 1024 times the next

// parseBytes reads a size without the special forms.
func parseBytes(s string) (uint64, *Problem) {
	var total uint64
	smallest := -1 // the last unit seen, as an index into sizeUnits
	for i := 0; ; {
		i = skipWhite(s, i)
		start := i
		if i < len(s) && s[i] == '-' {
			return 0, fault(i, "negative size", sizeRemedy)
		}
		if i < len(s) && s[i] == '+' {
			i++
		}
		whole, next, ok := scanUint(s, i)
		switch {
		case next == i:
			return 0, fault(start, "not a size", sizeRemedy)
		case !ok:
			return 0, fault(start, "size out of range", "write infinity for no limit")
		}
		i = next
		var fraction, scale uint64 = 0, 1
		if i < len(s) && s[i] == '.' {
			if fraction, next, ok = scanUint(s, i+1); !ok || next-i-1 > 19 {
				return 0, fault(start, "too many decimals in a size", sizeRemedy)
			}
			for range next - i - 1 {
				scale *= 10
			}
			i = next
		}
		i = skipWhite(s, i)
		unitStart := i
		for i < len(s) && !isWhite(s[i]) && !isDigit(s[i]) && strings.IndexByte(".+-", s[i]) < 0 {
			i++
		}
		unit := len(sizeUnits)
		factor := uint64(1)
		switch name := s[unitStart:i]; {
		case len(name) == 1 && strings.Contains(sizeUnits, name):
			unit = strings.Index(sizeUnits, name)
			factor = 1 << (10 * (len(sizeUnits) - 1 - unit))
		case name != "":
			return 0, fault(unitStart, "unknown unit "+strconv.Quote(name), "use K, M, G or T")
		}
		if unit <= smallest {
			return 0, fault(unitStart, "units out of order", "write large units before small ones, each once")
		}
		smallest = unit
		ceiling := whole
		if fraction > 0 {
			ceiling++
		}
		hi, bytes := bits.Mul64(whole, factor)
		if hi != 0 || ceiling == 0 && whole != 0 || ceiling > math.MaxUint64/factor {
			return 0, fault(start, "size out of range", "write infinity for no limit")
		}
		high, low := bits.Mul64(fraction, factor)
		part, _ := bits.Div64(high, low, scale)
		var carry uint64
		for _, n := range []uint64{bytes, part} {
			if total, carry = bits.Add64(total, n, 0); carry != 0 {
				return 0, fault(start, "size out of range", "write infinity for no limit")
			}
		}
		if i >= len(s) {
			return total, nil
		}
	}
}

// isRelative reports whether s is written as a part of something.
func isRelative(s string) bool {
	return strings.HasSuffix(s, "%") || strings.HasSuffix(s, "‰") || strings.HasSuffix(s, "‱")
}

// ParsePercent reads a part of a whole, from 0 to 100 %, in hundredths of a percent: 50%, 12.5%, 12.25%, 5‰, 5.5‰, 5‱.
func ParsePercent(s string) (permyriad int, problem *Problem) {
	n, problem := parsePermyriad(s)
	if problem == nil && n > 10000 {
		return 0, fault(0, "more than 100 %", "write at most 100%")
	}
	return n, problem
}

// ParseCPUQuota reads CPUQuota= (systemd.resource-control(5)) as nano-CPUs: 100 % is one CPU, 1,000,000,000. An empty
// value, which lifts the limit, is the caller's.
func ParseCPUQuota(s string) (nano int64, problem *Problem) {
	if s != "" && !isRelative(s) {
		return 0, fault(0, "CPU quota without a percent sign", "write 100% for one CPU, 200% for two")
	}
	n, problem := parsePermyriad(s)
	if problem == nil && n == 0 {
		return 0, fault(0, "a CPU quota of zero", "write at least 1%, or nothing for no limit")
	}
	return int64(n) * 100_000, problem
}

// parsePermyriad reads a part of a whole without an upper bound.
func parsePermyriad(s string) (int, *Problem) {
	digits, factor, places := s, 0, 0
	for _, form := range []struct {
		sign           string
		factor, places int
	}{{"‱", 1, 0}, {"‰", 10, 1}, {"%", 100, 2}} {
		if rest, found := strings.CutSuffix(s, form.sign); found {
			digits, factor, places = rest, form.factor, form.places
			break
		}
	}
	whole, decimals, dotted := strings.Cut(digits, ".")
	if factor == 0 || dotted && (decimals == "" || len(decimals) > places) {
		return 0, fault(0, "not a percentage", "write it as 50% or 12.5%, with at most two decimals")
	}
	fraction := 0
	for i := range places {
		fraction *= 10
		if i < len(decimals) {
			if !isDigit(decimals[i]) {
				return 0, fault(0, "not a percentage", "write it as 50% or 12.5%, with at most two decimals")
			}
			fraction += int(decimals[i] - '0')
		}
	}
	n, ok := scanInt(whole)
	switch {
	case !ok:
		return 0, fault(0, "not a percentage", "write it as 50% or 12.5%, with at most two decimals")
	case n < 0 || n > (math.MaxInt32-int64(fraction))/int64(factor):
		return 0, fault(0, "percentage out of range", "write it as 50%")
	}
	return int(n)*factor + fraction, nil
}

// ParseMode reads an octal file mode or umask: UMask=, DirectoryMode=, RuntimeDirectoryMode=.
func ParseMode(s string) (uint32, *Problem) {
	if s == "" {
		return 0, fault(0, "not an octal mode", "write it as 0755")
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '7' {
			return 0, fault(i, "not an octal mode", "write it as 0755")
		}
	}
	v, err := strconv.ParseUint(s, 8, 32)
	if err != nil || v > 0o7777 {
		return 0, fault(0, "mode out of range", "write at most 7777")
	}
	return uint32(v), nil
}

// Account is a user or a group, by name or by number.
type Account struct {
	Name    string // as written, also for a number
	Numeric bool
	ID      uint32 // with Numeric
}

// ParseAccount reads User= or Group= with systemd's relaxed rules (systemd.exec(5), User=, and "User/Group Name Syntax"
// of systemd's documentation). Specifiers must have been expanded.
func ParseAccount(s string) (Account, *Problem) {
	const remedy = "write a name of letters, digits, - and _, or a numeric ID"
	allDigits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	switch {
	case s == "":
		return Account{}, fault(0, "empty user or group name", remedy)
	case allDigits(s):
		v, err := strconv.ParseUint(s, 10, 32)
		switch {
		case err != nil || v == math.MaxUint32 || v == math.MaxUint16:
			return Account{}, fault(0, "invalid numeric ID", "write a number below 65535, or from 65536 to 4294967294")
		case len(s) > 1 && s[0] == '0':
			return Account{}, fault(0, "numeric ID with a leading zero", "remove the zero")
		}
		return Account{s, true, uint32(v)}, nil
	case s == "." || s == "..", s[0] == '-' && allDigits(s[1:]),
		s[0] == ' ' || s[len(s)-1] == ' ',
		strings.ContainsAny(s, ":/"), !validUTF8(s):
		return Account{}, fault(0, "invalid user or group name", remedy)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return Account{}, fault(i, "control character in a user or group name", remedy)
		}
	}
	return Account{Name: s}, nil
}

// scanUint reads decimal digits from index i; next is the first index after them. ok is false if they are too many.
func scanUint(s string, i int) (v uint64, next int, ok bool) {
	next, ok = i, true
	for next < len(s) && isDigit(s[next]) {
		hi, lo := bits.Mul64(v, 10)
		var carry uint64
		v, carry = bits.Add64(lo, uint64(s[next]-'0'), 0)
		if hi != 0 || carry != 0 {
			ok = false
		}
		next++
	}
	return v, next, ok
}

// scanInt reads a whole string as an integer in the way systemd reads most numbers: white space before it, a sign, and
// a base by prefix (0x, 0o, 0b, and 0 for octal, so that "010" is eight).
func scanInt(s string) (int64, bool) {
	s = strings.TrimLeft(s, white)
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || strings.Contains(s, "_") {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 0, 64)
	return v, err == nil
}
