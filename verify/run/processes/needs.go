//go:build linux

package processes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/deploylift/lift/verify/run"
	"golang.org/x/sys/unix"
)

// Needs tells why processes cannot be kept apart here.
func (Runner) Needs(context.Context) error {
	if os.Geteuid() != 0 {
		return run.Error{What: "needs root: processes get users, namespaces and control groups of their own", Remedy: "run it with sudo"}
	}
	var missing []string
	for _, c := range []string{"SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_ADMIN", "SYS_PTRACE"} {
		if set, _ := capabilitySet([]string{c}); effectiveHere()&set == 0 {
			missing = append(missing, "CAP_"+c)
		}
	}
	if len(missing) > 0 {
		return run.Error{What: "needs root with " + strings.Join(missing, ", "), Remedy: "run lift on the machine itself, or in a container with --privileged"}
	}
	if dirs := temporary(); len(dirs) == 0 {
		return run.Error{What: "needs a directory for temporary files", Remedy: "set TMPDIR to one that can be written"}
	}
	var err error
	aside(func() { err = try() })
	if err != nil {
		return run.Error{What: "needs to make namespaces and mounts: " + err.Error(), Remedy: "run lift on the machine itself, or in a container with --privileged"}
	}
	return nil
}

// try does on a thread of its own what a side needs. All of it is gone with the thread.
func try() error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	at := temporary()[0]
	if err := unix.Mount("tmpfs", at, "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("tmpfs: %w", err)
	}
	layer := func(name string) string { return filepath.Join(at, name) }
	for _, dir := range []string{"upper", "work", "root"} {
		if err := os.Mkdir(layer(dir), 0o755); err != nil {
			return err
		}
	}
	if err := unix.Setxattr(layer("upper"), "trusted.overlay.opaque", []byte("y"), 0); err != nil {
		return fmt.Errorf("attributes of files in memory: %w", err)
	}
	if err := unix.Mount("overlay", layer("root"), "overlay", 0, "lowerdir=/,upperdir="+layer("upper")+",workdir="+layer("work")); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	return nil
}
