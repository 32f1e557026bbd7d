package podspec

import (
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// Workload is a workload that is being read.
type Workload struct {
	*Reader
	M      *deploy.Workload
	At     deploy.Path
	Object *Object

	Labels    map[string]string       // of the pods
	Templates map[string]yamldoc.Node // name of a claim template → its metadata.name
	Claims    map[string]string       // name of a claim template → name of the volume
	Platform  Platform

	container yamldoc.Node
	mounts    []mount
	pod       map[string]*podVolume
	podOrder  []string
	command   yamldoc.Node
	args      yamldoc.Node
	known     map[string]deploy.Value // the variables of the container
	inline    map[string]bool         // those that env sets: exec probes know no others
	ports     []port
	placed    bool // the place of the variables is known
}

// Platform is where the formats differ.
type Platform struct {
	Name      string
	Links     bool                                                 // every container gets variables for the addresses of Services
	Named     bool                                                 // every container has a name
	ProbePort bool                                                 // a probe without a port asks the container's
	Port      func(w *Workload, p *deploy.Port, name yamldoc.Node) // what the name of a port says
	NoPorts   func(w *Workload)                                    // what the platform implies for a container without ports
	Refused   func(field string) (string, string)                  // reason and remedy if the platform refuses a field of the pod or the container
}

// NewWorkload starts a workload of the object's name.
func (r *Reader) NewWorkload(o *Object, p Platform) *Workload {
	return &Workload{
		Reader: r, Object: o, Platform: p, M: &deploy.Workload{Name: o.Name}, At: deploy.At("workloads", o.Name),
		Labels: map[string]string{}, Templates: map[string]yamldoc.Node{}, Claims: map[string]string{},
		pod: map[string]*podVolume{}, known: map[string]deploy.Value{}, inline: map[string]bool{},
	}
}

// Set sets a leaf of the model and records that the node gave it.
func Set[T deploy.Scalar](r *Reader, n yamldoc.Node, o *deploy.Opt[T], v T, at deploy.Path) {
	*o = deploy.Some(v)
	r.Rec.Show(n.Setting())
	r.Rec.Convert(n.Setting(), at)
}

// SetNearly is Set where the model says not quite the same.
func SetNearly[T deploy.Scalar](r *Reader, n yamldoc.Node, o *deploy.Opt[T], v T, at deploy.Path, reason, remedy string) {
	*o = deploy.Some(v)
	r.Rec.Show(n.Setting())
	r.Rec.Approximate(n.Setting(), reason, remedy, at)
}

// Imply sets a leaf that the files leave out to the platform's default.
func Imply[T deploy.Scalar](r *Reader, spec, key string, o *deploy.Opt[T], v T, at deploy.Path) {
	if o.IsSet() {
		return
	}
	*o = deploy.Some(v)
	r.Rec.Convert(r.Rec.Implied(spec, key, o.String()), at)
}

// Meta returns the hooks for the metadata of the workload's own object.
func (w *Workload) Meta() Meta {
	return Meta{Name: func(n yamldoc.Node) { w.Rec.Convert(n.Setting(), w.At) }}
}

// Template reads the metadata of the pods: labels that selectors ask for, and the checksum of the ConfigMap.
func (w *Workload) Template(n yamldoc.Node, m Meta) {
	label, annotation := m.Label, m.Annotation
	m.Label = func(key string, v yamldoc.Node) bool {
		w.Labels[key] = v.Str()
		return label != nil && label(key, v)
	}
	m.Annotation = func(key string, v yamldoc.Node) bool {
		if config, ok := map[string]string{"checksum/config": w.M.Name, "checksum/files": w.M.Name + "-files"}[key]; ok {
			w.checksum(v, config)
			return true
		}
		return annotation != nil && annotation(key, v)
	}
	w.Metadata(n, m)
}

// refuse drops a field that the platform refuses.
func (w *Workload) refuse(n yamldoc.Node, field string) bool {
	if w.Platform.Refused == nil {
		return false
	}
	reason, remedy := w.Platform.Refused(field)
	if reason == "" {
		return false
	}
	w.Rec.Find(ledger.Warning, n.KeyPos(), n.Path+" dropped: "+reason, remedy)
	w.Drop(n, reason, remedy)
	return true
}
