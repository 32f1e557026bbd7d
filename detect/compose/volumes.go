package compose

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const anonymous = "an anonymous volume belongs to one container and is left behind with it"

// mount returns a new mount, or nil when there is one at this path already or the path is no good.
func (s *svc) mount(n yamldoc.Node, p string, kind deploy.MountKind) *deploy.Mount {
	if !path.IsAbs(p) {
		s.bad(n, wrongf("write an absolute path in the container", "the path %q is relative", p))
		return nil
	}
	p = path.Clean(p)
	for _, m := range s.w.Mounts {
		if m.Path == p {
			s.bad(n, wrongf("mount one thing at one path", "something is mounted at %s already", p))
			return nil
		}
	}
	s.w.Mounts = append(s.w.Mounts, deploy.Mount{Path: p, Kind: deploy.Some(kind)})
	return &s.w.Mounts[len(s.w.Mounts)-1]
}

// writable sets what holds for a mount that does not say whether it is read-only.
func (s *svc) writable(m *deploy.Mount) {
	if !m.ReadOnly.IsSet() {
		m.ReadOnly = deploy.Some(false)
		s.implied("services.volumes", "services."+s.name+": read_only of "+m.Path, "false", s.at.Join("mounts", m.Path, "readOnly"))
	}
}

// refer makes the mount one of the volume.
func (s *svc) refer(n yamldoc.Node, m *deploy.Mount, volume string) deploy.Path {
	if !s.volumes[volume] {
		s.rec.Find(ledger.Error, n.Pos(), n.Path+": the volume "+strconv.Quote(volume)+" is not declared", "add it under volumes: at the top level")
	}
	ref := deploy.At("volumes", volume)
	m.Volume = deploy.Some(deploy.Ref(ref))
	s.volume(volume)
	s.part(n, ref)
	return s.at.Join("mounts", m.Path, "volume")
}

// volume makes the volume known to the App.
func (r *reader) volume(name string) {
	for _, v := range r.rec.App.Volumes {
		if v.Name == name {
			return
		}
	}
	r.rec.App.Volumes = append(r.rec.App.Volumes, deploy.Volume{Name: name})
}

func isHostPath(p string) bool {
	return strings.HasPrefix(p, "/") || strings.HasPrefix(p, ".") || strings.HasPrefix(p, "~")
}

// hostPath is the path as the model has it: "./" in front of what is relative to the compose file.
func hostPath(p string) string {
	c := path.Clean(p)
	switch {
	case strings.HasPrefix(p, "/") || c == "." || c == ".." || strings.HasPrefix(c, "../"):
		return c
	case strings.HasPrefix(p, "."):
		return "./" + c
	}
	return p
}

func (s *svc) mounts(n yamldoc.Node) {
	s.rec.Place(s.at.Join("mounts"), n.KeyPos())
	s.bothSyntaxes(n, "volumes of a service are a list", s.longMount, s.shortMount)
}

// shortMount reads [SOURCE:]TARGET[:OPTIONS].
func (s *svc) shortMount(n yamldoc.Node, text string) {
	parts := strings.Split(text, ":")
	switch {
	case text == "" || len(parts) > 3 || len(parts) > 1 && (parts[0] == "" || parts[1] == ""):
		s.bad(n, wrongf("write SOURCE:TARGET or SOURCE:TARGET:ro", "%q is no volume", text))
		return
	case len(parts) == 1:
		s.lose(n, anonymous, "give it a name: data:"+text)
		return
	}
	source, target := parts[0], parts[1]
	kind := deploy.MountVolume
	if isHostPath(source) {
		kind = deploy.MountHost
	}
	m := s.mount(n, target, kind)
	if m == nil {
		return
	}
	at := s.at.Join("mounts", m.Path)
	fields := []deploy.Path{at.Join("kind")}
	if kind == deploy.MountHost {
		m.Host = deploy.Some(hostPath(source))
		fields = append(fields, at.Join("host"))
	} else {
		fields = append(fields, s.refer(n, m, source))
	}
	var ignored []string
	if len(parts) == 3 {
		for _, o := range strings.Split(parts[2], ",") {
			switch o {
			case "ro", "rw":
				m.ReadOnly = deploy.Some(o == "ro")
			case "", "cached", "delegated", "consistent":
			default:
				ignored = append(ignored, o)
			}
		}
		if m.ReadOnly.IsSet() {
			fields = append(fields, at.Join("readOnly"))
		}
	}
	switch {
	case len(ignored) > 0:
		s.almost(n, "the option "+strings.Join(ignored, ", ")+" of the mount is not carried", "set it by hand where the target has it", fields...)
	case strings.HasPrefix(source, "~"):
		s.almost(n, "~ is the home directory of whoever starts compose", "write the directory's path", fields...)
	default:
		s.give(n, fields...)
	}
	s.writable(m)
}

