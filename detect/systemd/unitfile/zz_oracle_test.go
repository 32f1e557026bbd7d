//go:build oracle

package unitfile

import (
	"bufio"
	"fmt"
	"io"
	"math/rand"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

type orc struct {
	in  io.Writer
	out *bufio.Reader
}

func start(t testing.TB) *orc {
	c := exec.Command("/tmp/o/oracle")
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return &orc{in, bufio.NewReader(out)}
}

func (o *orc) q(op, s string) string {
	fmt.Fprintf(o.in, "%s %d\n%s", op, len(s), s)
	l, err := o.out.ReadString('\n')
	if err != nil {
		panic(op + strconv.Quote(s) + err.Error())
	}
	n, _ := strconv.Atoi(strings.TrimSpace(l))
	b := make([]byte, n)
	io.ReadFull(o.out, b)
	return string(b)
}

func nl(s string) string { return fmt.Sprintf("%d:%s\n", len(s), s) }

func gen(r *rand.Rand, toks []string, n int) string {
	var b strings.Builder
	for k := r.Intn(n); k >= 0; k-- {
		b.WriteString(toks[r.Intn(len(toks))])
	}
	return b.String()
}

const N = 100000

func cmp(t *testing.T, bad *int, in, got, want string) {
	if got != want {
		*bad++
		if *bad < 15 {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestOWords(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	toks := strings.Split(`a|b| |	|"|'|\|\\|\"|\x41|\x00|\101|\u00e9|\ud800|\U0001F600|\s|\n|=|é|`+"\n"+`|\U0000fffe|0|1|4|\u|\x`, "|")
	bad := 0
	for range N {
		s := gen(r, toks, 12)
		for e, f := range map[Escapes]int{Unescape: 34, UnescapeKnown: 34 + 0x10000, Protect: 32, Keep: 160} {
			it, p := Split(s, e)
			g := ""
			for _, i := range it {
				g += nl(i.Text)
				if i.Offset >= len(s) {
					t.Fatal("offset")
				}
			}
			if p != nil {
				g += "err"
			}
			w := o.q("words", fmt.Sprintf("%d\n%s", f, s))
			if i := strings.LastIndex(w, "err -"); i >= 0 && strings.HasSuffix(w, "\n") {
				w = w[:i] + "err"
			}
			cmp(t, &bad, fmt.Sprint(e, strconv.Quote(s)), g, w)
		}
	}
}

func TestOEnvFile(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	toks := strings.Split("a|B| |\t|\"|'|\\|\n|\n|\r|=|=|#|;|$|`|é|\xe9|1|export ", "|")
	bad := 0
	for range N {
		s := gen(r, toks, 25)
		as, _ := ParseEnvFile([]byte(s))
		w := o.q("envfile", s)
		first, rest, _ := strings.Cut(w, "\n")
		// keep valid names, last value, in order of first appearance
		var keys []string
		vals := map[string]string{}
		for rest != "" {
			var kv [2]string
			for j := range kv {
				n, rr, _ := strings.Cut(rest, ":")
				k, _ := strconv.Atoi(n)
				kv[j] = rr[:k]
				rest = rr[k+1:]
			}
			if ValidEnvName(kv[0]) {
				keys = append(keys, kv[0])
				vals[kv[0]] = kv[1]
			}
		}
		want := ""
		if first == "r 0" {
			for _, k := range keys {
				want += k + "=" + vals[k] + "\n"
			}
		}
		var gk []string
		gv := map[string]string{}
		for _, a := range as {
			if _, ok := gv[a.Name]; !ok {
				gk = append(gk, a.Name)
			}
			gv[a.Name] = a.Value
		}
		got := ""
		for _, k := range gk {
			got += k + "=" + gv[k] + "\n"
		}
		cmp(t, &bad, s, got, want)
	}
}

func TestOUnit(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	toks := strings.Split("A|B| |\t|\"|\\|\\\n|\n|\n|\r\n|\r|=|=|#|;|[Service]\n|[Unit]\n|é|[Service|]|x\\ \n|\uFEFF|\xe9|\uffff|[X]\n|[]\n", "|")
	bad, full := 0, 0
	for range N {
		s := gen(r, toks, 30)
		if strings.Contains(s, "\uFEFF#") || strings.Contains(s, "\uFEFF;") || strings.Contains(s, "\uFEFF ") || strings.Contains(s, "\uFEFF\t") {
			continue
		}
		f, p := Parse("x", []byte(s))
		w := o.q("unit", s)
		fatal := !strings.HasSuffix(w, "r 1\n")
		i := strings.LastIndex(w, "r ")
		w = w[:i]
		mine := false
		g := ""
		for _, pr := range p {
			if strings.Contains(pr.What, "UTF-8") || strings.Contains(pr.What, "section header") && !strings.Contains(pr.What, "without a name") || strings.Contains(pr.What, "more") {
				mine = true
			}
		}
		cmp(t, &bad, s+" fatal", fmt.Sprint(mine), fmt.Sprint(fatal))
		if fatal {
			continue
		}
		full++
		lines := ""
		for _, d := range f.Directives {
			if d.Section != "Service" && d.Section != "Unit" {
				continue
			}
			lines += nl(d.Section) + nl(d.Key) + nl(d.Value)
		}
		g = lines
		// drop line numbers in w
		out := ""
		for w != "" {
			_, rest, _ := strings.Cut(w, "\n")
			for range 3 {
				n, rr, _ := strings.Cut(rest, ":")
				k, _ := strconv.Atoi(n)
				out += nl(rr[:k])
				rest = rr[k+1:]
			}
			w = rest
		}
		cmp(t, &bad, s, g, out)
		// positions: the byte at the reported position must be the byte of the value
		var starts []int
		for k := 0; k < len(s); {
			starts = append(starts, k)
			_, k = lineEnd(s, k)
		}
		for _, d := range f.Directives {
			for k := range len(d.Value) {
				l, c := d.Position(k)
				at := starts[l-1] + c - 1
				if s[at] != d.Value[k] && !(s[at] == '\\' && d.Value[k] == ' ') {
					t.Fatalf("%q value %q offset %d → %d:%d", s, d.Value, k, l, c)
				}
			}
			if at := starts[d.Line-1] + d.Column - 1; !strings.HasPrefix(s[at:], d.Key[:1]) {
				t.Fatalf("%q key %q %d:%d", s, d.Key, d.Line, d.Column)
			}
		}
	}
	t.Log(full)
}

func TestOExec(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	toks := strings.Split(`/bin/e|a|b| | | ;| ; |\;|;|"|'|\|$|${|}|A|B|$A|${B}|$$|%n|%%|%i|%I|%Q|%|-|@|:|+|!|/|.|x|\x41|\s|é|$C|${A:-b}|=|	`, "|")
	unit := "foo@bar-b\\x2dz.service"
	sp := SystemSpecifiers(unit, "")
	env := []string{`A=1 "2 3" 4`, "B= b ", "C="}
	get := func(n string) (string, bool) {
		for _, e := range env {
			if k, v, _ := strings.Cut(e, "="); k == n {
				return v, true
			}
		}
		return "", false
	}
	bad, cmds := 0, 0
	for range N {
		s := gen(r, toks, 14)
		if r.Intn(2) == 0 {
			s = "/bin/e " + s
		}
		s = trim(s)
		if strings.Contains(s, "%") && strings.ContainsAny(strings.ReplaceAll(strings.ReplaceAll(s, "%%", "\x41"), "\\x41", "A"), "%") {
			q := strings.ReplaceAll(strings.ReplaceAll(s, `\x41`, "A"), `\s`, " ")
			q = strings.NewReplacer(`"`, "", "'", "", `\`, "").Replace(q)
			if regexp.MustCompile("%[abABDs]").MatchString(q) {
				continue
			}
		}
		if strings.Contains(s, "/.") {
			continue
		}
		cs, ps := ParseCommands(s, sp)
		w := o.q("exec", unit+"\n"+s)
		first, rest, _ := strings.Cut(w, "\n")
		want, got := "", ""
		i := -1
		for rest != "" {
			if strings.HasPrefix(rest, "cmd ") {
				var l string
				l, rest, _ = strings.Cut(rest, "\n")
				want += l + "\n"
				i = 0
			}
			n, rr, _ := strings.Cut(rest, ":")
			k, _ := strconv.Atoi(n)
			v := rr[:k]
			rest = rr[k+1:]
			noexp := strings.Contains(want[strings.LastIndex(want, "cmd "):], "\x00")
			_ = noexp
			if i == 0 {
				want += nl(v)
			} else {
				l := want[strings.LastIndex(want, "cmd ")+4:]
				l, _, _ = strings.Cut(l, "\n")
				fl, _ := strconv.Atoi(l)
				if fl&16 != 0 || v == "" {
					want += nl(v)
				} else {
					want += o.q("expand", v+"\n"+strings.Join(env, "\n"))
				}
			}
			i++
		}
		for _, c := range cs {
			cmds++
			fl := 0
			for j, b := range []bool{c.IgnoreFailure, c.FullPrivileges, c.NoSetuid, c.AmbientMagic, c.NoExpand} {
				if b {
					fl |= 1 << j
				}
			}
			got += fmt.Sprintf("cmd %d\n", fl) + nl(c.Path)
			for _, w := range c.Argv {
				str := ""
				skip := false
				for _, p := range w.Parts {
					switch {
					case p.Split:
						skip = true
						v, _ := get(p.Var)
						it, _ := Split(v, Protect)
						for _, x := range it {
							got += nl(x.Text)
						}
					case p.Var != "":
						v, _ := get(p.Var)
						str += v
					default:
						str += p.Text + p.Specifier
					}
				}
				if !skip {
					got += nl(str)
				}
			}
		}
		cmp(t, &bad, s, got, want)
		if first != "r 0" && ps == nil {
			cmp(t, &bad, s, "no problem", first)
		}
	}
	t.Log(cmds)
}

func TestOEnviron(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	toks := strings.Split(`A=|B=|a|b| | |"|'|\|\x41|\xff|\q|%i|%%|%Q|%|1|=|é|	`, "|")
	unit := "foo@bar.service"
	bad := 0
	for range N {
		s := trim(gen(r, toks, 14))
		q := strings.NewReplacer(`"`, "", "'", "", `\x41`, "A", `\`, "").Replace(s)
		if regexp.MustCompile("%[abABDs]").MatchString(q) {
			continue
		}
		as, _ := ParseEnvironment(s, SystemSpecifiers(unit, ""))
		_, w, _ := strings.Cut(o.q("environ", unit+"\n"+s), "\n")
		if s == "" {
			continue
		}
		var ks []string
		m := map[string]string{}
		for _, a := range as {
			if _, ok := m[a.Name]; !ok {
				ks = append(ks, a.Name)
			}
			m[a.Name] = a.Value
		}
		g := ""
		for _, k := range ks {
			g += nl(k + "=" + m[k])
		}
		cmp(t, &bad, s, g, w)
	}
}

func TestOSpec(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	toks := strings.Split(`a|b|-|\x2d|\x|\|_|.|\x2e|\xff|z|\x2F`, "|")
	bad := 0
	seen := map[string]bool{}
	for range 8000 {
		unit := "p" + gen(r, toks, 5)
		if r.Intn(3) > 0 {
			unit += "@" + gen(r, toks, 5)
		}
		unit += ".service"
		if seen[unit] {
			continue
		}
		seen[unit] = true
		sp := SystemSpecifiers(unit, "")
		for _, c := range "nNpPiIjJfdtSCLETVuUgGh" {
			if _, _, p := Expand("%J", sp); c == 'J' && p != nil {
				continue
			}
			if c == 'J' && strings.HasSuffix(SplitUnitName(unit).Prefix, "-") {
				continue
			}
			v, u, p := Expand("%"+string(c), sp)
			g := "0\n" + nl(v)
			if p != nil {
				g = "-"
			}
			if u != nil {
				g = "unknown"
			}
			w := o.q("spec", unit+"\n%"+string(c))
			if w[0] == '-' {
				w = "-"
			}
			cmp(t, &bad, unit+" "+string(c), g, w)
		}
	}
}

func TestOValues(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	bad := 0
	run := func(op, toks string, n int, mine func(string) string, fix func(string) string) {
		t.Run(op, func(t *testing.T) {
			bad = 0
			for range N {
				s := gen(r, strings.Split(toks, "|"), n)
				in := s
				w := o.q(op, in)
				if fix != nil {
					w = fix(w)
				}
				g := mine(s)
				if g == "skip" {
					continue
				}
				cmp(t, &bad, s, g, w)
			}
		})
	}
	neg := func(w string) string {
		if strings.HasPrefix(w, "-") {
			return "-"
		}
		return w
	}
	run("sec", "1|5|0|20|.|.|-|+| |s|min|ms|us|M|m|h|hr|d|w|y|sec|month|months|infinity|µs|x|days|99999999999|\t", 7, func(s string) string {
		v, inf, p := parseMicro(s, 1e6)
		if p != nil {
			return "-"
		}
		if inf {
			v = 1<<64 - 1
		}
		return fmt.Sprintf("0 %d\n", v)
	}, neg)
	run("size", "1|5|0|20|.|.|-|+| |K|M|G|T|P|E|B|x|k|Q|99999999999|\t", 7, func(s string) string {
		v, p := parseBytes(s)
		if p != nil {
			if strings.Contains(p.What, "decimals") {
				return "skip"
			}
			return "-"
		}
		if regexp.MustCompile(`\.\d{17}`).MatchString(s) || strings.Contains(s, ".") && v > 1<<53 {
			return "skip"
		}
		return fmt.Sprintf("0 %d\n", v)
	}, neg)
	run("bool", "y|yes|Y|1|0|on|of|off|f|T|true|false|False|n|no| ", 2, func(s string) string {
		b, p := ParseBool(s)
		if p != nil {
			return "-"
		}
		if b {
			return "1\n"
		}
		return "0\n"
	}, neg)
	run("permu", "1|5|0|20|.|.|-|+| |%|%|‰|‱|x|999999|0x", 6, func(s string) string {
		v, p := parsePermyriad(s)
		if p != nil {
			return "-"
		}
		return fmt.Sprintf("%d\n", v)
	}, neg)
	run("perm", "1|5|0|20|.|.|-|+| |%|%|‰|‱|x|999999|0x|100", 6, func(s string) string {
		v, p := ParsePercent(s)
		if p != nil {
			return "-"
		}
		return fmt.Sprintf("%d\n", v)
	}, neg)
	run("signal", "SIG|TERM|KILL|IO|IOT|HUP|RTMIN|RTMAX|+|-|3|1|0|30|x|0x|31| |SYS|PWR|_|CHLD|CLD", 5, func(s string) string {
		v, p := ParseSignal(s)
		if p != nil {
			return "-"
		}
		return fmt.Sprintf("%d\n", v.Number)
	}, neg)
	run("mode", "0|7|5|8|1|x|+|-|22", 6, func(s string) string {
		v, p := ParseMode(s)
		if p != nil {
			return "-"
		}
		return fmt.Sprintf("0 %o\n", v)
	}, neg)
	run("user", "a|0|1|65535|65534|.|-|_| |/|:|é|\t|\x7f|4294967295|4294967294|\xe9|\uffff|%|$", 4, func(s string) string {
		_, p := ParseAccount(s)
		if p != nil {
			return "0\n"
		}
		return "1\n"
	}, nil)
	run("exit", "TEMPFAIL|SUCCESS|1|0|5|2|25|-|+|x|CHDIR|USAGE|EXCEPTION|BPF| |FAILURE|NOTRUNNING", 3, func(s string) string {
		v, ok, _ := parseExitStatus(s)
		if !ok {
			return "-"
		}
		return fmt.Sprintf("%d\n", v)
	}, neg)
	for i, k := range limitKinds {
		t.Run(k.key, func(t *testing.T) {
			bad = 0
			for range N / 20 {
				s := gen(r, strings.Split("1|5|0|20|:|infinity|K|M|s|ms|+|-|.| |40|99999999999999999999|0x", "|"), 6)
				if strings.HasSuffix(s, ":") || regexp.MustCompile(`\.\d{19}`).MatchString(s) {
					continue
				}
				if i == 13 && strings.Contains(s, " ") {
					continue
				}
				w := o.q("rlimit", fmt.Sprintf("%d\n%s", i, s))
				a, b, p := ParseLimit(k.key, s)
				g := "-"
				if p == nil {
					f := func(l Limit) string {
						if l.Infinite {
							return "18446744073709551615"
						}
						return fmt.Sprint(l.N)
					}
					g = "0 " + f(a) + " " + f(b) + "\n"
				}
				cmp(t, &bad, s, g, neg(w))
			}
		})
	}
}

func TestOCalendar(t *testing.T) {
	o := start(t)
	r := rand.New(rand.NewSource(1))
	bad, good := 0, 0
	toks := strings.Split("Mon|Tue|fri|Sunday|..|,|-|~|:| |*|/|0|1|2|5|00|30|12|2026|15|UTC|Europe/Berlin|daily|weekly|hourly|.5|@|*-*-*|*:0/5|09:00|*-*-1|1..5|Mon..Fri", "|")
	for range N * 2 {
		s := gen(r, toks, 8)
		if strings.Contains(s, "@ ") || strings.Contains(s, "- ") || regexp.MustCompile("Berlin.").MatchString(s) {
			continue
		}
		c, p := ParseCalendar(s)
		w := o.q("cal", s)
		g := "-"
		if p == nil {
			good++
			g = "0"
		}
		if w[0] == '-' {
			w = "-"
		} else {
			if g == "0" {
				// reparse of the normal form must be the same
				_, n, _ := strings.Cut(w, ":")
				c2, p2 := ParseCalendar(strings.TrimSpace(n))
				if p2 != nil {
					cmp(t, &bad, s+" → "+n, p2.String(), "")
				}
				a, b := cronOf(c), cronOf(c2)
				cmp(t, &bad, s+" → "+n, a, b)
			}
			w = "0"
		}
		cmp(t, &bad, s, g, w)
	}
	t.Log(good)
}

func cronOf(c Calendar) string {
	return fmt.Sprint(c.Weekdays, values(c.Months, 1, 12), values(c.Days, 1, 31), values(c.Hours, 0, 23), values(c.Minutes, 0, 59), c.FromEnd, c.Zone)
}
