package run

import (
	"strings"
	"testing"
)

func TestFront(t *testing.T) {
	for _, tc := range []struct {
		argv string
		want int
	}{
		{"web --all", 0},
		{"sh -c web", 0},
		{"/usr/bin/tini -g -- web --all", 3},
		{"tini web", 1},
		{"tini -p SIGTERM -- web", 4},
		{"tini -g --", 3},
		{"tini", 1},
		{"tini -p", 2},
		{"/usr/bin/systemd-socket-activate --listen=0.0.0.0:80 --fdname=http --setenv=A /bin/web -l x", 4},
		{"tini -- systemd-socket-activate -l 80 -E A=1 web", 7},
		{"/docker-entrypoint.sh nginx -g x", 1},
		{"", 0},
	} {
		if got := Front(strings.Fields(tc.argv)); got != tc.want {
			t.Errorf("Front(%q) = %d, want %d", tc.argv, got, tc.want)
		}
	}
}
