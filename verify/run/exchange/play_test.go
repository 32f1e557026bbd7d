package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
)

// store is a handler that keeps notes: POST /notes makes one, a worker changes it after a while, and what it has is lost or not when it is started again.
type store struct {
	mu     sync.Mutex
	notes  []string
	at     []time.Time
	delay  time.Duration
	forget bool
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == "POST" && r.URL.Path == "/notes":
		body, _ := io.ReadAll(r.Body)
		s.notes, s.at = append(s.notes, string(body)), append(s.at, time.Now())
		w.Header().Set("Location", fmt.Sprintf("/notes/%d", len(s.notes)))
		w.WriteHeader(201)
		fmt.Fprintf(w, `{"number": %d, "key": "k\"%d"}`, len(s.notes), len(s.notes))
	case r.Method == "GET" && strings.HasPrefix(r.URL.Path, "/notes/"):
		n := 0
		fmt.Sscanf(r.URL.Path, "/notes/%d", &n)
		if n < 1 || n > len(s.notes) {
			w.WriteHeader(404)
			return
		}
		state := "new"
		if time.Since(s.at[n-1]) >= s.delay {
			state = "counted"
		}
		fmt.Fprintf(w, `{"state": %q, "text": %s}`, state, s.notes[n-1])
	default:
		w.WriteHeader(404)
	}
}

func (s *store) side(t *testing.T, tier string) Side {
	side := web(t, tier, s)
	side.Target.(*fake).restart = func(string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.forget {
			s.notes = nil
		}
	}
	return side
}

const notes = `POST web:80/notes
  send json "one"
  expect 201
  keep number = json $.number
  keep where = header Location
  keep key = json $.key

GET web:80${where}
  title it is counted
  until 2s every 10ms
  expect json {"state": "counted", "text": "one"}

restart web

GET web:80/notes/${number}
  title after a restart
  expect json contains {"text": "one"}
`

func TestState(t *testing.T) {
	f := parsed(t, notes)
	original := func() Side { return (&store{delay: 60 * time.Millisecond}).side(t, "processes") }
	rs, n := try(t, f, original, (&store{delay: 150 * time.Millisecond}).side(t, "docker"))
	for _, r := range rs {
		if r.Status != Same {
			t.Error(told(rs))
		}
	}
	if len(n.List()) > 0 {
		t.Error(n.List())
	}
	rs, _ = try(t, f, original, (&store{forget: true}).side(t, "docker"))
	if rs[3].Status != Different || rs[3].Differences[0].String() != "status: original 200, here 404" {
		t.Errorf("what is lost with a restart is not seen: %s", told(rs))
	}
	rs, _ = try(t, f, original, (&store{delay: time.Hour}).side(t, "docker"))
	if rs[1].Status != Different || !strings.Contains(told(rs), `json $.state: original "counted", here "new"`) {
		t.Errorf("what never comes is not seen: %s", told(rs))
	}
	rs, _ = try(t, f, original, web(t, "docker", answerer(500, "")))
	if rs[1].Status != Different || rs[1].Differences[0].Here != "not asked: the exchange in line 1 has not given where" {
		t.Errorf("a request without what it needs: %s", told(rs))
	}
}

func TestUntilAsksAgain(t *testing.T) {
	f := parsed(t, "GET web:80/\n  until 5s every 1ms\n  expect 200\n")
	r := play(t, f, web(t, "processes", counting(func(w http.ResponseWriter, n int) {
		if n < 4 {
			w.WriteHeader(503)
		}
	})))
	if a := r.answers[0]; a.tries != 4 || len(a.unmet) > 0 {
		t.Errorf("%d tries, %v", a.tries, a.unmet)
	}
}

