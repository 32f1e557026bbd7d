// Package knative reads Knative Services: programs that answer requests and are scaled by them, down to none.
//
// What a field means follows the Knative and Kubernetes API references. A workload that stays on Kubernetes is named by the kustomization and read by that source; here it is a name alone.
package knative

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/ledger"
)

// Source reads Knative Services.
var Source = detect.Source{
	Name:   "knative",
	Doc:    "Knative Services, plain or listed by a kustomization",
	Tier:   detect.Serverless,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Absent: absent,
}

// output is where lift itself puts the list of its manifests.
const output = "knative/kustomization.yaml"

// match picks lift's own kustomization, or the lists and YAML files of directories named knative.
func match(paths []string) []string {
	if slices.Contains(paths, output) {
		return []string{output}
	}
	var lists, files []string
	for _, p := range paths {
		if !slices.Contains(strings.Split(path.Dir(p), "/"), "knative") {
			continue
		}
		switch e := path.Ext(p); {
		case podspec.IsKustomization(p):
			lists = append(lists, p)
		case e == ".yaml" || e == ".yml":
			files = append(files, p)
		}
	}
	if len(lists) > 0 {
		return lists
	}
	return files
}

// system is what the files make together.
type system struct {
	*podspec.Reader
	stays *podspec.Staying
}

func read(t detect.Tree, picked []string) (detect.Result, error) {
	r := podspec.New(t)
	s := &system{Reader: r, stays: podspec.NewStaying(r)}
	var lists []string
	for _, p := range picked {
		if podspec.IsKustomization(p) {
			lists = append(lists, p)
		}
	}
	if err := s.Kustomizations(lists, s.stays.Hooks()); err != nil {
		return detect.Result{}, err
	}
	for _, p := range picked {
		if !podspec.IsKustomization(p) {
			if err := s.Load(p, true); err != nil {
				return detect.Result{}, err
			}
		}
	}
	return s.readObjects(), nil
}

func (s *system) readObjects() detect.Result {
	named := map[string]*podspec.Object{}
	var services []*podspec.Object
	for _, o := range s.Objects {
		drop := func(sev ledger.Severity, reason, remedy string) {
			s.Rec.Find(sev, o.Pos(), strings.TrimSpace(o.String())+" dropped: "+reason, remedy)
			s.Drop(o.Root, reason, remedy)
		}
		key := o.APIVersion + " " + o.String()
		switch first := named[key]; {
		case o.Name == "":
			s.Nameless(o)
		case first != nil:
			drop(ledger.Error, "it is there twice: first at "+first.Pos().String(), "remove one of them")
		case o.Kind == "Service" && o.APIVersion == group+"v1":
			if at, stays := s.stays.Named[o.Name]; stays {
				drop(ledger.Error, "a workload of the same name stays on Kubernetes: "+at.String(), "remove one of them")
				continue
			}
			services = append(services, o)
		case o.Kind == "ConfigMap" && o.APIVersion == "v1":
			s.ReadConfig(o)
		case o.Kind == "Secret" && o.APIVersion == "v1":
			s.ReadSecret(o)
		case o.Kind == "Service" && strings.HasPrefix(o.APIVersion, group):
			drop(ledger.Error, o.APIVersion+" is not served by Knative", "write apiVersion: "+group+"v1")
		case strings.HasPrefix(o.APIVersion, group):
			drop(ledger.Warning, "of Knative's kinds Service alone is read", "write a Service")
		default:
			drop(ledger.Warning, "it is no Knative Service", "move it to the manifests of Kubernetes")
		}
		named[key] = o
	}
	var ws []*podspec.Workload
	for _, o := range services {
		if twin := slices.IndexFunc(ws, func(w *podspec.Workload) bool { return w.M.Name == o.Name }); twin >= 0 {
			s.Rec.Find(ledger.Error, o.Pos(), o.String()+" is there twice: first at "+ws[twin].Object.Pos().String(), "remove one of them")
			s.Drop(o.Root, "it is there twice", "remove one of them")
			continue
		}
		ws = append(ws, s.readService(o))
	}
	s.stays.Finish()
	s.LeftConfigs()
	return s.Finish(ws)
}
