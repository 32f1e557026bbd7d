package podspec

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// binary and decimal suffixes of a quantity, as powers of 2 and of 10.
var (
	binarySuffix  = map[string]uint{"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
	decimalSuffix = map[string]int{"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
)

var (
	errQuantity = errors.New("is no quantity")
	errNegative = errors.New("is below zero")
	errHuge     = errors.New("is beyond all bounds")
)

const maxQuantity = 64 // characters; a longer one is nonsense and would only cost time

// Quantity reads a Kubernetes quantity ("1500m", "1.5Gi", "3e2") in units of 1/unit: with unit 1e9 "1500m" is 1_500_000_000. It is exact; where the quantity is finer than the unit it is
// rounded up, as Kubernetes does, and exact is false.
//
// Kubernetes API: Quantity, "<signedNumber><suffix>".
func Quantity(text string, unit int64) (v int64, exact bool, err error) {
	if len(text) > maxQuantity {
		return 0, false, errQuantity
	}
	number := strings.TrimLeft(text, "+-")
	if sign := text[:len(text)-len(number)]; len(sign) > 1 {
		return 0, false, errQuantity
	} else if sign == "-" {
		err = errNegative
	}
	end := 0
	for end < len(number) && (number[end] >= '0' && number[end] <= '9' || number[end] == '.') {
		end++
	}
	digits, suffix := number[:end], number[end:]
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole+fraction == "" || strings.Contains(fraction, ".") {
		return 0, false, errQuantity
	}
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return 0, false, errQuantity
	}
	ten := len(fraction) * -1 // power of ten
	switch bits, isBinary := binarySuffix[suffix]; {
	case isBinary:
		n.Lsh(n, bits)
	default:
		power, isDecimal := decimalSuffix[suffix]
		if !isDecimal {
			if power, ok = exponent(suffix); !ok {
				return 0, false, errQuantity
			}
		}
		ten += power
	}
	if err != nil && n.Sign() != 0 {
		return 0, false, err
	}
	n.Mul(n, big.NewInt(unit))
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(ten, -ten))), nil)
	exact = true
	if ten >= 0 {
		n.Mul(n, p)
	} else {
		rest := new(big.Int)
		n.QuoRem(n, p, rest)
		if rest.Sign() != 0 {
			n.Add(n, big.NewInt(1))
			exact = false
		}
	}
	if !n.IsInt64() {
		return 0, false, errHuge
	}
	return n.Int64(), exact, nil
}

// exponent reads "e3" or "E-2".
func exponent(suffix string) (int, bool) {
	if len(suffix) < 2 || suffix[0] != 'e' && suffix[0] != 'E' || len(suffix) > 5 {
		return 0, false
	}
	n, err := strconv.Atoi(suffix[1:])
	return n, err == nil && n >= -99 && n <= 99
}
