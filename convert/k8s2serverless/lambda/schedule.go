package lambda

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deploylift/lift/convert/internal/pod"
)

// days are the days of the week as EventBridge calls them, in cron's order.
var days = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

var months = []string{"", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}

// cronFields are the five fields of crontab(5).
var cronFields = []struct {
	low, high int
	names     []string
}{{0, 59, nil}, {0, 23, nil}, {1, 31, nil}, {1, 12, months}, {0, 7, days}}

// scheduler brings five fields of crontab(5) into a form that EventBridge Scheduler reads alike: numbers and lists, days of the week by name, for it counts them from 1. It returns why there is none.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
func scheduler(cron string) (string, string) {
	fields := strings.Fields(cron)
	if len(fields) != len(cronFields) {
		return "", "has not five fields"
	}
	for i, f := range fields {
		set, ok := expand(f, i)
		if !ok {
			return "", "has a field that crontab(5) does not know"
		}
		fields[i] = compress(set, i)
	}
	if fields[2] != "*" && fields[4] != "*" {
		return "", "fires on a day of the month or of the week, whichever comes: EventBridge Scheduler takes one of the two"
	}
	return strings.Join(fields, " "), ""
}

// expand lists the values of a field.
func expand(field string, i int) ([]int, bool) {
	f := cronFields[i]
	value := func(text string) (int, bool) {
		if k := slices.Index(f.names, strings.ToUpper(text)); k >= 0 && text != "" {
			return k, true
		}
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= f.low && n <= f.high
	}
	high := f.high
	if i == 4 {
		high = 6
	}
	seen := map[int]bool{}
	for part := range strings.SplitSeq(field, ",") {
		span, text, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return nil, false
			}
			step = n
		}
		from, to := f.low, high
		if span != "*" {
			a, b, isRange := strings.Cut(span, "-")
			n, ok := value(a)
			if !ok {
				return nil, false
			}
			from, to = n, n
			if stepped {
				to = high
			}
			if isRange {
				if to, ok = value(b); !ok || to < from {
					return nil, false
				}
			}
		}
		for n := from; n <= to; n += step {
			if i == 4 && n == 7 {
				seen[0] = true
			} else {
				seen[n] = true
			}
		}
	}
	var out []int
	for n := f.low; n <= high; n++ {
		if seen[n] {
			out = append(out, n)
		}
	}
	return out, len(out) > 0
}

// compress writes the values of a field: all as *, neighbours as a range.
func compress(set []int, i int) string {
	f := cronFields[i]
	high := f.high
	if i == 4 {
		high = 6
	}
	if len(set) == high-f.low+1 {
		return "*"
	}
	name := func(n int) string {
		if i == 4 {
			return days[n]
		}
		return strconv.Itoa(n)
	}
	var parts []string
	for k := 0; k < len(set); {
		end := k
		for end+1 < len(set) && set[end+1] == set[end]+1 {
			end++
		}
		if end-k >= 2 {
			parts = append(parts, name(set[k])+"-"+name(set[end]))
			k = end + 1
			continue
		}
		parts = append(parts, name(set[k]))
		k++
	}
	return strings.Join(parts, ",")
}

// lowerSchedule brings the schedule into EventBridge's form.
func lowerSchedule(o pod.Workload) {
	c := &o.W.Schedule
	at := func(leaf string) []string { return []string{"schedule", leaf} }
	if form, reason := scheduler(c.Cron.Or("")); reason == "" {
		pod.Convert(o, &c.Cron, form, "EventBridge Scheduler knows lists and names of days", at("cron")...)
	}
	pod.Default(o, &c.Zone, "UTC", "EventBridge Scheduler's own default", at("zone")...)
	pod.Default(o, &c.Overlap, true, "Lambda starts a run whether or not the one before has ended", at("overlap")...)
	if jitter, ok := c.Jitter.Get(); ok {
		if jitter <= 0 {
			pod.Idle(o, &c.Jitter, "there is no delay", at("jitter")...)
			return
		}
		window := (jitter + time.Minute - 1).Truncate(time.Minute)
		pod.Approximate(o, &c.Jitter, min(window, maxWindow), "the window of EventBridge Scheduler is counted in whole minutes, up to a day", "nothing to do, unless part of a minute matters", at("jitter")...)
	}
}
