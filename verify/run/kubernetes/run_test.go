package kubernetes

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/internal/owners"
	corev1 "k8s.io/api/core/v1"
)

// api is a server that takes a small system, but for what a test changes.
func api(ns string, more map[string]any) map[string]any {
	in := func(root, name string) string { return root + "/namespaces/" + ns + "/" + name }
	out := map[string]any{
		"GET /api/v1":                                          kinds("Pod pods", "Secret secrets", "ConfigMap configmaps", "Namespace namespaces cluster"),
		"GET /apis/apps/v1":                                    kinds("Deployment deployments"),
		"GET /api/v1/namespaces":                               items(),
		"POST /api/v1/namespaces":                              map[string]any{},
		"DELETE /api/v1/namespaces/" + ns:                      map[string]any{},
		"GET " + in("/api/v1", "serviceaccounts") + "/default": map[string]any{},
		"POST " + in("/api/v1", "secrets"):                     map[string]any{},
		"POST " + in("/apis/apps/v1", "deployments"):           map[string]any{},
		"GET " + in("/api/v1", "pods"):                         items(),
		"GET " + in("/apis/apps/v1", "deployments") + "/web":   map[string]any{"metadata": map[string]any{"generation": 1}, "spec": map[string]any{"replicas": 1}, "status": map[string]any{"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}},
		"GET /api/v1/persistentvolumes":                        items(),
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestStartAndClose(t *testing.T) {
	s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve", readiness))})
	ns := "lift-" + s.Nonce
	f := newFake(t, api(ns, nil))
	p, err := f.runner(t, Options{}).Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if sent := f.sent["POST /api/v1/namespaces"]; !strings.Contains(sent, `"lift.run":"`+ns+`"`) || !strings.Contains(sent, `"lift.owner":"`+owners.Self().String()+`"`) || strings.Contains(sent, "pod-security") {
		t.Error(sent)
	}
	if sent := f.sent["POST /apis/apps/v1/namespaces/"+ns+"/deployments"]; !strings.Contains(sent, `"namespace":"`+ns+`"`) || strings.Contains(sent, "imagePullPolicy") || !strings.Contains(sent, testImage) {
		t.Error(sent)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := f.was("DELETE /api/v1/namespaces/" + ns); n != 1 {
		t.Errorf("deleted %d times", n)
	}
}

func TestStartFails(t *testing.T) {
	for name, c := range map[string]struct {
		more    map[string]any
		want    string
		deleted bool
	}{
		"refused":   {map[string]any{"POST deployments": http.StatusUnprocessableEntity}, "web.yaml: the cluster refuses Deployment web: ", true},
		"forbidden": {map[string]any{"POST deployments": http.StatusForbidden}, "if it is a right that is missing", true},
		"secret": {map[string]any{"POST secrets": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, "bad value "+testSecret)
		}}, "the Secret words: bad value (secret)", true},
		"no namespace": {map[string]any{"POST /api/v1/namespaces": http.StatusForbidden}, "lets this user create no namespaces", false},
		"lost":         {map[string]any{"POST /api/v1/namespaces": http.StatusGatewayTimeout}, "the namespace lift-", true},
		"gone":         {map[string]any{"GET deployment": http.StatusNotFound}, "Deployment web: ", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve", readiness))})
			ns := "lift-" + s.Nonce
			more := map[string]any{}
			for k, v := range c.more {
				k = strings.Replace(k, "POST deployments", "POST /apis/apps/v1/namespaces/"+ns+"/deployments", 1)
				k = strings.Replace(k, "POST secrets", "POST /api/v1/namespaces/"+ns+"/secrets", 1)
				more[strings.Replace(k, "GET deployment", "GET /apis/apps/v1/namespaces/"+ns+"/deployments/web", 1)] = v
			}
			f := newFake(t, api(ns, more))
			_, err := f.runner(t, Options{}).Start(t.Context(), s)
			want(t, err, c.want)
			if err != nil && strings.Contains(err.Error(), testSecret) {
				t.Errorf("it shows a secret: %v", err)
			}
			if n := f.was("DELETE /api/v1/namespaces/" + ns); (n == 1) != c.deleted {
				t.Errorf("deleted %d times", n)
			}
		})
	}
}

func TestStartWithoutValues(t *testing.T) {
	s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve"))})
	s.Values = nil
	f := newFake(t, nil)
	_, err := f.runner(t, Options{}).Start(t.Context(), s)
	want(t, err, "words/SECRET_WORD has no value; supply it")
	if len(f.asked) > 0 {
		t.Error("the cluster was asked: ", f.asked)
	}
	s.Values = map[string]string{"words/SECRET_WORD": "x"}
	s.Witness = &run.Witness{Binary: "/none"}
	if _, err := newFake(t, api("lift-"+s.Nonce, nil)).runner(t, Options{}).Start(t.Context(), s); err != nil {
		t.Errorf("a witness that takes nobody's place: %v", err)
	}
}

// A second run of the same nonce takes another namespace; Close of the first does not touch it.
func TestNamespaceTaken(t *testing.T) {
	s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve", readiness))})
	first := true
	f := newFake(t, api("lift-"+s.Nonce+"-2", map[string]any{"POST /api/v1/namespaces": func(w http.ResponseWriter, _ *http.Request) {
		if first {
			first = false
			w.WriteHeader(http.StatusConflict)
		}
		fmt.Fprint(w, "{}")
	}}))
	p, err := f.runner(t, Options{}).Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if f.was("DELETE /api/v1/namespaces/lift-"+s.Nonce) != 0 || f.was("DELETE /api/v1/namespaces/lift-"+s.Nonce+"-2") != 1 {
		t.Error(f.asked)
	}
}

func TestSweep(t *testing.T) {
	dead := owners.Self()
	dead.Started = "1"
	ns := func(name, label, owner string) any {
		return map[string]any{"metadata": map[string]any{"name": name, "labels": map[string]string{labelRun: label}, "annotations": map[string]string{labelOwner: owner}}}
	}
	f := newFake(t, map[string]any{"GET /api/v1/namespaces": items(
		ns("lift-dead", "lift-dead", dead.String()), ns("lift-alive", "lift-alive", owners.Self().String()), ns("lift-odd", "lift-odd", "me"), ns("production", "lift-dead", dead.String()),
	)})
	f.client(t).sweep(t.Context(), t.Logf)
	for _, a := range f.asked {
		if strings.HasPrefix(a, "DELETE ") && !strings.Contains(a, "/namespaces/lift-dead") {
			t.Error(a)
		}
	}
	if (dead.Dead()) != (f.was("DELETE /api/v1/namespaces/lift-dead") == 1) {
		t.Error(f.asked)
	}
}

func TestVolumesThatStay(t *testing.T) {
	v := func(name, ns, policy string) any {
		return map[string]any{"metadata": map[string]any{"name": name}, "spec": map[string]any{"claimRef": map[string]any{"namespace": ns}, "persistentVolumeReclaimPolicy": policy}}
	}
	f := newFake(t, map[string]any{"GET /api/v1/persistentvolumes": items(v("a", "lift-x", "Retain"), v("b", "lift-x", "Delete"), v("c", "lift-y", "Retain"))})
	c := f.client(t)
	if got := c.claimed(t.Context(), "lift-x"); len(got) != 1 || got[0] != "a" {
		t.Error(got)
	}
	if got := c.released(t.Context(), []string{"a", "z"}); len(got) != 1 || got[0] != "a" {
		t.Error(got)
	}
}

const (
	httpRoute = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, labels: {app.kubernetes.io/name: web}}\nspec: {parentRefs: [{name: public, namespace: infra}], hostnames: [shop.example]}\n"
	ingress   = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {ingressClassName: nginx, rules: [{host: shop.example}]}\n"
	gateway1  = "GET " + gatewayRoot
	classes   = "GET " + gatewayRoot + "/gatewayclasses"
	routes    = "GET " + gatewayRoot + "/httproutes"
	inClasses = "GET /apis/networking.k8s.io/v1/ingressclasses"
	inAll     = "GET /apis/networking.k8s.io/v1/ingresses"
)

func TestDoors(t *testing.T) {
	served := map[string]any{"spec": map[string]any{"hostnames": []string{"a.example", "SHOP.example"}}}
	for name, c := range map[string]struct {
		text    string
		answers map[string]any
		options Options
		shut    string
		class   string
	}{
		"no Gateway API":     {httpRoute, nil, Options{}, "the cluster knows no HTTPRoute of gateway.networking.k8s.io/v1", ""},
		"no class":           {httpRoute, map[string]any{classes: items()}, Options{}, "the cluster has no GatewayClass", ""},
		"one class":          {httpRoute, map[string]any{classes: items(object1("only", nil))}, Options{}, "", "only"},
		"two classes":        {httpRoute, map[string]any{classes: items(object1("a", nil), object1("b", nil))}, Options{}, "several of the kind GatewayClass (a, b); name one", ""},
		"named":              {httpRoute, nil, Options{GatewayClass: "mine"}, "", "mine"},
		"hidden":             {httpRoute, map[string]any{classes: http.StatusForbidden}, Options{}, "may not see which GatewayClass", ""},
		"host taken":         {httpRoute, map[string]any{classes: items(object1("a", nil)), routes: items(object1("old", served))}, Options{}, "the cluster serves shop.example already (old of namespace other)", "a"},
		"others mask.Hidden": {httpRoute, map[string]any{classes: items(object1("a", nil)), routes: http.StatusForbidden}, Options{}, "", "a"},
		"ingress":            {ingress, map[string]any{inClasses + "/nginx": map[string]any{}}, Options{}, "", "nginx"},
		"ingress replaced":   {ingress, map[string]any{inClasses: items(object1("traefik", nil))}, Options{}, "", "traefik"},
		"ingress named":      {ingress, nil, Options{IngressClass: "mine"}, "", "mine"},
		"ingress nobody":     {ingress, map[string]any{inClasses: items()}, Options{}, "the cluster has no IngressClass", ""},
		"ingress taken":      {ingress, map[string]any{inClasses + "/nginx": map[string]any{}, inAll: items(object1("old", map[string]any{"spec": map[string]any{"rules": []any{map[string]any{"host": "shop.example"}}}}))}, Options{}, "serves shop.example already", "nginx"},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]any{gateway1: kinds("HTTPRoute httproutes", "Gateway gateways", "GatewayClass gatewayclasses cluster")}
			if name == "no Gateway API" {
				answers = map[string]any{}
			}
			for k, v := range c.answers {
				answers[k] = v
			}
			f := newFake(t, answers)
			s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, pod("web", "serve")) + "---\n" + c.text})
			r := f.runner(t, c.options)
			objects, err := readObjects(s)
			if err != nil {
				t.Fatal(err)
			}
			d, err := (&running{Runner: r, client: f.client(t)}).planDoors(t.Context(), objects)
			if err != nil || len(d.list) != 1 {
				t.Fatal(d, err)
			}
			if got := d.list[0].shut; (got == "") != (c.shut == "") || !strings.Contains(got, c.shut) {
				t.Errorf("%q", got)
			}
			cannot := r.Cannot(t.Context(), s)
			if (len(cannot) == 1) != (c.shut != "") || len(cannot) == 1 && cannot[0].Aspect != "door." {
				t.Errorf("%+v", cannot)
			}
			if c.shut != "" && !d.leaves(objects[1]) {
				t.Error("it is applied all the same")
			}
			if c.text == httpRoute && c.class != "" {
				if g := d.made["public"]; g == nil || g.class != c.class || lookup(objects[1].data, "spec", "parentRefs").([]any)[0].(map[string]any)["namespace"] != nil {
					t.Errorf("%+v %v", d.made, objects[1].data)
				}
			}
			if c.text == ingress && c.class != "" && lookup(objects[1].data, "spec", "ingressClassName") != c.class {
				t.Error(objects[1].data)
			}
		})
	}
}

