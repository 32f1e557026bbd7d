package process2container

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

const (
	tini   = "/usr/bin/tini"
	debian = "bookworm" // the Debian release under the images that lift chooses
	static = "gcr.io/distroless/static-debian12:nonroot"
	slim   = "debian:bookworm-slim"
)

// aptInstall returns the shell commands that install Debian packages and leave nothing behind.
func aptInstall(packages ...string) []string {
	return []string{"apt-get update", "apt-get install --yes --no-install-recommends " + strings.Join(packages, " "), "rm -rf /var/lib/apt/lists/*"}
}

// run makes a step of shell commands that stop at the first failure.
func run(mounts []string, commands ...string) deploy.Step {
	return deploy.Step{Verb: deploy.Some("run"), Args: deploy.List{strings.Join(commands, " && ")}, Mounts: mounts}
}

func copyFrom(stage, owner string, args ...string) deploy.Step {
	s := deploy.Step{Verb: deploy.Some("copy"), Args: args}
	if stage != "" {
		s.From = deploy.Some(stage)
	}
	if owner != "" {
		s.Owner = deploy.Some(owner)
	}
	return s
}

func workdir(dir string) deploy.Step {
	return deploy.Step{Verb: deploy.Some("workdir"), Args: deploy.List{dir}}
}

// recipe builds the stages of one image and remembers which of them each fact of the source went into.
type recipe struct {
	one
	peers  []one // all that are started from the image, the workload itself among them
	stages []deploy.Stage
	uses   map[string][]deploy.Path // leaf of source → places of build
}

func (r *recipe) stage(name, from string, facts ...string) {
	s := deploy.Stage{From: deploy.Some(from)}
	if name != "" {
		s.Name = deploy.Some(name)
	}
	r.stages = append(r.stages, s)
	r.use(r.to.Join("build", "stages", itoa(len(r.stages)-1), "from"), facts...)
}

// base begins a stage on the image that the program runs on: the one that the user names, or else lift's choice by the facts.
func (r *recipe) base(name, choice string, facts ...string) {
	if b, ok := r.was.Source.Base.Get(); ok {
		choice, facts = b, []string{"base", "language"}
	}
	r.stage(name, choice, facts...)
}

func (r *recipe) step(s deploy.Step, facts ...string) {
	last := &r.stages[len(r.stages)-1]
	last.Steps = append(last.Steps, s)
	r.use(r.to.Join("build", "stages", itoa(len(r.stages)-1), "steps", itoa(len(last.Steps)-1)), facts...)
}

func (r *recipe) use(at deploy.Path, facts ...string) {
	for _, f := range facts {
		r.uses[f] = append(r.uses[f], at)
	}
}

// image gives the workload the recipe of its image. peers are the workloads that are started from it: they write it alike.
func (o one) image(peers []one) {
	src := o.was.Source
	app := o.app.Name.Or("app")
	o.tmpfsOwner()
	pkg, known := o.packagedAs()
	if known && !o.w.Image.IsSet() {
		o.w.Image = deploy.Some(pkg.image)
		o.l.Assume(o.to.Join("image"), pkg.image, "the program comes from a package: this is the image of its makers")
	}
	if !o.w.Image.IsSet() {
		o.w.Image = deploy.Some(app + "/" + o.imageName(peers) + ":1.0.0")
		o.l.Assume(o.to.Join("image"), o.w.Image.Or(""), "an image needs a name; registry: in lift.yaml puts yours before it")
	}
	o.w.Source = deploy.Source{}
	lang, ok := src.Language.Get()
	defer o.directoryModes()
	if known {
		return
	}
	if !ok {
		o.foreign(src)
		return
	}
	r := &recipe{one: o, peers: peers, uses: map[string][]deploy.Path{}}
	switch lang {
	case "node":
		r.node()
	case "python":
		r.python()
	case "go":
		r.golang()
	case "static":
		r.static()
	case "debian":
		if o.official() {
			return
		}
		r.debian()
	default:
		o.foreign(src)
		return
	}
	o.w.Build = deploy.Build{
		Context: deploy.Some(path.Join(o.src.Tree.Or("."), src.Context.Or(src.Dir.Or(".")))),
		File:    deploy.Some(o.recipeFile(peers)),
		Ignore:  o.keepOut(ignored(src)),
		Stages:  r.stages,
	}
	if tree := o.src.Tree.Or("."); strings.HasPrefix(tree+"/", "../") {
		o.w.Build.Back = deploy.Some(back(o.w.Build.Context.Or("."), o.src.Place.Or("")))
	}
	build := o.to.Join("build")
	if last := len(r.stages) - 1; !src.Base.IsSet() {
		why := "a small image in which the program has all that it needs"
		if lang == "debian" && !src.Version.IsSet() {
			why = "which release of Debian the machine has, nothing in the tree tells; it decides the version of " + src.Main.Or("")
		}
		o.l.Assumed = append(o.l.Assumed, ledger.Assumption{
			Field: build.Join("stages", itoa(last), "from"), Key: o.from.Join("base"), Value: r.stages[last].From.Or(""), Why: why,
		})
	}
	r.use(build.Join("stages"), "language")
	r.use(build.Join("ignore"), "language")
	r.use(build.Join("file"), "dir")
	r.use(build.Join("context"), "dir", "context")
	o.accountSource(src, r.uses)
}