func TestSteps(t *testing.T) {
	f := parsed(t, "stop web\n\nGET web:80/\n  expect no answer\n\nbegin web\n\nrun job\n  expect output contains done\n\nGET web:80/\n")
	side := func(tier string) (Side, *fake) {
		s := web(t, tier, answerer(200, "x"))
		s.Called = map[string]string{"web": "web-1", "job": "job-1"}
		s.App.Workloads[0].Name = "web-1"
		k := s.Target.(*fake)
		k.servers["web-1:80"] = k.servers["web:80"]
		k.run = func(w string) (Ended, error) {
			if w != "job-1" {
				return Ended{}, errors.New("not " + w)
			}
			return Ended{Log: []byte("all done\n")}, nil
		}
		return s, k
	}
	s, k := side("docker")
	r := play(t, f, s)
	if got := strings.Join(k.log, ", "); got != "stop web-1, begin web-1" {
		t.Error(got)
	}
	if a := r.answers[1]; len(a.unmet) != 1 { // it is refused, not closed: no connection is something else than no answer
		t.Error(a.unmet)
	}
	for _, i := range []int{0, 2, 3, 4} {
		if a := r.answers[i]; a.fault != "" || len(a.unmet) > 0 {
			t.Errorf("%d: %q, %v", i, a.fault, a.unmet)
		}
	}
	t.Run("somebody else answers", func(t *testing.T) {
		s, k := side("docker")
		k.stubborn = true
		r := play(t, parsed(t, "restart web\n"), s)
		if !strings.Contains(r.answers[0].fault, "it is stopped, and yet somebody takes connections at its port 80") {
			t.Errorf("%q", r.answers[0].fault)
		}
	})
	t.Run("a socket that is handed over stays open", func(t *testing.T) {
		s, k := side("processes")
		k.stubborn = true
		s.App.Workloads[0].Source.Sockets = deploy.List{"stream 127.0.0.1:80 web.socket"}
		if r := play(t, parsed(t, "restart web\n"), s); r.answers[0].fault != "" {
			t.Errorf("%q", r.answers[0].fault)
		}
	})
	compared := func(file string, a, b Ended) Result {
		one, k := side("processes")
		k.run = func(string) (Ended, error) { return a, nil }
		first := play(t, parsed(t, file), one)
		other, k := side("docker")
		k.run = func(string) (Ended, error) { return b, nil }
		return Compare(parsed(t, file), first, play(t, parsed(t, file), other), Hear(parsed(t, file), first, first), nil)[0]
	}
	for _, c := range []struct {
		file string
		a, b Ended
		want Status
		text string
	}{
		{"run job\n", Ended{}, Ended{}, Same, ""},
		{"run job\n", Ended{}, Ended{Code: 3}, Different, "exit: original exit 0, here exit 3"},
		{"run job\n", Ended{}, Ended{Code: -1, Killed: true}, Different, "exit: original exit 0, here killed"},
		{"run job\n", Ended{}, Ended{Code: -1}, Same, ""},
		{"run job\n", Ended{Code: 3}, Ended{Code: 3}, Unmet, ""},
		{"run job\n  expect exit 3\n", Ended{Code: 3}, Ended{Code: 3}, Same, ""},
		{"run job\n  allow exit: why\n", Ended{}, Ended{Code: 3}, Declared, ""},
		{"run job\n  expect output contains x\n", Ended{Log: []byte("x")}, Ended{Log: []byte("y")}, Different, "body: original as the file says: output contains x, here y"},
	} {
		r := compared(c.file, c.a, c.b)
		if r.Status != c.want || c.text != "" && (len(r.Differences) != 1 || r.Differences[0].String() != c.text) {
			t.Errorf("%q, %+v, %+v: %s", c.file, c.a, c.b, told([]Result{r}))
		}
	}
	t.Run("not here", func(t *testing.T) {
		one, _ := side("processes")
		other, k := side("docker")
		k.run = nil
		f := parsed(t, "run job\n")
		first := play(t, f, one)
		if r := Compare(f, first, play(t, f, other), Noise{}, nil)[0]; r.Status != NotTested || r.Why != "no jobs here" {
			t.Error(told([]Result{r}))
		}
	})
	t.Run("a fault", func(t *testing.T) {
		one, _ := side("processes")
		other, k := side("docker")
		k.fault = errors.New("the engine says " + canary)
		f := parsed(t, "restart web\n")
		first := play(t, f, one)
		r := Compare(f, first, play(t, f, other), Noise{}, nil)[0]
		if r.Status != Different || !strings.Contains(told([]Result{r}), "here the engine says (secret)") {
			t.Error(told([]Result{r}))
		}
	})
}

// echo answers with what it was asked.
func echo() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "uri": r.RequestURI, "host": r.Host, "header": r.Header, "body": string(body), "remote": r.RemoteAddr})
	})
}

