//go:build linux

package processes

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// become makes the surroundings of a program and then is the program. What goes wrong is told to the supervisor over the socket that the orders came by.
func become() error {
	runtime.LockOSThread() // credentials belong to a thread; those of the one that executes count
	unix.Umask(0o022)
	text, err := readAll(ordersAt)
	if err != nil {
		return errors.New(verb + " is not for people")
	}
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return errors.New(verb + " is not for people")
	}
	wire, err := unix.FcntlInt(ordersAt, unix.F_DUPFD_CLOEXEC, ordersAt+1+o.Handed)
	if err != nil {
		return err
	}
	_, _ = unix.Write(wire, []byte(o.execute().Error()))
	os.Exit(203) // as systemd's EXIT_EXEC
	return nil
}

func readAll(fd int) ([]byte, error) {
	var out []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case n == 0:
			return out, nil
		default:
			out = append(out, buf[:n]...)
		}
	}
}

// execute returns on an error alone.
func (o order) execute() error {
	// a signal with a handler has its default disposition after an exec, whatever lift was started with
	signal.Notify(make(chan os.Signal, 1))
	if o.NoPipe {
		signal.Ignore(syscall.SIGPIPE)
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil); err != nil {
		return err
	}
	for _, dir := range o.Join {
		if err := os.WriteFile(dir+"/cgroup.procs", []byte("0"), 0); err != nil {
			return fmt.Errorf("the control group cannot be joined: %w", errors.Unwrap(err))
		}
	}
	if o.Enter != 0 {
		if err := enterMounts(o.Enter); err != nil {
			return err
		}
	} else if err := o.mounts(); err != nil {
		return err
	}
	if err := o.hand(); err != nil {
		return err
	}
	if err := o.limit(); err != nil {
		return err
	}
	if err := o.drop(); err != nil {
		return err
	}
	if o.Handed > 0 {
		o.Env = append(o.Env, "LISTEN_FDS="+strconv.Itoa(o.Handed), "LISTEN_FDNAMES="+o.Names, "LISTEN_PID="+strconv.Itoa(os.Getpid()))
	}
	if o.Stamped {
		o.Env = append(o.Env, "SYSTEMD_EXEC_PID="+strconv.Itoa(os.Getpid()))
	}
	if err := os.Chdir(o.Dir); err != nil {
		return fmt.Errorf("its working directory %s cannot be entered: %w", o.Dir, errors.Unwrap(err))
	}
	program, err := find(o.Argv[0], o.Env)
	if err != nil {
		return err
	}
	err = syscall.Exec(program, o.Argv, o.Env)
	if errors.Is(err, syscall.ENOENT) {
		if _, stat := os.Stat(program); stat == nil {
			return fmt.Errorf("%s cannot be executed: its interpreter is not on this machine", program)
		}
	}
	return fmt.Errorf("%s cannot be executed: %w", program, err)
}

// find looks a program up in the search path of its own environment, as execvp(3) does.
func find(program string, env []string) (string, error) {
	if strings.Contains(program, "/") {
		return program, nil
	}
	search := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			search = v
		}
	}
	for dir := range strings.SplitSeq(search, ":") {
		p := path.Join(dir, program)
		if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
			return p, nil
		}
	}
	return "", fmt.Errorf("%s is not on this machine, neither in %s", program, strings.ReplaceAll(search, ":", " nor in "))
}

// enterMounts goes into the mount namespace of another process.
func enterMounts(pid int) error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil { // a thread that shares its root with others cannot leave it
		return err
	}
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/mnt")
	if err != nil {
		return errors.New("the program has ended")
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("the program's mounts cannot be entered: %w", err)
	}
	return nil
}

// mounts makes what the program alone sees: the namespace is a copy of the supervisor's.
func (o order) mounts() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if o.ReadOnly {
		// ProtectSystem=strict leaves /dev, /proc and /sys as they are (systemd.exec(5)); what the program may write is mounted afterwards
		list, err := mountsOf("/proc/self/mountinfo")
		if err != nil {
			return err
		}
		for _, m := range list {
			if under(m.at, "/dev") || under(m.at, "/proc") || under(m.at, "/sys") || under(m.at, ownRun) {
				continue
			}
			if err := remountReadOnly(m.at, m.flags); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) { // another mount hides it
				return fmt.Errorf("%s cannot be made read-only: %w", m.at, err)
			}
		}
	}
	for _, p := range o.Mounts {
		if err := p.show(); err != nil {
			return err
		}
	}
	return unix.Unmount(ownRun, unix.MNT_DETACH)
}

// hand moves the descriptors that are handed over to where the orders came from and further on.
func (o order) hand() error {
	for i := range o.Handed {
		if err := unix.Dup3(ordersAt+1+i, ordersAt+i, 0); err != nil {
			return err
		}
	}
	return unix.Close(ordersAt + o.Handed)
}

// limit sets what a process hands on to what it starts.
func (o order) limit() error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("0"), 0)
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, 0)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: o.NoFile[0], Max: o.NoFile[1]}); err != nil {
		return fmt.Errorf("it cannot be allowed %d open files: %w", o.NoFile[1], err)
	}
	unix.Umask(int(o.Umask))
	return nil
}
