package compose

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
)

// wrong is a value of the wrong kind: what it is and how to mend it.
type wrong struct{ what, remedy string }

func (w *wrong) Error() string { return w.what }

func wrongf(remedy, format string, args ...any) *wrong {
	return &wrong{fmt.Sprintf(format, args...), remedy}
}

var durationUnits = map[string]time.Duration{
	"us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "ns": 1,
}

// duration reads "1m30s". Compose specification, "Specifying durations".
func duration(text string) (time.Duration, *wrong) {
	const remedy = "write a number with its unit: 10s, 1m30s, 500ms"
	if text == "0" {
		return 0, nil
	}
	if text == "" {
		return 0, wrongf(remedy, "no duration")
	}
	total := new(big.Rat)
	for rest := text; rest != ""; {
		n := numberLen(rest)
		num, ok := new(big.Rat).SetString(rest[:n])
		if n == 0 || n > 30 || !ok {
			return 0, wrongf(remedy, "%q is no duration", text)
		}
		rest = rest[n:]
		u := 0
		for u < len(rest) && (rest[u] < '0' || rest[u] > '9') && rest[u] != '.' {
			u++
		}
		unit, ok := durationUnits[rest[:u]]
		if !ok {
			if u == 0 {
				return 0, wrongf(remedy, "%q has no unit", text)
			}
			return 0, wrongf("use ms, s, m or h", "unknown unit %q", rest[:u])
		}
		total.Add(total, num.Mul(num, new(big.Rat).SetInt64(int64(unit))))
		rest = rest[u:]
	}
	n, ok := whole(total)
	if !ok {
		return 0, wrongf(remedy, "%q is out of range", text)
	}
	return time.Duration(n), nil
}

// numberLen is the length of the decimal number at the front of s.
func numberLen(s string) int {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	return i
}

// whole returns the number rounded down, if it fits.
func whole(r *big.Rat) (int64, bool) {
	q := new(big.Int).Quo(r.Num(), r.Denom())
	return q.Int64(), q.IsInt64()
}

// byteSize reads "512m", "1.5gb", "1024". Units are powers of 1024. Compose specification, "Specifying byte values".
func byteSize(text string) (deploy.Bytes, *wrong) {
	const remedy = "use b, k, m or g"
	t := strings.TrimSpace(text)
	n := numberLen(t)
	num, ok := new(big.Rat).SetString(t[:n])
	if n == 0 || n > 30 || !ok {
		return 0, wrongf("write a number with a unit: 512m, 1g", "%q is no amount of bytes", text)
	}
	unit := strings.ToLower(strings.TrimSpace(t[n:]))
	shift := strings.IndexByte("bkmgtp", first(unit))
	switch {
	case unit == "":
		shift = 0
	case shift < 0 || !slices.Contains([]string{"", "b", "ib"}, unit[1:]) || shift == 0 && unit != "b":
		return 0, wrongf(remedy, "unknown unit %q", strings.TrimSpace(t[n:]))
	}
	num.Mul(num, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(10*shift))))
	v, ok := whole(num)
	if !ok {
		return 0, wrongf(remedy, "%q is out of range", text)
	}
	return deploy.Bytes(v), nil
}

func first(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

// nanoCPU reads a decimal number of CPUs. exact is false when it has more than nine decimals.
func nanoCPU(text string) (n deploy.NanoCPU, exact bool, w *wrong) {
	const remedy = "write a number such as 0.5 or 2"
	r, ok := new(big.Rat).SetString(text)
	if !ok || numberLen(text) != len(text) || len(text) > 30 {
		return 0, false, wrongf(remedy, "%q is no number of CPUs", text)
	}
	r.Mul(r, new(big.Rat).SetInt64(1_000_000_000))
	v, ok := whole(r)
	if !ok {
		return 0, false, wrongf(remedy, "%q is out of range", text)
	}
	return deploy.NanoCPU(v), r.IsInt(), nil
}

// wholeNumber reads an integer, as YAML writes one or in a text.
func wholeNumber(text string) (int64, *wrong) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 0, 64)
	if err != nil {
		return 0, wrongf("write digits only", "%q is no whole number", text)
	}
	return n, nil
}

// truth reads a boolean: compose takes the words of YAML 1.1 in a text.
func truth(text string) (bool, *wrong) {
	switch strings.ToLower(text) {
	case "true", "yes", "y", "on", "1":
		return true, nil
	case "false", "no", "n", "off", "0":
		return false, nil
	}
	return false, wrongf("use true or false", "%q is neither true nor false", text)
}
