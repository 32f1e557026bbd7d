package deploy

import (
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// leaf is what every value at the end of a path can do. Opt, Value, Argv and List implement it.
type leaf interface {
	IsSet() bool
	String() string // redacted
	equal(leaf) bool
	copyFrom(leaf)
	parse(string) error
	clear()
}

// shape is what reflection found out about a type of the model, once.
type shape struct {
	class  class
	fields []field // of a group
	elem   *shape  // of a collection
	key    int     // field index of the element's key, -1 for numbered steps
	refs   string  // collection that the key refers to ("workloads"), "" for none
	sample []string
}

type class int

const (
	isLeaf class = iota
	isGroup
	isKeyed
	isNumbered
)

type field struct {
	name   string
	index  int
	shape  *shape
	sample string
}

var shapes sync.Map // reflect.Type → *shape

var leafType = reflect.TypeFor[leaf]()

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := newShape(t)
	shapes.Store(t, s)
	return s
}

func newShape(t reflect.Type) *shape {
	if reflect.PointerTo(t).Implements(leafType) {
		return &shape{class: isLeaf}
	}
	switch t.Kind() {
	case reflect.Slice:
		s := &shape{class: isNumbered, key: -1, elem: shapeOf(t.Elem())}
		for i := range t.Elem().NumField() {
			f := t.Elem().Field(i)
			if k, ok := f.Tag.Lookup("key"); ok {
				s.class, s.key, s.sample, s.refs = isKeyed, i, strings.Split(k, ","), f.Tag.Get("ref")
			}
		}
		return s
	case reflect.Struct:
		s := &shape{class: isGroup}
		for i := range t.NumField() {
			f := t.Field(i)
			if _, isKey := f.Tag.Lookup("key"); isKey {
				continue
			}
			name := f.Tag.Get("name")
			if name == "" {
				r, n := utf8.DecodeRuneInString(f.Name)
				name = string(unicode.ToLower(r)) + f.Name[n:]
			}
			s.fields = append(s.fields, field{name: name, index: i, shape: shapeOf(f.Type), sample: f.Tag.Get("sample")})
		}
		return s
	}
	panic("deploy: " + t.String() + " is no part of a model: use Opt, Value, Argv, List, a struct or a slice of structs")
}

func asLeaf(v reflect.Value) leaf { return v.Addr().Interface().(leaf) }
