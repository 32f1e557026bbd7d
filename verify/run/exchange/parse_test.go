package exchange

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// whole uses all of the grammar.
const whole = `# The shop.
#
#   indented

# what holds for all
defaults
  timeout 5s
  send header Accept: text/html
  send user check:${env:PASSWORD}
  allow header Server: each proxy names itself
  allow on docker,kubernetes json $.items[*]["odd key"]: they count otherwise

# above the request
GET http://shop.example/books?q=a%20b
  title the books
  timeout 1m30s
  until 30s every 500ms
  send header X-Empty:
  send header If-None-Match: "tag"
  expect 200
  expect header Content-Type: text/html; charset=utf-8
  expect header Etag ~ ^"[0-9a-f]+"$
  expect no header X-Powered-By
  expect body contains Middlemarch
  expect body ~ (?s)<ul>.*</ul>
  expect body contains "error":
  expect body contains " led by a space"
  keep first = body ~ href="([^"]+)"
  keep tag = header Etag
  keep voter = cookie voter
  keep id = json $[-1].id

POST published orders:8002/orders
  send json
    {
      "book": "middlemarch",
      "id": ${id}
    }
  expect 2xx
  expect json {"id": 1}
  expect json contains [{"status": "new"}]
  allow line "a: b": because

PUT orders:8002/note
  send body
    two lines

    # and no comment
  expect body "no end of line"
  expect body
    o
    k
  allow status: it is so

POST web:80/${first}
  send form
    a=b
    "c=d"=" e"
  expect no answer

GET web:80/live
  send websocket
  expect 101

restart orders
  title again

stop orders

begin orders

run nightly
  timeout 1m
  expect exit 3
  expect output contains Middlemarch
  expect output ~ ^\d+
  allow exit: it ends otherwise

# the end
`

func TestParse(t *testing.T) {
	f, faults := Parse("shop.exchange", strings.Replace(whole, "web:80/${first}", "web:80${first}", 1))
	for _, x := range faults {
		t.Error(x)
	}
	if len(f.Items) != 9 {
		t.Fatalf("%d items", len(f.Items))
	}
	printed := Print(f)
	want := strings.Replace(whole, "web:80/${first}", "web:80${first}", 1)
	if printed != want {
		t.Errorf("printed otherwise:\n%s", diffLines(want, printed))
	}
	first := f.Items[0]
	if first.Line != 14 || first.Until != 30*time.Second || first.Every != 500*time.Millisecond || first.Title != "the books" || !reflect.DeepEqual(first.Comment, []string{"above the request"}) {
		t.Errorf("the first item is %+v", first)
	}
	if got := first.Request.Address; got != (Address{Way: Outside, Scheme: "http", Host: "shop.example", Path: "/books?q=a%20b"}) {
		t.Errorf("its address is %+v", got)
	}
	if got := f.Items[1].Request.Address; got != (Address{Way: Published, Workload: "orders", Port: 8002, Path: "/orders"}) {
		t.Errorf("the second address is %+v", got)
	}
	if got := f.Items[2].Request.Body.Text; got != "two lines\n\n# and no comment\n" {
		t.Errorf("the body is %q", got)
	}
	if got := f.Items[2].Expect.Body; got[0].Text != "no end of line" || got[1].Text != "o\nk\n" {
		t.Errorf("the bodies are %q", got)
	}
	if got := f.Items[3].Request.Body.Fields; !reflect.DeepEqual(got, []Field{{"a", "b"}, {"c=d", " e"}}) {
		t.Errorf("the form is %q", got)
	}
	if got := f.Items[8]; got.Do != RunOnce || got.Workload != "nightly" || *got.Expect.Exit != 3 || len(got.Expect.Output) != 2 {
		t.Errorf("the run is %+v", got)
	}
	if got := f.Defaults.Allow[1]; !reflect.DeepEqual(got.Tiers, []string{"docker", "kubernetes"}) || got.Place != (Place{AtJSON, `$.items[*]["odd key"]`}) || got.Reason != "they count otherwise" {
		t.Errorf("the allow is %+v", got)
	}
	if !reflect.DeepEqual(f.End, []string{"the end"}) {
		t.Errorf("the end is %q", f.End)
	}
}

func diffLines(want, got string) string {
	x, y := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return fmt.Sprintf("line %d: want %q, got %q", i+1, x[i], append(y, "")[min(i, len(y))])
		}
	}
	return fmt.Sprintf("more: %q", y[len(x):])
}

