package yamldoc

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/detect"
)

// Merge keys and aliases that lead to themselves or multiply must end, and soon.
func TestMergeKeysEnd(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 {k: 1}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d {<<: [ %s ]}\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d , ", i-1), 9), ", "))
	}
	for _, src := range []string{"a: &a\n  <<: [*a, *a]\n  b: 1\n", "a: &a [*a]\n", "a: &a {b: *a}\n", "a: &a {<<: *a}\n", bomb.String()} {
		done := make(chan bool)
		go func() {
			defer close(done)
			var rec detect.Recorder
			for _, n := range Parse(&rec, "x.yaml", []byte(src)) {
				n.Settings()
			}
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatalf("no end with %.60q", src)
		}
	}
}

func TestMergeOrder(t *testing.T) {
	var rec detect.Recorder
	ns := Parse(&rec, "x.yaml", []byte("a: &a {x: a, y: a}\nb: &b {y: b, z: b}\nc:\n  <<: [*a, *b]\n  x: c\n"))
	if len(ns) != 1 || len(rec.Findings) != 0 {
		t.Fatal(rec.Findings)
	}
	c := ns[0].Get("c")
	if got := c.Get("x").Str() + c.Get("y").Str() + c.Get("z").Str(); got != "cab" {
		t.Errorf("merged to %q", got)
	}
	if p := c.Get("z").Path; p != "c.z" {
		t.Errorf("path %q", p)
	}
}
