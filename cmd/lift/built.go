package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	running "github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/docker"
	"github.com/deploylift/lift/verify/run/kubernetes"
)

// builtFirst is the runner of Kubernetes with images that the local engine builds from the compose file of the tier below, and that a command brings into the cluster. Without the command the cluster pulls
// what the manifests name.
type builtFirst struct {
	docker  *docker.Runner
	load    string
	gateway string
	below   running.System // the tier that tells how the images are built
}

func (b *builtFirst) runner(images map[string]string) *kubernetes.Runner {
	return kubernetes.New(kubernetes.Options{Load: b.load, GatewayClass: b.gateway, Images: images})
}

// Name is what --on calls it.
func (b *builtFirst) Name() string { return b.runner(nil).Name() }

// Needs asks for the cluster, and for the engine where that builds.
func (b *builtFirst) Needs(ctx context.Context) error {
	if b.load != "" {
		if err := b.docker.Needs(ctx); err != nil {
			return fmt.Errorf("the images for --load: %w", err)
		}
	}
	return b.runner(nil).Needs(ctx)
}

// Cannot is the cluster's answer.
func (b *builtFirst) Cannot(ctx context.Context, s running.System) []running.Untested {
	return b.runner(nil).Cannot(ctx, s)
}

// Start builds the images and starts the system. When it runs, the engine does not need them any more.
func (b *builtFirst) Start(ctx context.Context, s running.System) (r running.Running, err error) {
	if b.load == "" || !slices.ContainsFunc(b.below.Files, isCompose) {
		return b.runner(nil).Start(ctx, s)
	}
	below := b.below
	below.Nonce, below.Progress = s.Nonce, s.Progress
	images, err := b.docker.Images(ctx, below)
	if err != nil {
		return nil, err
	}
	r, err = b.runner(images.Tags).Start(ctx, s)
	if e := images.Close(); e != nil {
		err = errors.Join(err, fmt.Errorf("cleaning up: %w", e))
		if r != nil {
			err = errors.Join(err, r.Close())
		}
		return nil, err
	}
	return r, err
}

func isCompose(path string) bool { return path == "compose.yaml" }
