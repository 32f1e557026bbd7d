package unitfile

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Calendar is a calendar expression in its parts (systemd.time(7), CALENDAR EVENTS). A part without ranges is not
// restricted: "*".
type Calendar struct {
	Weekdays            [7]bool // from Monday; none set: every day
	Years, Months, Days []Range
	FromEnd             bool // Days count from the end of the month: ~1 is the last one
	Hours, Minutes      []Range
	Microseconds        []Range // within the minute
	Zone                string  // "" is the machine's own
}

// Range is a value, with Repeat its repetitions, with Stop up to that value. Stop -1 is none.
type Range struct{ Start, Stop, Repeat int }

// shorthands after systemd.time(7); those the page leaves out are as measured.
var shorthands = [...]struct{ name, expression string }{
	{"minutely", "*-*-* *:*:00"},
	{"hourly", "*-*-* *:00:00"},
	{"daily", "*-*-* 00:00:00"},
	{"monthly", "*-*-01 00:00:00"},
	{"weekly", "Mon *-*-* 00:00:00"},
	{"yearly", "*-01-01 00:00:00"},
	{"annually", "*-01-01 00:00:00"},
	{"anually", "*-01-01 00:00:00"}, // systemd's own slip, kept for those who rely on it
	{"quarterly", "*-01,04,07,10-01 00:00:00"},
	{"semiannually", "*-01,07-01 00:00:00"},
	{"semi-annually", "*-01,07-01 00:00:00"},
	{"biannually", "*-01,07-01 00:00:00"},
	{"bi-annually", "*-01,07-01 00:00:00"},
}

// Bounds of the parts, as systemd checks them.
const (
	minYear, maxYear = 1970, 2199
	second           = 1_000_000
	calendarRemedy   = "check it with `systemd-analyze calendar`"
)

// ParseCalendar reads an expression of OnCalendar= (systemd.time(7), CALENDAR EVENTS), checked as systemd checks it.
// "@1395716396", seconds since 1970, is read as a date in UTC.
func ParseCalendar(expression string) (Calendar, *Problem) {
	var c Calendar
	rest, problem := c.zone(expression)
	if problem != nil {
		return Calendar{}, problem
	}
	for _, s := range shorthands {
		if strings.EqualFold(s.name, rest) {
			rest = s.expression
			break
		}
	}
	p := calendarParser{s: rest}
	if problem := p.expression(&c); problem != nil {
		return Calendar{}, problem
	}
	if problem := c.check(); problem != nil {
		return Calendar{}, problem
	}
	if !slices.Contains(c.Weekdays[:], false) {
		c.Weekdays = [7]bool{}
	}
	return c, nil
}

// zone takes the time zone off the end. Where systemd asks the machine's database of time zones, the shape of the name
// decides. The abbreviations of the machine's own zone, which systemd knows as well, are refused.
func (c *Calendar) zone(s string) (string, *Problem) {
	i := strings.LastIndexByte(s, ' ')
	name := s[i+1:]
	switch {
	case i < 0 || name == "" || !isLetter(name[0]):
		return s, nil
	case strings.EqualFold(name, "UTC"):
		c.Zone = "UTC"
		return s[:i], nil
	case zoneName(name):
		c.Zone = name
		return s[:i], nil
	}
	if _, _, ok := cutWeekday(name); ok {
		return "", fault(i+1, "weekdays separated by a space", "separate them by commas alone")
	}
	return "", fault(i+1, "unknown time zone "+strconv.Quote(name), "use a name of the IANA database such as Europe/Berlin")
}

var (
	zoneAreas = strings.Fields("Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US")
	zoneNames = strings.Fields(`CET CST6CDT Cuba EET EST EST5EDT Egypt Eire Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST
		Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal
		ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu`)
)