// A watch that the server ends is begun again, and what happened in the meantime is seen.
func TestWatch(t *testing.T) {
	const path = "/api/v1/namespaces/n/pods"
	pod := func(name, phase string) string {
		return fmt.Sprintf(`{"metadata": {"name": %q}, "status": {"phase": %q}}`, name, phase)
	}
	lists := []string{pod("a", "Pending") + "," + pod("b", "Pending"), pod("a", "Running"), pod("a", "Running")}
	watches := []string{
		`{"type": "MODIFIED", "object": ` + pod("a", "Running") + `}`,
		`{"type": "ERROR", "object": {"code": 410}}`,
		`{"type": "BOOKMARK", "object": {}}` + `{"type": "DELETED", "object": ` + pod("a", "Running") + `}`,
		`{"type": "DELETED", "object": ` + pod("a", "Succeeded") + `}`,
	}
	lists = append(lists, lists[2])
	i, j := 0, 0
	f := newFake(t, map[string]any{"GET " + path: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") != "" {
			fmt.Fprint(w, watches[j])
			j++
			return
		}
		fmt.Fprintf(w, `{"metadata": {"resourceVersion": "%d"}, "items": [%s]}`, i, lists[i])
		i++
	}})
	var seen []string
	err := f.client(t).watchPods(t.Context(), "n", "a=b", func(p *corev1.Pod, gone bool) bool {
		seen = append(seen, fmt.Sprintf("%s %s %t", p.Name, p.Status.Phase, gone))
		return gone && p.Status.Phase == "Succeeded"
	})
	if got := strings.Join(seen, ", "); err != nil || got != "a Pending false, b Pending false, a Running false, a Running false, b Pending true, a Running false, a Running false, a Succeeded true" {
		t.Error(got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.client(t).watchPods(ctx, "n", "a=b", func(*corev1.Pod, bool) bool { return false }); err == nil {
		t.Error("it watches on after the end")
	}
}
