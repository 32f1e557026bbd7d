//go:build linux && !(liftwitness && (amd64 || arm64))

package main

// startClosed does not know: a closed descriptor is found as "null".
func startClosed() (closed [3]bool) { return closed }