// accountSource records what became of each fact of the source.
func (o one) accountSource(src deploy.Source, uses map[string][]deploy.Path) {
	deploy.Visit(deploy.App{Workloads: []deploy.Workload{{Name: "x", Source: src}}}, func(p []byte, l deploy.Leaf) {
		leaf := deploy.Path(p).Base()
		if l.Presence() || leaf == "bind" || leaf == "sockets" || leaf == "accept" || leaf == "script" {
			return
		}
		from := o.from.Join("source", leaf)
		if to := uses[leaf]; len(to) > 0 {
			o.l.Convert(from, "", to...)
			return
		}
		reason := "the image's recipe does not need it"
		switch leaf {
		case "framework":
			reason = "the command that runs today says how it is started"
		case "cgo":
			reason = "the program is linked without a C library"
		}
		o.l.Idle(from, reason)
	})
}

// foreign says what is missing where the program's source is not in the tree.
func (o one) foreign(src deploy.Source) {
	at := o.from.Join("command", "argv")
	program := "its program"
	if len(o.was.Command.Argv) > 0 && !o.was.Command.Shell.IsSet() {
		program = o.was.Command.Argv[0].String()
	}
	deploy.Visit(deploy.App{Workloads: []deploy.Workload{{Name: "x", Source: src}}}, func(p []byte, l deploy.Leaf) {
		if leaf := deploy.Path(p).Base(); !l.Presence() && leaf != "bind" && leaf != "sockets" && leaf != "accept" && leaf != "script" {
			o.l.Drop(o.from.Join("source", deploy.Path(p).Base()), "lift has no recipe for this program", "write a Dockerfile for it that builds "+o.w.Image.Or(""))
		}
	})
	o.initUnknown()
	o.notice(ledger.Warning, at, "the source of "+program+" is not in the tree, so that its image cannot be built", "say in lift.yaml, paths:, which directory it is built from, or provide the image "+o.w.Image.Or("")+" with the program at that path")
}

// initUnknown gives the stop signal to the main process alone, in an image of which is not known whether it has an init.
func (o one) initUnknown() {
	if o.w.Stop.Scope.Is(deploy.StopGroup) {
		o.w.Stop.Scope = deploy.Some(deploy.StopMixed)
		o.l.Approximate(o.from.Join("stop", "scope"), "whether the image has an init is not known: only the main process gets the stop signal, the others are killed at the end", "start the program under tini -g in the image if it has children", o.to.Join("stop", "scope"))
	}
}

// sharedImages lists, for each workload, those that are started from the same image: from one interpreted program whose files belong to the same user.
func sharedImages(all []one) [][]one {
	key := func(o one) string {
		src := o.was.Source
		if l := src.Language.Or(""); l != "node" && l != "python" {
			return "\x00" + o.was.Name
		}
		return strings.Join([]string{src.Language.Or(""), src.Dir.Or(""), src.Installed.Or(""), src.Version.Or(""), src.Base.Or(""), o.codeOwner(), venvOf(o.was.Command.Argv)}, "\x00")
	}
	groups := map[string][]one{}
	for _, o := range all {
		groups[key(o)] = append(groups[key(o)], o)
	}
	out := make([][]one, len(all))
	for i, o := range all {
		out[i] = groups[key(o)]
	}
	return out
}

// alone reports whether nothing else is built from the directory.
func (o one) alone(peers []one) bool {
	for _, w := range o.src.Workloads {
		mine := slices.ContainsFunc(peers, func(p one) bool { return p.was.Name == w.Name })
		if !mine && w.Source.Language.IsSet() && w.Source.Dir.Or(".") == o.was.Source.Dir.Or(".") {
			return false
		}
	}
	return true
}

// imageName is the workload's own name, or the program's where several workloads run it.
func (o one) imageName(peers []one) string {
	switch dir := o.was.Source.Dir.Or("."); {
	case len(peers) > 1 && !o.alone(peers) || len(peers) == 1:
		return peers[0].w.Name
	case dir != ".":
		return strings.ToLower(path.Base(dir))
	}
	return "app"
}

// recipeFile places the Dockerfile in the directory of the program: under its plain name if it is the only one there.
func (o one) recipeFile(peers []one) string {
	if dir := o.was.Source.Dir.Or("."); !o.alone(peers) || o.was.Source.Language.Is("debian") {
		return path.Join(dir, peers[0].w.Name+".Dockerfile")
	}
	return path.Join(o.was.Source.Dir.Or("."), "Dockerfile")
}

