package unitfile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestToCron(t *testing.T) {
	const year = "cron has no year"
	const end = "cron does not count days from the end of the month"
	const either = "cron fires when either the weekday or the day of the month fits"
	const seconds = "cron has no seconds"
	tests := []struct{ in, spec, zone, reason string }{
		{"minutely", "* * * * *", "", ""},
		{"hourly", "0 * * * *", "", ""},
		{"daily", "0 0 * * *", "", ""},
		{"weekly", "0 0 * * 1", "", ""},
		{"monthly", "0 0 1 * *", "", ""},
		{"quarterly", "0 0 1 */3 *", "", ""},
		{"semiannually", "0 0 1 1,7 *", "", ""},
		{"yearly", "0 0 1 1 *", "", ""},
		{"Mon..Fri 09:00", "0 9 * * 1-5", "", ""},
		{"Sat,Sun 5:30", "30 5 * * 0,6", "", ""},
		{"Mon..Sun 5:30", "30 5 * * *", "", ""},
		{"Mon,Wed,Fri 5:30", "30 5 * * 1-5/2", "", ""},
		{"*:0/15", "*/15 * * * *", "", ""},
		{"*:2/3", "2-59/3 * * * *", "", ""},
		{"*:0..30/10", "0-30/10 * * * *", "", ""},
		{"*:0/59", "0,59 * * * *", "", ""},
		{"0/6:00", "0 */6 * * *", "", ""},
		{"8..18:0/20", "*/20 8-18 * * *", "", ""},
		{"*-*-1/2 4:00", "0 4 1-31/2 * *", "", ""},
		{"*-*-1..31 4:00", "0 4 * * *", "", ""},
		{"1,2,3,7:5,6", "5,6 1-3,7 * * *", "", ""},
		{"daily Europe/Berlin", "0 0 * * *", "Europe/Berlin", ""},
		{"*-*-* 03:17 UTC", "17 3 * * *", "UTC", ""},
		{"Mon *-*-1 0:00", "0 0 1 * *", "", either},
		{"Mon *-*-1..7 0:00", "0 0 1-7 * *", "", either},
		{"*-*~1", "0 0 28-31 * *", "", end},
		{"Mon *-05~07/1", "0 0 22-31 5 *", "", end + ", and " + either},
		{"2030-1-2 3:04", "4 3 2 1 *", "", year},
		{"*:*:30", "* * * * *", "", seconds},
		{"*:0:0/10", "0 * * * *", "", seconds},
		{"*:*:*", "* * * * *", "", seconds},
		{"0:0:0.5", "0 0 * * *", "", seconds},
		{"@1395716396", "59 2 25 3 *", "UTC", year + ", and " + seconds},
	}
	for _, test := range tests {
		got, problem := ToCron(test.in)
		one(t, test.in, problem, "")
		if got.Spec != test.spec || got.Zone != test.zone || got.Reason != test.reason || got.Exact != (test.reason == "") || (got.Remedy == "") != got.Exact {
			t.Errorf("%s: %+v", test.in, got)
		}
	}
	for in, want := range map[string]string{
		"*:0/7":    "systemd up to 258 skips the first run after midnight (issue 40260); cron does not",
		"0/5:00":   "systemd up to 258 skips the first run of a month (issue 40260); cron does not",
		"*-*-1/11": "systemd up to 258 skips the first run of a year (issue 40260); cron does not",
		"*:0/5":    "", "8..18:0/7": "", "*:2/3": "", "*-*-1/3": "", "Mon *:0/7": "", "Mon,Tue *-*-* *:0/59": "", "*:0..56/7": "",
	} {
		if c, _ := ToCron(in); c.Quirk != want || !c.Exact {
			t.Errorf("%s: %+v", in, c)
		}
	}
	if _, problem := ToCron("*/5"); problem == nil {
		t.Error("*/5 accepted")
	}
}

// crontab is an independent reading of five cron fields, after crontab(5).
type crontab struct {
	fields            [5][60]bool
	anyDay, anyOfWeek bool
}

