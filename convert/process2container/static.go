package process2container

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

const (
	nginxImage = "nginxinc/nginx-unprivileged:1.28-" + debian // listens on 8080 without being root
	nginxRoot  = "/usr/share/nginx/html"
)

// fileServers are the packages of npm that hand out files, with the versions that are taken.
var fileServers = map[string]string{"serve": "14.2.7", "http-server": "14.1.1"}

// static builds the files of a site, where they have to be built, and puts them under the server that hands them out today; nginx where nothing is said to.
func (r *recipe) static() {
	src := r.was.Source
	dir := r.installed()
	files := path.Join(dir, src.Main.Or("."))
	_, builds := src.Build.Get()
	if builds {
		r.nodeBuildOnly(dir)
	}
	from, to := path.Join(".", src.Main.Or(".")), files
	base := nginxImage
	server := src.Framework.Or("")
	switch server {
	case "":
		to = nginxRoot
	case "http.server":
		base = pythonImage(deploy.Source{})
	default:
		base = nodeImage(src)
	}
	r.base("", base, "language", "framework", "version")
	r.prepare()
	if v, ok := fileServers[server]; ok {
		r.step(run([]string{"type=cache,target=/root/.npm"}, "npm install --global "+server+"@"+v), "framework")
		r.withoutNpx(server)
	}
	if builds {
		r.step(copyFrom("build", "", files, to), "main", "installed", "dir", "manifests", "manager")
	} else {
		r.step(copyFrom("", "", from, slash(to)), "main", "installed", "dir")
	}
	switch server {
	case "":
		r.w.Command = deploy.Command{Argv: deploy.Args("nginx", "-g", "daemon off;")}
		r.l.Assume(r.to.Join("command", "argv"), "nginx -g 'daemon off;'", "nothing is said to hand out the files; nginx does it")
	case "http.server":
		r.interpreter("python3")
		fallthrough
	default:
		r.notice(ledger.Info, r.from.Join("command", "argv"), server+" is made for trying things out", "nginx hands out the same files faster and with caching: "+nginxImage+" with the files in "+nginxRoot)
	}
}

// nodeBuildOnly makes the files in a stage of which nothing else is kept.
func (r *recipe) nodeBuildOnly(dir string) {
	src := r.was.Source
	manager, release, _ := strings.Cut(src.Manager.Or("npm"), "@")
	r.stage("build", nodeImage(src), "version")
	r.step(workdir(dir), "installed")
	if c := packageManager(manager, release, src.Version.Or("22")); c != "" {
		r.step(run(nil, c), "manager")
	}
	for _, group := range byDirectory(src.Manifests) {
		r.step(copyFrom("", "", group...), "manifests")
	}
	if install, ok := src.Install.Get(); ok {
		r.step(run([]string{"type=cache,target=/root/.npm"}, install), "install", "manager")
	}
	r.step(copyFrom("", "", ".", "."), "dir")
	r.step(run(nil, src.Build.Or("true")), "build", "manager")
}

// withoutNpx starts the program itself: npx would fetch it again at each start.
func (r *recipe) withoutNpx(server string) {
	argv := r.w.Command.Argv
	text := ""
	if len(argv) > 0 {
		text, _ = argv[0].Literal()
	}
	if r.w.Command.Shell.IsSet() || path.Base(text) != "npx" {
		return
	}
	for i, w := range argv {
		if t, ok := w.Literal(); ok && (t == server || strings.HasPrefix(t, server+"@")) {
			r.w.Command.Argv = append(deploy.Args(server), argv[i+1:]...)
			if from := r.from.Join("command", "argv"); !r.turned(from) {
				r.l.Convert(from, "the image has "+server+", which npx would fetch at each start", r.to.Join("command", "argv"))
			}
			return
		}
	}
}
