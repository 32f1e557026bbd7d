package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/pipeline"
	"github.com/deploylift/lift/report"
	running "github.com/deploylift/lift/verify/run"
	"github.com/deploylift/lift/verify/run/docker"
	"github.com/deploylift/lift/verify/run/exchange"
	"github.com/deploylift/lift/verify/run/processes"
	"github.com/spf13/cobra"
)

// tryFlags are what verify --run takes.
type tryFlags struct {
	run       bool
	on        []string
	require   []string
	witness   bool
	exchanges []string
	derive    string
	values    string
	patience  time.Duration
	load      string
	gateway   string
	junit     string
}

// runnerTiers are the runners in the order of their tiers.
var runnerTiers = []struct {
	name string
	tier detect.Tier
}{
	{"processes", detect.Process},
	{"docker", detect.Container},
	{"kubernetes", detect.Orchestrator},
}

func runnerNames() []string {
	var out []string
	for _, r := range runnerTiers {
		out = append(out, r.name)
	}
	return out
}

func (t *tryFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&t.run, "run", false, "start both sides on real runtimes and compare how they behave")
	f.StringSliceVar(&t.on, "on", nil, "with --run: the runtimes, "+strings.Join(runnerNames(), ", ")+" (default: all tiers from the source to the target)")
	f.StringSliceVar(&t.require, "require", nil, "with --run: runtimes without which the run has failed; others are skipped where they are not to be had")
	f.BoolVar(&t.witness, "witness", false, "with --run: let the witness take each program's place and compare what it finds around it")
	f.StringSliceVar(&t.exchanges, "exchanges", nil, "with --run: files of requests and answers, or directories of them (default: DIR/exchanges, or requests that change nothing, derived from probes and routes)")
	f.StringVar(&t.derive, "derive", "", "write the derived requests to this file, to be worked on, and run nothing")
	f.StringVar(&t.values, "values", "", "with --run: a file of NAME=VALUE lines, as .env has them, for what the sources do not tell")
	f.DurationVar(&t.patience, "patience", 12*time.Second, "with --run --witness: how long a stop is watched")
	f.StringVar(&t.load, "load", "", "with --run on kubernetes: command that brings the image archive {} to the cluster: 'kind load image-archive {}' (default: the cluster pulls)")
	f.StringVar(&t.gateway, "gateway-class", "", "with --run on kubernetes: GatewayClass of the Gateway for the routes (default: the cluster's only one)")
	f.StringVar(&t.junit, "junit", "", "with --run: write the result to this file as JUnit XML, too")
	_ = c.RegisterFlagCompletionFunc("on", cobra.FixedCompletions(runnerNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("require", cobra.FixedCompletions(runnerNames(), cobra.ShellCompDirectiveNoFileComp))
}

// check complains of flags that make no sense.
func (t *tryFlags) check() error {
	if !t.run && (len(t.on) > 0 || len(t.require) > 0 || t.witness || len(t.exchanges) > 0 || t.values != "" || t.load != "" || t.gateway != "" || t.junit != "") {
		return usage("--on, --require, --witness, --exchanges, --values, --load, --gateway-class and --junit go with --run")
	}
	for _, flag := range []struct {
		name  string
		given []string
	}{{"--on", t.on}, {"--require", t.require}} {
		for _, name := range flag.given {
			if !slices.Contains(runnerNames(), name) {
				return usage("%s %s: unknown runtime; use %s", flag.name, name, strings.Join(runnerNames(), ", "))
			}
		}
	}
	for _, name := range t.require {
		if len(t.on) > 0 && !slices.Contains(t.on, name) {
			return usage("--require %s: --on does not name it", name)
		}
	}
	if t.patience < time.Second {
		return usage("--patience %s: too short to see a stop; use 5s or more", t.patience)
	}
	return nil
}

// try runs the tiers and reports what came of it.
func (j *job) try(l pipeline.Lifted, disk detect.Tree, t *tryFlags) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	trial, err := j.trial(l, disk, t)
	if err != nil {
		return err
	}
	if t.derive != "" {
		return j.derive(trial, t.derive)
	}
	var skipped []running.Skip
	if trial.Sides, skipped, err = j.able(ctx, trial.Sides, t); err != nil {
		return err
	}
	trial.Progress = j.progress()
	v, err := running.Try(ctx, trial)
	switch {
	case ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)):
		return failure{exitUsage, "interrupted; what was started is gone again"}
	case err != nil:
		for _, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintln(j.err, "lift: "+line)
		}
		return failure{exitUsage, ""}
	}
	v.Skipped = skipped
	return j.tried(report.NewTrial(v), t)
}

