package report

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/deploylift/lift/verify/run"
)

// TrialSchema is the JSON schema (draft 2020-12) of a trial's JSON output.
//
//go:embed trial.schema.json
var TrialSchema []byte

// Trial is the report of a run of both sides: the stable contract of its JSON output.
type Trial struct {
	Version  int            `json:"version"` // of this format: 1
	Verb     string         `json:"verb"`    // verify --run
	System   string         `json:"system"`
	Run      string         `json:"run"`      // the nonce
	Original string         `json:"original"` // the runner of the tier that is migrated from
	Tiers    []string       `json:"tiers"`    // the runners of the others
	Summary  TrialSummary   `json:"summary"`
	Findings []TrialFinding `json:"findings"`
	Skipped  []run.Skip     `json:"skipped"`
}

// TrialSummary counts findings, and says what they come to.
type TrialSummary struct {
	Equivalent bool   `json:"equivalent"`
	Exchanges  Counts `json:"exchanges"`
	Aspects    Counts `json:"aspects"`
}

// Counts are numbers of findings by status.
type Counts struct {
	Same       int `json:"same"`
	Declared   int `json:"declared"`
	Undeclared int `json:"undeclared"`
	NotTested  int `json:"notTested"`
}

// Compared is how many were compared.
func (c Counts) Compared() int { return c.Same + c.Declared + c.Undeclared }

// TrialFinding is one comparison, with the place of the setting that it is about.
type TrialFinding struct {
	run.Finding
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Spec string `json:"spec,omitempty"`
}

// NewTrial makes the report of a verdict.
func NewTrial(v run.Verdict) Trial {
	t := Trial{Version: 1, Verb: "verify --run", System: v.System, Run: v.Nonce, Original: v.Original, Tiers: v.Tiers, Skipped: v.Skipped, Findings: []TrialFinding{}}
	if t.Skipped == nil {
		t.Skipped = []run.Skip{}
	}
	count := func(exchanges bool) Counts {
		return Counts{v.Count(run.Same, exchanges), v.Count(run.Declared, exchanges), v.Count(run.Undeclared, exchanges), v.Count(run.NotTested, exchanges)}
	}
	t.Summary = TrialSummary{Equivalent: v.Equivalent(), Exchanges: count(true), Aspects: count(false)}
	for _, f := range v.Findings {
		t.Findings = append(t.Findings, TrialFinding{f, f.At.File, f.At.Line, f.At.Spec})
	}
	return t
}

// JSON writes the report as indented JSON.
func (t Trial) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(t)
}

// Text writes the report for a terminal, the most important first.
func (t Trial) Text(w io.Writer, colour bool) error {
	p := printer{w: w, colour: colour}
	t.write(&p)
	return p.err
}

// Markdown writes the report for a pull request.
func (t Trial) Markdown(w io.Writer) error {
	p := printer{w: w, markdown: true}
	t.write(&p)
	return p.err
}

func (t Trial) write(p *printer) {
	if p.markdown {
		p.line("# %s: %s → %s, run and compared", t.System, t.Original, strings.Join(t.Tiers, ", "))
	}
	t.undeclared(p)
	t.declared(p)
	t.remarkable(p)
	t.notTested(p)
	p.heading("What was compared with %s", t.Original)
	p.table(table([]Trial{t}))
	p.line("")
	p.line("%s", t.Line())
}

// undeclared lists what nothing declares, one by one: each is a reason not to switch.
func (t Trial) undeclared(p *printer) {
	heading := false
	for _, f := range t.Findings {
		if f.Status != run.Undeclared {
			continue
		}
		if !heading {
			p.heading("Undeclared differences")
			heading = true
		}
		p.row(p.paint("undeclared")+": "+subject(f), f.Reason, was(p, f.Finding))
		if f.Remedy != "" {
			p.line("      → %s", f.Remedy)
		}
	}
}

