package docker

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// watcher looks at containers until they are ready.
type watcher struct {
	r     *running
	jobs  map[string]bool
	mu    sync.Mutex
	again map[string]time.Time // life of a container → when its health check may be run by hand again
	well  map[string]bool      // lives that passed it
	ended map[string]bool      // lives that were seen to have ended
	ready map[string]bool      // lives that were ready once: what comes later is no matter of the start
}

func (r *running) watcher() *watcher {
	return &watcher{r: r, jobs: r.p.jobs(r.s.App), again: map[string]time.Time{}, well: map[string]bool{}, ended: map[string]bool{}, ready: map[string]bool{}}
}

// life tells one run of a container's program from the next one.
func life(k container) string { return k.ID + k.State.StartedAt.String() }

// ready waits until every instance of the services is ready, and tells which one is not and why.
func (r *running) ready(ctx context.Context, services []string, begun time.Time) error {
	w := r.watcher()
	told := map[string]bool{}
	for {
		var late error
		waiting := 0
		list, err := r.c.containers(ctx, r.c.name, "")
		if err != nil {
			return err
		}
		for _, s := range services {
			own := slices.DeleteFunc(slices.Clone(list), func(k container) bool { return k.Config.Labels[labelService] != s })
			open := 0
			for _, k := range own {
				ok, err := w.look(ctx, k)
				if err != nil {
					return err
				}
				if ok {
					continue
				}
				open++
				if time.Since(begun) > r.patience(k) {
					late = r.late(ctx, k)
				}
			}
			switch {
			case open > 0:
				waiting++
			case !told[s] && len(own) > 0:
				told[s] = true
				r.progress("%s is ready after %s", s, time.Since(begun).Round(100*time.Millisecond))
			}
		}
		if waiting == 0 {
			return nil
		}
		if late != nil {
			return late
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause(begun)):
		}
	}
}

// pause is how long to wait before looking again: each look costs the machine something that the programs could use to start.
func pause(begun time.Time) time.Duration {
	return min(max(time.Since(begun)/8, 200*time.Millisecond), time.Second)
}

// hopeless returns an error if a service will not come up any more.
func (r *running) hopeless(ctx context.Context) error {
	list, err := r.c.containers(ctx, r.c.name, "")
	if err != nil {
		return nil // it may have been listed while it was removed
	}
	jobs := r.p.jobs(r.s.App)
	for _, k := range list {
		if err := r.given(ctx, k); err != nil {
			return err
		}
		unwell := k.State.Health != nil && k.State.Health.Status != "healthy"
		if k.running() && (unwell || jobs[k.Config.Labels[labelService]]) && time.Since(k.State.StartedAt) > r.patience(k) {
			return r.late(ctx, k) // compose waits without bound
		}
	}
	return nil
}

// given returns an error if a container shows that waiting is of no use.
func (r *running) given(ctx context.Context, k container) error {
	switch {
	case k.State.Status == "dead", k.RestartCount > mostRestart:
		return r.died(ctx, k, "")
	case k.running() && k.State.Health != nil && k.State.Health.Status == "unhealthy" && !k.slow():
		return r.sick(ctx, k)
	}
	return nil
}

// look reports whether a container is ready.
func (w *watcher) look(ctx context.Context, k container) (bool, error) {
	s := k.Config.Labels[labelService]
	job := w.jobs[s]
	if w.ready[life(k)] && k.running() {
		return true, nil
	}
	if err := w.r.given(ctx, k); err != nil {
		return false, err
	}
	switch k.State.Status {
	case "exited":
		if job {
			if k.State.ExitCode != 0 {
				return false, w.r.died(ctx, k, "")
			}
			return true, nil
		}
		if w.ended[life(k)] { // seen twice: a container that is started again is "restarting" in between
			return false, w.r.died(ctx, k, "")
		}
		w.ended[life(k)] = true
		return false, nil
	case "running":
	default:
		return false, nil
	}
	if job {
		return false, nil
	}
	ok, err := w.up(ctx, k)
	w.ready[life(k)] = ok
	return ok, err
}

// up reports whether a running container is ready: by its health check, by its ports, or by going on running.
func (w *watcher) up(ctx context.Context, k container) (bool, error) {
	if k.test() != nil {
		if k.State.Health != nil && k.State.Health.Status == "healthy" {
			return true, nil
		}
		return w.probe(ctx, k), nil
	}
	if time.Since(k.State.StartedAt) < momentTime {
		return false, nil
	}
	for _, at := range w.r.listening(k) {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", at)
		if err != nil {
			return false, nil
		}
		conn.Close()
	}
	return true, nil
}

// probe runs a container's health check by hand: the engine waits a whole interval before it runs it for the first time. A check takes what the program needs to start, so that a slow one is repeated slowly.
func (w *watcher) probe(ctx context.Context, k container) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := life(k)
	if w.well[l] {
		return true
	}
	if again, ok := w.again[l]; ok && time.Now().Before(again) {
		return false
	}
	timeout := k.Config.Healthcheck.Timeout
	if timeout <= 0 {
		timeout = 30 * time.Second // Dockerfile reference, HEALTHCHECK
	}
	begun := time.Now()
	w.again[l] = begun.Add(time.Hour) // no second one beside it
	go func() {
		bounded, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		_, err := w.r.c.output(bounded, append([]string{"exec", k.ID}, k.test()...)...)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.again[l] = time.Now().Add(max(time.Second, 2*time.Since(begun)))
		w.well[l] = err == nil
	}()
	return false
}

