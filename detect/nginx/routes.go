package nginx

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// virtual is a virtual server while it is read: what it listens on, what it is called, and where its locations lead (ngx_http_core_module).
type virtual struct {
	listens   []listening
	names     []named
	locations []*location
	own       bool // something in it must happen in nginx, whatever the location
	upgrade   int  // as of a location
	extras    []int
}

type listening struct {
	setting int
	port    string
	tls     bool
}

type named struct {
	setting int
	name    string
}

// location is where requests of a path go.
type location struct {
	setting int
	words   []string // modifier and path
	pass    string   // argument of proxy_pass
	passed  int      // setting of proxy_pass
	own     bool     // nginx answers itself, or does more than to hand the request on
	upgrade int      // setting that lets connections become WebSockets, from 1; 0: none
	extras  []int    // settings that do more to requests than to hand them on
}

// guards are directives that decide about a request, or answer it: what is behind them must not be reached past nginx.
var guards = map[string]bool{
	"allow": true, "deny": true, "auth_basic": true, "auth_request": true, "auth_jwt": true, "limit_except": true, "limit_req": true, "limit_conn": true, "satisfy": true, "secure_link": true,
	"valid_referers": true, "if": true, "rewrite": true, "return": true, "try_files": true, "internal": true, "proxy_method": true, "proxy_set_body": true, "ssl_verify_client": true, "proxy_cookie_path": true,
	"proxy_cookie_domain": true, "proxy_redirect": true, "sub_filter": true, "mirror": true, "proxy_cache": true, "error_page": true, "js_content": true,
}

// forwarded are headers that whatever stands in front of a program sets or leaves as they are.
var forwarded = []string{"host", "connection", "upgrade", "x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"}

// forwards reports whether a header says no more to a program than what stands in front of it says anyway: a literal text, but for how long connections last, only nginx says.
func forwards(header, value string) bool {
	return slices.Contains(forwarded, header) && (value == "" || strings.HasPrefix(value, "$") || header == "connection" || header == "upgrade")
}

// handing are directives that only say where requests come in and where they go, and what speaks of nginx itself.
var handing = map[string]bool{
	"listen": true, "server_name": true, "location": true, "proxy_pass": true, "proxy_http_version": true, "proxy_set_header": true, "include": true, "server": true, "http": true, "upstream": true, "access_log": true, "error_log": true,
	"log_format": true, "default_type": true, "types": true, "sendfile": true, "tcp_nopush": true, "tcp_nodelay": true, "keepalive": true, "types_hash_max_size": true, "server_tokens": true, "map": true, "ssl_certificate": true, "ssl_certificate_key": true,
	"ssl_protocols": true, "ssl_ciphers": true, "ssl_prefer_server_ciphers": true, "ssl_session_cache": true, "ssl_session_timeout": true, "ssl_dhparam": true, "http2": true,
}

// traffic records what a directive means for the way of requests.
func (o one) traffic() {
	l := o.stack[len(o.stack)-1]
	guarded := guards[o.Text] && o.Arg(0) != "off" ||
		o.Text == "proxy_set_header" && !forwards(strings.ToLower(o.Arg(0)), o.Arg(1))
	switch {
	case guarded && l.location != nil:
		l.location.own = true
	case guarded && l.server != nil:
		l.server.own = true
	case guarded:
		o.proxy.own = true
	}
	if file := o.rec.At(o.setting).File; file != "" && !handing[o.Text] && slices.ContainsFunc(o.stack, func(s *level) bool { return s.name == "http" }) {
		switch {
		case l.location != nil:
			l.location.extras = append(l.location.extras, o.setting)
		case l.server != nil:
			l.server.extras = append(l.server.extras, o.setting)
		case l.name == "http":
			o.extras = append(o.extras, o.setting)
		}
	}
	switch {
	case l.server == nil:
	case o.Text == "proxy_set_header" && strings.EqualFold(o.Arg(0), "upgrade") && o.Arg(1) != "":
		if l.location != nil {
			l.location.upgrade = o.setting + 1
		} else {
			l.server.upgrade = o.setting + 1
		}
	case o.Text == "listen" && l.location == nil:
		words := make([]string, len(o.Args))
		for i, a := range o.Args {
			words[i] = a.Text
		}
		_, port := splitListen(o.Arg(0))
		l.server.listens = append(l.server.listens, listening{o.setting, port, slices.Contains(words, "ssl")})
	case o.Text == "server_name" && l.location == nil:
		for _, a := range o.Args {
			l.server.names = append(l.server.names, named{o.setting, strings.ToLower(a.Text)})
		}
	case o.Text == "proxy_pass" && l.location != nil:
		l.location.pass, l.location.passed = o.Arg(0), o.setting
	}
}