// derive writes the requests that can be derived, to be worked on.
func (j *job) derive(t running.Trial, name string) error {
	f, gaps, err := t.Derived()
	if err != nil {
		return failure{exitInternal, err.Error()}
	}
	if _, err := os.Stat(name); err == nil {
		return usage("%s is there already; take it away, or name another file", name)
	}
	if err := os.WriteFile(name, []byte(exchange.Print(f)), 0o666); err != nil {
		return usage("%s", err)
	}
	for _, g := range gaps {
		fmt.Fprintf(j.err, "%s: nothing is derived: %s\n", g.What, g.Why)
	}
	fmt.Fprintf(j.out, "%s: %d requests; say what is expected of them, and add those that change something\n", name, len(f.Items))
	return nil
}

// tried prints the report and says how it ended.
func (j *job) tried(r report.Trial, t *tryFlags) error {
	if t.junit != "" {
		f, err := os.Create(t.junit)
		if err != nil {
			return usage("%s", err)
		}
		if err := errors.Join(r.JUnit(f), f.Close()); err != nil {
			return usage("%s: %s", t.junit, err)
		}
	}
	if err := j.print(r); err != nil {
		return err
	}
	if !r.Summary.Equivalent {
		return failure{exitLoss, ""}
	}
	return nil
}

// able finds out which of the sides can run here. The original and one more must.
func (j *job) able(ctx context.Context, sides []running.Side, t *tryFlags) ([]running.Side, []running.Skip, error) {
	var can []running.Side
	var skipped []running.Skip
	for i, s := range sides {
		err := s.Runner.Needs(ctx)
		if err == nil {
			can = append(can, s)
			continue
		}
		if slices.Contains(t.require, s.System.Tier) {
			return nil, nil, usage("%s is required, and cannot run here: %s", s.System.Tier, err)
		}
		if i == 0 {
			return nil, nil, usage("the original cannot run here, and there is nothing to compare with: %s: %s", s.System.Tier, err)
		}
		fmt.Fprintf(j.err, "%s: skipped: %s\n", s.System.Tier, err)
		skipped = append(skipped, running.Skip{Tier: s.System.Tier, Why: err.Error()})
	}
	if len(can) < 2 {
		return nil, nil, usage("nothing could be run beside %s", sides[0].System.Tier)
	}
	return can, skipped, nil
}

