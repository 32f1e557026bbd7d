package exchange

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
)

// Target is a system that runs, as far as exchanges need it: a part of run.Running, where each method is described.
type Target interface {
	Dial(ctx context.Context, workload string, port int) (net.Conn, error)
	Door(ctx context.Context, r deploy.Route) (net.Conn, error)
	Published(ctx context.Context, workload string, port int) (net.Conn, error)
	Run(ctx context.Context, workload string) (Ended, error)
	Stop(ctx context.Context, workload string) (Ended, error)
	Begin(ctx context.Context, workload string) error
}

// Ended is how a program came to its end.
type Ended struct {
	Took   time.Duration // from the stop request, or from the start for a Run, to the end
	Code   int           // exit status, -1 where a signal ended it or the runtime does not tell
	Killed bool          // by SIGKILL: its patience was over
	Log    []byte        // what it printed up to its end
}

// NotHere is the error of a question that makes no sense on the tier.
type NotHere struct{ Why string }

func (e NotHere) Error() string { return e.Why }

// Side is a system that runs and is asked.
type Side struct {
	Tier   string
	App    deploy.App        // what runs on this side
	Routes []deploy.Route    // of the original, with its names
	Called map[string]string // what the original's workloads are called on this side, where that differs
	Values map[string]string // what people supply, by the name of the parameter. Shown nowhere
	Nonce  string            // of the run: part of the header X-Lift-Request, by which a request is found in logs
	Target Target

	Progress func(format string, args ...any) // one line each; may be nil
}

func (s Side) called(workload string) string {
	if here, ok := s.Called[workload]; ok {
		return here
	}
	return workload
}

// original is the name that the original has for a workload of this side.
func (s Side) original(here string) string {
	for original, h := range s.Called {
		if h == here {
			return original
		}
	}
	return here
}

func (s Side) progress(format string, args ...any) {
	if s.Progress != nil {
		s.Progress(format, args...)
	}
}

func (s Side) environment() environment {
	return environment{app: s.App, called: s.called, given: s.Values}
}

// door finds the route by which a request comes in, under the names of this side. The locations of a proxy of the system are behind the door, not one.
func (s Side) door(scheme, host, path string) (deploy.Route, bool) {
	r, ok := route(s.Routes, scheme, host, path, func(r deploy.Route) bool { return !r.Via.IsSet() })
	if !ok {
		return r, false
	}
	for _, own := range s.App.Routes {
		if own.Match == r.Match && !own.Via.IsSet() {
			return own, true
		}
	}
	if w, ok := r.Workload.Get(); ok {
		r.Workload = deploy.Some(deploy.Ref(deploy.At("workloads", s.called(w.Name()))))
	}
	return r, true
}

// route finds the route that a request takes, of those that f takes: the path alone before what begins with it, the longest before the shorter, a host's own before those of all.
func route(routes []deploy.Route, scheme, host, path string, f func(deploy.Route) bool) (deploy.Route, bool) {
	path, _, _ = strings.Cut(path, "?")
	var best deploy.Route
	rank := -1
	for _, r := range routes {
		t, ok := deploy.ParseTarget(r.Match)
		if !ok || t.Scheme != scheme || t.Pattern || !f(r) {
			continue
		}
		n := hostRank(t.Host, host)
		switch {
		case n < 0:
			continue
		case t.Exact && t.Path == path:
			n += 1<<19 + len(t.Path)
		case t.Exact || !strings.HasPrefix(path, t.Path):
			continue
		default:
			n += len(t.Path)
		}
		if n > rank {
			best, rank = r, n
		}
	}
	return best, rank >= 0
}

// hostRank tells how well a host is what a route asks for; -1: not at all.
func hostRank(want, host string) int {
	below, wild := strings.CutPrefix(want, "*.")
	switch {
	case want == host:
		return 1 << 30
	case want == "*":
		return 0
	case wild && strings.HasSuffix(host, "."+below):
		return 1<<20 + len(below)<<10
	}
	return -1
}

// answers tells which workload of the original answers a request, "" if nobody knows.
func answers(routes []deploy.Route, a Address) string {
	if a.Way != Outside {
		return a.Workload
	}
	r, ok := route(routes, a.Scheme, a.Host, a.Path, func(deploy.Route) bool { return true })
	w, set := r.Workload.Get()
	if !ok || !set {
		return ""
	}
	return w.Name()
}

// workload returns a workload of the side by the name that the original gives it.
func (s Side) workload(name string) *deploy.Workload {
	i := slices.IndexFunc(s.App.Workloads, func(w deploy.Workload) bool { return w.Name == s.called(name) })
	if i < 0 {
		return nil
	}
	return &s.App.Workloads[i]
}
