// Package remodel makes models to try a step with: a model with some leaves changed, and a leaf with another value.
package remodel

import (
	"testing"

	"github.com/deploylift/lift/deploy"
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
