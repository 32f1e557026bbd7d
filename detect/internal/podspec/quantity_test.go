package podspec

import (
	"math/big"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
)

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		text  string
		unit  int64
		want  int64
		exact bool
	}{
		{"1500m", nano, 1_500_000_000, true},
		{"1.5", nano, 1_500_000_000, true},
		{"0.1", nano, 100_000_000, true},
		{".5", nano, 500_000_000, true},
		{"2.", nano, 2_000_000_000, true},
		{"1n", nano, 1, true},
		{"0.5n", nano, 1, false},
		{"3e2", 1, 300, true},
		{"1E3", 1, 1000, true},
		{"1E", 1, 1_000_000_000_000_000_000, true},
		{"12e-1", nano, 1_200_000_000, true},
		{"512Mi", 1, 512 << 20, true},
		{"1.5Gi", 1, 3 << 29, true},
		{"0.1Gi", 1, 107374183, false},
		{"128M", 1, 128_000_000, true},
		{"64k", 1, 64_000, true},
		{"+1", 1, 1, true},
		{"-0", 1, 0, true},
		{"7Ei", 1, 7 << 60, true},
		{"536870912", 1, 536870912, true},
	} {
		got, exact, err := Quantity(c.text, c.unit)
		if err != nil || got != c.want || exact != c.exact {
			t.Errorf("%s: %d, %v, %v; want %d, %v", c.text, got, exact, err, c.want, c.exact)
		}
	}
	for _, text := range []string{"", "-1", "m", ".", "1.2.3", "1K", "1ki", "1Q", "1 Mi", "1e", "1e1.5", "1e999999999", "9Ei", "0x10", "1_000", "--1", "∞", "99999999999999999999"} {
		if v, _, err := Quantity(text, 1); err == nil {
			t.Errorf("%q gives %d", text, v)
		}
	}
}

// The parser of the API itself is the oracle.
func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"1500m", "0.1Gi", "3e2", "1E3", "1.5", "-1", "1K", "12e-1", "+5", "1Ei"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _, err := Quantity(text, nano)
		if err != nil {
			return // the oracle takes all memory for "1e1000000000000"
		}
		q, err := resource.ParseQuantity(text)
		if err != nil {
			t.Fatalf("%q is %d, but the API says %v", text, got, err)
		}
		// the API keeps nothing finer than a billionth and rounds up
		want := new(big.Rat).SetFrac(q.AsDec().UnscaledBig(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(q.AsDec().Scale(), 0))), nil))
		if s := q.AsDec().Scale(); s < 0 {
			want.Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-s)), nil)))
		}
		if want.Cmp(big.NewRat(got, nano)) != 0 {
			t.Errorf("%q is %d, but the API says %s", text, got, want)
		}
	})
}
