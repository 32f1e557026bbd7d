package loopback

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
)

// socket is the path of a Unix socket: by its name, or by being where PostgreSQL's clients look.
var socket = lazyregexp.New(`(?:/[\w.@+\-]+)+\.sock(?:et)?\b|/(?:var/)?run/postgresql\b`)

var (
	hostless = lazyregexp.New(`\bpostgres(?:ql)?(?:\+\w+)?://(?:[^@/?#\s]*@)?/`)
	hostKey  = lazyregexp.New(`(?i)(?:^|[\s?&])host(?:addr)?=`)
)

// Sockets returns the paths of Unix sockets in a value. PostgreSQL's clients use one, too, where a connection string names no host (libpq, 34.1.1).
func Sockets(text string) []string {
	if len(text) > maxValue {
		return nil
	}
	if (strings.Contains(text, ":///") || strings.Contains(text, "@/") || strings.Contains(text, "dbname=")) && !hostKey.MatchString(text) &&
		(hostless.MatchString(text) || strings.HasPrefix(text, "dbname=") || strings.Contains(text, " dbname=")) {
		return []string{"/run/postgresql"}
	}
	if !strings.Contains(text, ".sock") && !strings.Contains(text, "run/postgresql") {
		return nil
	}
	var out []string
	for _, m := range socket.FindAllStringSubmatch(text, -1) {
		if p := canonical(m[0]); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// canonical takes /var/run for /run, which it is a link to.
func canonical(p string) string {
	if rest, ok := strings.CutPrefix(p, "/var/run/"); ok {
		return "/run/" + rest
	}
	return p
}

// listeners notes the sockets on which a workload is told to listen.
func (t Table) listeners(w deploy.Workload) {
	words := make([]string, len(w.Command.Argv))
	for i, word := range w.Command.Argv {
		words[i] = word.String()
	}
	if w.Command.Shell.IsSet() {
		words = strings.Fields(strings.Join(words, " "))
	}
	vars := Arguments(words)
	for _, e := range w.Env {
		if text, known := e.Value.Reveal(); known && !e.Value.IsSecret() {
			vars = append(vars, Var{Name: e.Name, Text: text})
		}
	}
	for _, v := range vars {
		if !Bind(v.Name) && !slices.Contains(Words(v.Name), "unixsocket") {
			continue
		}
		for _, p := range Sockets(v.Text) {
			t.sockets[p] = w.Name
		}
	}
}

// Socket returns the workload that listens on a socket, "" for none.
func (t Table) Socket(path string) string { return t.sockets[path] }
