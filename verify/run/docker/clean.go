package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/owners"
)

// kind is one kind of thing that a run leaves in the engine.
type kind struct {
	list   []string // prints what remove takes
	by     []string // filters that each select what is the run's; RUN stands for its name
	remove []string
}

// The label of compose is on all that compose makes, that of the run on what the runner makes itself.
const (
	byCompose = "label=" + labelProject + "=RUN"
	byRun     = "label=" + labelRun + "=RUN"
)

// kinds are in the order in which they can be removed: what uses others first. Images go by their label, which those have as well that a broken build has left without a name.
var kinds = []kind{
	{[]string{"ps", "--all", "--quiet", "--no-trunc"}, []string{byCompose, byRun}, []string{"rm", "--force", "--volumes"}},
	{[]string{"network", "ls", "--quiet", "--no-trunc"}, []string{byCompose}, []string{"network", "rm"}},
	{[]string{"volume", "ls", "--quiet"}, []string{byCompose}, []string{"volume", "rm", "--force"}},
	{[]string{"image", "ls", "--quiet", "--no-trunc"}, []string{byRun}, []string{"image", "rm", "--force"}},
	{[]string{"image", "ls", "--format", "{{.Repository}}:{{.Tag}}"}, []string{"reference=RUN-*:run"}, []string{"image", "rm", "--force"}},
}

// left lists what belongs to a run, in the order of kinds.
func (c command) left(ctx context.Context, project string) ([][]string, error) {
	out := make([][]string, len(kinds))
	errs := make([]error, len(kinds))
	var wg sync.WaitGroup
	for i, k := range kinds {
		wg.Go(func() {
			for _, by := range k.by {
				text, err := c.output(ctx, append(slices.Clone(k.list), "--filter", strings.ReplaceAll(by, "RUN", project))...)
				if err != nil {
					errs[i] = err
					return
				}
				out[i] = append(out[i], strings.Fields(string(text))...)
			}
			slices.Sort(out[i])
			out[i] = slices.Compact(out[i])
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// remove takes away all that belongs to a run, and looks whether it is gone. After a command was broken off the engine may still be at work, and it is looked for several times.
func (c command) remove(ctx context.Context, project string, broken bool) error {
	looks := 1
	if broken {
		looks = 4
	}
	var fault error
	for round := range 60 {
		left, err := c.left(ctx, project)
		if err != nil {
			return fmt.Errorf("what the run %s left in the engine cannot be listed: %w", project, err)
		}
		found := 0
		fault = nil
		for i, ids := range left {
			if found += len(ids); len(ids) > 0 {
				if _, err := c.output(ctx, append(slices.Clone(kinds[i].remove), ids...)...); err != nil {
					fault = errors.Join(fault, err) // an image that went by its label is no more there by its name: what counts is whether it is found again
				}
			}
		}
		if found == 0 {
			if looks--; looks == 0 {
				return nil
			}
		} else if round == 0 || fault == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), fault)
		case <-time.After(300 * time.Millisecond):
		}
	}
	return run.Error{
		What:   fmt.Sprintf("the engine does not give up what the run %s made: %v", project, fault),
		Remedy: "remove it by its label: docker ps --all --filter label=" + labelRun + "=" + project,
	}
}

// scratchName begins the names of scratch directories.
const scratchName = "lift-docker-"

// newScratch makes the run's directory, which nobody else may read: it has parameters in it.
func newScratch(project string, o owners.Owner) (string, error) {
	dir, err := os.MkdirTemp("", scratchName+project+"-")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "owner"), []byte(o.String()+"\n"+project+"\n"), 0o600); err != nil {
		_ = os.RemoveAll(dir)
		return "", err
	}
	return dir, nil
}

// sweep removes what runs left whose process was killed: containers outlive it.
func (c command) sweep(ctx context.Context, progress func(string, ...any)) error {
	dead := map[string]bool{}
	note := func(project, who string) {
		if o, ok := owners.Parse(who); ok && project != "" && o.Dead() {
			dead[project] = true
		}
	}
	row := func(label string) string { return `{{.Label "` + label + `"}}` }
	for _, list := range [][]string{{"ps", "--all"}, {"network", "ls"}, {"volume", "ls"}} {
		out, err := c.output(ctx, append(list, "--filter", "label="+labelOwner, "--format", row(labelRun)+" "+row(labelOwner))...)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(out)) {
			project, who, _ := strings.Cut(strings.TrimSpace(line), " ")
			note(project, who)
		}
	}
	out, err := c.output(ctx, "image", "ls", "--quiet", "--no-trunc", "--filter", "label="+labelOwner)
	if err != nil {
		return err
	}
	if ids := strings.Fields(string(out)); len(ids) > 0 {
		slices.Sort(ids)
		get := `{{index .Config.Labels "` + labelRun + `"}} {{index .Config.Labels "` + labelOwner + `"}}`
		out, _ := c.output(ctx, append([]string{"image", "inspect", "--format", get}, slices.Compact(ids)...)...) // one of them may be gone by now
		for line := range strings.Lines(string(out)) {
			project, who, _ := strings.Cut(strings.TrimSpace(line), " ")
			note(project, who)
		}
	}
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), scratchName+"*"))
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, "owner"))
		if err != nil {
			continue
		}
		who, project, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		note(project, who)
		if dead[project] {
			defer os.RemoveAll(dir) // after the volumes that lie over it
		}
	}
	for project := range dead {
		progress("removes what %s left, whose process was killed", project)
		if err := c.remove(ctx, project, true); err != nil {
			return err
		}
	}
	return nil
}
