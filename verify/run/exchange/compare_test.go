package exchange

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answerer makes a handler of a fixed answer.
func answerer(status int, body string, headers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

// Each row differs from the original in one thing, which has to be found, at its place, and in nothing else.
func TestDifferences(t *testing.T) {
	const html = "<html>\n<p>one</p>\n<p>two</p>\n</html>\n"
	for _, c := range []struct {
		name     string
		original http.Handler
		other    http.Handler
		want     string // place: original X, here Y; "" for none
	}{
		{"same", answerer(200, html), answerer(200, html), ""},
		{"status", answerer(200, html), answerer(201, html), "status: original 200, here 201"},
		{"header", answerer(200, "x", "X-A", "1"), answerer(200, "x", "X-A", "2"), "header X-A: original 1, here 2"},
		{"header gone", answerer(200, "x", "X-A", "1"), answerer(200, "x"), "header X-A: original 1, here absent"},
		{"header new", answerer(200, "x"), answerer(200, "x", "Via", "1.1 proxy"), "header Via: original absent, here 1.1 proxy"},
		{"header twice", answerer(200, "x", "X-A", "1"), answerer(200, "x", "X-A", "1", "X-A", "1"), "header X-A: original 1, here 1, 1"},
		{"redirect", answerer(302, "", "Location", "/a"), answerer(302, "", "Location", "/b"), "header Location: original /a, here /b"},
		{"cookie", answerer(200, "", "Set-Cookie", "s=abc; HttpOnly"), answerer(200, "", "Set-Cookie", "s=abc"), "header Set-Cookie: original s=(value); HttpOnly, here s=(value)"},
		{"text", answerer(200, html), answerer(200, strings.Replace(html, "two", "2", 1)), `line 3: original "<p>two</p>", here "<p>2</p>"`},
		{"line gone", answerer(200, html), answerer(200, strings.Replace(html, "<p>two</p>\n", "", 1)), `line 3: original "<p>two</p>", here no line`},
		{"lines new", answerer(200, html), answerer(200, strings.Replace(html, "<p>two", "<i>\n<b>\n<p>two", 1)), `line 3: original no line, here "2 lines: <i>"`},
		{"end of line", answerer(200, "ok\n"), answerer(200, "ok"), `line 1: original "ok\\n", here "ok"`},
		{"nothing", answerer(200, "ok"), answerer(200, ""), "body: original text, 2 bytes: ok, here empty"},
		{"bytes", answerer(200, "\x00\x01"), answerer(200, "\x00\x02"), "body: original 2 bytes, sha256 b413f47d13ee, here 2 bytes, sha256 "},
		{"JSON order", answerer(200, `{"a": 1, "b": [1, 2]}`), answerer(200, `{"b":[1,2], "a":1.0}`), ""},
		{"JSON value", answerer(200, `{"a": {"b": [1, 2]}}`), answerer(200, `{"a": {"b": [1, 3]}}`), "json $.a.b[1]: original 2, here 3"},
		{"JSON array order", answerer(200, `[1, 2]`), answerer(200, `[2, 1]`), "json $[0]: original 1, here 2; json $[1]: original 2, here 1"},
		{"JSON key gone", answerer(200, `{"a": 1, "b": null}`), answerer(200, `{"a": 1}`), "json $.b: original null, here absent"},
		{"JSON key new", answerer(200, `{"a": 1}`), answerer(200, `{"a": 1, "odd key": 2}`), `json $["odd key"]: original absent, here 2`},
		{"JSON length", answerer(200, `[1]`), answerer(200, `[1, 2]`), "json $: original 1 element: [1], here 2 elements: [1,2]"},
		{"JSON type", answerer(200, `{"a": 1}`), answerer(200, `{"a": "1"}`), `json $.a: original 1, here "1"`},
		{"large numbers", answerer(200, `{"a": 9007199254740993}`), answerer(200, `{"a": 9007199254740992}`), "json $.a: original 9007199254740993, here 9007199254740992"},
		{"endless numbers", answerer(200, `{"a": 1e999999999}`), answerer(200, `{"a": 2e999999999}`), "json $.a: original 1e999999999, here 2e999999999"},
		{"no JSON any more", answerer(200, `{"a": 1}`), answerer(200, `{"a": 1`), `body: original JSON, 8 bytes: {"a": 1}, here text, 7 bytes: {"a": 1`},
		{"closed", answerer(200, "x"), answerer(200, "x", "Connection", "close"), "connection: original kept, here closed"},
		{"chunked", answerer(200, "x"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.(http.Flusher).Flush()
			io.WriteString(w, "x")
		}), "framing: original length told, here chunked"},
		{"trailer", answerer(200, "x"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Trailer", "X-Sum")
			io.WriteString(w, "x")
			w.Header().Set("X-Sum", "1")
		}), "framing: original length told, here chunked; trailer X-Sum: original absent, here 1"},
		{"gzip", answerer(200, "x"), answerer(200, "x", "Content-Encoding", "gzip"), "header Content-Encoding: original absent, here gzip"},
		{"cut off", answerer(200, "xyz"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}), "answer: original status 200, here no answer (the body ends early: the connection is closed without an answer)"},
		{"no answer", answerer(200, "x"), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "answer: original status 200, here no answer (the connection is closed without an answer)"},
		{"bad gateway", answerer(200, "x"), answerer(502, "x"), "status: original 200, here 502"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parsed(t, "GET web:80/\n")
			rs, n := try(t, f, func() Side { return web(t, "processes", c.original) }, web(t, "docker", c.other))
			var got []string
			for _, d := range rs[0].Differences {
				if d.Place.Name != "Content-Type" || c.want == "" { // net/http guesses it of the body
					got = append(got, d.String())
				}
			}
			if s := strings.Join(got, "; "); !strings.HasPrefix(s, c.want) || (c.want == "") != (s == "") {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
			if want := Same; c.want == "" && rs[0].Status != want || c.want != "" && rs[0].Status != Different {
				t.Errorf("status %s", rs[0].Status)
			}
			if len(n.List()) > 0 {
				t.Errorf("noise of nothing: %v", n.List())
			}
		})
	}
}

