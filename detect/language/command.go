package language

import (
	"path"
	"slices"
	"strings"
)

// invocation is what a command comes down to: which runtime runs what.
type invocation struct {
	runtime string // node, python, shell; "" for a native program
	exec    string // path of what is run in the end, as given
	name    string // its last element
	args    []string
	script  string // the file that the runtime is given
	module  string // Python: the module it is given, shop.wsgi
	task    string // of package.json's scripts: npm run <task>
	pkg     string // a workspace's package: pnpm --filter <pkg>
	chdir   string // a directory that the command changes to

	server string   // the program that serves or works: gunicorn, also of python -m gunicorn; manage.py
	given  []string // its arguments
}

// wrapper is a program that runs another one with the same or a changed world.
type wrapper struct {
	valued      string // options that take the next word, separated by blanks
	positionals int    // words of its own before the command
	first       string // a word that must come first: poetry run
}

var wrappers = map[string]wrapper{
	"exec": {}, "command": {}, "nohup": {}, "time": {}, "setsid": {}, "unbuffer": {}, "catchsegv": {},
	"nice":    {valued: "-n --adjustment"},
	"ionice":  {valued: "-c -n --class --classdata"},
	"chrt":    {positionals: 1},
	"taskset": {positionals: 1},
	"timeout": {valued: "-s -k --signal --kill-after", positionals: 1},
	"stdbuf":  {valued: "-i -o -e"},
	"numactl": {valued: "-N -m -C -i -l -p"},
	"prlimit": {}, "setpriv": {}, "xvfb-run": {valued: "-n -s -e -f -w"},
	"sudo":        {valued: "-u -g -C -D -h -p -U -R -T"},
	"runuser":     {valued: "-u -g -G"},
	"su-exec":     {positionals: 1},
	"gosu":        {positionals: 1},
	"setuidgid":   {positionals: 1},
	"chpst":       {valued: "-u -U -b -e -/ -n -l -L -m -d -o -p -f -c -r -t"},
	"envdir":      {positionals: 1},
	"softlimit":   {valued: "-m -d -s -l -a -o -p -f -c -r -t"},
	"tini":        {valued: "-p -e"},
	"dumb-init":   {valued: "-r --rewrite"},
	"systemd-cat": {valued: "-t -p --identifier --priority"},
	"env":         {valued: "-u --unset"},
	"cross-env":   {}, "cross-env-shell": {},
	"dotenv":                   {valued: "-e -c -p -v"},
	"npx":                      {valued: "-p --package"},
	"bunx":                     {},
	"poetry":                   {valued: "-C --directory", first: "run"},
	"pipenv":                   {first: "run"},
	"pdm":                      {valued: "-p --project", first: "run"},
	"uv":                       {valued: "--directory --project", first: "run"},
	"ddtrace-run":              {},
	"opentelemetry-instrument": {},
	"newrelic-admin":           {first: "run-program"},
}

// unwrap takes off what only prepares the world of the real program, then
// reads the arguments of the runtime.
func unwrap(exec string, args []string) invocation {
	inv := invocation{exec: exec, args: args}
	for range 12 {
		inv.name = path.Base(inv.exec)
		if isAssignment(inv.exec) && len(inv.args) > 0 { // A=b node server.js
			inv.exec, inv.args = inv.args[0], inv.args[1:]
			continue
		}
		w, ok := wrappers[inv.name]
		if ok && inv.take(w) {
			continue
		}
		if shells[inv.name] && inv.shell() {
			continue
		}
		break
	}
	inv.name = path.Base(inv.exec)
	inv.read()
	return inv
}

var shells = map[string]bool{"sh": true, "bash": true, "dash": true, "ash": true, "zsh": true}

func isAssignment(w string) bool {
	name, _, ok := strings.Cut(w, "=")
	return ok && name != "" && letter(name[0]) && spanIdent(name) == len(name)
}

// take steps over a wrapper's own words. It reports false if no command
// follows.
func (inv *invocation) take(w wrapper) bool {
	args := inv.args
	if w.first != "" {
		i := slices.Index(args, w.first)
		if i < 0 {
			return false
		}
		inv.options(args[:i], w.valued)
		args = args[i+1:]
	}
	left := w.positionals
	for len(args) > 0 {
		a := args[0]
		switch {
		case a == "--":
			args = args[1:]
			if left > 0 {
				continue
			}
		case a == "-S" || a == "--split-string":
			if len(args) < 2 {
				return false
			}
			args = append(words(args[1]), args[2:]...)
			continue
		case a == "-C" && inv.name == "env" && len(args) > 1:
			inv.chdir, args = args[1], args[2:]
			continue
		case strings.HasPrefix(a, "--chdir="):
			inv.chdir, args = a[len("--chdir="):], args[1:]
			continue
		case len(a) > 1 && a[0] == '-':
			n := 1
			if isOption(w.valued, a) {
				n = 2
			}
			args = args[min(n, len(args)):]
			continue
		case isAssignment(a):
			args = args[1:]
			continue
		case left > 0:
			left--
			args = args[1:]
			continue
		}
		break
	}
	if len(args) == 0 {
		return false
	}
	inv.exec, inv.args = args[0], args[1:]
	return true
}

func (inv *invocation) options(args []string, valued string) {
	for i, a := range args {
		if i+1 < len(args) && (a == "-C" || a == "--directory") && isOption(valued, a) {
			inv.chdir = args[i+1]
		}
	}
}

