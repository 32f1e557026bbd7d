package dockerfile

import (
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// start is what the image starts, as far as it was read. Of several instructions of a kind the last one counts; they are claimed at the end.
type start struct {
	cmd, entry, user, health *chosen
	at                       int  // the stage that is being read
	dirUnknown               bool // a WORKDIR whose text is not known
}

// chosen is the instruction that counts, of its kind.
type chosen struct {
	setting int
	stage   int
	line    int
	words   []string
	shell   bool // HEALTHCHECK: the words are a script
	health  *instructions.HealthCheckCommand
	flags   map[string]bool
}

func (s *start) enter(stage int) { s.at = stage }

const notImage = "the image is not built from this stage"

// pick makes the instruction the one that counts, unless another file says what it says.
func (c *step) pick(slot **chosen, what string, n *chosen) {
	switch {
	case !c.stage.image:
		c.rec.Inert(n.setting, notImage)
	case c.opt.without[what]:
		c.rec.Override(n.setting, "the service sets it itself")
	default:
		if old := *slot; old != nil {
			c.rec.Override(old.setting, "overridden by "+c.pos(c.in.line).String())
		}
		n.stage, n.line = c.start.at, c.in.line
		*slot = n
	}
}

// commandLine is what CMD or ENTRYPOINT runs: the words, or the script behind the stage's shell.
func (c *step) commandLine(l instructions.ShellDependantCmdLine) []string {
	if l.PrependShell && len(l.CmdLine) > 0 {
		script := strings.Join(l.CmdLine, " ")
		if c.in.node.EndLine > c.in.node.StartLine {
			script = oneBlank(script)
		}
		return append(append([]string(nil), c.stage.shell...), script)
	}
	return l.CmdLine
}

func (c *step) cmd(cmd *instructions.CmdCommand) {
	c.pick(&c.start.cmd, "CMD", &chosen{setting: c.setting(c.in.line, "CMD", c.rawText()), words: c.commandLine(cmd.ShellDependantCmdLine)})
}

func (c *step) entrypoint(cmd *instructions.EntrypointCommand) {
	c.pick(&c.start.entry, "ENTRYPOINT", &chosen{setting: c.setting(c.in.line, "ENTRYPOINT", c.rawText()), words: c.commandLine(cmd.ShellDependantCmdLine)})
}

func (c *step) stopSignal(cmd *instructions.StopSignalCommand) {
	i := c.setting(c.in.line, "STOPSIGNAL", cmd.Signal)
	if !c.stage.image {
		c.rec.Inert(i, notImage)
		return
	}
	text, ok := c.known(cmd.Signal)
	sig, valid := forms.SignalName(text)
	if !ok || !valid {
		c.find(ledger.Error, c.in.line, "STOPSIGNAL: unknown signal "+strconv.Quote(text), "write SIGTERM or the like")
		c.rec.Drop(i, "its value cannot be read", "")
		return
	}
	c.reader.w.Stop.Signal = deploy.Some(sig)
	c.rec.Convert(i, c.at2("stop", "signal"))
}

const maxRange = 1000

var exposed = lazyregexp.New(`^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([a-zA-Z]+))?$`)

// expose reads EXPOSE: NUMBER[-NUMBER][/PROTOCOL].
func (c *step) expose(cmd *instructions.ExposeCommand) {
	for _, text := range cmd.Ports {
		i := c.setting(c.in.line, "EXPOSE", text)
		if !c.stage.image {
			c.rec.Inert(i, notImage)
			continue
		}
		p, ok := c.known(text)
		if !ok {
			c.drop(i, "EXPOSE "+text, "its value is not known", "write the number")
			continue
		}
		m := exposed.FindStringSubmatch(p)
		bad := func(what, remedy string) {
			c.find(ledger.Error, c.in.line, "EXPOSE: "+what, remedy)
			c.rec.Drop(i, "its value cannot be read", "")
		}
		if m == nil {
			bad(strconv.Quote(p)+" is no port", "write NUMBER or NUMBER/PROTOCOL")
			continue
		}
		from, _ := strconv.Atoi(m[1])
		to := from
		if m[2] != "" {
			to, _ = strconv.Atoi(m[2])
		}
		proto := strings.ToLower(m[3])
		switch {
		case from < 1 || to > 65535 || to < from || to-from >= maxRange:
			bad(strconv.Quote(p)+" is no port or range", "write numbers from 1 to 65535")
			continue
		case proto == "":
			proto = "tcp"
		case proto != "tcp" && proto != "udp":
			bad("unknown protocol "+strconv.Quote(proto), "use tcp or udp")
			continue
		}
		for n := from; n <= to; n++ {
			c.port(i, strconv.Itoa(n)+"/"+proto)
		}
	}
}

func (c *step) port(setting int, key string) {
	at := c.at2("ports", key)
	c.rec.Part(setting, at)
	for _, p := range c.reader.w.Ports {
		if p.Number == key {
			return
		}
	}
	c.reader.w.Ports = append(c.reader.w.Ports, deploy.Port{Number: key, Reachable: deploy.Some(true), Address: deploy.Some("0.0.0.0")})
	c.implied("EXPOSE", "EXPOSE "+key+": reachable", "true", at.Join("reachable"))
	c.implied("EXPOSE", "EXPOSE "+key+": address", "0.0.0.0", at.Join("address"))
}

// settleCommand makes the command of CMD and ENTRYPOINT. An ENTRYPOINT takes away the CMD of the stage that its own is built from.
func (r *reader) settleCommand() {
	cmd, entry := r.start.cmd, r.start.entry
	if cmd != nil && entry != nil && entry.stage > cmd.stage {
		r.rec.Override(cmd.setting, "taken away by the ENTRYPOINT at "+r.pos(entry.line).String())
		cmd = nil
	}
	at := r.at.Join("command")
	if entry != nil {
		rest, group := forms.CutTini(entry.words)
		var fields []deploy.Path
		if group {
			r.w.Stop.Scope = deploy.Some(deploy.StopGroup)
			fields = append(fields, r.at.Join("stop", "scope"))
		}
		if len(rest) > 0 {
			r.w.Command.Entrypoint = deploy.Args(rest...)
			fields = append(fields, at.Join("entrypoint"))
		}
		if len(fields) > 0 {
			r.rec.Convert(entry.setting, fields...)
		} else {
			r.rec.Inert(entry.setting, "empty: the base image's own entrypoint is not used")
		}
	}
	if cmd == nil {
		return
	}
	if len(cmd.words) == 0 {
		r.rec.Inert(cmd.setting, "empty: the base image's own command is not used")
		return
	}
	c := forms.CommandOf(cmd.words)
	r.w.Command.Argv, r.w.Command.Shell = c.Argv, c.Shell
	r.rec.Convert(cmd.setting, forms.CommandFields(c, at)...)
	if secret.Holds(strings.Join(cmd.words, " ")) {
		r.find(ledger.Warning, cmd.line, "CMD: a secret stands in the command and is seen by everyone who has the image", "take it from the environment")
	}
}
