package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/internal/unified"
	"github.com/deploylift/lift/report"
)

// Each key that lift diff lists can be written into lift.yaml: with all of them nothing is assumed any more, and the files are the same. Other values of the same kinds lead to no breach of a
// check either.
func TestEveryAssumptionCanBePinned(t *testing.T) {
	apps, err := filepath.Glob(fixtures + "/apps/*")
	if err != nil || len(apps) == 0 {
		t.Fatalf("no systems: %v", err)
	}
	for _, dir := range apps {
		for _, target := range targetNames() {
			t.Run(filepath.Base(dir)+"/"+target, func(t *testing.T) {
				base := t.TempDir()
				in := filepath.Join(base, filepath.Base(dir))
				if err := os.CopyFS(in, sourceFiles{os.DirFS(dir)}); err != nil {
					t.Fatal(err)
				}
				config := filepath.Join(in, "lift.yaml")
				before, _ := os.ReadFile(config)
				run := func(pins string) report.Report {
					t.Helper()
					writeFile(t, config, append(bytes.Clone(before), pins...))
					var stdout, stderr bytes.Buffer
					a := &app{out: &stdout, err: &stderr}
					if code := a.run([]string{"diff", in, "--to", target, "--out", filepath.Join(base, "out"), "--format", "json"}); code != exitClean {
						t.Fatalf("exit %d: %s\n%s", code, stderr.String(), pins)
					}
					var r report.Report
					if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
						t.Fatal(err)
					}
					return r
				}
				first := run("")
				if len(first.Assumptions) < 3 {
					t.Fatalf("only %d assumptions", len(first.Assumptions))
				}
				same, others := map[string]bool{}, map[string]bool{}
				for _, a := range first.Assumptions {
					same[a.Key+": "+quoted(a.Value)+"\n"] = true
					others[a.Key+": "+quoted(another(a.Value))+"\n"] = true
				}
				pinned := run(lines(same))
				for _, a := range pinned.Assumptions {
					t.Errorf("%s is pinned and assumed all the same", a.Key)
				}
				if now, was := filesOf(pinned.Diff, target), filesOf(first.Diff, target); now != was || was == "" {
					t.Errorf("pins of what is assumed change the files:\n%s", unified.Diff("was", "now", []byte(was), []byte(now), 3))
				}
				for _, e := range pinned.Ledger {
					mine := e.Line > bytes.Count(before, []byte{'\n'}) // the system's own pins are its own affair
					if e.File == "lift.yaml" && mine && e.Outcome != "converted" && e.Outcome != "inert" {
						t.Errorf("lift.yaml:%d: %s %s: %s", e.Line, e.Key, e.Outcome, e.Reason)
					}
				}
				run(lines(others))
			})
		}
	}
}

// filesOf returns those parts of a diff that are the target's own files: a pin for Kubernetes may be of use to compose, too.
func filesOf(diff, target string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(diff, "--- /dev/null\n") {
		if target == "compose" || strings.HasPrefix(part, "+++ b/"+target+"/") {
			out.WriteString(part)
		}
	}
	return out.String()
}

func lines(set map[string]bool) string {
	var b strings.Builder
	b.WriteByte('\n')
	for l := range set {
		b.WriteString(l)
	}
	return b.String()
}

func quoted(v string) string {
	if _, err := strconv.ParseBool(v); err == nil && len(v) > 1 {
		return v
	}
	return fmt.Sprintf("%q", v)
}

// another returns another value of the same kind, where there is one to be had.
func another(v string) string {
	if n, err := strconv.Atoi(v); err == nil {
		return strconv.Itoa(n + 1)
	}
	if d, err := time.ParseDuration(v); err == nil && !strings.HasSuffix(v, "m") {
		return (d + time.Second).String()
	}
	for _, unit := range []string{"Mi", "Gi", "m"} {
		if n, err := strconv.Atoi(strings.TrimSuffix(v, unit)); err == nil {
			return strconv.Itoa(n/2+1) + unit
		}
	}
	if other, ok := map[string]string{"true": "false", "false": "true", "none": "CHOWN", "RuntimeDefault": "Unconfined"}[v]; ok {
		return other
	}
	return v
}
