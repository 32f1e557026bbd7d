package dockerfile

import (
	"path"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/ledger"
)

// workdir reads WORKDIR. One that a later RUN, or a COPY to a relative path, of the last stage depends on is a step too; in earlier stages it always is.
func (c *step) workdir(cmd *instructions.WorkdirCommand) {
	i := c.setting(c.in.line, "WORKDIR", cmd.Path)
	p, ok := c.known(cmd.Path)
	if !ok || p == "" {
		c.is(i, "workdir", cmd.Path)
		c.stage.dir = ""
		if c.stage.image {
			c.start.dirUnknown = true
			c.w.Dir = deploy.Opt[string]{}
			c.rec.Release(c.at2("dir"), c.pos(c.in.line))
			c.find(ledger.Warning, c.in.line, "WORKDIR: its text is known to the base image alone; the program's directory is not known", "write the path")
		}
		return
	}
	sure := path.IsAbs(p) || c.stage.dir != ""
	full := path.Clean(p)
	if !path.IsAbs(p) {
		full = path.Join("/", c.stage.dir, p)
	}
	if !c.stage.last || c.dirMatters() {
		if sure {
			c.is(i, "workdir", full)
		} else {
			c.is(i, "workdir", p)
		}
	}
	c.stage.dir = full
	if !c.stage.image {
		return
	}
	c.start.dirUnknown = false
	c.reader.w.Dir = deploy.Some(full)
	if sure {
		c.rec.Convert(i, c.at2("dir"))
	} else {
		c.rec.Approximate(i, "it is relative to the base image's directory, which is taken to be /", "write an absolute path", c.at2("dir"))
	}
}

// at2 is a place of the workload; c.at is the step's.
func (c *step) at2(names ...string) deploy.Path { return c.reader.at.Join(names...) }

// dirMatters reports whether something after this WORKDIR, and before the next one, depends on it.
func (c *step) dirMatters() bool {
	for _, in := range c.rest {
		switch cmd := in.cmd.(type) {
		case *instructions.RunCommand:
			return true
		case *instructions.CopyCommand:
			if !c.absolute(cmd.DestPath) {
				return true
			}
		case *instructions.AddCommand:
			if !c.absolute(cmd.DestPath) {
				return true
			}
		case *instructions.WorkdirCommand:
			return false
		}
	}
	return false
}

func (c *step) absolute(dest string) bool {
	if p, ok := c.known(dest); ok {
		dest = p
	}
	return path.IsAbs(dest)
}

// user reads USER. One that a later RUN of the last stage depends on is a step too, and one before a WORKDIR, which makes the directory as that user.
func (c *step) user(cmd *instructions.UserCommand) {
	i := c.setting(c.in.line, "USER", cmd.User)
	text, ok := c.known(cmd.User)
	if !ok {
		text = cmd.User
	}
	if _, _, valid := forms.UserOf(text); !valid && ok {
		c.find(ledger.Error, c.in.line, "USER: "+strconv.Quote(text)+" is no user", "write USER or USER:GROUP")
		c.rec.Drop(i, "its value cannot be read", "")
		return
	}
	if !c.stage.last || c.userMatters() || !ok {
		c.is(i, "user", text)
	}
	switch {
	case !c.stage.image:
	case !ok:
		c.find(ledger.Warning, c.in.line, "USER: its text is known to the base image alone; the program's user is not known", "write the user")
		c.pick(&c.start.user, "USER", &chosen{setting: i})
	default:
		c.pick(&c.start.user, "USER", &chosen{setting: i, words: []string{text}})
	}
}

func (c *step) userMatters() bool {
	for _, in := range c.rest {
		switch in.cmd.(type) {
		case *instructions.RunCommand, *instructions.WorkdirCommand:
			return true
		case *instructions.UserCommand:
			return false
		}
	}
	return false
}

// env reads ENV. Of the stages that the image is built from it gives the program's environment. It is a step too where a later RUN sees it, a later COPY names it, or only the base image
// knows what it is made of ($PATH).
func (c *step) env(cmd *instructions.EnvCommand) {
	type pair struct {
		name, raw, value string
		known            bool
	}
	var pairs []pair
	for _, kv := range cmd.Env { // all of one instruction see what was set before it
		name, ok := c.known(kv.Key)
		if !ok {
			name = kv.Key
		}
		p := pair{name: name, raw: kv.Value}
		p.value, p.known = c.known(kv.Value)
		if kv.NoDelim && !p.known && !strings.Contains(kv.Value, "$") {
			p.value, p.known = kv.Value, true
		}
		pairs = append(pairs, p)
	}
	for _, p := range pairs {
		i := c.setting(c.in.line, "ENV "+p.name, p.value)
		switch {
		case !p.known:
			delete(c.stage.env, p.name)
			c.is(i, "env", p.name+"="+c.withoutQuotes(p.raw))
			c.unsetEnv(p.name)
			continue
		case secret.Looks(p.name, p.value):
			c.stage.env[p.name] = p.value
			c.find(ledger.Warning, c.in.line, "ENV "+p.name+": a secret stays in the image's history", "supply it at the start; in a RUN use --mount=type=secret")
			if c.stage.image {
				c.setEnv(i, p.name, deploy.Secret(p.value))
			} else {
				c.rec.Drop(i, "a secret is not written into a recipe", "use RUN --mount=type=secret")
			}
			continue
		}
		c.stage.env[p.name] = p.value
		if !c.stage.last || c.envMatters(p.name) {
			c.is(i, "env", p.name+"="+quoteDollar(p.value))
		}
		if c.stage.image {
			c.setEnv(i, p.name, deploy.Plain(p.value))
		}
	}
}

// withoutQuotes takes the quotes off a value with variables that are not known here. Where that would change what is literal, it stays as it stands.
func (c *step) withoutQuotes(raw string) string {
	if strings.ContainsAny(raw, `\'`) {
		return raw
	}
	c.lex.SkipUnsetEnv = true
	defer func() { c.lex.SkipUnsetEnv = false }()
	if res, err := c.lex.ProcessWordWithMatches(raw, vars{}); err == nil {
		return res.Result
	}
	return raw
}

func (c *step) envMatters(name string) bool {
	for _, in := range c.rest {
		switch in.cmd.(type) {
		case *instructions.RunCommand:
			return true
		case *instructions.CopyCommand, *instructions.AddCommand, *instructions.OnbuildCommand:
			if mentions(in.node.Original, name) {
				return true
			}
		}
	}
	return false
}

func (c *step) setEnv(setting int, name string, v deploy.Value) {
	w := &c.reader.w
	found := false
	for i := range w.Env {
		if w.Env[i].Name == name {
			w.Env[i].Value, found = v, true
		}
	}
	if !found {
		w.Env = append(w.Env, deploy.Env{Name: name, Value: v})
	}
	c.rec.Convert(setting, c.at2("env", name, "value"))
}

func (c *step) unsetEnv(name string) {
	w := &c.reader.w
	for i := range w.Env {
		if c.stage.image && w.Env[i].Name == name {
			w.Env = append(w.Env[:i], w.Env[i+1:]...)
			c.rec.Release(c.at2("env", name, "value"), c.pos(c.in.line))
			return
		}
	}
}
