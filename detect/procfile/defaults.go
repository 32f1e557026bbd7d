package procfile

import (
	"io/fs"
	"slices"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// The specifications that the implied settings come from: Heroku Dev Center articles, and foreman's manual.
const (
	specForeman   = "foreman(1)"
	specProcfile  = "Heroku: The Procfile"
	specFormation = "Heroku: Scaling Your Dyno Formation"
	specDyno      = "Heroku: Dynos"
	specRestart   = "Heroku: Dyno Restart Behavior"
	specShutdown  = "Heroku: Dyno Shutdown Behavior"
	specStartup   = "Heroku: Dyno Startup Behavior"
	specRelease   = "Heroku: Release Phase"
	specRouter    = "Heroku: HTTP Routing"
)

// app is where a dyno has the code and its home.
const app = "/app"

// implied is a default of the platform: set gives it to a process type and returns the fields, none where it does not apply.
type implied struct {
	key, spec, value, doc string
	set                   func(p *process) []deploy.Path
}

func services(set func(p *process) []deploy.Path) func(p *process) []deploy.Path {
	return func(p *process) []deploy.Path {
		if p.release {
			return nil
		}
		return set(p)
	}
}

func releases(set func(p *process) []deploy.Path) func(p *process) []deploy.Path {
	return func(p *process) []deploy.Path {
		if !p.release {
			return nil
		}
		return set(p)
	}
}

// scalar returns the setter of one field.
func scalar[T deploy.Scalar](v T, field func(w *deploy.Workload) *deploy.Opt[T], names ...string) func(p *process) []deploy.Path {
	return func(p *process) []deploy.Path {
		*field(p.w) = deploy.Some(v)
		return []deploy.Path{p.at(names...)}
	}
}

func startTimeout(limit deploy.Limit[time.Duration]) func(p *process) []deploy.Path {
	return scalar(limit, func(w *deploy.Workload) *deploy.Opt[deploy.Limit[time.Duration]] { return &w.Start.Timeout }, "start", "timeout")
}

func startRun(limit deploy.Limit[time.Duration]) func(p *process) []deploy.Path {
	return scalar(limit, func(w *deploy.Workload) *deploy.Opt[deploy.Limit[time.Duration]] { return &w.Start.Run }, "start", "run")
}

func policy(v deploy.RestartPolicy) func(p *process) []deploy.Path {
	return scalar(v, func(w *deploy.Workload) *deploy.Opt[deploy.RestartPolicy] { return &w.Restart.Policy }, "restart", "policy")
}

// platform is the table of what every process type gets without a word in the Procfile.
var platform = []implied{
	{"autostart", specFormation, "true", "every process type of the formation runs; on Heroku all but web wait for heroku ps:scale", scalar(true,
		func(w *deploy.Workload) *deploy.Opt[bool] { return &w.Autostart }, "autostart")},
	{"quantity", specFormation, "1", "one of each, as foreman starts them, until app.json says otherwise", scalar(int64(1),
		func(w *deploy.Workload) *deploy.Opt[int64] { return &w.Scale.Replicas }, "scale", "replicas")},
	{"directory", specDyno, app, "working directory; foreman: that of the Procfile", scalar(app,
		func(w *deploy.Workload) *deploy.Opt[string] { return &w.Dir }, "dir")},
	{"HOME", specDyno, app, "environment variable", func(p *process) []deploy.Path {
		return []deploy.Path{p.setEnv("HOME", deploy.Plain(app))}
	}},
	{"umask", specDyno, "0022", "permission bits taken away from new files", scalar(deploy.Mode(0o022),
		func(w *deploy.Workload) *deploy.Opt[deploy.Mode] { return &w.Umask }, "umask")},
	{"restart", specRestart, "always", "a dyno that ends is started again, at once at first and then after growing pauses; foreman stops everything instead", services(policy(deploy.RestartAlways))},
	{"restart release", specRelease, "no", "a release command that fails is not tried again: the release fails", releases(policy(deploy.RestartNo))},
	{"restart attempts", specRestart, "unlimited", "Heroku never gives up", services(scalar(deploy.Unlimited[int64](),
		func(w *deploy.Workload) *deploy.Opt[deploy.Limit[int64]] { return &w.Restart.Attempts }, "restart", "attempts"))},
	{"boot timeout", specStartup, "60s", "web must listen on PORT by then", func(p *process) []deploy.Path {
		if p.name != "web" {
			return nil
		}
		return startTimeout(deploy.Bound(60 * time.Second))(p)
	}},
	{"boot timeout of others", specStartup, "unlimited", "nobody waits for a process type but web", func(p *process) []deploy.Path {
		if p.name == "web" {
			return nil
		}
		return startTimeout(deploy.Unlimited[time.Duration]())(p)
	}},
	{"run time", specDyno, "unlimited", "a process type runs for as long as it likes; the daily restart of dynos is Heroku's own upkeep", services(startRun(deploy.Unlimited[time.Duration]()))},
	{"run time of release", specRelease, "1h", "the release phase ends after an hour", releases(startRun(deploy.Bound(time.Hour)))},
	{"stop signal", specShutdown, "SIGTERM", "what asks a process type to end", scalar("SIGTERM",
		func(w *deploy.Workload) *deploy.Opt[string] { return &w.Stop.Signal }, "stop", "signal")},
	{"stop timeout", specShutdown, "30s", "until SIGKILL; foreman and honcho: 5s", scalar(deploy.Bound(30*time.Second),
		func(w *deploy.Workload) *deploy.Opt[deploy.Limit[time.Duration]] { return &w.Stop.Grace }, "stop", "grace")},
	{"stop scope", specShutdown, "all processes", "the signal goes to all processes of the dyno; foreman and heroku local signal the main process", scalar(deploy.StopGroup,
		func(w *deploy.Workload) *deploy.Opt[deploy.StopScope] { return &w.Stop.Scope }, "stop", "scope")},
	{"privileges", specDyno, "none", "a dyno runs as an unprivileged user without capabilities; setuid programs may still raise them", func(p *process) []deploy.Path {
		p.w.Security = deploy.Security{NoNewPrivileges: deploy.Some(false), ReadOnlyRoot: deploy.Some(false), Privileged: deploy.Some(false), Capabilities: deploy.List{"none"}}
		return []deploy.Path{p.at("security", "noNewPrivileges"), p.at("security", "readOnlyRoot"), p.at("security", "privileged"), p.at("security", "capabilities")}
	}},
}

// imply records a default that gave the fields.
func (u *unit) imply(spec, key, value string, fields ...deploy.Path) {
	u.rec.Convert(u.rec.Implied(spec, key, value), fields...)
}

// defaults gives every process type what the platform implies.
func (u *unit) defaults() {
	for _, d := range platform {
		var fields []deploy.Path
		for _, p := range u.processes {
			fields = append(fields, d.set(p)...)
		}
		if len(fields) > 0 {
			u.imply(d.spec, u.prefix+d.key, d.value, fields...)
		}
	}
	u.source()
	var phase []deploy.Path
	for _, p := range u.processes {
		if p.release {
			continue
		}
		for _, r := range u.processes { // no dyno boots on the new release before the release phase has succeeded
			if r.release {
				p.w.Needs = []deploy.Need{{Workload: r.w.Name, Condition: deploy.Some(deploy.Completed), Required: deploy.Some(true), Follow: deploy.Some(false)}}
				phase = append(phase, p.at("needs", r.w.Name, "condition"), p.at("needs", r.w.Name, "required"), p.at("needs", r.w.Name, "follow"))
			}
		}
	}
	if len(phase) > 0 {
		u.imply(specRelease, u.prefix+"release phase", "before all others", phase...)
	}
}

// buildFiles are the files by which Heroku's buildpacks recognise an application. The value tells whether it is installed as a directory; a compiled program's place is a file that the
// command names.
var buildFiles = map[string]bool{
	"package.json": true, "requirements.txt": true, "Pipfile": true, "pyproject.toml": true, "setup.py": true, "Gemfile": true, "composer.json": true,
	"go.mod": false, "pom.xml": false, "build.gradle": false,
}

// source says what the process types are built from where a build file stands beside the Procfile, as Heroku demands. Elsewhere (foreman at the root of several programs) it is left to
// who looks into the tree.
func (u *unit) source() {
	dir, installed, script := false, true, false
	for name, directory := range buildFiles {
		if _, ok := slices.BinarySearch(u.paths, u.beside(name)); ok {
			dir, script = true, script || directory
			installed = installed && directory
		}
	}
	var root, slug []deploy.Path
	for _, p := range u.processes {
		if dir {
			p.w.Source.Dir = deploy.Some(u.dir)
			root = append(root, p.at("source", "dir"))
		}
		if script && installed {
			p.w.Source.Installed = deploy.Some(app)
			slug = append(slug, p.at("source", "installed"))
		}
	}
	if len(root) > 0 {
		u.imply(specProcfile, u.prefix+"root", u.dir, root...)
	}
	if len(slug) > 0 {
		u.imply(specDyno, u.prefix+"slug", app, slug...)
	}
}

// ignored tells of files beside the Procfile that change what it means and that lift does not read.
func (u *unit) ignored() {
	for _, f := range []struct{ name, what, remedy string }{
		{".foreman", "not read: foreman takes options such as port and formation from it", "set PORT in .env and quantities in app.json, under formation"},
		{"heroku.yml", "not read: where Heroku builds images from it, its run section replaces the Procfile", "convert the Dockerfiles that it names, and compare its commands with the Procfile"},
	} {
		if _, err := fs.Stat(u.fs, u.beside(f.name)); err == nil {
			u.rec.Find(ledger.Info, ledger.Pos{File: u.beside(f.name)}, f.what, f.remedy)
		}
	}
}