// Two sides that are both out of order answer alike, and that proves nothing.
func TestUnmet(t *testing.T) {
	for _, c := range []struct {
		name, file string
		original   http.Handler
		why        string
	}{
		{"bad gateway", "GET web:80/\n", answerer(502, ""), "should have an answer of the program; say expect 502 if this one is meant, has 502"},
		{"no answer", "GET web:80/\n", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "gives no answer: the connection is closed without an answer"},
		{"nobody", "GET web:81/\n", answerer(200, ""), "gives no answer: no connection: nobody there"},
		{"status", "GET web:80/\n  expect 2xx\n", answerer(404, ""), "should have 2xx, has 404"},
		{"header", "GET web:80/\n  expect header X-A: 1\n", answerer(200, ""), "should have header X-A: 1, has absent"},
		{"no header", "GET web:80/\n  expect no header X-A\n", answerer(200, "", "X-A", "1"), "should have no header X-A, has 1"},
		{"header pattern", "GET web:80/\n  expect header X-A ~ ^2\n", answerer(200, "", "X-A", "1"), "should have header X-A ~ ^2, has 1"},
		{"body", "GET web:80/\n  expect body \"ok\"\n", answerer(200, "ok\n"), `should have body "ok", has "ok\n"`},
		{"contains", "GET web:80/\n  expect body contains b\n", answerer(200, "a"), "should have body contains b, has a"},
		{"pattern", "GET web:80/\n  expect body ~ ^b\n", answerer(200, "ab"), "should have body ~ ^b, has ab"},
		{"JSON", "GET web:80/\n  expect json {\"a\": 1}\n", answerer(200, `{"a":1,"b":2}`), `should have json {"a": 1}, has {"a":1,"b":2}`},
		{"JSON part", "GET web:80/\n  expect json contains [{\"a\": 1}]\n", answerer(200, `[{"a":2}]`), `should have json contains [{"a": 1}], has [{"a":2}]`},
		{"no JSON", "GET web:80/\n  expect json {\"a\": 1}\n", answerer(200, `a`), `should have json {"a": 1}, has a`},
		{"an answer", "GET web:80/\n  expect no answer\n", answerer(200, ""), "should have no answer, has status 200"},
		{"nothing to keep", "GET web:80/\n  keep id = json $.id\n", answerer(200, "{}"), "has nothing to keep as id"},
		{"too late", "GET web:80/\n  until 20ms every 5ms\n  expect 201\n", answerer(200, ""), "should have 201, has 200"},
		{"slow", "GET web:80/\n  timeout 30ms\n", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}), "gives no answer: it takes too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parsed(t, c.file)
			rs, _ := try(t, f, func() Side { return web(t, "processes", c.original) }, web(t, "docker", c.original))
			if rs[0].Status != Unmet || rs[0].Why != "the original "+c.why || rs[0].Remedy == "" {
				t.Errorf("%s", told(rs))
			}
			if faults := Check(f, play(t, f, web(t, "processes", c.original))); len(faults) != 1 || !strings.HasPrefix(faults[0].String(), "web.exchange:1: GET web:8") || !strings.Contains(faults[0].What, c.why) {
				t.Errorf("%v", faults)
			}
		})
	}
}

