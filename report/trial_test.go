package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/report"
	"github.com/deploylift/lift/verify/run"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func verdict() run.Verdict {
	at := ledger.Pos{File: "deploy/web.service", Line: 12}
	return run.Verdict{
		System: "shop", Nonce: "abc", Original: "processes", Tiers: []string{"docker", "kubernetes"},
		Findings: []run.Finding{
			{Tier: "docker", Workload: "web", Aspect: "exchange: GET /healthz", Status: run.Same},
			{Tier: "docker", Workload: "web", Aspect: "umask", Status: run.Same, Original: "0027", Here: "0027"},
			{Tier: "docker", Workload: "web", Aspect: "cgroup.pids", Status: run.Same, Original: "64", Here: "64", Reason: "declared as lost, and yet the same here: bounded for a node"},
			{Tier: "docker", Workload: "web", Aspect: "stop.grace", Status: run.NotTested, Reason: "the clock stands still"},
			{Tier: "kubernetes", Workload: "web", Aspect: "umask", Status: run.Declared, Original: "0027", Here: "0022", Reason: "a container has no umask of its own", Remedy: "set it in the program", At: at},
			{Tier: "kubernetes", Workload: "db", Aspect: "umask", Status: run.Declared, Original: "0077", Here: "0022", Reason: "a container has no umask of its own", Remedy: "set it in the program"},
			{Tier: "kubernetes", Workload: "web", Aspect: "env.LEVEL", Status: run.Undeclared, Original: "info", Here: "(not set)", Reason: "the files of this tier say info", At: at},
		},
		Skipped: []run.Skip{{Tier: "kubernetes", Why: "not all of it"}},
	}
}

const wantText = `
Undeclared differences
  undeclared: kubernetes: web: env.LEVEL (deploy/web.service:12): the files of this tier say info; info → (not set)

Differences, as the ledger declares them
  kubernetes: a container has no umask of its own: web umask 0027 → 0022, db umask 0077 → 0022
      → set it in the program

The same, although declared as lost
  docker: declared as lost, and yet the same here: bounded for a node: web cgroup.pids

Not tested
  docker: the clock stands still: web stop.grace
  kubernetes: all of it: not all of it

What was compared with processes
                                 docker        kubernetes
  requests and answers           1 same        –
  variables                      –             1 UNDECLARED
  umask                          1 same        2 as declared
  memory, CPU, processes         1 same        –
  stop: signal, order, patience  1 not tested  –

shop: NOT equivalent: 1 undeclared difference on 1 exchange and 5 aspects; 2 differ as declared, 1 not tested; not run: kubernetes
`

func TestTrialText(t *testing.T) {
	var b bytes.Buffer
	if err := report.NewTrial(verdict()).Text(&b, false); err != nil {
		t.Fatal(err)
	}
	if b.String() != wantText {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), wantText)
	}
}

func TestTrialLine(t *testing.T) {
	v := verdict()
	v.Findings, v.Skipped = v.Findings[:6], nil
	if got, want := report.NewTrial(v).Line(), "shop: equivalent on 1 exchange and 4 aspects; 2 differ as declared, 1 not tested"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	v.Findings = nil
	if got := report.NewTrial(v).Line(); !strings.Contains(got, "nothing was compared") {
		t.Errorf("%q", got)
	}
}

func TestTrialMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := report.NewTrial(verdict()).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# shop: processes → docker, kubernetes", "| umask | 1 same | 2 as declared |", "## Undeclared differences", "**undeclared**: kubernetes: web: env.LEVEL"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

func TestTrialJSONKeepsItsSchema(t *testing.T) {
	var b bytes.Buffer
	if err := report.NewTrial(verdict()).JSON(&b); err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.TrialSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("trial.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("trial.json")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(b.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	value.(map[string]any)["findings"].([]any)[0].(map[string]any)["status"] = "fine"
	if schema.Validate(value) == nil {
		t.Error("the schema takes a status that there is not")
	}
}

func TestTrialJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := report.NewTrial(verdict()).JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Suites) != 3 || got.Suites[0].Tests != 4 || got.Suites[0].Skipped != 1 || got.Suites[1].Failures != 1 || got.Suites[1].Cases[2].Failure == nil || got.Suites[2].Skipped != 1 {
		t.Errorf("%+v", got)
	}
}
