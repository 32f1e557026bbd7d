//go:build linux

package processes

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/witness/report"
	"golang.org/x/sys/unix"
)

const everyCapability = ^uint64(0)

// capabilitySet turns the model's words into a set; none where nothing is said means all, as for any process.
func capabilitySet(words []string) (uint64, error) {
	if len(words) == 0 {
		return everyCapability, nil
	}
	var set uint64
	for _, w := range words {
		switch w {
		case "all":
			return everyCapability, nil
		case "none":
		case "default":
			n, _ := capabilitySet(run.UsualCapabilities)
			set |= n
		default:
			i := slices.Index(report.Capabilities[:], w)
			if i < 0 {
				return 0, fmt.Errorf("unknown capability %q", w)
			}
			set |= 1 << i
		}
	}
	return set, nil
}

// boundingHere is the set of capabilities that processes of this machine can have at all.
func boundingHere() uint64 { return statusSet("CapBnd:") }

// effectiveHere is the set that this process has.
func effectiveHere() uint64 { return statusSet("CapEff:") }

func statusSet(key string) uint64 {
	text, _ := os.ReadFile("/proc/thread-self/status")
	for l := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(l, key); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(v), 16, 64)
			return n
		}
	}
	return 0
}

// drop gives the calling thread the program's user and takes what it may not have. Raw system calls change one thread; the program's other threads are its own.
func (o order) drop() error {
	if err := o.becomeGroup(); err != nil {
		return fmt.Errorf("its groups cannot be set: %w", err)
	}
	for i := range uint(64) {
		if o.Bounding>>i&1 != 0 {
			continue
		}
		if on, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(i), 0, 0, 0); err != nil || on == 0 {
			continue // unknown to this kernel, or gone already
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(i), 0, 0, 0); err != nil {
			return fmt.Errorf("its capabilities cannot be bounded: %w", err)
		}
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	ambient := o.Ambient & o.Bounding
	if ambient != 0 {
		if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(o.UID), uintptr(o.UID), uintptr(o.UID)); e != 0 {
		return fmt.Errorf("it cannot become user %d: %w", o.UID, e)
	}
	if err := o.capabilities(ambient); err != nil {
		return fmt.Errorf("its capabilities cannot be set: %w", err)
	}
	if o.NoNew {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("no_new_privs cannot be set: %w", err)
		}
	}
	return nil
}

func (o order) becomeGroup() error {
	list := make([]uint32, len(o.Groups)+1)
	for i, g := range o.Groups {
		list[i] = uint32(g)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(o.Groups)), uintptr(unsafe.Pointer(&list[0])), 0); e != 0 {
		return e
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(o.GID), uintptr(o.GID), uintptr(o.GID)); e != 0 {
		return e
	}
	return nil
}

// capabilities clears what would be handed on by inheritance and raises the ambient ones, which a program that is not root has.
func (o order) capabilities(ambient uint64) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	for i := range data {
		part := uint32(ambient >> (32 * i))
		data[i].Inheritable = part
		if o.UID != 0 {
			data[i].Permitted, data[i].Effective = part, part
		}
	}
	if err := unix.Capset(&header, &data[0]); err != nil {
		return err
	}
	for i := range uint(64) {
		if ambient>>i&1 == 1 {
			if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(i), 0, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
