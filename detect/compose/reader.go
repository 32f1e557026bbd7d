package compose

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const spec = "compose-spec: " // front of the position of an implied setting

// reader reads one compose file.
type reader struct {
	rec       *detect.Recorder
	tree      detect.Tree
	file      string // slash path in the tree
	root      yamldoc.Node
	defaulted map[int]string // settings in whose text a default stands in for a variable
	said      map[said]bool
	envFiles  map[string][]envLine
	services  map[string]bool
	volumes   map[string]bool // declared at top level
	configs   map[string]configFile
}

type said struct {
	setting int
	outcome ledger.Outcome
	reason  string
}

// svc is a service while it is read.
type svc struct {
	*reader
	name     string
	at       deploy.Path
	w        deploy.Workload
	node     yamldoc.Node
	test     test
	caps     capabilities
	imageOwn bool // nothing in the file says how the entrypoint is
}

// at a leaf: what the file says

// text returns a scalar's text with its variables resolved. Where that is not possible it accounts for the setting and returns false.
func (r *reader) text(n yamldoc.Node) (string, bool) {
	if !n.IsScalar() {
		r.bad(n, wrongf("", "one value is wanted here, not a list or mapping"))
		return "", false
	}
	e, err := interpolate(n.Str(), unknownVariable)
	i := n.Setting()
	if err != nil {
		r.bad(n, wrongf(`write $$ for a "$" that is meant as such`, "%s", err.Error()))
		return "", false
	}
	if len(e.unknown) > 0 {
		name := e.unknown[0].name
		reason := "its text is not known here: compose reads ${" + name + "} at each start"
		remedy := "write the value, or a default: ${" + name + ":-value}"
		r.rec.Drop(i, reason, remedy)
		r.rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
		return "", false
	}
	if len(e.defaulted) > 0 {
		r.defaulted[i] = e.defaulted[0]
	}
	if !secret.Holds(e.text) && !secret.Holds(n.Str()) {
		r.rec.Show(i)
	}
	return e.text, true
}

func unknownVariable(string) (string, bool) { return "", false }

const defaultRemedy = "write the value in the file, or pin it in lift.yaml"

func defaultReason(name string) string {
	return "the default is used; compose reads ${" + name + "} at each start"
}

// give records that the leaf gave the fields.
func (r *reader) give(n yamldoc.Node, fields ...deploy.Path) {
	i := n.Setting()
	if name, ok := r.defaulted[i]; ok {
		r.rec.Approximate(i, defaultReason(name), defaultRemedy, fields...)
		return
	}
	r.rec.Convert(i, fields...)
}

// part records that the leaf gave one part of the fields.
func (r *reader) part(n yamldoc.Node, fields ...deploy.Path) {
	i := n.Setting()
	if name, ok := r.defaulted[i]; ok {
		r.rec.Find(ledger.Info, n.Pos(), n.Path+": "+defaultReason(name), defaultRemedy)
	}
	r.rec.Part(i, fields...)
}

// almost records that the leaf gave the fields with a difference.
func (r *reader) almost(n yamldoc.Node, reason, remedy string, fields ...deploy.Path) {
	r.rec.Approximate(n.Setting(), reason, remedy, fields...)
}

// implied sets a field to what the platform has where the file says nothing.
func (r *reader) implied(where, key, value string, fields ...deploy.Path) {
	r.rec.Convert(r.rec.Implied(spec+where, key, value), fields...)
}

// bad records a value of the wrong kind, whatever shape it has.
func (r *reader) bad(n yamldoc.Node, w *wrong) {
	what := w.what
	if n.Path != "" {
		what = n.Path + ": " + what
	}
	r.rec.Find(ledger.Error, n.Pos(), what, w.remedy)
	for _, i := range n.Settings() {
		if !r.rec.Accounted(i) {
			r.rec.Drop(i, "its value cannot be read", "")
		}
	}
}