func isOption(list, a string) bool { return slices.Contains(strings.Fields(list), a) }

// shell looks into sh -c '…' if a single command stands there, after an
// optional cd.
func (inv *invocation) shell() bool {
	for i, a := range inv.args {
		if len(a) < 2 || a[0] != '-' || a[1] == '-' {
			return false
		}
		if !strings.Contains(a, "c") || i+1 >= len(inv.args) {
			continue
		}
		s, dir, ok := program(inv.args[i+1])
		if f := words(s); ok && len(f) > 0 {
			if dir != "" {
				inv.chdir = dir
			}
			inv.exec, inv.args = f[0], f[1:]
			return true
		}
		return false
	}
	return false
}

// words splits a simple command line; quotes group and go.
func words(s string) []string {
	var out []string
	var b strings.Builder
	in, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, in = c, true
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
			in = true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if in {
				out = append(out, b.String())
				b.Reset()
				in = false
			}
		default:
			b.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, b.String())
	}
	return out
}

// read finds the runtime, and the script or the module among its arguments.
func (inv *invocation) read() {
	name := inv.name
	inv.server, inv.given = name, inv.args
	switch {
	case shells[name]:
		inv.runtime = "shell"
		inv.script, _ = positional(inv.args, "-c -o", true)
	case slices.Contains(nodeManagers, name) && !(name == "bun" && inv.bunFile()):
		inv.runtime = "node"
		inv.npm()
	case nodeRuntime(name):
		inv.runtime = "node"
		if slices.ContainsFunc(inv.args, func(a string) bool { return a == "-e" || a == "--eval" || a == "-p" || a == "--print" }) && name != "nodemon" {
			return
		}
		script, rest := positional(inv.args, nodeValued, true)
		for script == "run" || script == "watch" || script == "inspect" {
			script, rest = positional(rest, nodeValued, true)
		}
		inv.script = script
	case nodeTools[name]:
		inv.runtime = "node"
	case pythonRuntime(name):
		inv.runtime = "python"
		inv.python()
	case pythonTools[name] != "":
		inv.runtime = "python"
		inv.tool(name, inv.args)
	default:
		switch path.Ext(name) {
		case ".js", ".mjs", ".cjs", ".ts":
			inv.runtime, inv.script = "node", inv.exec
		case ".py":
			inv.runtime, inv.script = "python", inv.exec
		case ".sh":
			inv.runtime, inv.script = "shell", inv.exec
		}
	}
}

const nodeValued = "-r --require --import --loader --experimental-loader -C --conditions --env-file --title --inspect-port -P --project " +
	"--tsconfig --watch -w --ext --delay --config -c --exec -x"

var nodeTools = map[string]bool{"next": true, "nuxt": true, "nuxi": true, "nest": true, "remix-serve": true, "astro": true, "fastify": true, "strapi": true, "pm2-runtime": true, "serve": true, "http-server": true}

// nodeRuntime knows node, nodejs, node20, and what runs TypeScript.
func nodeRuntime(name string) bool {
	switch name {
	case "tsx", "ts-node", "ts-node-dev", "ts-node-esm", "babel-node", "nodemon", "bun", "deno", "nodejs":
		return true
	}
	v, ok := strings.CutPrefix(name, "node")
	return ok && strings.Trim(v, "-.0123456789") == ""
}

// pythonRuntime knows python, python3, python3.11, pypy3.
func pythonRuntime(name string) bool {
	v, ok := strings.CutPrefix(name, "python")
	if !ok {
		v, ok = strings.CutPrefix(name, "pypy")
	}
	return ok && strings.Trim(v, ".0123456789") == ""
}

// positional returns the first word that is neither an option nor the value
// of one, and what follows it. valued lists the options that take a value, or
// all that take none.
func positional(args []string, list string, valued bool) (string, []string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" && i+1 < len(args) {
			return args[i+1], args[i+2:]
		}
		if len(a) < 2 || a[0] != '-' {
			return a, args[i+1:]
		}
		if !strings.Contains(a, "=") && isOption(list, a) == valued {
			i++
		}
	}
	return "", nil
}

// bunFile reports whether bun is given a file to run, and not a task.
func (inv *invocation) bunFile() bool {
	s, rest := positional(inv.args, nodeValued, true)
	if s == "run" {
		s, _ = positional(rest, nodeValued, true)
	}
	return slices.Contains(sourceExtensions, path.Ext(s))
}

// npm reads the task of a package manager's command.
func (inv *invocation) npm() {
	const valued = "--prefix -C --dir --cwd -w --workspace --filter -F"
	for i, a := range inv.args {
		opt, v, ok := strings.Cut(a, "=")
		if !ok && i+1 < len(inv.args) {
			v = inv.args[i+1]
		}
		switch opt {
		case "--prefix", "-C", "--dir", "--cwd":
			inv.chdir = v
		case "-w", "--workspace", "--filter", "-F":
			inv.pkg = path.Base(v)
		}
	}
	task, rest := positional(inv.args, valued, true)
	if inv.name == "yarn" && task == "workspace" {
		inv.pkg, rest = positional(rest, valued, true)
		inv.pkg = path.Base(inv.pkg)
		task, rest = positional(rest, valued, true)
	}
	if task == "run" || task == "run-script" {
		task, _ = positional(rest, valued, true)
	}
	inv.task = task
}
