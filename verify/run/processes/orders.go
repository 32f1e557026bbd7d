//go:build linux

package processes

import (
	"time"

	"github.com/deploylift/lift/deploy"
)

// A call goes from lift to the supervisor, an answer comes back, one JSON value each. Several calls may be on their way.
type call struct {
	ID   int    `json:"id"`
	Op   string `json:"op"`
	Side *side  `json:"side,omitempty"` // of opStart
	Unit string `json:"unit,omitempty"`
	Args []string
}

// What a call may ask for.
const (
	opStart = "start" // the whole side; once
	opAsk   = "ask"
	opState = "state"
	opRun   = "run"
	opStop  = "stop"
	opBegin = "begin"
)

// answer is the result of a call, or with ID 0 a line of progress.
type answer struct {
	ID       int    `json:"id"`
	Progress string `json:"progress,omitempty"`
	Fault    *fault `json:"fault,omitempty"`
	Out      []byte `json:"out,omitempty"`
	State    state  `json:"state"`
	End      end    `json:"end"`
}

// fault is an error for the user. Log names the unit whose last words tell more.
type fault struct {
	What   string `json:"what"`
	Remedy string `json:"remedy,omitempty"`
	Log    string `json:"log,omitempty"`
	From   int64  `json:"from,omitempty"` // where in the log they begin
}

func (f *fault) Error() string {
	if f.Remedy == "" {
		return f.What
	}
	return f.What + "; " + f.Remedy
}

type state struct{ Running, Ready, Restarts int }

// end is how a program came to its end. From and To bound what it printed in its log.
type end struct {
	Took     time.Duration
	Code     int
	Signal   string // that ended it
	Killed   bool
	From, To int64
	lived    time.Duration
}

// side is all that the supervisor must know to run a system.
type side struct {
	Scratch   string      // directory of this run on the machine
	Groups    groups      // control groups
	Addresses []string    // that the loopback interface gets beside its own
	Accounts  []account   // that the machine does not have
	Copies    []laid      // what is laid over the root
	Dirs      []string    // that must exist
	Places    []place     // what appears in the root of the whole side
	Links     [][2]string // symbolic links: where, and to what
	Witness   bool        // Scratch has the witness, which is put in its place
	Units     []unit
}

// place is something of Scratch, or of the side's own root, that appears somewhere else in the side's root.
type place struct {
	From     string // absolute path in the side's root
	To       string
	File     bool
	ReadOnly bool
	Host     bool // From is a path of the machine
}

// laid is a directory or file below Scratch that is copied into the side's root, with who it belongs to there.
type laid struct {
	From, To string
	Owner    [2]int
}

// account is a user or group that programs can look up.
type account struct {
	Name, Group, Home, Shell string
	UID, GID                 int
}

// unit is a workload as the supervisor takes care of it.
type unit struct {
	Name      string
	Index     int // names its log
	Kind      deploy.Kind
	Autostart bool
	Systemd   bool // the supervisor that is stood in for is systemd, with its habits
	Replicas  []replica
	Command   command
	Before    []task
	Started   []task
	Stopping  []task
	Needs     []need
	Ready     probe
	Sockets   []socket
	Accept    string // "descriptor" or "stdio": started anew for each connection
	Restart   restart
	Stop      stop
	Timeout   span // of the start
	Run       span // of a run to its end
	Memories  []memory
	Limits    limits
	World     world
}

// replica is what one instance has otherwise than the first one.
type replica struct {
	Env   []string
	Shift int // what is added to the ports
}

// command is what is executed. Front is the witness; the variables of Entry and Argv are expanded at the start.
type command struct {
	Front  []string
	Entry  deploy.Argv
	Argv   deploy.Argv
	Script string // run by Shell
	Shell  string
}

type task struct {
	Command    command
	MayFail    bool
	Privileged bool
}

type need struct {
	Unit      string
	Condition deploy.Condition
	Required  bool
	Follow    bool
}

// probe tells when a program is ready: an HTTP request or a TCP connection, a command, or nothing.
type probe struct {
	Path    string // of the HTTP request; "" for a connection alone
	Address string
	Port    int // 0: none
	Command *command
	Timeout time.Duration
}

type socket struct {
	Kind, Address, Name string
}

type restart struct {
	Policy   deploy.RestartPolicy
	Delay    time.Duration
	Attempts bound         // restarts within Window
	Window   time.Duration // 0: ever
}

type stop struct {
	Signal int
	Grace  span
	Scope  deploy.StopScope
}

// span is a time that may have no end.
type span struct {
	For     time.Duration
	Forever bool
}

// bound is a number that may have no end.
type bound struct {
	N         int64
	Unlimited bool
}

// memory is a file system in memory, made anew at each start.
type memory struct {
	Path     string
	Size     int64
	Mode     uint32
	Shared   bool // the other programs see it as well: it is a directory below /run
	UID, GID int
}

// limits are those of a control group; nil where there is none.
type limits struct {
	Memory, Swap, CPU, Pids, Weight *int64
}

// world is what the shim makes around the program.
type world struct {
	Env      []string
	Dir      string
	UID, GID int
	Groups   []int
	Umask    uint32
	NoFile   [2]uint64 // soft, hard
	NoNew    bool      // no_new_privs
	Bounding uint64    // capabilities
	Ambient  uint64
	ReadOnly bool    // the root
	Mounts   []place // in order; From is "" for a file system in memory, which the supervisor fills in
}

// order is what the shim gets.
type order struct {
	world
	Argv    []string
	Join    []string // control groups, as paths in the supervisor's root
	Enter   int      // process whose mounts are taken instead of own ones
	Handed  int      // descriptors after ordersAt that are handed over from 3 on
	Names   string   // LISTEN_FDNAMES
	NoPipe  bool     // SIGPIPE is ignored
	Stamped bool     // SYSTEMD_EXEC_PID is added
}
