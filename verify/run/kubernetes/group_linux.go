package kubernetes

import (
	"os/exec"
	"syscall"
)

// inGroup gives the command a process group of its own, and lets it die with lift: what it leaves in the engine is swept by the next run.
func inGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
