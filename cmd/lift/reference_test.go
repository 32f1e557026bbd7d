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

func targetPage(t convert.Target) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Target %s\n\n%s.\n\nWhat it never holds. What is dropped here travels on to the next target, which may hold it.\n\n| Place in the model | Outcome | Why | What to do |\n|-|-|-|-|\n", t.Name, upper(t.Doc))
	for _, d := range t.Drops {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Path, d.Outcome, cell(d.Reason), cell(d.Remedy))
	}
	return b.Bytes()
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
