// Package runbook writes how a system is cut over: a Markdown file beside the output, made from the model alone, with the commands in their order. What it names (files, services, claims,
// volumes, variables) is what was written.
//
// The order is always the same: prepare while the old system runs, stop it, copy its data, start the new one by its needs, check it by its probes, switch, and how to go back.
package runbook

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert"
	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/pipeline"
)

// platform is how a person works one target. Each function returns commands; what is no command begins with "#".
type platform interface {
	prepare(b *book) []string               // build, upload: nothing runs yet
	supply(b *book, list []supply) []string // secrets
	copy(b *book, s state) []string         // the final copy of one volume
	start(b *book, w workload) []string     // one workload
	rest(b *book) []string                  // what is left when all workloads are started
	check(b *book, w workload) []string     // by its probes
	logs(w workload) []string
	switchOver(b *book, ws []workload) string // prose
	stop(b *book, w workload) []string        // for the way back
	restore(b *book, s state) []string        // data written since
}

// workload is one workload where it ends up.
type workload struct {
	deploy.Workload // as it was lowered last
	was             deploy.Workload
	on              int      // stage
	needs           []string // names that the workloads needed have in the source or at a stage: a step adds what only its platform needs
}

func (w workload) isNeeded(by workload) bool {
	return w.was.Name != by.was.Name && (slices.Contains(by.needs, w.was.Name) || slices.Contains(by.needs, w.Name))
}

// state is a volume with the workload that writes it.
type state struct {
	deploy.Volume
	origin string // directory of the machine, "" for a volume of the source's own platform
	was    string // its name there
	owner  workload
	path   string // where the owner has it
}

// book is a runbook being written.
type book struct {
	l    pipeline.Lifted
	tree fs.FS
	ws   []workload
	text strings.Builder
}

// Write returns the runbook of a migration, nil where nothing was lowered. tree is the source's.
func Write(l pipeline.Lifted, tree fs.FS) []byte {
	if len(l.Stages) == 0 || len(l.Source.App.Workloads) == 0 {
		return nil
	}
	b := &book{l: l, tree: tree}
	b.ws = b.workloads()
	b.write()
	return []byte(b.text.String())
}

func (b *book) stage() pipeline.Stage { return b.l.Stages[len(b.l.Stages)-1] }
func (b *book) app() deploy.App       { return b.stage().Lowered }
func (b *book) target() string        { return b.stage().Name }

// workloads lists where each workload of the source ends up, in the order of their start.
func (b *book) workloads() []workload {
	var out []workload
	for _, was := range b.l.Source.App.Workloads {
		p := deploy.At("workloads", was.Name)
		w := workload{was: was, Workload: deploy.Workload{Name: was.Name}}
		need := func(needs []deploy.Need) {
			for _, n := range needs {
				w.needs = append(w.needs, n.Workload)
			}
		}
		need(was.Needs)
		for k, st := range b.l.Stages {
			stays := slices.ContainsFunc(st.Lowering.Turns, func(t ledger.Turn) bool { return t.Stays && t.From == p })
			p = ledger.After(st.Lowering.Moves, p)
			if i := slices.IndexFunc(st.Lowered.Workloads, func(x deploy.Workload) bool { return x.Name == p.Base() }); i >= 0 && !stays {
				w.Workload, w.on = st.Lowered.Workloads[i], k
				need(w.Needs)
			}
			if stays {
				break
			}
		}
		out = append(out, w)
	}
	return order(out)
}

// order sorts workloads so that each comes after what it needs; jobs that run once come before the services beside them, schedules last.
func order(all []workload) []workload {
	rank := func(w workload) int {
		switch w.was.Kind.Or(deploy.Service) {
		case deploy.Job:
			return 0
		case deploy.Cron:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b workload) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a.Name, b.Name)) })
	var out []workload
	done := map[string]bool{}
	var visit func(w workload)
	visit = func(w workload) {
		if done[w.was.Name] {
			return
		}
		done[w.was.Name] = true // a circle is entered where its first name is
		for _, x := range all {
			if x.isNeeded(w) {
				visit(x)
			}
		}
		out = append(out, w)
	}
	for _, w := range all {
		visit(w)
	}
	return out
}

// states lists the volumes whose content moves.
func (b *book) states() []state {
	var out []state
	for _, v := range b.l.Source.App.Volumes {
		p := deploy.At("volumes", v.Name)
		s := state{Volume: v, origin: v.Origin.Or(""), was: v.Name}
		for _, st := range b.l.Stages {
			p = ledger.After(st.Lowering.Moves, p)
			if i := slices.IndexFunc(st.Lowered.Volumes, func(x deploy.Volume) bool { return x.Name == p.Base() }); i >= 0 && (st.Lowered.Volumes[i].Size.IsSet() || !s.Size.IsSet()) {
				s.Volume = st.Lowered.Volumes[i]
			}
		}
		if b.l.Source.Tier >= detect.Orchestrator {
			continue // its claims stay where they are
		}
		for _, w := range b.ws {
			for _, m := range w.Mounts {
				if r, ok := m.Volume.Get(); ok && r.Name() == s.Name && (s.path == "" || !m.ReadOnly.Is(true) && s.owner.Kind.Is(deploy.Cron)) {
					s.owner, s.path = w, m.Path
				}
			}
		}
		if s.path != "" {
			out = append(out, s)
		}
	}
	return out
}

