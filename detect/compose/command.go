package compose

import (
	"path"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

// words reads a command: a list, or a text that is split. Where it fails it has accounted for every leaf.
func (r *reader) words(n yamldoc.Node) ([]string, bool) {
	if n.IsMap() {
		r.bad(n, wrongf("", "a command is a text or a list, not a mapping"))
		return nil, false
	}
	if n.IsSeq() {
		var out []string
		known := true
		for _, c := range n.Items() {
			t, ok := r.text(c)
			known = known && ok
			out = append(out, t)
		}
		if !known { // one word is missing: the others make no sense without it
			r.orphans(n, "another word of the command is not known")
		}
		return out, known
	}
	t, ok := r.text(n)
	if !ok {
		return nil, false
	}
	out, rest, ok := forms.SplitWords(t)
	if !ok {
		r.bad(n, wrongf("close the quotes, or write a list: [sh, -c, ...]", "a command line that compose refuses"))
		return nil, false
	}
	if rest != "" {
		r.rec.Find(ledger.Warning, n.Pos(), n.Path+`: compose ends the command before "`+rest[:1]+`"`, "write a list: [sh, -c, ...]")
	}
	return out, true
}

// orphans drops the leaves below that nothing was said of.
func (r *reader) orphans(n yamldoc.Node, reason string) {
	for _, i := range n.Settings() {
		if !r.rec.Accounted(i) {
			r.rec.Drop(i, reason, "")
		}
	}
}

// giveAll records that the leaves of a command together gave the fields.
func (r *reader) giveAll(n yamldoc.Node, fields ...deploy.Path) {
	if n.IsSeq() {
		for _, c := range n.Items() {
			r.part(c, fields...)
		}
		return
	}
	r.part(n, fields...)
}

func (s *svc) command(n yamldoc.Node) {
	words, ok := s.words(n)
	switch {
	case !ok:
	case len(words) == 0:
		s.inert(n, "empty: the image's own command is not used")
	default:
		c := forms.CommandOf(words)
		s.w.Command.Argv, s.w.Command.Shell = c.Argv, c.Shell
		s.giveAll(n, forms.CommandFields(c, s.at.Join("command"))...)
	}
}

func (s *svc) entrypoint(n yamldoc.Node) {
	words, ok := s.words(n)
	if !ok {
		return
	}
	s.imageOwn = false
	rest, group := forms.CutTini(words)
	var fields []deploy.Path
	if group {
		s.w.Stop.Scope = deploy.Some(deploy.StopGroup)
		fields = append(fields, s.at.Join("stop", "scope"))
	}
	if len(rest) > 0 {
		s.w.Command.Entrypoint = deploy.Args(rest...)
		fields = append(fields, s.at.Join("command", "entrypoint"))
	}
	if len(fields) == 0 {
		s.inert(n, "empty: the image's own entrypoint is not used")
		return
	}
	s.giveAll(n, fields...)
}

func (s *svc) workingDir(n yamldoc.Node) {
	t, ok := s.text(n)
	if !ok {
		return
	}
	if !path.IsAbs(t) {
		s.bad(n, wrongf("write an absolute path", "the working directory %q is relative", t))
		return
	}
	s.w.Dir = deploy.Some(path.Clean(t))
	s.give(n, s.at.Join("dir"))
}

func (s *svc) user(n yamldoc.Node) {
	t, ok := s.text(n)
	switch {
	case !ok:
		return
	case t == "":
		s.inert(n, "empty: the image's own user is used")
		return
	}
	u, names, ok := forms.UserOf(t)
	if !ok {
		s.bad(n, wrongf("write USER or USER:GROUP", "%q is no user", t))
		return
	}
	groups := s.w.User.Groups
	s.w.User = u
	s.w.User.Groups = groups
	var fields []deploy.Path
	for _, f := range names {
		fields = append(fields, s.at.Join("user", f))
	}
	s.give(n, fields...)
}

func (s *svc) groupAdd(n yamldoc.Node) {
	s.once(n, func(c yamldoc.Node, t string) {
		if _, err := strconv.ParseUint(t, 10, 32); err != nil {
			s.lose(c, "only the image knows the id of the group "+strconv.Quote(t), "write the group's number")
			return
		}
		s.w.User.Groups = append(s.w.User.Groups, t)
		s.part(c, s.at.Join("user", "groups"))
	})
}

// hooks reads post_start and pre_stop.
func (s *svc) hooks(field string, tasks *[]deploy.Task) func(n yamldoc.Node) {
	return func(n yamldoc.Node) {
		if !n.IsSeq() {
			s.bad(n, wrongf("", "a list of hooks is wanted here"))
			return
		}
		for _, c := range n.Items() {
			s.hook(c, field, tasks)
		}
	}
}

func (s *svc) hook(n yamldoc.Node, field string, tasks *[]deploy.Task) {
	if !n.IsMap() || !n.Get("command").Exists() {
		s.bad(n, wrongf("write {command: [...]}", "a hook without a command"))
		return
	}
	words, ok := s.words(n.Get("command"))
	if !ok || len(words) == 0 {
		if ok {
			s.bad(n.Get("command"), wrongf("write {command: [...]}", "a hook without a command"))
		}
		s.orphans(n, "the hook's command cannot be read")
		return
	}
	at := s.at.Join(field, strconv.Itoa(len(*tasks)))
	t := deploy.Task{Command: forms.CommandOf(words), MayFail: deploy.Some(false)}
	s.giveAll(n.Get("command"), forms.CommandFields(t.Command, at.Join("command"))...)
	for _, e := range n.Entries() {
		switch e.Key {
		case "command":
		case "user":
			text, ok := s.text(e.Value)
			if user, _, _ := strings.Cut(text, ":"); ok && (user == "root" || user == "0") {
				t.Privileged = deploy.Some(true)
				s.give(e.Value, at.Join("privileged"))
			} else if ok {
				s.lose(e.Value, "a hook runs as the workload's user or as root", "let the hook change the user itself")
			}
		case "privileged":
			s.drop(e.Value, "a hook has the privileges of its container", "set privileged for the service")
		case "working_dir":
			s.drop(e.Value, "a hook runs in the workload's directory", "write cd into the command")
		case "environment":
			s.drop(e.Value, "a hook has the workload's environment", "set the variables in the command: [env, A=1, ...]")
		default:
			s.unknown(e, "hooks", []string{"command", "user", "privileged", "working_dir", "environment"})
		}
	}
	key := "services." + s.name + "." + map[string]string{"started": "post_start", "stopping": "pre_stop"}[field]
	s.implied("services."+"lifecycle hooks", key+": a failure is one of the service", "true", at.Join("mayFail"))
	if !t.Privileged.IsSet() {
		t.Privileged = deploy.Some(false)
		s.implied("services.lifecycle hooks", key+".user", "the service's", at.Join("privileged"))
	}
	*tasks = append(*tasks, t)
}
