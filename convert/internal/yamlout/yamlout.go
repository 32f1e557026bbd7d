// Package yamlout prints typed objects and hand-built documents as the YAML that
// an experienced person writes by hand: block style, two spaces, list items
// indented below their key, and quotes only where a parser would otherwise read
// something else.
//
//	yamlout.Kubernetes(deployment)                      // k8s.io/api types
//	yamlout.Marshal(yamlout.Map{{Key: "services", …}})  // compose.yaml and the like
//	yamlout.Join(doc1, doc2)                            // one file, "---" between
//
// Strings are written so that YAML 1.1 parsers (Kubernetes) and YAML 1.2 parsers
// (compose) read the same string back. Nothing is dropped unless Options say so,
// and then only values that say nothing.
package yamlout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Options say what differs from printing everything in the order of the JSON.
// They apply to typed objects; a Map is printed as it is.
type Options struct {
	// First names keys of the outermost object that come before the others.
	First []string

	// Prune is asked about each member whose value says nothing: null, {}, [],
	// or a tree of only these. The member is left out if it returns true. It
	// cannot drop a value. path is a JSON pointer (RFC 6901) and ends in key.
	Prune func(path, key string) bool

	// dropStatus leaves out an outermost status in which nothing is set. Unlike
	// elsewhere, 0, "" and false count as not set there.
	dropStatus bool
}

// Commented is a value with comments for its reader. It may be passed wherever
// the outermost value is expected.
type Commented struct {
	Value any
	Head  string // printed at the top of the document
	// At has comments to print above members or list items, by JSON pointer
	// (RFC 6901): "/spec/template/spec/containers/0/image". A "/" in a key is
	// written "~1", a "~" is "~0".
	At map[string]string
}

// Marshal returns v as one YAML document that ends in a newline.
//
// v is a Map, a Seq, a Flow, or anything that encoding/json can marshal, or one
// of these in a Commented. It returns an error if v has no JSON, if a string is
// not valid UTF-8 (YAML cannot hold it), if a Map has a key twice, or if a
// comment is for a member that is not there. Errors name paths, never values.
func Marshal(v any) ([]byte, error) { return Options{}.Marshal(v) }

// Kubernetes is Marshal for Kubernetes objects: apiVersion, kind and metadata come
// first, then type, data and spec. Members that every object carries and that
// say nothing are left out: creationTimestamp: null, resources: {}, strategy: {},
// updateStrategy: {}, an empty metadata of a template, and a status in which
// nothing is set.
func Kubernetes(v any) ([]byte, error) {
	return Options{
		First:      []string{"apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData", "binaryData", "spec"},
		Prune:      noise,
		dropStatus: true,
	}.Marshal(v)
}

// noise knows the fields of Go types of k8s.io/api that are no pointers, so that
// the JSON has them although nobody set them. An absent one means the same.
func noise(path, key string) bool {
	at := strings.Split(path, "/")[1:]
	parent := func(up int) string {
		if up >= len(at) {
			return ""
		}
		return at[len(at)-1-up]
	}
	switch key {
	case "creationTimestamp":
		return parent(1) == "metadata"
	case "status":
		return parent(2) == "volumeClaimTemplates"
	case "resources":
		switch parent(2) {
		case "containers", "initContainers", "ephemeralContainers":
			return true
		}
		return path == "/spec/resources" || parent(1) == "spec" && parent(3) == "volumeClaimTemplates"
	case "strategy", "updateStrategy":
		return len(at) == 2 && at[0] == "spec"
	case "metadata":
		return parent(1) == "template" || parent(1) == "jobTemplate"
	}
	return false
}

// Marshal is the function Marshal with options.
func (o Options) Marshal(v any) ([]byte, error) {
	p := &printer{Options: o}
	if c, ok := v.(Commented); ok {
		v = c.Value
		p.comments = maps.Clone(c.At) // emptied as they are printed
		p.comment(c.Head, 0)
	}
	if err := p.value(v, atRoot, -step); err != nil {
		return nil, err
	}
	if len(p.comments) > 0 {
		return nil, fmt.Errorf("%s: nothing there to comment on", strings.Join(slices.Sorted(maps.Keys(p.comments)), ", "))
	}
	return p.out, nil
}

// Join returns the documents as one file, separated by "---" lines.
func Join(docs ...[]byte) []byte {
	return bytes.Join(docs, []byte("---\n"))
}

// value prints v. col is the column of the collection that holds it.
func (p *printer) value(v any, at place, col int) error {
	switch v := v.(type) {
	case Map:
		return p.mapping(v, at, col)
	case Seq:
		return p.sequence(v, at, col)
	case Flow:
		return p.flow(v, at, col)
	case string:
		return p.string([]byte(v), at, col)
	case Commented, Item:
		return fmt.Errorf("%s: %T cannot stand inside a document", p.where(), v)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("%s: %w", p.where(), err)
	}
	s := &scanner{b: buf.Bytes()}
	return p.json(s, at, col)
}
