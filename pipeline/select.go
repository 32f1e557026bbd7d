package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
)

// leftOut decides which workloads stay where they are, by --only and by lift.yaml, which agree: the flag chooses among what lift.yaml does not leave out. It returns them with the reason.
func (d *Detected) leftOut(flag []string) (map[string]string, error) {
	var all []string
	for _, w := range d.App.Workloads {
		all = append(all, w.Name)
	}
	none := func(name string) (what, remedy string) {
		if near := nearest.Name(name, all); near != "" {
			return "there is no such workload", "did you mean " + near + "?"
		}
		return "there is no such workload", "there are " + strings.Join(all, ", ")
	}
	left := map[string]string{}
	known := func(list []Stated, key string) []string {
		var out []string
		for _, s := range list {
			if !slices.Contains(all, s.Text) {
				what, remedy := none(s.Text)
				d.Findings = append(d.Findings, ledger.Finding{Severity: ledger.Error, At: s.At, What: key + ": " + s.Text + ": " + what, Remedy: remedy})
			}
			out = append(out, s.Text)
		}
		return out
	}
	only, skip := known(d.Config.Only, "only"), known(d.Config.Skip, "skip")
	for _, name := range all {
		switch i := slices.Index(skip, name); {
		case i >= 0:
			left[name] = "belongs to " + name + ", which " + d.Config.Skip[i].At.String() + " leaves where it is"
		case len(only) > 0 && !slices.Contains(only, name):
			left[name] = "belongs to " + name + ", which " + d.Config.Only[0].At.String() + " leaves where it is"
		}
	}
	for _, name := range flag {
		if !slices.Contains(all, name) {
			what, remedy := none(name)
			return nil, fmt.Errorf("--only %s: %s; %s", name, what, remedy)
		}
		if why := left[name]; why != "" {
			return nil, fmt.Errorf("--only %s: %s leaves it where it is; change one of them", name, strings.TrimSuffix(strings.TrimPrefix(why, "belongs to "+name+", which "), " leaves where it is"))
		}
	}
	for _, name := range all {
		if len(flag) > 0 && !slices.Contains(flag, name) && left[name] == "" {
			left[name] = "belongs to " + name + ", which --only leaves out"
		}
	}
	return left, nil
}

// leave takes the workloads that stay where they are out of the model. What they say is accounted for; who calls them is told how to reach them.
func (d *Detected) leave(left map[string]string) {
	if len(left) == 0 {
		return
	}
	d.behind(left)
	stays := func(name string) bool { return left[name] != "" }
	needs := map[deploy.Path]string{}
	d.App.Workloads = slices.DeleteFunc(d.App.Workloads, func(w deploy.Workload) bool { return stays(w.Name) })
	used := map[string]bool{}
	for i := range d.App.Workloads {
		w := &d.App.Workloads[i]
		for _, n := range w.Needs {
			if stays(n.Workload) {
				needs[deploy.At("workloads", w.Name, "needs", n.Workload)] = n.Workload
			}
		}
		w.Needs = slices.DeleteFunc(w.Needs, func(n deploy.Need) bool { return stays(n.Workload) })
		for _, m := range w.Mounts {
			used[m.Volume.Or("").Name()] = true
		}
	}
	d.App.Volumes = slices.DeleteFunc(d.App.Volumes, func(v deploy.Volume) bool { return !used[v.Name] })
	d.App.Routes = slices.DeleteFunc(d.App.Routes, func(r deploy.Route) bool { return stays(r.Workload.Or("").Name()) || stays(r.Via.Or("").Name()) })
	for i := range d.Doc.Reads {
		r := &d.Doc.Reads[i]
		why := ""
		kept := slices.DeleteFunc(slices.Clone(r.Fields), func(p deploy.Path) bool {
			w := p.Workload()
			switch n := p.Names(); {
			case left[w] != "":
				why = left[w]
				return true
			case len(n) > 3 && needs[deploy.At(n[:4]...)] != "":
				name := n[3]
				why = "waits for " + strings.TrimPrefix(left[name], "belongs to ")
				return true
			case !deploy.Has(d.App, p):
				why = "belongs to what is left where it is"
				return true
			}
			return false
		})
		if len(kept) < len(r.Fields) {
			if r.Fields = kept; len(kept) == 0 {
				r.Outcome, r.Reason, r.Remedy = ledger.Inert, why, ""
			}
		}
	}
}

