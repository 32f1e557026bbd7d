package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/yamldoc"
)

// restart reads "no", always, unless-stopped, on-failure[:N].
func (s *svc) restart(n yamldoc.Node) {
	t, ok := s.text(n)
	if !ok {
		return
	}
	at := s.at.Join("restart")
	name, max, counted := strings.Cut(t, ":")
	if counted && name != "on-failure" {
		name = ""
	}
	switch name {
	case "no", "always", "on-failure":
		s.w.Restart.Policy = deploy.Some(deploy.RestartPolicy(name))
		fields := []deploy.Path{at.Join("policy")}
		if counted {
			v, err := strconv.ParseInt(max, 10, 64)
			if err != nil || v < 0 {
				s.bad(n, wrongf("write on-failure:3", "%q is no number of attempts", max))
				s.w.Restart.Policy = deploy.Opt[deploy.RestartPolicy]{}
				return
			}
			l := deploy.Bound(v)
			if v == 0 {
				l = deploy.Unlimited[int64]()
			}
			s.w.Restart.Attempts = deploy.Some(l)
			fields = append(fields, at.Join("attempts"))
		}
		s.give(n, fields...)
	case "unless-stopped":
		s.w.Restart.Policy = deploy.Some(deploy.RestartAlways)
		s.almost(n, "a service that was stopped by hand is started again with the machine", "scale it to 0 to keep it stopped", at.Join("policy"))
	default:
		s.bad(n, wrongf(`use "no", always, on-failure or unless-stopped`, "unknown restart policy %q", t))
	}
}

// policyCondition reads deploy.restart_policy.condition, which takes the place of restart. It runs after it.
func (s *svc) policyCondition(n yamldoc.Node) {
	t, ok := s.text(n)
	if !ok {
		return
	}
	at := s.at.Join("restart", "policy")
	p, ok := map[string]deploy.RestartPolicy{"none": deploy.RestartNo, "on-failure": deploy.RestartOnFailure, "any": deploy.RestartAlways}[t]
	if !ok {
		s.bad(n, wrongf("use none, on-failure or any", "unknown condition %q", t))
		return
	}
	s.w.Restart.Policy = deploy.Some(p)
	if s.w.Restart.Attempts.IsSet() {
		s.w.Restart.Attempts = deploy.Opt[deploy.Limit[int64]]{}
		s.rec.Release(s.at.Join("restart", "attempts"), n.Pos())
	}
	if t == "any" {
		s.almost(n, "a service that was stopped by hand is started again with the machine", "scale it to 0 to keep it stopped", at)
		return
	}
	s.give(n, at)
}

func (s *svc) policyAttempts(n yamldoc.Node) {
	v, ok := s.number(n)
	switch {
	case !ok:
	case v < 0:
		s.bad(n, wrongf("write a positive number", "%d attempts", v))
	case !s.w.Restart.Policy.Is(deploy.RestartOnFailure):
		s.inert(n, "docker counts the attempts of on-failure alone")
	default:
		l := deploy.Bound(v)
		if v == 0 {
			l = deploy.Unlimited[int64]()
		}
		s.w.Restart.Attempts = deploy.Some(l)
		s.give(n, s.at.Join("restart", "attempts"))
	}
}

func (s *svc) stopSignal(n yamldoc.Node) {
	t, ok := s.text(n)
	if !ok {
		return
	}
	sig, ok := forms.SignalName(t)
	if !ok {
		s.bad(n, wrongf("write SIGTERM or the like", "unknown signal %q", t))
		return
	}
	s.w.Stop.Signal = deploy.Some(sig)
	s.give(n, s.at.Join("stop", "signal"))
}

func (s *svc) stopGrace(n yamldoc.Node) {
	v, ok := s.duration(n)
	switch {
	case !ok:
	case v < 0:
		s.bad(n, wrongf("write a positive one", "a negative duration"))
	default:
		s.w.Stop.Grace = deploy.Some(deploy.Bound(v))
		s.give(n, s.at.Join("stop", "grace"))
	}
}

func (s *svc) replicas(other string) func(yamldoc.Node) {
	return func(n yamldoc.Node) {
		v, ok := s.number(n)
		if !ok {
			return
		}
		if v < 0 || v > deploy.MostReplicas {
			s.bad(n, wrongf("write a number from 0 to "+strconv.Itoa(deploy.MostReplicas), "%d replicas", v))
			return
		}
		if s.twice(n, !s.w.Scale.Replicas.IsSet() || s.w.Scale.Replicas.Is(v), other) {
			return
		}
		s.w.Scale.Replicas = deploy.Some(v)
		s.give(n, s.at.Join("scale", "replicas"))
	}
}

