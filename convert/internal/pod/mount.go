package pod

import (
	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
)

// VolumeNames gives each mount, by its path, the name of its volume in the pod: a claim's own name, otherwise one that is made of the path.
func VolumeNames(w deploy.Workload) map[string]string {
	out := make(map[string]string, len(w.Mounts))
	var paths []string
	claims := Volumes(w)
	for _, m := range w.Mounts {
		if ref, ok := m.Volume.Get(); ok && m.Kind.Is(deploy.MountVolume) {
			out[m.Path] = ref.Name()
		} else {
			paths = append(paths, m.Path)
		}
	}
	for path, name := range names.Labels(paths, claims...) {
		out[path] = name
	}
	return out
}

// Memory is a directory in memory that is empty at each start of the pod.
func Memory(m deploy.Mount) *corev1.EmptyDirVolumeSource {
	out := &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}
	if n, ok := m.Size.Get(); ok {
		q := Bytes(n)
		out.SizeLimit = &q
	}
	return out
}
