// Package forms brings what several formats write alike into the model's normal form: commands, signals, users and health checks of container images.
package forms

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// tini is the front of a command that passes each signal on to the whole process group.
var tini = []string{"/usr/bin/tini", "-g", "--"}

// CutTini takes the front off that makes the stop signal reach every process.
func CutTini(words []string) (rest []string, group bool) {
	if len(words) < len(tini) || !slices.Equal(words[:len(tini)], tini) {
		return words, false
	}
	return words[len(tini):], true
}

var shells = map[string]bool{"sh": true, "bash": true, "dash": true, "ash": true, "zsh": true, "ksh": true}

// ShellScript recognises [SHELL, "-c", SCRIPT], whose normal form in the model is a Shell and one word.
func ShellScript(words []string) (shell, script string, ok bool) {
	if len(words) != 3 || words[1] != "-c" || !shells[path.Base(words[0])] || strings.Contains(words[0], "/") && !path.IsAbs(words[0]) {
		return "", "", false
	}
	return words[0], words[2], true
}

// CommandOf brings the words of a command into the model's normal form.
func CommandOf(words []string) deploy.Command {
	if sh, script, ok := ShellScript(words); ok {
		return deploy.Command{Shell: deploy.Some(sh), Argv: deploy.Args(script)}
	}
	return deploy.Command{Argv: deploy.Args(words...)}
}

// CommandFields are the leaves that CommandOf set, below the command's path.
func CommandFields(c deploy.Command, at deploy.Path) []deploy.Path {
	var out []deploy.Path
	if c.Argv.IsSet() {
		out = append(out, at.Join("argv"))
	}
	if c.Shell.IsSet() {
		out = append(out, at.Join("shell"))
	}
	return out
}