// local finds HOST:PORT on the machine's own address.
var local = lazyregexp.New(`(?:^|[^0-9A-Za-z_.\-])(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):(\d{1,5})\b`)

// behind finds the addresses through which what is migrated calls what stays behind. They stay as they are: where the machine is, seen from the new place, only its owner knows.
func (d *Detected) behind(left map[string]string) {
	owner := map[string]string{} // port → the workload that listens there
	for _, w := range d.App.Workloads {
		for _, p := range w.Ports {
			number, _, _ := strings.Cut(p.Number, "/")
			if other, ok := owner[number]; ok && left[other] == "" {
				continue
			}
			owner[number] = w.Name
		}
	}
	d.Behind = map[string]string{}
	for port, name := range owner {
		if left[name] != "" {
			d.Behind[port] = name
		}
	}
	told := map[string]bool{}
	tell := func(at deploy.Path, where, text string) {
		tellOne := func(address, name string) {
			key := where + address
			if told[key] {
				return
			}
			told[key] = true
			d.Findings = append(d.Findings, ledger.Finding{
				Severity: ledger.Warning, At: positionOf(d.Doc, at), What: where + " leads to " + name + ", which stays behind: " + address + " is left as it is, and must be reachable from where this runs",
				Remedy: reach(d.Tier, d.Above, name, address),
			})
		}
		for _, g := range local.FindAllStringSubmatch(text, -1) {
			if name := d.Behind[g[2]]; name != "" && d.Tier == detect.Process {
				tellOne(g[1]+":"+g[2], name)
			}
		}
		if d.Tier == detect.Process {
			return
		}
		for _, host := range hosts(text) {
			if left[host] != "" {
				tellOne(host, host)
			}
		}
	}
	for _, w := range d.App.Workloads {
		if left[w.Name] != "" {
			continue
		}
		at := deploy.At("workloads", w.Name)
		for _, e := range w.Env {
			if text, known := e.Value.Reveal(); known {
				tell(at.Join("env", e.Name, "value"), w.Name+": "+e.Name, text)
			}
		}
		for _, word := range w.Command.Argv {
			tell(at.Join("command", "argv"), w.Name+": its command", word.String())
		}
	}
}

// hosts lists what may be the names of hosts in a text: what stands between "//" or "@" and ":" or "/", or before a port.
func hosts(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;=", r) }) {
		if _, rest, ok := strings.Cut(part, "//"); ok {
			part = rest
		} else if !strings.Contains(part, ":") {
			continue
		}
		part, _, _ = strings.Cut(part, "/")
		if i := strings.LastIndexByte(part, '@'); i >= 0 {
			part = part[i+1:]
		}
		name, _, _ := strings.Cut(part, ":")
		out = append(out, name)
	}
	return out
}

// reach tells how a container or a pod reaches what stays on the machine.
func reach(from, to detect.Tier, name, address string) string {
	if from >= detect.Container || to > detect.Container {
		how := "give the namespace a Service " + name + " without a selector and an EndpointSlice with the machine's address (an ExternalName Service if it has a DNS name)"
		if strings.Contains(address, ":") {
			how += ", and write " + name + " in place of the host"
		}
		if from == detect.Process {
			how += "; " + name + " must listen on an address that the pods reach, not on loopback alone"
		}
		return how
	}
	return `give the service extra_hosts: ["host.docker.internal:host-gateway"] and write host.docker.internal in place of the host; ` + name + " must listen on an address that containers reach, not on loopback alone"
}
