package language

import (
	"path"
	"strings"
)

// pythonTools are the programs that load a module of the user's. The value
// lists the options that take no value, or, after "=", that do: whichever are
// fewer.
var pythonTools = map[string]string{
	"gunicorn": "--reload --preload --preload-app --daemon -D --check-config --print-config --capture-output --log-syslog --no-sendfile " +
		"--enable-stdio-inheritance -R --reuse-port --spew --proxy-protocol --initgroups --disable-redirect-access-to-syslog --no-control-socket",
	"uvicorn": "--reload --proxy-headers --no-proxy-headers --use-colors --no-use-colors --access-log --no-access-log --factory --server-header " +
		"--no-server-header --date-header --no-date-header",
	"hypercorn":      "--reload --debug",
	"daphne":         "--access-log-off --proxy-headers --no-server-name",
	"granian":        "--reload --access-log --no-access-log --ws --no-ws",
	"waitress-serve": "--call --expose-tracebacks --no-expose-tracebacks --ipv4 --no-ipv4 --ipv6 --no-ipv6",
	"sanic":          "--debug --dev --fast --single-process --factory --reload --access-logs --no-access-logs",
	"celery":         "=", "flask": "=", "uwsgi": "=", "streamlit": "=", "fastapi": "=", "dramatiq": "= -p --processes -t --threads -Q --queues --path -P",
	"huey_consumer": "= -w --workers -k -l --logfile", "huey_consumer.py": "= -w --workers -k -l --logfile", "django-admin": "=", "rq": "=",
}

// python reads the arguments of an interpreter.
func (inv *invocation) python() {
	for i := 0; i < len(inv.args); i++ {
		a := inv.args[i]
		if len(a) < 2 || a[0] != '-' {
			if a != "-" {
				inv.script = a
				inv.server, inv.given = path.Base(a), inv.args[i+1:]
			}
			return
		}
		if a[1] == '-' {
			continue
		}
		// Letters may be joined: -um, -Wignore. W and X take the rest of the
		// word or the next one; m and c end the options.
		for j := 1; j < len(a); j++ {
			switch a[j] {
			case 'c':
				return
			case 'm':
				m := a[j+1:]
				rest := inv.args[i+1:]
				if m == "" {
					if len(rest) == 0 {
						return
					}
					m, rest = rest[0], rest[1:]
				}
				inv.server, inv.given = m, rest
				if pythonTools[m] != "" {
					inv.tool(m, rest)
				} else {
					inv.module = m
				}
				return
			case 'W', 'X':
				if j == len(a)-1 {
					i++
				}
				j = len(a)
			}
		}
	}
}

// tool reads the arguments of a server or a worker that loads a module.
func (inv *invocation) tool(name string, args []string) {
	for i, a := range args {
		opt, v, ok := strings.Cut(a, "=")
		if !ok && i+1 < len(args) {
			v = args[i+1]
		}
		switch {
		case opt == "--chdir" || opt == "--app-dir" && name != "fastapi" || opt == "--workdir":
			inv.chdir = v
		case (opt == "-A" || opt == "--app") && (name == "celery" || name == "flask"):
			inv.module = v
		case (opt == "--module" || opt == "-w") && name == "uwsgi":
			inv.module = v
		case (opt == "--wsgi-file" || opt == "--file") && name == "uwsgi":
			inv.script = v
		}
	}
	list, valued := pythonTools[name], false
	if rest, ok := strings.CutPrefix(list, "="); ok {
		list, valued = rest, true
	}
	switch name {
	case "celery", "flask", "uwsgi", "django-admin", "rq":
	case "streamlit", "fastapi":
		s, rest := positional(args, "--port --host --workers --app --server.port --server.address", true)
		if s == "run" || s == "dev" {
			s, _ = positional(rest, "--port --host --workers --app --server.port --server.address", true)
		}
		inv.script = s
	default:
		inv.module, _ = positional(args, list, valued)
	}
	inv.module, _, _ = strings.Cut(inv.module, ":")
	if strings.HasSuffix(inv.module, ".py") {
		inv.script, inv.module = inv.module, ""
	}
}
