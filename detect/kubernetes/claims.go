package kubernetes

import (
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const apiClaim = "Kubernetes API: PersistentVolumeClaim v1 core"

// claim is a claim, or a template of one, while it is read.
type claim struct {
	*podspec.Reader
	v  *deploy.Volume
	at deploy.Path
}

const storage = "where the bytes lie is a matter of the cluster"

var claimTable = podspec.Table[*claim]{Section: "PersistentVolumeClaim", Rows: []podspec.Row[*claim]{
	{Key: "apiVersion", Doc: "version of the form", Spec: apiClaim, Outcome: ledger.Inert, Reason: podspec.Version},
	{Key: "kind", Doc: "kind of object", Spec: apiClaim, Outcome: ledger.Inert, Reason: "it says what the object is"},
	{Key: "metadata", Doc: "name and labels", Spec: apiClaim, Example: "{name: data}", Read: func(c *claim, n yamldoc.Node) {
		c.Metadata(n, podspec.Meta{Name: func(n yamldoc.Node) { c.Rec.Convert(n.Setting(), c.at) }})
	}},
	{Key: "spec.accessModes", Doc: "who may mount it: ReadWriteOnce is one, ReadWriteMany is many", Spec: apiClaim, Example: "[ReadWriteOnce]", Read: (*claim).readAccess},
	{Key: "spec.resources.requests.storage", Doc: "room in it", Spec: apiClaim, Example: "1Gi", Read: func(c *claim, n yamldoc.Node) {
		podspec.SetBytes(c.Reader, n, &c.v.Size, c.at.Join("size"))
	}},
	{Key: "spec.resources.limits", Doc: "room at most", Spec: apiClaim, Outcome: ledger.Dropped, Reason: "the model knows the room to provide alone", Remedy: "use requests"},
	{Key: "spec.storageClassName", Doc: "kind of storage", Spec: apiClaim, Outcome: ledger.Dropped, Reason: storage, Remedy: "choose storage on the target"},
	{Key: "spec.volumeName", Doc: "volume that it is bound to", Spec: apiClaim, Outcome: ledger.Dropped, Reason: storage, Remedy: "move the data by hand"},
	{Key: "spec.selector", Doc: "volumes that it may be bound to", Spec: apiClaim, Outcome: ledger.Dropped, Reason: storage, Remedy: "choose storage on the target"},
	{Key: "spec.dataSource", Doc: "what it is filled with", Spec: apiClaim, Outcome: ledger.Dropped, Reason: storage, Remedy: "move the data by hand"},
	{Key: "spec.dataSourceRef", Doc: "what it is filled with", Spec: apiClaim, Outcome: ledger.Dropped, Reason: storage, Remedy: "move the data by hand"},
	{Key: "spec.volumeAttributesClassName", Doc: "quality of the storage", Spec: apiClaim, Outcome: ledger.Dropped, Reason: storage, Remedy: "choose storage on the target"},
	{Key: "spec.volumeMode", Doc: "file system or raw device", Spec: apiClaim, Example: "Filesystem", Read: func(c *claim, n yamldoc.Node) {
		switch v, _ := c.OneOf(n, "Filesystem", "Block"); v {
		case "Filesystem":
			c.Rec.Inert(n.Setting(), "it is the default")
		case "Block":
			c.Rec.Drop(n.Setting(), "the model has no devices", "keep a program that needs a device on Kubernetes")
		}
	}},
	{Key: "status", Doc: "what the cluster saw", Spec: apiClaim, Outcome: ledger.Inert, Reason: "it is what the cluster saw, not what is wanted"},
}}

func (c *claim) readAccess(n yamldoc.Node) {
	at := c.at.Join("access")
	c.Each(n, func(item yamldoc.Node) {
		switch mode, _ := c.OneOf(item, "ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"); mode {
		case "ReadWriteOnce", "ReadWriteOncePod":
			if !c.v.Access.IsSet() {
				c.v.Access = deploy.Some(deploy.AccessOne)
			}
			c.Rec.Part(item.Setting(), at)
		case "ReadWriteMany":
			c.v.Access = deploy.Some(deploy.AccessMany)
			c.Rec.Part(item.Setting(), at)
		case "ReadOnlyMany":
			c.v.Access = deploy.Some(deploy.AccessMany)
			c.Rec.ApproximatePart(item.Setting(), "nobody may write it through this claim; elsewhere each mount says so", "mount it with readOnly: true", at)
		}
	})
}

// want checks that the claim says what the API asks for.
func (c *claim) want(root yamldoc.Node) {
	spec := root.Get("spec")
	for _, path := range [][]string{{"accessModes"}, {"resources", "requests", "storage"}} {
		if n := spec.Get(path...); !n.Exists() {
			c.Rec.Find(ledger.Error, root.Pos(), strings.TrimPrefix(root.Path+".spec."+strings.Join(path, "."), ".")+" is missing", "write accessModes: [ReadWriteOnce] and resources.requests.storage")
			return
		}
	}
}

func (s *system) readClaim(o *podspec.Object) {
	c := &claim{s.Reader, s.Volume(o.Name), deploy.At("volumes", o.Name)}
	claimTable.Apply(s.Reader, c, o.Root)
	c.want(o.Root)
}

// countTemplates counts the names of claims and claim templates: a template whose name is not unique gives a volume that is named after its workload as well.
func (s *system) countTemplates(todo map[string][]*podspec.Object) {
	s.templates = map[string]int{}
	for _, o := range todo["PersistentVolumeClaim"] {
		s.templates[o.Name]++
	}
	for _, o := range todo["StatefulSet"] {
		for _, t := range o.Root.Get("spec", "volumeClaimTemplates").Items() {
			s.templates[podspec.Plain(t.Get("metadata", "name"))]++
		}
	}
}

func (w workload) readTemplates(n yamldoc.Node) {
	w.Each(n, func(item yamldoc.Node) {
		nameAt := item.Get("metadata", "name")
		name := podspec.Plain(nameAt)
		switch {
		case name == "":
			w.Bad(item, "has no metadata.name", "write one")
			return
		case w.Templates[name].Exists():
			w.Bad(item, "has the name of another template", "rename one of them")
			return
		}
		volume := name
		if w.system.templates[name] > 1 {
			volume = w.Object.Name + "-" + name
		}
		if w.HasVolume(volume) {
			w.Bad(item, "gives a volume "+volume+", which is there already", "rename the template")
			return
		}
		w.Templates[name], w.Claims[name] = nameAt, volume
		c := &claim{w.Reader, w.Volume(volume), deploy.At("volumes", volume)}
		claimTable.Apply(w.Reader, c, item)
		c.want(item)
	})
}
