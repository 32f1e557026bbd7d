package docker

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/verify/run"
)

// witnessPath is where the witness is in a container.
const witnessPath = "/.lift/witness"

// inFront puts the witness in front of a program's command line: behind an init, before everything else.
func inFront(argv []string) []string {
	n := run.Front(argv)
	if n == len(argv) {
		n = 0 // an init without a program
	}
	return slices.Concat(argv[:n], []string{witnessPath, "--"}, argv[n:])
}

// commandLine is what a container runs, by the rules of the image and of compose: an entrypoint of the service drops the command of the image.
func commandLine(svc service, imageEntry, imageCmd []string) []string {
	unescape := func(words []string) []string {
		out := make([]string, len(words))
		for i, w := range words {
			out[i] = strings.ReplaceAll(w, "$$", "$")
		}
		return out
	}
	entry, cmd := imageEntry, imageCmd
	if svc.Entrypoint != nil {
		entry, cmd = unescape(svc.Entrypoint), nil
	}
	if svc.Command != nil {
		cmd = unescape(svc.Command)
	}
	return slices.Concat(entry, cmd)
}
