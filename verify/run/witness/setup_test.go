//go:build linux

package witness

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"unsafe"
)

// setupVariable makes the test's own executable change itself in some way and become the witness: what a supervisor does between fork and exec.
const setupVariable = "LIFT_WITNESS_TEST_SETUP"

type setup struct {
	Program    []string
	Cgroups    []string // directories whose group it joins
	Hostname   string   // in a UTS namespace of its own
	Mounts     []mounting
	Nofile     []uint64 // soft and hard
	Nice       int
	OOM        string
	Umask      *int
	Drop       []int // capabilities, from the bounding set
	UID, GID   int   // 0: as it is
	Groups     []int
	NoNewPrivs bool
	Seccomp    bool
	Ignore     []int
	Block      []int
	Close      []int
	Keep       int // descriptors from 3 on that are handed over; others, of whoever has started the tests, are not
}

type mounting struct {
	Source, Target, Type string
	Flags                uintptr
	Data                 string
}

func (s setup) text(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func init() {
	if os.Getenv(setupVariable) != "" {
		runtime.LockOSThread() // what is changed below belongs to a thread, and the one that calls exec takes it along
	}
}

func becomeWitness(text string) {
	os.Unsetenv(setupVariable)
	var s setup
	must("setup", json.Unmarshal([]byte(text), &s))
	for _, dir := range s.Cgroups {
		must("cgroup", os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0))
	}
	if s.Hostname != "" {
		must("hostname", syscall.Sethostname([]byte(s.Hostname)))
	}
	if len(s.Mounts) > 0 {
		must("private mounts", syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	}
	for _, m := range s.Mounts {
		must("mount "+m.Target, syscall.Mount(m.Source, m.Target, m.Type, m.Flags, m.Data))
	}
	if s.Nofile != nil {
		must("nofile", syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: s.Nofile[0], Max: s.Nofile[1]}))
	}
	if s.Nice != 0 {
		must("nice", syscall.Setpriority(syscall.PRIO_PROCESS, 0, s.Nice))
	}
	if s.OOM != "" {
		must("oom", os.WriteFile("/proc/self/oom_score_adj", []byte(s.OOM), 0))
	}
	if s.Umask != nil {
		syscall.Umask(*s.Umask)
	}
	for _, c := range s.Drop {
		must("bounding set", prctl(24, uintptr(c))) // PR_CAPBSET_DROP
	}
	if s.Groups != nil {
		must("groups", syscall.Setgroups(s.Groups))
	}
	if s.GID != 0 {
		must("gid", syscall.Setgid(s.GID))
	}
	if s.UID != 0 {
		must("uid", syscall.Setuid(s.UID))
	}
	if s.NoNewPrivs {
		must("no_new_privs", prctl(38, 1)) // PR_SET_NO_NEW_PRIVS
	}
	if s.Seccomp {
		filter := struct {
			code   uint16
			jt, jf uint8
			k      uint32
		}{code: 0x06, k: 0x7fff0000} // return SECCOMP_RET_ALLOW
		prog := struct {
			len    uint16
			filter unsafe.Pointer
		}{1, unsafe.Pointer(&filter)}
		_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, 22, 2, uintptr(unsafe.Pointer(&prog))) // PR_SET_SECCOMP, SECCOMP_MODE_FILTER
		must("seccomp", errnoError(errno))
	}
	for n := range 64 { // whatever the tests themselves were started with
		action := [4]uintptr{}
		syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(n+1), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
	}
	for _, n := range s.Ignore {
		action := [4]uintptr{1} // struct sigaction of the kernel, with SIG_IGN
		_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
		must("ignore", errnoError(errno))
	}
	set := uint64(0)
	for _, n := range s.Block {
		set |= 1 << (n - 1)
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 2, uintptr(unsafe.Pointer(&set)), 0, 8, 0, 0) // SIG_SETMASK
	must("block", errnoError(errno))
	for fd := 3 + s.Keep; fd < 1024; fd++ {
		syscall.CloseOnExec(fd)
	}
	for _, fd := range s.Close {
		syscall.Close(fd)
	}
	must("exec", syscall.Exec(s.Program[0], s.Program, os.Environ()))
}

func prctl(option, arg uintptr) error {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, option, arg, 0, 0, 0, 0)
	return errnoError(errno)
}

func errnoError(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}

func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "setup of the test: %s: %v\n", what, err)
		os.Exit(99)
	}
}

func ioctl[T any](t *testing.T, f *os.File, request uintptr, arg *T) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
		t.Fatal(errno)
	}
}
