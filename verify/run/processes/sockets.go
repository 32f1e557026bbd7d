//go:build linux

package processes

import (
	"fmt"
	"net/netip"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// open opens a socket that is handed over to a program, bound and, for a stream, listening.
func (s socket) open() (fd int, err error) {
	kind := unix.SOCK_STREAM
	if s.Kind == "datagram" {
		kind = unix.SOCK_DGRAM
	}
	var family int
	var to unix.Sockaddr
	if strings.HasPrefix(s.Address, "/") {
		family, to = unix.AF_UNIX, &unix.SockaddrUnix{Name: s.Address}
		if err := os.MkdirAll(path.Dir(s.Address), 0o755); err != nil {
			return 0, err
		}
		_ = os.Remove(s.Address)
	} else {
		a, err := netip.ParseAddrPort(s.Address)
		if err != nil {
			return 0, fmt.Errorf("%s is no address of a socket", s.Address)
		}
		if a.Addr().Is4() {
			family, to = unix.AF_INET, &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
		} else {
			family, to = unix.AF_INET6, &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
		}
	}
	if fd, err = unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0); err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			err = fmt.Errorf("the socket %s cannot be opened: %w", s.Address, err)
		}
	}()
	if family != unix.AF_UNIX {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return 0, err
		}
	}
	if err := unix.Bind(fd, to); err != nil {
		return 0, err
	}
	if family == unix.AF_UNIX {
		if err := os.Chmod(s.Address, 0o666); err != nil { // SocketMode= is 0666 by default (systemd.socket(5))
			return 0, err
		}
	}
	if kind == unix.SOCK_STREAM {
		if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
			return 0, err
		}
	}
	return fd, nil
}

// awaited reports whether somebody has called one of the sockets, looking for at most some milliseconds.
func awaited(fds []int, ms int) bool {
	list := make([]unix.PollFd, len(fds))
	for i, fd := range fds {
		list[i] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	}
	n, err := unix.Poll(list, ms)
	return err == nil && n > 0
}
