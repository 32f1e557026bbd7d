package container2k8s

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
)

// lowerNeeds keeps the order of starts where an init container can wait for it, and says where none can.
//
// The init container runs the interpreter of the program's own image: there is no second image to pull, to scan and to keep up to date. It waits until the peer's Service takes connections, which
// it does as soon as a pod behind it is ready. So it needs a Service, an interpreter, and an order that ends: in a circle nothing would ever start.
func (s *step) lowerNeeds() {
	waits := map[string][]string{} // workload → those that it could wait for
	for i := range s.App.Workloads {
		w := &s.App.Workloads[i]
		for _, n := range w.Needs {
			if s.noWait(w, n) == "" {
				waits[w.Name] = append(waits[w.Name], n.Workload)
			}
		}
	}
	for i := range s.App.Workloads {
		o := s.Workload(i)
		kept := o.W.Needs[:0]
		for _, n := range o.W.Needs {
			from := o.From.Join("needs", s.Source(deploy.At("workloads", n.Workload)).Base())
			why := s.noWait(o.W, n)
			if why == "" && leads(waits, n.Workload, o.W.Name, map[string]bool{}) {
				why = n.Workload + " waits for " + o.W.Name + " in turn, and both would wait for ever"
			}
			if why != "" {
				s.dropNeed(from, n, why)
				continue
			}
			if n.Condition.Or(deploy.Started) == deploy.Started {
				to := o.To.Join("needs", n.Workload, "condition")
				if n.Condition.IsSet() {
					s.L.Approximate(from.Join("condition"), "it waits until "+n.Workload+" takes connections, which is later than its start", "nothing to do, unless it must start although "+n.Workload+" never gets ready", to)
				} else {
					s.L.Assume(to, string(deploy.Ready), "an init container waits until "+n.Workload+" takes connections")
				}
				n.Condition = deploy.Some(deploy.Ready)
			}
			if follow, ok := n.Follow.Get(); ok {
				if n.Follow = (deploy.Opt[bool]{}); follow {
					s.L.Drop(from.Join("follow"), "a pod is not restarted together with those of "+n.Workload, "let the program connect again when it loses "+n.Workload)
				} else {
					s.L.Idle(from.Join("follow"), "no pod is restarted together with those of another workload")
				}
			}
			kept = append(kept, n)
		}
		o.W.Needs = kept
	}
}

// noWait says why no init container can wait for a need, "" if one can.
func (s *step) noWait(w *deploy.Workload, n deploy.Need) string {
	i := slices.IndexFunc(s.App.Workloads, func(p deploy.Workload) bool { return p.Name == n.Workload })
	switch {
	case n.Condition.Is(deploy.Completed):
		return "a Service takes connections, it does not tell that a Job has ended"
	case !n.Required.Is(true):
		return "it starts without " + n.Workload + " as well, and a pod that waited would not"
	case i < 0:
		return "there is no workload " + n.Workload
	case s.App.Workloads[i].Scale.Replicas.Is(0):
		return n.Workload + " runs no replica"
	}
	if _, ok := waitPort(s.App.Workloads[i]); !ok {
		return n.Workload + " has no Service that would tell when it is there"
	}
	if _, _, ok := interpreter(*w); !ok {
		return "the image has no interpreter, as far as the command tells, that could wait"
	}
	return ""
}

// dropNeed says what becomes of a need for which nothing waits.
func (s *step) dropNeed(from deploy.Path, n deploy.Need, why string) {
	reason := "pods start in any order: nothing waits for " + n.Workload + " to start"
	remedy := "let the program try again until " + n.Workload + " answers"
	switch n.Condition.Or(deploy.Started) {
	case deploy.Ready:
		reason = "pods start in any order: nothing waits until " + n.Workload + " is ready, though no request reaches it before"
		remedy += ", or add an init container that waits for it"
	case deploy.Completed:
		reason = "pods start in any order: nothing waits for the end of " + n.Workload
		remedy = "kubectl wait --for=condition=complete job/" + n.Workload + " before the rest is applied"
	}
	if n.Follow.Is(true) {
		reason += ", nor is it restarted together with it"
	}
	s.L.Drop(from, reason+": "+why, remedy)
}

// leads reports whether the waits lead from one workload to another.
func leads(waits map[string][]string, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(waits[from], func(next string) bool { return leads(waits, next, to, seen) })
}

