package kubernetes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/internal/podspec"
	"github.com/deploylift/lift/detect/internal/yamldoc"
	"github.com/deploylift/lift/ledger"
)

const (
	apiJob     = "Kubernetes API: Job v1 batch"
	apiCronJob = "Kubernetes API: CronJob v1 batch"
)

const (
	defaultGrace   = 30 * time.Second
	defaultBackoff = 6
	catchUp        = time.Hour   // a deadline at least as long makes up for missed runs
	tolerance      = time.Minute // what the controller needs, which looks every ten seconds: cron itself starts a run within its minute
)

// batch are the rows of a Job's specification, which stands under front.
func batch(spec, front string) []podspec.Row[workload] {
	parallel := "the model runs a job once at a time"
	return slices.Concat(
		[]podspec.Row[workload]{
			{Key: front + "backoffLimit", Doc: "tries after the first one failed", Spec: spec, Example: "2", Read: func(w workload, n yamldoc.Node) {
				if v, ok := w.Int(n, 0, 1<<31-1); ok {
					podspec.Set(w.Reader, n, &w.M.Restart.Attempts, deploy.Bound(v), w.At.Join("restart", "attempts"))
				}
			}},
			{Key: front + "activeDeadlineSeconds", Doc: "time until it must have ended", Spec: spec, Example: "3600", Read: func(w workload, n yamldoc.Node) {
				if d, ok := w.Seconds(n, 0); ok {
					podspec.Set(w.Reader, n, &w.M.Start.Run, deploy.Bound(d), w.At.Join("start", "run"))
				}
			}},
			{Key: front + "suspend", Doc: "holds it back", Spec: spec, Example: "false", Read: func(w workload, n yamldoc.Node) { w.suspend(n, front == "spec.") }},
			usual(spec, front+"parallelism", "pods at a time", "1", "it is the default", parallel),
			usual(spec, front+"completions", "runs that make up the job", "1", "it is the default", parallel),
			usual(spec, front+"completionMode", "whether runs are numbered", "NonIndexed", "it is the default", parallel),
			usual(spec, front+"manualSelector", "uses a selector of one's own", "false", "it is the default", "jobs find their pods themselves"),
			usual(spec, front+"podReplacementPolicy", "when a failed pod is replaced", "TerminatingOrFailed", "it is the default", onlyKubernetes),
		},
		pod(spec, front),
		fixed(spec, ledger.Inert, "it joins pods to their owner", "", front+"selector", "which pods belong to it"),
		fixed(spec, ledger.Inert, "it only clears away what has ended", "", front+"ttlSecondsAfterFinished", "how long it is kept after its end"),
		fixed(spec, ledger.Dropped, onlyKubernetes, "handle it in the program", front+"podFailurePolicy", "what failures mean", front+"successPolicy", "what success means",
			front+"backoffLimitPerIndex", "tries of each numbered run", front+"maxFailedIndexes", "numbered runs that may fail", front+"failedPodsLimit", "pods that may fail", front+"scheduling", "pods that are placed together"),
		fixed(spec, ledger.Dropped, "a controller of this cluster runs it", "carry the controller over", front+"managedBy", "who runs it"),
	)
}

const onlyKubernetes = "only Kubernetes knows it"

var jobTable = podspec.Table[workload]{Section: "Job", Rows: slices.Concat(head(apiJob, "Job", deploy.Job), batch(apiJob, "spec."))}

var cronJobTable = podspec.Table[workload]{Section: "CronJob", Rows: slices.Concat(
	head(apiCronJob, "CronJob", deploy.Cron),
	[]podspec.Row[workload]{
		{Key: "spec.schedule", Doc: "when it runs, crontab(5)", Spec: apiCronJob, Example: `"15 3 * * *"`, Read: workload.readSchedule},
		{Key: "spec.timeZone", Doc: "time zone of the schedule", Spec: apiCronJob, Example: "Europe/Zurich", Read: func(w workload, n yamldoc.Node) {
			if v, ok := w.Name(n); ok {
				podspec.Set(w.Reader, n, &w.M.Schedule.Zone, v, w.At.Join("schedule", "zone"))
			}
		}},
		{Key: "spec.concurrencyPolicy", Doc: "whether a run may start while the one before is running", Spec: apiCronJob, Example: "Forbid", Read: workload.readOverlap},
		{Key: "spec.startingDeadlineSeconds", Doc: "how late a missed run may start", Spec: apiCronJob, Example: "60", Read: workload.readDeadline},
		{Key: "spec.suspend", Doc: "holds its runs back", Spec: apiCronJob, Example: "false", Read: func(w workload, n yamldoc.Node) { w.suspend(n, true) }},
		{Key: "spec.jobTemplate.metadata", Doc: "labels of the runs", Spec: apiCronJob, Example: "{labels: {app: web}}", Read: func(w workload, n yamldoc.Node) { w.Metadata(n, podspec.Meta{}) }},
	},
	batch(apiCronJob, "spec.jobTemplate.spec."),
	fixed(apiCronJob, ledger.Inert, "it only clears away what has ended", "", "spec.successfulJobsHistoryLimit", "ended runs that are kept", "spec.failedJobsHistoryLimit", "failed runs that are kept"),
)}