// was is how the two sides differ: before, and here.
func was(p *printer, f run.Finding) string {
	if f.Original == "" && f.Here == "" {
		return ""
	}
	return fmt.Sprintf("%s → %s", p.code(orNothing(f.Original)), p.code(orNothing(f.Here)))
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

func subject(f TrialFinding) string {
	s := f.Tier + ": "
	if f.Workload != "" {
		s += f.Workload + ": "
	}
	s += f.Aspect
	if at := position(f); at != "" {
		s += " (" + at + ")"
	}
	return s
}

func position(f TrialFinding) string {
	switch {
	case f.File != "":
		return f.At.String()
	case f.Spec != "":
		return f.Spec
	}
	return ""
}

// declared lists the differences that the ledger foretold, those with one reason together.
func (t Trial) declared(p *printer) {
	t.grouped(p, "Differences, as the ledger declares them", run.Declared, func(f TrialFinding) string {
		return f.Workload + " " + f.Aspect + " " + was(p, f.Finding)
	})
}

// remarkable lists what is the same although the ledger calls it lost: the platform happens to do the same on this machine, and another one may not.
func (t Trial) remarkable(p *printer) {
	t.grouped(p, "The same, although declared as lost", run.Same, func(f TrialFinding) string { return f.Workload + " " + f.Aspect })
}

// notTested lists what the verdict does not cover, those with one reason together.
func (t Trial) notTested(p *printer) {
	t.grouped(p, "Not tested", run.NotTested, func(f TrialFinding) string { return strings.TrimSpace(f.Workload + " " + f.Aspect) })
	if len(t.Skipped) > 0 {
		for _, s := range t.Skipped {
			p.row(s.Tier, "all of it: "+s.Why)
		}
	}
}

// mostNames is how many of a group are named on a terminal; Markdown and JSON have all.
const mostNames = 6

// grouped prints findings of a status under their reasons. Findings without a reason have nothing to tell.
func (t Trial) grouped(p *printer, title string, status run.Status, name func(TrialFinding) string) {
	type group struct {
		tier, reason, remedy string
		names                []string
	}
	var groups []*group
	index := map[[3]string]*group{}
	for _, f := range t.Findings {
		if f.Status != status || f.Reason == "" {
			continue
		}
		key := [3]string{f.Tier, f.Reason, f.Remedy}
		g := index[key]
		if g == nil {
			g = &group{tier: f.Tier, reason: f.Reason, remedy: f.Remedy}
			index[key] = g
			groups = append(groups, g)
		}
		g.names = append(g.names, name(f))
	}
	if len(groups) == 0 {
		return
	}
	p.heading("%s", title)
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Compare(slices.Index(t.Tiers, a.tier), slices.Index(t.Tiers, b.tier))
	})
	for _, g := range groups {
		if n := len(g.names); n > mostNames && !p.markdown {
			g.names = append(g.names[:mostNames-1], fmt.Sprintf("and %d more", n-mostNames+1))
		}
		p.row(g.tier+": "+g.reason, strings.Join(g.names, ", "))
		if g.remedy != "" {
			p.line("      → %s", g.remedy)
		}
	}
}

// kinds are the rows of the table: what an aspect is about, by what its name begins with.
var kinds = []struct{ title, prefix string }{
	{"requests and answers", "exchange:"},
	{"arguments", "argv"},
	{"variables", "env."},
	{"directory", "dir"},
	{"user and groups", "user group groups"},
	{"umask", "umask"},
	{"open files", "limits."},
	{"memory, CPU, processes", "cgroup."},
	{"privileges", "security."},
	{"what can be written", "write."},
	{"file systems", "mount."},
	{"configuration files", "file."},
	{"names and addresses", "reach."},
	{"ports on the machine", "published."},
	{"the way in from outside", "door."},
	{"replicas", "replicas"},
	{"restarts", "restart."},
	{"stop: signal, order, patience", "stop."},
	{"jobs", "run"},
	{"streams, signals, the rest", ""},
}