// keepOut adds to what an image leaves out the files of its context from which secrets were read: Build.Ignore of the source's model lists them by their paths in the tree.
func (o one) keepOut(list deploy.List) deploy.List {
	at := o.from.Join("build", "ignore")
	if !o.was.Build.Ignore.IsSet() {
		return list
	}
	dir := o.was.Source.Context.Or(o.was.Source.Dir.Or("."))
	for _, p := range o.was.Build.Ignore {
		if base := path.Base(p); strings.HasPrefix(base, ".env") || strings.HasSuffix(base, ".env") {
			continue // no image gets these
		}
		if dir != "." {
			p = strings.TrimPrefix(p, dir+"/")
		}
		list = append(list, escapePattern(p))
	}
	o.l.Convert(at, "files with secrets are kept out of the image, by their paths in its context", o.to.Join("build", "ignore"))
	return list
}

// escapePattern writes a path so that .dockerignore takes it for nothing but itself.
func escapePattern(p string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(p)
}

// ignored lists what never belongs into an image.
func ignored(src deploy.Source) deploy.List {
	lang := src.Language.Or("")
	if lang == "debian" { // the rest of the machine's files stays where it is
		list := deploy.List{"*"}
		for _, p := range src.Parts {
			list = append(list, "!"+p)
		}
		return list
	}
	list := deploy.List{".git", ".gitignore", ".dockerignore", "**/.env", "**/.env.*", "**/*.env", "**/.envrc", "**/*.Dockerfile", "**/Dockerfile", "compose*.yaml", ".lift", convert.Runbook}
	switch lang {
	case "node", "static":
		list = append(list, "**/node_modules", "**/npm-debug.log*")
		if !slices.Contains(src.Manifests, ".npmrc") {
			list = append(list, "**/.npmrc") // if there is one, it holds credentials
		}
	case "python":
		list = append(list, "**/__pycache__", "**/*.pyc", "**/.venv", "**/venv")
	case "go":
		list = append(list, "**/*_test.go")
	}
	return list
}

// prepare makes the final stage of an image with a shell ready: tini, the user, the directories of volumes.
func (r *recipe) prepare() {
	var commands []string
	if packages := r.helpers(); len(packages) > 0 {
		commands = aptInstall(packages...)
	}
	r.directories(commands)
}

// helpers are the Debian packages that the workloads need beside their program.
func (r *recipe) helpers() []string {
	var packages []string
	for _, o := range r.peers {
		if o.was.Stop.Scope.Is(deploy.StopGroup) {
			packages = append(packages, "tini")
		}
		if o.activated() {
			packages = append(packages, "systemd") // for systemd-socket-activate
		}
	}
	return distinct(packages)
}

// directories makes the users and the directories of volumes, after other commands.
func (r *recipe) directories(commands []string) {
	var accounts, dirs []string
	for _, o := range r.peers {
		accounts = append(accounts, o.account()...)
		dirs = append(dirs, o.volumeDirs("")...)
	}
	commands = append(commands, distinct(append(accounts, dirs...))...)
	if len(commands) == 0 {
		return
	}
	r.step(run(nil, commands...))
	r.modes()
}

// distinct leaves out what stands in the list before.
func distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// volumeDirs are the commands that make the directories under which volumes appear, below a root: a new volume takes over the owner and the mode of the image's directory.
func (o one) volumeDirs(root string) []string {
	var out []string
	owner := o.owner()
	if owner == "" {
		owner = "0:0"
	}
	uid, gid, _ := strings.Cut(owner, ":")
	for _, m := range o.was.Mounts {
		if m.Kind.Is(deploy.MountVolume) {
			out = append(out, "install --directory --mode="+deploy.Some(m.Mode.Or(0o755)).String()+" --owner="+uid+" --group="+gid+" "+shellQuote(root+m.Path))
		}
	}
	return out
}

// back leads from a context outside of the output to the output: down from the context to the directory that both have above them, and along the output's own last names.
func back(context, place string) string {
	down := 0
	for _, part := range strings.Split(path.Clean(context), "/") {
		if part != ".." {
			down++
		}
	}
	return path.Join(strings.Repeat("../", down), place)
}

// directoryModes drops the modes of directories that no step of an image makes, and sizes of what is not memory.
func (o one) directoryModes() {
	for i := range o.w.Mounts {
		if m := &o.w.Mounts[i]; m.Size.IsSet() && !m.Kind.Is(deploy.MountTmpfs) {
			m.Size = deploy.Opt[deploy.Bytes]{}
			o.l.Drop(o.from.Join("mounts", m.Path, "size"), "compose bounds directories in memory alone", "watch the disk")
		}
		if m := &o.w.Mounts[i]; m.Mode.IsSet() && !m.Kind.Is(deploy.MountTmpfs) {
			m.Mode = deploy.Opt[deploy.Mode]{}
			o.l.Drop(o.from.Join("mounts", m.Path, "mode"), "what is mounted keeps the mode that it has", "give "+m.Path+" its owner and mode in the image, or on the machine")
		}
	}
}
