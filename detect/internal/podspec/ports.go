package podspec

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiPort = "Kubernetes API: ContainerPort v1 core"

// port is one element of a container's ports while it is read.
type port struct {
	*Workload
	number   int64
	numberAt yamldoc.Node
	name     string
	nameAt   yamldoc.Node
	protocol string
	protoAt  yamldoc.Node
	hostPort yamldoc.Node
	hostIP   yamldoc.Node
}

func (p *port) key() string { return PortKey(p.number, p.protocol) }

// PortKey returns the key of a port in the model.
func PortKey(number int64, protocol string) string {
	return strconv.FormatInt(number, 10) + "/" + strings.ToLower(protocol)
}

// PortTable is the mapping of one port of a container.
var PortTable = Table[*port]{Section: "ContainerPort", Rows: []Row[*port]{
	{Key: "containerPort", Doc: "number of the port", Spec: apiPort, Example: "8080", Read: func(p *port, n yamldoc.Node) {
		if v, ok := p.Int(n, 1, 65535); ok {
			p.number, p.numberAt = v, n
		}
	}},
	{Key: "name", Doc: "name by which Services and probes refer to it", Spec: apiPort, Example: "http", Read: func(p *port, n yamldoc.Node) {
		if s, ok := p.Name(n); ok {
			p.name, p.nameAt = s, n
		}
	}},
	{Key: "protocol", Doc: "TCP, UDP or SCTP", Spec: apiPort, Example: "TCP", Read: func(p *port, n yamldoc.Node) {
		if s, ok := p.OneOf(n, "TCP", "UDP", "SCTP"); ok {
			p.protocol, p.protoAt = s, n
		}
	}},
	{Key: "hostPort", Doc: "port of the machine that leads to it", Spec: apiPort, Example: "8080", Read: func(p *port, n yamldoc.Node) {
		if _, ok := p.Int(n, 1, 65535); ok {
			p.hostPort = n
		}
	}},
	{Key: "hostIP", Doc: "address of the machine that leads to it", Spec: apiPort, Example: "127.0.0.1", Read: func(p *port, n yamldoc.Node) {
		if s, ok := p.Text(n); ok && s == "" {
			p.Inert(n, "empty is the same as leaving it out")
		} else if ok {
			p.hostIP = n
		}
	}},
}}

func (w *Workload) readPorts(n yamldoc.Node) {
	if n.IsSeq() {
		w.Rec.Place(w.At.Join("ports"), n.KeyPos())
	}
	w.Each(n, func(item yamldoc.Node) {
		p := port{Workload: w, protocol: "TCP"}
		PortTable.Apply(w.Reader, &p, item)
		p.finish(item)
	})
}

func (p *port) finish(item yamldoc.Node) {
	if !item.IsMap() {
		return
	}
	if !p.numberAt.Exists() {
		if !item.Get("containerPort").Exists() {
			p.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no containerPort", "write its number")
		}
		p.leftover(item, "the port has no number")
		return
	}
	key := p.key()
	for _, q := range p.ports {
		if q.key() == key {
			p.Rec.Find(ledger.Warning, item.Pos(), fmt.Sprintf("%s: port %s is there twice", item.Path, key), "remove one of them")
			for _, s := range item.Settings() {
				p.Rec.Override(s, "the port stands at "+q.numberAt.Pos().String()+" already")
			}
			return
		}
		if p.name != "" && q.name == p.name {
			p.Bad(item, "has the name of another port", "port names are unique in a pod")
			return
		}
	}
	p.ports = append(p.ports, *p)
	p.M.Ports = append(p.M.Ports, deploy.Port{Number: key})
	m, at := &p.M.Ports[len(p.M.Ports)-1], p.At.Join("ports", key)
	p.Rec.Part(p.numberAt.Setting(), at)
	if p.protoAt.Exists() {
		p.Rec.Part(p.protoAt.Setting(), at)
	}
	if p.nameAt.Exists() {
		if p.Platform.Port != nil {
			p.Platform.Port(p.Workload, m, p.nameAt)
		} else {
			Set(p.Reader, p.nameAt, &m.Name, p.name, at.Join("name"))
		}
	}
	p.publish(m, at)
}

// publish reads the port of the machine.
func (p *port) publish(m *deploy.Port, at deploy.Path) {
	if !p.hostPort.Exists() {
		if p.hostIP.Exists() {
			p.Rec.Show(p.hostIP.Setting())
			p.Rec.Inert(p.hostIP.Setting(), "without hostPort it has nothing to speak of")
		}
		return
	}
	const reason, remedy = "every machine that runs a pod offers it, one pod a machine", "check that one machine is enough"
	number, _ := p.hostPort.Int()
	text := strconv.FormatInt(number, 10)
	if p.hostIP.Exists() {
		text = net.JoinHostPort(p.hostIP.Str(), text)
		p.Rec.Show(p.hostIP.Setting())
		p.Rec.Part(p.hostIP.Setting(), at.Join("published"))
		p.Rec.Part(p.hostPort.Setting(), at.Join("published"))
		m.Published = deploy.Some(text)
		return
	}
	SetNearly(p.Reader, p.hostPort, &m.Published, text, at.Join("published"), reason, remedy)
}

// Port returns the container port that a number or a name means, and its place in the model, nil when the container does not list it.
func (w *Workload) Port(n yamldoc.Node, protocol string) (number int64, p *deploy.Port) {
	name := n.Str()
	number, isNumber := n.Int()
	if n.Quoted() || n.Tag() != "!!int" {
		isNumber = false
	}
	for _, q := range w.ports {
		if isNumber && q.number != number || !isNumber && q.name != name || protocol != "" && q.protocol != protocol {
			continue
		}
		for i := range w.M.Ports {
			if w.M.Ports[i].Number == q.key() {
				return q.number, &w.M.Ports[i]
			}
		}
	}
	if !isNumber {
		return 0, nil
	}
	return number, nil
}

// AddPort adds a port that the container does not list but something leads to. Kubernetes API: Container v1 core, ports: "Not specifying a port here DOES NOT prevent that port from being exposed".
func (w *Workload) AddPort(number int64, protocol string, by yamldoc.Node) *deploy.Port {
	key := PortKey(number, protocol)
	w.ports = append(w.ports, port{Workload: w, number: number, protocol: protocol, numberAt: by})
	w.M.Ports = append(w.M.Ports, deploy.Port{Number: key})
	m, at := &w.M.Ports[len(w.M.Ports)-1], w.At.Join("ports", key)
	w.Rec.Part(by.Setting(), at)
	Imply(w.Reader, apiContainer, "ports address", &m.Address, "0.0.0.0", at.Join("address"))
	return m
}

// ImplyPort adds the port that the platform implies for a container that lists none.
func (w *Workload) ImplyPort(spec string, number int64) *deploy.Port {
	key := PortKey(number, "tcp")
	w.ports = append(w.ports, port{Workload: w, number: number, protocol: "TCP"})
	w.M.Ports = append(w.M.Ports, deploy.Port{Number: key})
	w.Rec.Convert(w.Rec.Implied(spec, "ports", key), w.At.Join("ports", key))
	return &w.M.Ports[len(w.M.Ports)-1]
}
