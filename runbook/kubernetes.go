package runbook

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// kubernetes works the Kustomize bases that were written.
type kubernetes struct{}

const (
	base        = "kubernetes/base"
	environment = "kubernetes/overlays/production"
)

func (kubernetes) prepare(b *book) []string {
	var images []string
	for _, w := range b.ws {
		image := w.Image.Or("")
		if w.was.Source.Language.IsSet() && !slices.Contains(images, image) {
			images = append(images, image)
		}
	}
	var out []string
	if len(images) > 0 {
		out = append(out, b.unset()+"docker compose --profile '*' build", "# give the cluster the images: push them to a registry that it reaches, or with kind", "kind load docker-image "+strings.Join(images, " "))
	}
	return out
}

// unset gives compose something for the variables that it insists on before it builds; no image holds any of them.
func (b *book) unset() string {
	var names []string
	for _, st := range b.l.Stages {
		if st.Name != "compose" {
			continue
		}
		for _, w := range st.Lowered.Workloads {
			for _, e := range w.Env {
				if p := e.Value.Param(); p != "" && !slices.Contains(names, p+"=-") {
					names = append(names, p+"=-")
				}
			}
		}
	}
	slices.Sort(names)
	return strings.Join(append(names, ""), " ")
}

// supply creates the objects that the pods refer to from the values as they are today: no value is printed, none stands in the arguments of a process.
func (kubernetes) supply(b *book, list []supply) []string {
	out := []string{"kubectl config get-contexts   # the right cluster?"}
	if space := b.app().Name.Or(""); b.target() == "kubernetes" && b.has(environment+"/kustomization.yaml") && space != "" {
		out = append(out, "kubectl create namespace "+space, "kubectl config set-context --current --namespace="+space+"   # the namespace of "+environment)
	} else {
		out[0] = "kubectl config get-contexts   # the right cluster, the right namespace?"
	}
	var objects []string
	for _, s := range list {
		if o := s.object(); o != "" && !slices.Contains(objects, o) {
			objects = append(objects, o)
		}
	}
	slices.Sort(objects)
	for _, o := range objects {
		kind := "configmap"
		var take, hand, unknown []string
		for _, s := range list {
			if s.object() != o {
				continue
			}
			if s.secret {
				kind = "secret generic"
			}
			switch c, ok := s.sed(b, ""); {
			case ok:
				take = append(take, "  "+c)
			case s.at.File == "" && b.from("compose"):
				unknown = append(unknown, s.key())
			default:
				hand = append(hand, "  # "+s.byHand(b))
			}
		}
		if len(unknown) > 0 {
			take = append(take, "  docker compose config --environment | grep -E '^("+strings.Join(unknown, "|")+")='   # what compose takes from .env today")
		}
		if len(hand) > 0 {
			take = append(take, "  cat "+o+".env")
			out = append(out, "# into "+o+".env, mode 0600, and deleted afterwards:")
			out = append(out, hand...)
		}
		out = append(out, "kubectl create "+kind+" "+o+" --from-env-file=<(")
		out = append(append(out, take...), ")")
		if kind != "configmap" {
			out = append(out, "kubectl get secret "+o+` -o go-template='{{range $k, $v := .data}}{{$k}}{{"\n"}}{{end}}'   # the names alone`)
		}
	}
	return out
}

// has reports whether a file of the output is there.
func (b *book) has(file string) bool { _, ok := b.l.Set.Get(file); return ok }

// claim is the name of the volume's claim: a StatefulSet makes its own, and takes one of that name that is there already.
func (b *book) claim(s state) (name string, own bool) {
	if b.has(path.Join(base, s.owner.Name, "statefulset.yaml")) && !b.has(path.Join(base, "volumes", s.Name+".yaml")) {
		return s.Name + "-" + s.owner.Name + "-0", true
	}
	return s.Name, false
}

