package deploy

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Clone returns a deep copy.
func Clone(a App) App {
	var out App
	cloneInto(shapeOf(reflect.TypeFor[App]()), reflect.ValueOf(&out).Elem(), reflect.ValueOf(&a).Elem())
	return out
}

func cloneInto(s *shape, dst, src reflect.Value) {
	switch s.class {
	case isLeaf:
		asLeaf(dst).copyFrom(asLeaf(src))
	case isGroup:
		dst.Set(src)
		for _, f := range s.fields {
			cloneInto(f.shape, dst.Field(f.index), src.Field(f.index))
		}
	default:
		if src.IsNil() {
			dst.SetZero()
			return
		}
		c := reflect.MakeSlice(src.Type(), src.Len(), src.Len())
		for i := range src.Len() {
			c.Index(i).Set(src.Index(i))
			cloneInto(s.elem, c.Index(i), src.Index(i))
		}
		dst.Set(c)
	}
}

// Full returns an App in which every leaf of the model is set to a sample that a real system could have.
func Full() App {
	var a App
	fill(shapeOf(reflect.TypeFor[App]()), reflect.ValueOf(&a).Elem(), "", "")
	return a
}

func fill(s *shape, v reflect.Value, sample string, at Path) {
	switch s.class {
	case isLeaf:
		if err := asLeaf(v).parse(sample); err != nil {
			panic(fmt.Sprintf("deploy: sample %q of %s: %v", sample, at, err))
		}
		if !asLeaf(v).IsSet() {
			panic(fmt.Sprintf("deploy: %s has no sample", at))
		}
	case isGroup:
		for _, f := range s.fields {
			fill(f.shape, v.Field(f.index), f.sample, at.Join(f.name))
		}
	default:
		keys := s.sample
		if s.class == isNumbered {
			keys = []string{"0", "1"}
		}
		c := reflect.MakeSlice(v.Type(), len(keys), len(keys))
		for i, k := range keys {
			if s.class == isKeyed {
				c.Index(i).Field(s.key).SetString(k)
			}
			fill(s.elem, c.Index(i), "", at.Join(k))
		}
		v.Set(c)
	}
}

// Sort brings the elements of every keyed collection into the order of their keys. Readers and lowerings end with it: Diff is quickest on sorted models, and writers print in this order.
func Sort(a *App) { sortIn(shapeOf(reflect.TypeFor[App]()), reflect.ValueOf(a).Elem()) }

func sortIn(s *shape, v reflect.Value) {
	switch s.class {
	case isGroup:
		for _, f := range s.fields {
			if f.shape.class != isLeaf {
				sortIn(f.shape, v.Field(f.index))
			}
		}
	case isKeyed, isNumbered:
		n := v.Len()
		if s.class == isKeyed && !sortedByKey(s, v) {
			elems := make([]reflect.Value, n)
			for i := range n {
				e := reflect.New(v.Type().Elem()).Elem()
				e.Set(v.Index(i))
				elems[i] = e
			}
			slices.SortStableFunc(elems, func(x, y reflect.Value) int {
				return strings.Compare(x.Field(s.key).String(), y.Field(s.key).String())
			})
			for i, e := range elems {
				v.Index(i).Set(e)
			}
		}
		for i := range n {
			sortIn(s.elem, v.Index(i))
		}
	}
}

func sortedByKey(s *shape, v reflect.Value) bool {
	for i := 1; i < v.Len(); i++ {
		if v.Index(i-1).Field(s.key).String() > v.Index(i).Field(s.key).String() {
			return false
		}
	}
	return true
}

