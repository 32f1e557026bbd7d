package docker

import (
	"path"
	"slices"
	"strings"
)

// witnessPath is where the witness is in a container.
const witnessPath = "/.lift/witness"

// inits are programs that stand before the real one as the first process of a container, with those of their options that take a value.
var inits = map[string][]string{
	"tini":        {"-p", "-e"},
	"tini-static": {"-p", "-e"},
	"docker-init": {"-p", "-e"},
	"catatonit":   nil,
	"dumb-init":   {"-r", "--rewrite"},
}

// inFront puts the witness in front of a program's command line: behind an init, before everything else.
func inFront(argv []string) []string {
	n := afterInit(argv)
	return slices.Concat(argv[:n], []string{witnessPath, "--"}, argv[n:])
}

// afterInit is how many words of a command line belong to an init.
func afterInit(argv []string) int {
	if len(argv) == 0 {
		return 0
	}
	valued, ok := inits[path.Base(argv[0])]
	if !ok {
		return 0
	}
	for i := 1; i < len(argv); i++ {
		switch a := argv[i]; {
		case a == "--":
			return i + 1
		case !strings.HasPrefix(a, "-"):
			return i
		case slices.Contains(valued, a):
			i++
		}
	}
	return 0 // an init without a program
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
