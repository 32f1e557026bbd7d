package container2k8s

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	corev1 "k8s.io/api/core/v1"
)

// anywhere is the address on which a program in a pod must listen.
const anywhere = "0.0.0.0"

// lowerPorts gives each port a name and settles which of them the Service carries.
func lowerPorts(o pod.Workload) {
	kept := o.W.Ports[:0]
	taken := map[string]bool{}
	for _, p := range o.W.Ports {
		number, proto, err := pod.PortNumber(p.Number)
		if err != nil {
			o.L.Drop(o.From.Join("ports", p.Number), "a container port is a number from 1 to 65535 and tcp or udp", "")
			continue
		}
		at := func(leaf string) []string { return []string{"ports", p.Number, leaf} }
		lowerPortName(o, &p, number, proto, taken, at("name"))
		pod.Default(o, &p.Address, anywhere, "a program in a pod listens on all addresses, or nobody reaches it", at("address")...)
		switch addr := p.Address.Or(""); {
		case addr == "" || addr == "*" || addr == "::" || addr == "[::]":
			pod.Convert(o, &p.Address, anywhere, "all addresses of the pod", at("address")...)
		case addr != anywhere:
			if isLoopback(addr) {
				o.Notice(ledger.Warning, "the program binds "+addr+": in a pod nobody reaches it, the kubelet's probes included", "let it bind "+anywhere, at("address")...)
			}
			pod.Approximate(o, &p.Address, anywhere, "a pod has an address of its own that nobody knows in advance", "let the program bind "+anywhere, at("address")...)
		}
		if o.W.Kind.Is(deploy.Service) {
			pod.Default(o, &p.Reachable, true, "on one machine every program reached it: a Service keeps its name working", at("reachable")...)
		} else {
			pod.Default(o, &p.Reachable, false, "nobody is known to call it", at("reachable")...)
		}
		if p.Reachable.Is(true) {
			switch p.Protocol.Or("") {
			case "", "http", "grpc", "tcp":
			default:
				pod.Drop(o, &p.Protocol, "appProtocol says http, grpc or tcp", "nothing to do, unless something in the cluster reads appProtocol", at("protocol")...)
			}
		} else {
			pod.Idle(o, &p.Protocol, "only a Service says what a port speaks, and this port has none", at("protocol")...)
		}
		if number < 1024 && !pod.IsRoot(o.W) {
			o.Notice(ledger.Warning, fmt.Sprintf("binds port %d without being root: older container runtimes do not allow it", number),
				"use containerd 2 or later, set the sysctl net.ipv4.ip_unprivileged_port_start to 0 in the pod, or listen on a port from 1024 on", "ports", p.Number)
		}
		kept = append(kept, p)
	}
	o.W.Ports = kept
}

func lowerPortName(o pod.Workload, p *deploy.Port, number int32, proto corev1.Protocol, taken map[string]bool, at []string) {
	suffix := fmt.Sprintf("-%d", number)
	if proto == corev1.ProtocolUDP { // may have the number of a TCP port
		suffix += "-u"
	}
	unique := func(name string) string {
		for _, n := range []string{name, strings.TrimRight(name[:min(len(name), names.MaxPort-len(suffix))], "-") + suffix, "port" + suffix} {
			if !taken[n] {
				return n
			}
		}
		return name
	}
	if p.Name.IsSet() {
		pod.Convert(o, &p.Name, unique(names.PortName(p.Name.Or(""))), "a port's name is a DNS label of 15 characters, once in each pod", at...)
	} else {
		name := p.Protocol.Or("")
		if name != "http" && name != "grpc" {
			name = strings.ToLower(string(proto))
		}
		pod.Default(o, &p.Name, unique(name), "the Service refers to the port by its name", at...)
	}
	taken[p.Name.Or("")] = true
}

func isLoopback(address string) bool {
	addr, err := netip.ParseAddr(strings.Trim(address, "[]"))
	return address == "localhost" || err == nil && addr.IsLoopback()
}
