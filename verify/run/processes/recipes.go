//go:build linux

package processes

import (
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// recipe is how a program is made from the source tree. Workloads with the same one share what it makes.
type recipe struct {
	tree     string // directory of the source tree that is copied
	at       string // where the machine has it: a directory, or for Go the program itself
	file     bool
	inside   string // directory within the copy in which the commands run
	commands []string
	venv     string // virtual environment of Python; outside of at it is a place of its own
	python   string // the machine's
	install  string // of Python, tried with what the machine has at first
	link     [2]string
	owner    [2]int
	parts    [][2]string // files of the copy that a program of Go reads, and where
	bare     bool        // the witness takes the program's place: its files are enough
	env      []string
}

// key tells recipes apart.
func (r recipe) key() string { return fmt.Sprintf("%+v", r) }

// recipeOf tells how a workload's program is made. ok is false where the machine has it: a program of a package, or one that the tree does not hold.
func recipeOf(w deploy.Workload, uid, gid int, witness bool) (r recipe, ok bool, err error) {
	src := w.Source
	lang := src.Language.Or("")
	dir := src.Dir.Or(".")
	r.tree = src.Context.Or(dir)
	if lang == "debian" || lang == "" && (!src.Dir.IsSet() || !src.Installed.IsSet()) {
		return r, false, nil
	}
	r.at = path.Clean(src.Installed.Or("/app"))
	if ownsCode(w) {
		r.owner = [2]int{uid, gid}
	}
	if src.Context.IsSet() && lang != "go" {
		r.root(dir)
	}
	switch lang {
	case "go":
		r.file = true
		r.inside = inside(r.tree, dir)
		for _, p := range src.Parts {
			r.parts = append(r.parts, [2]string{p, path.Join(w.Dir.Or("/"), p)})
		}
	case "python":
		r.venv = venvOf(w.Command)
		if r.venv == "" && src.Install.IsSet() {
			r.venv = "/opt/venv"
		}
	}
	if witness {
		r.venv, r.bare = "", true
		return r, true, nil
	}
	switch lang {
	case "node", "static":
		err = r.node(src)
	case "python":
		err = r.pythonCommands(src)
	case "go":
		err = r.golang(src)
	}
	if err != nil {
		return r, false, fmt.Errorf("%s: %w", w.Name, err)
	}
	return r, true, nil
}

// ownsCode reports whether the files of the program belong to the user that runs it: on a platform that has one user for all, and where the program is at home.
func ownsCode(w deploy.Workload) bool {
	for _, e := range w.Env {
		if t, ok := e.Value.Reveal(); ok && e.Name == "HOME" && t == w.Source.Installed.Or("/app") {
			return true
		}
	}
	return !w.User.Name.IsSet() && !w.User.ID.IsSet()
}

// inside is the way from a directory of the tree to one below it.
func inside(from, to string) string {
	if from == "." {
		return to
	}
	return strings.TrimPrefix(strings.TrimPrefix(to, from), "/")
}

// root finds where the machine has the root of a workspace, of which the program is a member.
func (r *recipe) root(dir string) {
	rel := inside(r.tree, dir)
	if before, ok := strings.CutSuffix(r.at, "/"+rel); ok && before != "" {
		r.at = before
		return
	}
	r.link = [2]string{r.at, path.Join("/app", rel)}
	r.at = "/app"
}

// tool looks for a program of the machine that a build needs.
func tool(name, remedy string) (string, error) {
	p, err := exec.LookPath(name)
	if err != nil {
		return "", run.Error{What: name + " is not on this machine", Remedy: remedy}
	}
	return p, nil
}

// node installs with the package manager, builds, and drops what only the build needs.
func (r *recipe) node(src deploy.Source) error {
	install, hasDeps := src.Install.Get()
	build, hasBuild := src.Build.Get()
	if src.Language.Is("node") {
		if _, err := tool("node", "install Node.js "+src.Version.Or("22")); err != nil {
			return err
		}
	}
	if !hasDeps && !hasBuild {
		return nil
	}
	manager, release, _ := strings.Cut(src.Manager.Or("npm"), "@")
	remedy := "install it with npm install --global " + manager
	if manager == "npm" {
		remedy = "install Node.js with npm"
	} else if release != "" {
		remedy += "@" + release
	}
	if _, err := tool(manager, remedy); err != nil {
		return err
	}
	r.env = []string{"CI=true", "npm_config_audit=false", "npm_config_fund=false", "npm_config_update_notifier=false", "npm_config_loglevel=error"}
	switch {
	case hasDeps && !hasBuild:
		r.commands = []string{productionOnly(install)}
	case hasDeps:
		r.commands = []string{install, build}
	default:
		r.commands = []string{build}
	}
	return nil
}

// productionOnly leaves development dependencies out of an install.
func productionOnly(install string) string {
	switch {
	case strings.HasPrefix(install, "npm "):
		return install + " --omit=dev"
	case strings.HasPrefix(install, "pnpm "):
		return install + " --prod"
	case strings.HasPrefix(install, "yarn install --frozen-lockfile"), strings.HasPrefix(install, "bun "):
		return install + " --production"
	}
	return install
}

// pythonCommands makes the virtual environment that the command names, or one that it finds by its search path.
func (r *recipe) pythonCommands(src deploy.Source) error {
	remedy := "install the packages python3 and python3-venv"
	r.python = "/usr/bin/python3" // one in a home directory is not for other users
	if _, err := exec.LookPath(r.python); err != nil {
		var err error
		if r.python, err = tool("python3", remedy); err != nil {
			return err
		}
	}
	r.env = []string{"PYTHONDONTWRITEBYTECODE=1", "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_INPUT=1", "PIP_ROOT_USER_ACTION=ignore", "PIP_RETRIES=0", "PIP_DEFAULT_TIMEOUT=10"}
	if r.venv != "" {
		r.env = append(r.env, "VIRTUAL_ENV="+r.venv, "UV_PROJECT_ENVIRONMENT="+r.venv, "PDM_IGNORE_SAVED_PYTHON=1")
		r.commands = append(r.commands, quote(r.python)+" -m venv --system-site-packages "+quote(r.venv)+" || "+quote(r.python)+" -m venv --system-site-packages --without-pip "+quote(r.venv))
	}
	if install, ok := src.Install.Get(); ok {
		manager, release, _ := strings.Cut(src.Manager.Or("pip"), "@")
		if manager == "pip" {
			r.install = strings.TrimPrefix(strings.TrimPrefix(install, "python -m "), "python3 -m ")
		} else {
			if release != "" {
				release = "==" + release
			}
			if _, err := tool(manager, "install it with pip install "+manager+release); err != nil {
				return err
			}
			r.commands = append(r.commands, install)
		}
	}
	if build, ok := src.Build.Get(); ok {
		r.commands = append(r.commands, build)
	}
	return nil
}

// venvOf returns the virtual environment whose program a command runs, "" for none.
func venvOf(c deploy.Command) string {
	if len(c.Argv) == 0 || c.Shell.IsSet() {
		return ""
	}
	text, _ := c.Argv[0].Literal()
	bin := path.Dir(text)
	if path.Base(bin) != "bin" || !path.IsAbs(bin) || slices.Contains([]string{"/usr/bin", "/bin", "/usr/local/bin"}, bin) {
		return ""
	}
	return path.Dir(bin)
}

// golang links the program as it would be on a machine without anything of Go.
func (r *recipe) golang(src deploy.Source) error {
	if _, err := tool("go", "install Go "+src.Version.Or("")+" (https://go.dev/dl)"); err != nil {
		return err
	}
	if !src.Cgo.Or(false) {
		r.env = []string{"CGO_ENABLED=0"}
	}
	if !src.Context.IsSet() {
		r.env = append(r.env, "GOWORK=off") // the copy lies in no workspace
	}
	r.commands = []string{"go build -trimpath -buildvcs=false -ldflags='-s -w' -o \"$LIFT_OUT\" " + quote(src.Main.Or("."))}
	return nil
}

// quote makes one word of a shell's command line.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// made is what a recipe has made.
type made struct {
	recipe
	dir   string // in the scratch directory: copy, venv, program
	light bool   // it is copied into the side's root: a mount would show
}

// inScratch is the path of one of its parts as the supervisor sees it.
func (m made) inScratch(part string) string {
	return path.Join(ownRun, filepath.Base(filepath.Dir(m.dir)), filepath.Base(m.dir), part)
}

// places are where its parts appear on the machine.
func (m made) places() []place {
	if m.light {
		return nil
	}
	if m.file {
		out := []place{{From: m.inScratch("program"), To: m.at, File: true}}
		for _, p := range m.parts {
			out = append(out, place{From: m.inScratch(path.Join("copy", p[0])), To: p[1]})
		}
		return out
	}
	out := []place{{From: m.inScratch("copy"), To: m.at}}
	if m.venv != "" && !under(m.venv, m.at) {
		out = append(out, place{From: m.inScratch("venv"), To: m.venv})
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
