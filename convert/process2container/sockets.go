package process2container

import (
	"net"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// activator opens sockets and starts a program with them, as systemd does for a service with a socket unit (systemd-socket-activate(1)).
const activator = "/usr/bin/systemd-socket-activate"

// sockets puts what opens the program's sockets before the program: nothing else in a container would. The program stays as it is.
func (o one) sockets() {
	src := o.was.Source
	if len(src.Sockets) == 0 && !src.Accept.IsSet() {
		return
	}
	var taken []deploy.Path
	for _, leaf := range []string{"sockets", "accept"} {
		if at := o.from.Join("source", leaf); deploy.Has(o.src, at) {
			taken = append(taken, at)
		}
	}
	if !slices.Contains([]string{"node", "python", "go"}, src.Language.Or("")) || len(src.Sockets) == 0 {
		for _, at := range taken {
			o.l.Drop(at, "whether the image has something that opens the sockets is not known", "let the program bind its addresses itself, or start it in the image with systemd-socket-activate")
		}
		o.notice(ledger.Warning, o.from.Join("source", "sockets"), "systemd opens the sockets of "+o.was.Name+" and hands them over, which nothing does in a container",
			"let the program bind its addresses itself where LISTEN_FDS is not set, or start it in the image with `"+strings.Join(o.activation(), " ")+" PROGRAM`")
		return
	}
	if at := o.from.Join("command", "entrypoint"); len(o.w.Command.Entrypoint) > 0 && !o.turned(at) {
		taken = append(taken, at)
	}
	front := append(deploy.Args(o.activation()...), o.w.Command.Entrypoint...)
	o.w.Command.Entrypoint = front
	for _, at := range taken {
		o.l.Convert(at, "systemd-socket-activate opens the sockets in the container and starts the program at the first connection", o.to.Join("command", "entrypoint"))
	}
	if src.Accept.IsSet() {
		o.notice(ledger.Info, o.from.Join("source", "sockets"), "systemd starts "+o.was.Name+" for each connection; in its container "+activator+" does",
			"let one program bind the address and serve all connections: the image then needs no systemd package")
		return
	}
	o.notice(ledger.Info, o.from.Join("source", "sockets"), "systemd opens the sockets of "+o.was.Name+"; in its container "+activator+" does",
		"let the program bind its addresses itself where LISTEN_FDS is not set, and remove the socket unit: the image then needs no systemd package, and the program runs before its first client comes")
}

// activation is the command line that opens the sockets. It passes no variable on that it is not told of.
func (o one) activation() []string {
	argv := []string{activator}
	var fds []string
	for i, s := range o.was.Source.Sockets {
		f := append(strings.SplitN(s, " ", 3), "", "")
		if i == 0 && f[0] == "datagram" {
			argv = append(argv, "--datagram")
		}
		argv = append(argv, "--listen="+o.everywhere(f[1]))
		if f[2] != "" {
			fds = append(fds, f[2])
		}
	}
	switch {
	case o.was.Source.Accept.Is("stdio"):
		argv = append(argv, "--accept", "--inetd")
	case o.was.Source.Accept.IsSet():
		argv = append(argv, "--accept")
	case len(fds) > 0:
		argv = append(argv, "--fdname="+strings.Join(fds, ":"))
	}
	for _, e := range o.w.Env {
		argv = append(argv, "--setenv="+e.Name)
	}
	return argv
}

// everywhere opens an address on all of the container's interfaces: o.network publishes it as the machine had it.
func (o one) everywhere(address string) string {
	if _, port, err := net.SplitHostPort(address); err == nil && !strings.HasPrefix(address, "/") {
		return "0.0.0.0:" + port
	}
	return address
}

// activated reports whether the image needs systemd-socket-activate.
func (o one) activated() bool {
	front, _ := o.w.Command.Entrypoint.Literals()
	return len(front) > 0 && front[0] == activator
}
