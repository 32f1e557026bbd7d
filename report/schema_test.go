package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/report"
)

// schema is the part of JSON Schema (draft 2020-12) that schema.json uses. A keyword that is not here is an error: it would be believed to hold and checked by nobody.
type schema struct {
	Type       string             `json:"type"`
	Enum       []any              `json:"enum"`
	Const      any                `json:"const"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Additional *bool              `json:"additionalProperties"`
	Items      *schema            `json:"items"`
	Minimum    json.Number        `json:"minimum"`

	// annotations
	Schema string `json:"$schema"`
	ID     string `json:"$id"`
	Title  string `json:"title"`
}

func parseSchema(src []byte) (*schema, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.DisallowUnknownFields()
	d.UseNumber()
	var s schema
	if err := d.Decode(&s); err != nil {
		return nil, err
	}
	return &s, s.sound("")
}

// sound reports what is wrong with the schema itself.
func (s *schema) sound(at string) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(at+": "+format, args...)) }
	switch s.Type {
	case "object":
		if s.Additional == nil || *s.Additional {
			bad("an object that takes any property is no contract")
		}
	case "array":
		if s.Items == nil {
			bad("an array without items")
		}
	case "string", "boolean", "integer":
	case "":
		if s.Enum == nil && s.Const == nil {
			bad("anything is allowed")
		}
	default:
		bad("type %q is not known here", s.Type)
	}
	if s.Properties != nil && s.Type != "object" || s.Items != nil && s.Type != "array" || s.Minimum != "" && s.Type != "integer" {
		bad("a keyword has no effect on type %q", s.Type)
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			bad("%s is required, but not described", name)
		}
	}
	for name, p := range s.Properties {
		errs = append(errs, p.sound(at+"/"+name))
	}
	if s.Items != nil {
		errs = append(errs, s.Items.sound(at+"/*"))
	}
	return errors.Join(errs...)
}

// check validates a value; seen collects the properties that occur, by their place in the schema.
func (s *schema) check(at string, v any, seen map[string]bool) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, at+": "+fmt.Sprintf(format, args...)) }
	if s.Type != "" && s.Type != typeOf(v) {
		bad("is of type %s, not %s", typeOf(v), s.Type)
		return out
	}
	equal := func(want any) bool { return fmt.Sprintf("%T %v", want, want) == fmt.Sprintf("%T %v", v, v) }
	if s.Const != nil && !equal(s.Const) {
		bad("is %v, not %v", v, s.Const)
	}
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, equal) {
		bad("is %v, which is none of %v", v, s.Enum)
	}
	if s.Type == "" {
		return out // enum and const say all
	}
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		if least, err := s.Minimum.Int64(); s.Minimum != "" && (err != nil || n < least) {
			bad("is %s, less than %s", v, s.Minimum)
		}
	case []any:
		for _, item := range v {
			out = append(out, s.Items.check(at+"/*", item, seen)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				bad("%s is missing", name)
			}
		}
		for name, value := range v {
			p := s.Properties[name]
			if p == nil {
				bad("%s is not described", name)
				continue
			}
			seen[at+"/"+name] = true
			out = append(out, p.check(at+"/"+name, value, seen)...)
		}
	}
	return out
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if _, err := v.Int64(); err != nil {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	}
	return "object"
}

// places lists all properties that the schema describes.
func (s *schema) places(at string) []string {
	var out []string
	for name, p := range s.Properties {
		out = append(append(out, at+"/"+name), p.places(at+"/"+name)...)
	}
	if s.Items != nil {
		out = append(out, s.Items.places(at+"/*")...)
	}
	return out
}

func decode(t *testing.T, src []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("no JSON: %v\n%.500s", err, src)
	}
	if d.More() {
		t.Fatal("more than one document is printed")
	}
	return v
}

// outputs runs the command as scripts do and returns the JSON of its verbs on the bookshop, by what was run. The command is built, for a report from anything less is not what is published.
func outputs(t *testing.T) map[string]any {
	t.Helper()
	base := t.TempDir()
	lift := filepath.Join(base, "lift")
	if out, err := exec.Command("go", "build", "-o", lift, "../cmd/lift").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tree, out := filepath.Join(base, "bookshop"), filepath.Join(base, "out")
	if err := os.CopyFS(tree, os.DirFS("../fixtures/apps/bookshop")); err != nil {
		t.Fatal(err)
	}
	docs := map[string]any{}
	run := func(name string, code int, args ...string) {
		t.Helper()
		cmd := exec.Command(lift, append(args, "--format", "json")...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Fatalf("%s: exit %d, want %d: %v\n%s", name, got, code, err, stderr.Bytes())
		}
		docs[name] = decode(t, stdout.Bytes())
	}
	edit := func(p, old, now string) {
		t.Helper()
		p = filepath.Join(out, filepath.FromSlash(p))
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%s does not contain %q", p, old)
		}
		if err := os.WriteFile(p, bytes.Replace(data, []byte(old), []byte(now), 1), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run("detect", 0, "detect", tree)
	if err := os.WriteFile(filepath.Join(tree, "lift.yaml"), []byte("accept:\n  - {setting: UMask, reason: nobody else reads it}\n  - {stays: worker, reason: it answers no requests}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run("diff", 0, "diff", tree, "--to", "knative", "--out", out)
	run("migrate", 0, "migrate", tree, "--to", "knative", "--out", out)
	run("verify", 0, "verify", tree, "--out", out)
	edit("compose.yaml", "    mem_limit: 128m\n", "    mem_limit: 129m\n")
	edit("kubernetes/base/worker/configmap.yaml", "  WORKER_INTERVAL: \"5\"\n", "")
	run("verify, edited", 1, "verify", tree, "--out", out)
	run("migrate to a lower target", 0, "migrate", tree, "--to", "compose", "--out", out, "--force")
	unit := filepath.Join(tree, "deploy/etc/systemd/system/worker.service")
	if err := os.WriteFile(unit, []byte("[Service]\nMemoryMax=2Q\nExecStart=/usr/bin/python3 worker.py\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run("detect, bad input", 2, "detect", tree)
	run("migrate, bad input", 2, "migrate", tree, "--to", "knative", "--out", out)
	run("verify, bad input", 2, "verify", tree, "--out", out)
	return docs
}

func TestSchema(t *testing.T) {
	s, err := parseSchema(report.Schema)
	if err != nil {
		t.Fatal(err)
	}
	docs := outputs(t)
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		for _, fault := range s.check("", docs[name], seen) {
			t.Errorf("%s: %s", name, fault)
		}
		if verb, _, _ := strings.Cut(name, " "); docs[name].(map[string]any)["verb"] != strings.TrimSuffix(verb, ",") {
			t.Errorf("%s: the verb is %v", name, docs[name].(map[string]any)["verb"])
		}
	}
	for _, p := range slices.Sorted(slices.Values(s.places(""))) {
		if !seen[p] {
			t.Errorf("%s is described, but occurs in no output", p)
		}
	}
	for _, name := range []string{"diff", "migrate to a lower target", "verify, edited"} { // together they have it all
		t.Run("broken/"+name, func(t *testing.T) { broken(t, s, docs[name]) })
	}
}

// broken breaks a document at each of its places in each way, and wants each to be refused.
func broken(t *testing.T, s *schema, doc any) {
	n := 0
	refused := func(at, what string) {
		t.Helper()
		n++
		if len(s.check("", doc, map[string]bool{})) == 0 {
			t.Errorf("%s %s, and the document is still valid", at, what)
		}
	}
	var walk func(at string, s *schema, v any, set func(any))
	walk = func(at string, s *schema, v any, set func(any)) {
		try := func(what string, bad any) {
			t.Helper()
			set(bad)
			refused(at, what)
			set(v)
		}
		try("is null", nil)
		try("is a list of lists", []any{[]any{}})
		try("is 1.5", json.Number("1.5"))
		if s.Enum != nil || s.Const != nil {
			try("is a word that nobody knows", "perhaps")
			try("is a number that nobody knows", json.Number("4711"))
		}
		if s.Minimum != "" {
			try("is negative", json.Number("-1"))
		}
		switch v := v.(type) {
		case string:
			try("is a number", json.Number("1"))
		case json.Number:
			try("is text", v.String())
		case bool:
			try("is text", "true")
		case map[string]any:
			v["surplus"] = "x"
			refused(at, "has a surplus property")
			delete(v, "surplus")
			for name, p := range s.Properties {
				value, ok := v[name]
				if !ok {
					continue
				}
				if slices.Contains(s.Required, name) {
					delete(v, name)
					refused(at, "lacks "+name)
					v[name] = value
				}
				walk(at+"/"+name, p, value, func(x any) { v[name] = x })
			}
		case []any:
			if len(v) > 0 {
				i := len(v) - 1
				walk(at+"/*", s.Items, v[i], func(x any) { v[i] = x })
			}
		}
	}
	root := doc
	walk("", s, doc, func(x any) { doc = x })
	doc = root
	if faults := s.check("", doc, map[string]bool{}); len(faults) > 0 {
		t.Errorf("the document was not put together again: %v", faults)
	}
	if n < 100 {
		t.Errorf("only %d ways to break it were tried", n)
	}
}

// A schema with a keyword that nobody checks, or that says nothing, is refused.
func TestUnsoundSchema(t *testing.T) {
	for _, src := range []string{
		`{"type": "string", "pattern": "^x"}`,
		`{"type": "object"}`,
		`{"type": "object", "additionalProperties": true}`,
		`{"type": "object", "additionalProperties": false, "required": ["a"]}`,
		`{"type": "object", "additionalProperties": false, "properties": {"a": {}}}`,
		`{"type": "array"}`,
		`{"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {"a": {"$ref": "#"}}}}`,
		`{"type": "number"}`,
		`{"type": "string", "minimum": 1}`,
	} {
		if _, err := parseSchema([]byte(src)); err == nil {
			t.Errorf("%s is taken for sound", src)
		}
	}
}
