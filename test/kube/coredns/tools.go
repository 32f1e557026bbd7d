//go:build tools

// Package coredns names the DNS server of the node, so that its version is pinned here.
package coredns

import _ "github.com/coredns/coredns"
