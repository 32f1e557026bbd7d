package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/deploylift/lift/verify/run"
)

// Run runs a service once, as its user or a timer of the machine would, with docker compose run. The container is removed here and not by the command: its log is the program's alone, and it tells how it ended.
func (r *running) Run(ctx context.Context, workload string) (run.Ended, error) {
	var end run.Ended
	if _, ok := r.p.Services[workload]; !ok {
		return end, r.absent(workload)
	}
	r.mu.Lock()
	r.runs++
	name := r.c.name + "-once-" + strconv.Itoa(r.runs)
	r.mu.Unlock()
	defer func() {
		clean, cancel := own(ctx, answerTime)
		defer cancel()
		_, _ = r.c.output(clean, "rm", "--force", "--volumes", name)
	}()
	// what it needs runs with the system: compose would start jobs a second time
	said, err := r.c.both(ctx, r.c.args([]string{r.override}, "run", "--no-TTY", "--no-deps", "--name", name, workload)...)
	if ctx.Err() != nil {
		r.mu.Lock()
		r.broken = true
		r.mu.Unlock()
		return end, ctx.Err()
	}
	list, e := r.c.inspect(ctx, name)
	switch {
	case e != nil && err == nil:
		return end, e
	case e != nil || list[0].State.StartedAt.IsZero() || list[0].State.Error != "":
		if e == nil && list[0].State.Error != "" {
			said = []byte(list[0].State.Error)
		}
		return end, run.Error{What: workload + " cannot be run", Remedy: "mend what docker says:" + r.c.mask.Ending(said, 6)}
	case list[0].State.Status != "exited":
		return end, fmt.Errorf("%s has not ended after docker compose run: its container is %s", workload, list[0].State.Status)
	}
	end = ended(list[0].State.ExitCode)
	end.Took = list[0].State.FinishedAt.Sub(list[0].State.StartedAt)
	end.Log, err = r.c.both(ctx, "logs", name)
	return end, err
}

// ended tells what an exit status says. Above 128 it tells of a signal, or of a program that says so itself: Docker knows no difference.
func ended(code int) run.Ended {
	switch {
	case code == 128+9:
		return run.Ended{Code: -1, Killed: true}
	case code > 128 && code <= 128+64:
		return run.Ended{Code: -1}
	}
	return run.Ended{Code: code}
}

// Stop stops all instances as compose does. The time is the engine's own, from the stop signal on: the command takes longer to start than many a program to stop.
func (r *running) Stop(ctx context.Context, workload string) (run.Ended, error) {
	var end run.Ended
	k, err := r.first(ctx, workload)
	if err != nil {
		return end, err
	}
	begun := time.Now()
	if _, err := r.c.output(ctx, r.c.args([]string{r.override}, "stop", workload)...); err != nil {
		return end, err
	}
	took := time.Since(begun)
	list, err := r.c.inspect(ctx, k.ID)
	if err != nil {
		return end, err
	}
	if len(list) != 1 || list[0].running() {
		return end, fmt.Errorf("%s still runs after docker compose stop", workload)
	}
	end = ended(list[0].State.ExitCode)
	end.Took = took
	if events, err := r.events(ctx, begun, k.ID); err == nil && len(r.p.Services[workload].PreStop) == 0 { // what runs before the signal is a part of the stop
		if asked, died := events.first("kill"), events.first("die"); !asked.IsZero() && !died.IsZero() {
			end.Took = died.Sub(asked)
		}
	}
	end.Log, err = r.c.both(ctx, "logs", k.ID)
	return end, err
}

// Begin starts the containers of a workload again, and those alone: compose would run the jobs that it waits for once more. A workload that does not start with the system is started as its user would.
func (r *running) Begin(ctx context.Context, workload string) error {
	if _, ok := r.p.Services[workload]; !ok {
		return r.absent(workload)
	}
	list, err := r.c.containers(ctx, r.c.name, workload)
	if err != nil {
		return err
	}
	begun := time.Now()
	if len(list) == 0 {
		_, err = r.c.output(ctx, r.c.args([]string{r.override}, "up", "--detach", "--no-build", "--no-deps", "--quiet-pull", workload)...)
	} else {
		args := []string{"start"}
		for _, k := range list {
			args = append(args, k.ID)
		}
		_, err = r.c.output(ctx, args...)
	}
	if err != nil {
		var f *failure
		if errors.As(err, &f) {
			return run.Error{What: workload + " cannot be started", Remedy: "mend what docker says:" + r.c.mask.Ending([]byte(f.tail), 6)}
		}
		return err
	}
	return r.ready(ctx, []string{workload}, begun)
}

// happening is an event of the engine.
type happening struct {
	Action   string
	TimeNano int64 `json:"timeNano"`
}

type happenings []happening

func (l happenings) first(action string) time.Time {
	for _, h := range l {
		if h.Action == action {
			return time.Unix(0, h.TimeNano)
		}
	}
	return time.Time{}
}

// events are what the engine remembers of a container since a time.
func (r *running) events(ctx context.Context, since time.Time, container string) (happenings, error) {
	stamp := func(t time.Time) string { return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond()) }
	out, err := r.c.output(ctx, "events", "--since", stamp(since.Add(-time.Second)), "--until", stamp(time.Now()), "--filter", "container="+container, "--format", "{{json .}}")
	if err != nil {
		return nil, err
	}
	var list happenings
	for line := range bytes.Lines(out) {
		var h happening
		if err := json.Unmarshal(line, &h); err != nil {
			return nil, fmt.Errorf("what docker events prints cannot be read: %w", err)
		}
		if h.TimeNano >= since.UnixNano() {
			list = append(list, h)
		}
	}
	return list, nil
}
