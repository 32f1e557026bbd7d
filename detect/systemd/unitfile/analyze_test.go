package unitfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// missing skips a test whose oracle is not there, or fails it where LIFT_REQUIRE asks for systemd.
func missing(t *testing.T, reason string) {
	t.Helper()
	if strings.Contains(os.Getenv("LIFT_REQUIRE"), "systemd") {
		t.Fatal(reason + ", and LIFT_REQUIRE asks for it")
	}
	t.Skip(reason)
}

// analyze runs systemd-analyze in UTC and English, and returns all it prints. It exits with 1 if any input is bad.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		missing(t, "systemd-analyze is not installed")
	}
	c := exec.Command(path, args...)
	c.Env = []string{"TZ=UTC", "LC_ALL=C", "PATH=" + os.Getenv("PATH"), "SYSTEMD_LOG_LEVEL=warning"}
	out, _ := c.CombinedOutput()
	return string(out)
}

// TestAgainstSystemdAnalyzeVerify lets systemd read the same file: which lines it complains about is which values the
// parsers refuse.
func TestAgainstSystemdAnalyzeVerify(t *testing.T) {
	var unit strings.Builder
	unit.WriteString("[Service]\nType=oneshot\nExecStart=/bin/true\n")
	first := strings.Count(unit.String(), "\n") + 1
	for _, d := range directives {
		unit.WriteString(d.key + "=" + d.value + "\n")
	}
	path := filepath.Join(t.TempDir(), "x.service")
	if err := os.WriteFile(path, []byte(unit.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out := analyze(t, "verify", "--man=no", "--generators=no", path)
	for i, d := range directives {
		got := checkDirective(d.key, d.value)
		want := !strings.Contains(out, path+":"+strconv.Itoa(first+i)+":")
		if got != want {
			t.Errorf("%s=%s: accepted %v, by systemd %v", d.key, d.value, got, want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// TestSyntaxAgainstSystemdAnalyzeVerify does the same for the lines of a file.
func TestSyntaxAgainstSystemdAnalyzeVerify(t *testing.T) {
	const body = "\n[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/true\n"
	sources := []string{
		"[Unit]\nDescription=a \\\n# c\n  b" + body,
		"Description=a\n[Unit]" + body,
		"[Unit]\nnothing" + body,
		"[Unit]\n=a" + body,
		"[Unit]\nDescription=a \\ \n b" + body,
		"[Unit" + body,
		"[Unit] # x" + body,
		"[Un\"it]" + body,
		"[Unit]\nDescription=\xe4" + body,
		"[Unit]\nDescription=\u00e4\r" + body,
		"\uFEFF[Unit]" + body,
		"[X-Other]\nA=b" + body,
	}
	dir := t.TempDir()
	args := []string{"verify", "--man=no", "--generators=no"}
	for i, src := range sources {
		path := filepath.Join(dir, "x"+strconv.Itoa(i)+".service")
		if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out := analyze(t, args...)
	for i, src := range sources {
		_, problems := Parse("x.service", []byte(src))
		if complains := strings.Contains(out, args[3+i]+":"); complains != (len(problems) > 0) {
			t.Errorf("%q: got %v, systemd %v", src, problems, complains)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}
