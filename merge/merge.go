// Package merge brings together what several sources say about the same workloads.
//
// The stronger evidence wins: what runs over what is configured over what the tree suggests. A value that a source only implies gives way to one that another states. What does not win is
// recorded as overridden by its position; where two sources state different values, that is a finding with both positions.
package merge

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Rank is the strength of a source's evidence.
type Rank int

// Ranks, from weak to strong.
const (
	Suggested  Rank = iota // the tree suggests it
	Packaged               // the image says it
	Configured             // a supervisor or platform is told so
	Running                // it is so now
	Pinned                 // the user says so in lift.yaml
)

// Input is what one source found.
type Input struct {
	Rank Rank
	detect.Result
}

// Merge returns one result. It does not depend on the order of inputs of different ranks; among inputs of one rank the first wins.
func Merge(inputs ...Input) detect.Result {
	if len(inputs) == 1 {
		deploy.Sort(&inputs[0].App)
		return inputs[0].Result
	}
	slices.SortStableFunc(inputs, func(a, b Input) int { return int(b.Rank - a.Rank) })
	var m merger
	for _, in := range inputs {
		m.add(in)
	}
	deploy.Sort(&m.out.App)
	return m.out
}

type merger struct {
	out    detect.Result
	claim  map[deploy.Path][]int // field → its live Reads in out
	starts []deploy.Path         // workloads that something starts, as against what an image or the tree suggests
}

func (m *merger) add(in Input) {
	offset := len(m.out.Doc.Settings)
	first := m.claim == nil
	if !first && in.Rank >= Configured {
		in.Result = m.align(in.Result)
	}
	if first {
		m.claim = map[deploy.Path][]int{}
	}
	m.out.Doc.Settings = append(m.out.Doc.Settings, in.Doc.Settings...)
	m.out.Doc.Places = append(m.out.Doc.Places, in.Doc.Places...)
	m.out.Findings = append(m.out.Findings, in.Findings...)
	for _, c := range in.Calls {
		c.Setting += offset
		m.out.Calls = append(m.out.Calls, c)
	}
	for _, h := range in.Handoffs {
		h.Setting += offset
		m.out.Handoffs = append(m.out.Handoffs, h)
	}
	base := len(m.out.Doc.Reads)
	loses := map[deploy.Path]string{} // fields of in that another source gives, with the reason
	if !first {
		m.resolve(in, loses)
	} else {
		m.out.App = deploy.Clone(in.App)
	}
	for _, r := range in.Doc.Reads {
		r.Setting += offset
		r.Fields = slices.Clone(r.Fields)
		why := ""
		r.Fields = slices.DeleteFunc(r.Fields, func(f deploy.Path) bool {
			reason, lost := loses[f]
			if lost && (why == "" || strings.HasPrefix(reason, outweighed)) {
				why = reason
			}
			return lost
		})
		if why != "" && len(r.Fields) == 0 {
			r.Outcome, r.Reason, r.Remedy = ledger.Overridden, why, ""
		}
		m.out.Doc.Reads = append(m.out.Doc.Reads, r)
	}
	m.oneReason(base)
	for i := base; i < len(m.out.Doc.Reads); i++ {
		for _, f := range m.out.Doc.Reads[i].Fields {
			m.claim[f] = append(m.claim[f], i)
		}
	}
	m.out.Owns = append(m.out.Owns, in.Owns...)
	if in.Rank >= Configured {
		m.starts = append(m.starts, in.Owns...)
	}
}

// oneReason gives the reads of a setting that lost for several reasons the one that matters most: a contradiction, then what a line of a file states as well.
func (m *merger) oneReason(base int) {
	best := map[int]string{}
	for _, prefix := range []string{"stated at ", outweighed} {
		for _, r := range m.out.Doc.Reads[base:] {
			if strings.HasPrefix(r.Reason, prefix) && !strings.HasPrefix(r.Reason, prefix+"(") {
				best[r.Setting] = r.Reason
			}
		}
	}
	for i := base; i < len(m.out.Doc.Reads); i++ {
		if r := &m.out.Doc.Reads[i]; r.Outcome == ledger.Overridden && best[r.Setting] != "" {
			r.Reason = best[r.Setting]
		}
	}
}

