package main

import (
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/report"
	"github.com/spf13/cobra"
)

func (a *app) detectCommand() *cobra.Command {
	j := &job{app: a, verb: "detect"}
	c := &cobra.Command{
		Use:   "detect [DIR]",
		Short: "Show what is deployed: workloads, settings, findings",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := j.args(args); err != nil {
				return err
			}
			t, done, err := pipeline.OpenTree(j.dir)
			if err != nil {
				return usage("%s", err)
			}
			defer done()
			l, err := j.run(nil, t)
			if err != nil {
				return err
			}
			r := report.New(j.verb, "", l)
			if l.Faulty() {
				if j.format == "json" {
					_ = r.JSON(j.out)
				}
				return j.faults(l)
			}
			if err := j.print(r); err != nil {
				return err
			}
			if j.strict && r.Losses() > 0 {
				return failure{exitLoss, ""}
			}
			return nil
		},
	}
	j.flags(c)
	return c
}
