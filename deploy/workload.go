package deploy

import "time"

// Kind is how a workload runs.
type Kind string

// Kinds of workloads.
const (
	Service Kind = "service" // runs until it is stopped
	Job     Kind = "job"     // runs once to its end
	Cron    Kind = "cron"    // runs to its end at each point of a schedule
	Agent   Kind = "agent"   // runs once on every machine
)

// Workload is one program that runs, with all that it needs.
type Workload struct {
	Name      string      `key:"web,db"`
	Kind      Opt[Kind]   `sample:"service"`
	Autostart Opt[bool]   `sample:"true"`         // starts together with the system
	Image     Opt[string] `sample:"shop/web:1.0"` // image reference
	Source    Source      // what the program is built from
	Build     Build       // how its image is built
	Command   Command
	Dir       Opt[string] `sample:"/srv/web"` // working directory
	Env       []Env
	User      User
	Umask     Opt[Mode] `sample:"0027"`
	Before    []Task    // run to their ends before each start
	Started   []Task    // run after the program has started
	Stopping  []Task    // run before the stop signal
	Ports     []Port
	Probes    Probes
	Mounts    []Mount
	Files     []File
	Restart   Restart
	Start     Start
	Stop      Stop
	Resources Resources
	Scale     Scale
	Schedule  Schedule
	Needs     []Need
	Placement Placement
	Security  Security
	Logging   Logging
}

// Source is what a program is built from. Directories are slash paths in the source tree.
type Source struct {
	Dir       Opt[string] `sample:"web"`                            // directory of the build file
	Context   Opt[string] `sample:"."`                              // directory around Dir that the build needs: the root of a workspace; absent: Dir
	Language  Opt[string] `sample:"node"`                           // node, python, go; debian: a package of the distribution, Main; static: files alone, in Main
	Version   Opt[string] `sample:"22"`                             // of the language, as its images are tagged
	Manager   Opt[string] `sample:"npm"`                            // package manager, with its version where the tree tells: poetry@2.1.3
	Manifests List        `sample:"package.json|package-lock.json"` // what the install reads, relative to the context
	Parts     List        `sample:"web|packages/core"`              // what of the context the program needs when it runs; absent: all
	Install   Opt[string] `sample:"npm ci"`                         // shell command that installs the dependencies; absent: there are none
	Build     Opt[string] `sample:"npm run build"`                  // shell command that builds
	Script    Opt[string] `sample:"node server.js"`                 // shell command that the package manager's script stands for, where it starts the program: npm start
	Main      Opt[string] `sample:"server.js"`                      // script, module, or Go package path, relative to Dir
	Base      Opt[string] `sample:"node:22-bookworm-slim"`          // image that the program's image is based on
	Framework Opt[string] `sample:"express"`
	Bind      Opt[string] `sample:"HOST"`                           // tells the program on which address it listens: an environment variable, or options such as --bind {address}:{port}
	Cgo       Opt[bool]   `sample:"false"`                          // the binary needs a C library at run time
	Sockets   List        `sample:"stream 0.0.0.0:8080 web.socket"` // handed over open, from descriptor 3 on: kind, address and name of each (sd_listen_fds(3))
	Accept    Opt[string] `sample:"stdio"`                          // started anew for each connection to them, which it gets as "descriptor" 3 or as "stdio"
	Installed Opt[string] `sample:"/srv/web"`                       // where on the machine it is: a directory for scripts, a file for a binary
}

// Command is what is executed.
type Command struct {
	Entrypoint Argv        `sample:"/entry"`               // fixed front of the command, kept when Argv alone is replaced
	Argv       Argv        `sample:"node server.js --all"` // program and arguments; with Shell exactly one word: the script
	Shell      Opt[string] `sample:"/bin/bash"`            // shell that runs the script
}

// Env is one environment variable.
type Env struct {
	Name  string `key:"LOG_LEVEL,API_TOKEN"`
	Value Value  `sample:"debug"`
}

