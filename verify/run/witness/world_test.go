//go:build linux

package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A trial sets something up and finds it in the world.
type trial struct {
	name   string
	fields string // of World that it covers, separated by spaces
	run    func(t *testing.T)
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestWorld(t *testing.T) {
	for _, tr := range trials {
		t.Run(tr.name, tr.run)
	}
}

// A field that no trial covers would be reported, compared, and perhaps wrong.
func TestWorldIsCovered(t *testing.T) {
	covered := map[string]bool{}
	for _, tr := range trials {
		for f := range strings.FieldsSeq(tr.fields) {
			covered[f] = true
		}
	}
	var visit func(prefix string, typ reflect.Type)
	visit = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := prefix + f.Name
			inner := f.Type
			for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				visit(name+".", inner)
				continue
			}
			if !covered[name] {
				t.Errorf("World.%s has no trial; add one to the table in world_test.go", name)
			}
			delete(covered, name)
		}
	}
	visit("", reflect.TypeFor[World]())
	for name := range covered {
		t.Errorf("a trial covers World.%s, which is not there", name)
	}
}

var trials = []trial{
	{"identity", "Nonce Side Workload Started Pid", func(t *testing.T) {
		before := time.Now()
		r := start(t, launch{plan: Plan{Side: "docker", Workload: "orders"}})
		w := r.world()
		want(t, "nonce, side, workload", []string{w.Nonce, w.Side, w.Workload}, []string{nonce, "docker", "orders"})
		want(t, "pid", w.Pid, r.cmd.Process.Pid)
		at, err := time.Parse(time.RFC3339Nano, w.Started)
		if err != nil || at.Before(before.Add(-time.Second)) || at.After(time.Now()) {
			t.Errorf("started %s: %v", w.Started, err)
		}
		var again World
		r.ask(&again, "world")
		want(t, "started, asked later", again.Started, w.Started)
	}},
	{"command line", "Argv Dir", func(t *testing.T) {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		argv := []string{"/srv/app", "--", "--log=x y", "", "ask", "-"}
		w := once(t, launch{argv: argv, dir: dir})
		want(t, "argv", w.Argv, argv)
		want(t, "dir", w.Dir, dir)
		want(t, "argv of none", once(t, launch{}).Argv, []string{})
	}},
	{"environment", "Env Argv", func(t *testing.T) {
		w := once(t, launch{
			env:  []string{"LOG_LEVEL=debug", "API_TOKEN=hunter22", "EMPTY=", "EQUALS=a=b", "FLAG=yes", "GOGC=off", "GOMAXPROCS=64"},
			plan: Plan{Show: []string{"LOG_LEVEL", "EMPTY", "EQUALS", "GOGC", "GOMAXPROCS", "ABSENT"}},
			argv: []string{"app", "--level", "debug", "--url=http://u:hunter22@db", "yes"},
		})
		want(t, "env", w.Env, map[string]string{
			"LOG_LEVEL": "debug", "API_TOKEN": Hash(nonce, "hunter22"), "EMPTY": "", "EQUALS": "a=b", "FLAG": Hash(nonce, "yes"), "GOGC": "off", "GOMAXPROCS": "64",
		})
		want(t, "argv", w.Argv, []string{"app", "--level", "debug", Hash(nonce, "--url=http://u:hunter22@db"), "yes"})
		// An image brings variables of its own. They are no secrets, though nobody has said that they may be shown.
		argv, env := []string{"app", "--data", "/var/lib/data", "hunter22"}, []string{"PGDATA=/var/lib/data", "API_TOKEN=hunter22"}
		for _, c := range []struct{ hide, argv []string }{
			{nil, []string{"app", "--data", Hash(nonce, "/var/lib/data"), Hash(nonce, "hunter22")}},
			{[]string{}, argv},
			{[]string{"API_TOKEN"}, []string{"app", "--data", "/var/lib/data", Hash(nonce, "hunter22")}},
		} {
			w := once(t, launch{env: env, argv: argv, plan: Plan{Hide: c.hide}})
			want(t, "argv", w.Argv, c.argv)
			want(t, "env", w.Env, map[string]string{"PGDATA": Hash(nonce, "/var/lib/data"), "API_TOKEN": Hash(nonce, "hunter22")})
		}
	}},
	{"user", "UID GID Groups", func(t *testing.T) {
		w := once(t, launch{})
		want(t, "uid and gid", []int{w.UID, w.GID}, []int{os.Geteuid(), os.Getegid()})
		needsRoot(t)
		w = once(t, launch{setup: setup{UID: 990, GID: 991, Groups: []int{45, 991, 44}}})
		want(t, "uid and gid", []int{w.UID, w.GID}, []int{990, 991})
		want(t, "groups", w.Groups, []int{44, 45})
		want(t, "effective capabilities of a user", w.Effective, []string{})
	}},
	{"umask", "Umask", func(t *testing.T) {
		for _, mask := range []int{0, 0o27, 0o77, 0o777} {
			want(t, "umask", once(t, launch{setup: setup{Umask: &mask}}).Umask, fmt.Sprintf("%04o", mask))
		}
	}},
	{"limits", "Limits", func(t *testing.T) {
		w := once(t, launch{setup: setup{Nofile: []uint64{300, 1000}}})
		want(t, "nofile", w.Limits["nofile"], [2]string{"300", "1000"})
		w = once(t, launch{setup: setup{Nofile: []uint64{400, 400}}})
		want(t, "nofile, equal", w.Limits["nofile"], [2]string{"400", "400"})
		// All others against what the kernel says of this process, from which they are inherited.
		text, err := os.ReadFile("/proc/self/limits")
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]string{
			"cpu time": "cpu", "file size": "fsize", "data size": "data", "stack size": "stack", "core file size": "core", "resident set": "rss", "processes": "nproc", "locked memory": "memlock", "address space": "as",
			"file locks": "locks", "pending signals": "sigpending", "msgqueue size": "msgqueue", "nice priority": "nice", "realtime priority": "rtprio", "realtime timeout": "rttime",
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			if len(line) < 67 {
				continue
			}
			if name, ok := names[strings.TrimSpace(strings.TrimPrefix(line[:26], "Max "))]; ok {
				f := strings.Fields(line[26:])
				want(t, name, w.Limits[name], [2]string{f[0], f[1]})
				n++
			}
		}
		want(t, "limits compared", n, len(names))
		want(t, "limits in all", len(w.Limits), len(names)+1)
	}},
	{"capabilities", "Bounding Effective", func(t *testing.T) {
		w := once(t, launch{})
		if os.Geteuid() != 0 {
			want(t, "effective", w.Effective, []string{})
		}
		needsRoot(t)
		if !slices.Contains(w.Bounding, "CHOWN") || !slices.Contains(w.Effective, "CHOWN") {
			skip(t, "this root has not even the capability CHOWN")
		}
		w = once(t, launch{setup: setup{Drop: []int{0, 10}}}) // CHOWN, NET_BIND_SERVICE
		for _, set := range [][]string{w.Bounding, w.Effective} {
			if slices.Contains(set, "CHOWN") || slices.Contains(set, "NET_BIND_SERVICE") || !slices.Contains(set, "SETUID") || !slices.IsSorted(set) {
				t.Errorf("after CHOWN and NET_BIND_SERVICE were dropped: %v", set)
			}
		}
	}},
	{"no new privileges", "NoNewPrivs", func(t *testing.T) {
		want(t, "with", once(t, launch{setup: setup{NoNewPrivs: true}}).NoNewPrivs, true)
		if onProc(t, "NoNewPrivs") == "0" {
			want(t, "without", once(t, launch{}).NoNewPrivs, false)
		}
	}},
	{"seccomp", "Seccomp", func(t *testing.T) {
		want(t, "with a filter", once(t, launch{setup: setup{NoNewPrivs: true, Seccomp: true}}).Seccomp, "filter")
		if onProc(t, "Seccomp") == "0" {
			want(t, "without", once(t, launch{}).Seccomp, "none")
		}
	}},
	{"signals", "Ignored Blocked", func(t *testing.T) {
		w := once(t, launch{})
		want(t, "ignored", w.Ignored, []string{})
		want(t, "blocked", w.Blocked, []string{})
		// Those that Go handles in one way or another, those that it leaves alone, and real-time ones.
		var all []int
		var names []string
		for n := 1; n <= 64; n++ {
			switch syscall.Signal(n) {
			case syscall.SIGKILL, syscall.SIGSTOP, 32, 33: // the latter two belong to the C library
			default:
				all = append(all, n)
			}
		}
		names = append(names, "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO", "SIGPIPE", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGRTMIN")
		for n := 1; n <= 30; n++ {
			names = append(names, "SIGRTMIN+"+strconv.Itoa(n))
		}
		names = append(names, "SIGSEGV", "SIGSTKFLT", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ")
		slices.Sort(names)
		want(t, "all ignored", once(t, launch{setup: setup{Ignore: all}}).Ignored, names)
		for _, n := range all {
			w := once(t, launch{setup: setup{Ignore: []int{n}}})
			if len(w.Ignored) != 1 || !slices.Contains(names, w.Ignored[0]) {
				t.Errorf("signal %d ignored: %v", n, w.Ignored)
			}
		}
		w = once(t, launch{setup: setup{Ignore: []int{13, 15, 10}, Block: []int{1, 10, 12, 11, 37}}})
		want(t, "ignored", w.Ignored, []string{"SIGPIPE", "SIGTERM", "SIGUSR1"})
		want(t, "blocked", w.Blocked, []string{"SIGHUP", "SIGRTMIN+3", "SIGSEGV", "SIGUSR1", "SIGUSR2"})
	}},
	{"standard descriptors", "Stdin Stdout Stderr", func(t *testing.T) {
		// Standard output is where the world is printed, so it is asked for.
		kinds := func(l launch) [3]string {
			r := start(t, l)
			var w World
			r.askSoon(&w, "world")
			r.kill(syscall.SIGTERM)
			r.end()
			return [3]string{w.Stdin, w.Stdout, w.Stderr}
		}
		file, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer null.Close()
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		defer out.Close()
		pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		left, right := os.NewFile(uintptr(pair[0]), "left"), os.NewFile(uintptr(pair[1]), "right")
		defer left.Close()
		defer right.Close()
		want(t, "null, pipe, pipe", kinds(launch{}), [3]string{"null", "pipe", "pipe"})
		want(t, "pipe, file, null", kinds(launch{stdin: in, stdout: file, stderr: null}), [3]string{"pipe", "file", "null"})
		want(t, "socket, null, file", kinds(launch{stdin: left, stdout: null, stderr: file}), [3]string{"socket", "null", "file"})
		want(t, "closed, file, file", kinds(launch{stdin: in, stdout: file, stderr: file, setup: setup{Close: []int{0}}}), [3]string{"closed", "file", "file"})
		want(t, "null, closed, closed", kinds(launch{setup: setup{Close: []int{1, 2}}}), [3]string{"null", "closed", "closed"})
		master, slave := pty(t)
		defer master.Close()
		defer slave.Close()
		want(t, "terminal, null, terminal", kinds(launch{stdin: slave, stdout: null, stderr: slave}), [3]string{"terminal", "null", "terminal"})
	}},
	{"descriptors", "Descriptors", func(t *testing.T) {
		want(t, "none", once(t, launch{}).Descriptors, []int{})
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		defer out.Close()
		want(t, "two", once(t, launch{extra: []*os.File{in, out}}).Descriptors, []int{3, 4})
		want(t, "a gap", once(t, launch{extra: []*os.File{in, out}, setup: setup{Close: []int{3}}}).Descriptors, []int{4})
	}},
	{"priority", "OOMScore Nice", func(t *testing.T) {
		w := once(t, launch{setup: setup{OOM: "321", Nice: 7}})
		want(t, "oom_score_adj", w.OOMScore, 321)
		want(t, "nice", w.Nice, 7)
		needsRoot(t)
		want(t, "nice", once(t, launch{setup: setup{Nice: -3}}).Nice, -3)
	}},
	{"control groups", "Cgroup.Version Cgroup.Memory Cgroup.Swap Cgroup.CPU Cgroup.Pids", func(t *testing.T) {
		w := once(t, launch{})
		if !slices.Contains([]string{"1", "2", "hybrid"}, w.Cgroup.Version) {
			t.Errorf("version %q", w.Cgroup.Version)
		}
		needsRoot(t)
		g := newGroup(t)
		w = once(t, launch{setup: setup{Cgroups: g.dirs}})
		want(t, "control groups", w.Cgroup, Cgroup{Version: w.Cgroup.Version, Memory: "67108864", Swap: g.swap, CPU: "1500000000", Pids: "64"})
	}},
	{"mounts", "RootReadOnly Mounts.Path Mounts.Type Mounts.ReadOnly Mounts.Size", func(t *testing.T) {
		w := once(t, launch{})
		for _, m := range w.Mounts {
			if strings.HasPrefix(m.Path, "/proc") || strings.HasPrefix(m.Path, "/sys") || m.Path == "/dev" || m.Type == "cgroup" {
				t.Errorf("what the kernel shows of itself is listed: %+v", m)
			}
		}
		needsRoot(t)
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"with space", "ro", "bound"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		at := func(name string) string { return filepath.Join(dir, name) }
		w = once(t, launch{
			attr: syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS},
			plan: Plan{Write: []string{at("with space"), at("ro"), at("bound"), "/"}},
			setup: setup{Mounts: []mounting{
				{"hidden", at("with space"), "tmpfs", 0, "size=64k"},
				{"over it", at("with space"), "tmpfs", 0, "size=1m"},
				{"read-only", at("ro"), "tmpfs", syscall.MS_RDONLY, "size=128k"},
				{at("with space"), at("bound"), "", syscall.MS_BIND, ""},
				{"", at("bound"), "", syscall.MS_REMOUNT | syscall.MS_BIND | syscall.MS_RDONLY, ""},
				{"", "/", "", syscall.MS_REMOUNT | syscall.MS_BIND | syscall.MS_RDONLY, ""},
			}},
		})
		find := func(path string) Mount {
			for _, m := range w.Mounts {
				if m.Path == path {
					return m
				}
			}
			return Mount{}
		}
		want(t, "tmpfs", find(at("with space")), Mount{Path: at("with space"), Type: "tmpfs", Size: 1 << 20})
		want(t, "read-only", find(at("ro")), Mount{Path: at("ro"), Type: "tmpfs", Size: 128 << 10, ReadOnly: true})
		want(t, "bound", find(at("bound")), Mount{Path: at("bound"), Type: "tmpfs", Size: 1 << 20, ReadOnly: true})
		want(t, "root, mounted read-only", find("/").ReadOnly, true)
		want(t, "root read-only", w.RootReadOnly, true)
		want(t, "write", w.Write, map[string]string{at("with space"): "yes", at("ro"): "read-only file system", at("bound"): "read-only file system", "/": "read-only file system"})
		if !slices.IsSortedFunc(w.Mounts, func(a, b Mount) int { return strings.Compare(a.Path, b.Path) }) {
			t.Error("mounts are not sorted")
		}
		var st syscall.Statfs_t
		if err := syscall.Statfs("/", &st); err != nil {
			t.Fatal(err)
		}
		want(t, "root read-only on this machine", once(t, launch{}).RootReadOnly, st.Flags&1 != 0)
	}},
	{"files", "Write Read", func(t *testing.T) {
		dir := t.TempDir()
		file := filepath.Join(dir, "web.conf")
		if err := os.WriteFile(file, []byte("listen 3000;"), 0o644); err != nil {
			t.Fatal(err)
		}
		closed := filepath.Join(dir, "closed")
		if err := os.Mkdir(closed, 0o500); err != nil {
			t.Fatal(err)
		}
		none := filepath.Join(dir, "none")
		l := launch{plan: Plan{Write: []string{dir, none, file}, Read: []string{file, none, dir, "/dev/null"}}}
		w := once(t, l)
		sum := sha256.Sum256([]byte("listen 3000;"))
		want(t, "write", w.Write, map[string]string{dir: "yes", none: "no such file or directory", file: "not a directory"})
		want(t, "read", w.Read, map[string]string{file: hex.EncodeToString(sum[:]), none: "no such file or directory", dir: "is a directory", "/dev/null": "not a regular file"})
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 2 {
			t.Errorf("the trial left something behind: %v, %v", entries, err)
		}
		if os.Geteuid() == 0 {
			l.setup.UID = 990
			os.Chmod(filepath.Dir(dir), 0o755)
			os.Chmod(dir, 0o755)
			os.Chmod(file, 0o600)
			l.plan.Write = []string{closed}
			w = once(t, l)
			want(t, "read as a user", w.Read[file], "permission denied")
		} else {
			l.plan.Write = []string{closed}
			w = once(t, l)
		}
		want(t, "write as a user", w.Write, map[string]string{closed: "permission denied"})
	}},
	{"listening", "Bind", func(t *testing.T) {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		port := freePort(t)
		free, busy := fmt.Sprintf("0.0.0.0:%d/tcp", port), taken.Addr().String()+"/tcp"
		udp, foreign, strange := fmt.Sprintf("127.0.0.1:%d/udp", port), "192.0.2.1:80/tcp", "127.0.0.1:80/sctp"
		expected := map[string]string{free: "yes", busy: "address already in use", udp: "yes", foreign: "cannot assign requested address", strange: `"sctp" is no protocol to listen with`}
		plan := Plan{Listen: []string{free, busy, udp, foreign, strange}}
		want(t, "bind, of a job", once(t, launch{plan: plan}).Bind, expected)
		want(t, "bind", start(t, launch{plan: plan}).world().Bind, expected)
		if os.Geteuid() == 0 {
			low := fmt.Sprintf("127.0.0.1:%d/tcp", lowPort(t))
			want(t, "bind as a user", once(t, launch{plan: Plan{Listen: []string{low}}, setup: setup{UID: 990}}).Bind, map[string]string{low: "permission denied"})
		}
	}},
	{"peers", "Peers.Addresses Peers.Error Peers.Nonce Peers.Answered", func(t *testing.T) {
		port := freePort(t)
		foreign, err := net.Listen("tcp", "127.0.0.1:0") // another program, which hangs up
		if err != nil {
			t.Fatal(err)
		}
		defer foreign.Close()
		go func() {
			for {
				c, err := foreign.Accept()
				if err != nil {
					return
				}
				c.Close()
			}
		}()
		mute, err := net.Listen("tcp", "127.0.0.1:0") // one that says nothing
		if err != nil {
			t.Fatal(err)
		}
		defer mute.Close()
		portOf := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
		nobody := freePort(t)
		plan := Plan{Peers: []Peer{{Name: "nobody.invalid", Port: 80}}}
		for _, p := range []int{port, portOf(foreign), nobody, 0} {
			plan.Peers = append(plan.Peers, Peer{Workload: "db", Name: "127.0.0.1", Port: p})
		}
		here := []string{"127.0.0.1"}
		expected := map[string]PeerResult{
			fmt.Sprintf("127.0.0.1:%d", port):            {Addresses: here, Error: "connection refused"},
			fmt.Sprintf("127.0.0.1:%d", portOf(foreign)): {Addresses: here},
			fmt.Sprintf("127.0.0.1:%d", nobody):          {Addresses: here, Error: "connection refused"},
			"127.0.0.1:0":                                {Addresses: here},
		}
		compare := func(what string, w World) {
			t.Helper()
			if no := w.Peers["nobody.invalid:80"]; no.Error == "" || no.Addresses != nil {
				t.Errorf("a name that cannot be: %+v", no) // the words depend on the machine's resolver
			}
			delete(w.Peers, "nobody.invalid:80")
			want(t, what, w.Peers, expected)
		}
		r := start(t, launch{plan: plan})
		want(t, "peers at the start", r.world().Peers, map[string]PeerResult{})
		var before, after World
		r.ask(&before, "world")
		compare("peers, one of which is not there yet", before)
		start(t, launch{plan: Plan{Workload: "db", Listen: []string{fmt.Sprintf("127.0.0.1:%d/tcp", port)}}}).world()
		expected[fmt.Sprintf("127.0.0.1:%d", port)] = PeerResult{Addresses: here, Nonce: nonce, Answered: "db"}
		r.ask(&after, "world")
		compare("peers, once it is there", after)
		plan.Peers = append(plan.Peers, Peer{Workload: "db", Name: "127.0.0.1", Port: portOf(mute)})
		expected[fmt.Sprintf("127.0.0.1:%d", portOf(mute))] = PeerResult{Addresses: here}
		begin := time.Now()
		compare("peers of a job", once(t, launch{plan: plan}))
		if took := time.Since(begin); took > 11*time.Second {
			t.Errorf("it took %s", took)
		}
	}},
	{"host name", "Hostname", func(t *testing.T) {
		name, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		want(t, "host name", once(t, launch{}).Hostname, name)
		needsRoot(t)
		want(t, "host name", once(t, launch{attr: syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUTS}, setup: setup{Hostname: "orders-0"}}).Hostname, "orders-0")
	}},
	{"time zone", "Zone", func(t *testing.T) {
		want(t, "UTC", once(t, launch{env: []string{"TZ=UTC"}}).Zone, "UTC+00:00")
		file := filepath.Join(t.TempDir(), "zone")
		if err := os.WriteFile(file, zoneFile("LFT", 5400), 0o644); err != nil {
			t.Fatal(err)
		}
		want(t, "from a file", once(t, launch{env: []string{"TZ=" + file}}).Zone, "LFT+01:30")
		want(t, "one that is not there", once(t, launch{env: []string{"TZ=Nowhere/Land"}}).Zone, "UTC+00:00")
	}},
	{"locale", "Locale", func(t *testing.T) {
		for _, c := range []struct{ env, locale string }{
			{"", ""}, {"LANG=C.UTF-8", "C.UTF-8"}, {"LANG=de_CH.UTF-8 LC_CTYPE=C.UTF-8", "C.UTF-8"}, {"LANG=a LC_CTYPE=b LC_ALL=c", "c"}, {"LANG=a LC_ALL=", "a"}, {"LANG=C", ""}, {"LANG=a LC_ALL=POSIX", ""},
		} {
			want(t, c.env, once(t, launch{env: strings.Fields(c.env)}).Locale, c.locale)
		}
	}},
}

