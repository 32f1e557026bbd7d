package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a directory",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			// no date: the pages are the same from run to run
			return doc.GenManTree(c.Root(), &doc.GenManHeader{Title: "LIFT", Section: "1", Source: "lift", Manual: "lift"}, args[0])
		},
	}
}
