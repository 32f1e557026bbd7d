// Package yamldoc gives readers of YAML formats their settings: every leaf of the syntax tree with its position, recorded before any mapping looks at it.
//
// Aliases and merge keys (<<) are followed without copying, so that an anchored block is one setting that gives several fields; a budget bounds what they may expand to.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
	"go.yaml.in/yaml/v3"
)

// Bounds on what a document may be. A hand-written file stays far below them.
const (
	MaxSize  = 4 << 20 // bytes of a file
	maxNodes = 200_000 // nodes reached, aliases expanded
	maxDepth = 100
)

// Node is a place in a document. The zero Node stands for an absent one: all methods work on it and return nothing.
type Node struct {
	n    *yaml.Node
	key  *yaml.Node // the key under which it stands, nil in a sequence
	Path string     // "services.web.ports[0]"
	f    *file
}

type file struct {
	name     string
	rec      *detect.Recorder
	settings map[*yaml.Node]int
	pairs    map[*yaml.Node][]pair // of mappings, merge keys expanded
}

// Entry is one pair of a mapping.
type Entry struct {
	Key   string
	Value Node
}

// Parse parses all documents of a file and records every leaf as a setting of rec, hidden until the mapping shows it. What cannot be parsed is a finding of severity error, and the
// documents before it are returned.
func Parse(rec *detect.Recorder, name string, src []byte) []Node {
	bad := func(line int, what, remedy string) {
		rec.Find(ledger.Error, ledger.Pos{File: name, Line: line}, what, remedy)
	}
	if len(src) > MaxSize {
		bad(1, fmt.Sprintf("the file has %d MiB", len(src)>>20), fmt.Sprintf("a file of this kind has at most %d MiB; split it", MaxSize>>20))
		return nil
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		bad(1+bytes.Count(src[:i], []byte("\n")), "not a text file: it contains a NUL byte", "remove the file or give it another name")
		return nil
	}
	f := &file{name: name, rec: rec, settings: map[*yaml.Node]int{}, pairs: map[*yaml.Node][]pair{}}
	var out []Node
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			line, what := syntaxError(err)
			bad(line, what, "mend the YAML")
			return out
		}
		if len(doc.Content) == 0 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Tag == "!!null" {
			continue // an empty document
		}
		root := Node{n: doc.Content[0], f: f}
		budget := maxNodes
		if at := root.record(&budget, 0); at != nil {
			bad(at.Line, "aliases or nesting expand beyond all bounds", fmt.Sprintf("write the values out: at most %d nodes, %d levels deep", maxNodes, maxDepth))
			return out
		}
		out = append(out, root)
	}
}

var lineOf = lazyregexp.New(`line (\d+): `)

// syntaxError takes the line out of the parser's message. A message may quote the text, so only its kind is kept.
func syntaxError(err error) (int, string) {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := lineOf.FindStringSubmatchIndex(msg); m != nil {
		line, _ = strconv.Atoi(msg[m[2]:m[3]])
		msg = msg[:m[0]] + msg[m[1]:]
	}
	if i := strings.IndexAny(msg, "`'\""); i > 0 {
		msg = strings.TrimSpace(msg[:i])
	}
	return line, msg
}

// record makes a setting of each leaf below; it returns the node at which the budget ran out.
func (n Node) record(budget *int, depth int) *yaml.Node {
	*budget--
	if *budget < 0 || depth > maxDepth {
		return n.n
	}
	r := n.resolve()
	if r.Kind == yaml.ScalarNode || len(r.Content) == 0 {
		if _, ok := n.f.settings[r]; !ok {
			n.f.settings[r] = n.f.rec.Setting(n.at(r), n.Path, deploy.Secret(r.Value))
		}
		return nil
	}
	for _, c := range n.children() {
		if at := c.record(budget, depth+1); at != nil {
			return at
		}
	}
	return nil
}

func (n Node) at(y *yaml.Node) ledger.Pos {
	return ledger.Pos{File: n.f.name, Line: y.Line, Col: y.Column}
}

// resolve follows aliases.
func (n Node) resolve() *yaml.Node {
	r := n.n
	for r != nil && r.Kind == yaml.AliasNode {
		r = r.Alias
	}
	return r
}

func (n Node) children() []Node {
	if n.IsMap() {
		es := n.Entries()
		out := make([]Node, len(es))
		for i, e := range es {
			out[i] = e.Value
		}
		return out
	}
	return n.Items()
}

// Exists reports whether there is a node.
func (n Node) Exists() bool { return n.n != nil }

// IsMap reports whether it is a mapping.
func (n Node) IsMap() bool { r := n.resolve(); return r != nil && r.Kind == yaml.MappingNode }

// IsSeq reports whether it is a sequence.
func (n Node) IsSeq() bool { r := n.resolve(); return r != nil && r.Kind == yaml.SequenceNode }

// IsScalar reports whether it is a scalar.
func (n Node) IsScalar() bool { r := n.resolve(); return r != nil && r.Kind == yaml.ScalarNode }