var mountKinds = map[string]deploy.MountKind{"volume": deploy.MountVolume, "bind": deploy.MountHost, "tmpfs": deploy.MountTmpfs}

// longMount reads {type, source, target, read_only, ...}.
func (s *svc) longMount(n yamldoc.Node) {
	text := map[string]string{}
	for _, k := range []string{"type", "source", "target"} {
		if c := n.Get(k); c.Exists() && !c.IsNull() {
			t, ok := s.text(c)
			if !ok {
				s.orphans(n, "another part of the mount is not known")
				return
			}
			text[k] = t
		}
	}
	kind, ok := mountKinds[text["type"]]
	switch {
	case slices.Contains([]string{"image", "cluster", "npipe"}, text["type"]):
		s.lose(n, "a mount of type "+text["type"]+" is of Docker alone", "copy the content into the image, or into a volume")
		return
	case !ok:
		s.bad(n, wrongf("use volume, bind or tmpfs", "unknown type of mount %q", text["type"]))
		return
	case text["target"] == "" || kind == deploy.MountHost && text["source"] == "":
		s.bad(n, wrongf("write type, source and target", "a mount without its paths"))
		return
	case kind == deploy.MountVolume && text["source"] == "":
		s.lose(n, anonymous, "write source: NAME")
		return
	}
	m := s.mount(n, text["target"], kind)
	if m == nil {
		return
	}
	at := s.at.Join("mounts", m.Path)
	s.give(n.Get("type"), at.Join("kind"))
	s.part(n.Get("target"), at)
	if src := n.Get("source"); text["source"] != "" {
		switch kind {
		case deploy.MountHost:
			m.Host = deploy.Some(hostPath(text["source"]))
			s.give(src, at.Join("host"))
		case deploy.MountVolume:
			s.give(src, s.refer(src, m, text["source"]))
		default:
			s.inert(src, "a tmpfs has no source")
		}
	}
	for _, e := range n.Entries() {
		switch e.Key {
		case "type", "source", "target":
		case "read_only":
			if v, ok := s.truth(e.Value); ok {
				m.ReadOnly = deploy.Some(v)
				s.give(e.Value, at.Join("readOnly"))
			}
		case "consistency":
			s.inert(e.Value, "it has no effect on Linux")
		case "bind", "volume", "tmpfs":
			if e.Key == string(kind) || e.Key == "bind" && kind == deploy.MountHost {
				s.mountOptions(e.Value, m, e.Key)
			} else {
				s.inert(e.Value, "it belongs to mounts of another type")
			}
		default:
			s.unknown(e, "volumes", []string{"type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"})
		}
	}
	s.orphans(n, "it adds nothing to the mount")
	s.writable(m)
}

func (s *svc) mountOptions(n yamldoc.Node, m *deploy.Mount, section string) {
	if !n.IsMap() {
		s.bad(n, wrongf("", "a mapping is wanted here"))
		return
	}
	at := s.at.Join("mounts", m.Path)
	for _, e := range n.Entries() {
		switch key := section + "." + e.Key; key {
		case "tmpfs.size":
			if v, ok := s.bytes(e.Value); ok {
				m.Size = deploy.Some(v)
				s.give(e.Value, at.Join("size"))
			}
		case "tmpfs.mode":
			if v, ok := s.mode(e.Value); ok {
				m.Mode = deploy.Some(v)
				s.give(e.Value, at.Join("mode"))
			}
		case "bind.create_host_path":
			s.inert(e.Value, "whether docker makes the missing directory shows at the first start alone")
		case "bind.propagation", "bind.selinux", "bind.recursive":
			s.drop(e.Value, "how mounts below it spread, and their labels, are set by the target's own machine", "set mountPropagation or the labels by hand")
		case "volume.nocopy":
			s.drop(e.Value, "outside of Docker a volume is never filled from the image", "")
		case "volume.subpath":
			s.lose(e.Value, "the workload sees the whole volume, not its directory", "make the directory a volume of its own")
		case "volume.labels":
			s.inert(e.Value, "labels of a volume carry no behaviour")
		default:
			s.unknown(e, "volumes."+section, []string{"size", "mode", "create_host_path", "propagation", "selinux", "recursive", "nocopy", "subpath", "labels"})
		}
	}
	if n.IsLeaf() {
		s.inert(n, emptyReason)
	}
}

