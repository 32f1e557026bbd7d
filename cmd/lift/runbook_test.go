package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/deploylift/lift/runbook"
)

// blocks returns the commands of a runbook.
func blocks(t *testing.T, out string) []string {
	t.Helper()
	var list []string
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(slurp(t, filepath.Join(out, runbook.File)), -1) {
		list = append(list, m[1])
	}
	if len(list) < 4 {
		t.Fatalf("only %d blocks of commands", len(list))
	}
	return list
}

func bash(t *testing.T, dir, script string) string {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash here")
	}
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	var errs strings.Builder
	cmd.Stderr = &errs
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s\n%s%v", script, errs.String(), err)
	}
	return string(b)
}

// secrets in forms of which each needs a cut of its own, and what their values are
var supplied = map[string]string{
	"API_TOKEN": "tulip-1", "SMTP_PASSWORD": "two words", "WEBHOOK_SECRET": "tulip/2&x", "DB_PASSWORD": "tulip $3 #x", "AMQP_URL": "amqps://shop:tulip-4@mq.internal/",
	"DSN": "shop:tulip-5@tcp(db:3306)/shop?x=1", "PASSWORD": "tulip-6",
}

// The commands of the runbook give exactly the values that the program has today, to compose and to Kubernetes, and print none of them. Every block of commands is one that bash can read.
func TestRunbookSecrets(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	tree := filepath.Join(base, "shop")
	writeFile(t, filepath.Join(tree, "web.service"), []byte(`[Service]
User=990
Environment=API_TOKEN=tulip-1 "SMTP_PASSWORD=two words"
EnvironmentFile=/etc/shop/shop.env
StateDirectory=web
ExecStart=/opt/shop/web --webhook-secret=tulip/2&x --password tulip-6 -v
`))
	writeFile(t, filepath.Join(tree, "etc/shop/shop.env"), []byte("; all of them\nDB_PASSWORD=\"tulip $3 #x\"\nAMQP_URL=amqps://shop:tulip-4@mq.internal/\n  DSN = shop:tulip-5@tcp(db:3306)/shop?x=1\n"))

	out := filepath.Join(base, "compose")
	wants(t, exitClean, "migrate", tree, "--to", "compose", "--out", out)
	for _, b := range blocks(t, out) {
		bash(t, out, "set -n\n"+b)
	}
	if printed := bash(t, out, blocks(t, out)[0]); strings.Contains(printed, "tulip") {
		t.Errorf("a value is printed: %s", printed)
	}
	got, err := dotenv.Read(filepath.Join(out, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range supplied {
		if got[name] != want {
			t.Errorf("compose reads %s=%q, want %q", name, got[name], want)
		}
	}
	if info, err := os.Stat(filepath.Join(out, ".env")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf(".env: %v %v", info.Mode(), err)
	}

	out = filepath.Join(base, "kubernetes")
	wants(t, exitClean, "migrate", tree, "--to", "kubernetes", "--out", out)
	for _, b := range blocks(t, out) {
		bash(t, out, "set -n\n"+b)
	}
	// kubectl takes what stands behind the first = as it is
	text := bash(t, out, `kubectl() { for a; do case $a in --from-env-file=*) cat "${a#*=}";; esac; done; }`+"\n"+blocks(t, out)[0])
	got = map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		got[name] = value
	}
	for name, want := range supplied {
		if got[name] != want {
			t.Errorf("kubectl reads %s=%q, want %q", name, got[name], want)
		}
	}
}

// The runbook is the same from run to run, and tells nothing of the place that lift ran in but the way to the sources.
func TestRunbookStable(t *testing.T) {
	t.Parallel()
	tree, out := bookshop(t)
	wants(t, exitClean, "migrate", tree, "--to", "knative", "--out", out)
	first := slurp(t, filepath.Join(out, runbook.File))
	for range 3 {
		wants(t, exitClean, "migrate", tree, "--to", "knative", "--out", out)
		if slurp(t, filepath.Join(out, runbook.File)) != first {
			t.Fatal("another run, another runbook")
		}
	}
}