func TestRequest(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	for _, c := range []struct {
		file string
		want string // of the answer, as JSON that it contains
		not  string
	}{
		{"GET web:80/a%2Fb/../c?x=%20&y", `{"method": "GET", "uri": "/a%2Fb/../c?x=%20&y", "host": "127.0.0.1:80", "body": "", "header": {"User-Agent": ["lift-exchange"], "Accept": ["*/*"], "X-Lift-Request": ["{request}"]}}`, `"Accept-Encoding"`},
		{"GET web:80//double?q", `{"uri": "//double?q"}`, `"Connection"`},
		{"GET web:80/\n  send header Host: notes.example\n  send header Accept: text/html\n  send header X-A: 1\n  send header X-A: 2", `{"host": "notes.example", "header": {"Accept": ["text/html"], "X-A": ["1", "2"]}}`, "*/*"},
		{"GET web:80/\n  send user check:${env:PASSWORD}", `{"header": {"Authorization": ["(secret)"]}}`, ""},
		{"POST web:80/\n  send json {\"a\": \"${env:MOTTO}\", \"${env:MOTTO}\": ${env:MOTTO}}", `{"body": "{\"a\": \"read more\", \"read more\": \"read more\"}", "header": {"Content-Type": ["application/json"], "Content-Length": ["44"]}}`, ""},
		{"POST web:80/\n  send header Content-Type: application/ld+json\n  send json {}", `{"header": {"Content-Type": ["application/ld+json"]}}`, ""},
		{"POST web:80/\n  send form\n    a=b c\n    ü=&=", `{"body": "a=b+c&%C3%BC=%26%3D", "header": {"Content-Type": ["application/x-www-form-urlencoded"]}}`, ""},
		{"PUT web:80/\n  send body \"\\x00\"", `{"body": "\u0000", "header": {"Content-Length": ["1"]}}`, `"Content-Type":`},
		{"PUT web:80/\n  send body \"\"", `{"body": "", "header": {"Content-Length": ["0"]}}`, ""},
		{"PUT web:80/\n  send body\n    ${env:MOTTO}\n    $${env:MOTTO}", `{"body": "read more\n${env:MOTTO}\n"}`, ""},
		{"DELETE web:80/", `{"method": "DELETE"}`, "Content-Length"},
		{"defaults\n  send header X-A: d\n  send header X-B: d\n  send user a:b\nGET web:80/\n  send header X-A: own", `{"header": {"X-A": ["own"], "X-B": ["d"], "Authorization": ["Basic YTpi"]}}`, ""},
	} {
		f := parsed(t, c.file)
		r := play(t, f, web(t, "processes", echo()))
		got := strings.ReplaceAll(string(r.answers[len(r.answers)-1].body), "Basic "+"Y2hlY2s6Y2FuYXJ5LWhvcnNlJjcgc3RhcGxl", "(secret)")
		all, err := decodeJSON([]byte(got))
		want, _ := decodeJSON([]byte(c.want))
		if err != nil || !containsJSON(all, want) || c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s\n got %s\nwant %s\n not %s", c.file, got, c.want, c.not)
		}
	}
}

// Each request has a connection of its own, and none is left.
func TestConnections(t *testing.T) {
	var mu sync.Mutex
	open, all := map[net.Conn]bool{}, 0
	s := httptest.NewUnstartedServer(answerer(200, "x"))
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			open[c] = true
			all++
		case http.StateClosed, http.StateHijacked:
			delete(open, c)
		}
	}
	s.Start()
	defer s.Close()
	side := web(t, "processes", answerer(200, ""))
	side.Target.(*fake).servers["web:80"] = s
	r := play(t, parsed(t, "GET web:80/\n\nGET web:80/\n\nGET web:80/\n"), side)
	if r.answers[0].connection != "kept" {
		t.Error(r.answers[0].connection)
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		left := len(open)
		mu.Unlock()
		if left == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections are left", left)
		}
	}
	if all != 3 {
		t.Errorf("%d connections", all)
	}
}

