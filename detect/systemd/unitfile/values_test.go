package unitfile

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestParseBool(t *testing.T) {
	for _, s := range []string{"1", "yes", "Y", "true", "T", "On"} {
		if v, problem := ParseBool(s); !v || problem != nil {
			t.Error(s, v, problem)
		}
	}
	for _, s := range []string{"0", "no", "N", "FALSE", "f", "off"} {
		if v, problem := ParseBool(s); v || problem != nil {
			t.Error(s, v, problem)
		}
	}
	for _, s := range []string{"", "2", "maybe", " yes"} {
		_, problem := ParseBool(s)
		one(t, s, problem, "not a boolean; write yes or no")
	}
}

func TestParseSize(t *testing.T) {
	const notASize = "not a size; write a number such as 512M, a percentage or infinity"
	const outOfRange = "size out of range; write infinity for no limit"
	tests := []struct {
		in      string
		want    Size
		problem string
	}{
		{"0", Size{}, ""},
		{"1024", Size{Bytes: 1024}, ""},
		{"2G", Size{Bytes: 2 << 30}, ""},
		{"5B", Size{Bytes: 5}, ""},
		{"2 K", Size{Bytes: 2048}, ""},
		{"1.5G", Size{Bytes: 3 << 29}, ""},
		{"0.1G", Size{Bytes: 107374182}, ""},
		{"10.M", Size{Bytes: 10 << 20}, ""},
		{"1G 500M", Size{Bytes: 1<<30 + 500<<20}, ""},
		{"1K5", Size{Bytes: 1029}, ""},
		{"+5", Size{Bytes: 5}, ""},
		{"15E", Size{Bytes: 15 << 60}, ""},
		{"infinity", Size{Infinite: true}, ""},
		{"50%", Size{Relative: true, Permyriad: 5000}, ""},
		{"12.25%", Size{Relative: true, Permyriad: 1225}, ""},
		{"2Q", Size{}, `unknown unit "Q"; use K, M, G or T`},
		{"2g", Size{}, `unknown unit "g"; use K, M, G or T`},
		{"2GB", Size{}, `unknown unit "GB"; use K, M, G or T`},
		{"2 MiB", Size{}, `unknown unit "MiB"; use K, M, G or T`},
		{"500M 1G", Size{}, "units out of order; write large units before small ones, each once"},
		{"1K 1K", Size{}, "units out of order; write large units before small ones, each once"},
		{"", Size{}, notASize},
		{"K", Size{}, notASize},
		{".5K", Size{}, notASize},
		{"5K ", Size{}, notASize},
		{"-1", Size{}, "negative size; write a number such as 512M, a percentage or infinity"},
		{"16E", Size{}, outOfRange},
		{"15.99E", Size{}, outOfRange},
		{"18446744073709551615", Size{Bytes: 1<<64 - 1}, outOfRange},
		{"99999999999999999999", Size{}, outOfRange},
		{"101%", Size{Relative: true}, "more than 100 %; write at most 100%"},
		{"1.00000000000000000000K", Size{}, "too many decimals in a size; write a number such as 512M, a percentage or infinity"},
	}
	for _, test := range tests {
		got, problem := ParseSize(test.in)
		if got != test.want {
			t.Errorf("%q: %+v", test.in, got)
		}
		one(t, test.in, problem, test.problem)
	}
}

func TestParseCPUQuota(t *testing.T) {
	const shape = "not a percentage; write it as 50% or 12.5%, with at most two decimals"
	tests := []struct {
		in      string
		want    int64
		problem string
	}{
		{"150%", 1_500_000_000, ""},
		{"100%", 1_000_000_000, ""},
		{"20.5%", 205_000_000, ""},
		{"0.01%", 100_000, ""},
		{"33.33%", 333_300_000, ""},
		{"5‰", 5_000_000, ""},
		{"5.5‰", 5_500_000, ""},
		{"5‱", 500_000, ""},
		{"6400%", 64_000_000_000, ""},
		{"0%", 0, "a CPU quota of zero; write at least 1%, or nothing for no limit"},
		{"50", 0, "CPU quota without a percent sign; write 100% for one CPU, 200% for two"},
		{"", 0, shape},
		{"%", 0, shape},
		{"1.234%", 0, shape},
		{"5.55‰", 0, shape},
		{"1.%", 0, shape},
		{"1.x%", 0, shape},
		{"1e3%", 0, shape},
		{"-5%", 0, "percentage out of range; write it as 50%"},
		{"99999999%", 0, "percentage out of range; write it as 50%"},
	}
	for _, test := range tests {
		got, problem := ParseCPUQuota(test.in)
		if got != test.want {
			t.Errorf("%q: %d", test.in, got)
		}
		one(t, test.in, problem, test.problem)
	}
}

