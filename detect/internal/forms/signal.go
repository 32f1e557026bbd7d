package forms

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

var signals = [...]string{
	1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1", 11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM",
	16: "STKFLT", 17: "CHLD", 18: "CONT", 19: "STOP", 20: "TSTP", 21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU", 25: "XFSZ", 26: "VTALRM", 27: "PROF", 28: "WINCH", 29: "IO",
	30: "PWR", 31: "SYS",
}

const firstRealtime, lastRealtime = 34, 64 // as the container runtimes number them

// SignalName brings a signal ("15", "term", "SIGRTMIN+3") into the form SIGTERM.
func SignalName(text string) (string, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		switch {
		case n > 0 && n < len(signals):
			return "SIG" + signals[n], true
		case n == firstRealtime:
			return "SIGRTMIN", true
		case n > firstRealtime && n <= lastRealtime:
			return "SIGRTMIN+" + strconv.Itoa(n-firstRealtime), true
		}
		return "", false
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	for _, s := range signals {
		if s != "" && s == name {
			return "SIG" + s, true
		}
	}
	if name == "POLL" {
		return "SIGIO", true
	}
	if m := realtime.FindStringSubmatch(name); m != nil {
		n, err := strconv.Atoi("0" + strings.TrimLeft(m[2], "+-"))
		return "SIG" + name, err == nil && n <= lastRealtime-firstRealtime
	}
	return "", false
}

var realtime = lazyregexp.New(`^(RTMIN|RTMAX)(\+[0-9]{1,2}|-[0-9]{1,2})?$`)