// drop records of all leaves at or below the node that nothing does what they do.
func (r *reader) drop(n yamldoc.Node, reason, remedy string) {
	r.all(n, ledger.Dropped, reason, remedy)
}

// lose drops with a warning: the system behaves differently without it.
func (r *reader) lose(n yamldoc.Node, reason, remedy string) {
	r.drop(n, reason, remedy)
	r.rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
}

// inert records that no leaf at or below the node carries behaviour.
func (r *reader) inert(n yamldoc.Node, reason string) { r.all(n, ledger.Inert, reason, "") }

// all records one outcome for all leaves at or below the node; once, where several services share them.
func (r *reader) all(n yamldoc.Node, o ledger.Outcome, reason, remedy string) {
	for _, i := range n.Settings() {
		k := said{i, o, reason}
		if r.said[k] {
			continue
		}
		r.said[k] = true
		switch o {
		case ledger.Dropped:
			r.rec.Drop(i, reason, remedy)
		case ledger.Overridden:
			r.rec.Override(i, reason)
		default:
			r.rec.Inert(i, reason)
		}
		s := r.rec.Doc.Settings[i]
		if t, ok := s.Value.Reveal(); ok && !secret.Looks(s.Key, t) {
			r.rec.Show(i)
		}
	}
}

// items returns the elements of a list; a scalar counts as a list of one.
func items(n yamldoc.Node) []yamldoc.Node {
	if n.IsSeq() {
		return n.Items()
	}
	return []yamldoc.Node{n}
}

// list reads a list of texts. A mapping is a mistake.
func (r *reader) list(n yamldoc.Node, each func(n yamldoc.Node, text string)) {
	if n.IsMap() {
		r.bad(n, wrongf("", "a list is wanted here, not a mapping"))
		return
	}
	for _, c := range items(n) {
		if t, ok := r.text(c); ok {
			each(c, t)
		}
	}
}

// once is list for the few lists of which compose-spec.json says uniqueItems and Docker Compose does not merge what is said twice.
func (r *reader) once(n yamldoc.Node, each func(n yamldoc.Node, text string)) {
	seen := map[string]bool{}
	r.list(n, func(c yamldoc.Node, t string) {
		if seen[t] {
			r.bad(c, wrongf("remove one of them", "is there twice, which Docker Compose refuses"))
			return
		}
		seen[t] = true
		each(c, t)
	})
}

// bothSyntaxes reads a list whose elements are mappings, in the long syntax, or texts, in the short one. what says of a mapping that it is no list.
func (r *reader) bothSyntaxes(n yamldoc.Node, what string, long func(yamldoc.Node), short func(yamldoc.Node, string)) {
	if n.IsMap() {
		r.bad(n, wrongf("write a list", "%s", what))
		return
	}
	for _, c := range items(n) {
		if c.IsMap() {
			long(c)
		} else if t, ok := r.text(c); ok {
			short(c, t)
		}
	}
}

// where the file is

// dir is the directory of the compose file in the tree.
func (r *reader) dir() string { return path.Dir(r.file) }

// inTree finds a path that the file names, relative to its directory, in the tree. A path that leaves the tree and comes back into it by the tree's own name is followed when there is
// such a file.
func (r *reader) inTree(p string) (string, bool) {
	have := func(q string) bool {
		_, ok := slices.BinarySearch(r.tree.Paths, q)
		return ok
	}
	if path.IsAbs(p) {
		p = path.Clean(p)
		for from, to := range r.tree.Map {
			if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(from, "/")); ok && (rest == "" || rest[0] == '/') {
				if q := path.Join(to, rest); have(q) {
					return q, true
				}
			}
		}
		p = p[1:]
		return p, have(p)
	}
	p = path.Join(r.dir(), p)
	if have(p) {
		return p, true
	}
	names := strings.Split(p, "/")
	up := 0
	for up < len(names) && names[up] == ".." {
		up++
	}
	if up > 0 && 2*up < len(names) {
		if q := strings.Join(names[2*up:], "/"); have(q) {
			return q, true
		}
	}
	return p, false
}
