package podspec

import (
	"fmt"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiVolume = "Kubernetes API: Volume v1 core"
	apiMount  = "Kubernetes API: VolumeMount v1 core"
)

// podVolume is one element of a pod's volumes while it is read.
type podVolume struct {
	*Workload
	node   yamldoc.Node
	nameAt yamldoc.Node
	kind   string // the field that says where its content comes from
	source yamldoc.Node
	used   bool
}

// mount is one element of volumeMounts while it is read.
type mount struct {
	*Workload
	name, path       string
	nameAt, pathAt   yamldoc.Node
	readOnly, nested yamldoc.Node
}

const (
	filesLater = "files from a Secret are read by a later version"
	filesFix   = "put the files into the image, or pass the values as variables"
	otherKind  = "volumes of this kind are not read yet"
	otherFix   = "use a PersistentVolumeClaim"
)

// VolumeTable is the mapping of one volume of a pod. A later version reads more of the kinds that are dropped here.
var VolumeTable = Table[*podVolume]{Section: "Volume", Rows: append([]Row[*podVolume]{
	{Key: "name", Doc: "name by which mounts refer to it", Spec: apiVolume, Example: "data", Read: func(v *podVolume, n yamldoc.Node) {
		if _, ok := v.Name(n); ok {
			v.nameAt = n
		}
	}},
	{Key: "persistentVolumeClaim", Doc: "a volume that outlives the pod", Spec: apiVolume, Example: "{claimName: data}", Read: func(v *podVolume, n yamldoc.Node) { v.is("persistentVolumeClaim", n) }},
	{Key: "emptyDir", Doc: "room that is empty at each start of the pod; in memory with medium: Memory", Spec: apiVolume, Example: "{medium: Memory}", Read: func(v *podVolume, n yamldoc.Node) { v.is("emptyDir", n) }},
	{Key: "hostPath", Doc: "a path of the machine", Spec: apiVolume, Example: "{path: /mnt/data}", Read: func(v *podVolume, n yamldoc.Node) { v.is("hostPath", n) }},
}, unread()...)}

