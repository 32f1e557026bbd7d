package container2k8s

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// assumedSize is what a claim asks for when nobody said how much it needs.
const assumedSize deploy.Bytes = 1 << 30

// lowerMounts settles what each mount is, and who may write the claims.
func (s *step) lowerMounts(o pod.Workload) {
	kept := o.W.Mounts[:0]
	claims := false
	for _, m := range o.W.Mounts {
		at := func(leaf string) []string { return []string{"mounts", m.Path, leaf} }
		kind := deploy.MountTmpfs
		switch {
		case m.Volume.IsSet():
			kind = deploy.MountVolume
		case m.Host.IsSet():
			kind = deploy.MountHost
		}
		drop := func(why, remedy string) { o.L.Drop(o.From.Join("mounts", m.Path), why, remedy) }
		switch ref, _ := m.Volume.Get(); {
		case !strings.HasPrefix(m.Path, "/") || strings.Contains(m.Path, ":"):
			drop("Kubernetes mounts at absolute paths without a colon", "choose another path")
			continue
		case m.Kind.Is(deploy.MountVolume) && (!strings.HasPrefix(string(ref), "volumes.") || ref.Name() == ""):
			drop("the mount names no volume", "name a volume, or the data is lost with the pod")
			continue
		case m.Kind.Is(deploy.MountHost) && !strings.HasPrefix(m.Host.Or(""), "/"):
			drop("the mount names no path of the machine", "name the path")
			continue
		}
		pod.Default(o, &m.Kind, kind, "that is what its settings speak of", at("kind")...)
		pod.Default(o, &m.ReadOnly, false, "Kubernetes' own default", at("readOnly")...)
		if !m.Kind.Is(deploy.MountVolume) && m.Volume.IsSet() {
			pod.Idle(o, &m.Volume, "the mount is of another kind", at("volume")...)
		}
		if !m.Kind.Is(deploy.MountHost) {
			pod.Idle(o, &m.Host, "the mount is of another kind", at("host")...)
		}
		if !m.Kind.Is(deploy.MountTmpfs) {
			pod.Idle(o, &m.Size, "the size is that of what is mounted", at("size")...)
		}
		switch {
		case m.Kind.Is(deploy.MountVolume):
			claims = true
		case m.Kind.Is(deploy.MountHost):
			o.Notice(ledger.Warning, "mounts "+m.Host.Or("")+" of whatever node it runs on: a namespace with Pod Security level baseline or restricted refuses it, and another node has other files there",
				"put what it reads into a ConfigMap or the image, what it writes into a volume", "mounts", m.Path)
		}
		kept = append(kept, m)
	}
	o.W.Mounts = kept
	if u := &o.W.User; claims && !pod.IsRoot(o.W) {
		// a claim's file system belongs to root at first: without fsGroup the program could not write it
		pod.Default(o, &u.Volumes, u.GroupID.Or(u.ID.Or(0)), "a new claim belongs to root: this group may write it", "user", "volumes")
	}
}

// lowerVolumes settles size and access of the claims.
func (s *step) lowerVolumes() {
	type use struct {
		workloads []string
		several   bool // one workload alone runs several of itself
	}
	uses := map[string]*use{}
	for _, w := range s.App.Workloads {
		for _, name := range pod.Volumes(w) {
			if uses[name] == nil {
				uses[name] = &use{}
			}
			u := uses[name]
			u.workloads = append(u.workloads, w.Name)
			u.several = u.several || w.Scale.Replicas.Or(1) > 1 || w.Kind.Is(deploy.Agent)
			if !slices.ContainsFunc(s.App.Volumes, func(v deploy.Volume) bool { return v.Name == name }) {
				s.App.Volumes = append(s.App.Volumes, deploy.Volume{Name: name})
			}
		}
	}
	for i := range s.App.Volumes {
		v := &s.App.Volumes[i]
		to := deploy.At("volumes", v.Name)
		o := pod.Workload{Step: s.Step, From: s.Source(to), To: to} // a volume has places like a workload
		u := uses[v.Name]
		if u == nil {
			u = &use{}
		}
		pod.Default(o, &v.Size, assumedSize, "a claim asks for an amount, and nobody said how much is needed; lift.yaml pins it", "size")
		if u.several || len(u.workloads) > 1 {
			pod.Default(o, &v.Access, deploy.AccessMany, "several pods mount it: "+strings.Join(u.workloads, ", "), "access")
		} else {
			pod.Default(o, &v.Access, deploy.AccessOne, "one pod mounts it", "access")
		}
		if a := v.Access.Or(""); a != deploy.AccessOne && a != deploy.AccessMany {
			pod.Approximate(o, &v.Access, deploy.AccessOne, "a claim is written by one node or by many", "nothing to do while one node mounts it", "access")
		}
		switch {
		case v.Access.Is(deploy.AccessMany):
			o.Notice(ledger.Warning, "volume "+v.Name+" is shared: its storage class must offer ReadWriteMany (NFS, CephFS, the disks of most clouds do not)", "set a storage class that does, or let one workload own the data")
		case len(u.workloads) > 1:
			o.Notice(ledger.Warning, "volume "+v.Name+" is mounted by "+strings.Join(u.workloads, ", ")+", but written by one node at a time: they run only where all of them fit on one node", "set access to many, or let one workload own the data", "access")
		case u.several:
			o.Notice(ledger.Warning, "each of several pods of "+u.workloads[0]+" gets storage of its own, or waits for it", "run one, or set access to many", "access")
		}
	}
}
