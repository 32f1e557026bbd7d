//go:build oracle

package unitfile

import (
	"math/rand"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestOCron(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	base := time.Date(2026, 11, 27, 22, 40, 0, 0, time.UTC)
	elapse := regexp.MustCompile(`(?m)^ *(?:Next elapse|Iter\. #\d+|Iteration #\d+): \w+ (\d+-\d+-\d+ \d+:\d+:\d+)`)
	comp := func(lo, hi int) string {
		switch r.Intn(6) {
		case 0, 1:
			return "*"
		case 2:
			return strconv.Itoa(lo + r.Intn(hi-lo))
		case 3:
			return strconv.Itoa(lo+r.Intn(5)) + "/" + strconv.Itoa(1+r.Intn(hi-lo-5))
		case 4:
			return strconv.Itoa(lo) + ".." + strconv.Itoa(hi-r.Intn(3)) + "/" + strconv.Itoa(1+r.Intn(6))
		}
		return strconv.Itoa(lo) + "," + strconv.Itoa(hi)
	}
	var in []string
	for len(in) < 1500 {
		var e string
		switch r.Intn(4) {
		case 0:
			e = comp(0, 23) + ":" + comp(0, 59)
		case 1:
			e = "*-" + comp(1, 12) + "-" + comp(1, 31) + " 4:00"
		case 2:
			e = comp(1, 12) + "-" + comp(1, 31) + " " + comp(0, 23) + ":" + comp(0, 59)
		case 3:
			e = []string{"Mon", "Tue..Thu,Sun", "Sat,Sun"}[r.Intn(3)] + " *-" + comp(1, 12) + "-* " + comp(0, 23) + ":" + comp(0, 59)
		}
		if c, p := ToCron(e); p == nil && c.Exact {
			in = append(in, e)
		}
	}
	const n = 120
	out := analyze(t, append([]string{"calendar", "--iterations=" + strconv.Itoa(n), "--base-time=" + base.Format("2006-01-02 15:04:05") + " UTC"}, in...)...)
	blocks := strings.Split(strings.TrimSpace(out), "\n\n")
	quirks, seen, bad := 0, 0, 0
	for i, e := range in {
		c, _ := ToCron(e)
		var want []time.Time
		for _, m := range elapse.FindAllStringSubmatch(blocks[i], -1) {
			at, _ := time.Parse("2006-01-02 15:04:05", m[1])
			want = append(want, at)
		}
		got := readCron(t, c.Spec).next(base, n, time.UTC)
		if c.Quirk != "" {
			quirks++
		}
		if c.Quirk != "" && slices.Equal(got, want) {
			t.Log("overclaimed", e, c.Quirk)
		}
		if len(got) < len(want) {
			want = want[:len(got)]
		}
		if !slices.Equal(got, want) {
			seen++
			if c.Quirk == "" {
				if bad++; bad < 20 {
					t.Log(e, c.Spec, len(got), len(want), len(got) < len(want) && slices.Equal(got, want[:len(got)]))
					for k := range got {
						if k >= len(want) || got[k] != want[k] {
							t.Errorf("%s: %s: %v", e, c.Spec, got[k])
							break
						}
					}
				}
			}
		}
	}
	t.Log(len(in), quirks, seen, bad)
}
