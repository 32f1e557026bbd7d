package pod

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// tini runs a program and passes the stop signal to its whole process group. It stands before the command of a workload whose Stop.Scope is group.
var tini = []string{"/usr/bin/tini", "-g", "--"}

// LowerCommand brings the workload's command into the form that a pod can hold, and settles who gets the stop signal.
func LowerCommand(o Workload) {
	before := o.W.Command
	c := &o.W.Command
	var reasons []string
	say := func(reason string) { reasons = append(reasons, reason) }
	group := false
	if rest, ok := cutTini(c.Entrypoint); ok {
		c.Entrypoint, group = rest, true
	} else if !c.Entrypoint.IsSet() && !c.Shell.IsSet() {
		if rest, ok := cutTini(c.Argv); ok {
			c.Argv, group = rest, true
		}
	}
	if group {
		say("tini stands for the scope of the stop signal")
	}
	if c.Entrypoint.IsSet() && !c.Argv.IsSet() && !c.Shell.IsSet() {
		c.Argv, c.Entrypoint = c.Entrypoint, nil
		say("a container has one command line")
	}
	if hasVariables(c.Entrypoint) {
		*c = fold(*c)
		say("a container has one command line")
	}
	normalize(c, say)
	stop := o.To.Join("stop", "scope")
	switch {
	case !o.W.Command.Argv.IsSet():
		Default(o, &o.W.Stop.Scope, deploy.StopMixed, "the image's own command runs, and Kubernetes signals its first process", "stop", "scope")
		Approximate(o, &o.W.Stop.Scope, deploy.StopMixed, "the image's own command runs: whether its children get the stop signal is the image's business", "write the command, so that tini can be put before it", "stop", "scope")
	case group && !o.W.Stop.Scope.Is(deploy.StopGroup):
		if o.W.Stop.Scope.IsSet() {
			Convert(o, &o.W.Stop.Scope, deploy.StopGroup, "the command runs under tini -g", "stop", "scope")
		} else {
			o.W.Stop.Scope = deploy.Some(deploy.StopGroup) // declared by the turn of the command that held tini
		}
	default:
		Default(o, &o.W.Stop.Scope, deploy.StopMixed, "a container runtime signals the first process and kills the others after the grace period", "stop", "scope")
		if o.W.Stop.Scope.Is(deploy.StopMain) {
			Approximate(o, &o.W.Stop.Scope, deploy.StopMixed, "processes that the program leaves behind are killed together with its container", "start what must live on as a workload of its own", "stop", "scope")
		}
	}
	also := []deploy.Path{}
	if group && o.W.Stop.Scope.IsSet() {
		also = append(also, stop)
	}
	turnCommand(o, before, *c, strings.Join(reasons, "; "), also, "command")
}

// LowerWords brings the workload's command into its one form where nobody passes signals on: tini is taken from before it. edits change it further and say why, or nothing; all of it is one turn.
func LowerWords(o Workload, edits ...func(*deploy.Command) string) {
	before := o.W.Command
	c := &o.W.Command
	var reasons []string
	say := func(reason string) { reasons = append(reasons, reason) }
	c.Entrypoint, c.Argv = slices.Clone(c.Entrypoint), slices.Clone(c.Argv)
	for _, argv := range []*deploy.Argv{&c.Entrypoint, &c.Argv} {
		if rest, ok := cutTini(*argv); ok {
			*argv = rest
			say("no stop signal is passed on")
		}
	}
	if c.Entrypoint.IsSet() {
		*c = fold(*c)
		say("there is one command line")
	}
	normalize(c, say)
	for _, edit := range edits {
		if reason := edit(c); reason != "" {
			say(reason)
		}
	}
	var rest []deploy.Path
	if c.Argv.IsSet() {
		rest = append(rest, o.To.Join("command", "argv")) // what is left of what was cut off
	}
	turnCommand(o, before, *c, strings.Join(reasons, "; "), rest, "command")
}

