package docker

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// byHand is what step 1 of the runbook leaves to the user: a variable whose value no command can fetch.
var byHand = regexp.MustCompile(`^# ([A-Za-z_][A-Za-z0-9_]*)=…`)

// prepare does what step 1 of the runbook tells the user to do before compose is called, by its own commands. What a user must type is a dummy.
func prepare(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "lift-runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "\n## 1. ")
	first, _, end := strings.Cut(rest, "\n## 2. ")
	if !ok || !end {
		t.Fatal("the runbook has no step 1")
	}
	var script []string
	in := false
	for line := range strings.Lines(first) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			in = !in
			continue
		}
		if !in || strings.HasPrefix(line, "docker ") {
			continue
		}
		if m := byHand.FindStringSubmatch(line); m != nil {
			line = fmt.Sprintf("(umask 077; echo '%s=dummy-%s' >> .env)", m[1], strings.ToLower(m[1]))
		}
		script = append(script, line)
	}
	cmd := exec.Command("bash", "-e", "-u", "-o", "pipefail", "-c", strings.Join(script, "\n"))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("step 1 of the runbook: %v\n%s\nof\n%s", err, out, strings.Join(script, "\n"))
	}
}

// asked are the variables that a compose.yaml demands, each with its value in .env.
var asked = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*):\?secret`)

func secrets(t *testing.T, dir string) map[string]string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(dir, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range asked.FindAllStringSubmatch(string(src), -1) {
		out[m[1]] = ""
	}
	if len(out) == 0 {
		return out
	}
	env, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(env)) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		if _, ok := out[k]; ok {
			out[k] = strings.Trim(v, `'"`)
		}
	}
	for k, v := range out {
		if len(v) < 6 {
			t.Fatalf("%s is %d bytes long in .env: too short to be looked for", k, len(v))
		}
	}
	return out
}