// resolve decides, for each leaf of the weaker input, whether it joins the model, takes the place of a merely implied value, or loses.
func (m *merger) resolve(in Input, loses map[deploy.Path]string) {
	theirs := map[deploy.Path]int{}
	for i, r := range in.Doc.Reads {
		for _, f := range r.Fields {
			theirs[f] = i
		}
	}
	without := map[string][]string{} // workload → variables that the stronger source does not set
	defer func() { m.surplus(in, without) }()
	deploy.Visit(in.App, func(path []byte, l deploy.Leaf) {
		p := deploy.Path(path)
		if l.Presence() {
			return
		}
		i, claimed := theirs[p]
		implied := claimed && in.Doc.Settings[in.Doc.Reads[i].Setting].Implied
		twice := m.twice(in, p) // both start the workload: the stronger one says all that it is started with
		if twice && !deploy.Has(m.out.App, p) {
			loses[p] = "another source starts this workload, without it"
			if n := p.Names(); !implied && n[2] == "env" {
				without[n[1]] = append(without[n[1]], n[3])
			}
			return
		}
		if twice && implied {
			loses[p] = "a default of a source that does not start this workload"
			return
		}
		if !deploy.Has(m.out.App, p) {
			if implied && !owns(in.Owns, p) {
				loses[p] = "a default of a source that does not start this workload"
				return
			}
			_ = deploy.Graft(&m.out.App, p, in.App, p) // both have the model's shape
			return
		}
		holder := m.setting(p)
		if holder != nil && holder.Implied && !implied && claimed && !twice {
			m.release(p, "a stated value takes the place of the default: "+in.Doc.Settings[in.Doc.Reads[i].Setting].At.String())
			_ = deploy.Graft(&m.out.App, p, in.App, p)
			return
		}
		at := "another source"
		if holder != nil {
			at = holder.At.String()
		}
		loses[p] = outweighed + at
		if same(m.out.App, in.App, p) {
			loses[p] = "stated at " + at + " as well"
			return
		}
		if claimed && !implied && holder != nil && !holder.Implied {
			if n := p.Names(); n[0] == "workloads" && len(n) > 2 && n[2] == "command" && slices.Equal(words(workload(&in.App, n[1]).Command), words(workload(&m.out.App, n[1]).Command)) {
				loses[p] = "stated at " + at + " as well"
				return
			}
			m.contradict(in, p, in.Doc.Settings[in.Doc.Reads[i].Setting], *holder)
		}
	})
}

// twice reports whether the input starts a workload that a stronger one starts, too.
func (m *merger) twice(in Input, p deploy.Path) bool {
	return in.Rank >= Configured && owns(in.Owns, p) && owns(m.starts, p)
}

// outweighed begins the reason of a value that contradicts a stronger one.
const outweighed = "stated with more weight at "

func owns(list []deploy.Path, p deploy.Path) bool {
	return slices.ContainsFunc(list, func(w deploy.Path) bool { return p.Under(w) })
}

func same(a, b deploy.App, p deploy.Path) bool {
	var x, y deploy.App
	_ = deploy.Graft(&x, p, a, p)
	_ = deploy.Graft(&y, p, b, p)
	return len(deploy.Diff(x, y)) == 0
}

func (m *merger) setting(p deploy.Path) *ledger.Setting {
	if is := m.claim[p]; len(is) > 0 {
		return &m.out.Doc.Settings[m.out.Doc.Reads[is[0]].Setting]
	}
	return nil
}

func (m *merger) release(p deploy.Path, why string) {
	for _, i := range m.claim[p] {
		r := &m.out.Doc.Reads[i]
		r.Fields = slices.DeleteFunc(r.Fields, func(f deploy.Path) bool { return f == p })
		if len(r.Fields) == 0 {
			r.Outcome, r.Reason, r.Remedy = ledger.Overridden, why, ""
		}
	}
	delete(m.claim, p)
}
