package nginx

import (
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/nginx/conf"
	"github.com/deploylift/lift/ledger"
)

// port lets the proxy listen, as a listen directive of these words says.
func (p *proxy) port(setting int, address string, words []conf.Word, protocol string) {
	host, number := splitListen(address)
	if number == "" {
		p.rec.Find(ledger.Warning, p.rec.At(setting), "listens on a socket of the machine, which nobody outside of the container reaches", "listen on a port")
		return
	}
	if n, err := strconv.ParseUint(number, 10, 16); err != nil || n == 0 {
		p.rec.Find(ledger.Error, p.rec.At(setting), "listen names no port", "write for example listen 80; or listen 127.0.0.1:8080;")
		return
	}
	transport := "/tcp"
	for _, w := range words {
		switch w.Text {
		case "udp", "quic":
			transport, protocol = "/udp", ""
		case "ssl":
			protocol = ""
		}
	}
	host = strings.Trim(host, "[]")
	if host == "" || host == "*" || host == "::" {
		host = "0.0.0.0"
	}
	key := number + transport
	at := p.at.Join("ports", key)
	i := slices.IndexFunc(p.w.Ports, func(q deploy.Port) bool { return q.Number == key })
	if i < 0 {
		i = len(p.w.Ports)
		p.w.Ports = append(p.w.Ports, deploy.Port{Number: key, Reachable: deploy.Some(true), Address: deploy.Some(host)})
		if protocol != "" {
			p.w.Ports[i].Protocol = deploy.Some(protocol)
		}
		if transport == "/udp" {
			p.w.Ports[i].Published = deploy.Some(number)
		}
	}
	port := &p.w.Ports[i]
	if host == "0.0.0.0" {
		port.Address = deploy.Some(host)
	}
	fields := []deploy.Path{at.Join("reachable"), at.Join("address")}
	if port.Protocol.IsSet() {
		fields = append(fields, at.Join("protocol"))
	}
	if port.Published.IsSet() {
		fields = append(fields, at.Join("published"))
	}
	p.rec.Part(setting, fields...)
}

// splitListen takes the address of a listen directive apart: digits alone are a port, and a host alone has port 80. A socket of the machine has no port.
func splitListen(address string) (host, port string) {
	if strings.HasPrefix(address, "unix:") {
		return address, ""
	}
	if i := strings.LastIndexByte(address, ':'); i >= 0 && !strings.HasSuffix(address, "]") {
		return address[:i], address[i+1:]
	}
	if address != "" && strings.Trim(address, "0123456789") == "" {
		return "", address
	}
	return address, "80"
}

// pass reads where a location hands its requests to.
func (o one) pass() {
	if o.Text == "proxy_pass" && o.byAddress() && !o.setsHost() {
		o.rec.ApproximatePart(o.setting, "without proxy_set_header Host the backend is asked for as "+hostOf(o.Arg(0))+", which becomes the name of its workload", "write proxy_set_header Host $host; if the backend looks at it", o.content())
	} else {
		o.keep()
	}
	o.call(o.Args)
}

// byAddress reports whether requests go straight to an address of the machine, not to an upstream.
func (o one) byAddress() bool {
	host, _, _ := splitAddress(o.Arg(0))
	return isLoopback(host) && !o.upstreams[hostOf(o.Arg(0))] && strings.HasPrefix(o.Arg(0), "http")
}

// setsHost reports whether the headers that hold here say Host: those of the innermost level that has any of its own (ngx_http_proxy_module, proxy_set_header).
func (o one) setsHost() bool {
	for i := len(o.stack) - 1; i >= 0; i-- {
		if names := headers(o.stack[i].file, o.stack[i].block); len(names) > 0 {
			return slices.Contains(names, "host")
		}
	}
	return false
}

