package docker

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/verify/run"
)

// building is held by who builds.
var building = make(chan struct{}, 1)

// build builds the images of all services, those with a profile included.
func (r *running) build(ctx context.Context) error {
	if len(r.v.builds) == 0 {
		return nil
	}
	file, err := r.write("build.yaml", r.v.building(r.p))
	if err != nil {
		return err
	}
	// one at a time: the tiers of a run build the same, and the second finds it in the cache
	select {
	case building <- struct{}{}:
		defer func() { <-building }()
	case <-ctx.Done():
		return ctx.Err()
	}
	names := slices.Sorted(maps.Keys(r.v.builds))
	r.progress("builds the images of %s", strings.Join(names, ", "))
	begun := time.Now()
	steps := map[string]string{}
	err = r.c.watch(ctx, func(line string) {
		if step, ok := buildStep(steps, line); ok {
			r.progress("build: %s", r.c.mask.Text(step))
		}
	}, r.c.all([]string{file}, "build")...)
	if err != nil {
		return r.buildError(ctx, err)
	}
	r.progress("built in %s", time.Since(begun).Round(100*time.Millisecond))
	return nil
}

// stepBegins and stepSays are lines of BuildKit's plain progress: "#7 [web 2/5] RUN npm ci" and "#7 0.512 added 64 packages".
var (
	stepBegins = regexp.MustCompile(`^(#\d+) \[([^\]]*\d+/\d+)\] (.*)$`)
	stepSays   = regexp.MustCompile(`^(#\d+) \d+\.\d+ `)
)

// buildStep returns an instruction that is at work, once: those that say nothing, or come from the cache, take no time that anybody would ask about.
func buildStep(steps map[string]string, line string) (string, bool) {
	if m := stepBegins.FindStringSubmatch(line); m != nil {
		text := strings.Join(strings.Fields(m[3]), " ")
		if r := []rune(text); len(r) > 100 {
			text = string(r[:100]) + "…"
		}
		if _, known := steps[m[1]]; !known {
			steps[m[1]] = m[2] + ": " + text
		}
		return "", false
	}
	m := stepSays.FindStringSubmatch(line)
	if m == nil || steps[m[1]] == "" {
		return "", false
	}
	step := steps[m[1]]
	steps[m[1]] = ""
	return step, true
}

func (r *running) buildError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	remedy := "mend what the build runs, or the Dockerfile; the end of what it printed:"
	for _, sign := range []string{"failed to resolve source metadata", "pull access denied", "failed to do request", "manifest unknown", "no such host"} {
		if strings.Contains(f.tail, sign) {
			remedy = "let the engine reach the registry, or give it the base image with docker load; the end of what the build printed:"
		}
	}
	return run.Error{What: "an image cannot be built", Remedy: remedy + r.c.mask.Ending([]byte(noise.ReplaceAllString(f.tail, "")), 20)}
}

// noise are lines of BuildKit's plain progress that tell nothing of why a build fails.
var noise = regexp.MustCompile(`(?m)^(#\d+ (building with|DONE|CACHED|transferring|sha256:|extracting|resolve |\[[^\]]* internal\] load (build|\.docker)).*|-+)\n`)

// image is what docker inspect tells of one.
type image struct {
	Config struct {
		Entrypoint []string
		Cmd        []string
	}
}

// inspectImage looks at an image, and gets it from its registry if the engine has none.
func (r *running) inspectImage(ctx context.Context, ref string) (image, error) {
	var list []image
	out, err := r.c.output(ctx, "image", "inspect", ref)
	if err != nil && ctx.Err() == nil {
		r.progress("pulls %s", ref)
		if _, err := r.c.output(ctx, "pull", "--quiet", ref); err != nil {
			if ctx.Err() != nil {
				return image{}, ctx.Err()
			}
			return image{}, run.Error{What: "the image " + ref + " cannot be had", Remedy: "let the engine reach the registry, or give it the image with docker load:" + r.c.mask.Ending([]byte(err.Error()), 4)}
		}
		out, err = r.c.output(ctx, "image", "inspect", ref)
	}
	if err != nil {
		return image{}, err
	}
	if err := json.Unmarshal(out, &list); err != nil || len(list) != 1 {
		return image{}, fmt.Errorf("what docker inspect prints of %s cannot be read", ref)
	}
	return list[0], nil
}