// What is expected must hold on the other side as well, even where the difference is allowed.
func TestExpectedOnBothSides(t *testing.T) {
	f := parsed(t, "GET web:80/\n  expect body contains Middlemarch\n  allow line .: other words\n\nGET web:80/\n  expect 200\n  allow status: it may\n")
	original := func() Side { return web(t, "processes", answerer(200, "Middlemarch 1")) }
	rs, _ := try(t, f, original, web(t, "docker", answerer(200, "Middlemarch 2")))
	if rs[0].Status != Declared {
		t.Error(told(rs))
	}
	rs, _ = try(t, f, original, web(t, "docker", answerer(201, "Walden")))
	if rs[0].Status != Different || !strings.Contains(told(rs), "body: original as the file says: body contains Middlemarch, here Walden") {
		t.Error(told(rs))
	}
	if len(rs[1].Differences) != 2 || rs[1].Status != Different || rs[1].Differences[0].Reason != "it may" {
		t.Error(told(rs))
	}
}

func TestAllowed(t *testing.T) {
	one := answerer(201, `{"time": 1, "list": [{"at": 1, "id": 7}], "odd: key": 1}`, "Server", "a", "Content-Type", "application/json")
	two := answerer(200, `{"time": 2, "list": [{"at": 2, "id": 7}], "odd: key": 2}`, "Server", "b", "Content-Type", "application/json")
	for _, c := range []struct {
		allow string
		want  Status
		left  string // what is not declared
	}{
		{"  allow status: s\n  allow header Server: h\n  allow json $.time: t\n  allow json $.list[*].at: a\n  allow json $[\"odd: key\"]: o\n", Declared, ""},
		{"  allow status: s\n  allow header Server: h\n  allow json $: t\n", Declared, ""},
		{"  allow status: s\n  allow header Server: h\n  allow body: t\n", Declared, ""},
		{"  allow on docker status: s\n  allow on kubernetes,docker header Server: h\n  allow json $.*: t\n  allow json $.list: t\n", Declared, ""},
		{"  allow on kubernetes status: s\n  allow header Server: h\n  allow body: t\n", Different, "status"},
		{"  allow status: s\n  allow header Via: h\n  allow body: t\n", Different, "header Server"},
		{"  allow status: s\n  allow header Server: h\n  allow json $.time: t\n  allow json $.list[*].id: a\n  allow json $[\"odd: key\"]: o\n", Different, "json $.list[0].at"},
		{"  allow status: s\n  allow header Server: h\n  allow line .: t\n", Different, "json $.list[0].at"},
	} {
		f := parsed(t, "GET web:80/\n"+c.allow)
		rs, _ := try(t, f, func() Side { return web(t, "processes", one) }, web(t, "docker", two))
		left := ""
		for _, d := range rs[0].Differences {
			if d.Reason == "" && left == "" {
				left = d.Place.String()
			}
		}
		if rs[0].Status != c.want || left != c.left {
			t.Errorf("%s%s", c.allow, told(rs))
		}
	}
	t.Run("of the file and of the caller", func(t *testing.T) {
		f := parsed(t, "defaults\n  allow status: s\n\nGET web:80/\n")
		rs, _ := try(t, f, func() Side { return web(t, "processes", one) }, web(t, "docker", two), Allow{Place: Place{Kind: AtBody}, Reason: "b"}, Allow{Place: Place{AtHeader, "Server"}, Reason: "h"})
		if rs[0].Status != Declared {
			t.Error(told(rs))
		}
	})
	t.Run("lines", func(t *testing.T) {
		a, b := answerer(200, "<p>\nversion 1\n</p>"), answerer(200, "<p>\nversion 2\n</p>")
		f := parsed(t, "GET web:80/\n  allow line ^version: it counts\n")
		rs, _ := try(t, f, func() Side { return web(t, "processes", a) }, web(t, "docker", b))
		if rs[0].Status != Declared {
			t.Error(told(rs))
		}
		f = parsed(t, "GET web:80/\n  allow line ^version 1: it counts\n")
		rs, _ = try(t, f, func() Side { return web(t, "processes", a) }, web(t, "docker", b))
		if rs[0].Status != Different {
			t.Errorf("a line that fits on one side alone is taken: %s", told(rs))
		}
	})
	t.Run("stale", func(t *testing.T) {
		f := parsed(t, "defaults\n  allow header Via: v\n\nGET web:80/\n  allow body: b\n  allow status: s\n")
		rs, _ := try(t, f, func() Side { return web(t, "processes", answerer(200, "1")) }, web(t, "docker", answerer(200, "2")))
		if got := fmt.Sprint(Stale(f, rs)); got != "[{[] header Via v} {[] status s}]" {
			t.Error(got)
		}
	})
}

