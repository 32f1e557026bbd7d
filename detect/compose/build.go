package compose

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// here is the directory in which compose is started, which is the compose file's.
var here = lazyregexp.New(`^(\$PWD|\$\{PWD(:?[-?][^}]*)?\})(/|$)`)

// filePath reads a path; one that begins with $PWD is relative to the compose file.
func (r *reader) filePath(n yamldoc.Node) (p string, fromHere, ok bool) {
	raw := n.Str()
	if m := here.FindString(raw); m != "" && !strings.Contains(raw[len(m):], "$") {
		r.rec.Show(n.Setting())
		return "./" + raw[len(m):], true, true
	}
	p, ok = r.text(n)
	return p, false, ok
}

// cleanDir is a directory relative to the compose file, "." for its own.
func cleanDir(p string) string { return path.Clean(strings.TrimPrefix(p, "./")) }

func (s *svc) buildContext(n yamldoc.Node) {
	t, _, ok := s.filePath(n)
	if !ok {
		return
	}
	if isRemote(t) {
		s.lose(n, "the source lies in another repository", "check it out beside this one")
		return
	}
	s.w.Build.Context = deploy.Some(cleanDir(t))
	s.give(n, s.at.Join("build", "context"))
}

func isRemote(context string) bool {
	return strings.Contains(context, "://") || strings.HasPrefix(context, "git@") || strings.HasPrefix(context, "github.com/")
}

// buildFile runs after the context.
func (s *svc) buildFile(n yamldoc.Node) {
	t, fromHere, ok := s.filePath(n)
	if !ok {
		return
	}
	context := s.w.Build.Context.Or(".")
	file := s.recipe(context, t, fromHere)
	s.w.Build.File = deploy.Some(file)
	fields := []deploy.Path{s.at.Join("build", "file")}
	if back, ok := strings.CutSuffix(cleanDir(t), "/"+file); ok && (context == ".." || strings.HasPrefix(context, "../")) {
		s.w.Build.Back = deploy.Some(back)
		fields = append(fields, s.at.Join("build", "back"))
	}
	s.give(n, fields...)
}

// recipe is the Dockerfile's path relative to the compose file: dockerfile is relative to the context. Compose build specification, "dockerfile".
func (r *reader) recipe(context, dockerfile string, fromHere bool) string {
	p := cleanDir(dockerfile)
	if !fromHere && !path.IsAbs(p) {
		p = path.Join(context, p)
	}
	if q, ok := r.inTree(p); ok && (strings.HasPrefix(p, "../") || path.IsAbs(p)) {
		if d := r.dir(); d == "." {
			return q
		} else if rest, ok := strings.CutPrefix(q, d+"/"); ok {
			return rest
		}
	}
	return p
}

func (s *svc) buildInline(n yamldoc.Node) {
	s.lose(n, "a Dockerfile inside compose.yaml is not read", "put it into a file of its own")
}

// buildArgs: the reader of the Dockerfile gets them from Expand.
func (s *svc) buildArgs(n yamldoc.Node) {
	each := func(c yamldoc.Node, name, value string, set bool) {
		e, err := interpolate(value, unknownVariable)
		switch {
		case err != nil:
			s.bad(c, wrongf(`write $$ for a "$" that is meant as such`, "%s", err.Error()))
		case !set || len(e.unknown) > 0:
			s.drop(c, "its value is taken from where compose is started; the Dockerfile's own default is read", "write the value")
		case secret.Looks(name, e.text):
			s.lose(c, "a secret among the build's arguments ends in the image's history", "use build.secrets and RUN --mount=type=secret")
		default:
			s.inert(c, "it is read into the Dockerfile's ARG "+name)
		}
	}
	for _, e := range n.Entries() {
		if e.Value.IsScalar() {
			each(e.Value, e.Key, canonical(s.reader, e.Value), !e.Value.IsNull())
		} else {
			s.bad(e.Value, wrongf("", "the value of an argument is one text"))
		}
	}
	for _, c := range n.Items() {
		if c.IsScalar() {
			name, value, set := strings.Cut(c.Str(), "=")
			each(c, name, value, set)
		} else {
			s.bad(c, wrongf("write NAME=VALUE", "an argument is one text"))
		}
	}
	if n.IsScalar() {
		s.bad(n, wrongf("write NAME: VALUE", "arguments are a mapping or a list"))
	}
}

// settleBuild sets what a build does not say. A service with neither image nor build cannot run.
func (s *svc) settleBuild() {
	b := s.node.Get("build")
	if !b.Exists() || b.IsNull() || isRemote(b.Get("context").Str()) || isRemote(b.Str()) {
		return
	}
	at := s.at.Join("build")
	key := "services." + s.name + ".build."
	if !s.w.Build.Context.IsSet() && !b.Get("context").Exists() {
		s.w.Build.Context = deploy.Some(".")
		s.implied("build.context", key+"context", ".", at.Join("context"))
	}
	if !s.w.Build.Context.IsSet() {
		return // it is not known, and so the Dockerfile is not
	}
	if !s.w.Build.File.IsSet() && !b.Get("dockerfile").Exists() && !b.Get("dockerfile_inline").Exists() {
		s.w.Build.File = deploy.Some(s.recipe(s.w.Build.Context.Or("."), "Dockerfile", false))
		s.implied("build.dockerfile", key+"dockerfile", "Dockerfile", at.Join("file"))
	}
	file := s.w.Build.File.Or("")
	if _, ok := s.inTree(file); file != "" && !ok {
		s.rec.Find(ledger.Warning, b.KeyPos(), b.Path+": "+file+" is not in the tree: how the image is built is not known", "add the Dockerfile, or name an image")
	}
}
