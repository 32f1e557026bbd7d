package process2container

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

func itoa(i int) string { return strconv.Itoa(i) }

// loopback finds HOST:PORT on the machine's own address inside a value.
var loopback = lazyregexp.New(`(^|[^0-9A-Za-z_.\-])(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):(\d{1,5})\b`)

// portOwners maps a port number to the name of the workload that listens on it; "" where several claim it.
func (s *step) portOwners() map[string]string {
	owners := map[string]string{}
	for _, w := range s.app.Workloads {
		for _, p := range w.Ports {
			n, _, _ := strings.Cut(p.Number, "/")
			if old, ok := owners[n]; ok && old != w.Name {
				s.notice(ledger.Warning, deploy.At("workloads", w.Name, "ports", p.Number), "port "+n+" is claimed by "+old+" and by "+w.Name, "tell which of them listens; addresses that lead to it are left as they are")
				owners[n] = ""
				continue
			}
			owners[n] = w.Name
		}
	}
	return owners
}

// network opens the program's own addresses to its peers and lets it call them by name: in a container 127.0.0.1 is the container itself.
func (o one) network(owners map[string]string) {
	for i := range o.w.Ports {
		p := &o.w.Ports[i]
		number, proto, _ := strings.Cut(p.Number, "/")
		from, to := o.from.Join("ports", p.Number), o.to.Join("ports", p.Number)
		address, bound := p.Address.Get()
		if p.Reachable.Is(false) {
			p.Reachable = deploy.Some(true)
			o.l.Approximate(from.Join("reachable"), "the services of a compose file reach every port of one another", "put them on networks of their own", to.Join("reachable"))
		}
		if bound && !isLoopback(address) && address != "0.0.0.0" {
			p.Address = deploy.Some("0.0.0.0")
			if p.Published.IsSet() || proto != "tcp" {
				o.l.Approximate(from.Join("address"), "a container has an address of its own", "", to.Join("address"))
			} else {
				p.Published = deploy.Some(address + ":" + number)
				o.l.Convert(from.Join("address"), "the program listens on all addresses of its container, and the machine offers the port on its address as before", to.Join("address"), to.Join("published"))
			}
		}
		if !bound {
			p.Address = deploy.Some("0.0.0.0")
			o.l.Assume(to.Join("address"), "0.0.0.0", "in a container a program is reached only if it listens on all addresses")
		}
		if !p.Published.IsSet() && proto == "tcp" && !bound {
			p.Published = deploy.Some("127.0.0.1:" + number)
			o.l.Assume(to.Join("published"), "127.0.0.1:"+number, "the machine itself reaches the program as before; nothing tells whether others did")
		}
		if !p.Published.IsSet() && proto == "tcp" {
			if bound && isLoopback(address) {
				p.Published = deploy.Some("127.0.0.1:" + number)
				p.Address = deploy.Some("0.0.0.0")
				o.l.Convert(from.Join("address"), "the program listens on all addresses of its container, and the machine offers the port on its loopback address as before", to.Join("address"), to.Join("published"))
			} else if bound {
				p.Published = deploy.Some(number)
				o.l.Convert(from.Join("address"), "the machine offers the port on all its addresses as before", to.Join("published"), to.Join("address"))
			}
		}
	}
	o.bindVariable()
	o.rewriteArgv(owners)
	o.rewriteEnv(owners)
}

// bindVariable sets the variable that tells the program to listen on all addresses, where the source leaves it to the program's own default.
func (o one) bindVariable() {
	name, ok := o.w.Source.Bind.Get()
	if !ok {
		return
	}
	o.w.Source.Bind = deploy.Opt[string]{}
	if slices.ContainsFunc(o.w.Env, func(e deploy.Env) bool { return e.Name == name }) {
		o.l.Idle(o.from.Join("source", "bind"), name+" is set already")
		return
	}
	o.w.Env = append(o.w.Env, deploy.Env{Name: name, Value: deploy.Plain("0.0.0.0")})
	o.l.Convert(o.from.Join("source", "bind"), "the program must listen on all addresses of its container to be reached", o.to.Join("env", name, "value"))
}

func isLoopback(address string) bool {
	return strings.HasPrefix(address, "127.") || address == "localhost" || address == "::1" || address == "[::1]"
}

func (o one) rewriteArgv(owners map[string]string) {
	if o.w.Command.Shell.IsSet() {
		return
	}
	changed := false
	for i, w := range o.w.Command.Argv {
		text, ok := w.Literal()
		if !ok {
			continue
		}
		if now := o.rewrite(text, owners, o.from.Join("command", "argv")); now != text {
			o.w.Command.Argv[i] = deploy.Lit(now)
			changed = true
		}
	}
	if from := o.from.Join("command", "argv"); changed && !o.turned(from) {
		o.l.Convert(from, "loopback addresses lead to the workload that listens there", o.to.Join("command", "argv"))
	}
}

func (o one) rewriteEnv(owners map[string]string) {
	for i := range o.w.Env {
		e := &o.w.Env[i]
		from, to := o.from.Join("env", e.Name, "value"), o.to.Join("env", e.Name, "value")
		text, known := e.Value.Reveal()
		if !known {
			continue
		}
		if e.Value.IsSecret() {
			if loopback.MatchString(text) {
				o.notice(ledger.Warning, from, "the secret "+e.Name+" contains a loopback address", "write the name of the workload or machine that listens there into the new secret")
			}
			continue
		}
		if isBind(e.Name) && isLoopback(text) && len(o.w.Ports) > 0 {
			e.Value = deploy.Plain("0.0.0.0")
			o.l.Convert(from, "the program must listen on all addresses of its container to be reached", to)
			continue
		}
		if seenByBrowser(e.Name) {
			continue
		}
		if now := o.rewrite(text, owners, from); now != text {
			e.Value = deploy.Plain(now)
			o.l.Convert(from, "loopback addresses lead to the workload that listens there", to)
		}
	}
}

// rewrite replaces the host of loopback addresses: its own ports are bound on all addresses, ports of other workloads are reached by their names. at is where messages point to.
func (o one) rewrite(text string, owners map[string]string, at deploy.Path) string {
	return loopback.ReplaceAllStringFunc(text, func(m string) string {
		g := loopback.FindStringSubmatch(m)
		switch owner, known := owners[g[3]]; {
		case !known:
			o.notice(ledger.Warning, at, g[2]+":"+g[3]+" is an address of the machine itself, and no workload listens there", "in a container it leads nowhere: name the machine or service that listens there")
			o.notices[len(o.notices)-1].Port = g[3]
			return m
		case owner == "":
			return m
		case owner != o.w.Name:
			return g[1] + owner + ":" + g[3]
		case strings.HasSuffix(g[1], "/") || strings.HasSuffix(g[1], "@"):
			return m // a URL of its own: it calls itself
		}
		return g[1] + "0.0.0.0:" + g[3]
	})
}

// isBind reports whether a variable of this name tells a program where to listen.
func isBind(name string) bool {
	switch name {
	case "HOST", "BIND", "LISTEN", "ADDR", "ADDRESS", "HOSTNAME", "IP":
		return true
	}
	for _, suffix := range []string{"_BIND", "_LISTEN", "_BIND_ADDRESS", "_LISTEN_ADDRESS", "_BIND_HOST", "_LISTEN_HOST"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// seenByBrowser reports whether a value is for the user's browser, to which the machine's addresses mean something else.
func seenByBrowser(name string) bool {
	for _, part := range []string{"NEXT_PUBLIC_", "VITE_", "REACT_APP_", "PUBLIC_URL", "BASE_URL", "CORS", "REDIRECT", "CALLBACK"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
