package process2container

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/ledger"
)

// What is the first process of a container: the program itself, in the foreground, where the image has it. A package manager hands no signal on, and a program that goes to the background ends its
// container.

// managed starts what a package manager's script stands for, in the manager's place.
func (o one) managed() {
	text, ok := o.w.Source.Script.Get()
	if !ok {
		return
	}
	o.w.Source.Script = deploy.Opt[string]{}
	place := o.from.Join("source", "script")
	words, ok := o.w.Command.Argv.Literals()
	shell := o.w.Command.Shell.IsSet()
	if shell && len(words) == 1 { // a Procfile's line: npm start, which a shell takes apart
		words = strings.Fields(strings.TrimPrefix(strings.TrimSpace(words[0]), "exec "))
		ok = ok && !slices.ContainsFunc(words, func(w string) bool { return !plainWord.MatchString(w) })
	}
	if !ok || len(words) == 0 || !slices.Contains(inImages["node"], path.Base(words[0])) || o.w.Command.Entrypoint.IsSet() {
		o.l.Idle(place, "the command that runs today says how it is started")
		return
	}
	to := []deploy.Path{o.to.Join("command", "argv")}
	if command, simple := simpleCommand(text); simple {
		o.w.Command = deploy.Command{Argv: deploy.Args(command...)}
	} else {
		o.w.Command.Argv, o.w.Command.Shell = deploy.Args(`PATH="$PWD/node_modules/.bin:$PATH"; `+text), deploy.Some("/bin/sh")
		to = append(to, o.to.Join("command", "shell"))
	}
	reason := path.Base(words[0]) + " would be the first process of the container, which hands no signal on: its script is started in its place"
	o.l.Convert(o.from.Join("command", "argv"), reason, to...)
	if shell && (!o.w.Command.Shell.IsSet() || !o.w.Command.Shell.Is(o.was.Command.Shell.Or(""))) {
		o.l.Convert(o.from.Join("command", "shell"), reason, to...)
	}
	o.l.Convert(place, reason, to...)
}

// plainWord are words that no shell changes.
var plainWord = lazyregexp.New(`^[A-Za-z0-9_@%+=:,./-]+$`)

// simpleCommand takes a script apart that needs no shell: variables before a program and its arguments. A program that is no path is one of the dependencies, unless it is the runtime itself.
func simpleCommand(text string) ([]string, bool) {
	var out []string
	program := false
	for _, word := range strings.Fields(text) {
		if !plainWord.MatchString(word) {
			return nil, false
		}
		if name, _, assigns := strings.Cut(word, "="); !program && assigns && !strings.ContainsAny(name, "/.-") {
			if len(out) == 0 {
				out = append(out, "env")
			}
		} else if !program {
			program = true
			if word != "node" && !strings.Contains(word, "/") {
				word = "node_modules/.bin/" + word
			}
		}
		out = append(out, word)
	}
	return out, program
}

