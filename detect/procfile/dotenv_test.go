package procfile

import (
	"strings"
	"testing"
)

func TestEnvLines(t *testing.T) {
	for _, c := range []struct {
		src, name, value string
		differs          string
		ignored          bool
	}{
		{src: `A=b`, name: "A", value: "b"},
		{src: `A=b=c:/d.e-f`, name: "A", value: "b=c:/d.e-f"},
		{src: "A=b\r\n", name: "A", value: "b"},
		{src: `A="b c"`, name: "A", value: "b c"},
		{src: `A='b c'`, name: "A", value: "b c"},
		{src: `A=""`, name: "A"},
		{src: `AB=`, name: "AB", differs: "honcho ignores the line"},
		{src: `A=`, name: "A", differs: "heroku local and honcho ignore the line"},
		{src: `A=b c`, name: "A", value: "b c", differs: "honcho reads another value"},
		{src: `A=b # c`, name: "A", value: "b", differs: "foreman reads another value"},
		{src: `A=http://x/#/y`, name: "A", value: "http://x/#/y", differs: "heroku local and honcho read another value"},
		{src: `A=#b`, name: "A", value: "#b", differs: "honcho ignores the line, heroku local reads another value"},
		{src: `A= # b`, name: "A", differs: "honcho ignores the line, foreman reads another value"},
		{src: `export A=b`, name: "A", value: "b", differs: "foreman, heroku local and honcho ignore the line"},
		{src: `A = b`, name: "A", value: "b", differs: "foreman ignores the line"},
		{src: `A=b `, name: "A", value: "b", differs: "foreman reads another value"},
		{src: ` A=b`, name: "A", value: "b", differs: "foreman ignores the line"},
		{src: `A="b\nc"`, name: "A", value: "b\nc", differs: "heroku local reads another value"},
		{src: `A='b\nc'`, name: "A", value: `b\nc`, differs: "honcho reads another value"},
		{src: `A="b\"c\\d\$e"`, name: "A", value: `b"c\d$e`, differs: "heroku local and honcho read another value"},
		{src: `A="{"b": 1}"`, name: "A", value: `{"b": 1}`, differs: "heroku local and honcho read another value"},
		{src: `A='it's'`, name: "A", value: "it's", differs: "honcho stops at the line, heroku local reads another value"},
		{src: `A="b" # it's "c"`, name: "A", value: "b", differs: "foreman reads another value"},
		{src: `A="b" c`, name: "A", value: "b", differs: "foreman and honcho read another value"},
		{src: `A=$B`, name: "A", value: "$B"},
		{src: `A=b\c`, name: "A", value: `b\c`, differs: "honcho reads another value"},
		{src: "A=\"b\nc=d\ne\"", name: "A", value: "b\nc=d\ne", differs: "foreman takes its first line alone, heroku local and honcho stop at it"},
		{src: `1A=b`, name: "1A", value: "b", differs: "honcho ignores the line"},
		{src: `A`, ignored: true},
		{src: `export A`, ignored: true},
		{src: `A-B=c`, ignored: true},
		{src: `=c`, ignored: true},
	} {
		env, faults := parseEnv(c.src)
		if len(env) != 1 || len(faults) != 0 {
			t.Errorf("%q: %d lines, faults %v", c.src, len(env), faults)
			continue
		}
		e := env[0]
		if e.name != c.name || e.value != c.value || e.differs != c.differs || (e.ignored != "") != c.ignored {
			t.Errorf("%q:\n got %q = %q, differs %q, ignored %q\nwant %q = %q, differs %q", c.src, e.name, e.value, e.differs, e.ignored, c.name, c.value, c.differs)
		}
	}
}

func TestEnvNothing(t *testing.T) {
	for _, src := range []string{"", "\n\n", "# A=b\n  # c\n", "\r\n"} {
		if env, faults := parseEnv(src); len(env)+len(faults) != 0 {
			t.Errorf("%q: %v %v", src, env, faults)
		}
	}
}

func TestEnvFaults(t *testing.T) {
	for src, want := range map[string]string{
		"A=1\nB=\"x\nC=2": "B: unbalanced quote",
		"A='":             "A: unbalanced quote",
		`{"A": 1}`:        ".env holds JSON",
	} {
		_, faults := parseEnv(src)
		if len(faults) != 1 || !strings.Contains(faults[0].what, want) {
			t.Errorf("%q: %v, want %q", src, faults, want)
		}
	}
}

func FuzzEnv(f *testing.F) {
	for _, s := range []string{"A=b\n", "export A='b'\n#c\n", "A=\"b\\n\nc\"", "A=b # c", "'=\"", "A='\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		env, faults := parseEnv(src)
		n := strings.Count(src, "\n") + 1
		last := 0
		for _, e := range env {
			if e.line <= last || e.line > n || e.col < 1 || (e.name == "") != (e.ignored != "") {
				t.Fatalf("%q: %+v after line %d of %d", src, e, last, n)
			}
			last = e.line
			if e.name != "" && !isVariable(e.name) {
				t.Fatalf("%q: name %q", src, e.name)
			}
		}
		for _, fa := range faults {
			if fa.line < 1 || fa.line > n {
				t.Fatalf("%q: fault in line %d", src, fa.line)
			}
		}
	})
}
