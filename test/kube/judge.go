// Package kube judges manifests by the code of Kubernetes itself: kustomize builds them, the API server's own decoder, defaults and validation take or refuse them, and Pod Security admission says which level they keep.
// It is a module of its own, so that nobody who builds lift has to download Kubernetes.
package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	yamlutil "k8s.io/apimachinery/pkg/util/yaml"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	psadmission "k8s.io/pod-security-admission/admission"
	psapi "k8s.io/pod-security-admission/api"
	pspolicy "k8s.io/pod-security-admission/policy"
)

// strategies are what the API server does with a new object of a kind. A kind that is not here is refused: whoever writes it adds its judge.
var strategies = map[schema.GroupKind]rest.RESTCreateStrategy{
	{Group: "apps", Kind: "DaemonSet"}:                  daemonset.Strategy,
	{Group: "apps", Kind: "Deployment"}:                 deployment.Strategy,
	{Group: "apps", Kind: "StatefulSet"}:                statefulset.Strategy,
	{Group: "batch", Kind: "CronJob"}:                   cronjob.Strategy,
	{Group: "batch", Kind: "Job"}:                       job.Strategy,
	{Group: "networking.k8s.io", Kind: "Ingress"}:       ingress.Strategy,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}: networkpolicy.Strategy,
	{Group: "policy", Kind: "PodDisruptionBudget"}:      poddisruptionbudget.Strategy,
	{Kind: "ConfigMap"}:                                 configmap.Strategy,
	{Kind: "PersistentVolumeClaim"}:                     persistentvolumeclaim.Strategy,
	{Kind: "Secret"}:                                    secret.Strategy,
	{Kind: "Service"}:                                   service.Strategy,
}

// Object is one that was judged.
type Object struct {
	Kind, Name string
	Typed      runtime.Object // of the version that the manifest names, with defaults
	Refused    error          // why the API server does not take it
	Warnings   []string       // what kubectl would print
	Restricted []string       // rules of the restricted Pod Security Standard that its pods break
	Baseline   []string       // likewise of baseline
}

func (o Object) String() string { return o.Kind + " " + o.Name }

// Judge decodes a stream of YAML documents and judges each. It fails only where the stream is no YAML.
func Judge(stream []byte) ([]Object, error) {
	var out []Object
	docs := yamlutil.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	for {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(doc)) > 0 {
			out = append(out, judge(doc))
		}
	}
}

// strict refuses unknown and repeated fields, as kubectl apply --validate=strict does.
var strict = json.NewSerializerWithOptions(json.DefaultMetaFactory, legacyscheme.Scheme, legacyscheme.Scheme, json.SerializerOptions{Yaml: true, Strict: true})

func judge(doc []byte) Object {
	if o, ok := judgeCustom(doc); ok {
		return o
	}
	typed, gvk, err := strict.Decode(doc, nil, nil)
	if err != nil {
		o := Object{Refused: err}
		if gvk != nil {
			o.Kind = gvk.Kind
		}
		return o
	}
	o := Object{Kind: gvk.Kind, Typed: typed}
	if strings.Contains(gvk.Version, "alpha") || strings.Contains(gvk.Version, "beta") {
		o.Refused = fmt.Errorf("%s is not served by default", gvk.GroupVersion())
		return o
	}
	legacyscheme.Scheme.Default(typed)
	internal, err := legacyscheme.Scheme.ConvertToVersion(typed, runtime.InternalGroupVersioner)
	if err != nil {
		o.Refused = err
		return o
	}
	strategy := strategies[gvk.GroupKind()]
	if strategy == nil {
		o.Refused = fmt.Errorf("no judge for %s; add its strategy", gvk.GroupKind())
		return o
	}
	about, err := meta.Accessor(internal)
	if err != nil {
		o.Refused = err
		return o
	}
	o.Name = about.GetName()
	if about.GetNamespace() == "" {
		about.SetNamespace(metav1.NamespaceDefault)
	}
	rest.FillObjectMetaSystemFields(about)
	resource, _ := meta.UnsafeGuessKindToResource(*gvk)
	ctx := warning.WithWarningRecorder(context.Background(), &o)
	ctx = genericapirequest.WithNamespace(ctx, about.GetNamespace())
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: gvk.Group, APIVersion: gvk.Version, Resource: resource.Resource, Namespace: about.GetNamespace(), Name: o.Name,
	})
	o.Refused = rest.BeforeCreate(strategy, ctx, internal)
	o.podSecurity()
	return o
}

// AddWarning takes the warnings of the API server.
func (o *Object) AddWarning(_, text string) { o.Warnings = append(o.Warnings, text) }

var levels, levelsErr = pspolicy.NewEvaluator(pspolicy.DefaultChecks(), nil)

// podSecurity says which rules the pods of the object break.
func (o *Object) podSecurity() {
	if levelsErr != nil {
		o.Refused = levelsErr
		return
	}
	about, spec, err := psadmission.DefaultPodSpecExtractor{}.ExtractPodSpec(o.Typed)
	if err != nil || spec == nil {
		return
	}
	broken := func(level psapi.Level) []string {
		var out []string
		for _, r := range levels.EvaluatePod(psapi.LevelVersion{Level: level, Version: psapi.LatestVersion()}, about, spec) {
			if !r.Allowed {
				out = append(out, r.ForbiddenReason+" ("+r.ForbiddenDetail+")")
			}
		}
		return out
	}
	o.Baseline, o.Restricted = broken(psapi.LevelBaseline), broken(psapi.LevelRestricted)
}