func readCron(t testing.TB, spec string) (c crontab) {
	parts := strings.Split(spec, " ")
	if len(parts) != 5 {
		t.Fatalf("%q has %d fields", spec, len(parts))
	}
	bounds := [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}
	number := func(s string, i int) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < bounds[i][0] || n > bounds[i][1] {
			t.Fatalf("%q: %s out of range", spec, s)
		}
		return n
	}
	for i, part := range parts {
		for item := range strings.SplitSeq(part, ",") {
			span, every, stepped := strings.Cut(item, "/")
			lo, hi, step := bounds[i][0], bounds[i][1], 1
			if span != "*" {
				from, to, isRange := strings.Cut(span, "-")
				lo, hi = number(from, i), number(from, i)
				if isRange {
					if hi = number(to, i); hi <= lo {
						t.Fatalf("%q: range %s", spec, span)
					}
				} else if stepped {
					t.Fatalf("%q: step without a range", spec)
				}
			}
			if stepped {
				if step, _ = strconv.Atoi(every); step < 1 {
					t.Fatalf("%q: step %s", spec, every)
				}
			}
			for v := lo; v <= hi; v += step {
				c.fields[i][v] = true
			}
		}
	}
	c.anyDay, c.anyOfWeek = parts[2] == "*", parts[4] == "*"
	return c
}

func (c crontab) day(t time.Time) bool {
	day, weekday := c.fields[2][t.Day()], c.fields[4][t.Weekday()]
	if !c.anyDay && !c.anyOfWeek {
		return c.fields[3][t.Month()] && (day || weekday)
	}
	return c.fields[3][t.Month()] && day && weekday
}

func (c crontab) minute(t time.Time) bool {
	return c.day(t) && c.fields[1][t.Hour()] && c.fields[0][t.Minute()]
}

// next lists the first n times after base.
func (c crontab) next(base time.Time, n int, zone *time.Location) (times []time.Time) {
	start := base.In(zone)
	for d := range 366 * 60 {
		day := time.Date(start.Year(), start.Month(), start.Day()+d, 12, 0, 0, 0, zone)
		if !c.day(day) {
			continue
		}
		for m := range 24 * 60 {
			t := time.Date(day.Year(), day.Month(), day.Day(), m/60, m%60, 0, 0, zone)
			if t.Hour() == m/60 && c.minute(t) && t.After(base) {
				if times = append(times, t.UTC()); len(times) == n {
					return times
				}
			}
		}
	}
	return times
}

// timers are expressions of real timers and of the manual.
var timers = []string{
	"minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "biannually",
	"Mon..Fri 09:00", "Mon..Fri *-*-* 08..18:0/30", "Sat,Sun 5:30", "Sun *-*-* 03:10:00", "Mon,Wed,Fri 5:30", "Tue..Thu,Sat 6:00", "Mon-Fri 9:00", "Wed, 17:48", "Mon..Sun 1:00",
	"*:0/5", "*:0/7", "*:2/3", "*:5/20", "*:0..30/10", "*:0/59", "*:00", "*:0,30/10", "*:15,45", "0/6:00", "1/4:30", "*-*-* 6,18:00", "*-*-* 6:00", "*-*-* *:*:00", "8..18:0/20", "12,14,13,12:20,10,30",
	"*-*-1/2 4:00", "*-*-1,15 2:30", "*-*-1..31 4:00", "*-*-31 4:00", "*-02-29 12:00", "*-2-30", "10-15", "*-1/2-1,3 0:30", "*-1..3,11-7 23:59", "*-1/3-*", "*-06..08-* 5:00",
	"daily UTC", "daily Europe/Berlin", "Mon..Fri 12:00 America/New_York", "*-*-1 00:00 Asia/Kolkata", "weekly Pacific/Auckland", "*-5~*",
	// not exact
	"Mon *-*-1 0:00", "Mon *-*-1..7 0:00", "Fri *-*-13", "*-*~1", "*-*~3..5 4:00", "*-*~07/2", "Mon *-05~07/1", "2030-1-2 3:04", "2028..2032/2-1-1", "*:*:30", "*:0:0/10", "*:*:*", "0:0:0.5", "Sun *-*-8..14 2:00 Europe/Paris", "08:05:40",
}