// zoneName reports whether s looks like a name of the IANA database.
func zoneName(s string) bool {
	if slices.Contains(zoneNames, s) {
		return true
	}
	area, place, found := strings.Cut(s, "/")
	if !found || place == "" || !slices.Contains(zoneAreas, area) {
		return false
	}
	for i := range len(place) {
		if c := place[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("_+-/", c) < 0 {
			return false
		}
	}
	return true
}

var weekdayNames = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// cutWeekday takes a weekday off the front of s.
func cutWeekday(s string) (day int, rest string, ok bool) {
	for i, name := range weekdayNames {
		for _, n := range []string{name, name[:3]} {
			if len(s) >= len(n) && strings.EqualFold(s[:len(n)], n) {
				return i, s[len(n):], true
			}
		}
	}
	return 0, s, false
}

// calendarParser reads an expression without its time zone.
type calendarParser struct {
	s string
	i int
}

func (p *calendarParser) fault(what string) *Problem { return fault(p.i, what, calendarRemedy) }

func (p *calendarParser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *calendarParser) spaces() {
	for p.peek() == ' ' {
		p.i++
	}
}

func (p *calendarParser) expression(c *Calendar) *Problem {
	if p.s == "" {
		return p.fault("empty calendar expression")
	}
	if problem := p.weekdays(c); problem != nil {
		return problem
	}
	if p.i == len(p.s) {
		c.midnight()
		return nil
	}
	if p.s[p.i] == '@' {
		return p.timestamp(c)
	}
	dated, problem := p.date(c)
	if problem != nil {
		return problem
	}
	if dated && p.i == len(p.s) {
		c.midnight()
		return nil
	}
	return p.clock(c)
}

func (c *Calendar) midnight() {
	c.Hours, c.Minutes, c.Microseconds = single(0), single(0), single(0)
}

func single(n int) []Range { return []Range{{n, -1, 0}} }

// timestamp reads @seconds.
func (p *calendarParser) timestamp(c *Calendar) *Problem {
	v, next, ok := scanUint(p.s, p.i+1)
	if !ok || next == p.i+1 || next != len(p.s) || v > math.MaxInt32*4 {
		return p.fault("not a number of seconds after @")
	}
	t := time.Unix(int64(v), 0).UTC()
	c.Years, c.Months, c.Days = single(t.Year()), single(int(t.Month())), single(t.Day())
	c.Hours, c.Minutes, c.Microseconds = single(t.Hour()), single(t.Minute()), single(t.Second()*second)
	c.Zone = "UTC"
	return nil
}

// weekdays reads "Mon..Fri,Sun " if it is there. A trailing comma and ranges with a dash are tolerated.
func (p *calendarParser) weekdays(c *Calendar) *Problem {
	from := -1 // start of a range
	for first := true; ; first = false {
		day, rest, ok := cutWeekday(p.s[p.i:])
		if !ok {
			if first {
				return nil
			}
			return p.fault("unknown weekday")
		}
		if rest != "" && strings.IndexByte("-., ", rest[0]) < 0 {
			return p.fault("unknown weekday")
		}
		start := day
		if from >= 0 {
			if start = from; from > day {
				return p.fault("range of weekdays that runs backwards")
			}
		}
		for d := start; d <= day; d++ {
			c.Weekdays[d] = true
		}
		p.i = len(p.s) - len(rest)
		switch {
		case rest == "" || rest[0] == ' ':
			p.spaces()
			return nil
		case rest[0] == ',':
			from = -1
			p.i++
		case from >= 0:
			return p.fault("range of weekdays with three ends")
		case rest[0] == '-':
			from = day
			p.i++
		case strings.HasPrefix(rest, ".."):
			from = day
			p.i += 2
		default:
			return p.fault("unknown weekday")
		}
		if n := p.peek(); n == 0 || n == ' ' {
			if from >= 0 {
				return p.fault("range of weekdays without an end")
			}
			p.spaces()
			return nil
		}
	}
}

// date reads [[year-]month-]day. It leaves p where it was, and returns false, if there is none.
func (p *calendarParser) date(c *Calendar) (bool, *Problem) {
	start := p.i
	first, problem := p.list(false)
	if problem != nil {
		return false, problem
	}
	if n := p.peek(); n == 0 || n == ':' {
		p.i = start
		return false, nil
	}
	parts := [][]Range{first}
	for len(parts) < 3 {
		switch {
		case p.peek() == '~':
			c.FromEnd = true
		case p.peek() != '-':
			return false, p.fault("not a date")
		}
		p.i++
		part, problem := p.list(false)
		if problem != nil {
			return false, problem
		}
		parts = append(parts, part)
		if n := p.peek(); n == 0 || n == ' ' {
			p.spaces()
			c.Months, c.Days = parts[len(parts)-2], parts[len(parts)-1]
			c.FromEnd = c.FromEnd && len(c.Days) > 0
			if len(parts) == 3 {
				c.Years = parts[0]
				for i := range c.Years {
					c.Years[i].Start, c.Years[i].Stop = century(c.Years[i].Start), century(c.Years[i].Stop)
				}
			}
			return true, nil
		}
		if c.FromEnd {
			return false, p.fault("'~' that is not before the day")
		}
	}
	return false, p.fault("not a date")
}

// century completes a year of two digits.
func century(year int) int {
	switch {
	case year >= 0 && year < 70:
		return year + 2000
	case year >= 70 && year < 100:
		return year + 1900
	}
	return year
}

// clock reads hours:minutes[:seconds].
func (p *calendarParser) clock(c *Calendar) (problem *Problem) {
	if c.Hours, problem = p.list(false); problem != nil {
		return problem
	}
	if p.peek() != ':' {
		return p.fault("time of day without minutes")
	}
	p.i++
	if c.Minutes, problem = p.list(false); problem != nil {
		return problem
	}
	if p.i == len(p.s) {
		c.Microseconds = single(0)
		return nil
	}
	if p.peek() != ':' {
		return p.fault("text after the time of day")
	}
	p.i++
	if c.Microseconds, problem = p.list(true); problem != nil {
		return problem
	}
	if p.i != len(p.s) {
		return p.fault("text after the time of day")
	}
	return nil
}

// list reads "*" or ranges separated by commas. The limit on their number is systemd's.
func (p *calendarParser) list(seconds bool) ([]Range, *Problem) {
	if p.peek() == '*' {
		p.i++
		return nil, nil
	}
	var ranges []Range
	for {
		r := Range{Stop: -1}
		var problem *Problem
		if r.Start, problem = p.number(seconds); problem != nil {
			return nil, problem
		}
		if strings.HasPrefix(p.s[p.i:], "..") {
			p.i += 2
			if r.Stop, problem = p.number(seconds); problem != nil {
				return nil, problem
			}
			if r.Repeat = 1; seconds {
				r.Repeat = second
			}
		}
		if p.peek() == '/' {
			p.i++
			if r.Repeat, problem = p.number(seconds); problem != nil {
				return nil, problem
			}
			if r.Repeat == 0 {
				return nil, p.fault("repetition of zero")
			}
		}
		if r.Stop == r.Start {
			r.Stop, r.Repeat = -1, 0
		}
		if r.Stop > r.Start && r.Repeat > r.Stop-r.Start {
			r.Stop, r.Repeat = -1, 0
		}
		ranges = append(ranges, r)
		if p.i < len(p.s) && strings.IndexByte(" ,-~:", p.s[p.i]) < 0 {
			return nil, p.fault("unexpected character in a calendar expression")
		}
		if p.peek() != ',' {
			return ranges, nil
		}
		if len(ranges) >= 240 {
			return nil, p.fault("more than 240 values in a list")
		}
		p.i++
	}
}

// number reads a number; seconds as microseconds, with a fraction rounded to six places.
func (p *calendarParser) number(seconds bool) (int, *Problem) {
	v, next, ok := scanUint(p.s, p.i)
	if next == p.i {
		return 0, p.fault("not a number in a calendar expression")
	}
	if !ok || v > math.MaxInt16 {
		return 0, p.fault("number out of range")
	}
	p.i = next
	if !seconds {
		return int(v), nil
	}
	n := int(v) * second
	if p.peek() == '.' && p.i+1 < len(p.s) && p.s[p.i+1] != '.' {
		_, end, _ := scanUint(p.s, p.i+1)
		decimals := p.s[p.i+1 : end]
		if decimals == "" {
			return 0, p.fault("number that ends in a dot")
		}
		p.i = end
		for k, unit := 0, second/10; k < len(decimals) && unit > 0; k, unit = k+1, unit/10 {
			n += int(decimals[k]-'0') * unit
		}
		if len(decimals) > 6 && decimals[6] >= '5' {
			n++
		}
	}
	return n, nil
}

// check verifies the bounds of all parts. Each repetition must occur at least once.
func (c *Calendar) check() *Problem {
	lastDay := 31
	if c.FromEnd {
		lastDay = 28 // what every month has
	}
	for _, part := range []struct {
		name     string
		ranges   []Range
		from, to int
		fromEnd  bool
	}{
		{"year", c.Years, minYear, maxYear, false},
		{"month", c.Months, 1, 12, false},
		{"day", c.Days, 1, lastDay, c.FromEnd},
		{"hour", c.Hours, 0, 23, false},
		{"minute", c.Minutes, 0, 59, false},
		{"second", c.Microseconds, 0, 60*second - 1, false},
	} {
		for _, r := range part.ranges {
			bad := r.Start < part.from || r.Start > part.to || r.Repeat > part.to+1-part.from
			switch {
			case r.Stop >= 0:
				bad = bad || r.Stop < part.from || r.Stop > part.to || r.Start+r.Repeat > r.Stop
			case part.fromEnd:
				bad = bad || r.Start-r.Repeat < part.from
			default:
				bad = bad || r.Start+r.Repeat > part.to
			}
			if bad {
				return fault(0, part.name+" out of range in a calendar expression", calendarRemedy)
			}
		}
	}
	return nil
}