// User is who runs the program.
type User struct {
	Name    Opt[string] `sample:"web"`
	ID      Opt[int64]  `sample:"990" name:"id"`
	Group   Opt[string] `sample:"web"`
	GroupID Opt[int64]  `sample:"991" name:"groupID"`
	Groups  List        `sample:"44|45"` // supplementary group ids
	Volumes Opt[int64]  `sample:"991"`   // group id that may write the volumes
}

// Task is a command that accompanies the program.
type Task struct {
	Command    Command
	MayFail    Opt[bool] `sample:"true"`  // its failure does not matter
	Privileged Opt[bool] `sample:"false"` // runs as root whatever User says
}

// Port is one port that the program listens on, keyed "8080/tcp".
type Port struct {
	Number    string      `key:"8080/tcp"`
	Name      Opt[string] `sample:"http"`           // unique in the workload, at most 15 characters
	Protocol  Opt[string] `sample:"http"`           // what is spoken: http, grpc, tcp; absent: not known
	Address   Opt[string] `sample:"0.0.0.0"`        // address that the program binds
	Reachable Opt[bool]   `sample:"true"`           // the other workloads reach it under the workload's name
	Published Opt[string] `sample:"127.0.0.1:9090"` // [ADDRESS:]PORT under which the machine offers it
}

// Probes tell how it goes to the program.
type Probes struct {
	Startup   Probe
	Readiness Probe
	Liveness  Probe
}

// Probe is one way to ask: an HTTP request, a TCP connection or a command.
type Probe struct {
	Path     Opt[string]        `sample:"/healthz"` // HTTP: status 200–399 is healthy
	Port     Opt[int64]         `sample:"8080"`     // HTTP and TCP
	Command  Command            // exit status 0 is healthy
	Client   Opt[string]        `sample:"node"` // program of the image that makes the HTTP request where the platform has none of its own
	Interval Opt[time.Duration] `sample:"7s"`
	Timeout  Opt[time.Duration] `sample:"4s"`
	Delay    Opt[time.Duration] `sample:"5s"` // failures within it after the start do not count
	Failures Opt[int64]         `sample:"5"`  // in a row until unhealthy
}

// MountKind is what is mounted.
type MountKind string

// Kinds of mounts.
const (
	MountVolume MountKind = "volume" // a Volume of the App
	MountTmpfs  MountKind = "tmpfs"  // memory, empty at each start
	MountHost   MountKind = "host"   // a path of the machine
)

// Mount is something that appears in the program's file system, keyed by the path.
type Mount struct {
	Path     string         `key:"/srv/data"`
	Kind     Opt[MountKind] `sample:"volume"`
	Volume   Opt[Ref]       `sample:"volumes.data"`
	Host     Opt[string]    `sample:"/mnt/data"`
	ReadOnly Opt[bool]      `sample:"false"`
	Mode     Opt[Mode]      `sample:"0750"` // of the directory; its owner is the workload's user
	Size     Opt[Bytes]     `sample:"67108864"`
}

// File is a configuration file that the platform puts in place for the program, read-only, keyed by its path.
type File struct {
	Path    string      `key:"/etc/web/web.conf"`
	Content Opt[string] `sample:"listen 3000;"`
}

// Ref is a reference to another element by its path: moves follow it.
type Ref string

// Name returns the name of the element referred to.
func (r Ref) Name() string { return Path(r).Base() }

// RestartPolicy is when the program is started again after its end.
type RestartPolicy string

// Restart policies.
const (
	RestartNo        RestartPolicy = "no"
	RestartAlways    RestartPolicy = "always"
	RestartOnFailure RestartPolicy = "on-failure"
)

// Restart is what happens after the program's end.
type Restart struct {
	Policy   Opt[RestartPolicy] `sample:"on-failure"`
	Delay    Opt[time.Duration] `sample:"2s"`
	Attempts Opt[Limit[int64]]  `sample:"5"`   // restarts within Window after which it is given up
	Window   Opt[time.Duration] `sample:"10s"` // absent with Attempts: ever
}

