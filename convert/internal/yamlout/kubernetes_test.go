package yamlout

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func deployment(i int) *appsv1.Deployment {
	name := fmt.Sprintf("web-%d", i)
	labels := map[string]string{"app.kubernetes.io/name": name, "version": "1.10"}
	replicas, grace := int32(2), int64(90)
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, Annotations: map[string]string{"note": "line one\nline two\n"}},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: &grace,
					Containers: []corev1.Container{{
						Name:    "web",
						Image:   "registry.example.com:5000/web@sha256:0123456789abcdef",
						Command: []string{"/usr/bin/node", "server.js", "--port", "8080", "-v"},
						Ports:   []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
						Env: []corev1.EnvVar{
							{Name: "DEBUG", Value: "no"},
							{Name: "TIMEOUT", Value: "1e3"},
							{Name: "GREETING", Value: `say "hello": it's <fine>`},
							{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: "password"}}},
						},
						Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{"memory": resource.MustParse("512Mi"), "cpu": resource.MustParse("1500m")}},
						ReadinessProbe: &corev1.Probe{
							ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz?q=1&r=2", Port: intstr.FromString("http")}},
							PeriodSeconds: 5,
						},
						VolumeMounts: []corev1.VolumeMount{{Name: "tmp", MountPath: "/tmp"}},
					}, {Name: "agent", Image: "agent:2"}},
					Volumes: []corev1.Volume{{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
				},
			},
		},
	}
}

func TestKubernetes(t *testing.T) {
	replicas := int32(0)
	objects := []any{
		Commented{
			Value: deployment(1),
			Head:  "web, from web.service",
			At: map[string]string{
				"/spec/template/spec/terminationGracePeriodSeconds": "TimeoutStopSec=90",
				"/spec/template/spec/containers/1/name":             "from web.service:12",
			},
		},
		&corev1.Secret{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
			ObjectMeta: metav1.ObjectMeta{Name: "s"},
			Type:       corev1.SecretTypeOpaque,
			Data:       map[string][]byte{"a": []byte("x"), "b": nil},
			StringData: map[string]string{"resources": "", "status": ""},
		},
		&appsv1.StatefulSet{
			TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"},
			ObjectMeta: metav1.ObjectMeta{Name: "db"},
			Spec: appsv1.StatefulSetSpec{
				Replicas:             &replicas,
				VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "data"}}},
			},
		},
		&batchv1.CronJob{TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "CronJob"}, Spec: batchv1.CronJobSpec{Schedule: "*/5 * * * *"}},
		&netv1.NetworkPolicy{
			TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
			Spec:     netv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{}, Ingress: []netv1.NetworkPolicyIngressRule{{}}},
		},
		&corev1.Service{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: "web"},
			Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}}},
		},
	}
	var docs [][]byte
	for _, o := range objects {
		out, err := Kubernetes(o)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, out)
	}
	golden(t, "kubernetes.yaml", Join(docs...))
}

// TestPruneKeepsContent has members of the names that are left out, but which
// say something or stand where the name means something else.
func TestPruneKeepsContent(t *testing.T) {
	var v any
	in := `{"metadata":{"labels":{"status":"","resources":""},"annotations":{"a":""}},"spec":{"strategy":{"type":"Recreate"},"template":{"metadata":{"labels":{"x":""}},` +
		`"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"0"}}},{"name":"b","resources":{}}],"resources":{}}},"selector":{},"status":{}},"status":{"replicas":1}}`
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		t.Fatal(err)
	}
	out, err := Kubernetes(v)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := yaml.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	j, _ := json.Marshal(got)
	var want any
	_ = json.Unmarshal([]byte(strings.Replace(in, `"name":"b","resources":{}`, `"name":"b"`, 1)), &want)
	wj, _ := json.Marshal(want)
	if string(j) != string(wj) {
		t.Errorf("got\n%s\nwant\n%s", j, wj)
	}
}

func TestPruneOption(t *testing.T) {
	var asked []string
	o := Options{First: []string{"z"}, Prune: func(path, key string) bool {
		asked = append(asked, path)
		return key == "n"
	}}
	in := map[string]any{"a": map[string]any{"n": nil, "e": map[string]any{}, "s": ""}, "b": map[string]any{"n": []any{}}, "z": 0, "n": 1}
	out, err := o.Marshal(in)
	if want := "z: 0\na:\n  e: {}\n  s: \"\"\nb: {}\n\"n\": 1\n"; err != nil || string(out) != want {
		t.Errorf("%v %q, want %q", err, out, want)
	}
	if got := strings.Join(asked, " "); got != "/a/e /a/n /b /b/n" {
		t.Errorf("asked about %s", got)
	}
}

func BenchmarkMarshal(b *testing.B) {
	var ds []any
	for i := range 200 {
		ds = append(ds, deployment(i))
	}
	ways := map[string]func(any) ([]byte, error){
		"json.Marshal": json.Marshal,
		"Kubernetes":   Kubernetes,
		"yaml.v3": func(v any) ([]byte, error) {
			j, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			var a any
			if err := json.Unmarshal(j, &a); err != nil {
				return nil, err
			}
			return yaml.Marshal(a)
		},
	}
	if sigs != nil {
		ways["sigs.k8s.io/yaml"] = sigs
	}
	for name, marshal := range ways {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, d := range ds {
					if _, err := marshal(d); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// sigs is set by sigs_test.go.
var sigs func(any) ([]byte, error)
