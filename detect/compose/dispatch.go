package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

const (
	emptyReason     = "empty: as if it were not there"
	extensionReason = "an extension field: compose ignores it, except where an anchor is used"
)

// row is one key of the mapping table. do reads its value; without it the row's own outcome holds for all that stands below.
type row struct {
	detect.Key
	late  int  // 1, 2: after the rows that it builds on
	empty bool // an empty list or mapping says something
	do    func(s *svc) func(n yamldoc.Node)
	top   func(r *reader) func(n yamldoc.Node) // of a top-level key
}

// table finds rows by the names of nested keys: "deploy.resources.limits.cpus". A last name "*" stands for any key.
type table struct {
	rows   map[string]*row
	below  map[string][]string // name of a mapping → its keys
	prefix map[string]bool
}

func newTable(rows []row) *table {
	t := &table{rows: map[string]*row{}, below: map[string][]string{}, prefix: map[string]bool{}}
	for i := range rows {
		name := rows[i].Name
		t.rows[name] = &rows[i]
		for {
			k := strings.LastIndexByte(name, '.')
			front, last := "", name
			if k >= 0 {
				front, last = name[:k], name[k+1:]
			}
			if !slices.Contains(t.below[front], last) {
				t.below[front] = append(t.below[front], last)
			}
			if k < 0 {
				break
			}
			t.prefix[front] = true
			name = front
		}
	}
	return t
}

// walk goes through a mapping and hands each key to run; what needs no reading is accounted for at once.
func (t *table) walk(r *reader, n yamldoc.Node, front string, run func(*row, yamldoc.Node)) {
	seen := map[string]bool{}
	for _, e := range n.Entries() {
		name := e.Key
		if front != "" {
			name = front + "." + e.Key
		}
		if seen[e.Key] {
			r.rec.Find(ledger.Error, e.Value.KeyPos(), e.Value.Path+": the key stands here twice", "remove one of them")
			r.orphans(e.Value, "the key stands here twice")
			continue
		}
		seen[e.Key] = true
		found := t.rows[name]
		if found == nil && t.rows[front+".*"] != nil {
			found = t.rows[front+".*"]
		}
		switch {
		case strings.HasPrefix(e.Key, "x-"):
			continue // after the rest: an anchor may use what is in it
		case e.Value.IsMap() && !e.Value.IsLeaf() && t.prefix[name]:
			t.walk(r, e.Value, name, run)
		case found == nil && t.prefix[name] && !e.Value.IsLeaf():
			r.bad(e.Value, wrongf("", "a mapping is wanted here"))
		case found == nil && t.prefix[name] && (e.Value.IsNull() || e.Value.IsMap()):
			r.inert(e.Value, emptyReason)
		case found == nil && t.prefix[name]:
			r.bad(e.Value, wrongf("", "a mapping is wanted here"))
		case found == nil:
			r.unknown(e, front, t.below[front])
		case e.Value.IsNull(), e.Value.IsLeaf() && !e.Value.IsScalar() && !found.empty:
			r.inert(e.Value, emptyReason)
		case found.do == nil && found.top == nil:
			r.all(e.Value, found.Outcome, found.Reason, found.Remedy)
		default:
			run(found, e.Value)
		}
	}
}

// unknown records a key that compose does not have, with the one that may have been meant.
func (r *reader) unknown(e yamldoc.Entry, front string, known []string) {
	if strings.HasPrefix(e.Key, "x-") {
		r.inert(e.Value, extensionReason)
		return
	}
	remedy := "remove it"
	if near := nearest.Name(e.Key, known); near != "" {
		remedy = "did you mean " + near + "?"
	}
	const reason = "compose has no such key here"
	for _, i := range e.Value.Settings() {
		if !r.rec.Accounted(i) {
			r.rec.Drop(i, reason, remedy)
		}
	}
	what := e.Value.Path
	if len(what) > 200 {
		what = front + "." + strconv.Quote(e.Key[:min(len(e.Key), 40)])
	}
	r.rec.Find(ledger.Warning, e.Value.KeyPos(), what+" dropped: "+reason, remedy)
}