// copy fills the claim through a pod that mounts it, before anything else does. The pod runs as the program will, so that the files belong to it, and is one that a namespace with restricted Pod
// Security takes.
func (kubernetes) copy(b *book, s state) []string {
	name, own := b.claim(s)
	out := []string{"kubectl apply -k " + base + "/volumes"}
	if own {
		mode := map[bool]string{true: "ReadWriteMany", false: "ReadWriteOnce"}[s.Access.Is(deploy.AccessMany)]
		out = []string{
			"kubectl apply -f - <<'EOF'   # the claim of " + s.owner.Name + ", under the name that its StatefulSet looks for",
			"apiVersion: v1", "kind: PersistentVolumeClaim", "metadata: {name: " + name + "}", "spec:",
			"  accessModes: [" + mode + "]", "  resources: {requests: {storage: " + quantity(s.Size.Or(0)) + "}}", "EOF",
		}
	}
	out = append(out, helperPod(b, s)...)
	pod := "copy-" + s.Name
	out = append(out,
		"kubectl wait --for=condition=Ready pod/"+pod+" --timeout=5m",
		b.dump(s)+" | kubectl exec -i "+pod+" -- tar -C /data -xpf -",
		"diff <("+b.oldSums(s)+") <(kubectl exec "+pod+" -- sh -c 'cd /data && "+sums+"') && echo the same files",
		"kubectl delete pod "+pod+" --wait",
	)
	return out
}

// quantity writes a size as Kubernetes does.
func quantity(n deploy.Bytes) string {
	for i, unit := range []string{"Gi", "Mi", "Ki"} {
		if size := deploy.Bytes(1) << (30 - 10*i); n >= size && n%size == 0 {
			return strconv.FormatInt(int64(n/size), 10) + unit
		}
	}
	return strconv.FormatInt(int64(n), 10)
}

// helperPod creates the pod that mounts the claim.
func helperPod(b *book, s state) []string {
	name, _ := b.claim(s)
	uid, gid, ok := s.owner.uid()
	context := "  securityContext: {}"
	if ok && uid != "0" {
		context = "  securityContext: {runAsNonRoot: true, runAsUser: " + uid + ", runAsGroup: " + gid + ", fsGroup: " + gid + ", seccompProfile: {type: RuntimeDefault}}"
	}
	return []string{
		"kubectl apply -f - <<'EOF'", "apiVersion: v1", "kind: Pod", "metadata: {name: copy-" + s.Name + "}", "spec:", "  restartPolicy: Never", "  terminationGracePeriodSeconds: 0", context,
		"  containers:", "    - name: copy", "      image: " + helper, "      command: [sleep, infinity]",
		"      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}", "      volumeMounts: [{name: data, mountPath: /data}]",
		"  volumes:", "    - name: data", "      persistentVolumeClaim: {claimName: " + name + "}", "EOF",
	}
}

// kinds are the files in which a workload's object can be.
var kinds = []string{"deployment", "statefulset", "daemonset", "job", "cronjob"}

func (b *book) kind(w workload) string {
	for _, k := range kinds {
		if b.has(path.Join(base, w.Name, k+".yaml")) {
			return k
		}
	}
	return ""
}

func (kubernetes) start(b *book, w workload) []string {
	k := b.kind(w)
	apply := "kubectl apply -k " + path.Join(base, w.Name)
	switch k {
	case "":
		return nil
	case "job":
		return []string{apply, "kubectl wait --for=condition=Complete job/" + w.Name + " --timeout=15m"}
	case "cronjob":
		return []string{apply + "   # runs at " + w.Schedule.Cron.Or("its schedule")}
	}
	return []string{apply, "kubectl rollout status " + k + "/" + w.Name + " --timeout=5m"}
}

func (kubernetes) rest(b *book) []string {
	if b.has(environment + "/kustomization.yaml") {
		return []string{"kubectl apply -k " + environment + "   # the rest: images of your registry, NetworkPolicies; and the proof that all of it is there", "kubectl get pods"}
	}
	return []string{"kubectl apply -k " + base + "   # the rest, and the proof that all of it is there", "kubectl get pods"}
}

func (kubernetes) logs(w workload) []string {
	return []string{"kubectl logs -l app.kubernetes.io/name=" + w.Name + " --tail=50"}
}

