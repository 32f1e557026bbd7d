package lambda

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// api is an emulator of Lambda's Runtime API: it hands out events, and keeps what is said of each.
type api struct {
	mu     sync.Mutex
	events []time.Duration // how long the run of each may take
	said   []string
	over   chan struct{}
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	path, _ := strings.CutPrefix(r.URL.Path, "/2018-06-01/runtime/")
	if path == "invocation/next" {
		n := len(a.said)
		if n == len(a.events) {
			close(a.over)
			a.mu.Unlock()
			<-r.Context().Done() // as when no event comes
			a.mu.Lock()
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("event-%d", n))
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(a.events[n]).UnixMilli()))
		fmt.Fprint(w, `{"detail": "ignored"}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	a.said = append(a.said, path+" "+r.Header.Get("Lambda-Runtime-Function-Error-Type")+" "+string(body))
	w.WriteHeader(http.StatusAccepted)
}

// The runtime that functions with a schedule get runs their program once for each event, says how it ended, and leaves nothing running.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run.go"), program, 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "run")
	build := exec.Command("go", "build", "-o", binary, "run.go") // as the Dockerfile does
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GO111MODULE=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	runs := func(events []time.Duration, args ...string) (said []string, output string) {
		a := &api{events: events, over: make(chan struct{})}
		server := httptest.NewServer(a)
		defer server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, binary, args...)
		cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(server.URL, "http://"), "PATH=" + os.Getenv("PATH"), "COUNT=" + filepath.Join(t.TempDir(), "count")}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-a.over:
			cancel()
			<-ended
		case <-ended:
		}
		server.CloseClientConnections()
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.said, out.String()
	}
	minute := time.Minute
	said, output := runs([]time.Duration{minute, minute}, "/bin/sh", "-c", `echo x >>"$COUNT"; n=$(wc -l <"$COUNT"); echo "run $n of $*"; [ "$n" -lt 2 ]`, "sh", "a b")
	if len(said) != 2 || said[0] != "invocation/event-0/response  null" || !strings.HasPrefix(said[1], `invocation/event-1/error Run.Failed {"errorMessage":"exit status 1"`) || !strings.Contains(output, "run 1 of a b\n") || !strings.Contains(output, "run 2 of a b\n") {
		t.Errorf("%q\n%s", said, output)
	}
	said, output = runs([]time.Duration{3 * time.Second}, "/bin/sh", "-c", `trap 'echo asked to stop; exit 0' TERM; sleep 60 & wait`)
	if len(said) != 1 || !strings.Contains(said[0], "did not end in time") || !strings.Contains(output, "asked to stop") {
		t.Errorf("%q\n%s", said, output)
	}
	said, _ = runs([]time.Duration{minute}, "/bin/sh", "-c", `sleep 60 & echo started`) // the child is killed with the group, or the event would take a minute
	if len(said) != 1 || !strings.HasPrefix(said[0], "invocation/event-0/response") {
		t.Errorf("%q", said)
	}
	said, _ = runs([]time.Duration{minute}, "/no/such/program")
	if len(said) != 1 || !strings.Contains(said[0], "invocation/event-0/error") || !strings.Contains(said[0], "no such file") {
		t.Errorf("%q", said)
	}
	if said, _ = runs([]time.Duration{minute}); len(said) != 1 || !strings.HasPrefix(said[0], "init/error") {
		t.Errorf("%q", said)
	}
}
