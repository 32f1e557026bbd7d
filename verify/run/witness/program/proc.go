//go:build linux

package main

import (
	"os"
	"sort"
	"strconv"
	"strings"
)

// statusFile is /proc/self/status, by field.
type statusFile map[string]string

func status() statusFile {
	text, _ := os.ReadFile("/proc/self/status") // where /proc is not mounted, nothing is known
	return parseStatus(string(text))
}

func parseStatus(text string) statusFile {
	fields := statusFile{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			fields[name] = strings.TrimSpace(value)
		}
	}
	return fields
}

func (s statusFile) mask(name string) uint64 {
	n, _ := strconv.ParseUint(s[name], 16, 64)
	return n
}

func (s statusFile) signals(name string) signalSet { return signalSet(s.mask(name)) }

// umask has four digits; "" where the kernel, older than 4.7, does not tell.
func (s statusFile) umask() string { return s["Umask"] }

func (s statusFile) seccomp() string {
	switch s["Seccomp"] {
	case "0":
		return "none"
	case "1":
		return "strict"
	case "2":
		return "filter"
	}
	return s["Seccomp"]
}

// capabilities by their bit, capabilities(7).
var capabilityNames = [...]string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL",
	"SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
}

func (s statusFile) capabilities(name string) []string {
	set := s.mask(name)
	list := []string{}
	for bit := range 64 {
		switch {
		case set&(1<<bit) == 0:
		case bit < len(capabilityNames):
			list = append(list, capabilityNames[bit])
		default:
			list = append(list, strconv.Itoa(bit)) // of a kernel newer than the table
		}
	}
	sort.Strings(list)
	return list
}

// readInt reads a file that holds a number.
func readInt(path string) int {
	text, _ := os.ReadFile(path)
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}
