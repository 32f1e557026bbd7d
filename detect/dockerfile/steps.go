package dockerfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/forms"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// run reads RUN. The shell form is one argument, the script; the exec form two or more words. A script that is one heredoc is its content; other heredocs stay in the script as they
// stand.
func (c *step) run(cmd *instructions.RunCommand) {
	i := c.setting(c.in.line, "RUN", c.rawText())
	words := cmd.CmdLine
	one := ""
	if cmd.PrependShell {
		words = []string{c.script(cmd)}
	} else if sh, script, ok := forms.ShellScript(words); ok && sh == "/bin/sh" && slices.Equal(c.stage.shell, []string{"/bin/sh", "-c"}) {
		words = []string{script}
	} else if len(words) == 1 {
		one = "one word without a shell is run by the shell"
		words = []string{shellQuote(words[0])}
	}
	if text := strings.Join(words, " "); secret.Holds(text) {
		c.find(ledger.Warning, c.in.line, "RUN: a secret stands in the command and stays in the image's history", "use RUN --mount=type=secret")
	}
	c.is(i, "run", words...)
	if one != "" {
		c.find(ledger.Info, c.in.line, "RUN: "+one, "")
	}
	for _, f := range c.in.node.Flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(f, "--"), "=")
		j := c.setting(c.in.line, "RUN --"+name, value)
		switch name {
		case "mount":
			c.made.Mounts = append(c.made.Mounts, value)
			c.rec.Part(j, c.at.Join("mounts"))
		case "network":
			if value == "default" || value == "" {
				c.rec.Inert(j, "the usual network")
			} else {
				c.drop(j, "RUN --network="+value, "the step is run with the builder's usual network", "set it in the pipeline that builds")
			}
		case "security":
			if value == "sandbox" || value == "" {
				c.rec.Inert(j, "the usual sandbox")
			} else {
				c.drop(j, "RUN --security="+value, "builders on a platform refuse it", "let the step do without")
			}
		default:
			c.drop(j, "RUN --"+name, "the step is run without it", "see that the step does without")
		}
	}
}

// drop records a loss with a warning.
func (c *step) drop(setting int, what, reason, remedy string) {
	c.rec.Drop(setting, reason, remedy)
	c.find(ledger.Warning, c.in.line, what+" dropped: "+reason, remedy)
}

func (c *step) script(cmd *instructions.RunCommand) string {
	line := strings.Join(cmd.CmdLine, " ")
	if len(cmd.Files) == 0 {
		if c.in.node.EndLine > c.in.node.StartLine {
			line = oneBlank(line)
		}
		return line
	}
	if f := cmd.Files[0]; len(cmd.Files) == 1 && onlyHeredoc.MatchString(strings.TrimSpace(line)) && !strings.HasPrefix(f.Data, "#!") {
		data := f.Data
		if f.Chomp {
			data = leadingTabs.ReplaceAllString(data, "")
		}
		return strings.TrimSuffix(data, "\n")
	}
	for _, f := range cmd.Files {
		line += "\n" + f.Data + f.Name
	}
	return line
}

var (
	onlyHeredoc = lazyregexp.New(`^<<-?(?:'[^']+'|"[^"]+"|[^\s'"<]+)$`)
	leadingTabs = lazyregexp.New(`(?m)^\t+`)
)

// oneBlank makes one blank of several outside of quotes: what a command that was continued over lines keeps of their indentation means nothing to the shell.
func oneBlank(s string) string {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' && i+1 < len(s) {
				b.WriteByte(c)
				i++
				c = s[i]
			} else if c == quote {
				quote = 0
			}
		case c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
			c = s[i]
		case c == '\'' || c == '"':
			quote = c
		case c == ' ' || c == '\t':
			for i+1 < len(s) && (s[i+1] == ' ' || s[i+1] == '\t') {
				i++
			}
			c = ' '
		}
		b.WriteByte(c)
	}
	if quote != 0 {
		return s
	}
	return b.String()
}

