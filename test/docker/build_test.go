package docker

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notBuilt are the example systems whose images cannot be built where only the registries of Go, Debian and npm are reached, and why.
var notBuilt = map[string]string{}

// The example systems are built as lift leaves them in their trees, without a change; each image holds the programs that it is told to start, runs as nobody special and knows no secret.
func TestBuild(t *testing.T) {
	need(t)
	apps, err := os.ReadDir(filepath.Join(fixtures, "apps"))
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range apps {
		t.Run(app.Name(), func(t *testing.T) {
			if why := notBuilt[app.Name()]; why != "" {
				t.Skip("not built: " + why)
			}
			dir := filepath.Join(t.TempDir(), app.Name())
			if err := os.CopyFS(dir, os.DirFS(filepath.Join(fixtures, "apps", app.Name()))); err != nil {
				t.Fatal(err)
			}
			if !migrate(t, dir) {
				t.Skip("it begins above containers")
			}
			prepare(t, dir)
			if _, said, err := docker(dir, "compose", "--profile", "*", "--progress", "plain", "build"); err != nil {
				t.Fatalf("%v\n%s", err, end(said, 6000))
			}
			examine(t, dir)
		})
	}
}

// service is what is read of a service of compose config.
type service struct {
	Image      string
	Build      *struct{ Context, Dockerfile string }
	Entrypoint []string
	Command    []string
	User       string
	WorkingDir string `json:"working_dir"`
}

// image is what is read of docker image inspect.
type image struct {
	Config struct {
		User         string
		Env          []string
		Entrypoint   []string
		Cmd          []string
		WorkingDir   string
		StopSignal   string
		ExposedPorts map[string]struct{}
	}
}

var numeric = regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`)

// examine looks at every image that a compose.yaml builds.
func examine(t *testing.T, dir string) {
	out, said, err := docker(dir, "compose", "--profile", "*", "config", "--format", "json")
	if err != nil {
		t.Fatal(said)
	}
	var project struct{ Services map[string]service }
	if err := json.Unmarshal([]byte(out), &project); err != nil {
		t.Fatal(err)
	}
	var built []string
	for name, s := range project.Services {
		if s.Build == nil {
			continue
		}
		if !slices.Contains(built, s.Image) {
			built = append(built, s.Image)
		}
		out, said, err := docker(dir, "image", "inspect", s.Image)
		if err != nil {
			t.Fatal(said)
		}
		var images []image
		if err := json.Unmarshal([]byte(out), &images); err != nil {
			t.Fatal(err)
		}
		i := images[0].Config
		if s.User == "" && !numeric.MatchString(i.User) {
			t.Errorf("%s: the image runs as %q", name, i.User)
		}
		written, err := os.ReadFile(filepath.Join(s.Build.Context, s.Build.Dockerfile))
		if filepath.IsAbs(s.Build.Dockerfile) {
			written, err = os.ReadFile(s.Build.Dockerfile)
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(written)) {
			f := strings.Fields(line)
			switch {
			case len(f) == 2 && f[0] == "STOPSIGNAL" && i.StopSignal != f[1]:
				t.Errorf("%s: STOPSIGNAL %s became %q", name, f[1], i.StopSignal)
			case len(f) == 2 && f[0] == "EXPOSE":
				if _, ok := i.ExposedPorts[f[1]+"/tcp"]; !ok && !strings.Contains(f[1], "/") {
					t.Errorf("%s: EXPOSE %s became %v", name, f[1], i.ExposedPorts)
				}
			}
		}
		argv := append(slices.Clone(s.Entrypoint), s.Command...)
		if s.Entrypoint == nil {
			argv = slices.Clone(i.Entrypoint)
			if s.Command == nil {
				argv = append(argv, i.Cmd...)
			} else {
				argv = append(argv, s.Command...)
			}
		}
		if s.WorkingDir == "" {
			s.WorkingDir = i.WorkingDir
		}
		for _, program := range programs(argv) {
			if !holds(t, s.Image, s.WorkingDir, i.Env, program) {
				t.Errorf("%s: %s is not in the image, which is started by %q in %s", name, program, argv, s.WorkingDir)
			}
		}
	}
	if len(built) == 0 {
		t.Error("nothing is built")
	}
	for name, where := range found(t, secrets(t, dir), built...) {
		t.Errorf("the value of %s is in %s", name, where)
	}
}

// programs are the programs of a command line: the first word, what tini or a socket activator starts, and what a shell is told to exec.
func programs(argv []string) []string {
	var out []string
	for next := true; len(argv) > 0; argv = argv[1:] {
		w := argv[0]
		switch base := path.Base(w); {
		case next && (base == "tini" || base == "systemd-socket-activate"):
			out = append(out, w)
			for len(argv) > 1 && strings.HasPrefix(argv[1], "-") {
				argv = argv[1:]
			}
		case next && base == "sh" && len(argv) > 2 && argv[1] == "-c":
			out = append(out, w)
			if f := strings.Fields(argv[2]); len(f) > 1 && f[0] == "exec" {
				out = append(out, f[1])
			}
			return out
		case next:
			out, next = append(out, w), false
		case slices.Contains([]string{".py", ".js", ".mjs", ".cjs", ".rb", ".sh"}, path.Ext(w)):
			out = append(out, "./"+w) // what an interpreter reads, from the working directory
			return out
		}
	}
	return out
}

// holds reports whether a program is in an image: at its path, or on the PATH. It asks a container that was never started, so that images without a shell answer as well.
func holds(t *testing.T, image, workdir string, env []string, program string) bool {
	t.Helper()
	paths := []string{program}
	if strings.HasPrefix(program, "./") {
		paths = []string{strings.TrimPrefix(program, "./")}
		if !path.IsAbs(paths[0]) {
			paths[0] = path.Join(workdir, paths[0])
		}
	} else if !strings.Contains(program, "/") {
		paths = nil
		for _, v := range env {
			if p, ok := strings.CutPrefix(v, "PATH="); ok {
				for d := range strings.SplitSeq(p, ":") {
					paths = append(paths, path.Join(d, program))
				}
			}
		}
	}
	id, said, err := docker(".", "create", image, "none")
	if err != nil {
		t.Fatal(said)
	}
	id = strings.TrimSpace(id)
	defer docker(".", "rm", "--force", id)
	for _, p := range paths {
		if _, _, err := docker(".", "cp", "--follow-link", id+":"+p, "-"); err == nil {
			return true
		}
	}
	return false
}

func end(text string, n int) string { return text[max(0, len(text)-n):] }
