// Command lift moves a deployed system one tier up and shows that it still behaves the same.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/deploylift/lift/verify/run/processes"
	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitClean    = 0
	exitLoss     = 1 // losses under --strict, or a difference found by verify
	exitUsage    = 2 // wrong usage or bad input
	exitInternal = 3 // a bug in lift
)

func main() {
	processes.Child() // lift starts itself again as the supervisor of processes
	// a run is short: collecting garbage before there are some tens of megabytes costs more than it frees
	debug.SetGCPercent(800)
	a := &app{out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stdout) && wantsColour(os.Getenv)}
	os.Exit(a.run(os.Args[1:]))
}

// app is one run of the command with its surroundings.
type app struct {
	out, err io.Writer
	terminal bool // colour is wanted
}

// failure is an error with the exit code that it leads to. A failure without text has said all it had to say.
type failure struct {
	code int
	text string
}

func (f failure) Error() string { return f.text }

func usage(format string, args ...any) error {
	return failure{exitUsage, fmt.Sprintf(format, args...)}
}

// run executes the command line and returns the exit code.
func (a *app) run(args []string) int {
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // never nil: cobra would take those of the process
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.Execute()
	if err == nil {
		return exitClean
	}
	var f failure
	if !errors.As(err, &f) {
		f = failure{exitUsage, err.Error()}
	}
	if f.text != "" {
		fmt.Fprintln(a.err, "lift: "+f.text)
	}
	return f.code
}

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "lift",
		Short: "Move a deployed system one tier up, and prove that it behaves the same",
		Long: `lift reads what is deployed today (systemd units, Procfiles, compose files, Kubernetes
manifests), writes what the next tier needs, says what became of every single setting,
and reads back what it wrote to check it.

  lift diff . --to compose          what would be written, and what would be lost
  lift migrate . --to kubernetes    write it
  lift verify .                     compare what is on disk with the source

Exit codes: 0 clean; 1 losses under --strict, or a difference found by verify;
2 wrong usage or bad input, with nothing written; 3 a bug in lift.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		Version:           version(),
	}
	c.SetVersionTemplate("lift {{.Version}}\n")
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%s; see %s --help", err, cmd.CommandPath())
	})
	c.AddCommand(a.detectCommand(), a.diffCommand(), a.migrateCommand(), a.verifyCommand(), a.explainCommand(), a.formatsCommand())
	return c
}

// wantsColour follows no-color.org: NO_COLOR with any value but the empty one means no; a dumb terminal has none.
func wantsColour(env func(string) string) bool {
	return env("NO_COLOR") == "" && env("TERM") != "dumb"
}

func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
