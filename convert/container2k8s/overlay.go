package container2k8s

import (
	"slices"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/yamlout"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/fileset"
)

// overlay is the folder of the one environment that is written: the place for what differs from one to the next.
const overlay = "kubernetes/overlays/production"

// addOverlay adds the environment: its namespace, where the images come from, how many replicas run, and the policies. It says the same as the base to begin with.
func addOverlay(out *fileset.Set, a deploy.App) error {
	m := yamlout.Map{{Key: "apiVersion", Value: "kustomize.config.k8s.io/v1beta1"}, {Key: "kind", Value: "Kustomization"}}
	m = append(m, yamlout.Item{Key: "namespace", Value: a.Name.Or("default")}, yamlout.Item{Key: "resources", Value: yamlout.Seq{"../../base"}}, yamlout.Item{Key: "components", Value: yamlout.Seq{"../../components/network-policy"}}, yamlout.Item{Key: "images", Value: images(a)})
	var replicas yamlout.Seq
	for _, w := range a.Workloads {
		if n, ok := w.Scale.Replicas.Get(); ok && w.Kind.Is(deploy.Service) {
			replicas = append(replicas, yamlout.Map{{Key: "name", Value: w.Name}, {Key: "count", Value: n}})
		}
	}
	if len(replicas) > 0 {
		m = append(m, yamlout.Item{Key: "replicas", Value: replicas})
	}
	data, err := yamlout.Marshal(yamlout.Commented{Value: m, At: map[string]string{
		"/namespace": "create it, and the Secrets in it, before kubectl apply -k " + overlay,
		"/images":    "put your registry before newName, and the release into newTag",
	}})
	if err != nil {
		return err
	}
	return out.Add(overlay+"/kustomization.yaml", data)
}

// images lists the images, each name once. Its tag is left to the base where a name stands with several, or with a digest, which a tag would take away.
func images(a deploy.App) yamlout.Seq {
	tags := map[string][]string{}
	var order []string
	for _, w := range a.Workloads {
		name, tag, digest := names.Image(w.Image.Or(""))
		if digest != "" {
			tag = ""
		}
		if tags[name] == nil {
			order = append(order, name)
		}
		if !slices.Contains(tags[name], tag) {
			tags[name] = append(tags[name], tag)
		}
	}
	var out yamlout.Seq
	for _, name := range slices.Sorted(slices.Values(order)) {
		m := yamlout.Map{{Key: "name", Value: name}, {Key: "newName", Value: name}}
		if tag := tags[name]; len(tag) == 1 && tag[0] != "" {
			m = append(m, yamlout.Item{Key: "newTag", Value: tag[0]})
		}
		out = append(out, m)
	}
	return out
}
