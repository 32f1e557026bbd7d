package language

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// value is a JSON value that knows its line.
type value struct {
	kind byte   // '{', '[', 's' for a string, 0 for anything else
	text string // of a string
	line int    // of the value's key if it is a member, else of the value
	keys []string
	vals []value // members or elements
}

// parseJSON reads JSON with positions. The line of a syntax error is returned
// with it.
func parseJSON(data []byte) (value, int, error) {
	lines := lineIndex(data)
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		var se *json.SyntaxError
		if errors.As(err, &se) {
			if len(bytes.TrimSpace(data)) == 0 {
				return value{}, 1, errors.New("empty file")
			}
			return value{}, lines.at(int(se.Offset) - 1), err
		}
		return value{}, 1, err
	}
	// The text is valid, so that no token below can fail, and encoding/json
	// has refused nesting deeper than 10,000.
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // 1e999 is valid and no float64
	v, err := readJSON(d, lines)
	return v, v.line, err
}

func readJSON(d *json.Decoder, lines lineStarts) (value, error) {
	tok, err := d.Token()
	if err != nil {
		return value{}, err
	}
	v := value{line: lines.at(int(d.InputOffset()) - 1)}
	switch tok := tok.(type) {
	case string:
		v.kind, v.text = 's', tok
	case json.Delim:
		v.kind = byte(tok)
		for d.More() {
			line := 0
			if v.kind == '{' {
				key, err := d.Token()
				if err != nil {
					return v, err
				}
				line = lines.at(int(d.InputOffset()) - 1)
				v.keys = append(v.keys, key.(string))
			}
			e, err := readJSON(d, lines)
			if err != nil {
				return v, err
			}
			if line > 0 {
				e.line = line
			}
			v.vals = append(v.vals, e)
		}
		_, err = d.Token()
	}
	return v, err
}

// get returns the member at a path of keys; a key given twice counts with its
// last value, as JSON.parse has it.
func (v value) get(keys ...string) (value, bool) {
	for _, k := range keys {
		if v.kind != '{' {
			return value{}, false
		}
		found := false
		for i := len(v.keys) - 1; i >= 0; i-- {
			if v.keys[i] == k {
				v, found = v.vals[i], true
				break
			}
		}
		if !found {
			return value{}, false
		}
	}
	return v, true
}

// str returns the string at a path of keys.
func (v value) str(keys ...string) (string, int) {
	s, ok := v.get(keys...)
	if !ok || s.kind != 's' {
		return "", 0
	}
	return s.text, s.line
}

// strings returns the elements of a list of strings.
func (v value) strings() []string {
	var out []string
	if v.kind == '[' {
		for _, e := range v.vals {
			if e.kind == 's' {
				out = append(out, e.text)
			}
		}
	}
	return out
}

// lineStarts holds the offset of the first byte of each line.
type lineStarts []int

func lineIndex(data []byte) lineStarts {
	starts := lineStarts{0}
	for i, c := range data {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// at returns the 1-based line of an offset.
func (l lineStarts) at(offset int) int {
	return sort.Search(len(l), func(i int) bool { return l[i] > offset }) + btoi(offset < 0)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// object reads a JSON build file whose top must be an object.
func (t *tree) object(p string) (value, bool) {
	data, ok := t.build(p)
	if !ok {
		return value{}, false
	}
	v, line, err := parseJSON(data)
	switch {
	case err != nil:
		t.found(p, line, fmt.Sprintf("not JSON: %v", err), "mend the syntax; nothing can be built from it")
		return value{}, false
	case v.kind != '{':
		t.found(p, line, "not a JSON object", `a package.json begins with "{"; nothing can be built from it`)
		return value{}, false
	}
	return v, true
}

// has reports whether any of the dependency tables names a package.
func (v value) has(name string, tables ...string) (int, bool) {
	for _, table := range tables {
		if d, ok := v.get(table); ok {
			if i := slices.Index(d.keys, name); i >= 0 && i < len(d.vals) {
				return d.vals[i].line, true
			}
		}
	}
	return 0, false
}