func (kubernetes) check(b *book, w workload) []string {
	if !b.has(path.Join(base, w.Name, "service.yaml")) {
		return nil
	}
	for _, p := range w.Ports {
		number, proto, _ := strings.Cut(p.Number, "/")
		if path, ok := probePath(w, number); ok && proto == "tcp" {
			return []string{`kubectl get --raw "/api/v1/namespaces/$(kubectl config view --minify -o jsonpath='{..namespace}' | grep . || echo default)/services/` + w.Name + ":" + number + "/proxy" + path + `"`}
		}
	}
	return []string{"kubectl get endpointslices -l kubernetes.io/service-name=" + w.Name + "   # ready addresses"}
}

func (kubernetes) switchOver(_ *book, ws []workload) string {
	var list []string
	for _, w := range ws {
		for _, p := range w.was.Ports {
			if number, _, _ := strings.Cut(p.Number, "/"); w.was.Kind.Or(deploy.Service) == deploy.Service {
				list = append(list, "`127.0.0.1:"+number+"` is now the Service `"+w.Name+"`")
			}
		}
	}
	if len(list) == 0 {
		return "Nothing listens: there is nothing to switch. Look at the logs."
	}
	slices.Sort(list)
	return "A day before, lower the time to live of the DNS records to a minute. Then lead the proxy or the records to the cluster: " + strings.Join(list, ", ") +
		". Keep the old proxy: while caches still hold its address it passes requests on, if its upstreams lead to the cluster."
}

func (kubernetes) stop(b *book, w workload) []string {
	switch k := b.kind(w); k {
	case "deployment", "statefulset":
		return []string{"kubectl scale " + k + "/" + w.Name + " --replicas=0"}
	case "cronjob":
		return []string{"kubectl patch cronjob/" + w.Name + ` -p '{"spec":{"suspend":true}}'`}
	case "daemonset", "job":
		return []string{"kubectl delete " + k + "/" + w.Name}
	}
	return nil
}

func (kubernetes) restore(b *book, s state) []string {
	pod := "copy-" + s.Name
	out := append(b.aside(s), helperPod(b, s)...)
	out = append(out, "kubectl wait --for=condition=Ready pod/"+pod+" --timeout=5m")
	for _, l := range b.load(s) {
		out = append(out, "kubectl exec "+pod+" -- sh -c 'cd /data && find . -mindepth 1 -maxdepth 1 -print0 | tar --null -T - --numeric-owner -cf -' | "+l)
	}
	return append(append(out, b.chownBack(s)...), "kubectl delete pod "+pod)
}

// knative works Knative Services, and what stays on Kubernetes.
type knative struct{ kubernetes }

func (b *book) serverless(w workload) bool { return b.has("knative/" + w.Name + ".yaml") }

func (k knative) start(b *book, w workload) []string {
	if !b.serverless(w) {
		return k.kubernetes.start(b, w)
	}
	return []string{"kubectl apply -f knative/" + w.Name + ".yaml", "kubectl wait --for=condition=Ready ksvc/" + w.Name + " --timeout=5m"}
}

func (k knative) rest(b *book) []string {
	return []string{"kubectl apply -k knative   # the rest, and the proof that all of it is there", "kubectl get ksvc,pods"}
}

func (k knative) check(b *book, w workload) []string {
	if !b.serverless(w) {
		return k.kubernetes.check(b, w)
	}
	path := "/"
	for _, p := range w.Ports {
		number, _, _ := strings.Cut(p.Number, "/")
		if at, ok := probePath(w, number); ok {
			path = at
		}
	}
	return []string{"kubectl run check-" + w.Name + " --rm -i --restart=Never --image=curlimages/curl -- -fsS -o /dev/null -w '%{http_code}\\n' http://" + w.Name + path + "   # from inside: it may be visible there alone"}
}

func (k knative) stop(b *book, w workload) []string {
	if !b.serverless(w) {
		return k.kubernetes.stop(b, w)
	}
	return []string{"kubectl delete ksvc/" + w.Name}
}
