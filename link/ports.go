// Package link finds out which workload owns an address, so that others can be led to it.
package link

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Ports adds the ports on which workloads listen, by the strongest evidence: an argument that says so, then an environment variable. Weaker evidence, such as a literal in the code, is
// language's. The setting that gave the argument or the variable gives the port as well.
func Ports(r *detect.Result) {
	type evidence struct {
		w     *deploy.Workload
		ports []deploy.Port
	}
	found := map[deploy.Path]evidence{} // by the argument or variable that says it
	for i := range r.App.Workloads {
		w := &r.App.Workloads[i]
		if len(w.Ports) > 0 || w.Kind.Or(deploy.Service) != deploy.Service {
			continue
		}
		at := deploy.At("workloads", w.Name)
		ports, from := fromArgv(w), deploy.At("command", "argv")
		if len(ports) == 0 {
			ports, from = fromEnv(w)
		}
		if len(ports) > 0 {
			found[at+"."+from] = evidence{w, ports}
		}
	}
	for _, rd := range r.Doc.Reads { // what is added to r.Doc.Reads in the loop is not visited
		for _, f := range rd.Fields {
			e, ok := found[f]
			if !ok || r.Doc.Settings[rd.Setting].Implied {
				continue
			}
			delete(found, f)
			e.w.Ports = e.ports
			var fields []deploy.Path
			for _, p := range e.ports {
				port := deploy.At("workloads", e.w.Name, "ports", p.Number)
				fields = append(fields, port.Join("reachable"))
				if p.Address.IsSet() {
					fields = append(fields, port.Join("address"))
				}
			}
			r.Doc.Reads = append(r.Doc.Reads, ledger.Read{Setting: rd.Setting, Outcome: ledger.Converted, Fields: fields})
		}
	}
}

// listens reports whether a flag of this name tells a program where to listen.
func listens(flag string) bool {
	switch strings.TrimLeft(flag, "-") {
	case "listen", "bind", "b", "addr", "address", "http", "http-addr", "listen-address", "port", "p", "http-port", "server.port", "web.listen-address":
		return strings.HasPrefix(flag, "-")
	}
	return false
}

func fromArgv(w *deploy.Workload) []deploy.Port {
	words := make([]string, 0, len(w.Command.Argv))
	if w.Command.Shell.IsSet() && len(w.Command.Argv) == 1 {
		script, _ := w.Command.Argv[0].Literal()
		for _, f := range strings.Fields(script) {
			words = append(words, expand(f, w.Env))
		}
	} else {
		for _, word := range w.Command.Argv {
			words = append(words, expand(strings.ReplaceAll(word.String(), "$$", "$"), w.Env))
		}
	}
	for i, word := range words {
		flag, value, joined := strings.Cut(word, "=")
		if !listens(flag) {
			continue
		}
		if !joined {
			if i+1 >= len(words) {
				continue
			}
			value = words[i+1]
		}
		if p, ok := port(value); ok {
			return []deploy.Port{p}
		}
	}
	return nil
}

// expand puts known variables into a word.
func expand(word string, env []deploy.Env) string {
	if !strings.Contains(word, "$") {
		return word
	}
	for _, e := range env {
		if text, known := e.Value.Reveal(); known && !e.Value.IsSecret() {
			word = strings.ReplaceAll(word, "${"+e.Name+"}", text)
			if word == "$"+e.Name || strings.HasSuffix(word, "$"+e.Name) {
				word = strings.TrimSuffix(word, "$"+e.Name) + text
			}
		}
	}
	return word
}

func fromEnv(w *deploy.Workload) ([]deploy.Port, deploy.Path) {
	own := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(w.Name))
	for _, name := range []string{"PORT", own + "_PORT", "HTTP_PORT", "SERVER_PORT", "APP_PORT", "LISTEN_PORT", "WEB_PORT", "LISTEN", "LISTEN_ADDR", "LISTEN_ADDRESS", "BIND", "BIND_ADDR", "ADDR"} {
		for _, e := range w.Env {
			text, known := e.Value.Reveal()
			if e.Name != name || !known || e.Value.IsSecret() {
				continue
			}
			if p, ok := port(text); ok {
				return []deploy.Port{p}, deploy.At("env", name, "value")
			}
		}
	}
	return nil, ""
}

// port reads "8080", ":8080" or "HOST:8080".
func port(text string) (deploy.Port, bool) {
	host, number := "", text
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		host, number = text[:i], text[i+1:]
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 65535 || strings.ContainsAny(host, "/@ ") {
		return deploy.Port{}, false
	}
	p := deploy.Port{Number: strconv.Itoa(n) + "/tcp", Reachable: deploy.Some(true)}
	switch {
	case host != "":
		p.Address = deploy.Some(strings.Trim(host, "[]"))
	case strings.HasPrefix(text, ":"):
		p.Address = deploy.Some("0.0.0.0")
	}
	return p, true
}