// inImages are programs that an image has in its search path: those of the runtime, and those that dependencies bring. On a machine they may be in /usr/bin or /usr/local/bin.
var inImages = map[string][]string{
	"node":   {"npm", "npx", "yarn", "yarnpkg", "pnpm", "corepack"},
	"python": {"gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "waitress-serve", "uwsgi", "celery", "flask", "fastapi", "django-admin", "dramatiq", "rq", "huey_consumer", "huey_consumer.py", "alembic", "streamlit"},
}

// background are options by which a program leaves the foreground, with the number of words that belong to each, and those by which it stays there.
var background = map[string]struct {
	drop map[string]int
	add  []string
}{
	"gunicorn": {drop: map[string]int{"--daemon": 1, "-D": 1}}, "celery": {drop: map[string]int{"--detach": 1, "-D": 1}}, "puma": {drop: map[string]int{"--daemon": 1, "-d": 1}}, "unicorn": {drop: map[string]int{"-D": 1, "--daemonize": 1}},
	"uwsgi": {drop: map[string]int{"--daemonize": 2, "-d": 2, "--daemonize2": 2}}, "redis-server": {drop: map[string]int{"--daemonize": 2}}, "memcached": {drop: map[string]int{"-d": 1, "--daemon": 1}},
	"haproxy": {drop: map[string]int{"-D": 1}}, "mysqld": {drop: map[string]int{"--daemonize": 1, "-D": 1}}, "mariadbd": {drop: map[string]int{"--daemonize": 1}},
	"php-fpm": {drop: map[string]int{"--daemonize": 1, "-D": 1}, add: []string{"--nodaemonize"}}, "apache2": {add: []string{"-DFOREGROUND"}}, "httpd": {add: []string{"-DFOREGROUND"}}, "sshd": {add: []string{"-D"}}, "dnsmasq": {add: []string{"--keep-in-foreground"}},
}

// first brings the command into the form that the first process of a container needs, and says what lies in it that a container changes.
func (o one) first() {
	words, ok := o.w.Command.Argv.Literals()
	if !ok || len(words) == 0 {
		return
	}
	if o.w.Command.Shell.IsSet() {
		o.traps(words)
		return
	}
	name, now := path.Base(words[0]), slices.Clone(words)
	var reasons []string
	if dir := path.Dir(words[0]); (dir == "/usr/bin" || dir == "/usr/local/bin") && slices.Contains(inImages[o.was.Source.Language.Or("")], name) {
		now[0] = name
		reasons = append(reasons, "the image has the program in its search path")
	}
	if b, known := background[strings.TrimRight(name, "0123456789.")]; known {
		for i := 1; i < len(now); {
			option, _, joined := strings.Cut(now[i], "=")
			n := b.drop[option]
			if joined {
				n = min(n, 1)
			}
			if n == 0 || option == "-d" && name == "uwsgi" && joined {
				i++
				continue
			}
			now = slices.Delete(now, i, min(i+n, len(now)))
			reasons = append(reasons, "a program that leaves the foreground ends its container: it stays there without "+option)
		}
		for _, option := range b.add {
			if !slices.Contains(now, option) {
				now = append(now, option)
				reasons = append(reasons, "a program that leaves the foreground ends its container: it stays there with "+option)
			}
		}
	}
	if len(reasons) > 0 {
		o.w.Command.Argv = deploy.Args(now...)
		if from := o.from.Join("command", "argv"); !o.turned(from) {
			o.l.Convert(from, strings.Join(reasons, "; "), o.to.Join("command", "argv"))
		}
	}
	o.traps(now)
}

// trap is something in a command that a container changes.
type trap struct {
	in           *lazyregexp.Regexp
	what, remedy string
}

var commandTraps = []trap{
	{
		in: lazyregexp.New(`(^|[\s="'])/dev/shm\b`), what: "a container's /dev/shm has 64 MB, the machine's half of its memory",
		remedy: "give the service shm_size (compose), or mount an emptyDir with medium: Memory at /dev/shm (Kubernetes)",
	},
	{
		in: lazyregexp.New(`\$\(nproc\)|\bnproc\b|\$\(getconf _NPROCESSORS_ONLN\)`), what: "nproc counts the processors of the machine, not those that the container may use",
		remedy: "write the number, or take it from a variable",
	},
	{
		in:   lazyregexp.New(`\b(manage\.py migrate|db:migrate|alembic upgrade|prisma migrate deploy|knex migrate:latest|sequelize db:migrate|typeorm migration:run|flask db upgrade|goose up|migrate up)\b.*(&&|;|\n)`),
		what: "the database is migrated at each start: several copies do it at the same time, and a restart does it again", remedy: "make the migration a unit of its own (Type=oneshot) that this one comes after, or a release step",
	},
	{
		in: lazyregexp.New(`(--(log-?file|access-logfile|error-logfile|logfile|log-path)[= ]|\s>>?\s*)(/var/log/\S+|\S+\.log)\b`), what: "it writes its log to a file, which nobody reads in a container and which goes with it",
		remedy: "let it write to standard output (often the name - or /dev/stdout)",
	},
	{in: lazyregexp.New(`(^|[\s;&|])(sudo|systemctl|service|sendmail|mail)\s`), what: "it calls %s, which no image has and no container allows", remedy: "do without: a container does one thing, and mail is sent through a server"},
}

// traps says what lies in a command that a container changes.
func (o one) traps(words []string) {
	text := strings.Join(words, " ")
	for _, t := range commandTraps {
		found := t.in.FindString(text)
		if found == "" {
			continue
		}
		what := t.what
		if strings.Contains(what, "%s") {
			what = fmt.Sprintf(what, strings.Trim(found, " \t\n;&|"))
		}
		o.notice(ledger.Warning, o.from.Join("command", "argv"), what, t.remedy)
	}
}
