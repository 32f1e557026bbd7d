package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// Text writes the report for a terminal, the most important first. With colour, severities stand out.
func (r Report) Text(w io.Writer, colour bool) error {
	p := printer{w: w, colour: colour}
	r.write(&p)
	return p.err
}

// Markdown writes the report for a pull request.
func (r Report) Markdown(w io.Writer) error {
	p := printer{w: w, markdown: true}
	r.write(&p)
	return p.err
}

// printer writes headings, rows and tables in one of two styles.
type printer struct {
	w                io.Writer
	colour, markdown bool
	err              error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) heading(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	switch {
	case p.markdown:
		p.line("\n## %s\n", text)
	case p.colour:
		p.line("\n\x1b[1m%s\x1b[0m", text)
	default:
		p.line("\n%s", text)
	}
}

// paint colours a word by its weight.
func (p *printer) paint(word string) string {
	codes := map[string]string{"error": "31;1", "undeclared": "31;1", "dropped": "31", "removed": "31", "warning": "33;1", "approximated": "33", "changed": "33", "info": "36", "create": "32", "update": "33", "delete": "31"}
	switch code, ok := codes[word]; {
	case p.markdown:
		return "**" + word + "**"
	case p.colour && ok:
		return "\x1b[" + code + "m" + word + "\x1b[0m"
	}
	return word
}

func (p *printer) code(s string) string {
	if p.markdown && s != "" {
		return "`" + s + "`"
	}
	return s
}

func (p *printer) row(first string, rest ...string) {
	text := strings.Join(slices.DeleteFunc(rest, func(s string) bool { return s == "" }), "; ")
	if p.markdown {
		p.line("- %s: %s", first, text)
		return
	}
	p.line("  %s: %s", first, text)
}

func (r Report) write(p *printer) {
	if p.markdown {
		title := "lift " + r.Verb
		if r.Target != "" {
			title += " → " + r.Target
		}
		p.line("# %s", title)
	}
	r.findings(p)
	r.differences(p)
	if r.Verb != "verify" {
		r.losses(p)
		r.workloads(p)
		r.assumptions(p)
		r.files(p)
	}
	if r.Diff != "" {
		p.heading("Changes")
		if p.markdown {
			p.line("```diff\n%s```", r.Diff)
		} else {
			p.line("%s", strings.TrimSuffix(colourDiff(r.Diff, p.colour), "\n"))
		}
	}
	p.line("")
	p.line("%s", r.Line())
}

