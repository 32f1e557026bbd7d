package run

import (
	"bufio"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ThisHost tells what the machine itself has.
func ThisHost() Host {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return Host{}
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if set, ok := strings.CutPrefix(s.Text(), "CapBnd:"); ok {
			if bits, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64); err == nil {
				return Host{Capabilities: capabilityNames(bits)}
			}
		}
	}
	return Host{}
}

// names of the capabilities by their numbers (linux/capability.h).
var names = []string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL",
	"SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
}

func capabilityNames(bits uint64) []string {
	var out []string
	for i := range 64 {
		if bits>>i&1 == 0 {
			continue
		}
		if i < len(names) {
			out = append(out, names[i])
		} else {
			out = append(out, strconv.Itoa(i))
		}
	}
	slices.Sort(out)
	return out
}
