package unitfile

import (
	"slices"
	"strconv"
	"strings"
)

// Signal is a signal of Linux, by its number and its canonical name (SIGTERM, SIGRTMIN+3).
type Signal struct {
	Number int
	Name   string
}

// signals lists the names from number 1 on; signal(7), the numbers of x86 and ARM.
var signals = [...]string{
	"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
	"STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
	"PWR", "SYS",
}

const (
	realTimeMin = 34 // of glibc, which keeps 32 and 33 to itself
	realTimeMax = 64

	signalRemedy = "write a name such as SIGTERM, in capitals"
)

// ParseSignal reads a signal as KillSignal= and its kind do (systemd.kill(5)): a number, or a name in capitals with or
// without SIG, or RTMIN, RTMIN+n, RTMAX, RTMAX-n.
func ParseSignal(s string) (Signal, *Problem) {
	if n, ok := scanInt(s); ok {
		if n < 1 || n > realTimeMax {
			return Signal{}, fault(0, "signal number out of range", "write 1 to 64, or a name such as SIGTERM")
		}
		return signal(int(n)), nil
	}
	name := strings.TrimPrefix(s, "SIG")
	if i := slices.Index(signals[:], name); i >= 0 {
		return signal(i + 1), nil
	}
	if rest, found := strings.CutPrefix(name, "RTMIN"); found {
		return realTime(rest, '+', realTimeMin)
	}
	if rest, found := strings.CutPrefix(name, "RTMAX"); found {
		return realTime(rest, '-', realTimeMax)
	}
	return Signal{}, fault(0, "unknown signal", signalRemedy)
}

// realTime reads the offset after RTMIN or RTMAX.
func realTime(s string, sign byte, base int) (Signal, *Problem) {
	if s == "" {
		return signal(base), nil
	}
	// The sign belongs to the number: "RTMIN+-3" and "RTMIN+ 3" are none.
	n, ok := scanInt(s)
	if !ok || s[0] != sign || n < realTimeMin-realTimeMax || n > realTimeMax-realTimeMin {
		return Signal{}, fault(0, "unknown real-time signal", "write SIGRTMIN+0 to SIGRTMIN+30")
	}
	return signal(base + int(n)), nil
}

func signal(n int) Signal {
	switch {
	case n <= len(signals):
		return Signal{n, "SIG" + signals[n-1]}
	case n < realTimeMin:
		return Signal{n, strconv.Itoa(n)}
	case n == realTimeMin:
		return Signal{n, "SIGRTMIN"}
	}
	return Signal{n, "SIGRTMIN+" + strconv.Itoa(n-realTimeMin)}
}

// ExitStatuses is a set of ways to end, in the order they were given.
type ExitStatuses struct {
	Codes   []int
	Signals []Signal
}

// exitNames after systemd.exec(5), PROCESS EXIT CODES: from the C library, LSB, BSD and systemd itself.
var exitNames = [...]struct {
	name string
	code int
}{
	{"SUCCESS", 0},
	{"FAILURE", 1},
	{"INVALIDARGUMENT", 2},
	{"NOTIMPLEMENTED", 3},
	{"NOPERMISSION", 4},
	{"NOTINSTALLED", 5},
	{"NOTCONFIGURED", 6},
	{"NOTRUNNING", 7},
	{"USAGE", 64},
	{"DATAERR", 65},
	{"NOINPUT", 66},
	{"NOUSER", 67},
	{"NOHOST", 68},
	{"UNAVAILABLE", 69},
	{"SOFTWARE", 70},
	{"OSERR", 71},
	{"OSFILE", 72},
	{"CANTCREAT", 73},
	{"IOERR", 74},
	{"TEMPFAIL", 75},
	{"PROTOCOL", 76},
	{"NOPERM", 77},
	{"CONFIG", 78},
	{"CHDIR", 200},
	{"NICE", 201},
	{"FDS", 202},
	{"EXEC", 203},
	{"MEMORY", 204},
	{"LIMITS", 205},
	{"OOM_ADJUST", 206},
	{"SIGNAL_MASK", 207},
	{"STDIN", 208},
	{"STDOUT", 209},
	{"CHROOT", 210},
	{"IOPRIO", 211},
	{"TIMERSLACK", 212},
	{"SECUREBITS", 213},
	{"SETSCHEDULER", 214},
	{"CPUAFFINITY", 215},
	{"GROUP", 216},
	{"USER", 217},
	{"CAPABILITIES", 218},
	{"CGROUP", 219},
	{"SETSID", 220},
	{"CONFIRM", 221},
	{"STDERR", 222},
	{"PAM", 224},
	{"NETWORK", 225},
	{"NAMESPACE", 226},
	{"NO_NEW_PRIVILEGES", 227},
	{"SECCOMP", 228},
	{"SELINUX_CONTEXT", 229},
	{"PERSONALITY", 230},
	{"APPARMOR", 231},
	{"ADDRESS_FAMILIES", 232},
	{"RUNTIME_DIRECTORY", 233},
	{"CHOWN", 235},
	{"SMACK_PROCESS_LABEL", 236},
	{"KEYRING", 237},
	{"STATE_DIRECTORY", 238},
	{"CACHE_DIRECTORY", 239},
	{"LOGS_DIRECTORY", 240},
	{"CONFIGURATION_DIRECTORY", 241},
	{"NUMA_POLICY", 242},
	{"CREDENTIALS", 243},
	{"BPF", 244},
	{"EXCEPTION", 255},
}

// ParseExitStatuses reads SuccessExitStatus= and its kind (systemd.service(5)): a list of exit codes by number or name,
// and of signals by name. What is none of them is reported and left out, as systemd leaves it out.
func ParseExitStatuses(value string) (ExitStatuses, []Problem) {
	var set ExitStatuses
	var f faults
	items, problems := Split(value, Protect)
	for _, item := range items {
		code, isCode, problem := parseExitStatus(item.Text)
		switch {
		case isCode:
			set.Codes = append(set.Codes, code)
		case problem != nil:
			f.add(0, item.Offset+1, problem.What, problem.Remedy)
		default:
			s, problem := ParseSignal(item.Text)
			if problem != nil {
				f.add(0, item.Offset+1, "neither an exit status nor a signal", "write 0 to 255, or a name such as TEMPFAIL or SIGTERM")
				continue
			}
			set.Signals = append(set.Signals, s)
		}
	}
	for _, p := range problems {
		f.add(0, p.Column, p.What, p.Remedy)
	}
	return set, f.all()
}

// parseExitStatus reads one exit code. Neither a code nor a problem: it may be a signal.
func parseExitStatus(s string) (code int, ok bool, problem *Problem) {
	if n, isNumber := scanInt(s); isNumber {
		if n < 0 || n > 255 {
			return 0, false, fault(0, "exit status out of range", "write 0 to 255")
		}
		return int(n), true, nil
	}
	for _, e := range exitNames {
		if e.name == s {
			return e.code, true, nil
		}
	}
	return 0, false, nil
}
