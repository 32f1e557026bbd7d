package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/deploylift/lift/deploy"
)

// fake is a system whose programs are handlers.
type fake struct {
	mu        sync.Mutex
	servers   map[string]*httptest.Server // "web:80" → who listens there
	handlers  map[string]http.Handler
	published map[string]string // "web:80" → whose server
	doors     map[string]string // match of the route → whose server
	stopped   map[string]bool
	log       []string
	restart   func(workload string)
	run       func(workload string) (Ended, error)
	stubborn  bool // takes connections although it is stopped
	fault     error
}

func newFake(t *testing.T, handlers map[string]http.Handler) *fake {
	t.Helper()
	f := &fake{servers: map[string]*httptest.Server{}, handlers: handlers, published: map[string]string{}, doors: map[string]string{}, stopped: map[string]bool{}}
	for name, h := range handlers {
		s := httptest.NewServer(h)
		f.servers[name] = s
		t.Cleanup(s.Close)
	}
	return f
}

func (f *fake) connect(ctx context.Context, name string) (net.Conn, error) {
	f.mu.Lock()
	s, stopped := f.servers[name], f.stopped[strings.SplitN(name, ":", 2)[0]] && !f.stubborn
	f.mu.Unlock()
	if s == nil || stopped {
		return nil, errors.New("nobody there")
	}
	return new(net.Dialer).DialContext(ctx, "tcp", s.Listener.Addr().String())
}

func (f *fake) Dial(ctx context.Context, workload string, port int) (net.Conn, error) {
	return f.connect(ctx, fmt.Sprintf("%s:%d", workload, port))
}

func (f *fake) Door(ctx context.Context, r deploy.Route) (net.Conn, error) {
	to, ok := f.doors[r.Match]
	if !ok {
		return nil, NotHere{"no door for " + r.Match}
	}
	return f.connect(ctx, to)
}

func (f *fake) Published(ctx context.Context, workload string, port int) (net.Conn, error) {
	to, ok := f.published[fmt.Sprintf("%s:%d", workload, port)]
	if !ok {
		return nil, NotHere{"not published"}
	}
	return f.connect(ctx, to)
}

func (f *fake) Run(_ context.Context, workload string) (Ended, error) {
	if f.run == nil {
		return Ended{}, NotHere{"no jobs here"}
	}
	return f.run(workload)
}

func (f *fake) Stop(_ context.Context, workload string) (Ended, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, "stop "+workload)
	f.stopped[workload] = true
	return Ended{}, f.fault
}

func (f *fake) Begin(_ context.Context, workload string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, "begin "+workload)
	f.stopped[workload] = false
	if f.restart != nil {
		f.restart(workload)
	}
	return nil
}

// app is a system of one workload, which listens on 80.
func app(name string) deploy.App {
	w := deploy.Workload{Name: name, Kind: deploy.Some(deploy.Service)}
	w.Ports = []deploy.Port{{Number: "80/tcp"}}
	w.Env = []deploy.Env{{Name: "PASSWORD", Value: deploy.Secret(canary)}, {Name: "MOTTO", Value: deploy.Plain("read more")}, {Name: "TOKEN", Value: deploy.Param("TOKEN", true)}}
	return deploy.App{Workloads: []deploy.Workload{w}}
}

// canary is a secret that must be seen nowhere.
const canary = "canary-horse&7 staple"

// web makes a side of one handler.
func web(t *testing.T, tier string, h http.Handler) Side {
	t.Helper()
	return Side{Tier: tier, App: app("web"), Nonce: "noncenonce12", Target: newFake(t, map[string]http.Handler{"web:80": h}), Values: map[string]string{"TOKEN": "token-canary-9"}}
}

// parsed parses a file that must have no faults.
func parsed(t *testing.T, text string) File {
	t.Helper()
	f, faults := Parse("web.exchange", text)
	for _, x := range faults {
		t.Fatal(x)
	}
	return f
}

// play plays a file that must come to its end.
func play(t *testing.T, f File, s Side) Recording {
	t.Helper()
	r, err := Play(t.Context(), f, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.answers) != len(f.Items) {
		t.Fatalf("%d answers to %d items", len(r.answers), len(f.Items))
	}
	return r
}

// try plays a file on the original, twice, and on another side, and compares.
func try(t *testing.T, f File, original func() Side, other Side, allowed ...Allow) ([]Result, Noise) {
	t.Helper()
	first, second := play(t, f, original()), play(t, f, original())
	n := Hear(f, first, second)
	return Compare(f, first, play(t, f, other), n, nil, allowed...), n
}

// told prints results, for tests.
func told(rs []Result) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&b, "%d %s: %s", r.Line, r.Name, r.Status)
		if r.Why != "" {
			b.WriteString(": " + r.Why)
		}
		for _, d := range r.Differences {
			b.WriteString("; " + d.String())
		}
		b.WriteString("\n")
	}
	return b.String()
}
