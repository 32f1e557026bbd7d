package language

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// server is how a program that is not the user's own is told where to listen, and where it listens when nobody tells it.
type server struct {
	first    string // the word after which it serves: flask run
	bind     string // options that take HOST:PORT, separated by blanks
	host     string // options that take an address
	port     string // options that take a port
	position bool   // the first word that is no option is [HOST:]PORT
	valued   string // the other options that take a value, where position counts
	flag     string // how it is told to listen on an address, for Source.Bind
	address  string // its default; 0.0.0.0: all addresses
	number   string // its default
	variable string // environment variable with which its default is 0.0.0.0:$variable
	hostEnv  string // environment variables for the address and the port
	portEnv  string
}

// servers are the ones that loopback is the default of, which leads nowhere in a container, and those whose port no option need tell. Defaults after each program's own manual.
var servers = map[string]server{
	"gunicorn":       {bind: "-b --bind", flag: "--bind {address}:{port}", address: "127.0.0.1", number: "8000", variable: "PORT"},
	"uvicorn":        {host: "--host", port: "--port", flag: "--host {address}", address: "127.0.0.1", number: "8000", hostEnv: "UVICORN_HOST", portEnv: "UVICORN_PORT"},
	"hypercorn":      {bind: "-b --bind", flag: "--bind {address}:{port}", address: "127.0.0.1", number: "8000"},
	"granian":        {host: "--host", port: "--port", flag: "--host {address}", address: "127.0.0.1", number: "8000", hostEnv: "GRANIAN_HOST", portEnv: "GRANIAN_PORT"},
	"daphne":         {host: "-b --bind", port: "-p --port", flag: "--bind {address}", address: "127.0.0.1", number: "8000"},
	"waitress-serve": {bind: "--listen", host: "--host", port: "--port", flag: "--host {address}", address: "0.0.0.0", number: "8080"},
	"flask":          {first: "run", host: "-h --host", port: "-p --port", flag: "--host {address}", address: "127.0.0.1", number: "5000", hostEnv: "FLASK_RUN_HOST", portEnv: "FLASK_RUN_PORT"},
	"fastapi":        {first: "run", host: "--host", port: "--port", flag: "--host {address}", address: "0.0.0.0", number: "8000"},
	"streamlit":      {first: "run", host: "--server.address", port: "--server.port", flag: "--server.address {address}", address: "0.0.0.0", number: "8501"},
	"manage.py":      {first: "runserver", position: true, valued: "--settings --pythonpath -v --verbosity", flag: "{address}:{port}", address: "127.0.0.1", number: "8000"},
	"http.server":    {host: "-b --bind", position: true, valued: "-b --bind -d --directory -p --protocol", flag: "--bind {address}", address: "0.0.0.0", number: "8000"},
	"serve":          {bind: "-l --listen -p", address: "0.0.0.0", number: "3000"},
	"http-server":    {host: "-a", port: "-p --port", flag: "-a {address}", address: "0.0.0.0", number: "8080"},
	"redis-server":   {host: "--bind", port: "--port", flag: "--bind {address}", address: "0.0.0.0", number: "6379"},
	"memcached":      {host: "-l --listen", port: "-p --port", flag: "--listen={address}", address: "0.0.0.0", number: "11211"},
	"postgres":       {host: "-h", port: "-p", flag: "-h {address}", address: "127.0.0.1", number: "5432"},
}

// workers take their tasks from a queue and listen nowhere.
var workers = []string{"celery", "rq", "dramatiq", "huey_consumer", "huey_consumer.py", "arq", "rqworker", "rqscheduler"}

// listener is where a command listens.
type listener struct {
	none   bool // certainly nowhere
	known  bool
	port   deploy.Port
	why    string
	flag   string // Source.Bind, where the command has to be told to listen on all addresses
	socket string // a unix socket instead
	config Fact   // where a configuration file says it
}

