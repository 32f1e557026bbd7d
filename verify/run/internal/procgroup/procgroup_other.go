//go:build !unix

package procgroup

import "os/exec"

func Own(*exec.Cmd) {}

func Kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }
