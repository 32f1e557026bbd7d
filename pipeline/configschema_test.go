package pipeline

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// validator is what an editor does with the published schema: it says whether a lift.yaml is valid.
func validator(t *testing.T) func(doc string) error {
	t.Helper()
	published, err := os.ReadFile("lift.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("lift.schema.json", value); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("lift.schema.json") // against its meta-schema, too
	if err != nil {
		t.Fatal(err)
	}
	return func(doc string) error {
		var v any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		return schema.Validate(v)
	}
}

// A validator of JSON schemas takes each key with its example and refuses a misspelt key and a value of another kind, as the parser does.
func TestSchemaAgreesWithParser(t *testing.T) {
	validate := validator(t)
	for _, row := range ConfigKeys {
		if err := validate(document(row, row.Example)); err != nil {
			t.Errorf("%s: the example is refused: %v", row.Name, err)
		}
		if err := validate(document(row, "{a: b}")); err == nil {
			t.Errorf("%s: a mapping is taken for a value", row.Name)
		}
		if row.Type == isNumber || row.Type == isYesNo || strings.Contains(row.Type, " | ") {
			if err := validate(document(row, "some thing")); err == nil {
				t.Errorf("%s: a value of the wrong kind is taken", row.Name)
			}
		}
		if misspelt := row; !strings.HasSuffix(row.Name, "*") {
			misspelt.Name += "x"
			if err := validate(document(misspelt, row.Example)); err == nil {
				t.Errorf("%s is taken", misspelt.Name)
			}
		}
	}
}

// What lift takes, an editor does not mark: each lift.yaml of the fixtures that the parser takes is valid, and the page's own one is.
func TestSchemaTakesWhatLiftTakes(t *testing.T) {
	validate := validator(t)
	var docs []string
	plain, _ := filepath.Glob("../fixtures/apps/*/lift.yaml")
	for _, file := range plain {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(src))
	}
	cases, _ := filepath.Glob("../fixtures/*/*.txtar")
	for _, file := range cases {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "in/"+ConfigFile {
				docs = append(docs, string(f.Data))
			}
		}
	}
	page, err := os.ReadFile("../docs/reference/lift.yaml.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	docs = append(docs, example)
	taken := 0
	for _, doc := range docs {
		if faults(doc) != "" {
			continue
		}
		taken++
		if err := validate(doc); err != nil {
			t.Errorf("%v\n%s", err, doc)
		}
	}
	if taken < 5 {
		t.Fatalf("only %d examples", taken)
	}
}