// listener reads where the command of one of the known servers listens. dir is where it runs in the tree, for the configuration file of gunicorn.
func (inv *invocation) listener(t *tree, dir string, env []deploy.Env) listener {
	name := strings.TrimRight(inv.server, "0123456789.")
	if slices.Contains(workers, inv.server) {
		return listener{none: true, why: inv.server + " takes its tasks from a queue"}
	}
	s, ok := servers[inv.server]
	if !ok {
		if s, ok = servers[name]; !ok {
			return listener{}
		}
	}
	args := inv.given
	if s.first != "" {
		i := slices.Index(args, s.first)
		if i < 0 {
			if inv.server == "manage.py" {
				return listener{none: true, why: "manage.py serves with runserver alone"}
			}
			return listener{}
		}
		args = args[i+1:]
	}
	l := listener{known: true}
	host, number := "", ""
	separate := false // the address stands in a word of its own, or nowhere
	for i, a := range args {
		opt, v, joined := strings.Cut(a, "=")
		if !joined {
			if len(a) > 2 && a[0] == '-' && a[1] != '-' && isOption(s.bind+" "+s.host+" "+s.port, a[:2]) && !isOption(s.bind+" "+s.host+" "+s.port, a) {
				opt, v = a[:2], a[2:]
			} else if i+1 < len(args) {
				v = args[i+1]
			}
		}
		switch {
		case isOption(s.bind, opt):
			if sock, ok := strings.CutPrefix(v, "unix:"); ok {
				return listener{known: true, socket: sock, why: opt + " " + v}
			}
			h, n, ok := hostPort(v)
			if !ok {
				return listener{}
			}
			host, number, l.why = h, n, opt+" "+v
		case isOption(s.host, opt):
			host, separate = v, true
			s.flag = opt + " {address}" // as it is spelled here
			if strings.Contains(v, "$") {
				return listener{}
			}
		case isOption(s.port, opt):
			if _, err := strconv.Atoi(v); err != nil {
				return listener{}
			}
			number, l.why = v, opt+" "+v
		case opt == "--uds" || opt == "-u" && inv.server == "daphne" || opt == "--unix-socket":
			return listener{known: true, socket: v, why: opt + " " + v}
		}
	}
	if s.position {
		if v, _ := positional(args, s.valued, true); v != "" {
			h, n, ok := hostPort(v)
			if !ok {
				return listener{}
			}
			number, l.why = n, v
			if h != "" {
				host = h
			}
		}
	}
	for _, e := range env {
		text, known := e.Value.Reveal()
		if !known || e.Value.IsSecret() {
			continue
		}
		switch {
		case e.Name == s.hostEnv && s.hostEnv != "" && host == "":
			host = text
			l.why = e.Name
		case e.Name == s.portEnv && s.portEnv != "" && number == "":
			number, l.why = text, e.Name
		case e.Name == s.variable && s.variable != "" && host == "" && number == "":
			host, number, l.why = "0.0.0.0", text, "default of "+inv.server+" with "+e.Name
		}
	}
	if inv.server == "gunicorn" && number == "" {
		if done := l.gunicornConfig(t, dir, args, &host, &number); done {
			return l
		}
	}
	if inv.server == "redis-server" && host == "" && len(args) > 0 && path.IsAbs(args[0]) {
		host, separate = "127.0.0.1", true // redis.conf as it is shipped: bind 127.0.0.1 -::1
	}
	if number == "" {
		number = s.number
		l.why = "default of " + inv.server
	}
	if host == "" {
		host, separate = s.address, true
	}
	l.port = deploy.Port{Number: number + "/tcp", Reachable: deploy.Some(true), Address: deploy.Some(host)}
	if loopbackHost(host) && (separate || l.config.Why != "") {
		l.flag = s.flag
	}
	return l
}

