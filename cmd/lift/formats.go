package main

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/deploylift/lift/convert/container2k8s"
	"github.com/deploylift/lift/convert/k8s2serverless/knative"
	"github.com/deploylift/lift/convert/k8s2serverless/lambda"
	"github.com/deploylift/lift/convert/process2container"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/compose"
	"github.com/deploylift/lift/detect/dockerfile"
	knativesource "github.com/deploylift/lift/detect/knative"
	"github.com/deploylift/lift/detect/kubernetes"
	lambdasource "github.com/deploylift/lift/detect/lambda"
	"github.com/deploylift/lift/detect/nginx"
	"github.com/deploylift/lift/detect/procfile"
	"github.com/deploylift/lift/detect/systemd"
	"github.com/deploylift/lift/pipeline"
	"github.com/spf13/cobra"
)

// sources are all that lift reads.
var sources = []detect.Source{systemd.Source, procfile.Source, nginx.Source, compose.Source, dockerfile.Source, kubernetes.Source, knativesource.Source, lambdasource.Source}

// steps are the ways up, in order. Of several that reach one tier a migration takes the one that is its target; a tier's name means the first.
var steps = []pipeline.Step{
	{Target: process2container.Target, Tier: detect.Container, Reader: "compose"},
	{Target: container2k8s.Target, Tier: detect.Orchestrator, Reader: "kubernetes"},
	{Target: knative.Target, Tier: detect.Serverless, Reader: "knative"},
	{Target: lambda.Target, Tier: detect.Serverless, Reader: "lambda"},
}

// targetNames lists what --to takes.
func targetNames() []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Name)
	}
	return out
}

// stepsTo returns the steps up to a target, which may be named by its tier.
func stepsTo(target string) ([]pipeline.Step, string, error) {
	for i, s := range steps {
		if s.Name == target || s.Tier.String() == target {
			way := slices.DeleteFunc(slices.Clone(steps[:i]), func(below pipeline.Step) bool { return below.Tier >= s.Tier })
			return append(way, s), s.Name, nil
		}
	}
	if target == "" {
		return nil, "", usage("--to is missing; use one of %s", strings.Join(targetNames(), ", "))
	}
	return nil, "", usage("--to %s: unknown target; use one of %s, or a tier: container, orchestrator, serverless", target, strings.Join(targetNames(), ", "))
}

func (a *app) formatsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "formats",
		Short: "List what lift reads and writes",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, "Sources (--source):")
			for _, s := range sources {
				fmt.Fprintf(a.out, "  %-12s %-13s %s\n", s.Name, s.Tier, s.Doc)
			}
			fmt.Fprintln(a.out, "\nTargets (--to), each with all steps below it:")
			for _, s := range steps {
				fmt.Fprintf(a.out, "  %-12s %-13s %s\n", s.Name, s.Tier, s.Doc)
			}
			return nil
		},
	}
}

// version is the module's version as the build recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func sourceNamed(name string) (detect.Source, bool) {
	i := slices.IndexFunc(sources, func(s detect.Source) bool { return s.Name == name })
	if i < 0 {
		return detect.Source{}, false
	}
	return sources[i], true
}
