// Package container2k8s moves containers to Kubernetes: a Kustomize base with a folder for each workload.
//
// Everything that the source leaves open is settled in Lower, as an assumption, so that what is written says all of it: a pod in which nothing is left to a default that the next platform has otherwise.
package container2k8s

import (
	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// Target is the step to Kubernetes.
var Target = convert.Target{
	Name:  "kubernetes",
	Doc:   "Kubernetes objects in a Kustomize base",
	Lower: Lower,
	Write: Write,
	Drops: drops,
}

// step is one run of Lower.
type step struct {
	*pod.Step
	src    deploy.App
	params pod.Parameters
}

// Lower changes a model of containers to one that Kubernetes can hold.
func Lower(src deploy.App) (deploy.App, ledger.Lowering, []convert.Notice) {
	s := &step{Step: pod.NewStep(src), src: src}
	s.rename()
	s.followRoutes()
	s.system()
	for i := range s.App.Workloads {
		o := s.Workload(i)
		lowerKind(o)
		pod.LowerCommand(o)
		lowerImage(o)
		pod.LowerEnv(o, s.params)
		lowerTasks(o)
		lowerPorts(o)
		pod.LowerProbes(o)
		lowerStart(o)
		pod.LowerUser(o)
		s.lowerMounts(o)
		lowerStop(o, deploy.Has(src, o.From.Join("build")))
		pod.LowerResources(o)
		pod.LowerSecurity(o)
	}
	s.lowerRoutes()
	s.lowerNeeds()
	s.lowerVolumes()
	s.notices()
	s.policyNotices()
	convert.Apply(drops, &s.App, &s.L, s.Source)
	deploy.Sort(&s.App)
	return s.App, s.L, s.Notices
}
