package run

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run/witness/report"
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
				return Host{Capabilities: report.CapabilityNames(bits)}
			}
		}
	}
	return Host{}
}
