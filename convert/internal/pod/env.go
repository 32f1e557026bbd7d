package pod

import (
	"fmt"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
	corev1 "k8s.io/api/core/v1"
)

// Parameters says in which Secret and which ConfigMap the texts that are supplied from outside will be: parameter name → key.
type Parameters struct {
	Secret, Config string // names of the objects
	secret, config map[string]string
}

// CollectParameters gives each parameter of the system a key, a secret in the Secret and a plain one in the ConfigMap.
func CollectParameters(a deploy.App, secret, config string) Parameters {
	var secrets, configs []string
	for _, w := range a.Workloads {
		for _, e := range w.Env {
			switch name := parameter(e); {
			case name == "" || strings.Contains(name, "/"):
			case e.Value.IsSecret():
				secrets = append(secrets, name)
			default:
				configs = append(configs, name)
			}
		}
	}
	return Parameters{secret, config, names.Keys(secrets), names.Keys(configs)}
}

// parameter returns the name under which the value is supplied from outside, "" for a plain text. A secret whose text is known is supplied under the variable's own name.
func parameter(e deploy.Env) string {
	if _, known := e.Value.Reveal(); known && e.Value.IsSecret() {
		return e.Name
	}
	return e.Value.Param()
}

// IsAddress reports whether a variable is called like an address: DB_HOST, API_URL.
func IsAddress(variable string) bool {
	name := strings.ToUpper(variable)
	switch name[strings.LastIndexByte(name, '_')+1:] {
	case "URL", "URI", "DSN", "HOST", "HOSTS", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "ENDPOINTS", "SERVER", "SERVERS", "BROKER", "BROKERS", "CONNECTION":
		return true
	}
	return false
}

// Mentions reports whether a text has the name as a host: at its begin or behind "//", "@" and the like, and before its end, ":", "/" and the like.
func Mentions(text, host string) bool {
	for i := 0; ; {
		k := strings.Index(text[i:], host)
		if k < 0 || host == "" {
			return false
		}
		begin, end := i+k, i+k+len(host)
		before := begin == 0 || strings.HasPrefix(host, "//") || strings.HasSuffix(text[:begin], "//") || strings.ContainsAny(text[begin-1:begin], "@ ,=('\"")
		after := end == len(text) || strings.ContainsAny(text[end:end+1], ":/ ,?;)'\"")
		if before && after {
			return true
		}
		i = begin + 1
	}
}

// LowerEnv moves secrets out of the configuration and names where each parameter comes from.
func LowerEnv(o Workload, params Parameters) {
	kept := o.W.Env[:0]
	for _, e := range o.W.Env {
		at := []string{"env", e.Name}
		if !e.Value.IsSet() {
			o.L.Drop(o.From.Join(at...), "its value is not known", "set workloads."+o.W.Name+".env."+e.Name+" in lift.yaml")
			continue
		}
		if e.Name == "" || strings.ContainsAny(e.Name, "=\x00") {
			o.L.Drop(o.From.Join(at...), "Kubernetes accepts no such name of a variable", "rename it")
			continue
		}
		name := parameter(e)
		_, known := e.Value.Reveal()
		switch {
		case name == "" || strings.Contains(name, "/") && !known:
		case e.Value.IsSecret():
			e.Value = deploy.Param(params.Secret+"/"+params.secret[name], true)
			reason := "comes from the Secret " + params.Secret
			if known {
				reason = "a secret has no place in files that are committed: it comes from the Secret " + params.Secret
				o.Notice(ledger.Warning, "the secret was readable in the source", "put it into the Secret "+params.Secret+" and think of replacing it", at...)
			}
			o.L.Convert(o.From.Join("env", e.Name, "value"), reason, o.To.Join("env", e.Name, "value"))
		default:
			e.Value = deploy.Param(params.Config+"/"+params.config[name], false)
			o.L.Convert(o.From.Join("env", e.Name, "value"), "comes from the ConfigMap "+params.Config, o.To.Join("env", e.Name, "value"))
		}
		kept = append(kept, e)
	}
	o.W.Env = kept
}

// Variable prints one variable of a container. It fails on a secret whose text is known: it must not reach a file.
func Variable(e deploy.Env) (corev1.EnvVar, error) {
	out := corev1.EnvVar{Name: e.Name}
	if text, known := e.Value.Reveal(); known {
		if e.Value.IsSecret() {
			return out, fmt.Errorf("env.%s: a secret must not be written; make it a parameter", e.Name)
		}
		out.Value = EscapeText(text)
		return out, nil
	}
	object, key, ok := strings.Cut(e.Value.Param(), "/")
	if !ok || object == "" || key == "" {
		return out, fmt.Errorf("env.%s: the parameter names no object and key", e.Name)
	}
	ref := corev1.LocalObjectReference{Name: object}
	if e.Value.IsSecret() {
		out.ValueFrom = &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: ref, Key: key}}
	} else {
		out.ValueFrom = &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: ref, Key: key}}
	}
	return out, nil
}
