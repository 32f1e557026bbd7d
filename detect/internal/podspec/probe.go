package podspec

import (
	"fmt"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiProbe = "Kubernetes API: Probe v1 core"

// probe is a probe while it is read.
type probe struct {
	*Workload
	p  *deploy.Probe
	at deploy.Path
}

// ProbeTable is the mapping of a startup, readiness or liveness probe.
var ProbeTable = Table[*probe]{Section: "Probe", Rows: []Row[*probe]{
	{Key: "httpGet", Doc: "healthy if a GET answers 200 to 399", Spec: apiProbe, Example: "{path: /healthz, port: 8080}", Read: func(p *probe, n yamldoc.Node) {
		httpTable.Apply(p.Reader, p, n)
		if n.IsMap() {
			p.portless(n)
			Imply(p.Reader, "Kubernetes API: HTTPGetAction v1 core", "httpGet.path", &p.p.Path, "/", p.at.Join("path"))
		}
	}},
	{Key: "tcpSocket", Doc: "healthy if the port takes a connection", Spec: apiProbe, Example: "{port: 8080}", Read: func(p *probe, n yamldoc.Node) {
		tcpTable.Apply(p.Reader, p, n)
		if n.IsMap() {
			p.portless(n)
		}
	}},
	{Key: "exec", Doc: "healthy if the command ends with 0", Spec: apiProbe, Example: "{command: [./alive]}", Read: func(p *probe, n yamldoc.Node) { execProbeTable.Apply(p.Reader, p, n) }},
	{Key: "grpc", Doc: "healthy if the gRPC health service says so", Spec: apiProbe, Outcome: ledger.Dropped, Reason: "the model has no gRPC probe", Remedy: "ask with a command: exec grpc_health_probe"},
	{Key: "initialDelaySeconds", Doc: "time after the start without a probe", Spec: apiProbe, Example: "5", Read: func(p *probe, n yamldoc.Node) {
		if d, ok := p.Seconds(n, 0); ok {
			Set(p.Reader, n, &p.p.Delay, d, p.at.Join("delay"))
		}
	}},
	{Key: "periodSeconds", Doc: "time between probes", Spec: apiProbe, Example: "20", Read: func(p *probe, n yamldoc.Node) {
		if v, isNumber := n.Int(); p.Platform.ProbePort && isNumber && v == 0 && n.Tag() == "!!int" {
			SetNearly(p.Reader, n, &p.p.Interval, time.Second, p.at.Join("interval"), "asked every second instead of many times a second until it is ready", "write the interval")
		} else if d, ok := p.Seconds(n, 1); ok {
			Set(p.Reader, n, &p.p.Interval, d, p.at.Join("interval"))
		}
	}},
	{Key: "timeoutSeconds", Doc: "time that a probe may take", Spec: apiProbe, Example: "3", Read: func(p *probe, n yamldoc.Node) {
		if d, ok := p.Seconds(n, 1); ok {
			Set(p.Reader, n, &p.p.Timeout, d, p.at.Join("timeout"))
		}
	}},
	{Key: "failureThreshold", Doc: "failures in a row until unhealthy", Spec: apiProbe, Example: "5", Read: func(p *probe, n yamldoc.Node) {
		if v, ok := p.Int(n, 1, maxInt32); ok {
			Set(p.Reader, n, &p.p.Failures, v, p.at.Join("failures"))
		}
	}},
	{Key: "successThreshold", Doc: "successes in a row until healthy", Spec: apiProbe, Example: "1", Read: func(p *probe, n yamldoc.Node) {
		InertIf("1", "it is the default", "the model counts failures alone")(p.Workload, n)
	}},
	{Key: "terminationGracePeriodSeconds", Doc: "time to stop after the probe failed", Spec: apiProbe, Outcome: ledger.Dropped, Reason: "the model has one time to stop", Remedy: "use the pod's terminationGracePeriodSeconds"},
}}

var httpTable = Table[*probe]{Section: "HTTPGetAction", Rows: []Row[*probe]{
	{Key: "path", Doc: "path of the request", Spec: apiProbe, Example: "/healthz", Read: func(p *probe, n yamldoc.Node) {
		if s, ok := p.Text(n); ok && s != "" {
			Set(p.Reader, n, &p.p.Path, s, p.at.Join("path"))
		} else if ok {
			p.Rec.Inert(n.Setting(), "empty is the same as /")
		}
	}},
	{Key: "port", Doc: "number or name of the port", Spec: apiProbe, Example: "8080", Read: (*probe).port},
	{Key: "scheme", Doc: "HTTP or HTTPS", Spec: apiProbe, Example: "HTTP", Read: func(p *probe, n yamldoc.Node) {
		InertIf("HTTP", "it is the default", "the model asks without TLS")(p.Workload, n)
	}},
	{Key: "host", Doc: "host instead of the pod", Spec: apiProbe, Outcome: ledger.Dropped, Reason: "the model asks the program itself", Remedy: "ask with a command: exec"},
	{Key: "httpHeaders", Doc: "headers of the request", Spec: apiProbe, Outcome: ledger.Dropped, Reason: "the model asks without headers of its own", Remedy: "let the path answer without them", Hidden: true},
	{Key: "protocol", Doc: "version of HTTP", Spec: apiProbe, Outcome: ledger.Dropped, Reason: "the model asks with HTTP/1.1", Remedy: "let the path answer HTTP/1.1, too"},
}}

var tcpTable = Table[*probe]{Section: "TCPSocketAction", Rows: []Row[*probe]{
	{Key: "port", Doc: "number or name of the port", Spec: apiProbe, Example: "8080", Read: (*probe).port},
	{Key: "host", Doc: "host instead of the pod", Spec: apiProbe, Outcome: ledger.Dropped, Reason: "the model asks the program itself", Remedy: "ask with a command: exec"},
}}

var execProbeTable = Table[*probe]{Section: "ExecAction", Rows: []Row[*probe]{
	{Key: "command", Doc: "program and arguments, without a shell; $(X) is expanded from env", Spec: apiProbe, Example: "[./alive]", Read: func(p *probe, n yamldoc.Node) {
		ws, ok := p.words(n, func(name string) bool { return p.inline[name] })
		if !ok {
			p.leftover(n, "another word of the command cannot be read")
			return
		}
		p.argv(ws, &p.p.Command, p.at.Join("command"))
	}},
}}

func (w *Workload) readProbe(n yamldoc.Node, m *deploy.Probe, which string) {
	p := &probe{w, m, w.At.Join("probes", which)}
	if !w.mapping(n) {
		return
	}
	var handlers []string
	for _, e := range n.Entries() {
		switch e.Key {
		case "httpGet", "tcpSocket", "exec", "grpc":
			if !e.Value.IsNull() {
				handlers = append(handlers, e.Key)
			}
		}
	}
	if len(handlers) == 0 && w.Platform.ProbePort && len(w.ports) > 0 {
		w.impliedPort(p)
	} else if len(handlers) != 1 {
		w.Rec.Find(ledger.Error, n.KeyPos(), fmt.Sprintf("%s has %d ways to ask", n.Path, len(handlers)), "write one of httpGet, tcpSocket, exec")
		w.leftover(n, "a probe asks in one way")
		return
	} else if handlers[0] == "grpc" {
		reason, remedy := "the model has no gRPC probe", "ask with a command: exec grpc_health_probe"
		w.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
		w.Drop(n, reason, remedy)
		return
	}
	w.Rec.Place(p.at, n.KeyPos())
	ProbeTable.Apply(w.Reader, p, n)
	if !m.Port.IsSet() && !m.Command.Argv.IsSet() { // what it asks could not be read
		return
	}
	Imply(w.Reader, apiProbe, "periodSeconds", &m.Interval, 10*time.Second, p.at.Join("interval"))
	Imply(w.Reader, apiProbe, "timeoutSeconds", &m.Timeout, time.Second, p.at.Join("timeout"))
	Imply(w.Reader, apiProbe, "failureThreshold", &m.Failures, 3, p.at.Join("failures"))
	Imply(w.Reader, apiProbe, "initialDelaySeconds", &m.Delay, 0, p.at.Join("delay"))
}

func (p *probe) port(n yamldoc.Node) {
	if !n.IsScalar() || n.Tag() != "!!int" && n.Tag() != "!!str" {
		p.Wrong(n, "write the number or the name of a port")
		return
	}
	p.Rec.Show(n.Setting())
	number, _ := p.Port(n, "")
	if p.Platform.ProbePort && number == 0 && n.Tag() == "!!int" {
		p.Rec.Inert(n.Setting(), "0 is the container's port")
		return
	}
	if number < 1 || number > 65535 {
		p.Bad(n, "is no port of the container", "write its number, or a name in its ports")
		return
	}
	Set(p.Reader, n, &p.p.Port, number, p.at.Join("port"))
}

// portless handles a probe whose port is left out.
func (p *probe) portless(n yamldoc.Node) {
	if p.p.Port.IsSet() || n.Get("port").Exists() && !p.Platform.ProbePort {
		return
	}
	if p.Platform.ProbePort {
		p.impliedPort(p)
		return
	}
	p.Rec.Find(ledger.Error, n.KeyPos(), n.Path+" has no port", "write the number or the name of a port")
}

func (w *Workload) impliedPort(p *probe) {
	if len(w.ports) > 0 {
		Imply(w.Reader, w.Platform.Name, "probe port", &p.p.Port, w.ports[0].number, p.at.Join("port"))
	}
}
