package language

import (
	"strconv"
	"strings"
)

// Versions that are tried for a range, best first, and the default when the
// tree says nothing. They are what a maintained base image exists for.
var (
	// Long-term support first; the default leads, so that an open range such
	// as ">=18" gives the same as no range at all.
	nodeMajors = []release{
		{22, 0},
		{24, 0},
		{20, 0},
		{26, 0},
		{18, 0},
		{16, 0},
		{14, 0},
		{12, 0},
		{10, 0},
		{8, 0},
		{6, 0},
		{4, 0},
		{25, 0},
		{23, 0},
		{21, 0},
		{19, 0},
		{17, 0},
		{15, 0},
		{13, 0},
		{11, 0},
		{9, 0},
		{7, 0},
		{5, 0},
	}
	pythonMinors = []release{{3, 13}, {3, 14}, {3, 12}, {3, 11}, {3, 10}, {3, 9}, {3, 8}, {3, 7}, {3, 6}, {3, 5}, {3, 4}, {2, 7}}
)

const (
	defaultNode   = "22"
	defaultPython = "3.13"
	defaultGo     = "1.26"
)

// nodeCodenames are the names of Node's long-term support lines, as .nvmrc
// spells them: lts/jod.
var nodeCodenames = map[string]string{
	"argon": "4", "boron": "6", "carbon": "8", "dubnium": "10", "erbium": "12", "fermium": "14",
	"gallium": "16", "hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24", "*": defaultNode, "": defaultNode,
}

// release is a line of versions: a major of Node, a minor of Python.
type release [2]int

// triple is a version; ranges are half open intervals of triples.
type triple [3]int

func (a triple) less(b triple) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func (a triple) max(b triple) triple {
	if a.less(b) {
		return b
	}
	return a
}

func (a triple) min(b triple) triple {
	if b.less(a) {
		return b
	}
	return a
}

type interval struct{ lo, hi triple }

func (a interval) and(b interval) interval { return interval{a.lo.max(b.lo), a.hi.min(b.hi)} }
func (a interval) empty() bool             { return !a.lo.less(a.hi) }

var everything = interval{triple{}, triple{1 << 30}}

// nodeMajor turns what engines.node, .nvmrc and the like say into a major:
// ">=20 <23" → 22, "22.x" → 22, "lts/jod" → 22, "v20.11.1" → 20.
func nodeMajor(s string) (string, bool) {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "node", "current", "latest", "stable", "lts", "*", "x":
		return defaultNode, true
	}
	if name, ok := strings.CutPrefix(strings.ToLower(s), "lts/"); ok {
		v, ok := nodeCodenames[name]
		return v, ok
	}
	ranges, ok := parseRange(s)
	if !ok {
		return "", false
	}
	for _, r := range nodeMajors {
		if ranges.overlap(interval{triple{r[0]}, triple{r[0] + 1}}) {
			return strconv.Itoa(r[0]), true
		}
	}
	return "", false
}

// pythonMinor turns what requires-python, .python-version and the like say
// into a minor: ">=3.9,<3.13" → 3.12, "3.11.4" → 3.11, "python-3.12.1" → 3.12.
func pythonMinor(s string) (string, bool) {
	s = strings.TrimSpace(s)
	for _, prefix := range []string{"python-", "cpython-", "cpython@"} {
		s = strings.TrimPrefix(s, prefix)
	}
	ranges, ok := parseRange(s)
	if !ok {
		return "", false
	}
	for _, r := range pythonMinors {
		if ranges.overlap(interval{triple{r[0], r[1]}, triple{r[0], r[1] + 1}}) {
			return strconv.Itoa(r[0]) + "." + strconv.Itoa(r[1]), true
		}
	}
	return "", false
}

// goMinor turns a version of a go or toolchain directive into major.minor.
func goMinor(s string) string {
	s = strings.TrimPrefix(s, "go")
	iv, n, ok := parseVersion(s)
	if !ok || n < 2 {
		return s
	}
	return strconv.Itoa(iv[0]) + "." + strconv.Itoa(iv[1])
}

// ranges is a union of intervals, each with holes (Python's !=).
type ranges []struct {
	interval
	not []interval
}

