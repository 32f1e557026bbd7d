package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// traps are thirty ways in which a program that moves from a machine into a container breaks, and the golden case that shows what lift does about each: treat it, or say it by file and line.
var traps = []struct {
	number       int
	what         string
	fixture, has string // has stands in what is wanted
	why          string // where there is no case
}{
	{1, "npm is the first process", "process2container/trap-01-npm-first", `"env", "NODE_ENV=production", "node", "server.js"`, ""},
	{2, "zombies", "process2container/trap-01-npm-first", `ENTRYPOINT ["/usr/bin/tini", "-g", "--"]`, ""},
	{3, "only the parent gets the stop signal", "process2container/trap-01-npm-first", `"-g"`, ""},
	{4, "the first process ignores signals without a handler", "process2container/node-build", "tini", ""},
	{5, "another stop signal", "process2container/systemd-stop", "STOPSIGNAL", ""},
	{6, "Docker's 10 s to stop", "process2container/systemd-stop", "stop_grace_period", ""},
	{7, "requests to a pod that stops", "container2k8s/trap-23-low-port", "a pod that stops gets requests for a moment longer", ""},
	{8, "a program that goes to the background", "process2container/trap-08-background", `CMD ["gunicorn", "--pid"`, ""},
	{9, "a stale pid file", "process2container/trap-08-background", "a stale one would stop a restart", ""},
	{10, "log files", "process2container/trap-10-log-files", "it writes its log to a file", ""},
	{11, "the machine's syslog", "process2container/trap-11-syslog-26-processors-29-programs-30-shm", "py/app.py:6: it logs to the machine's syslog", ""},
	{12, "output that is kept back", "", "", "systemd's journal is no terminal either: Python keeps its output back there as it does in a container"},
	{13, "data in the program's own directory", "process2container/data-below-the-program", "volumes:", ""},
	{14, "SQLite with several replicas", "container2k8s/trap-14-sqlite-replicas", "it keeps data in a file of SQLite", ""},
	{15, "the local time", "process2container/trap-15-time-zone", "TZ: Europe/Zurich", ""},
	{16, "the locale", "process2container/systemd-minimal", "the machine's locale is not known here", ""},
	{17, "127.0.0.1 of another program", "process2container/loopback-url", "converted", ""},
	{18, "a program that binds 127.0.0.1", "process2container/loopback-bind", "0.0.0.0", ""},
	{19, "names of /etc/hosts", "process2container/trap-19-hosts", "db.internal is a name that the machine's own /etc/hosts gives", ""},
	{20, "secrets in units and variables", "process2container/secret-image", "", ""},
	{21, "no certificates of authorities", "process2container/systemd-go-cmd", "distroless/static", ""},
	{22, "another owner of a volume", "container2k8s/systemd-to-statefulset", "fsGroup:", ""},
	{23, "a port below 1024 without being root", "container2k8s/trap-23-low-port", "binds port 80 without being root", ""},
	{24, "a schedule inside of a container", "container2k8s/systemd-to-cronjob", "kind: CronJob", ""},
	{25, "a migration at each start", "process2container/trap-25-migration", "the database is migrated at each start", ""},
	{26, "the machine's processors", "process2container/trap-11-syslog-26-processors-29-programs-30-shm", "tool/main.go:11: it counts the processors of the machine", ""},
	{27, "the limit of open files", "process2container/systemd-minimal", "nofile:", ""},
	{28, "a virtual environment of the machine", "process2container/language-django-celery", "python3 -m venv /", ""},
	{29, "sudo, systemctl and mail in code", "process2container/trap-11-syslog-26-processors-29-programs-30-shm", "py/app.py:8: it runs a program of the machine", ""},
	{30, "/dev/shm", "process2container/trap-11-syslog-26-processors-29-programs-30-shm", "py.service:4: a container's /dev/shm has 64 MB", ""},
}

func TestTraps(t *testing.T) {
	for i, trap := range traps {
		if trap.number != i+1 {
			t.Errorf("%s is trap %d, not %d", trap.what, i+1, trap.number)
		}
		if trap.fixture == "" {
			if trap.why == "" {
				t.Errorf("trap %d, %s: neither a case nor a reason", trap.number, trap.what)
			}
			continue
		}
		data, err := os.ReadFile(filepath.Join(fixtures, filepath.FromSlash(trap.fixture)+".txtar"))
		if err != nil {
			t.Error(err)
			continue
		}
		if _, want, _ := strings.Cut(string(data), "-- want/exit --\n0\n"); !strings.Contains(want, trap.has) || want == "" {
			t.Errorf("trap %d, %s: %s does not show %q", trap.number, trap.what, trap.fixture, trap.has)
		}
	}
}