func TestParseMode(t *testing.T) {
	for in, want := range map[string]uint32{"0755": 0o755, "22": 0o22, "0": 0, "7777": 0o7777, "000027": 0o27} {
		got, problem := ParseMode(in)
		if got != want {
			t.Errorf("%s: %o", in, got)
		}
		one(t, in, problem, "")
	}
	for in, want := range map[string]string{
		"": "not an octal mode; write it as 0755", "8": "not an octal mode; write it as 0755", "u=rwx": "not an octal mode; write it as 0755",
		"+22": "not an octal mode; write it as 0755", "17777": "mode out of range; write at most 7777", strings.Repeat("7", 30): "mode out of range; write at most 7777",
	} {
		_, problem := ParseMode(in)
		one(t, in, problem, want)
	}
}

func TestParseAccount(t *testing.T) {
	for in, want := range map[string]Account{
		"root": {Name: "root"}, "www-data": {Name: "www-data"}, "a b": {Name: "a b"}, "DOM\\user": {Name: "DOM\\user"}, "ä.b": {Name: "ä.b"}, "1a": {Name: "1a"},
		"0": {"0", true, 0}, "1000": {"1000", true, 1000}, "4294967294": {"4294967294", true, 4294967294},
	} {
		got, problem := ParseAccount(in)
		if got != want {
			t.Errorf("%s: %+v", in, got)
		}
		one(t, in, problem, "")
	}
	const invalid = "invalid user or group name; write a name of letters, digits, - and _, or a numeric ID"
	const number = "invalid numeric ID; write a number below 65535, or from 65536 to 4294967294"
	for in, want := range map[string]string{
		"":  "empty user or group name; write a name of letters, digits, - and _, or a numeric ID",
		".": invalid, "..": invalid, "a/b": invalid, "a:b": invalid, " a": invalid, "a ": invalid, "-1": invalid, "a\xff": invalid,
		"a\tb":  "control character in a user or group name; write a name of letters, digits, - and _, or a numeric ID",
		"65535": number, "4294967295": number, "99999999999": number,
		"0123": "numeric ID with a leading zero; remove the zero",
	} {
		_, problem := ParseAccount(in)
		one(t, in, problem, want)
	}
}

// directives holds values that systemd takes or refuses, for the comparison with systemd-analyze verify.
var directives = []struct{ key, value string }{
	{"MemoryMax", "2Q"},
	{"MemoryMax", "2G"},
	{"MemoryMax", "1.5G"},
	{"MemoryMax", "50%"},
	{"MemoryMax", "101%"},
	{"MemoryMax", "infinity"},
	{"MemoryMax", "2g"},
	{"MemoryMax", "2GB"},
	{"MemoryMax", "1G 500M"},
	{"MemoryMax", "500M 1G"},
	{"MemoryMax", "99999999999999999999"},
	{"CPUQuota", "150%"},
	{"CPUQuota", "0%"},
	{"CPUQuota", "50"},
	{"CPUQuota", "20.5%"},
	{"CPUQuota", "1.234%"},
	{"CPUQuota", "5‰"},
	{"KillSignal", "SIGTERM"},
	{"KillSignal", "INT"},
	{"KillSignal", "term"},
	{"KillSignal", "RTMIN+3"},
	{"KillSignal", "RTMIN+31"},
	{"KillSignal", "9"},
	{"KillSignal", "65"},
	{"KillSignal", "IOT"},
	{"LimitNOFILE", "1024:2048"},
	{"LimitNOFILE", "2048:1024"},
	{"LimitNOFILE", "1K"},
	{"LimitNOFILE", "infinity"},
	{"LimitCORE", "1K"},
	{"LimitCPU", "5min"},
	{"LimitNICE", "+5"},
	{"LimitNICE", "41"},
	{"LimitRTTIME", "5ms"},
	{"LimitAS", "x"},
	{"TimeoutStopSec", "5min 20s"},
	{"TimeoutStopSec", "5foo"},
	{"TimeoutStopSec", "infinity"},
	{"TimeoutStopSec", "-1"},
	{"TimeoutStopSec", "1.5h"},
	{"TimeoutStopSec", "3.s"},
	{"UMask", "0027"},
	{"UMask", "9"},
	{"UMask", "17777"},
	{"PrivateTmp", "yes"},
	{"PrivateTmp", "T"},
	{"RemainAfterExit", "2"},
	{"SuccessExitStatus", "TEMPFAIL 250 SIGUSR1"},
	{"SuccessExitStatus", "300"},
	{"SuccessExitStatus", "SIGFOO"},
	{"SuccessExitStatus", "EX_USAGE"},
	{"SuccessExitStatus", "KILL 0x10"},
	{"Environment", `A=b "C=d e"`},
	{"Environment", "A=b c"},
	{"Environment", "1=2"},
	{"Environment", `A=\q`},
	{"Environment", `A="b`},
	{"Environment", "A=%Q"},
	{"Environment", "A=%%Q"},
	{"ExecStop", "-bin/x"},
	{"ExecStop", "-/bin/true %Q"},
	{"ExecStop", "-/bin/true 'a"},
	{"ExecStop", "-/bin/true ; -/bin/true"},
	{"ExecStop", "-/bin/"},
}

