package exchange

import (
	"strings"
	"time"
)

// File is a file of exchanges.
type File struct {
	Name     string   // where it was read, for messages
	Comment  []string // at the top, without the signs
	Defaults Defaults
	Items    []Item
	End      []string // comment after the last item
}

// Defaults hold for all exchanges of a file.
type Defaults struct {
	Line    int
	Comment []string
	Timeout time.Duration // 0: the usual one
	Headers []Header      // that a request has unless it names them itself
	User    string        // NAME:PASSWORD, "" for none
	Allow   []Allow
}

// given reports whether a file says any.
func (d Defaults) given() bool {
	return len(d.Comment) > 0 || d.Timeout > 0 || len(d.Headers) > 0 || d.User != "" || len(d.Allow) > 0
}

// Verb is what a step does to a workload.
type Verb string

// Verbs of steps.
const (
	Restart Verb = "restart"
	Stop    Verb = "stop"
	Begin   Verb = "begin"
	RunOnce Verb = "run"
)

// Item is one thing that is done: an exchange, or a step.
type Item struct {
	Line     int
	Comment  []string // without the signs
	Title    string
	Do       Verb   // "" for an exchange
	Workload string // of a step
	Request  Request
	Timeout  time.Duration // 0: that of the defaults
	Until    time.Duration // 0: asked once
	Every    time.Duration // between two tries; 0: the usual pause
	Expect   Expect
	Keep     []Keep
	Allow    []Allow
}

// Name is how the item is called in reports, as it is written: variables are not replaced.
func (i Item) Name() string {
	if i.Do != "" {
		return string(i.Do) + " " + i.Workload
	}
	return i.Request.Method + " " + i.Request.Address.String()
}

// Way is the way that a request takes.
type Way string

// Ways.
const (
	Direct    Way = ""          // to the program itself
	Published Way = "published" // to the port that the machine offers
	Outside   Way = "outside"   // through what stands in front of the system
)

// Address is where a request goes.
type Address struct {
	Way      Way
	Workload string // with Direct and Published
	Port     int
	Scheme   string // with Outside
	Host     string
	Path     string // with the query
}

// String prints the address as it is written.
func (a Address) String() string {
	switch a.Way {
	case Outside:
		return a.Scheme + "://" + a.Host + a.Path
	case Published:
		return "published " + a.service() + a.Path
	}
	return a.service() + a.Path
}

func (a Address) service() string { return a.Workload + ":" + itoa(a.Port) }

// Header is one header field.
type Header struct{ Name, Value string }

// Request is what is asked.
type Request struct {
	Method    string
	Address   Address
	Headers   []Header
	User      string // NAME:PASSWORD, "" for none
	WebSocket bool
	Body      *Body
}

// Form is how a body is written.
type Form string

// Forms of bodies.
const (
	Text   Form = "body"
	JSON   Form = "json"
	Fields Form = "form"
)

// Body is what a request carries.
type Body struct {
	Form   Form
	Text   string // with Text and JSON
	Fields []Field
}

// Field is one field of a form.
type Field struct{ Name, Value string }

// Expect is what must hold on every side.
type Expect struct {
	Status   string // "200", "2xx", "" for any
	NoAnswer bool
	Headers  []WantHeader
	Body     []Want
	Exit     *int // of a run; nil: 0
	Output   []Want
}

// empty reports whether nothing is expected.
func (e Expect) empty() bool {
	return e.Status == "" && !e.NoAnswer && len(e.Headers) == 0 && len(e.Body) == 0 && e.Exit == nil && len(e.Output) == 0
}

// Op is how something is held against what is expected.
type Op string

// Ops.
const (
	Is           Op = ""
	Contains     Op = "contains"
	Fits         Op = "~"
	Absent       Op = "no"
	IsJSON       Op = "json"
	ContainsJSON Op = "json contains"
)

// WantHeader is what a header must be: Is, Fits or Absent.
type WantHeader struct {
	Name  string
	Op    Op
	Value string
}

// Want is what a body or an output must be.
type Want struct {
	Op   Op
	Text string
}

// Keep takes a value out of an answer.
type Keep struct {
	Name    string
	From    string // "json", "header", "cookie", "body"
	What    string // path, or name
	Pattern string // "" for the value as it is
}

// Allow is a difference that is meant.
type Allow struct {
	Tiers  []string // nil: on all of them
	Place  Place
	Reason string
}

// on reports whether it holds on a tier.
func (a Allow) on(tier string) bool {
	if len(a.Tiers) == 0 {
		return true
	}
	for _, t := range a.Tiers {
		if t == tier {
			return true
		}
	}
	return false
}

// Fault is something wrong with a file of exchanges.
type Fault struct {
	File   string
	Line   int
	What   string
	Remedy string
}

// String prints the fault for a person.
func (f Fault) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
	}
	if f.Line > 0 {
		b.WriteString(itoa(f.Line) + ":")
	}
	if b.Len() > 0 {
		b.WriteString(" ")
	}
	b.WriteString(f.What)
	if f.Remedy != "" {
		b.WriteString("; " + f.Remedy)
	}
	return b.String()
}

// Error makes a fault an error.
func (f Fault) Error() string { return f.String() }
