package unitfile

import (
	"slices"
	"strconv"
	"strings"
)

// Cron is a calendar expression as crontab(5) has it.
type Cron struct {
	// Spec are the five fields, in the form that every cron and Kubernetes read alike: numbers, Sunday as 0, steps only
	// after a "*" or a range. Where it is not exact it fires at every minute in which the expression elapses, and at
	// others, so that a guard in the command can make up for it.
	Spec   string
	Zone   string // IANA name, "" for the machine's own
	Exact  bool
	Reason string // why it is not exact
	Remedy string // what the guard must check
	// Guard are shell commands that make up for what is not exact: they end a run that the expression does not mean, and
	// wait for its second. They need date(1) of GNU.
	Guard   string
	Missing string // what no guard makes up for
	// Quirk tells which of the times that systemd.time(7) promises, and cron keeps, systemd itself leaves out.
	Quirk string

	fields [5][]bool
}

// cronFields are the bounds of the five fields.
var cronFields = [5]struct{ min, max int }{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}

// ToCron turns an expression of OnCalendar= (systemd.time(7), CALENDAR EVENTS) into cron. What cron cannot say: seconds
// other than zero, years, days from the end of the month, and weekday together with day of the month, since cron fires
// when either of the two fits.
//
// Exact means the minutes of wall-clock time that the manual promises. Around a change to or from summer time schedulers
// differ.
func ToCron(expression string) (Cron, *Problem) {
	c, problem := ParseCalendar(expression)
	if problem != nil {
		return Cron{}, problem
	}
	var fields [5][]bool
	for i, ranges := range [4][]Range{c.Minutes, c.Hours, c.Days, c.Months} {
		fields[i] = values(ranges, cronFields[i].min, cronFields[i].max)
	}
	fields[4] = make([]bool, 7)
	for day, on := range c.Weekdays {
		fields[4][(day+1)%7] = on || c.Weekdays == [7]bool{}
	}
	var reasons, remedies []string
	var guard strings.Builder
	date := "date"
	if c.Zone != "" {
		date = "TZ=" + c.Zone + " date"
	}
	only := func(what string, on []int) {
		words := make([]string, len(on))
		for i, n := range on {
			words[i] = strconv.Itoa(n)
		}
		guard.WriteString("case " + what + " in " + strings.Join(words, "|") + ") ;; *) exit 0 ;; esac; ")
	}
	missing := ""
	lose := func(reason, remedy string) {
		reasons, remedies = append(reasons, reason), append(remedies, remedy)
	}
	if len(c.Years) > 0 {
		lose("cron has no year", "check the year in the command")
		only("$("+date+" +%Y)", numbers(values(c.Years, minYear, maxYear), minYear))
	}
	if c.FromEnd {
		fields[2] = fromEnd(c.Days)
		only("$(( $("+date+" -d \"$("+date+" +%Y-%m-01) +1 month -1 day\" +%d) - $("+date+" +%-d) + 1 ))", numbers(countFromEnd(c.Days), 1))
		lose("cron does not count days from the end of the month", "check the day in the command")
	}
	if !all(fields[2]) && !all(fields[4]) {
		only("$("+date+" +%w)", numbers(fields[4], 0))
		for i := range fields[4] {
			fields[4][i] = true
		}
		lose("cron fires when either the weekday or the day of the month fits", "check the weekday in the command")
	}
	if len(c.Microseconds) != 1 || c.Microseconds[0] != (Range{0, -1, 0}) {
		lose("cron has no seconds", "sleep or loop within the minute in the command")
		if s := c.Microseconds; len(s) == 1 && s[0].Repeat == 0 {
			guard.WriteString("sleep " + strconv.FormatFloat(float64(s[0].Start)/second, 'f', -1, 64) + "; ")
		} else {
			missing = "it runs once in the minute instead of several times"
		}
	}
	spec := make([]string, 5)
	for i, f := range fields {
		// A step on a star makes a day field restricted for some crons and not for others.
		spec[i] = cronField(f, cronFields[i].min, i != 2 && i != 4)
	}
	return Cron{
		Spec:   strings.Join(spec, " "),
		Zone:   c.Zone,
		Exact:  len(reasons) == 0,
		Reason: strings.Join(reasons, ", and "),
		Remedy: strings.Join(remedies, ", and "),
		Quirk:  quirk(c, fields),

		Guard: guard.String(), Missing: missing, fields: fields,
	}, nil
}

// Union says the times of both in one expression, if there is one: where they differ in one field alone.
func (c Cron) Union(o Cron) (Cron, bool) {
	if !c.Exact || !o.Exact || c.Zone != o.Zone {
		return Cron{}, false
	}
	differ := -1
	for i := range c.fields {
		if !slices.Equal(c.fields[i], o.fields[i]) {
			if differ >= 0 {
				return Cron{}, false
			}
			differ = i
		}
	}
	if differ < 0 {
		return c, true
	}
	both := slices.Clone(c.fields[differ])
	for i, on := range o.fields[differ] {
		both[i] = both[i] || on
	}
	spec := strings.Fields(c.Spec)
	c.fields[differ] = both
	spec[differ] = cronField(both, cronFields[differ].min, differ != 2 && differ != 4)
	c.Spec = strings.Join(spec, " ")
	return c, true
}

// numbers lists what is set, counted from lo.
func numbers(set []bool, lo int) []int {
	var out []int
	for i, on := range set {
		if on {
			out = append(out, lo+i)
		}
	}
	return out
}