// Windows' line ends and a byte order mark are no part of what is said.
func TestParseLineEnds(t *testing.T) {
	f, faults := Parse("", "\ufeffPUT a:1/\r\n\tsend body\r\n\t\tx\r\n\r\n\t\ty\r\n")
	if len(faults) > 0 || f.Items[0].Request.Body.Text != "x\n\ny\n" {
		t.Errorf("%v, %+v", faults, f)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"  GET a:1/", "1: an indented line belongs to a line at the left margin"},
		{"get a:1/", `1: "get" says nothing here`},
		{"restrat a", "(restart?)"},
		{"GET", "1: the address is missing"},
		{"GET orders/x", "1: the port of the workload is missing"},
		{"GET orders:http/x", `1: "http" is no port`},
		{"GET orders:70000/x", `1: "70000" is no port`},
		{"GET ftp://a/", `1: the scheme "ftp" is neither http nor https`},
		{"GET http://shop.example:8080/", "1: a host with a port; write http://shop.example"},
		{"GET http://-..a/", `1: "-..a" is no host`},
		{"GET published http://a/", "1: published is about the port of a workload"},
		{"GET a:1/x y", `1: the path has a ' '`},
		{"GET a:1/x#y", `1: the path has a '#'`},
		{"GET a:1/ü", `1: the path has a 'ü'`},
		{"restart", "1: restart: one workload is wanted"},
		{"restart a b", "1: restart: one workload is wanted"},
		{"restart a\n  expect 200", "2: expect says nothing about restart"},
		{"restart a\n  send user a:b", `2: "send" says nothing below a step`},
		{"run a\n  expect exit 999", `2: expect exit "999" is no exit status`},
		{"run a\n  expect body contains x", `2: expect "body" is unknown below run`},
		{"run a\n  expect output \"x\"", "2: expect output: contains TEXT or ~ PATTERN is wanted"},
		{"GET a:1/\n  expct 200", `(expect?)`},
		{"GET a:1/\n  expect 600", `2: expect "600" is unknown`},
		{"GET a:1/\n  expect 200\n  expect 201", "3: the status stands in line 2 already"},
		{"GET a:1/\n  expect body", `2: expect body: the text is missing; write it in quotes`},
		{"GET a:1/\n  expect body ok", `2: expect body: "ok" is neither contains, ~ nor in quotes`},
		{"GET a:1/\n  expect body \"ok", "2: expect body: a text in quotes ends with one"},
		{"GET a:1/\n  expect body ~ (", "2: expect body: missing closing ) in the pattern: ("},
		{"GET a:1/\n  expect body contains", "2: expect body contains: the text is missing"},
		{"GET a:1/\n  expect json {\"a\": }", "2: expect json: the JSON has an error at its character"},
		{"GET a:1/\n  expect json {} {}", "2: expect json: something follows the JSON"},
		{"GET a:1/\n  expect json contains", "2: expect json contains: the JSON is missing"},
		{"GET a:1/\n  expect header : x", "2: expect header: the name is missing"},
		{"GET a:1/\n  expect header A", "2: expect header A: a value is wanted"},
		{"GET a:1/\n  expect header A ~ [", "2: expect header A: missing closing ] in the pattern"},
		{"GET a:1/\n  expect no header", "expect no header"},
		{"GET a:1/\n  expect no answer\n  expect 200", "1: no answer is expected, and yet something of it"},
		{"GET a:1/\n  until 5s", "1: until waits for what is expected, and nothing is"},
		{"GET a:1/\n  until soon\n  expect 200", `2: until "soon" is no duration`},
		{"GET a:1/\n  until 5s every 9s\n  expect 200", `2: every "9s" is no duration up to 5s`},
		{"GET a:1/\n  timeout 9h", `2: timeout "9h" is no duration up to 5m0s`},
		{"GET a:1/\n  timeout -1s", `2: timeout "-1s" is no duration`},
		{"GET a:1/\n  send json {", "2: send json: the JSON ends early"},
		{"GET a:1/\n  send json {}\n    {}", "2: send json: JSON on the line and a block below it"},
		{"GET a:1/\n  send body \"x\"\n  send json {}", "3: the body stands in line 2 already"},
		{"GET a:1/\n  send form x", `2: send form: "x" is no field`},
		{"GET a:1/\n  send form", "2: send form: the fields are missing"},
		{"GET a:1/\n  send header A", "2: send header: NAME: VALUE is wanted"},
		{"GET a:1/\n  send header Content-Length: 1", "2: send header Content-Length: lift sets it itself"},
		{"GET a:1/\n  send user x", "2: send user: NAME:PASSWORD is wanted"},
		{"GET a:1/\n  send websocket now", "2: send websocket: nothing follows it"},
		{"GET a:1/\n  send cookie x", `2: send "cookie" is unknown`},
		{"GET a:1/\n  title", "2: title: the text is missing"},
		{"GET a:1/\n  title x\n    y", "2: a block below title, which takes none"},
		{"GET a:1/\n  keep 1 = json $", `2: keep: "1" is no name of a variable`},
		{"GET a:1/\n  keep a = json id", "2: keep a: a path begins with $"},
		{"GET a:1/\n  keep a = json $.x[*]", "2: keep a: the path leads to several values"},
		{"GET a:1/\n  keep a = json $.x y", `2: keep a: " y" follows the path`},
		{"GET a:1/\n  keep a = json $[01]", "2: keep a: in brackets stands a number"},
		{"GET a:1/\n  keep a = header", "2: keep a: the name is missing"},
		{"GET a:1/\n  keep a = body", "2: keep a: the pattern is missing"},
		{"GET a:1/\n  keep a = trailer X", `2: keep a: "trailer" is no part of an answer`},
		{"GET a:1/\n  allow header Server", "2: allow header Server: the reason is missing"},
		{"GET a:1/\n  allow header Server:", "2: allow header Server: the reason is missing"},
		{"GET a:1/\n  allow everything: why", `2: allow: there is no place "everything"`},
		{"GET a:1/\n  allow json id: why", "2: allow json: a path begins with $"},
		{"GET a:1/\n  allow line [: why", "2: allow line: missing closing ] in the pattern"},
		{"GET a:1/\n  allow on Docker: status: x", "2: allow on: a tier is wanted"},
		{"GET a:1/${id}", "1: nothing called id has been kept; keep it in an earlier exchange"},
		{"GET a:1/\n  keep order = json $.id\n\nGET a:1/${ordr}", "4: nothing called ordr has been kept; did you mean ${order}?"},
		{"GET a:1/\n  keep id = json $.id\n  expect json {\"id\": ${id}}", "3: nothing called id has been kept"},
		{"GET a:1/\n  send body \"${a b}\"", "2: ${a b} is no variable"},
		{"GET a:1/\n  send header A: ${", "2: ${ is no variable"},
		{"GET a:1/\n  expect 200\n   expect body \"\"", "2: a block below expect, which takes none"},
		{"GET a:1/\n   expect 200\n  title x", "3: the line is indented otherwise than those above it"},
		{"GET a:1/\n  send body\n      a\n    b", "4: the line is indented less than the first one of its block"},
		{"defaults", "1: defaults without any"},
		{"defaults\n  timeout 1s\ndefaults\n  timeout 1s", "3: defaults stand in line 1 already"},
		{"GET a:1/\ndefaults\n  timeout 1s", "2: defaults come after a request"},
		{"defaults\n  send json {}", "2: send json is no default"},
		{"defaults\n  expect 200", `2: "expect" says nothing below defaults; use timeout, send or allow`},
		{"GET a:1/\x01", "1: a control character"},
		{"GET a:1/\xff", "1: a byte that is not UTF-8"},
		{strings.Repeat("#\n", largest), "is longer than 1048576 bytes"},
	} {
		_, faults := Parse("f", c.text)
		var all []string
		for _, x := range faults {
			all = append(all, x.String())
		}
		got := strings.Join(all, "\n")
		if !strings.Contains(got, c.want) || !strings.HasPrefix(got, "f:") {
			t.Errorf("%q\n got %s\nwant %s", clip(c.text), got, c.want)
		}
		if strings.Count(got, "\n") > 1 {
			t.Errorf("%q has many faults:\n%s", clip(c.text), got)
		}
	}
}