// Redirects are not followed, and what gzip has packed is compared unpacked.
func TestAnswers(t *testing.T) {
	hits := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	f := parsed(t, "GET web:80/\n  expect 302\n  expect header Location: /elsewhere\n")
	if r := play(t, f, web(t, "processes", h)); len(r.answers[0].unmet) > 0 || hits != 1 {
		t.Errorf("%v, %d requests", r.answers[0].unmet, hits)
	}
	f = parsed(t, "GET web:80/\n  expect body \"packed\"\n  expect header Content-Encoding: gzip\n")
	// Packed in two ways, the same text.
	stored := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x06\x00\xf9\xff\x70\x61\x63\x6b\x65\x64\xae\x48\xa5\x87\x06\x00\x00\x00"
	r := play(t, f, web(t, "processes", answerer(200, stored, "Content-Encoding", "gzip")))
	if len(r.answers[0].unmet) > 0 && string(r.answers[0].body) == stored {
		t.Skipf("the sample is not valid: %v", r.answers[0].unmet)
	}
	if len(r.answers[0].unmet) > 0 {
		t.Error(r.answers[0].unmet)
	}
}

func TestWebSocket(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" || r.Header.Get("Sec-WebSocket-Key") == "" {
			w.WriteHeader(426)
			return
		}
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
		rw.Flush()
		_, _ = c.Read(make([]byte, 1)) // until the other end leaves
	})
	f := parsed(t, "GET web:80/live\n  send websocket\n  expect 101\n")
	begun := time.Now()
	rs, _ := try(t, f, func() Side { return web(t, "processes", h) }, web(t, "docker", h))
	if rs[0].Status != Same || time.Since(begun) > 8*time.Second {
		t.Errorf("%s after %s", told(rs), time.Since(begun))
	}
	rs, _ = try(t, f, func() Side { return web(t, "processes", h) }, web(t, "docker", answerer(200, "")))
	if rs[0].Status != Different || !strings.Contains(told(rs), "status: original 101, here 200") {
		t.Error(told(rs))
	}
}

func TestWays(t *testing.T) {
	side := func(tier string) Side {
		s := web(t, tier, answerer(200, "direct"))
		k := s.Target.(*fake)
		for name, text := range map[string]string{"door": "door", "wild": "wild", "pub": "published"} {
			srv := httptest.NewServer(answerer(200, text))
			t.Cleanup(srv.Close)
			k.servers[name] = srv
		}
		k.doors["http://shop.example"] = "door"
		k.doors["http://*.shop.example"] = "wild"
		k.published["web:80"] = "pub"
		for _, m := range []string{"http://shop.example", "http://*.shop.example", "http://shop.example/api/"} {
			r := deploy.Route{Match: m, Workload: deploy.Some(deploy.Ref(deploy.At("workloads", "web"))), Port: deploy.Some(int64(80))}
			if strings.HasSuffix(m, "/api/") {
				r.Via = r.Workload
				r.Workload = deploy.Some(deploy.Ref(deploy.At("workloads", "api")))
			}
			s.Routes = append(s.Routes, r)
		}
		return s
	}
	f := parsed(t, "GET web:80/\n\nGET published web:80/\n\nGET http://shop.example/api/x\n\nGET http://www.shop.example/\n\nGET http://else.example/\n")
	r := play(t, f, side("docker"))
	var got []string
	for _, a := range r.answers {
		got = append(got, string(a.body)+a.nowhere)
	}
	if s := strings.Join(got, ", "); s != "direct, published, door, wild, no route leads there" {
		t.Error(s)
	}
	if a := answers(side("").Routes, f.Items[2].Request.Address); a != "api" {
		t.Errorf("%q answers", a)
	}
	// Where the original publishes nothing it is asked directly; a tier above that publishes nothing is not tested.
	original := side("processes")
	original.Target.(*fake).published = nil
	other := side("docker")
	f = parsed(t, "GET published web:80/\n  allow body: another text\n")
	first := play(t, f, original)
	if rs := Compare(f, first, play(t, f, other), Noise{}, nil); rs[0].Status != Declared {
		t.Error(told(rs))
	}
	if rs := Compare(f, first, first, Noise{}, nil); rs[0].Status != NotTested || rs[0].Why != "the port is not published here" {
		t.Error(told(rs))
	}
}

