package pod

import "github.com/deploylift/lift/deploy"

// OwnClaims returns the names of the volumes that belong to one workload alone: a Service that is the only one to mount a volume of which one may write at a time. They become the claims of its
// StatefulSet; all others are claims of their own.
func OwnClaims(a deploy.App) map[string]string {
	mounters := map[string]map[string]bool{}
	owner := map[string]string{}
	for _, w := range a.Workloads {
		for _, name := range Volumes(w) {
			if mounters[name] == nil {
				mounters[name] = map[string]bool{}
			}
			mounters[name][w.Name] = true
			if w.Kind.Or(deploy.Service) == deploy.Service {
				owner[name] = w.Name
			}
		}
	}
	own := map[string]string{}
	for _, v := range a.Volumes {
		if w, ok := owner[v.Name]; ok && v.Access.Is(deploy.AccessOne) && len(mounters[v.Name]) == 1 {
			own[v.Name] = w
		}
	}
	return own
}

// Volumes lists the volumes that a workload mounts, each once, in the order of its mounts.
func Volumes(w deploy.Workload) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range w.Mounts {
		ref, ok := m.Volume.Get()
		if !ok || m.Kind.Or(deploy.MountVolume) != deploy.MountVolume || seen[ref.Name()] {
			continue
		}
		seen[ref.Name()] = true
		out = append(out, ref.Name())
	}
	return out
}
