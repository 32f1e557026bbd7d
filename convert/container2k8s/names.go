package container2k8s

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// claimsDir is the folder of the claims beside those of the workloads, so no workload may be called so.
const claimsDir = "volumes"

// rename gives workloads and volumes names that Kubernetes accepts, and lets the mounts follow.
func (s *step) rename() {
	var ws, vs []string
	for _, w := range s.App.Workloads {
		ws = append(ws, w.Name)
		for _, m := range w.Mounts {
			if ref, ok := m.Volume.Get(); ok && strings.HasPrefix(string(ref), "volumes.") {
				vs = append(vs, ref.Name()) // also one that the system does not list
			}
		}
	}
	for _, v := range s.App.Volumes {
		vs = append(vs, v.Name)
	}
	workload, volume := names.Labels(ws, claimsDir), names.Labels(vs)
	for i := range s.App.Volumes {
		v := &s.App.Volumes[i]
		if to := volume[v.Name]; to != v.Name {
			s.Rename(deploy.At("volumes", v.Name), deploy.At("volumes", to))
			v.Name = to
		}
	}
	for i := range s.App.Workloads {
		w := &s.App.Workloads[i]
		for k := range w.Mounts {
			m := &w.Mounts[k]
			if ref, ok := m.Volume.Get(); ok && strings.HasPrefix(string(ref), "volumes.") {
				to := deploy.Ref(deploy.At("volumes", volume[ref.Name()]))
				if listed := deploy.Has(s.src, deploy.Path(ref)); !listed && to != ref {
					s.L.Convert(deploy.At("workloads", w.Name, "mounts", m.Path, "volume"), "a claim needs a DNS label", deploy.At("workloads", workload[w.Name], "mounts", m.Path, "volume"))
				}
				m.Volume = deploy.Some(to)
			}
		}
		for k := range w.Needs {
			if to, ok := workload[w.Needs[k].Workload]; ok {
				w.Needs[k].Workload = to // it follows the move of the workload
			}
		}
		if to := workload[w.Name]; to != w.Name {
			s.Rename(deploy.At("workloads", w.Name), deploy.At("workloads", to))
			s.warnOfOldName(w.Name, to)
			w.Name = to
		}
	}
}

// warnOfOldName finds settings that still address a workload by the name that it had.
func (s *step) warnOfOldName(old, name string) {
	for _, w := range s.src.Workloads {
		for _, e := range w.Env {
			if text, ok := e.Value.Reveal(); ok && pod.Mentions(text, old) {
				s.Notice(ledger.Warning, deploy.At("workloads", w.Name, "env", e.Name), "addresses "+old+", which is called "+name+" here", "write "+name+" in its place")
			}
		}
	}
}

// system settles the system's name, which labels all objects, and the names of what is supplied from outside.
func (s *step) system() {
	if len(s.App.Workloads) == 0 && len(s.App.Volumes) == 0 {
		if s.App.Name.IsSet() {
			s.App.Name = deploy.Opt[string]{}
			s.L.Drop("name", "there is no object that could carry it", "add a workload")
		}
		return
	}
	switch name, ok := s.App.Name.Get(); {
	case !ok:
		s.App.Name = deploy.Some("app")
		s.L.Assume("name", "app", "the label app.kubernetes.io/part-of needs a name of the system")
	case names.Label(name) != name:
		s.App.Name = deploy.Some(names.Label(name))
		s.L.Convert("name", "the system's name is a label of all objects and part of names", "name")
	}
	app := s.App.Name.Or("")
	var taken []string
	for _, w := range s.App.Workloads {
		taken = append(taken, w.Name)
	}
	config := app + "-config"
	for slices.Contains(taken, config) { // a workload's ConfigMap is called like the workload
		config += "-values"
	}
	s.params = pod.CollectParameters(s.App, app+"-secrets", config)
}
