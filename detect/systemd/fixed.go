package systemd

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// fixed are the directives that get the same answer whatever their value: nothing is lost without them, or nothing above the process tier does the like. Together with those that are mapped
// one by one they are all of systemd.directives(7) of systemd 252; then come some that are younger, and names that are gone or never were but are met all the same. The reason says what a
// container does instead, the remedy what a person can do.
//
// A row is the worst case. For values that ask for nothing see harmless.
var fixed = []detect.Key{
	// systemd.unit(5): [Unit], names and dependencies.
	{
		Name: "Description", Section: "Unit", Spec: "systemd.unit(5)", Example: "Shop front end", Outcome: ledger.Inert,
		Doc:    "names the unit in one line for people",
		Reason: "a name for people; it changes nothing that runs",
	},
	{
		Name: "Documentation", Section: "Unit", Spec: "systemd.unit(5)", Example: "https://example.org/shop man:shopd(8)", Outcome: ledger.Inert,
		Doc:    "lists addresses where the unit is documented",
		Reason: "a pointer for people; it changes nothing that runs",
	},
	{
		Name: "SourcePath", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/init.d/shop", Outcome: ledger.Inert,
		Doc:    "names the file that a generator made the unit from",
		Reason: "it tells where the unit came from, not what it does",
	},
	{
		Name: "Upholds", Section: "Unit", Spec: "systemd.unit(5)", Example: "worker.service", Outcome: ledger.Dropped,
		Doc:    "keeps starting the listed units as long as this one runs",
		Reason: "no container keeps another one up; each is restarted by its own policy", Remedy: "give the listed workloads `restart: always`",
	},
	{
		Name: "Conflicts", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop-maintenance.service", Outcome: ledger.Dropped,
		Doc:    "stops the listed units when this one starts, and the reverse",
		Reason: "containers do not exclude each other; both may run at once", Remedy: "put the two into different compose `profiles:`, or scale one to 0 before the other starts; against shutdown.target nothing is needed",
	},
	{
		Name: "OnFailure", Section: "Unit", Spec: "systemd.unit(5)", Example: "alert@%n.service", Outcome: ledger.Dropped,
		Doc:    "starts the listed units when this one has failed for good",
		Reason: "no runtime starts another workload because one has failed", Remedy: "alert on the failure from outside: on the container's exit event, or on KubePodCrashLooping",
	},
	{
		Name: "OnSuccess", Section: "Unit", Spec: "systemd.unit(5)", Example: "publish.service", Outcome: ledger.Dropped,
		Doc:    "starts the listed units when this one has ended well",
		Reason: "a plain container's end starts nothing by itself", Remedy: "give the follower `depends_on: {NAME: {condition: service_completed_successfully}}`, or run both as steps of one Job",
	},
	{
		Name: "OnFailureJobMode", Section: "Unit", Spec: "systemd.unit(5)", Example: "isolate", Outcome: ledger.Dropped,
		Doc:    "says how the start of the OnFailure= units is queued",
		Reason: "there is no job queue in which the OnFailure= units would be placed", Remedy: "once the failure is alerted on from outside, nothing is left to do",
	},
	{
		Name: "OnSuccessJobMode", Section: "Unit", Spec: "systemd.unit(5)", Example: "replace-irreversibly", Outcome: ledger.Dropped,
		Doc:    "says how the start of the OnSuccess= units is queued",
		Reason: "there is no job queue in which the OnSuccess= units would be placed", Remedy: "once the follower is ordered with depends_on or as a Job's step, nothing is left to do",
	},
	{
		Name: "PropagatesReloadTo", Section: "Unit", Spec: "systemd.unit(5)", Example: "worker.service", Outcome: ledger.Dropped,
		Doc:    "reloads the listed units whenever this one is reloaded",
		Reason: "a reload is a signal to one container; it does not travel to others", Remedy: "send the signal to each: `docker compose kill -s HUP NAME OTHER`",
	},
	{
		Name: "ReloadPropagatedFrom", Section: "Unit", Spec: "systemd.unit(5)", Example: "nginx.service", Outcome: ledger.Dropped,
		Doc:    "reloads this unit whenever one of the listed units is reloaded",
		Reason: "no container hears of the reload of another one", Remedy: "send the signal to both, or roll both out on the checksum of their common configuration",
	},
	{
		Name: "PropagatesStopTo", Section: "Unit", Spec: "systemd.unit(5)", Example: "worker.service", Outcome: ledger.Dropped,
		Doc:    "stops the listed units whenever this one is stopped",
		Reason: "stopping a container does not stop those beside it", Remedy: "write PartOf= with this unit's name in the listed units, which lift maps to depends_on with restart, or stop the whole project",
	},
	{
		Name: "StopPropagatedFrom", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop.service", Outcome: ledger.Dropped,
		Doc:    "stops this unit whenever one of the listed units is stopped",
		Reason: "a stop reaches a container by name, not by way of another one", Remedy: "write PartOf= with the same names instead, which lift maps to depends_on with restart",
	},
	{
		Name: "JoinsNamespaceOf", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop.service", Outcome: ledger.Dropped,
		Doc:    "shares /tmp, network or IPC namespace with the listed units",
		Reason: "namespaces are shared by declaring them on each container, which lift does not derive from here", Remedy: "mount one volume at /tmp in both, or set `network_mode: service:NAME` and `ipc: service:NAME`; in Kubernetes put both in one pod",
	},
	{
		Name: "RequiresMountsFor", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "needs the mounts below the given paths before the unit starts",
		Reason: "a container sees a mount of the machine only where a volume names it", Remedy: "mount the path as a volume of the workload; then the runtime has it ready before the start",
	},
	{
		Name: "StopWhenUnneeded", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "stops the unit as soon as no other one needs it",
		Reason: "a container runs until it is stopped; nobody counts who still needs it", Remedy: "stop it by hand or in the script that ends its users: `docker compose stop NAME`",
	},
	{
		Name: "RefuseManualStart", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "refuses to start the unit at an administrator's request",
		Reason: "it restrains systemctl; what a container runtime may start is decided by access to it",
	},
	{
		Name: "RefuseManualStop", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "refuses to stop the unit at an administrator's request",
		Reason: "it restrains systemctl; what a container runtime may stop is decided by access to it",
	},
	{
		Name: "AllowIsolate", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "allows `systemctl isolate` with this unit",
		Reason: "isolating is a state of the whole machine; a container takes no part in it",
	},
	{
		Name: "IgnoreOnIsolate", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the unit running when another unit is isolated",
		Reason: "no container is stopped by isolating a unit of the machine",
	},
	{
		Name: "DefaultDependencies", Section: "Unit", Spec: "systemd.unit(5)", Example: "no", Outcome: ledger.Dropped,
		Doc:    "no: leaves out the usual order after basic.target and before shutdown.target",
		Reason: "no marks a unit of early boot or late shutdown: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine; if it has no part in boot or shutdown, remove the line",
	},
	{
		Name: "CollectMode", Section: "Unit", Spec: "systemd.unit(5)", Example: "inactive-or-failed", Outcome: ledger.Inert,
		Doc:    "says when the manager forgets a unit that has ended",
		Reason: "it is systemd's own housekeeping; an ended container stays until it is removed",
	},
	{
		Name: "JobTimeoutSec", Section: "Unit", Spec: "systemd.unit(5)", Example: "5min", Outcome: ledger.Dropped,
		Doc:    "gives up a start or stop that has waited or run this long",
		Reason: "a runtime keeps no start jobs that could expire", Remedy: "bound what it waits for: a start_period with a healthcheck, or `progressDeadlineSeconds` of the Deployment",
	},
	{
		Name: "JobRunningTimeoutSec", Section: "Unit", Spec: "systemd.unit(5)", Example: "3min", Outcome: ledger.Dropped,
		Doc:    "gives up a start or stop that has run this long",
		Reason: "the time from creation to start of a container is not bounded", Remedy: "bound the start itself with TimeoutStartSec=, which lift maps",
	},
	{
		Name: "JobTimeoutAction", Section: "Unit", Spec: "systemd.unit(5)", Example: "reboot-force", Outcome: ledger.Dropped,
		Doc:    "reboots or powers off the machine when a job expires",
		Reason: "no container may reboot its machine: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine, or alert when the start takes too long",
	},
	{
		Name: "JobTimeoutRebootArgument", Section: "Unit", Spec: "systemd.unit(5)", Example: "recovery", Outcome: ledger.Dropped,
		Doc:    "argument of the reboot that JobTimeoutAction= makes",
		Reason: "it belongs to a reboot of the machine, which no container makes", Remedy: "leave the unit on the machine together with JobTimeoutAction=",
	},
	{
		Name: "StartLimitAction", Section: "Unit", Spec: "systemd.unit(5)", Example: "reboot", Outcome: ledger.Dropped,
		Doc:    "reboots, powers off or exits when the unit was started too often",
		Reason: "a container that keeps failing is restarted later and later; the machine goes on", Remedy: "alert on the restart count, for example on KubePodCrashLooping",
	},
	{
		Name: "FailureAction", Section: "Unit", Spec: "systemd.unit(5)", Example: "reboot-force", Outcome: ledger.Dropped,
		Doc:    "reboots, powers off or exits when the unit has failed",
		Reason: "the failure of a container never takes the machine down", Remedy: "watch the container from outside and let the machine's own monitoring decide on a reboot",
	},
	{
		Name: "SuccessAction", Section: "Unit", Spec: "systemd.unit(5)", Example: "exit", Outcome: ledger.Dropped,
		Doc:    "reboots, powers off or exits when the unit has ended well",
		Reason: "the end of a container leaves the machine running", Remedy: "where the end should stop everything, use `docker compose up --abort-on-container-exit`",
	},
	{
		Name: "FailureActionExitStatus", Section: "Unit", Spec: "systemd.unit(5)", Example: "70", Outcome: ledger.Dropped,
		Doc:    "exit status of the manager for FailureAction=exit",
		Reason: "no manager runs in the container whose exit status could be set", Remedy: "let the program itself exit with the status",
	},
	{
		Name: "SuccessActionExitStatus", Section: "Unit", Spec: "systemd.unit(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "exit status of the manager for SuccessAction=exit",
		Reason: "the container's exit status is its program's own, not one set beside it", Remedy: "let the program exit with the status, and read it with `docker compose up --exit-code-from NAME`",
	},
	{
		Name: "RebootArgument", Section: "Unit", Spec: "systemd.unit(5)", Example: "bootloader", Outcome: ledger.Dropped,
		Doc:    "argument of the reboots that the *Action= settings make",
		Reason: "it is handed to the kernel at a reboot, which no container may ask for", Remedy: "leave the unit on the machine together with its *Action= setting",
	},

	// systemd.unit(5): [Unit], conditions (false: the unit is skipped and has not failed).
	{
		Name: "ConditionPathExists", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/shop/shop.conf", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the path exists",
		Reason: "a runtime starts a container whether or not a file exists in it", Remedy: "check that the image or a volume has the path, or begin the entrypoint with `test -e PATH || exit 0`",
	},
	{
		Name: "ConditionPathExistsGlob", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/shop/conf.d/*.conf", Outcome: ledger.Dropped,
		Doc:    "skips the start unless a path matches the pattern",
		Reason: "a start is not made to depend on whether a pattern finds files", Remedy: "let the entrypoint look for a match and exit 0 without one",
	},
	{
		Name: "ConditionPathIsDirectory", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the path is a directory",
		Reason: "a volume makes a missing directory instead of skipping the start", Remedy: "begin the entrypoint with `test -d PATH || exit 0`, or mount it as a hostPath of type Directory",
	},
	{
		Name: "ConditionPathIsSymbolicLink", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/localtime", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the path is a symbolic link",
		Reason: "whether a path is a link is settled when the image is built, not at a start", Remedy: "decide at the build; where it differs at run time begin the entrypoint with `test -L PATH || exit 0`",
	},
	{
		Name: "ConditionPathIsMountPoint", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "skips the start unless something is mounted at the path",
		Reason: "in a container a path is a mount point because a volume says so", Remedy: "mount a volume at the path; then the condition always holds",
	},
	{
		Name: "ConditionPathIsReadWrite", Section: "Unit", Spec: "systemd.unit(5)", Example: "/var/lib", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the path can be written to",
		Reason: "what a container may write is fixed by its mounts, not tested at its start", Remedy: "mount a writable volume there, or begin the entrypoint with `test -w PATH || exit 0`",
	},
	{
		Name: "ConditionPathIsEncrypted", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the path's storage is encrypted",
		Reason: "a container cannot see whether the disk below a volume is encrypted", Remedy: "choose storage that is: an encrypted disk below the volume, or a StorageClass with encryption",
	},
	{
		Name: "ConditionDirectoryNotEmpty", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop/spool", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the directory has entries",
		Reason: "no runtime counts the files of a volume before a start", Remedy: "let the entrypoint exit 0 when `ls -A PATH` prints nothing",
	},
	{
		Name: "ConditionFileNotEmpty", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/shop/users", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the file has content",
		Reason: "no runtime reads a file's size before a start", Remedy: "begin the entrypoint with `test -s PATH || exit 0`",
	},
	{
		Name: "ConditionFileIsExecutable", Section: "Unit", Spec: "systemd.unit(5)", Example: "/usr/sbin/shopd", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the file can be executed",
		Reason: "a program missing from the image makes the start fail; it is not skipped", Remedy: "check that the image has the program; then the condition always holds",
	},
	{
		Name: "ConditionNeedsUpdate", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc", Outcome: ledger.Dropped,
		Doc:    "skips the start unless /etc or /var is older than /usr",
		Reason: "an image is replaced as a whole; there is no state of an update in it", Remedy: "move what it guards into the build of the image",
	},
	{
		Name: "ConditionFirstBoot", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine boots for the first time",
		Reason: "a container has no first boot: a program that needs it belongs on the machine", Remedy: "leave machine set-up to the machine; run first-time set-up of data as a Job",
	},
	{
		Name: "ConditionFirmware", Section: "Unit", Spec: "systemd.unit(5)", Example: "uefi", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine has this firmware",
		Reason: "a container sees nothing of the firmware: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine, or label such nodes and select them with a nodeSelector",
	},
	{
		Name: "ConditionVirtualization", Section: "Unit", Spec: "systemd.unit(5)", Example: "!container", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine is virtual, or a container, of this kind",
		Reason: "with !container the unit asks not to run in one: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine, or remove the line if the program does run in a container",
	},
	{
		Name: "ConditionHost", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop1", Outcome: ledger.Dropped,
		Doc:    "skips the start unless host name or machine id match",
		Reason: "a container is placed by labels, not by testing its machine's name", Remedy: "pin it with a nodeSelector on kubernetes.io/hostname, or start it only from that machine's compose file",
	},
	{
		Name: "ConditionKernelCommandLine", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop.debug", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine was booted with the option",
		Reason: "how the machine was booted concerns it alone: a program that needs it belongs on the machine", Remedy: "replace the boot option by an environment variable or a compose profile",
	},
	{
		Name: "ConditionKernelVersion", Section: "Unit", Spec: "systemd.unit(5)", Example: ">=5.10", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the kernel is of this version",
		Reason: "a container runs on whatever kernel its machine has, and nobody compares versions", Remedy: "run it on machines that have such a kernel: label the nodes and use a nodeAffinity",
	},
	{
		Name: "ConditionCredential", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop.token", Outcome: ledger.Dropped,
		Doc:    "skips the start unless a credential was handed to the manager",
		Reason: "no credentials are passed to a manager; a declared secret is there or the start fails", Remedy: "declare it under `secrets:`, or mount it with `optional: true` and test for it in the entrypoint",
	},
	{
		Name: "ConditionSecurity", Section: "Unit", Spec: "systemd.unit(5)", Example: "apparmor", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine has this security technology",
		Reason: "a start is not made to depend on selinux, apparmor or the like of the machine", Remedy: "ask for the profile itself: `security_opt:` or appArmorProfile; the start fails where it is missing",
	},
	{
		Name: "ConditionCapability", Section: "Unit", Spec: "systemd.unit(5)", Example: "CAP_NET_ADMIN", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the manager may grant the capability",
		Reason: "capabilities are granted by `cap_add:`, never tested before a start", Remedy: "add the capability to CapabilityBoundingSet=, which lift maps",
	},
	{
		Name: "ConditionACPower", Section: "Unit", Spec: "systemd.unit(5)", Example: "true", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine is on mains power",
		Reason: "the power supply is the machine's: a program that needs it belongs on the machine", Remedy: "on a server remove the line; on a laptop leave the unit on the machine",
	},
	{
		Name: "ConditionMemory", Section: "Unit", Spec: "systemd.unit(5)", Example: ">=2G", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine has this much memory",
		Reason: "a machine is chosen by what a container requests, not by all it has", Remedy: "say what the program needs with MemoryMin=, which lift maps to a request or reservation",
	},
	{
		Name: "ConditionCPUFeature", Section: "Unit", Spec: "systemd.unit(5)", Example: "avx2", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the processor has the feature",
		Reason: "processor features are not compared before a start", Remedy: "label the nodes that have it (node-feature-discovery does) and use a nodeSelector",
	},
	{
		Name: "ConditionCPUs", Section: "Unit", Spec: "systemd.unit(5)", Example: ">=4", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine has this many processors",
		Reason: "a machine is chosen by the processors requested, not by all it has", Remedy: "set `resources.requests.cpu` to what the program needs",
	},
	{
		Name: "ConditionEnvironment", Section: "Unit", Spec: "systemd.unit(5)", Example: "SHOP_ENABLED=1", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the manager's environment has the variable",
		Reason: "a container has no manager whose environment could be asked", Remedy: "put the workload into a compose profile, or scale it to 0 where the variable is unset",
	},
	{
		Name: "ConditionUser", Section: "Unit", Spec: "systemd.unit(5)", Example: "root", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the manager runs as this user",
		Reason: "which user started the manager means nothing to a container, whose user is its own", Remedy: "in a unit of the system manager only root or @system holds: remove the line",
	},
	{
		Name: "ConditionGroup", Section: "Unit", Spec: "systemd.unit(5)", Example: "adm", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the manager's user is in this group",
		Reason: "the manager's groups mean nothing to a container, whose groups are its own", Remedy: "remove the line; give the program the group with SupplementaryGroups=, which lift maps",
	},
	{
		Name: "ConditionControlGroupController", Section: "Unit", Spec: "systemd.unit(5)", Example: "memory", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine has the cgroup controller",
		Reason: "the runtime itself needs the controllers; it refuses a limit that it cannot set", Remedy: "run on machines with cgroup v2, where all the usual controllers are there",
	},
	{
		Name: "ConditionOSRelease", Section: "Unit", Spec: "systemd.unit(5)", Example: "ID=debian", Outcome: ledger.Dropped,
		Doc:    "skips the start unless the machine's os-release says this",
		Reason: "the os-release that a container sees is its image's", Remedy: "choose the image accordingly; then the condition always holds",
	},
	{
		Name: "ConditionMemoryPressure", Section: "Unit", Spec: "systemd.unit(5)", Example: "80%", Outcome: ledger.Dropped,
		Doc:    "skips the start while the machine is short of memory",
		Reason: "no runtime asks how loaded the machine is; the scheduler goes by requests", Remedy: "set a memory request, so that the pod waits for a node with room",
	},
	{
		Name: "ConditionCPUPressure", Section: "Unit", Spec: "systemd.unit(5)", Example: "60%/5min", Outcome: ledger.Dropped,
		Doc:    "skips the start while the machine is short of processor time",
		Reason: "a start does not wait for an idle machine; the scheduler goes by requests", Remedy: "set a CPU request, so that the pod waits for a node with room",
	},
	{
		Name: "ConditionIOPressure", Section: "Unit", Spec: "systemd.unit(5)", Example: "30%/1min", Outcome: ledger.Dropped,
		Doc:    "skips the start while the machine's disks are busy",
		Reason: "neither runtimes nor schedulers look at how busy the disks are", Remedy: "run it at a quiet hour with a timer, or test /proc/pressure/io in the entrypoint",
	},

	// systemd.unit(5): [Unit], asserts (false: the start has failed).
	{
		Name: "AssertPathExists", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/shop/shop.conf", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the path exists",
		Reason: "no runtime looks for a file before a start; the program itself will miss it", Remedy: "mount the file as a config or secret, whose absence fails the start, or begin the entrypoint with `test -e PATH`",
	},
	{
		Name: "AssertPathExistsGlob", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/shop/conf.d/*.conf", Outcome: ledger.Dropped,
		Doc:    "fails the start unless a path matches the pattern",
		Reason: "no runtime expands a pattern before a start", Remedy: "let the entrypoint look for a match and exit 1 without one",
	},
	{
		Name: "AssertPathIsDirectory", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the path is a directory",
		Reason: "a missing directory is made by its volume and fails nothing", Remedy: "mount it as a hostPath of type Directory, or as a bind with `create_host_path: false`",
	},
	{
		Name: "AssertPathIsSymbolicLink", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/localtime", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the path is a symbolic link",
		Reason: "a link is part of the image; no start checks it", Remedy: "check it when the image is built, with `RUN test -L PATH`",
	},
	{
		Name: "AssertPathIsMountPoint", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "fails the start unless something is mounted at the path",
		Reason: "a declared volume is always mounted, or the start fails anyway", Remedy: "declare a volume at the path; then the assertion always holds",
	},
	{
		Name: "AssertPathIsReadWrite", Section: "Unit", Spec: "systemd.unit(5)", Example: "/var/lib", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the path can be written to",
		Reason: "no start tries to write; a read-only mount shows itself at the first write", Remedy: "mount a writable volume there, or begin the entrypoint with `test -w PATH`",
	},
	{
		Name: "AssertPathIsEncrypted", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the path's storage is encrypted",
		Reason: "encryption lies below the volume, out of a container's sight; no start can insist on it", Remedy: "use an encrypted disk below the volume, or a StorageClass with encryption",
	},
	{
		Name: "AssertDirectoryNotEmpty", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop/templates", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the directory has entries",
		Reason: "an empty volume is mounted without complaint", Remedy: "let the entrypoint exit 1 when `ls -A PATH` prints nothing",
	},
	{
		Name: "AssertFileNotEmpty", Section: "Unit", Spec: "systemd.unit(5)", Example: "/etc/shop/users", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the file has content",
		Reason: "an empty file is mounted without complaint", Remedy: "begin the entrypoint with `test -s PATH`",
	},
	{
		Name: "AssertFileIsExecutable", Section: "Unit", Spec: "systemd.unit(5)", Example: "/usr/sbin/shopd", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the file can be executed",
		Reason: "only the program itself has to be executable for a start, other files are not looked at", Remedy: "check it when the image is built, with `RUN test -x PATH`",
	},
	{
		Name: "AssertNeedsUpdate", Section: "Unit", Spec: "systemd.unit(5)", Example: "/var", Outcome: ledger.Dropped,
		Doc:    "fails the start unless /etc or /var is older than /usr",
		Reason: "an image knows no half-done update that a start could assert", Remedy: "move what it guards into the build of the image",
	},
	{
		Name: "AssertFirstBoot", Section: "Unit", Spec: "systemd.unit(5)", Example: "no", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine boots for the first time",
		Reason: "first boot is a state of the machine: a program that needs it belongs on the machine", Remedy: "leave machine set-up to the machine",
	},
	{
		Name: "AssertArchitecture", Section: "Unit", Spec: "systemd.unit(5)", Example: "x86-64", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the processor is of this kind",
		Reason: "an image is built for its processors; on others its program cannot be executed", Remedy: "write ConditionArchitecture= instead, which lift maps to a placement",
	},
	{
		Name: "AssertVirtualization", Section: "Unit", Spec: "systemd.unit(5)", Example: "no", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine is virtual, or a container, of this kind",
		Reason: "the kind of the machine is asserted: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine, or remove the line if the program does run in a container",
	},
	{
		Name: "AssertHost", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop1", Outcome: ledger.Dropped,
		Doc:    "fails the start unless host name or machine id match",
		Reason: "no start compares the name of the machine below", Remedy: "pin it with a nodeSelector on kubernetes.io/hostname: elsewhere it then stays pending",
	},
	{
		Name: "AssertKernelCommandLine", Section: "Unit", Spec: "systemd.unit(5)", Example: "!noshop", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine was booted with the option",
		Reason: "boot options are the machine's: a program that needs them belongs on the machine", Remedy: "replace the boot option by an environment variable that the program demands",
	},
	{
		Name: "AssertKernelVersion", Section: "Unit", Spec: "systemd.unit(5)", Example: ">=5.10", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the kernel is of this version",
		Reason: "a runtime asks no kernel version before a start", Remedy: "label the nodes whose kernel will do and demand them with a nodeAffinity",
	},
	{
		Name: "AssertCredential", Section: "Unit", Spec: "systemd.unit(5)", Example: "shop.token", Outcome: ledger.Dropped,
		Doc:    "fails the start unless a credential was handed to the manager",
		Reason: "no credentials are passed to a manager, so none can be asserted", Remedy: "declare it under `secrets:`; a missing secret fails the start",
	},
	{
		Name: "AssertSecurity", Section: "Unit", Spec: "systemd.unit(5)", Example: "selinux", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine has this security technology",
		Reason: "no start asserts a security technology in general", Remedy: "ask for the label or profile itself under `security_opt:`; the start fails where it is missing",
	},
	{
		Name: "AssertCapability", Section: "Unit", Spec: "systemd.unit(5)", Example: "CAP_NET_BIND_SERVICE", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the manager may grant the capability",
		Reason: "a capability that cannot be granted fails the start only if it was asked for", Remedy: "ask for it in CapabilityBoundingSet=, which lift maps",
	},
	{
		Name: "AssertACPower", Section: "Unit", Spec: "systemd.unit(5)", Example: "true", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine is on mains power",
		Reason: "mains power is the machine's own affair: a program that needs it belongs on the machine", Remedy: "on a server remove the line; on a laptop leave the unit on the machine",
	},
	{
		Name: "AssertMemory", Section: "Unit", Spec: "systemd.unit(5)", Example: ">=2G", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine has this much memory",
		Reason: "no start asserts the memory of the whole machine", Remedy: "request what the program needs with MemoryMin=: a pod that fits nowhere stays pending",
	},
	{
		Name: "AssertCPUFeature", Section: "Unit", Spec: "systemd.unit(5)", Example: "avx2", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the processor has the feature",
		Reason: "a program meets a missing processor feature only when it uses it", Remedy: "label the nodes that have it (node-feature-discovery does) and demand them with a nodeSelector",
	},
	{
		Name: "AssertCPUs", Section: "Unit", Spec: "systemd.unit(5)", Example: ">=4", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine has this many processors",
		Reason: "no start asserts the processors of the whole machine", Remedy: "set `resources.requests.cpu`: a pod that fits nowhere stays pending",
	},
	{
		Name: "AssertEnvironment", Section: "Unit", Spec: "systemd.unit(5)", Example: "SHOP_ENABLED", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the manager's environment has the variable",
		Reason: "there is no manager whose environment could be asserted", Remedy: "demand the variable in the compose file with `${NAME:?reason}`",
	},
	{
		Name: "AssertUser", Section: "Unit", Spec: "systemd.unit(5)", Example: "root", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the manager runs as this user",
		Reason: "the user of a manager cannot be asserted where there is no manager", Remedy: "remove the line; User= says which user the program has, and lift maps it",
	},
	{
		Name: "AssertGroup", Section: "Unit", Spec: "systemd.unit(5)", Example: "root", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the manager's user is in this group",
		Reason: "the groups of a manager cannot be asserted where there is no manager", Remedy: "remove the line; Group= and SupplementaryGroups= say the program's groups, and lift maps them",
	},
	{
		Name: "AssertControlGroupController", Section: "Unit", Spec: "systemd.unit(5)", Example: "cpu", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine has the cgroup controller",
		Reason: "a runtime insists on a controller only when a limit needs it", Remedy: "set the limit that needs the controller; the start then fails where it is missing",
	},
	{
		Name: "AssertOSRelease", Section: "Unit", Spec: "systemd.unit(5)", Example: "ID=debian", Outcome: ledger.Dropped,
		Doc:    "fails the start unless the machine's os-release says this",
		Reason: "the os-release in a container is its image's and cannot differ from one start to the next", Remedy: "choose the image accordingly; then the assertion always holds",
	},
	{
		Name: "AssertMemoryPressure", Section: "Unit", Spec: "systemd.unit(5)", Example: "80%", Outcome: ledger.Dropped,
		Doc:    "fails the start while the machine is short of memory",
		Reason: "memory pressure of the machine fails no container's start", Remedy: "set a memory request, so that the pod waits for a node with room",
	},
	{
		Name: "AssertCPUPressure", Section: "Unit", Spec: "systemd.unit(5)", Example: "60%", Outcome: ledger.Dropped,
		Doc:    "fails the start while the machine is short of processor time",
		Reason: "processor pressure of the machine fails no container's start", Remedy: "set a CPU request, so that the pod waits for a node with room",
	},
	{
		Name: "AssertIOPressure", Section: "Unit", Spec: "systemd.unit(5)", Example: "30%", Outcome: ledger.Dropped,
		Doc:    "fails the start while the machine's disks are busy",
		Reason: "disk pressure of the machine fails no container's start", Remedy: "test /proc/pressure/io at the head of the entrypoint",
	},

	// systemd.unit(5): [Install].
	{
		Name: "Alias", Section: "Install", Spec: "systemd.unit(5)", Example: "shop.service", Outcome: ledger.Dropped,
		Doc:    "gives the unit further names when it is enabled",
		Reason: "a container has one name; others are names in the network, which lift does not derive from here", Remedy: "add the name under `networks: default: aliases:`, or a second Service with the same selector",
	},
	{
		Name: "Also", Section: "Install", Spec: "systemd.unit(5)", Example: "shop.socket", Outcome: ledger.Inert,
		Doc:    "enables and disables the listed units together with this one",
		Reason: "which units are migrated is decided by what is read; each listed unit speaks for itself",
	},
	{
		Name: "DefaultInstance", Section: "Install", Spec: "systemd.unit(5)", Example: "main", Outcome: ledger.Dropped,
		Doc:    "names the instance that is enabled when a template is enabled without one",
		Reason: "a container is an instance already; there is no template that would lack a name", Remedy: "name the instances that run: lift makes a workload of each one that it finds enabled",
	},

	// systemd.service(5).
	{
		Name: "ExitType", Section: "Service", Spec: "systemd.service(5)", Example: "cgroup", Outcome: ledger.Dropped,
		Doc:    "cgroup: the service lives until its last process has ended",
		Reason: "a container ends with its first process, whatever the others do", Remedy: "make the main process wait for the others, for example with `wait` at the end of a script",
	},
	{
		Name: "PIDFile", Section: "Service", Spec: "systemd.service(5)", Example: "/run/shop.pid", Outcome: ledger.Dropped,
		Doc:    "names the file in which a forking daemon writes its process id",
		Reason: "the process that is watched is the container's first one; no file says which", Remedy: "run the program in the foreground and turn its pid file off; a stale one would stop a restart",
	},
	{
		Name: "GuessMainPID", Section: "Service", Spec: "systemd.service(5)", Example: "no", Outcome: ledger.Inert,
		Doc:    "lets systemd guess the main process of a forking daemon",
		Reason: "nothing is guessed: the container's first process is the main one", Remedy: "run the program in the foreground (`-F`, `--no-daemon`, `daemon off;`)",
	},
	{
		Name: "BusName", Section: "Service", Spec: "systemd.service(5)", Example: "org.example.Shop", Outcome: ledger.Dropped,
		Doc:    "the D-Bus name whose appearance says that the service is up",
		Reason: "containers have no system bus: a program that needs it belongs on the machine", Remedy: "leave it on the machine, or mount /run/dbus/system_bus_socket into the container",
	},
	{
		Name: "ExecCondition", Section: "Service", Spec: "systemd.service(5)", Example: "/usr/bin/test -s /etc/shop/users", Outcome: ledger.Dropped,
		Doc:    "runs before all else; exit status 1 to 254 skips the start",
		Reason: "no step before a start can skip it without failing it", Remedy: "move the test to the head of the entrypoint and exit 0 there, with `restart: on-failure`",
	},
	{
		Name: "ExecReload", Section: "Service", Spec: "systemd.service(5)", Example: "/bin/kill -HUP $MAINPID", Outcome: ledger.Dropped,
		Doc:    "says how the running program re-reads its configuration",
		Reason: "nothing reloads a container in place: a new configuration makes new containers", Remedy: "send the signal with `docker compose kill -s HUP NAME`, or roll out on the checksum of the configuration",
	},
	{
		Name: "ExecStopPost", Section: "Service", Spec: "systemd.service(5)", Example: "/bin/rm -f /run/shop.lock", Outcome: ledger.Dropped,
		Doc:    "runs after every stop, crashes included",
		Reason: "nothing runs in a container once its program has ended", Remedy: "clean up at the next start with ExecStartPre=, which lift maps, or set a trap for EXIT in the entrypoint",
	},
	{
		Name: "TimeoutStartFailureMode", Section: "Service", Spec: "systemd.service(5)", Example: "abort", Outcome: ledger.Dropped,
		Doc:    "says with which signal a start that takes too long is ended",
		Reason: "a start that takes too long is ended like every other stop", Remedy: "let the program itself dump what it knows before its startup deadline",
	},
	{
		Name: "TimeoutStopFailureMode", Section: "Service", Spec: "systemd.service(5)", Example: "abort", Outcome: ledger.Dropped,
		Doc:    "says with which signal a stop that takes too long is ended",
		Reason: "after the grace period a container gets SIGKILL and nothing else", Remedy: "let the program write its own diagnosis when the stop signal comes",
	},
	{
		Name: "TimeoutAbortSec", Section: "Service", Spec: "systemd.service(5)", Example: "30s", Outcome: ledger.Dropped,
		Doc:    "time for a core dump after the watchdog's abort",
		Reason: "no abort precedes SIGKILL, so there is no time of its own for it", Remedy: "add the time to TimeoutStopSec=, which lift maps to the grace period",
	},
	{
		Name: "TimeoutCleanSec", Section: "Service", Spec: "systemd.exec(5)", Example: "1min", Outcome: ledger.Inert,
		Doc:    "bounds `systemctl clean`, which removes the service's directories",
		Reason: "it bounds a command of systemctl; volumes are removed with `docker volume rm`",
	},
	{
		Name: "RuntimeRandomizedExtraSec", Section: "Service", Spec: "systemd.service(5)", Example: "5min", Outcome: ledger.Dropped,
		Doc:    "adds a random time to RuntimeMaxSec=, so that instances do not end together",
		Reason: "the time that a container may run is fixed, not drawn", Remedy: "put a random sleep before the work, or give the replicas different time limits",
	},
	{
		Name: "WatchdogSec", Section: "Service", Spec: "systemd.service(5)", Example: "30s", Outcome: ledger.Dropped,
		Doc:    "ends the service when it has not sent a sign of life for this long",
		Reason: "nobody listens for sd_notify in a container, and a container that hangs goes on hanging", Remedy: "give it a livenessProbe on its health endpoint; in compose a healthcheck only reports",
	},
	{
		Name: "WatchdogSignal", Section: "Service", Spec: "systemd.kill(5)", Example: "SIGQUIT", Outcome: ledger.Dropped,
		Doc:    "the signal that the watchdog sends",
		Reason: "a failed liveness probe stops the container as usual, with its stop signal", Remedy: "handle the stop signal so that it leaves a diagnosis, or let the probe's command trigger one",
	},
	{
		Name: "RestartPreventExitStatus", Section: "Service", Spec: "systemd.service(5)", Example: "2 SIGKILL", Outcome: ledger.Dropped,
		Doc:    "exit statuses after which the service stays down in spite of Restart=",
		Reason: "restart policies know success and failure, not single exit statuses", Remedy: "let a wrapper end with 0 on these statuses, with `restart: on-failure`; a Job has podFailurePolicy",
	},
	{
		Name: "RestartForceExitStatus", Section: "Service", Spec: "systemd.service(5)", Example: "133", Outcome: ledger.Dropped,
		Doc:    "exit statuses after which the service is restarted in spite of Restart=",
		Reason: "a restart policy cannot single out an exit status that means: once more", Remedy: "let a wrapper turn these statuses into a failure, with `restart: on-failure`, or use `restart: always`",
	},
	{
		Name: "SuccessExitStatus", Section: "Service", Spec: "systemd.service(5)", Example: "143", Outcome: ledger.Dropped,
		Doc:    "further exit statuses that count as success",
		Reason: "a runtime takes 0 alone for success", Remedy: "harmless with Restart=always; otherwise let a wrapper turn these statuses into 0",
	},
	{
		Name: "RootDirectoryStartOnly", Section: "Service", Spec: "systemd.service(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "only ExecStart= runs in RootDirectory=",
		Reason: "all commands of a container run in its image; none is left outside", Remedy: "put what the other commands need into the image",
	},
	{
		Name: "RemainAfterExit", Section: "Service", Spec: "systemd.service(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "keeps the unit active after its processes have ended",
		Reason: "a container that has ended is not active any more", Remedy: "let those that need it wait with `condition: service_completed_successfully`; turn ExecStop= into a step of its own",
	},
	{
		Name: "NonBlocking", Section: "Service", Spec: "systemd.service(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "sets O_NONBLOCK on the sockets handed over",
		Reason: "no sockets are handed over to a container that a flag could be set on", Remedy: "let the program bind its own sockets and set the flag itself",
	},
	{
		Name: "NotifyAccess", Section: "Service", Spec: "systemd.service(5)", Example: "all", Outcome: ledger.Dropped,
		Doc:    "says which processes may report the service's state",
		Reason: "there is no notification socket in a container; state is asked for, not reported", Remedy: "give it a startupProbe and a readinessProbe, or a healthcheck in compose",
	},
	{
		Name: "Sockets", Section: "Service", Spec: "systemd.service(5)", Example: "shop.socket shop-admin.socket", Outcome: ledger.Dropped,
		Doc:    "names the socket units whose sockets the service inherits",
		Reason: "no socket units stand in front of a container", Remedy: "let the program bind the addresses of these sockets itself",
	},
	{
		Name: "FileDescriptorStoreMax", Section: "Service", Spec: "systemd.service(5)", Example: "512", Outcome: ledger.Dropped,
		Doc:    "lets the service park open files with the manager across restarts",
		Reason: "nobody keeps a container's open files while it is replaced", Remedy: "keep connections alive by surging a rollout (`maxSurge: 1`) with a preStop pause",
	},
	{
		Name: "USBFunctionDescriptors", Section: "Service", Spec: "systemd.service(5)", Example: "/etc/shop/usb.desc", Outcome: ledger.Dropped,
		Doc:    "file with the descriptors of a USB gadget",
		Reason: "USB gadgets are hardware of the machine: a program that needs them belongs on the machine", Remedy: "leave the unit on the machine",
	},
	{
		Name: "USBFunctionStrings", Section: "Service", Spec: "systemd.service(5)", Example: "/etc/shop/usb.strings", Outcome: ledger.Dropped,
		Doc:    "file with the strings of a USB gadget",
		Reason: "USB gadgets are hardware of the machine: a program that needs them belongs on the machine", Remedy: "leave the unit on the machine",
	},
	{
		Name: "OOMPolicy", Section: "Service", Spec: "systemd.service(5)", Example: "continue", Outcome: ledger.Dropped,
		Doc:    "says what becomes of the service when the kernel kills one of its processes for memory",
		Reason: "on Docker the kernel kills one process, on Kubernetes the whole container; a container has no say in it", Remedy: "give each process that may die alone a container of its own",
	},

	// systemd.exec(5): paths and root.
	{
		Name: "ExecSearchPath", Section: "Service", Spec: "systemd.exec(5)", Example: "/opt/shop/bin:/usr/bin", Outcome: ledger.Dropped,
		Doc:    "directories in which commands without a slash are sought",
		Reason: "a runtime seeks the command in the image's PATH, not in a list of its own", Remedy: "write the program with its absolute path, or set PATH in the image",
	},
	{
		Name: "RootDirectory", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/jail", Outcome: ledger.Dropped,
		Doc:    "runs the service with this directory as its root",
		Reason: "a container's root is its image; the directory's content is not read into one", Remedy: "make an image of it: `FROM scratch` and `COPY jail/ /`",
	},
	{
		Name: "RootImage", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shop.raw", Outcome: ledger.Dropped,
		Doc:    "runs the service with a disk image as its root",
		Reason: "a runtime starts container images, not disk images", Remedy: "mount it once and import it: `tar -C MOUNT -c . | docker import - NAME`",
	},
	{
		Name: "RootImageOptions", Section: "Service", Spec: "systemd.exec(5)", Example: "root:ro", Outcome: ledger.Dropped,
		Doc:    "mount options of RootImage=",
		Reason: "the root of a container is not mounted with options of the unit", Remedy: "write ProtectSystem=strict for a read-only root, which lift maps",
	},
	{
		Name: "RootHash", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shop.roothash", Outcome: ledger.Dropped,
		Doc:    "dm-verity hash that RootImage= must match",
		Reason: "an image is verified by its digest when it is pulled, not by dm-verity", Remedy: "pin the image by digest: `image: NAME@sha256:…`",
	},
	{
		Name: "RootHashSignature", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shop.roothash.p7s", Outcome: ledger.Dropped,
		Doc:    "signature of RootHash=",
		Reason: "a disk image's signature says nothing of the container image", Remedy: "sign the image with cosign and check it at admission",
	},
	{
		Name: "RootVerity", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shop.verity", Outcome: ledger.Dropped,
		Doc:    "file with the dm-verity data of RootImage=",
		Reason: "dm-verity protects disk images; layers of a container image have digests", Remedy: "pin the image by digest: `image: NAME@sha256:…`",
	},
	{
		Name: "MountAPIVFS", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "mounts /proc, /sys and /dev in the service's root",
		Reason: "every container has /proc, /sys and /dev of its own",
	},
	{
		Name: "BindPaths", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shared:/srv/shop/shared", Outcome: ledger.Dropped,
		Doc:    "shows a file or directory of the machine at another path",
		Reason: "a path of the machine is not taken for a volume without being asked", Remedy: "mount it: `volumes: [SRC:DST]`, a PVC or a hostPath",
	},
	{
		Name: "BindReadOnlyPaths", Section: "Service", Spec: "systemd.exec(5)", Example: "/etc/ssl/certs", Outcome: ledger.Dropped,
		Doc:    "shows a file or directory of the machine at another path, read-only",
		Reason: "a path of the machine is not taken for a read-only volume without being asked", Remedy: "mount it `volumes: [SRC:DST:ro]`, as a config or ConfigMap, or copy it into the image",
	},
	{
		Name: "MountImages", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/fonts.raw:/usr/share/fonts", Outcome: ledger.Dropped,
		Doc:    "mounts disk images into the service's tree",
		Reason: "a runtime mounts volumes, not disk images", Remedy: "copy the content into the image, or into a volume",
	},
	{
		Name: "ExtensionImages", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shop-debug.raw", Outcome: ledger.Dropped,
		Doc:    "lays the trees of disk images over /usr and /opt",
		Reason: "an image's tree is extended when it is built", Remedy: "add the content as a layer: `COPY --from=`",
	},
	{
		Name: "ExtensionDirectories", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/shop-debug", Outcome: ledger.Dropped,
		Doc:    "lays directory trees over /usr and /opt",
		Reason: "an image's directories are extended when it is built", Remedy: "add the content as a layer: `COPY DIR/ /`",
	},

	// systemd.exec(5): identity and sandbox.
	{
		Name: "PAMName", Section: "Service", Spec: "systemd.exec(5)", Example: "login", Outcome: ledger.Dropped,
		Doc:    "opens a PAM session for the service",
		Reason: "a container opens no login session: a program that needs it belongs on the machine", Remedy: "leave it on the machine; for limits and environment alone write Limit*= and Environment=, which lift maps",
	},
	{
		Name: "SecureBits", Section: "Service", Spec: "systemd.exec(5)", Example: "noroot-locked", Outcome: ledger.Dropped,
		Doc:    "sets the secure bits that take root's privileges away",
		Reason: "no runtime sets secure bits", Remedy: "set User= to a user without privileges and NoNewPrivileges=yes, both of which lift maps",
	},
	{
		Name: "SELinuxContext", Section: "Service", Spec: "systemd.exec(5)", Example: "system_u:system_r:shop_t:s0", Outcome: ledger.Dropped,
		Doc:    "runs the service in this SELinux context",
		Reason: "containers run in a context of their runtime's choice", Remedy: "`security_opt: [label=type:shop_t]`, or securityContext.seLinuxOptions",
	},
	{
		Name: "AppArmorProfile", Section: "Service", Spec: "systemd.exec(5)", Example: "-shop", Outcome: ledger.Dropped,
		Doc:    "runs the service under this AppArmor profile",
		Reason: "containers run under their runtime's own profile", Remedy: "load the profile on the machine and name it: `security_opt: [apparmor=NAME]` or appArmorProfile",
	},
	{
		Name: "SmackProcessLabel", Section: "Service", Spec: "systemd.exec(5)", Example: "Shop", Outcome: ledger.Dropped,
		Doc:    "runs the service with this Smack label",
		Reason: "runtimes know SELinux and AppArmor, not Smack", Remedy: "write an AppArmor profile with the same rules",
	},
	{
		Name: "ProtectHome", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "hides or locks /home, /root and /run/user",
		Reason: "an image has no homes of the machine's users",
	},
	{
		Name: "ReadOnlyPaths", Section: "Service", Spec: "systemd.exec(5)", Example: "/etc/shop", Outcome: ledger.Dropped,
		Doc:    "makes paths read-only for the service",
		Reason: "single paths of an image cannot be locked; mounts can", Remedy: "write ProtectSystem=strict with ReadWritePaths=, which lift maps, or mount the paths `:ro`",
	},
	{
		Name: "InaccessiblePaths", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/other", Outcome: ledger.Dropped,
		Doc:    "hides paths from the service",
		Reason: "an image holds only what was put into it; nothing of it can be hidden", Remedy: "leave the paths out of the image",
	},
	{
		Name: "ExecPaths", Section: "Service", Spec: "systemd.exec(5)", Example: "/usr/bin/shopd", Outcome: ledger.Dropped,
		Doc:    "exempts paths from NoExecPaths=",
		Reason: "which files may be executed is not decided by path in a container", Remedy: "build the image from scratch or distroless, with the program alone",
	},
	{
		Name: "NoExecPaths", Section: "Service", Spec: "systemd.exec(5)", Example: "/", Outcome: ledger.Dropped,
		Doc:    "forbids executing files below the paths",
		Reason: "the root of a container is mounted for execution", Remedy: "build the image from scratch or distroless; a compose tmpfs takes the option noexec",
	},
	{
		Name: "PrivateDevices", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "gives the service a /dev without the machine's devices",
		Reason: "every container has a /dev of its own without the machine's devices",
	},
	{
		Name: "PrivateMounts", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "gives the service a mount namespace of its own",
		Reason: "every container has a mount namespace of its own",
	},
	{
		Name: "MountFlags", Section: "Service", Spec: "systemd.exec(5)", Example: "slave", Outcome: ledger.Inert,
		Doc:    "says how mounts travel between the machine and the service",
		Reason: "every container has mounts of its own, which do not travel", Remedy: "where mounts made later on the machine must show, set `bind: {propagation: rslave}` on the volume",
	},
	{
		Name: "PrivateIPC", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "gives the service an IPC namespace of its own",
		Reason: "every container has an IPC namespace of its own",
	},
	{
		Name: "PrivateNetwork", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "cuts the service off from every network but its own loopback",
		Reason: "a container is in the network of its project", Remedy: "`network_mode: none`, or a NetworkPolicy that allows nothing",
	},
	{
		Name: "PrivateUsers", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "gives the service a user namespace, in which root is nobody outside",
		Reason: "root in a container is the machine's root unless the runtime maps users", Remedy: "turn on userns-remap in the Docker daemon; in Kubernetes set `hostUsers: false`",
	},
	{
		Name: "NetworkNamespacePath", Section: "Service", Spec: "systemd.exec(5)", Example: "/run/netns/shop", Outcome: ledger.Dropped,
		Doc:    "runs the service in an existing network namespace",
		Reason: "a network namespace made by hand is the machine's: a program that needs it belongs on the machine", Remedy: "make it a network of the project, or share another container's with `network_mode: container:NAME`",
	},
	{
		Name: "IPCNamespacePath", Section: "Service", Spec: "systemd.exec(5)", Example: "/proc/1/ns/ipc", Outcome: ledger.Dropped,
		Doc:    "runs the service in an existing IPC namespace",
		Reason: "a runtime joins no IPC namespace by path", Remedy: "share another container's with `ipc: service:NAME`; in Kubernetes put both in one pod",
	},
	{
		Name: "ProtectHostname", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from changing the host name",
		Reason: "every container has a host name of its own and may not change the machine's",
	},
	{
		Name: "ProtectClock", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from setting the clock",
		Reason: "no container may set the machine's clock: CAP_SYS_TIME is not granted",
	},
	{
		Name: "ProtectKernelTunables", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "makes /proc/sys and /sys read-only",
		Reason: "every container has /proc/sys and /sys read-only",
	},
	{
		Name: "ProtectKernelModules", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from loading kernel modules",
		Reason: "no container may load kernel modules: CAP_SYS_MODULE is not granted",
	},
	{
		Name: "ProtectKernelLogs", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from the kernel's log",
		Reason: "no container may read the kernel's log: CAP_SYSLOG is not granted",
	},
	{
		Name: "ProtectControlGroups", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "makes /sys/fs/cgroup read-only",
		Reason: "every container has /sys/fs/cgroup read-only",
	},
	{
		Name: "ProtectProc", Section: "Service", Spec: "systemd.exec(5)", Example: "invisible", Outcome: ledger.Inert,
		Doc:    "hides other users' processes in /proc",
		Reason: "a container sees its own processes and no others",
	},
	{
		Name: "ProcSubset", Section: "Service", Spec: "systemd.exec(5)", Example: "pid", Outcome: ledger.Dropped,
		Doc:    "leaves nothing but processes in /proc",
		Reason: "a runtime masks parts of /proc, but cpuinfo, meminfo and the like stay readable", Remedy: "nothing can be done short of gVisor or a virtual machine; most programs need those files",
	},
	{
		Name: "RestrictAddressFamilies", Section: "Service", Spec: "systemd.exec(5)", Example: "AF_UNIX AF_INET AF_INET6", Outcome: ledger.Dropped,
		Doc:    "allows sockets of these families alone",
		Reason: "no field allows socket families; the runtime's default seccomp profile refuses only a few", Remedy: "write a seccomp profile that filters the first argument of socket, and name it under `security_opt:`",
	},
	{
		Name: "RestrictFileSystems", Section: "Service", Spec: "systemd.exec(5)", Example: "~debugfs tracefs", Outcome: ledger.Inert,
		Doc:    "allows access to these kinds of file systems alone",
		Reason: "a container sees the file systems mounted for it and no others",
	},
	{
		Name: "RestrictNamespaces", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from making namespaces",
		Reason: "the runtime's default seccomp profile refuses new namespaces without CAP_SYS_ADMIN",
	},
	{
		Name: "LockPersonality", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from changing its execution domain",
		Reason: "the runtime's default seccomp profile allows the Linux personalities alone",
	},
	{
		Name: "MemoryDenyWriteExecute", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "forbids memory that is writable and executable",
		Reason: "no runtime has a switch against memory that is writable and executable", Remedy: "write a seccomp profile that refuses mmap and mprotect with PROT_EXEC and PROT_WRITE together",
	},
	{
		Name: "RestrictRealtime", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "keeps the service from real-time scheduling",
		Reason: "no container may schedule in real time: CAP_SYS_NICE is not granted",
	},
	{
		Name: "RestrictSUIDSGID", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "keeps the service from making setuid and setgid files",
		Reason: "a program may set these bits on files of its image and volumes", Remedy: "write NoNewPrivileges=yes, which lift maps: in the container the bits then have no effect",
	},
	{
		Name: "RemoveIPC", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "removes the user's System V and POSIX IPC objects at the stop",
		Reason: "a container's IPC objects go with its IPC namespace",
	},
	{
		Name: "SystemCallFilter", Section: "Service", Spec: "systemd.exec(5)", Example: "@system-service", Outcome: ledger.Dropped,
		Doc:    "allows or forbids system calls by name or group",
		Reason: "groups of system calls are systemd's; containers have the runtime's default profile", Remedy: "write a profile from `systemd-analyze syscall-filter` and name it: `security_opt: [seccomp=FILE]` or Localhost",
	},
	{
		Name: "SystemCallErrorNumber", Section: "Service", Spec: "systemd.exec(5)", Example: "EACCES", Outcome: ledger.Dropped,
		Doc:    "the error that a forbidden system call returns",
		Reason: "the runtime's default profile answers with EPERM", Remedy: "where another error is meant, set `defaultErrnoRet` in a seccomp profile of your own",
	},
	{
		Name: "SystemCallArchitectures", Section: "Service", Spec: "systemd.exec(5)", Example: "native", Outcome: ledger.Dropped,
		Doc:    "allows system calls of these architectures alone",
		Reason: "the runtime's default profile also admits 32-bit calls of the same processor", Remedy: "list the native one alone under `architectures` in a seccomp profile of your own",
	},
	{
		Name: "SystemCallLog", Section: "Service", Spec: "systemd.exec(5)", Example: "@privileged", Outcome: ledger.Dropped,
		Doc:    "logs the use of the listed system calls",
		Reason: "the runtime's default profile logs nothing", Remedy: "give the calls the action SCMP_ACT_LOG in a seccomp profile of your own",
	},
	{
		Name: "KeyringMode", Section: "Service", Spec: "systemd.exec(5)", Example: "private", Outcome: ledger.Inert,
		Doc:    "says which kernel keyring the service gets",
		Reason: "the runtime gives every container a session keyring of its own", Remedy: "a program that keeps keys in it needs a seccomp profile that allows keyctl",
	},
	{
		Name: "Personality", Section: "Service", Spec: "systemd.exec(5)", Example: "x86", Outcome: ledger.Dropped,
		Doc:    "makes uname report another architecture",
		Reason: "a container reports its machine's architecture", Remedy: "use an image for that architecture: `platform: linux/386`",
	},
	{
		Name: "IgnoreSIGPIPE", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "yes: starts the program with SIGPIPE ignored",
		Reason: "a container starts its program with SIGPIPE at its default, which ends it", Remedy: "ignore SIGPIPE in the program, or start it with `sh -c 'trap \"\" PIPE; exec …'`",
	},

	// systemd.exec(5): limits and scheduling.
	{
		Name: "LimitCPU", Section: "Service", Spec: "systemd.exec(5)", Example: "1h", Outcome: ledger.Dropped,
		Doc:    "processor seconds until the kernel ends the process",
		Reason: "no field holds ulimits other than open files", Remedy: "`ulimits: {cpu: SECONDS}` in compose; for a Job activeDeadlineSeconds bounds the time by the clock",
	},
	{
		Name: "LimitFSIZE", Section: "Service", Spec: "systemd.exec(5)", Example: "2G", Outcome: ledger.Dropped,
		Doc:    "size of the largest file that may be written",
		Reason: "a volume's size bounds what is written, not one file's", Remedy: "`ulimits: {fsize: BYTES}` in compose; in Kubernetes the volume's size or ephemeral-storage limits",
	},
	{
		Name: "LimitDATA", Section: "Service", Spec: "systemd.exec(5)", Example: "512M", Outcome: ledger.Dropped,
		Doc:    "size of the data segment",
		Reason: "the container's memory is bounded as a whole, not the data segment of each process", Remedy: "write MemoryMax=, which lift maps; `ulimits: {data: BYTES}` in compose is the same limit",
	},
	{
		Name: "LimitSTACK", Section: "Service", Spec: "systemd.exec(5)", Example: "8M", Outcome: ledger.Dropped,
		Doc:    "size of the stack",
		Reason: "each process starts with its runtime's stack limit", Remedy: "`ulimits: {stack: BYTES}` in compose, or `ulimit -s` in the entrypoint",
	},
	{
		Name: "LimitCORE", Section: "Service", Spec: "systemd.exec(5)", Example: "infinity", Outcome: ledger.Dropped,
		Doc:    "size of a core dump",
		Reason: "where core dumps go, and whether at all, is decided on the machine", Remedy: "`ulimits: {core: -1}` in compose, and a core_pattern of the machine that writes to a volume",
	},
	{
		Name: "LimitRSS", Section: "Service", Spec: "systemd.exec(5)", Example: "1G", Outcome: ledger.Inert,
		Doc:    "resident memory of each process, which Linux does not bound",
		Reason: "this limit has been ignored by Linux since 2.4.30",
	},
	{
		Name: "LimitAS", Section: "Service", Spec: "systemd.exec(5)", Example: "4G", Outcome: ledger.Dropped,
		Doc:    "size of the address space",
		Reason: "address space is not bounded in a container, memory in use is", Remedy: "write MemoryMax=, which lift maps, or `ulimit -v KIB` in the entrypoint",
	},
	{
		Name: "LimitNPROC", Section: "Service", Spec: "systemd.exec(5)", Example: "512", Outcome: ledger.Dropped,
		Doc:    "processes of the service's user on the whole machine",
		Reason: "the limit counts a user's processes on the whole machine, other containers' included", Remedy: "write TasksMax=, which counts the service's own and which lift maps to pids_limit",
	},
	{
		Name: "LimitMEMLOCK", Section: "Service", Spec: "systemd.exec(5)", Example: "infinity", Outcome: ledger.Dropped,
		Doc:    "memory that may be locked",
		Reason: "each container starts with its runtime's limit on locked memory", Remedy: "`ulimits: {memlock: -1}` in compose; in Kubernetes add the capability IPC_LOCK",
	},
	{
		Name: "LimitLOCKS", Section: "Service", Spec: "systemd.exec(5)", Example: "1024", Outcome: ledger.Inert,
		Doc:    "number of file locks, which Linux does not bound",
		Reason: "this limit has been ignored by Linux since 2.4.25",
	},
	{
		Name: "LimitSIGPENDING", Section: "Service", Spec: "systemd.exec(5)", Example: "8192", Outcome: ledger.Dropped,
		Doc:    "signals that may be queued",
		Reason: "each container starts with its runtime's limit on queued signals", Remedy: "`ulimits: {sigpending: N}` in compose; in Kubernetes the base runtime spec of the node's containerd",
	},
	{
		Name: "LimitMSGQUEUE", Section: "Service", Spec: "systemd.exec(5)", Example: "1M", Outcome: ledger.Dropped,
		Doc:    "bytes in POSIX message queues",
		Reason: "each container starts with its runtime's limit on message queues", Remedy: "`ulimits: {msgqueue: BYTES}` in compose, with the sysctl fs.mqueue.msg_max",
	},
	{
		Name: "LimitNICE", Section: "Service", Spec: "systemd.exec(5)", Example: "-10", Outcome: ledger.Dropped,
		Doc:    "highest priority that the program may give itself",
		Reason: "raising one's own priority is not granted to containers", Remedy: "`ulimits: {nice: N}` or `cap_add: [SYS_NICE]` in compose",
	},
	{
		Name: "LimitRTPRIO", Section: "Service", Spec: "systemd.exec(5)", Example: "95", Outcome: ledger.Dropped,
		Doc:    "highest real-time priority that the program may give itself",
		Reason: "real-time priority is not granted to containers", Remedy: "`ulimits: {rtprio: N}` and `cap_add: [SYS_NICE]` in compose",
	},
	{
		Name: "LimitRTTIME", Section: "Service", Spec: "systemd.exec(5)", Example: "200ms", Outcome: ledger.Dropped,
		Doc:    "time in real-time scheduling without a blocking call",
		Reason: "it bounds real-time scheduling, which is not granted to containers", Remedy: "`ulimits: {rttime: MICROSECONDS}` in compose, beside rtprio",
	},
	{
		Name: "CoredumpFilter", Section: "Service", Spec: "systemd.exec(5)", Example: "default private-huge", Outcome: ledger.Dropped,
		Doc:    "says which kinds of memory a core dump holds",
		Reason: "a container's program starts with the kernel's default filter", Remedy: "write the mask to /proc/self/coredump_filter in the entrypoint",
	},
	{
		Name: "TimerSlackNSec", Section: "Service", Spec: "systemd.exec(5)", Example: "1us", Outcome: ledger.Dropped,
		Doc:    "how far timers may be late so that they fire together",
		Reason: "each program starts with the kernel's own timer slack of 50 microseconds", Remedy: "call prctl(PR_SET_TIMERSLACK) in the program",
	},
	{
		Name: "OOMScoreAdjust", Section: "Service", Spec: "systemd.exec(5)", Example: "-500", Outcome: ledger.Dropped,
		Doc:    "makes the kernel spare the service, or not, when memory runs out",
		Reason: "the kernel's choice is made by the runtime: in Kubernetes by the pod's class of service", Remedy: "`oom_score_adj: N` in compose; in Kubernetes make requests equal to limits, so that it is spared",
	},
	{
		Name: "Nice", Section: "Service", Spec: "systemd.exec(5)", Example: "-5", Outcome: ledger.Dropped,
		Doc:    "nice level of the service",
		Reason: "a runtime has shares of the processor, no nice levels", Remedy: "write CPUWeight=, which lift maps, or start it with `nice -n N` (below 0 with `cap_add: [SYS_NICE]`)",
	},
	{
		Name: "CPUSchedulingPolicy", Section: "Service", Spec: "systemd.exec(5)", Example: "fifo", Outcome: ledger.Dropped,
		Doc:    "scheduler of the service: other, batch, idle, fifo, rr",
		Reason: "containers run under the normal scheduler", Remedy: "start it with `chrt` and `cap_add: [SYS_NICE]`, or on a node set up for real time",
	},
	{
		Name: "CPUSchedulingPriority", Section: "Service", Spec: "systemd.exec(5)", Example: "20", Outcome: ledger.Dropped,
		Doc:    "real-time priority for fifo and rr",
		Reason: "containers run under the normal scheduler, which has no such priority", Remedy: "`chrt -f N` in front of the program and `cap_add: [SYS_NICE]`",
	},
	{
		Name: "CPUSchedulingResetOnFork", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "children start with the normal scheduler",
		Reason: "it undoes a scheduling policy that the container has not got", Remedy: "`chrt --reset-on-fork` where the program is started with chrt",
	},
	{
		Name: "CPUAffinity", Section: "Service", Spec: "systemd.exec(5)", Example: "0 1", Outcome: ledger.Dropped,
		Doc:    "processors that the service may use",
		Reason: "processors are numbered per machine, and a container may run on any", Remedy: "`cpuset: \"0,1\"` in compose; in Kubernetes the static CPU manager with whole CPUs",
	},
	{
		Name: "NUMAPolicy", Section: "Service", Spec: "systemd.exec(5)", Example: "bind", Outcome: ledger.Dropped,
		Doc:    "memory policy among NUMA nodes",
		Reason: "memory is placed by the kernel's default policy", Remedy: "start it with `numactl` (it needs SYS_NICE); in Kubernetes the memory manager's Static policy",
	},
	{
		Name: "NUMAMask", Section: "Service", Spec: "systemd.exec(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "NUMA nodes for NUMAPolicy=",
		Reason: "nodes of memory are the machine's, and a container may run on any", Remedy: "start it with `numactl --membind=N`; in Kubernetes the topology manager",
	},
	{
		Name: "IOSchedulingClass", Section: "Service", Spec: "systemd.exec(5)", Example: "idle", Outcome: ledger.Dropped,
		Doc:    "I/O class: realtime, best-effort, idle",
		Reason: "runtimes weigh the I/O of containers, they know no classes", Remedy: "start it with `ionice -c 3`",
	},
	{
		Name: "IOSchedulingPriority", Section: "Service", Spec: "systemd.exec(5)", Example: "7", Outcome: ledger.Dropped,
		Doc:    "I/O priority in the class, 0 to 7",
		Reason: "runtimes weigh the I/O of containers, they know no priorities", Remedy: "start it with `ionice -n N`",
	},

	// systemd.exec(5): directories, credentials, environment.
	{
		Name: "RuntimeDirectoryPreserve", Section: "Service", Spec: "systemd.exec(5)", Example: "restart", Outcome: ledger.Dropped,
		Doc:    "keeps the runtime directory when the service restarts or stops",
		Reason: "the runtime directory is made anew for each container", Remedy: "keep the files under StateDirectory=, which lift maps to a volume",
	},
	{
		Name: "ConfigurationDirectory", Section: "Service", Spec: "systemd.exec(5)", Example: "shop", Outcome: ledger.Dropped,
		Doc:    "makes /etc/NAME and sets CONFIGURATION_DIRECTORY",
		Reason: "configuration comes with the image or a mount; lift does not read the directory's files", Remedy: "mount it: `configs:` or a ConfigMap at /etc/NAME, and set CONFIGURATION_DIRECTORY",
	},
	{
		Name: "ConfigurationDirectoryMode", Section: "Service", Spec: "systemd.exec(5)", Example: "0750", Outcome: ledger.Dropped,
		Doc:    "mode of the ConfigurationDirectory=",
		Reason: "the directory comes with the image or a mount, and its mode with it", Remedy: "set the mode of the files that are mounted, or `defaultMode` of the ConfigMap",
	},
	{
		Name: "LoadCredential", Section: "Service", Spec: "systemd.exec(5)", Example: "token:/etc/shop/token", Outcome: ledger.Dropped,
		Doc:    "hands the service the content of a file as a credential",
		Reason: "credentials are handed over as secrets; lift does not read the file", Remedy: "make it a secret of the same name, and set CREDENTIALS_DIRECTORY=/run/secrets",
	},
	{
		Name: "LoadCredentialEncrypted", Section: "Service", Spec: "systemd.exec(5)", Example: "token:/etc/credstore.encrypted/token", Outcome: ledger.Dropped,
		Doc:    "hands over the decrypted content of a file as a credential",
		Reason: "the file can be decrypted on its machine alone", Remedy: "decrypt it there with `systemd-creds decrypt` and make it a secret of the same name",
	},
	{
		Name: "SetCredential", Section: "Service", Spec: "systemd.exec(5)", Example: "mode:production", Outcome: ledger.Dropped,
		Doc:    "hands the service a text as a credential",
		Reason: "a text in a unit is readable by everyone; lift does not copy it as a secret", Remedy: "make it a secret of the same name, and set CREDENTIALS_DIRECTORY=/run/secrets",
	},
	{
		Name: "SetCredentialEncrypted", Section: "Service", Spec: "systemd.exec(5)", Example: "token:Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAAA=", Outcome: ledger.Dropped,
		Doc:    "hands over an encrypted text as a credential",
		Reason: "the text can be decrypted on its machine alone", Remedy: "decrypt it there with `systemd-creds decrypt` and make it a secret of the same name",
	},
	{
		Name: "PassEnvironment", Section: "Service", Spec: "systemd.exec(5)", Example: "HTTP_PROXY NO_PROXY", Outcome: ledger.Dropped,
		Doc:    "hands on variables of the manager's environment",
		Reason: "which values the manager has is known on the machine alone", Remedy: "look them up with `systemctl show-environment` and write them into Environment=, which lift maps",
	},

	// systemd.exec(5): input, output, logging.
	{
		Name: "StandardInputText", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "text for the standard input",
		Reason: "no field holds text for a standard input", Remedy: "pass it in a script: `sh -c 'exec PROGRAM <<…'`, or mount it as a config and redirect",
	},
	{
		Name: "StandardInputData", Section: "Service", Spec: "systemd.exec(5)", Example: "SGVsbG8K", Outcome: ledger.Dropped,
		Doc:    "data in base64 for the standard input",
		Reason: "no field holds data for a standard input", Remedy: "mount it as a config and redirect the input from it",
	},
	{
		Name: "LogLevelMax", Section: "Service", Spec: "systemd.exec(5)", Example: "warning", Outcome: ledger.Dropped,
		Doc:    "drops log lines below this level",
		Reason: "a container's lines have no level: all of them are kept", Remedy: "set the level in the program, or filter where the logs are collected",
	},
	{
		Name: "LogExtraFields", Section: "Service", Spec: "systemd.exec(5)", Example: "SHOP_REGION=ch", Outcome: ledger.Dropped,
		Doc:    "adds fields to every log line",
		Reason: "a container's lines carry the fields of their collector", Remedy: "put the fields into labels; `logging: {options: {labels: KEY}}` adds them",
	},
	{
		Name: "LogRateLimitIntervalSec", Section: "Service", Spec: "systemd.exec(5)", Example: "30s", Outcome: ledger.Dropped,
		Doc:    "interval of the limit on log lines",
		Reason: "a container's lines are kept however many they are", Remedy: "limit the size: `logging: {options: {max-size: 10m, max-file: \"3\"}}`, or the rate at the collector",
	},
	{
		Name: "LogRateLimitBurst", Section: "Service", Spec: "systemd.exec(5)", Example: "1000", Outcome: ledger.Dropped,
		Doc:    "lines that the interval admits",
		Reason: "a container's lines are kept however fast they come", Remedy: "limit the size: `logging: {options: {max-size: 10m, max-file: \"3\"}}`, or the rate at the collector",
	},
	{
		Name: "LogNamespace", Section: "Service", Spec: "systemd.exec(5)", Example: "shop", Outcome: ledger.Dropped,
		Doc:    "sends the lines to a journal of their own",
		Reason: "each container's lines are a stream of their own, out of the journal's namespaces", Remedy: "`docker logs NAME` or `kubectl logs` shows this stream alone; set its size with max-size",
	},
	{
		Name: "SyslogFacility", Section: "Service", Spec: "systemd.exec(5)", Example: "local3", Outcome: ledger.Dropped,
		Doc:    "syslog facility of the lines",
		Reason: "lines on standard output have no facility", Remedy: "`logging: {driver: syslog, options: {syslog-facility: NAME}}` where a syslog server sorts by it",
	},
	{
		Name: "SyslogLevel", Section: "Service", Spec: "systemd.exec(5)", Example: "notice", Outcome: ledger.Dropped,
		Doc:    "level of lines without a level of their own",
		Reason: "lines on standard output have no level", Remedy: "print the level in the line, for example as a field of JSON",
	},
	{
		Name: "SyslogLevelPrefix", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "takes a level from a <N> in front of a line",
		Reason: "a <N> in front of a line stays in it as text", Remedy: "turn the prefix off in the program, or strip it at the collector",
	},
	{
		Name: "TTYPath", Section: "Service", Spec: "systemd.exec(5)", Example: "/dev/tty1", Outcome: ledger.Dropped,
		Doc:    "terminal of the service",
		Reason: "a terminal of the machine is asked for: a program that needs it belongs on the machine", Remedy: "leave it on the machine; a program that only wants some terminal gets one with `tty: true`",
	},
	{
		Name: "TTYReset", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "resets the terminal before and after",
		Reason: "there is no terminal of the machine to reset: a program that needs it belongs on the machine", Remedy: "leave it on the machine together with TTYPath=",
	},
	{
		Name: "TTYVHangup", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "ends all that still use the terminal",
		Reason: "there is no terminal to clear of others: a program that needs it belongs on the machine", Remedy: "leave it on the machine together with TTYPath=",
	},
	{
		Name: "TTYVTDisallocate", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "clears the virtual console and frees it",
		Reason: "there are no virtual consoles in a container: a program that needs them belongs on the machine", Remedy: "leave it on the machine together with TTYPath=",
	},
	{
		Name: "TTYRows", Section: "Service", Spec: "systemd.exec(5)", Example: "50", Outcome: ledger.Dropped,
		Doc:    "rows of the terminal",
		Reason: "there is no terminal whose rows could be set", Remedy: "set LINES in the environment",
	},
	{
		Name: "TTYColumns", Section: "Service", Spec: "systemd.exec(5)", Example: "160", Outcome: ledger.Dropped,
		Doc:    "columns of the terminal",
		Reason: "there is no terminal whose columns could be set", Remedy: "set COLUMNS in the environment",
	},
	{
		Name: "UtmpIdentifier", Section: "Service", Spec: "systemd.exec(5)", Example: "cons", Outcome: ledger.Dropped,
		Doc:    "id of the entry in utmp and wtmp",
		Reason: "logins are recorded on the machine: a program that needs it belongs on the machine", Remedy: "leave it on the machine: it is a login program",
	},
	{
		Name: "UtmpMode", Section: "Service", Spec: "systemd.exec(5)", Example: "login", Outcome: ledger.Dropped,
		Doc:    "kind of the entry in utmp and wtmp",
		Reason: "no login records are kept in a container: a program that needs them belongs on the machine", Remedy: "leave it on the machine: it is a login program",
	},

	// systemd.kill(5).
	{
		Name: "RestartKillSignal", Section: "Service", Spec: "systemd.kill(5)", Example: "SIGUSR2", Outcome: ledger.Dropped,
		Doc:    "signal for a stop that a restart follows",
		Reason: "a container gets the same signal whether it will come back or not", Remedy: "let the stop signal do the work of both, or send the other one by hand before: `docker compose kill -s USR2 NAME`",
	},
	{
		Name: "SendSIGHUP", Section: "Service", Spec: "systemd.kill(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "sends SIGHUP right after the stop signal",
		Reason: "a container gets one stop signal", Remedy: "for a shell take `stop_signal: SIGHUP`",
	},
	{
		Name: "SendSIGKILL", Section: "Service", Spec: "systemd.kill(5)", Example: "no", Outcome: ledger.Dropped,
		Doc:    "no: leaves processes that outlive the stop time alone",
		Reason: "no runtime leaves a process alone after the grace period", Remedy: "give it time enough with TimeoutStopSec=infinity, which lift maps",
	},
	{
		Name: "FinalKillSignal", Section: "Service", Spec: "systemd.kill(5)", Example: "SIGQUIT", Outcome: ledger.Dropped,
		Doc:    "signal after the stop time in place of SIGKILL",
		Reason: "after the grace period a container gets SIGKILL and no other signal", Remedy: "send the other signal before, in ExecStop=, which lift maps",
	},

	// systemd.resource-control(5).
	{
		Name: "CPUAccounting", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the processor time",
		Reason: "the runtime counts processor time of every container",
	},
	{
		Name: "MemoryAccounting", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the memory",
		Reason: "the runtime counts memory of every container",
	},
	{
		Name: "TasksAccounting", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the processes",
		Reason: "the runtime counts processes of every container",
	},
	{
		Name: "IOAccounting", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the I/O",
		Reason: "the runtime counts I/O of every container",
	},
	{
		Name: "IPAccounting", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts packets and bytes",
		Reason: "the runtime counts packets and bytes of every container",
	},
	{
		Name: "StartupCPUWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "50", Outcome: ledger.Dropped,
		Doc:    "share of the processor during boot and shutdown",
		Reason: "a container has one share; boot and shutdown of the machine do not change it", Remedy: "write CPUWeight=, which lift maps",
	},
	{
		Name: "CPUQuotaPeriodSec", Section: "Service", Spec: "systemd.resource-control(5)", Example: "10ms", Outcome: ledger.Dropped,
		Doc:    "period over which CPUQuota= is measured",
		Reason: "the quota is measured over the runtime's period of 100 ms", Remedy: "`cpu_period:` with `cpu_quota:` in compose; in Kubernetes cpuCFSQuotaPeriod of the kubelet",
	},
	{
		Name: "AllowedCPUs", Section: "Service", Spec: "systemd.resource-control(5)", Example: "0-3", Outcome: ledger.Dropped,
		Doc:    "processors that the service may use",
		Reason: "which processors a container runs on is not part of what it needs", Remedy: "`cpuset: \"0-3\"` in compose; in Kubernetes the static CPU manager with whole CPUs",
	},
	{
		Name: "StartupAllowedCPUs", Section: "Service", Spec: "systemd.resource-control(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "processors that the service may use during boot and shutdown",
		Reason: "boot and shutdown of the machine do not change a container's processors", Remedy: "set `cpuset:` in compose if the rest of the time matters too",
	},
	{
		Name: "AllowedMemoryNodes", Section: "Service", Spec: "systemd.resource-control(5)", Example: "0-1", Outcome: ledger.Dropped,
		Doc:    "NUMA nodes that the service may use",
		Reason: "which NUMA nodes a container uses is left to the kernel", Remedy: "`docker run --cpuset-mems 0-1`; in Kubernetes the memory manager's Static policy",
	},
	{
		Name: "StartupAllowedMemoryNodes", Section: "Service", Spec: "systemd.resource-control(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "NUMA nodes that the service may use during boot and shutdown",
		Reason: "boot and shutdown of the machine do not change a container's NUMA nodes", Remedy: "`docker run --cpuset-mems N` if the rest of the time matters too",
	},
	{
		Name: "MemoryHigh", Section: "Service", Spec: "systemd.resource-control(5)", Example: "400M", Outcome: ledger.Dropped,
		Doc:    "memory above which the service is slowed down",
		Reason: "a container is not slowed down before its limit: it is killed at it", Remedy: "raise MemoryMax=, which lift maps, and alert on memory in use; Kubernetes has MemoryQoS as an alpha",
	},
	{
		Name: "IOWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "200", Outcome: ledger.Dropped,
		Doc:    "share of the disks",
		Reason: "a container's share of the disks has no field that two tiers know", Remedy: "`blkio_config: {weight: 10-1000}` in compose",
	},
	{
		Name: "StartupIOWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "50", Outcome: ledger.Dropped,
		Doc:    "share of the disks during boot and shutdown",
		Reason: "boot and shutdown of the machine do not change a container's share of the disks", Remedy: "`blkio_config: {weight: N}` in compose if the rest of the time matters too",
	},
	{
		Name: "IODeviceWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 200", Outcome: ledger.Dropped,
		Doc:    "share of one disk",
		Reason: "a disk of the machine is named, of which a container knows nothing", Remedy: "`blkio_config: {weight_device: [{path: DEVICE, weight: N}]}` in compose",
	},
	{
		Name: "IOReadBandwidthMax", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 20M", Outcome: ledger.Dropped,
		Doc:    "bytes a second read from one disk",
		Reason: "a bound on reading names a disk of the machine, of which a container knows nothing", Remedy: "`blkio_config: {device_read_bps: [{path: DEVICE, rate: 20mb}]}` in compose",
	},
	{
		Name: "IOWriteBandwidthMax", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 10M", Outcome: ledger.Dropped,
		Doc:    "bytes a second written to one disk",
		Reason: "a bound on writing names a disk of the machine, of which a container knows nothing", Remedy: "`blkio_config: {device_write_bps: [{path: DEVICE, rate: 10mb}]}` in compose",
	},
	{
		Name: "IOReadIOPSMax", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 1000", Outcome: ledger.Dropped,
		Doc:    "reads a second from one disk",
		Reason: "a bound on reads names a disk of the machine, of which a container knows nothing", Remedy: "`blkio_config: {device_read_iops: [{path: DEVICE, rate: 1000}]}` in compose",
	},
	{
		Name: "IOWriteIOPSMax", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 500", Outcome: ledger.Dropped,
		Doc:    "writes a second to one disk",
		Reason: "a bound on writes names a disk of the machine, of which a container knows nothing", Remedy: "`blkio_config: {device_write_iops: [{path: DEVICE, rate: 500}]}` in compose",
	},
	{
		Name: "IODeviceLatencyTargetSec", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 25ms", Outcome: ledger.Dropped,
		Doc:    "latency of one disk at which others are slowed down",
		Reason: "no runtime defends the latency of a disk", Remedy: "give the program a disk of its own, or a StorageClass with provisioned IOPS",
	},
	{
		Name: "IPAddressAllow", Section: "Service", Spec: "systemd.resource-control(5)", Example: "localhost 10.0.0.0/8", Outcome: ledger.Dropped,
		Doc:    "addresses that the service may talk to",
		Reason: "which addresses a container reaches is decided by its networks, not by a list of its own", Remedy: "a NetworkPolicy with ipBlock; in compose a network with `internal: true` keeps it inside",
	},
	{
		Name: "IPAddressDeny", Section: "Service", Spec: "systemd.resource-control(5)", Example: "any", Outcome: ledger.Dropped,
		Doc:    "addresses that the service may not talk to",
		Reason: "no list of a container's own forbids it addresses", Remedy: "a network with `internal: true` for any; otherwise a NetworkPolicy with ipBlock and except",
	},
	{
		Name: "IPIngressFilterPath", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/sys/fs/bpf/shop/in", Outcome: ledger.Dropped,
		Doc:    "BPF programs that filter incoming packets",
		Reason: "BPF programs on the machine are named: a program that needs them belongs on the machine", Remedy: "write the rules as a NetworkPolicy, or with Cilium",
	},
	{
		Name: "IPEgressFilterPath", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/sys/fs/bpf/shop/out", Outcome: ledger.Dropped,
		Doc:    "BPF programs that filter outgoing packets",
		Reason: "BPF programs on the machine are named: a program that needs them belongs on the machine", Remedy: "write the rules as a NetworkPolicy, or with Cilium",
	},
	{
		Name: "BPFProgram", Section: "Service", Spec: "systemd.resource-control(5)", Example: "egress:/sys/fs/bpf/shop/out", Outcome: ledger.Dropped,
		Doc:    "attaches a BPF program to the service's cgroup",
		Reason: "BPF programs on the machine are named: a program that needs them belongs on the machine", Remedy: "attach it to the container's cgroup by a DaemonSet, as Cilium does",
	},
	{
		Name: "SocketBindAllow", Section: "Service", Spec: "systemd.resource-control(5)", Example: "tcp:8080", Outcome: ledger.Dropped,
		Doc:    "ports that the service may bind",
		Reason: "a container may bind any port of its own network namespace", Remedy: "publish the wanted ports alone; what else is bound is reached from its network only",
	},
	{
		Name: "SocketBindDeny", Section: "Service", Spec: "systemd.resource-control(5)", Example: "any", Outcome: ledger.Dropped,
		Doc:    "ports that the service may not bind",
		Reason: "no port of a container's own network namespace is forbidden to it", Remedy: "publish the wanted ports alone, and forbid the others with a NetworkPolicy for ingress",
	},
	{
		Name: "RestrictNetworkInterfaces", Section: "Service", Spec: "systemd.resource-control(5)", Example: "lo eth1", Outcome: ledger.Dropped,
		Doc:    "network interfaces that the service may use",
		Reason: "interfaces of the machine do not show in a container", Remedy: "attach the container to the networks it may use, and to no others",
	},
	{
		Name: "DeviceAllow", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/ttyUSB0 rw", Outcome: ledger.Dropped,
		Doc:    "devices that the service may use",
		Reason: "a device binds to one machine, and no field names it: a program that needs it belongs on the machine", Remedy: "`devices: [\"/dev/ttyUSB0:/dev/ttyUSB0:rw\"]` in compose; in Kubernetes a device plugin",
	},
	{
		Name: "DevicePolicy", Section: "Service", Spec: "systemd.resource-control(5)", Example: "strict", Outcome: ledger.Dropped,
		Doc:    "which devices may be used besides DeviceAllow=",
		Reason: "containers get the pseudo devices alone, which is what closed means; auto allows more", Remedy: "nothing for closed; for auto list the devices that the program uses under `devices:`",
	},
	{
		Name: "Slice", Section: "Service", Spec: "systemd.resource-control(5)", Example: "shop.slice", Outcome: ledger.Dropped,
		Doc:    "the slice that the service is in",
		Reason: "slices divide one machine; containers have limits one by one", Remedy: "`cgroup_parent: shop.slice` with Docker's systemd driver; in Kubernetes a ResourceQuota of the namespace",
	},
	{
		Name: "Delegate", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "lets the service manage the cgroups below its own",
		Reason: "cgroups of a container are its runtime's: a program that needs its own belongs on the machine", Remedy: "leave it on the machine, or run it with `privileged: true` and `cgroup: private`",
	},
	{
		Name: "DisableControllers", Section: "Service", Spec: "systemd.resource-control(5)", Example: "cpu", Outcome: ledger.Inert,
		Doc:    "keeps controllers away from the cgroups below",
		Reason: "no cgroups are made below a container's that controllers could be kept from",
	},
	{
		Name: "ManagedOOMSwap", Section: "Service", Spec: "systemd.resource-control(5)", Example: "kill", Outcome: ledger.Dropped,
		Doc:    "lets systemd-oomd kill the service when swap runs out",
		Reason: "systemd-oomd does not watch containers; they are killed at their own limit", Remedy: "write MemoryMax= and MemorySwapMax=, which lift maps",
	},
	{
		Name: "ManagedOOMMemoryPressure", Section: "Service", Spec: "systemd.resource-control(5)", Example: "kill", Outcome: ledger.Dropped,
		Doc:    "lets systemd-oomd kill the service under memory pressure",
		Reason: "systemd-oomd does not see the pressure in containers; the kubelet evicts by its own signals", Remedy: "write MemoryMax=, which lift maps; in Kubernetes set memory requests, which rank evictions",
	},
	{
		Name: "ManagedOOMMemoryPressureLimit", Section: "Service", Spec: "systemd.resource-control(5)", Example: "60%", Outcome: ledger.Dropped,
		Doc:    "memory pressure at which systemd-oomd acts",
		Reason: "no runtime acts at a level of memory pressure", Remedy: "write MemoryMax=, which lift maps, and alert on memory in use",
	},
	{
		Name: "ManagedOOMPreference", Section: "Service", Spec: "systemd.resource-control(5)", Example: "avoid", Outcome: ledger.Dropped,
		Doc:    "makes systemd-oomd spare the service",
		Reason: "systemd-oomd does not choose among containers", Remedy: "`oom_score_adj:` in compose; in Kubernetes a PriorityClass and requests equal to limits",
	},

	// systemd.timer(5).
	{
		Name: "OnClockChange", Section: "Timer", Spec: "systemd.timer(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "starts the unit when the machine's clock is set",
		Reason: "containers hear nothing of the clock being set: a program that needs it belongs on the machine", Remedy: "leave timer and unit on the machine",
	},
	{
		Name: "OnTimezoneChange", Section: "Timer", Spec: "systemd.timer(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "starts the unit when the machine's time zone changes",
		Reason: "a container's time zone is its own: a program that follows the machine's belongs on the machine", Remedy: "leave timer and unit on the machine",
	},
	{
		Name: "AccuracySec", Section: "Timer", Spec: "systemd.timer(5)", Example: "1min", Outcome: ledger.Dropped,
		Doc:    "the time within which the start may be put off, so that the machine wakes up less often",
		Reason: "a scheduler starts within seconds of the time and puts nothing off", Remedy: "nothing for a minute and more; for less let the program wait for the exact second",
	},
	{
		Name: "FixedRandomDelay", Section: "Timer", Spec: "systemd.timer(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "draws RandomizedDelaySec= once for each machine and timer",
		Reason: "a random delay is drawn anew at each run", Remedy: "sleep for a number that is derived from the name: `sleep $(( $(hostname | cksum | cut -d\" \" -f1) % N ))`",
	},
	{
		Name: "WakeSystem", Section: "Timer", Spec: "systemd.timer(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "wakes the machine from suspend",
		Reason: "machines that run containers are not suspended",
	},
	{
		Name: "RemainAfterElapse", Section: "Timer", Spec: "systemd.timer(5)", Example: "no", Outcome: ledger.Inert,
		Doc:    "keeps an elapsed timer loaded, so that its state can be asked for",
		Reason: "it is systemd's own housekeeping; a schedule stays until it is deleted",
	},

	// systemd.path(5).
	{
		Name: "PathExists", Section: "Path", Spec: "systemd.path(5)", Example: "/srv/shop/inbox/ready", Outcome: ledger.Dropped,
		Doc:    "starts the unit when the path exists",
		Reason: "no runtime watches for a file", Remedy: "loop in a workload that mounts the volume: `while :; do test -e PATH && PROGRAM; sleep N; done`",
	},
	{
		Name: "PathExistsGlob", Section: "Path", Spec: "systemd.path(5)", Example: "/srv/shop/inbox/*.csv", Outcome: ledger.Dropped,
		Doc:    "starts the unit when a path matches the pattern",
		Reason: "no runtime watches for files that match a pattern", Remedy: "loop in a workload that mounts the volume, or let the sender put a message into a queue",
	},
	{
		Name: "PathChanged", Section: "Path", Spec: "systemd.path(5)", Example: "/etc/shop/shop.conf", Outcome: ledger.Dropped,
		Doc:    "starts the unit when the file was written and closed",
		Reason: "no runtime watches a file for changes", Remedy: "`inotifywait -m -e close_write PATH` in a workload that shares the volume; for a configuration roll out on its checksum",
	},
	{
		Name: "PathModified", Section: "Path", Spec: "systemd.path(5)", Example: "/srv/shop/log/audit.log", Outcome: ledger.Dropped,
		Doc:    "starts the unit at every write to the file",
		Reason: "no runtime watches a file for writes", Remedy: "`inotifywait -m -e modify PATH` in a workload that shares the volume",
	},
	{
		Name: "DirectoryNotEmpty", Section: "Path", Spec: "systemd.path(5)", Example: "/srv/shop/spool", Outcome: ledger.Dropped,
		Doc:    "starts the unit when the directory has entries",
		Reason: "no runtime watches a directory for entries", Remedy: "let a workload that mounts the volume work off the directory in a loop, or use a queue",
	},
	{
		Name: "Unit", Section: "Path", Spec: "systemd.path(5)", Example: "shop-import.service", Outcome: ledger.Dropped,
		Doc:    "names the unit to start; otherwise the one of the same name",
		Reason: "there is no watcher above the process tier that could start it", Remedy: "start it from the loop that takes the watcher's place",
	},
	{
		Name: "MakeDirectory", Section: "Path", Spec: "systemd.path(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "makes the directory to watch",
		Reason: "the directory of a watch is not made; that of a volume is", Remedy: "mount a volume at the directory; the runtime makes it",
	},
	{
		Name: "DirectoryMode", Section: "Path", Spec: "systemd.path(5)", Example: "0750", Outcome: ledger.Dropped,
		Doc:    "mode of the directory that MakeDirectory= makes",
		Reason: "a watched directory that is not made has no mode", Remedy: "set the mode of the volume's directory in the image, or with a privileged ExecStartPre=",
	},
	{
		Name: "TriggerLimitIntervalSec", Section: "Path", Spec: "systemd.path(5)", Example: "2s", Outcome: ledger.Dropped,
		Doc:    "interval of the limit on starts by the watch",
		Reason: "where nothing is watched, the starts by the watch need no interval", Remedy: "sleep in the loop that takes the watcher's place",
	},
	{
		Name: "TriggerLimitBurst", Section: "Path", Spec: "systemd.path(5)", Example: "200", Outcome: ledger.Dropped,
		Doc:    "starts that the interval admits",
		Reason: "where nothing is watched, the starts by the watch need no bound", Remedy: "sleep in the loop that takes the watcher's place",
	},

	// systemd.socket(5): addresses.
	{
		Name: "ListenSequentialPacket", Section: "Socket", Spec: "systemd.socket(5)", Example: "/run/shop/packet", Outcome: ledger.Dropped,
		Doc:    "opens a socket of sequential packets",
		Reason: "no container runtime opens a packet socket for a program", Remedy: "let the program bind the path itself, on a volume that its clients share",
	},
	{
		Name: "ListenFIFO", Section: "Socket", Spec: "systemd.socket(5)", Example: "/run/shop/queue", Outcome: ledger.Dropped,
		Doc:    "makes a FIFO and starts the service when something is written to it",
		Reason: "no container runtime makes a FIFO and waits at it", Remedy: "let the program make the FIFO itself, with `mkfifo` in the entrypoint, on a volume that the writers share",
	},
	{
		Name: "ListenNetlink", Section: "Socket", Spec: "systemd.socket(5)", Example: "kobject-uevent 1", Outcome: ledger.Dropped,
		Doc:    "opens a netlink socket to the kernel",
		Reason: "netlink speaks to the machine's kernel: a program that needs it belongs on the machine", Remedy: "leave socket and service on the machine",
	},
	{
		Name: "ListenSpecial", Section: "Socket", Spec: "systemd.socket(5)", Example: "/dev/input/event0", Outcome: ledger.Dropped,
		Doc:    "opens a device or a file of /proc or /sys",
		Reason: "special files are the machine's: a program that needs them belongs on the machine", Remedy: "leave it on the machine, or hand the device over with `devices:` and let the program open it",
	},
	{
		Name: "ListenMessageQueue", Section: "Socket", Spec: "systemd.socket(5)", Example: "/shop", Outcome: ledger.Dropped,
		Doc:    "makes a POSIX message queue",
		Reason: "a POSIX message queue lives in one IPC namespace, and no runtime makes one", Remedy: "let the program make the queue; those that use it share it with `ipc: service:NAME` or in one pod",
	},
	{
		Name: "ListenUSBFunction", Section: "Socket", Spec: "systemd.socket(5)", Example: "/dev/usb-ffs/shop", Outcome: ledger.Dropped,
		Doc:    "opens the endpoints of a USB gadget",
		Reason: "USB gadgets are hardware of the machine: a program that needs them belongs on the machine", Remedy: "leave socket and service on the machine",
	},
	{
		Name: "BindToDevice", Section: "Socket", Spec: "systemd.socket(5)", Example: "eth1", Outcome: ledger.Dropped,
		Doc:    "listens on one network interface",
		Reason: "interfaces of the machine do not show in a container", Remedy: "publish the port on that interface's address: `ports: [\"10.0.0.5:8080:8080\"]`",
	},
	{
		Name: "BindIPv6Only", Section: "Socket", Spec: "systemd.socket(5)", Example: "both", Outcome: ledger.Dropped,
		Doc:    "says whether an IPv6 socket serves IPv4 as well",
		Reason: "the program opens its socket itself and decides on IPv4 and IPv6", Remedy: "bind `::` for both or `0.0.0.0` for IPv4 in the program's configuration",
	},
	{
		Name: "SocketProtocol", Section: "Socket", Spec: "systemd.socket(5)", Example: "sctp", Outcome: ledger.Dropped,
		Doc:    "udplite or sctp in place of UDP and TCP",
		Reason: "no socket of another protocol is opened for a program", Remedy: "let the program open it; a Kubernetes Service has `protocol: SCTP`, compose publishes `/sctp`",
	},
	{
		Name: "FreeBind", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "binds addresses that the machine has not got yet",
		Reason: "a container's address is there before its program starts", Remedy: "bind `0.0.0.0` in the program",
	},
	{
		Name: "Transparent", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "accepts connections to foreign addresses",
		Reason: "a transparent proxy stands in the machine's own network: it belongs on the machine", Remedy: "leave it on the machine, or run it with `network_mode: host` and `cap_add: [NET_ADMIN]`",
	},

	// systemd.socket(5): files of a socket.
	{
		Name: "SocketUser", Section: "Socket", Spec: "systemd.socket(5)", Example: "shop", Outcome: ledger.Dropped,
		Doc:    "owner of the socket's file",
		Reason: "the program makes the socket's file itself, as its own user", Remedy: "run both sides of the socket as the same user",
	},
	{
		Name: "SocketGroup", Section: "Socket", Spec: "systemd.socket(5)", Example: "www-data", Outcome: ledger.Dropped,
		Doc:    "group of the socket's file",
		Reason: "the program makes the socket's file itself, with its own group", Remedy: "give both sides of the socket a common group: SupplementaryGroups=, which lift maps, or fsGroup",
	},
	{
		Name: "SocketMode", Section: "Socket", Spec: "systemd.socket(5)", Example: "0660", Outcome: ledger.Dropped,
		Doc:    "mode of the socket's file",
		Reason: "the program makes the socket's file itself, under its umask", Remedy: "write UMask= in the service, which lift maps, or set the mode in the program's configuration",
	},
	{
		Name: "DirectoryMode", Section: "Socket", Spec: "systemd.socket(5)", Example: "0755", Outcome: ledger.Dropped,
		Doc:    "mode of the directories above the socket's file",
		Reason: "the directory of the socket's file is a mount with a mode of its own", Remedy: "write RuntimeDirectory= and RuntimeDirectoryMode= in the service, which lift maps",
	},
	{
		Name: "Symlinks", Section: "Socket", Spec: "systemd.socket(5)", Example: "/run/shop.sock", Outcome: ledger.Dropped,
		Doc:    "links to the socket's file",
		Reason: "links to a socket's file are not made at a start", Remedy: "make the link in the image, or let the clients use the path itself",
	},
	{
		Name: "RemoveOnStop", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "removes the socket's file at the stop",
		Reason: "a socket's file on a volume stays when its container ends", Remedy: "remove it before the start: `ExecStartPre=-/bin/rm -f PATH`, which lift maps, or put it on a tmpfs",
	},
	{
		Name: "SmackLabel", Section: "Socket", Spec: "systemd.socket(5)", Example: "Shop", Outcome: ledger.Dropped,
		Doc:    "Smack label of the FIFO or file",
		Reason: "a runtime sets no Smack label on a FIFO", Remedy: "run both sides as users and groups that may use it",
	},
	{
		Name: "SmackLabelIPIn", Section: "Socket", Spec: "systemd.socket(5)", Example: "Shop", Outcome: ledger.Dropped,
		Doc:    "Smack label that clients must have",
		Reason: "no Smack labels are attached to a container's incoming packets", Remedy: "say who may connect with a NetworkPolicy for ingress",
	},
	{
		Name: "SmackLabelIPOut", Section: "Socket", Spec: "systemd.socket(5)", Example: "Shop", Outcome: ledger.Dropped,
		Doc:    "Smack label of what is sent",
		Reason: "no Smack labels are attached to a container's outgoing packets", Remedy: "say where it may connect with a NetworkPolicy for egress",
	},
	{
		Name: "SELinuxContextFromNet", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "takes the instance's SELinux level from its client",
		Reason: "containers have one SELinux level for all their clients", Remedy: "run a container of its own level for each class of clients: `security_opt: [label=level:s0:c1]`",
	},

	// systemd.socket(5): options of a socket, which a program that opens it sets itself.
	{
		Name: "Backlog", Section: "Socket", Spec: "systemd.socket(5)", Example: "1024", Outcome: ledger.Dropped,
		Doc:    "connections that may wait to be accepted",
		Reason: "the queue of waiting connections is set where the socket is opened, in the program", Remedy: "set the backlog in the program's configuration, and `sysctls: {net.core.somaxconn: N}`",
	},
	{
		Name: "KeepAlive", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "checks idle connections",
		Reason: "idle connections are checked only if the program asks for it", Remedy: "turn keep-alive on in the program's configuration",
	},
	{
		Name: "KeepAliveTimeSec", Section: "Socket", Spec: "systemd.socket(5)", Example: "10min", Outcome: ledger.Dropped,
		Doc:    "idle time before the first check",
		Reason: "the program, or the kernel's 2 hours, decide when an idle connection is checked", Remedy: "set it in the program, or `sysctls: {net.ipv4.tcp_keepalive_time: N}`",
	},
	{
		Name: "KeepAliveIntervalSec", Section: "Socket", Spec: "systemd.socket(5)", Example: "30s", Outcome: ledger.Dropped,
		Doc:    "time between two checks",
		Reason: "the program, or the kernel's 75 s, decide on the time between two checks", Remedy: "set it in the program, or `sysctls: {net.ipv4.tcp_keepalive_intvl: N}`",
	},
	{
		Name: "KeepAliveProbes", Section: "Socket", Spec: "systemd.socket(5)", Example: "5", Outcome: ledger.Dropped,
		Doc:    "checks without an answer until the connection is given up",
		Reason: "the program, or the kernel's 9, decide on the number of checks", Remedy: "set it in the program, or `sysctls: {net.ipv4.tcp_keepalive_probes: N}`",
	},
	{
		Name: "DeferAcceptSec", Section: "Socket", Spec: "systemd.socket(5)", Example: "5s", Outcome: ledger.Dropped,
		Doc:    "wakes the service when data comes, not when a client connects",
		Reason: "a program is woken by connections unless it asks otherwise", Remedy: "set TCP_DEFER_ACCEPT in the program (nginx: `listen … deferred`)",
	},
	{
		Name: "NoDelay", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "sends small packets at once",
		Reason: "small packets are collected unless the program asks otherwise", Remedy: "set TCP_NODELAY in the program; most servers do",
	},
	{
		Name: "Priority", Section: "Socket", Spec: "systemd.socket(5)", Example: "6", Outcome: ledger.Dropped,
		Doc:    "priority of what is sent",
		Reason: "packets leave a container with normal priority", Remedy: "set SO_PRIORITY in the program",
	},
	{
		Name: "ReceiveBuffer", Section: "Socket", Spec: "systemd.socket(5)", Example: "4M", Outcome: ledger.Dropped,
		Doc:    "size of the receive buffer",
		Reason: "the receive buffer is the kernel's default unless the program asks otherwise", Remedy: "set SO_RCVBUF in the program; the bound net.core.rmem_max is the machine's",
	},
	{
		Name: "SendBuffer", Section: "Socket", Spec: "systemd.socket(5)", Example: "4M", Outcome: ledger.Dropped,
		Doc:    "size of the send buffer",
		Reason: "the send buffer is the kernel's default unless the program asks otherwise", Remedy: "set SO_SNDBUF in the program; the bound net.core.wmem_max is the machine's",
	},
	{
		Name: "IPTOS", Section: "Socket", Spec: "systemd.socket(5)", Example: "low-delay", Outcome: ledger.Dropped,
		Doc:    "type of service of the packets",
		Reason: "packets leave a container without a type of service", Remedy: "set IP_TOS in the program",
	},
	{
		Name: "IPTTL", Section: "Socket", Spec: "systemd.socket(5)", Example: "32", Outcome: ledger.Dropped,
		Doc:    "hops that a packet may make",
		Reason: "packets leave a container with the kernel's 64 hops", Remedy: "set IP_TTL in the program, or `sysctls: {net.ipv4.ip_default_ttl: N}`",
	},
	{
		Name: "Mark", Section: "Socket", Spec: "systemd.socket(5)", Example: "42", Outcome: ledger.Dropped,
		Doc:    "firewall mark of the packets",
		Reason: "a mark is for rules of the machine's firewall: a program that needs it belongs on the machine", Remedy: "write the rules as a NetworkPolicy, or run it with `network_mode: host` and `cap_add: [NET_ADMIN]`",
	},
	{
		Name: "ReusePort", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "lets several sockets bind the port",
		Reason: "each container has ports of its own; nothing has to share one", Remedy: "run several replicas: the Service spreads connections over them",
	},
	{
		Name: "PassCredentials", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "tells the service who sent a message",
		Reason: "who is on the other side is told only if the program asks for it", Remedy: "set SO_PASSCRED in the program; across user namespaces the ids differ",
	},
	{
		Name: "PassSecurity", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "tells the service the sender's security context",
		Reason: "the sender's security context is told only if the program asks for it", Remedy: "set SO_PASSSEC in the program",
	},
	{
		Name: "PassPacketInfo", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "tells the service where a packet came in",
		Reason: "where a packet came in is told only if the program asks for it", Remedy: "set IP_PKTINFO in the program; addresses may be translated on the way",
	},
	{
		Name: "Timestamping", Section: "Socket", Spec: "systemd.socket(5)", Example: "us", Outcome: ledger.Dropped,
		Doc:    "notes when a packet came",
		Reason: "when a packet came is noted only if the program asks for it", Remedy: "set SO_TIMESTAMP in the program",
	},
	{
		Name: "TCPCongestion", Section: "Socket", Spec: "systemd.socket(5)", Example: "bbr", Outcome: ledger.Dropped,
		Doc:    "congestion control of the connections",
		Reason: "congestion control is the network namespace's default unless the program asks otherwise", Remedy: "set TCP_CONGESTION in the program, or `sysctls: {net.ipv4.tcp_congestion_control: NAME}`",
	},
	{
		Name: "Broadcast", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "allows to send to broadcast addresses",
		Reason: "broadcasts end at the container's own network: a program that needs the machine's belongs there", Remedy: "leave it on the machine, or run it with `network_mode: host` and SO_BROADCAST set in the program",
	},
	{
		Name: "Writable", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "opens the file of ListenSpecial= for writing too",
		Reason: "no special file is opened for the program", Remedy: "let the program open the file itself",
	},
	{
		Name: "PipeSize", Section: "Socket", Spec: "systemd.socket(5)", Example: "1M", Outcome: ledger.Dropped,
		Doc:    "size of a FIFO's buffer",
		Reason: "a FIFO has the kernel's 64 KiB unless the program asks otherwise", Remedy: "set F_SETPIPE_SZ in the program",
	},
	{
		Name: "MessageQueueMaxMessages", Section: "Socket", Spec: "systemd.socket(5)", Example: "16", Outcome: ledger.Dropped,
		Doc:    "messages that a queue holds",
		Reason: "how many messages a queue holds is set where it is made, in the program", Remedy: "set mq_maxmsg in the program, and `sysctls: {fs.mqueue.msg_max: N}`",
	},
	{
		Name: "MessageQueueMessageSize", Section: "Socket", Spec: "systemd.socket(5)", Example: "8192", Outcome: ledger.Dropped,
		Doc:    "size of a message",
		Reason: "how large a message may be is set where its queue is made, in the program", Remedy: "set mq_msgsize in the program, and `sysctls: {fs.mqueue.msgsize_max: N}`",
	},

	// systemd.socket(5): running.
	{
		Name: "MaxConnections", Section: "Socket", Spec: "systemd.socket(5)", Example: "64", Outcome: ledger.Dropped,
		Doc:    "instances that may run at once with Accept=yes",
		Reason: "no instances are started for connections that could be counted", Remedy: "`socat TCP-LISTEN:PORT,fork,max-children=N`",
	},
	{
		Name: "MaxConnectionsPerSource", Section: "Socket", Spec: "systemd.socket(5)", Example: "8", Outcome: ledger.Dropped,
		Doc:    "instances that may run at once for one client address",
		Reason: "no instances are counted for each client address", Remedy: "limit it at the proxy in front (nginx: `limit_conn`)",
	},
	{
		Name: "FlushPending", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "drops waiting data when the service has ended",
		Reason: "what waits at a socket goes with the program that opened it", Remedy: "nothing is left to drop once the program binds the address itself",
	},
	{
		Name: "TriggerLimitIntervalSec", Section: "Socket", Spec: "systemd.socket(5)", Example: "2s", Outcome: ledger.Dropped,
		Doc:    "interval of the limit on starts by the socket",
		Reason: "connections start nothing, so no interval of starts is watched", Remedy: "limit connections at the proxy in front (nginx: `limit_req`)",
	},
	{
		Name: "TriggerLimitBurst", Section: "Socket", Spec: "systemd.socket(5)", Example: "20", Outcome: ledger.Dropped,
		Doc:    "starts that the interval admits",
		Reason: "connections start nothing, so no number of starts is bounded", Remedy: "limit connections at the proxy in front (nginx: `limit_req`)",
	},
	{
		Name: "TimeoutSec", Section: "Socket", Spec: "systemd.socket(5)", Example: "30s", Outcome: ledger.Dropped,
		Doc:    "bounds the commands of the socket unit",
		Reason: "the commands of a socket unit run in no container that could be timed", Remedy: "bound the commands with `timeout N` where they are moved to",
	},
	{
		Name: "ExecStartPre", Section: "Socket", Spec: "systemd.socket(5)", Example: "/bin/mkdir -p /run/shop", Outcome: ledger.Dropped,
		Doc:    "runs before the sockets are opened",
		Reason: "no step stands before the opening of a socket but those of the service", Remedy: "move the command to ExecStartPre= of the service, which lift maps",
	},
	{
		Name: "ExecStartPost", Section: "Socket", Spec: "systemd.socket(5)", Example: "/bin/ln -sf /run/shop/http /run/shop.sock", Outcome: ledger.Dropped,
		Doc:    "runs after the sockets were opened",
		Reason: "no step stands between the opening of a socket and the start of its program", Remedy: "move the command to ExecStartPost= of the service, which lift maps",
	},
	{
		Name: "ExecStopPre", Section: "Socket", Spec: "systemd.socket(5)", Example: "/bin/touch /run/shop/closing", Outcome: ledger.Dropped,
		Doc:    "runs before the sockets are closed",
		Reason: "a socket is closed by the end of its program, with no step of its own before", Remedy: "move the command to ExecStop= of the service, which lift maps",
	},
	{
		Name: "ExecStopPost", Section: "Socket", Spec: "systemd.socket(5)", Example: "/bin/rm -rf /run/shop", Outcome: ledger.Dropped,
		Doc:    "runs after the sockets were closed",
		Reason: "nothing runs in a container once its sockets are closed", Remedy: "clean up at the next start with ExecStartPre= of the service, which lift maps",
	},

	// systemd.resource-control(5): [Slice], which bounds all its units together.
	{
		Name: "Slice", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "shop.slice", Outcome: ledger.Inert,
		Doc:    "nothing: a slice's name says which one it is in",
		Reason: "systemd ignores it in slices, whose names say where they belong",
	},
	{
		Name: "CPUWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "200", Outcome: ledger.Dropped,
		Doc:    "share of the processor for all units together",
		Reason: "a container has processor time of its own; nothing divides it among several", Remedy: "write CPUWeight= in each service, which lift maps",
	},
	{
		Name: "StartupCPUWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "50", Outcome: ledger.Dropped,
		Doc:    "share of the processor for all units together during boot and shutdown",
		Reason: "a container has processor time of its own; nothing divides it among several", Remedy: "write CPUWeight= in each service, which lift maps",
	},
	{
		Name: "CPUQuota", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "200%", Outcome: ledger.Dropped,
		Doc:    "processor time for all units together",
		Reason: "a container has processor time of its own; nothing divides it among several", Remedy: "write CPUQuota= in each service, which lift maps; in Kubernetes a ResourceQuota bounds the sum",
	},
	{
		Name: "CPUQuotaPeriodSec", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "10ms", Outcome: ledger.Dropped,
		Doc:    "period over which the slice's CPUQuota= is measured",
		Reason: "a container has processor time of its own; nothing divides it among several", Remedy: "`cpu_period:` with `cpu_quota:` for each container in compose",
	},
	{
		Name: "AllowedCPUs", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "0-3", Outcome: ledger.Dropped,
		Doc:    "processors that all units together may use",
		Reason: "which processors and nodes a group of containers uses is decided by where it is placed", Remedy: "`cpuset:` for each container in compose; in Kubernetes a node pool of its own",
	},
	{
		Name: "StartupAllowedCPUs", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "processors for all units together during boot and shutdown",
		Reason: "which processors and nodes a group of containers uses is decided by where it is placed", Remedy: "`cpuset:` for each container in compose; in Kubernetes a node pool of its own",
	},
	{
		Name: "AllowedMemoryNodes", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "NUMA nodes that all units together may use",
		Reason: "which processors and nodes a group of containers uses is decided by where it is placed", Remedy: "`docker run --cpuset-mems` for each container; in Kubernetes a node pool of its own",
	},
	{
		Name: "StartupAllowedMemoryNodes", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "0", Outcome: ledger.Dropped,
		Doc:    "NUMA nodes for all units together during boot and shutdown",
		Reason: "which processors and nodes a group of containers uses is decided by where it is placed", Remedy: "`docker run --cpuset-mems` for each container; in Kubernetes a node pool of its own",
	},
	{
		Name: "MemoryMin", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "256M", Outcome: ledger.Dropped,
		Doc:    "memory that is never taken from the units",
		Reason: "a container has a memory limit of its own; nothing bounds several together", Remedy: "write MemoryMin= in each service, which lift maps",
	},
	{
		Name: "MemoryLow", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "512M", Outcome: ledger.Dropped,
		Doc:    "memory that is taken from the units only when none is left",
		Reason: "a container has a memory limit of its own; nothing bounds several together", Remedy: "write MemoryLow= in each service, which lift maps",
	},
	{
		Name: "MemoryHigh", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "3G", Outcome: ledger.Dropped,
		Doc:    "memory above which all units are slowed down",
		Reason: "a container has a memory limit of its own; nothing bounds several together", Remedy: "write MemoryMax= in each service, which lift maps, and alert on memory in use",
	},
	{
		Name: "MemoryMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "4G", Outcome: ledger.Dropped,
		Doc:    "memory for all units together",
		Reason: "a container has a memory limit of its own; nothing bounds several together", Remedy: "write MemoryMax= in each service, which lift maps; in Kubernetes a ResourceQuota bounds the sum",
	},
	{
		Name: "MemorySwapMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "1G", Outcome: ledger.Dropped,
		Doc:    "swap for all units together",
		Reason: "a container has a memory limit of its own; nothing bounds several together", Remedy: "write MemorySwapMax= in each service, which lift maps",
	},
	{
		Name: "DefaultMemoryMin", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "64M", Outcome: ledger.Dropped,
		Doc:    "MemoryMin= of the units that have none",
		Reason: "a slice's default does not reach containers: each says its own memory", Remedy: "write MemoryMin= in each service, which lift maps; in Kubernetes a LimitRange sets defaults",
	},
	{
		Name: "DefaultMemoryLow", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "128M", Outcome: ledger.Dropped,
		Doc:    "MemoryLow= of the units that have none",
		Reason: "a slice's default does not reach containers: each says its own memory", Remedy: "write MemoryLow= in each service, which lift maps; in Kubernetes a LimitRange sets defaults",
	},
	{
		Name: "TasksMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "4096", Outcome: ledger.Dropped,
		Doc:    "processes of all units together",
		Reason: "processes are bounded for each container, not for several together", Remedy: "write TasksMax= in each service, which lift maps",
	},
	{
		Name: "CPUAccounting", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the processor time of all units together",
		Reason: "the runtime counts for each container, and sums are a matter of the query",
	},
	{
		Name: "MemoryAccounting", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the memory of all units together",
		Reason: "the runtime counts for each container, and sums are a matter of the query",
	},
	{
		Name: "TasksAccounting", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the processes of all units together",
		Reason: "the runtime counts for each container, and sums are a matter of the query",
	},
	{
		Name: "IOAccounting", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the I/O of all units together",
		Reason: "the runtime counts for each container, and sums are a matter of the query",
	},
	{
		Name: "IPAccounting", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "counts the packets of all units together",
		Reason: "the runtime counts for each container, and sums are a matter of the query",
	},
	{
		Name: "IOWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "200", Outcome: ledger.Dropped,
		Doc:    "share of the disks for all units together",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "StartupIOWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "50", Outcome: ledger.Dropped,
		Doc:    "share of the disks for all units together during boot and shutdown",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IODeviceWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 200", Outcome: ledger.Dropped,
		Doc:    "share of one disk for all units together",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IOReadBandwidthMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 50M", Outcome: ledger.Dropped,
		Doc:    "bytes a second that all units together read from one disk",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IOWriteBandwidthMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 20M", Outcome: ledger.Dropped,
		Doc:    "bytes a second that all units together write to one disk",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IOReadIOPSMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 1000", Outcome: ledger.Dropped,
		Doc:    "reads a second of all units together from one disk",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IOWriteIOPSMax", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 500", Outcome: ledger.Dropped,
		Doc:    "writes a second of all units together to one disk",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IODeviceLatencyTargetSec", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 25ms", Outcome: ledger.Dropped,
		Doc:    "latency of one disk that is defended for all units together",
		Reason: "disks of the machine are divided among slices; containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "DeviceAllow", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/ttyUSB0 rw", Outcome: ledger.Dropped,
		Doc:    "devices that the units may use",
		Reason: "devices are granted to one container, not to a slice of them", Remedy: "`devices:` of each container that uses one",
	},
	{
		Name: "DevicePolicy", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "strict", Outcome: ledger.Dropped,
		Doc:    "which devices the units may use besides DeviceAllow=",
		Reason: "each container has the pseudo devices alone, whatever its neighbours may use", Remedy: "nothing for closed; for auto list the devices under `devices:` of each container",
	},
	{
		Name: "Delegate", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "nothing: slices cannot be delegated",
		Reason: "systemd ignores it in slices",
	},
	{
		Name: "DisableControllers", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "cpu", Outcome: ledger.Dropped,
		Doc:    "keeps controllers away from the cgroups below",
		Reason: "a runtime turns on the controllers that it needs for the limits of each container", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "IPAddressAllow", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "10.0.0.0/8", Outcome: ledger.Dropped,
		Doc:    "addresses that the units may talk to",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "a NetworkPolicy with ipBlock that selects all pods of the namespace",
	},
	{
		Name: "IPAddressDeny", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "any", Outcome: ledger.Dropped,
		Doc:    "addresses that the units may not talk to",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "a NetworkPolicy that selects all pods of the namespace; in compose a network with `internal: true`",
	},
	{
		Name: "IPIngressFilterPath", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/sys/fs/bpf/shop/in", Outcome: ledger.Dropped,
		Doc:    "BPF programs that filter the units' incoming packets",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "write the rules as a NetworkPolicy that selects all pods of the namespace",
	},
	{
		Name: "IPEgressFilterPath", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/sys/fs/bpf/shop/out", Outcome: ledger.Dropped,
		Doc:    "BPF programs that filter the units' outgoing packets",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "write the rules as a NetworkPolicy that selects all pods of the namespace",
	},
	{
		Name: "SocketBindAllow", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "tcp:8080", Outcome: ledger.Dropped,
		Doc:    "ports that the units may bind",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "publish the wanted ports alone",
	},
	{
		Name: "SocketBindDeny", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "any", Outcome: ledger.Dropped,
		Doc:    "ports that the units may not bind",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "publish the wanted ports alone",
	},
	{
		Name: "RestrictNetworkInterfaces", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "lo", Outcome: ledger.Dropped,
		Doc:    "network interfaces that the units may use",
		Reason: "what a group of containers may reach is decided by its networks, not by a slice", Remedy: "attach each container to the networks it may use",
	},
	{
		Name: "BPFProgram", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "egress:/sys/fs/bpf/shop/out", Outcome: ledger.Dropped,
		Doc:    "attaches a BPF program to the slice's cgroup",
		Reason: "a BPF program needs the slice's cgroup: it belongs on the machine", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "ManagedOOMSwap", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "kill", Outcome: ledger.Dropped,
		Doc:    "lets systemd-oomd kill one of the units when swap runs out",
		Reason: "systemd-oomd chooses among units of the machine, not among containers", Remedy: "write MemoryMax= and MemorySwapMax= in each service, which lift maps",
	},
	{
		Name: "ManagedOOMMemoryPressure", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "kill", Outcome: ledger.Dropped,
		Doc:    "lets systemd-oomd kill one of the units under memory pressure",
		Reason: "systemd-oomd chooses among units of the machine, not among containers", Remedy: "write MemoryMax= in each service, which lift maps",
	},
	{
		Name: "ManagedOOMMemoryPressureLimit", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "60%", Outcome: ledger.Dropped,
		Doc:    "memory pressure of the slice at which systemd-oomd acts",
		Reason: "systemd-oomd chooses among units of the machine, not among containers", Remedy: "write MemoryMax= in each service, which lift maps",
	},
	{
		Name: "ManagedOOMPreference", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "avoid", Outcome: ledger.Dropped,
		Doc:    "makes systemd-oomd spare the slice",
		Reason: "systemd-oomd chooses among units of the machine, not among containers", Remedy: "`oom_score_adj:` of each container in compose; in Kubernetes a PriorityClass",
	},

	// after systemd 252, which does not know them.
	{
		Name: "WantsMountsFor", Section: "Unit", Spec: "systemd.unit(5)", Example: "/srv/shop", Outcome: ledger.Dropped,
		Doc:    "tries to mount what the paths need before the start (since 256)",
		Reason: "a container sees a mount that it could do without only where a volume names it", Remedy: "mount the path as a volume of the workload",
	},
	{
		Name: "UpheldBy", Section: "Install", Spec: "systemd.unit(5)", Example: "shop.target", Outcome: ledger.Dropped,
		Doc:    "makes the listed units keep this one running when it is enabled (since 254)",
		Reason: "no container keeps this one up; its own restart policy does", Remedy: "write WantedBy=, which lift maps, and Restart=always",
	},
	{
		Name: "ReloadSignal", Section: "Service", Spec: "systemd.service(5)", Example: "SIGUSR1", Outcome: ledger.Dropped,
		Doc:    "signal for a reload with Type=notify-reload (since 253)",
		Reason: "no reload is asked of a container, so no signal is kept for one", Remedy: "send it by hand: `docker compose kill -s USR1 NAME`",
	},
	{
		Name: "RestartSteps", Section: "Service", Spec: "systemd.service(5)", Example: "5", Outcome: ledger.Dropped,
		Doc:    "steps from RestartSec= up to RestartMaxDelaySec= (since 254)",
		Reason: "restart delays grow by the runtime's own rule, not in steps of the unit's choice", Remedy: "nothing, unless the delay matters: then sleep in the entrypoint",
	},
	{
		Name: "RestartMaxDelaySec", Section: "Service", Spec: "systemd.service(5)", Example: "5min", Outcome: ledger.Dropped,
		Doc:    "longest delay of a restart (since 254)",
		Reason: "the longest delay is the runtime's own: 1 minute in Docker, 5 in Kubernetes", Remedy: "nothing, unless the delay matters: in Kubernetes the kubelet has a maximum for CrashLoopBackOff",
	},
	{
		Name: "RestartMode", Section: "Service", Spec: "systemd.service(5)", Example: "normal", Outcome: ledger.Dropped,
		Doc:    "normal: a restart passes through failed, which OnFailure= and those that depend on the unit notice (since 254)",
		Reason: "a restart of a container passes unnoticed by the others", Remedy: "`depends_on: {NAME: {restart: true}}` in those that depend on it, and alert on the restart count",
	},
	{
		Name: "OpenFile", Section: "Service", Spec: "systemd.service(5)", Example: "/etc/shop/key:key:read-only", Outcome: ledger.Dropped,
		Doc:    "opens a file and hands it to the service (since 253)",
		Reason: "no runtime opens a file for a program and hands it over", Remedy: "mount the file as a secret and let the program open it",
	},
	{
		Name: "FileDescriptorStorePreserve", Section: "Service", Spec: "systemd.service(5)", Example: "restart", Outcome: ledger.Dropped,
		Doc:    "keeps the parked open files while the service is stopped (since 254)",
		Reason: "no open files are parked with a runtime, so none can be kept", Remedy: "keep connections alive by surging a rollout (`maxSurge: 1`) with a preStop pause",
	},
	{
		Name: "SurviveFinalKillSignal", Section: "Service", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "survives the final killing at a shutdown (since 255)",
		Reason: "no container outlives its machine: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine",
	},
	{
		Name: "SetLoginEnvironment", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "sets HOME, LOGNAME, USER and SHELL even for root (since 255)",
		Reason: "a runtime sets HOME alone", Remedy: "write the variables into Environment=, which lift maps",
	},
	{
		Name: "RootEphemeral", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "runs on a copy of RootDirectory= or RootImage= (since 254)",
		Reason: "every container writes to a layer of its own, which goes with it",
	},
	{
		Name: "ImportCredential", Section: "Service", Spec: "systemd.exec(5)", Example: "shop.*", Outcome: ledger.Dropped,
		Doc:    "hands over credentials of the manager by pattern (since 254)",
		Reason: "no credentials are found by a pattern; secrets are declared one by one", Remedy: "declare each one under `secrets:`, and set CREDENTIALS_DIRECTORY=/run/secrets",
	},
	{
		Name: "LogFilterPatterns", Section: "Service", Spec: "systemd.exec(5)", Example: "~.*DEBUG.*", Outcome: ledger.Dropped,
		Doc:    "keeps or drops log lines by pattern (since 253)",
		Reason: "a container's lines are kept whatever they say", Remedy: "filter them where the logs are collected",
	},
	{
		Name: "BindLogSockets", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "shows the sockets of the journal to the service (since 257)",
		Reason: "containers have no /dev/log and no journal of their own", Remedy: "let the program log to standard output",
	},
	{
		Name: "PrivatePIDs", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "gives the service a PID namespace of its own (since 257)",
		Reason: "every container has a PID namespace of its own",
	},
	{
		Name: "MemoryZSwapMax", Section: "Service", Spec: "systemd.resource-control(5)", Example: "128M", Outcome: ledger.Dropped,
		Doc:    "compressed swap that the service may use (since 253)",
		Reason: "compressed swap is not bounded for a container", Remedy: "write MemorySwapMax=, which lift maps",
	},
	{
		Name: "MemoryZSwapWriteback", Section: "Service", Spec: "systemd.resource-control(5)", Example: "no", Outcome: ledger.Dropped,
		Doc:    "allows compressed swap to be written to disk (since 256)",
		Reason: "what becomes of compressed swap is decided on the machine", Remedy: "write MemorySwapMax=0, which lift maps, if nothing may reach a disk",
	},
	{
		Name: "MemoryKSM", Section: "Service", Spec: "systemd.exec(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "lets the kernel merge equal pages of memory (since 254)",
		Reason: "equal pages are not merged for a container unless its program asks for it", Remedy: "call prctl(PR_SET_MEMORY_MERGE) in the program",
	},
	{
		Name: "MemoryPressureWatch", Section: "Service", Spec: "systemd.resource-control(5)", Example: "on", Outcome: ledger.Dropped,
		Doc:    "tells the service of memory pressure (since 254)",
		Reason: "nobody tells a program in a container of memory pressure", Remedy: "let the program watch /sys/fs/cgroup/memory.pressure itself",
	},
	{
		Name: "DelegateSubgroup", Section: "Service", Spec: "systemd.resource-control(5)", Example: "init", Outcome: ledger.Dropped,
		Doc:    "cgroup below the delegated one that the service runs in (since 254)",
		Reason: "a program that makes cgroups of its own belongs on the machine", Remedy: "leave it on the machine, or run it with `privileged: true` and `cgroup: private`",
	},
	{
		Name: "CoredumpReceive", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "leaves core dumps to a systemd-coredump in the service (since 255)",
		Reason: "core dumps of containers go where the machine's core_pattern says", Remedy: "nothing, unless a systemd runs in the container: then leave it on the machine",
	},
	{
		Name: "NFTSet", Section: "Service", Spec: "systemd.resource-control(5)", Example: "cgroup:inet:filter:shop", Outcome: ledger.Dropped,
		Doc:    "adds the service's cgroup or user to a set of the machine's firewall (since 255)",
		Reason: "the firewall's sets are the machine's: a program that needs them belongs on the machine", Remedy: "write the rules as a NetworkPolicy",
	},
	{
		Name: "DeferReactivation", Section: "Timer", Spec: "systemd.timer(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "skips a run that falls right after the one before (since 257)",
		Reason: "a run that is due while the one before is still running is a matter of overlap alone",
	},
	{
		Name: "PassFileDescriptorsToExec", Section: "Socket", Spec: "systemd.socket(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "hands the sockets to ExecStartPost= and ExecStopPre= too (since 256)",
		Reason: "no sockets are handed to the commands of a socket unit", Remedy: "let the commands use the socket's address",
	},
	{
		Name: "PollLimitIntervalSec", Section: "Socket", Spec: "systemd.socket(5)", Example: "2s", Outcome: ledger.Dropped,
		Doc:    "interval of the limit on wake-ups by the socket (since 255)",
		Reason: "no manager polls a container's socket, so no interval bounds it", Remedy: "limit connections at the proxy in front (nginx: `limit_req`)",
	},
	{
		Name: "PollLimitBurst", Section: "Socket", Spec: "systemd.socket(5)", Example: "150", Outcome: ledger.Dropped,
		Doc:    "wake-ups that the interval admits (since 255)",
		Reason: "no manager polls a container's socket, so no number bounds it", Remedy: "limit connections at the proxy in front (nginx: `limit_req`)",
	},

	// names that systemd 252 still reads, under which it documents nothing any more.
	{
		Name: "BindTo", Section: "Unit", Spec: "systemd.unit(5)", Example: "db.service", Outcome: ledger.Dropped,
		Doc:    "old name of BindsTo=",
		Reason: "the name is gone from the manual; lift reads the new one alone", Remedy: "write BindsTo=",
	},
	{
		Name: "PropagateReloadTo", Section: "Unit", Spec: "systemd.unit(5)", Example: "worker.service", Outcome: ledger.Dropped,
		Doc:    "old name of PropagatesReloadTo=",
		Reason: "under its old or new name, a reload does not travel from one container to others", Remedy: "send the signal to each: `docker compose kill -s HUP NAME OTHER`",
	},
	{
		Name: "PropagateReloadFrom", Section: "Unit", Spec: "systemd.unit(5)", Example: "nginx.service", Outcome: ledger.Dropped,
		Doc:    "old name of ReloadPropagatedFrom=",
		Reason: "under its old or new name, no container hears of the reload of another one", Remedy: "send the signal to both: `docker compose kill -s HUP NAME OTHER`",
	},
	{
		Name: "RequiresOverridable", Section: "Unit", Spec: "systemd.unit(5)", Example: "db.service", Outcome: ledger.Dropped,
		Doc:    "Requires= that an administrator could override, until 227",
		Reason: "systemd reads it as Requires= and says so; lift reads Requires= alone", Remedy: "write Requires=",
	},
	{
		Name: "RequisiteOverridable", Section: "Unit", Spec: "systemd.unit(5)", Example: "db.service", Outcome: ledger.Dropped,
		Doc:    "Requisite= that an administrator could override, until 227",
		Reason: "systemd reads it as Requisite= and says so; lift reads Requisite= alone", Remedy: "write Requisite=",
	},
	{
		Name: "OnFailureIsolate", Section: "Unit", Spec: "systemd.unit(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "old form of OnFailureJobMode=isolate",
		Reason: "isolating on a failure changes the whole machine: a program that needs it belongs on the machine", Remedy: "leave the unit on the machine, or alert on the failure from outside",
	},
	{
		Name: "StartLimitAction", Section: "Service", Spec: "systemd.service(5)", Example: "reboot", Outcome: ledger.Dropped,
		Doc:    "old place of StartLimitAction= of [Unit]",
		Reason: "in its old place as in [Unit]: a container that keeps failing is restarted later and later", Remedy: "alert on the restart count, for example on KubePodCrashLooping",
	},
	{
		Name: "FailureAction", Section: "Service", Spec: "systemd.service(5)", Example: "reboot", Outcome: ledger.Dropped,
		Doc:    "old place of FailureAction= of [Unit]",
		Reason: "in its old place as in [Unit]: the failure of a container never takes the machine down", Remedy: "watch the container from outside and let the machine's own monitoring decide on a reboot",
	},
	{
		Name: "RebootArgument", Section: "Service", Spec: "systemd.service(5)", Example: "bootloader", Outcome: ledger.Dropped,
		Doc:    "old place of RebootArgument= of [Unit]",
		Reason: "in its old place as in [Unit]: no container asks the kernel for a reboot", Remedy: "leave the unit on the machine together with its *Action= setting",
	},
	{
		Name: "PermissionsStartOnly", Section: "Service", Spec: "systemd.service(5)", Example: "yes", Outcome: ledger.Dropped,
		Doc:    "old form of the + prefix: only ExecStart= runs as User=",
		Reason: "the user of a container holds for all its commands; the switch as a whole is not read", Remedy: "put `+` in front of the ExecStartPre= commands that need root, which lift maps",
	},
	{
		Name: "ReadWriteDirectories", Section: "Service", Spec: "systemd.exec(5)", Example: "/var/lib/shop", Outcome: ledger.Dropped,
		Doc:    "old name of ReadWritePaths=",
		Reason: "the old name from before 231; lift reads ReadWritePaths= alone", Remedy: "write ReadWritePaths=",
	},
	{
		Name: "ReadOnlyDirectories", Section: "Service", Spec: "systemd.exec(5)", Example: "/etc/shop", Outcome: ledger.Dropped,
		Doc:    "old name of ReadOnlyPaths=",
		Reason: "old name or new, single paths of an image cannot be locked; mounts can", Remedy: "write ProtectSystem=strict with ReadWritePaths=, which lift maps, or mount the paths `:ro`",
	},
	{
		Name: "InaccessibleDirectories", Section: "Service", Spec: "systemd.exec(5)", Example: "/srv/other", Outcome: ledger.Dropped,
		Doc:    "old name of InaccessiblePaths=",
		Reason: "old name or new, an image holds only what was put into it", Remedy: "leave the paths out of the image",
	},
	{
		Name: "CPUShares", Section: "Service", Spec: "systemd.resource-control(5)", Example: "512", Outcome: ledger.Dropped,
		Doc:    "share of the processor under cgroup v1, 1024 being the usual one",
		Reason: "it is the form of cgroup v1, which systemd 252 translates; lift reads CPUWeight= alone", Remedy: "write CPUWeight= with about a tenth of the number, which lift maps",
	},
	{
		Name: "StartupCPUShares", Section: "Service", Spec: "systemd.resource-control(5)", Example: "512", Outcome: ledger.Dropped,
		Doc:    "share of the processor during boot under cgroup v1",
		Reason: "in the form of cgroup v1, too, a container has one share at all times", Remedy: "write CPUWeight= with about a tenth of the number, which lift maps",
	},
	{
		Name: "DefaultMemoryMin", Section: "Service", Spec: "systemd.resource-control(5)", Example: "64M", Outcome: ledger.Inert,
		Doc:    "MemoryMin= of the units below",
		Reason: "a service has no units below it for which it could be the default",
	},
	{
		Name: "DefaultMemoryLow", Section: "Service", Spec: "systemd.resource-control(5)", Example: "64M", Outcome: ledger.Inert,
		Doc:    "MemoryLow= of the units below",
		Reason: "a service has no units below it for which it could be the default",
	},
	{
		Name: "BlockIOAccounting", Section: "Service", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "old form of IOAccounting= for cgroup v1",
		Reason: "old form or new, the runtime counts I/O of every container",
	},
	{
		Name: "BlockIOWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "500", Outcome: ledger.Dropped,
		Doc:    "old form of IOWeight= for cgroup v1",
		Reason: "systemd 252 translates it to IOWeight=; no field holds shares and bounds of disks", Remedy: "`blkio_config: {weight: 10-1000}` in compose",
	},
	{
		Name: "StartupBlockIOWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "500", Outcome: ledger.Dropped,
		Doc:    "old form of StartupIOWeight= for cgroup v1",
		Reason: "systemd 252 translates it to StartupIOWeight=; no field holds shares and bounds of disks", Remedy: "`blkio_config: {weight: N}` in compose if the rest of the time matters too",
	},
	{
		Name: "BlockIODeviceWeight", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 500", Outcome: ledger.Dropped,
		Doc:    "old form of IODeviceWeight= for cgroup v1",
		Reason: "systemd 252 translates it to IODeviceWeight=; no field holds shares and bounds of disks", Remedy: "`blkio_config: {weight_device: [{path: DEVICE, weight: N}]}` in compose",
	},
	{
		Name: "BlockIOReadBandwidth", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 20M", Outcome: ledger.Dropped,
		Doc:    "old form of IOReadBandwidthMax= for cgroup v1",
		Reason: "systemd 252 translates it to IOReadBandwidthMax=; no field holds shares and bounds of disks", Remedy: "`blkio_config: {device_read_bps: [{path: DEVICE, rate: 20mb}]}` in compose",
	},
	{
		Name: "BlockIOWriteBandwidth", Section: "Service", Spec: "systemd.resource-control(5)", Example: "/dev/sda 10M", Outcome: ledger.Dropped,
		Doc:    "old form of IOWriteBandwidthMax= for cgroup v1",
		Reason: "systemd 252 translates it to IOWriteBandwidthMax=; no field holds shares and bounds of disks", Remedy: "`blkio_config: {device_write_bps: [{path: DEVICE, rate: 10mb}]}` in compose",
	},
	{
		Name: "MemoryLimit", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "4G", Outcome: ledger.Dropped,
		Doc:    "old form of MemoryMax= for all units together",
		Reason: "under its old name, too, memory is bounded for each container, not for several together", Remedy: "write MemoryMax= in each service, which lift maps; in Kubernetes a ResourceQuota bounds the sum",
	},
	{
		Name: "CPUShares", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "2048", Outcome: ledger.Dropped,
		Doc:    "share of the processor for all units together under cgroup v1",
		Reason: "in the form of cgroup v1, too, no slice divides processor time among containers", Remedy: "write CPUWeight= in each service, which lift maps",
	},
	{
		Name: "StartupCPUShares", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "512", Outcome: ledger.Dropped,
		Doc:    "share of the processor for all units together during boot under cgroup v1",
		Reason: "in the form of cgroup v1, too, containers are in no slice that has a share at boot", Remedy: "write CPUWeight= in each service, which lift maps",
	},
	{
		Name: "BlockIOAccounting", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "yes", Outcome: ledger.Inert,
		Doc:    "old form of IOAccounting= for all units together",
		Reason: "old form or new, the runtime counts I/O of every container",
	},
	{
		Name: "BlockIOWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "500", Outcome: ledger.Dropped,
		Doc:    "old form of IOWeight= for all units together",
		Reason: "in the form of cgroup v1, too, disks are divided among slices, and containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "StartupBlockIOWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "500", Outcome: ledger.Dropped,
		Doc:    "old form of StartupIOWeight= for all units together",
		Reason: "in the form of cgroup v1, too, disks are divided among slices, and containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "BlockIODeviceWeight", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 500", Outcome: ledger.Dropped,
		Doc:    "old form of IODeviceWeight= for all units together",
		Reason: "in the form of cgroup v1, too, disks are divided among slices, and containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "BlockIOReadBandwidth", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 20M", Outcome: ledger.Dropped,
		Doc:    "old form of IOReadBandwidthMax= for all units together",
		Reason: "in the form of cgroup v1, too, disks are divided among slices, and containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},
	{
		Name: "BlockIOWriteBandwidth", Section: "Slice", Spec: "systemd.resource-control(5)", Example: "/dev/sda 10M", Outcome: ledger.Dropped,
		Doc:    "old form of IOWriteBandwidthMax= for all units together",
		Reason: "in the form of cgroup v1, too, disks are divided among slices, and containers are in none", Remedy: "leave the slice on the machine and name it with `cgroup_parent:` (Docker's systemd cgroup driver)",
	},

	// names that systemd 252 ignores.
	{
		Name: "ExecRestart", Section: "Service", Spec: "systemd.service(5)", Example: "/usr/sbin/shopd restart", Outcome: ledger.Inert,
		Doc:    "nothing: a restart is ExecStop= and ExecStart=",
		Reason: "systemd has never known it; a restart stops and starts the service", Remedy: "remove it; what it does belongs into ExecStop= or ExecStartPre=",
	},
	{
		Name: "Capabilities", Section: "Service", Spec: "systemd.exec(5)", Example: "CAP_NET_BIND_SERVICE=ep", Outcome: ledger.Inert,
		Doc:    "set the capabilities of the process, until 229",
		Reason: "systemd has ignored it since 230, in favour of AmbientCapabilities=", Remedy: "write AmbientCapabilities= or CapabilityBoundingSet= if it is meant to hold; lift maps them",
	},
	{
		Name: "TCPWrapName", Section: "Service", Spec: "systemd.exec(5)", Example: "shopd", Outcome: ledger.Inert,
		Doc:    "asked tcpwrap's hosts.allow, until 211",
		Reason: "systemd has ignored it since 212, which gave up tcpwrap", Remedy: "say who may connect with a NetworkPolicy, or at the proxy in front",
	},
	{
		Name: "NetClass", Section: "Service", Spec: "systemd.resource-control(5)", Example: "auto", Outcome: ledger.Inert,
		Doc:    "set the network class of the cgroup, until 228",
		Reason: "systemd has ignored it since 229; the cgroup controller is gone", Remedy: "remove it",
	},
	{
		Name: "SysVStartPriority", Section: "Service", Spec: "systemd.service(5)", Example: "80", Outcome: ledger.Inert,
		Doc:    "once ordered the service among SysV scripts",
		Reason: "systemd ignores it since SysV runlevels are no units any more", Remedy: "write After= if the order is meant to hold; lift maps it",
	},
	{
		Name: "FsckPassNo", Section: "Service", Spec: "systemd.service(5)", Example: "2", Outcome: ledger.Inert,
		Doc:    "order of the service among file system checks, until 208",
		Reason: "systemd ignores it; file systems are checked by units of their own", Remedy: "remove it",
	},
	{
		Name: "ControlGroup", Section: "Service", Spec: "systemd.exec(5)", Example: "cpu:/shop", Outcome: ledger.Inert,
		Doc:    "put the service into a cgroup by name, until 204",
		Reason: "systemd ignores it since cgroups are its own to arrange", Remedy: "write the limit that the cgroup had: MemoryMax=, CPUQuota=, TasksMax=, which lift maps",
	},
	{
		Name: "ControlGroupAttribute", Section: "Service", Spec: "systemd.exec(5)", Example: "memory.limit_in_bytes 500M", Outcome: ledger.Inert,
		Doc:    "wrote to a file of the cgroup, until 204",
		Reason: "systemd ignores it; each limit has a directive of its own", Remedy: "write the directive: MemoryMax=, CPUWeight=, TasksMax=, which lift maps",
	},
	{
		Name: "MemorySoftLimit", Section: "Service", Spec: "systemd.resource-control(5)", Example: "256M", Outcome: ledger.Inert,
		Doc:    "memory to which the service was pushed back, until 207",
		Reason: "systemd ignores it; MemoryLow= and MemoryHigh= took its place", Remedy: "write MemoryLow= if it is meant to hold; lift maps it",
	},
}

// harmless are values with which a row that drops its directive has nothing to drop: containers are like that, or the value asks for nothing. Keys are Section.Name; switches are written
// yes and no.
var harmless = map[string][]string{
	"Unit.Conflicts":                    {"shutdown.target"},
	"Unit.DefaultDependencies":          {"yes"},
	"Unit.StopWhenUnneeded":             {"no"},
	"Unit.JobTimeoutSec":                {"0", "infinity"},
	"Unit.JobRunningTimeoutSec":         {"0", "infinity"},
	"Unit.JobTimeoutAction":             {"none"},
	"Unit.StartLimitAction":             {"none"},
	"Unit.FailureAction":                {"none"},
	"Unit.SuccessAction":                {"none"},
	"Service.ExitType":                  {"main"},
	"Service.RemainAfterExit":           {"no"},
	"Service.RootDirectoryStartOnly":    {"no"},
	"Service.NonBlocking":               {"no"},
	"Service.NotifyAccess":              {"none"},
	"Service.WatchdogSec":               {"0", "infinity"},
	"Service.FileDescriptorStoreMax":    {"0"},
	"Service.TimeoutStartFailureMode":   {"terminate"},
	"Service.TimeoutStopFailureMode":    {"terminate", "kill"},
	"Service.RuntimeRandomizedExtraSec": {"0"},
	"Service.RootDirectory":             {"/"},
	"Service.PrivateNetwork":            {"no"},
	"Service.PrivateUsers":              {"no"},
	"Service.ProcSubset":                {"all"},
	"Service.MemoryDenyWriteExecute":    {"no"},
	"Service.RestrictSUIDSGID":          {"no"},
	"Service.SystemCallErrorNumber":     {"EPERM"},
	"Service.IgnoreSIGPIPE":             {"no"},
	"Service.OOMScoreAdjust":            {"0"},
	"Service.Nice":                      {"0"},
	"Service.CPUSchedulingPolicy":       {"other"},
	"Service.CPUSchedulingPriority":     {"0"},
	"Service.CPUSchedulingResetOnFork":  {"no"},
	"Service.NUMAPolicy":                {"default"},
	"Service.IOSchedulingClass":         {"best-effort", "2"},
	"Service.IOSchedulingPriority":      {"4"},
	"Service.RuntimeDirectoryPreserve":  {"no"},
	"Service.LogLevelMax":               {"debug", "7"},
	"Service.LogRateLimitIntervalSec":   {"0"},
	"Service.LogRateLimitBurst":         {"0"},
	"Service.SyslogLevelPrefix":         {"no"},
	"Service.TTYReset":                  {"no"},
	"Service.TTYVHangup":                {"no"},
	"Service.TTYVTDisallocate":          {"no"},
	"Service.SendSIGHUP":                {"no"},
	"Service.SendSIGKILL":               {"yes"},
	"Service.FinalKillSignal":           {"SIGKILL"},
	"Service.CPUQuotaPeriodSec":         {"100ms"},
	"Service.MemoryHigh":                {"infinity"},
	"Service.IPAddressAllow":            {"any"},
	"Service.SocketBindAllow":           {"any"},
	"Service.DevicePolicy":              {"closed"},
	"Service.Delegate":                  {"no"},
	"Service.ManagedOOMSwap":            {"auto"},
	"Service.ManagedOOMMemoryPressure":  {"auto"},
	"Service.ManagedOOMPreference":      {"none"},
	"Service.RestartMode":               {"direct"},
	"Timer.OnClockChange":               {"no"},
	"Timer.OnTimezoneChange":            {"no"},
	"Timer.FixedRandomDelay":            {"no"},
	"Path.MakeDirectory":                {"no"},
	"Socket.BindIPv6Only":               {"default"},
	"Socket.FreeBind":                   {"no"},
	"Socket.Transparent":                {"no"},
	"Socket.RemoveOnStop":               {"no"},
	"Socket.SELinuxContextFromNet":      {"no"},
	"Socket.KeepAlive":                  {"no"},
	"Socket.NoDelay":                    {"no"},
	"Socket.Priority":                   {"0"},
	"Socket.ReusePort":                  {"no"},
	"Socket.PassCredentials":            {"no"},
	"Socket.PassSecurity":               {"no"},
	"Socket.PassPacketInfo":             {"no"},
	"Socket.Timestamping":               {"off"},
	"Socket.Broadcast":                  {"no"},
	"Socket.Writable":                   {"no"},
	"Socket.FlushPending":               {"no"},
	"Slice.MemoryHigh":                  {"infinity"},
	"Slice.MemoryMax":                   {"infinity"},
	"Slice.MemorySwapMax":               {"infinity"},
	"Slice.TasksMax":                    {"infinity"},
	"Slice.IPAddressAllow":              {"any"},
	"Slice.DevicePolicy":                {"closed"},
	"Slice.ManagedOOMSwap":              {"auto"},
	"Slice.ManagedOOMMemoryPressure":    {"auto"},
	"Slice.ManagedOOMPreference":        {"none"},
}

// asksNothing reports whether a directive of fixed has a value under which nothing is lost although its row says dropped.
func asksNothing(section, name, value string) bool {
	values := harmless[section+"."+name]
	if slices.Contains(values, value) {
		return true
	}
	switch strings.ToLower(value) { // parse_boolean of systemd
	case "1", "yes", "y", "true", "t", "on":
		return slices.Contains(values, "yes")
	case "0", "no", "n", "false", "f", "off":
		return slices.Contains(values, "no")
	}
	return false
}

// standardInput is StandardInput= where no socket unit starts the service.
var standardInput = detect.Key{
	Name: "StandardInput", Section: "Service", Spec: "systemd.exec(5)", Example: "socket", Outcome: ledger.Dropped,
	Doc:    "where the service reads from: null, tty, data, file, socket",
	Reason: "a container's standard input is empty, and no socket or terminal is put there", Remedy: "for socket run it under `socat TCP-LISTEN:PORT,fork EXEC:PROGRAM`; for tty `stdin_open: true`; else redirect with `<`",
}
