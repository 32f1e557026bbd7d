package process2container

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// circles takes the need away that closes a circle: docker compose refuses a file with one, and systemd itself starts such units only by taking one of them out of the order (systemd.unit(5)).
func (s *step) circles() {
	at := map[string]int{}
	for i, w := range s.app.Workloads {
		at[w.Name] = i
	}
	var way []string
	done := map[string]bool{}
	var walk func(name string)
	walk = func(name string) {
		way = append(way, name)
		w := &s.app.Workloads[at[name]]
		kept := w.Needs[:0]
		for _, n := range w.Needs {
			if i := slices.Index(way, n.Workload); i >= 0 {
				circle := strings.Join(append(slices.Clone(way[i:]), n.Workload), " → ")
				s.l.Drop(s.sourcePath(deploy.At("workloads", name, "needs", n.Workload)), "the needs lead in a circle, which no order of starts can keep: "+circle, "take one of them out of the circle")
				continue
			}
			if _, there := at[n.Workload]; there && !done[n.Workload] {
				walk(n.Workload)
			}
			kept = append(kept, n)
		}
		w.Needs = kept
		way, done[name] = way[:len(way)-1], true
	}
	for _, w := range s.app.Workloads {
		if !done[w.Name] {
			walk(w.Name)
		}
	}
}
