package unitfile

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	const unknown = "unknown time unit; use us, ms, s, min, h, d or w"
	const notASpan = "not a time span; write it as 90s, 5min 20s, 1h or infinity"
	const outOfRange = "time span out of range; write infinity for no end"
	tests := []struct {
		in      string
		want    Span
		problem string
	}{
		{"50", Span{Duration: 50 * time.Second}, ""},
		{"0", Span{}, ""},
		{"5min 20s", Span{Duration: 320 * time.Second}, ""},
		{"2min 200ms", Span{Duration: 120200 * time.Millisecond}, ""},
		{"500ms", Span{Duration: 500 * time.Millisecond}, ""},
		{"55s500ms", Span{Duration: 55500 * time.Millisecond}, ""},
		{"2 h", Span{Duration: 2 * time.Hour}, ""},
		{"48hr", Span{Duration: 48 * time.Hour}, ""},
		{"300ms20s 5day", Span{Duration: 5*24*time.Hour + 20300*time.Millisecond}, ""},
		{"1y 12month", Span{Duration: 2 * 31557600 * time.Second}, ""},
		{"1M", Span{Duration: 2629800 * time.Second}, ""},
		{"1m", Span{Duration: time.Minute}, ""},
		{"1.5h", Span{Duration: 90 * time.Minute}, ""},
		{".5", Span{Duration: 500 * time.Millisecond}, ""},
		{"7us 3µs 1μs", Span{Duration: 11 * time.Microsecond}, ""},
		{"0.0000001s", Span{}, ""},
		{"5 3", Span{Duration: 8 * time.Second}, ""},
		{"+5", Span{Duration: 5 * time.Second}, ""},
		{" infinity ", Span{Infinite: true}, ""},
		{"", Span{}, "empty time span; write it as 90s, 5min 20s, 1h or infinity"},
		{"5foo", Span{}, unknown},
		{"5 Min", Span{}, unknown},
		{"5ns", Span{}, unknown},
		{"s", Span{}, notASpan},
		{"5sx", Span{}, unknown},
		{"12.34.56", Span{}, notASpan},
		{"3.s", Span{}, "number that ends in a dot; write digits after the dot"},
		{"-1", Span{}, "negative time span; write it as 90s, 5min 20s, 1h or infinity"},
		{"99999999999999y", Span{}, outOfRange},
		{"99999999999999999999", Span{}, outOfRange},
		{"300y", Span{}, "time span longer than 292 years; write infinity"},
	}
	for _, test := range tests {
		got, problem := ParseSpan(test.in)
		if got != test.want {
			t.Errorf("%q: %+v", test.in, got)
		}
		one(t, test.in, problem, test.problem)
	}
	if got, _ := ParseSpanIn("5 2s", time.Millisecond); got.Duration != 2005*time.Millisecond {
		t.Error(got)
	}
}

func TestSpanAgainstSystemdAnalyze(t *testing.T) {
	inputs := []string{
		"50", "5min 20s", "2min 200ms", "500ms", "55s500ms", "2 h", "48hr", "300ms20s 5day", "1y 12month", "1M", "1m", "1.5h", ".5", "7us 3µs", "0.0000001s",
		"5 3", "2hours", "1w 2d", "5foo", "5ns", "s", "5sx", "12.34.56", "3.s", "-1", "99999999999999y", "1.23456789s", "5s+3s", "infinity", "1week 2weeks",
	}
	for _, in := range inputs {
		got, problem := ParseSpan(in)
		want := ""
		switch {
		case got.Infinite:
			want = "infinity"
		case problem == nil:
			want = strconv.FormatInt(int64(got.Duration/time.Microsecond), 10)
		}
		m := regexp.MustCompile(`(?m)^ +.s: ([0-9]+|infinity)$`).FindStringSubmatch(analyze(t, "timespan", "--", in))
		systemd := ""
		if m != nil {
			if systemd = m[1]; systemd == fmt.Sprint(uint64(1<<64-1)) {
				systemd = "infinity"
			}
		}
		if want != systemd {
			t.Errorf("%q: got %q, systemd %q", in, want, systemd)
		}
	}
}
