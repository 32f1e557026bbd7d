package pod

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/deploylift/lift/convert/internal/yamlout"
)

// YAML prints a Kubernetes object as a person would write it: what says most comes first, a command stands on one line, and what says nothing is left out.
func YAML(object any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(object); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(&buf)
	dec.UseNumber()
	v, err := ordered(dec, "")
	if err != nil {
		return nil, err
	}
	return yamlout.Marshal(v)
}

// orders has, for mappings that have the given key, what comes first. The fields of the API's types follow in their own order, and those of last come behind them.
var orders = []struct {
	has         string
	first, last []string
}{
	{"apiVersion", []string{"apiVersion", "kind", "metadata", "data", "spec"}, nil},
	{"jobTemplate", []string{"schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds", "suspend"}, nil},
	{"template", []string{"replicas", "serviceName", "strategy", "suspend", "backoffLimit", "activeDeadlineSeconds", "selector"}, []string{"template", "volumeClaimTemplates"}},
	{
		"containers",
		[]string{"restartPolicy", "nodeSelector", "topologySpreadConstraints", "automountServiceAccountToken", "enableServiceLinks", "terminationGracePeriodSeconds", "timeoutSeconds", "securityContext", "initContainers"},
		[]string{"containers", "volumes"},
	},
	{"image", []string{"name", "image", "command", "args", "workingDir", "env", "envFrom", "ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "resources", "securityContext"}, []string{"volumeMounts"}},
	{"containerPort", []string{"name", "containerPort", "protocol"}, nil},
	{"targetPort", []string{"name", "port", "targetPort", "protocol", "appProtocol"}, nil},
	{"selector", []string{"selector"}, nil},
	{"from", []string{"from", "ports"}, nil},
	{"policyTypes", []string{"podSelector", "policyTypes", "ingress"}, nil},
	{"requests", []string{"requests", "limits"}, nil},
	{"periodSeconds", []string{"httpGet", "tcpSocket", "exec", "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold"}, nil},
	{"allowPrivilegeEscalation", []string{"runAsNonRoot", "runAsUser", "runAsGroup", "privileged", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities", "seccompProfile"}, nil},
	{"runAsUser", []string{"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "seccompProfile"}, nil},
	{"mountPath", []string{"name", "mountPath", "readOnly"}, nil},
}

// oneLine are the lists of words that stand on one line.
var oneLine = []string{"command", "args", "drop", "add", "accessModes"}

// freeKeys are the mappings whose keys are the user's.
var freeKeys = []string{"data", "labels", "matchLabels", "selector", "annotations", "nodeSelector"}

func ordered(dec *json.Decoder, key string) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		var m yamlout.Map
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := ordered(dec, name.(string))
			if err != nil {
				return nil, err
			}
			if !empty(name.(string), v) {
				m = append(m, yamlout.Item{Key: name.(string), Value: v})
			}
		}
		if _, err := dec.Token(); err != nil {
			return nil, err
		}
		if !slices.Contains(freeKeys, key) {
			arrange(m)
		}
		return m, nil
	case json.Delim('['):
		var s yamlout.Seq
		var words yamlout.Flow
		for dec.More() {
			v, err := ordered(dec, "")
			if err != nil {
				return nil, err
			}
			s = append(s, v)
			if text, ok := v.(string); ok {
				words = append(words, text)
			}
		}
		if _, err := dec.Token(); err != nil {
			return nil, err
		}
		if slices.Contains(oneLine, key) && len(words) == len(s) {
			return words, nil
		}
		return s, nil
	}
	if _, isDelim := tok.(json.Delim); isDelim {
		return nil, fmt.Errorf("internal: unexpected %v", tok)
	}
	return tok, nil
}

// empty reports whether a member says nothing: fields of the API's Go types that are no pointers appear even when nobody set them. An emptyDir without settings says something.
func empty(key string, v any) bool {
	if v == nil || key == "name" && v == "" {
		return true
	}
	m, ok := v.(yamlout.Map)
	if ok && key == "status" { // the server's, full of zeros here
		return true
	}
	return ok && len(m) == 0 && key != "emptyDir" && key != "data"
}

func arrange(m yamlout.Map) {
	has := func(key string) bool {
		return slices.ContainsFunc(m, func(it yamlout.Item) bool { return it.Key == key })
	}
	for _, o := range orders {
		if !has(o.has) {
			continue
		}
		rank := func(it yamlout.Item) int {
			if i := slices.Index(o.first, it.Key); i >= 0 {
				return i
			}
			if i := slices.Index(o.last, it.Key); i >= 0 {
				return len(o.first) + 1 + i
			}
			return len(o.first)
		}
		slices.SortStableFunc(m, func(a, b yamlout.Item) int { return rank(a) - rank(b) })
		return
	}
}