// gunicornConfig looks for the bind setting in the file that -c names, or in gunicorn.conf.py, which gunicorn reads by itself.
func (l *listener) gunicornConfig(t *tree, dir string, args []string, host, number *string) bool {
	file := "gunicorn.conf.py"
	for i, a := range args {
		if opt, v, joined := strings.Cut(a, "="); opt == "-c" || opt == "--config" {
			if !joined && i+1 < len(args) {
				v = args[i+1]
			}
			file = strings.TrimPrefix(v, "file:")
		}
	}
	rel := path.Join(dir, file)
	if path.IsAbs(file) {
		rel = path.Join(dir, path.Base(file))
	}
	if !t.has(rel) {
		return false
	}
	data, err := t.read(rel)
	if err != nil {
		return false
	}
	toks := python(string(data))
	for i := range toks {
		if !toks[i].nl || !toks[i].is("bind") || !at(toks, i+1).is("=") {
			continue
		}
		l.config = Fact{File: rel, Line: toks[i].line, Why: "bind in " + path.Base(rel)}
		v := at(toks, i+2)
		if v.is("[") {
			v = at(toks, i+3)
		}
		if sock, ok := strings.CutPrefix(v.text, "unix:"); ok && v.isString() {
			l.socket, l.why = sock, l.config.Why
			return true
		}
		h, n, ok := hostPort(v.text)
		if !v.isString() || !ok {
			l.known = false // computed
			return true
		}
		*host, *number = h, n
		l.why = l.config.Why
		return false
	}
	return false
}

// hostPort reads 8000, :8000, HOST:8000 and tcp://HOST:8000.
func hostPort(s string) (host, port string, ok bool) {
	if u, err := url.Parse(s); err == nil && u.Scheme == "tcp" {
		s = u.Host
	}
	port = s
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = strings.Trim(s[:i], "[]"), s[i+1:]
		if host == "" {
			host = "0.0.0.0"
		}
	}
	n, err := strconv.Atoi(port)
	return host, port, err == nil && n > 0 && n < 65536
}

func loopbackHost(h string) bool {
	return strings.HasPrefix(h, "127.") || h == "localhost" || h == "::1"
}

// version is the release that the command names: /usr/bin/python3.11, node20.
func (inv *invocation) version(language string) (string, bool) {
	switch language {
	case "python":
		if v, ok := strings.CutPrefix(inv.name, "python"); ok && strings.HasPrefix(v, "3.") {
			return pythonMinor(v)
		}
	case "node":
		if v, ok := strings.CutPrefix(inv.name, "node"); ok && strings.Trim(v, "0123456789") == "" && v != "" {
			return nodeMajor(v)
		}
	case "go", "debian":
	}
	return "", false
}

// celery tells what holds for the one process that starts celery's periodic tasks.
func (e *enricher) celery(was deploy.Workload, inv invocation) {
	if inv.server != "celery" {
		return
	}
	at := e.commands[was.Name]
	given := func(names ...string) bool {
		return slices.ContainsFunc(inv.given, func(a string) bool {
			opt, _, _ := strings.Cut(a, "=")
			return slices.Contains(names, opt)
		})
	}
	switch {
	case slices.Contains(inv.given, "beat"):
		e.Find(ledger.Info, at, was.Name+" is celery beat, of which two at once send every task twice", "keep it at one replica")
		if !given("-s", "--schedule", "-S", "--scheduler") {
			e.Find(ledger.Warning, at, "celery beat writes celerybeat-schedule into its working directory, which the user of an image may not", "give the unit StateDirectory="+was.Name+" and the command --schedule=/var/lib/"+was.Name+"/schedule")
		}
	case slices.Contains(inv.given, "worker") && given("-B", "--beat"):
		e.Find(ledger.Warning, at, was.Name+" runs celery beat inside the worker: with two of it every task is sent twice", "start beat in a unit of its own")
	}
}

// assets are the files and directories of the program's directory that its code reads by names relative to where it runs.
func assets(p *Program) []string {
	var out []string
	for _, a := range p.Assets {
		if inside(a, p.Dir) {
			out = append(out, relative(a, p.Dir))
		}
	}
	slices.Sort(out)
	return out
}
