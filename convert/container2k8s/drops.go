package container2k8s

import (
	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/ledger"
)

// drops is what a pod never holds. What depends on the rest of the workload (a schedule without a Cron workload, replicas of a Job) is settled beside the place that it belongs to.
var drops = []convert.Drop{
	{Path: "tree", Outcome: ledger.Inert, Reason: "the images are built by then: nothing is built from the tree"},
	{Path: "place", Outcome: ledger.Inert, Reason: "the images are built by then: nothing is built from the tree"},
	{Path: "workloads.*.source", Outcome: ledger.Inert, Reason: "the image is built by then: a pod takes it as it is"},
	{
		Path: "workloads.*.umask", Outcome: ledger.Dropped, Reason: "a container has no umask of its own: new files get 0022 or what the image sets",
		Remedy: "set the umask in the program or in a script before it",
	},
	{
		Path: "workloads.*.restart.delay", Outcome: ledger.Dropped, Reason: "the kubelet waits on its own terms between restarts: 10 s, doubled each time up to 5 minutes",
		Remedy: "nothing to do, unless the program counts on a quick restart",
	},
	{
		Path: "workloads.*.restart.window", Outcome: ledger.Dropped, Reason: "restarts are counted for ever, not within a window",
		Remedy: "alert on pods in CrashLoopBackOff",
	},
	{
		Path: "workloads.*.resources.pids", Outcome: ledger.Dropped, Reason: "the number of processes is bounded for each node (podPidsLimit of the kubelet), not for each pod",
		Remedy: "set podPidsLimit on the nodes",
	},
	{
		Path: "workloads.*.resources.memory.swap", Outcome: ledger.Dropped, Reason: "swap is a matter of the node (memorySwap of the kubelet), not of a pod",
		Remedy: "raise the memory limit if the program needs it",
	},
	{
		Path: "workloads.*.resources.cpu.weight", Outcome: ledger.Dropped, Reason: "under contention CPU is shared by the requests: Kubernetes has no weight beside them",
		Remedy: "give the workload that matters more a higher resources.cpu.request",
	},
	{
		Path: "workloads.*.resources.files.soft", Outcome: ledger.Dropped, Reason: "the limit of open files is the node's: pods have no stable field for it",
		Remedy: "raise it at the start of the program (ulimit -n), up to the hard limit",
	},
	{
		Path: "workloads.*.resources.files.hard", Outcome: ledger.Dropped, Reason: "the hard limit of open files is the container runtime's: pods have no stable field for it",
		Remedy: "raise LimitNOFILE of the container runtime on the nodes if it is too low",
	},
	{
		Path: "workloads.*.scale.min", Outcome: ledger.Dropped, Reason: "nothing here scales by itself: the number of replicas is fixed",
		Remedy: "add a HorizontalPodAutoscaler once you know the load",
	},
	{
		Path: "workloads.*.scale.max", Outcome: ledger.Dropped, Reason: "nothing here scales by itself: more replicas come when somebody asks for them",
		Remedy: "add a HorizontalPodAutoscaler once you know the load",
	},
	{
		Path: "workloads.*.schedule.jitter", Outcome: ledger.Dropped, Reason: "a CronJob starts on the minute",
		Remedy: "let jobs that disturb each other start at different minutes, or sleep for a random time first",
	},
	{
		Path: "workloads.*.logging.tag", Outcome: ledger.Dropped, Reason: "the lines are filed under the pod's name and labels",
		Remedy: "search for the label app.kubernetes.io/name",
	},
	{
		Path: "workloads.*.mounts.*.mode", Outcome: ledger.Dropped, Reason: "a mount has no permission bits: an emptyDir is open to all users of its pod, a claim to the group user.volumes",
		Remedy: "chmod the directory at the start if the program insists",
	},
	{
		Path: "volumes.*.origin", Outcome: ledger.Inert, Reason: "where the data comes from is no setting: it is copied once", Later: true,
	},
}