// Start bounds the start and the run.
type Start struct {
	Timeout Opt[Limit[time.Duration]] `sample:"90s"`   // until it must have started
	Run     Opt[Limit[time.Duration]] `sample:"3600s"` // until it must have ended
}

// StopScope is who gets the stop signal.
type StopScope string

// Stop scopes.
const (
	StopGroup StopScope = "group" // every process of the workload
	StopMain  StopScope = "main"  // the main process; the others are left alone, or killed with their container
	StopMixed StopScope = "mixed" // the main process; then SIGKILL to all
)

// Stop is how the program is stopped.
type Stop struct {
	Signal Opt[string]               `sample:"SIGINT"`
	Grace  Opt[Limit[time.Duration]] `sample:"45s"` // until SIGKILL
	Scope  Opt[StopScope]            `sample:"group"`
}

// Resources are requests and limits.
type Resources struct {
	CPU    CPU `name:"cpu"`
	Memory Memory
	Pids   Opt[Limit[int64]] `sample:"128"` // processes and threads
	Files  Files
}

// CPU is processor time.
type CPU struct {
	Request Opt[NanoCPU]        `sample:"250000000"`
	Limit   Opt[Limit[NanoCPU]] `sample:"1500000000"`
	Weight  Opt[int64]          `sample:"200"` // share under contention; 100 is the usual one
}

// Memory is working memory.
type Memory struct {
	Request Opt[Bytes]        `sample:"134217728"`
	Limit   Opt[Limit[Bytes]] `sample:"536870912"`
	Swap    Opt[Limit[Bytes]] `sample:"268435456"`
}

// Files bounds open file descriptors (RLIMIT_NOFILE).
type Files struct {
	Soft Opt[Limit[int64]] `sample:"4096"`
	Hard Opt[Limit[int64]] `sample:"8192"`
}

// MostReplicas is how many a source may ask for: more is a slip of the pen on every platform.
const MostReplicas = 1 << 20

// Scale is how many of it run.
type Scale struct {
	Replicas Opt[int64] `sample:"2"`
	Min      Opt[int64] `sample:"1"` // for platforms that scale by themselves
	Max      Opt[int64] `sample:"4"`
}

// Schedule is when a Cron workload runs.
type Schedule struct {
	Cron    Opt[string]        `sample:"15 3 * * *"` // five fields, crontab(5)
	Zone    Opt[string]        `sample:"Europe/Zurich"`
	Overlap Opt[bool]          `sample:"false"` // a run may start while the one before is still running
	CatchUp Opt[bool]          `sample:"true"`  // a run missed while the system was down is made up for
	Jitter  Opt[time.Duration] `sample:"30s"`   // random delay
}

// Condition is what a Need waits for.
type Condition string

// Conditions.
const (
	Started   Condition = "started"
	Ready     Condition = "ready"
	Completed Condition = "completed"
)

// Need says that another workload must be there first, keyed by its name.
type Need struct {
	Workload  string         `key:"db" ref:"workloads"`
	Condition Opt[Condition] `sample:"started"`
	Required  Opt[bool]      `sample:"true"` // without it this one does not start
	Follow    Opt[bool]      `sample:"true"` // stopped and restarted together with it
}

// Placement is where it may run.
type Placement struct {
	Arch Opt[string] `sample:"arm64"` // GOARCH name
}

// Security is what the program may do.
type Security struct {
	NoNewPrivileges Opt[bool]   `sample:"true"`
	ReadOnlyRoot    Opt[bool]   `sample:"true"`
	Privileged      Opt[bool]   `sample:"false"`
	Capabilities    List        `sample:"NET_BIND_SERVICE"` // bounding set; "all", "none", "default" (the container runtime's), or names without CAP_
	Seccomp         Opt[string] `sample:"RuntimeDefault"`
}

// Logging is where output goes; standard output and error are collected by every tier.
type Logging struct {
	Tag Opt[string] `sample:"web"` // name under which the lines are filed
}
