package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// What the node needs beside its own programs comes from Debian, unpacked into the cache: nothing is installed on the machine.
var packagesOfEtcd = []string{"etcd-server"}

// packagesOfNode are the container runtime, the plugins that connect pods, the packet filter that kube-proxy and the plugin for host ports write to, and the libraries of all.
var packagesOfNode = []string{
	"containerd", "runc", "libseccomp2", "containernetworking-plugins",
	"nftables", "libnftables1", "libnftnl11", "libmnl0", "libjansson4", "libgmp10", "libedit2", "libbsd0", "libmd0", "libtinfo6",
	"iptables", "libxtables12",
}

// unpackNode unpacks the packages of the node. The names of iptables are made when it is installed, which it is not.
func unpackNode(dir string) error {
	if err := unpackDebian(dir, packagesOfNode); err != nil {
		return err
	}
	for _, name := range []string{"iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"} {
		if err := os.Symlink("xtables-nft-multi", filepath.Join(dir, "usr", "sbin", name)); err != nil {
			return err
		}
	}
	return nil
}

func unpackDebian(dir string, packages []string) error {
	for _, tool := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("no %s; packages of Debian are needed: use a Debian or Ubuntu machine", tool)
		}
	}
	archives := filepath.Join(dir, "archives")
	if err := os.Mkdir(archives, 0o755); err != nil {
		return err
	}
	download := func() error {
		cmd := exec.Command("apt-get", append([]string{"-q", "-o", "APT::Sandbox::User=root", "download"}, packages...)...)
		cmd.Dir = archives
		return quiet(cmd)
	}
	if err := download(); err != nil {
		// a machine that is new has no lists of packages, or old ones
		if err := quiet(exec.Command("apt-get", "-q", "update")); err != nil {
			return err
		}
		if err := download(); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(archives, "*.deb"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := quiet(exec.Command("dpkg", "-x", f, dir)); err != nil {
			return err
		}
	}
	return os.RemoveAll(archives)
}
