package podspec

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// Hooks are what a format makes of a kustomization of its own. They return whether they accounted for the node.
type Hooks struct {
	Resource   func(n yamldoc.Node, target string) bool
	Annotation func(key string, n yamldoc.Node) bool
}

// IsKustomization reports whether a file is the list of a kustomization, by its name.
func IsKustomization(file string) bool {
	return slices.Contains(kustomizationNames, path.Base(file))
}

var kustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

const apiKustomize = "Kustomize: kustomization file"

const (
	patched       = "lift reads the objects as they stand, without what kustomize changes"
	patchedRemedy = "run kustomize build and give lift the result"
)

// kustomization is one list while it is read.
type kustomization struct {
	*Reader
	file    string
	hooks   Hooks
	entries []entry
	images  []*imageChange
	counts  []*countChange
	version yamldoc.Node
	kind    string
	state   int // not followed, being followed, done
}

// entry is one resource, or one component.
type entry struct {
	n         yamldoc.Node
	target    string // file or the kustomization of a directory
	component bool
}

// The kinds of a list, and the only version of each that kustomize takes (api/types/kustomization.go: EnforceFields); what is left out is that of a Kustomization.
const (
	plainList, plainVersion         = "Kustomization", "kustomize.config.k8s.io/v1beta1"
	componentList, componentVersion = "Component", "kustomize.config.k8s.io/v1alpha1"
)

// KustomizationTable is the mapping of a kustomization.
var KustomizationTable = Table[*kustomization]{Section: "Kustomization", Rows: append([]Row[*kustomization]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiKustomize, Example: plainVersion, Outcome: ledger.Inert, Reason: Version, Read: func(k *kustomization, n yamldoc.Node) {
		if _, ok := k.OneOf(n, plainVersion, componentVersion); ok {
			k.version = n
			k.Rec.Inert(n.Setting(), Version)
		}
	}},
	{Key: "kind", Doc: "kind of object", Spec: apiKustomize, Example: plainList, Outcome: ledger.Inert, Reason: "it says what the file is", Read: func(k *kustomization, n yamldoc.Node) {
		if v, ok := k.OneOf(n, plainList, componentList); ok {
			k.kind = v
			k.Rec.Inert(n.Setting(), "it says what the file is")
		}
	}},
	{Key: "metadata", Doc: "name and notes", Spec: apiKustomize, Example: "{name: shop}", Read: (*kustomization).metadata, Outcome: ledger.Inert, Reason: "the list itself does nothing"},
	{Key: "resources", Doc: "files and directories that are read", Spec: apiKustomize, Example: "[deployment.yaml]", Read: (*kustomization).resources, Outcome: ledger.Inert, Reason: listed},
	{Key: "bases", Doc: "old name of resources for directories", Spec: apiKustomize, Example: "[../base]", Read: (*kustomization).resources, Outcome: ledger.Inert, Reason: listed},
	{Key: "components", Doc: "further lists, with what they change", Spec: apiKustomize, Example: "[../components/network-policy]", Read: (*kustomization).components, Outcome: ledger.Inert, Reason: listed},
	{Key: "namespace", Doc: "name space of all objects", Spec: apiKustomize, Example: "shop", Read: func(k *kustomization, n yamldoc.Node) {
		if _, ok := k.Reader.Name(n); ok {
			k.Rec.Inert(n.Setting(), sameSpace)
		}
	}},
	{Key: "images", Doc: "other names, tags and digests of images", Spec: apiKustomize, Example: "[{name: shop/web, newTag: '2.0'}]", Read: func(k *kustomization, n yamldoc.Node) {
		k.Each(n, func(item yamldoc.Node) {
			c := &imageChange{list: k}
			imageTable.Apply(k.Reader, c, item)
			k.images = append(k.images, c)
		})
	}},
	{Key: "replicas", Doc: "other numbers of replicas", Spec: apiKustomize, Example: "[{name: web, count: 3}]", Read: func(k *kustomization, n yamldoc.Node) {
		k.Each(n, func(item yamldoc.Node) {
			c := &countChange{list: k}
			countTable.Apply(k.Reader, c, item)
			k.counts = append(k.counts, c)
		})
	}},
	{Key: "openapi", Doc: "schema for patches", Spec: apiKustomize, Outcome: ledger.Inert, Reason: "it only helps with patches"},
	{Key: "buildMetadata", Doc: "notes about the build", Spec: apiKustomize, Outcome: ledger.Inert, Reason: "it only adds notes"},
	{Key: "sortOptions", Doc: "order of the result", Spec: apiKustomize, Outcome: ledger.Inert, Reason: "the order of objects means nothing"},
}, changing()...)}

