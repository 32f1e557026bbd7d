// Package detect defines what a source is: something that lift can read a deployed system from. Each source lives in a folder of its own below this one.
package detect

import (
	"io/fs"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Tier is a level of deployment.
type Tier int

// Tiers, from the ground up.
const (
	Process Tier = iota
	Container
	Orchestrator
	Serverless
)

// String returns the tier's name as the command line takes it.
func (t Tier) String() string {
	return [...]string{"process", "container", "orchestrator", "serverless"}[t]
}

// Source is one kind of description that lift reads.
type Source struct {
	Name string // "systemd", as in --source and lift explain
	Doc  string // one line
	Tier Tier
	// Match picks, from the sorted slash paths of all files of the tree, the ones that this source reads. One walk of the tree serves all sources.
	Match func(paths []string) []string
	// Read reads the picked files. paths are all files of the tree, for files that the picked ones refer to. Unreadable syntax and values of the wrong kind are
	// findings of severity error; err is for what has no position, such as a file that vanished.
	Read func(t Tree, picked []string) (Result, error)
	// Piece reads a part that another source contains and gives it to a workload. nil: the source is never contained in others.
	Piece func(t Tree, p Piece) (Result, error)
	// Keys is the mapping as a table, for lift explain and the reference pages.
	Keys func() []Key
	// Sample returns a small tree in which the row's example stands, so that lift explain can try it. nil: the format has none.
	Sample func(Key) map[string]string
	// Absent lists the places of the model that the format leaves unset on minimal input, with the reason. "*" stands for one name.
	Absent []Absence
}

// Tree is the files that are read.
type Tree struct {
	FS    fs.FS
	Paths []string          // sorted slash paths of all files
	Map   map[string]string // machine path → path in the tree, from lift.yaml
	Place string            // the last names of the tree's own path, as far as files in it lead out and back in again; "" for none
}

// Piece is something of another source inside a file: Source reads Path and gives Workload its fields.
type Piece struct {
	Source   string
	Path     string
	Workload string
	Options  map[string][]string // what the containing file says about the reading; the contained source knows the names
}

// Text is a string in the code of a workload's program.
type Text struct {
	Workload string
	At       ledger.Pos // where it begins
	Value    string
	Whole    string // the line that it begins in
}

// Result is what a source found.
type Result struct {
	App      deploy.App
	Owns     []deploy.Path // workloads that this source starts; implied defaults of others do not compete
	Doc      ledger.Doc
	Findings []ledger.Finding
	Calls    []Call // addresses of the machine itself that settings lead to
	Handoffs []Handoff
	Pieces   []Piece // what the files contain in other formats: compose.yaml names Dockerfiles
}

// Call is an address of the machine itself, HOST:PORT, that a setting makes a workload call: link finds out who listens there.
type Call struct {
	Workload string
	Address  string
	Setting  int // index into Doc.Settings
}

// Handoff is a route on which a proxy hands requests on to an address of the machine itself: link finds out who answers there.
type Handoff struct {
	Match   string             // key of the route, which has its Via
	Address string             // HOST:PORT
	Prefix  deploy.Opt[string] // of the route
	Setting int                // index into Doc.Settings
	Itself  int64              // port of the proxy, which answers where nobody is known to listen
}

// Key is one row of a source's mapping table.
type Key struct {
	Name    string // "MemoryMax"
	Section string // where it stands: "Service"
	Doc     string // one line: what it does
	Spec    string // specification that the mapping follows
	Example string // a value with which the row can be tried
	Outcome ledger.Outcome
	Reason  string // where the source's own reader drops or ignores it
	Remedy  string
}

// Is reports whether a setting of this key belongs to the row: "MemoryMax", "Environment PORT" (one of several assignments in one directive), or in a document a path at or below the row's,
// which is its section and name with "*" for any one name ("services.web.mem_limit" is a "services.*", "mem_limit").
func (k Key) Is(setting string) bool {
	if setting == k.Name || strings.HasPrefix(setting, k.Name+" ") {
		return true
	}
	pattern := k.Name
	if k.Section != "" {
		pattern = k.Section + "." + k.Name
	}
	for {
		want, more, wants := strings.Cut(pattern, ".")
		end := strings.IndexAny(setting, ".[")
		if end < 0 {
			end = len(setting)
		}
		if want != "*" && want != setting[:end] {
			return false
		}
		if !wants {
			return true
		}
		if end == len(setting) || setting[end] == '[' {
			return false
		}
		pattern, setting = more, setting[end+1:]
	}
}

// Absence says why a place of the model is not set by a format on minimal input.
type Absence struct {
	Path   string
	Reason string
}
