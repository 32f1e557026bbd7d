//go:build linux

package witness

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAskToEnd(t *testing.T) {
	for _, status := range []int{0, 3, 255} {
		r := start(t, launch{plan: Plan{Stubborn: true}})
		r.world()
		var ok struct{ OK bool }
		r.ask(&ok, "exit", fmt.Sprint(status))
		want(t, "status", r.end(), status)
		want(t, "ok", ok.OK, true)
		events := r.printed()
		want(t, "exit event", events[len(events)-1].Code, status)
	}
}

func TestAskForSignal(t *testing.T) {
	r := start(t, launch{})
	r.world()
	var ok struct{ OK bool }
	r.ask(&ok, "signal", "TSTP")
	r.signalled("SIGTSTP", false)
	r.ask(&ok, "signal", "SIGKILL")
	want(t, "status", r.end(), -1)
	if st := r.cmd.ProcessState.Sys().(syscall.WaitStatus); st.Signal() != syscall.SIGKILL {
		t.Errorf("it ends with %v", st)
	}
}

func TestAskToReach(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	other := start(t, launch{plan: Plan{Workload: "db", Listen: []string{fmt.Sprintf("127.0.0.1:%d/tcp", port)}}})
	other.world()
	r := start(t, launch{})
	r.world()
	var got Reached
	r.ask(&got, "get", fmt.Sprintf("http://127.0.0.1:%d/a%%20b?c=d", port), "shop.example")
	var a Answer
	if err := json.Unmarshal([]byte(got.Body), &a); err != nil {
		t.Fatal(err)
	}
	want(t, "answer", []any{got.Status, got.Error, got.Address, got.Header["X-Lift-Nonce"], a.Workload, a.Nonce, a.URI, a.Host, a.Method, a.Port},
		[]any{200, "", fmt.Sprintf("127.0.0.1:%d", port), []string{nonce}, "db", nonce, "/a%20b?c=d", "shop.example", "GET", port})

	// Another server: in chunks, and with another status.
	chunked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(404)
		for i := range 3 {
			fmt.Fprintf(w, "part %d\n", i)
			w.(http.Flusher).Flush()
		}
	}))
	defer chunked.Close()
	got = Reached{}
	r.ask(&got, "get", chunked.URL)
	want(t, "in chunks", []any{got.Status, got.Body, got.Error}, []any{404, "part 0\npart 1\npart 2\n", ""})

	got = Reached{}
	r.ask(&got, "connect", fmt.Sprintf("127.0.0.1:%d", port))
	want(t, "connected", got, Reached{Address: fmt.Sprintf("127.0.0.1:%d", port)})
	nobody := freePort(t)
	for _, words := range [][]string{{"connect", fmt.Sprintf("127.0.0.1:%d", nobody)}, {"get", fmt.Sprintf("http://127.0.0.1:%d/", nobody)}} {
		got = Reached{}
		r.ask(&got, words...)
		want(t, "not connected", got, Reached{Error: "connection refused"})
	}
	for _, words := range [][]string{{"connect", "nowhere"}, {"get", "https://127.0.0.1/"}, {"get", ":"}} {
		got = Reached{}
		r.ask(&got, words...)
		if !strings.Contains(got.Error, "is no") {
			t.Errorf("%q: %+v", words, got)
		}
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	got = Reached{}
	begin := time.Now()
	r.ask(&got, "get", "http://"+silent.Addr().String())
	if got.Error != "timeout" || time.Since(begin) > 5*time.Second {
		t.Errorf("%+v after %s", got, time.Since(begin))
	}
}

func TestAskBadly(t *testing.T) {
	r := start(t, launch{})
	r.world()
	for _, words := range [][]string{{"word"}, {"exit"}, {"exit", "many"}, {"exit", "256"}, {"signal", "NONE"}, {"world", "now"}, {"get"}, {"connect"}} {
		out, status, said := askStatus(t, append([]string{r.socket}, words...)...)
		if status != 2 || len(out) > 0 || !strings.HasPrefix(said, "lift-witness: ") {
			t.Errorf("ask %q: status %d, %s%s", words, status, out, said)
		}
	}
	_, status, said := askStatus(t, "lift-test-nobody", "world")
	if status != 1 || !strings.Contains(said, "no witness answers on @lift-test-nobody: connection refused") {
		t.Errorf("nobody there: status %d, %s", status, said)
	}
	r.kill(syscall.SIGTERM)
	r.end()
	if _, status, _ := askStatus(t, r.socket, "world"); status != 1 {
		t.Errorf("after its end: status %d", status)
	}
}

func TestWhoMayAsk(t *testing.T) {
	needsRoot(t)
	r := start(t, launch{setup: setup{UID: 990}})
	r.world()
	for uid, wanted := range map[uint32]int{0: 0, 990: 0, 991: 1} {
		cmd := exec.Command(binary(t), "ask", r.socket, "events")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, _ := cmd.CombinedOutput()
		if status := cmd.ProcessState.ExitCode(); status != wanted {
			t.Errorf("user %d: status %d, %s", uid, status, out)
		}
	}
}

// A second witness on the same machine cannot take the first one's place.
func TestSocketTaken(t *testing.T) {
	r := start(t, launch{})
	r.world()
	l, err := net.Listen("unix", "@"+r.socket)
	if err == nil {
		l.Close()
		t.Error("the socket is free")
	}
}
