// Package sam judges the templates that lift writes by the schema of the AWS Serverless Application Model. It is a module of its own, so that nobody who builds lift has to download the schema.
package sam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/schema"
	"github.com/deploylift/lift/internal/cases"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// scheduleV2 is an event that the schema of goformation does not have yet, after the SAM specification: sam-property-function-schedulev2.
const scheduleV2 = `{
	"type": "object", "additionalProperties": false, "required": ["ScheduleExpression"],
	"properties": {
		"ScheduleExpression": {"type": "string", "pattern": "^(cron\\(([^ ]+ ){5}[^ ]+\\)|rate\\(.+\\)|at\\(.+\\))$"},
		"ScheduleExpressionTimezone": {"type": "string"}, "State": {"enum": ["ENABLED", "DISABLED"]}, "Name": {"type": "string"}, "Description": {"type": "string"}, "Input": {"type": "string"},
		"FlexibleTimeWindow": {"type": "object", "additionalProperties": false, "required": ["Mode"], "properties": {"Mode": {"enum": ["OFF", "FLEXIBLE"]}, "MaximumWindowInMinutes": {"type": "integer", "minimum": 1, "maximum": 1440}}},
		"RetryPolicy": {"type": "object"}, "DeadLetterConfig": {"type": "object"}, "StartDate": {"type": "string"}, "EndDate": {"type": "string"}, "GroupName": {"type": "string"}, "KmsKeyArn": {"type": "string"}, "RoleArn": {"type": "string"}
	}
}`

// judge is the schema with the events by their types: the one of goformation takes the properties of any event for any other.
func judge(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(schema.SamSchema), &doc); err != nil {
		t.Fatal(err)
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(scheduleV2), &event); err != nil {
		t.Fatal(err)
	}
	definitions := doc["definitions"].(map[string]any)
	definitions["ScheduleV2"] = event
	one := func(kind, properties string, required ...any) map[string]any {
		return map[string]any{"type": "object", "additionalProperties": false, "required": append([]any{"Type"}, required...), "properties": map[string]any{
			"Type": map[string]any{"const": kind}, "Properties": map[string]any{"$ref": "#/definitions/" + properties},
		}}
	}
	definitions["AWS::Serverless::Function.EventSource"] = map[string]any{"anyOf": []any{one("HttpApi", "AWS::Serverless::Function.HttpApiEvent"), one("ScheduleV2", "ScheduleV2", "Properties")}}
	// a function's image is what its metadata says, and these are not known to the schema
	function := definitions["AWS::Serverless::Function"].(map[string]any)["properties"].(map[string]any)
	function["Metadata"] = map[string]any{"type": "object", "additionalProperties": false, "required": []any{"Dockerfile", "DockerContext", "DockerTag"}, "properties": map[string]any{
		"Dockerfile": map[string]any{"type": "string"}, "DockerContext": map[string]any{"type": "string"}, "DockerTag": map[string]any{"type": "string"},
	}}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sam.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sam.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// deployed puts values where CloudFormation does before SAM looks at a template; a reference that leads nowhere is a fault.
func deployed(template map[string]any) (any, error) {
	values := map[string]any{}
	params, _ := template["Parameters"].(map[string]any)
	for name, p := range params {
		kind, _ := p.(map[string]any)["Type"].(string)
		values[name] = "x"
		if strings.HasPrefix(kind, "List<") {
			values[name] = []any{"x"}
		}
	}
	resources, _ := template["Resources"].(map[string]any)
	for name := range resources {
		values[name] = "x"
	}
	var fault error
	var put func(v any) any
	put = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["Ref"].(string); ok && len(v) == 1 {
				if values[ref] == nil {
					fault = fmt.Errorf("Ref %s leads nowhere", ref)
				}
				return values[ref]
			}
			out := map[string]any{}
			for k, e := range v {
				out[k] = put(e)
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, e := range v {
				out[i] = put(e)
			}
			return out
		}
		return v
	}
	out := put(template)
	return out, fault
}

func complaint(t *testing.T, s *jsonschema.Schema, src []byte) error {
	t.Helper()
	var template map[string]any
	if err := yaml.Unmarshal(src, &template); err != nil {
		return err
	}
	v, err := deployed(template)
	if err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

// Whatever the fixtures become on Lambda, the schema of SAM takes it, and each file that it names is there.
func TestMigrations(t *testing.T) {
	s := judge(t)
	lift := filepath.Join(t.TempDir(), "lift")
	build := exec.Command("go", "build", "-o", lift, "./cmd/lift")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	systems, err := cases.Systems(filepath.Join("..", "..", "fixtures"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, system := range systems {
		out := filepath.Join(t.TempDir(), "out")
		cmd := exec.Command(lift, append([]string{"migrate", system.In, "--to", "lambda", "--out", out}, system.Flags...)...)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", system.Name, err, text)
			continue
		}
		src, err := os.ReadFile(filepath.Join(out, "lambda", "template.yaml"))
		if err != nil {
			continue // nothing of it becomes a function
		}
		judged++
		if err := complaint(t, s, src); err != nil {
			t.Errorf("%s: %v\n%s", system.Name, err, src)
		}
		var template struct {
			Resources map[string]struct {
				Type     string
				Metadata struct{ Dockerfile, DockerContext string }
			}
		}
		if err := yaml.Unmarshal(src, &template); err != nil {
			t.Fatal(err)
		}
		for name, r := range template.Resources {
			if r.Type != "AWS::Serverless::Function" {
				continue
			}
			if _, err := os.Stat(filepath.Join(out, "lambda", r.Metadata.DockerContext, r.Metadata.Dockerfile)); err != nil {
				t.Errorf("%s: %s: %v", system.Name, name, err)
			}
		}
	}
	t.Logf("%d templates", judged)
	if judged < 5 {
		t.Errorf("only %d templates were judged: the fixtures have more", judged)
	}
}

// Each mistake is found: a judge that takes everything proves nothing.
func TestJudgeRefuses(t *testing.T) {
	s := judge(t)
	src, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "systems", "bookshop", "lambda", "files", "lambda", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := complaint(t, s, src); err != nil {
		t.Fatalf("nothing is wrong with it: %v", err)
	}
	for _, c := range [][2]string{
		{"MemorySize: 128", "MemorySise: 128"},
		{"MemorySize: 128", "MemorySize: much"},
		{"Type: HttpApi", "Type: HttpAPI"},
		{"Path: /api/catalogue/\n", "Paths: /api/catalogue/\n"},
		{"cron(15 3 * * ? *)", "cron(15 3 * * *)"},
		{"State: ENABLED", "State: ON"},
		{"Ref: OrdersUrl", "Ref: OrderUrl"},
		{"Architectures: [\"x86_64\"]", "Architectures: x86_64"},
		{"LocalMountPath:", "MountPath:"},
		{"MaximumRetryAttempts: 0", "MaximumRetries: 0"},
		{"Type: AWS::Serverless::HttpApi", "Type: AWS::Serverless::HttpAPI"},
		{"EntryPoint: [", "Entrypoint: ["},
		{"DockerContext:", "Context:"},
		{"Transform: AWS::Serverless-2016-10-31\n", ""},
	} {
		bad := strings.Replace(string(src), c[0], c[1], 1)
		if bad == string(src) {
			t.Errorf("%q is not there", c[0])
		} else if complaint(t, s, []byte(bad)) == nil {
			t.Errorf("%q is taken", c[1])
		}
	}
}
