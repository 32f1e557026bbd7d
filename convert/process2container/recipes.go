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

// node installs the production dependencies from the lockfile in a stage of their own. The program keeps its path. A member of a workspace is installed in the workspace, of which the image
// gets what the program uses.
func (r *recipe) node() {
	src := r.was.Source
	base := nodeImage(src)
	dir := r.installed()
	context, in := src.Context.Get()
	root, link := dir, ""
	if in {
		root, link = r.workspace(dir, context)
	}
	_, hasDeps := src.Install.Get()
	_, hasBuild := src.Build.Get()
	if hasDeps || hasBuild {
		r.nodeBuild(base, root)
	}
	r.base("", base, "version", "language")
	r.prepare()
	switch {
	case !hasDeps && !hasBuild:
		r.step(copyFrom("", r.codeOwner(), ".", slash(root)), "installed", "main", "dir", "context", "parts", "manifests", "manager")
	case in:
		if hasDeps {
			r.step(copyFrom("build", r.codeOwner(), root+"/package.json", slash(root)), "installed", "context")
			r.step(copyFrom("build", r.codeOwner(), root+"/node_modules", root+"/node_modules"), "installed", "context")
		}
		for _, p := range src.Parts {
			r.step(copyFrom("build", r.codeOwner(), path.Join(root, p), path.Join(root, p)), "parts", "main", "dir", "installed")
		}
	default:
		r.step(copyFrom("build", r.codeOwner(), dir, dir), "installed", "main", "dir")
	}
	if link != "" {
		r.step(run(nil, "mkdir -p "+shellQuote(path.Dir(dir)), "ln -s "+shellQuote(link)+" "+shellQuote(dir)), "installed")
	}
	r.interpreter("node")
}

func nodeImage(src deploy.Source) string {
	return "node:" + src.Version.Or("22") + "-" + debian + "-slim"
}

// workspace returns where the image has the root of the workspace, and what the program's own path is to lead to, where the machine has the program apart from its workspace.
func (r *recipe) workspace(dir, context string) (root, link string) {
	rel := r.was.Source.Dir.Or(".")
	if context != "." {
		rel = strings.TrimPrefix(rel, context+"/")
	}
	if before, ok := strings.CutSuffix(dir, "/"+rel); ok && before != "" {
		return before, ""
	}
	return "/app", path.Join("/app", rel)
}

// nodeBuild installs and builds in a stage of its own, in the order in which the layers change: manifests, dependencies, code.
func (r *recipe) nodeBuild(base, root string) {
	src := r.was.Source
	install, hasDeps := src.Install.Get()
	build, hasBuild := src.Build.Get()
	manager, release, _ := strings.Cut(src.Manager.Or("npm"), "@")
	r.base("build", base, "version")
	r.step(workdir(root), "installed", "context")
	if c := packageManager(manager, release, src.Version.Or("22")); c != "" {
		r.step(run(nil, c), "manager")
	}
	for _, group := range byDirectory(src.Manifests) {
		r.step(copyFrom("", "", group...), "manifests")
	}
	cache := []string{"type=cache,target=" + map[string]string{"npm": "/root/.npm", "yarn": yarnCache(install), "pnpm": "/root/.local/share/pnpm/store", "bun": "/root/.bun/install/cache"}[manager]}
	if hasDeps && hasBuild {
		r.step(run(cache, install), "install", "manager")
	} else if hasDeps {
		r.step(run(cache, withoutDev(install)), "install", "manager")
	}
	r.step(copyFrom("", "", ".", "."), "dir", "context")
	if hasBuild {
		r.step(run(nil, build), "build", "manager")
	}
	switch {
	case !hasDeps || !hasBuild:
	case src.Context.IsSet():
		r.step(run(cache, "CI=true "+withoutDev(install)), "install", "manager")
	case strings.HasPrefix(install, "yarn install --immutable"):
		r.step(run(cache, withoutDev(install)), "install", "manager")
	default:
		r.step(run(nil, pruneDev(manager)), "install", "manager")
	}
}

// yarnCache is where yarn keeps what it has fetched: yarn 1, or what came after it.
func yarnCache(install string) string {
	if strings.Contains(install, "--immutable") {
		return "/root/.yarn"
	}
	return "/usr/local/share/.cache/yarn"
}

// packageManager is the command that puts the manager into an image of Node, which brings npm and yarn 1.
func packageManager(manager, release, node string) string {
	exact := strings.Count(release, ".") == 2
	switch {
	case manager == "bun" && exact:
		return "npm install --global bun@" + release
	case manager == "bun":
		return "npm install --global bun@1"
	case manager == "pnpm" && !exact && release != "":
		return "npm install --global pnpm@" + release
	case manager == "pnpm" && !exact:
		return "npm install --global pnpm@10"
	case manager == "pnpm", manager == "yarn" && exact:
		if len(node) == 2 && node >= "25" { // Node 25 came without corepack
			return "npm install --global corepack@0.36.0 && corepack enable"
		}
		return "corepack enable"
	}
	return ""
}

