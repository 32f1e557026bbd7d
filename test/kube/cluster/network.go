package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
)

// network is a cluster's own, with one cable to the machine: a program on the machine reaches the node, its pods and its services by their own addresses. The number keeps the networks of several clusters apart.
type network int

// networks is how many clusters a machine can have at once.
const networks = 8

const (
	nodeName = "node1"
	apiPort  = "16443"
)

// cable is the machine's end, and plug the other one until it is in the node.
func (n network) cable() string { return fmt.Sprintf("lift-kube%d", n) }
func (n network) plug() string  { return n.cable() + "p" }

// cgroup is below which the pods are counted, in each hierarchy.
func (n network) cgroup() string { return n.cable() }

// machine is how the node and its pods reach the machine; node has the API server, the gateway and DNS.
func (n network) machine() string { return fmt.Sprintf("10.250.%d.254", n) }
func (n network) node() string    { return fmt.Sprintf("10.250.%d.1", n) }

func (n network) pods() string     { return fmt.Sprintf("10.244.%d.0/24", n) }
func (n network) services() string { return fmt.Sprintf("10.%d.0.0/16", 96+n) }

// first is the API server as a Service, dns CoreDNS.
func (n network) first() string { return fmt.Sprintf("10.%d.0.1", 96+n) }
func (n network) dns() string   { return fmt.Sprintf("10.%d.0.10", 96+n) }

// free says why the addresses of a network cannot be had.
func (n network) free() error {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range addresses {
		have, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		for _, want := range []string{n.node() + "/24", n.pods(), n.services()} {
			if have.Overlaps(netip.MustParsePrefix(want).Masked()) {
				return fmt.Errorf("the machine has the address %s, which is in %s", have, want)
			}
		}
	}
	return nil
}

// lay takes the first network that is free and lays its cable, whose name no other cluster can have then. The name of the directory stands on it, for those who wonder whose it is.
func lay(dir string) (network, error) {
	var taken []error
	for n := range network(networks) {
		if err := n.free(); err != nil {
			taken = append(taken, err)
			continue
		}
		if err := ip([]string{"link", "add", n.cable(), "type", "veth", "peer", "name", n.plug()}); err != nil {
			taken = append(taken, err)
			continue
		}
		return n, ip([]string{"link", "set", n.cable(), "alias", dir})
	}
	return 0, fmt.Errorf("no network is free; stop a cluster that runs, or change the addresses in network.go: %w", errors.Join(taken...))
}

// connect puts the other end into the namespace of a process.
func (n network) connect(pid int) error {
	return ip(
		[]string{"link", "set", n.plug(), "netns", strconv.Itoa(pid), "name", "eth0"},
		[]string{"address", "add", n.machine() + "/24", "dev", n.cable()},
		[]string{"link", "set", n.cable(), "up"},
		[]string{"route", "add", n.pods(), "via", n.node()},
		[]string{"route", "add", n.services(), "via", n.node()},
	)
}

// connectNode sets up the node's end. There is no way out: what a pod asks of the Internet is refused at once instead of hanging.
func (n network) connectNode() error {
	if err := ip(
		[]string{"link", "set", "lo", "up"},
		[]string{"address", "add", n.node() + "/24", "dev", "eth0"},
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

// takeAway removes the cable; with it go its addresses and routes. The kernel does it as well, when the node is gone, but takes its time.
func (n network) takeAway() error {
	there := func() bool {
		_, err := os.Stat("/sys/class/net/" + n.cable())
		return err == nil
	}
	if !there() {
		return nil
	}
	if err := ip([]string{"link", "delete", n.cable()}); err != nil && there() {
		return err
	}
	return nil
}

func ip(commands ...[]string) error {
	for _, c := range commands {
		if err := quiet(exec.Command("ip", c...)); err != nil {
			return err
		}
	}
	return nil
}
