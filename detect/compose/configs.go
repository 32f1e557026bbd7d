package compose

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// configFile is a file of the top level's configs that a service has read.
type configFile struct {
	text    string
	setting int // of the text
}

// files reads the configuration files of a service: in the short syntax, a name, they stand in the root.
func (s *svc) files(n yamldoc.Node) {
	s.bothSyntaxes(n, "configs of a service are a list", func(n yamldoc.Node) {
		name, ok := s.text(n.Get("source"))
		target := "/" + name
		if t := n.Get("target"); ok && t.Exists() {
			target, ok = s.text(t)
		}
		if !ok {
			s.orphans(n, "another part of the file is not known")
			return
		}
		s.putFile(n, name, target)
		for _, e := range n.Entries() {
			switch e.Key {
			case "source", "target":
			case "uid", "gid", "mode":
				s.drop(e.Value, "a file that compose mounts keeps the owner and the mode that it has", "chmod the file beside compose.yaml")
			default:
				s.unknown(e, "configs", []string{"source", "target", "uid", "gid", "mode"})
			}
		}
	}, func(n yamldoc.Node, name string) { s.putFile(n, name, "/"+name) })
}

// putFile puts the config of a name at a path.
func (s *svc) putFile(n yamldoc.Node, name, target string) {
	claim := func(fields ...deploy.Path) {
		if n.IsScalar() {
			s.part(n, fields...)
			return
		}
		for _, k := range []string{"source", "target"} {
			if c := n.Get(k); c.Exists() {
				s.part(c, fields...)
			}
		}
	}
	lose := func(reason, remedy string) {
		s.rec.Find(ledger.Warning, n.Pos(), n.Path+" dropped: "+reason, remedy)
		s.drop(n, reason, remedy)
	}
	switch {
	case !s.root.Get("configs", name).Exists():
		s.bad(n, wrongf("add it under configs: at the top level", "the config %q is not declared", name))
		return
	case !path.IsAbs(target):
		target = "/" + target
	}
	target = path.Clean(target)
	if slices.ContainsFunc(s.w.Files, func(f deploy.File) bool { return f.Path == target }) {
		s.bad(n, wrongf("put one file at one path", "a file is put at %s already", target))
		return
	}
	c, reason, remedy := s.config(name)
	if reason != "" {
		lose(reason, remedy)
		return
	}
	s.w.Files = append(s.w.Files, deploy.File{Path: target, Content: deploy.Some(c.text)})
	at := s.at.Join("files", target)
	claim(at)
	s.rec.Convert(c.setting, at.Join("content"))
}

// config reads the text of a config: of a file, or written out.
func (r *reader) config(name string) (c configFile, reason, remedy string) {
	if c, ok := r.configs[name]; ok {
		return c, "", ""
	}
	n := r.root.Get("configs", name)
	if inline := n.Get("content"); inline.Exists() {
		text, ok := r.text(inline)
		if !ok {
			return c, "its text is not known", ""
		}
		c = configFile{text, inline.Setting()}
		r.configs[name] = c
		return c, "", ""
	}
	file := n.Get("file")
	if !file.Exists() {
		return c, "the config comes from outside of the files", "write it into a file: configs: {" + name + ": {file: ./" + name + "}}"
	}
	p, ok := r.text(file)
	if !ok {
		return c, "which file it is, is not known", ""
	}
	at, ok := r.inTree(p)
	src, err := fs.ReadFile(r.tree.FS, at)
	switch {
	case !ok || err != nil:
		return c, "the file " + p + " is not in the tree", "add it"
	case !utf8.Valid(src):
		return c, "the file " + p + " is no text", "put it into the image"
	}
	c = configFile{string(src), r.rec.Setting(ledger.Pos{File: at, Line: 1}, "content of "+path.Base(at), deploy.Secret(string(src)))}
	if !secret.Holds(c.text) {
		r.rec.Show(c.setting)
	}
	r.configs[name] = c
	return c, "", ""
}

// topConfigs accounts for the declarations of configs: what services read of them is said there.
func (r *reader) topConfigs(n yamldoc.Node) {
	if !n.IsMap() {
		r.bad(n, wrongf("write NAME: {file: ./FILE}", "configs are a mapping"))
		return
	}
	if n.IsLeaf() {
		r.inert(n, emptyReason)
	}
	for _, e := range n.Entries() {
		if !e.Value.IsMap() || e.Value.IsLeaf() {
			r.bad(e.Value, wrongf("write {file: ./FILE}", "a config is a mapping"))
			continue
		}
		for _, o := range e.Value.Entries() {
			switch {
			case o.Key == "file" || o.Key == "content":
				if !r.rec.Accounted(o.Value.Setting()) {
					r.inert(o.Value, "the services say where the file is put")
				}
			case o.Key == "name" || o.Key == "external" || o.Key == "environment":
				r.drop(o.Value, "what stands outside of the files is not known here", "write it into a file")
			case strings.HasPrefix(o.Key, "x-"):
				r.inert(o.Value, extensionReason)
			default:
				r.unknown(o, "configs.*", []string{"file", "content", "name", "external", "environment"})
			}
		}
	}
}
