package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// Status is what became of one exchange.
type Status string

// Statuses.
const (
	Same      Status = "same"
	Declared  Status = "declared"   // it differs, and an allow says so
	Different Status = "different"  // it differs, and nothing says so
	NotTested Status = "not tested" // the tier has no such thing
	Unmet     Status = "unmet"      // the original itself does not answer as the file says, or not at all: nothing can be compared with it
)

// Difference is one place at which another side answers otherwise than the original.
type Difference struct {
	Place    Place
	Original string // short, without secrets
	Here     string
	Reason   string // of the allow that declares it; "": nothing does
}

// String prints the difference on a line.
func (d Difference) String() string {
	s := fmt.Sprintf("%s: original %s, here %s", d.Place, d.Original, d.Here)
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	return s
}

// Result is the comparison of one item of a file.
type Result struct {
	Item        int // index into File.Items
	File        string
	Line        int
	Name        string // "GET http://shop.example/ (the front page)"
	Workload    string // which answers, as the original calls it; "" if nobody knows
	Status      Status
	Differences []Difference
	Noise       int    // places that are noise and were compared by their form
	Why         string // it was not tested, or is unmet
	Remedy      string
}

// Compare holds the answers of another side against those of the original, whose noise is known. routes are those of the original, and tell who answers. allowed are differences that are meant in all exchanges, beside
// those that the file allows.
func Compare(f File, original, other Recording, n Noise, routes []deploy.Route, allowed ...Allow) []Result {
	var out []Result
	for i, it := range f.Items {
		r := Result{Item: i, File: f.Name, Line: it.Line, Name: it.label(), Workload: it.Workload}
		if it.Do == "" {
			r.Workload = answers(routes, it.Request.Address)
		}
		c := comparison{item: i, it: it, tier: other.tier, noise: n.places[i], mask: func(s string) string { return original.mask.text(other.mask.text(s)) }}
		for _, list := range [][]Allow{it.Allow, f.Defaults.Allow, allowed} {
			for _, a := range list {
				if a.on(other.tier) {
					c.allowed = append(c.allowed, a)
				}
			}
		}
		if i >= len(original.answers) || i >= len(other.answers) {
			r.Status, r.Why = NotTested, "the run ended before"
		} else {
			c.result(&r, original.answers[i], other.answers[i], n.unstable[i])
		}
		out = append(out, r)
	}
	return out
}

// Check holds the answers of the original against what the file says: its faults, none if all is well. They are faults of the file or of the original, and nothing can be compared before they are mended.
func Check(f File, original Recording) []Fault {
	var out []Fault
	for i, it := range f.Items {
		if i >= len(original.answers) {
			break
		}
		if why, remedy := original.answers[i].unusable(original.mask.text); why != "" {
			out = append(out, Fault{File: f.Name, Line: it.Line, What: it.label() + ": " + why, Remedy: remedy})
		}
	}
	return out
}

// unusable says why an answer of the original is nothing to compare with; "" if it is.
func (a answer) unusable(mask func(string) string) (why, remedy string) {
	switch {
	case a.nowhere != "":
		return "", ""
	case a.skipped != "":
		return "the original was not asked: " + mask(a.skipped), "mend the exchange that gives it"
	case a.fault != "":
		return "the original: " + mask(a.fault), "mend the file, or the system"
	case len(a.unmet) > 0:
		return "the original " + a.unmet[0].text(mask), "say in the file what the original answers, or mend the system"
	}
	return "", ""
}

// text tells what is expected and what is there.
func (m miss) text(mask func(string) string) string {
	here := excerpt(mask(m.here))
	if m.at.Kind == AtAnswer && m.what == anAnswer {
		return "gives no answer: " + here
	}
	what := excerpt(mask(m.what))
	if m.here == "" {
		return "has " + what
	}
	return fmt.Sprintf("should have %s, has %s", what, here)
}

// summary is an answer in a few words.
func (a answer) summary() string {
	switch {
	case a.missing != "":
		return "no answer (" + a.missing + ")"
	case a.nowhere != "":
		return a.nowhere
	case a.skipped != "":
		return "not asked (" + a.skipped + ")"
	case a.fault != "":
		return a.fault
	case a.ended != nil:
		return exitText(*a.ended)
	}
	return "status " + itoa(a.status)
}

// comparison is that of one item.
type comparison struct {
	item    int
	it      Item
	tier    string
	noise   map[Place]pattern
	allowed []Allow
	mask    func(string) string
	found   []Difference
	quiet   int
}

