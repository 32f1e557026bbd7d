package process2container

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// installed is where the program's tree lies on the machine, and therefore in the image.
func (r *recipe) installed() string {
	if p, ok := r.was.Source.Installed.Get(); ok {
		return p
	}
	return "/app"
}

// node installs the production dependencies from the lockfile in a stage of their own. The program keeps its path.
func (r *recipe) node() {
	src := r.was.Source
	base := "node:" + src.Version.Or("22") + "-" + debian + "-slim"
	dir := r.installed()
	install, hasDeps := src.Install.Get()
	build, hasBuild := src.Build.Get()
	manager := src.Manager.Or("npm")
	cache := []string{"type=cache,target=/root/.npm"}
	if manager == "yarn" {
		cache = []string{"type=cache,target=/usr/local/share/.cache/yarn"}
	}
	if hasDeps || hasBuild {
		r.base("build", base, "version")
		r.step(workdir(dir), "installed")
		if manager == "pnpm" || manager == "yarn" {
			r.step(run(nil, "corepack enable"), "manager")
		}
		manifests := []string{"package.json"}
		if lock, ok := src.Lockfile.Get(); ok {
			manifests = append(manifests, lock)
		}
		r.step(copyFrom("", "", append(manifests, "./")...), "lockfile")
		if hasBuild {
			r.step(run(cache, install), "install", "manager")
			r.step(copyFrom("", "", ".", "."), "dir")
			r.step(run(nil, build), "build", "manager")
			r.step(run(nil, pruneDev(manager)), "install", "manager")
		} else {
			r.step(run(cache, withoutDev(install)), "install", "manager")
			r.step(copyFrom("", "", ".", "."), "dir")
		}
	}
	r.base("", base, "version", "language")
	r.prepare()
	if hasDeps || hasBuild {
		r.step(copyFrom("build", r.codeOwner(), dir, dir), "installed", "main", "dir")
	} else {
		r.step(copyFrom("", r.codeOwner(), ".", slash(dir)), "installed", "main", "dir")
	}
	r.interpreter("node")
}

// slash marks a path as a directory: the target of a COPY of a directory's content.
func slash(dir string) string { return strings.TrimSuffix(dir, "/") + "/" }

// withoutDev leaves development dependencies out of an install.
func withoutDev(install string) string {
	switch {
	case strings.HasPrefix(install, "npm "):
		return install + " --omit=dev"
	case strings.HasPrefix(install, "pnpm "):
		return install + " --prod"
	case strings.HasPrefix(install, "yarn install --frozen-lockfile"):
		return install + " --production"
	}
	return install
}

// pruneDev removes development dependencies after a build.
func pruneDev(manager string) string {
	switch manager {
	case "pnpm":
		return "pnpm prune --prod"
	case "yarn":
		return "yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline"
	}
	return "npm prune --omit=dev"
}

// python puts the dependencies into a virtual environment: the one that the command names, else one at /opt/venv.
func (r *recipe) python() {
	src := r.was.Source
	base := "python:" + src.Version.Or("3.13") + "-slim-" + debian
	dir := r.installed()
	install, hasDeps := src.Install.Get()
	venv := venvOf(r.was.Command.Argv)
	interpreter := "python3"
	invented := hasDeps && venv == "" // then programs are called by name: python, gunicorn
	if hasDeps {
		if invented {
			venv = "/opt/venv"
			interpreter = venv + "/bin/python3"
		}
		r.base("build", base, "version")
		r.step(workdir(dir), "installed")
		r.step(run(nil, "python3 -m venv "+shellQuote(venv)))
		manifests := []string{}
		if lock, ok := src.Lockfile.Get(); ok {
			manifests = append(manifests, lock)
		}
		manager := src.Manager.Or("pip")
		if manager != "pip" || len(manifests) == 0 {
			manifests = append(manifests, manifestOf(manager))
		}
		r.step(copyFrom("", "", append(manifests, "./")...), "lockfile", "manager")
		r.step(run([]string{"type=cache,target=/root/.cache"}, intoVenv(manager, install, venv)...), "install", "manager")
		r.base("", base, "version", "language")
		r.prepare()
		r.step(copyFrom("build", "", venv, venv), "install")
		if invented {
			r.step(deploy.Step{Verb: deploy.Some("env"), Args: deploy.List{"PATH=" + venv + "/bin:$PATH"}}, "install")
		}
	} else {
		r.base("", base, "version", "language")
		r.prepare()
	}
	r.step(copyFrom("", r.codeOwner(), ".", slash(dir)), "installed", "main", "dir")
	r.interpreter(interpreter)
}

