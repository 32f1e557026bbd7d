package docker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/mask"
	"github.com/deploylift/lift/verify/run/internal/owners"
)

// Cannot tells what this engine cannot grant or show.
func (r *Runner) Cannot(ctx context.Context, s run.System) []run.Untested {
	ctx, cancel := context.WithTimeout(ctx, 3*answerTime)
	defer cancel()
	c := command{mask: mask.Of(s)}
	e, err := c.info(ctx)
	if err != nil {
		return nil // Start will say it
	}
	var out []run.Untested
	add := func(workload, aspect, format string, args ...any) {
		out = append(out, run.Untested{Workload: workload, Aspect: aspect, Why: fmt.Sprintf(format, args...)})
	}
	if ok, why := e.near(); !ok {
		for _, w := range s.App.Workloads {
			if !slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { return p.Published.IsSet() }) && len(w.Ports) > 0 {
				add(w.Name, "exchanges", "%s, and the machine offers none of its ports", why)
			}
		}
	}
	for _, w := range s.App.Workloads {
		bounded := func(isSet, can bool, aspect, what string) {
			if isSet && !can {
				add(w.Name, aspect, "this engine cannot bound %s (docker info, control groups version %s)", what, e.CgroupVersion)
			}
		}
		res := w.Resources
		bounded(res.Memory.Limit.IsSet(), e.MemoryLimit, "cgroup.memory", "memory")
		bounded(res.Memory.Swap.IsSet(), e.SwapLimit, "cgroup.swap", "swap space")
		bounded(res.CPU.Limit.IsSet(), e.CPUCfsQuota, "cgroup.cpu", "processor time")
		bounded(res.Pids.IsSet(), e.PidsLimit, "cgroup.pids", "the number of processes")
		for _, m := range w.Mounts {
			if m.Kind.Is(deploy.MountHost) && !m.ReadOnly.Or(false) {
				add(w.Name, "mount."+m.Path, "what it writes to %s of the machine is kept apart from the system in use", m.Host.Or(""))
			}
		}
		if n := w.Scale.Replicas.Or(1); n > 1 {
			for _, p := range w.Ports {
				if at, ok := p.Published.Get(); ok {
					add(w.Name, "replicas", "here each of the %d containers gets a port of its own: as the file is written, only one of them can have %s", n, at)
				}
			}
		}
	}
	for _, l := range r.lowered(ctx, c, wantedBy(s.App)) {
		why := fmt.Sprintf("this engine grants no %s above %d, so that the containers run with that", l.name, l.to.Hard)
		if l.from.Hard != l.to.Hard {
			add(l.service, "limits."+l.name+".hard", "%s", why)
		}
		if l.from.Soft != l.to.Soft {
			add(l.service, "limits."+l.name+".soft", "%s", why)
		}
	}
	return out
}

// wanted is a limit that a service asks for.
type wanted struct {
	service, name string
	from, to      ulimit // as written; as this engine grants it
}

// wantedBy are the limits of the model, as compose writes them: -1 is the absence of one.
func wantedBy(a deploy.App) []wanted {
	var out []wanted
	number := func(o deploy.Opt[deploy.Limit[int64]], other int64) int64 {
		l, ok := o.Get()
		if !ok {
			return other
		}
		if n, finite := l.Get(); finite {
			return n
		}
		return -1
	}
	for _, w := range a.Workloads {
		f := w.Resources.Files
		if !f.Soft.IsSet() && !f.Hard.IsSet() {
			continue
		}
		soft := number(f.Soft, number(f.Hard, 0))
		out = append(out, wanted{service: w.Name, name: "nofile", from: ulimit{soft, number(f.Hard, soft)}})
	}
	return out
}

// wantedIn are the limits of the compose file.
func wantedIn(p project) []wanted {
	var out []wanted
	for _, s := range slices.Sorted(maps.Keys(p.Services)) {
		for _, name := range slices.Sorted(maps.Keys(p.Services[s].Ulimits)) {
			out = append(out, wanted{service: s, name: name, from: p.Services[s].Ulimits[name]})
		}
	}
	return out
}

// lowered returns the limits that this engine does not grant as they are wanted, with what it grants. A container would not start: only a process with CAP_SYS_RESOURCE may raise a hard limit (setrlimit(2)),
// and what the engine may is known by trying alone.
func (r *Runner) lowered(ctx context.Context, c command, list []wanted) []wanted {
	var out []wanted
	t := &trial{r: r, c: c}
	defer t.end(ctx)
	for _, w := range list {
		if t.grants(ctx, w.name, w.from.Hard) {
			continue
		}
		for _, n := range t.candidates(ctx, w.name) {
			if (w.from.Hard < 0 || n < w.from.Hard) && t.grants(ctx, w.name, n) {
				w.to = ulimit{n, n}
				if w.from.Soft >= 0 && w.from.Soft < n {
					w.to.Soft = w.from.Soft
				}
				out = append(out, w)
				break
			}
		}
	}
	return out
}

// trial tries limits with a container of an image in which there is nothing: whether the limit or the program is refused tells the two apart.
type trial struct {
	r     *Runner
	c     command
	image string
}

// grants reports whether a container may have the hard limit. Where it cannot be tried, yes: the start will tell.
func (t *trial) grants(ctx context.Context, name string, hard int64) bool {
	if hard >= 0 && hard <= 1024 {
		return true // no engine has less
	}
	key := name + "=" + strconv.FormatInt(hard, 10)
	t.r.mu.Lock()
	defer t.r.mu.Unlock()
	if granted, known := t.r.limits[key]; known {
		return granted
	}
	if t.image == "" && !t.begin(ctx) {
		return true
	}
	_, err := t.c.output(ctx, "run", "--rm", "--pull", "never", "--network", "none", "--name", strings.TrimSuffix(t.image, ":run")+"-"+strings.ToLower(rand.Text()[:8]),
		"--label", labelRun+"="+t.run(), "--label", labelOwner+"="+owners.Self().String(), "--ulimit", key, t.image, "/nothing")
	if ctx.Err() != nil {
		return true
	}
	var f *failure
	granted := err == nil || !errors.As(err, &f) || !strings.Contains(f.tail, "rlimit")
	t.r.limits[key] = granted
	return granted
}

func (t *trial) run() string { return strings.TrimSuffix(t.image, "-limits:run") }

// begin makes the image.
func (t *trial) begin(ctx context.Context) bool {
	image := "lift-" + strings.ToLower(rand.Text()[:12]) + "-limits:run"
	if _, err := t.c.input(ctx, strings.NewReader(strings.Repeat("\x00", 1024)), "import", // two empty blocks: a tar archive of nothing
		"--change", "LABEL "+labelRun+"="+strings.TrimSuffix(image, "-limits:run")+" "+labelOwner+"="+owners.Self().String(), "-", image); err != nil {
		return false
	}
	t.image = image
	return true
}

func (t *trial) end(ctx context.Context) {
	if t.image == "" {
		return
	}
	clean, cancel := own(ctx, cleanTime)
	defer cancel()
	if _, err := t.c.output(clean, "image", "rm", "--force", t.image); err != nil || ctx.Err() != nil {
		_ = t.c.remove(clean, t.run(), true)
	}
}

// candidates are limits that an engine may grant, the highest first: its own, this process's, and usual ones.
func (t *trial) candidates(ctx context.Context, name string) []int64 {
	out := []int64{1048576, 524288, 65536, 32768, 16384, 8192, 4096, 2048, 1024}
	out = append(out, daemonLimit(t.c.endpoint(ctx), name)...)
	slices.SortFunc(out, func(a, b int64) int { return int(b - a) })
	return slices.Compact(out)
}
