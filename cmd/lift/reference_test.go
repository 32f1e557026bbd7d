package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/unified"
	"github.com/deploylift/lift/pipeline"
	running "github.com/deploylift/lift/verify/run"
	"github.com/spf13/cobra/doc"
)

const docs = "../../docs"

// TestReference keeps docs/ current: a page for each source and target, printed from the tables that do the mapping, and the manual pages. go test ./cmd/lift -update rewrites them.
func TestReference(t *testing.T) {
	pages := map[string][]byte{}
	for _, s := range sources {
		pages["reference/source-"+s.Name+".md"] = sourcePage(s)
	}
	for _, s := range steps {
		pages["reference/target-"+s.Name+".md"] = targetPage(s.Target)
	}
	pages["reference/lift.yaml.md"] = configPage()
	var aspects bytes.Buffer
	if err := running.Reference(&aspects); err != nil {
		t.Fatal(err)
	}
	pages["reference/witness.md"] = aspects.Bytes()
	man := t.TempDir()
	a := &app{}
	// no date: the pages are the same from run to run
	if err := doc.GenManTree(a.root(), &doc.GenManHeader{Title: "LIFT", Section: "1", Source: "lift", Manual: "lift"}, man); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(man)
	if err != nil || len(list) < 7 {
		t.Fatal(list, err)
	}
	for _, f := range list {
		data, err := os.ReadFile(filepath.Join(man, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var kept [][]byte // without the line of history, which carries a date
		for line := range bytes.Lines(data) {
			if !bytes.Contains(line, []byte("Auto generated")) {
				kept = append(kept, line)
			}
		}
		pages["man/"+f.Name()] = undated(bytes.Join(kept, nil))
	}
	for name, want := range pages {
		p := filepath.Join(docs, filepath.FromSlash(name))
		if *update {
			writeFile(t, p, want)
			continue
		}
		have, _ := os.ReadFile(p)
		if d := unified.Diff("docs/"+name, "now", have, want, 1); len(d) > 0 {
			t.Errorf("docs/%s is not current:\n%.2000s", name, d)
		}
	}
}

// undated takes the month out of a manual page's first line.
func undated(page []byte) []byte {
	lines := strings.SplitN(string(page), "\n", 4)
	for i, l := range lines {
		if strings.HasPrefix(l, ".TH ") {
			f := strings.Split(l, `"`)
			if len(f) > 5 {
				f[5] = ""
			}
			lines[i] = strings.Join(f, `"`)
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(s) + "`"
}

func sourcePage(s detect.Source) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Source %s\n\n%s. Tier: %s.\n\nPrinted from the mapping table. `lift explain %s:KEY` tries a row and shows what becomes of it at each tier.\n", s.Name, upper(s.Doc), s.Tier, s.Name)
	section := "\x00"
	for _, k := range s.Keys() {
		if k.Section != section {
			section = k.Section
			if section != "" {
				fmt.Fprintf(&b, "\n## %s\n", section)
			}
			fmt.Fprintf(&b, "\n| Key | What it does | Example | Outcome | Why, and what to do | Specification |\n|-|-|-|-|-|-|\n")
		}
		why := k.Reason
		if k.Remedy != "" {
			why += "; " + k.Remedy
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", cell(k.Name), cell(k.Doc), code(k.Example), k.Outcome, cell(why), cell(k.Spec))
	}
	if len(s.Absent) > 0 {
		fmt.Fprintf(&b, "\n## Not set on minimal input\n\n| Place in the model | Why |\n|-|-|\n")
		for _, a := range s.Absent {
			fmt.Fprintf(&b, "| `%s` | %s |\n", a.Path, cell(a.Reason))
		}
	}
	return b.Bytes()
}

func configPage() []byte {
	var b bytes.Buffer
	b.WriteString(`# lift.yaml

What lift cannot know of a system stands in lift.yaml, at the root of the tree. Every key is optional. An unknown key, a name that is not there and a value of the wrong kind are errors with their line; nothing is written then.
Printed from the table that the parser reads by; [lift.schema.json](../../pipeline/lift.schema.json) is for editors (` + "`# yaml-language-server: $schema=…`" + ` in the first line).

` + "```yaml" + `
name: shop
registry: registry.example/team            # before the names of all images that are built here
paths:
  /opt/shop: .                             # what the machine has at /opt/shop is the root of the tree
skip: [worker]                             # stays where it is
workloads:
  orders:
    replicas: 2
    resources: {memory: {request: 256Mi}}
volumes:
  orders-state: {size: 5Gi}
workloads.storefront.probes.readiness.interval: 5s   # a key as lift diff lists it
accept:
  - setting: RestartSec
    at: deploy/*.service
    reason: the programs reconnect by themselves
` + "```" + `

- **Pins** (` + "`workloads`, `volumes`, `name`, `registry`" + `) take the place of what lift would assume: ` + "`lift diff`" + ` lists the key of each assumption. They outrank what a platform implies and what the tree suggests.
  What a source states is what runs today and outranks a pin; lift warns, with both positions. Workloads are called as in the sources. A pin that nothing asks for is a warning.
- **skip** and **only** make a partial migration. Addresses that lead to what stays behind are left as they are, and lift says how they are reached from the new place. ` + "`--only`" + ` chooses among what lift.yaml does not leave out.
- **accept** declares losses to be harmless: the report shows them apart, with the reason, and ` + "`--strict`" + ` does not count them. An entry that speaks of nothing is a warning.

| Key | Value | What it says | Example |
|-|-|-|-|
`)
	for _, k := range pipeline.ConfigKeys {
		name := strings.ReplaceAll(k.Name, "*", "NAME")
		switch {
		case strings.HasPrefix(k.Name, "paths"):
			name = "paths./PATH"
		case strings.Contains(k.Name, "ports"):
			name = strings.Replace(name, "ports.NAME", "ports.8080/tcp", 1)
		case strings.Contains(k.Name, "mounts"):
			name = strings.Replace(name, "mounts.NAME", "mounts./PATH", 1)
		case strings.Contains(k.Name, "before"):
			name = strings.Replace(name, "before.NAME", "before.0", 1)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", cell(name), cell(k.Type), cell(k.Doc), code(k.Example))
	}
	b.WriteString(`
Amounts are written as Kubernetes writes them (512Mi is binary, 512M decimal), CPU shares as 250m or 1.5, spans of time as 30s or 1m30s.
`)
	return b.Bytes()
}

func targetPage(t convert.Target) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Target %s\n\n%s.\n\nWhat it never holds. What is dropped here travels on to the next target, which may hold it.\n\n| Place in the model | Outcome | Why | What to do |\n|-|-|-|-|\n", t.Name, upper(t.Doc))
	for _, d := range t.Drops {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Path, d.Outcome, cell(d.Reason), cell(d.Remedy))
	}
	return b.Bytes()
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