func (c *comparison) result(r *Result, a, b answer, unstable string) {
	if why, remedy := a.unusable(c.mask); why != "" {
		r.Status, r.Why, r.Remedy = Unmet, why, remedy
		return
	}
	switch {
	case unstable != "":
		r.Status, r.Why, r.Remedy = Unmet, unstable, "ask for something that the original answers alike each time, or wait for it with until"
		return
	case a.nowhere != "":
		r.Status, r.Why = NotTested, "the original: "+c.mask(a.nowhere)
		return
	case b.nowhere != "":
		r.Status, r.Why = NotTested, c.mask(b.nowhere)
		return
	case b.direct:
		r.Status, r.Why = NotTested, "the port is not published here"
		return
	}
	switch {
	case b.skipped != "":
		c.add(Place{Kind: AtAnswer}, a.summary(), "not asked: "+b.skipped, nil)
	case b.fault != "":
		c.add(Place{Kind: AtAnswer}, a.summary(), b.fault, nil)
	case c.it.Do != "":
		c.ends(a, b)
	case a.missing != b.missing:
		c.add(Place{Kind: AtAnswer}, a.summary(), b.summary(), nil)
	case a.ok():
		walker{noisy: func(at Place) bool { _, ok := c.noise[at]; return ok }, found: func(at Place, x, y side) { c.place(at, x, y, b) }}.walk(a, b)
		c.misses(b)
	}
	r.Differences, r.Noise = c.found, c.quiet
	r.Status = Same
	for _, d := range c.found {
		if d.Reason == "" {
			r.Status = Different
			return
		}
		r.Status = Declared
	}
}

// place judges what differs at a place.
func (c *comparison) place(at Place, x, y side, b answer) {
	original := show(at, x)
	if p, noisy := c.noise[at]; noisy {
		if p.fits(at, x, y, b) {
			c.quiet++
			return
		}
		original = p.form
	}
	c.add(at, original, show(at, y), append(x.lines, y.lines...))
}

// show is what one side has at a place, as a report shows it.
func show(at Place, s side) string {
	switch {
	case !s.there && at.Kind == AtLine:
		return "no line"
	case !s.there && at.Kind != AtBody:
		return "absent"
	case at.Kind == AtHeader && at.Name == "Set-Cookie":
		return cookies(s.text)
	case at.Kind == AtLine:
		return fmt.Sprintf("%q", s.text)
	case s.text == "":
		return "empty"
	}
	return s.text
}

// cookies hides the values of cookies.
func cookies(text string) string {
	name, rest, ok := strings.Cut(text, "=")
	if !ok {
		return text
	}
	if _, attributes, more := strings.Cut(rest, ";"); more {
		return name + "=(value);" + attributes
	}
	return name + "=(value)"
}

// add adds a difference, with the reason of the allow that means it.
func (c *comparison) add(at Place, original, here string, lines []string) {
	d := Difference{Place: at, Original: excerpt(c.mask(original)), Here: excerpt(c.mask(here))}
	if d.Original == d.Here { // the differing part is cut off, or hidden
		d.Original, d.Here = c.apart(original, here)
	}
	for _, a := range c.allowed {
		if a.Place.covers(at, lines) {
			d.Reason = a.Reason
			break
		}
	}
	c.found = append(c.found, d)
}

// apart shows two long texts from where they differ.
func (c *comparison) apart(a, b string) (string, string) {
	a, b = c.mask(a), c.mask(b)
	if a == b {
		return "a secret", "another one"
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	i = max(0, i-20)
	return "…" + excerpt(a[i:]), "…" + excerpt(b[i:])
}

// misses adds what the file expects and the other side has not, where the comparison has not told it already.
func (c *comparison) misses(b answer) {
	for _, m := range b.unmet {
		told := false
		for _, d := range c.found {
			within := m.at.Kind == AtBody && (d.Place.Kind == AtJSON || d.Place.Kind == AtLine)
			told = told || d.Place == m.at || within && d.Reason == "" // an allow of a line does not excuse what is missing beside it
		}
		if !told {
			c.add(m.at, "as the file says: "+m.what, m.here, nil)
		}
	}
}

// ends compares how a workload has ended.
func (c *comparison) ends(a, b answer) {
	if a.ended == nil || b.ended == nil {
		return
	}
	x, y := *a.ended, *b.ended
	at := Place{Kind: AtExit}
	switch {
	case x.Killed != y.Killed:
		c.add(at, exitText(x), exitText(y), nil)
	case c.it.Do == RunOnce && x.Code >= 0 && y.Code >= 0 && x.Code != y.Code:
		c.add(at, exitText(x), exitText(y), nil)
	}
	c.misses(b)
}

// digest is a body of bytes, as it is shown.
func digest(a answer) string {
	sum := sha256.Sum256(a.body)
	more := ""
	if a.cut {
		more = " and more"
	}
	return fmt.Sprintf("%d bytes%s, sha256 %s", len(a.body), more, hex.EncodeToString(sum[:6]))
}

// Stale lists the allows of a file that no result on any tier has needed: what they excuse does not happen.
func Stale(f File, results ...[]Result) []Allow {
	used := map[string]bool{}
	for _, list := range results {
		for _, r := range list {
			if r.Status == NotTested || r.Status == Unmet { // nobody knows
				for _, a := range append(f.Items[r.Item].Allow, f.Defaults.Allow...) {
					used[a.Reason] = true
				}
			}
			for _, d := range r.Differences {
				used[d.Reason] = true
			}
		}
	}
	var out []Allow
	for _, a := range f.Defaults.Allow {
		if !used[a.Reason] {
			out = append(out, a)
		}
	}
	for _, it := range f.Items {
		for _, a := range it.Allow {
			if !used[a.Reason] {
				out = append(out, a)
			}
		}
	}
	return out
}
