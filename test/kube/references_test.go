package kube

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// references finds what the API server takes although it leads nowhere: pods would wait for it for ever.
func references(t *testing.T, objects []Object, r migration) {
	t.Helper()
	there := map[string]bool{}
	var all []*corev1.PodTemplateSpec
	for _, o := range objects {
		there[o.String()] = true
		if s, ok := o.Typed.(*appsv1.StatefulSet); ok {
			for _, c := range s.Spec.VolumeClaimTemplates {
				there["PersistentVolumeClaim "+claimOf(s, c.Name)] = true
			}
		}
		if made := podTemplate(o.Typed); made != nil {
			all = append(all, made)
		}
	}
	selected := func(s labels.Selector) (out []*corev1.PodTemplateSpec) {
		for _, p := range all {
			if s.Matches(labels.Set(p.Labels)) {
				out = append(out, p)
			}
		}
		return out
	}
	chosen := func(o Object, s *metav1.LabelSelector) {
		if sel, err := metav1.LabelSelectorAsSelector(s); err != nil || len(selected(sel)) == 0 {
			t.Errorf("%s selects no pods (%v)", o, err)
		}
	}
	needs := func(o Object, kind, name string, optional *bool) {
		if name != "" && (optional == nil || !*optional) && !there[kind+" "+name] && !r.says(kind+" "+name) {
			t.Errorf("%s needs the %s %s, which is not there, and the report does not ask for it", o, kind, name)
		}
	}
	backend := func(o Object, service string, port int64) {
		for _, other := range objects {
			if svc, ok := other.Typed.(*corev1.Service); ok && svc.Name == service && slices.ContainsFunc(svc.Spec.Ports, func(p corev1.ServicePort) bool { return int64(p.Port) == port }) {
				return
			}
		}
		t.Errorf("%s leads to port %d of the Service %s, which is not there", o, port, service)
	}
	for _, o := range objects {
		switch v := o.Typed.(type) {
		case *corev1.Service:
			if len(v.Spec.Selector) == 0 {
				continue
			}
			found := selected(labels.SelectorFromSet(v.Spec.Selector))
			if len(found) == 0 {
				t.Errorf("%s selects no pods", o)
			}
			for _, port := range v.Spec.Ports {
				for _, p := range found {
					if port.TargetPort.Type == intstr.String && !hasPort(&p.Spec, port.TargetPort.StrVal) {
						t.Errorf("%s leads to the port %s, which its pods do not have", o, port.TargetPort.StrVal)
					}
				}
			}
		case *networkingv1.Ingress:
			for _, rule := range v.Spec.Rules {
				for _, path := range rule.HTTP.Paths {
					backend(o, path.Backend.Service.Name, int64(path.Backend.Service.Port.Number))
				}
			}
		case *unstructured.Unstructured:
			rules, _, _ := unstructured.NestedSlice(v.Object, "spec", "rules")
			for _, rule := range rules {
				refs, _, _ := unstructured.NestedSlice(rule.(map[string]any), "backendRefs")
				if len(refs) == 0 {
					t.Errorf("%s has a rule that leads nowhere", o)
				}
				for _, ref := range refs {
					name, _, _ := unstructured.NestedString(ref.(map[string]any), "name")
					port, _, _ := unstructured.NestedInt64(ref.(map[string]any), "port")
					backend(o, name, port)
				}
			}
		case *policyv1.PodDisruptionBudget:
			chosen(o, v.Spec.Selector)
		case *networkingv1.NetworkPolicy:
			chosen(o, &v.Spec.PodSelector)
			for _, rule := range v.Spec.Ingress {
				for _, from := range rule.From {
					if from.PodSelector != nil && from.NamespaceSelector == nil {
						chosen(o, from.PodSelector)
					}
				}
			}
		}
		made := podTemplate(o.Typed)
		if made == nil {
			continue
		}
		spec := made.Spec
		for _, v := range spec.Volumes {
			if c := v.PersistentVolumeClaim; c != nil {
				needs(o, "PersistentVolumeClaim", c.ClaimName, nil)
			}
			if c := v.ConfigMap; c != nil {
				needs(o, "ConfigMap", c.Name, c.Optional)
			}
			if c := v.Secret; c != nil {
				needs(o, "Secret", c.SecretName, c.Optional)
			}
		}
		for _, c := range append(spec.InitContainers, spec.Containers...) {
			for _, e := range c.EnvFrom {
				if e.ConfigMapRef != nil {
					needs(o, "ConfigMap", e.ConfigMapRef.Name, e.ConfigMapRef.Optional)
				}
				if e.SecretRef != nil {
					needs(o, "Secret", e.SecretRef.Name, e.SecretRef.Optional)
				}
			}
			for _, e := range c.Env {
				if e.ValueFrom == nil {
					continue
				}
				if k := e.ValueFrom.ConfigMapKeyRef; k != nil {
					needs(o, "ConfigMap", k.Name, k.Optional)
				}
				if k := e.ValueFrom.SecretKeyRef; k != nil {
					needs(o, "Secret", k.Name, k.Optional)
				}
			}
		}
	}
}

func hasPort(spec *corev1.PodSpec, name string) bool {
	for _, c := range spec.Containers {
		for _, p := range c.Ports {
			if p.Name == name {
				return true
			}
		}
	}
	return false
}
