package compose

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
)

const maxRange = 1000 // ports of one range

// port returns the workload's port, made at the first mention, with the fields that every port of a container has.
func (s *svc) port(key string) *deploy.Port {
	for i := range s.w.Ports {
		if s.w.Ports[i].Number == key {
			return &s.w.Ports[i]
		}
	}
	at := s.at.Join("ports", key)
	s.w.Ports = append(s.w.Ports, deploy.Port{Number: key, Reachable: deploy.Some(true), Address: deploy.Some("0.0.0.0")})
	s.implied("services.networks", "services."+s.name+": reachable by name on "+key, "true", at.Join("reachable"))
	s.implied("services.networks", "services."+s.name+": address of "+key, "0.0.0.0", at.Join("address"))
	return &s.w.Ports[len(s.w.Ports)-1]
}

// expose reads ports that peers may use.
func (s *svc) expose(n yamldoc.Node) {
	s.list(n, func(c yamldoc.Node, t string) {
		nums, proto, _ := strings.Cut(t, "/")
		from, to, w := portRange(nums)
		if w == nil {
			proto, w = protocol(proto)
		}
		if w != nil {
			s.bad(c, w)
			return
		}
		for p := from; p <= to; p++ {
			key := strconv.Itoa(p) + "/" + proto
			s.port(key)
			s.part(c, s.at.Join("ports", key))
		}
	})
}

func protocol(text string) (string, *wrong) {
	switch t := strings.ToLower(text); t {
	case "", "tcp":
		return "tcp", nil
	case "udp":
		return t, nil
	}
	return "", wrongf("use tcp or udp", "unknown protocol %q", text)
}

// portRange reads "8080" or "8080-8090".
func portRange(text string) (from, to int, w *wrong) {
	a, b, isRange := strings.Cut(text, "-")
	if !isRange {
		b = a
	}
	x, err1 := strconv.ParseUint(a, 10, 16)
	y, err2 := strconv.ParseUint(b, 10, 16)
	switch {
	case err1 != nil || err2 != nil || x == 0:
		return 0, 0, wrongf("write a number from 1 to 65535", "%q is no port", text)
	case y < x:
		return 0, 0, wrongf("write the smaller one first", "%q is no range of ports", text)
	case y-x >= maxRange:
		return 0, 0, wrongf("publish what is needed", "a range of %d ports", y-x+1)
	}
	return int(x), int(y), nil
}

// publishing reads ports, in both syntaxes.
func (s *svc) publishing(n yamldoc.Node) {
	s.rec.Place(s.at.Join("ports"), n.KeyPos())
	s.bothSyntaxes(n, "ports are a list", s.longPort, s.shortPort)
}

// shortPort reads [[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL].
func (s *svc) shortPort(n yamldoc.Node, text string) {
	spec, proto, _ := strings.Cut(text, "/")
	proto, w := protocol(proto)
	host, published, target := "", "", spec
	if i := strings.LastIndexByte(spec, ':'); i >= 0 && w == nil {
		host, published, target = "", spec[:i], spec[i+1:]
		if j := strings.LastIndexByte(published, ':'); j >= 0 {
			host, published = published[:j], published[j+1:]
			w = address(host)
		}
	}
	var from, to, hostFrom, hostTo int
	if w == nil {
		from, to, w = portRange(target)
	}
	if w == nil && published != "" {
		hostFrom, hostTo, w = portRange(published)
		if w == nil && hostTo-hostFrom != to-from {
			if from != to {
				w = wrongf("give both ranges the same length", "%d ports for %d", hostTo-hostFrom+1, to-from+1)
			} else {
				s.publishAnywhere(n, from, proto, "docker picks a free port of "+published+" at each start")
				return
			}
		}
	}
	if w != nil {
		s.bad(n, w)
		return
	}
	for i := 0; i <= to-from; i++ {
		if published == "" {
			s.publishAnywhere(n, from+i, proto, "docker publishes it under another port at each start")
			continue
		}
		s.publish(n, from+i, proto, host, strconv.Itoa(hostFrom+i), func(f ...deploy.Path) { s.give(n, f...) })
	}
}

func address(host string) *wrong {
	h := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "localhost" || host == "" {
		return nil
	}
	if _, err := netip.ParseAddr(h); err != nil {
		return wrongf("write [ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]", "%q is no address", host)
	}
	return nil
}

