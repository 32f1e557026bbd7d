// Package podspec reads what all formats with Kubernetes' pod specification have in common: objects in files that a kustomization names, metadata, and the pod with its container, as a
// workload of the model. Each mapping is a table: field, one line, reference of the API, and a small function.
//
// What a field means follows the Kubernetes API reference, not what any writer of lift puts there.
package podspec

import (
	"io/fs"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// Reader holds what has been read so far.
type Reader struct {
	Rec     *detect.Recorder
	Tree    detect.Tree
	Objects []*Object // in the order in which they are reached

	Configs map[string]*Config // ConfigMaps by name
	Secrets map[string]*Config // Secrets by name; their values are never looked at

	// Peer reports whether there is a workload of a name, and whether its Service of that name carries a port. nil: the format has no steps that wait for others.
	Peer func(name string, port int64) (known, open bool)

	volumes   map[string]*deploy.Volume
	order     []string // of volumes
	files     map[string]*manifest
	lists     []*kustomization
	chain     []*kustomization // those that are being followed
	appName   ledger.Pos
	namespace *string
}

// Object is one object of a file.
type Object struct {
	Root       yamldoc.Node
	APIVersion string
	Kind       string
	Name       string
	Read       bool // somebody accounts for it

	lists []*kustomization // that lead to it, the outermost first
}

// Pos returns the position of the object's kind.
func (o *Object) Pos() ledger.Pos { return o.Root.Get("kind").Pos() }

// Nameless drops an object that has no name to refer to.
func (r *Reader) Nameless(o *Object) {
	if n := o.Root.Get("metadata", "name"); n.Exists() && !n.IsNull() {
		r.Name(n) // says what is wrong with it
	} else {
		r.Rec.Find(ledger.Error, o.Pos(), o.Kind+" has no metadata.name", "write one")
	}
	r.Drop(o.Root, "it has no name", "write one")
}

// String names the object for messages.
func (o *Object) String() string { return o.Kind + " " + o.Name }

type manifest struct{ objects []*Object }

// New returns a Reader of a tree.
func New(t detect.Tree) *Reader {
	return &Reader{Rec: &detect.Recorder{}, Tree: t, Configs: map[string]*Config{}, Secrets: map[string]*Config{}, volumes: map[string]*deploy.Volume{}, files: map[string]*manifest{}}
}

var (
	hasVersion = lazyregexp.New(`(?m)^[ \t{"'-]*apiVersion["']?[ \t]*:`)
	hasKind    = lazyregexp.New(`(?m)(^|[{,])[ \t{"'-]*kind["']?[ \t]*:`)
	template   = lazyregexp.New(`(?m)^[^#\n]*\{\{`)
)

// Load reads the objects of a file once. With guess the file is only taken for Kubernetes' if it looks like it. An error means that a file could not be read at all.
func (r *Reader) Load(name string, guess bool) error {
	if r.files[name] != nil {
		return nil
	}
	src, err := fs.ReadFile(r.Tree.FS, name)
	if err != nil {
		return err
	}
	m := &manifest{}
	r.files[name] = m
	if guess && !(hasVersion.Match(src) && hasKind.Match(src)) {
		return nil
	}
	if guess && template.Match(src) {
		r.Rec.Find(ledger.Warning, ledger.Pos{File: name}, "a template of Helm's or the like, not read", "render it and give lift the result: helm template")
		return nil
	}
	for _, doc := range r.parse(name, src) {
		r.object(m, doc, 0)
	}
	r.Objects = append(r.Objects, m.objects...)
	return nil
}

// parse parses a file. The leaves of a document that had to be given up are accounted for.
func (r *Reader) parse(name string, src []byte) []yamldoc.Node {
	first, found := len(r.Rec.Doc.Settings), len(r.Rec.Findings)
	docs := yamldoc.Parse(r.Rec, name, src)
	if len(r.Rec.Findings) == found {
		return docs
	}
	whole := map[int]bool{}
	for _, doc := range docs {
		for _, s := range doc.Settings() {
			whole[s] = true
		}
	}
	for s := first; s < len(r.Rec.Doc.Settings); s++ {
		if !whole[s] {
			r.Rec.Drop(s, "its document cannot be read to the end", "")
		}
	}
	return docs
}

const maxLists = 5 // a List in a List makes little sense

func (r *Reader) object(m *manifest, doc yamldoc.Node, depth int) {
	if !doc.IsMap() {
		r.Wrong(doc, "write an object with apiVersion and kind")
		return
	}
	version, kind := doc.Get("apiVersion"), doc.Get("kind")
	if !version.IsScalar() || !kind.IsScalar() || version.Str() == "" || kind.Str() == "" {
		r.Rec.Find(ledger.Error, doc.Pos(), "not a Kubernetes object: apiVersion or kind is missing", "write both")
		r.leftover(doc, "it is no Kubernetes object")
		return
	}
	r.Rec.Show(version.Setting())
	r.Rec.Show(kind.Setting())
	if kind.Str() == "List" && depth < maxLists {
		r.list(m, doc, depth)
		return
	}
	m.objects = append(m.objects, &Object{Root: doc, APIVersion: version.Str(), Kind: kind.Str(), Name: Plain(doc.Get("metadata", "name"))})
}

// list reads the objects of a List.
func (r *Reader) list(m *manifest, doc yamldoc.Node, depth int) {
	for _, e := range doc.Entries() {
		switch e.Key {
		case "apiVersion", "kind", "metadata":
			r.Inert(e.Value, "a List only holds other objects")
		case "items":
			r.Each(e.Value, func(item yamldoc.Node) { r.object(m, item, depth+1) })
		default:
			r.unknown(e.Value, e.Key, "List", []string{"apiVersion", "kind", "metadata", "items"})
		}
	}
}

// Volume returns the volume of a name, made at the first call.
func (r *Reader) Volume(name string) *deploy.Volume {
	v := r.volumes[name]
	if v == nil {
		v = &deploy.Volume{Name: name}
		r.volumes[name] = v
		r.order = append(r.order, name)
	}
	return v
}

// HasVolume reports whether the volume is known.
func (r *Reader) HasVolume(name string) bool { return r.volumes[name] != nil }

// AppName takes a label app.kubernetes.io/part-of for the name of the system.
func (r *Reader) AppName(n yamldoc.Node) {
	name, ok := r.Name(n)
	if !ok {
		return
	}
	switch have, isSet := r.Rec.App.Name.Get(); {
	case !isSet:
		r.Rec.App.Name, r.appName = deploy.Some(name), n.Pos()
		r.Rec.Convert(n.Setting(), deploy.At("name"))
	case have == name:
		r.Rec.Inert(n.Setting(), "it repeats the name that "+r.appName.String()+" gives")
	default:
		reason, remedy := "the objects are parts of different systems: lift reads one, named at "+r.appName.String(), "give each system a run of lift, or the same label to all"
		r.Rec.Drop(n.Setting(), reason, remedy)
		r.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
	}
}

// Finish returns the result with the workloads and volumes that were read.
func (r *Reader) Finish(ws []*Workload) detect.Result {
	for _, w := range ws {
		r.Rec.App.Workloads = append(r.Rec.App.Workloads, *w.M)
		r.Rec.Owns = append(r.Rec.Owns, w.At)
	}
	for _, name := range r.order {
		r.Rec.App.Volumes = append(r.Rec.App.Volumes, *r.volumes[name])
	}
	r.leftChanges()
	return r.Rec.Finish(func(ledger.Setting) (string, string) {
		return "nothing in lift reads it", "please report"
	})
}
