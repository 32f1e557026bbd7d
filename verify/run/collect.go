package run

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run/witness"
	"github.com/deploylift/lift/verify/run/witness/report"
)

// collector asks the witnesses of one side.
type collector struct {
	sys      System
	run      Running
	host     Host
	patience time.Duration
	names    []string            // of the original
	called   func(string) string // what they are called on this side
	original func(string) string // what this side's names are in the original
	routes   []deploy.Route      // of the original, that lead into the system

	mu       sync.Mutex
	views    map[string]*view // by the original's name
	untested []Untested
}

// collect asks everything there is to ask, and leaves the workloads stopped.
func (c *collector) collect(ctx context.Context) error {
	c.views = map[string]*view{}
	var services []string
	for _, name := range c.names {
		w := workload(c.sys.App, c.called(name))
		if w == nil {
			continue
		}
		c.views[name] = &view{tier: c.sys.Tier, w: *w, host: c.host, patience: c.patience, deeds: map[string]string{}}
		if c.sys.Witness.Plans[w.Name].Once {
			if err := c.job(ctx, name); err != nil {
				return err
			}
			continue
		}
		services = append(services, name)
		if err := c.service(ctx, name); err != nil {
			return err
		}
	}
	c.doors(ctx)
	c.sys.Progress("%s: ends each program, and looks whether it is started again", c.sys.Tier)
	if err := c.each(ctx, services, c.restart); err != nil {
		return err
	}
	c.sys.Progress("%s: stops each program, which holds out for up to %s", c.sys.Tier, c.patience)
	return c.each(ctx, services, c.stop)
}

// each does something to all services at once, but to those that are stopped and started together with others one after the other.
func (c *collector) each(ctx context.Context, names []string, do func(context.Context, string) error) error {
	tied := map[string]bool{}
	for _, w := range c.sys.App.Workloads {
		for _, n := range w.Needs {
			if n.Follow.Or(false) {
				tied[c.original(w.Name)], tied[c.original(n.Workload)] = true, true
			}
		}
	}
	errs := make(chan error, len(names)+1)
	var wg sync.WaitGroup
	for _, n := range names {
		if !tied[n] {
			wg.Go(func() { errs <- do(ctx, n) })
		}
	}
	wg.Go(func() {
		for i := len(names) - 1; i >= 0; i-- { // who needs others comes later in the alphabet as often as not: any order will do, one at a time
			if tied[names[i]] {
				if err := do(ctx, names[i]); err != nil {
					errs <- err
					return
				}
			}
		}
	})
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// service asks a running workload for its world and for how it is reached.
func (c *collector) service(ctx context.Context, name string) error {
	v := c.views[name]
	world, err := c.world(ctx, v.w.Name)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
	}
	v.world = world
	st, err := c.run.State(ctx, v.w.Name)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
	}
	v.deeds["replicas"] = strconv.Itoa(st.Running)
	for _, p := range c.sys.Witness.Plans[v.w.Name].Peers {
		r := world.Peers[net.JoinHostPort(p.Name, strconv.Itoa(p.Port))]
		to := c.original(p.Workload)
		v.deeds["reach."+to+":"+strconv.Itoa(p.Port)] = c.who(r.Nonce, r.Answered, r.Error)
	}
	for _, p := range v.w.Ports {
		number, protocol, _ := strings.Cut(p.Number, "/")
		n, err := strconv.Atoi(number)
		if err != nil || protocol != "tcp" || c.sys.Tier == "docker" && !p.Published.IsSet() {
			continue
		}
		from := c.run.Published
		if c.sys.Tier == "processes" {
			from = c.run.Dial // a process listens on the machine itself
		}
		conn, err := from(ctx, v.w.Name, n)
		if err != nil {
			if errors.As(err, new(NotHere)) {
				c.not(name, "published."+p.Number, err.Error())
			} else {
				v.deeds["published."+p.Number] = "no answer: " + err.Error()
			}
			continue
		}
		a, err := ask(ctx, conn, "http://127.0.0.1:"+number+"/")
		v.deeds["published."+p.Number] = c.who(a.Nonce, a.Workload, text(err))
	}
	return nil
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// who says who answered. An answer without the nonce of this run comes from somebody else.
func (c *collector) who(nonce, answered, fault string) string {
	switch {
	case fault != "":
		return "no answer: " + fault
	case nonce != c.sys.Nonce:
		return "answered by a stranger"
	}
	return answeredBy(c.original(answered))
}

