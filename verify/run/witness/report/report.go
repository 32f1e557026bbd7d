// Package report is what the witness is told and what it reports. It stands on the standard library alone: it is compiled into the witness, which has no other part of lift.
//
// The witness is called in one of two ways.
//
//	WITNESS -- ARGV…          stands in front of a program's command line and takes its place. The Plan is in the environment (Variable).
//	WITNESS ask SOCKET WHAT…  asks the one that runs, and prints JSON. It ends with status 1 where it cannot be reached, 2 for a question that makes no sense
//
// What can be asked: "world" (World), "events" (a list of Event, the last thousand), "exit CODE" (ends with that status), "signal NAME" (sends itself the signal), "get URL [HOST]" and "connect HOST:PORT"
// (Reached; made by the witness, from its world).
//
// The witness ends with status 0 at each signal that ends a program that has made no arrangements for it, SIGPIPE excepted, and at SIGWINCH where it has no terminal (Apache stops at it).
package report

import "time"

// Variable is the environment variable that holds the Plan as JSON. The witness takes it out of the environment that it reports.
const Variable = "LIFT_WITNESS"

// Line begins each line that the witness prints; a JSON Event follows.
const Line = "lift-witness "

// Plan is what the witness is told.
type Plan struct {
	Nonce    string   `json:"nonce"`              // of the run
	Side     string   `json:"side"`               // "processes", "docker", "kubernetes"
	Workload string   `json:"workload"`           // whose place it takes, by its name on that side
	Socket   string   `json:"socket"`             // abstract unix socket on which it answers questions, without the leading "@"
	Listen   []string `json:"listen,omitempty"`   // ADDRESS:PORT/tcp or /udp: answers every HTTP request with 200 and an Answer; other protocols get a line with the nonce
	Peers    []Peer   `json:"peers,omitempty"`    // resolved and connected to when the world is asked for
	Write    []string `json:"write,omitempty"`    // paths of which it is tried whether a file can be made in them
	Read     []string `json:"read,omitempty"`     // files whose content is hashed
	Show     []string `json:"show,omitempty"`     // environment variables whose values are no secrets: all others are reported as their Hash
	Hide     []string `json:"hide"`               // environment variables that are secrets: a word of the command line that holds one's value (four bytes at least) is reported as its Hash; null: all that Show does not name
	Once     bool     `json:"once,omitempty"`     // report the world, peers included, and end with status 0: the program is a job
	Stubborn bool     `json:"stubborn,omitempty"` // do not end at the stop signal; tell each 250 ms that it is alive, and wait to be killed. A child does likewise
	Children bool     `json:"children,omitempty"` // keep a child process in the same group that reports the signals that it gets; it dies with the witness
}

// Peer is a name that the program uses, with a port that must answer there; port 0: only the name is looked up.
type Peer struct {
	Workload string `json:"workload"` // who must answer
	Name     string `json:"name"`
	Port     int    `json:"port"`
}

// Answer is what the witness answers to an HTTP request.
type Answer struct {
	Nonce    string              `json:"nonce"`
	Side     string              `json:"side"`
	Workload string              `json:"workload"`
	Port     int                 `json:"port"`
	Method   string              `json:"method"`
	URI      string              `json:"uri"`
	Host     string              `json:"host"`
	Header   map[string][]string `json:"header"`
}

// Event is a line of the witness's log.
type Event struct {
	Nonce string    `json:"nonce"`
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"`            // "world", "signal", "alive", "exit"
	Pid   int       `json:"pid"`             // of whom it tells: the witness, or its child
	Child bool      `json:"child,omitempty"` // it is the child
	Name  string    `json:"name,omitempty"`  // of the signal: "SIGTERM"; of an exit: the signal that ended the child
	Code  int       `json:"code,omitempty"`  // exit status
	World *World    `json:"world,omitempty"`
}

