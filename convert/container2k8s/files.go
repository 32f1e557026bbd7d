package container2k8s

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
)

// filesMap holds the configuration files of a workload, nil when there are none.
func filesMap(a deploy.App, w deploy.Workload) *corev1.ConfigMap {
	if len(w.Files) == 0 {
		return nil
	}
	keys := fileKeys(w)
	data := map[string]string{}
	for _, f := range w.Files {
		data[keys[f.Path]] = f.Content.Or("")
	}
	m := &corev1.ConfigMap{TypeMeta: typeMeta("v1", "ConfigMap"), ObjectMeta: meta(a, w.Name), Data: data}
	m.Name += "-files"
	for slices.ContainsFunc(a.Workloads, func(other deploy.Workload) bool { return other.Name == m.Name }) {
		m.Name += "-mounted" // a workload's ConfigMap of variables is called like the workload
	}
	return m
}

// fileKeys gives each file its key in the ConfigMap: its own name, or its whole path where two have one name.
func fileKeys(w deploy.Workload) map[string]string {
	count := map[string]int{}
	for _, f := range w.Files {
		count[path.Base(f.Path)]++
	}
	var all []string
	key := map[string]string{}
	for _, f := range w.Files {
		key[f.Path] = path.Base(f.Path)
		if count[key[f.Path]] > 1 {
			key[f.Path] = strings.ReplaceAll(strings.Trim(f.Path, "/"), "/", "_")
		}
		all = append(all, key[f.Path])
	}
	fit := names.Keys(all)
	for p, k := range key {
		key[p] = fit[k]
	}
	return key
}

// filesVolume is the volume of a pod's configuration files, and where each of them is mounted. A file that is mounted by itself (subPath) leaves the image's other files in its directory visible.
func filesVolume(w deploy.Workload, files *corev1.ConfigMap) (corev1.Volume, []corev1.VolumeMount) {
	var taken []string
	for _, name := range pod.VolumeNames(w) {
		taken = append(taken, name)
	}
	name := names.Labels([]string{"files"}, taken...)["files"]
	keys := fileKeys(w)
	var mounts []corev1.VolumeMount
	for _, f := range w.Files {
		mounts = append(mounts, corev1.VolumeMount{Name: name, MountPath: f.Path, SubPath: keys[f.Path], ReadOnly: true})
	}
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: files.Name}}}}, mounts
}
