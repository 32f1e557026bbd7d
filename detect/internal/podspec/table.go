package podspec

import (
	"slices"
	"strings"
	"sync"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// Row is one row of a mapping table: a field of an object and what becomes of it. A row without Read says the same of every leaf below the field: Outcome with Reason and Remedy.
type Row[C any] struct {
	Key     string // "securityContext.runAsUser", below the node that the table is about
	Doc     string // one line: what it does
	Spec    string // reference of the Kubernetes API
	Example string // a value in YAML with which the row can be tried
	Outcome ledger.Outcome
	Reason  string
	Remedy  string
	Hidden  bool // values stay hidden: they may be secret
	Read    func(C, yamldoc.Node)
}

// Table is the mapping of one kind of object. Its rows are read in their order, whatever the order in the file.
type Table[C any] struct {
	Section string // "Container"
	Rows    []Row[C]

	once  sync.Once
	known *field
	parts [][]string // of each row's key
}

// field is a known field and the known fields below it.
type field struct {
	below map[string]*field // nil: a row speaks of all that lies below
	names []string
}

func (t *Table[C]) fields() *field {
	t.once.Do(func() {
		t.known = &field{below: map[string]*field{}}
		for _, row := range t.Rows {
			f := t.known
			parts := strings.Split(row.Key, ".")
			t.parts = append(t.parts, parts)
			for i, p := range parts {
				next := f.below[p]
				if next == nil {
					next = &field{}
					f.below[p] = next
					f.names = append(f.names, p)
				}
				if i < len(parts)-1 && next.below == nil {
					next.below = map[string]*field{}
				}
				f = next
			}
		}
	})
	return t.known
}

// Apply reads a node by the table. What the table does not know is dropped with a warning and a suggestion.
func (t *Table[C]) Apply(r *Reader, c C, n yamldoc.Node) {
	if !r.mapping(n) {
		return
	}
	known, entries := t.fields(), n.Entries()
	for i := range t.Rows {
		row, parts := &t.Rows[i], t.parts[i]
		at := slices.IndexFunc(entries, func(e yamldoc.Entry) bool { return e.Key == parts[0] })
		if at < 0 {
			continue
		}
		v := entries[at].Value
		if len(parts) > 1 {
			v = v.Get(parts[1:]...)
		}
		switch {
		case !v.Exists():
		case v.IsNull():
			r.Rec.Inert(v.Setting(), "null is the same as leaving it out")
		case row.Read == nil:
			fix(r, row, v)
		default:
			row.Read(c, v)
		}
	}
	t.rest(r, n, known)
}

func fix[C any](r *Reader, row *Row[C], v yamldoc.Node) {
	for _, s := range v.Settings() {
		if !row.Hidden {
			r.Rec.Show(s)
		}
		if row.Outcome == ledger.Inert {
			r.Rec.Inert(s, row.Reason)
		} else {
			r.Rec.Drop(s, row.Reason, row.Remedy)
		}
	}
}

// rest accounts for what no row speaks of: unknown fields, doubled ones, and empty or misshapen ones on the way to a row.
func (t *Table[C]) rest(r *Reader, n yamldoc.Node, f *field) {
	seen := map[string]ledger.Pos{}
	for _, e := range n.Entries() {
		if first, twice := seen[e.Key]; twice {
			r.Rec.Find(ledger.Error, e.Value.KeyPos(), e.Value.Path+" is there twice: first at "+first.String(), "remove one of them")
			r.leftover(e.Value, "the field is there twice")
			continue
		}
		seen[e.Key] = e.Value.KeyPos()
		next := f.below[e.Key]
		switch {
		case next == nil:
			r.unknown(e.Value, e.Key, t.Section, f.names)
		case next.below == nil: // a row spoke of it
		case r.mapping(e.Value):
			t.rest(r, e.Value, next)
		}
	}
}

// Keys lists the rows for lift explain and the reference pages.
func (t *Table[C]) Keys() []detect.Key {
	out := make([]detect.Key, len(t.Rows))
	for i, row := range t.Rows {
		out[i] = detect.Key{Name: row.Key, Section: t.Section, Doc: row.Doc, Spec: row.Spec, Example: row.Example, Outcome: row.Outcome, Reason: row.Reason, Remedy: row.Remedy}
		if row.Read != nil && row.Outcome == ledger.Unaccounted {
			out[i].Outcome = ledger.Converted
		}
	}
	return out
}
