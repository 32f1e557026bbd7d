// Package remodel makes models to try a step with: a model with some leaves changed, and a leaf with another value.
package remodel

import (
	"bytes"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
)

// Edit returns a copy of a model in which leaves have other values, given as path and text in turn; a path with a "-" before it is removed. Its elements are sorted.
func Edit(t testing.TB, a deploy.App, pairs ...string) deploy.App {
	t.Helper()
	a = deploy.Clone(a)
	for i := 0; i < len(pairs); i += 2 {
		path, text := pairs[i], pairs[i+1]
		var err error
		if path[0] == '-' {
			err = deploy.Unset(&a, deploy.Path(path[1:]))
		} else {
			err = deploy.Set(&a, deploy.Path(path), text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	deploy.Sort(&a)
	return a
}

// Alter gives a leaf another value than its text was. It reports whether there is one.
func Alter(a *deploy.App, p deploy.Path, was string) bool {
	for _, text := range []string{"false", "true", "7", "77s", "77", "other", "volumes.data", "other|9", "volumes.other", "job", "cron", "tmpfs", "volume", "always", "no", "mixed", "group", "completed"} {
		if text == was || deploy.Set(a, p, text) != nil {
			continue
		}
		if now, _ := deploy.Text(*a, p); now != was {
			return true
		}
	}
	return false
}

// EveryLeafIsWritten changes each leaf of a lowered model and expects another output, or a refusal: a writer that forgets a field shows here.
func EveryLeafIsWritten(t testing.TB, lowered deploy.App, write func(deploy.App) (fileset.Set, error)) {
	t.Helper()
	files, err := write(lowered)
	if err != nil {
		t.Fatal(err)
	}
	was := Text(files)
	deploy.Visit(lowered, func(path []byte, l deploy.Leaf) {
		p := deploy.Path(bytes.Clone(path))
		changed := deploy.Clone(lowered)
		if l.Presence() {
			if err := deploy.Unset(&changed, p); err != nil {
				t.Fatal(err)
			}
		} else if !Alter(&changed, p, l.String()) {
			t.Fatalf("%s: no other value than %q", p, l)
		}
		if files, err := write(changed); err == nil && Text(files) == was {
			t.Errorf("%s: %q makes no difference", p, l)
		}
	})
}

// Text is all that a step writes, each file below its name.
func Text(s fileset.Set) string {
	var b strings.Builder
	for _, f := range s.Files() {
		b.WriteString("-- " + f.Path + " --\n" + string(f.Data))
	}
	return b.String()
}
