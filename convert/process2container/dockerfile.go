package process2container

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// image is one Dockerfile with the workloads that are started from it. What they agree on stands in the Dockerfile; where they differ, each says it in the compose file.
type image struct {
	file string
	runs []*deploy.Workload
}

// images groups the workloads by their Dockerfiles.
func images(a *deploy.App) []image {
	var out []image
	for i := range a.Workloads {
		w := &a.Workloads[i]
		file, ok := w.Build.File.Get()
		if !ok {
			continue
		}
		if k := slices.IndexFunc(out, func(im image) bool { return im.file == file }); k >= 0 {
			out[k].runs = append(out[k].runs, w)
		} else {
			out = append(out, image{file, []*deploy.Workload{w}})
		}
	}
	return out
}

// imageOf returns the image that the workload is started from; without a recipe it is one that says nothing.
func imageOf(all []image, w *deploy.Workload) image {
	for _, im := range all {
		if slices.Contains(im.runs, w) {
			return im
		}
	}
	return image{}
}

// agree reports whether the Dockerfile says it for all workloads that are started from it.
func agree[T any](im image, get func(*deploy.Workload) T, same func(a, b T) bool) bool {
	for _, w := range im.runs {
		if !same(get(w), get(im.runs[0])) {
			return false
		}
	}
	return len(im.runs) > 0
}

func (im image) saysDir() bool    { return agree(im, dirOf, equal) }
func (im image) saysUser() bool   { return agree(im, userOf, equal) }
func (im image) saysSignal() bool { return agree(im, signalOf, equal) }
func (im image) saysEntrypoint() bool {
	return agree(im, entrypointOf, slices.Equal[[]string])
}
func (im image) saysCommand() bool { return len(im.runs) == 1 }
func (im image) saysPorts() bool   { return len(im.runs) == 1 }

func equal[T comparable](a, b T) bool { return a == b }

func dirOf(w *deploy.Workload) string    { return w.Dir.Or("") }
func signalOf(w *deploy.Workload) string { return w.Stop.Signal.Or("") }
func userOf(w *deploy.Workload) string {
	if !w.User.ID.IsSet() {
		return ""
	}
	if !w.User.GroupID.IsSet() {
		return w.User.ID.String()
	}
	return w.User.ID.String() + ":" + w.User.GroupID.String()
}

// entrypointOf returns what comes before the command: tini where the stop signal is for the whole process group, and the fixed front of the command.
func entrypointOf(w *deploy.Workload) []string {
	var out []string
	if w.Stop.Scope.Is(deploy.StopGroup) {
		out = append(out, tini, "-g", "--")
	}
	front, _ := w.Command.Entrypoint.Literals()
	return append(out, front...)
}

// commandOf returns the command in exec form.
func commandOf(c deploy.Command) []string {
	words, _ := c.Argv.Literals()
	if shell, ok := c.Shell.Get(); ok {
		return append([]string{shell, "-c"}, words...)
	}
	return words
}

// dockerfile prints the recipe: the stages, and in the last one what the program's start is made of.
func dockerfile(im image) []byte {
	w := im.runs[0]
	var b bytes.Buffer
	line := func(parts ...string) { b.WriteString(strings.Join(parts, " ") + "\n") }
	for i, s := range w.Build.Stages {
		if i > 0 {
			b.WriteByte('\n')
		}
		if name, ok := s.Name.Get(); ok {
			line("FROM", s.From.Or(""), "AS", name)
		} else {
			line("FROM", s.From.Or(""))
		}
		for _, st := range s.Steps {
			b.WriteString(instruction(st))
		}
	}
	if im.saysDir() && dirOf(w) != "" {
		line("WORKDIR", dirOf(w))
	}
	if im.saysUser() && userOf(w) != "" {
		line("USER", userOf(w))
	}
	if im.saysPorts() {
		for _, p := range w.Ports {
			line("EXPOSE", strings.TrimSuffix(p.Number, "/tcp"))
		}
	}
	if im.saysSignal() && signalOf(w) != "" {
		line("STOPSIGNAL", signalOf(w))
	}
	if e := entrypointOf(w); im.saysEntrypoint() && len(e) > 0 {
		line("ENTRYPOINT", jsonList(e))
	}
	if c := commandOf(w.Command); im.saysCommand() && len(c) > 0 {
		line("CMD", jsonList(c))
	}
	return b.Bytes()
}

// instruction prints one step. A long list of shell commands gets a line for each.
func instruction(s deploy.Step) string {
	verb := strings.ToUpper(s.Verb.Or(""))
	var flags []string
	for _, m := range s.Mounts {
		flags = append(flags, "--mount="+m)
	}
	if v, ok := s.From.Get(); ok {
		flags = append(flags, "--from="+v)
	}
	if v, ok := s.Owner.Get(); ok {
		flags = append(flags, "--chown="+v)
	}
	if v, ok := s.Mode.Get(); ok {
		flags = append(flags, "--chmod="+v)
	}
	front := strings.Join(append([]string{verb}, flags...), " ")
	args := strings.Join(s.Args, " ")
	switch {
	case verb == "RUN":
		if len(flags) > 1 {
			front = verb + " " + strings.Join(flags, " \\\n    ")
			args = "\\\n    " + args
		} else if len(flags) == 1 {
			args = "\\\n    " + args
		}
		if strings.Contains(args, " && ") {
			args = strings.ReplaceAll(args, " && ", " \\\n    && ")
		}
	case verb == "COPY" && slices.ContainsFunc(s.Args, func(a string) bool { return strings.ContainsAny(a, " \t") }):
		args = jsonList(s.Args)
	case verb == "SHELL":
		args = jsonList(s.Args)
	}
	return front + " " + args + "\n"
}

// jsonList prints the exec form: a JSON list without HTML escapes, with a space after each comma.
func jsonList(words []string) string {
	var parts []string
	for _, w := range words {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(w) // a string always encodes
		parts = append(parts, strings.TrimSpace(b.String()))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// ignoreFile is where BuildKit looks for what not to send: .dockerignore in the context, or beside a Dockerfile of another name or place.
func ignoreFile(w *deploy.Workload) string {
	file := w.Build.File.Or("")
	if path.Dir(file) == path.Clean(w.Build.Context.Or("")) && path.Base(file) == "Dockerfile" {
		return path.Join(path.Dir(file), ".dockerignore")
	}
	return file + ".dockerignore"
}
