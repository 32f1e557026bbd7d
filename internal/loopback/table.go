package loopback

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// Table says which workloads listen on the machine's own addresses.
type Table struct {
	Hosts   []string            // addresses of the machine, besides the loopback ones, on which workloads listen
	ports   map[string][]string // "8080/tcp", or "10.0.0.5:8080/tcp" where a program listens on that address alone
	sockets map[string]string   // path → workload
}

// Owners makes the table of a system.
func Owners(a deploy.App) Table {
	t := Table{ports: map[string][]string{}, sockets: map[string]string{}}
	for _, w := range a.Workloads {
		for _, p := range w.Ports {
			key := p.Number
			if address, ok := p.Address.Get(); ok && !Is(address) && address != "*" {
				key = address + ":" + key
				if !slices.Contains(t.Hosts, address) {
					t.Hosts = append(t.Hosts, address)
				}
			}
			if !slices.Contains(t.ports[key], w.Name) {
				t.ports[key] = append(t.ports[key], w.Name)
			}
		}
		t.listeners(w)
	}
	return t
}

// Of returns who listens on a port of a host: by TCP, or where nobody does by UDP. Who listens on all addresses is reached at each.
func (t Table) Of(host, port string) []string {
	for _, proto := range []string{"/tcp", "/udp"} {
		if !Is(host) {
			if list := t.ports[strings.Trim(host, "[]")+":"+port+proto]; len(list) > 0 {
				return list
			}
		}
		if list := t.ports[port+proto]; len(list) > 0 {
			return list
		}
	}
	return nil
}

// database returns the port of the one database that the system has, where a name such as DB_HOST tells of a database and not of which; "" where it has none or several.
func (t Table) database(name string) string {
	about, ok := stem(name)
	if !ok || !slices.ContainsFunc(about, func(w string) bool { return w == "db" || w == "database" || w == "sql" }) {
		return ""
	}
	found := ""
	for _, p := range []string{"5432", "3306", "1433", "27017"} {
		if len(t.Of("127.0.0.1", p)) > 0 {
			if found != "" {
				return ""
			}
			found = p
		}
	}
	return found
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
	host := v.Text[a.Start:a.End]
	if port == "" {
		port = t.database(v.Name)
	}
	owners := t.Of(host, port)
	own := slices.Contains(owners, me.Name)
	wild := host == "0.0.0.0" || host == "[::]"
	bind := Bind(v.Name) || a.Scheme == "" && Serves(v.Name)
	certain := Bind(v.Name) || bind && !serviceName(v.Name) // API_HOST may be the program's own address or that of an API
	switch {
	case own && (bind || a.Scheme == "") && !wild:
		return Listen, me.Name
	case own:
		return Keep, me.Name
	case port == "" && certain && len(me.Ports) > 0 && !wild:
		return Listen, me.Name
	case port == "" && certain:
		return Keep, ""
	case port == "":
		return NoPort, ""
	case bind && wild:
		return Keep, ""
	case Bind(v.Name), certain && len(owners) == 0:
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
