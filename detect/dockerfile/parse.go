package dockerfile

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// reader reads one Dockerfile.
type reader struct {
	rec      *detect.Recorder
	opt      options
	at       deploy.Path // the workload
	w        deploy.Workload
	lex      *shell.Lex
	meta     vars           // ARGs before the first FROM, with their defaults
	metaFrom map[string]int // the settings that gave them
	stages   []*stage
	start    start
}

// stage is one FROM with what follows.
type stage struct {
	name   string
	from   string // image or stage, variables resolved
	parent *stage // the stage that it is built from
	line   int
	image  bool // the image is this stage, or is built from it
	last   bool
	instrs []*instr
	env    vars     // ENV and ARG so far
	shell  []string // SHELL so far
	dir    string   // WORKDIR so far, "" when only the base knows it
}

// instr is one instruction.
type instr struct {
	node *parser.Node
	cmd  any
	line int
}

// vars are variables with their values.
type vars map[string]string

// Get implements shell.EnvGetter.
func (v vars) Get(name string) (string, bool) { t, ok := v[name]; return t, ok }

// Keys implements shell.EnvGetter.
func (v vars) Keys() []string {
	out := make([]string, 0, len(v))
	for k := range v {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

var quoted = lazyregexp.New(`"(?:[^"\\]|\\.)*"|'[^']*'|\x60[^\x60]*\x60`)

// message is what BuildKit says of a mistake, without the text that it quotes, which may be secret.
func message(err error) (what string, line int) {
	var at *parser.LocationError
	if errors.As(err, &at) {
		for _, ranges := range at.Locations {
			if len(ranges) > 0 {
				line = ranges[0].Start.Line
				break
			}
		}
		err = at.Unwrap()
	}
	what = quoted.ReplaceAllString(err.Error(), "…")
	what, _, _ = strings.Cut(what, "\n")
	if what != "" && !strings.HasPrefix(what, strings.ToUpper(what[:min(3, len(what))])) {
		what = strings.ToLower(what[:1]) + what[1:]
	}
	return what, line
}

func (r *reader) pos(line int) ledger.Pos { return ledger.Pos{File: r.opt.path, Line: line} }

func (r *reader) find(sev ledger.Severity, line int, what, remedy string) {
	r.rec.Find(sev, r.pos(line), what, remedy)
}

// setting records one setting of an instruction. It is shown unless it holds a secret.
func (r *reader) setting(line int, key, text string) int {
	i := r.rec.Setting(r.pos(line), key, deploy.Secret(text))
	if !secret.Looks(key, text) {
		r.rec.Show(i)
	}
	return i
}

// parse cuts the file into stages. It returns false when there is nothing to read.
func (r *reader) parse(src []byte) bool {
	ast, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		what, line := message(err)
		r.find(ledger.Error, line, what, "mend the Dockerfile")
		return false
	}
	r.lex = shell.NewLex(ast.EscapeToken)
	var dp parser.DirectiveParser
	directives, _ := dp.ParseAll(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))) // a faulty one has failed the parsing
	for _, d := range directives {
		i := r.setting(d.Location[0].Start.Line, "# "+d.Name, d.Value)
		r.rec.Inert(i, map[string]string{"syntax": "it chooses the builder's front end", "escape": "it is how this file is written", "check": "it concerns the builder's warnings"}[d.Name])
	}
	for _, n := range ast.AST.Children {
		cmd, err := instructions.ParseInstruction(n)
		if err != nil {
			what, _ := message(err)
			r.find(ledger.Error, n.StartLine, strings.ToUpper(n.Value)+": "+what, "mend the instruction")
			r.rec.Drop(r.setting(n.StartLine, strings.ToUpper(n.Value), ""), "it cannot be read", "")
			continue
		}
		in := &instr{node: n, cmd: cmd, line: n.StartLine}
		if st, ok := cmd.(*instructions.Stage); ok {
			r.from(in, st)
			continue
		}
		if len(r.stages) > 0 {
			s := r.stages[len(r.stages)-1]
			s.instrs = append(s.instrs, in)
			continue
		}
		if a, ok := cmd.(*instructions.ArgCommand); ok {
			r.metaArgs(in, a)
			continue
		}
		r.find(ledger.Error, n.StartLine, strings.ToUpper(n.Value)+" before the first FROM", "begin with FROM")
		r.rec.Drop(r.setting(n.StartLine, strings.ToUpper(n.Value), ""), "it stands before the first FROM", "")
	}
	if len(r.stages) == 0 {
		r.find(ledger.Error, 1, "no FROM", "begin with FROM")
		r.leftMeta()
		return false
	}
	return r.choose()
}

