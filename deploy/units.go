package deploy

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// FromUnits returns the exact text form of a value that a person wrote for the leaf at path: amounts as 512Mi or 2G, CPU as 250m or 1.5, in Kubernetes' units; all else as Set takes it. It fails on
// a path that leads to no leaf and on a text of the wrong kind.
func FromUnits(path Path, text string) (string, error) {
	var a App
	v, s, err := walk(reflect.ValueOf(&a).Elem(), path, true)
	if err != nil {
		return "", err
	}
	if s.class != isLeaf {
		return "", fmt.Errorf("%s has no value of its own", path)
	}
	l := asLeaf(v)
	exact := text
	if text != "unlimited" {
		switch l.(type) {
		case *Opt[Bytes], *Opt[Limit[Bytes]]:
			if exact, err = scaled(text, 1, "Ki", 1<<10, "Mi", 1<<20, "Gi", 1<<30, "Ti", 1<<40, "k", 1e3, "M", 1e6, "G", 1e9, "T", 1e12); err != nil {
				return "", fmt.Errorf("%q is no amount", text)
			}
		case *Opt[NanoCPU], *Opt[Limit[NanoCPU]]:
			if exact, err = scaled(text, 1e9, "m", 1e6); err != nil {
				return "", fmt.Errorf("%q is no share of CPUs", text)
			}
		}
	}
	if err := l.parse(exact); err != nil {
		switch l.(type) {
		case *Opt[int64], *Opt[Limit[int64]]:
			return "", fmt.Errorf("%q is no whole number", text)
		case *Opt[bool]:
			return "", fmt.Errorf("%q is neither true nor false", text)
		case *Opt[time.Duration], *Opt[Limit[time.Duration]]:
			return "", fmt.Errorf("%q is no span of time", text)
		}
		return "", err
	}
	if n, err := strconv.ParseInt(exact, 10, 64); err == nil && n < 0 {
		return "", fmt.Errorf("%q is less than nothing", text)
	}
	return exact, nil
}

// InUnits returns the text form of a leaf's value as a person would write it: 512Mi, 250m. FromUnits reads it back.
func InUnits(path Path, text string) string {
	var a App
	v, s, err := walk(reflect.ValueOf(&a).Elem(), path, true)
	if err != nil || s.class != isLeaf {
		return text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return text
	}
	switch asLeaf(v).(type) {
	case *Opt[Bytes], *Opt[Limit[Bytes]]:
		for _, u := range []string{"Ki", "Mi", "Gi", "Ti"} {
			if n%1024 != 0 {
				break
			}
			n /= 1024
			text = strconv.FormatInt(n, 10) + u
		}
	case *Opt[NanoCPU], *Opt[Limit[NanoCPU]]:
		switch {
		case n%1e9 == 0:
			return strconv.FormatInt(n/1e9, 10)
		case n%1e6 == 0:
			return strconv.FormatInt(n/1e6, 10) + "m"
		}
		return strings.TrimRight(new(big.Rat).SetFrac64(n, 1e9).FloatString(9), "0")
	}
	return text
}

// scaled reads a decimal number with one of the units, given in pairs with what each is worth; base is the worth of a number without one. The result must be whole.
func scaled(text string, base int64, units ...any) (string, error) {
	worth := base
	for i := 0; i < len(units); i += 2 {
		if number, ok := strings.CutSuffix(text, units[i].(string)); ok {
			text = number
			switch w := units[i+1].(type) {
			case int:
				worth = int64(w)
			case float64:
				worth = int64(w)
			}
			break
		}
	}
	if strings.Trim(text, "0123456789.") != "" || text == "" {
		return "", fmt.Errorf("no number")
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return "", fmt.Errorf("no number")
	}
	if r.Mul(r, new(big.Rat).SetInt64(worth)); !r.IsInt() || !r.Num().IsInt64() {
		return "", fmt.Errorf("not whole, or too large")
	}
	return r.Num().String(), nil
}