// enter prepares the level of a block for what its directives mean.
func (o one) enter(in *level) {
	l := o.stack[len(o.stack)-1]
	in.server, in.location = l.server, l.location
	switch {
	case o.Text == "server" && slices.ContainsFunc(o.stack, func(s *level) bool { return s.name == "http" }):
		in.server = &virtual{}
	case o.Text == "location" && l.server != nil:
		in.location = &location{setting: o.setting}
		for _, a := range o.Args {
			in.location.words = append(in.location.words, a.Text)
		}
		l.server.locations = append(l.server.locations, in.location)
	}
}

// routes turns a server into routes: one for each name that it has, to nginx, and one for each location, which nginx hands on. Ports other than 80 and 443 are no concern of a name: whoever uses
// them knows the machine.
func (p *proxy) routes(s *virtual) {
	hosts := []named{}
	for _, n := range s.names {
		switch {
		case strings.HasPrefix(n.name, "~"):
			p.rec.Find(ledger.Info, p.rec.At(n.setting), "server_name has a pattern, and what leads requests to nginx on another tier knows names alone", "add the names that it stands for")
		case n.name == "_" || n.name == "" || net(n.name):
		case strings.HasPrefix(n.name, "."):
			hosts = append(hosts, named{n.setting, n.name[1:]}, named{n.setting, "*" + n.name})
		case strings.Contains(strings.TrimPrefix(n.name, "*."), "*") || !strings.Contains(n.name, ".") || strings.ContainsAny(n.name, "$/=~"):
			// a name for programs of the network, or a form that no other tier knows
		default:
			hosts = append(hosts, n)
		}
	}
	if len(s.names) == 0 || len(hosts) == 0 && !slices.ContainsFunc(s.names, func(n named) bool { return n.name != "_" && n.name != "" }) {
		hosts = append(hosts, named{-1, "*"})
	}
	for i := len(hosts) - 1; i > 0; i-- {
		if slices.ContainsFunc(hosts[:i], func(n named) bool { return n.name == hosts[i].name }) {
			hosts = slices.Delete(hosts, i, i+1) // .shop.example says shop.example as well
		}
	}
	for _, t := range []deploy.Target{{Scheme: "http"}, {Scheme: "https"}} {
		port := map[string]int64{"http": 80, "https": 443}[t.Scheme]
		var listens []int
		for _, l := range s.listens {
			if l.tls == (t.Scheme == "https") && l.port == strconv.FormatInt(port, 10) {
				listens = append(listens, l.setting)
			}
		}
		if len(listens) == 0 {
			continue
		}
		for _, h := range hosts {
			t.Host, t.Path, t.Exact, t.Pattern = h.name, "", false, false
			settings := listens
			if h.setting >= 0 {
				settings = append(slices.Clip(listens), h.setting)
			}
			if !p.entry(t.String(), port, settings) {
				continue
			}
			for _, l := range s.locations {
				p.inner(t, port, l, s)
			}
		}
	}
}

// net reports whether a name is an address or localhost: nothing that others are led by.
func net(name string) bool {
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil || name == "localhost"
}

