// Package procgroup gives commands process groups of their own, so that they end with all that they have started.
package procgroup

import (
	"os/exec"
	"syscall"
)

// Own gives the command a process group of its own, and lets it die with lift: what it leaves in the engine is swept by the next run.
func Own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Kill ends the command and all of its group.
func Kill(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
