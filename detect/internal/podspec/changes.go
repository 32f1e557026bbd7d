package podspec

import (
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiImages   = "Kustomize: images"
	apiReplicas = "Kustomize: replicas"
	unchanged   = "it says the same as what it changes"
)

// imageChange is one element of a kustomization's images.
type imageChange struct {
	list                       *kustomization
	name                       string
	nameAt                     yamldoc.Node
	newName, newTag, digest    string
	newNameAt, tagAt, shaSumAt yamldoc.Node
}

var imageTable = Table[*imageChange]{Section: "Kustomization images", Rows: []Row[*imageChange]{
	{Key: "name", Doc: "name of the image that is changed, without its tag", Spec: apiImages, Example: "shop/web", Read: func(c *imageChange, n yamldoc.Node) { c.name, c.nameAt = c.text(n), n }},
	{Key: "newName", Doc: "name that takes its place", Spec: apiImages, Example: "registry.example.org/shop/web", Read: func(c *imageChange, n yamldoc.Node) { c.newName, c.newNameAt = c.text(n), n }},
	{Key: "newTag", Doc: "tag that takes the place of its own", Spec: apiImages, Example: "'2.0'", Read: func(c *imageChange, n yamldoc.Node) { c.newTag, c.tagAt = c.text(n), n }},
	{Key: "digest", Doc: "digest that takes the place of its tag", Spec: apiImages, Example: "sha256:0", Read: func(c *imageChange, n yamldoc.Node) { c.digest, c.shaSumAt = c.text(n), n }},
	{Key: "tagSuffix", Doc: "end of the tag", Spec: apiImages, Outcome: ledger.Dropped, Reason: patched, Remedy: patchedRemedy},
}}

func (c *imageChange) text(n yamldoc.Node) string {
	s, _ := c.list.Reader.Name(n)
	return s
}

// parts are the settings that change something.
func (c *imageChange) parts() []yamldoc.Node {
	var out []yamldoc.Node
	for _, n := range []yamldoc.Node{c.newNameAt, c.tagAt, c.shaSumAt} {
		if n.Exists() && !n.IsNull() {
			out = append(out, n)
		}
	}
	return out
}

// apply changes a reference, if it is of the image that is meant.
func (c *imageChange) apply(image string) (string, bool) {
	name, rest := image, ""
	if i := strings.IndexByte(name, '@'); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, rest = name[:i], name[i:]+rest
	}
	if name != c.name || c.name == "" {
		return image, false
	}
	if c.newName != "" {
		name = c.newName
	}
	switch {
	case c.digest != "":
		rest = "@" + c.digest
	case c.newTag != "":
		rest = ":" + c.newTag
	}
	return name + rest, true
}

// changeImage lets the lists that lead to the workload change its image, the innermost first.
func (w *Workload) changeImage() {
	at := w.At.Join("image")
	for i := len(w.Object.lists) - 1; i >= 0; i-- {
		for _, c := range w.Object.lists[i].images {
			was := w.M.Image.Or("")
			now, meant := c.apply(was)
			if !meant {
				continue
			}
			c.show("it says which image is meant")
			w.M.Image = deploy.Some(now)
			for _, n := range c.parts() {
				if now != was {
					w.Rec.Part(n.Setting(), at)
				} else if !w.Rec.Accounted(n.Setting()) {
					w.Rec.Inert(n.Setting(), unchanged)
				}
			}
		}
	}
}

func (c *imageChange) show(reason string) {
	if c.nameAt.IsScalar() && !c.list.Rec.Accounted(c.nameAt.Setting()) {
		c.list.Rec.Inert(c.nameAt.Setting(), reason)
	}
}

// countChange is one element of a kustomization's replicas.
type countChange struct {
	list            *kustomization
	name            string
	count           int64
	nameAt, countAt yamldoc.Node
}

var countTable = Table[*countChange]{Section: "Kustomization replicas", Rows: []Row[*countChange]{
	{Key: "name", Doc: "name of the Deployment or StatefulSet", Spec: apiReplicas, Example: "web", Read: func(c *countChange, n yamldoc.Node) {
		if s, ok := c.list.Reader.Name(n); ok {
			c.name, c.nameAt = s, n
		}
	}},
	{Key: "count", Doc: "how many of it run", Spec: apiReplicas, Example: "3", Read: func(c *countChange, n yamldoc.Node) {
		if v, ok := c.list.Int(n, 0, maxInt32); ok {
			c.count, c.countAt = v, n
		}
	}},
}}

// ChangeReplicas lets the lists that lead to the workload change how many of it run, the innermost first.
func (w *Workload) ChangeReplicas() {
	for i := len(w.Object.lists) - 1; i >= 0; i-- {
		for _, c := range w.Object.lists[i].counts {
			if c.name != w.M.Name || !c.countAt.Exists() {
				continue
			}
			if s := c.nameAt.Setting(); !w.Rec.Accounted(s) {
				w.Rec.Inert(s, "it says which workload is meant")
			}
			if w.M.Scale.Replicas.Is(c.count) {
				w.Rec.Inert(c.countAt.Setting(), unchanged)
				continue
			}
			Set(w.Reader, c.countAt, &w.M.Scale.Replicas, c.count, w.At.Join("scale", "replicas"))
		}
	}
}

// leftChanges accounts for changes that fit nothing.
func (r *Reader) leftChanges() {
	left := func(what, name string, at yamldoc.Node, nodes ...yamldoc.Node) {
		told := false
		for _, n := range append(nodes, at) {
			if !n.IsScalar() || r.Rec.Accounted(n.Setting()) {
				continue
			}
			reason, remedy := what+" "+name+" is not among the objects that this list is the first to lead to", "mend the name, or remove it"
			if !told {
				r.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
				told = true
			}
			r.Rec.Drop(n.Setting(), reason, remedy)
		}
	}
	for _, k := range r.lists {
		for _, c := range k.images {
			left("an image", c.name, c.nameAt, c.parts()...)
		}
		for _, c := range k.counts {
			left("a workload", c.name, c.nameAt, c.countAt)
		}
	}
}
