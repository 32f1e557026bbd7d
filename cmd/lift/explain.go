package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/fileset"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/pipeline"
	"github.com/spf13/cobra"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [SOURCE[:KEY]]",
		Short: "Say what becomes of a setting at each tier",
		Long: `explain lists the sources; with SOURCE, the settings that it knows; with SOURCE:KEY, what becomes
of one setting at each tier, by migrating a small system that has it.

  lift explain systemd:MemoryMax`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
			name, _, _ := strings.Cut(prefix, ":")
			var out []string
			for _, s := range sources {
				if s.Name != name {
					out = append(out, s.Name)
					continue
				}
				for _, k := range s.Keys() {
					out = append(out, s.Name+":"+k.Name)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, s := range sources {
					fmt.Fprintf(a.out, "%-12s %s\n", s.Name, s.Doc)
				}
				return nil
			}
			name, key, one := strings.Cut(args[0], ":")
			s, ok := sourceNamed(name)
			if !ok {
				return usage("explain %s: unknown source; see lift formats", name)
			}
			if !one {
				return a.explainAll(s)
			}
			return a.explainKey(s, key)
		},
	}
}

func (a *app) explainAll(s detect.Source) error {
	width := 0
	keys := s.Keys()
	for _, k := range keys {
		width = max(width, len(label(k)))
	}
	for _, k := range keys {
		fmt.Fprintf(a.out, "%-*s  %-12s %s\n", width, label(k), k.Outcome, k.Doc)
	}
	return nil
}

func label(k detect.Key) string {
	if k.Section == "" {
		return k.Name
	}
	return "[" + k.Section + "] " + k.Name
}

func (a *app) explainKey(s detect.Source, key string) error {
	var found []detect.Key
	var names []string
	for _, k := range s.Keys() {
		if strings.EqualFold(k.Name, key) {
			found = append(found, k)
		}
		names = append(names, k.Name)
	}
	if len(found) == 0 {
		if near := nearest.Name(key, names); near != "" {
			return usage("explain %s:%s: unknown setting; did you mean %s?", s.Name, key, near)
		}
		return usage("explain %s:%s: unknown setting; lift explain %s lists them", s.Name, key, s.Name)
	}
	for i, k := range found {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintf(a.out, "%s  %s\n  %s\n", label(k), k.Spec, k.Doc)
		if s.Sample == nil || k.Example == "" {
			a.verdict("every target", k.Outcome, k.Reason, k.Remedy)
			continue
		}
		if err := a.tell(s, k); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) verdict(target string, o ledger.Outcome, reason, remedy string) {
	fmt.Fprintf(a.out, "  %-12s %s\n", target, o)
	if reason != "" {
		fmt.Fprintf(a.out, "               %s\n", reason)
	}
	if remedy != "" {
		fmt.Fprintf(a.out, "               → %s\n", remedy)
	}
}

// try migrates the row's sample all the way up to a target.
func try(s detect.Source, k detect.Key, target string) (pipeline.Lifted, error) {
	var files fileset.Set
	for p, text := range s.Sample(k) {
		if err := files.Add(p, []byte(text)); err != nil {
			return pipeline.Lifted{}, err
		}
	}
	d, err := pipeline.Detect(sources, pipeline.TreeOf(files), pipeline.Options{Source: s.Name, Below: detect.Serverless + 1, Name: "sample", Tree: "."})
	if err != nil {
		return pipeline.Lifted{}, err
	}
	way, _, err := stepsTo(target)
	if err != nil {
		return pipeline.Lifted{}, err
	}
	return pipeline.Lift(sources, d, way)
}

// trial is what became of a sample at one target.
type trial struct {
	ledger.Tier
	target string
	set    fileset.Set
}

// outcomes tries a row's sample on every way up. The steps that several ways have in common are told once.
func outcomes(s detect.Source, k detect.Key) ([]trial, error) {
	var out []trial
	for _, top := range steps {
		if top.Tier < steps[len(steps)-1].Tier {
			continue // a step on the way to those above
		}
		l, err := try(s, k, top.Name)
		if err != nil {
			return nil, err
		}
		for i, st := range l.Stages {
			if slices.ContainsFunc(out, func(t trial) bool { return t.target == st.Name }) {
				continue
			}
			one := trial{target: st.Name, set: l.Set}
			for _, e := range l.Entries {
				if e.At.File == "" && k.Section != "implied" || !k.Is(e.Key) {
					continue
				}
				if t := e.Tiers[i]; t.Outcome > one.Outcome || t.Outcome == one.Outcome && len(t.Targets) > len(one.Targets) {
					one.Tier = t
				}
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// tell prints what became of the row's sample at each step; where it is the same at all, once.
func (a *app) tell(s detect.Source, k detect.Key) error {
	tiers, err := outcomes(s, k)
	if err != nil {
		return failure{exitInternal, err.Error()}
	}
	fmt.Fprintf(a.out, "  tried with %s=%s\n", k.Name, k.Example)
	same := !slices.ContainsFunc(tiers, func(t trial) bool {
		return len(t.Targets) > 0 || t.Outcome != tiers[0].Outcome || t.Reason != tiers[0].Reason
	})
	if same && len(tiers) > 0 {
		a.verdict("every target", tiers[0].Outcome, tiers[0].Reason, tiers[0].Remedy)
		return nil
	}
	for _, t := range tiers {
		a.verdict(t.target, t.Outcome, t.Reason, t.Remedy)
		for _, p := range t.Targets {
			fmt.Fprintf(a.out, "               %s: %s\n", p, lineOf(t.set, p))
		}
	}
	return nil
}

// lineOf returns the text of a line of a written file.
func lineOf(set fileset.Set, p ledger.Pos) string {
	data, _ := set.Get(p.File)
	lines := strings.Split(string(data), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[p.Line-1])
}
