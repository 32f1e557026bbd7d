package pipeline

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/deploy"
)

var update = flag.Bool("update", false, "rewrite lift.schema.json")

// document is a lift.yaml in which the row alone is given a value.
func document(row ConfigKey, value string) string {
	var b strings.Builder
	indent := ""
	for name := range strings.SplitSeq(row.Name, ".") {
		switch {
		case name == "[]":
			b.WriteString("\n" + indent + "-")
			indent += "  "
			continue
		case strings.HasSuffix(b.String(), "-"):
			b.WriteString(" ")
		case b.Len() > 0:
			b.WriteString("\n" + indent)
		}
		if name == "*" {
			name = map[bool]string{true: "/opt/shop", false: "web"}[strings.HasPrefix(row.Name, "paths")]
		}
		b.WriteString(name + ":")
		indent += "  "
	}
	b.WriteString(" " + value + "\n")
	switch row.Name {
	case "accept.[].reason":
		b.WriteString("    setting: x\n")
	case "accept.[].setting", "accept.[].at", "accept.[].stays":
		b.WriteString("    reason: x\n")
	}
	return b.String()
}

func faults(doc string) string {
	_, bad := ReadConfig(fstest.MapFS{ConfigFile: &fstest.MapFile{Data: []byte(doc)}})
	var out []string
	for _, f := range bad {
		out = append(out, f.String())
	}
	return strings.Join(out, "\n")
}

// Each row of the table is a key that the parser takes with its example and refuses with a value of another kind; a pin leads to a leaf of the model.
func TestConfigKeys(t *testing.T) {
	for _, row := range ConfigKeys {
		if got := faults(document(row, row.Example)); got != "" {
			t.Errorf("%s: the example is refused: %s\n%s", row.Name, got, document(row, row.Example))
		}
		for _, wrong := range []string{"{a: b}", "", "[{a: b}]", "*x"} {
			if row.Type == isText && wrong == "*x" {
				continue // no YAML at all, whatever the row
			}
			if got := faults(document(row, wrong)); !strings.HasPrefix(got, ConfigFile+":") {
				t.Errorf("%s: %q is taken: %q", row.Name, wrong, got)
			}
		}
		if row.Type != isText && row.Type != isTexts {
			if got := faults(document(row, "some thing")); !strings.Contains(got, "write for example") && !strings.Contains(got, "use ") {
				t.Errorf("%s: a value of the wrong kind is taken, or the message shows no right one: %q", row.Name, got)
			}
		}
		if row.Doc == "" || row.Example == "" || row.Type == "" {
			t.Errorf("%s is not described", row.Name)
		}
		misspelt := row
		misspelt.Name = row.Name + "x"
		if got := faults(document(misspelt, row.Example)); !strings.HasSuffix(row.Name, "*") && !strings.Contains(got, "unknown key") {
			t.Errorf("%s is taken: %q", misspelt.Name, got)
		}
	}
}

// The published schema is made of the same table.
func TestConfigSchema(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(ConfigSchema()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("lift.schema.json", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	published, err := os.ReadFile("lift.schema.json")
	if err != nil || !bytes.Equal(published, b.Bytes()) {
		t.Fatalf("lift.schema.json is not what the table says; go test ./pipeline -run TestConfigSchema -update (%v)", err)
	}
	var root map[string]any
	if err := json.Unmarshal(published, &root); err != nil {
		t.Fatal(err)
	}
	// every key of the schema is one that the parser takes, and every row of the table is in it
	var keys []string
	var walk func(s map[string]any, at string)
	walk = func(s map[string]any, at string) {
		if s["type"] != "object" {
			if items, ok := s["items"].(map[string]any); ok && items["type"] == "object" {
				walk(items, at+".[]")
				return
			}
			keys = append(keys, strings.TrimPrefix(at, "."))
			return
		}
		props, _ := s["properties"].(map[string]any)
		for name, p := range props {
			walk(p.(map[string]any), at+"."+name)
		}
		if any, ok := s["additionalProperties"].(map[string]any); ok {
			walk(any, at+".*")
		} else if s["additionalProperties"] != false {
			t.Errorf("%s takes any key", at)
		}
	}
	walk(root, "")
	var rows []string
	for _, row := range ConfigKeys {
		rows = append(rows, row.Name)
	}
	slices.Sort(rows)
	slices.Sort(keys)
	if !slices.Equal(rows, keys) {
		t.Errorf("the parser knows\n%v\nthe schema\n%v", rows, keys)
	}
}

// The key that lift diff prints is one that lift.yaml takes, and means the same leaf.
func TestDottedKeys(t *testing.T) {
	for _, key := range []deploy.Path{
		deploy.At("workloads", "web", "resources", "memory", "request"),
		deploy.At("workloads", "a.b", "ports", "8080/tcp", "name"),
		deploy.At("volumes", "data", "size"),
	} {
		c, bad := ReadConfig(fstest.MapFS{ConfigFile: &fstest.MapFile{Data: fmt.Appendf(nil, "%s: 1Gi\n", key)}})
		if len(bad) > 0 || len(c.Pins) != 1 || c.Pins[0].Path != key {
			t.Errorf("%s: %v %v", key, c.Pins, bad)
		}
	}
}
