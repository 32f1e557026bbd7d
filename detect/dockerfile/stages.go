package dockerfile

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// build goes through the stages in order and makes the recipe, and with it the start of the program.
func (r *reader) build() {
	for k, s := range r.stages {
		at := r.at.Join("build", "stages", strconv.Itoa(k))
		r.w.Build.Stages = append(r.w.Build.Stages, deploy.Stage{})
		if s.parent != nil {
			s.env, s.shell, s.dir = maps.Clone(s.parent.env), s.parent.shell, s.parent.dir
		}
		r.stageHead(s, at, &r.w.Build.Stages[k])
		if s.image {
			r.start.enter(k)
		}
		for i := 1; i < len(s.instrs); i++ {
			c := &step{reader: r, stage: s, in: s.instrs[i], rest: s.instrs[i+1:], out: &r.w.Build.Stages[k], at: at.Join("steps", strconv.Itoa(len(r.w.Build.Stages[k].Steps)))}
			c.read()
		}
	}
	r.leftMeta()
}

// stageHead reads FROM.
func (r *reader) stageHead(s *stage, at deploy.Path, out *deploy.Stage) {
	in := s.instrs[0]
	st := in.cmd.(*instructions.Stage)
	r.rec.Place(at, r.pos(s.line))
	text := st.BaseName
	if s.name != "" {
		text += " AS " + s.name
	}
	i := r.setting(s.line, "FROM", text)
	out.From = deploy.Some(s.from)
	_, missing, ok := r.expand(st.BaseName, r.meta)
	used := r.used(st.BaseName)
	switch {
	case !ok:
		r.find(ledger.Error, s.line, "FROM: the image's name cannot be read", "mend the instruction")
		r.rec.Convert(i, at.Join("from"))
	case len(missing) > 0:
		r.rec.Approximate(i, "whoever builds supplies "+missing[0]+"; it has no default", "write ARG "+missing[0]+"=VALUE before FROM", at.Join("from"))
		r.find(ledger.Warning, s.line, "FROM: "+missing[0]+" has no value", "write ARG "+missing[0]+"=VALUE before FROM")
	case len(used) > 0:
		r.rec.Part(i, at.Join("from"))
		for _, name := range used {
			r.rec.Part(r.metaFrom[name], at.Join("from"))
		}
	default:
		r.rec.Convert(i, at.Join("from"))
	}
	if s.name != "" {
		out.Name = deploy.Some(s.name)
		r.rec.Part(i, at.Join("name"))
	}
	if st.Platform != "" {
		r.fromPlatform(s, st.Platform)
	}
	if r.opt.alone && s == r.stages[0] {
		dir := path.Dir(r.opt.path)
		r.w.Build.Context, r.w.Build.File = deploy.Some(dir), deploy.Some(r.opt.path)
		r.rec.Part(i, r.at.Join("build", "context"), r.at.Join("build", "file"))
	}
}

