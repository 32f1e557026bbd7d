package detect

import (
	"fmt"
	"slices"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Recorder builds a Result: settings first, as they stand in the syntax tree, then what the mapping made of each. It keeps the promise that a field has one live claimant: a later claim
// on a field overrides the earlier one, which is recorded as overridden by its position.
type Recorder struct {
	Result
	owner map[deploy.Path][]int // field → its live Reads; several where they make it together
	read  map[int][]int         // setting → its Reads
}

// Setting records a setting. Its value is hidden until Show.
func (r *Recorder) Setting(at ledger.Pos, key string, value deploy.Value) int {
	r.Doc.Settings = append(r.Doc.Settings, ledger.Setting{At: at, Key: key, Value: value})
	return len(r.Doc.Settings) - 1
}

// Implied records a default of the platform with the specification that sets it.
func (r *Recorder) Implied(spec, key, value string) int {
	r.Doc.Settings = append(r.Doc.Settings, ledger.Setting{At: ledger.Pos{Spec: spec}, Key: key, Value: deploy.Plain(value), Implied: true})
	return len(r.Doc.Settings) - 1
}

// Show makes the value of a setting plain: the mapping knows that it is no secret.
func (r *Recorder) Show(setting int) {
	s := &r.Doc.Settings[setting]
	if text, ok := s.Value.Reveal(); ok {
		s.Value = deploy.Plain(text)
	}
}

// At returns the setting's position.
func (r *Recorder) At(setting int) ledger.Pos { return r.Doc.Settings[setting].At }

// Accounted reports whether something was said of the setting.
func (r *Recorder) Accounted(setting int) bool { return len(r.read[setting]) > 0 }

// Convert records that the setting gave the fields.
func (r *Recorder) Convert(setting int, fields ...deploy.Path) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Converted, Fields: fields})
}

// Part records that the setting gave one part of a field that several settings make together.
func (r *Recorder) Part(setting int, fields ...deploy.Path) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Converted, Fields: fields, Part: true})
}

// Approximate records that the setting gave the fields with a difference.
func (r *Recorder) Approximate(setting int, reason, remedy string, fields ...deploy.Path) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Approximated, Reason: reason, Remedy: remedy, Fields: fields})
}

// Drop records that nothing above this tier does what the setting does.
func (r *Recorder) Drop(setting int, reason, remedy string) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Dropped, Reason: reason, Remedy: remedy})
}

// Inert records that the setting carries no behaviour.
func (r *Recorder) Inert(setting int, reason string) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Inert, Reason: reason})
}

// Override records that another setting takes this one's place.
func (r *Recorder) Override(setting int, reason string) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Overridden, Reason: reason})
}

func (r *Recorder) add(rd ledger.Read) {
	if r.owner == nil {
		r.owner, r.read = map[deploy.Path][]int{}, map[int][]int{}
	}
	for _, f := range rd.Fields {
		if old := r.owner[f]; len(old) > 0 {
			live := r.Doc.Reads[old[0]]
			if !(rd.Part && live.Part) && live.Setting != rd.Setting {
				r.Release(f, r.At(rd.Setting))
			}
		}
		r.owner[f] = append(r.owner[f], len(r.Doc.Reads))
	}
	r.read[rd.Setting] = append(r.read[rd.Setting], len(r.Doc.Reads))
	r.Doc.Reads = append(r.Doc.Reads, rd)
}

// Release takes a field away from the settings that gave it: a list was reset, or a value replaced. by is the position that did it.
func (r *Recorder) Release(field deploy.Path, by ledger.Pos) {
	for _, i := range r.owner[field] {
		rd := &r.Doc.Reads[i]
		rd.Fields = slices.DeleteFunc(slices.Clone(rd.Fields), func(f deploy.Path) bool { return f == field })
		if len(rd.Fields) == 0 {
			rd.Outcome, rd.Reason, rd.Remedy = ledger.Overridden, "overridden by "+by.String(), ""
		}
	}
	delete(r.owner, field)
}

// Place records where a part of the model stands.
func (r *Recorder) Place(path deploy.Path, at ledger.Pos) {
	r.Doc.Places = append(r.Doc.Places, ledger.Place{Path: path, At: at})
}

// Find records a finding.
func (r *Recorder) Find(sev ledger.Severity, at ledger.Pos, what, remedy string) {
	r.Findings = append(r.Findings, ledger.Finding{Severity: sev, At: at, What: what, Remedy: remedy})
}

// Bad records a value of the wrong kind: the run ends with exit code 2 and nothing is written.
func (r *Recorder) Bad(setting int, format string, args ...any) {
	s := r.Doc.Settings[setting]
	r.Find(ledger.Error, s.At, fmt.Sprintf(format, args...), "")
	if !r.Accounted(setting) {
		r.Drop(setting, "its value cannot be read", "")
	}
}

// Finish sorts the model and accounts for what the mapping left over: a setting that it does not know is dropped with a warning.
func (r *Recorder) Finish(unknown func(s ledger.Setting) (reason, remedy string)) Result {
	for i := range r.Doc.Settings {
		if !r.Accounted(i) {
			s := r.Doc.Settings[i]
			reason, remedy := unknown(s)
			r.Drop(i, reason, remedy)
			r.Find(ledger.Warning, s.At, s.Key+" dropped: "+reason, remedy)
		}
	}
	deploy.Sort(&r.App)
	return r.Result
}

// ApproximatePart records that the setting gave one part of fields that several settings make together, with a difference.
func (r *Recorder) ApproximatePart(setting int, reason, remedy string, fields ...deploy.Path) {
	r.add(ledger.Read{Setting: setting, Outcome: ledger.Approximated, Reason: reason, Remedy: remedy, Fields: fields, Part: true})
}
