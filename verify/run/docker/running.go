package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// Dial connects to a port of the first instance's program itself: at the container's own address, where nothing of Docker's stands before it.
func (r *running) Dial(ctx context.Context, workload string, port int) (net.Conn, error) {
	k, err := r.first(ctx, workload)
	if err != nil {
		return nil, err
	}
	if !k.running() {
		return nil, fmt.Errorf("%s does not run: its container is %s", workload, k.State.Status)
	}
	host, ok := r.address(k)
	if ok {
		return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	}
	conn, err := r.published(ctx, k, workload, port)
	if errors.As(err, new(run.NotHere)) {
		return nil, run.NotHere{Why: fmt.Sprintf("the machine does not reach the containers themselves, and does not offer port %d of %s", port, workload)}
	}
	return conn, err
}

// Published connects to where the machine offers a port. The engine has chosen another one than the files name: that one may be in use.
func (r *running) Published(ctx context.Context, workload string, port int) (net.Conn, error) {
	k, err := r.first(ctx, workload)
	if err != nil {
		return nil, err
	}
	if !k.running() {
		return nil, fmt.Errorf("%s does not run: its container is %s", workload, k.State.Status)
	}
	return r.published(ctx, k, workload, port)
}

func (r *running) published(ctx context.Context, k container, workload string, port int) (net.Conn, error) {
	for _, at := range k.NetworkSettings.Ports[strconv.Itoa(port)+"/tcp"] {
		if at.HostPort != "" {
			return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(at.HostIP, at.HostPort))
		}
	}
	if k.HostConfig.NetworkMode == "host" {
		return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	return nil, run.NotHere{Why: fmt.Sprintf("the machine does not offer port %d of %s", port, workload)}
}

// Door connects to the published port of the proxy that hands a route on, or of the workload itself.
func (r *running) Door(ctx context.Context, route deploy.Route) (net.Conn, error) {
	ref, ok := route.Via.Get()
	if !ok {
		ref, ok = route.Workload.Get()
	}
	if !ok {
		return nil, run.NotHere{Why: "the route " + route.Match + " leads to no workload"}
	}
	w := workload(r.s.App, ref.Name())
	if w == nil {
		return nil, run.NotHere{Why: ref.Name() + " is no workload of this tier"}
	}
	own := int64(0)
	if !route.Via.IsSet() {
		own = route.Port.Or(0)
	}
	port, ok := door(*w, route.Match, own)
	if !ok {
		return nil, run.NotHere{Why: "the machine offers no port of " + w.Name + " at which requests for " + route.Match + " arrive"}
	}
	return r.Published(ctx, w.Name, port)
}

// door chooses the port at which requests from outside arrive: the one that the machine offers under the scheme's own number, that the route names, or the only one.
func door(w deploy.Workload, match string, own int64) (int, bool) {
	scheme, usual := "http", "80"
	if t, ok := deploy.ParseTarget(match); ok && t.Scheme == "https" {
		scheme, usual = "https", "443"
	}
	var offered, best []int
	for _, p := range w.Ports {
		number, proto, _ := strings.Cut(p.Number, "/")
		n, err := strconv.Atoi(number)
		at, ok := p.Published.Get()
		if !ok || err != nil || proto != "tcp" {
			continue
		}
		switch at := at[strings.LastIndexByte(at, ':')+1:]; {
		case int64(n) == own:
			return n, true
		case at == usual:
			best = append([]int{n}, best...)
		case number == usual, p.Name.Or("") == scheme, p.Protocol.Or("") == scheme:
			best = append(best, n)
		}
		offered = append(offered, n)
	}
	if len(best) > 0 {
		return best[0], true
	}
	if len(offered) == 1 {
		return offered[0], true
	}
	return 0, false
}

// Ask runs the witness in the container of the first instance.
func (r *running) Ask(ctx context.Context, workload string, args ...string) ([]byte, error) {
	if _, ok := r.v.fronts[workload]; !ok {
		return nil, run.NotHere{Why: "no witness is in the place of " + workload}
	}
	k, err := r.first(ctx, workload)
	if err != nil {
		return nil, err
	}
	return r.c.output(ctx, append([]string{"exec", k.ID, witnessPath}, args...)...)
}

// Logs returns what the first instance has printed, across its restarts.
func (r *running) Logs(ctx context.Context, workload string) ([]byte, error) {
	k, err := r.first(ctx, workload)
	if err != nil {
		return nil, err
	}
	return r.c.both(ctx, "logs", k.ID)
}

// State counts the instances. Docker counts restarts from the last start by hand on.
func (r *running) State(ctx context.Context, workload string) (run.State, error) {
	var st run.State
	list, err := r.c.containers(ctx, r.c.name, workload)
	if err != nil {
		return st, err
	}
	if len(list) == 0 {
		return st, r.absent(workload)
	}
	w := r.watcher()
	for _, k := range list {
		st.Restarts += k.RestartCount
		if !k.running() {
			continue
		}
		st.Running++
		switch {
		case k.test() == nil:
			if ok, err := w.up(ctx, k); err == nil && ok {
				st.Ready++
			}
		case k.State.Health != nil && k.State.Health.Status == "starting":
			bounded, cancel := context.WithTimeout(ctx, answerTime)
			if _, err := r.c.output(bounded, append([]string{"exec", k.ID}, k.test()...)...); err == nil {
				st.Ready++
			}
			cancel()
		case k.State.Health != nil && k.State.Health.Status == "healthy":
			st.Ready++
		}
	}
	return st, ctx.Err()
}

// Close removes everything that the run made.
func (r *running) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return r.fault
	}
	ctx, cancel := own(context.Background(), cleanTime)
	defer cancel()
	if r.c.name != "" {
		r.fault = r.c.remove(ctx, r.c.name, r.broken)
		if r.fault == nil {
			dropName(r.c.name)
		}
	}
	if r.scratch != "" {
		r.fault = errors.Join(r.fault, os.RemoveAll(r.scratch))
	}
	r.closed = r.fault == nil // a second call tries again
	return r.fault
}
