package podspec

import (
	"fmt"
	"strings"
	"time"

	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

// what names the kind of a value without quoting it: it may be secret.
func what(n yamldoc.Node) string {
	switch {
	case n.IsMap():
		return "a mapping"
	case n.IsSeq():
		return "a list"
	case n.IsNull():
		return "empty"
	}
	switch n.Tag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	}
	return "text"
}

// Wrong records a value of the wrong kind: nothing is written then.
func (r *Reader) Wrong(n yamldoc.Node, remedy string) {
	r.Bad(n, "is "+what(n), remedy)
}

// Bad records a fault of a value; everything below it is accounted for.
func (r *Reader) Bad(n yamldoc.Node, fault, remedy string) {
	r.Rec.Find(ledger.Error, n.Pos(), n.Path+" "+fault, remedy)
	r.leftover(n, "its value cannot be read")
}

// leftover drops what is not accounted for at or below a node.
func (r *Reader) leftover(n yamldoc.Node, reason string) {
	for _, s := range n.Settings() {
		if !r.Rec.Accounted(s) {
			r.Rec.Drop(s, reason, "")
		}
	}
}

// Drop drops everything below a node, with values hidden.
func (r *Reader) Drop(n yamldoc.Node, reason, remedy string) {
	for _, s := range n.Settings() {
		r.Rec.Drop(s, reason, remedy)
	}
}

// Inert accounts for everything below a node as without behaviour.
func (r *Reader) Inert(n yamldoc.Node, reason string) {
	for _, s := range n.Settings() {
		r.Rec.Inert(s, reason)
	}
}

// Show is Inert with the values shown.
func (r *Reader) Show(n yamldoc.Node, reason string) {
	for _, s := range n.Settings() {
		r.Rec.Show(s)
		r.Rec.Inert(s, reason)
	}
}

func (r *Reader) unknown(n yamldoc.Node, name, section string, known []string) {
	reason, remedy := section+" has no such field", ""
	if s := nearest.Name(name, known); s != "" {
		remedy = fmt.Sprintf("did you mean %q?", s)
	} else {
		remedy = "check the name and the indentation"
	}
	r.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
	r.Drop(n, reason, remedy)
}

// mapping reports whether there is a mapping with something in it.
func (r *Reader) mapping(n yamldoc.Node) bool {
	switch {
	case !n.Exists():
		return false
	case n.IsNull():
		r.Rec.Inert(n.Setting(), "null is the same as leaving it out")
		return false
	case !n.IsMap():
		r.Wrong(n, "write a mapping")
		return false
	case n.IsLeaf():
		if !r.Rec.Accounted(n.Setting()) {
			r.Rec.Inert(n.Setting(), "an empty mapping says nothing")
		}
		return false
	}
	return true
}

// Each calls f for the elements of a list.
func (r *Reader) Each(n yamldoc.Node, f func(yamldoc.Node)) {
	switch {
	case !n.Exists():
	case n.IsNull():
		r.Rec.Inert(n.Setting(), "null is the same as leaving it out")
	case !n.IsSeq():
		r.Wrong(n, "write a list")
	case n.IsLeaf():
		r.Rec.Inert(n.Setting(), "an empty list says nothing")
	default:
		for _, item := range n.Items() {
			f(item)
		}
	}
}

// Pairs calls f for the pairs of a mapping with free keys.
func (r *Reader) Pairs(n yamldoc.Node, f func(key string, v yamldoc.Node)) {
	if !r.mapping(n) {
		return
	}
	seen := map[string]bool{}
	for _, e := range n.Entries() {
		if seen[e.Key] {
			r.Rec.Find(ledger.Error, e.Value.KeyPos(), e.Value.Path+" is there twice", "remove one of them")
			r.leftover(e.Value, "the key is there twice")
			continue
		}
		seen[e.Key] = true
		f(e.Key, e.Value)
	}
}