const listed = "it names what is read"

// changing lists the features that change the objects.
func changing() []Row[*kustomization] {
	var rows []Row[*kustomization]
	for _, f := range [][2]string{
		{"namePrefix", "front of all names"},
		{"nameSuffix", "end of all names"},
		{"commonLabels", "labels of all objects and selectors"},
		{"labels", "labels of all objects"},
		{"commonAnnotations", "annotations of all objects"},
		{"patches", "changes to objects"},
		{"patchesStrategicMerge", "changes to objects"},
		{"patchesJson6902", "changes to objects"},
		{"replacements", "values copied between objects"},
		{"vars", "values copied between objects"},
		{"configMapGenerator", "ConfigMaps made of files"},
		{"secretGenerator", "Secrets made of files"},
		{"generatorOptions", "how they are made"},
		{"generators", "programs that make objects"},
		{"transformers", "programs that change objects"},
		{"validators", "programs that check objects"},
		{"helmCharts", "charts to render"},
		{"helmGlobals", "how charts are rendered"},
		{"helmChartInflationGenerator", "charts to render"},
		{"configurations", "how changes are made"},
		{"crds", "schemas of own kinds"},
	} {
		rows = append(rows, Row[*kustomization]{
			Key: f[0], Doc: f[1], Spec: apiKustomize, Example: "[]", Outcome: ledger.Dropped, Reason: patched, Remedy: patchedRemedy,
			Read: func(k *kustomization, n yamldoc.Node) {
				if n.IsLeaf() && !n.IsScalar() {
					k.Inert(n, "empty, it changes nothing")
					return
				}
				k.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+patched, patchedRemedy)
				k.Drop(n, patched, patchedRemedy)
			},
		})
	}
	return rows
}

func (k *kustomization) metadata(n yamldoc.Node) {
	const reason = "the list itself does nothing"
	k.Pairs(n, func(key string, v yamldoc.Node) {
		if key != "annotations" || !v.IsMap() {
			k.Inert(v, reason)
			return
		}
		k.Pairs(v, func(key string, a yamldoc.Node) {
			if k.hooks.Annotation == nil || !k.hooks.Annotation(key, a) {
				k.Inert(a, reason)
			}
		})
	})
}

func (k *kustomization) resources(n yamldoc.Node) { k.list(n, false) }

func (k *kustomization) components(n yamldoc.Node) { k.list(n, true) }

func (k *kustomization) list(n yamldoc.Node, component bool) {
	k.Each(n, func(item yamldoc.Node) {
		name, ok := k.Reader.Name(item)
		if !ok {
			return
		}
		if strings.Contains(name, "://") || strings.HasPrefix(name, "git@") || strings.HasPrefix(name, "github.com/") {
			reason := "lift reads no files from the net"
			k.Rec.Find(ledger.Warning, item.Pos(), item.Path+" dropped: "+reason, patchedRemedy)
			k.Rec.Drop(item.Setting(), reason, patchedRemedy)
			return
		}
		target := path.Join(path.Dir(k.file), name)
		switch {
		case path.IsAbs(name) || !fs.ValidPath(target):
			k.Bad(item, "leads out of the tree", "start lift further up, or run kustomize build and give lift the result")
		case k.hooks.Resource != nil && k.hooks.Resource(item, target):
		default:
			if file, found := k.find(target); found {
				if i := slices.IndexFunc(k.entries, func(e entry) bool { return e.target == file }); i >= 0 {
					k.Bad(item, "names what "+k.entries[i].n.Path+" names already: kustomize refuses objects that are there twice", "remove one of them")
					return
				}
				k.Rec.Inert(item.Setting(), listed)
				k.entries = append(k.entries, entry{item, file, component})
				return
			}
			k.Bad(item, "names nothing that is there: "+target, "mend the name, or add the file")
		}
	})
}

