//go:build !linux

package docker

func daemonLimit(string, string) []int64 { return nil }
