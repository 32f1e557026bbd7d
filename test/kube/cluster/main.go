// Command cluster runs a whole Kubernetes on this machine for tests: built from source, reached from here, gone without a trace.
//
//	cluster build [apiserver]                    build and fetch what it needs into the cache
//	cluster up --dir DIR [--apiserver-only]      start it; it stays in the background, or with --foreground until the standard input ends
//	cluster down --dir DIR                       stop it and take away all of it, DIR included
//	cluster image BINARY NAME OUT.tar            make an image of one static binary
//
// DIR/kubeconfig is the administrator's; DIR/kubeconfig-readonly reads and creates nothing; DIR/kubeconfig-norights may do nothing at all. DIR/env has shell lines for what tests ask for.
// The whole node needs Linux on amd64 or arm64, root and the tools of Debian; the API server alone needs no root.
// The cache is $LIFT_TEST_CACHE, or lift-test/kube in the user's cache directory.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: cluster build [apiserver] | up --dir DIR [--apiserver-only] [--foreground] | down --dir DIR | image BINARY NAME OUT.tar")

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	verb, rest := args[0], args[1:]
	flags := flag.NewFlagSet(verb, flag.ContinueOnError)
	dir := flags.String("dir", "", "where the cluster keeps its files")
	only := flags.Bool("apiserver-only", false, "etcd and the API server, on the loopback address, without root")
	foreground := flags.Bool("foreground", false, "stay, and take the cluster down when the standard input ends")
	net := flags.Int("network", 0, "set by up alone")
	if err := flags.Parse(rest); err != nil {
		return errUsage
	}
	rest = flags.Args()
	if *dir != "" {
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return err
		}
		*dir = abs
	}
	switch {
	case verb == "build" && len(rest) == 0:
		return build(false)
	case verb == "build" && len(rest) == 1 && rest[0] == "apiserver":
		return build(true)
	case verb == "up" && *dir != "" && len(rest) == 0:
		return up(*dir, *only, *foreground)
	case verb == "down" && *dir != "" && len(rest) == 0:
		return down(*dir)
	case verb == "image" && len(rest) == 3:
		return writeImage(rest[0], rest[1], rest[2])
	case verb == verbInit && *dir != "": // these two are called by up alone
		return first(*dir, network(*net))
	case verb == verbSupervise && *dir != "":
		return supervise(*dir, network(*net), *only)
	}
	return errUsage
}

// say prints what goes on.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
