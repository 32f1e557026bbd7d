// Package kubernetes reads the manifests of a Kubernetes cluster: workloads with their pods, ConfigMaps, Services and claims, in files that a kustomization names or that lie in a
// directory of manifests.
//
// What a field means follows the Kubernetes API reference; what the files leave out is set to the API's own default.
package kubernetes

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/podspec"
)

// Source reads Kubernetes manifests.
var Source = detect.Source{
	Name:   "kubernetes",
	Doc:    "Kubernetes manifests, plain or listed by a kustomization",
	Tier:   detect.Orchestrator,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Absent: absent,
}

// output is where lift itself puts the list of its manifests, environment where it puts what differs from one environment to the next.
const (
	output      = "kubernetes/base/kustomization.yaml"
	environment = "kubernetes/overlays/production/kustomization.yaml"
)

// match picks lift's own kustomization, with that of its environment, or all kustomizations, or the YAML files of directories for manifests. What a list names is found in Read: paths alone do not tell.
func match(paths []string) []string {
	if slices.Contains(paths, output) {
		if slices.Contains(paths, environment) {
			return []string{output, environment}
		}
		return []string{output}
	}
	var lists, files []string
	for _, p := range paths {
		switch {
		case podspec.IsKustomization(p):
			lists = append(lists, p)
		case isYAML(p) && inManifests(p):
			files = append(files, p)
		}
	}
	if len(lists) > 0 {
		return lists
	}
	return files
}

func isYAML(p string) bool { e := path.Ext(p); return e == ".yaml" || e == ".yml" }

func inManifests(p string) bool {
	for _, dir := range strings.Split(path.Dir(p), "/") {
		switch dir {
		case "kubernetes", "k8s", "manifests", "deploy":
			return true
		}
	}
	return false
}

func read(t detect.Tree, picked []string) (detect.Result, error) {
	r := podspec.New(t)
	var lists []string
	for _, p := range picked {
		if podspec.IsKustomization(p) {
			lists = append(lists, p)
		}
	}
	if err := r.Kustomizations(lists, podspec.Hooks{}); err != nil {
		return detect.Result{}, err
	}
	for _, p := range picked {
		if !podspec.IsKustomization(p) {
			if err := r.Load(p, true); err != nil {
				return detect.Result{}, err
			}
		}
	}
	return readObjects(r), nil
}
