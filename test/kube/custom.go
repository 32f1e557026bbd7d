package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	structuralpruning "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	apiservervalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	_ "sigs.k8s.io/gateway-api/apis/v1" // whose release says which definitions hold
	"sigs.k8s.io/yaml"
)

// definition is how the API server judges objects of a custom resource: its schema, and the rules in CEL that the schema has.
type definition struct {
	structural *structuralschema.Structural
	schema     apiservervalidation.SchemaValidator
	rules      *cel.Validator
}

// definitions are the custom resources of the Gateway API, standard channel, that the API server serves.
var definitions = sync.OnceValues(func() (map[schema.GroupVersionKind]definition, error) {
	out := map[schema.GroupVersionKind]definition{}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api").Output()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(string(bytes.TrimSpace(dir)), "config", "crd", "standard", "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(data, &crd); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if crd.Kind != "CustomResourceDefinition" {
			continue // a policy beside them
		}
		for _, v := range crd.Spec.Versions {
			if !v.Served || v.Schema == nil {
				continue
			}
			var internal apiextensions.JSONSchemaProps
			if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &internal, nil); err != nil {
				return nil, err
			}
			structural, err := structuralschema.NewStructural(&internal)
			if err != nil {
				return nil, err
			}
			validator, _, err := apiservervalidation.NewSchemaValidator(&internal)
			if err != nil {
				return nil, err
			}
			out[schema.GroupVersionKind{Group: crd.Spec.Group, Version: v.Name, Kind: crd.Spec.Names.Kind}] = definition{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the Gateway API has no definitions: was its module moved?")
	}
	return out, nil
})

// judgeCustom judges an object of a custom resource, as a server-side dry run with strict field validation does. ok is false where it is of no such kind.
func judgeCustom(doc []byte) (o Object, ok bool) {
	var content map[string]any
	if err := yaml.UnmarshalStrict(doc, &content); err != nil {
		return o, false // the judge of Kubernetes' own kinds says what is wrong
	}
	u := unstructured.Unstructured{Object: content}
	gvk := u.GroupVersionKind()
	all, err := definitions()
	if err != nil {
		return Object{Kind: gvk.Kind, Name: u.GetName(), Typed: &u, Refused: err}, true
	}
	d, ok := all[gvk]
	if !ok {
		for known := range all {
			if known.GroupKind() == gvk.GroupKind() {
				return Object{Kind: gvk.Kind, Name: u.GetName(), Typed: &u, Refused: fmt.Errorf("%s is not served", gvk.GroupVersion())}, true
			}
		}
		return o, false
	}
	o = Object{Kind: gvk.Kind, Name: u.GetName(), Typed: &u}
	// numbers as the API server decodes them
	data, err := json.Marshal(content)
	if err == nil {
		err = u.UnmarshalJSON(data)
	}
	if err != nil {
		o.Refused = err
		return o, true
	}
	if unknown := structuralpruning.PruneWithOptions(u.DeepCopy().Object, d.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}); len(unknown) > 0 {
		slices.Sort(unknown)
		o.Refused = fmt.Errorf("unknown fields %q", unknown)
		return o, true
	}
	structuraldefaulting.Default(u.Object, d.structural)
	var faults field.ErrorList
	faults = append(faults, apiservervalidation.ValidateCustomResource(nil, u.Object, d.schema)...)
	if d.rules != nil {
		broken, _ := d.rules.Validate(context.Background(), nil, d.structural, u.Object, nil, celconfig.RuntimeCELCostBudget)
		faults = append(faults, broken...)
	}
	o.Refused = faults.ToAggregate()
	return o, true
}
