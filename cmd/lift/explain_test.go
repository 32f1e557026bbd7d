package main

import (
	"bytes"
	"strings"
	"testing"
)

// Every row of every table can be tried: its example is read without a fault, migrated all the way up with every structural check passing, and what became of it is printed for each target.
func TestExplainEveryRow(t *testing.T) {
	for _, s := range sources {
		if s.Sample == nil {
			continue
		}
		for _, k := range s.Keys() {
			if k.Example == "" {
				continue
			}
			l, err := try(s, k, steps[len(steps)-1].Name)
			if err != nil {
				t.Errorf("%s:%s: %v", s.Name, k.Name, err)
				continue
			}
			for _, f := range l.Findings {
				if f.Severity == "error" {
					t.Errorf("%s:%s=%s: %s", s.Name, k.Name, k.Example, f)
				}
			}
			for _, p := range l.Problems {
				t.Errorf("%s:%s=%s: %s", s.Name, k.Name, k.Example, p)
			}
			found := false
			for _, e := range l.Entries {
				found = found || k.Is(e.Key) && (e.At.File != "" || k.Section == "implied")
			}
			if !found && !l.Faulty() {
				t.Errorf("%s:%s: its sample has no setting of that key", s.Name, label(k))
			}
		}
	}
}

func TestExplain(t *testing.T) {
	for args, want := range map[string][]string{
		"systemd:MemoryMax":  {"compose.yaml:", "mem_limit: 512m", "memory: 512Mi", "knative/app.yaml:"},
		"systemd:OnCalendar": {"compose has no schedule", "schedule: 15 3 * * *"},
		"systemd:ExecReload": {"dropped", "→"},
	} {
		var out, errs bytes.Buffer
		a := &app{out: &out, err: &errs}
		if code := a.run([]string{"explain", args}); code != exitClean {
			t.Errorf("%s: exit %d: %s", args, code, errs.String())
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: %q is missing in\n%s", args, w, out.String())
			}
		}
	}
}