// suspend reads whether the workload starts with the system.
func (w workload) suspend(n yamldoc.Node, own bool) {
	v, ok := w.Bool(n)
	switch {
	case !ok:
	case own:
		podspec.Set(w.Reader, n, &w.M.Autostart, !v, w.At.Join("autostart"))
	case v:
		w.Rec.Drop(n.Setting(), "each run would wait for a person", "use the CronJob's own suspend")
	default:
		w.Rec.Inert(n.Setting(), "it is the default")
	}
}

// batchDefaults sets what Jobs and CronJobs imply.
func (w workload) batchDefaults(spec string) {
	r := w.Reader
	podspec.Imply(r, spec, "backoffLimit", &w.M.Restart.Attempts, deploy.Bound[int64](defaultBackoff), w.At.Join("restart", "attempts"))
	if !w.M.Restart.Policy.IsSet() {
		r.Rec.Find(ledger.Error, w.Object.Pos(), w.Object.String()+" has no restartPolicy that Jobs may have", "write restartPolicy: Never or OnFailure in the pod's spec")
	}
	if !w.M.Kind.Is(deploy.Cron) {
		return
	}
	at := w.At.Join("schedule")
	if !w.M.Schedule.Cron.IsSet() && w.Object.Root.Get("spec").IsMap() && !w.Object.Root.Get("spec", "schedule").Exists() {
		r.Rec.Find(ledger.Error, w.Object.Pos(), w.Object.String()+" has no spec.schedule", "write one, such as \"15 3 * * *\"")
	}
	podspec.Imply(r, spec, "spec.concurrencyPolicy", &w.M.Schedule.Overlap, true, at.Join("overlap"))
	podspec.Imply(r, spec, "spec.startingDeadlineSeconds", &w.M.Schedule.CatchUp, true, at.Join("catchUp"))
}

// short names of schedules, and what they mean.
var shorthand = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

func (w workload) readSchedule(n yamldoc.Node) {
	text, ok := w.Name(n)
	if !ok {
		return
	}
	five := strings.TrimSpace(text)
	if long, isShort := shorthand[five]; isShort {
		five = long
	} else if problem := checkCron(five); problem != "" {
		w.Bad(n, problem, "write five fields: minute, hour, day, month, weekday; the zone belongs in timeZone")
		return
	}
	podspec.Set(w.Reader, n, &w.M.Schedule.Cron, five, w.At.Join("schedule", "cron"))
}

// checkCron looks for what is plainly no schedule; crontab(5) has the details.
func checkCron(text string) string {
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return fmt.Sprintf("has %d fields", len(fields))
	}
	for i, f := range fields {
		for _, r := range f {
			if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("*,-/?#", r)) {
				return fmt.Sprintf("has a character in field %d that no schedule has", i+1)
			}
		}
	}
	return ""
}

func (w workload) readOverlap(n yamldoc.Node) {
	r, at := w.Reader, w.At.Join("schedule", "overlap")
	switch v, _ := w.OneOf(n, "Allow", "Forbid", "Replace"); v {
	case "Allow":
		podspec.Set(r, n, &w.M.Schedule.Overlap, true, at)
	case "Forbid":
		podspec.Set(r, n, &w.M.Schedule.Overlap, false, at)
	case "Replace":
		podspec.SetNearly(r, n, &w.M.Schedule.Overlap, false, at, "a run that is late is left to end; Kubernetes would kill it and start the new one", "bound the run: activeDeadlineSeconds")
	}
}

func (w workload) readDeadline(n yamldoc.Node) {
	d, ok := w.Seconds(n, 0)
	if !ok {
		return
	}
	r, at := w.Reader, w.At.Join("schedule", "catchUp")
	switch between := longest(w.M.Schedule.Cron.Or("")); {
	case between > 0 && d >= between: // of the runs that were missed the last one is never older
		podspec.Set(r, n, &w.M.Schedule.CatchUp, true, at)
		return
	case d == tolerance:
		podspec.Set(r, n, &w.M.Schedule.CatchUp, false, at)
		return
	case d >= catchUp:
		podspec.SetNearly(r, n, &w.M.Schedule.CatchUp, true, at, fmt.Sprintf("a missed run is made up for however late; Kubernetes gives up after %v", d), "let the program check whether it comes too late")
		return
	}
	podspec.SetNearly(r, n, &w.M.Schedule.CatchUp, false, at, fmt.Sprintf("a missed run is not made up for; Kubernetes still starts it within %v", d), "write a longer time if missed runs matter")
}

// longest is a bound on the time between two runs of a schedule, by the fields that say more than "each"; 0 for what is no schedule.
func longest(cron string) time.Duration {
	const day = 24 * time.Hour
	f := strings.Fields(cron)
	each := func(i int) bool { return f[i] == "*" || f[i] == "?" }
	switch {
	case len(f) != 5:
		return 0
	case !each(3):
		return 2922 * day // the 29th of February comes after eight years, around 2100
	case !each(2) && !each(4): // either of them will do
		return 7 * day
	case !each(2):
		return 62 * day // the 31st
	case !each(4):
		return 7 * day
	}
	return day
}