// overlap reports whether some version of line satisfies the range.
func (r ranges) overlap(line interval) bool {
next:
	for _, alt := range r {
		both := alt.and(line)
		if both.empty() {
			continue
		}
		for _, hole := range alt.not {
			if rest := hole.and(both); rest == both {
				continue next
			}
		}
		return true
	}
	return false
}

// parseRange reads the ranges of npm (node-semver), of PEP 440 and of poetry,
// which agree wherever they share a form. Pre-releases and build numbers do
// not matter to the line of releases and are dropped.
func parseRange(s string) (ranges, bool) {
	if len(s) > 256 {
		return nil, false
	}
	var out ranges
	for alt := range strings.SplitSeq(s, "||") {
		r := ranges{{interval: everything}}
		words := comparators(alt)
		for i := 0; i < len(words); i++ {
			w := words[i]
			if i+2 < len(words) && words[i+1] == "-" { // 18 - 20.3
				lo, _, ok1 := parseVersion(w)
				hi, n, ok2 := parseVersion(words[i+2])
				if !ok1 || !ok2 {
					return nil, false
				}
				r[0].interval = r[0].and(interval{lo, next(hi, n)})
				i += 2
				continue
			}
			iv, not, ok := parseComparator(w)
			if !ok {
				return nil, false
			}
			if not {
				r[0].not = append(r[0].not, iv)
			} else {
				r[0].interval = r[0].and(iv)
			}
		}
		out = append(out, r...)
	}
	return out, true
}

// comparators splits ">= 20 <23" into ">=20" and "<23".
func comparators(s string) []string {
	fields := strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == ',' || c == '\t' })
	var out []string
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		if strings.Trim(f, "<>=~^!") == "" && i+1 < len(fields) {
			i++
			f += fields[i]
		}
		out = append(out, f)
	}
	return out
}

func parseComparator(w string) (iv interval, not, ok bool) {
	op := w[:len(w)-len(strings.TrimLeft(w, "<>=~^!"))]
	v, n, ok := parseVersion(w[len(op):])
	if !ok {
		return iv, false, false
	}
	if n == 0 { // "*"
		return everything, false, op != "!="
	}
	iv = everything
	switch op {
	case "", "=", "==", "===":
		iv = interval{v, next(v, n)}
	case "!=":
		return interval{v, next(v, n)}, true, true
	case ">=":
		iv.lo = v
	case ">":
		iv.lo = next(v, n)
	case "<":
		iv.hi = v
	case "<=":
		iv.hi = next(v, n)
	case "~", "~>":
		iv = interval{v, next(v, min(n, 2))}
	case "~=": // ~=3.10 is >=3.10, <4; ~=3.10.1 is >=3.10.1, <3.11
		iv = interval{v, next(v, max(1, n-1))}
	case "^":
		first := 0
		for first < n-1 && first < 2 && v[first] == 0 {
			first++
		}
		iv = interval{v, next(v, first+1)}
	default:
		return iv, false, false
	}
	return iv, false, true
}

// next returns the first version after all that share v's first n numbers.
func next(v triple, n int) triple {
	out := triple{}
	copy(out[:n], v[:n])
	out[n-1]++
	return out
}

// parseVersion reads 22, v20.11.1, 22.x, 3.11.*, 1.2.3-rc.1 and returns how
// many numbers were given.
func parseVersion(s string) (v triple, n int, ok bool) {
	s = strings.TrimLeft(s, "vV")
	if i := strings.IndexAny(s, "-+"); i >= 0 {
		s = s[:i]
	}
	if s == "" {
		return v, 0, false
	}
	for part := range strings.SplitSeq(s, ".") {
		if n == 3 {
			break // 2.7.18.1
		}
		if part == "*" || part == "x" || part == "X" {
			return v, n, true
		}
		num, pre := part, ""
		if i := strings.IndexFunc(part, func(c rune) bool { return c < '0' || c > '9' }); i >= 0 {
			num, pre = part[:i], part[i:]
		}
		x, err := strconv.Atoi(num)
		if err != nil || x > 1<<20 || pre != "" && !strings.Contains("abcrpd", pre[:1]) {
			return v, 0, false
		}
		v[n] = x
		n++
		if pre != "" { // 3.13.0rc1
			break
		}
	}
	return v, n, true
}
