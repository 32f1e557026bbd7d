package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unsafe"
)

// What dockerd changes in the machine's network beside its own rules, and never changes back.
const (
	forwarding   = "/proc/sys/net/ipv4/ip_forward"
	policyRecord = "forward-policy"
	forwardSaved = "ip_forward"
)

// dockersBridge is how dockerd names the bridges of its networks: by the beginning of their ids.
var dockersBridge = regexp.MustCompile(`^(docker0|br-[0-9a-f]{12})$`)

// recordNetwork keeps what the machine's network is like before dockerd.
func (e engine) recordNetwork() error {
	if _, err := os.Stat(e.path(forwardSaved)); err == nil {
		return nil // of an earlier start: what is now is dockerd's
	}
	policy := "ACCEPT"
	out, err := command(context.Background(), e.tools.env(), filepath.Join(e.tools.bin, "iptables"), "-S", "FORWARD")
	if err == nil && strings.HasPrefix(out, "-P FORWARD DROP") {
		policy = "DROP"
	}
	if err := os.WriteFile(e.path(policyRecord), []byte(policy), 0o644); err != nil {
		return err
	}
	data, err := os.ReadFile(forwarding)
	if err != nil {
		return err
	}
	return os.WriteFile(e.path(forwardSaved), data, 0o644)
}

// restoreNetwork takes away dockerd's rules, chains and bridges and leaves all others.
func (e engine) restoreNetwork(ctx context.Context) error {
	iptables := filepath.Join(e.tools.bin, "iptables")
	for _, table := range []string{"nat", "filter"} {
		out, err := command(ctx, e.tools.env(), iptables, "-t", table, "-S")
		if err != nil {
			return err
		}
		var chains []string
		for line := range strings.Lines(out) {
			f := words(line)
			switch {
			case len(f) == 2 && f[0] == "-N" && strings.HasPrefix(f[1], "DOCKER"):
				chains = append(chains, f[1])
			case len(f) > 2 && f[0] == "-A" && !strings.HasPrefix(f[1], "DOCKER") && ofDocker(f):
				f[0] = "-D"
				if _, err := command(ctx, e.tools.env(), iptables, append([]string{"-t", table}, f...)...); err != nil {
					return err
				}
			}
		}
		for _, verb := range []string{"-F", "-X"} { // all are emptied before one goes: they refer to each other
			for _, c := range chains {
				if _, err := command(ctx, e.tools.env(), iptables, "-t", table, verb, c); err != nil {
					return err
				}
			}
		}
	}
	if policy, err := os.ReadFile(e.path(policyRecord)); err == nil {
		if _, err := command(ctx, e.tools.env(), iptables, "-P", "FORWARD", string(policy)); err != nil {
			return err
		}
	}
	links, err := net.Interfaces()
	if err != nil {
		return err
	}
	for _, l := range links {
		if dockersBridge.MatchString(l.Name) {
			if err := removeBridge(l.Name); err != nil {
				return err
			}
		}
	}
	if data, err := os.ReadFile(e.path(forwardSaved)); err == nil {
		return os.WriteFile(forwarding, data, 0o644)
	}
	return nil
}

// ofDocker reports whether a rule leads to one of dockerd's chains or is about one of its bridges or their addresses.
func ofDocker(rule []string) bool {
	for i, w := range rule[:len(rule)-1] {
		v := rule[i+1]
		switch w {
		case "-j":
			if strings.HasPrefix(v, "DOCKER") {
				return true
			}
		case "-i", "-o":
			if dockersBridge.MatchString(v) {
				return true
			}
		}
	}
	return false
}

// words splits what iptables -S prints; only comments are quoted there.
func words(line string) []string {
	var out []string
	var word strings.Builder
	in, quoted := false, false
	for _, r := range strings.TrimSpace(line) {
		switch {
		case r == '"':
			quoted, in = !quoted, true
		case r == ' ' && !quoted:
			if in {
				out = append(out, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if in {
		out = append(out, word.String())
	}
	return out
}

// removeBridge is what ip link delete does: iproute2 is not on every machine.
func removeBridge(name string) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	const deleteBridge = 0x89a1 // SIOCBRDELBR, linux/sockios.h
	var request struct {        // struct ifreq, netdevice(7); no flags: the link is down
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:syscall.IFNAMSIZ-1], name)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return os.NewSyscallError("take down "+name, errno)
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), deleteBridge, uintptr(unsafe.Pointer(&request.name))); errno != 0 {
		return os.NewSyscallError("remove "+name, errno)
	}
	return nil
}
