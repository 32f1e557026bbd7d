package process2container

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/loopback"
	"github.com/deploylift/lift/ledger"
)

func itoa(i int) string { return strconv.Itoa(i) }

// network opens the program's own addresses to its peers and lets it call them by name: in a container 127.0.0.1 is the container itself.
func (o one) network(owners loopback.Table) {
	for i := range o.w.Ports {
		p := &o.w.Ports[i]
		number, proto, _ := strings.Cut(p.Number, "/")
		from, to := o.from.Join("ports", p.Number), o.to.Join("ports", p.Number)
		address, bound := p.Address.Get()
		wild := address == "0.0.0.0" || address == "::" || address == "*"
		if p.Reachable.Is(false) {
			p.Reachable = deploy.Some(true)
			o.l.Approximate(from.Join("reachable"), "the services of a compose file reach every port of one another", "put them on networks of their own", to.Join("reachable"))
		}
		if bound && !isLoopback(address) && !wild {
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
				p.Published, p.Address = deploy.Some(number), deploy.Some("0.0.0.0")
				o.l.Convert(from.Join("address"), "the machine offers the port on all its addresses as before", to.Join("published"), to.Join("address"))
			}
		}
	}
	o.bindVariable()
	o.callees(owners)
	o.files(owners)
	o.onePublisher()
}

// onePublisher warns of replicas whose port the machine offers: it can give a port to one container alone, and the others do not start.
func (o one) onePublisher() {
	n, ok := o.w.Scale.Replicas.Get()
	if !ok || n < 2 {
		return
	}
	for _, p := range o.w.Ports {
		if at, ok := p.Published.Get(); ok {
			o.here(ledger.Warning, o.from.Join("scale", "replicas"), itoa(int(n))+" containers of "+o.w.Name+" cannot share "+at+" of the machine: one of them starts",
				"start one with docker compose up --scale "+o.w.Name+"=1, or put a proxy in front of "+o.w.Name+" and remove its ports")
		}
	}
}

// bindVariable sets the variable that tells the program to listen on all addresses, where the source leaves it to the program's own default.
func (o one) bindVariable() {
	name, ok := o.w.Source.Bind.Get()
	if !ok {
		return
	}
	o.w.Source.Bind = deploy.Opt[string]{}
	if strings.Contains(name, "{address}") {
		o.bindOption(name)
		return
	}
	if slices.ContainsFunc(o.w.Env, func(e deploy.Env) bool { return e.Name == name }) {
		o.l.Idle(o.from.Join("source", "bind"), name+" is set already")
		return
	}
	o.w.Env = append(o.w.Env, deploy.Env{Name: name, Value: deploy.Plain("0.0.0.0")})
	o.l.Convert(o.from.Join("source", "bind"), "the program must listen on all addresses of its container to be reached", o.to.Join("env", name, "value"))
}

// bindOption tells the program by its arguments to listen on all addresses. option is how: --bind {address}:{port}.
func (o one) bindOption(option string) {
	at, argv := o.from.Join("source", "bind"), o.from.Join("command", "argv")
	number, _, _ := strings.Cut(o.w.Ports[0].Number, "/")
	words := strings.Fields(strings.NewReplacer("{address}", "0.0.0.0", "{port}", number).Replace(option))
	if script, ok := o.script(); ok {
		o.w.Command.Argv = deploy.Args(script + " " + strings.Join(words, " "))
	} else {
		o.w.Command.Argv = withOption(o.w.Command.Argv, words)
	}
	const why = "the program must listen on all addresses of its container to be reached"
	o.l.Convert(at, why, o.to.Join("command", "argv"))
	if !o.turned(argv) {
		o.l.Convert(argv, why, o.to.Join("command", "argv"))
	}
}

// script returns the script that a shell runs.
func (o one) script() (string, bool) {
	if !o.w.Command.Shell.IsSet() || len(o.w.Command.Argv) != 1 {
		return "", false
	}
	return o.w.Command.Argv[0].Literal()
}

// withOption gives an option its value, in the place where it stands or at the end. An option without a name is a word of its own: it replaces the [HOST:]PORT among the arguments.
func withOption(argv deploy.Argv, words []string) deploy.Argv {
	for i, w := range argv {
		text, ok := w.Literal()
		switch flag, _, joined := strings.Cut(text, "="); {
		case !ok || i == 0:
		case len(words) == 1 && words[0][0] != '-':
			if p := text[strings.LastIndexByte(text, ':')+1:]; p != "" && strings.Trim(p, "0123456789") == "" && strings.HasSuffix(words[0], ":"+p) {
				argv[i] = deploy.Lit(words[0])
				return argv
			}
		case flag == words[0] && joined && len(words) == 2:
			argv[i] = deploy.Lit(flag + "=" + words[1])
			return argv
		case text == words[0] && len(words) == 2 && i+1 < len(argv):
			argv[i+1] = deploy.Lit(words[1])
			return argv
		}
	}
	return append(argv, deploy.Args(words...)...)
}

func isLoopback(address string) bool {
	return strings.HasPrefix(address, "127.") || address == "localhost" || address == "::1" || address == "[::1]"
}
