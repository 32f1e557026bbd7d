package systemd

import (
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect/systemd/unitfile"
	"github.com/deploylift/lift/ledger"
)

// timing is what the timers of a service say together.
type timing struct {
	calendars []line // OnCalendar
	spans     []line // OnUnitActiveSec, OnUnitInactiveSec: again and again
	firsts    []line // OnBootSec, OnStartupSec, OnActiveSec: once
	persist   *line
	jitter    *line
	guard     string // shell commands before the program, that end the run or let it wait
	loop      string // the shell's words around the program, which stands for %s
}

func (u *unit) timerUnit(l line) {
	u.Show(l.setting)
	u.Inert(l.setting, "it says which service is started")
}

// resetTimers takes back all that any On…= of the timers said (systemd.timer(5), OnActiveSec=).
func (u *unit) resetTimers(l line) bool {
	u.Show(l.setting)
	if l.Value != "" {
		return false
	}
	for _, list := range []*[]line{&u.timing.calendars, &u.timing.spans, &u.timing.firsts} {
		for _, old := range *list {
			u.Override(old.setting, "overridden by "+l.pos().String())
		}
		*list = nil
	}
	u.Inert(l.setting, "empty: it takes back what stood before")
	return true
}

func (u *unit) onCalendar(l line) {
	if u.resetTimers(l) {
		return
	}
	if _, problem := unitfile.ToCron(l.Value); problem != nil {
		u.bad(l, problem)
		return
	}
	u.timing.calendars = append(u.timing.calendars, l)
}

func (u *unit) onSpan(l line) {
	if u.resetTimers(l) {
		return
	}
	d, ok := u.span(l)
	switch {
	case !ok:
	case d.Infinite || d.Duration == 0:
		u.bad(l, &unitfile.Problem{What: "a timer needs a span between nothing and for ever", Remedy: "write a time such as 1h"})
	case strings.HasPrefix(l.Key, "OnUnit"):
		u.timing.spans = append(u.timing.spans, l)
	default:
		u.timing.firsts = append(u.timing.firsts, l)
	}
}

func (u *unit) persistent(l line) {
	if _, ok := u.boolean(l); ok {
		u.Show(l.setting)
		if u.timing.persist != nil {
			u.Override(u.timing.persist.setting, "overridden by "+l.pos().String())
		}
		u.timing.persist = &l
	}
}

func (u *unit) randomizedDelay(l line) {
	d, ok := u.span(l)
	if !ok {
		return
	}
	if d.Infinite {
		u.bad(l, &unitfile.Problem{What: "a random delay must have a bound", Remedy: "write a time such as 5min"})
		return
	}
	u.Show(l.setting)
	if u.timing.jitter != nil {
		u.Override(u.timing.jitter.setting, "overridden by "+l.pos().String())
	}
	u.timing.jitter = &l
}

// scheduled settles when the timers start the service: by cron where cron can say it, with a guard in the command where it nearly can, by a loop where it cannot.
func (u *unit) scheduled() {
	if len(u.timers) == 0 {
		return
	}
	t := &u.timing
	if u.last("Service", "Restart") == "always" && !u.oneshot() {
		for _, list := range [][]line{t.calendars, t.spans, t.firsts} {
			for _, l := range list {
				u.Drop(l.setting, u.name+" runs until it is stopped: a timer that starts what runs already does nothing", "remove the timer, or Restart=always if the program is to end")
			}
		}
	} else {
		u.w.Kind = deploy.Some(deploy.Job)
		switch {
		case len(t.calendars) > 0:
			u.calendar()
			for _, l := range append(t.spans, t.firsts...) {
				u.Drop(l.setting, "a schedule has one expression, and OnCalendar= gives it", "start it by hand when it has to run besides: `kubectl create job --from=cronjob/NAME`")
			}
		case len(t.spans) > 0:
			u.period()
		case len(t.firsts) > 0:
			for _, l := range t.firsts {
				u.ApproximatePart(l.setting, "it runs once, as soon as it is rolled out: nothing above systemd counts from the machine's start", "let the program wait, or start it by hand", u.at+".kind")
				u.Show(l.setting)
				u.Find(ledger.Warning, l.pos(), l.Key+"="+l.Value+": "+u.w.Name+" becomes a job that runs once, as soon as it is rolled out", "let the program wait if it must not start at once")
			}
		default:
			u.Find(ledger.Warning, ledger.Pos{File: u.timers[0].file.path}, "says no time at which "+u.name+" starts that a schedule could have: it becomes a job that is started by hand", "write OnCalendar=")
		}
	}
	u.refine()
}

