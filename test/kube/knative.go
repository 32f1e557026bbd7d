package kube

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"knative.dev/pkg/apis"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

// knative judges a Service of Knative, whose definition says little: its webhook knows the rules, and this is the code of the webhook, with default settings. It returns what the pods will be like.
func (o *Object) knative(written *servingv1.Service) *corev1.PodTemplateSpec {
	s := written.DeepCopy()
	ctx := apis.WithinCreate(context.Background())
	s.SetDefaults(ctx)
	found := s.Validate(ctx)
	if faults := found.Filter(apis.ErrorLevel); faults != nil {
		o.Refused = errors.New(faults.Error())
	}
	if doubts := found.Filter(apis.WarningLevel); doubts != nil {
		o.Warnings = append(o.Warnings, doubts.Error())
	}
	// a probe without a port is of the first port, and is made by Knative's own container
	pod := s.Spec.Template.Spec.PodSpec
	for i, c := range pod.Containers {
		if p := c.ReadinessProbe; p != nil && (p.HTTPGet != nil && p.HTTPGet.Port == intstr.IntOrString{} || p.TCPSocket != nil && p.TCPSocket.Port == intstr.IntOrString{}) {
			pod.Containers[i].ReadinessProbe = nil
		}
	}
	o.Typed = s
	return &corev1.PodTemplateSpec{ObjectMeta: s.Spec.Template.ObjectMeta, Spec: pod}
}