// venvOf returns the virtual environment whose program the command runs, "" for none.
func venvOf(argv deploy.Argv) string {
	if len(argv) == 0 {
		return ""
	}
	text, _ := argv[0].Literal()
	bin := path.Dir(text)
	if path.Base(bin) != "bin" || bin == "/usr/bin" || bin == "/bin" || bin == "/usr/local/bin" || !path.IsAbs(bin) {
		return ""
	}
	return path.Dir(bin)
}

func manifestOf(manager string) string {
	switch manager {
	case "pipenv":
		return "Pipfile"
	case "pip":
		return "requirements.txt"
	}
	return "pyproject.toml"
}

// intoVenv installs the dependencies into the virtual environment with the project's own manager, which itself stays out of it.
func intoVenv(manager, install, venv string) []string {
	q := shellQuote(venv)
	switch manager {
	case "uv":
		return []string{"pip install uv", "UV_PROJECT_ENVIRONMENT=" + q + " uv sync --frozen --no-dev --no-install-project"}
	case "poetry":
		return []string{"pip install poetry", "VIRTUAL_ENV=" + q + " PATH=" + q + "/bin:$PATH poetry install --no-root --only main"}
	case "pdm":
		return []string{"pip install pdm", "VIRTUAL_ENV=" + q + " PDM_IGNORE_SAVED_PYTHON=1 pdm sync --prod --no-self"}
	case "pipenv":
		return []string{"pip install pipenv", "VIRTUAL_ENV=" + q + " PIPENV_VERBOSITY=-1 pipenv sync"}
	}
	return []string{q + "/bin/" + strings.TrimPrefix(install, "python -m ")}
}

// golang links a static program and puts it alone into an image without a shell, unless the start needs one.
func (r *recipe) golang() {
	src := r.was.Source
	target := r.installed()
	pkg := src.Main.Or(".")
	cgo := src.Cgo.Or(false)
	needsShell := r.w.Command.Shell.IsSet() || cgo || r.activated()
	cache := []string{"type=cache,target=/go/pkg/mod", "type=cache,target=/root/.cache/go-build"}
	r.stage("build", "golang:"+src.Version.Or("1")+"-"+debian, "version")
	grouped := r.w.Stop.Scope.Is(deploy.StopGroup)
	if grouped && !needsShell {
		r.step(run(nil, aptInstall("tini")...))
	}
	r.step(workdir("/src"))
	manifests := []string{"go.mod"}
	if src.Lockfile.IsSet() {
		manifests = append(manifests, "go.sum")
	}
	r.step(copyFrom("", "", append(manifests, "./")...), "lockfile", "manager")
	if src.Lockfile.IsSet() {
		r.step(run(cache[:1], "go mod download"), "manager", "install")
	}
	r.step(copyFrom("", "", ".", "."), "dir")
	command := "CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/program " + pkg
	if cgo {
		command = "go build -trimpath -ldflags='-s -w' -o /out/program " + pkg
	}
	r.step(run(cache, command), "build", "main", "cgo", "manager", "install")
	if needsShell {
		r.base("", slim, "language")
		r.prepare()
		r.step(copyFrom("build", "", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/"))
		r.step(copyFrom("build", "", "/out/program", target), "installed")
		return
	}
	const root = "/out/root" // COPY gives the directory that it makes a mode of its own, but those below it the ones they have
	dirs := r.volumeDirs(root)
	if len(dirs) > 0 {
		r.step(run(nil, dirs...))
		r.modes()
	}
	r.base("", static, "language")
	if grouped {
		r.step(copyFrom("build", "", "/usr/bin/tini-static", tini))
	}
	if len(dirs) > 0 {
		r.step(copyFrom("build", "", root+"/", "/"))
	}
	r.step(copyFrom("build", "", "/out/program", target), "installed")
}

// modes records that the modes of the volumes' directories are made by the step just added.
func (r *recipe) modes() {
	stage := len(r.stages) - 1
	step := len(r.stages[stage].Steps) - 1
	for i := range r.w.Mounts {
		if m := &r.w.Mounts[i]; m.Kind.Is(deploy.MountVolume) && m.Mode.IsSet() {
			m.Mode = deploy.Opt[deploy.Mode]{}
			r.l.Convert(r.from.Join("mounts", m.Path, "mode"), "the image's directory gives a new volume its owner and mode", r.to.Join("build", "stages", itoa(stage), "steps", itoa(step)))
		}
	}
}
