package link

import (
	"io/fs"
	"net/netip"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Hosts finds the names that the machine's own /etc/hosts gives to other machines and that settings use: containers read another one (hosts(5)).
func Hosts(t detect.Tree, r *detect.Result) {
	type entry struct{ address, name string }
	var known []entry
	for _, p := range t.Paths {
		if p != "etc/hosts" && !strings.HasSuffix(p, "/etc/hosts") {
			continue
		}
		data, err := fs.ReadFile(t.FS, p)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			line, _, _ = strings.Cut(line, "#")
			f := strings.Fields(line)
			if len(f) < 2 {
				continue
			}
			if a, err := netip.ParseAddr(f[0]); err != nil || a.IsLoopback() || a.IsMulticast() || a.IsUnspecified() {
				continue
			}
			for _, name := range f[1:] {
				if !strings.HasPrefix(name, "ip6-") && !slices.ContainsFunc(known, func(e entry) bool { return e.name == name }) {
					known = append(known, entry{f[0], name})
				}
			}
		}
	}
	said := map[string]bool{}
	for _, w := range r.App.Workloads {
		at := deploy.At("workloads", w.Name)
		tell := func(place deploy.Path, text string) {
			for _, e := range known {
				setting := settingOf(r.Doc, place)
				if setting < 0 || !namesHost(text, e.name) {
					continue
				}
				pos := r.Doc.Settings[setting].At
				if said[pos.String()+e.name] {
					continue
				}
				said[pos.String()+e.name] = true
				r.Findings = append(r.Findings, ledger.Finding{
					Severity: ledger.Warning, At: pos, What: e.name + " is a name that the machine's own /etc/hosts gives (" + e.address + "), and containers do not read it",
					Remedy: "give it a DNS record; or extra_hosts: [\"" + e.name + ":" + e.address + "\"] in compose, hostAliases in Kubernetes",
				})
			}
		}
		for _, e := range w.Env {
			if text, ok := e.Value.Reveal(); ok && !e.Value.IsSecret() {
				tell(at.Join("env", e.Name, "value"), text)
			}
		}
		for _, word := range w.Command.Argv {
			tell(at.Join("command", "argv"), word.String())
		}
	}
}

// namesHost reports whether a text has a host of the name: no part of a longer name.
func namesHost(text, name string) bool {
	part := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(name)
		if (begin == 0 || !part(text[begin-1])) && (end == len(text) || !part(text[end])) {
			return true
		}
		from = begin + 1
	}
}
