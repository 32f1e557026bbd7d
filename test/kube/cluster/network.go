package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// The cluster has a network of its own, and one cable to the machine: a program on the machine reaches the node, its pods and its services by their own addresses.
const (
	cable       = "lift-kube"    // the machine's end
	machineSide = "10.250.0.254" // its address
	nodeAddress = "10.250.0.1"   // the node: API server, gateway, DNS
	nodeName    = "node1"
	podRange    = "10.244.0.0/24"
	serviceIPs  = "10.96.0.0/16"
	firstIP     = "10.96.0.1" // the API server as a Service
	dnsIP       = "10.96.0.10"
	apiPort     = "16443"
)

// networkFree says why the addresses of the cluster cannot be had.
func networkFree() error {
	if alias, err := os.ReadFile("/sys/class/net/" + cable + "/ifalias"); err == nil {
		return fmt.Errorf("a cluster is up already, in %s; stop it: cluster down --dir %[1]s", strings.TrimSpace(string(alias)))
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range addresses {
		have, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		for _, want := range []string{nodeAddress + "/24", podRange, serviceIPs} {
			if have.Overlaps(netip.MustParsePrefix(want).Masked()) {
				return fmt.Errorf("the machine has the address %s, which the cluster needs for itself (%s); change it in network.go", have, want)
			}
		}
	}
	return nil
}

// plug lays the cable to the namespace of a process. The name of the directory stands on it, for those who find it taken.
func plug(pid int, dir string) error {
	return ip(
		[]string{"link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(pid)},
		[]string{"link", "set", cable, "alias", dir},
		[]string{"address", "add", machineSide + "/24", "dev", cable},
		[]string{"link", "set", cable, "up"},
		[]string{"route", "add", podRange, "via", nodeAddress},
		[]string{"route", "add", serviceIPs, "via", nodeAddress},
	)
}

// connectNode sets up the node's end. There is no way out: what a pod asks of the Internet is refused at once instead of hanging.
func connectNode() error {
	if err := ip(
		[]string{"link", "set", "lo", "up"},
		[]string{"address", "add", nodeAddress + "/24", "dev", "eth0"},
		[]string{"link", "set", "eth0", "up"},
	); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"ip_forward":                  "1",
		"icmp_ratelimit":              "0", // each refusal is told, not some of them
		"conf/all/send_redirects":     "0", // the pods have one way, and need not be told of others
		"conf/default/send_redirects": "0",
	} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte(value), 0); err != nil {
			return err
		}
	}
	return nil
}

// unplug takes the cable away; with it go its addresses and routes.
func unplug() error {
	if _, err := os.Stat("/sys/class/net/" + cable); err != nil {
		return nil
	}
	return ip([]string{"link", "delete", cable})
}

func ip(commands ...[]string) error {
	for _, c := range commands {
		if err := quiet(exec.Command("ip", c...)); err != nil {
			return err
		}
	}
	return nil
}
