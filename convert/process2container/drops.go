package process2container

import (
	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/ledger"
)

// drops lists what neither a Dockerfile nor a compose file holds. A later tier may: what is dropped here travels on.
var drops = []convert.Drop{
	{Path: "routes.*", Outcome: ledger.Inert, Reason: "on one machine nothing stands before the published ports", Later: true},
	{Path: "gateway", Outcome: ledger.Inert, Reason: "on one machine nothing stands before the published ports", Later: true},
	{Path: "ingress", Outcome: ledger.Inert, Reason: "on one machine nothing stands before the published ports", Later: true},

	{Path: "volumes.*.size", Outcome: ledger.Dropped, Reason: "a named volume takes what the machine's disk has", Remedy: "watch the disk"},
	{Path: "volumes.*.access", Outcome: ledger.Inert, Reason: "compose runs on one machine, where every service may mount a volume", Later: true},
	{Path: "volumes.*.origin", Outcome: ledger.Inert, Reason: "where the data comes from is no setting: it is copied once", Later: true},

	{Path: "workloads.*.user.volumes", Outcome: ledger.Inert, Reason: "the image gives the volumes' directories their owner", Later: true},
	{Path: "workloads.*.umask", Outcome: ledger.Dropped, Reason: "a container's program starts with umask 0022", Remedy: "set the umask in the program, or start it with `sh -c 'umask …; exec …'`"},
	{Path: "workloads.*.before", Outcome: ledger.Dropped, Reason: "compose has nothing that runs before each start of a container", Remedy: "do it in the image's build, or in a one-shot service that this one depends on (service_completed_successfully)"},

	{Path: "workloads.*.ports.*.name", Outcome: ledger.Dropped, Reason: "an exposed port of compose has no name", Remedy: "name the port by its number where something refers to it"},
	{Path: "workloads.*.ports.*.protocol", Outcome: ledger.Dropped, Reason: "an exposed port of compose does not say what is spoken", Remedy: "nothing to do on one machine; the tiers above say it again"},
	{Path: "workloads.*.probes.startup", Outcome: ledger.Dropped, Reason: "compose has one health check, with a start period", Remedy: "let start_period of the health check be as long as a start may take"},
	{Path: "workloads.*.probes.liveness", Outcome: ledger.Dropped, Reason: "compose does not restart what is unhealthy", Remedy: "use the restart of the orchestrator, or end the program when it cannot go on"},

	{Path: "workloads.*.restart.delay", Outcome: ledger.Dropped, Reason: "Docker waits 100 ms before the first restart and doubles it up to a minute", Remedy: "let the program itself wait before it tries again"},
	{Path: "workloads.*.restart.attempts", Outcome: ledger.Dropped, Reason: "Docker never gives up on restart: always, and counts without a window elsewhere", Remedy: "watch the restart count"},
	{Path: "workloads.*.restart.window", Outcome: ledger.Dropped, Reason: "Docker counts restarts without a window", Remedy: "watch the restart count; restart: on-failure:N bounds it for good, whenever the failures come"},
	{Path: "workloads.*.start.timeout", Outcome: ledger.Dropped, Reason: "compose waits for a start without bound", Remedy: "give the service a health check with a start period"},
	{Path: "workloads.*.start.run", Outcome: ledger.Dropped, Reason: "compose does not bound how long a container runs", Remedy: "start the program under timeout(1)"},
	{Path: "workloads.*.scale.min", Outcome: ledger.Dropped, Reason: "compose does not scale by itself", Remedy: "scale by hand: docker compose up --scale NAME=N"},
	{Path: "workloads.*.scale.max", Outcome: ledger.Dropped, Reason: "compose does not scale by itself", Remedy: "scale by hand: docker compose up --scale NAME=N"},
	{Path: "workloads.*.schedule.cron", Outcome: ledger.Dropped, Reason: "compose has no schedule", Remedy: "start it from a timer of the machine: `docker compose run --rm NAME`"},
	{Path: "workloads.*.schedule.zone", Outcome: ledger.Dropped, Reason: "compose has no schedule", Remedy: "give the timer of the machine the time zone: OnCalendar=… Europe/Zurich"},
	{Path: "workloads.*.schedule.overlap", Outcome: ledger.Dropped, Reason: "compose has no schedule", Remedy: "a systemd timer of the machine starts no second run beside the first; start it from cron if two may run"},
	{Path: "workloads.*.schedule.catchUp", Outcome: ledger.Dropped, Reason: "compose has no schedule", Remedy: "a systemd timer of the machine with Persistent=true makes up for missed runs"},
	{Path: "workloads.*.schedule.jitter", Outcome: ledger.Dropped, Reason: "compose has no schedule", Remedy: "give the timer of the machine RandomizedDelaySec="},
	{Path: "workloads.*.security.seccomp", Outcome: ledger.Inert, Reason: "Docker's default profile is in force", Later: true},
}
