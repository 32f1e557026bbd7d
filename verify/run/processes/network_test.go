//go:build linux

package processes

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

func TestPorts(t *testing.T) {
	require(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, number, _ := net.SplitHostPort(l.Addr().String())
	port, _ := net.LookupPort("tcp", number)
	web := helped("web", "serve", "127.0.0.1:"+number)
	web.Ports = []deploy.Port{{Number: number + "/tcp", Address: deploy.Some("127.0.0.1")}}
	web.Probes.Readiness = deploy.Probe{Path: deploy.Some("/healthz"), Port: deploy.Some(int64(port))}
	far := helped("far", "serve", "10.11.12.13:8080")
	hidden := helped("hidden", "serve", "127.0.0.1:18082")
	far.Ports = []deploy.Port{{Number: "8080/tcp", Address: deploy.Some("10.11.12.13")}}
	proxy := helped("proxy", "serve", ":80")
	proxy.Ports = []deploy.Port{{Number: "80/tcp", Address: deploy.Some("0.0.0.0"), Published: deploy.Some("80")}}
	proxy.Security.Capabilities = deploy.List{"NET_BIND_SERVICE"}
	s := system(t, web, far, hidden, proxy)
	via := deploy.Some(deploy.Ref("workloads.proxy"))
	behind := deploy.Route{Match: "http://bookshop.example/", Workload: deploy.Some(deploy.Ref("workloads.web")), Port: deploy.Some(int64(port)), Via: via}
	s.App.Routes = []deploy.Route{{Match: "http://bookshop.example", Workload: via, Port: deploy.Some(int64(80))}, behind}
	r := started(t, s)
	ctx := t.Context()
	c, err := r.Dial(ctx, "web", port)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve 127.0.0.1:"+number+" answers /x") {
		t.Error(got)
	}
	c, err = r.Dial(ctx, "far", 8080)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve 10.11.12.13:8080 answers /x") {
		t.Error(got)
	}
	c, err = r.Door(ctx, behind)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve :80 answers /x") {
		t.Error(got)
	}
	c, err = r.Published(ctx, "proxy", 80)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "serve :80 answers /x") {
		t.Error(got)
	}
	if c, err := r.Dial(ctx, "web", 1); err == nil {
		c.Close()
		t.Error("something listens on port 1")
	}
	if c, err := net.DialTimeout("tcp", "127.0.0.1:18082", 100*time.Millisecond); err == nil {
		c.Close()
		t.Error("the side is reachable from the machine")
	}
	if st := stateOf(t, r, "web"); st != (run.State{Running: 1, Ready: 1}) {
		t.Errorf("%+v", st)
	}
}

func TestSockets(t *testing.T) {
	require(t)
	w := helped("web", "handed")
	w.Source.Sockets = deploy.List{"stream 127.0.0.1:8085 http"}
	w.Ports = []deploy.Port{{Number: "8085/tcp", Address: deploy.Some("127.0.0.1")}}
	w.Probes.Readiness = deploy.Probe{Path: deploy.Some("/healthz"), Port: deploy.Some(int64(8085))}
	each := shell("each", "read -r l; echo \"you said $l\"; echo seen >&2")
	each.Source.Sockets, each.Source.Accept = deploy.List{"stream 0.0.0.0:8086 echo"}, deploy.Some("stdio")
	fd := shell("fd", `read -r l <&3; echo "$LISTEN_FDS $LISTEN_FDNAMES $l $((LISTEN_PID - $$))" >&3`)
	fd.Source.Sockets, fd.Source.Accept = deploy.List{"stream /run/echo/sock echo"}, deploy.Some("descriptor")
	call := shell("call", "sleep 60")
	r := started(t, system(t, w, each, fd, call))
	c, err := r.Dial(t.Context(), "web", 8085)
	if got := fetch(t, c, err, "/x"); !strings.Contains(got, "handed answers /x") {
		t.Error(got)
	}
	for range 2 {
		c, err = r.Dial(t.Context(), "each", 8086)
		if got := say(t, c, err, "hello\n"); got != "you said hello\n" {
			t.Errorf("%q", got)
		}
	}
	log(t, r, "each", "seen\nseen\n")
	s := r.(*sideOf)
	c, err = s.dial(t.Context(), "unix", "/proc/"+itoa(s.child.pid)+"/root/run/echo/sock")
	if got := say(t, c, err, "hello\n"); got != "1 connection hello 0\n" {
		t.Errorf("%q", got)
	}
	if st := stateOf(t, r, "each"); st.Running != 1 || st.Ready != 1 {
		t.Errorf("%+v", st)
	}
	if e, err := r.Stop(t.Context(), "each"); err != nil || e.Took > time.Second {
		t.Errorf("%+v %v", e, err)
	}
	// ended by itself, and not restarted: the next call starts it
	s.signal(t, "web")
	log(t, r, "web", "ends at SIGTERM")
	c, err = r.Dial(t.Context(), "web", 8085)
	if got := fetch(t, c, err, "/y"); !strings.Contains(got, "handed answers /y") {
		t.Error(got)
	}
}

func (s *sideOf) signal(t *testing.T, workload string) {
	t.Helper()
	dir, err := filepath.Glob(cgroupRoot + "/*/" + s.groups.Name + "/*-" + workload + "/cgroup.procs")
	if err != nil || len(dir) == 0 {
		t.Skip("no control groups")
	}
	text, _ := os.ReadFile(dir[0])
	for _, pid := range strings.Fields(string(text)) {
		_ = exec.Command("kill", pid).Run()
	}
}

func TestReplicas(t *testing.T) {
	require(t)
	w := helped("web", "look")
	w.User = deploy.User{}
	w.Command = deploy.Command{Argv: deploy.Args(`exec /opt/helper/helper helper serve ":$PORT"`), Shell: deploy.Some("/bin/sh")}
	w.Env = []deploy.Env{{Name: "PORT", Value: deploy.Plain("5000")}}
	w.Ports = []deploy.Port{{Number: "5000/tcp"}}
	w.Scale.Replicas = deploy.Some(int64(3))
	fixed := helped("fixed", "serve", ":6000")
	fixed.Ports = []deploy.Port{{Number: "6000/tcp"}}
	fixed.Scale.Replicas = deploy.Some(int64(2))
	s := system(t, w, fixed)
	r := started(t, s)
	if st := stateOf(t, r, "web"); st != (run.State{Running: 3, Ready: 3}) {
		t.Errorf("%+v", st)
	}
	c, err := r.Dial(t.Context(), "web", 5002)
	if got := fetch(t, c, err, "/"); !strings.Contains(got, "serve :5002 answers") {
		t.Error(got)
	}
	said := false
	for _, u := range (Runner{}).Cannot(t.Context(), s) {
		said = said || u.Workload == "fixed" && u.Aspect == "replicas"
	}
	if !said {
		t.Error("Cannot does not tell of the replica that is not started")
	}
}