// counting makes a handler whose answers differ each time: it gets the number of the request.
func counting(f func(w http.ResponseWriter, n int)) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { f(w, int(n.Add(1))) })
}

// What differs between the original's own two runs is noise: another side may differ there as well, but not in its type or form, and not anywhere else.
func TestNoise(t *testing.T) {
	type answers []string // of the first run, the second one, the other side
	for _, c := range []struct {
		name  string
		kind  string
		give  answers
		want  Status
		noise string
	}{
		{"JSON", "application/json", answers{`{"id": 1, "at": "2026-01-01T10:00:00.1Z"}`, `{"id": 1, "at": "2026-01-01T10:00:01.27Z"}`, `{"id": 1, "at": "2026-01-01T11:59:59.3Z"}`}, Same, "json $.at"},
		{"another form", "application/json", answers{`{"at": "2026-01-01T10:00:00.1Z"}`, `{"at": "2026-01-01T10:00:01.27Z"}`, `{"at": "01 Jan 2026 11:59"}`}, Different, "json $.at"},
		{"another type", "application/json", answers{`{"at": 1}`, `{"at": 2}`, `{"at": "3"}`}, Different, "json $.at"},
		{"gone", "application/json", answers{`{"at": 1}`, `{"at": 2}`, `{}`}, Different, "json $.at"},
		{"beside it", "application/json", answers{`{"at": 1, "id": 1}`, `{"at": 2, "id": 1}`, `{"at": 3, "id": 2}`}, Different, "json $.at"},
		{"null at times", "application/json", answers{`{"tally": null}`, `{"tally": {"n": 1}}`, `{"tally": {"n": 7}}`}, Same, "json $.tally"},
		{"absent at times", "application/json", answers{`{"id": 1}`, `{"id": 1, "at": 2}`, `{"id": 1, "at": 3}`}, Same, "json $.at"},
		{"some elements", "application/json", answers{`[1, 2]`, `[1]`, `[1, 2, 3]`}, Same, "json $"},
		{"line", "text/html", answers{"<p>\ntoken=abc12\n</p>", "<p>\ntoken=xyz34\n</p>", "<p>\ntoken=q-9_8\n</p>"}, Same, "line 2"},
		{"another line", "text/html", answers{"<p>\ntoken=abc12\n</p>", "<p>\ntoken=xyz34\n</p>", "<p>\ntoken=q98\n</div>"}, Different, "line 2"},
		{"line changed around", "text/html", answers{"<p>\ntoken=abc12;\n</p>", "<p>\ntoken=xyz34;\n</p>", "<p>\nname=q98;\n</p>"}, Different, "line 2"},
		{"line and one gone", "text/html", answers{"a\nat 1\nb\nc", "a\nat 2\nb\nc", "a\nat 3\nc"}, Different, "line 2"},
		{"lines come and go", "text/plain", answers{"a\nb", "a\nc\nb", "z"}, Same, "body"},
		{"nothing left", "text/plain", answers{"a\nb", "a\nc\nb", ""}, Different, "body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parsed(t, "GET web:80/\n")
			side := func(tier, text string) Side {
				return web(t, tier, answerer(200, text, "Content-Type", c.kind))
			}
			n := 0
			original := func() Side { n++; return side("processes", c.give[n-1]) }
			rs, noise := try(t, f, original, side("docker", c.give[2]))
			if rs[0].Status != c.want {
				t.Error(told(rs))
			}
			if l := noise.List(); len(l) != 1 || l[0].Place.String() != c.noise || l[0].Name != "GET web:80/" {
				t.Errorf("noise %v", l)
			}
		})
	}
	t.Run("headers", func(t *testing.T) {
		f := parsed(t, "GET web:80/\n")
		h := counting(func(w http.ResponseWriter, n int) {
			w.Header().Set("Set-Cookie", fmt.Sprintf("s=id%d; HttpOnly; Path=/", n))
		})
		original := func() Side { return web(t, "processes", h) }
		rs, _ := try(t, f, original, web(t, "docker", answerer(200, "", "Set-Cookie", "s=id99; HttpOnly; Path=/")))
		if rs[0].Status != Same || rs[0].Noise != 1 {
			t.Error(told(rs))
		}
		rs, _ = try(t, f, original, web(t, "docker", answerer(200, "", "Set-Cookie", "s=id99; Path=/")))
		if rs[0].Status != Different {
			t.Error(told(rs))
		}
	})
	t.Run("status", func(t *testing.T) {
		f := parsed(t, "GET web:80/\n")
		n := 0
		original := func() Side { n++; return web(t, "processes", answerer(200+n, "")) }
		rs, _ := try(t, f, original, web(t, "docker", answerer(202, "")))
		if rs[0].Status != Same {
			t.Error(told(rs))
		}
		n = 0
		rs, _ = try(t, f, original, web(t, "docker", answerer(400, "")))
		if rs[0].Status != Different || !strings.Contains(told(rs), "status: original 201 or 202, here 400") {
			t.Error(told(rs))
		}
	})
	t.Run("an unstable original", func(t *testing.T) {
		f := parsed(t, "GET web:80/\n  expect 200\n")
		n := 0
		original := func() Side { n++; return web(t, "processes", answerer(199+n, "")) }
		rs, _ := try(t, f, original, web(t, "docker", answerer(200, "")))
		if rs[0].Status != Unmet || rs[0].Why != "the original's second run: should have 200, has 201" {
			t.Error(told(rs))
		}
	})
}

