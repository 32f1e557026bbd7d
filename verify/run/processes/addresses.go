//go:build linux

package processes

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// hostOf is the address of ADDRESS:PORT, "" where there is none.
func hostOf(at string) string {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return ""
	}
	return host
}

// address gives the side an address that a program binds and no machine has by itself.
func (p *plan) address(text string) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.Zone() != "" || slices.Contains(p.side.Addresses, a.String()) {
		return
	}
	p.side.Addresses = append(p.side.Addresses, a.String())
}

// reachable is the address under which a program is reached that binds another one.
func reachable(bound string) string {
	a, err := netip.ParseAddr(strings.Trim(bound, "[]"))
	if err != nil || a.IsUnspecified() {
		return "127.0.0.1"
	}
	return a.String()
}