func (b *book) line(format string, args ...any) { fmt.Fprintf(&b.text, format+"\n", args...) }

// commands prints a block of commands; lines that begin with # are comments in it.
func (b *book) commands(list []string) {
	if len(list) == 0 {
		return
	}
	b.line("```sh")
	for _, c := range list {
		b.line("%s", c)
	}
	b.line("```\n")
}

func (b *book) write() {
	p := platforms[b.target()]
	if p == nil {
		p = generic{}
	}
	states := b.states()
	name := b.app().Name.Or("the system")
	b.line("# %s: cut-over to %s\n", name, b.target())
	b.line("Written by lift from the sources; `lift migrate` writes it anew. Commands are for bash, in the directory of this file. Read all of it first, and try steps 1 to 5 on a copy of the system.\n")
	if len(states) > 0 {
		b.line("Between step 2 and step 6 the system is down: data that is copied while somebody writes it is torn. For a lot of data run step 3 once before, as a rehearsal that tells how long it takes.\n")
	} else {
		b.line("Nothing here keeps data of its own: old and new may run side by side until the switch.\n")
	}

	b.line("## 1. Prepare, while the old system runs\n")
	list := b.supplies()
	if len(list) > 0 {
		b.line("Secrets, and what only the machine knows, come from where they are today. The commands print no value.\n")
	}
	b.commands(p.supply(b, list))
	b.commands(p.prepare(b))
	for _, w := range b.hostPaths() {
		b.line("- %s\n", w)
	}

	b.line("## 2. Stop the old system\n")
	if len(states) == 0 {
		b.line("Do this after step 6: nothing is torn when both run for a while. What runs on a schedule or takes work from a queue must not run twice: stop that first.\n")
	}
	b.line("What needs others goes first.\n")
	b.commands(b.oldStop())

	b.line("## 3. Copy the data\n")
	if len(states) == 0 {
		b.line("There is none. What the programs keep in databases and services outside stays there, and both systems use the same.\n")
	}
	for _, s := range states {
		b.line("### %s: %s\n", s.Name, b.whereItIs(s))
		b.commands(p.copy(b, s))
	}

	b.line("## 4. Start, in the order of what needs what\n")
	for _, w := range b.ws {
		if list := p.start(b, w); len(list) > 0 {
			b.line("**%s**%s\n", w.Name, b.why(w))
			b.commands(list)
		}
	}
	b.commands(p.rest(b))

	b.line("## 5. Check\n")
	var checks []string
	for _, w := range b.ws {
		if w.was.Kind.Or(deploy.Service) != deploy.Service {
			continue
		}
		list := p.check(b, w)
		if len(list) == 0 {
			list = append([]string{"# " + w.Name + ": nothing in the sources tells how it goes to it"}, p.logs(w)...)
		} else {
			list = append([]string{"# " + w.Name}, list...)
		}
		checks = append(checks, list...)
	}
	b.commands(checks)

	b.line("## 6. Switch\n")
	b.line("%s\n", p.switchOver(b, b.ws))

	b.line("## 7. Go back\n")
	b.line("The old system is stopped, not removed: keep it until you are sure. To go back, stop the new one, what needs others first:\n")
	var stop []string
	for _, w := range slices.Backward(b.ws) {
		stop = append(stop, p.stop(b, w)...)
	}
	b.commands(stop)
	for i, s := range states {
		if i == 0 {
			b.line("What was written since the switch is in the new volumes alone. Decide: lose it, and leave out the next step; or bring it back. The old directory is kept beside it.\n")
		}
		b.commands(p.restore(b, s))
	}
	b.line("Then the old system, and undo step 6:\n")
	b.commands(b.oldStart())
}

// why says what a workload waits for.
func (b *book) why(w workload) string {
	var needs []string
	for _, x := range b.ws {
		if x.isNeeded(w) {
			needs = append(needs, x.Name)
		}
	}
	if len(needs) == 0 {
		return ""
	}
	slices.Sort(needs)
	return " needs " + strings.Join(needs, ", ")
}

func (b *book) whereItIs(s state) string {
	text := "a volume of today's compose project, "
	if s.origin != "" {
		text = "`" + s.origin + "`, "
	}
	return text + "seen by " + s.owner.Name + " as `" + s.path + "`"
}

// hostPaths tells of directories of the machine that programs go on using.
func (b *book) hostPaths() []string {
	var out []string
	for _, w := range b.ws {
		for _, m := range w.Mounts {
			if m.Kind.Is(deploy.MountHost) {
				out = append(out, fmt.Sprintf("%s uses `%s` of the machine that it runs on: it must be there, with the same owner.", w.Name, m.Host.Or(m.Path)))
			}
		}
	}
	return out
}

// source is the path of a file of the tree as it is reached from the output.
func (b *book) source(file string) string {
	tree := b.l.Source.App.Tree.Or(".")
	return path.Join(tree, file)
}

// uid is the owner of a workload's files, "" where the image decides.
func (w workload) uid() (uid, gid string, ok bool) {
	id, set := w.User.ID.Get()
	if !set {
		return "", "", false
	}
	return fmt.Sprint(id), fmt.Sprint(w.User.GroupID.Or(id)), true
}

// word quotes a text for the shell where it needs it.
func word(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// File is the runbook's path in the output.
const File = convert.Runbook
