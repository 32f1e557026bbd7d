package report

import (
	"sort"
	"strconv"
)

// Capabilities are the names of capabilities(7) by their numbers (linux/capability.h), without CAP_.
var Capabilities = [...]string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL",
	"SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
}

// CapabilityNames lists a set of capabilities by name, sorted; those of a kernel newer than the table by number.
func CapabilityNames(set uint64) []string {
	list := []string{}
	for bit := range 64 {
		switch {
		case set&(1<<bit) == 0:
		case bit < len(Capabilities):
			list = append(list, Capabilities[bit])
		default:
			list = append(list, strconv.Itoa(bit))
		}
	}
	sort.Strings(list)
	return list
}
