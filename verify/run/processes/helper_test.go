//go:build linux

package processes

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	Child()
	if len(os.Args) > 4 && os.Args[1] == "--" { // in the witness's place
		helper(os.Args[4], os.Args[5:])
		return
	}
	if len(os.Args) > 2 && os.Args[1] == "helper" {
		helper(os.Args[2], os.Args[3:])
		return
	}
	os.Exit(m.Run())
}

// surroundings is what the helper finds.
type surroundings struct {
	Args, Env         []string
	Dir               string
	UID, GID          int
	Groups            []int
	Umask             int
	Files             [2]uint64
	Status            map[string]string // of /proc/self/status
	Stdin, Stdout     string
	Writes            map[string]string
	Links             map[string]string // of /proc/self/fd
	Mounts            map[string]string // path → kind
	Processes         int
	Hostname, Account string
}

// helper is what the workloads of these tests run.
func helper(what string, args []string) {
	switch what {
	case "look": // tells its surroundings and waits
		tellSurroundings(args)
		wait()
	case "once":
		tellSurroundings(args)
	case "serve":
		serve(args[0], nil)
	case "handed":
		f := os.NewFile(3, "handed")
		l, err := net.FileListener(f)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		serve("", l)
	case "exit":
		fmt.Println("these are its last words: " + os.Getenv("TOKEN"))
		fmt.Sscan(args[0], new(int))
		code := 0
		_, _ = fmt.Sscan(args[0], &code)
		os.Exit(code)
	case "stubborn", "child":
		c := make(chan os.Signal, 10)
		signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
		if what == "stubborn" {
			cmd := exec.Command("/proc/self/exe", "helper", "child")
			cmd.Stdout = os.Stdout
			_ = cmd.Start()
			go func() { _ = cmd.Wait() }()
		}
		fmt.Println(what, "runs")
		for s := range c {
			fmt.Println(what, "heard", unix.SignalName(s.(syscall.Signal)))
			if len(args) > 0 && what == "stubborn" { // leaves its child alone
				os.Exit(0)
			}
		}
	}
}

func wait() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT)
	s := <-c
	fmt.Println("ends at", unix.SignalName(s.(syscall.Signal)))
}

func serve(at string, l net.Listener) {
	var err error
	if l == nil {
		if l, err = net.Listen("tcp", at); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s answers %s", strings.Join(os.Args[2:], " "), r.URL.Path)
		}))
	}()
	wait()
}

func tellSurroundings(paths []string) {
	var s surroundings
	s.Args, s.Env = os.Args, os.Environ()
	s.Dir, _ = os.Getwd()
	s.UID, s.GID = os.Getuid(), os.Getgid()
	s.Groups, _ = os.Getgroups()
	s.Umask = unix.Umask(0)
	s.Status = map[string]string{}
	text, _ := os.ReadFile("/proc/self/status")
	for l := range strings.Lines(string(text)) {
		k, v, _ := strings.Cut(strings.TrimSpace(l), ":\t")
		s.Status[k] = v
	}
	limits, _ := os.ReadFile("/proc/self/limits") // Go raises the soft one of its own
	for l := range strings.Lines(string(limits)) {
		if strings.HasPrefix(l, "Max open files") {
			_, _ = fmt.Sscan(strings.TrimPrefix(l, "Max open files"), &s.Files[0], &s.Files[1])
		}
	}
	s.Writes = map[string]string{}
	for _, p := range paths {
		err := os.WriteFile(filepath.Join(p, "made"), []byte("x"), 0o666)
		s.Writes[p] = "yes"
		if err != nil {
			s.Writes[p] = err.(*os.PathError).Err.Error()
		}
	}
	s.Links = map[string]string{}
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, e := range fds {
		s.Links[e.Name()], _ = os.Readlink("/proc/self/fd/" + e.Name())
	}
	s.Mounts = map[string]string{}
	list, _ := mountsOf("/proc/self/mountinfo")
	for _, m := range list {
		s.Mounts[m.at] = m.kind
	}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if strings.Trim(e.Name(), "0123456789") == "" {
			s.Processes++
		}
	}
	passwd, _ := os.ReadFile("/etc/passwd")
	s.Account, _, _ = strings.Cut(string(passwd), "\n")
	out, _ := json.Marshal(s)
	fmt.Println(string(out))
}