func (s *svc) publishAnywhere(n yamldoc.Node, number int, proto, reason string) {
	key := strconv.Itoa(number) + "/" + proto
	s.port(key)
	s.almost(n, reason, "name the published port: \""+strconv.Itoa(number)+":"+strconv.Itoa(number)+"\"", s.at.Join("ports", key, "reachable"))
}

// publish sets a port's published address; the model has one for each port.
func (s *svc) publish(n yamldoc.Node, number int, proto, host, published string, claim func(...deploy.Path)) {
	key := strconv.Itoa(number) + "/" + proto
	p := s.port(key)
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	if host != "" {
		published = host + ":" + published
	}
	field := s.at.Join("ports", key, "published")
	if old, ok := p.Published.Get(); ok {
		if old == published {
			s.inert(n, "published already by an entry before")
			return
		}
		s.lose(n, "port "+key+" is published as "+old+" already; a port is published once", "let the proxy in front listen on both")
		return
	}
	p.Published = deploy.Some(published)
	claim(field)
}

// longPort reads {target, published, host_ip, protocol, app_protocol, name, mode}.
func (s *svc) longPort(n yamldoc.Node) {
	text := map[string]string{}
	known := true
	for _, e := range n.Entries() {
		switch e.Key {
		case "target", "published", "host_ip", "protocol", "app_protocol", "name", "mode":
			if e.Value.IsNull() {
				s.inert(e.Value, emptyReason)
				continue
			}
			t, ok := s.text(e.Value)
			known = known && ok
			text[e.Key] = t
		default:
			s.unknown(e, "ports", []string{"target", "published", "host_ip", "protocol", "app_protocol", "name", "mode"})
		}
	}
	var w *wrong
	var number int
	proto := ""
	if known {
		if text["target"] == "" {
			w = wrongf("write target: PORT", "a port without target")
		} else {
			number, _, w = portRange(text["target"])
		}
		if w == nil {
			proto, w = protocol(text["protocol"])
		}
		if w == nil {
			w = address(text["host_ip"])
		}
		if w == nil && text["published"] != "" {
			_, _, w = portRange(text["published"])
		}
	}
	if w != nil {
		s.bad(n, w)
		return
	}
	if !known {
		s.orphans(n, "another part of the port is not known")
		return
	}
	key := strconv.Itoa(number) + "/" + proto
	p := s.port(key)
	at := s.at.Join("ports", key)
	s.part(n.Get("target"), at)
	pub, ip := n.Get("published"), n.Get("host_ip")
	switch {
	case strings.Contains(text["published"], "-"):
		s.lose(pub, "docker picks a free port of "+text["published"]+" at each start", "name one published port")
		if text["host_ip"] != "" {
			s.drop(ip, "it belongs to a published port that is not fixed", "name one published port")
		}
	case text["published"] != "":
		s.publish(pub, number, proto, text["host_ip"], text["published"], func(f ...deploy.Path) {
			s.part(pub, f...)
			if text["host_ip"] != "" {
				s.part(ip, f...)
			}
		})
	}
	for _, e := range n.Entries() {
		if e.Value.IsNull() {
			continue
		}
		switch e.Key {
		case "protocol":
			s.part(e.Value, at)
		case "app_protocol":
			s.appProtocol(e.Value, p, at, text[e.Key])
		case "name":
			if text["name"] == "" || p.Name.IsSet() {
				s.inert(e.Value, "a name that says nothing new")
				continue
			}
			p.Name = deploy.Some(text["name"])
			s.give(e.Value, at.Join("name"))
		case "mode":
			s.inert(e.Value, "docker compose publishes on the machine in either mode")
		}
	}
	s.orphans(n, "it belongs to a port that is not published")
}

func (s *svc) appProtocol(n yamldoc.Node, p *deploy.Port, at deploy.Path, text string) {
	switch t := strings.ToLower(text); {
	case p.Protocol.IsSet():
		s.inert(n, "said already by an entry before")
	case t == "http" || t == "grpc" || t == "tcp":
		p.Protocol = deploy.Some(t)
		s.give(n, at.Join("protocol"))
	default:
		s.drop(n, "lift knows http, grpc and tcp", "set appProtocol in the Service by hand")
	}
}