// LowerTask brings a command that accompanies the program (a task, a probe) into the form that a pod can hold: one command line without an entrypoint.
func LowerTask(o Workload, c *deploy.Command, mayFail *deploy.Opt[bool], at ...string) {
	before := *c
	var reasons []string
	say := func(reason string) { reasons = append(reasons, reason) }
	if c.Entrypoint.IsSet() {
		*c = fold(*c)
		say("a hook has one command line")
	}
	normalize(c, say)
	if mayFail != nil && mayFail.Is(true) && c.Argv.IsSet() {
		tolerate(c)
		say("the script hides a failure that does not matter")
	}
	turnCommand(o, before, *c, strings.Join(reasons, "; "), nil, append(slices.Clone(at), "command")...)
	if mayFail == nil || !mayFail.IsSet() {
		return
	}
	place := append(slices.Clone(at), "mayFail")
	if mayFail.Is(true) && c.Argv.IsSet() {
		*mayFail = deploy.Opt[bool]{}
		o.L.Convert(o.From.Join(place...), "Kubernetes has no hook that may fail: the script hides the failure", o.To.Join(append(slices.Clone(at), "command", "argv")...))
		return
	}
	Idle(o, mayFail, "what fails here always counts", place...)
}

// Join makes one hook of several, in order; the first that fails ends it. The tasks are in normal form.
func Join(tasks []deploy.Task) deploy.Command {
	lines := []string{"set -e"}
	for _, t := range tasks {
		if shell, ok := t.Command.Shell.Get(); ok {
			lines = append(lines, shellWord(deploy.Lit(shell))+" -c "+script(t.Command.Argv))
		} else {
			lines = append(lines, script(t.Command.Argv))
		}
	}
	return deploy.Command{Shell: deploy.Some("/bin/sh"), Argv: deploy.Args(strings.Join(lines, "\n"))}
}

// fold makes one command line of entrypoint, shell and arguments.
func fold(c deploy.Command) deploy.Command {
	argv := append(deploy.Argv(nil), c.Entrypoint...)
	if shell, ok := c.Shell.Get(); ok {
		if len(c.Argv) > 1 {
			c.Argv = deploy.Argv{joinWords(c.Argv)}
		}
		argv = append(argv, deploy.Args(shell, "-c")...)
	}
	return deploy.Command{Argv: append(argv, c.Argv...)}
}

// normalize brings a command into its one form: a script as shell and one word, everything else as literal words.
func normalize(c *deploy.Command, say func(string)) {
	shell, isScript := c.Shell.Get()
	switch {
	case isScript && !c.Argv.IsSet():
		*c = deploy.Command{Entrypoint: c.Entrypoint, Argv: deploy.Args(shell)}
		say("a shell without a script is a program like others")
	case isScript && len(c.Argv) > 1:
		c.Argv = deploy.Argv{joinWords(c.Argv)}
		say("a script is one word")
	}
	if c.Shell.IsSet() && hasVariables(c.Argv) {
		c.Argv = deploy.Args(scriptText(c.Argv[0]))
		say("the shell expands the variables of its script")
	}
	if shell, ok := c.Shell.Get(); ok && !isShell(shell) {
		c.Argv, c.Shell = append(deploy.Args(shell, "-c"), c.Argv...), deploy.Opt[string]{}
		say("the interpreter is a program like others")
	}
	if !c.Shell.IsSet() && hasVariables(c.Argv) {
		c.Argv, c.Shell = deploy.Args("exec "+script(c.Argv)), deploy.Some("/bin/sh")
		say("a shell expands the variables at the start; the image must have /bin/sh")
	}
	if words, ok := c.Argv.Literals(); ok && !c.Shell.IsSet() && len(words) == 3 && words[1] == "-c" && isShell(words[0]) {
		c.Shell, c.Argv = deploy.Some(words[0]), deploy.Args(words[2])
		say("a shell and its script")
	}
	for _, a := range []*deploy.Argv{&c.Entrypoint, &c.Argv} { // one part for each word
		if words, ok := a.Literals(); ok && a.IsSet() {
			*a = deploy.Args(words...)
		}
	}
}

// tolerate makes the command succeed always.
func tolerate(c *deploy.Command) {
	if words, ok := c.Argv.Literals(); ok && c.Shell.IsSet() {
		c.Argv = deploy.Args("{ " + words[0] + "\n} || true")
		return
	}
	c.Argv, c.Shell = deploy.Args(script(c.Argv)+" || true"), deploy.Some("/bin/sh")
}

