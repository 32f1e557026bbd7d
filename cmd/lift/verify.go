package main

import (
	"io/fs"
	"os"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/report"
	"github.com/spf13/cobra"
)

func (a *app) verifyCommand() *cobra.Command {
	j := &job{app: a, verb: "verify"}
	t := &tryFlags{}
	c := &cobra.Command{
		Use:   "verify [DIR] [--out DIR] [--run]",
		Short: "Compare the files that were written, as they are on disk, with what the sources mean; and run both",
		Long: `verify reads the files that lift wrote, as they are on disk, and compares them with what
the sources mean. With --run it also starts both sides on real runtimes, apart from
everything else on the machine, asks them the same, and compares what they answer:

  lift verify . --run                            requests derived from probes and routes
  lift verify . --run --witness                  and the world that each program finds
  lift verify . --derive shop.exchange           requests to be completed by hand
  lift verify . --run --exchanges shop.exchange  and used

processes needs root; docker an engine and compose 2.24 or later; kubernetes a cluster that
the kubeconfig names, with the right to create a namespace.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := j.args(args); err != nil {
				return err
			}
			if err := t.check(); err != nil {
				return err
			}
			return j.verify(t)
		},
	}
	j.flags(c)
	t.flags(c)
	c.Flags().StringVar(&j.place, "out", "", "the directory that was written to (default DIR)")
	return c
}

func (j *job) verify(t *tryFlags) error {
	rec, err := fileset.ReadRecord(j.place)
	if err != nil {
		return usage("%s", err)
	}
	if rec == nil {
		return usage("%s: lift has written nothing here; run lift migrate first, or say with --out where it wrote to", j.place)
	}
	if j.source == "" {
		j.source = rec.Options["source"]
	}
	if only := rec.Options["only"]; len(j.only) == 0 && only != "" {
		j.only = strings.Split(only, ",")
	}
	way, target, err := stepsTo(rec.Target)
	if err != nil {
		return err
	}
	tree, done, err := pipeline.OpenTree(j.dir)
	if err != nil {
		return usage("%s", err)
	}
	defer done()
	l, err := j.run(way, tree)
	if err != nil {
		return err
	}
	if l.Faulty() {
		if j.format == "json" {
			_ = report.New(j.verb, target, l).JSON(j.out)
		}
		return j.faults(l)
	}
	disk, closeDisk, err := written(j.place, rec)
	if err != nil {
		return usage("%s", err)
	}
	defer closeDisk()
	differences, findings, err := pipeline.Verify(sources, l, disk)
	if err != nil {
		return failure{exitInternal, err.Error()}
	}
	gone := 0 // a file that is not there any more is a difference, and whatever refers to it is at fault for that reason
	for _, f := range rec.Files {
		if _, err := fs.Stat(disk.FS, f.Path); err != nil {
			gone++
			findings = append(findings, ledger.Finding{Severity: ledger.Error, At: ledger.Pos{File: f.Path}, What: "is gone", Remedy: "run lift migrate again to have it back"})
		}
	}
	l.Findings = findings
	r := report.New(j.verb, target, l)
	r.Differ(differences)
	if l.Faulty() && gone == 0 {
		if j.format == "json" {
			_ = r.JSON(j.out)
		}
		return j.faults(l)
	}
	if t.run || t.derive != "" {
		if gone > 0 || len(differences) > 0 { // what is on disk is what runs; that it is not what was written belongs to the answer
			_ = r.Text(j.err, false)
		}
		if err := j.try(l, disk, t); err != nil {
			return err
		}
	} else if err := j.print(r); err != nil {
		return err
	}
	if gone > 0 || len(differences) > 0 || j.strict && r.Losses() > 0 {
		return failure{exitLoss, ""}
	}
	return nil
}

// written opens the files that the record names, as far as they are still there.
func written(place string, rec *fileset.Record) (detect.Tree, func() error, error) {
	root, err := os.OpenRoot(place)
	if err != nil {
		return detect.Tree{}, nil, err
	}
	t := detect.Tree{FS: root.FS()}
	for _, f := range rec.Files {
		if _, err := fs.Stat(t.FS, f.Path); err == nil {
			t.Paths = append(t.Paths, f.Path)
		}
	}
	return t, root.Close, nil
}