// The addresses that only one side has are replaced in redirects, and no others.
func TestLocation(t *testing.T) {
	s := &Side{App: app("web-1"), Called: map[string]string{"web": "web-1"}}
	s.App.Workloads[0].Ports[0].Published = deploy.Some("127.0.0.1:8080")
	door := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 34567}
	for _, c := range []struct{ host, location, want string }{
		{"shop.example", "/books", "/books"},
		{"shop.example", "//shop.example:34567/x", "//shop.example/x"},
		{"shop.example", "http://shop.example/books?x=http://shop.example:34567/", "http://shop.example/books?x=http://shop.example:34567/"},
		{"shop.example", "http://shop.example:34567/books", "http://shop.example/books"},
		{"shop.example", "http://SHOP.example:34567/books", "http://SHOP.example/books"},
		{"shop.example", "http://shop.example:8081/books", "http://shop.example:8081/books"}, // the port of the container, which nobody reaches from outside
		{"shop.example", "https://shop.example/", "https://shop.example/"},
		{"127.0.0.1:80", "http://127.0.0.1:80/x", "http://127.0.0.1:80/x"},
		{"127.0.0.1:80", "http://127.0.0.1:34567/x", "http://127.0.0.1:80/x"},
		{"shop.example", "http://localhost:80/x", "http://{web:80}/x"},
		{"shop.example", "http://127.0.0.1:8080/x", "http://{web:80}/x"},
		{"shop.example", "http://web-1:80/x", "http://{web:80}/x"},
		{"shop.example", "http://web-1.ns.svc.cluster.local/x", "http://{web:80}/x"},
		{"shop.example", "http://127.0.0.1:81/x", "http://127.0.0.1:81/x"},
		{"shop.example", "http://other.example/x", "http://other.example/x"},
		{"shop.example", "http://[::1]:80/x", "http://{web:80}/x"},
		{"shop.example", "http://%zz/", "http://%zz/"},
	} {
		if got := s.location(c.location, ready{host: c.host}, door); got != c.want {
			t.Errorf("asked as %s: %s became %s, not %s", c.host, c.location, got, c.want)
		}
	}
}