// choose finds the stage that is the image, and those that it is built from.
func (r *reader) choose() bool {
	last := len(r.stages) - 1
	if t := r.opt.target; t != "" {
		last = slices.IndexFunc(r.stages, func(s *stage) bool { return strings.EqualFold(s.name, t) })
		if last < 0 {
			r.find(ledger.Error, 0, "there is no stage "+t, "name one of the Dockerfile's stages as the target")
			last = len(r.stages) - 1
		}
	}
	for _, s := range r.stages[last+1:] {
		const reason = "the image is an earlier stage"
		i := r.setting(s.line, "FROM", s.from)
		r.rec.Inert(i, reason)
		for _, in := range s.instrs {
			r.rec.Inert(r.setting(in.line, strings.ToUpper(in.node.Value), ""), reason)
		}
	}
	r.stages = r.stages[:last+1]
	r.stages[last].last = true
	for s := r.stages[last]; s != nil; s = s.parent {
		s.image = true
	}
	return true
}

// stageNamed finds an earlier stage.
func (r *reader) stageNamed(name string) *stage {
	for i := len(r.stages) - 1; i >= 0; i-- {
		if r.stages[i].name != "" && strings.EqualFold(r.stages[i].name, name) {
			return r.stages[i]
		}
	}
	return nil
}

func (r *reader) metaArgs(in *instr, a *instructions.ArgCommand) {
	for _, kv := range a.Args {
		i := r.setting(in.line, "ARG "+kv.Key, kv.ValueString())
		r.metaFrom[kv.Key] = i
		if given, ok := r.opt.args[kv.Key]; ok {
			r.meta[kv.Key] = given
			continue
		}
		if kv.Value != nil {
			v, _, ok := r.expand(*kv.Value, r.meta)
			if !ok {
				r.find(ledger.Error, in.line, "ARG "+kv.Key+": the default cannot be read", "mend the instruction")
				continue
			}
			r.meta[kv.Key] = v
		}
	}
}

// leftMeta accounts for the ARGs before the first FROM that nothing uses.
func (r *reader) leftMeta() {
	for _, i := range slices.Sorted(maps.Values(r.metaFrom)) {
		if !r.rec.Accounted(i) {
			r.rec.Inert(i, "no stage uses it")
		}
	}
	for i, s := range r.rec.Doc.Settings { // one name declared twice
		if s.At.File == r.opt.path && strings.HasPrefix(s.Key, "ARG ") && !r.rec.Accounted(i) {
			r.rec.Override(i, "declared again below")
		}
	}
}

// expand resolves quotes, escapes and variables; missing are the variables that have no value here.
func (r *reader) expand(text string, env vars) (out string, missing []string, ok bool) {
	res, err := r.lex.ProcessWordWithMatches(text, env)
	if err != nil {
		return "", nil, false
	}
	for v := range res.Unmatched {
		missing = append(missing, v)
	}
	slices.Sort(missing)
	return res.Result, missing, true
}

// from records a stage.
func (r *reader) from(in *instr, st *instructions.Stage) {
	s := &stage{name: st.Name, line: in.line, env: vars{}, shell: []string{"/bin/sh", "-c"}}
	in.cmd = st
	s.instrs = append(s.instrs, in)
	if base, missing, ok := r.expand(st.BaseName, r.meta); ok && len(missing) == 0 {
		s.from = base
	} else {
		s.from = st.BaseName
	}
	if p := r.stageNamed(s.from); p != nil {
		s.parent, s.from = p, p.name
	}
	r.stages = append(r.stages, s)
}
