package deploy

import (
	"bytes"
	"fmt"
	"reflect"
)

// ChangeKind is what differs.
type ChangeKind string

// Kinds of changes. Added and removed elements of collections count as one change with all that lies below them.
const (
	Added     ChangeKind = "added"
	Removed   ChangeKind = "removed"
	Changed   ChangeKind = "changed"
	Collision ChangeKind = "collision" // two elements became one and no move declares them joined
)

// Change is one difference between two models. From is its place in the first, "" when added; To its place in the second, "" when removed. Old and New are redacted.
type Change struct {
	Kind     ChangeKind
	From, To Path
	Old, New string
}

// At returns the place of the change: in the second model, or in the first when it was removed.
func (c Change) At() Path {
	if c.To != "" {
		return c.To
	}
	return c.From
}

// String prints the change in one line, redacted.
func (c Change) String() string {
	switch c.Kind {
	case Added:
		return fmt.Sprintf("%s: added %s", c.To, c.New)
	case Removed:
		return fmt.Sprintf("%s: removed %s", c.From, c.Old)
	case Collision:
		return fmt.Sprintf("%s: collides at %s", c.From, c.To)
	}
	if c.From != c.To {
		return fmt.Sprintf("%s → %s: %q became %q", c.From, c.To, c.Old, c.New)
	}
	return fmt.Sprintf("%s: %q became %q", c.To, c.Old, c.New)
}

// Diff compares two models in lockstep and returns what differs, in the order of the model. Elements of keyed collections are compared by key, whatever their order; moves say which
// elements of a have another name or place in b. Paths of the first side are those of a. References and keys that refer to a moved element follow it.
func Diff(a, b App, moves ...Move) []Change {
	d := differ{rootA: reflect.ValueOf(&a).Elem(), rootB: reflect.ValueOf(&b).Elem(), pa: make([]byte, 0, 128), pb: make([]byte, 0, 128)}
	if len(moves) > 0 {
		d.from = make(map[Path]Move, len(moves))
		d.to = make(map[Path][]Move, len(moves))
		d.taken = make(map[Path]Path)
		for _, m := range moves {
			d.from[m.From] = m
			d.to[m.To] = append(d.to[m.To], m)
		}
	}
	d.value(shapeOf(d.rootA.Type()), d.rootA, d.rootB)
	return d.out
}

type differ struct {
	rootA, rootB reflect.Value
	from         map[Path]Move
	to           map[Path][]Move
	taken        map[Path]Path
	joins        []Move // inside joined elements: the moves that lead here
	pa, pb       []byte
	out          []Change
}

func (d *differ) value(s *shape, a, b reflect.Value) {
	switch s.class {
	case isLeaf:
		d.leaf(asLeaf(a), asLeaf(b))
	case isGroup:
		na, nb := len(d.pa), len(d.pb)
		for i := range s.fields {
			f := &s.fields[i]
			d.pa, d.pb = appendName(d.pa, f.name), appendName(d.pb, f.name)
			d.value(f.shape, a.Field(f.index), b.Field(f.index))
			d.pa, d.pb = d.pa[:na], d.pb[:nb]
		}
	default:
		if a.Len() == 0 && b.Len() == 0 {
			return
		}
		if d.from == nil {
			d.plainCollection(s, a, b)
		} else {
			d.movedCollection(s, a, b)
		}
	}
}

func (d *differ) leaf(x, y leaf) {
	sx, sy := x.IsSet(), y.IsSet()
	if !sx && !sy {
		return
	}
	if sx && sy {
		if x.equal(y) {
			return
		}
		if r, ok := x.(*Opt[Ref]); ok && d.from != nil {
			moved := Some(Ref(d.follow(Path(r.v))))
			if moved.equal(y) {
				return
			}
		}
		d.out = append(d.out, Change{Changed, Path(d.pa), Path(d.pb), x.String(), y.String()})
		return
	}
	if sx {
		d.out = append(d.out, Change{Kind: Removed, From: Path(d.pa), Old: x.String()})
	} else if !d.joined(Path(d.pb)) {
		d.out = append(d.out, Change{Kind: Added, To: Path(d.pb), New: y.String()})
	}
}

