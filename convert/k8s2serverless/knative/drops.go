package knative

import (
	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/ledger"
)

// drops is what a Knative Service never holds.
var drops = []convert.Drop{
	{Path: "routes", Outcome: ledger.Inert, Reason: "Knative names its Services itself"}, // Lower has settled each
	{Path: "gateway", Outcome: ledger.Inert, Reason: "Knative has its own way in"},
	{Path: "ingress", Outcome: ledger.Inert, Reason: "Knative has its own way in"},
	{Path: "tree", Outcome: ledger.Inert, Reason: "the images are built by then: nothing is built from the tree"},
	{Path: "place", Outcome: ledger.Inert, Reason: "the images are built by then: nothing is built from the tree"},
	{Path: "workloads.*.source", Outcome: ledger.Inert, Reason: "the image is built by then: a Knative Service takes it as it is"},
	{Path: "workloads.*.build", Outcome: ledger.Inert, Reason: "the image is built by then: a Knative Service takes it as it is"},
	{
		Path: "workloads.*.umask", Outcome: ledger.Dropped, Reason: "a container has no umask of its own: new files get 0022 or what the image sets",
		Remedy: "set the umask in the program or in a script before it",
	},
	{
		Path: "workloads.*.restart.delay", Outcome: ledger.Dropped, Reason: "the kubelet waits on its own terms between restarts, and requests wake another pod meanwhile",
		Remedy: "nothing to do, unless the program counts on a quick restart",
	},
	{
		Path: "workloads.*.restart.attempts", Outcome: ledger.Dropped, Reason: "Knative never gives up a pod, but a revision that does not start is marked failed after 10 minutes",
		Remedy: "watch the condition Ready of the Knative Service",
	},
	{Path: "workloads.*.restart.window", Outcome: ledger.Dropped, Reason: "restarts are not counted within a window", Remedy: "watch the condition Ready of the Knative Service"},
	{
		Path: "workloads.*.start.timeout", Outcome: ledger.Dropped, Reason: "a revision has the cluster's progress deadline, 10 minutes, to become ready",
		Remedy: "set the annotation serving.knative.dev/progress-deadline",
	},
	{Path: "workloads.*.start.run", Outcome: ledger.Dropped, Reason: "a pod of a Knative Service lives as long as there are requests", Remedy: "let the program end by itself after that time; it is started again"},
	{Path: "workloads.*.stop.signal", Outcome: ledger.Dropped, Reason: "Knative has no field for it: the image's STOPSIGNAL decides", Remedy: "set STOPSIGNAL in the image"},
	{
		Path: "workloads.*.stop.grace", Outcome: ledger.Dropped, Reason: "Knative gives a pod that stops as long as a request may take: timeoutSeconds, 300 s",
		Remedy: "raise timeoutSeconds if the program needs longer than 5 minutes to stop, up to 600 s",
	},
	{
		Path: "workloads.*.resources.pids", Outcome: ledger.Dropped, Reason: "the number of processes is bounded for each node (podPidsLimit of the kubelet), not for a revision",
		Remedy: "set podPidsLimit on the nodes",
	},
	{Path: "workloads.*.resources.memory.swap", Outcome: ledger.Dropped, Reason: "swap is a matter of the node, not of a revision", Remedy: "raise the memory limit if the program needs it"},
	{
		Path: "workloads.*.resources.cpu.weight", Outcome: ledger.Dropped, Reason: "under contention CPU is shared by the requests: there is no weight beside them",
		Remedy: "give what matters more a higher resources.cpu.request",
	},
	{Path: "workloads.*.resources.files.soft", Outcome: ledger.Dropped, Reason: "the limit of open files is the node's: a revision has no field for it", Remedy: "raise it at the start of the program (ulimit -n), up to the hard limit"},
	{
		Path: "workloads.*.resources.files.hard", Outcome: ledger.Dropped, Reason: "the hard limit of open files is the container runtime's: a revision has no field for it",
		Remedy: "raise LimitNOFILE of the container runtime on the nodes if it is too low",
	},
	{Path: "workloads.*.schedule.cron", Outcome: ledger.Dropped, Reason: "requests start it, not a schedule", Remedy: "add a PingSource of Knative Eventing that calls it"},
	{Path: "workloads.*.schedule.zone", Outcome: ledger.Dropped, Reason: "there is no schedule that a zone could belong to", Remedy: "give it to the PingSource"},
	{Path: "workloads.*.schedule.overlap", Outcome: ledger.Dropped, Reason: "there is no schedule whose runs could overlap", Remedy: "let the program refuse a second run"},
	{Path: "workloads.*.schedule.catchUp", Outcome: ledger.Dropped, Reason: "there is no schedule of which a run could be missed", Remedy: "call it by hand after an outage"},
	{Path: "workloads.*.schedule.jitter", Outcome: ledger.Dropped, Reason: "there is no schedule to delay", Remedy: "let the program wait for a random time"},
	{Path: "workloads.*.needs.*", Outcome: ledger.Dropped, Reason: "revisions start in any order, and again at each request that finds none", Remedy: "let the program try again until the other one answers"},
	{Path: "workloads.*.placement.arch", Outcome: ledger.Dropped, Reason: "Knative refuses a nodeSelector", Remedy: "build the image for all architectures of the cluster, or enable kubernetes.podspec-nodeselector in config-features"},
	{Path: "workloads.*.logging.tag", Outcome: ledger.Dropped, Reason: "the lines are filed under the pod's name and labels", Remedy: "search for the label serving.knative.dev/service"},
	{Path: "workloads.*.mounts.*.mode", Outcome: ledger.Dropped, Reason: "an emptyDir is open to all users of its pod: it has no permission bits", Remedy: "chmod the directory at the start if the program insists"},
}
