//go:build linux

package witness

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
)

// The witness takes the place of programs that have 16 MB and 16 threads.
func TestFootprint(t *testing.T) {
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	plan := Plan{Listen: []string{address + "/tcp"}, Children: true, Write: []string{t.TempDir()}, Read: []string{"/proc/self/status"}, Peers: []Peer{{Name: "127.0.0.1", Port: 1}}}
	r := start(t, launch{plan: plan, env: []string{"GOMAXPROCS=64", "GOGC=off", "GOMEMLIMIT=8GiB"}})
	r.world()
	var wait sync.WaitGroup
	for range 32 {
		wait.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for range 50 {
				resp, err := client.Get("http://" + address)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	wait.Wait()
	var w World
	for range 5 {
		r.ask(&w, "world")
	}
	pid := r.cmd.Process.Pid
	most, threads := field(t, pid, "VmHWM"), field(t, pid, "Threads")
	t.Logf("the witness: %d kB at most, %d threads; its child: %d kB, %d threads", most, threads, field(t, childOf(t, pid), "VmRSS"), field(t, childOf(t, pid), "Threads"))
	if most > 12<<10 {
		t.Errorf("it took %d kB of memory", most)
	}
	if threads > 9 {
		t.Errorf("it has %d threads", threads)
	}
	if n := field(t, childOf(t, pid), "Threads"); n != 1 {
		t.Errorf("its child has %d threads", n)
	}
}

func field(t *testing.T, pid int, name string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in %s", name, text)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}
