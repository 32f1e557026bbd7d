package container2k8s

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
)

// configMap holds the variables whose text is known and plain, nil when there are none.
func configMap(a deploy.App, w deploy.Workload) *corev1.ConfigMap {
	data := map[string]string{}
	for _, e := range w.Env {
		if text, ok := inConfigMap(e); ok {
			data[e.Name] = text
		}
	}
	if len(data) == 0 {
		return nil
	}
	return &corev1.ConfigMap{TypeMeta: typeMeta("v1", "ConfigMap"), ObjectMeta: meta(a, w.Name), Data: data}
}

// inConfigMap reports whether a variable stands in the ConfigMap, and its text.
func inConfigMap(e deploy.Env) (string, bool) {
	text, known := e.Value.Reveal()
	return text, known && !e.Value.IsSecret() && e.Name != "" && names.Key(e.Name) == e.Name
}

// environment gives the container the ConfigMap's variables and, one by one, those that it cannot hold.
func environment(c *corev1.Container, w deploy.Workload, config *corev1.ConfigMap) error {
	if config != nil {
		c.EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: config.Name}}}}
	}
	for _, e := range w.Env {
		if _, ok := inConfigMap(e); ok {
			continue
		}
		v, err := pod.Variable(e)
		if err != nil {
			return err
		}
		c.Env = append(c.Env, v)
	}
	return nil
}

// checksum changes with the ConfigMap's content: as an annotation of the pods it makes a change of the settings roll them, which Kubernetes does not do by itself.
func checksum(config *corev1.ConfigMap) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(config.Data)) {
		b.WriteString(k + "=" + config.Data[k] + "\n")
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