// table returns the comparisons of all trials by what they are about, a row each, with a cell for each tier: the first row holds the tiers.
func table(trials []Trial) [][]string {
	var tiers []string
	cells := map[string]*Counts{}
	for _, t := range trials {
		for _, tier := range t.Tiers {
			if !slices.Contains(tiers, tier) {
				tiers = append(tiers, tier)
			}
		}
		for _, f := range t.Findings {
			key := fmt.Sprint(kindOf(f.Aspect), f.Tier)
			if cells[key] == nil {
				cells[key] = &Counts{}
			}
			cells[key].add(f.Status)
		}
	}
	out := [][]string{append([]string{""}, tiers...)}
	for i, k := range kinds {
		row := []string{k.title}
		some := false
		for _, tier := range tiers {
			c := cells[fmt.Sprint(i, tier)]
			some = some || c != nil
			if c == nil {
				c = &Counts{}
			}
			row = append(row, c.String())
		}
		if some {
			out = append(out, row)
		}
	}
	return out
}

func (c *Counts) add(s run.Status) {
	switch s {
	case run.Same:
		c.Same++
	case run.Declared:
		c.Declared++
	case run.Undeclared:
		c.Undeclared++
	default:
		c.NotTested++
	}
}

// Overview writes one table over several trials in Markdown, and a line for each of them.
func Overview(w io.Writer, trials []Trial) error {
	p := printer{w: w, markdown: true}
	p.table(table(trials))
	p.line("")
	for _, t := range trials {
		p.line("- %s", t.Line())
	}
	return p.err
}

// String prints the counts that are not zero.
func (c Counts) String() string {
	var out []string
	for _, n := range []struct {
		n    int
		word string
	}{{c.Undeclared, "UNDECLARED"}, {c.Same, "same"}, {c.Declared, "as declared"}, {c.NotTested, "not tested"}} {
		if n.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n.n, n.word))
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}

func kindOf(aspect string) int {
	for i, k := range kinds {
		for _, prefix := range strings.Fields(k.prefix) {
			if aspect == prefix || strings.HasPrefix(aspect, prefix) && strings.ContainsAny(prefix[len(prefix)-1:], ".:") {
				return i
			}
		}
	}
	return len(kinds) - 1
}

// table prints rows in columns; the first row is the head.
func (p *printer) table(rows [][]string) {
	if p.markdown {
		for i, r := range rows {
			p.line("| %s |", strings.Join(r, " | "))
			if i == 0 {
				p.line("|%s", strings.Repeat("-|", len(r)))
			}
		}
		return
	}
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			b.WriteString("  " + cell + strings.Repeat(" ", width[i]-len([]rune(cell))))
		}
		p.line("%s", strings.TrimRight(b.String(), " "))
	}
}

// Line is the verdict in one line.
func (t Trial) Line() string {
	e, a := t.Summary.Exchanges, t.Summary.Aspects
	n := fmt.Sprintf("%s and %s", plural(e.Compared(), "exchange", "exchanges"), plural(a.Compared(), "aspect", "aspects"))
	rest := fmt.Sprintf("; %d differ as declared, %d not tested", e.Declared+a.Declared, e.NotTested+a.NotTested)
	if len(t.Skipped) > 0 {
		var names []string
		for _, s := range t.Skipped {
			names = append(names, s.Tier)
		}
		rest += "; not run: " + strings.Join(names, ", ")
	}
	switch {
	case e.Compared()+a.Compared() == 0:
		return t.System + ": nothing was compared" + rest
	case t.Summary.Equivalent:
		return t.System + ": equivalent on " + n + rest
	}
	return fmt.Sprintf("%s: NOT equivalent: %s on %s%s", t.System, plural(e.Undeclared+a.Undeclared, "undeclared difference", "undeclared differences"), n, rest)
}
