package docker

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// rows are the names of limits in proc_pid_limits(5), by compose's names.
var rows = map[string]string{
	"nofile": "Max open files", "nproc": "Max processes", "memlock": "Max locked memory", "core": "Max core file size", "fsize": "Max file size", "stack": "Max stack size", "as": "Max address space",
	"data": "Max data size", "locks": "Max file locks", "msgqueue": "Max msgqueue size", "sigpending": "Max pending signals", "nice": "Max nice priority", "rtprio": "Max realtime priority",
}

// daemonLimit returns the hard limits that a container may inherit: of whoever listens on the engine's socket, and of this process.
func daemonLimit(endpoint, name string) []int64 {
	pids := []string{"self"}
	if path, ok := strings.CutPrefix(endpoint, "unix://"); ok {
		if pid, ok := listener(path); ok {
			pids = append(pids, strconv.Itoa(pid))
		}
	}
	var out []int64
	for _, pid := range pids {
		text, err := os.ReadFile("/proc/" + pid + "/limits")
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			rest, ok := strings.CutPrefix(line, rows[name]+" ")
			if f := strings.Fields(rest); ok && rows[name] != "" && len(f) >= 2 {
				if n, err := strconv.ParseInt(f[1], 10, 64); err == nil {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// listener is the process at the other end of a socket (SO_PEERCRED, unix(7)).
func listener(path string) (int, bool) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, false
	}
	pid := 0
	err = raw.Control(func(fd uintptr) {
		if cred, e := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); e == nil {
			pid = int(cred.Pid)
		} else {
			err = fmt.Errorf("peer: %w", e)
		}
	})
	return pid, err == nil && pid > 0
}