// refine settles what the timers say of the schedule besides its times.
func (u *unit) refine() {
	cron := u.w.Schedule.Cron.IsSet()
	if l := u.timing.persist; l != nil {
		v, _ := u.boolean(*l) // it was read before
		switch {
		case cron && len(u.timing.calendars) > 0:
			u.w.Schedule.CatchUp = deploy.Some(v)
			u.set(*l, "schedule.catchUp")
		default:
			u.Inert(l.setting, "it speaks of OnCalendar= alone")
		}
	}
	if l := u.timing.jitter; l != nil {
		d, _ := u.span(*l) // it was read before
		if cron {
			u.w.Schedule.Jitter = deploy.Some(d.Duration)
			u.set(*l, "schedule.jitter")
			return
		}
		u.Drop(l.setting, "there is no schedule that could be delayed", "let the program wait for a random time")
	}
}

// calendar turns OnCalendar= into cron: several of them where one expression can say them together.
func (u *unit) calendar() {
	var all unitfile.Cron
	var taken []line
	for _, l := range u.timing.calendars {
		c, _ := unitfile.ToCron(l.Value) // it was read before
		if len(taken) > 0 {
			union, ok := all.Union(c)
			if !ok {
				u.Drop(l.setting, "cron cannot say these times in one expression with those of "+taken[0].pos().String(), "make it a service of its own with its own timer")
				u.Find(ledger.Warning, l.pos(), l.Key+"="+l.Value+" does not fit into one schedule with "+taken[0].Value+": it is left out", "give it a service and a timer of its own: a schedule has one expression above systemd")
				continue
			}
			c = union
		}
		all, taken = c, append(taken, l)
	}
	u.w.Kind = deploy.Some(deploy.Cron)
	u.w.Schedule.Cron = deploy.Some(all.Spec)
	fields := []string{"schedule.cron"}
	if all.Zone != "" {
		u.w.Schedule.Zone = deploy.Some(all.Zone)
		fields = append(fields, "schedule.zone")
	}
	if all.Exact {
		for _, l := range taken {
			u.Part(l.setting, u.below(fields)...)
		}
		return
	}
	l := taken[0]
	u.timing.guard = all.Guard
	reason, remedy := all.Reason+": the command checks it before the program runs", "let the program check the date itself, and the image needs no shell"
	if all.Missing != "" {
		reason, remedy = all.Reason+": "+all.Missing, "make it a service that loops: cron starts a job once a minute at most"
	}
	u.nearly(l, reason, remedy, fields...)
	sev := ledger.Info
	if all.Missing != "" {
		sev = ledger.Warning
	}
	u.Find(sev, l.pos(), l.Key+"="+l.Value+" is not exact in cron: "+reason, remedy)
}

func (u *unit) below(fields []string) []deploy.Path {
	out := make([]deploy.Path, len(fields))
	for i, f := range fields {
		out[i] = u.at + "." + deploy.Path(f)
	}
	return out
}

