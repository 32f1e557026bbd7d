package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/internal/unified"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/report"
	"github.com/deploylift/lift/runbook"
	"github.com/spf13/cobra"
)

// job is what the verbs have in common: a tree, a target, a place for the output.
type job struct {
	*app
	verb   string
	dir    string
	to     string
	place  string // --out
	format string
	source string
	only   []string
	strict bool
	force  bool
}

func (j *job) flags(c *cobra.Command) {
	c.Flags().StringVar(&j.format, "format", "text", "how to print the report: text, markdown or json")
	c.Flags().StringVar(&j.source, "source", "", "read this source alone (see lift formats)")
	c.Flags().StringSliceVar(&j.only, "only", nil, "keep these workloads alone")
	c.Flags().BoolVar(&j.strict, "strict", false, "exit with 1 if a setting is approximated or dropped")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "markdown", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func (j *job) target(c *cobra.Command) {
	c.Flags().StringVar(&j.to, "to", "", "target: "+strings.Join(targetNames(), ", ")+", or a tier: container, orchestrator, serverless")
	_ = c.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(append(targetNames(), "container", "orchestrator", "serverless"), cobra.ShellCompDirectiveNoFileComp))
}

// args takes the directory and checks the flags that all verbs share.
func (j *job) args(args []string) error {
	j.dir = "."
	if len(args) > 0 {
		j.dir = args[0]
	}
	if !slices.Contains([]string{"text", "markdown", "json"}, j.format) {
		return usage("--format %s: unknown format; use text, markdown or json", j.format)
	}
	if st, err := os.Stat(j.dir); err != nil {
		return usage("%s: no such directory", j.dir)
	} else if !st.IsDir() {
		return usage("%s: not a directory; name the directory that contains it", j.dir)
	}
	if j.place == "" {
		j.place = j.dir
	}
	return nil
}

func (a *app) diffCommand() *cobra.Command {
	j := &job{app: a, verb: "diff"}
	c := &cobra.Command{
		Use:   "diff [DIR] --to TARGET",
		Short: "Show what a migration would write and lose; writes nothing",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := j.args(args); err != nil {
				return err
			}
			return j.lift(false)
		},
	}
	j.flags(c)
	j.target(c)
	c.Flags().StringVar(&j.place, "out", "", "compare with the files in this directory (default DIR)")
	return c
}

func (a *app) migrateCommand() *cobra.Command {
	j := &job{app: a, verb: "migrate"}
	c := &cobra.Command{
		Use:   "migrate [DIR] --to TARGET [--out DIR]",
		Short: "Write the files of the target and of all steps on the way",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := j.args(args); err != nil {
				return err
			}
			return j.lift(true)
		},
	}
	j.flags(c)
	j.target(c)
	c.Flags().StringVar(&j.place, "out", "", "write into this directory (default DIR)")
	c.Flags().BoolVar(&j.force, "force", false, "overwrite files that lift did not write")
	return c
}

// run reads the tree and lifts it in memory.
func (j *job) run(way []pipeline.Step, t detect.Tree) (pipeline.Lifted, error) {
	tree, place, err := pipeline.Between(j.place, j.dir)
	if err != nil {
		return pipeline.Lifted{}, usage("%s", err)
	}
	abs, err := filepath.Abs(j.dir)
	if err != nil {
		return pipeline.Lifted{}, usage("%s", err)
	}
	below := detect.Serverless + 1
	if len(way) > 0 {
		below = way[len(way)-1].Tier
	}
	d, err := pipeline.Detect(sources, t, pipeline.Options{Source: j.source, Only: j.only, Below: below, Name: filepath.Base(abs), Tree: tree, Place: place})
	if err != nil {
		return pipeline.Lifted{}, usage("%s: %s", j.dir, err)
	}
	l, err := pipeline.Lift(sources, d, way)
	if err != nil {
		return l, failure{exitInternal, err.Error()}
	}
	if len(l.Problems) > 0 {
		for i, p := range l.Problems {
			if i == 20 {
				fmt.Fprintf(j.err, "internal: and %d more\n", len(l.Problems)-i)
				break
			}
			fmt.Fprintln(j.err, "internal: "+p.String())
		}
		return l, failure{exitInternal, "internal: a structural check failed, and nothing was written; please report"}
	}
	return l, nil
}

// faults prints the findings that stop a run.
func (j *job) faults(l pipeline.Lifted) error {
	n := 0
	for _, f := range l.Findings {
		if f.Severity == ledger.Error {
			fmt.Fprintln(j.err, f.String())
			n++
		}
	}
	if n > 0 {
		return failure{exitUsage, ""}
	}
	return nil
}

