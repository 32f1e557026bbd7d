package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/owners"
)

// running is one compose project of a run.
type running struct {
	s        run.System
	c        composer
	p        project
	v        override
	scratch  string
	override string // the file with which the system runs
	near     bool   // the machine reaches the containers' own addresses
	progress func(string, ...any)
	broken   bool // a command was broken off: the engine may be at work yet

	mu     sync.Mutex
	runs   int
	closed bool
	fault  error
}

var _ run.Running = (*running)(nil)

// Start builds the images, brings the project up, and waits until it is ready.
func (r *Runner) Start(ctx context.Context, s run.System) (run.Running, error) {
	x, err := r.start(ctx, s)
	if err == nil {
		return x, nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if x != nil {
		x.broken = true
		if e := x.Close(); e != nil {
			err = errors.Join(err, fmt.Errorf("cleaning up: %w", e))
		}
	}
	return nil, err
}

// prepare looks at the system, sweeps what earlier runs left, and takes a name. What it returns beside an error has to be closed.
func prepare(ctx context.Context, s run.System) (*running, error) {
	if !nonce.MatchString(s.Nonce) {
		return nil, fmt.Errorf("internal: %q is no nonce; please report", s.Nonce)
	}
	if err := supplied(s); err != nil {
		return nil, err
	}
	files, err := composeFiles(s)
	if err != nil {
		return nil, err
	}
	x := &running{s: s, progress: progressOf(s)}
	x.c = composer{command: command{dir: filepath.Dir(files[0]), values: s.Values, mask: mask.Of(s)}, files: files}
	if err := reachable(ctx, x.c.command); err != nil {
		return nil, err
	}
	if err := x.c.sweep(ctx, x.progress); err != nil {
		return nil, err
	}
	x.c.name = takeName("lift-" + s.Nonce)
	me := owners.Self()
	if x.scratch, err = newScratch(x.c.name, me); err != nil {
		return x, err
	}
	if x.p, err = x.c.read(ctx); err != nil {
		return x, err
	}
	x.v = newOverride(x.c.name, me, x.p)
	return x, nil
}

// start is Start without the cleaning up: what it returns beside an error has to be closed.
func (r *Runner) start(ctx context.Context, s run.System) (*running, error) {
	x, err := prepare(ctx, s)
	if err != nil {
		return x, err
	}
	e, err := x.c.info(ctx)
	if err != nil {
		return x, err
	}
	x.near, _ = e.near()
	for _, name := range outside(x.p) {
		x.progress("the volume %s lies outside of the project: an empty one takes its place", name)
	}
	if err := hostPaths(x.p, &x.v, x.scratch); err != nil {
		return x, err
	}
	for _, l := range r.lowered(ctx, x.c.command, wantedIn(x.p)) {
		if x.v.lowered[l.service] == nil {
			x.v.lowered[l.service] = map[string]ulimit{}
		}
		x.v.lowered[l.service][l.name] = l.to
		x.progress("%s: this engine grants no %s of %d, it runs with %d", l.service, l.name, l.from.Hard, l.to.Hard)
	}
	if err := x.build(ctx); err != nil {
		return x, err
	}
	if err := x.witnesses(ctx); err != nil {
		return x, err
	}
	if x.override, err = x.write("run.yaml", x.v.running(x.p)); err != nil {
		return x, err
	}
	return x, x.up(ctx)
}

// nonce is what can be part of every name.
var nonce = regexp.MustCompile(`^[a-z0-9]+$`)

// takeName reserves a project's name in this process.
func takeName(base string) string {
	projects.Lock()
	defer projects.Unlock()
	name := base
	for i := 2; projects.used[name]; i++ {
		name = base + "x" + strconv.Itoa(i) // without a dash: what one run is called is not the beginning of what belongs to another
	}
	projects.used[name] = true
	return name
}

func dropName(name string) {
	projects.Lock()
	defer projects.Unlock()
	delete(projects.used, name)
}

// write puts a file into the scratch directory. It may hold what compose has put in place of parameters.
func (r *running) write(name string, data []byte) (string, error) {
	file := filepath.Join(r.scratch, name)
	return file, os.WriteFile(file, data, 0o600)
}

// up creates and starts everything, and waits for it.
func (r *running) up(ctx context.Context) error {
	names := r.p.started()
	r.progress("starts %s", strings.Join(names, ", "))
	begun := time.Now()
	failed := make(chan error, 1)
	up, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		failed <- r.c.watch(up, func(string) {}, r.c.args([]string{r.override}, "up", "--detach", "--no-build", "--quiet-pull")...)
	}()
	// a service that another one waits for may never become healthy, and compose would wait for it for good
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			if err != nil {
				return r.upError(ctx, err)
			}
			if err := r.ready(ctx, names, begun); err != nil {
				return err
			}
			r.progress("all services are ready after %s", time.Since(begun).Round(100*time.Millisecond))
			return nil
		case <-tick.C:
			if err := r.hopeless(ctx); err != nil {
				cancel(err)
				<-failed
				return err
			}
		}
	}
}

// upError finds out which service it was: compose names containers and statuses, and the user knows workloads and wants their words.
func (r *running) upError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	list, e := r.c.containers(ctx, r.c.name, "")
	if e != nil {
		return err
	}
	said := err.Error()
	verdict := said[strings.LastIndexByte(said, '\n')+1:] // "dependency failed to start: container … is unhealthy"
	jobs := r.p.jobs(r.s.App)
	for _, k := range list {
		s := k.Config.Labels[labelService]
		if k.State.Error != "" {
			return run.Error{What: s + " cannot be started", Remedy: "mend what the engine says:" + r.c.mask.Ending([]byte(k.State.Error), 4)}
		}
		if jobs[s] && k.State.Status == "exited" && k.State.ExitCode != 0 {
			return r.died(ctx, k, "others wait for its end")
		}
	}
	if h := r.hopeless(ctx); h != nil {
		return h
	}
	for _, k := range list {
		if strings.Contains(verdict, strings.TrimPrefix(k.Name, "/")) && (k.RestartCount > 0 || k.State.Status == "exited") {
			return r.died(ctx, k, "others wait for it")
		}
	}
	return run.Error{What: "docker compose up does not bring the system up", Remedy: "mend what it says:" + r.c.mask.Ending([]byte(said), 8)}
}
