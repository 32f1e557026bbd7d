//go:build !linux

package processes

import (
	"context"

	"github.com/deploylift/lift/verify/run"
)

var errLinux = run.Error{What: "needs Linux: processes are kept apart by its namespaces", Remedy: "run lift on Linux, or choose docker or kubernetes with --on"}

// Child does nothing here: there is no supervisor.
func Child() {}

// Needs tells that it cannot run here.
func (Runner) Needs(context.Context) error { return errLinux }

// Cannot has nothing to tell.
func (Runner) Cannot(context.Context, run.System) []run.Untested { return nil }

// Start cannot start anything here.
func (Runner) Start(context.Context, run.System) (run.Running, error) { return nil, errLinux }
