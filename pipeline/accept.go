package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// accept marks the losses that lift.yaml declares to be harmless. An entry that speaks of nothing is a warning; one that speaks of what is no loss here may be meant for another target.
func (l *Lifted) accept() {
	if len(l.Stages) == 0 {
		return
	}
	last := l.Stages[len(l.Stages)-1]
	stay := map[string]bool{}
	for _, t := range last.Lowering.Turns {
		if name := t.From.Workload(); t.Stays && name != "" && len(t.From.Names()) == 2 {
			stay[name] = true
		}
	}
	for _, a := range l.Source.Config.Accept {
		say := func(severity ledger.Severity, what, remedy string) {
			l.Findings = append(l.Findings, ledger.Finding{Severity: severity, At: a.At, What: "accept: " + what, Remedy: remedy})
		}
		if a.Stays != "" {
			switch known := slices.ContainsFunc(last.Before.Workloads, func(w deploy.Workload) bool { return w.Name == a.Stays }); {
			case stay[a.Stays]:
				l.Accepted = append(l.Accepted, AcceptedStay{Workload: a.Stays, Reason: a.Reason, At: a.At})
			case known:
				say(ledger.Info, a.Stays+" does not stay behind at "+last.Name, "remove it, unless another target needs it")
			default:
				say(ledger.Warning, "there is no workload "+a.Stays, "name one that stays on the tier before")
			}
			continue
		}
		matched, lost := false, false
		for i := range l.Entries {
			e := &l.Entries[i]
			if e.Implied || !a.speaksOf(e.Setting) {
				continue
			}
			matched = true
			if e.Outcome.Loss() {
				lost = true
				if e.Accepted == "" {
					e.Accepted, e.AcceptedAt = a.Reason, a.At
				}
			}
		}
		switch {
		case !matched:
			say(ledger.Warning, "no setting is "+strings.TrimSpace(a.Setting+" "+a.Where), "write key and place as the report prints them, or remove the entry")
		case !lost:
			say(ledger.Info, strings.TrimSpace(a.Setting+" "+a.Where)+" is no loss at "+last.Name, "remove it, unless another target needs it")
		}
	}
}

// speaksOf reports whether the entry's patterns fit the setting.
func (a Accept) speaksOf(s ledger.Setting) bool {
	if a.Setting != "" {
		flat := strings.NewReplacer("/", "\x00") // keys are no paths: a star stands for any letters
		if ok, _ := path.Match(flat.Replace(a.Setting), flat.Replace(s.Key)); !ok && a.Setting != s.Key {
			return false
		}
	}
	if a.Where == "" {
		return true
	}
	byFile, _ := path.Match(a.Where, s.At.File)
	byLine, _ := path.Match(a.Where, s.At.String())
	return byFile || byLine
}