func joinWords(argv deploy.Argv) deploy.Word {
	var w deploy.Word
	for i, next := range argv {
		if i > 0 {
			w = append(w, deploy.Part{Text: " "})
		}
		w = append(w, next...)
	}
	return w
}

// scriptText is a word as the text of a script, in which a shell will expand the variables.
func scriptText(w deploy.Word) string {
	var b strings.Builder
	for _, p := range w {
		if p.Var != "" {
			b.WriteString("${" + p.Var + "}")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func hasVariables(a deploy.Argv) bool {
	_, literal := a.Literals()
	return !literal
}

func cutTini(a deploy.Argv) (deploy.Argv, bool) {
	if len(a) < len(tini) {
		return a, false
	}
	words, ok := a[:len(tini)].Literals()
	if !ok || !slices.Equal(words, tini) {
		return a, false
	}
	if len(a) == len(tini) {
		return nil, true
	}
	return a[len(tini):], true
}

// turnCommand records how the leaves of a command changed.
func turnCommand(o Workload, before, after deploy.Command, reason string, also []deploy.Path, at ...string) {
	place := func(name string) []string { return append(slices.Clone(at), name) }
	type part struct {
		name    string
		was, is string
		had     bool
		has     bool
	}
	parts := []part{
		{"entrypoint", before.Entrypoint.String(), after.Entrypoint.String(), before.Entrypoint.IsSet(), after.Entrypoint.IsSet()},
		{"argv", before.Argv.String(), after.Argv.String(), before.Argv.IsSet(), after.Argv.IsSet()},
		{"shell", before.Shell.String(), after.Shell.String(), before.Shell.IsSet(), after.Shell.IsSet()},
	}
	to := append([]deploy.Path(nil), also...)
	changed := false
	for _, p := range parts {
		differs := p.had != p.has || p.was != p.is
		changed = changed || differs
		if p.has && differs {
			to = append(to, o.To.Join(place(p.name)...))
		}
	}
	if !changed {
		return
	}
	for _, p := range parts {
		if p.had && (p.has != p.had || p.was != p.is) {
			o.L.Turns = append(o.L.Turns, ledger.Turn{From: o.From.Join(place(p.name)...), To: to, Outcome: ledger.Converted, Reason: reason})
		}
	}
}

// Words returns the command and args of a workload's container.
func Words(w deploy.Workload) (command, args []string, err error) {
	entry, ok := w.Command.Entrypoint.Literals()
	if !ok {
		return nil, nil, fmt.Errorf("command.entrypoint: has variables")
	}
	words, err := TaskWords(w.Command)
	if err != nil {
		return nil, nil, fmt.Errorf("command: %w", err)
	}
	switch {
	case w.Stop.Scope.Is(deploy.StopMain):
		return nil, nil, fmt.Errorf("stop.scope: a container has no processes that outlive it")
	case len(words) == 0 && len(entry) > 0:
		return nil, nil, fmt.Errorf("command.entrypoint: stands without a command line")
	case len(words) == 0 && w.Stop.Scope.Is(deploy.StopGroup):
		return nil, nil, fmt.Errorf("stop.scope: group needs a command line")
	case len(words) == 0:
		return nil, nil, nil
	case w.Stop.Scope.Is(deploy.StopGroup):
		entry = append(slices.Clone(tini), entry...)
	}
	if len(entry) == 0 {
		return words, nil, nil
	}
	return entry, words, nil
}

// TaskWords returns all words of a command without its entrypoint.
func TaskWords(c deploy.Command) ([]string, error) {
	words, ok := c.Argv.Literals()
	if !ok {
		return nil, fmt.Errorf("argv has variables")
	}
	if shell, isScript := c.Shell.Get(); isScript {
		if len(words) != 1 {
			return nil, fmt.Errorf("shell: its script is not one word")
		}
		return []string{shell, "-c", words[0]}, nil
	}
	return words, nil
}

// Escape writes texts so that Kubernetes, which replaces $(NAME) and reads $$ as $, gives them back: a "$" before "$" or "(" is doubled.
// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
func Escape(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = EscapeText(t)
	}
	return out
}

// EscapeText is Escape for one text.
func EscapeText(s string) string {
	if !strings.Contains(s, "$") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] == '$' && i+1 < len(s) && (s[i+1] == '$' || s[i+1] == '(') {
			b.WriteByte('$')
		}
	}
	return b.String()
}