// Text returns a text. Its setting stays hidden.
func (r *Reader) Text(n yamldoc.Node) (string, bool) {
	if !n.IsScalar() || n.IsNull() {
		r.Wrong(n, "write text")
		return "", false
	}
	switch n.Tag() {
	case "!!int", "!!float", "!!bool":
		r.Wrong(n, "the API takes text here: put it in quotes")
		return "", false
	}
	if !n.Quoted() {
		switch strings.ToLower(n.Str()) {
		case "y", "yes", "n", "no", "on", "off":
			r.Rec.Find(ledger.Warning, n.Pos(), n.Path+" is text for some tools and true or false for others", "put it in quotes")
		}
	}
	return n.Str(), true
}

// Plain returns the text of a scalar that is text, without a word about any other.
func Plain(n yamldoc.Node) string {
	switch n.Tag() {
	case "!!int", "!!float", "!!bool":
		return ""
	}
	return n.Str()
}

// Name is Text with the setting shown: a name, not a value.
func (r *Reader) Name(n yamldoc.Node) (string, bool) {
	s, ok := r.Text(n)
	if ok {
		r.Rec.Show(n.Setting())
		if s == "" {
			r.Bad(n, "is empty", "write a name")
			return "", false
		}
	}
	return s, ok
}

// OneOf returns a text that is one of some.
func (r *Reader) OneOf(n yamldoc.Node, allowed ...string) (string, bool) {
	s, ok := r.Text(n)
	if !ok {
		return "", false
	}
	for _, a := range allowed {
		if s == a {
			r.Rec.Show(n.Setting())
			return s, true
		}
	}
	remedy := "use " + strings.Join(allowed, ", ")
	if m := nearest.Name(s, allowed); m != "" {
		remedy = fmt.Sprintf("did you mean %q? %s", m, remedy)
	}
	r.Bad(n, "has an unknown value", remedy)
	return "", false
}

// Int returns a whole number within bounds.
func (r *Reader) Int(n yamldoc.Node, low, high int64) (int64, bool) {
	v, ok := n.Int()
	if !n.IsScalar() || n.Quoted() || n.Tag() != "!!int" || !ok {
		r.Wrong(n, "write a whole number, without quotes")
		return 0, false
	}
	r.Rec.Show(n.Setting())
	if v < low || v > high {
		r.Bad(n, fmt.Sprintf("%d is out of bounds", v), fmt.Sprintf("use %d to %d", low, high))
		return 0, false
	}
	return v, true
}

const (
	maxInt32   = 1<<31 - 1
	maxInt64   = 1<<63 - 1
	maxSeconds = int64(1<<63-1) / int64(time.Second)
)

// Seconds returns a duration that is written as a whole number of seconds.
func (r *Reader) Seconds(n yamldoc.Node, low int64) (time.Duration, bool) {
	v, ok := r.Int(n, low, min(maxSeconds, maxInt32))
	return time.Duration(v) * time.Second, ok
}

// Bool returns true or false.
func (r *Reader) Bool(n yamldoc.Node) (bool, bool) {
	v, ok := n.Bool()
	if !n.IsScalar() || n.Quoted() || !ok {
		r.Wrong(n, "write true or false, without quotes")
		return false, false
	}
	r.Rec.Show(n.Setting())
	return v, true
}

// quantity returns a quantity in units of 1/unit, rounded up where it is finer than that.
func (r *Reader) quantity(n yamldoc.Node, unit int64) (v int64, exact, ok bool) {
	if !n.IsScalar() || n.IsNull() || n.Tag() == "!!bool" {
		r.Wrong(n, "write a quantity, such as 500m or 512Mi")
		return 0, false, false
	}
	v, exact, err := Quantity(n.Str(), unit)
	if err != nil {
		r.Bad(n, fmt.Sprintf("%.40q %v", n.Str(), err), "write a quantity, such as 500m or 512Mi")
		return 0, false, false
	}
	r.Rec.Show(n.Setting())
	return v, exact, true
}
