package mutant

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ofYAML changes one node after the other. The documents are printed anew, which says the same: see Reprint.
func ofYAML(data []byte) ([]Mutant, error) {
	docs, err := parse(data)
	if err != nil {
		return nil, err
	}
	y := &yamlFile{docs: docs}
	for n, doc := range docs {
		prefix := ""
		if n > 0 {
			prefix = fmt.Sprintf("(document %d) ", n+1)
		}
		for _, c := range doc.Content {
			y.walk(c, prefix)
		}
	}
	if y.err != nil {
		return nil, y.err
	}
	return y.out, nil
}

// Reprint returns a YAML file as the mutants of it are printed, comments left out and the keys of each mapping in another order: no check may notice that.
func Reprint(data []byte) ([]byte, error) {
	docs, err := parse(data)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		turn(d)
	}
	return encode(docs)
}

func turn(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	if n.Kind == yaml.MappingNode {
		var pairs [][]*yaml.Node
		for p := range slices.Chunk(n.Content, 2) {
			pairs = append(pairs, p)
		}
		slices.Reverse(pairs)
		n.Content = slices.Concat(pairs...)
	}
	for _, c := range n.Content {
		turn(c)
	}
}

func parse(data []byte) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, &doc)
	}
}

func encode(docs []*yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	for _, d := range docs {
		if err := enc.Encode(d); err != nil {
			return nil, err
		}
	}
	err := enc.Close()
	return b.Bytes(), err
}

type yamlFile struct {
	docs []*yaml.Node
	out  []Mutant
	err  error
}

// add prints the documents as they are in this moment.
func (y *yamlFile) add(kind Kind, at string, line int, format string, args ...any) {
	data, err := encode(y.docs)
	if err != nil {
		y.err = errors.Join(y.err, err)
	}
	y.out = append(y.out, Mutant{Kind: kind, At: at, Line: line, Last: line, What: fmt.Sprintf(format, args...), Data: data})
}

func (y *yamlFile) walk(n *yaml.Node, at string) {
	switch {
	case n.Kind == yaml.MappingNode:
		y.mapping(n, at)
	case n.Kind == yaml.SequenceNode:
		y.sequence(n, at)
	case n.Kind == yaml.ScalarNode && strings.Contains(strings.TrimSuffix(n.Value, "\n"), "\n"):
		y.text(n, at)
	case n.Kind == yaml.ScalarNode:
		was := n.Value
		for _, n.Value = range others(was) {
			y.add(Change, at, n.Line, "%q is %q", was, n.Value)
		}
		n.Value = was
	}
}

func (y *yamlFile) mapping(n *yaml.Node, at string) {
	was := n.Content
	for i := 0; i+1 < len(was); i += 2 {
		key := was[i]
		below := at + segment(at, key.Value)
		n.Content = slices.Concat(was[:i], was[i+2:])
		y.add(Drop, below, key.Line, "%s", said(was[i+1]))
		y.out[len(y.out)-1].Last = lastLine(was[i+1])
		n.Content = was
		if name := renamed(key.Value); !slices.ContainsFunc(was, func(k *yaml.Node) bool { return k.Value == name }) {
			old := key.Value
			key.Value = name
			y.add(Rename, below, key.Line, "%q is called %q", old, name)
			key.Value = old
		}
		y.walk(was[i+1], below)
	}
}

func (y *yamlFile) sequence(n *yaml.Node, at string) {
	was := n.Content
	for i, c := range was {
		below := at + "[" + strconv.Itoa(i) + "]"
		n.Content = slices.Concat(was[:i], was[i+1:])
		y.add(Drop, below, c.Line, "%s", said(c))
		y.out[len(y.out)-1].Last = lastLine(c)
		n.Content = slices.Concat(was[:i+1], was[i:])
		y.add(Duplicate, below, c.Line, "%s", said(c))
		if i > 0 {
			n.Content = slices.Clone(was)
			n.Content[i-1], n.Content[i] = was[i], was[i-1]
			y.add(Swap, below, c.Line, "%s stands before %s", said(c), said(was[i-1]))
		}
		n.Content = was
		y.walk(c, below)
	}
}

// text changes a text of several lines by its lines: a configuration file in a ConfigMap.
func (y *yamlFile) text(n *yaml.Node, at string) {
	was := n.Value
	for _, m := range ofLines([]byte(was)) {
		n.Value = string(m.Data)
		y.add(m.Kind, at+" "+m.At, n.Line+m.Line, "%s", m.What)
	}
	n.Value = was
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// segment is a step of a place; a key with dots stands in brackets.
func segment(at, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return "[" + key + "]"
	case at == "" || strings.HasSuffix(at, " "):
		return key
	}
	return "." + key
}

func renamed(key string) string { return next(key) }

// lastLine is that of the last leaf, where it begins.
func lastLine(n *yaml.Node) int {
	line := n.Line
	for _, c := range n.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// said is a node in a few words.
func said(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return strconv.Quote(n.Value)
	}
	text, err := yaml.Marshal(n)
	if err != nil {
		return err.Error()
	}
	line := strings.Join(strings.Fields(string(text)), " ")
	if len(line) > 60 {
		line = line[:60] + "…"
	}
	return line
}
