// Package run proves by running that two tiers of a system behave the same: each side is started on a real runtime, is asked the same things, and what differs must be what the ledger declares.
//
// A Runner knows one kind of runtime and lives in a folder of its own (processes, docker, kubernetes). It starts a System and hands out a Running one, through which everything else here looks at both sides in
// the same way. What is asked is of two kinds: exchanges (package exchange), which go to the real programs, and the questions to the witness (package witness), which takes the programs' place and tells what
// world they would have found.
package run

import (
	"context"
	"net"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run/exchange"
	"github.com/deploylift/lift/verify/run/witness"
)

// System is one side: a system on one tier, with all that its runner needs to start it.
type System struct {
	Tier  string     // the runner's name: "processes", "docker", "kubernetes"
	App   deploy.App // what the tier's own files say, defaults of the platform included
	Tree  string     // absolute path of the source tree: what images are built from, what processes run
	Out   string     // absolute path of the written files; "" for a tier that is run from the tree
	From  []string   // what the source tier is described by: "systemd", "procfile", "nginx"; a supervisor has habits that its files do not tell
	Files []string   // the files in Out that belong to this tier, slash paths relative to Out

	Values map[string]string // what people supply, by parameter name (deploy.Value.Param): .env of compose, keys of the Secret. Never printed
	Nonce  string            // of this run: lower-case letters and digits, part of every name that the runner makes up

	Witness *Witness // the witness takes the place of each program; nil: the programs themselves run

	Progress func(format string, args ...any) // one line each: what happens now
}

// Witness is the program that takes the place of others.
type Witness struct {
	Binary string                  // absolute path of a static executable of the machine's architecture
	Plans  map[string]witness.Plan // by workload of App; a workload without one keeps its program
}

// Runner starts systems on one kind of runtime.
type Runner interface {
	// Name is what --on calls it.
	Name() string
	// Needs tells why it cannot run here, in words that a user can act on; nil: it can. It starts nothing and leaves nothing.
	Needs(ctx context.Context) error
	// Cannot tells beforehand what this runtime on this machine cannot grant or show, whatever the system's files say: these are not tested.
	Cannot(ctx context.Context, s System) []Untested
	// Start builds what has to be built, starts every service, and returns when all of them are ready by their own readiness probes (or listen on their ports, or run, if they have none). Jobs that the start
	// of others waits for are run; other jobs and schedules wait for Running.Run. On an error, and when ctx ends, nothing is left behind.
	Start(ctx context.Context, s System) (Running, error)
}

// Running is a system that runs. Workloads are called as in System.App. Methods may be called from several goroutines.
type Running interface {
	// Dial connects to a port on which the program itself listens, past every proxy.
	Dial(ctx context.Context, workload string, port int) (net.Conn, error)
	// Door connects to where requests from outside arrive that the route matches: the proxy's port on the machine, the published port, the Gateway. The caller speaks the route's scheme and host.
	Door(ctx context.Context, r deploy.Route) (net.Conn, error)
	// Published connects to an address under which the machine offers a port (deploy.Port.Published); NotHere where the tier offers none.
	Published(ctx context.Context, workload string, port int) (net.Conn, error)
	// Ask runs the witness's binary with arguments in the world of the first instance of the workload, and returns what it prints.
	Ask(ctx context.Context, workload string, args ...string) ([]byte, error)
	// Logs returns what the first instance has printed so far, both streams, across its restarts as far as the runtime keeps them.
	Logs(ctx context.Context, workload string) ([]byte, error)
	// State tells how the instances of the workload are.
	State(ctx context.Context, workload string) (State, error)
	// Run runs a job or a schedule's program once, to its end.
	Run(ctx context.Context, workload string) (Ended, error)
	// Stop stops the workload as its supervisor does, with its stop signal and its patience, and waits for the end.
	Stop(ctx context.Context, workload string) (Ended, error)
	// Begin starts a stopped workload again and waits until it is ready. Its storage is what it was.
	Begin(ctx context.Context, workload string) error
	// Close stops everything and removes all that the runner made: processes, containers, images it built, networks, volumes, namespaces, cgroups, files. It can be called twice.
	Close() error
}

// State is how the instances of a workload are.
type State struct {
	Running  int // instances that run
	Ready    int // of them, those that are ready
	Restarts int // how often the runtime has started one anew after its end
}

// Ended is how a program came to its end. It is defined where exchanges need it, which know nothing of runners.
type Ended = exchange.Ended

// Untested is something that was not, or will not be, tested.
type Untested struct {
	Workload string // "" for all
	Aspect   string // name of an aspect (aspects.go), or "exchanges"; a name that ends in "." stands for all that begin with it
	Why      string
}

// Error is an error for the user, with what can be done about it.
type Error struct{ What, Remedy string }

func (e Error) Error() string {
	if e.Remedy == "" {
		return e.What
	}
	return e.What + "; " + e.Remedy
}

// NotHere is the error of a question that makes no sense on the tier.
type NotHere = exchange.NotHere
