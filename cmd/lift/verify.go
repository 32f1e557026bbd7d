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
	c := &cobra.Command{
		Use:   "verify [DIR] [--out DIR]",
		Short: "Compare the files that were written, as they are on disk, with what the sources mean",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := j.args(args); err != nil {
				return err
			}
			return j.verify()
		},
	}
	j.flags(c)
	c.Flags().StringVar(&j.place, "out", "", "the directory that was written to (default DIR)")
	return c
}

func (j *job) verify() error {
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
	t, done, err := pipeline.OpenTree(j.dir)
	if err != nil {
		return usage("%s", err)
	}
	defer done()
	l, err := j.run(way, t)
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
	if err := j.print(r); err != nil {
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
