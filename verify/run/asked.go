package run

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
)

// What is found out by doing something to a workload: ending it, stopping it, asking for it from somewhere else. The results stand in view.deeds under the aspects' names.

// again and down are what becomes of a program that has ended.
const (
	again = "started again"
	down  = "stays down"
)

// every and first are who gets the stop signal.
const (
	every = "every process"
	first = "the main process"
)

// asked are the aspects that every service has of this kind.
var asked = []aspect{
	deed("replicas", func(v view) (string, bool) {
		return strconv.FormatInt(v.w.Scale.Replicas.Or(1), 10), v.w.Scale.Replicas.IsSet()
	}, "scale.replicas"),
	deed("restart.failure", func(v view) (string, bool) {
		p, ok := v.w.Restart.Policy.Get()
		return restarted(p != deploy.RestartNo), ok
	}, "restart.policy"),
	deed("restart.success", func(v view) (string, bool) {
		p, ok := v.w.Restart.Policy.Get()
		return restarted(p == deploy.RestartAlways), ok
	}, "restart.policy"),
	deed("stop.signal", func(v view) (string, bool) { return v.w.Stop.Signal.Or("SIGTERM"), v.w.Stop.Signal.IsSet() }, "stop.signal"),
	deed("stop.scope", func(v view) (string, bool) {
		s, ok := v.w.Stop.Scope.Get()
		if s == deploy.StopGroup {
			return every, ok
		}
		return first, ok
	}, "stop.scope"),
	deed("stop.grace", func(v view) (string, bool) {
		l, ok := v.w.Stop.Grace.Get()
		if d, finite := l.Get(); ok && finite && d <= v.patience {
			return killedAfter(d), true
		}
		return outlives(v.patience), ok
	}, "stop.grace"),
	deed("run", func(v view) (string, bool) { return ranWell, true }, "kind"),
}

const ranWell = "runs to its end, status 0"

// deed is an aspect that is found out by doing.
func deed(name string, want func(view) (string, bool), fields ...string) aspect {
	return aspect{name: name, fields: fields, want: want, seen: func(v view) (string, bool) {
		t, ok := v.deeds[name]
		return t, ok
	}}
}

func restarted(yes bool) string {
	if yes {
		return again
	}
	return down
}

func killedAfter(d time.Duration) string { return "killed after " + d.String() }
func outlives(d time.Duration) string    { return "not killed within " + d.String() }

// slack is how much longer than promised a supervisor may take to kill a program, and how much a clock may be off: requests, polls and a busy machine lie between.
func slack(d time.Duration) time.Duration { return max(2*time.Second, d/5) }

// patienceWords tells what was seen of a stop, in the words of what was promised where it keeps it.
func patienceWords(took time.Duration, killed bool, promised deploy.Opt[deploy.Limit[time.Duration]], patience time.Duration) string {
	l, ok := promised.Get()
	if d, finite := l.Get(); ok && finite && d <= patience && took >= d-300*time.Millisecond && took <= d+slack(d) && killed {
		return killedAfter(d)
	}
	if !killed {
		return "ended by itself after " + took.Round(100*time.Millisecond).String()
	}
	return killedAfter(took.Round(time.Second))
}

// deedsOf lists the aspects of this kind that make sense for the workload.
func deedsOf(a, b view) []aspect {
	var out []aspect
	for _, as := range asked {
		_, here := a.deeds[as.name]
		_, there := b.deeds[as.name]
		if here || there {
			out = append(out, as)
		}
	}
	for _, name := range union(keysOf(a.deeds), keysOf(b.deeds)) {
		kind, rest, _ := strings.Cut(name, ".")
		switch kind {
		case "reach":
			to, port, _ := strings.Cut(rest, ":")
			out = append(out, reach(to, port))
		case "published":
			out = append(out, published(rest))
		case "door":
			out = append(out, deed(name, nil))
		}
	}
	return out
}

func keysOf(m map[string]string) []string { return slices.Collect(maps.Keys(m)) }

// reach is the aspect that one workload reaches another one where its settings say that it is.
func reach(workload, port string) aspect {
	return deed("reach."+workload+":"+port, func(view) (string, bool) { return answeredBy(workload), true }, "env", "command.argv", "files")
}

// published is the aspect that the machine offers a port as before.
func published(port string) aspect {
	return deed("published."+port, nil, string(deploy.At("ports", port, "published")))
}

func answeredBy(workload string) string { return "answered by " + workload }