func unread() []Row[*podVolume] {
	var rows []Row[*podVolume]
	add := func(reason, remedy string, keys ...string) {
		for _, k := range keys {
			rows = append(rows, Row[*podVolume]{
				Key: k, Doc: "volume of kind " + k, Spec: apiVolume, Outcome: ledger.Dropped, Reason: reason, Remedy: remedy,
				Example: "{}", Read: func(v *podVolume, n yamldoc.Node) { v.is(k, n) },
			})
		}
	}
	rows = append(rows, Row[*podVolume]{Key: "configMap", Doc: "files, one for each key of a ConfigMap", Spec: apiVolume, Example: "{name: web}", Read: func(v *podVolume, n yamldoc.Node) { v.is("configMap", n) }})
	add(filesLater, filesFix, "secret", "projected")
	add("only Kubernetes knows the pod's own facts", "pass what the program needs as variables", "downwardAPI")
	add(otherKind, otherFix, "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo",
		"glusterfs", "image", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume")
	return rows
}

func (v *podVolume) is(kind string, n yamldoc.Node) {
	if v.kind != "" {
		v.Bad(n, "is a second kind of the same volume", "remove one of them")
		return
	}
	v.kind, v.source = kind, n
}

func (w *Workload) readVolumes(n yamldoc.Node) {
	w.Each(n, func(item yamldoc.Node) {
		v := &podVolume{Workload: w, node: item}
		VolumeTable.Apply(w.Reader, v, item)
		switch name := v.nameAt.Str(); {
		case !item.IsMap():
		case name == "":
			w.Rec.Find(ledger.Error, item.Pos(), item.Path+" has no name", "write one")
			w.leftover(item, "the volume has no name")
		case w.pod[name] != nil:
			w.Bad(item, "has the name of another volume", "volume names are unique in a pod")
		case v.kind == "":
			w.Rec.Find(ledger.Error, item.Pos(), item.Path+" does not say what it is", "write emptyDir: {}, persistentVolumeClaim or the like")
			w.leftover(item, "the volume has no kind")
		default:
			w.pod[name] = v
			w.podOrder = append(w.podOrder, name)
		}
	})
}

// MountTable is the mapping of one mount of a container.
var MountTable = Table[*mount]{Section: "VolumeMount", Rows: []Row[*mount]{
	{Key: "mountPath", Doc: "where it appears", Spec: apiMount, Example: "/srv/data", Read: func(m *mount, n yamldoc.Node) {
		if s, ok := m.Name(n); ok {
			m.path, m.pathAt = s, n
		}
	}},
	{Key: "name", Doc: "volume of the pod", Spec: apiMount, Example: "data", Read: func(m *mount, n yamldoc.Node) {
		if s, ok := m.Name(n); ok {
			m.name, m.nameAt = s, n
		}
	}},
	{Key: "readOnly", Doc: "it cannot be written", Spec: apiMount, Example: "true", Read: func(m *mount, n yamldoc.Node) {
		if _, ok := m.Bool(n); ok {
			m.readOnly = n
		}
	}},
	{Key: "subPath", Doc: "a directory of the volume", Spec: apiMount, Example: "uploads", Read: func(m *mount, n yamldoc.Node) {
		if s, ok := m.Text(n); ok && s == "" {
			m.Inert(n, "empty is the same as leaving it out")
		} else if ok {
			m.nested = n
		}
	}, Outcome: ledger.Dropped, Reason: nestedReason, Remedy: nestedRemedy},
	{Key: "subPathExpr", Doc: "a directory of the volume, with variables", Spec: apiMount, Outcome: ledger.Dropped, Reason: nestedReason, Remedy: nestedRemedy},
	{Key: "mountPropagation", Doc: "whether later mounts are seen", Spec: apiMount, Example: "None", Read: func(m *mount, n yamldoc.Node) {
		InertIf("None", "it is the default", "the model has no mounts that come later")(m.Workload, n)
	}},
	{Key: "recursiveReadOnly", Doc: "mounts below cannot be written either", Spec: apiMount, Example: "Disabled", Read: func(m *mount, n yamldoc.Node) {
		InertIf("Disabled", "it is the default", "the model has no mounts below a mount")(m.Workload, n)
	}},
	{Key: "bindMountOptions", Doc: "options of the mount", Spec: apiMount, Outcome: ledger.Dropped, Reason: "the model has no options of mounts but readOnly", Remedy: "carry them over by hand"},
}}

const (
	nestedReason = "the model mounts whole volumes"
	nestedRemedy = "give the directory a volume of its own"
)

func (w *Workload) readMounts(n yamldoc.Node) {
	if n.IsSeq() {
		w.Rec.Place(w.At.Join("mounts"), n.KeyPos())
	}
	w.Each(n, func(item yamldoc.Node) {
		m := mount{Workload: w}
		MountTable.Apply(w.Reader, &m, item)
		switch {
		case !item.IsMap():
			return
		case m.path == "" || m.name == "":
			if !item.Get("mountPath").Exists() || !item.Get("name").Exists() {
				w.Rec.Find(ledger.Error, item.Pos(), item.Path+" needs name and mountPath", "write both")
			}
			w.leftover(item, "the mount is not whole")
			return
		}
		for _, other := range w.mounts {
			if other.path == m.path {
				w.Bad(item, "is mounted where another mount is", "each mountPath is mounted once")
				return
			}
		}
		w.mounts = append(w.mounts, m)
	})
}

// finishMounts joins mounts and volumes.
func (w *Workload) finishMounts() {
	for i := range w.mounts {
		w.mounts[i].finish()
	}
}

// leftVolumes accounts for what remains of the pod's volumes.
func (w *Workload) leftVolumes() {
	for _, name := range w.podOrder {
		v := w.pod[name]
		if v.used {
			w.Rec.Inert(v.nameAt.Setting(), "it joins mounts to the volume")
			continue
		}
		w.Show(v.node, "the program does not mount it")
	}
}

func (m *mount) finish() {
	v, at := m.pod[m.name], m.At.Join("mounts", m.path)
	if v == nil && !m.Templates[m.name].Exists() {
		m.Bad(m.nameAt, "is no volume of the pod", "add it to volumes, or mend the name")
		for _, n := range []yamldoc.Node{m.pathAt, m.readOnly, m.nested} {
			if n.Exists() {
				m.leftover(n, "its volume is missing")
			}
		}
		return
	}
	if v != nil && v.kind == "configMap" {
		m.files(v)
		return
	}
	out := deploy.Mount{Path: m.path}
	if v == nil {
		out.Kind, out.Volume = deploy.Some(deploy.MountVolume), deploy.Some(deploy.Ref(deploy.At("volumes", m.Claims[m.name])))
		m.Rec.Convert(m.nameAt.Setting(), at.Join("kind"), at.Join("volume"))
	} else {
		seen := v.used
		v.used = true
		if !v.mounted(&out, at, m, !seen) {
			return
		}
		m.Rec.Inert(m.nameAt.Setting(), "it joins the mount to its volume")
	}
	m.Rec.Convert(m.pathAt.Setting(), at)
	if m.readOnly.Exists() && !out.ReadOnly.Is(true) {
		ro, _ := m.readOnly.Bool()
		Set(m.Reader, m.readOnly, &out.ReadOnly, ro, at.Join("readOnly"))
	} else if m.readOnly.Exists() {
		m.Rec.Override(m.readOnly.Setting(), "the volume itself is read-only")
	}
	Imply(m.Reader, apiMount, "readOnly", &out.ReadOnly, false, at.Join("readOnly"))
	if m.nested.Exists() {
		m.Rec.Show(m.nested.Setting())
		m.Rec.Drop(m.nested.Setting(), nestedReason, nestedRemedy)
		m.Rec.Find(ledger.Warning, m.nested.Pos(), m.nested.Path+" dropped: "+nestedReason, nestedRemedy)
	}
	m.M.Mounts = append(m.M.Mounts, out)
}

// source is the content of a volume while a mount of it is read.
type source struct {
	*podVolume
	out   *deploy.Mount
	at    deploy.Path
	first bool // the first mount of the volume: faults are told once
}

// mounted reads what kind of volume is mounted; false: of none that the model has.
func (v *podVolume) mounted(out *deploy.Mount, at deploy.Path, m *mount, first bool) bool {
	s := &source{v, out, at, first}
	switch v.kind {
	case "persistentVolumeClaim":
		claimTable.Apply(v.Reader, s, v.source)
	case "emptyDir":
		if !v.source.IsMap() || !v.source.IsLeaf() {
			emptyDirTable.Apply(v.Reader, s, v.source)
		}
		s.scratch()
	case "hostPath":
		hostTable.Apply(v.Reader, s, v.source)
	default:
		var reason, remedy string
		for _, row := range VolumeTable.Rows {
			if row.Key == v.kind {
				reason, remedy = row.Reason, row.Remedy
			}
		}
		if first {
			v.Rec.Find(ledger.Warning, v.node.Pos(), fmt.Sprintf("%s, mounted at %s, dropped: %s", v.node.Path, out.Path, reason), remedy)
			v.Drop(v.source, reason, remedy)
		}
		for _, n := range []yamldoc.Node{m.nameAt, m.pathAt, m.readOnly, m.nested} {
			if n.Exists() {
				v.Drop(n, reason, remedy)
			}
		}
		return false
	}
	if !out.Kind.IsSet() {
		if first && v.source.IsMap() {
			v.Rec.Find(ledger.Error, v.source.KeyPos(), v.source.Path+" does not say what is mounted", "write claimName or path")
		}
		for _, n := range []yamldoc.Node{m.nameAt, m.pathAt, m.readOnly, m.nested} {
			if n.Exists() {
				v.leftover(n, "its volume cannot be read")
			}
		}
		return false
	}
	return true
}

var claimTable = Table[*source]{Section: "PersistentVolumeClaimVolumeSource", Rows: []Row[*source]{
	{Key: "claimName", Doc: "name of the claim", Spec: apiVolume, Example: "data", Read: func(s *source, n yamldoc.Node) {
		name, ok := s.Name(n)
		if !ok {
			return
		}
		fields := []deploy.Path{s.at.Join("kind"), s.at.Join("volume")}
		if !s.HasVolume(name) {
			s.Volume(name)
			fields = append(fields, deploy.At("volumes", name))
			s.Rec.Find(ledger.Warning, n.Pos(), fmt.Sprintf("%s: PersistentVolumeClaim %s is not among the files: its size and access are not known", n.Path, name), "add its manifest")
		}
		s.out.Kind, s.out.Volume = deploy.Some(deploy.MountVolume), deploy.Some(deploy.Ref(deploy.At("volumes", name)))
		s.Rec.Convert(n.Setting(), fields...)
	}},
	{Key: "readOnly", Doc: "no mount of it can be written", Spec: apiVolume, Example: "true", Read: func(s *source, n yamldoc.Node) {
		if ro, ok := s.Bool(n); ok && ro {
			Set(s.Reader, n, &s.out.ReadOnly, true, s.at.Join("readOnly"))
		} else if ok {
			s.Rec.Inert(n.Setting(), "it is the default")
		}
	}},
}}

const (
	diskReason = "room on the machine's disk becomes memory, empty at each start: what is written there counts as memory"
	diskRemedy = "check how much the program writes there, or give it a volume"
)

var emptyDirTable = Table[*source]{Section: "EmptyDirVolumeSource", Rows: []Row[*source]{
	{Key: "medium", Doc: "Memory, or the machine's disk", Spec: apiVolume, Example: "Memory", Read: func(s *source, n yamldoc.Node) {
		m, ok := s.Text(n)
		switch {
		case !ok:
		case m == "Memory":
			Set(s.Reader, n, &s.out.Kind, deploy.MountTmpfs, s.at.Join("kind"))
		case m == "":
			SetNearly(s.Reader, n, &s.out.Kind, deploy.MountTmpfs, s.at.Join("kind"), diskReason, diskRemedy)
		case m == "HugePages" || strings.HasPrefix(m, "HugePages-"):
			SetNearly(s.Reader, n, &s.out.Kind, deploy.MountTmpfs, s.at.Join("kind"), "the model has no other memory than the usual", "check that the program does without it")
		default:
			s.Bad(n, "has an unknown value", "write Memory, or leave it out for the machine's disk")
		}
	}},
	{Key: "sizeLimit", Doc: "room in it", Spec: apiVolume, Example: "64Mi", Read: func(s *source, n yamldoc.Node) {
		amount(s.Reader, n, 1, bytes, &s.out.Size, s.at.Join("size"))
	}},
	{Key: "mode", Doc: "permission bits of the directory", Spec: apiVolume, Example: "0750", Read: func(s *source, n yamldoc.Node) {
		if v, ok := s.Int(n, 0, 0o1777); ok {
			Set(s.Reader, n, &s.out.Mode, deploy.Mode(v), s.at.Join("mode"))
		}
	}},
}}

// scratch accounts for an emptyDir without medium: on the machine's disk.
func (s *source) scratch() {
	if s.out.Kind.IsSet() || !s.source.IsMap() {
		return
	}
	s.out.Kind = deploy.Some(deploy.MountTmpfs)
	if s.source.IsLeaf() {
		s.Rec.Approximate(s.source.Setting(), diskReason, diskRemedy, s.at.Join("kind"))
		return
	}
	s.Rec.Approximate(s.Rec.Implied(apiVolume, "emptyDir.medium", ""), diskReason, diskRemedy, s.at.Join("kind"))
}

var hostTable = Table[*source]{Section: "HostPathVolumeSource", Rows: []Row[*source]{
	{Key: "path", Doc: "path of the machine", Spec: apiVolume, Example: "/mnt/data", Read: func(s *source, n yamldoc.Node) {
		if p, ok := s.Name(n); ok {
			s.out.Kind = deploy.Some(deploy.MountHost)
			Set(s.Reader, n, &s.out.Host, p, s.at.Join("host"))
			s.Rec.Convert(n.Setting(), s.at.Join("kind"))
		}
	}},
	{Key: "type", Doc: "what must be there", Spec: apiVolume, Outcome: ledger.Inert, Reason: "it checks or makes the path before the mount"},
}}