func (j *job) lift(write bool) error {
	way, target, err := stepsTo(j.to)
	if err != nil {
		return err
	}
	t, done, err := pipeline.OpenTree(j.dir)
	if err != nil {
		return usage("%s", err)
	}
	defer done()
	l, err := j.run(way, t)
	if err != nil {
		return err
	}
	r := report.New(j.verb, target, l)
	if l.Faulty() {
		if j.format == "json" {
			_ = r.JSON(j.out)
		}
		return j.faults(l)
	}
	if text := runbook.Write(l, t.FS); text != nil {
		if err := l.Set.Add(runbook.File, text); err != nil {
			return failure{exitInternal, "internal: " + err.Error() + "; please report"}
		}
	}
	old, err := fileset.ReadRecord(j.place)
	if err != nil {
		return usage("%s", err)
	}
	plan, err := fileset.Plan(j.place, l.Set, j.record(l, t, target), old, j.force)
	if err != nil {
		return usage("%s", err)
	}
	for _, c := range plan.Changes {
		file := report.File{Path: c.Path, Change: c.Kind}
		if c.Path == runbook.File {
			file.Note = "how to supply the secrets, copy the data, switch and go back"
		}
		r.Files = append(r.Files, file)
	}
	for _, n := range plan.Notes {
		r.Files = append(r.Files, report.File{Path: n.Path, Change: "keep"})
	}
	if write {
		if len(plan.Conflicts) > 0 {
			for _, c := range plan.Conflicts {
				fmt.Fprintf(j.err, "%s: %s; %s\n", filepath.Join(j.place, filepath.FromSlash(c.Path)), c.What, c.Remedy)
			}
			return failure{exitUsage, "nothing was written"}
		}
		if err := plan.Write(); err != nil {
			return usage("%s", err)
		}
	} else {
		r.Diff = difference(j.place, l.Set, plan.Changes)
		for _, c := range plan.Conflicts {
			r.Findings = append(r.Findings, report.Finding{Severity: string(ledger.Warning), File: c.Path, What: c.What, Remedy: c.Remedy})
		}
	}
	if err := j.print(r); err != nil {
		return err
	}
	if j.strict && r.Losses() > 0 {
		return failure{exitLoss, ""}
	}
	return nil
}

// record describes what is written and from what.
func (j *job) record(l pipeline.Lifted, t detect.Tree, target string) fileset.Record {
	tree, _, _ := pipeline.Between(j.place, j.dir) // run has tried it
	rec := fileset.Record{Target: target, Source: tree, Options: map[string]string{}}
	if j.source != "" {
		rec.Options["source"] = j.source
	}
	if len(j.only) > 0 {
		rec.Options["only"] = strings.Join(j.only, ",")
	}
	seen := map[string]bool{}
	for _, s := range l.Source.Doc.Settings {
		if f := s.At.File; f != "" && !seen[f] {
			seen[f] = true
			if data, err := fs.ReadFile(t.FS, f); err == nil {
				rec.Sources = append(rec.Sources, fileset.Hash{Path: f, SHA256: fileset.Sum(data)})
			}
		}
	}
	return rec
}

// difference is the unified diff between the files on disk and those that would be written.
func difference(place string, set fileset.Set, changes []fileset.Change) string {
	var b strings.Builder
	for _, c := range changes {
		var old, now []byte
		oldName, newName := "a/"+c.Path, "b/"+c.Path
		if c.Kind == fileset.Create {
			oldName = ""
		} else {
			old, _ = os.ReadFile(filepath.Join(place, filepath.FromSlash(c.Path)))
		}
		if c.Kind == fileset.Delete {
			newName = ""
		} else {
			now, _ = set.Get(c.Path)
		}
		b.Write(unified.Diff(oldName, newName, old, now, 3))
	}
	return b.String()
}

// printable is a report, whatever it is about.
type printable interface {
	JSON(w io.Writer) error
	Markdown(w io.Writer) error
	Text(w io.Writer, colour bool) error
}

func (j *job) print(r printable) error {
	var err error
	switch j.format {
	case "json":
		err = r.JSON(j.out)
	case "markdown":
		err = r.Markdown(j.out)
	default:
		err = r.Text(j.out, j.terminal)
	}
	if err != nil {
		return failure{exitUsage, err.Error()}
	}
	return nil
}
