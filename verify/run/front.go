package run

import (
	"path"
	"slices"
	"strings"
)

// before are programs that stand before the real one and start it, with those of their options that take a value as a word of its own.
var before = map[string][]string{
	"tini":                    {"-p", "-e"},
	"tini-static":             {"-p", "-e"},
	"docker-init":             {"-p", "-e"},
	"catatonit":               nil,
	"dumb-init":               {"-r", "--rewrite"},
	"docker-entrypoint.sh":    nil, // of official images: it prepares, and becomes the command that follows
	"systemd-socket-activate": {"-l", "--listen", "-E", "--setenv", "--fdname"},
}

// Front is how many words of a command line come before the program itself: an init, an opener of sockets. All of them, where no program follows.
func Front(argv []string) int {
	n := 0
	for n < len(argv) {
		valued, ok := before[path.Base(argv[n])]
		if !ok {
			break
		}
		for n++; n < len(argv) && strings.HasPrefix(argv[n], "-"); n++ {
			if argv[n] == "--" {
				n++
				break
			}
			if slices.Contains(valued, argv[n]) {
				n++
			}
		}
		n = min(n, len(argv))
	}
	return n
}
