package nginx

import (
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
)

const (
	specUnit = "nginx.service of the package"
	specMain = "nginx(8)"
	specExec = "systemd.exec(5)"
)

// defaults is what holds for every nginx of a distribution: its package brings the unit, and nobody edits that.
var defaults = []struct {
	key, spec, value, doc string
	set                   func(w *deploy.Workload)
	fields                []string
}{
	{"command", specMain, "nginx -g 'daemon off;'", "the program, in the foreground", func(w *deploy.Workload) {
		w.Command.Argv = deploy.Args("nginx", "-g", "daemon off;")
	}, []string{"command.argv"}},
	{"kind", specUnit, "service", "it runs until it is stopped", func(w *deploy.Workload) {
		w.Kind = deploy.Some(deploy.Service)
	}, []string{"kind"}},
	{"WantedBy", specUnit, "multi-user.target", "it starts with the machine", func(w *deploy.Workload) {
		w.Autostart = deploy.Some(true)
	}, []string{"autostart"}},
	{"User", specUnit, "root", "the main process; workers have the user of the configuration", func(w *deploy.Workload) {
		w.User.ID, w.User.GroupID = deploy.Some(int64(0)), deploy.Some(int64(0))
	}, []string{"user.id", "user.groupID"}},
	{"WorkingDirectory", specExec, "/", "working directory", func(w *deploy.Workload) {
		w.Dir = deploy.Some("/")
	}, []string{"dir"}},
	{"UMask", specExec, "0022", "permission bits taken away from new files", func(w *deploy.Workload) {
		w.Umask = deploy.Some(deploy.Mode(0o022))
	}, []string{"umask"}},
	{"master process", specMain, "always", "the main process starts workers that end again", func(w *deploy.Workload) {
		w.Restart.Policy = deploy.Some(deploy.RestartAlways)
	}, []string{"restart.policy"}},
	{"TimeoutStartSec", specExec, "90s", "until it must have started", func(w *deploy.Workload) {
		w.Start.Timeout = deploy.Some(deploy.Bound(90 * time.Second))
	}, []string{"start.timeout"}},
	{"ExecStop", specUnit, "QUIT", "lets requests come to their end", func(w *deploy.Workload) {
		w.Stop.Signal = deploy.Some("SIGQUIT")
	}, []string{"stop.signal"}},
	{"TimeoutStopSec", specUnit, "5s", "until it is killed", func(w *deploy.Workload) {
		w.Stop.Grace = deploy.Some(deploy.Bound(5 * time.Second))
	}, []string{"stop.grace"}},
	{"KillMode", specUnit, "mixed", "the main process gets the signal, and tells its workers", func(w *deploy.Workload) {
		w.Stop.Scope = deploy.Some(deploy.StopMixed)
	}, []string{"stop.scope"}},
	{"LimitNOFILE", specExec, "1024:524288", "open files", func(w *deploy.Workload) {
		w.Resources.Files = deploy.Files{Soft: deploy.Some(deploy.Bound(int64(1024))), Hard: deploy.Some(deploy.Bound(int64(524288)))}
	}, []string{"resources.files.soft", "resources.files.hard"}},
	{"one process", specUnit, "1", "one of it runs", func(w *deploy.Workload) {
		w.Scale.Replicas = deploy.Some(int64(1))
	}, []string{"scale.replicas"}},
	{"privileges", specExec, "root's", "what the main process may", func(w *deploy.Workload) {
		w.Security = deploy.Security{NoNewPrivileges: deploy.Some(false), ReadOnlyRoot: deploy.Some(false), Privileged: deploy.Some(false), Capabilities: deploy.List{"all"}}
	}, []string{"security.noNewPrivileges", "security.readOnlyRoot", "security.privileged", "security.capabilities"}},
}

func (p *proxy) defaults() {
	for _, d := range defaults {
		d.set(&p.w)
		var fields []deploy.Path
		for _, f := range d.fields {
			fields = append(fields, p.at+"."+deploy.Path(f))
		}
		p.rec.Convert(p.rec.Implied(d.spec, d.key, d.value), fields...)
	}
}

const noSuch = "nginx has no word for it"

// absent lists what a configuration leaves unset on minimal input. A path stands for all that lies below it.
var absent = []detect.Absence{
	{Path: "name", Reason: "a proxy has no name of the system"},
	{Path: "tree", Reason: "the place of the output is not known to a reader"},
	{Path: "place", Reason: "the place of the output is not known to a reader"},
	{Path: "gateway", Reason: "nothing stands before the proxy"},
	{Path: "ingress", Reason: "nothing stands before the proxy"},
	{Path: "volumes", Reason: "a proxy keeps nothing"},
	{Path: "workloads.*.image", Reason: "a process has no image"},
	{Path: "workloads.*.source", Reason: "nginx comes from a package"},
	{Path: "workloads.*.build", Reason: "nginx comes from a package"},
	{Path: "workloads.*.command.entrypoint", Reason: "the command is one line"},
	{Path: "workloads.*.command.shell", Reason: "no shell starts it"},
	{Path: "workloads.*.env", Reason: "nginx clears its environment but for what env names"},
	{Path: "workloads.*.user.name", Reason: "root is known by its number"},
	{Path: "workloads.*.user.group", Reason: "root is known by its number"},
	{Path: "workloads.*.user.groups", Reason: "root needs none"},
	{Path: "workloads.*.user.volumes", Reason: "a proxy keeps nothing"},
	{Path: "workloads.*.before", Reason: noSuch},
	{Path: "workloads.*.started", Reason: noSuch},
	{Path: "workloads.*.stopping", Reason: noSuch},
	{Path: "workloads.*.ports.*.name", Reason: noSuch},
	{Path: "workloads.*.ports.*.published", Reason: "the address that it listens on says who reaches it"},
	{Path: "workloads.*.probes", Reason: "nobody asks the proxy how it goes"},
	{Path: "workloads.*.mounts", Reason: "only files and directories that the configuration names are mounted"},
	{Path: "workloads.*.restart.delay", Reason: "the main process starts workers at once"},
	{Path: "workloads.*.restart.attempts", Reason: "the main process never gives up"},
	{Path: "workloads.*.restart.window", Reason: "the main process never gives up"},
	{Path: "workloads.*.start.run", Reason: "it runs without bound"},
	{Path: "workloads.*.resources.cpu", Reason: noSuch},
	{Path: "workloads.*.resources.memory", Reason: noSuch},
	{Path: "workloads.*.resources.pids", Reason: noSuch},
	{Path: "workloads.*.scale.min", Reason: noSuch},
	{Path: "workloads.*.scale.max", Reason: noSuch},
	{Path: "workloads.*.schedule", Reason: noSuch},
	{Path: "workloads.*.needs", Reason: "nginx starts whether its backends are there or not"},
	{Path: "workloads.*.placement", Reason: noSuch},
	{Path: "workloads.*.security.seccomp", Reason: "no filter"},
	{Path: "workloads.*.logging", Reason: "lines are filed under the program's own name"},
}