// byDirectory groups files into COPY arguments: those of the context's own directory in one, the others each to its place.
func byDirectory(files []string) (groups [][]string) {
	var top []string
	var below [][]string
	for _, f := range files {
		switch {
		case f == ".yarn":
			below = append(below, []string{".yarn", "./.yarn"})
		case strings.Contains(f, "/"):
			below = append(below, []string{f, "./" + path.Dir(f) + "/"})
		default:
			top = append(top, f)
		}
	}
	if len(top) > 0 {
		groups = append(groups, append(top, "./"))
	}
	return append(groups, below...)
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
	case strings.HasPrefix(install, "yarn install --immutable"):
		return "yarn workspaces focus --all --production"
	case strings.HasPrefix(install, "yarn install --frozen-lockfile"), strings.HasPrefix(install, "bun "):
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
	case "bun":
		return "bun install --frozen-lockfile --production"
	}
	return "npm prune --omit=dev"
}

// python puts the dependencies into a virtual environment: the one that the command names, else one at /opt/venv.
func (r *recipe) python() {
	src := r.was.Source
	base := pythonImage(src)
	dir := r.installed()
	install, hasDeps := src.Install.Get()
	venv := ""
	for _, p := range r.peers {
		if venv == "" {
			venv = venvOf(p.was.Command.Argv)
		}
	}
	interpreter := "python3"
	invented := hasDeps && venv == "" // then programs are called by name: python, gunicorn
	if hasDeps {
		if invented {
			venv = "/opt/venv"
		}
		interpreter = venv + "/bin/python3"
		r.base("build", base, "version")
		r.step(workdir(dir), "installed")
		r.step(run(nil, "python3 -m venv "+shellQuote(venv)))
		manager, release, _ := strings.Cut(src.Manager.Or("pip"), "@")
		first, then := pythonInstall(manager, release, install, venv, len(src.Manifests) > 0)
		cache := []string{"type=cache,target=/root/.cache"}
		if len(first) > 0 {
			for _, group := range byDirectory(src.Manifests) {
				r.step(copyFrom("", "", group...), "manifests", "manager")
			}
			r.step(run(cache, first...), "install", "manager")
		}
		if len(then) > 0 { // the project itself
			r.step(copyFrom("", "", ".", "."), "dir", "manifests", "manager")
			r.step(run(cache, then...), "install", "manager")
		}
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
	if build, ok := src.Build.Get(); ok {
		python := "python3"
		if hasDeps {
			python = venv + "/bin/python3"
		}
		r.step(run(nil, strings.Replace(build, "python3 ", python+" "+slash(dir), 1)), "build")
	}
	if venvOf(r.was.Command.Argv) == "" {
		r.interpreter(interpreter)
	}
}

func pythonImage(src deploy.Source) string {
	return "python:" + src.Version.Or("3.13") + "-slim-" + debian
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

// pythonManagers are the package managers beside pip: the version that is taken where the tree names none, what must stand before the command so that it fills the virtual environment,
// and the option that leaves the project itself out.
var pythonManagers = map[string]struct{ version, front, without string }{
	"uv":     {"0.8.22", "UV_PROJECT_ENVIRONMENT=VENV UV_LINK_MODE=copy ", "--no-install-project"},
	"poetry": {"2.1.3", "VIRTUAL_ENV=VENV PATH=VENV/bin:$PATH ", "--no-root"},
	"pdm":    {"2.24.2", "VIRTUAL_ENV=VENV PDM_IGNORE_SAVED_PYTHON=1 ", "--no-self"},
	"pipenv": {"2024.4.1", "VIRTUAL_ENV=VENV PIPENV_VERBOSITY=-1 ", ""},
}

// pythonInstall returns the commands that install the dependencies, from the manifests alone, and those that need the project's code as well.
func pythonInstall(manager, release, install, venv string, manifests bool) (first, then []string) {
	q := shellQuote(venv)
	m, ok := pythonManagers[manager]
	if !ok {
		command := q + "/bin/" + strings.TrimPrefix(install, "python -m ")
		if manifests {
			return []string{command}, nil
		}
		return nil, []string{command}
	}
	if release == "" {
		release = m.version
	}
	get := "pip install " + manager + "==" + release
	command := strings.ReplaceAll(m.front, "VENV", q) + install
	switch {
	case !manifests:
		return nil, []string{get, command}
	case m.without == "" || strings.HasSuffix(install, m.without):
		return []string{get, command}, nil
	}
	return []string{get, command + " " + m.without}, []string{command}
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
	for _, group := range byDirectory(src.Manifests) {
		r.step(copyFrom("", "", group...), "manifests", "manager")
	}
	if src.Install.IsSet() {
		r.step(run(cache[:1], "go mod download"), "manager", "install")
	}
	r.step(copyFrom("", "", ".", "."), "dir", "context")
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
		r.parts()
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
	r.parts()
}

// parts copies the files that a program reads from its working directory.
func (r *recipe) parts() {
	for _, p := range r.was.Source.Parts {
		to := path.Join(r.was.Dir.Or("/"), p)
		r.step(copyFrom("build", "", path.Join("/src", p), to), "parts")
	}
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
