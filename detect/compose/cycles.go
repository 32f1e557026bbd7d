package compose

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// cycles finds dependencies that lead in a circle: docker compose refuses such a file, whatever the conditions are.
func (r *reader) cycles() {
	list := r.root.Get("services")
	var way []string
	done := map[string]bool{}
	var walk func(name string, at yamldoc.Node)
	walk = func(name string, at yamldoc.Node) {
		if i := slices.Index(way, name); i >= 0 {
			r.rec.Find(ledger.Error, at.Pos(), at.Path+": dependencies lead in a circle: "+strings.Join(append(slices.Clone(way[i:]), name), " → "), "remove one of them")
			return
		}
		if done[name] {
			return
		}
		way = append(way, name)
		needs := list.Get(name, "depends_on")
		for _, n := range needs.Items() {
			walk(n.Str(), n)
		}
		for _, e := range needs.Entries() {
			walk(e.Key, e.Value)
		}
		way, done[name] = way[:len(way)-1], true
	}
	for _, e := range list.Entries() {
		walk(e.Key, e.Value)
	}
}