// mode reads permission bits: a number as YAML has it (0750, 0o750, 488) or octal digits in a text.
func (r *reader) mode(n yamldoc.Node) (deploy.Mode, bool) {
	t, ok := r.text(n)
	if !ok {
		return 0, false
	}
	base := 0
	if n.Tag() == "!!str" {
		base, t = 8, strings.TrimPrefix(t, "0o")
	}
	v, err := strconv.ParseUint(t, base, 32)
	if err != nil || v > 0o7777 {
		r.bad(n, wrongf("write octal digits: 0750", "%q is no set of permission bits", t))
		return 0, false
	}
	return deploy.Mode(v), true
}

// tmpfs reads the short syntax: PATH[:OPTIONS].
func (s *svc) tmpfs(n yamldoc.Node) {
	s.list(n, func(c yamldoc.Node, t string) {
		p, options, _ := strings.Cut(t, ":")
		m := s.mount(c, p, deploy.MountTmpfs)
		if m == nil {
			return
		}
		at := s.at.Join("mounts", m.Path)
		fields := []deploy.Path{at.Join("kind")}
		var ignored []string
		for _, o := range strings.Split(options, ",") {
			k, v, _ := strings.Cut(o, "=")
			size, w := byteSize(v)
			mode, err := strconv.ParseUint(v, 8, 32)
			switch {
			case o == "" || o == "rw" && m.ReadOnly.IsSet() || m.Size.IsSet() && k == "size" || m.Mode.IsSet() && k == "mode":
			case k == "size" && w == nil:
				m.Size, fields = deploy.Some(size), append(fields, at.Join("size"))
			case k == "mode" && err == nil && mode <= 0o7777:
				m.Mode, fields = deploy.Some(deploy.Mode(mode)), append(fields, at.Join("mode"))
			case o == "rw" || o == "ro":
				if !m.ReadOnly.IsSet() {
					fields = append(fields, at.Join("readOnly"))
				}
				m.ReadOnly = deploy.Some(o == "ro")
			default:
				ignored = append(ignored, o)
			}
		}
		if len(ignored) > 0 {
			s.almost(c, "the option "+strings.Join(ignored, ", ")+" of the tmpfs is not carried", "set it by hand where the target has it", fields...)
		} else {
			s.give(c, fields...)
		}
		s.writable(m)
	})
}

// topVolumes reads the volumes that the file declares.
func (r *reader) topVolumes(n yamldoc.Node) {
	if !n.IsMap() {
		r.bad(n, wrongf("write NAME: {}", "volumes are a mapping"))
		return
	}
	for _, e := range n.Entries() {
		at := deploy.At("volumes", e.Key)
		r.rec.Place(at, e.Value.KeyPos())
		r.volume(e.Key)
		if e.Value.IsLeaf() {
			if e.Value.IsNull() || e.Value.IsMap() {
				r.part(e.Value, at)
			} else {
				r.bad(e.Value, wrongf("write {}", "a volume is a mapping"))
				r.part(e.Value, at)
			}
			continue
		}
		r.part(firstLeaf(e.Value), at) // its presence
		if !e.Value.IsMap() {
			r.bad(e.Value, wrongf("write {}", "a volume is a mapping"))
			continue
		}
		for _, o := range e.Value.Entries() {
			switch o.Key {
			case "name":
				r.drop(o.Value, "the target names volumes by itself", "copy the data of this volume into the new one")
			case "external":
				r.drop(o.Value, "the volume was made outside of compose; the target makes its own", "copy its data, or bind the claim to it")
			case "driver":
				if o.Value.Str() == "local" {
					r.inert(o.Value, "the driver that docker has anyway")
				} else {
					r.lose(o.Value, "a volume driver is of Docker alone", "choose a storage class that does the same")
				}
			case "driver_opts":
				r.lose(o.Value, "options of a volume driver are of Docker alone", "choose a storage class that does the same")
			case "labels":
				r.inert(o.Value, "labels of a volume carry no behaviour")
			default:
				if strings.HasPrefix(o.Key, "x-") {
					r.inert(o.Value, extensionReason)
				} else {
					r.unknown(o, "volumes.*", []string{"name", "external", "driver", "driver_opts", "labels"})
				}
			}
		}
	}
}

func firstLeaf(n yamldoc.Node) yamldoc.Node {
	for !n.IsLeaf() {
		if n.IsMap() {
			es := n.Entries()
			if len(es) == 0 {
				break
			}
			n = es[0].Value
		} else {
			n = n.Items()[0]
		}
	}
	return n
}