func checkDirective(key, value string) bool {
	specifiers := SystemSpecifiers("x.service", "/x.service")
	var problem *Problem
	var problems []Problem
	switch key {
	case "MemoryMax":
		_, problem = ParseSize(value)
	case "CPUQuota":
		_, problem = ParseCPUQuota(value)
	case "KillSignal":
		_, problem = ParseSignal(value)
	case "TimeoutStopSec":
		_, problem = ParseSpan(value)
	case "UMask":
		_, problem = ParseMode(value)
	case "PrivateTmp", "RemainAfterExit":
		_, problem = ParseBool(value)
	case "SuccessExitStatus":
		_, problems = ParseExitStatuses(value)
	case "Environment":
		_, problems = ParseEnvironment(value, specifiers)
	case "ExecStop":
		_, problems = ParseCommands(value, specifiers)
	default:
		_, _, problem = ParseLimit(key, value)
	}
	return problem == nil && len(problems) == 0
}

func FuzzValues(f *testing.F) {
	for _, d := range directives {
		f.Add(d.value)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ParseBool(s)
		ParseMode(s)
		ParseCount(s)
		if v, problem := ParseSize(s); problem == nil && (v.Relative && v.Permyriad > 10000 || v.Permyriad < 0) {
			t.Fatalf("%+v", v)
		}
		if n, problem := ParseCPUQuota(s); problem == nil && n <= 0 {
			t.Fatal(n)
		}
		if v, problem := ParseSpan(s); problem == nil {
			if v.Duration < 0 || v.Infinite && v.Duration != 0 {
				t.Fatalf("%+v", v)
			}
			again, problem := ParseSpan(strconv.FormatInt(int64(v.Duration/time.Microsecond), 10) + "us")
			if problem != nil || !v.Infinite && again != v {
				t.Fatalf("%+v became %+v", v, again)
			}
		}
		if v, problem := ParseSignal(s); problem == nil {
			if again, problem := ParseSignal(v.Name); problem != nil || again != v || v.Number < 1 || v.Number > realTimeMax {
				t.Fatalf("%+v became %+v", v, again)
			}
		}
		for _, k := range limitKinds {
			if soft, hard, problem := ParseLimit(k.key, s); problem == nil && !hard.Infinite && (soft.Infinite || soft.N > hard.N) {
				t.Fatalf("%s %+v %+v", k.key, soft, hard)
			}
		}
		if v, problem := ParseAccount(s); problem == nil && (v.Name != s || v.Numeric && fmt.Sprint(v.ID) != s) {
			t.Fatalf("%+v", v)
		}
		set, _ := ParseExitStatuses(s)
		for _, code := range set.Codes {
			if code < 0 || code > 255 {
				t.Fatal(code)
			}
		}
	})
}
