package podspec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// waitForms are the scripts that do nothing but wait until a peer's port takes a connection, by the program that runs them: the host and the port, one before the other.
var waitForms = []struct {
	program, flag string
	script        *lazyregexp.Regexp
	portFirst     bool
}{
	{"python", "-c", lazyregexp.New(`^import socket, time\s*\nwhile True:\n\s+try:\n\s+socket\.create_connection\(\(["']([a-z0-9.-]+)["'], ([0-9]{1,5})\)(?:, [0-9.]+)?\)\.close\(\)\n\s+break\n\s+except (?:OSError|Exception):\n` +
		`(?:\s+print\("[^"\\\n]*"(?:, flush=True)?\)\n)?\s+time\.sleep\([0-9.]+\)\s*$`), false},
	{"node", "-e", lazyregexp.New(`^const net = require\("net"\);\s*function wait\(\) \{\s*const s = net\.connect\(([0-9]{1,5}), "([a-z0-9.-]+)", \(\) => process\.exit\(0\)\);\s*` +
		`(?:s\.setTimeout\([0-9]+, \(\) => s\.destroy\(new Error\("[^"\\]*"\)\)\);\s*)?s\.on\("error", \(\) => \{\s*(?:console\.log\("[^"\\]*"\);\s*)?setTimeout\(wait, [0-9]+\);\s*\}\);\s*\}\s*wait\(\);\s*$`), true},
	{"sh", "-c", lazyregexp.New(`^\s*(?:until|while !) nc -z(?: -?[vw0-9]+)* ([a-z][a-z0-9.-]*) ([0-9]{1,5})\s*[;\n]\s*do\s+(?:(?:echo [^;$` + "`" + `\n]*|sleep [0-9.]+)\s*[;\n]\s*)+done\s*;?\s*$`), false},
}

// waitOf recognises a container that does nothing but wait, and returns the peer, its port and the script that says so.
func waitOf(item yamldoc.Node) (host string, port int64, script yamldoc.Node) {
	words := append(item.Get("command").Items(), item.Get("args").Items()...)
	if len(words) != 3 {
		return "", 0, script
	}
	program := words[0].Str()
	program = program[strings.LastIndexByte(program, '/')+1:]
	for _, f := range waitForms {
		if strings.TrimRight(program, "0123456789.") != f.program && !(f.program == "sh" && isShell(program)) || words[1].Str() != f.flag {
			continue
		}
		m := f.script.FindStringSubmatch(words[2].Str())
		if m == nil {
			continue
		}
		if f.portFirst {
			m[1], m[2] = m[2], m[1]
		}
		port, _ = strconv.ParseInt(m[2], 10, 64)
		return m[1], port, words[2]
	}
	return "", 0, script
}

// readWait reads a step that waits for a peer as the need that it is. Whether it is such a step is the result.
func (w *Workload) readWait(item yamldoc.Node) bool {
	host, port, script := waitOf(item)
	if !script.Exists() || w.Peer == nil {
		return false
	}
	known, open := w.Peer(host, port)
	if !known {
		return false
	}
	w.checkWait(item)
	give := func(reason string) {
		for _, s := range item.Settings() {
			if !w.Rec.Accounted(s) {
				w.Rec.Inert(s, reason)
			}
		}
	}
	w.Rec.Show(script.Setting())
	never := ""
	switch {
	case host == w.M.Name:
		never = "it waits for itself"
	case !open:
		never = fmt.Sprintf("it waits for port %d of %s, which no Service of that name carries", port, host)
	}
	if never != "" {
		w.Rec.Find(ledger.Warning, script.Pos(), fmt.Sprintf("%s: %s never starts: %s", item.Path, w.M.Name, never), "name a port of the Service")
		w.Rec.Drop(script.Setting(), never, "name a port of the Service")
		give("the step only waits")
		return true
	}
	for _, n := range w.M.Needs {
		if n.Workload == host {
			give("another step waits for " + host + " already")
			return true
		}
	}
	at := w.At.Join("needs", host)
	w.M.Needs = append(w.M.Needs, deploy.Need{Workload: host, Condition: deploy.Some(deploy.Ready), Required: deploy.Some(true)})
	w.Rec.Convert(script.Setting(), at, at.Join("condition"), at.Join("required"))
	give("the step only waits for " + host)
	return true
}

// checkWait looks at what a step that only waits has beside its command: an image, and no field that containers do not have.
func (w *Workload) checkWait(item yamldoc.Node) {
	known := make([]string, len(ContainerTable.Rows))
	for i, row := range ContainerTable.Rows {
		known[i] = row.Key
	}
	for _, e := range item.Entries() {
		if !slices.Contains(known, e.Key) {
			w.unknown(e.Value, e.Key, ContainerTable.Section, known)
		}
	}
	var own yamldoc.Node
	switch own = item.Get("image"); {
	case !own.Exists():
		w.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no image", "write one")
	case own.Str() != w.container.Get("image").Str():
		w.Rec.Find(ledger.Info, own.Pos(), own.Path+" is not the program's: the step only waits, and elsewhere the platform does that", "")
	}
}