// No secret is seen in anything that can be printed: results, faults, noise, recordings. The handler gives them away in each way it can.
func TestSecrets(t *testing.T) {
	password := canary
	h := func(extra string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Leak", password+extra)
			w.Header().Set("X-Auth", r.Header.Get("Authorization")+extra)
			w.Header().Set("Location", "/?p="+strings.ReplaceAll(strings.ReplaceAll(password, "&", "%26"), " ", "+")+extra)
			w.Header().Set("Set-Cookie", "s=session-canary-5"+extra)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"p": %q, "token": "token-canary-9%s", "cookie": "session-canary-5"}`, password, extra)
		})
	}
	f := parsed(t, `defaults
  send user check:${env:PASSWORD}

GET web:80/?p=x
  send header X-Token: ${env:TOKEN}
  expect header X-Leak: ${env:web/PASSWORD}
  expect body contains ${env:TOKEN}"
  keep s = cookie s
  keep p = json $.p

POST web:80/
  send header Cookie: s=${s}
  send json {"p": "${p}", "q": "${env:PASSWORD}"}
  expect json contains {"p": "${env:PASSWORD}", "never": 1}
`)
	n := 0
	first, second := play(t, f, web(t, "processes", h(""))), play(t, f, web(t, "processes", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n++; h(itoa(n)).ServeHTTP(w, r) })))
	other := play(t, f, web(t, "docker", h("x")))
	noise := Hear(f, first, second)
	var seen []string
	for _, r := range append(Compare(f, first, other, noise, nil), Compare(f, first, other, Noise{}, nil)...) {
		seen = append(seen, fmt.Sprintf("%+v", r), told([]Result{r}))
	}
	for _, x := range Check(f, first) {
		seen = append(seen, x.String())
	}
	j, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	seen = append(seen, fmt.Sprintf("%v %+v %#v %s", first, first, first, j), fmt.Sprintf("%+v", noise.List()))
	all := strings.Join(seen, "\n")
	for _, secret := range []string{"canary", "Y2hlY2s6", "Y2FuYXJ5"} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("%s is seen: …%s…", secret, all[max(0, i-100):min(len(all), i+60)])
		}
	}
	if !strings.Contains(all, "(secret)") {
		t.Errorf("nothing was hidden, so nothing was tried:\n%s", all)
	}
}

func TestMask(t *testing.T) {
	m := newMask([]string{"", "42", `a"b c&d`})
	for text, want := range map[string]string{
		`"a": 42, 421, x42`:            `"a": (secret), 421, x42`,
		`a"b c&d a\"b c&d a%22b+c%26d`: "(secret) (secret) (secret)",
		"42":                           "(secret)",
		"nothing":                      "nothing",
	} {
		if got := m.text(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	a := app("web")
	b := app("api")
	b.Workloads[0].Env = []deploy.Env{{Name: "MOTTO", Value: deploy.Plain("another")}, {Name: "ONLY", Value: deploy.Plain("here")}}
	a.Workloads = append(a.Workloads, b.Workloads...)
	e := environment{app: a, called: func(n string) string { return strings.TrimSuffix(n, "@1") }, given: map[string]string{"TOKEN": "t", "LOOSE": "l"}}
	for _, c := range []struct{ workload, name, want string }{
		{"", "PASSWORD", canary},
		{"", "TOKEN", "t"},
		{"", "ONLY", "here"},
		{"", "LOOSE", "l"},
		{"api@1", "MOTTO", "another"},
		{"", "MOTTO", "error: MOTTO differs between the workloads; write ${env:WORKLOAD/MOTTO}"},
		{"", "NONE", "error: nobody knows the value of NONE"},
		{"api", "PASSWORD", "error: nobody knows the value of PASSWORD"},
	} {
		got, _, err := e.value(c.workload, c.name)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != c.want {
			t.Errorf("%s/%s is %q, not %q", c.workload, c.name, got, c.want)
		}
	}
}

func TestVet(t *testing.T) {
	a := app("orders")
	a.Workloads = append(a.Workloads, deploy.Workload{Name: "nightly", Kind: deploy.Some(deploy.Cron)})
	a.Routes = []deploy.Route{{Match: "http://shop.example", Workload: deploy.Some(deploy.Ref("workloads.orders"))}}
	f := parsed(t, `GET orders:80/
  send user check:${env:PASSWORD}

GET order:80/

GET orders:81/

GET http://shop.exmple/

restart nightly

run orders

run nightly

GET orders:80/
  send header A: ${env:NONE}
`)
	var got []string
	for _, x := range Vet(f, a, nil) {
		got = append(got, x.String())
		if x.Remedy == "" {
			t.Errorf("%s has no remedy", x)
		}
	}
	want := []string{
		"web.exchange:4: the system has no workload order; did you mean orders?",
		"web.exchange:6: orders does not listen on 81; it listens on 80/tcp",
		"web.exchange:8: no route of the system leads to http://shop.exmple; there is http://shop.example",
		"web.exchange:10: nightly is a cron, and restart is for what runs on; use run",
		"web.exchange:12: orders runs on, and run is for jobs and schedules; use restart",
		"web.exchange:16: ${env:NONE}: nobody knows the value of NONE; supply it, or name a variable of the workloads",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNobodyAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var free net.Listener
	for range 5 { // a port that was free is another test's the next moment, at times
		if free, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		free.Close()
		if err = NobodyAnswers(t.Context(), free.Addr().String()); err == nil {
			break
		}
	}
	if err != nil {
		t.Error(err)
	}
	err = NobodyAnswers(t.Context(), free.Addr().String(), l.Addr().String(), l.Addr().String())
	var taken Taken
	if !errors.As(err, &taken) || !slices.Equal(taken.Addresses, []string{l.Addr().String()}) {
		t.Error(err)
	}
	l.Close()
	if err := NobodyAnswers(t.Context(), l.Addr().String()); err != nil {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	a := app("web")
	a.Workloads[0].Ports = []deploy.Port{
		{Number: "80/tcp", Address: deploy.Some("0.0.0.0"), Published: deploy.Some("8080")},
		{Number: "81/tcp", Address: deploy.Some("127.0.0.2"), Published: deploy.Some("127.0.0.1:8081")},
		{Number: "82/tcp", Address: deploy.Some("::")},
		{Number: "53/udp", Published: deploy.Some("53")},
	}
	if got := Addresses(a, false); !slices.Equal(got, []string{"127.0.0.1:8080", "127.0.0.1:8081"}) {
		t.Error(got)
	}
	if got := Addresses(a, true); !slices.Equal(got, []string{"127.0.0.1:80", "127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.2:81", "[::1]:82"}) {
		t.Error(got)
	}
}

// A run that is cancelled comes to its end soon, also in the middle of waiting.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := Play(ctx, parsed(t, "GET web:80/\n  until 30s\n  expect 201\n\nGET web:80/\n"), web(t, "processes", answerer(200, "")))
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
}
