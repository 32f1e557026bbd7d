package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// enginePackages are unpacked, not installed: the programs, and those of their libraries that a bare machine may lack.
var enginePackages = []string{
	"docker.io", "containerd", "runc", "tini", "debootstrap",
	"iptables", "libip4tc2", "libip6tc2", "libxtables12", "libmnl0", "libnfnetlink0", "libnetfilter-conntrack3", "libnftnl11",
	"libdevmapper1.02.1", "libseccomp2", "libsystemd0",
}

// composePackages come from the release after: Debian 12 has compose v1 alone, which knows no top-level name.
var composePackages = []string{"docker-compose"}

const (
	engineRelease  = "bookworm"
	composeRelease = "trixie"
)

// tools are the unpacked programs.
type tools struct {
	root string // what dpkg unpacked
	bin  string // the docker CLI and iptables, each under the name that others look for
	apt  map[string]apt
}

// env lets the unpacked programs find each other and their libraries. Containers inherit none of it.
func (t tools) env() []string {
	lib := filepath.Join(t.root, "usr", "lib", "x86_64-linux-gnu")
	return []string{
		"PATH=" + strings.Join([]string{t.bin, filepath.Join(t.root, "usr", "bin"), filepath.Join(t.root, "usr", "sbin"), os.Getenv("PATH"), "/usr/sbin", "/sbin"}, ":"),
		"LD_LIBRARY_PATH=" + lib + ":" + filepath.Join(t.root, "lib", "x86_64-linux-gnu"),
		"XTABLES_LIBDIR=" + filepath.Join(lib, "xtables"),
	}
}

func (t tools) docker() string { return filepath.Join(t.bin, "docker") }

// provide unpacks the engine's packages into the cache, once for each list of them.
func provide(ctx context.Context, cache string) (tools, error) {
	key := digest(strings.Join(enginePackages, " "), strings.Join(composePackages, " "), engineRelease, composeRelease)
	dir := filepath.Join(cache, "tools-"+key)
	t := tools{root: filepath.Join(dir, "root"), bin: filepath.Join(dir, "bin"), apt: map[string]apt{}}
	for _, release := range []string{engineRelease, composeRelease} {
		a, err := openApt(ctx, cache, release)
		if err != nil {
			return t, err
		}
		t.apt[release] = a
	}
	if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
		return t, nil
	}
	defer step("unpacking dockerd and compose")()
	if err := os.RemoveAll(dir); err != nil {
		return t, err
	}
	for _, p := range []struct {
		release string
		names   []string
	}{{engineRelease, enginePackages}, {composeRelease, composePackages}} {
		debs, err := t.apt[p.release].download(ctx, filepath.Join(dir, "debs", p.release), p.names)
		if err != nil {
			return t, err
		}
		for _, deb := range debs {
			if _, err := command(ctx, nil, "dpkg-deb", "--extract", deb, t.root); err != nil {
				return t, err
			}
		}
	}
	if err := t.link(ctx); err != nil {
		return t, err
	}
	if err := os.RemoveAll(filepath.Join(dir, "debs")); err != nil {
		return t, err
	}
	return t, os.WriteFile(filepath.Join(dir, "done"), nil, 0o644)
}

// link gives programs the names that a package's scripts would have given them.
func (t tools) link(ctx context.Context) error {
	if err := os.MkdirAll(t.bin, 0o755); err != nil {
		return err
	}
	links := map[string]string{"docker": filepath.Join(t.root, "usr", "bin", "docker")}
	// which of the two works is up to the kernel
	kind := ""
	var fault error
	for _, k := range []string{"nft", "legacy"} {
		if _, err := command(ctx, t.env(), filepath.Join(t.root, "usr", "sbin", "iptables-"+k), "-t", "nat", "-S"); err != nil {
			fault = errors.Join(fault, err)
			continue
		}
		kind = k
		break
	}
	if kind == "" {
		return fault
	}
	for _, name := range []string{"iptables", "ip6tables"} {
		for _, verb := range []string{"", "-save", "-restore"} {
			links[name+verb] = filepath.Join(t.root, "usr", "sbin", name+"-"+kind+verb)
		}
	}
	for name, to := range links {
		if _, err := os.Stat(to); err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(t.bin, name)); err != nil {
			return err
		}
	}
	return nil
}

// digest names what was made from the parts.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
