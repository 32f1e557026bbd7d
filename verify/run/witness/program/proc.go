//go:build linux

package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run/witness/report"
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

func (s statusFile) capabilities(name string) []string { return report.CapabilityNames(s.mask(name)) }

// readInt reads a file that holds a number.
func readInt(path string) int {
	text, _ := os.ReadFile(path)
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}
