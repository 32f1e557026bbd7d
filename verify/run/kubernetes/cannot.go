package kubernetes

import (
	"context"
	"slices"

	"github.com/deploylift/lift/verify/run"
)

// Cannot tells what this cluster cannot show.
func (r *Runner) Cannot(ctx context.Context, s run.System) []run.Untested {
	objects, err := readObjects(s)
	if err != nil {
		return nil // Start says so
	}
	var out []run.Untested
	if slices.ContainsFunc(objects, func(o *object) bool { return o.kind == "NetworkPolicy" }) {
		out = append(out, run.Untested{Aspect: "network policies", Why: "they are applied, but whether a cluster enforces them depends on its network, and no connection is tried that they forbid"})
	}
	c, err := r.connect()
	if err != nil {
		return out
	}
	p := &running{Runner: r, client: c}
	d, err := p.planDoors(ctx, objects)
	if err != nil {
		return out
	}
	for _, e := range d.list {
		if e.shut == "" {
			continue
		}
		workload, _ := lookup(e.object.data, "metadata", "labels", "app.kubernetes.io/name").(string)
		out = append(out, run.Untested{Workload: workload, Aspect: "door.", Why: e.object.String() + ": " + e.shut})
	}
	return out
}
