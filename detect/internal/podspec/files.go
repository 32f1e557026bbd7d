package podspec

import (
	"path"
	"slices"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// files reads a mount of a ConfigMap: each of its keys, or of the items that the volume chooses, is a file; with subPath one of them is mounted by itself.
func (m *mount) files(v *podVolume) {
	nameAt := v.source.Get("name")
	config := m.Configs[Plain(nameAt)]
	give := func(reason, remedy string) {
		m.Rec.Find(ledger.Warning, v.node.Pos(), v.node.Path+", mounted at "+m.path+", dropped: "+reason, remedy)
		for _, n := range []yamldoc.Node{m.nameAt, m.pathAt, m.readOnly, m.nested} {
			if n.Exists() {
				m.Drop(n, reason, remedy)
			}
		}
	}
	if config == nil {
		reason, remedy := "ConfigMap "+Plain(nameAt)+" is not among the files: its files are not known", "add its manifest"
		if !v.used {
			v.used = true
			m.Drop(v.source, reason, remedy)
		}
		give(reason, remedy)
		return
	}
	if !v.used {
		v.used = true
		for _, s := range v.source.Settings() {
			m.Rec.Show(s)
			m.Rec.Inert(s, "it chooses the files that mounts put in place")
		}
	}
	chosen := map[string]string{} // path in the volume → key
	for _, e := range config.Entries {
		chosen[e.Key] = e.Key
	}
	if items := v.source.Get("items"); items.Exists() {
		clear(chosen)
		for _, i := range items.Items() {
			chosen[Plain(i.Get("path"))] = Plain(i.Get("key"))
		}
	}
	var fields []deploy.Path
	for _, e := range config.Entries {
		for _, p := range pathsOf(chosen, e.Key) {
			at := path.Join(m.path, p)
			if sub := m.nested.Str(); m.nested.Exists() {
				if path.Clean(sub) != p {
					continue
				}
				at = m.path
			}
			if slices.ContainsFunc(m.M.Files, func(f deploy.File) bool { return f.Path == at }) {
				continue // of two that are mounted at one place the first counts
			}
			m.M.Files = append(m.M.Files, deploy.File{Path: at, Content: deploy.Some(e.Value.Str())})
			field := m.At.Join("files", at)
			m.Rec.Convert(e.Value.Setting(), field.Join("content"))
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		give("no key of the ConfigMap is mounted there", "mend subPath or items")
		return
	}
	m.Rec.Part(m.pathAt.Setting(), fields...)
	m.Rec.Inert(m.nameAt.Setting(), "it joins the mount to its volume")
	for _, n := range []yamldoc.Node{m.readOnly, m.nested} {
		if n.Exists() {
			m.Rec.Show(n.Setting())
			m.Rec.Inert(n.Setting(), "files of a ConfigMap are read-only anyway, and each is mounted by itself")
		}
	}
}

// pathsOf lists, in order, where a key appears in the volume.
func pathsOf(chosen map[string]string, key string) []string {
	var out []string
	for p, k := range chosen {
		if k == key && p != "" {
			out = append(out, path.Clean(p))
		}
	}
	slices.Sort(out)
	return out
}