// used lists the ARGs before the first FROM that a text refers to.
func (r *reader) used(text string) []string {
	var out []string
	for name := range r.metaFrom {
		if mentions(text, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// mentions reports whether $NAME or ${NAME…} stands in the text.
func mentions(text, name string) bool {
	for rest := text; ; {
		i := strings.IndexByte(rest, '$')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		word := strings.TrimPrefix(rest, "{")
		if after, ok := strings.CutPrefix(word, name); ok && (after == "" || !isNameByte(after[0])) {
			return true
		}
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// fromPlatform reads FROM --platform: the last stage's is that of the image.
func (r *reader) fromPlatform(s *stage, text string) {
	i := r.setting(s.line, "FROM --platform", text)
	parts := strings.Split(text, "/")
	switch {
	case strings.Contains(text, "$"):
		r.rec.Inert(i, "it chooses the machine on which the stage is built, not what the stage makes")
	case !s.last:
		r.rec.Drop(i, "the stage is built for the target's machines", "set the platform in the pipeline that builds")
	case len(parts) == 2 && parts[0] == "linux" && parts[1] != "" || len(parts) == 3 && parts[0] == "linux" && parts[1] == "arm64" && parts[2] == "v8":
		r.w.Placement.Arch = deploy.Some(parts[1])
		r.rec.Convert(i, r.at.Join("placement", "arch"))
	default:
		r.rec.Drop(i, "lift knows linux/ARCH", "set the platform in the pipeline that builds")
		r.find(ledger.Warning, s.line, "FROM --platform="+text+" dropped: lift knows linux/ARCH", "set the platform in the pipeline that builds")
	}
}

// step is one instruction while it is read.
type step struct {
	*reader
	stage *stage
	in    *instr
	rest  []*instr // of its stage, after it
	out   *deploy.Stage
	at    deploy.Path // where its step will be
	made  *deploy.Step
}

// add makes the instruction's step, once, and returns the path of one of its fields. The setting must be claimed with it.
func (c *step) add(verb string) *deploy.Step {
	if c.made == nil {
		c.out.Steps = append(c.out.Steps, deploy.Step{Verb: deploy.Some(verb)})
		c.made = &c.out.Steps[len(c.out.Steps)-1]
	}
	return c.made
}

// is makes the setting one of the step's: verb and arguments.
func (c *step) is(setting int, verb string, args ...string) {
	st := c.add(verb)
	st.Args = append(st.Args, args...)
	fields := []deploy.Path{c.at.Join("verb")}
	if len(st.Args) > 0 {
		fields = append(fields, c.at.Join("args"))
	}
	c.rec.Part(setting, fields...)
}

func (c *step) key() string { return strings.ToUpper(c.in.node.Value) }

// rawText is the instruction's text without its name and flags, for the ledger.
func (c *step) rawText() string {
	_, rest, _ := strings.Cut(strings.TrimSpace(c.in.node.Original), " ")
	return strings.TrimSpace(rest)
}

// known resolves variables; where one has no value here it returns false.
func (c *step) known(text string) (string, bool) {
	v, missing, ok := c.expand(text, c.stage.env)
	return v, ok && len(missing) == 0
}

func (c *step) read() {
	switch cmd := c.in.cmd.(type) {
	case *instructions.RunCommand:
		c.run(cmd)
	case *instructions.CopyCommand:
		c.copyFiles(cmd.SourcesAndDest, cmd.From, cmd.Chown, cmd.Chmod)
	case *instructions.AddCommand:
		c.copyFiles(cmd.SourcesAndDest, "", cmd.Chown, cmd.Chmod)
	case *instructions.EnvCommand:
		c.env(cmd)
	case *instructions.ArgCommand:
		c.arg(cmd)
	case *instructions.LabelCommand:
		c.label(cmd)
	case *instructions.WorkdirCommand:
		c.workdir(cmd)
	case *instructions.UserCommand:
		c.user(cmd)
	case *instructions.ShellCommand:
		c.stage.shell = cmd.Shell
		c.is(c.setting(c.in.line, "SHELL", strings.Join(cmd.Shell, " ")), "shell", cmd.Shell...)
	case *instructions.VolumeCommand:
		c.volume(cmd)
	case *instructions.OnbuildCommand:
		c.is(c.setting(c.in.line, "ONBUILD", cmd.Expression), "onbuild", cmd.Expression)
	case *instructions.MaintainerCommand:
		c.rec.Inert(c.setting(c.in.line, "MAINTAINER", cmd.Maintainer), "it names a person")
	case *instructions.CmdCommand:
		c.cmd(cmd)
	case *instructions.EntrypointCommand:
		c.entrypoint(cmd)
	case *instructions.ExposeCommand:
		c.expose(cmd)
	case *instructions.StopSignalCommand:
		c.stopSignal(cmd)
	case *instructions.HealthCheckCommand:
		c.health(cmd)
	default:
		i := c.setting(c.in.line, c.key(), c.rawText())
		c.find(ledger.Error, c.in.line, c.key()+": an instruction that lift does not know", "report it, please")
		c.rec.Drop(i, "lift does not know it", "report it, please")
	}
}
