package process2container

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// arguments makes every command line literal: a container's program is started without a shell and nothing expands variables for it.
func (o one) arguments() {
	o.literal(&o.w.Command, o.from.Join("command"), o.to.Join("command"))
	o.hooks(o.w.Started, "started")
	o.hooks(o.w.Stopping, "stopping")
	// compose drops the commands before the start; the next tier gets them as they are
}

// hooks brings the commands beside the program into the form that compose has for them: one command, whose failure counts.
func (o one) hooks(tasks []deploy.Task, field string) {
	for i := range tasks {
		t := &tasks[i]
		from, to := o.from.Join(field, itoa(i)), o.to.Join(field, itoa(i))
		o.literal(&t.Command, from.Join("command"), to.Join("command"))
		if t.MayFail.Is(true) {
			t.MayFail = deploy.Some(false)
			o.l.Approximate(from.Join("mayFail"), "compose takes the failure of a hook for one", "end the command with || true", to.Join("mayFail"))
		}
		if front := t.Command.Entrypoint; len(front) > 0 {
			t.Command.Entrypoint = nil
			if t.Command.Shell.IsSet() {
				o.l.Drop(from.Join("command", "entrypoint"), "a script of a shell has nothing before it", "")
				continue
			}
			t.Command.Argv = append(front, t.Command.Argv...)
			o.l.Convert(from.Join("command", "entrypoint"), "a hook is one command", to.Join("command", "argv"))
			if !o.turned(from.Join("command", "argv")) {
				o.l.Convert(from.Join("command", "argv"), "a hook is one command", to.Join("command", "argv"))
			}
		}
	}
}

// literal expands the variables of a command: by their values where all are known and none is secret, else by a shell in the container.
func (o one) literal(c *deploy.Command, from, to deploy.Path) {
	if _, ok := c.Argv.Literals(); ok || len(c.Argv) == 0 {
		return
	}
	if argv, ok := o.expand(c.Argv); ok {
		c.Argv = argv
		o.l.Convert(from.Join("argv"), "the variables are expanded here, because nothing expands them in a container: change the argument together with the variable", to.Join("argv"))
		return
	}
	script := shellScript(c.Argv)
	c.Argv, c.Shell = deploy.Args(script), deploy.Some("/bin/sh")
	o.l.Convert(from.Join("argv"), "a shell in the container expands the variables whose values are not known here", to.Join("argv"), to.Join("shell"))
}

// expand replaces variables by what they are, as systemd does when it starts the program (systemd.service(5), COMMAND LINES). ok is false when a value is secret or unknown.
func (o one) expand(argv deploy.Argv) (out deploy.Argv, ok bool) {
	env := map[string]deploy.Value{}
	for _, e := range o.was.Env {
		env[e.Name] = e.Value
	}
	for _, w := range argv {
		var b strings.Builder
		split := false
		var fields []string
		for _, p := range w {
			if p.Var == "" {
				b.WriteString(p.Text)
				continue
			}
			v, set := env[p.Var]
			text, known := v.Reveal()
			if set && (!known || v.IsSecret()) {
				return nil, false
			}
			if p.Split {
				split = true
				fields = strings.Fields(text)
				continue
			}
			b.WriteString(text)
		}
		if split {
			out = append(out, deploy.Args(fields...)...)
			continue
		}
		out = append(out, deploy.Lit(b.String()))
	}
	return out, len(out) > 0
}

// shellScript writes a command line for /bin/sh: a split variable is left unquoted with globbing off, the others stay within one argument.
func shellScript(argv deploy.Argv) string {
	var words []string
	splits := false
	for _, w := range argv {
		var b strings.Builder
		plain := true
		for _, p := range w {
			plain = plain && p.Var == ""
			splits = splits || p.Split
		}
		switch {
		case plain:
			text, _ := w.Literal()
			b.WriteString(shellQuote(text))
		case len(w) == 1 && w[0].Split:
			b.WriteString("$" + w[0].Var)
		default:
			b.WriteByte('"')
			for _, p := range w {
				if p.Var != "" {
					b.WriteString("${" + p.Var + "}")
					continue
				}
				b.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(p.Text))
			}
			b.WriteByte('"')
		}
		words = append(words, b.String())
	}
	script := "exec " + strings.Join(words, " ")
	if splits {
		script = "set -f; " + script
	}
	return script
}

// shellQuote quotes a text for /bin/sh where it needs it.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// interpreter lets a command find the image's own interpreter: the machine's /usr/bin/node is elsewhere in an image.
func (o one) interpreter(inImage string) {
	if len(o.w.Command.Argv) == 0 || o.w.Command.Shell.IsSet() {
		return
	}
	text, ok := o.w.Command.Argv[0].Literal()
	if !ok || text == inImage || !strings.HasPrefix(path.Base(text), strings.TrimRight(path.Base(inImage), "0123456789.")) {
		return
	}
	o.w.Command.Argv[0] = deploy.Lit(inImage)
	from := o.from.Join("command", "argv")
	if !o.turned(from) {
		o.l.Convert(from, "the image has the interpreter at another path", o.to.Join("command", "argv"))
	}
}

// turned reports whether a turn for the place is recorded already: a leaf that changes twice has one.
func (s *step) turned(from deploy.Path) bool {
	for _, t := range s.l.Turns {
		if t.From == from {
			return true
		}
	}
	return false
}
