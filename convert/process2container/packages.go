package process2container

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// officials are images of Docker Hub for programs that Debian packages too, which find all they need in their arguments.
var officials = map[string]string{
	"redis-server": "redis:7.2-" + debian,
	"memcached":    "memcached:1.6-" + debian,
}

// official takes the program's official image where its command names no file of the machine: there is nothing to build then.
func (o one) official() bool {
	src := o.was.Source
	pkg := src.Main.Or("")
	image, ok := officials[pkg]
	argv, literal := o.w.Command.Argv.Literals()
	if !ok || !literal || len(src.Parts) > 0 || o.w.Command.Shell.IsSet() {
		return false
	}
	for _, a := range argv[1:] {
		if path.IsAbs(a) && !o.mounted(a) {
			return false
		}
	}
	o.w.Image = deploy.Some(image)
	o.assumeImage(image, "the official image of "+pkg+"; which version the machine has, nothing in the tree tells: compare it with `dpkg -l "+pkg+"`")
	o.w.Command.Argv[0] = deploy.Lit(path.Base(argv[0]))
	if from := o.from.Join("command", "argv"); !o.turned(from) {
		o.l.Convert(from, "the image has the program at another path", o.to.Join("command", "argv"))
	}
	o.initUnknown()
	o.accountSource(src, map[string][]deploy.Path{"main": {o.to.Join("image")}, "language": {o.to.Join("image")}})
	o.packageNotices(pkg)
	return true
}

// assumeImage replaces what was assumed of the image's name.
func (o one) assumeImage(image, why string) {
	at := o.to.Join("image")
	for i := range o.l.Assumed {
		if o.l.Assumed[i].Field == at {
			o.l.Assumed[i] = ledger.Assumption{Field: at, Value: image, Why: why}
		}
	}
}

// mounted reports whether a path lies in something that is mounted.
func (o one) mounted(p string) bool {
	for _, m := range o.w.Mounts {
		if p == m.Path || strings.HasPrefix(p, m.Path+"/") {
			return true
		}
	}
	return false
}

// packageFacts are what packages need in an image beside themselves: commands after the installation. A log file of the machine becomes the container's output.
var packageFacts = map[string][]string{
	"nginx": {"ln -sf /dev/stdout /var/log/nginx/access.log", "ln -sf /dev/stderr /var/log/nginx/error.log"},
}

// debian installs the package that the program comes from on the release that the machine has, so that its paths and its configuration are the machine's.
func (r *recipe) debian() {
	src := r.was.Source
	pkg := src.Main.Or("")
	base := slim
	if release, ok := src.Version.Get(); ok {
		base = "debian:" + release + "-slim"
	}
	r.base("", base, "version", "language")
	packages := append([]string{pkg}, r.helpers()...)
	r.step(run(nil, append(aptInstall(packages...), packageFacts[pkg]...)...), "main", "language")
	r.directories(nil)
	for _, p := range src.Parts {
		r.step(copyFrom("", "", p, "/"+p), "parts", "context")
	}
	r.packageNotices(pkg)
}

// packageNotices tells what changes for a program that trusts the machine's own address.
func (o one) packageNotices(pkg string) {
	at := o.from.Join("command", "argv")
	switch {
	case pkg == "redis-server" || pkg == "redis-sentinel":
		o.notice(ledger.Warning, at, "redis lets in callers from its own machine alone as long as it has no password (protected mode), and in containers its callers have other addresses",
			"set requirepass or a user, and give callers the password; or say --protected-mode no where nothing else reaches it")
	case strings.HasPrefix(pkg, "postgresql-"):
		o.notice(ledger.Warning, at, "pg_hba.conf lets callers in by their addresses, and in containers they have others", "add a line for the network of the containers, with scram-sha-256")
	}
}
