// Package docker runs a system as Docker's user would: with the docker command and its plugin compose, on the compose file as it stands in the output.
//
// What a second copy beside the one in use needs is changed by an override file, and nothing else: the tags of the images that are built, the ports of the machine, fixed names of containers, networks and
// volumes, what lies outside of the project and would be written to; and, where the witness takes a program's place, image and command. Limits that this engine cannot grant are lowered, and named by Cannot.
package docker

import (
	"context"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
)

// Runner runs systems on the Docker engine that the docker command speaks to.
type Runner struct {
	mu     sync.Mutex
	limits map[string]bool // rlimits that were tried: "nofile=524288" and whether the engine grants it
}

// New returns the runner.
func New() *Runner { return &Runner{limits: map[string]bool{}} }

var _ run.Runner = (*Runner)(nil)

// Name is what --on calls it.
func (*Runner) Name() string { return "docker" }

// Everything that a run makes carries these labels.
const (
	labelRun   = "lift.run"   // the compose project's name
	labelOwner = "lift.owner" // the process that the run belongs to
	// labelProject and the others are compose's own.
	labelProject = "com.docker.compose.project"
	labelService = "com.docker.compose.service"
	labelNumber  = "com.docker.compose.container-number"
	labelOneOff  = "com.docker.compose.oneoff"
)

// How long things may take.
const (
	answerTime  = 20 * time.Second // a question to the engine
	cleanTime   = 2 * time.Minute  // cleaning up, whatever became of the run
	readyTime   = 2 * time.Minute  // until a service is ready, if its files give no reason to wait longer
	momentTime  = time.Second      // how long a service that shows nothing must have been running
	mostRestart = 6                // restarts while it is waited for; Docker doubles the pause from 100 ms on, so that this is some 7 seconds
)

// projects are the names in use in this process: one system may be started twice at a time.
var projects = struct {
	sync.Mutex
	used map[string]bool
}{used: map[string]bool{}}

// progressOf prints lines of this runner, if anybody listens.
func progressOf(s run.System) func(format string, args ...any) {
	if s.Progress == nil {
		return func(string, ...any) {}
	}
	return func(format string, args ...any) { s.Progress("docker: "+format, args...) }
}

// own gives a clean-up time of its own: it has to be done when ctx has ended as well.
func own(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
