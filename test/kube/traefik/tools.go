//go:build tools

// Package traefik names the gateway of the node, so that its version is pinned here.
package traefik

import _ "github.com/traefik/traefik/v3/cmd/traefik"
