package unitfile

import (
	"fmt"
	"testing"
)

func TestParseSignal(t *testing.T) {
	for in, want := range map[string]Signal{
		"TERM": {15, "SIGTERM"}, "SIGTERM": {15, "SIGTERM"}, "15": {15, "SIGTERM"}, "HUP": {1, "SIGHUP"}, "SIGSYS": {31, "SIGSYS"},
		"STKFLT": {16, "SIGSTKFLT"}, "9": {9, "SIGKILL"}, "0x0f": {15, "SIGTERM"}, "32": {32, "32"},
		"RTMIN": {34, "SIGRTMIN"}, "SIGRTMIN+3": {37, "SIGRTMIN+3"}, "RTMAX": {64, "SIGRTMIN+30"}, "RTMAX-1": {63, "SIGRTMIN+29"}, "64": {64, "SIGRTMIN+30"},
	} {
		got, problem := ParseSignal(in)
		if got != want {
			t.Errorf("%s: %+v", in, got)
		}
		one(t, in, problem, "")
	}
	for in, want := range map[string]string{
		"term": "unknown signal; write a name such as SIGTERM, in capitals", "": "unknown signal; write a name such as SIGTERM, in capitals",
		"IOT": "unknown signal; write a name such as SIGTERM, in capitals", "0": "signal number out of range; write 1 to 64, or a name such as SIGTERM",
		"65": "signal number out of range; write 1 to 64, or a name such as SIGTERM", "RTMIN+31": "unknown real-time signal; write SIGRTMIN+0 to SIGRTMIN+30",
		"RTMIN-1": "unknown real-time signal; write SIGRTMIN+0 to SIGRTMIN+30", "RTMIN+ 3": "unknown real-time signal; write SIGRTMIN+0 to SIGRTMIN+30",
		"RTMAX+1": "unknown real-time signal; write SIGRTMIN+0 to SIGRTMIN+30", "RTMAX-31": "unknown real-time signal; write SIGRTMIN+0 to SIGRTMIN+30",
	} {
		_, problem := ParseSignal(in)
		one(t, in, problem, want)
	}
}

func TestParseExitStatuses(t *testing.T) {
	tests := []struct{ in, want, problems string }{
		{"", "[] []", ""},
		{"TEMPFAIL 250 SIGKILL", "[75 250] [{9 SIGKILL}]", ""},
		{"SUCCESS EXCEPTION 0x10 USR1 RTMIN+1", "[0 255 16] [{10 SIGUSR1} {35 SIGRTMIN+1}]", ""},
		{"1 300 FOO SIGHUP", "[1] [{1 SIGHUP}]", "0:3 exit status out of range; write 0 to 255\n0:7 neither an exit status nor a signal; write 0 to 255, or a name such as TEMPFAIL or SIGTERM\n"},
		{"EX_USAGE", "[] []", "0:1 neither an exit status nor a signal; write 0 to 255, or a name such as TEMPFAIL or SIGTERM\n"},
		{"1 'x", "[1] []", "0:3 unbalanced quote; close it, or write \\\" or \\' for a literal one\n"},
	}
	for _, test := range tests {
		set, problems := ParseExitStatuses(test.in)
		if got := fmt.Sprint(set.Codes, set.Signals); got != test.want {
			t.Errorf("%s: %s", test.in, got)
		}
		if got := texts(problems); got != test.problems {
			t.Errorf("%s: problems\n%swant\n%s", test.in, got, test.problems)
		}
	}
}