// askSoon asks one that has just been started, and of whose start nothing is seen.
func (r *running) askSoon(into any, words ...string) {
	r.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, status, _ := askStatus(r.t, r.socket, "events"); status == 0 {
			break
		}
	}
	r.ask(into, words...)
}

// onProc is a field of this process's own status, from which what is not set up is inherited.
func onProc(t *testing.T, field string) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// zoneFile is a time zone of one offset, in the first version of the format, tzfile(5).
func zoneFile(name string, offset int32) []byte {
	data := append([]byte("TZif"), make([]byte, 16)...)
	for _, count := range []byte{0, 0, 0, 0, 1, byte(len(name) + 1)} {
		data = append(data, 0, 0, 0, count)
	}
	data = append(data, byte(offset>>24), byte(offset>>16), byte(offset>>8), byte(offset), 0, 0)
	return append(append(data, name...), 0)
}

// lowPort finds one that users may not bind.
func lowPort(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	if n, _ := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || n < 20 {
		skip(t, "every port may be bound by everybody here")
	}
	for port := 19; port > 1; port-- {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	skip(t, "no low port is free")
	return 0
}

// pty makes a terminal.
func pty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		skip(t, "no terminals can be made here: "+err.Error())
	}
	var number uint32
	var unlock int32
	ioctl(t, master, syscall.TIOCSPTLCK, &unlock)
	ioctl(t, master, syscall.TIOCGPTN, &number)
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// group is a set of control groups with limits, made for one test.
type group struct {
	dirs []string
	swap string // what is left for it
}

