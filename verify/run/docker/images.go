package docker

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

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
	if err != nil && out.x != nil {
		if e := out.Close(); e != nil {
			err = errors.Join(err, fmt.Errorf("cleaning up: %w", e))
		}
	}
	return out, err
}

func (r *Runner) images(ctx context.Context, s run.System) (Images, error) {
	out := Images{Tags: map[string]string{}}
	if err := supplied(s); err != nil {
		return out, err
	}
	files, err := composeFiles(s)
	if err != nil {
		return out, err
	}
	x := &running{s: s, progress: progressOf(s)}
	x.c = composer{command: command{dir: filepath.Dir(files[0]), values: s.Values, mask: maskOf(s)}, files: files}
	if err := reachable(ctx, x.c.command); err != nil {
		return out, err
	}
	x.c.name = takeName("lift-" + s.Nonce)
	out.x = x
	me := self()
	if x.scratch, err = newScratch(x.c.name, me); err != nil {
		return out, err
	}
	if x.p, err = x.c.read(ctx); err != nil {
		return out, err
	}
	x.v = newOverride(x.c.name, me, x.p)
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