// doors asks at each route who answers.
func (c *collector) doors(ctx context.Context) {
	for _, r := range c.routes {
		ref, ok := r.Workload.Get()
		if !ok || r.Via.IsSet() {
			continue
		}
		t, ok := deploy.ParseTarget(r.Match)
		aspect := "door." + r.Match
		name := ref.Name()
		v := c.views[name]
		switch {
		case v == nil:
			continue
		case !ok || t.Pattern:
			c.not(name, aspect, "a pattern names no path to ask for")
			continue
		case t.Scheme == "https":
			c.not(name, aspect, "it takes the certificate, which is not among the files")
			continue
		}
		here := r
		here.Workload = deploy.Some(deploy.Ref(deploy.At("workloads", c.called(name))))
		conn, err := c.run.Door(ctx, here)
		if errors.As(err, new(NotHere)) {
			c.not(name, aspect, err.Error())
			continue
		}
		var a witness.Answer
		if err == nil {
			host := strings.Replace(t.Host, "*", "lift", 1)
			path := t.Path
			if path == "" {
				path = "/"
			}
			a, err = ask(ctx, conn, "http://"+host+path)
		}
		v.deeds[aspect] = c.who(a.Nonce, a.Workload, text(err))
	}
}

func (c *collector) not(workload, aspect, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.untested = append(c.untested, Untested{workload, aspect, c.sys.Tier + ": " + why})
}

// ask sends one request and reads the witness's answer.
func ask(ctx context.Context, conn net.Conn, url string) (witness.Answer, error) {
	defer conn.Close()
	var a witness.Answer
	deadline := time.Now().Add(5 * time.Second)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	_ = conn.SetDeadline(deadline)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return a, err
	}
	req.Close = true
	if err := req.Write(conn); err != nil {
		return a, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return a, fmt.Errorf("status %d, and not the witness's answer", resp.StatusCode)
	}
	return a, nil
}

// world asks a workload's witness for its world, and checks that it is the right one's.
func (c *collector) world(ctx context.Context, name string) (*witness.World, error) {
	var w witness.World
	out, err := c.run.Ask(ctx, name, "ask", c.sys.Witness.Plans[name].Socket, "world")
	if err != nil && c.call(ctx, name) { // a program that is handed its sockets begins with the first call
		out, err = c.run.Ask(ctx, name, "ask", c.sys.Witness.Plans[name].Socket, "world")
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &w); err != nil {
		return nil, fmt.Errorf("the witness's answer cannot be read: %w", err)
	}
	return &w, c.own(name, &w)
}

// call connects to the ports of a workload and reports whether anybody takes the connection.
func (c *collector) call(ctx context.Context, name string) bool {
	called := false
	for _, l := range c.sys.Witness.Plans[name].Listen {
		address, protocol, _ := strings.Cut(l, "/")
		_, port, err := net.SplitHostPort(address)
		n, e := strconv.Atoi(port)
		if err != nil || e != nil || protocol != "tcp" {
			continue
		}
		bounded, cancel := context.WithTimeout(ctx, 3*time.Second)
		if conn, err := c.run.Dial(bounded, name, n); err == nil {
			if _, err := ask(bounded, conn, "http://127.0.0.1:"+port+"/"); err == nil {
				called = true
			}
		}
		cancel()
	}
	return called
}

func (c *collector) own(name string, w *witness.World) error {
	if w.Nonce != c.sys.Nonce || w.Side != c.sys.Tier || w.Workload != name {
		return fmt.Errorf("the answer is another one's: %s on %s of run %s", w.Workload, w.Side, w.Nonce)
	}
	return nil
}

// job runs a workload once and takes its world from what it printed.
func (c *collector) job(ctx context.Context, name string) error {
	v := c.views[name]
	c.sys.Progress("%s: runs %s", c.sys.Tier, v.w.Name)
	end, err := c.run.Run(ctx, v.w.Name)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
	}
	for _, e := range c.events(end.Log) {
		if e.World != nil {
			v.world = e.World
		}
	}
	if v.world == nil {
		return fmt.Errorf("%s: %s: it ended with status %d, and its witness said nothing", c.sys.Tier, v.w.Name, end.Code)
	}
	if err := c.own(v.w.Name, v.world); err != nil {
		return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
	}
	v.deeds["run"] = ranWell
	if end.Code != 0 {
		v.deeds["run"] = "ends with status " + strconv.Itoa(end.Code)
	}
	return nil
}

// events reads the witness's lines of a log that belong to this run.
func (c *collector) events(log []byte) []witness.Event {
	var out []witness.Event
	for l := range bytes.Lines(log) {
		i := bytes.Index(l, []byte(report.Line)) // a log may put its own words before
		if i < 0 {
			continue
		}
		var e witness.Event
		if json.Unmarshal(bytes.TrimSpace(l[i+len(report.Line):]), &e) == nil && e.Nonce == c.sys.Nonce {
			out = append(out, e)
		}
	}
	return out
}