// checkVersion holds the version against the kind.
func (k *kustomization) checkVersion() {
	want := plainVersion
	if k.kind == componentList {
		want = componentVersion
	}
	if k.version.Exists() && k.version.Str() != want {
		k.Rec.Find(ledger.Error, k.version.Pos(), "apiVersion is not that of a "+cmp.Or(k.kind, plainList), "write "+want)
	}
}

// find returns the file that a resource means: itself, or the kustomization of a directory.
func (r *Reader) find(target string) (string, bool) {
	info, err := fs.Stat(r.Tree.FS, target)
	if err != nil {
		return "", false
	}
	if !info.IsDir() {
		return target, true
	}
	for _, name := range kustomizationNames {
		file := path.Join(target, name)
		if info, err := fs.Stat(r.Tree.FS, file); err == nil && !info.IsDir() {
			return file, true
		}
	}
	return "", false
}

// Kustomizations follows the given lists from those that no other one includes. Each file is read once.
func (r *Reader) Kustomizations(files []string, hooks Hooks) error {
	all := map[string]*kustomization{}
	var load func(file string) error
	load = func(file string) error {
		if all[file] != nil {
			return nil
		}
		k := &kustomization{Reader: r, file: file, hooks: hooks}
		all[file] = k
		r.lists = append(r.lists, k)
		src, err := fs.ReadFile(r.Tree.FS, file)
		if err != nil {
			return err
		}
		for _, doc := range r.parse(file, src) {
			KustomizationTable.Apply(r, k, doc)
		}
		k.checkVersion()
		for _, e := range k.entries {
			if IsKustomization(e.target) {
				if err := load(e.target); err != nil {
					return err
				}
			}
			if is := all[e.target] != nil && all[e.target].kind == componentList; is != e.component {
				fault, remedy := "names no Component", "list it under resources"
				if is {
					fault, remedy = "names a Component", "list it under components"
				}
				r.Rec.Find(ledger.Error, e.n.Pos(), e.n.Path+" "+fault+": kustomize refuses it there", remedy)
			}
		}
		return nil
	}
	for _, f := range files {
		if err := load(f); err != nil {
			return err
		}
	}
	included := map[string]bool{}
	for _, k := range all {
		for _, e := range k.entries {
			included[e.target] = true
		}
	}
	for _, f := range files {
		if !included[f] {
			if err := r.follow(all, f); err != nil {
				return err
			}
		}
	}
	for _, f := range files { // lists that include each other have no root
		if all[f].state == 0 {
			if err := r.follow(all, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Reader) follow(all map[string]*kustomization, file string) error {
	k := all[file]
	if k.state != 0 {
		return nil
	}
	k.state = 1
	r.chain = append(r.chain, k)
	defer func() { r.chain = r.chain[:len(r.chain)-1] }()
	for _, e := range k.entries {
		next := all[e.target]
		switch {
		case next == nil:
			if r.files[e.target] != nil {
				r.Rec.Find(ledger.Info, e.n.Pos(), fmt.Sprintf("%s: %s is named by another list, too, and read once", e.n.Path, e.target), "")
				continue
			}
			first := len(r.Objects)
			if err := r.Load(e.target, false); err != nil {
				return err
			}
			for _, o := range r.Objects[first:] {
				o.lists = slices.Clone(r.chain)
			}
		case next.state == 1:
			r.Rec.Find(ledger.Error, e.n.Pos(), fmt.Sprintf("%s: %s includes this list in turn", e.n.Path, e.target), "remove one of the two entries")
		default:
			if err := r.follow(all, e.target); err != nil {
				return err
			}
		}
	}
	k.state = 2
	return nil
}
