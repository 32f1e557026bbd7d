package loopback

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// Table says which workloads listen on the machine's own addresses, by port and protocol ("8080/tcp").
type Table map[string][]string

// Owners makes the table of a system. A program that listens on another address of the machine alone is not reached at the loopback address.
func Owners(a deploy.App) Table {
	t := Table{}
	for _, w := range a.Workloads {
		for _, p := range w.Ports {
			if address, ok := p.Address.Get(); ok && !Is(address) && address != "*" {
				continue
			}
			if !slices.Contains(t[p.Number], w.Name) {
				t[p.Number] = append(t[p.Number], w.Name)
			}
		}
	}
	return t
}

// Of returns who listens on a port: by TCP, or where nobody does by UDP.
func (t Table) Of(port string) []string {
	if list := t[port+"/tcp"]; len(list) > 0 {
		return list
	}
	return t[port+"/udp"]
}

// Verdict is what an address of the machine itself means to a workload.
type Verdict int

// Verdicts.
const (
	Keep    Verdict = iota // it stays: a call to itself, or nothing to go to
	Listen                 // the workload listens there: in a container it must do so on all addresses
	Call                   // another workload is called
	Private                // it listens there, but on a port that nothing else knows: it stays within the container
	Several                // more than one workload claims the port
	Nobody                 // nobody of the system listens there
	NoPort                 // which port is meant is not known
)

// Judge tells what an address means to the workload me, in the value of v. port is the address's, "" where it is not known; ports are those on which me listens.
func (t Table) Judge(me deploy.Workload, v Var, a Address, port string) (Verdict, string) {
	own := slices.ContainsFunc(me.Ports, func(p deploy.Port) bool {
		n, _, _ := strings.Cut(p.Number, "/")
		return n == port
	})
	wild := v.Text[a.Start:a.End] == "0.0.0.0" || v.Text[a.Start:a.End] == "[::]"
	bind := Bind(v.Name) || a.Scheme == "" && Serves(v.Name)
	switch owners := t.Of(port); {
	case own && (bind || a.Scheme == "") && !wild:
		return Listen, me.Name
	case own:
		return Keep, me.Name
	case port == "" && bind && len(me.Ports) > 0 && !wild:
		return Listen, me.Name
	case port == "" && bind:
		return Keep, ""
	case port == "":
		return NoPort, ""
	case bind && wild:
		return Keep, ""
	case Bind(v.Name), bind && len(owners) == 0:
		return Private, ""
	case len(owners) == 1:
		return Call, owners[0]
	case len(owners) > 1:
		return Several, strings.Join(owners, " and ")
	case wild && a.Scheme == "":
		return Keep, "" // it is where something listens, not where somebody calls
	}
	return Nobody, ""
}
