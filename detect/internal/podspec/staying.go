package podspec

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// Staying reads what a serverless platform's list leaves on Kubernetes: workloads by the folders of their manifests, and volumes.
type Staying struct {
	*Reader
	Named map[string]ledger.Pos // workloads, and where they are named
	order []string

	folder, note yamldoc.Node // where the claims' folder is listed, and where their names stand
}

// NewStaying returns a Staying of a Reader.
func NewStaying(r *Reader) *Staying { return &Staying{Reader: r, Named: map[string]ledger.Pos{}} }

// Hooks are what a kustomization says of what stays.
func (s *Staying) Hooks() Hooks { return Hooks{Resource: s.stay, Annotation: s.stayingVolumes} }

// Finish adds the workloads that stay, by their names alone. The names of claims and the folder that makes them go together.
func (s *Staying) Finish() {
	if s.note.Exists() && !s.folder.Exists() {
		s.Rec.Find(ledger.Error, s.note.Pos(), s.note.Path+" names claims, and no entry of resources leads to them", "add kubernetes/base/volumes")
	}
	for _, name := range s.order {
		s.Rec.App.Workloads = append(s.Rec.App.Workloads, deploy.Workload{Name: name})
	}
}

// stay takes ../kubernetes/base/NAME for a workload that stays on Kubernetes.
func (s *Staying) stay(n yamldoc.Node, target string) bool {
	dir, name := path.Split(target)
	dir = strings.TrimSuffix(dir, "/")
	if dir != "kubernetes/base" && !strings.HasSuffix(dir, "/kubernetes/base") {
		return false
	}
	if name == "volumes" {
		if s.folder.Exists() && s.folder.Pos().File == n.Pos().File {
			s.Bad(n, "names what "+s.folder.Path+" names already: kustomize refuses objects that are there twice", "remove one of them")
			return true
		}
		s.folder = n
		s.Rec.Inert(n.Setting(), "the annotation lift/volumes names the volumes that stay on Kubernetes")
		return true
	}
	if first, twice := s.Named[name]; twice {
		if first.File == n.Pos().File {
			s.Bad(n, "names what "+first.String()+" names already: kustomize refuses objects that are there twice", "remove one of them")
		} else {
			s.Rec.Override(n.Setting(), "it is named at "+first.String()+" already")
		}
		return true
	}
	if info, err := fs.Stat(s.Tree.FS, dir); err == nil && info.IsDir() {
		if _, err := fs.Stat(s.Tree.FS, target); err != nil {
			s.Rec.Find(ledger.Warning, n.Pos(), fmt.Sprintf("%s names nothing that is there: %s", n.Path, target), "mend the name, or add the manifests")
		}
	}
	s.Named[name] = n.Pos()
	s.order = append(s.order, name)
	s.Rec.Convert(n.Setting(), deploy.At("workloads", name))
	return true
}

// stayingVolumes reads the names of the volumes that stay on Kubernetes.
func (s *Staying) stayingVolumes(key string, n yamldoc.Node) bool {
	if key != "lift/volumes" {
		return false
	}
	text, ok := s.Name(n)
	if !ok {
		return true
	}
	s.note = n
	var fields []deploy.Path
	for _, name := range strings.Split(text, ",") {
		if name = strings.TrimSpace(name); name == "" || s.HasVolume(name) {
			s.Bad(n, "has an empty or a doubled name", "write each name once, separated by commas")
			continue
		}
		s.Volume(name)
		fields = append(fields, deploy.At("volumes", name))
	}
	if len(fields) > 0 {
		s.Rec.Convert(n.Setting(), fields...)
	}
	return true
}