// Set sets the leaf at path from its text form, creating the elements on the way. An element's own path creates the element. It fails on a path that the model does not have and on a
// text of the wrong kind.
func Set(a *App, path Path, text string) error {
	v, s, err := walk(reflect.ValueOf(a).Elem(), path, true)
	if err != nil {
		return err
	}
	if s.class != isLeaf {
		if text != "" {
			return fmt.Errorf("%s has no value of its own", path)
		}
		return nil
	}
	if err := asLeaf(v).parse(text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Unset removes the leaf, the group or the element at path. It fails when there is no such place.
func Unset(a *App, path Path) error {
	v, s, err := walk(reflect.ValueOf(a).Elem(), path, false)
	if err != nil {
		return err
	}
	parent, ps, err := walk(reflect.ValueOf(a).Elem(), path.Parent(), false)
	if err != nil {
		return err
	}
	if ps.class == isKeyed || ps.class == isNumbered {
		i := -1
		for j := range parent.Len() {
			if elemName(ps, parent.Index(j), j) == path.Base() {
				i = j
			}
		}
		kept := reflect.AppendSlice(reflect.MakeSlice(parent.Type(), 0, parent.Len()), parent.Slice(0, i))
		parent.Set(reflect.AppendSlice(kept, parent.Slice(i+1, parent.Len())))
		return nil
	}
	if s.class == isLeaf {
		asLeaf(v).clear()
		return nil
	}
	v.SetZero()
	return nil
}

// Text returns the text form of the leaf at path, redacted, and whether it is set. For an element's path the text is empty.
func Text(a App, path Path) (string, bool) {
	v, s, err := walk(reflect.ValueOf(&a).Elem(), path, false)
	if err != nil {
		return "", false
	}
	switch s.class {
	case isLeaf:
		l := asLeaf(v)
		return l.String(), l.IsSet()
	case isGroup:
		return "", !v.IsZero()
	default:
		return "", v.Len() > 0
	}
}

// Has reports whether path leads to something: a value that is set, a group with something in it, or an element.
func Has(a App, path Path) bool {
	v, s, err := walk(reflect.ValueOf(&a).Elem(), path, false)
	if err != nil {
		return false
	}
	switch s.class {
	case isLeaf:
		return asLeaf(v).IsSet()
	case isGroup:
		_, ps, err := walk(reflect.ValueOf(&a).Elem(), path.Parent(), false)
		return err == nil && (ps.class == isKeyed || ps.class == isNumbered) || !v.IsZero()
	default:
		return v.Len() > 0
	}
}

// Graft copies what lies at path in from into the same place of to. path may have another place in to: at.
func Graft(to *App, at Path, from App, path Path) error {
	src, s, err := walk(reflect.ValueOf(&from).Elem(), path, false)
	if err != nil {
		return err
	}
	dst, _, err := walk(reflect.ValueOf(to).Elem(), at, true)
	if err != nil {
		return err
	}
	if s.class == isGroup { // an element keeps the key under which it was made
		for _, f := range s.fields {
			cloneInto(f.shape, dst.Field(f.index), src.Field(f.index))
		}
		return nil
	}
	cloneInto(s, dst, src)
	return nil
}

// Lead gives every reference at or below path the place that to returns for it. A path that leads nowhere has none.
func Lead(a *App, path Path, to func(Path) Path) {
	if v, s, err := walk(reflect.ValueOf(a).Elem(), path, false); err == nil {
		lead(s, v, to)
	}
}

func lead(s *shape, v reflect.Value, to func(Path) Path) {
	switch s.class {
	case isLeaf:
		if r, ok := v.Addr().Interface().(*Opt[Ref]); ok && r.IsSet() {
			*r = Some(Ref(to(Path(r.v))))
		}
	case isGroup:
		for _, f := range s.fields {
			lead(f.shape, v.Field(f.index), to)
		}
	default:
		for i := range v.Len() {
			lead(s.elem, v.Index(i), to)
		}
	}
}

// walk finds the place at path; with create, elements of collections on the way are made.
func walk(v reflect.Value, path Path, create bool) (reflect.Value, *shape, error) {
	s := shapeOf(v.Type())
	for rest, more := string(path), path != ""; more; {
		var name string
		name, rest, more = nextName(rest)
		switch s.class {
		case isLeaf:
			return v, s, fmt.Errorf("%s: %q lies below a value", path, name)
		case isGroup:
			i := slices.IndexFunc(s.fields, func(f field) bool { return f.name == name })
			if i < 0 {
				return v, s, fmt.Errorf("%s: the model has no %q here", path, name)
			}
			v, s = v.Field(s.fields[i].index), s.fields[i].shape
		default:
			e, ok := find(s, v, name)
			if !ok {
				if !create {
					return v, s, fmt.Errorf("%s: there is no %q", path, name)
				}
				if s.class == isNumbered && name != strconv.Itoa(v.Len()) {
					return v, s, fmt.Errorf("%s: step %q does not follow step %d", path, name, v.Len()-1)
				}
				v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
				e = v.Index(v.Len() - 1)
				if s.class == isKeyed {
					e.Field(s.key).SetString(name)
				}
			}
			v, s = e, s.elem
		}
	}
	return v, s, nil
}

func find(s *shape, v reflect.Value, name string) (reflect.Value, bool) {
	if s.class == isNumbered {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= v.Len() || strconv.Itoa(i) != name {
			return v, false
		}
		return v.Index(i), true
	}
	for i := range v.Len() {
		if v.Index(i).Field(s.key).String() == name {
			return v.Index(i), true
		}
	}
	return v, false
}
