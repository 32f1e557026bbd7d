package lambda

import (
	"path"

	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/deploy"
)

// volumes lists the volumes that become file systems of EFS.
func (s *step) volumes() map[string]bool {
	out := map[string]bool{}
	for _, w := range s.src.Workloads {
		if s.fits[w.Name] {
			for _, v := range pod.Volumes(w) {
				out[v] = true
			}
		}
	}
	return out
}

// lowerMounts leaves /tmp, and the volumes where a function can have them.
func (s *step) lowerMounts(o pod.Workload) {
	kept := o.W.Mounts[:0]
	for _, m := range o.W.Mounts {
		place := o.From.Join("mounts", m.Path)
		at := func(leaf string) []string { return []string{"mounts", m.Path, leaf} }
		if m.Volume.IsSet() && m.Kind.Or(deploy.MountVolume) == deploy.MountVolume {
			to := efs(m.Volume.Or("").Name())
			o.L.Move(place, o.To.Join("mounts", to))
			m.Path = to
			if !m.Kind.IsSet() {
				m.Kind = deploy.Some(deploy.MountVolume)
				o.L.Assume(o.To.Join("mounts", to, "kind"), string(deploy.MountVolume), "that is what its settings speak of")
			}
			drop := func(leaf string, set bool, reason string) {
				if set {
					o.L.Idle(place.Join(leaf), reason)
				}
			}
			drop("size", m.Size.IsSet(), "the mount is of another kind")
			drop("host", m.Host.IsSet(), "the mount is of another kind")
			if m.ReadOnly.Is(true) {
				o.L.Drop(place.Join("readOnly"), "a function may write to its file system", "let the rights of the access point, or of the function, say that it may not (no elasticfilesystem:ClientWrite)")
			} else {
				drop("readOnly", m.ReadOnly.IsSet(), "a function may write to its file system")
			}
			drop("mode", m.Mode.IsSet(), "an access point of EFS says whose its files are")
			m = deploy.Mount{Path: m.Path, Kind: m.Kind, Volume: m.Volume}
			kept = append(kept, m)
			continue
		}
		if path.Clean(m.Path) != "/tmp" {
			if path.Clean(m.Path) == "/var/tmp" {
				o.L.Drop(place, "a function may write to /tmp alone", "let the program take its temporary files to /tmp (TMPDIR)")
			} else {
				o.L.Idle(place, "it is in /tmp, which is there: the program makes the directory")
			}
			continue
		}
		pod.Default(o, &m.Kind, deploy.MountTmpfs, "that is what its settings speak of", at("kind")...)
		pod.Idle(o, &m.Volume, "the mount is of another kind", at("volume")...)
		pod.Idle(o, &m.Host, "the mount is of another kind", at("host")...)
		pod.Drop(o, &m.ReadOnly, "/tmp of a function can be written", "let the program not write there", at("readOnly")...)
		pod.Default(o, &m.Size, minScratch, "Lambda's own default", at("size")...)
		pod.Approximate(o, &m.Size, mib(m.Size.Or(0), minScratch, maxScratch), "/tmp of a function has 512 to 10240 MiB, on a disk of its own", "keep a program that needs more on Kubernetes", at("size")...)
		kept = append(kept, m)
	}
	o.W.Mounts = kept
}