// witnesses derives an image with the witness in it of each that a workload with a plan runs, and puts the witness in front of the workloads' command lines.
func (r *running) witnesses(ctx context.Context) error {
	if r.s.Witness == nil {
		return nil
	}
	derived := map[string]string{} // image → the one with the witness
	known := map[string]image{}
	used := map[string]bool{}
	for _, tag := range r.v.builds {
		used[strings.TrimSuffix(tag, ":run")] = true
	}
	for _, s := range slices.Sorted(maps.Keys(r.p.Services)) {
		plan, ok := r.s.Witness.Plans[s]
		if !ok {
			continue
		}
		svc := r.p.Services[s]
		base := strings.ReplaceAll(r.v.image(s, svc), "$$", "$")
		if _, ok := derived[base]; !ok {
			im, err := r.inspectImage(ctx, base)
			if err != nil {
				return err
			}
			tag := imageName(r.c.name, "witness-"+s, used)
			if err := r.derive(ctx, base, im, tag); err != nil {
				return err
			}
			derived[base], known[base] = tag, im
		}
		argv := commandLine(svc, known[base].Config.Entrypoint, known[base].Config.Cmd)
		if len(argv) == 0 {
			return run.Error{What: s + ": neither its image nor the compose file says what it runs", Remedy: "give the service a command"}
		}
		r.v.fronts[s] = front{image: derived[base], argv: inFront(argv), plan: plan}
	}
	if len(derived) > 0 {
		r.progress("the witness is in the place of %s", strings.Join(slices.Sorted(maps.Keys(r.v.fronts)), ", "))
	}
	return nil
}

// derive makes an image with the witness on top of another one. No builder is asked: those that keep their images apart from the engine's would not find the base.
func (r *running) derive(ctx context.Context, base string, im image, tag string) error {
	labels := []string{"--label", labelRun + "=" + r.c.name, "--label", labelOwner + "=" + r.v.labels[labelOwner]}
	out, err := r.c.output(ctx, append(append([]string{"create", "--pull", "never", "--network", "none"}, labels...), base, witnessPath)...) // an image without a command has to be given one
	if err != nil {
		return err
	}
	id := strings.TrimSpace(string(out))
	archive, err := r.archive()
	if err != nil {
		return err
	}
	defer archive.Close()
	if _, err := r.c.input(ctx, archive, "cp", "-", id+":/"); err != nil {
		return err
	}
	cmd := im.Config.Cmd
	if cmd == nil {
		cmd = []string{}
	}
	text, err := json.Marshal(cmd)
	if err != nil {
		return err
	}
	if _, err := r.c.output(ctx, "commit", "--change", "CMD "+string(text), id, tag); err != nil {
		return err
	}
	_, err = r.c.output(ctx, "rm", "--force", "--volumes", id)
	return err
}

// archive is the witness as docker cp takes it.
func (r *running) archive() (io.ReadCloser, error) {
	f, err := os.Open(r.s.Witness.Binary)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	in, out := io.Pipe()
	go func() {
		defer f.Close()
		w := tar.NewWriter(out)
		err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: ".lift/", Mode: 0o755, ModTime: st.ModTime()})
		if err == nil {
			err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: ".lift/witness", Mode: 0o755, Size: st.Size(), ModTime: st.ModTime()})
		}
		if err == nil {
			_, err = io.Copy(w, f)
		}
		if err == nil {
			err = w.Close()
		}
		out.CloseWithError(err)
	}()
	return in, nil
}
