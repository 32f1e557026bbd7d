// Package processes runs a system as plain processes of this machine, the way the source's supervisor (systemd, a Procfile's foreman) would: with its users, limits, signals and patience, and without
// touching the machine.
//
// Each side gets a supervisor of its own: lift, started once more, as the first process of new pid, mount, network, ipc and uts namespaces. So all ports are free, nothing is reachable from the machine or
// collides with it, and the kernel ends every process when the supervisor ends, which it does when lift ends, however that may be. The root of the side is an overlay over the machine's: what programs
// write is gone with the side.
//
// Who does what:
//
//	lift        prepares (prepare.go), builds the programs (build.go), asks (running.go)
//	supervisor  makes the root (root.go), starts, restarts and stops (instance.go), looks after readiness (ready.go)
//	shim        makes the surroundings of one program and becomes it (shim.go)
//
// The supervisor and the shim are the same executable under a hidden verb (child.go). They get their orders over a socket: nothing of them stands in an argument or a file.
package processes

// name is what --on calls the runner.
const name = "processes"

// Runner starts systems as processes of this machine.
type Runner struct{}

// Name is what --on calls it.
func (Runner) Name() string { return name }
