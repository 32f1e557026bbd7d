package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// project is what compose makes of the system's compose file: as far as the override and the runner have to know it.
type project struct {
	Services map[string]service
	Networks map[string]resource
	Volumes  map[string]resource
	Configs  map[string]content
	Secrets  map[string]content
}

type service struct {
	Image         string
	Build         *json.RawMessage
	Profiles      []string
	ContainerName string               `json:"container_name"`
	Entrypoint    []string             // nil: the image's
	Command       []string             // nil: the image's, unless there is an entrypoint
	Ports         []map[string]any     // in the long syntax
	Volumes       []map[string]any     // in the long syntax
	Ulimits       map[string]ulimit    //
	DependsOn     map[string]condition `json:"depends_on"`
	PullPolicy    string               `json:"pull_policy"`
	PreStop       []any                `json:"pre_stop"`
}

type condition struct{ Condition string }

type resource struct {
	Name       string
	External   bool
	DriverOpts map[string]string `json:"driver_opts"`
}

// content is a config or a secret.
type content struct{ File string }

type ulimit struct{ Soft, Hard int64 }

// UnmarshalJSON reads both forms: one number, or soft and hard.
func (u *ulimit) UnmarshalJSON(data []byte) error {
	if n := int64(0); json.Unmarshal(data, &n) == nil {
		u.Soft, u.Hard = n, n
		return nil
	}
	type plain ulimit
	return json.Unmarshal(data, (*plain)(u))
}

// files are the names that compose looks for, and those of the overrides that it adds by itself, in its order.
var (
	composeNames  = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrideNames = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// composeFiles finds the system's compose file, and what compose adds to it when the user calls it.
func composeFiles(s run.System) ([]string, error) {
	root := s.Out
	if root == "" {
		root = s.Tree
	}
	dir := ""
	for _, f := range s.Files {
		if slices.Contains(composeNames, filepath.Base(f)) && (dir == "" || len(f) < len(dir)) {
			dir = f
		}
	}
	dir = filepath.Join(root, filepath.Dir(filepath.FromSlash(dir)))
	for _, name := range composeNames {
		file := filepath.Join(dir, name)
		if st, err := os.Stat(file); err != nil || st.IsDir() {
			continue
		}
		files := []string{file}
		for _, add := range overrideNames {
			if st, err := os.Stat(filepath.Join(dir, add)); err == nil && !st.IsDir() {
				return append(files, filepath.Join(dir, add)), nil
			}
		}
		return files, nil
	}
	return nil, run.Error{What: "there is no compose.yaml in " + dir, Remedy: "let lift migrate write it, and say with --out where it is"}
}

// supplied refuses what people have not supplied yet, all of it at once, and names that would turn docker itself away.
func supplied(s run.System) error {
	missing := map[string]bool{}
	for _, w := range s.App.Workloads {
		for _, e := range w.Env {
			if p := e.Value.Param(); p != "" {
				if _, ok := s.Values[p]; !ok {
					missing[p] = true
				}
			}
		}
	}
	if names := slices.Sorted(maps.Keys(missing)); len(names) > 0 {
		verb := " has no value"
		if len(names) > 1 {
			verb = " have no values"
		}
		return run.Error{What: strings.Join(names, ", ") + verb, Remedy: "supply it as the runbook says: compose takes it from .env or from the environment"}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		if steers(name) {
			return run.Error{What: "the parameter " + name + " would steer docker itself", Remedy: "give it another name in the compose file"}
		}
	}
	return nil
}

// read lets compose resolve the files: what it prints has secrets in it and goes nowhere else.
func (c composer) read(ctx context.Context) (project, error) {
	var p project
	out, err := c.output(ctx, c.all(nil, "config", "--format", "json")...)
	if err != nil {
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
		return p, run.Error{What: "docker compose does not take " + filepath.Base(c.files[0]), Remedy: "mend what it says:" + c.mask.Ending([]byte(err.Error()), 8)}
	}
	if err := json.Unmarshal(out, &p); err != nil {
		return p, fmt.Errorf("what docker compose config prints cannot be read: %w", err)
	}
	for _, kind := range []struct {
		name string
		m    map[string]content
	}{{"config", p.Configs}, {"secret", p.Secrets}} {
		for _, name := range slices.Sorted(maps.Keys(kind.m)) {
			file := kind.m[name].File
			if file == "" {
				continue
			}
			if _, err := os.Stat(strings.ReplaceAll(file, "$$", "$")); err != nil {
				return p, run.Error{What: fmt.Sprintf("the %s %s is to come from %s, which is not there", kind.name, name, file), Remedy: "put the file there, as you do where the system runs"}
			}
		}
	}
	return p, nil
}

// composer calls docker compose for one project.
type composer struct {
	command
	name  string
	files []string // of the system
}

// args are the arguments of a call, with override files after the system's own.
func (c composer) args(overrides []string, verb ...string) []string {
	out := []string{"compose", "--ansi", "never", "--progress", "plain", "--project-name", c.name, "--project-directory", filepath.Dir(c.files[0])}
	for _, f := range append(slices.Clone(c.files), overrides...) {
		out = append(out, "--file", f)
	}
	return append(out, verb...)
}

// all are the arguments of a call that is about the services with a profile, too.
func (c composer) all(overrides []string, verb ...string) []string {
	return c.args(overrides, append([]string{"--profile", "*"}, verb...)...)
}

// started are the services that come up with the system: those without a profile.
func (p project) started() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		if len(p.Services[name].Profiles) == 0 {
			out = append(out, name)
		}
	}
	return out
}

// jobs are the services whose end others wait for.
func (p project) jobs(a deploy.App) map[string]bool {
	out := map[string]bool{}
	for _, s := range p.Services {
		for name, c := range s.DependsOn {
			if c.Condition == "service_completed_successfully" {
				out[name] = true
			}
		}
	}
	for _, w := range a.Workloads {
		if w.Kind.Is(deploy.Job) {
			out[w.Name] = true
		}
	}
	return out
}

// workload finds one of the model's.
func workload(a deploy.App, name string) *deploy.Workload {
	for i := range a.Workloads {
		if a.Workloads[i].Name == name {
			return &a.Workloads[i]
		}
	}
	return nil
}
