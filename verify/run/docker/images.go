package docker

import (
	"context"
	"errors"
	"fmt"

	"github.com/deploylift/lift/verify/run"
)

// Images are what was built for tiers above: a cluster runs what this engine has built.
type Images struct {
	Tags map[string]string // image of the compose file → the tag that it has in the engine
	x    *running
}

// Images builds the images of a system and starts nothing. What is returned beside an error is closed already.
func (r *Runner) Images(ctx context.Context, s run.System) (Images, error) {
	out, err := r.images(ctx, s)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil && out.x != nil {
		out.x.broken = true
		if e := out.Close(); e != nil {
			err = errors.Join(err, fmt.Errorf("cleaning up: %w", e))
		}
	}
	return out, err
}

func (r *Runner) images(ctx context.Context, s run.System) (Images, error) {
	out := Images{Tags: map[string]string{}}
	x, err := prepare(ctx, s)
	out.x = x
	if err != nil {
		return out, err
	}
	if err := x.build(ctx); err != nil {
		return out, err
	}
	for name, svc := range x.p.Services {
		if tag := x.v.builds[name]; tag != "" && svc.Image != "" {
			out.Tags[svc.Image] = tag
		}
	}
	return out, nil
}

// Close removes the images from the engine.
func (i Images) Close() error {
	if i.x == nil {
		return nil
	}
	return i.x.Close()
}