// trial puts together what is to be tried.
func (j *job) trial(l pipeline.Lifted, disk detect.Tree, t *tryFlags) (running.Trial, error) {
	out := running.Trial{Name: l.Source.App.Name.Or("system"), Entries: l.Entries, Source: l.Source.Position, Witness: t.witness, Patience: t.patience, Host: running.ThisHost()}
	given, err := readValues(t.values)
	if err != nil {
		return out, err
	}
	apps, err := pipeline.OnDisk(sources, l, disk)
	if err != nil {
		return out, failure{exitInternal, err.Error()}
	}
	dir, err := filepath.Abs(j.dir)
	if err != nil {
		return out, usage("%s", err)
	}
	place, err := filepath.Abs(j.place)
	if err != nil {
		return out, usage("%s", err)
	}
	var missing []string
	d := docker.New()
	cluster := &builtFirst{docker: d, load: t.load, gateway: t.gateway}
	runners := map[string]running.Runner{"processes": processes.Runner{}, "docker": d, "kubernetes": cluster}
	for _, rt := range runnerTiers {
		stage := -1 // the source
		app := l.Source.App
		if rt.tier != l.Source.Tier {
			stage = slices.IndexFunc(l.Stages, func(s pipeline.Stage) bool { return s.Tier == rt.tier })
			if stage < 0 {
				if slices.Contains(t.on, rt.name) {
					return out, usage("--on %s: the migration from the %s tier to %s does not reach it", rt.name, l.Source.Tier, l.Stages[len(l.Stages)-1].Name)
				}
				continue
			}
			app = apps[stage]
		}
		wanted := len(t.on) == 0 || slices.Contains(t.on, rt.name) || stage < 0
		sys := running.System{Tier: rt.name, App: app, Tree: dir, From: l.Source.Sources}
		if stage >= 0 {
			sys.Out = place
			for _, f := range l.Stages[stage].Set.Files() {
				sys.Files = append(sys.Files, f.Path)
			}
		}
		if !wanted && rt.tier != detect.Container {
			continue
		}
		values, unknown := l.Supplied(stage, app, given)
		for _, m := range unknown {
			missing = append(missing, fmt.Sprintf("%s (%s)", m.Name, m.Field))
		}
		sys.Values = values
		if rt.tier == detect.Container {
			cluster.below = sys
			if !wanted {
				continue
			}
		}
		if stage >= 0 {
			if len(out.Sides) == 0 {
				return out, usage("--on %s: the original runs on no runtime that lift has", rt.name)
			}
			for k := len(out.Way); k <= stage; k++ {
				out.Way = append(out.Way, running.Hop{Lowering: l.Stages[k].Lowering})
			}
		}
		out.Sides = append(out.Sides, running.Side{Runner: runners[rt.name], System: sys, Steps: stage + 1})
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return out, usage("nothing tells what these are: %s; put NAME=VALUE lines into a file and name it with --values", strings.Join(slices.Compact(missing), ", "))
	}
	out.Exchanges, err = j.exchanges(t)
	return out, err
}

// exchangeDir is the directory of the source tree in which files of requests are looked for.
const exchangeDir = "exchanges"

// exchanges reads the files of requests. None: they are derived.
func (j *job) exchanges(t *tryFlags) ([]exchange.File, error) {
	var out []exchange.File
	var faults []exchange.Fault
	names := t.exchanges
	if own := filepath.Join(j.dir, exchangeDir); len(names) == 0 {
		if found, _ := filepath.Glob(filepath.Join(own, "*"+exchange.Suffix)); len(found) > 0 {
			names = []string{own}
		}
	}
	for _, name := range names {
		st, err := os.Stat(name)
		switch {
		case err != nil:
			return nil, usage("--exchanges %s: no such file or directory", name)
		case st.IsDir():
			files, f, err := exchange.Load(os.DirFS(name), name)
			if err != nil {
				return nil, usage("%s", err)
			}
			if len(files)+len(f) == 0 {
				return nil, usage("--exchanges %s: no *%s files in it", name, exchange.Suffix)
			}
			out, faults = append(out, files...), append(faults, f...)
		default:
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, usage("%s", err)
			}
			file, f := exchange.Parse(name, string(text))
			out, faults = append(out, file), append(faults, f...)
		}
	}
	for _, f := range faults {
		fmt.Fprintln(j.err, f)
	}
	if len(faults) > 0 {
		return nil, failure{exitUsage, ""}
	}
	return out, nil
}

// readValues reads NAME=VALUE lines.
func readValues(name string) (map[string]string, error) {
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("%s: no such file", name)
	}
	if err != nil {
		return nil, usage("%s", err)
	}
	out := map[string]string{}
	for i, l := range strings.Split(string(data), "\n") {
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(l, "=")
		if !ok || key == "" {
			return nil, usage("%s:%d: no NAME=VALUE", name, i+1) // never the line itself: it may be a secret
		}
		if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = value[1 : n-1]
		}
		out[strings.TrimSpace(key)] = value
	}
	return out, nil
}

// progress prints what happens now: over itself on a terminal, a line each in a log.
func (j *job) progress() func(string, ...any) {
	begun := time.Now()
	return func(format string, args ...any) {
		fmt.Fprintf(j.err, "%6.1fs  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
}