// All faults come in one run, by line.
func TestFaultsAllAtOnce(t *testing.T) {
	_, faults := Parse("f", "GET a/\n  expct 200\n  timeout x\nfoo\n  bar\nrestart\n")
	var lines []int
	for _, x := range faults {
		lines = append(lines, x.Line)
		if x.Remedy == "" {
			t.Errorf("%s has no remedy", x)
		}
	}
	if !reflect.DeepEqual(lines, []int{1, 2, 3, 4, 6}) {
		t.Errorf("faults in lines %v: %v", lines, faults)
	}
}

func TestLoad(t *testing.T) {
	fsys := fstest.MapFS{
		"b.exchange": {Data: []byte("GET a:1/\n")}, "a.exchange": {Data: []byte("GET b:1/\n")}, "c.exchange": {Data: []byte("nothing")}, "note.txt": {Data: []byte("?")},
	}
	files, faults, err := Load(fsys, "exchanges")
	if err != nil || len(files) != 2 || files[0].Name != "exchanges/a.exchange" || len(faults) != 1 || faults[0].File != "exchanges/c.exchange" {
		t.Errorf("%v, %v, %v", files, faults, err)
	}
}

// What is printed is read as what it was, for files that a generator makes up.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(4000) {
		g := generator{rand.New(rand.NewPCG(seed, 7))}
		f := g.file()
		text := Print(f)
		back, faults := Parse("", text)
		if len(faults) > 0 {
			t.Fatalf("seed %d: %v\n%s", seed, faults, text)
		}
		if unplaced(&back); !reflect.DeepEqual(f, back) {
			t.Fatalf("seed %d:\n%s\n%#v\n%#v", seed, text, f, back)
		}
		if again := Print(back); again != text {
			t.Fatalf("seed %d: printed otherwise the second time", seed)
		}
	}
}

