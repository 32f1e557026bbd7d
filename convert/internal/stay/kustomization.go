package stay

import (
	"strings"

	"github.com/deploylift/lift/convert/internal/yamlout"
)

const (
	base = "kubernetes/base/"
	// claimsNote names the claims in the folder of claims, of which the kustomization lists the folder alone.
	claimsNote = "lift/volumes"
)

// Kustomization lists files of its own folder and, up leading to the output's root, what stays on Kubernetes.
func Kustomization(up string, files, workloads, volumes []string) ([]byte, error) {
	m := yamlout.Map{{Key: "apiVersion", Value: "kustomize.config.k8s.io/v1beta1"}, {Key: "kind", Value: "Kustomization"}}
	if len(volumes) > 0 {
		m = append(m, yamlout.Item{Key: "metadata", Value: yamlout.Map{{Key: "annotations", Value: yamlout.Map{{Key: claimsNote, Value: strings.Join(volumes, ",")}}}}})
	}
	var list yamlout.Seq
	for _, f := range files {
		list = append(list, f)
	}
	for _, w := range workloads {
		list = append(list, up+base+w)
	}
	if len(volumes) > 0 {
		list = append(list, up+base+"volumes")
	}
	return yamlout.Marshal(append(m, yamlout.Item{Key: "resources", Value: list}))
}
