package procfile

import (
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

const (
	specAppJSON = "Heroku: app.json Schema"
	specDotenv  = "foreman 0.87, lib/foreman/env.rb"
)

// keys is the mapping as a table: what the files say, then what the platform implies.
func keys() []detect.Key {
	out := []detect.Key{
		{
			Section: "Procfile", Name: "NAME: COMMAND", Spec: specProcfile, Example: "worker: node worker.js", Outcome: ledger.Converted,
			Doc: "a process type: one workload. Literal words become an argv without a shell; one command with variables or redirections becomes a script with exec; literal assignments in front become variables",
		},
		{
			Section: "Procfile", Name: "NAME: COMMAND with pipes, &&, ; or built-in commands", Spec: specForeman, Example: "worker: ./prepare && node worker.js", Outcome: ledger.Approximated,
			Doc: "runs as the script that it is", Reason: "the shell stays between the platform and the program", Remedy: "put the command into a script that ends with exec",
		},
		{
			Section: "Procfile", Name: "web", Spec: specRouter, Example: "web: node server.js", Outcome: ledger.Converted,
			Doc: "the process type that Heroku's router offers to the world: it has a port for HTTP, published",
		},
		{
			Section: "Procfile", Name: "release", Spec: specRelease, Example: "release: npm run migrate", Outcome: ledger.Converted,
			Doc: "a job that runs to its end before the others start with a new release",
		},
		{
			Section: "Procfile", Name: "$NAME", Spec: specProcfile, Example: "web: node server.js --redis $REDIS_URL", Outcome: ledger.Converted,
			Doc: "a variable that nothing here sets becomes a parameter of that name; DYNO and PS stay unset, with a warning",
		},
		{
			Section: ".env", Name: "NAME=VALUE", Spec: specDotenv, Example: "LOG_LEVEL=debug", Outcome: ledger.Converted,
			Doc: "a variable of all process types; a finding tells where foreman, heroku local and honcho read the line in different ways",
		},
		{
			Section: ".env", Name: "PORT", Spec: specForeman, Example: "PORT=3000", Outcome: ledger.Converted,
			Doc: "the first process type's PORT; each following one gets 100 more",
		},
		{
			Section: ".env", Name: "a line that sets nothing", Spec: specDotenv, Example: "LOG_LEVEL", Outcome: ledger.Inert,
			Doc: "reported", Reason: "foreman ignores the line",
		},
		{Section: "app.json", Name: "formation.NAME.quantity", Spec: specAppJSON, Example: "2", Outcome: ledger.Converted, Doc: "how many of the process type run"},
		{
			Section: "app.json", Name: "formation.NAME.size", Spec: specAppJSON, Example: "standard-1x", Outcome: ledger.Dropped, Doc: "dyno size",
			Reason: "a dyno size is a product of Heroku", Remedy: "set its memory as the workload's limit in lift.yaml",
		},
		{
			Section: "app.json", Name: "env.NAME", Spec: specAppJSON, Example: "production", Outcome: ledger.Converted,
			Doc: "a config var with which the application is created, unless .env sets it; one without a value becomes a parameter",
		},
		{
			Section: "app.json", Name: "scripts.postdeploy", Spec: specAppJSON, Example: "npm run seed", Outcome: ledger.Dropped, Doc: "runs once after the application was created",
			Reason: "Heroku runs it once, after it has created the application", Remedy: "run it by hand after the first deployment",
		},
		{
			Section: "app.json", Name: "addons", Spec: specAppJSON, Example: "heroku-postgresql", Outcome: ledger.Dropped, Doc: "services that the application uses",
			Reason: "an add-on is a service that Heroku rents out", Remedy: "run or rent the service and set its variable in .env",
		},
		{
			Section: "app.json", Name: "buildpacks", Spec: specAppJSON, Example: "https://github.com/example/buildpack", Outcome: ledger.Dropped, Doc: "what builds the slug; Heroku's own carry nothing that the tree does not say",
			Reason: "the image is built from the tree's own build files", Remedy: "add what the buildpack installs to the Dockerfile",
		},
		{
			Section: "app.json", Name: "stack, image", Spec: specAppJSON, Example: "heroku-24", Outcome: ledger.Dropped, Doc: "the operating system of a dyno",
			Reason: "the image is based on one of the language", Remedy: "add the packages that the program needs to the Dockerfile",
		},
		{Section: "app.json", Name: "scripts.*, environments", Spec: specAppJSON, Example: "npm test", Outcome: ledger.Inert, Doc: "review apps and tests", Reason: "production does not see it"},
		{
			Section: "app.json", Name: "name, description, keywords, website, repository, logo, success_url", Spec: specAppJSON, Example: "poll", Outcome: ledger.Inert, Doc: "Heroku's catalogue",
			Reason: "it describes the application to people",
		},
		{
			Section: "implied", Name: "PORT", Spec: specForeman, Example: "5000", Outcome: ledger.Converted,
			Doc: "5000, and 100 more for each following process type, without release: as foreman and heroku local number them; Heroku's numbers change with every start. web, and whoever mentions $PORT, listens on it",
		},
		{Section: "implied", Name: "root", Spec: specProcfile, Example: ".", Outcome: ledger.Converted, Doc: "where a build file stands beside the Procfile, the program is built from that directory"},
		{Section: "implied", Name: "slug", Spec: specDyno, Example: app, Outcome: ledger.Converted, Doc: "where that directory lies on the machine, unless the program is compiled"},
		{Section: "implied", Name: "release phase", Spec: specRelease, Example: "before all others", Outcome: ledger.Converted, Doc: "the other process types need release completed"},
	}
	for _, d := range platform {
		out = append(out, detect.Key{Section: "implied", Name: d.key, Doc: d.doc, Spec: d.spec, Example: d.value, Outcome: ledger.Converted})
	}
	return out
}

const noSuch = "a Procfile has no word for it"

// absent lists what a Procfile leaves unset on minimal input. A path stands for all that lies below it.
var absent = []detect.Absence{
	{Path: "name", Reason: "the name of the application is known to Heroku, not to the tree"},
	{Path: "tree", Reason: "the place of the output is not known to a reader"},
	{Path: "place", Reason: "the place of the output is not known to a reader"},
	{Path: "gateway", Reason: "routing is the platform's"},
	{Path: "ingress", Reason: "routing is the platform's"},
	{Path: "routes", Reason: "a Procfile names no hosts"},
	{Path: "volumes", Reason: "a dyno's file system is thrown away with it: there is nothing that lasts"},
	{Path: "workloads.*.image", Reason: "Heroku runs a slug, not an image"},
	{Path: "workloads.*.source.dir", Reason: "no build file stands beside the Procfile; lift looks into the tree"},
	{Path: "workloads.*.source.installed", Reason: "no build file stands beside the Procfile; lift looks into the tree"},
	{Path: "workloads.*.source.language", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.version", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.script", Reason: "package.json says what npm start stands for; lift looks into the tree"},
	{Path: "workloads.*.source.manager", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.context", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.manifests", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.parts", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.install", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.build", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.main", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.framework", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.source.base", Reason: "a stack is no image that can be had; lift chooses one"},
	{Path: "workloads.*.source.bind", Reason: "the program knows how it learns its address; lift looks into the tree"},
	{Path: "workloads.*.source.sockets", Reason: "a process type gets no sockets from its supervisor"},
	{Path: "workloads.*.source.accept", Reason: "a process type gets no sockets from its supervisor"},
	{Path: "workloads.*.source.cgo", Reason: "buildpacks find it out; lift does from the tree"},
	{Path: "workloads.*.build", Reason: "buildpacks build without a recipe"},
	{Path: "workloads.*.command.entrypoint", Reason: "the command has no fixed front"},
	{Path: "workloads.*.command.shell", Reason: "a command of literal words needs no shell"},
	{Path: "workloads.*.user", Reason: "a dyno's user is unprivileged; Heroku chooses name and ids at each start"},
	{Path: "workloads.*.before", Reason: noSuch + "; release runs before all process types, once"},
	{Path: "workloads.*.started", Reason: noSuch},
	{Path: "workloads.*.stopping", Reason: noSuch},
	{Path: "workloads.*.ports.*.name", Reason: noSuch},
	{Path: "workloads.*.ports.*.address", Reason: "the program decides which address it binds"},
	{Path: "workloads.*.probes", Reason: "Heroku asks no process how it is; that web must listen in time is its start timeout"},
	{Path: "workloads.*.files", Reason: "a dyno has the files of its slug alone"},
	{Path: "workloads.*.mounts", Reason: "a dyno has no volumes"},
	{Path: "workloads.*.restart.delay", Reason: "it is no fixed time: nothing at first, then growing to hours"},
	{Path: "workloads.*.restart.window", Reason: "the number of restarts has no limit"},
	{Path: "workloads.*.resources", Reason: "they follow from the dyno size, which is not in the tree"},
	{Path: "workloads.*.scale.min", Reason: "autoscaling is set up in Heroku's dashboard"},
	{Path: "workloads.*.scale.max", Reason: "autoscaling is set up in Heroku's dashboard"},
	{Path: "workloads.*.schedule", Reason: "Heroku Scheduler is an add-on with settings of its own"},
	{Path: "workloads.*.needs", Reason: "process types do not wait for each other, but for release where there is one"},
	{Path: "workloads.*.placement", Reason: noSuch},
	{Path: "workloads.*.security.seccomp", Reason: "Heroku does not publish what its dynos forbid"},
	{Path: "workloads.*.logging", Reason: "lines are filed under the process type, which is the workload's name"},
}
