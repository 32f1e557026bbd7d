package kubernetes

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/verify/run"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// object is one object of the files.
type object struct {
	file    string
	version string // apiVersion
	kind    string
	name    string
	data    map[string]any
}

func (o *object) String() string { return o.kind + " " + o.name }

// group is the front of the version: "apps", "" for the core.
func (o *object) group() string {
	g, _, ok := strings.Cut(o.version, "/")
	if !ok {
		return ""
	}
	return g
}

// into reads a part of the object into one of the types of Kubernetes.
func (o *object) into(t any) error { return remodel(o.data, t) }

func remodel(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// readObjects reads the objects of the system's files as kubectl apply would: kustomizations say which files there are, which the system says itself. All faults are told at once.
func readObjects(s run.System) ([]*object, error) {
	var out []*object
	var faults []error
	at := map[string]string{}
	for _, file := range s.Files {
		if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(s.Out, filepath.FromSlash(file)))
		if err != nil {
			faults = append(faults, run.Error{What: file + " cannot be read: " + err.Error(), Remedy: "write the files anew: lift migrate"})
			continue
		}
		found, err := parse(file, text)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, o := range found {
			if o.group() == "kustomize.config.k8s.io" {
				continue
			}
			key := o.group() + "/" + o.kind + "/" + o.name
			if other, twice := at[key]; twice {
				faults = append(faults, run.Error{What: fmt.Sprintf("%s: %s stands in %s as well", file, o, other), Remedy: "remove one of them"})
				continue
			}
			at[key] = file
			out = append(out, o)
		}
	}
	if len(faults) == 0 && len(out) == 0 {
		return nil, run.Error{What: "there are no Kubernetes objects in " + s.Out, Remedy: "let lift migrate write them, and say with --out where they are"}
	}
	return out, errors.Join(faults...)
}

// parse reads the objects of one file.
func parse(file string, text []byte) ([]*object, error) {
	fault := func(format string, args ...any) error {
		return run.Error{What: file + ": " + fmt.Sprintf(format, args...), Remedy: "mend the file, or write it anew: lift migrate"}
	}
	var out []*object
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		doc, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fault("%v", err)
		}
		data, err := yaml.YAMLToJSONStrict(doc)
		if err != nil {
			return nil, fault("%s", strings.ReplaceAll(err.Error(), "\n", " "))
		}
		if string(data) == "null" {
			continue
		}
		var value map[string]any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber() // a float64 holds no large integer
		if err := d.Decode(&value); err != nil {
			return nil, fault("is no Kubernetes object")
		}
		list := []any{value}
		if items, ok := value["items"].([]any); ok && value["kind"] == "List" {
			list = items
		}
		for _, item := range list {
			o, ok := newObject(file, item)
			if !ok {
				return nil, fault("is no Kubernetes object: apiVersion, kind and metadata.name are missing")
			}
			out = append(out, o)
		}
	}
}

func newObject(file string, item any) (*object, bool) {
	data, ok := item.(map[string]any)
	if !ok {
		return nil, false
	}
	o := &object{file: file, data: data}
	o.version, _ = data["apiVersion"].(string)
	o.kind, _ = data["kind"].(string)
	meta, _ := data["metadata"].(map[string]any)
	o.name, _ = meta["name"].(string)
	if o.group() == "kustomize.config.k8s.io" {
		return o, o.kind != "" // it needs no name
	}
	return o, o.version != "" && o.kind != "" && o.name != ""
}

// order is the order of creation: what others refer to comes first, as with kubectl apply -k. Kinds that are not listed come before the workloads.
var order = []string{"ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Secret", "PersistentVolumeClaim", "Service", "NetworkPolicy", "", "Job", "StatefulSet", "Deployment", "DaemonSet", "CronJob", "Gateway", "HTTPRoute", "TLSRoute", "Ingress"}

func sortObjects(list []*object) {
	place := func(o *object) int {
		if i := slices.Index(order, o.kind); i >= 0 {
			return i
		}
		return slices.Index(order, "")
	}
	slices.SortStableFunc(list, func(a, b *object) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a.name, b.name)
	})
}

// child is a map in a map, made if it is missing.
func child(m map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		next, ok := m[k].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[k] = next
		}
		m = next
	}
	return m
}

// lookup is the value at a place, nil if there is none.
func lookup(m map[string]any, keys ...string) any {
	var at any = m
	for _, k := range keys {
		next, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = next[k]
	}
	return at
}