// plainCollection compares without moves. Sorted collections are merged; others are searched.
func (d *differ) plainCollection(s *shape, a, b reflect.Value) {
	na, nb := len(d.pa), len(d.pb)
	var seen []bool
	index := indexer(s, b)
	for i := range a.Len() {
		e := a.Index(i)
		name := elemName(s, e, i)
		j := i
		if j >= b.Len() || elemName(s, b.Index(j), j) != name {
			j = index(name)
		}
		if j < 0 {
			d.out = append(d.out, Change{Kind: Removed, From: Path(appendName(d.pa, name))})
			continue
		}
		if seen == nil {
			seen = make([]bool, b.Len())
		}
		if seen[j] {
			d.out = append(d.out, Change{Kind: Collision, From: Path(appendName(d.pa, name)), To: Path(appendName(d.pb, name))})
			continue
		}
		seen[j] = true
		d.pa, d.pb = appendName(d.pa, name), appendName(d.pb, name)
		d.value(s.elem, e, b.Index(j))
		d.pa, d.pb = d.pa[:na], d.pb[:nb]
	}
	for j := range b.Len() {
		if seen == nil || !seen[j] {
			d.out = append(d.out, Change{Kind: Added, To: Path(appendName(d.pb, elemName(s, b.Index(j), j)))})
		}
	}
}

// indexer returns a function that finds an element by name, -1 for none; large collections get an index at the first call.
func indexer(s *shape, v reflect.Value) func(name string) int {
	var index map[string]int
	return func(name string) int {
		if v.Len() > 16 {
			if index == nil {
				index = make(map[string]int, v.Len())
				for i := v.Len() - 1; i >= 0; i-- {
					index[elemName(s, v.Index(i), i)] = i
				}
			}
			if i, ok := index[name]; ok {
				return i
			}
			return -1
		}
		for i := range v.Len() {
			if elemName(s, v.Index(i), i) == name {
				return i
			}
		}
		return -1
	}
}

func (d *differ) movedCollection(s *shape, a, b reflect.Value) {
	pa, pb := d.pa, d.pb
	seen := make([]bool, b.Len())
	index := indexer(s, b)
	for i := range a.Len() {
		e := a.Index(i)
		name := elemName(s, e, i)
		from := Path(appendName(bytes.Clone(pa), name))
		to, joined := d.target(s, from, Path(pb), name)
		there := d.lookup(s, b, Path(pb), to, seen, index)
		if !there.IsValid() {
			d.out = append(d.out, Change{Kind: Removed, From: from})
			continue
		}
		if first, ok := d.taken[to]; ok && first != from && !joined && d.joins == nil {
			d.out = append(d.out, Change{Kind: Collision, From: from, To: to})
			continue
		}
		d.taken[to] = from
		outer := d.joins
		if joined {
			d.joins = d.to[to]
		}
		d.pa, d.pb = []byte(from), []byte(to)
		d.value(s.elem, e, there)
		d.joins = outer
	}
	d.pa, d.pb = pa, pb
	for j := range b.Len() {
		to := Path(appendName(bytes.Clone(pb), elemName(s, b.Index(j), j)))
		if !seen[j] && !d.claimed(to) && !d.joined(to) {
			d.out = append(d.out, Change{Kind: Added, To: to})
		}
	}
}

// lookup finds the element of b at to: in the collection b at pb, or elsewhere in the model when a move leads there.
func (d *differ) lookup(s *shape, b reflect.Value, pb, to Path, seen []bool, index func(string) int) reflect.Value {
	if to.Parent() == pb {
		if j := index(to.Base()); j >= 0 {
			seen[j] = true
			return b.Index(j)
		}
		return reflect.Value{}
	}
	if v, vs, err := walk(d.rootB, to, false); err == nil && vs == s.elem {
		return v
	}
	return reflect.Value{}
}

// claimed reports whether a move brings an existing element of a to this place of b.
func (d *differ) claimed(to Path) bool {
	for _, m := range d.to[to] {
		if _, _, err := walk(d.rootA, m.From, false); err == nil {
			return true
		}
	}
	return false
}

// joined reports whether what is new at this place comes from another of the elements that became one here.
func (d *differ) joined(to Path) bool {
	for _, m := range d.joins {
		if Has(d.rootA.Interface().(App), to.Rebase(m.To, m.From)) {
			return true
		}
	}
	return false
}

// target returns where the element should be in b: where a move says, else under its own key, which follows the moves of what it refers to.
func (d *differ) target(s *shape, from, pb Path, name string) (to Path, joined bool) {
	if m, ok := d.from[from]; ok {
		return m.To, m.Joined
	}
	if s.refs != "" {
		name = d.follow(At(s.refs, name)).Base()
	}
	return pb.Join(name), false
}

// follow returns the place of the element after the moves.
func (d *differ) follow(p Path) Path {
	if m, ok := d.from[p]; ok {
		return m.To
	}
	return p
}