// restart ends the program with a failure and then without, and looks whether it comes back.
func (c *collector) restart(ctx context.Context, name string) error {
	v := c.views[name]
	for _, end := range []struct{ aspect, code string }{{"restart.failure", "1"}, {"restart.success", "0"}} {
		before, err := c.world(ctx, v.w.Name)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
		}
		if _, err := c.run.Ask(ctx, v.w.Name, "ask", c.sys.Witness.Plans[v.w.Name].Socket, "exit", end.code); err != nil {
			// the end of a container takes whatever asks in it along: only one that lives on has not heard
			if w, e := c.world(ctx, v.w.Name); e == nil && w.Started == before.Started {
				return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
			}
		}
		policy := v.w.Restart.Policy.Or(deploy.RestartNo)
		expected := policy == deploy.RestartAlways || policy == deploy.RestartOnFailure && end.code == "1"
		// a supervisor that is to wait gets the time to; Kubernetes waits ten seconds and more from the second end on
		wait := v.w.Restart.Delay.Or(0) + 30*time.Second
		if !expected {
			wait = v.w.Restart.Delay.Or(0) + 5*time.Second
		}
		lives := c.followers(ctx, v.w.Name)
		back, err := c.returns(ctx, v.w.Name, before.Started, wait)
		if err != nil {
			return err
		}
		for follower, life := range lives {
			if _, err := c.returns(ctx, follower, life, 30*time.Second); err != nil {
				return err
			}
		}
		v.deeds[end.aspect] = restarted(back)
		if !back {
			if err := c.run.Begin(ctx, v.w.Name); err != nil {
				return fmt.Errorf("%s: %s: starting it again: %w", c.sys.Tier, v.w.Name, err)
			}
		}
	}
	return nil
}

// followers are the lives of the workloads that a supervisor of processes restarts together with another one that it restarts (systemd.unit(5), Requires=). Until they are over nothing can be asked of these.
func (c *collector) followers(ctx context.Context, name string) map[string]string {
	out := map[string]string{}
	if c.sys.Tier != "processes" {
		return out
	}
	for _, w := range c.sys.App.Workloads {
		follows := slices.ContainsFunc(w.Needs, func(n deploy.Need) bool { return n.Workload == name && n.Follow.Or(false) })
		if !follows || c.sys.Witness.Plans[w.Name].Once {
			continue
		}
		if world, err := c.world(ctx, w.Name); err == nil {
			out[w.Name] = world.Started
		}
	}
	return out
}

// returns waits until another life of the program answers.
func (c *collector) returns(ctx context.Context, name, life string, wait time.Duration) (bool, error) {
	for end := time.Now().Add(wait); time.Now().Before(end); {
		if w, err := c.world(ctx, name); err == nil && w.Started != life {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	return false, nil
}

// stop stops a program that does not want to end, and reads from its log who was told, by what, and for how long it lasted.
func (c *collector) stop(ctx context.Context, name string) error {
	v := c.views[name]
	bounded, cancel := context.WithTimeout(ctx, c.patience+slack(c.patience))
	defer cancel()
	begun := time.Now()
	end, err := c.run.Stop(bounded, v.w.Name)
	log := end.Log
	switch {
	case err == nil:
		v.deeds["stop.grace"] = patienceWords(end.Took, end.Killed, v.w.Stop.Grace, c.patience)
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		if log, err = c.run.Logs(ctx, v.w.Name); err != nil {
			return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
		}
		v.deeds["stop.grace"] = outlives(c.patience)
		// enough was seen: nobody has to wait for the rest of its patience
		_, _ = c.run.Ask(ctx, v.w.Name, "ask", c.sys.Witness.Plans[v.w.Name].Socket, "exit", "0")
	default:
		return fmt.Errorf("%s: %s: %w", c.sys.Tier, v.w.Name, err)
	}
	var main, child string
	for _, e := range c.events(log) {
		if e.Kind != "signal" || e.Name == "SIGCONT" || e.Time.Before(begun.Add(-time.Second)) {
			continue // SIGCONT comes with the stop signal, for programs that are suspended (systemd.kill(5))
		}
		if e.Child && child == "" {
			child = e.Name
		} else if !e.Child && main == "" {
			main = e.Name
		}
	}
	if main == "" {
		main = "none"
	}
	v.deeds["stop.signal"] = main
	v.deeds["stop.scope"] = first
	if child != "" {
		v.deeds["stop.scope"] = every
	}
	return nil
}
