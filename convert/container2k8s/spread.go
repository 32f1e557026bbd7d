package container2k8s

import (
	"github.com/deploylift/lift/deploy"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// severalPods reports whether several pods do the same: only then is there something to spread, and one of them can go while the others serve.
func severalPods(w deploy.Workload) bool {
	return w.Kind.Is(deploy.Service) && w.Scale.Replicas.Or(1) >= 2
}

// spread asks the scheduler to put the replicas on different nodes. It is a wish: with fewer nodes than replicas they still run, on kind's single node as well.
func spread(a deploy.App, w deploy.Workload) []corev1.TopologySpreadConstraint {
	if !severalPods(w) {
		return nil
	}
	return []corev1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.ScheduleAnyway, LabelSelector: &metav1.LabelSelector{MatchLabels: labels(a, w.Name)},
	}}
}

// disruptionBudget lets maintenance of the nodes take one replica at a time, nil for a single one: its budget would stop every drain for ever. Pods that do not work anyway are no reason to wait.
func disruptionBudget(a deploy.App, w deploy.Workload) *policyv1.PodDisruptionBudget {
	if !severalPods(w) {
		return nil
	}
	one, always := intstr.FromInt32(1), policyv1.AlwaysAllow
	return &policyv1.PodDisruptionBudget{TypeMeta: typeMeta("policy/v1", "PodDisruptionBudget"), ObjectMeta: meta(a, w.Name), Spec: policyv1.PodDisruptionBudgetSpec{
		Selector: &metav1.LabelSelector{MatchLabels: labels(a, w.Name)}, MaxUnavailable: &one, UnhealthyPodEvictionPolicy: &always,
	}}
}
