package container2k8s

import (
	"maps"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// notices tells what the user has to do before kubectl apply: create what is supplied from outside.
func (s *step) notices() {
	keys := map[string]map[string]bool{} // object → keys
	at := map[string]deploy.Path{}
	secret := map[string]bool{}
	var local []string // images that are built here and belong to no registry
	for i := range s.App.Workloads {
		o := s.Workload(i)
		if image := o.W.Image.Or(""); !hasRegistry(image) && deploy.Has(s.src, o.From.Join("build")) && !slices.Contains(local, image) {
			local = append(local, image)
		}
		for _, e := range o.W.Env {
			object, key, ok := strings.Cut(e.Value.Param(), "/")
			if !ok {
				continue
			}
			if keys[object] == nil {
				keys[object] = map[string]bool{}
				at[object] = o.From.Join("env", e.Name)
			}
			keys[object][key] = true
			secret[object] = secret[object] || e.Value.IsSecret()
		}
		if k := o.W.Kind.Or(""); k == deploy.Job {
			o.Notice(ledger.Info, "a Job cannot be changed once it is there", "kubectl delete job "+o.W.Name+" before a new version is applied", "kind")
		}
	}
	for _, v := range s.App.Volumes {
		if origin, ok := v.Origin.Get(); ok {
			s.Notice(ledger.Warning, s.Source(deploy.At("volumes", v.Name)), "the claim of volume "+v.Name+" is empty at first: the data is in "+origin, "copy it once, before the switch, with the commands of "+convert.Runbook)
		}
	}
	var served []string
	for _, w := range s.App.Workloads {
		if w.Kind.Is(deploy.Service) && len(w.Stopping) == 0 && slices.ContainsFunc(w.Ports, func(p deploy.Port) bool { return p.Reachable.Is(true) }) {
			served = append(served, w.Name)
		}
	}
	if len(served) > 0 {
		s.Notice(ledger.Info, "", "a pod that stops gets requests for a moment longer, until all nodes know: "+strings.Join(served, ", ")+" would refuse them at each rollout if they stop listening at once",
			"let the program answer for some seconds after the stop signal, or add lifecycle.preStop with sleep (5 seconds) to the container")
		s.Notices[len(s.Notices)-1].Here = true
	}
	if len(local) > 0 {
		s.Notice(ledger.Info, "", "no registry in the image names "+strings.Join(local, ", ")+": kind and minikube take them from this machine, a real cluster cannot",
			"load them (kind load docker-image, minikube image load), or push them and write the registry in "+overlay+"/kustomization.yaml")
	}
	for _, object := range slices.Sorted(maps.Keys(keys)) {
		names := slices.Sorted(maps.Keys(keys[object]))
		what := "is not among the files, and the pods do not start without it: it needs the keys " + strings.Join(names, ", ")
		if secret[object] {
			s.Notice(ledger.Info, at[object], "the Secret "+object+" "+what, "kubectl create secret generic "+object+" --from-env-file=…, as "+convert.Runbook+" says: from where the values are today")
			continue
		}
		remedy := "kubectl create configmap " + object
		for _, name := range names {
			remedy += " --from-literal=" + name + "=…"
		}
		s.Notice(ledger.Info, at[object], "the ConfigMap "+object+" "+what, remedy)
	}
}