// headers lists, in lower case, the headers that a block sets, included files among it.
func headers(f *conf.File, block []conf.Directive) []string {
	var out []string
	for _, d := range block {
		switch d.Text {
		case "proxy_set_header":
			out = append(out, strings.ToLower(d.Arg(0)))
		case "include":
			for _, g := range f.Includes[d.Begin].Files {
				out = append(out, headers(g, g.Directives)...)
			}
		}
	}
	return out
}

// call finds an address of the machine itself in the first word, writes its port out where it is left to the default, and records it.
func (o one) call(words []conf.Word) {
	if len(words) == 0 {
		o.rec.Find(ledger.Error, o.rec.At(o.setting), o.Text+" names no server", "write for example "+o.Text+" 127.0.0.1:3000;")
		return
	}
	w := words[0]
	if i := strings.Index(w.Text, "unix:"); i >= 0 {
		o.socket(w.Text[i+len("unix:"):])
		return
	}
	host, port, at := splitAddress(w.Text)
	switch {
	case strings.Contains(host+port, "$"):
		if strings.Contains(w.Text, "127.0.0.1") || strings.Contains(w.Text, "localhost") {
			o.rec.Find(ledger.Warning, o.rec.At(o.setting), o.Text+" makes an address of the machine itself of variables, so that lift cannot lead it to a workload", "write the address out")
		}
		return
	case !isLoopback(host) || o.upstreams[hostOf(w.Text)]:
		return
	case port == "":
		port = "80"
		if strings.HasPrefix(w.Text, "https:") || strings.HasPrefix(w.Text, "grpcs:") {
			port = "443"
		}
		o.edit(w, conf.Quote(w.Text[:at]+":"+port+w.Text[at:]))
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		o.rec.Find(ledger.Error, o.rec.At(o.setting), o.Text+" names no port", "write a number from 1 to 65535 behind the colon")
		return
	}
	o.rec.Calls = append(o.rec.Calls, detect.Call{Workload: o.w.Name, Address: host + ":" + port, Setting: o.setting})
}

// socket lets the proxy see a socket of the machine.
func (o one) socket(file string) {
	file, _, _ = strings.Cut(file, ":") // what follows is the path of the request
	dir := path.Dir(path.Clean(file))
	warn := func(remedy string) {
		o.rec.Find(ledger.Warning, o.rec.At(o.setting), o.Text+" leads to the socket "+file+", which a program on the machine makes: in a container of its own it is out of reach", remedy)
	}
	switch dir {
	case "/", ".", "/run", "/var/run", "/tmp":
		warn("let the program listen on a port, or put the socket into a directory that both mount")
		return
	}
	warn("let the program listen on a port, or mount " + dir + " into its container as well: the proxy has it already")
	at := o.at.Join("mounts", dir)
	o.rec.Part(o.setting, at.Join("kind"), at.Join("host"), at.Join("readOnly"))
	if !slices.ContainsFunc(o.w.Mounts, func(m deploy.Mount) bool { return m.Path == dir }) {
		o.w.Mounts = append(o.w.Mounts, deploy.Mount{Path: dir, Kind: deploy.Some(deploy.MountHost), Host: deploy.Some(dir), ReadOnly: deploy.Some(true)})
	}
}

// hostOf is host and port of an address, as nginx calls them in $proxy_host.
func hostOf(text string) string {
	if i := strings.Index(text, "://"); i >= 0 {
		text = text[i+3:]
	}
	text, _, _ = strings.Cut(text, "/")
	return text
}

// splitAddress takes [SCHEME://]HOST[:PORT][/URI] apart; at is the offset behind the host.
func splitAddress(text string) (host, port string, at int) {
	begin := 0
	if i := strings.Index(text, "://"); i >= 0 {
		begin = i + 3
	}
	end := len(text)
	if i := strings.IndexAny(text[begin:], "/?"); i >= 0 {
		end = begin + i
	}
	hostPort := text[begin:end]
	at = end
	if i := strings.LastIndexByte(hostPort, ':'); i >= 0 && !strings.HasSuffix(hostPort, "]") {
		return hostPort[:i], hostPort[i+1:], begin + i
	}
	return hostPort, "", at
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}
