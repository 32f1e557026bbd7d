//go:build linux

package processes

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run/witness"
)

// readiness is the workload's own probe, else a connection to its first port, else nothing.
func readiness(w deploy.Workload, takes bool, plan witness.Plan) probe {
	answers := func(port int) bool { // the witness listens where it is told to
		return !takes || slices.ContainsFunc(plan.Listen, func(l string) bool { return strings.HasSuffix(l, ":"+strconv.Itoa(port)+"/tcp") })
	}
	at := func(port int) string {
		for _, p := range w.Ports {
			if n, protocol, ok := portOf(p); ok && n == port && protocol == "tcp" {
				return reachable(p.Address.Or(""))
			}
		}
		return "127.0.0.1"
	}
	for _, r := range []deploy.Probe{w.Probes.Readiness, w.Probes.Startup} {
		out := probe{Path: r.Path.Or(""), Port: int(r.Port.Or(0)), Timeout: r.Timeout.Or(0)}
		switch {
		case out.Port != 0 && answers(out.Port):
			out.Address = at(out.Port)
			return out
		case r.Command.Argv.IsSet() && !takes:
			c := commandOf(r.Command)
			return probe{Command: &c, Timeout: out.Timeout}
		}
	}
	for _, p := range w.Ports {
		if n, protocol, ok := portOf(p); ok && protocol == "tcp" && answers(n) && !strings.Contains(p.Address.Or(""), "/") {
			return probe{Address: at(n), Port: n}
		}
	}
	return probe{}
}

// shifted finds the variable that tells the program its port: the supervisor of a Procfile counts it up for each further instance (foreman(1), PORT).
func shifted(w deploy.Workload) (port int, ok bool) {
	for _, e := range w.Env {
		text, known := e.Value.Reveal()
		n, err := strconv.Atoi(text)
		if e.Name == "PORT" && known && err == nil {
			return n, slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { number, _, ok := portOf(p); return ok && number == n })
		}
	}
	return 0, false
}

// instances is how many programs of a workload are started here, and why not as many as are asked for.
func instances(w deploy.Workload) (n int, why string) {
	asked := w.Scale.Replicas.Or(1)
	if k := w.Kind.Or(deploy.Service); once(k) || k == deploy.Agent {
		return 1, ""
	}
	_, moves := shifted(w)
	switch {
	case asked > 1 && len(w.Ports) > 0 && !moves && len(w.Source.Sockets) == 0:
		return 1, "one machine has each port once, and nothing tells the others another one"
	case asked > mostReplicas:
		return mostReplicas, fmt.Sprintf("%d processes are started in the place of %d", mostReplicas, asked)
	}
	return int(max(asked, 1)), ""
}

// replicas are the instances, with what each has of its own.
func replicas(w deploy.Workload, takes bool, plan witness.Plan) []replica {
	n, _ := instances(w)
	out := make([]replica, n)
	port, moves := shifted(w)
	for i := 1; i < n; i++ {
		if moves {
			out[i] = replica{Env: []string{"PORT=" + strconv.Itoa(port+i)}, Shift: i}
		}
		if takes { // two witnesses cannot have one address
			other := plan
			other.Socket += "-" + strconv.Itoa(i)
			other.Listen = nil
			for _, l := range plan.Listen {
				if host, rest, err := net.SplitHostPort(l); err == nil {
					number, protocol, _ := strings.Cut(rest, "/")
					if n, err := strconv.Atoi(number); err == nil && moves {
						other.Listen = append(other.Listen, net.JoinHostPort(host, strconv.Itoa(n+i))+"/"+protocol)
					}
				}
			}
			if text, err := json.Marshal(other); err == nil {
				out[i].Env = append(out[i].Env, witness.Variable+"="+string(text))
			}
		}
	}
	return out
}