// listening are the addresses of the TCP ports on which a container's program ought to listen, as far as they can be reached from here.
func (r *running) listening(k container) []string {
	host, ok := r.address(k)
	w := workload(r.s.App, k.Config.Labels[labelService])
	if !ok || w == nil {
		return nil
	}
	var out []string
	for _, p := range w.Ports {
		number, proto, _ := strings.Cut(p.Number, "/")
		if ip := net.ParseIP(p.Address.Or("")); proto == "tcp" && (ip == nil || !ip.IsLoopback()) && !strings.Contains(p.Address.Or(""), "/") {
			out = append(out, net.JoinHostPort(host, number))
		}
	}
	return out
}

// address is where the machine reaches a container itself.
func (r *running) address(k container) (string, bool) {
	if !r.near {
		return "", false
	}
	if k.HostConfig.NetworkMode == "host" {
		return "127.0.0.1", true
	}
	var names []string
	for n := range k.NetworkSettings.Networks {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if ip := k.NetworkSettings.Networks[n].IPAddress; ip != "" {
			return ip, true
		}
	}
	for _, n := range names {
		if ip := k.NetworkSettings.Networks[n].GlobalIPv6Address; ip != "" {
			return ip, true
		}
	}
	return "", false
}

// patience is how long a container is waited for: as long as its own health check and the model allow, and not less than a while.
func (r *running) patience(k container) time.Duration {
	d := readyTime
	if h := k.Config.Healthcheck; h != nil && k.test() != nil {
		or := func(d, other time.Duration) time.Duration {
			if d > 0 {
				return d
			}
			return other
		}
		retries := time.Duration(h.Retries)
		if retries == 0 {
			retries = 3
		}
		d = max(d, h.StartPeriod+retries*(or(h.Interval, 30*time.Second)+or(h.Timeout, 30*time.Second))+answerTime)
	}
	if k.slow() {
		d *= 2
	}
	if w := workload(r.s.App, k.Config.Labels[labelService]); w != nil {
		if l, ok := w.Start.Timeout.Get(); ok {
			if t, finite := l.Get(); finite {
				d = max(d, t)
			}
		}
		if w.Kind.Is(deploy.Job) {
			d = max(d, 10*time.Minute)
		}
	}
	return d
}

// tail is the end of what a container printed.
func (r *running) tail(ctx context.Context, k container) string {
	out, err := r.c.both(ctx, "logs", "--tail", "40", k.ID)
	if err != nil {
		return ""
	}
	return r.c.mask.Ending(out, 20)
}

// died is the error of a container whose program has ended.
func (r *running) died(ctx context.Context, k container, why string) error {
	s := k.Config.Labels[labelService]
	what := s + " ended with status " + strconv.Itoa(k.State.ExitCode)
	if k.State.OOMKilled {
		what = s + " was killed: its memory limit was reached"
	}
	if k.RestartCount > 0 {
		what += fmt.Sprintf(", the last time after %d restarts", k.RestartCount)
	}
	if why != "" {
		what += ", and " + why
	}
	remedy := "mend the program, or what its settings lead to"
	switch tail := r.tail(ctx, k); {
	case k.State.Error != "":
		remedy = "mend what the engine says:" + r.c.mask.Ending([]byte(k.State.Error), 4)
	case tail == "":
		remedy += "; it printed nothing"
	default:
		remedy += "; its last lines:" + tail
	}
	return run.Error{What: what, Remedy: remedy}
}

// sick is the error of a container that does not get healthy.
func (r *running) sick(ctx context.Context, k container) error {
	remedy := "mend the program or the health check"
	if log := k.State.Health.Log; len(log) > 0 {
		if said := r.c.mask.Ending([]byte(log[len(log)-1].Output), 6); said != "" {
			remedy += "; the check said last:" + said
		}
	}
	if tail := r.tail(ctx, k); tail != "" {
		remedy += "\n    the program's last lines:" + tail
	}
	return run.Error{What: k.Config.Labels[labelService] + " runs, but its health check does not pass", Remedy: remedy}
}

// late is the error of a container that was waited for long enough.
func (r *running) late(ctx context.Context, k container) error {
	s := k.Config.Labels[labelService]
	what := fmt.Sprintf("%s is not ready after %s: its container is %s", s, r.patience(k), k.State.Status)
	remedy := "mend the program"
	if k.running() && r.p.jobs(r.s.App)[s] {
		what = fmt.Sprintf("%s has not ended after %s, and others wait for its end", s, r.patience(k))
	}
	if k.slow() {
		what = fmt.Sprintf("%s is not ready after %s: its health check takes longer than the %s that it has", s, r.patience(k), k.Config.Healthcheck.Timeout)
		remedy = "give the check more time, or the machine less to do"
	}
	if ports := r.listening(k); k.test() == nil && k.running() && len(ports) > 0 {
		what = fmt.Sprintf("%s listens not on all of its ports after %s: %s", s, r.patience(k), strings.Join(ports, ", "))
		remedy = "mend the program, or remove the port from the compose file and the Dockerfile"
	}
	if tail := r.tail(ctx, k); tail != "" {
		remedy += "; its last lines:" + tail
	}
	return run.Error{What: what, Remedy: remedy}
}