// A pattern must not take for fixed what is only equal by chance, and must not take for varying what is said in words.
func TestLearn(t *testing.T) {
	for _, c := range []struct {
		a, b     string
		fits     []string
		fitsNot  []string
		describe string
	}{
		{
			a: "2026-09-09T10:11:12.123Z", b: "2026-09-09T10:11:13.987Z",
			fits: []string{"2027-01-31T23:59:00.1Z"}, fitsNot: []string{"yesterday", "2026-09-09 10:11:12", ""},
		},
		{
			a: "Wed, 09 Sep 2026 10:11:12 GMT", b: "Wed, 09 Sep 2026 10:11:13 GMT",
			fits: []string{"Thu, 10 Oct 2027 00:00:00 GMT"}, fitsNot: []string{"Thu, 10 Oct 2027 00:00:00 CET"},
		},
		{
			a: `<input name="csrf" value="aB3xyz">`, b: `<input name="csrf" value="Qq-9_zz">`,
			fits: []string{`<input name="csrf" value="0-0-0">`}, fitsNot: []string{`<input name="csrf" value="">`, `<input value="abc">`},
		},
		{
			a: "3f2a4b1c-1111-4222-8333-444455556666", b: "00000000-abcd-4ef0-9aaa-bbbbccccdddd",
			fits: []string{"12345678-1234-4234-8234-123456789012"}, fitsNot: []string{"no id", ""},
		},
		{a: "took 5ms", b: "took 17ms", fits: []string{"took 1234ms"}, fitsNot: []string{"lasted 5ms"}},
	} {
		p := learn(c.a, c.b)
		if p == nil {
			t.Errorf("%q and %q have nothing in common", c.a, c.b)
			continue
		}
		for _, s := range append(c.fits, c.a, c.b) {
			if !p.MatchString(s) {
				t.Errorf("%s does not fit %q", p, s)
			}
		}
		for _, s := range c.fitsNot {
			if p.MatchString(s) {
				t.Errorf("%s fits %q", p, s)
			}
		}
	}
	if p := learn("one two", "one, two, three"); p != nil {
		t.Errorf("%s of texts that are built otherwise", p)
	}
}

// FuzzLearn: whatever the texts, both fit what is learnt of them.
func FuzzLearn(f *testing.F) {
	f.Add("a-b 1", "a+c 2")
	f.Add("", "x")
	f.Add("ü\xff", "ö%")
	f.Fuzz(func(t *testing.T, a, b string) {
		if p := learn(a, b); p != nil && (!p.MatchString(a) || !p.MatchString(b)) {
			t.Errorf("%s does not fit %q or %q", p, a, b)
		}
	})
}
