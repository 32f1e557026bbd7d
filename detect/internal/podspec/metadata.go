package podspec

import (
	"strings"

	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// Meta says what an object makes of its own metadata. Hooks return whether they accounted for the node.
type Meta struct {
	Name       func(yamldoc.Node)
	Label      func(key string, n yamldoc.Node) bool
	Annotation func(key string, n yamldoc.Node) bool
}

type metaReader struct {
	*Reader
	Meta
}

const (
	// LabelApp names the system that an object is a part of.
	LabelApp    = "app.kubernetes.io/part-of"
	bookkeeping = "the cluster's own bookkeeping"
	// Version explains apiVersion.
	Version = "it names the version of the form, not a behaviour"
	apiMeta = "Kubernetes API: ObjectMeta meta/v1"
)

// MetaTable is the mapping of every object's metadata.
var MetaTable = Table[metaReader]{Section: "ObjectMeta", Rows: []Row[metaReader]{
	{Key: "name", Doc: "name of the object: the workload's or the volume's", Spec: apiMeta, Example: "web", Read: metaReader.name},
	{Key: "namespace", Doc: "name space that the object lives in", Spec: apiMeta, Example: "shop", Read: metaReader.space, Outcome: ledger.Inert, Reason: sameSpace},
	{Key: "labels", Doc: "labels; " + LabelApp + " names the system", Spec: apiMeta, Example: "{app.kubernetes.io/part-of: shop}", Read: metaReader.labels},
	{Key: "annotations", Doc: "notes for other programs", Spec: apiMeta, Example: "{team: web}", Read: metaReader.annotations, Outcome: ledger.Dropped, Reason: annotated, Remedy: annotatedRemedy},
	{Key: "generateName", Doc: "front of a name that the cluster makes up", Spec: apiMeta, Outcome: ledger.Dropped, Reason: "a made-up name cannot be referred to", Remedy: "write name"},
	{Key: "creationTimestamp", Doc: "when it was made", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "deletionTimestamp", Doc: "when it goes", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "deletionGracePeriodSeconds", Doc: "how long it takes to go", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "finalizers", Doc: "who must agree to its end", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "generation", Doc: "count of changes", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "managedFields", Doc: "who set which field", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "ownerReferences", Doc: "what it goes with", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "resourceVersion", Doc: "version in the cluster's store", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "selfLink", Doc: "address in the API", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
	{Key: "uid", Doc: "identity in the cluster", Spec: apiMeta, Outcome: ledger.Inert, Reason: bookkeeping},
}}

const (
	sameSpace       = "all objects live in it: their names find each other"
	annotated       = "an annotation speaks to a program that lift does not know"
	annotatedRemedy = "carry it over by hand if that program is there"
)

// Metadata reads an object's metadata.
func (r *Reader) Metadata(n yamldoc.Node, m Meta) { MetaTable.Apply(r, metaReader{r, m}, n) }

func (m metaReader) name(n yamldoc.Node) {
	if _, ok := m.Reader.Name(n); !ok {
		return
	}
	if m.Meta.Name == nil {
		m.Rec.Inert(n.Setting(), "others refer to the object by it")
		return
	}
	m.Meta.Name(n)
}

func (m metaReader) space(n yamldoc.Node) {
	s, ok := m.Text(n)
	if !ok {
		return
	}
	m.Rec.Show(n.Setting())
	if m.namespace == nil {
		m.namespace = &s
	}
	if *m.namespace == s {
		m.Rec.Inert(n.Setting(), sameSpace)
		return
	}
	reason, remedy := "other objects live in another name space: short names do not cross it", "give each name space a run of lift"
	m.Rec.Drop(n.Setting(), reason, remedy)
	m.Rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
}

func (m metaReader) labels(n yamldoc.Node) {
	m.Pairs(n, func(key string, v yamldoc.Node) {
		switch {
		case m.Meta.Label != nil && m.Meta.Label(key, v):
		case key == LabelApp && v.IsScalar() && !v.IsNull():
			m.AppName(v)
		default:
			if _, ok := m.Text(v); ok {
				m.Rec.Show(v.Setting())
				m.Rec.Inert(v.Setting(), "a label: selectors alone read it")
			}
		}
	})
}

func (m metaReader) annotations(n yamldoc.Node) {
	m.Pairs(n, func(key string, v yamldoc.Node) {
		if m.Meta.Annotation != nil && m.Meta.Annotation(key, v) {
			return
		}
		if _, ok := m.Text(v); !ok {
			return
		}
		if strings.HasPrefix(key, "kubectl.kubernetes.io/") || strings.HasPrefix(key, "deployment.kubernetes.io/") {
			m.Rec.Inert(v.Setting(), bookkeeping)
			return
		}
		m.Rec.Drop(v.Setting(), annotated, annotatedRemedy)
	})
}