// countFromEnd marks which of the days, counted from the end of the month, are meant.
func countFromEnd(ranges []Range) []bool {
	set := make([]bool, 31)
	for _, r := range ranges {
		set[r.Start-1] = true
		for n := r.Start; n <= r.Stop; n += max(r.Repeat, 1) {
			set[n-1] = true
		}
		for n := r.Start; n >= 1 && r.Stop < 0 && r.Repeat > 0; n -= r.Repeat {
			set[n-1] = true
		}
	}
	return set
}

// quirk finds the times that systemd skips, measured with 252 and reported for 258 (github.com/systemd/systemd/issues/40260):
// a repetition without an end that runs over the end of its unit, and over the end of the next unit with it, goes on
// from where it lands instead of from the first value. "*:0/7" leaves out midnight, after 23:56.
func quirk(c Calendar, fields [5][]bool) string {
	minutes, hours, days, months, weekdays := fields[0], fields[1], fields[2], fields[3], fields[4]
	monthEnd := (days[27] || days[28] || days[29] || days[30]) && days[0]
	switch {
	case overruns(c.Minutes, minutes, 0) && hours[23] && hours[0] && adjacent(weekdays, true) && (adjacent(days, false) || monthEnd):
		return "systemd up to 258 skips the first run after midnight (issue 40260); cron does not"
	case overruns(c.Hours, hours, 0) && adjacent(weekdays, true) && monthEnd && adjacent(months, true):
		return "systemd up to 258 skips the first run of a month (issue 40260); cron does not"
	case !c.FromEnd && overruns(c.Days, days, 1) && months[11] && months[0]:
		return "systemd up to 258 skips the first run of a year (issue 40260); cron does not"
	}
	return ""
}

// adjacent reports whether two neighbours are in the set; round: whether the first follows the last.
func adjacent(set []bool, round bool) bool {
	for i := range set {
		if set[i] && (i+1 < len(set) && set[i+1] || round && i+1 == len(set) && set[0]) {
			return true
		}
	}
	return false
}

// overruns reports whether the repetitions, continued beyond the end of their unit, land behind the first value of the
// set, whose numbers start at lo. They do not where the last number of all is in the set.
func overruns(ranges []Range, set []bool, lo int) bool {
	lands := -1
	for _, r := range ranges {
		if r.Stop >= 0 || r.Repeat == 0 {
			continue
		}
		v := r.Start
		for v < lo+len(set) {
			v += r.Repeat
		}
		if v -= len(set) + lo; lands < 0 || v < lands {
			lands = v
		}
	}
	if set[len(set)-1] {
		return false
	}
	for i := range min(lands, len(set)) {
		if set[i] {
			return true
		}
	}
	return false
}

// values marks the numbers from lo to hi that the ranges hit. No range is all of them.
func values(ranges []Range, lo, hi int) []bool {
	set := make([]bool, hi-lo+1)
	for i := range set {
		set[i] = len(ranges) == 0
	}
	for _, r := range ranges {
		last := r.Start
		if r.Repeat > 0 {
			if last = hi; r.Stop >= 0 {
				last = r.Stop
			}
		}
		for v := r.Start; v <= last; v += max(r.Repeat, 1) {
			set[v-lo] = true
		}
	}
	return set
}

// fromEnd marks the days of the month that the n-th last day can be, in months of 28 to 31 days. A repetition goes
// towards the end of the month.
func fromEnd(ranges []Range) []bool {
	set := make([]bool, 31)
	mark := func(n int) { // the n-th last day
		for length := 28; length <= 31; length++ {
			if day := length + 1 - n; day >= 1 {
				set[day-1] = true
			}
		}
	}
	for _, r := range ranges {
		mark(r.Start)
		for n := r.Start; n <= r.Stop; n++ {
			mark(n)
		}
		for n := r.Start; n >= 1 && r.Stop < 0 && r.Repeat > 0; n -= r.Repeat {
			mark(n)
		}
	}
	return set
}

func all(set []bool) bool {
	for _, on := range set {
		if !on {
			return false
		}
	}
	return true
}

// cronField writes a set of numbers, the first of which is lo: as "*", as a step, or as a list of numbers, ranges and
// stepped ranges.
func cronField(set []bool, lo int, starStep bool) string {
	if all(set) {
		return "*"
	}
	var on []int
	for i, v := range set {
		if v {
			on = append(on, lo+i)
		}
	}
	if step, ok := evenly(on); ok && len(on) > 2 && step > 1 {
		if hi := lo + len(set) - 1; starStep && on[0] == lo && on[len(on)-1]+step > hi {
			return "*/" + strconv.Itoa(step)
		}
		return strconv.Itoa(on[0]) + "-" + strconv.Itoa(on[len(on)-1]) + "/" + strconv.Itoa(step)
	}
	var parts []string
	for i := 0; i < len(on); {
		j := i
		for j+1 < len(on) && on[j+1] == on[j]+1 {
			j++
		}
		switch {
		case j-i >= 2:
			parts = append(parts, strconv.Itoa(on[i])+"-"+strconv.Itoa(on[j]))
		default:
			for _, v := range on[i : j+1] {
				parts = append(parts, strconv.Itoa(v))
			}
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// evenly reports whether the numbers have one distance.
func evenly(numbers []int) (step int, ok bool) {
	for i := 1; i < len(numbers); i++ {
		d := numbers[i] - numbers[i-1]
		if step != 0 && d != step {
			return 0, false
		}
		step = d
	}
	return step, step > 0
}
