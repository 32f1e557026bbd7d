package unitfile

import "testing"

func TestParseLimit(t *testing.T) {
	n := func(v uint64) Limit { return Limit{N: v} }
	infinite := Limit{Infinite: true}
	tests := []struct {
		key, in    string
		soft, hard Limit
		problem    string
	}{
		{"LimitNOFILE", "1024", n(1024), n(1024), ""},
		{"LimitNOFILE", "1024:524288", n(1024), n(524288), ""},
		{"LimitNOFILE", "infinity", infinite, infinite, ""},
		{"LimitNOFILE", "1024:infinity", n(1024), infinite, ""},
		{"LimitNOFILE", "0x10", n(16), n(16), ""},
		{"LimitCORE", "1.5K", n(1536), n(1536), ""},
		{"LimitMEMLOCK", "8M:16M", n(8 << 20), n(16 << 20), ""},
		{"LimitCPU", "5min", n(300), n(300), ""},
		{"LimitCPU", "500ms", n(1), n(1), ""},
		{"LimitRTTIME", "5", n(5), n(5), ""},
		{"LimitRTTIME", "5ms:1s", n(5000), n(1e6), ""},
		{"LimitNICE", "+5", n(15), n(15), ""},
		{"LimitNICE", "-20", n(40), n(40), ""},
		{"LimitNICE", "0", n(0), n(0), ""},
		{"LimitNICE", "30:40", n(30), n(40), ""},
		{"LimitNOFILE", "20:10", Limit{}, Limit{}, "soft limit above the hard limit; write the smaller one first: soft:hard"},
		{"LimitNOFILE", "infinity:10", Limit{}, Limit{}, "soft limit above the hard limit; write the smaller one first: soft:hard"},
		{"LimitNOFILE", "1K", Limit{}, Limit{}, "not a number; write a whole number without a unit"},
		{"LimitNOFILE", "5:", Limit{}, Limit{}, "not a number; write a whole number without a unit"},
		{"LimitNOFILE", "-5", Limit{}, Limit{}, "negative number; write a whole number without a unit"},
		{"LimitNOFILE", "18446744073709551615", Limit{}, Limit{}, "limit out of range; write infinity for no limit"},
		{"LimitCORE", "1Q", Limit{}, Limit{}, `unknown unit "Q"; use K, M, G or T`},
		{"LimitNICE", "41", Limit{}, Limit{}, "nice level out of range; write a nice level from -20 to +19 with its sign, or 0 to 40"},
		{"LimitNICE", "infinity", Limit{}, Limit{}, "not a nice level; write a nice level from -20 to +19 with its sign, or 0 to 40"},
		{"LimitFOO", "1", Limit{}, Limit{}, "unknown resource limit LimitFOO; use one of the Limit directives of systemd.exec(5)"},
	}
	for _, test := range tests {
		soft, hard, problem := ParseLimit(test.key, test.in)
		if soft != test.soft || hard != test.hard {
			t.Errorf("%s=%s: %+v %+v", test.key, test.in, soft, hard)
		}
		one(t, test.in, problem, test.problem)
	}
	if _, _, problem := ParseLimit("LimitNOFILE", "1024:x"); problem == nil || problem.Column != 6 {
		t.Error(problem)
	}
}
