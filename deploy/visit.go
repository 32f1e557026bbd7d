package deploy

import (
	"reflect"
	"strconv"
)

// Leaf is a value at the end of a path, or the presence of a collection's element.
type Leaf struct{ l leaf }

// Presence reports whether the leaf stands for the existence of an element of a collection.
func (l Leaf) Presence() bool { return l.l == nil }

// String prints the value for a person, redacted; "" for a presence.
func (l Leaf) String() string {
	if l.l == nil {
		return ""
	}
	return l.l.String()
}

// Visit calls f for every leaf that is set, in the order of the model, collections' presence included. path is only valid during the call.
func Visit(a App, f func(path []byte, l Leaf)) {
	v := visitor{f: f, path: make([]byte, 0, 128)}
	v.value(shapeOf(reflect.TypeFor[App]()), reflect.ValueOf(&a).Elem())
}

type visitor struct {
	f    func([]byte, Leaf)
	path []byte
}

func (v *visitor) value(s *shape, x reflect.Value) {
	switch s.class {
	case isLeaf:
		if l := asLeaf(x); l.IsSet() {
			v.f(v.path, Leaf{l})
		}
	case isGroup:
		n := len(v.path)
		for i := range s.fields {
			f := &s.fields[i]
			v.path = appendName(v.path, f.name)
			v.value(f.shape, x.Field(f.index))
			v.path = v.path[:n]
		}
	default:
		n := len(v.path)
		for i := range x.Len() {
			e := x.Index(i)
			v.path = appendName(v.path, elemName(s, e, i))
			v.f(v.path, Leaf{})
			v.value(s.elem, e)
			v.path = v.path[:n]
		}
	}
}

func elemName(s *shape, e reflect.Value, i int) string {
	if s.class == isKeyed {
		return e.Field(s.key).String()
	}
	return strconv.Itoa(i)
}

// Paths lists the paths of all leaves that are set, in the order of the model.
func Paths(a App) []Path {
	var out []Path
	Visit(a, func(p []byte, _ Leaf) { out = append(out, Path(p)) })
	return out
}