func newGroup(t *testing.T) group {
	t.Helper()
	name := fmt.Sprintf("lift-test-%d", os.Getpid())
	g := group{}
	files := map[string]map[string]string{}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		files["/sys/fs/cgroup"] = map[string]string{"memory.max": "67108864", "cpu.max": "75000 50000", "pids.max": "64", "memory.swap.max": "33554432"}
		os.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", []byte("+memory +cpu +pids"), 0)
	} else {
		files["/sys/fs/cgroup/memory"] = map[string]string{"memory.limit_in_bytes": "67108864", "memory.memsw.limit_in_bytes": "100663296"}
		files["/sys/fs/cgroup/cpu"] = map[string]string{"cpu.cfs_period_us": "50000", "cpu.cfs_quota_us": "75000"}
		files["/sys/fs/cgroup/pids"] = map[string]string{"pids.max": "64"}
	}
	for root, limits := range files {
		if root, err := filepath.EvalSymlinks(root); err == nil && filepath.IsAbs(root) {
			dir := filepath.Join(root, name)
			if err := os.Mkdir(dir, 0o755); err != nil {
				skip(t, "no control groups can be made here: "+err.Error())
			}
			g.dirs = append(g.dirs, dir)
			t.Cleanup(func() {
				for range 100 { // a process that has just ended still counts for a moment
					if err := syscall.Rmdir(dir); err == nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
				t.Errorf("%s is left behind", dir)
			})
			for _, file := range []string{"memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "cpu.cfs_period_us", "cpu.cfs_quota_us", "pids.max", "memory.max", "cpu.max", "memory.swap.max"} {
				value, ok := limits[file]
				if !ok {
					continue
				}
				err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0)
				switch {
				case file == "memory.memsw.limit_in_bytes" || file == "memory.swap.max":
					if err == nil {
						g.swap = "33554432"
					} // otherwise swap is not accounted for on this machine
				case err != nil:
					skip(t, "a control group does not take its limit: "+err.Error())
				}
			}
		}
	}
	return g
}
