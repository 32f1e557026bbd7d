//go:build linux

package processes

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// aside runs f on a thread of its own, which ends with it: what f does to the thread's namespaces touches nobody else. It is never the main thread, which cannot end and which /proc/self tells of.
func aside(f func()) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if unix.Gettid() == unix.Getpid() {
			aside(f)
			runtime.UnlockOSThread()
		} else {
			f()
		}
		close(done)
	}()
	<-done
}

// dialIn connects from inside the network of a process.
func dialIn(ctx context.Context, pid int, network, address string) (c net.Conn, err error) {
	aside(func() {
		var ns *os.File
		if ns, err = os.Open("/proc/" + strconv.Itoa(pid) + "/ns/net"); err != nil {
			err = fmt.Errorf("the side has ended")
			return
		}
		defer ns.Close()
		if err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return
		}
		var d net.Dialer // a numeric address is dialled on the caller's thread
		c, err = d.DialContext(ctx, network, address)
	})
	return c, err
}