// Line is the report in one line.
func (r Report) Line() string {
	s := r.Summary
	if r.Verb == "verify" {
		faults := 0
		for _, f := range r.Findings {
			if f.Severity == "error" {
				faults++
			}
		}
		switch {
		case len(r.Differences) == 0 && faults > 0:
			return "the files are not as they were written: " + plural(faults, "error", "errors")
		case len(r.Differences) == 0:
			return fmt.Sprintf("the files say what the sources mean: %d workloads, %d settings and %d defaults compared", len(r.Workloads), s.Settings, s.Implied)
		}
		return fmt.Sprintf("%s between the files and what the sources mean", plural(len(r.Differences), "difference", "differences"))
	}
	text := plural(len(r.Workloads), "workload", "workloads")
	if s.Stays > 0 {
		text += fmt.Sprintf(" (%d on the tier before)", s.Stays)
	}
	text += ", " + plural(s.Settings, "setting", "settings") + ": "
	if r.Verb == "detect" {
		return text + fmt.Sprintf("%d read, %d dropped, %d overridden, %d without effect; %d defaults of the platform", s.Converted+s.Approximated, s.Dropped, s.Overridden, s.Inert, s.Implied)
	}
	text += fmt.Sprintf("%d converted, %d approximated, %d dropped, %d overridden, %d without effect; of %d defaults of the platform %d differ", s.Converted, s.Approximated, s.Dropped, s.Overridden, s.Inert, s.Implied, s.ImpliedLost)
	if s.Accepted > 0 {
		text += "; " + plural(s.Accepted, "loss", "losses") + " accepted"
	}
	return text
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (r Report) findings(p *printer) {
	if len(r.Findings) == 0 {
		return
	}
	p.heading("Findings")
	for _, f := range r.Findings {
		at := f.File
		if f.Line > 0 {
			at += fmt.Sprintf(":%d", f.Line)
		}
		text := f.What
		if f.Remedy != "" {
			text += "; " + f.Remedy
		}
		if at != "" {
			text = p.code(at) + ": " + text
		}
		p.row(p.paint(f.Severity), text)
	}
}

func (r Report) differences(p *printer) {
	if len(r.Differences) == 0 {
		return
	}
	p.heading("Differences")
	for _, d := range r.Differences {
		text := p.code(d.Field)
		switch d.Kind {
		case "removed":
			text += " is missing"
		case "added":
			text += " is there, but the sources do not say it"
		case "collision":
			text += " stands for two things of the source"
		default:
			if text += " is not as it was written"; d.Meant != d.Found {
				text = fmt.Sprintf("%s should be %q, but is %q", p.code(d.Field), d.Meant, d.Found)
			}
		}
		where := d.Target
		if d.Here != nil {
			where = d.Here.String()
		}
		from := ""
		if d.Source != nil {
			from = "it comes from " + p.code(d.Source.String())
		}
		p.row(p.code(where), text, from)
	}
}

// group is several settings of which the same is to be said.
type group struct {
	reason, remedy string
	outcome        string // with accepted: the one of its first entry
	accepted       string // why lift.yaml takes it, and where it says so
	keys           []string
	at             map[string][]string // by key
}

// losses prints dropped and approximated settings, stated ones first, those that platforms imply last and together.
func (r Report) losses(p *printer) {
	if r.Verb == "detect" && r.Summary.Dropped+r.Summary.Approximated == 0 {
		return
	}
	for _, o := range []string{"dropped", "approximated"} {
		gs := groups(r.Ledger, func(e Entry) bool { return e.Outcome == o && !e.Implied && e.Accepted == "" })
		if len(gs) == 0 {
			continue
		}
		p.heading("%s", map[string]string{"dropped": "Dropped: the target does not do it", "approximated": "Approximated: the target does it nearly so"}[o])
		for _, g := range gs {
			p.loss(g)
		}
	}
	if r.Verb == "detect" {
		return
	}
	r.accepted(p)
	gs := groups(r.Ledger, func(e Entry) bool { return (e.Outcome == "dropped" || e.Outcome == "approximated") && e.Implied })
	if len(gs) > 0 {
		p.heading("Defaults of the source's platform that change")
		for _, g := range gs {
			keys := make([]string, len(g.keys))
			for i, k := range g.keys {
				keys[i] = p.code(k)
				if n := len(g.at[k]); n > 1 {
					keys[i] += fmt.Sprintf(" (%d times)", n)
				}
			}
			p.row(strings.Join(keys, ", "), g.reason)
		}
	}
}

// accepted prints the losses that lift.yaml declares to be harmless, with the reasons that it gives.
func (r Report) accepted(p *printer) {
	gs := groups(r.Ledger, func(e Entry) bool { return e.Accepted != "" })
	if len(gs) == 0 && len(r.AcceptedStays) == 0 {
		return
	}
	p.heading("Accepted in lift.yaml")
	for _, g := range gs {
		g.reason, g.remedy = g.outcome+": "+g.reason, g.accepted
		p.loss(g)
	}
	for _, s := range r.AcceptedStays {
		p.row(s.Workload, "stays on the tier before", s.Reason+" ("+s.At.String()+")")
	}
}

// loss prints what became of settings: where they stand, why, and what to do.
func (p *printer) loss(g group) {
	if p.markdown {
		where := make([]string, len(g.keys))
		for i, k := range g.keys {
			where[i] = p.code(k) + " " + p.code(strings.Join(g.at[k], ", "))
		}
		p.line("- %s: %s%s", strings.Join(where, ", "), g.reason, arrow("  \n  → ", g.remedy))
		return
	}
	for _, k := range g.keys {
		p.line("  %s  %s", strings.Join(g.at[k], ", "), k)
	}
	p.line("      %s%s", g.reason, arrow("\n      → ", g.remedy))
}

func arrow(before, remedy string) string {
	if remedy == "" {
		return ""
	}
	return before + remedy
}

// groups joins the entries that have reason and remedy in common.
func groups(all []Entry, want func(Entry) bool) []group {
	var out []group
	for _, e := range all {
		if !want(e) {
			continue
		}
		at := e.File
		if e.Line > 0 {
			at += fmt.Sprintf(":%d", e.Line)
		}
		accepted := ""
		if e.Accepted != "" {
			accepted = e.Accepted + " (" + e.AcceptedAt.String() + ")"
		}
		i := slices.IndexFunc(out, func(g group) bool { return g.reason == e.Reason && g.remedy == e.Remedy && g.accepted == accepted })
		if i < 0 {
			i, out = len(out), append(out, group{reason: e.Reason, remedy: e.Remedy, outcome: e.Outcome, accepted: accepted, at: map[string][]string{}})
		}
		if !slices.Contains(out[i].keys, e.Key) {
			out[i].keys = append(out[i].keys, e.Key)
		}
		out[i].at[e.Key] = append(out[i].at[e.Key], at)
	}
	return out
}

func (r Report) workloads(p *printer) {
	p.heading("Workloads")
	for _, w := range r.Workloads {
		at := w.File
		if w.Line > 0 {
			at = fmt.Sprintf("%s:%d", w.File, w.Line)
		}
		p.row(w.Name, w.Kind, p.code(w.Runs), p.code(at))
	}
}

func (r Report) assumptions(p *printer) {
	if len(r.Assumptions) == 0 {
		return
	}
	p.heading("Assumed: the source does not say it; lift.yaml pins it (workloads.NAME.KEY: VALUE)")
	type leaf struct{ why, what string }
	var order []leaf
	who := map[leaf][]string{} // the workloads of which the same is assumed
	for _, a := range r.Assumptions {
		path := deploy.Path(a.Key)
		k := leaf{a.Why, a.Key + " = " + a.Value}
		w := path.Workload()
		if w != "" {
			k.what = string(path.Rebase(deploy.At("workloads", w), "")) + " = " + a.Value
		}
		if _, ok := who[k]; !ok {
			order = append(order, k)
		}
		who[k] = append(who[k], w)
	}
	first := map[string]int{}
	for i, k := range order {
		if _, ok := first[k.why]; !ok {
			first[k.why] = i
		}
	}
	slices.SortStableFunc(order, func(a, b leaf) int { return first[a.why] - first[b.why] })
	for i, k := range order {
		names := strings.Join(slices.DeleteFunc(who[k], func(s string) bool { return s == "" }), ", ")
		if names != "" {
			names = " (" + names + ")"
		}
		if i == 0 || order[i-1].why != k.why {
			p.line(map[bool]string{true: "- %s:", false: "  %s:"}[p.markdown], k.why)
		}
		p.line(map[bool]string{true: "  - %s%s", false: "      %s%s"}[p.markdown], p.code(k.what), names)
	}
}

func (r Report) files(p *printer) {
	if len(r.Files) == 0 {
		return
	}
	p.heading("Files")
	for _, f := range r.Files {
		p.row(p.paint(f.Change), p.code(f.Path), f.Note)
	}
}

func colourDiff(diff string, colour bool) string {
	if !colour {
		return diff
	}
	var b strings.Builder
	for line := range strings.Lines(diff) {
		code := ""
		switch {
		case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
			code = "1"
		case strings.HasPrefix(line, "@@"):
			code = "36"
		case strings.HasPrefix(line, "+"):
			code = "32"
		case strings.HasPrefix(line, "-"):
			code = "31"
		}
		if code == "" {
			b.WriteString(line)
			continue
		}
		b.WriteString("\x1b[" + code + "m" + strings.TrimSuffix(line, "\n") + "\x1b[0m\n")
	}
	return b.String()
}
