package compose

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
)

// The options of a piece that the reader of Dockerfiles knows.
const (
	optionIgnore  = "ignore"  // the ignore file in the tree, where it does not lie beside the Dockerfile; empty: there is none
	optionTarget  = "target"  // the stage that is the image
	optionArg     = "arg"     // NAME=VALUE of an ARG, never a secret
	optionWithout = "without" // CMD, ENTRYPOINT, USER, HEALTHCHECK or TEST: what the service sets instead, or switches off; TEST is the command of a health check alone
)

// pieces names the Dockerfile of each service that is built, and what the service says about its reading.
func (r *reader) pieces(ws []deploy.Workload) []detect.Piece {
	var out []detect.Piece
	for _, w := range ws {
		if file, ok := w.Build.File.Get(); ok {
			if p, ok := r.piece(w.Name, file, w.Build.Context.Or(".")); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// piece names the service's Dockerfile, if it is in the tree.
func (r *reader) piece(name, file, context string) (detect.Piece, bool) {
	recipe, ok := r.inTree(file)
	if !ok {
		return detect.Piece{}, false
	}
	options := map[string][]string{}
	add := func(option, value string) { options[option] = append(options[option], value) }
	// <Dockerfile>.dockerignore goes before the context's own, which the Dockerfile's reader finds if it lies beside it
	if ignore, ok := r.inTree(path.Join(context, ".dockerignore")); !slices.Contains(r.tree.Paths, recipe+".dockerignore") && ignore != path.Join(path.Dir(recipe), ".dockerignore") {
		if !ok {
			ignore = ""
		}
		add(optionIgnore, ignore)
	}
	n := r.root.Get("services", name)
	b := n.Get("build")
	if t, err := interpolate(b.Get("target").Str(), unknownVariable); err == nil && len(t.unknown) == 0 && t.text != "" {
		add(optionTarget, t.text)
	}
	arg := func(name, value string) {
		if e, err := interpolate(value, unknownVariable); err == nil && len(e.unknown) == 0 && name != "" && !secret.Looks(name, e.text) {
			add(optionArg, name+"="+e.text)
		}
	}
	for _, e := range b.Get("args").Entries() {
		if e.Value.IsScalar() && !e.Value.IsNull() {
			arg(e.Key, canonical(r, e.Value))
		}
	}
	for _, c := range b.Get("args").Items() {
		if k, v, set := strings.Cut(c.Str(), "="); set {
			arg(k, v)
		}
	}
	says := func(n yamldoc.Node) bool { return n.Exists() && !n.IsNull() }
	if says(n.Get("command")) || says(n.Get("entrypoint")) {
		add(optionWithout, "CMD")
	}
	if says(n.Get("entrypoint")) {
		add(optionWithout, "ENTRYPOINT")
	}
	if u := n.Get("user"); says(u) && u.Str() != "" {
		add(optionWithout, "USER")
	}
	switch h := n.Get("healthcheck"); {
	case checkIsOff(h):
		add(optionWithout, "HEALTHCHECK")
	case says(h.Get("test")) && (h.Get("test").Str() != "" || len(h.Get("test").Items()) > 0):
		add(optionWithout, "TEST")
	}
	return detect.Piece{Source: "dockerfile", Path: recipe, Workload: name, Options: options}, true
}