// IsNull reports whether it is an explicit or empty null.
func (n Node) IsNull() bool { return n.IsScalar() && n.resolve().Tag == "!!null" }

// Pos returns the position of the value.
func (n Node) Pos() ledger.Pos {
	if n.n == nil {
		return ledger.Pos{}
	}
	return n.at(n.n)
}

// KeyPos returns the position of the key under which the value stands, or of the value in a sequence.
func (n Node) KeyPos() ledger.Pos {
	if n.key != nil {
		return n.at(n.key)
	}
	return n.Pos()
}

// Str returns the scalar's text.
func (n Node) Str() string {
	if !n.IsScalar() || n.IsNull() {
		return ""
	}
	return n.resolve().Value
}

// Tag returns the type that YAML gives the scalar: "!!str", "!!int", "!!float", "!!bool", "!!null"; "" for what is no scalar.
func (n Node) Tag() string {
	if !n.IsScalar() {
		return ""
	}
	return n.resolve().ShortTag()
}

// Quoted reports whether the scalar stands in quotes or in a block, and so is text whatever it looks like.
func (n Node) Quoted() bool {
	return n.IsScalar() && n.resolve().Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// Int returns the scalar as a whole number.
func (n Node) Int() (int64, bool) {
	v, err := strconv.ParseInt(n.Str(), 0, 64)
	return v, err == nil
}

// Bool returns the scalar as a boolean (true or false, YAML 1.2).
func (n Node) Bool() (v, ok bool) {
	switch n.Str() {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// Setting returns the index of the setting that a leaf was recorded as. It panics on a node that is no leaf: that is a bug in the reader.
func (n Node) Setting() int {
	i, ok := n.f.settings[n.resolve()]
	if !ok {
		panic("yamldoc: " + n.Path + " is no leaf")
	}
	return i
}

// IsLeaf reports whether the node is a scalar or an empty collection, and so a setting of its own.
func (n Node) IsLeaf() bool {
	r := n.resolve()
	return r != nil && (r.Kind == yaml.ScalarNode || len(r.Content) == 0)
}

// Settings returns the settings of all leaves at or below the node.
func (n Node) Settings() []int {
	if n.n == nil {
		return nil
	}
	if n.IsLeaf() {
		return []int{n.Setting()}
	}
	var out []int
	for _, c := range n.children() {
		out = append(out, c.Settings()...)
	}
	return out
}

// Get returns the value under a key of a mapping, the absent Node if there is none.
func (n Node) Get(keys ...string) Node {
	for _, k := range keys {
		n = n.get(k)
	}
	return n
}

func (n Node) get(key string) Node {
	for _, e := range n.Entries() {
		if e.Key == key {
			return e.Value
		}
	}
	return Node{f: n.f}
}

// Entries returns the pairs of a mapping in order, merge keys expanded: the mapping's own keys win, and then the first of several merged mappings.
func (n Node) Entries() []Entry {
	r := n.resolve()
	if r == nil || r.Kind != yaml.MappingNode {
		return nil
	}
	ps := n.f.pairsOf(r)
	out := make([]Entry, len(ps))
	for i, p := range ps {
		out[i] = Entry{p.key.Value, Node{n: p.value, key: p.key, Path: join(n.Path, p.key.Value), f: n.f}}
	}
	return out
}

type pair struct{ key, value *yaml.Node }

// pairsOf expands the merge keys of a mapping once: a mapping that merges others, which merge others in turn, would be walked exponentially often otherwise. A mapping that merges
// itself contributes nothing to itself.
func (f *file) pairsOf(r *yaml.Node) []pair {
	if ps, ok := f.pairs[r]; ok {
		return ps
	}
	f.pairs[r] = nil // while it is being expanded
	out := make([]pair, 0, len(r.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(r.Content); i += 2 {
		k, v := r.Content[i], r.Content[i+1]
		if k.Tag != "!!merge" {
			out = append(out, pair{k, v})
			continue
		}
		if m := (Node{n: v}).resolve(); m.Kind == yaml.SequenceNode {
			merged = append(merged, m.Content...)
		} else {
			merged = append(merged, m)
		}
	}
	if len(merged) > 0 {
		seen := make(map[string]bool, len(out))
		for _, p := range out {
			seen[p.key.Value] = true
		}
		for _, m := range merged {
			m = Node{n: m}.resolve()
			if m == nil || m.Kind != yaml.MappingNode {
				continue
			}
			for _, p := range f.pairsOf(m) {
				if !seen[p.key.Value] {
					seen[p.key.Value] = true
					out = append(out, p)
				}
			}
		}
	}
	f.pairs[r] = out
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Items returns the elements of a sequence.
func (n Node) Items() []Node {
	r := n.resolve()
	if r == nil || r.Kind != yaml.SequenceNode {
		return nil
	}
	out := make([]Node, len(r.Content))
	for i, c := range r.Content {
		out[i] = Node{n: c, Path: n.Path + "[" + strconv.Itoa(i) + "]", f: n.f}
	}
	return out
}