// profiles reads the names that stand for a kind, and takes any other as "not started with the system".
func (s *svc) profiles(n yamldoc.Node) {
	s.list(n, func(c yamldoc.Node, t string) {
		kind, auto := s.at.Join("kind"), s.at.Join("autostart")
		switch t {
		case "job", "cron":
			k := deploy.Job
			if t == "cron" {
				k = deploy.Cron
			}
			if s.w.Kind.IsSet() && !s.w.Kind.Is(k) {
				s.bad(c, wrongf("name one of them", "both job and cron"))
				return
			}
			s.w.Kind = deploy.Some(k)
			s.part(c, kind)
		case "manual":
			s.w.Autostart = deploy.Some(false)
			s.part(c, auto)
		default:
			if s.w.Autostart.IsSet() {
				s.drop(c, "lift knows no groups of services; it is not started with the system", "start it by hand where it is needed")
				return
			}
			s.w.Autostart = deploy.Some(false)
			s.almost(c, "lift knows no groups of services: with any profile a service is not started with the system", "name the profile manual, or remove it", auto)
		}
	})
}

func (s *svc) logTag(n yamldoc.Node) {
	if t, ok := s.text(n); ok {
		s.w.Logging.Tag = deploy.Some(t)
		s.give(n, s.at.Join("logging", "tag"))
	}
}

func (s *svc) logDriver(n yamldoc.Node) {
	t, ok := s.text(n)
	switch {
	case !ok:
	case slices.Contains([]string{"json-file", "local", "journald", "syslog"}, t):
		s.inert(n, "standard output is collected by every tier")
	case t == "none":
		s.lose(n, "every tier collects standard output", "let the program write nothing")
	default:
		s.lose(n, "the way of the lines to "+strconv.Quote(t)+" is set up outside of the workload", "let an agent on the nodes send the lines there")
	}
}

// networks: every service reaches every other one.
func (s *svc) networks(n yamldoc.Node) {
	for _, c := range n.Items() {
		s.network(c, c.Str())
	}
	for _, e := range n.Entries() {
		if e.Value.IsLeaf() {
			s.network(e.Value, e.Key)
			continue
		}
		for _, o := range e.Value.Entries() {
			switch o.Key {
			case "aliases":
				for _, a := range items(o.Value) {
					if a.IsScalar() && a.Str() == s.name {
						s.inert(a, "the service's own name")
					} else {
						s.lose(a, "peers reach a workload under its own name alone", "use the service's name, or add a Service of the other name by hand")
					}
				}
			case "ipv4_address", "ipv6_address", "link_local_ips", "mac_address":
				s.lose(o.Value, "addresses are given out anew on every tier", "use the service's name")
			case "priority", "gw_priority", "interface_name", "driver_opts":
				s.drop(o.Value, "it arranges the container's network interfaces, of which a pod has one", "")
			default:
				s.unknown(o, "networks", []string{"aliases", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address", "priority", "gw_priority", "interface_name", "driver_opts"})
			}
		}
	}
	if n.IsScalar() {
		s.bad(n, wrongf("write a list", "networks are a list or a mapping"))
	}
}

func (s *svc) network(n yamldoc.Node, name string) {
	if name == "default" {
		s.inert(n, "the network that every service is in")
		return
	}
	s.drop(n, "workloads reach each other; networks that keep them apart are not carried", "write NetworkPolicies")
}

func (s *svc) networkMode(n yamldoc.Node) {
	t, ok := s.text(n)
	if !ok {
		return
	}
	switch {
	case t == "bridge" || t == "default":
		s.inert(n, "the usual network")
	case t == "host":
		s.lose(n, "the program shares the machine's network", "publish its ports instead, or set hostNetwork by hand")
	case t == "none":
		s.lose(n, "the program has no network at all", "write a NetworkPolicy that denies everything")
	default:
		s.lose(n, "the program shares the network of "+strconv.Quote(t), "put both into one pod by hand")
	}
}

// labels: some programs read them.
func (s *svc) labels(n yamldoc.Node) {
	each := func(c yamldoc.Node, name string) {
		if strings.HasPrefix(name, "traefik.") || strings.HasPrefix(name, "caddy") || strings.HasPrefix(name, "com.centurylinklabs.watchtower") {
			s.drop(c, "it instructs a program that watches Docker", "write the route, or what it asks for, for the target")
			return
		}
		s.inert(c, "a label carries no behaviour of its own")
	}
	for _, e := range n.Entries() {
		each(e.Value, e.Key)
	}
	for _, c := range n.Items() {
		each(c, c.Str())
	}
	if n.IsScalar() {
		s.bad(n, wrongf("write NAME: VALUE", "labels are a mapping or a list"))
	}
}