// require skips a test where processes cannot be kept apart, unless LIFT_REQUIRE says that they must.
func require(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	if err := (Runner{}).Needs(context.Background()); err != nil {
		if slices.Contains(strings.Split(os.Getenv("LIFT_REQUIRE"), ","), name) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// helped is a workload that runs the helper with arguments.
func helped(name string, args ...string) deploy.Workload {
	return deploy.Workload{
		Name: name, Kind: deploy.Some(deploy.Service),
		Source:  deploy.Source{Dir: deploy.Some("bin"), Installed: deploy.Some("/opt/helper")},
		Command: deploy.Command{Argv: deploy.Args(append([]string{"/opt/helper/helper", "helper"}, args...)...)},
		User:    deploy.User{Name: deploy.Some("helper"), ID: deploy.Some(int64(990)), GroupID: deploy.Some(int64(991))},
		Stop:    deploy.Stop{Signal: deploy.Some("SIGTERM"), Grace: deploy.Some(deploy.Bound(time.Second)), Scope: deploy.Some(deploy.StopGroup)},
	}
}

// system is made of workloads that run the helper.
func system(t *testing.T, workloads ...deploy.Workload) run.System {
	t.Helper()
	tree := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(tree, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(exe, filepath.Join(tree, "bin/helper")); err != nil {
		if err := copyFile(exe, filepath.Join(tree, "bin/helper")); err != nil {
			t.Fatal(err)
		}
	}
	return run.System{
		Tier: name, Tree: tree, App: deploy.App{Workloads: workloads}, From: []string{"systemd"}, Nonce: nonce(),
		Progress: t.Logf,
	}
}

func nonce() string { return "t" + invocation()[:8] }

// started starts a system, and looks after the test for what it has left.
func started(t *testing.T, s run.System) run.Running {
	t.Helper()
	r, err := Runner{}.Start(t.Context(), s)
	if err != nil {
		leavesNothing(t, s.Nonce)
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error("closed twice:", err)
		}
		leavesNothing(t, s.Nonce)
	})
	return r
}

// refused starts a system that cannot be started, and returns the error.
func refused(t *testing.T, s run.System) string {
	t.Helper()
	r, err := Runner{}.Start(t.Context(), s)
	if err == nil {
		r.Close()
		t.Fatal("it was started")
	}
	leavesNothing(t, s.Nonce)
	return err.Error()
}

// leavesNothing looks for what a run has left: processes, control groups, mounts, files.
func leavesNothing(t *testing.T, nonce string) {
	t.Helper()
	for _, l := range leftovers(nonce) {
		t.Error("left behind:", l)
	}
}

func leftovers(nonce string) []string {
	var out []string
	for _, dir := range temporary() {
		found, _ := filepath.Glob(filepath.Join(dir, "*"+nonce+"*"))
		out = append(out, found...)
	}
	for _, pattern := range []string{"*" + nonce + "*", "*/*" + nonce + "*"} {
		found, _ := filepath.Glob(filepath.Join(cgroupRoot, pattern))
		out = append(out, found...)
	}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	if strings.Contains(string(mounts), nonce) {
		out = append(out, "a mount")
	}
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range procs {
		cmd, _ := os.ReadFile(p + "/cmdline")
		env, _ := os.ReadFile(p + "/environ")
		group, _ := os.ReadFile(p + "/cgroup")
		if strings.Contains(string(group), nonce) || strings.Contains(string(cmd)+string(env), nonce) {
			out = append(out, p+" "+string(cmd))
		}
	}
	return out
}

// log waits until a workload has printed something.
func log(t *testing.T, r run.Running, workload, wanted string) string {
	t.Helper()
	for range 1000 {
		b, err := r.Logs(t.Context(), workload)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), wanted) {
			return string(b)
		}
		time.Sleep(20 * time.Millisecond)
	}
	b, _ := r.Logs(t.Context(), workload)
	t.Fatalf("%s does not print %q:\n%s", workload, wanted, b)
	return ""
}

// looked reads what the helper has found.
func looked(t *testing.T, text []byte) surroundings {
	t.Helper()
	var s surroundings
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, "{") {
			if err := json.Unmarshal([]byte(l), &s); err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatalf("nothing was told:\n%s", text)
	return s
}

// fetch asks for a path over a connection.
func fetch(t *testing.T, c net.Conn, err error, path string) string {
	t.Helper()
	return say(t, c, err, "GET "+path+" HTTP/1.0\r\nHost: bookshop.example\r\n\r\n")
}

// say sends a text over a connection and returns all that comes back.
func say(t *testing.T, c net.Conn, err error, text string) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
