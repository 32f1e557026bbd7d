package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/owners"
	corev1 "k8s.io/api/core/v1"
)

// registry is the host in the names of the images of a run. It exists nowhere (RFC 2606): an image that is not there is pulled from nowhere in its place.
const registry = "lift.invalid"

// images brings images of the local engine into the cluster. Each gets a name of this run: an older image of the name in the manifest may lie on the nodes.
type images struct {
	Runner   *Runner
	docker   docker
	run      string // the namespace's name
	progress func(string, ...any)

	loaded []string // names in the cluster, of all that was brought there
}

// entry is what an image's own configuration says of the command.
type entry struct {
	Entrypoint []string
	Cmd        []string
}

// image is one that pods refer to.
type image struct {
	ref     string // in the manifests
	local   string // in the engine
	here    bool   // the engine has it
	named   bool   // Options.Images names it
	witness bool   // a program of it is replaced by the witness
	entry   entry
	in      string // name in the cluster
}

// bring loads all images of the pods that the local engine has. The result tells of each image of the manifests what it is called in the cluster.
func (m *images) bring(ctx context.Context, refs map[string]bool, witness string) (map[string]image, error) {
	out := map[string]image{}
	if m.Runner.options.Load == "" {
		for ref, witnessed := range refs {
			if witnessed {
				return nil, run.Error{What: "the witness cannot be brought into the cluster: it travels in images, and no command is given that loads them", Remedy: "say how: for kind, kind load image-archive {}"}
			}
			out[ref] = image{ref: ref, in: ref}
		}
		return out, nil
	}
	if err := m.docker.sweep(ctx); err != nil {
		return nil, err
	}
	var list []image
	names := map[string]bool{}
	for _, ref := range slices.Sorted(maps.Keys(refs)) {
		i, err := m.find(ctx, ref, refs[ref])
		if err != nil {
			return nil, err
		}
		if !i.here {
			m.progress("%s is not in the local Docker engine: the cluster has to have it or pull it", ref)
			out[ref] = i
			continue
		}
		i.in = imageName(m.run, ref, names)
		list, out[ref] = append(list, i), i
	}
	if len(list) == 0 {
		return out, nil
	}
	return out, m.load(ctx, list, witness)
}

// find looks for the image in the local engine. One that the witness is put into has to be there.
func (m *images) find(ctx context.Context, ref string, witness bool) (image, error) {
	i := image{ref: ref, local: ref, in: ref, witness: witness}
	if other, ok := m.Runner.options.Images[ref]; ok {
		i.local, i.named = other, true
	}
	out, err := m.docker.output(ctx, "image", "inspect", "--format", "{{json .Config}}", i.local)
	if err != nil && ctx.Err() == nil && witness && !i.named {
		m.progress("pulls %s into the local Docker engine", i.local)
		if _, pull := m.docker.output(ctx, "pull", "--quiet", i.local); pull == nil {
			out, err = m.docker.output(ctx, "image", "inspect", "--format", "{{json .Config}}", i.local)
		}
	}
	switch {
	case ctx.Err() != nil:
		return i, ctx.Err()
	case err != nil && (i.named || witness):
		return i, run.Error{What: fmt.Sprintf("the local Docker engine does not have the image %s", i.local), Remedy: "build it: docker compose build; or pull it: docker pull " + i.local}
	case err != nil:
		return i, nil
	}
	i.here = true
	if err := json.Unmarshal(out, &i.entry); err != nil {
		return i, fmt.Errorf("docker image inspect %s: %w", i.local, err)
	}
	return i, nil
}

// load makes an image of this run of each, and brings all of them into the cluster at once: they share layers. In the engine nothing is left.
func (m *images) load(ctx context.Context, list []image, witness string) (err error) {
	dir, err := os.MkdirTemp("", archivePrefix+owners.Self().String()+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var names []string
	defer func() {
		if len(names) > 0 {
			clean, cancel := own(ctx, cleanTime)
			defer cancel()
			if _, rm := m.docker.output(clean, append([]string{"image", "rm", "--force"}, names...)...); rm != nil && err == nil {
				err = fmt.Errorf("images of the run are left in the local Docker engine: %w", rm)
			}
		}
	}()
	for _, i := range list {
		binary := ""
		if i.witness {
			binary = witness
		}
		names = append(names, i.in)
		if err := m.docker.derive(ctx, i, m.run, binary); err != nil {
			return err
		}
	}
	archive := filepath.Join(dir, "images.tar")
	if _, err := m.docker.output(ctx, append([]string{"save", "--output", archive}, names...)...); err != nil {
		return err
	}
	m.progress("brings %s into the cluster", count(len(list), "image"))
	m.loaded = append(m.loaded, names...)
	if err := m.docker.shell(ctx, withPath(m.Runner.options.Load, archive)); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return run.Error{What: "the images cannot be brought into the cluster: " + err.Error(), Remedy: "mend the command that loads them: " + m.Runner.options.Load}
	}
	return nil
}

// unload takes the images out of the cluster again, where the user has said how.
func (m *images) unload(ctx context.Context) error {
	names := m.loaded
	m.loaded = nil
	if len(names) == 0 {
		return nil
	}
	if m.Runner.options.Unload == "" {
		m.progress("%s of this run stay on the nodes until these need the space: %s/%s/…", count(len(names), "image"), registry, m.run)
		return nil
	}
	for _, n := range names {
		if err := m.docker.shell(ctx, withPath(m.Runner.options.Unload, n)); err != nil {
			return run.Error{What: "the image " + n + " cannot be taken out of the cluster: " + err.Error(), Remedy: "mend the command that does it: " + m.Runner.options.Unload}
		}
	}
	return nil
}

// imageName is the name of an image in the cluster.
func imageName(run, ref string, used map[string]bool) string {
	base := path.Base(ref)
	base, _, _ = strings.Cut(base, "@")
	base, _, _ = strings.Cut(base, ":")
	name := fmt.Sprintf("%s/%s/%s:run", registry, run, base)
	for i := 2; used[name]; i++ {
		name = fmt.Sprintf("%s/%s/%s-%s:run", registry, run, base, strconv.Itoa(i))
	}
	used[name] = true
	return name
}

// imagesOf are the images of the pods of all objects; true: the witness goes into them.
func imagesOf(objects []*object, witnessed func(o *object, container string) bool) (map[string]bool, error) {
	out := map[string]bool{}
	for _, o := range objects {
		t := o.template()
		if t == nil {
			continue
		}
		var pod struct{ Spec corev1.PodSpec }
		if err := remodel(t, &pod); err != nil {
			return nil, run.Error{What: o.file + ": " + o.String() + ": " + err.Error(), Remedy: "mend the file, or write it anew: lift migrate"}
		}
		for _, c := range pod.Spec.InitContainers {
			if _, known := out[c.Image]; !known {
				out[c.Image] = false // it keeps its program
			}
		}
		for _, c := range pod.Spec.Containers {
			out[c.Image] = out[c.Image] || witnessed(o, c.Name)
		}
	}
	return out, nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
