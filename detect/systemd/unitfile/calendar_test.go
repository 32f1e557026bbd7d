package unitfile

import (
	"strings"
	"testing"
)

// normal are the examples of systemd.time(7) with their normalized forms, and shorthands.
var normal = [][2]string{
	{"Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"},
	{"Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00"},
	{"Wed *-1", "Wed *-*-01 00:00:00"},
	{"Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"},
	{"Wed, 17:48", "Wed *-*-* 17:48:00"},
	{"Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03"},
	{"*-*-7 0:0:0", "*-*-07 00:00:00"},
	{"10-15", "*-10-15 00:00:00"},
	{"monday *-12-* 17:00", "Mon *-12-* 17:00:00"},
	{"Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45"},
	{"12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"},
	{"12..14:10,20,30", "*-*-* 12..14:10,20,30:00"},
	{"mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45"},
	{"03-05 08:05:40", "*-03-05 08:05:40"},
	{"08:05:40", "*-*-* 08:05:40"},
	{"05:40", "*-*-* 05:40:00"},
	{"Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40"},
	{"Sat,Sun 08:05:40", "Sat,Sun *-*-* 08:05:40"},
	{"2003-03-05 05:40", "2003-03-05 05:40:00"},
	{"05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001"},
	{"2003-02..04-05", "2003-02..04-05 00:00:00"},
	{"2003-03-05 05:40 UTC", "2003-03-05 05:40:00 UTC"},
	{"2003-03-05", "2003-03-05 00:00:00"},
	{"hourly", "*-*-* *:00:00"},
	{"daily UTC", "*-*-* 00:00:00 UTC"},
	{"Monthly", "*-*-01 00:00:00"},
	{"weekly Pacific/Auckland", "Mon *-*-* 00:00:00 Pacific/Auckland"},
	{"annually", "*-01-01 00:00:00"},
	{"quarterly", "*-01,04,07,10-01 00:00:00"},
	{"bi-annually", "*-01,07-01 00:00:00"},
	{"*:2/3", "*-*-* *:02/3:00"},
	{"Mon-Fri 9:00", "Mon..Fri *-*-* 09:00:00"},
	{"*-5~*", "*-05-* 00:00:00"},
	{"Mon *-05~07/1", "Mon *-05~07/1 00:00:00"},
	{"@1395716396", "2014-03-25 02:59:56 UTC"},
}

// meaning is a calendar with its lists as sets.
func meaning(c Calendar) any {
	type sets struct {
		days                         [7]bool
		fromEnd                      bool
		zone                         string
		years, m, d, h, min, seconds string
	}
	show := func(ranges []Range, lo, hi int) string {
		var b strings.Builder
		for _, on := range values(ranges, lo, hi) {
			b.WriteByte("-x"[map[bool]int{false: 0, true: 1}[on]])
		}
		return b.String()
	}
	var micro []Range
	for _, r := range c.Microseconds {
		micro = append(micro, Range{r.Start / 10000, max(r.Stop/10000, -1), r.Repeat / 10000})
	}
	return sets{
		c.Weekdays, c.FromEnd, c.Zone, show(c.Years, minYear, maxYear), show(c.Months, 1, 12), show(c.Days, 1, 31),
		show(c.Hours, 0, 23), show(c.Minutes, 0, 59), show(micro, 0, 5999),
	}
}

func TestParseCalendarNormalForms(t *testing.T) {
	for _, pair := range normal {
		a, problem := ParseCalendar(pair[0])
		one(t, pair[0], problem, "")
		b, problem := ParseCalendar(pair[1])
		one(t, pair[1], problem, "")
		if meaning(a) != meaning(b) {
			t.Errorf("%s is not %s:\n%v\n%v", pair[0], pair[1], meaning(a), meaning(b))
		}
	}
}

// bad are expressions that systemd refuses.
var bad = map[string]string{
	"":                       "empty calendar expression",
	"*/5":                    "not a date",
	"*:*/5":                  "text after the time of day",
	"12":                     "time of day without minutes",
	"24:00":                  "hour out of range",
	"0:60":                   "minute out of range",
	"0:0:60":                 "second out of range",
	"*:0/60":                 "minute out of range",
	"*:0/0":                  "repetition of zero",
	"*:5..1":                 "minute out of range",
	"*-13-1":                 "month out of range",
	"*-*-32":                 "day out of range",
	"*-5~30":                 "day out of range",
	"2200-1-1":               "year out of range",
	"Fri..Mon 9:00":          "range of weekdays that runs backwards",
	"Mon..Wed..Fri":          "range of weekdays with three ends",
	"Mon..":                  "range of weekdays without an end",
	"monda":                  "unknown weekday",
	"Mon,,Tue 5:00":          "unknown weekday",
	"Mon Tue":                "weekdays separated by a space",
	"Sat, Sun":               "weekdays separated by a space",
	"fortnightly":            "not a number",
	"weekly Mars":            `unknown time zone "Mars"`,
	"  daily":                `unknown time zone "daily"`,
	"*-*-1,~3":               "not a number",
	"2024~1-1":               "'~' that is not before the day",
	"*-*-* *":                "time of day without minutes",
	"2003-03-05T05:40":       "unexpected character",
	"5,,6:00":                "not a number",
	"*:1.5":                  "unexpected character",
	"1-2-3-4":                "not a date",
	"@x":                     "not a number of seconds after @",
	"99999999999:00":         "number out of range",
	"*:*:1.":                 "unexpected character",
	"Mon *-*-* 05:40:00 x y": "unknown time zone",
}

func TestParseCalendarProblems(t *testing.T) {
	for in, want := range bad {
		_, problem := ParseCalendar(in)
		if problem == nil || !strings.HasPrefix(problem.What, want) || problem.Remedy == "" {
			t.Errorf("%q: %v, want %q", in, problem, want)
		}
	}
}
