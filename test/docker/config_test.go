package docker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/deploylift/lift/internal/cases"
)

// Whatever the fixtures become, compose takes it and warns of nothing, once the user has done step 1 of the runbook.
func TestConfig(t *testing.T) {
	need(t)
	systems, err := cases.Systems(fixtures, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, s := range systems {
		t.Run(s.Name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			if !migrate(t, append([]string{s.In, "--out", out}, s.Flags...)...) {
				t.Skip("it begins above containers")
			}
			if _, err := os.Stat(filepath.Join(out, "compose.yaml")); err != nil {
				return // nothing of it runs
			}
			prepare(t, out)
			judged++
			if said := refused(out); said != "" {
				src, _ := os.ReadFile(filepath.Join(out, "compose.yaml"))
				t.Errorf("%s\nof\n%s", said, src)
			}
		})
	}
	t.Logf("%d compose files", judged)
	if judged < 150 {
		t.Errorf("only %d compose files were judged: the fixtures have more", judged)
	}
}

// refused is what compose says about the compose.yaml of a directory; nothing if it takes it.
func refused(dir string) string {
	out, said, err := docker(dir, "compose", "--profile", "*", "config")
	if err == nil && said == "" && out == "" {
		return "compose prints nothing"
	}
	return said
}
