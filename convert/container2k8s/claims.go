package container2k8s

import (
	"slices"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mounts prints the volumes of a pod and where its containers mount them.
func mounts(w deploy.Workload, own map[string]string) ([]corev1.Volume, []corev1.VolumeMount) {
	named := pod.VolumeNames(w)
	var volumes []corev1.Volume
	var mounts []corev1.VolumeMount
	for _, m := range w.Mounts {
		name := named[m.Path]
		mounts = append(mounts, corev1.VolumeMount{Name: name, MountPath: m.Path, ReadOnly: m.ReadOnly.Is(true)})
		if slices.ContainsFunc(volumes, func(v corev1.Volume) bool { return v.Name == name }) {
			continue // mounted twice
		}
		switch m.Kind.Or("") {
		case deploy.MountVolume:
			if own[name] == w.Name {
				continue // the StatefulSet makes it
			}
			volumes = append(volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}}})
		case deploy.MountHost:
			volumes = append(volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: m.Host.Or("")}}})
		default:
			volumes = append(volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: pod.Memory(m)}})
		}
	}
	return volumes, mounts
}

// claim is storage that outlives all pods.
func claim(a deploy.App, v deploy.Volume) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{TypeMeta: typeMeta("v1", "PersistentVolumeClaim"), ObjectMeta: meta(a, v.Name), Spec: claimSpec(v)}
}

// claimTemplates are the claims that a StatefulSet makes for its pods.
func claimTemplates(a deploy.App, w deploy.Workload, own map[string]string) []corev1.PersistentVolumeClaim {
	var out []corev1.PersistentVolumeClaim
	for _, v := range a.Volumes {
		if own[v.Name] == w.Name {
			out = append(out, corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: v.Name}, Spec: claimSpec(v)})
		}
	}
	return out
}

func claimSpec(v deploy.Volume) corev1.PersistentVolumeClaimSpec {
	mode := corev1.ReadWriteOnce
	if v.Access.Is(deploy.AccessMany) {
		mode = corev1.ReadWriteMany
	}
	return corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{mode},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: pod.Bytes(v.Size.Or(0))}},
	}
}

// mountsExclusively reports whether the workload mounts a claim that one node at a time may write.
func mountsExclusively(a deploy.App, w deploy.Workload) bool {
	mounted := pod.Volumes(w)
	return slices.ContainsFunc(a.Volumes, func(v deploy.Volume) bool { return v.Access.Is(deploy.AccessOne) && slices.Contains(mounted, v.Name) })
}
