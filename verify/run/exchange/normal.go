package exchange

import (
	"bytes"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// normalise makes of the headers and the body what is compared: the mark of the request, which differs from side to side, and addresses that only this side has, are replaced.
func (a *answer) normalise(r ready, remote net.Addr) {
	a.normal = make(http.Header, len(a.header))
	for name, values := range a.header {
		for _, v := range values {
			v = strings.ReplaceAll(v, r.mark, "{request}")
			if name == "Location" || name == "Content-Location" {
				v = r.side.location(v, r, remote)
			}
			a.normal[name] = append(a.normal[name], v)
		}
	}
	if len(r.mark) >= 8 { // a text so short could be there by chance
		a.body = bytes.ReplaceAll(a.body, []byte(r.mark), []byte("{request}"))
	}
}

// location replaces the address in an absolute URL by what it means: the asked host without the port that only this side's door has, or the workload that is there.
func (s *Side) location(text string, r ready, remote net.Addr) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || s == nil {
		return text
	}
	asked, askedPort := splitHost(hostOf(r))
	host, port := splitHost(u.Host)
	_, own, _ := net.SplitHostPort(remote.String())
	if strings.EqualFold(host, asked) {
		if port == own && port != askedPort && port != "" {
			port = askedPort
		}
		return replaceHost(text, u.Host, join(host, port))
	}
	if w := s.listens(host, port); w != "" {
		return replaceHost(text, u.Host, "{"+w+"}")
	}
	return text
}

// hostOf is the Host that a request names.
func hostOf(r ready) string {
	host := r.host
	for _, h := range r.headers {
		if h.Name == "Host" {
			host = h.Value
		}
	}
	return host
}

// listens returns WORKLOAD:PORT, as the original calls it, of who listens at an address of this side; "" if nobody of the system does.
func (s *Side) listens(host, port string) string {
	ip := net.ParseIP(host)
	local := strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
	name, _, _ := strings.Cut(host, ".")
	for _, w := range s.App.Workloads {
		for _, p := range w.Ports {
			number, _, _ := strings.Cut(p.Number, "/")
			published := p.Published.Or("")
			if i := strings.LastIndexByte(published, ':'); i >= 0 {
				published = published[i+1:]
			}
			if local && port != "" && (port == number || port == published) || !local && name == w.Name && (port == number || port == "") {
				return s.original(w.Name) + ":" + number
			}
		}
	}
	return ""
}

// splitHost takes a host and its port apart; the port is "" where none is said.
func splitHost(host string) (name, port string) {
	if h, p, err := net.SplitHostPort(host); err == nil {
		return h, p
	}
	return strings.Trim(host, "[]"), ""
}

func join(host, port string) string {
	if port == "" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// replaceHost puts another host in the place of the one of a URL, and leaves the rest as it is written.
func replaceHost(text, old, with string) string {
	i := strings.Index(text, "//")
	if i < 0 {
		return text
	}
	before, after, ok := strings.Cut(text[i:], old)
	if !ok {
		return text
	}
	return text[:i] + before + with + after
}