// period turns a span that starts the service again and again into cron where it divides the hour, the day or the week, else into a loop.
func (u *unit) period() {
	t := &u.timing
	l := t.spans[0]
	for _, other := range t.spans[1:] {
		u.Drop(other.setting, "a second period for one service", "make it a service of its own with its own timer")
	}
	d, _ := u.span(l) // it was read before
	if spec := every(d.Duration); spec != "" {
		u.w.Kind = deploy.Some(deploy.Cron)
		u.w.Schedule.Cron = deploy.Some(spec)
		u.nearly(l, "cron counts from the full hour or from midnight, not from the run before", "let the program check when it ran last if the distance counts", "schedule.cron")
		for _, f := range t.firsts {
			u.Drop(f.setting, "the first run comes with the schedule", "start it by hand when it must not wait: `kubectl create job --from=cronjob/NAME`")
		}
		return
	}
	seconds := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
	t.loop = "while :; do %s; sleep " + seconds(d.Duration) + "; done"
	if l.Key == "OnUnitActiveSec" {
		t.loop = "while :; do %s & sleep " + seconds(d.Duration) + "; wait; done"
	}
	for i, f := range t.firsts {
		wait, _ := u.span(f) // it was read before
		if i > 0 {
			u.Drop(f.setting, "the loop begins after the first of these spans", "nothing to do, unless the first run must wait for the other span")
			continue
		}
		t.loop = "sleep " + seconds(wait.Duration) + "; " + t.loop
		u.Show(f.setting)
		u.ApproximatePart(f.setting, "the loop begins with a pause of this length, counted from the container's start", "let the program wait by itself", u.at+".kind")
	}
	u.w.Kind = deploy.Some(deploy.Service)
	u.Show(l.setting)
	u.ApproximatePart(l.setting, "no schedule of cron has this period: the program runs in a loop of a service, which a rollout begins anew", "choose a period that divides the hour or the day, and it becomes a job with a schedule", u.at+".kind")
	u.Find(ledger.Warning, l.pos(), l.Key+"="+l.Value+": no schedule of cron has this period, so "+u.w.Name+" becomes a service that loops", "choose a period that divides the hour or the day, such as 30min or 6h, and it becomes a job with a schedule")
}

// every writes a period as cron, "" where it divides neither the hour nor the day nor the week.
func every(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == time.Minute:
		return "* * * * *"
	case d < time.Hour && d%time.Minute == 0 && time.Hour%d == 0:
		return "*/" + strconv.Itoa(int(d/time.Minute)) + " * * * *"
	case d == time.Hour:
		return "0 * * * *"
	case d < day && d%time.Hour == 0 && day%d == 0:
		return "0 */" + strconv.Itoa(int(d/time.Hour)) + " * * *"
	case d == day:
		return "0 0 * * *"
	case d == 7*day:
		return "0 0 * * 0"
	}
	return ""
}

// timed puts around the command what the timers want of it.
func (u *unit) timed(c deploy.Command) deploy.Command {
	t := u.timing
	if t.guard == "" && t.loop == "" {
		return c
	}
	program := shellWords(c.Argv)
	if shell, ok := c.Shell.Get(); ok {
		program = shellWords(append(deploy.Args(shell, "-c"), c.Argv...))
	}
	script := t.guard + "exec " + program
	if t.loop != "" {
		script = strings.Replace(t.loop, "%s", program, 1)
	}
	if strings.Contains(program, " $") {
		script = "set -f; " + script // systemd expands no patterns
	}
	return deploy.Command{Shell: deploy.Some("/bin/sh"), Argv: deploy.Args(script)}
}

// shellWords writes a command line for a shell, which expands the variables as systemd does.
func shellWords(argv deploy.Argv) string {
	words := make([]string, len(argv))
	for i, w := range argv {
		if len(w) == 1 && w[0].Split {
			words[i] = "$" + w[0].Var
			continue
		}
		var b strings.Builder
		for _, p := range w {
			if p.Var != "" {
				b.WriteString(`"${` + p.Var + `}"`)
			} else if plain(p.Text) {
				b.WriteString(p.Text)
			} else {
				b.WriteString("'" + strings.ReplaceAll(p.Text, "'", `'\''`) + "'")
			}
		}
		if words[i] = b.String(); words[i] == "" {
			words[i] = "''"
		}
	}
	return strings.Join(words, " ")
}

func plain(text string) bool {
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,+@%=") == ""
}

// last returns the last value of a directive, "" for none.
func (u *unit) last(section, key string) string {
	value := ""
	for _, l := range u.lines {
		if l.Section == section && l.Key == key {
			value = l.Value
		}
	}
	return value
}