func TestCronAgainstSystemdAnalyze(t *testing.T) {
	const n = 15
	base := time.Date(2026, 1, 30, 22, 40, 0, 0, time.UTC)
	args := []string{"calendar", "--iterations=" + strconv.Itoa(n), "--base-time=" + base.Format("2006-01-02 15:04:05") + " UTC"}
	out := analyze(t, append(args, timers...)...)
	blocks := strings.Split(strings.TrimSpace(out), "\n\n")
	if len(blocks) != len(timers) {
		t.Fatalf("%d blocks for %d expressions:\n%s", len(blocks), len(timers), out)
	}
	elapse := regexp.MustCompile(`(?m)^ *(?:Next elapse|Iter\. #\d+|Iteration #\d+): \w+ (\d+-\d+-\d+ \d+:\d+:\d+)`)
	exact := 0
	for i, expression := range timers {
		var want []time.Time
		for _, m := range elapse.FindAllStringSubmatch(blocks[i], -1) {
			at, err := time.Parse("2006-01-02 15:04:05", m[1])
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, at)
		}
		c, problem := ToCron(expression)
		one(t, expression, problem, "")
		zone := time.UTC
		if c.Zone != "" {
			var err error
			if zone, err = time.LoadLocation(c.Zone); err != nil {
				t.Fatal(err)
			}
		}
		tab := readCron(t, c.Spec)
		if c.Exact {
			exact++
			got := tab.next(base, n, zone)
			if c.Quirk != "" { // systemd leaves times out
				got = slices.DeleteFunc(got, func(at time.Time) bool { return !slices.Contains(want, at) })
				want = want[:len(got)]
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s is not %s:\n%v\n%s", expression, c.Spec, got, blocks[i])
			}
			continue
		}
		if len(want) == 0 {
			t.Errorf("%s: nothing to compare:\n%s", expression, blocks[i])
		}
		for _, at := range want {
			if !tab.minute(at.In(zone)) {
				t.Errorf("%s: %s misses %s", expression, c.Spec, at)
			}
		}
		got := tab.next(base, n, zone)
		if slices.Equal(got, want) && expression != "0:0:0.5" {
			t.Errorf("%s is said not to be exact, but is: %s", expression, c.Spec)
		}
	}
	if exact < 40 {
		t.Errorf("only %d exact expressions were compared", exact)
	}
}

func TestCalendarAgainstSystemdAnalyze(t *testing.T) {
	var inputs []string
	for _, pair := range normal {
		inputs = append(inputs, pair[0])
	}
	for in := range bad {
		if in != "" {
			inputs = append(inputs, in)
		}
	}
	slices.Sort(inputs)
	out := analyze(t, append([]string{"calendar", "--"}, inputs...)...)
	for _, in := range inputs {
		_, problem := ParseCalendar(in)
		if refused := strings.Contains(out, "Failed to parse calendar specification '"+in+"'"); refused != (problem != nil) {
			t.Errorf("%q: got %v, systemd refuses: %v", in, problem, refused)
		}
	}
}

func FuzzToCron(f *testing.F) {
	for _, in := range timers {
		f.Add(in)
	}
	for in := range bad {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c, problem := ToCron(in)
		if problem != nil {
			if problem.What == "" || problem.Remedy == "" {
				t.Fatalf("%+v", problem)
			}
			return
		}
		if c.Exact != (c.Reason == "") || c.Exact != (c.Remedy == "") {
			t.Fatalf("%+v", c)
		}
		tab := readCron(t, c.Spec)
		calendar, _ := ParseCalendar(in)
		for i, ranges := range [4][]Range{calendar.Minutes, calendar.Hours, calendar.Days, calendar.Months} {
			if i == 2 && calendar.FromEnd {
				continue
			}
			b := cronFields[i]
			got := tab.fields[i][b.min : b.max+1]
			if !slices.Equal(got, values(ranges, b.min, b.max)) {
				t.Fatalf("%q: %q field %d", in, c.Spec, i)
			}
		}
	})
}
