package language

import (
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// codeTrap is something that code counts on and a container does not have, or has otherwise.
type codeTrap struct {
	in           *lazyregexp.Regexp
	what, remedy string
}

// localTime is the trap of a clock that shows another time.
const localTime = "it reads the local time: containers run in UTC, whatever the machine does"

// codeTraps are looked for in lines of code without their comments; one finding for each of them in a file is enough.
var codeTraps = []codeTrap{
	{
		lazyregexp.New(`/dev/log\b|\bSysLogHandler\b|"log/syslog"|\bsyslog\.(openlog|syslog|New|Dial)\b|require\(["'](modern-|posix-)?syslog|\bimport syslog\b`),
		"it logs to the machine's syslog, which a container does not have", "let it log to standard output, which every tier collects",
	},
	{
		lazyregexp.New(`\bos\.cpu_count\(|\bmultiprocessing\.cpu_count\(|\bos\.cpus\(\)|\bcpus\(\)\.length|\bos\.availableParallelism\(|\bruntime\.NumCPU\(`),
		"it counts the processors of the machine, not those that its limit lets it use", "take the number from a variable that is set together with the limit",
	},
	{
		lazyregexp.New(`["'\x60](/usr/bin/|/bin/|/usr/sbin/|/sbin/)?(sudo|systemctl|service|sendmail|mailx?|crontab|reboot|shutdown|journalctl)(["'\x60]|\s)`),
		"it runs a program of the machine that no image has: sudo, systemctl, mail and the like", "do without it: another workload, a mail server, or the platform's own API does that in containers",
	},
	{
		lazyregexp.New(`["'\x60]/dev/shm\b`),
		"it counts on /dev/shm, which has 64 MB in a container, and half of the machine's memory on the machine", "give it more: shm_size in compose, an emptyDir with medium: Memory at /dev/shm in Kubernetes",
	},
	{
		lazyregexp.New(`\bdatetime\.now\(\)|\bdatetime\.today\(\)|\bdate\.today\(\)|\btime\.localtime\(|\.getHours\(\)|\.toLocale(Time|Date)?String\(|\btime\.Now\(\)\.(Hour|Weekday|Day|Format)\(`),
		localTime, "set TZ, with the zone of the machine, and see that the image has tzdata; or let the program name the zone",
	},
	{
		lazyregexp.New(`\bsqlite3\.connect\(|\bbetter-sqlite3\b|require\(["']sqlite3?["']\)|mattn/go-sqlite3|modernc\.org/sqlite|sqlite:///`),
		"it keeps data in a file of SQLite, which one copy of the program can write", "keep it at one replica, or move the data to a database server",
	},
}

// traps looks for what code counts on that a container has otherwise.
func (s *scan) traps(data []byte, file string) {
	if s.trapped == nil {
		s.trapped = map[string]bool{}
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' || strings.HasPrefix(text, "//") || text[0] == '*' {
			continue
		}
		for _, t := range codeTraps {
			if key := file + t.what; !s.trapped[key] && t.in.MatchString(line) {
				s.trapped[key] = true
				s.risks = append(s.risks, Finding{File: file, Line: n, What: t.what, Remedy: t.remedy})
			}
		}
	}
}

// risky says what the code of a workload's program counts on, once for all that run it. Where it reads the local time and the tree has the machine's /etc/timezone, the workload gets the zone in TZ.
func (e *enricher) risky(was deploy.Workload, w *deploy.Workload, p *Program) {
	for _, r := range p.Risks {
		if r.What == localTime {
			if slices.ContainsFunc(was.Env, func(v deploy.Env) bool { return v.Name == "TZ" }) {
				continue
			}
			if zone, setting, ok := e.zone(); ok {
				w.Env = append(w.Env, deploy.Env{Name: "TZ", Value: deploy.Plain(zone)})
				e.Part(setting, deploy.At("workloads", was.Name, "env", "TZ", "value"))
				continue
			}
		}
		at := ledger.Pos{File: r.File, Line: r.Line}
		if key := at.String() + r.What; !e.told[key] {
			e.told[key] = true
			e.Find(ledger.Warning, at, r.What, r.Remedy)
		}
	}
}

// zone reads the machine's time zone, where the tree has it and it is not UTC.
func (e *enricher) zone() (zone string, setting int, ok bool) {
	if e.clock == nil {
		e.clock = &clock{}
		for _, p := range e.tree.paths {
			if p != "etc/timezone" && !strings.HasSuffix(p, "/etc/timezone") {
				continue
			}
			data, err := e.tree.read(p)
			text := strings.TrimSpace(string(data))
			if err != nil || !zoneName.MatchString(text) || text == "Etc/UTC" || text == "UTC" || e.clock.zone != "" && e.clock.zone != text {
				*e.clock = clock{}
				break
			}
			*e.clock = clock{text, e.Setting(ledger.Pos{File: p, Line: 1}, "timezone", deploy.Plain(text))}
		}
	}
	return e.clock.zone, e.clock.setting, e.clock.zone != ""
}

// clock is the machine's time zone and the setting that says it.
type clock struct {
	zone    string
	setting int
}

var zoneName = lazyregexp.New(`^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$`)