// waitPort is the TCP port of a workload's Service that tells whether the workload is there: the one that its probe asks, else one that speaks HTTP, else the first.
func waitPort(w deploy.Workload) (port int32, ok bool) {
	best := -1
	for _, p := range w.Ports {
		n, proto, err := pod.PortNumber(p.Number)
		if err != nil || proto != corev1.ProtocolTCP || !p.Reachable.Is(true) {
			continue
		}
		rank := 0
		switch {
		case w.Probes.Readiness.Port.Is(int64(n)):
			rank = 2
		case p.Protocol.Is("http"):
			rank = 1
		}
		if rank > best {
			best, port = rank, n
		}
	}
	return port, best >= 0
}

// interpreters are programs that prove by running that their image has an interpreter under the name beside them.
var interpreters = map[string]string{
	"node": "node", "nodejs": "node", "npm": "node", "npx": "node", "yarn": "node", "pnpm": "node",
	"python": "python", "python3": "python3", "gunicorn": "python3", "uvicorn": "python3", "celery": "python3", "flask": "python3",
}

// interpreter returns the program of the workload's image that can wait, and whether it is node or Python: the one that the workload itself is run by.
func interpreter(w deploy.Workload) (program, language string, ok bool) {
	words, literal := w.Command.Argv.Literals()
	if front, ok := w.Command.Entrypoint.Literals(); ok && len(front) > 0 {
		words = front
	} else if w.Command.Shell.IsSet() && len(words) == 1 {
		words = strings.Fields(words[0])
		if len(words) > 1 && words[0] == "exec" {
			words = words[1:]
		}
	}
	if !literal || len(words) == 0 {
		return "", "", false
	}
	program = words[0]
	base := path.Base(program)
	name, ok := interpreters[base]
	switch {
	case strings.Contains(program, "/") && !path.IsAbs(program):
		return "", "", false // it depends on the directory
	case strings.HasPrefix(base, "python3."):
		name = base
	case !ok:
		return "", "", false
	case base != name:
		program = name // npm is a script of node's
	}
	if strings.HasPrefix(name, "python") {
		return program, "python", true
	}
	return program, "node", true
}

// The programs that wait: they try every two seconds, say so, and end when the port takes a connection.
const (
	pythonWait = `import socket, time
while True:
    try:
        socket.create_connection(("%[1]s", %[2]d), 2).close()
        break
    except OSError:
        print("waiting for %[1]s:%[2]d", flush=True)
        time.sleep(2)
`
	nodeWait = `const net = require("net");
function wait() {
  const s = net.connect(%[2]d, "%[1]s", () => process.exit(0));
  s.setTimeout(2000, () => s.destroy(new Error("timeout")));
  s.on("error", () => { console.log("waiting for %[1]s:%[2]d"); setTimeout(wait, 2000); });
}
wait();
`
)

// waits prints an init container for each need.
func waits(a deploy.App, w deploy.Workload, main corev1.Container) ([]corev1.Container, error) {
	var out []corev1.Container
	for _, n := range w.Needs {
		at := "needs." + n.Workload
		i := slices.IndexFunc(a.Workloads, func(p deploy.Workload) bool { return p.Name == n.Workload })
		switch {
		case i < 0:
			return nil, fmt.Errorf("%s: there is no such workload", at)
		case !n.Condition.Is(deploy.Ready) || !n.Required.Is(true):
			return nil, fmt.Errorf("%s: an init container waits for what must be ready", at)
		case n.Follow.IsSet():
			return nil, fmt.Errorf("%s.follow: has no form", at)
		}
		port, ok := waitPort(a.Workloads[i])
		if !ok {
			return nil, fmt.Errorf("%s: it has no Service to wait for", at)
		}
		program, language, ok := interpreter(w)
		if !ok {
			return nil, fmt.Errorf("%s: no interpreter is known that could wait", at)
		}
		flag, script := "-c", pythonWait
		if language == "node" {
			flag, script = "-e", nodeWait
		}
		out = append(out, corev1.Container{
			Name: "wait-for-" + n.Workload, Image: main.Image, Command: []string{program, flag, fmt.Sprintf(script, n.Workload, port)},
			Resources: main.Resources, SecurityContext: main.SecurityContext,
		})
	}
	return out, nil
}
