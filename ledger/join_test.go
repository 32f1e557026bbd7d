package ledger_test

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

const (
	web  = deploy.Path("workloads.web")
	site = deploy.Path("workloads.site")
)

func doc(file string, fields ...deploy.Path) ledger.Doc {
	var d ledger.Doc
	for i, f := range fields {
		d.Settings = append(d.Settings, ledger.Setting{At: ledger.Pos{File: file, Line: i + 1}, Key: string(f)})
		d.Reads = append(d.Reads, ledger.Read{Setting: i, Outcome: ledger.Converted, Fields: []deploy.Path{f}})
	}
	return d
}

// A setting is followed through a rename, a change of form and a second step to the lines that carry it.
func TestJoinFollowsTwoSteps(t *testing.T) {
	source := doc("web.service", web.Join("dir"), web.Join("stop", "grace"), web.Join("schedule", "cron"), web.Join("umask"))
	first := ledger.Hop{Back: doc("compose.yaml", site.Join("dir"), site.Join("stop", "grace"))}
	first.Move(web, site)
	first.Approximate(web.Join("stop", "grace"), "a year", "shorten it", site.Join("stop", "grace"))
	first.Drop(web.Join("schedule", "cron"), "no schedule", "use a timer")
	first.Drop(web.Join("umask"), "no umask", "")
	second := ledger.Hop{Back: doc("deployment.yaml", site.Join("dir"), site.Join("stop", "grace"), site.Join("schedule", "cron"))}
	second.Drop(site.Join("umask"), "no umask here either", "")
	got, err := ledger.Join(source, first, second)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		outcome ledger.Outcome
		targets string
		reason  string
	}{
		{ledger.Converted, "compose.yaml:1 deployment.yaml:1", ""},
		{ledger.Approximated, "compose.yaml:2 deployment.yaml:2", "a year"},
		{ledger.Converted, "deployment.yaml:3", ""}, // compose could not hold it, Kubernetes can
		{ledger.Dropped, "", "no umask here either"},
	} {
		var targets []string
		for _, tier := range got[i].Tiers {
			for _, p := range tier.Targets {
				targets = append(targets, p.String())
			}
		}
		if got[i].Outcome != want.outcome || strings.Join(targets, " ") != want.targets || got[i].Reason != want.reason {
			t.Errorf("%s: %s %v %q, want %+v", got[i].Key, got[i].Outcome, targets, got[i].Reason, want)
		}
	}
	if o := got[2].Tiers[0].Outcome; o != ledger.Dropped {
		t.Errorf("the schedule is %s at the first step", o)
	}
}

// A setting is worth its worst field.
func TestJoinTakesTheWorstField(t *testing.T) {
	source := doc("web.service", web.Join("dir"))
	source.Reads = append(source.Reads, ledger.Read{Setting: 0, Outcome: ledger.Converted, Fields: []deploy.Path{web.Join("umask")}})
	hop := ledger.Hop{Back: doc("compose.yaml", web.Join("dir"))}
	hop.Drop(web.Join("umask"), "gone", "")
	got, err := ledger.Join(source, hop)
	if err != nil || got[0].Outcome != ledger.Dropped || len(got[0].Tiers[0].Targets) != 1 {
		t.Errorf("%v %+v", err, got)
	}
}

// What stays on the tier before keeps its outcome there.
func TestJoinStays(t *testing.T) {
	source := doc("web.service", web.Join("dir"))
	first := ledger.Hop{Back: doc("deployment.yaml", web.Join("dir"))}
	second := ledger.Hop{Lowering: ledger.Lowering{Turns: []ledger.Turn{{From: web, Outcome: ledger.Approximated, Reason: "has a volume", Stays: true}}}}
	got, err := ledger.Join(source, first, second)
	if err != nil || got[0].Outcome != ledger.Converted || len(got[0].Tiers[1].Targets) != 1 {
		t.Errorf("%v %+v", err, got)
	}
}

// What the tier below lost of a workload that stays there is lost for good.
func TestJoinStaysWithItsLosses(t *testing.T) {
	source := doc("web.service", web.Join("dir"), web.Join("umask"), web.Join("stop", "grace"))
	first := ledger.Hop{Back: doc("deployment.yaml", web.Join("dir"), web.Join("stop", "grace"))}
	first.Drop(web.Join("umask"), "no umask", "set it")
	first.Approximate(web.Join("stop", "grace"), "rounded", "", web.Join("stop", "grace"))
	second := ledger.Hop{Lowering: ledger.Lowering{Turns: []ledger.Turn{{From: web, To: []deploy.Path{web}, Outcome: ledger.Approximated, Reason: "has a volume", Stays: true}}}}
	got, err := ledger.Join(source, first, second)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []ledger.Outcome{ledger.Converted, ledger.Dropped, ledger.Approximated} {
		if got[i].Outcome != want {
			t.Errorf("%s: %s, want %s", got[i].Key, got[i].Outcome, want)
		}
	}
	if got[1].Remedy != "set it" {
		t.Errorf("the remedy is %q", got[1].Remedy)
	}
}

func TestJoinRefusesUnaccounted(t *testing.T) {
	source := doc("web.service", web.Join("dir"))
	source.Reads = nil
	if _, err := ledger.Join(source); err == nil || !strings.Contains(err.Error(), "web.service:1") {
		t.Errorf("want an internal error with the position, got %v", err)
	}
}

// What a step had to drop reaches the next one, under the name that its workload has there.
func TestNextCarriesTheResidue(t *testing.T) {
	a := deploy.App{Workloads: []deploy.Workload{{Name: "web", Schedule: deploy.Schedule{Cron: deploy.Some("0 3 * * *")}, Before: []deploy.Task{{MayFail: deploy.Some(true)}}}}}
	b := deploy.App{Workloads: []deploy.Workload{{Name: "site"}}}
	var l ledger.Lowering
	l.Move(web, site)
	l.Drop(web.Join("schedule", "cron"), "x", "")
	l.Drop(web.Join("before"), "x", "")
	next := ledger.Next(a, b, l)
	if !next.Workloads[0].Schedule.Cron.Is("0 3 * * *") || len(next.Workloads[0].Before) != 1 || !next.Workloads[0].Before[0].MayFail.Is(true) {
		t.Errorf("%+v", next.Workloads[0])
	}
}
