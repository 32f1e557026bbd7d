// Package kube judges manifests by Kubernetes itself: kustomize builds them, a real API server takes or refuses them, warns of them, and says which pods its restricted security level does not admit. What no API server knows, the rules of Knative, its own code judges.
// It is a module of its own, so that nobody who builds lift has to download Kubernetes. The commands of the cluster are built from the modules below it.
package kube

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	_ "sigs.k8s.io/gateway-api/apis/v1" // pins the release whose definitions the cluster serves
	"sigs.k8s.io/yaml"
)

// Object is one that was judged.
type Object struct {
	Kind, Name string
	Typed      runtime.Object // with defaults; unstructured where its kind is no kind of Kubernetes; as it was written where it is refused
	Refused    error          // why it is not taken
	Warnings   []string       // what kubectl would print
	Restricted []string       // rules of the restricted Pod Security Standard that its pods break
}

func (o Object) String() string { return o.Kind + " " + o.Name }

// Judge asks about each document of a stream of YAML, as if it was applied to the namespace. It fails only where the stream is no YAML or the API server does not answer.
func (a *API) Judge(stream []byte, namespace string) ([]Object, error) {
	docs, err := documents(stream)
	if err != nil {
		return nil, err
	}
	var out []Object
	for _, doc := range docs {
		o, err := a.judge(doc, namespace)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func documents(stream []byte) (out [][]byte, err error) {
	r := yamlutil.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		doc, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(doc)) > 0 {
			out = append(out, doc)
		}
	}
}

// trial is how each request is asked: as a real one, of which nothing is kept, and what is not known is an error.
const trial = "?dryRun=All&fieldValidation=Strict&fieldManager=lift&timeout=60s"

func (a *API) judge(doc []byte, namespace string) (o Object, err error) {
	var u unstructured.Unstructured
	if err := yaml.Unmarshal(doc, &u.Object); err != nil {
		return o, err
	}
	o = Object{Kind: u.GetKind(), Name: u.GetName(), Typed: &u}
	namespace = cmp.Or(u.GetNamespace(), namespace)
	if err := a.prepare(namespace); err != nil {
		return o, err
	}
	where, err := a.collection(u.GroupVersionKind(), namespace)
	if err != nil {
		return o, err
	}
	if where == "" {
		o.Refused = fmt.Errorf("%s %s is not served", u.GetAPIVersion(), u.GetKind())
		return o, nil
	}
	// created, as kubectl apply does it the first time; and applied by the server, which refuses entries that are twice in a list by a key
	created, err := a.ask(http.MethodPost, where+trial, "application/yaml", doc)
	if err != nil {
		return o, err
	}
	o.add(created)
	if o.Refused != nil {
		return o, nil
	}
	if o.Typed, err = decode(created.body, u.GroupVersionKind()); err != nil {
		return o, err
	}
	applied, err := a.ask(http.MethodPatch, where+"/"+url.PathEscape(o.Name)+trial, "application/apply-patch+yaml", doc)
	if err != nil {
		return o, err
	}
	o.add(applied)
	if s, ok := o.Typed.(*appsv1.StatefulSet); ok { // what it claims is looked at when the claim is made
		for _, c := range s.Spec.VolumeClaimTemplates {
			c.TypeMeta, c.Name = metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"}, claimOf(s, c.Name)
			if err := o.made(a, namespace, "persistentvolumeclaims", c); err != nil {
				return o, err
			}
		}
	}
	template := podTemplate(o.Typed)
	if s, ok := o.Typed.(*servingv1.Service); ok {
		template = o.knative(s)
	}
	if template == nil || o.Refused != nil {
		return o, nil
	}
	// a controller is admitted with a warning, its pods are refused
	pod := corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: *template.ObjectMeta.DeepCopy(), Spec: template.Spec}
	pod.Name = "of-it"
	return o, o.made(a, namespace, "pods", pod)
}

// made judges what a controller will make of the object.
func (o *Object) made(a *API, namespace, resource string, what any) error {
	data, err := yaml.Marshal(what)
	if err != nil {
		return err
	}
	r, err := a.ask(http.MethodPost, "/api/v1/namespaces/"+namespace+"/"+resource+trial, "application/yaml", data)
	if err != nil {
		return err
	}
	o.add(r)
	return nil
}

// add takes what the API server said: what it refuses for, and what it warns of; and of both apart what Pod Security breaks.
func (o *Object) add(r reply) {
	for _, w := range r.warnings {
		if broken, ok := restricted(w); ok {
			o.breaks(broken)
		} else if !slices.Contains(o.Warnings, w) {
			o.Warnings = append(o.Warnings, w)
		}
	}
	if r.refused == nil {
		return
	}
	if broken, ok := restricted(r.refused.Error()); ok {
		o.breaks(broken)
	} else {
		o.Refused = cmp.Or(o.Refused, r.refused)
	}
}

func (o *Object) breaks(rules []string) {
	for _, r := range rules {
		if !slices.Contains(o.Restricted, r) {
			o.Restricted = append(o.Restricted, r)
		}
	}
}

// restricted takes the rules out of a message of Pod Security admission, which lists them with commas, each with its details in parentheses.
func restricted(message string) (rules []string, ok bool) {
	_, list, ok := strings.Cut(message, ` PodSecurity "restricted:latest": `)
	if !ok {
		return nil, false
	}
	depth, from := 0, 0
	for i, r := range list {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			rules, from = append(rules, list[from:i]), i+2
		}
	}
	return append(rules, list[from:]), true
}

var scheme = sync.OnceValue(func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme, servingv1.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // two kinds of one name, which is seen the first time
		}
	}
	return s
})

// decode gives an object its type.
func decode(data []byte, kind schema.GroupVersionKind) (runtime.Object, error) {
	o, err := scheme().New(kind)
	if runtime.IsNotRegisteredError(err) {
		o = &unstructured.Unstructured{}
	} else if err != nil {
		return nil, err
	}
	return o, yaml.Unmarshal(data, o)
}

// claimOf is the name of the claim that the first pod of a StatefulSet gets.
func claimOf(s *appsv1.StatefulSet, template string) string { return template + "-" + s.Name + "-0" }

// podTemplate is what an object makes pods from; nil if it makes none.
func podTemplate(o runtime.Object) *corev1.PodTemplateSpec {
	switch o := o.(type) {
	case *appsv1.DaemonSet:
		return &o.Spec.Template
	case *appsv1.Deployment:
		return &o.Spec.Template
	case *appsv1.ReplicaSet:
		return &o.Spec.Template
	case *appsv1.StatefulSet:
		made := o.Spec.Template.DeepCopy()
		for _, claim := range o.Spec.VolumeClaimTemplates { // each pod mounts a claim of its own under this name
			made.Spec.Volumes = append(made.Spec.Volumes, corev1.Volume{Name: claim.Name, VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claimOf(o, claim.Name)},
			}})
		}
		return made
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template
	case *batchv1.Job:
		return &o.Spec.Template
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}
	}
	return nil
}
