package run

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run/witness"
)

// plans tells the witness of each workload of s what to do, so that the same is asked on every tier: writes and reads are tried where any of the tiers puts something.
// Names are the original's; called says what they are called in s.
func plans(s System, names []string, called func(string) string, tiers []System, callers []func(string) string) map[string]witness.Plan {
	out := map[string]witness.Plan{}
	for _, name := range names {
		w := workload(s.App, called(name))
		if w == nil {
			continue
		}
		kind := w.Kind.Or(deploy.Service)
		job := kind == deploy.Job || kind == deploy.Cron
		p := witness.Plan{
			Nonce: s.Nonce, Side: s.Tier, Workload: w.Name, Socket: "lift-" + s.Nonce + "-" + s.Tier + "-" + w.Name,
			Listen: listens(*w), Once: job, Stubborn: !job, Children: !job, Peers: peers(s, *w),
		}
		for i, t := range tiers {
			if v := workload(t.App, callers[i](name)); v != nil {
				p.Write = union(p.Write, writePaths(*v))
				p.Read = union(p.Read, filePaths(*v))
			}
		}
		p.Show, p.Hide = slices.Clone(public), []string{}
		for _, e := range w.Env {
			if e.Value.IsSecret() {
				p.Hide = append(p.Hide, e.Name)
			} else {
				p.Show = append(p.Show, e.Name)
			}
		}
		out[w.Name] = p
	}
	return out
}

// public are variables that platforms set by themselves and that are no secrets.
var public = []string{
	"PATH", "HOME", "HOSTNAME", "LANG", "USER", "LOGNAME", "SHELL", "PWD", "TERM", "TZ", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID",
	"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_SERVICE_PORT_HTTPS", "KUBERNETES_PORT", "KUBERNETES_PORT_443_TCP", "KUBERNETES_PORT_443_TCP_ADDR", "KUBERNETES_PORT_443_TCP_PORT",
	"KUBERNETES_PORT_443_TCP_PROTO", "SSL_CERT_FILE", "NODE_VERSION", "YARN_VERSION", "PYTHON_VERSION", "GOLANG_VERSION", "NGINX_VERSION",
}

// workload finds one by its name.
func workload(a deploy.App, name string) *deploy.Workload {
	i := slices.IndexFunc(a.Workloads, func(w deploy.Workload) bool { return w.Name == name })
	if i < 0 {
		return nil
	}
	return &a.Workloads[i]
}

// listens are the addresses on which the program would listen.
func listens(w deploy.Workload) []string {
	var out []string
	for _, p := range w.Ports {
		number, protocol, _ := strings.Cut(p.Number, "/")
		addr := p.Address.Or("0.0.0.0")
		if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "unix:") {
			continue
		}
		if addr == "*" || addr == "" {
			addr = "0.0.0.0"
		}
		out = append(out, net.JoinHostPort(addr, number)+"/"+protocol)
	}
	return out
}

// peers are the other workloads whose addresses stand in the workload's settings: by the name and port that stand there. On a tier where all share one network, that is the machine's own address.
func peers(s System, w deploy.Workload) []witness.Peer {
	var out []witness.Peer
	for _, other := range s.App.Workloads {
		for _, p := range other.Ports {
			number, protocol, _ := strings.Cut(p.Number, "/")
			n, err := strconv.Atoi(number)
			if err != nil || protocol != "tcp" || other.Name == w.Name {
				continue
			}
			for _, host := range []string{other.Name, "127.0.0.1", "localhost"} {
				if mentions(w, host+":"+number) {
					out = append(out, witness.Peer{Workload: other.Name, Name: host, Port: n})
					break
				}
			}
		}
	}
	return out
}

// mentions reports whether an address stands in a setting of the workload.
func mentions(w deploy.Workload, address string) bool {
	for _, e := range w.Env {
		if t, ok := e.Value.Reveal(); ok && standsIn(t, address) {
			return true
		}
	}
	for _, word := range append(append(deploy.Argv(nil), w.Command.Entrypoint...), w.Command.Argv...) {
		if standsIn(word.String(), address) {
			return true
		}
	}
	for _, f := range w.Files {
		if t, ok := f.Content.Get(); ok && standsIn(t, address) {
			return true
		}
	}
	return false
}

// standsIn reports whether text holds the address, and not as a part of a longer word or number.
func standsIn(text, address string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], address)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(address)
		if (i == 0 || !wordByte(text[i-1])) && (end == len(text) || text[end] < '0' || text[end] > '9') {
			return true
		}
		from = i + 1
	}
}

func wordByte(b byte) bool {
	return b == '-' || b == '.' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
