package kubernetes

import (
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// jsonFields lists the fields of a type of the API, inlined ones included.
func jsonFields(t reflect.Type, f func(string)) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" && (field.Anonymous || strings.Contains(options, "inline")) {
			jsonFields(field.Type, f)
			continue
		}
		f(name)
	}
}

// The tables know every field of the API's own types: what is not mapped has a reason, and nothing that is right is called unknown.
func TestEveryField(t *testing.T) {
	rows := map[string][]string{}
	for _, k := range Source.Keys() {
		rows[k.Section] = append(rows[k.Section], k.Name)
	}
	for _, c := range []struct {
		section, front string
		typ            reflect.Type
	}{
		{"Deployment", "spec.", reflect.TypeFor[appsv1.DeploymentSpec]()},
		{"StatefulSet", "spec.", reflect.TypeFor[appsv1.StatefulSetSpec]()},
		{"DaemonSet", "spec.", reflect.TypeFor[appsv1.DaemonSetSpec]()},
		{"Job", "spec.", reflect.TypeFor[batchv1.JobSpec]()},
		{"CronJob", "spec.", reflect.TypeFor[batchv1.CronJobSpec]()},
		{"CronJob", "spec.jobTemplate.spec.", reflect.TypeFor[batchv1.JobSpec]()},
		{"Service", "spec.", reflect.TypeFor[corev1.ServiceSpec]()},
		{"ServicePort", "", reflect.TypeFor[corev1.ServicePort]()},
		{"PersistentVolumeClaim", "spec.", reflect.TypeFor[corev1.PersistentVolumeClaimSpec]()},
		{"PodSpec", "", reflect.TypeFor[corev1.PodSpec]()},
		{"PodSecurityContext", "", reflect.TypeFor[corev1.PodSecurityContext]()},
		{"Container", "", reflect.TypeFor[corev1.Container]()},
		{"ContainerPort", "", reflect.TypeFor[corev1.ContainerPort]()},
		{"SecurityContext", "", reflect.TypeFor[corev1.SecurityContext]()},
		{"SeccompProfile", "", reflect.TypeFor[corev1.SeccompProfile]()},
		{"Capabilities", "", reflect.TypeFor[corev1.Capabilities]()},
		{"Probe", "", reflect.TypeFor[corev1.Probe]()},
		{"HTTPGetAction", "", reflect.TypeFor[corev1.HTTPGetAction]()},
		{"TCPSocketAction", "", reflect.TypeFor[corev1.TCPSocketAction]()},
		{"ExecAction", "", reflect.TypeFor[corev1.ExecAction]()},
		{"Lifecycle", "", reflect.TypeFor[corev1.Lifecycle]()},
		{"LifecycleHandler", "", reflect.TypeFor[corev1.LifecycleHandler]()},
		{"EnvVar", "", reflect.TypeFor[corev1.EnvVar]()},
		{"EnvVarSource", "", reflect.TypeFor[corev1.EnvVarSource]()},
		{"EnvFromSource", "", reflect.TypeFor[corev1.EnvFromSource]()},
		{"LocalObjectReference", "", reflect.TypeFor[corev1.SecretKeySelector]()},
		{"Volume", "", reflect.TypeFor[corev1.Volume]()},
		{"VolumeMount", "", reflect.TypeFor[corev1.VolumeMount]()},
		{"EmptyDirVolumeSource", "", reflect.TypeFor[corev1.EmptyDirVolumeSource]()},
		{"HostPathVolumeSource", "", reflect.TypeFor[corev1.HostPathVolumeSource]()},
		{"PersistentVolumeClaimVolumeSource", "", reflect.TypeFor[corev1.PersistentVolumeClaimVolumeSource]()},
		{"ResourceRequirements", "", reflect.TypeFor[corev1.ResourceRequirements]()},
		{"ConfigMap", "", reflect.TypeFor[corev1.ConfigMap]()},
		{"Secret", "", reflect.TypeFor[corev1.Secret]()},
	} {
		if len(rows[c.section]) == 0 {
			t.Errorf("there is no table %s", c.section)
		}
		jsonFields(c.typ, func(name string) {
			for _, row := range rows[c.section] {
				if row == c.front+name || strings.HasPrefix(row, c.front+name+".") {
					return
				}
			}
			t.Errorf("%s does not know %s%s", c.section, c.front, name)
		})
	}
}
