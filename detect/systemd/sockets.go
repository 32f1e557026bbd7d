package systemd

import (
	"path"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// socket is one address that a socket unit opens for the service.
type socket struct {
	line
	kind    string // stream, datagram
	address string // 0.0.0.0:8080, /run/shop.sock
	name    string // under which the program finds it (sd_listen_fds_with_names(3))
}

// accepts reports whether a socket unit starts an instance of a template for each connection.
func (u *unit) accepts() bool {
	yes := false
	for _, l := range u.lines {
		if l.Section == "Socket" && l.Key == "Accept" {
			yes, _ = unitfile.ParseBool(l.Value)
		}
	}
	return yes && path.Ext(u.name) == ".socket"
}

// listen reads ListenStream= and ListenDatagram=: a port of the program, and a descriptor that it is handed over.
func listen(kind, protocol string) func(*unit, line) {
	return func(u *unit, l line) {
		u.Show(l.setting)
		if l.Value == "" {
			for _, s := range u.sockets {
				u.Override(s.setting, "overridden by "+l.pos().String())
			}
			u.sockets = nil
			u.Inert(l.setting, "empty: it takes back what stood before")
			return
		}
		text, unknown, problem := unitfile.Expand(l.Value, u.spec)
		if problem != nil {
			u.bad(l, problem)
			return
		}
		host, number := "", text
		if i := strings.LastIndexByte(text, ':'); i >= 0 {
			host, number = text[:i], text[i+1:]
		}
		n, err := strconv.Atoi(number)
		switch {
		case len(unknown) > 0:
			u.bad(l, &unitfile.Problem{What: unknown[0].Specifier + " is known to the machine alone", Remedy: "write the address out"})
		case path.IsAbs(text):
			u.sockets = append(u.sockets, socket{l, kind, text, ""})
			u.Find(ledger.Warning, l.pos(), text+" is a socket in the file system: a program in another container does not see it", "let the program listen on a port (ListenStream=8080) and lead its clients there, or mount one directory into both")
		case strings.HasPrefix(text, "@") || strings.HasPrefix(text, "vsock:") || strings.Contains(host, "%"):
			u.Drop(l.setting, "an address that belongs to the machine's kernel", "let the program listen on a port")
			u.Find(ledger.Warning, l.pos(), l.Key+"="+text+" has no counterpart in a container", "let the program listen on a port: ListenStream=8080")
		case err != nil || n < 1 || n > 65535:
			u.bad(l, &unitfile.Problem{What: "neither a port, HOST:PORT nor the path of a socket", Remedy: "write 8080, 127.0.0.1:8080 or /run/shop.sock"})
		default:
			host = strings.Trim(host, "[]")
			if host == "" || host == "::" { // systemd.socket(5), ListenStream=: a port alone is every address
				host = "0.0.0.0"
			}
			p := deploy.Port{Number: number + "/" + protocol, Reachable: deploy.Some(true), Address: deploy.Some(host)}
			at := u.at.Join("ports", p.Number)
			if deploy.Has(u.App, at) {
				u.Inert(l.setting, "the port is opened already")
				return
			}
			u.w.Ports = append(u.w.Ports, p)
			u.Convert(l.setting, at.Join("reachable"), at.Join("address"))
			if strings.Contains(host, ":") {
				host = "[" + host + "]"
			}
			u.sockets = append(u.sockets, socket{l, kind, host + ":" + number, ""})
		}
	}
}

// handed settles which sockets the program gets, after all units that open some were read.
func (u *unit) handed() {
	if len(u.sockets) == 0 {
		for _, l := range append(u.fdNames, pointed(u.connection, u.stdio)...) {
			u.Drop(l.setting, "the socket unit opens nothing that a container can have", "let the program bind an address itself")
		}
		return
	}
	kind := u.sockets[0].kind
	var list deploy.List
	for _, s := range u.sockets {
		if s.kind != kind {
			u.Drop(s.setting, "what opens the sockets in a container opens streams or datagrams, not both", "let the program bind the address itself")
			u.Find(ledger.Warning, s.pos(), s.Key+"="+s.Value+" is not handed over beside sockets of the other kind", "let the program bind the address itself")
			continue
		}
		list = append(list, s.kind+" "+s.address+" "+u.socketName(s))
		u.Part(s.setting, u.at.Join("source", "sockets"))
	}
	u.w.Source.Sockets = list
	for _, l := range u.fdNames {
		u.Part(l.setting, u.at.Join("source", "sockets"))
	}
	if u.connection == nil {
		if u.stdio != nil {
			u.Drop(u.stdio.setting, "a listening socket as standard input is what no container gets", "let the program take descriptor 3 (sd_listen_fds(3)), or bind the address itself")
		}
		return
	}
	u.w.Source.Accept = deploy.Some("descriptor")
	fields := []deploy.Path{u.at.Join("source", "accept")}
	if u.stdio != nil {
		u.w.Source.Accept = deploy.Some("stdio")
		u.Part(u.stdio.setting, fields...)
	}
	u.Part(u.connection.setting, fields...)
}

func pointed(list ...*line) []line {
	var out []line
	for _, l := range list {
		if l != nil {
			out = append(out, *l)
		}
	}
	return out
}

// socketName is what FileDescriptorName= says for the unit in which the socket stands, else the unit's own name.
func (u *unit) socketName(s socket) string {
	for _, unit := range u.opened {
		name, mine := unit.name, false
		for _, l := range unit.lines {
			mine = mine || l.setting == s.setting
			if l.Section == "Socket" && l.Key == "FileDescriptorName" && l.Value != "" {
				name = l.Value
			}
		}
		if mine {
			return name
		}
	}
	return s.name
}

// descriptorName is part of the sockets: handed puts it there.
func (u *unit) descriptorName(l line) {
	u.Show(l.setting)
	if l.Value == "" {
		u.Inert(l.setting, "an empty name")
		return
	}
	u.fdNames = append(u.fdNames, l)
}

func (u *unit) accept(l line) {
	v, ok := u.boolean(l)
	if !ok {
		return
	}
	u.Show(l.setting)
	if u.connection != nil {
		u.Override(u.connection.setting, "overridden by "+l.pos().String())
	}
	if u.connection = nil; v {
		u.connection = &l
		return
	}
	u.Inert(l.setting, "the default: one program serves all connections")
}

// standardInput is the connection itself where a socket unit starts the program in the manner of inetd.
func (u *unit) standardInput(l line) {
	switch {
	case l.Value == "socket" && len(u.opened) > 0:
		u.Show(l.setting)
		u.stdio = &l
		return
	case l.Value == "null" || l.Value == "":
		u.Show(l.setting)
		u.Inert(l.setting, "a container's standard input is empty")
		return
	}
	u.fixed(l, row{Key: standardInput})
}
