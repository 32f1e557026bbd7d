//go:build linux

package processes

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// raiseLoopback brings up the only interface that a side has, with the addresses that its programs bind beside the machine's own.
func raiseLoopback(addresses []string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, lo); err != nil {
		return fmt.Errorf("the loopback interface cannot be found: %w", err)
	}
	lo.SetUint16(lo.Uint16() | unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("the loopback interface cannot be brought up: %w", err)
	}
	for i, a := range addresses {
		if err := addAddress(fd, i+1, netip.MustParseAddr(a)); err != nil {
			return fmt.Errorf("the address %s cannot be given to the loopback interface: %w", a, err)
		}
	}
	return nil
}

func addAddress(fd, n int, a netip.Addr) error {
	if a.Is4() {
		alias, err := unix.NewIfreq(fmt.Sprintf("lo:%d", n))
		if err != nil {
			return err
		}
		if err := alias.SetInet4Addr(a.AsSlice()); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, alias); err != nil {
			return err
		}
		if err := alias.SetInet4Addr([]byte{255, 255, 255, 255}); err != nil {
			return err
		}
		return unix.IoctlIfreq(fd, unix.SIOCSIFNETMASK, alias)
	}
	six, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(six)
	req := struct { // in6_ifreq (linux/ipv6.h)
		addr   [16]byte
		prefix uint32
		index  int32
	}{a.As16(), 128, 1}
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(six), unix.SIOCSIFADDR, uintptr(unsafe.Pointer(&req))); e != 0 && e != unix.EEXIST {
		return e
	}
	return nil
}
