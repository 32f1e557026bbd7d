// Package ledger says what became of every single setting.
//
// A reader records the settings of its source (Setting) and which fields of the model each of them gave (Read). A lowering records what it changed on the way to the next tier: elements
// that got another name or place (Move), leaves that changed their form or were lost (Turn), leaves that it invented (Assumption). Join follows every setting of the first source
// through all steps to the lines of the files that were written.
package ledger

import (
	"strconv"

	"github.com/deploylift/lift/deploy"
)

// Pos is a position in a file of the user's tree or of the output. For implied settings File is empty and Spec names the specification that sets the default.
type Pos struct {
	File string // slash path
	Line int    // from 1; 0: the whole file
	Col  int    // from 1; 0: the whole line
	Spec string // "systemd.service(5)"
}

// String prints file:line, or the specification in parentheses.
func (p Pos) String() string {
	switch {
	case p.File == "":
		return "(" + p.Spec + ")"
	case p.Line == 0:
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// Outcome is what became of a setting, from harmless to lost.
type Outcome int

// Outcomes. Unaccounted is always a bug in lift.
const (
	Unaccounted  Outcome = iota
	Inert                // it carries no behaviour
	Overridden           // another setting takes its place
	Converted            // the target behaves the same
	Approximated         // the target behaves nearly the same; the reason says how it differs
	Dropped              // the target does not do it
)

var outcomeNames = [...]string{"unaccounted", "inert", "overridden", "converted", "approximated", "dropped"}

// String returns the outcome's name in lower case.
func (o Outcome) String() string { return outcomeNames[o] }

// MarshalText returns the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Loss reports whether the target behaves differently.
func (o Outcome) Loss() bool { return o >= Approximated || o == Unaccounted }

// Setting is one setting of a source as it stands there, or a default that the source's platform implies.
type Setting struct {
	At      Pos
	Key     string       // in the source's own words: "MemoryMax", "services.web.restart"
	Value   deploy.Value // hidden until the mapping calls it plain
	Implied bool
}

// Read is what a reader made of a setting. Several Reads may speak of one setting. Part says that the fields are made of several settings together (the entries of a list); otherwise a
// field has one Read.
type Read struct {
	Setting int // index into Doc.Settings
	Fields  []deploy.Path
	Outcome Outcome
	Reason  string // of its own, unless Converted
	Remedy  string // how to live with it or to mend it
	Part    bool
}

// Place tells where in a document a part of the model stands, for messages about what is missing there.
type Place struct {
	Path deploy.Path
	At   Pos
}

// Doc is what a reader says of its documents.
type Doc struct {
	Settings []Setting
	Reads    []Read
	Places   []Place
}

// Turn is a change of form or a loss in a lowering. From is a path of the source model and covers all below it; To are paths of the lowered model, none when it was lost. Stays says
// that an element remains on the tier before, where it is already accounted for.
type Turn struct {
	From    deploy.Path
	To      []deploy.Path
	Outcome Outcome
	Reason  string
	Remedy  string
	Stays   bool
	Later   bool // without effect here, but a later step may make use of it
}

// Assumption is a leaf that the lowering invents because the target cannot do without. lift.yaml pins it.
type Assumption struct {
	Field deploy.Path
	Value string
	Why   string
	Key   deploy.Path // under which lift.yaml pins it, where that is not Field itself
}

// Lowering is all that a step changed.
type Lowering struct {
	Moves   []deploy.Move
	Turns   []Turn
	Assumed []Assumption
}

// Severity of a Finding.
type Severity string

// Severities: an error stops the run; a warning is something that may break; info is good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Finding is something that the user should know, with its position.
type Finding struct {
	Severity Severity
	At       Pos
	What     string
	Remedy   string
}

// String prints "file:line: what; remedy".
func (f Finding) String() string {
	s := f.What
	if f.Remedy != "" {
		s += "; " + f.Remedy
	}
	if f.At.File == "" && f.At.Spec == "" {
		return s
	}
	return f.At.String() + ": " + s
}