// unplaced takes the numbers of the lines out of a file.
func unplaced(f *File) {
	f.Name, f.Defaults.Line = "", 0
	for i := range f.Items {
		f.Items[i].Line = 0
	}
}

// generator makes files up. Variables are used as soon as there are some.
type generator struct{ *rand.Rand }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

func some[T any](g generator, most int, make func() T) []T {
	var out []T
	for range g.IntN(most + 1) {
		out = append(out, make())
	}
	return out
}

func (g generator) maybe(f func()) {
	if g.IntN(3) == 0 {
		f()
	}
}

func (g generator) text() string {
	return pick(g, "x", "a b", " lead", "trail ", `"quoted"`, `"begins": with`, `"a".*"b"`, `"\q"`, "a: b", "two\nlines", "tab\tin", "end\n", "ünï", "=", "#no comment", "${env:A}", "$${not}", "\x00\xff", "contains x", "~ y", "\r\n", "json")
}

func (g generator) line() string {
	return pick(g, "x", "a b", "a: b: c", "#", "because of it", "“so”", "x  y", "~")
}

func (g generator) pattern() string { return pick(g, "x", "^a b$", `\d+ `, `"[^"]*"`, "a: b", "(?s).") }

func (g generator) file() File {
	f := File{Comment: some(g, 2, g.line)}
	g.maybe(func() {
		d := Defaults{Comment: some(g, 1, g.line), Headers: some(g, 2, g.header), Allow: some(g, 2, g.allow)}
		g.maybe(func() { d.Timeout = g.duration() })
		g.maybe(func() { d.User = g.user() })
		if len(d.Comment) > 0 && d.Timeout == 0 && d.User == "" && len(d.Headers)+len(d.Allow) == 0 {
			d.User = "a:b"
		}
		f.Defaults = d
	})
	f.Items = some(g, 4, g.item)
	if len(f.Comment) > 0 || len(f.Items) > 0 || f.Defaults.given() {
		f.End = some(g, 2, g.line)
	}
	return f
}

func (g generator) duration() time.Duration {
	return pick(g, time.Millisecond, 1500*time.Millisecond, 5*time.Second, time.Minute)
}

func (g generator) user() string { return pick(g, "a:b", "a:", ":b:c"[1:], "a: b ", "x:${env:w@1/P}") }

func (g generator) name() string { return pick(g, "Accept", "X-A", "Etag", "A.b") }

func (g generator) header() Header {
	return Header{g.name(), g.value()}
}

// value is that of a header: no quotes are needed, and none taken away.
func (g generator) value() string {
	for {
		if v := g.text(); !strings.ContainsFunc(v, control) {
			return pick(g, strings.TrimFunc(v, blank), "", `"tag"`)
		}
	}
}

func (g generator) allow() Allow {
	a := Allow{Reason: g.line(), Place: pick(g, Place{AtStatus, ""}, Place{AtHeader, "Server"}, Place{AtTrailer, "X"}, Place{AtJSON, `$.a[0]["b: c"].*`}, Place{AtJSON, "$"}, Place{AtBody, ""}, Place{AtFraming, ""}, Place{AtLine, g.pattern()}, Place{AtLine, "a:"}, Place{AtConnection, ""}, Place{AtProtocol, ""}, Place{AtExit, ""})}
	g.maybe(func() { a.Tiers = []string{"docker", "kubernetes"} })
	return a
}

func (g generator) json() string {
	return pick(g, "{}", `{"a": [1, 2.50, null, "x"]}`, "{\n  \"a\": 1,\n\n\t\"b\": ${env:A}\n}", `"${env:A}"`, "[\n1\n]", "1e3")
}

