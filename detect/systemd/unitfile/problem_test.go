package unitfile

import (
	"strings"
	"testing"
)

func TestProblemString(t *testing.T) {
	if got := (Problem{What: "missing '='", Remedy: "write Key=value"}).String(); got != "missing '='; write Key=value" {
		t.Error(got)
	}
	if got := (Problem{What: "and that is that"}).String(); got != "and that is that" {
		t.Error(got)
	}
}

func TestFaultsAreCapped(t *testing.T) {
	_, problems := Parse("x.service", []byte("[Service]\n"+strings.Repeat("nothing\n", 50)))
	if len(problems) != MaxProblems+1 {
		t.Fatalf("%d problems", len(problems))
	}
	if got := problems[MaxProblems].String(); got != "and 30 more; mend the first ones and run again" {
		t.Error(got)
	}
}

func TestValidUTF8(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "é😀\uFFFD": true, "a\xff": false, "\xed\xa0\x80": false, "\uFDD0": false, "\uFFFE": false, "\U0001FFFF": false, "\x01": true,
	} {
		if got := validUTF8(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// one checks the problem of a single value: none for "", its text otherwise.
func one(t *testing.T, input string, problem *Problem, want string) {
	t.Helper()
	got := ""
	if problem != nil {
		got = problem.String()
	}
	if got != want {
		t.Errorf("%q: problem %q, want %q", input, got, want)
	}
}

// texts renders problems with their positions, for comparison.
func texts(problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(position(p.Line, p.Column) + " " + p.String() + "\n")
	}
	return b.String()
}
