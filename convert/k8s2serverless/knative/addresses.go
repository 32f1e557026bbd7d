package knative

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// addresses leads values that name a workload and the port that it had to port 80: there a Knative Service answers under its name, whatever its container port is. What stays on Kubernetes is
// written already, so that its values are for the user to change.
func addresses(s *pod.Step, src deploy.App, fits map[string]bool) {
	for _, target := range src.Workloads {
		if !fits[target.Name] {
			continue
		}
		number, _, err := pod.PortNumber(target.Ports[0].Number)
		if err != nil || number == 80 {
			continue
		}
		host := fmt.Sprintf("%s:%d", target.Name, number)
		var elsewhere []string
		at := deploy.Path("")
		for i, w := range src.Workloads {
			if !fits[w.Name] && slices.ContainsFunc(w.Needs, func(n deploy.Need) bool { return n.Workload == target.Name }) {
				at, elsewhere = deploy.At("workloads", w.Name, "needs", target.Name), append(elsewhere, "kubernetes/base/"+w.Name) // its init container waits for it
			}
			for k, e := range w.Env {
				text, known := e.Value.Reveal()
				now := readdress(text, host, target.Name+":80")
				if !known || e.Value.IsSecret() || now == text {
					continue
				}
				path := deploy.At("workloads", w.Name, "env", e.Name, "value")
				if fits[w.Name] {
					s.App.Workloads[i].Env[k].Value = deploy.Plain(now)
					s.L.Convert(path, "a Knative Service answers on port 80 of its name", path)
					continue
				}
				if at == "" {
					at = path
				}
				elsewhere = append(elsewhere, "kubernetes/base/"+w.Name)
			}
		}
		if len(elsewhere) > 0 {
			s.Notice(ledger.Warning, at, fmt.Sprintf("%s is addressed as %s by what stays on Kubernetes, but a Knative Service answers on port 80", target.Name, host),
				fmt.Sprintf("write %s:80 in %s", target.Name, strings.Join(stay.Unique(elsewhere), ", ")))
		}
	}
}

// readdress replaces the address HOST:PORT where it is not a part of a longer name or number.
func readdress(text, address, by string) string {
	inName := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	var out strings.Builder
	for {
		k := strings.Index(text, address)
		if k < 0 {
			out.WriteString(text)
			return out.String()
		}
		end := k + len(address)
		before := byte(' ')
		if k > 0 {
			before = text[k-1]
		} else if out.Len() > 0 {
			before = out.String()[out.Len()-1]
		}
		out.WriteString(text[:k])
		if !inName(before) && (end == len(text) || text[end] < '0' || text[end] > '9') {
			out.WriteString(by)
		} else {
			out.WriteString(address)
		}
		text = text[end:]
	}
}