func (g generator) item() Item {
	it := Item{Comment: some(g, 2, g.line)}
	title := func() {
		if t := g.text(); !strings.ContainsFunc(t, control) {
			it.Title = t
		}
	}
	g.maybe(title)
	if g.IntN(4) == 0 {
		it.Do, it.Workload = pick(g, Restart, Stop, Begin, RunOnce), pick(g, "orders", "station@hill", "a.b")
		if it.Do == RunOnce {
			g.maybe(func() { it.Timeout = g.duration() })
			g.maybe(func() { n := g.IntN(256); it.Expect.Exit = &n })
			it.Expect.Output = some(g, 2, func() Want { return pick(g, Want{Contains, g.text()}, Want{Fits, g.pattern()}) })
			it.Allow = some(g, 2, g.allow)
		}
		return it
	}
	it.Request.Method = pick(g, "GET", "POST", "OPTIONS", "PROPFIND")
	path := pick(g, "/", "/a?b=${env:A}", "/%20//x", "${env:A}", "//")
	it.Request.Address = pick(g, Address{Workload: "orders", Port: 8002, Path: path}, Address{Way: Published, Workload: "station@hill", Port: 1, Path: path}, Address{Way: Outside, Scheme: "https", Host: "a-b.example", Path: path})
	g.maybe(func() { it.Timeout = g.duration() })
	it.Request.Headers = some(g, 2, g.header)
	g.maybe(func() { it.Request.User = g.user() })
	g.maybe(func() { it.Request.WebSocket = true })
	g.maybe(func() {
		b := pick(g, Body{Form: Text, Text: g.body()}, Body{Form: JSON, Text: g.json()}, Body{Form: Fields, Fields: append(some(g, 2, g.field), g.field())})
		it.Request.Body = &b
	})
	if g.IntN(6) == 0 {
		it.Expect.NoAnswer = true
	} else {
		g.maybe(func() { it.Expect.Status = pick(g, "200", "5xx") })
		it.Expect.Headers = some(g, 2, func() WantHeader {
			return pick(g, WantHeader{g.name(), Absent, ""}, WantHeader{g.name(), Fits, g.pattern()}, WantHeader{g.name(), Is, g.value()})
		})
		it.Expect.Body = some(g, 3, func() Want {
			return pick(g, Want{Is, g.body()}, Want{Contains, g.text()}, Want{Fits, g.pattern()}, Want{IsJSON, g.json()}, Want{ContainsJSON, g.json()})
		})
		it.Keep = some(g, 2, func() Keep {
			return pick(g, Keep{"a", "json", "$.a[-1]", ""}, Keep{"b_1", "header", "Etag", g.pattern()}, Keep{"c-c", "cookie", "voter", ""}, Keep{"d", "body", "", g.pattern()}, Keep{"e", "header", "Etag", ""})
		})
	}
	if !it.Expect.empty() {
		g.maybe(func() {
			it.Until = 2 * time.Minute
			g.maybe(func() { it.Every = g.duration() })
		})
	}
	it.Allow = some(g, 2, g.allow)
	return it
}

func (g generator) field() Field {
	return Field{pick(g, "a", "a b", "a=b", " a", "ü", `"`), pick(g, g.text(), "")}
}

func (g generator) body() string {
	return pick(g, g.text(), "", "a\n", "a\n\n  b\n", "\na\n", "a\n\n", "  a\n", "a \n", "a\n\tb\n", "# x\n")
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("GET a:1/\n  send json\n    {\n\n  expect 200\n")
	f.Add("defaults\n\ttimeout 5s\r\nGET http://a/${x}\n  keep x = body ~ \"(\"\n")
	f.Add("run a\n expect output ~ \"\\\n# x")
	for seed := range uint64(20) {
		f.Add(Print(generator{rand.New(rand.NewPCG(seed, 1))}.file()))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, faults := Parse("f", text)
		for _, x := range faults {
			if x.What == "" || strings.Contains(x.String(), "\n") {
				t.Errorf("a fault of %q", x.String())
			}
		}
		if len(faults) > 0 {
			return
		}
		back, faults := Parse("f", Print(file))
		if len(faults) > 0 {
			t.Fatalf("what was printed has faults: %v\n%s", faults, Print(file))
		}
		unplaced(&file)
		if unplaced(&back); !reflect.DeepEqual(file, back) {
			t.Fatalf("printed and read again, it is another one:\n%#v\n%#v\n%s", file, back, Print(file))
		}
	})
}
