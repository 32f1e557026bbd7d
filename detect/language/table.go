package language

import (
	"errors"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// entry is one value of a TOML file under its full key. Tables are flattened,
// inline ones too; of a list, the strings are kept.
type entry struct {
	key   string // dotted: tool.poetry.dependencies.python
	text  string
	items []string
	line  int
}

type table []entry

// parseTOML reads TOML with positions through go-toml's parser. The line of a
// syntax error is returned with it.
func parseTOML(data []byte) (t table, line int, err error) {
	// The parser bounds nesting by itself; it panics on a range that it cannot
	// place in its input.
	defer func() {
		if r := recover(); r != nil {
			t, line, err = nil, 0, errors.New("not understood")
		}
	}()
	lines := lineIndex(data)
	var p unstable.Parser
	p.Reset(data)
	prefix := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			key, off := dotted(e.Key())
			prefix = key + "."
			t = append(t, entry{key: key, line: lines.at(off)})
		case unstable.KeyValue:
			t = flatten(t, prefix, e, lines)
		}
	}
	if err := p.Error(); err != nil {
		var pe *unstable.ParserError
		line := 0
		if errors.As(err, &pe) {
			if len(pe.Highlight) > 0 {
				line = lines.at(int(p.Range(pe.Highlight).Offset))
			}
			err = errors.New(pe.Message)
		}
		return t, line, err
	}
	return t, 0, nil
}

func flatten(t table, prefix string, kv *unstable.Node, lines lineStarts) table {
	key, off := dotted(kv.Key())
	e := entry{key: prefix + key, line: lines.at(off)}
	v := kv.Value()
	switch v.Kind {
	case unstable.InlineTable:
		t = append(t, e)
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				t = flatten(t, e.key+".", it.Node(), lines)
			}
		}
		return t
	case unstable.Array:
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.String {
				e.items = append(e.items, string(it.Node().Data))
			}
		}
	default:
		e.text = string(v.Data)
	}
	return append(t, e)
}

func dotted(it unstable.Iterator) (string, int) {
	var keys []string
	off := -1
	for it.Next() {
		n := it.Node()
		if off < 0 {
			off = int(n.Raw.Offset)
		}
		keys = append(keys, string(n.Data))
	}
	return strings.Join(keys, "."), off
}

func (t table) get(key string) (entry, bool) {
	for i := range t {
		if t[i].key == key {
			return t[i], true
		}
	}
	return entry{}, false
}

// below returns the entries directly under a table.
func (t table) below(key string) []entry {
	var out []entry
	for _, e := range t {
		if rest, ok := strings.CutPrefix(e.key, key+"."); ok && !strings.Contains(rest, ".") {
			out = append(out, e)
		}
	}
	return out
}

// any reports whether a table of that name, or anything in it, exists.
func (t table) any(keys ...string) bool {
	return slices.ContainsFunc(t, func(e entry) bool {
		return slices.ContainsFunc(keys, func(k string) bool {
			return e.key == k || strings.HasPrefix(e.key, k+".")
		})
	})
}

// table reads a TOML build file.
func (t *tree) table(p string) (table, bool) {
	data, ok := t.build(p)
	if !ok {
		return nil, false
	}
	tab, line, err := parseTOML(data)
	if err != nil {
		t.found(p, line, "not TOML: "+err.Error(), "mend the syntax; lift uses what stands before this line")
	}
	return tab, err == nil
}