func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// copyFiles reads COPY and ADD: sources and, last, the destination. A source that is a heredoc is its word, the content and the closing word in one text.
func (c *step) copyFiles(sd instructions.SourcesAndDest, from, owner, mode string) {
	i := c.setting(c.in.line, c.key(), c.rawText())
	args := slices.Clone(sd.SourcePaths)
	for _, f := range sd.SourceContents {
		word := f.Path
		if !f.Expand {
			word = `"` + word + `"`
		}
		args = append(args, "<<"+word+"\n"+f.Data+f.Path)
		if secret.Holds(f.Data) {
			c.find(ledger.Warning, c.in.line, c.key()+": a secret stands in the file and stays in the image", "supply it at the start")
		}
	}
	c.is(i, strings.ToLower(c.in.node.Value), append(args, sd.DestPath)...)
	for _, f := range c.in.node.Flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(f, "--"), "=")
		j := c.setting(c.in.line, c.key()+" --"+name, value)
		switch name {
		case "from":
			c.made.From = deploy.Some(c.stageOf(from))
			c.rec.Convert(j, c.at.Join("from"))
		case "chown":
			c.made.Owner = deploy.Some(owner)
			c.rec.Convert(j, c.at.Join("owner"))
		case "chmod":
			c.made.Mode = deploy.Some(mode)
			c.rec.Convert(j, c.at.Join("mode"))
		case "link":
			c.rec.Inert(j, "it concerns the cache of the builder")
		case "checksum":
			c.drop(j, c.key()+" --checksum", "the content is not checked when it is fetched", "check it in a RUN step")
		case "exclude":
			c.drop(j, c.key()+" --exclude", "files are copied that were left out", "name them in .dockerignore")
		case "parents":
			c.drop(j, c.key()+" --parents", "the files' directories are not made", "copy each directory by itself")
		default:
			c.drop(j, c.key()+" --"+name, "the step is run without it", "see that the step does without")
		}
	}
}

// stageOf names the stage that COPY --from=0 means, if it has a name.
func (c *step) stageOf(from string) string {
	if n, err := strconv.Atoi(from); err == nil && n >= 0 && n < len(c.stages) && c.stages[n].name != "" {
		return c.stages[n].name
	}
	if s := c.stageNamed(from); s != nil {
		return s.name
	}
	return from
}

// arg reads ARG inside a stage. One without a default takes that of its namesake before the first FROM.
func (c *step) arg(cmd *instructions.ArgCommand) {
	for _, kv := range cmd.Args {
		i := c.setting(c.in.line, "ARG "+kv.Key, kv.ValueString())
		text, value, set := kv.Key, "", false
		meta := -1
		switch given, ok := c.opt.args[kv.Key]; {
		case ok:
			value, set = given, true
		case kv.Value != nil:
			value, set = c.known(*kv.Value)
			if !set {
				text += "=" + *kv.Value
			}
		default:
			if value, set = c.meta[kv.Key]; set {
				meta = c.metaFrom[kv.Key]
			}
		}
		if set {
			c.stage.env[kv.Key] = value
			text += "=" + quoteDollar(value)
		}
		if secret.Looks(kv.Key, value) {
			c.is(i, "arg", kv.Key)
			c.rec.Drop(i, "a default that is a secret stays in the image's history", "use RUN --mount=type=secret")
			c.find(ledger.Warning, c.in.line, "ARG "+kv.Key+": a default that is a secret stays in the image's history", "use RUN --mount=type=secret")
			continue
		}
		c.is(i, "arg", text)
		if meta >= 0 {
			c.rec.Part(meta, c.at.Join("args"))
		}
	}
}

// quoteDollar protects a literal "$" in a value whose variables are resolved.
func quoteDollar(s string) string { return strings.ReplaceAll(s, "$", `\$`) }

func (c *step) label(cmd *instructions.LabelCommand) {
	for _, kv := range cmd.Labels {
		k, ok1 := c.known(kv.Key)
		v, ok2 := c.known(kv.Value)
		if !ok1 || !ok2 {
			k, v = strings.Trim(kv.Key, `"'`), strings.Trim(kv.Value, `"'`)
		} else {
			v = quoteDollar(v)
		}
		i := c.setting(c.in.line, "LABEL "+k, v)
		if secret.Looks(k, v) {
			c.drop(i, "LABEL "+strconv.Quote(k), "a secret in a label is read by everyone who has the image", "remove it")
			continue
		}
		c.is(i, "label", k+"="+v)
	}
}

// volume reads VOLUME. It stays a step; what it means at the start no other tier has.
func (c *step) volume(cmd *instructions.VolumeCommand) {
	var paths []string
	for _, v := range cmd.Volumes {
		if p, ok := c.known(v); ok {
			v = p
		}
		paths = append(paths, v)
	}
	i := c.setting(c.in.line, "VOLUME", strings.Join(paths, " "))
	st := c.add("volume")
	st.Args = paths
	fields := []deploy.Path{c.at.Join("verb"), c.at.Join("args")}
	if !c.stage.image {
		c.rec.Convert(i, fields...)
		return
	}
	const reason = "an anonymous volume belongs to one container of Docker's and is left behind with it; no other tier makes one"
	remedy := "mount a named volume at " + strings.Join(paths, " and ")
	c.rec.Approximate(i, reason, remedy, fields...)
	c.find(ledger.Warning, c.in.line, "VOLUME: "+reason, remedy)
}
