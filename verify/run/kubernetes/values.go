package kubernetes

import (
	"maps"
	"slices"
	"strings"

	"github.com/deploylift/lift/verify/run"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// demand is what pods want to know from Secrets and ConfigMaps that are not among the files: people supply it.
type demand struct {
	secret map[string]wanted // by the Secret's name
	config map[string]wanted // by the ConfigMap's name
}

// wanted are the keys of one Secret or ConfigMap. Those with false may be missing; "*" are all there are.
type wanted map[string]bool

func (w wanted) add(key string, optional *bool) {
	w[key] = w[key] || optional == nil || !*optional
}

// demands collects what the pods of the files ask for.
func demands(objects []*object) (demand, error) {
	d := demand{map[string]wanted{}, map[string]wanted{}}
	here := map[string]bool{}
	for _, o := range objects {
		here[o.kind+"/"+o.name] = true
	}
	secret := func(name, key string, optional *bool) { addWanted(d.secret, here["Secret/"+name], name, key, optional) }
	config := func(name, key string, optional *bool) {
		addWanted(d.config, here["ConfigMap/"+name], name, key, optional)
	}
	for _, o := range objects {
		t := o.template()
		if t == nil {
			continue
		}
		var pod struct{ Spec corev1.PodSpec }
		if err := remodel(t, &pod); err != nil {
			return d, run.Error{What: o.file + ": " + o.String() + ": " + err.Error(), Remedy: "mend the file, or write it anew: lift migrate"}
		}
		for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
			for _, e := range c.Env {
				if e.ValueFrom == nil {
					continue
				}
				if r := e.ValueFrom.SecretKeyRef; r != nil {
					secret(r.Name, r.Key, r.Optional)
				}
				if r := e.ValueFrom.ConfigMapKeyRef; r != nil {
					config(r.Name, r.Key, r.Optional)
				}
			}
			for _, e := range c.EnvFrom {
				if r := e.SecretRef; r != nil {
					secret(r.Name, all, r.Optional)
				}
				if r := e.ConfigMapRef; r != nil {
					config(r.Name, all, r.Optional)
				}
			}
		}
		for _, v := range pod.Spec.Volumes {
			if v.Secret != nil {
				addItems(secret, v.Secret.SecretName, v.Secret.Items, v.Secret.Optional)
			}
			if v.ConfigMap != nil {
				addItems(config, v.ConfigMap.Name, v.ConfigMap.Items, v.ConfigMap.Optional)
			}
			if v.Projected == nil {
				continue
			}
			for _, p := range v.Projected.Sources {
				if p.Secret != nil {
					addItems(secret, p.Secret.Name, p.Secret.Items, p.Secret.Optional)
				}
				if p.ConfigMap != nil {
					addItems(config, p.ConfigMap.Name, p.ConfigMap.Items, p.ConfigMap.Optional)
				}
			}
		}
	}
	return d, nil
}

const all = "*"

func addWanted(in map[string]wanted, here bool, name, key string, optional *bool) {
	if here {
		return
	}
	if in[name] == nil {
		in[name] = wanted{}
	}
	in[name].add(key, optional)
}

func addItems(add func(name, key string, optional *bool), name string, items []corev1.KeyToPath, optional *bool) {
	if len(items) == 0 {
		add(name, all, optional)
	}
	for _, i := range items {
		add(name, i.Key, optional)
	}
}

// supply makes the Secrets and ConfigMaps of what people have supplied: the parameter NAME/KEY, or KEY alone. All that is missing is told at once.
func (d demand) supply(values map[string]string) ([]corev1.Secret, []corev1.ConfigMap, error) {
	var lost []string
	data := func(name string, w wanted) map[string]string {
		out := map[string]string{}
		for key, must := range w {
			if key == all {
				for p, v := range values {
					if object, k, ok := strings.Cut(p, "/"); ok && object == name {
						out[k] = v
					}
				}
				if must && len(out) == 0 && len(w) == 1 {
					lost = append(lost, name)
				}
				continue
			}
			v, ok := values[name+"/"+key]
			if !ok {
				v, ok = values[key]
			}
			switch {
			case ok:
				out[key] = v
			case must:
				lost = append(lost, name+"/"+key)
			}
		}
		return out
	}
	var madeSecrets []corev1.Secret
	var madeConfigs []corev1.ConfigMap
	for _, name := range slices.Sorted(maps.Keys(d.secret)) {
		s := corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{}}
		for k, v := range data(name, d.secret[name]) {
			s.Data[k] = []byte(v)
		}
		if len(s.Data) > 0 {
			madeSecrets = append(madeSecrets, s)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.config)) {
		if made := data(name, d.config[name]); len(made) > 0 {
			madeConfigs = append(madeConfigs, corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: name}, Data: made})
		}
	}
	if len(lost) > 0 {
		slices.Sort(lost)
		verb := " has no value"
		if len(lost) > 1 {
			verb = " have no values"
		}
		return nil, nil, run.Error{What: strings.Join(lost, ", ") + verb, Remedy: "supply it as the runbook says: it becomes a key of the Secret or ConfigMap of that name"}
	}
	return madeSecrets, madeConfigs, nil
}