// entry adds the route of a host to nginx. It reports whether the host is this server's: of two servers with one name on one port nginx takes the first.
func (p *proxy) entry(match string, port int64, settings []int) bool {
	at := deploy.At("routes", match)
	if slices.ContainsFunc(p.rec.App.Routes, func(r deploy.Route) bool { return r.Match == match }) {
		last := settings[len(settings)-1]
		p.rec.Find(ledger.Warning, p.rec.At(last), "another server has the same name on the same port, and nginx takes the first", "give one of them another name, or remove it")
		return false
	}
	p.rec.App.Routes = append(p.rec.App.Routes, deploy.Route{Match: match, Workload: deploy.Some(deploy.Ref(p.at)), Port: deploy.Some(port)})
	for _, s := range settings {
		p.rec.Part(s, at.Join("workload"), at.Join("port"))
	}
	return true
}

// inner adds the route of a location, which nginx hands on or answers itself.
func (p *proxy) inner(t deploy.Target, port int64, l *location, s *virtual) {
	switch {
	case len(l.words) == 1 && strings.HasPrefix(l.words[0], "/"):
		t.Path = l.words[0]
	case len(l.words) == 2 && l.words[0] == "^~":
		t.Path = l.words[1]
	case len(l.words) == 2 && l.words[0] == "=":
		t.Path, t.Exact = l.words[1], true
	case len(l.words) == 2 && l.words[0] == "~":
		t.Path, t.Pattern = l.words[1], true
	case len(l.words) == 2 && l.words[0] == "~*":
		t.Path, t.Pattern = "(?i)"+l.words[1], true
	default:
		return // a named location: only nginx itself goes there
	}
	match := t.String()
	if slices.ContainsFunc(p.rec.App.Routes, func(r deploy.Route) bool { return r.Match == match }) {
		return
	}
	at := deploy.At("routes", match)
	r := deploy.Route{Match: match, Via: deploy.Some(deploy.Ref(p.at))}
	for _, setting := range slices.Concat([]int{l.setting}, l.extras, s.extras, p.extras) {
		p.rec.Part(setting, at.Join("via"))
	}
	upgrade := l.upgrade
	if upgrade == 0 {
		upgrade = s.upgrade
	}
	if upgrade > 0 {
		r.Upgrade = deploy.Some(true)
		p.rec.Part(upgrade-1, at.Join("upgrade"))
	}
	address, uri, ok := p.backend(l.pass)
	if p.own || s.own || l.own || t.Pattern || !ok {
		r.Workload, r.Port = deploy.Some(deploy.Ref(p.at)), deploy.Some(port)
		p.rec.Part(l.setting, at.Join("workload"), at.Join("port"))
		p.rec.App.Routes = append(p.rec.App.Routes, r)
		return
	}
	h := detect.Handoff{Match: match, Address: address, Setting: l.passed, Itself: port}
	if uri != "" && uri != t.Path {
		h.Prefix = deploy.Some(uri)
	}
	p.rec.Handoffs = append(p.rec.Handoffs, h)
	p.rec.App.Routes = append(p.rec.App.Routes, r)
}

// backend returns the one address of the machine that an argument of proxy_pass leads to, and the path that takes the location's place.
func (p *proxy) backend(pass string) (address, uri string, ok bool) {
	rest, ok := strings.CutPrefix(pass, "http://")
	if !ok || strings.ContainsAny(pass, "$") || strings.HasPrefix(rest, "unix:") {
		return "", "", false
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, uri = rest[:i], rest[i:]
	}
	if p.upstreams[rest] {
		if len(p.backends[rest]) != 1 {
			return "", "", false // nginx chooses
		}
		rest = p.backends[rest][0]
	}
	host, port, _ := splitAddress(rest)
	if port == "" {
		port = "80"
	}
	return host + ":" + port, uri, isLoopback(host)
}
