package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/verify/run"
)

// container is what docker inspect tells of one.
type container struct {
	ID           string `json:"Id"`
	Name         string
	RestartCount int
	State        struct {
		Status     string // created, running, paused, restarting, removing, exited, dead
		ExitCode   int
		OOMKilled  bool
		Error      string
		StartedAt  time.Time
		FinishedAt time.Time
		Health     *struct {
			Status string // starting, healthy, unhealthy
			Log    []struct {
				ExitCode int
				Output   string
			}
		}
	}
	Config struct {
		Image       string
		Labels      map[string]string
		Healthcheck *struct {
			Test          []string
			Interval      time.Duration
			Timeout       time.Duration
			StartPeriod   time.Duration
			StartInterval time.Duration
			Retries       int
		}
	}
	HostConfig struct {
		NetworkMode   string
		RestartPolicy struct{ Name string }
	}
	NetworkSettings struct {
		Ports    map[string][]struct{ HostIP, HostPort string }
		Networks map[string]struct {
			IPAddress         string
			GlobalIPv6Address string
		}
	}
}

func (c container) running() bool { return c.State.Status == "running" }

func (c container) number() int {
	n, _ := strconv.Atoi(c.Config.Labels[labelNumber])
	return n
}

// test is the container's own health check, nil if it has none.
func (c container) test() []string {
	h := c.Config.Healthcheck
	if h == nil || len(h.Test) < 2 || h.Test[0] == "NONE" {
		return nil
	}
	if h.Test[0] == "CMD-SHELL" {
		return []string{"/bin/sh", "-c", h.Test[1]}
	}
	return h.Test[1:]
}

// slow reports whether the last health check was broken off: on a busy machine that says nothing of the program.
func (c container) slow() bool {
	if c.State.Health == nil || len(c.State.Health.Log) == 0 {
		return false
	}
	return c.State.Health.Log[len(c.State.Health.Log)-1].ExitCode == -1
}

// inspect looks at containers by their ids.
func (c command) inspect(ctx context.Context, ids ...string) ([]container, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := c.output(ctx, append([]string{"container", "inspect"}, ids...)...)
	if err != nil {
		return nil, err
	}
	var list []container
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("what docker inspect prints cannot be read: %w", err)
	}
	return list, nil
}

// containers are those of a service, the first instance first; of all services for "". One-off ones are not among them.
func (c command) containers(ctx context.Context, project, service string) ([]container, error) {
	args := []string{"ps", "--all", "--quiet", "--no-trunc", "--filter", "label=" + labelProject + "=" + project, "--filter", "label=" + labelOneOff + "=False"}
	if service != "" {
		args = append(args, "--filter", "label="+labelService+"="+service)
	}
	out, err := c.output(ctx, args...)
	if err != nil {
		return nil, err
	}
	list, err := c.inspect(ctx, strings.Fields(string(out))...)
	slices.SortFunc(list, func(a, b container) int { return a.number() - b.number() })
	return list, err
}

// first is the first instance of a service.
func (r *running) first(ctx context.Context, service string) (container, error) {
	list, err := r.c.containers(ctx, r.c.name, service)
	if err != nil {
		return container{}, err
	}
	if len(list) == 0 {
		return container{}, r.absent(service)
	}
	return list[0], nil
}

// absent tells why a workload has no container.
func (r *running) absent(service string) error {
	svc, ok := r.p.Services[service]
	switch {
	case !ok:
		return run.NotHere{Why: service + " is no service of the compose file"}
	case len(svc.Profiles) > 0:
		return run.NotHere{Why: service + " does not start with the system: it has the profile " + strings.Join(svc.Profiles, ", ")}
	}
	return run.NotHere{Why: service + " has no container"}
}
