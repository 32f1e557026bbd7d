package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The password of the environment file appears in no file, message or report, whatever the target, verb and format; nor when something is wrong in its line or near it.
func TestPasswordNowhere(t *testing.T) {
	t.Parallel()
	const password = "correct-horse-7-staple"
	tree, out := bookshop(t)
	env := filepath.Join(tree, "deploy/etc/bookshop/bookshop.env")
	if !strings.Contains(slurp(t, env), password) {
		t.Fatal("the canary is gone")
	}
	see := func(r ran, args []string) {
		if strings.Contains(r.out+r.err, password) {
			t.Errorf("lift %s prints the password", strings.Join(args, " "))
		}
	}
	all := func(code int) {
		t.Helper()
		for _, target := range targetNames() {
			for _, format := range []string{"text", "markdown", "json"} {
				for _, args := range [][]string{
					{"detect", tree},
					{"diff", tree, "--to", target, "--out", out},
					{"migrate", tree, "--to", target, "--out", out, "--force"},
				} {
					args = append(args, "--format", format)
					see(wants(t, code, args...), args)
				}
			}
		}
	}
	all(exitClean)
	for _, format := range []string{"text", "markdown", "json"} {
		args := []string{"verify", tree, "--out", out, "--format", format}
		see(wants(t, exitClean, args...), args)
	}
	for p := range state(t, out, false) {
		if info, err := os.Stat(filepath.Join(out, p)); err == nil && info.Mode().IsRegular() && strings.Contains(slurp(t, filepath.Join(out, p)), password) {
			t.Errorf("%s contains the password", p)
		}
	}

	// as a reference that somebody wrote out by hand: the file has it, the report of the difference does not
	compose := filepath.Join(out, "compose.yaml")
	writeFile(t, compose, []byte(strings.Replace(slurp(t, compose), "${ORDERS_PASSWORD:?secret; set it in .env}", password, 1)))
	for _, format := range []string{"text", "markdown", "json"} {
		args := []string{"verify", tree, "--out", out, "--format", format}
		see(wants(t, exitLoss, args...), args)
	}
	text := slurp(t, env)
	for _, broken := range []string{`ORDERS_PASSWORD="` + password, "ORDERS_PASSWORD:" + password, "ORDERS_PASSWORD=" + password + "\x00"} {
		writeFile(t, env, []byte(strings.Replace(text, "ORDERS_PASSWORD="+password, broken, 1)))
		for _, args := range [][]string{{"detect", tree}, {"diff", tree, "--to", "kubernetes", "--out", out}} {
			see(command(args...), args)
		}
	}
}

// Colour is for terminals, and there not for those who set NO_COLOR.
func TestColour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"", "", true}, {"1", "xterm", false}, {"0", "xterm", false}, {"", "dumb", false}} {
		if got := wantsColour(func(k string) string { return map[string]string{"NO_COLOR": c.noColor, "TERM": c.term}[k] }); got != c.want {
			t.Errorf("NO_COLOR=%q TERM=%q: %v", c.noColor, c.term, got)
		}
	}
	tree, out := program(t, "MemoryMx=64M")
	for _, verb := range []string{"detect", "diff", "migrate", "verify"} {
		for _, format := range []string{"text", "markdown", "json"} {
			for _, terminal := range []bool{false, true} {
				args := []string{verb, tree, "--format", format}
				if verb != "detect" {
					args = append(args, "--out", out)
				}
				if verb == "diff" || verb == "migrate" {
					args = append(args, "--to", "compose")
				}
				var b bytes.Buffer
				if code := (&app{out: &b, err: &b, terminal: terminal}).run(args); code != exitClean {
					t.Fatalf("%v: exit %d: %s", args, code, b.String())
				}
				if got, want := strings.Contains(b.String(), "\x1b["), terminal && format == "text" && verb != "verify"; got != want {
					t.Errorf("%v on a terminal %v: colour %v", args, terminal, got)
				}
			}
		}
	}
}

// The markdown report is one that a pull request shows as it is meant: headings, lists, and every heading followed by an empty line.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	tree, out := bookshop(t)
	text := wants(t, exitClean, "diff", tree, "--to", "kubernetes", "--out", out, "--format", "markdown").out
	for _, want := range []string{"\n## Findings\n\n- **", "\n- `Requires` `deploy/etc/systemd/system/nightly.service:3", "```diff\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "\n```"); n%2 != 0 {
		t.Errorf("%d fences", n)
	}
}

// What a user meets first: each verb's help names its flags with a default or an example, completion offers the targets.
func TestHelp(t *testing.T) {
	t.Parallel()
	if r := wants(t, exitClean); !strings.Contains(r.out, "Usage:") {
		t.Error(r.out)
	}
	for _, verb := range []string{"detect", "diff", "migrate", "verify", "explain", "formats"} {
		r := wants(t, exitClean, verb, "--help")
		if !strings.Contains(r.out, "lift "+verb) || r.err != "" {
			t.Errorf("%s: %s%s", verb, r.out, r.err)
		}
	}
	if r := wants(t, exitClean, "__complete", "diff", "--to", ""); !strings.Contains(r.out, "kubernetes") {
		t.Errorf("--to is not completed: %s", r.out)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if r := wants(t, exitClean, "completion", shell); len(r.out) < 1000 {
			t.Errorf("completion %s: %s", shell, r.out)
		}
	}
	if r := wants(t, exitClean, "--version"); !strings.HasPrefix(r.out, "lift ") {
		t.Error(r.out)
	}
	for _, s := range sources {
		if r := wants(t, exitClean, "formats"); !strings.Contains(r.out, s.Name) {
			t.Errorf("formats does not name %s", s.Name)
		}
	}
}
