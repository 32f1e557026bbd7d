package systemd

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// startCommand is one command line of ExecStart=; a oneshot service may have several.
type startCommand struct {
	line
	unitfile.Command
}

func (u *unit) parse(l line) ([]unitfile.Command, bool) {
	list, problems := unitfile.ParseCommands(l.Value, u.spec)
	for _, p := range problems {
		located := l.Locate(p)
		u.Find(ledger.Error, ledger.Pos{File: l.file, Line: located.Line, Col: located.Column}, l.Key+": "+p.What, p.Remedy)
	}
	if len(problems) > 0 {
		u.Drop(l.setting, "its value cannot be read", "")
		return nil, false
	}
	return list, true
}

func (u *unit) execStart(l line) {
	if l.Value == "" {
		for _, c := range u.commands {
			u.Override(c.setting, "overridden by "+l.pos().String())
		}
		u.commands = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	if list, ok := u.parse(l); ok {
		for _, c := range list {
			u.commands = append(u.commands, startCommand{l, c})
		}
	}
}

// words turns a command line into the model's.
func (u *unit) words(l line, c unitfile.Command) deploy.Command {
	var argv deploy.Argv
	for _, w := range c.Argv {
		var word deploy.Word
		for _, p := range w.Parts {
			switch {
			case p.Specifier != "":
				word = append(word, deploy.Part{Var: u.machineValue(l, p.Specifier)})
			default:
				word = append(word, deploy.Part{Text: p.Text, Var: p.Var, Split: p.Split})
			}
		}
		if len(word) == 0 {
			word = deploy.Lit("")
		}
		argv = append(argv, word)
	}
	if c.Argv0Given && len(argv) > 0 {
		argv[0] = deploy.Lit(c.Path)
	}
	u.Show(l.setting) // secrets in it are package exposed's business
	return command(argv)
}

// machineValue makes a specifier that only the machine can resolve a parameter.
func (u *unit) machineValue(l line, specifier string) string {
	name := "MACHINE_" + strings.ToUpper(strings.Trim(specifier, "%"))
	if specifier == "%H" || specifier == "%l" {
		name = "MACHINE_HOSTNAME"
	}
	for _, e := range u.w.Env {
		if e.Name == name {
			return name
		}
	}
	u.w.Env = append(u.w.Env, deploy.Env{Name: name, Value: deploy.Param(name, false)})
	u.Convert(l.setting, u.at.Join("env", name, "value"))
	return name
}

// command brings an argv into the model's form: a shell with a script is a shell with a script.
func command(argv deploy.Argv) deploy.Command {
	if words, ok := argv.Literals(); ok && len(words) == 3 && words[1] == "-c" {
		switch path.Base(words[0]) {
		case "sh", "bash", "dash", "ash", "zsh", "ksh":
			return deploy.Command{Shell: deploy.Some(words[0]), Argv: deploy.Args(words[2])}
		}
	}
	return deploy.Command{Argv: argv}
}

// main settles ExecStart=: the last command is the program, the ones before it (of a oneshot service) run first.
func (u *unit) main() {
	if len(u.commands) == 0 {
		u.Find(ledger.Error, ledger.Pos{File: u.file.path, Line: 1}, "has no ExecStart=", "add one, or remove the unit")
		return
	}
	for i, c := range u.commands {
		if i < len(u.commands)-1 {
			if !u.w.Kind.Is(deploy.Job) && !u.w.Kind.Is(deploy.Cron) {
				u.Find(ledger.Error, c.pos(), "a second ExecStart= is allowed with Type=oneshot only", "write ExecStart= with nothing behind it first, to take the earlier one back")
			}
			u.task(&u.w.Before, "before", c.line, c.Command)
			continue
		}
		u.w.Command = u.timed(u.words(c.line, c.Command))
		fields := []string{"command.argv"}
		if u.w.Command.Shell.IsSet() {
			fields = append(fields, "command.shell")
		}
		switch {
		case c.FullPrivileges || c.NoSetuid:
			u.nearly(c.line, "the prefix "+prefix(c.Command)+" starts the program as root whatever User= says; above systemd it runs as that user", "remove the prefix, or User=", fields...)
		case c.IgnoreFailure:
			u.nearly(c.line, `a failure counts as one: the prefix "-" is not carried`, "let the program itself exit with 0", fields...)
		case c.Argv0Given && !sameName(c.Command):
			u.nearly(c.line, "the program sees its own path as argv[0]", "let it not depend on the name that it is called by", fields...)
		case len(c.Unknown) > 0:
			u.Bad(c.setting, "%s: the path of the program contains %s, which only the machine knows; write the path out", c.Key, c.Unknown[0].Specifier)
		default:
			u.set0(c.line, fields...)
		}
	}
}

// set0 is set for values that words has judged already.
func (u *unit) set0(l line, fields ...string) {
	paths := make([]deploy.Path, len(fields))
	for i, f := range fields {
		paths[i] = u.at + "." + deploy.Path(f)
	}
	u.Convert(l.setting, paths...)
}

func prefix(c unitfile.Command) string {
	if c.FullPrivileges {
		return `"+"`
	}
	return `"!"`
}

func sameName(c unitfile.Command) bool {
	if len(c.Argv) == 0 || len(c.Argv[0].Parts) != 1 {
		return false
	}
	return c.Argv[0].Parts[0].Text == c.Path
}

// task adds an accompanying command.
func (u *unit) task(list *[]deploy.Task, field string, l line, c unitfile.Command) {
	i := len(*list)
	at := u.at.Join(field, itoa(i))
	t := deploy.Task{Command: u.words(l, c), MayFail: deploy.Some(c.IgnoreFailure), Privileged: deploy.Some(c.FullPrivileges || c.NoSetuid)}
	*list = append(*list, t)
	fields := []deploy.Path{at.Join("command", "argv"), at.Join("mayFail"), at.Join("privileged")}
	if t.Command.Shell.IsSet() {
		fields = append(fields, at.Join("command", "shell"))
	}
	u.Convert(l.setting, fields...)
}

func (u *unit) tasks(list *[]deploy.Task, field string, l line) {
	if l.Value == "" {
		for i := range *list {
			for _, f := range []string{"command.argv", "command.shell", "mayFail", "privileged"} {
				u.Release(u.at.Join(field, itoa(i))+"."+deploy.Path(f), l.pos())
			}
		}
		*list = nil
		u.Inert(l.setting, "empty: it takes back what stood before")
		return
	}
	cs, ok := u.parse(l)
	for _, c := range cs {
		u.task(list, field, l, c)
	}
	if ok && len(cs) == 0 {
		u.Inert(l.setting, "an empty command")
	}
}

func (u *unit) execStartPre(l line)  { u.tasks(&u.w.Before, "before", l) }
func (u *unit) execStartPost(l line) { u.tasks(&u.w.Started, "started", l) }

// execStop runs before the stop signal. A plain kill of the main process is only another way to write the signal.
func (u *unit) execStop(l line) {
	f := strings.Fields(strings.TrimLeft(l.Value, "-@:+!"))
	if len(f) == 4 && f[1] == "-s" {
		f = []string{f[0], f[1] + f[2], f[3]}
	}
	if len(f) == 3 && (f[0] == "/bin/kill" || f[0] == "/usr/bin/kill") && (f[2] == "$MAINPID" || f[2] == "${MAINPID}") {
		name := strings.TrimPrefix(strings.TrimPrefix(f[1], "-s"), "-")
		if s, problem := unitfile.ParseSignal(name); problem == nil {
			u.w.Stop.Signal = deploy.Some(s.Name)
			u.set(l, "stop.signal")
			return
		}
	}
	u.tasks(&u.w.Stopping, "stopping", l)
}
