package forms

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCommandOf(t *testing.T) {
	for text, want := range map[string]string{
		"node server.js":       "node server.js",
		"sh -c a":              "sh: a",
		"/bin/bash -c a":       "/bin/bash: a",
		"./sh -c a":            "./sh -c a",
		"sh -c a b":            "sh -c a b",
		"sh -e a":              "sh -e a",
		"/usr/bin/python -c a": "/usr/bin/python -c a",
	} {
		c := CommandOf(strings.Fields(text))
		got := c.Argv.String()
		if sh, ok := c.Shell.Get(); ok {
			got = sh + ": " + got
		}
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if n := len(CommandFields(c, "command")); n != 1+strings.Count(want, ":") {
			t.Errorf("%q gave %d fields", text, n)
		}
	}
}

func TestCutTini(t *testing.T) {
	for text, want := range map[string]string{"/usr/bin/tini -g -- a b": "a b", "/usr/bin/tini -g --": ""} {
		if rest, group := CutTini(strings.Fields(text)); !group || strings.Join(rest, " ") != want {
			t.Errorf("%q: %q %v", text, rest, group)
		}
	}
	for _, text := range []string{"", "a", "/usr/bin/tini -- a", "tini -g -- a", "/usr/bin/tini -g"} {
		if rest, group := CutTini(strings.Fields(text)); group || strings.Join(rest, " ") != text {
			t.Errorf("%q: %q %v", text, rest, group)
		}
	}
}

func TestSignalName(t *testing.T) {
	for text, want := range map[string]string{
		"15": "SIGTERM", "term": "SIGTERM", "SIGINT": "SIGINT", "POLL": "SIGIO", "34": "SIGRTMIN", "37": "SIGRTMIN+3", "rtmin+3": "SIGRTMIN+3", "SIGRTMAX-1": "SIGRTMAX-1",
		"0": "", "32": "", "65": "", "-1": "", "": "", "SIGFOO": "", "RTMIN+31": "",
	} {
		if got, ok := SignalName(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
	}
}

func TestUserOf(t *testing.T) {
	for text, want := range map[string]string{
		"990": "id", "990:991": "id groupID", "app": "name", "app:staff": "name group", "root:root": "name id group groupID", "app:991": "name groupID", "": "", "a b": "", "$U": "", ":1": "", "a:": "",
	} {
		if _, fields, ok := UserOf(text); ok != (want != "") || strings.Join(fields, " ") != want {
			t.Errorf("%q: %v %v, want %q", text, fields, ok, want)
		}
	}
}

func TestSplitWords(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
		rest string
	}{
		{`a 'b c' "d e" f\ g`, []string{"a", "b c", "d e", "f g"}, ""},
		{`a "" ''`, []string{"a", "", ""}, ""},
		{`a\tb 'a\tb'`, []string{"a\tb", `a\tb`}, ""},
		{"a; b", []string{"a"}, "; b"},
		{"a 2>b", []string{"a"}, ">b"},
		{"a $(b c)", []string{"a", "$(b c)"}, ""},
	} {
		if got, rest, ok := SplitWords(c.line); !ok || !slices.Equal(got, c.want) || rest != c.rest {
			t.Errorf("%s: %q %q %v", c.line, got, rest, ok)
		}
	}
	for _, line := range []string{"a 'b", `a "b`, `a\\`[:2], "(a)", "a)"} {
		if got, _, ok := SplitWords(line); ok {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestHTTPTests(t *testing.T) {
	const url = "http://127.0.0.1:8080/healthz"
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"node", "-e", "fetch('" + url + "').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"}, "node"},
		{[]string{"python3", "-c", "import urllib.request as u; u.urlopen('" + url + "', timeout=3)"}, "python3"},
		{[]string{"python3", "-c", "import urllib.request as u; u.urlopen('" + url + "', timeout=9)"}, ""},
		{[]string{"curl", "-fsS", url}, "curl"},
		{[]string{"curl", "--fail", "-so", "/dev/null", url}, "curl"},
		{[]string{"curl", "-s", url}, ""},
		{[]string{"curl", "-f", "-X", "POST", url}, ""},
		{[]string{"curl", "-f", "http://db:8080/"}, ""},
		{[]string{"wget", "-qO/dev/null", url}, "wget"},
		{[]string{"wget", "-q", "--spider", url}, "wget"},
		{[]string{"wget", "-qO-", url}, "wget"},
		{[]string{"wget", "-O", "/tmp/x", url}, ""},
		{[]string{"nc", "-z", "localhost"}, ""},
	} {
		h, ok := httpTestOf(c.words, 3*time.Second)
		if h.Client != c.want || ok != (c.want != "") || ok && (h.Port != 8080 || h.Path != "/healthz") {
			t.Errorf("%q: %+v %v", c.words, h, ok)
		}
	}
	if h, ok, _ := TestOf([]string{"wget -q -O /dev/null http://localhost || exit 1"}, true, 0); !ok || h.Port != 80 || h.Path != "/" {
		t.Errorf("%+v", h)
	}
	if _, ok, _ := TestOf([]string{"curl -f http://localhost/ && curl -f http://localhost/b"}, true, 0); ok {
		t.Error("two requests were taken for one")
	}
}

func FuzzSplitWords(f *testing.F) {
	f.Add("a 'b' \"c\" \\d $(e) `f` ; g")
	f.Fuzz(func(_ *testing.T, s string) { SplitWords(s) })
}