// World is what a program finds around it.
type World struct {
	Nonce    string `json:"nonce"`
	Side     string `json:"side"`
	Workload string `json:"workload"`
	Started  string `json:"started"` // RFC 3339 with nanoseconds: another one after a restart

	Argv []string          `json:"argv"` // without the witness's own front; a word that holds a secret is its Hash (Plan.Hide)
	Env  map[string]string `json:"env"`  // values that may not be shown (Plan.Show) are their Hash
	Dir  string            `json:"dir"`
	Pid  int               `json:"pid"`

	UID    int    `json:"uid"` // effective
	GID    int    `json:"gid"`
	Groups []int  `json:"groups"` // supplementary, sorted, without GID
	Umask  string `json:"umask"`  // four octal digits

	Limits       map[string][2]string `json:"limits"`       // "nofile": soft and hard; numbers or "unlimited"
	Bounding     []string             `json:"bounding"`     // capability names without CAP_, sorted
	Effective    []string             `json:"effective"`    // likewise
	NoNewPrivs   bool                 `json:"noNewPrivs"`   //
	Seccomp      string               `json:"seccomp"`      // "none", "strict", "filter"
	Ignored      []string             `json:"ignored"`      // signals whose disposition was to be ignored when the witness was started, sorted
	Blocked      []string             `json:"blocked"`      // signals that are blocked
	Stdin        string               `json:"stdin"`        // "null", "pipe", "socket", "terminal", "file", "closed"
	Stdout       string               `json:"stdout"`       //
	Stderr       string               `json:"stderr"`       //
	Descriptors  []int                `json:"descriptors"`  // open ones from 3 on, that were handed over
	OOMScore     int                  `json:"oomScore"`     // oom_score_adj
	Nice         int                  `json:"nice"`         //
	Cgroup       Cgroup               `json:"cgroup"`       //
	RootReadOnly bool                 `json:"rootReadOnly"` // nothing can be written at /
	Mounts       []Mount              `json:"mounts"`       // from /proc/self/mountinfo, sorted by path

	Write map[string]string     `json:"write"` // Plan.Write: "yes", or the error: "read-only file system"
	Read  map[string]string     `json:"read"`  // Plan.Read: sha256 in hex, or the error
	Bind  map[string]string     `json:"bind"`  // Plan.Listen: "yes", or the error
	Peers map[string]PeerResult `json:"peers"` // by NAME:PORT; looked at each time the world is asked for. Empty in the event of the start, Once excepted

	Hostname string `json:"hostname"`
	Zone     string `json:"zone"`   // what local time is: the zone's abbreviation and offset, "CET+01:00"
	Locale   string `json:"locale"` // LC_ALL, LC_CTYPE or LANG, the first that is set; "" for C
}

// Cgroup is what the control groups of the process bound: its own ones, for those above cannot be seen on every tier. "max" where nothing is bounded, "" where it cannot be seen.
type Cgroup struct {
	Version string `json:"version"` // "1", "2", "hybrid"
	Memory  string `json:"memory"`  // bytes
	Swap    string `json:"swap"`    // bytes beyond memory
	CPU     string `json:"cpu"`     // billionths of a CPU
	Pids    string `json:"pids"`    // processes and threads
}

// Mount is one mounted file system.
type Mount struct {
	Path     string `json:"path"`
	Type     string `json:"type"` // "tmpfs", "overlay", "ext4"
	ReadOnly bool   `json:"readOnly"`
	Size     int64  `json:"size,omitempty"` // bytes, of a tmpfs
}

// PeerResult is what became of a Peer. Without Error and Nonce the connection was made and no witness answered: another program listens there.
type PeerResult struct {
	Addresses []string `json:"addresses,omitempty"` // sorted
	Error     string   `json:"error,omitempty"`     // of the look-up, or of the connection: "no such host", "connection refused", "timeout"
	Nonce     string   `json:"nonce,omitempty"`     // of who answered
	Answered  string   `json:"answered,omitempty"`  // the workload that answered
}

// Reached is what `ask SOCKET get URL [HOST]` and `ask SOCKET connect HOST:PORT` print.
type Reached struct {
	Address string              `json:"address,omitempty"` // that was connected to
	Status  int                 `json:"status,omitempty"`  // of HTTP
	Header  map[string][]string `json:"header,omitempty"`
	Body    string              `json:"body,omitempty"`  // its first 64 KiB
	Error   string              `json:"error,omitempty"` // as in PeerResult
}
