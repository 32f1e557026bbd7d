package language

import (
	"path"
	"slices"
	"strings"
)

// pythonSpawners are the modules whose use starts processes.
var pythonSpawners = []string{"subprocess", "multiprocessing", "pexpect", "sh", "plumbum", "billiard", "loky", "joblib", "invoke", "pty"}

// facts gathers what is in one file of Python.
func (p *pyFile) facts() {
	toks := p.toks
	for i, t := range toks {
		switch {
		case (t.is("import") || t.is("from")) && t.nl:
			p.spawnImport(i)
		case t.isString():
			p.healthAt(i)
		case t.kind == ident:
			if name, end, ok := p.variable(i); ok {
				p.addEnv(name, p.file, t.line, "os.environ "+name)
				if bindName(name) {
					if port, ok := p.fallback(end); ok {
						p.addPort(port, p.file, t.line, "default of environment variable "+name)
					}
				}
			}
			if at(toks, i+1).is("(") && !at(toks, i-1).is("def") && !at(toks, i-1).is("class") {
				p.call(i)
			}
		}
	}
	if base := path.Base(p.file); strings.HasPrefix(base, "gunicorn") {
		if v, ok := p.vars["bind"]; ok && len(v) > 0 {
			if port, _, ok := p.value(v, 0); ok {
				p.addPort(port, p.file, v[0].line, "bind in "+base)
			}
		}
		if v, ok := p.vars["workers"]; ok && len(v) > 0 {
			p.spawns = append(p.spawns, Fact{"gunicorn workers", p.file, v[0].line, "workers in " + base})
		}
	}
}

func (p *pyFile) spawnImport(i int) {
	toks := p.toks
	line := toks[i].line
	add := func(module string) {
		first, _, _ := strings.Cut(module, ".")
		if slices.Contains(pythonSpawners, first) {
			p.spawns = append(p.spawns, Fact{first, p.file, line, "import of " + module})
		}
	}
	if toks[i].is("from") {
		module, end := dottedName(toks, i+1)
		add(module)
		for k := end; k < len(toks) && toks[k].kind != newline; k++ {
			if toks[k].is("ProcessPoolExecutor") {
				p.spawns = append(p.spawns, Fact{"ProcessPoolExecutor", p.file, line, "import of ProcessPoolExecutor"})
			}
		}
		return
	}
	for k := i + 1; k < len(toks) && toks[k].kind != newline; k++ {
		if at(toks, k-1).is("import") || at(toks, k-1).is(",") {
			name, _ := dottedName(toks, k)
			add(name)
		}
	}
}

// variable recognises the reading of an environment variable at token i: its
// name and the index after the name.
func (p *pyFile) variable(i int) (name string, end int, ok bool) {
	toks := p.toks
	t := toks[i]
	k := -1
	switch {
	case at(toks, i-1).is(".") && !at(toks, i-2).is("os"):
		return "", 0, false
	case t.is("environ") && at(toks, i-1).is(".") || slices.Contains(p.pyEnv, t.text):
		first := i
		if at(toks, i-1).is(".") {
			first = i - 2
		}
		if at(toks, first-1).is("in") && at(toks, first-2).isString() {
			return toks[first-2].text, i, true // "DEBUG" in os.environ
		}
		switch {
		case at(toks, i+1).is("["):
			k = i + 2
		case at(toks, i+1).is(".") && (at(toks, i+2).is("get") || at(toks, i+2).is("pop") || at(toks, i+2).is("setdefault")) && at(toks, i+3).is("("):
			k = i + 4
		}
		if k > 0 && at(toks, k+1).is("]") && at(toks, k+2).is("=") {
			return "", 0, false // written
		}
	case t.is("getenv") && at(toks, i-1).is(".") || slices.Contains(p.getenv, t.text):
		switch {
		case at(toks, i-1).is("def"):
		case at(toks, i+1).is("("):
			k = i + 2
		case at(toks, i+1).is(".") && at(toks, i+2).kind == ident && at(toks, i+3).is("("): // env.int("PORT")
			k = i + 4
		}
	}
	if k < 0 || !at(toks, k).isString() {
		return "", 0, false
	}
	return toks[k].text, k + 1, true
}

// fallback returns the port that stands in for an unset variable, from the
// token after its name on: …, 8001), …, default="8001"), …) or 8001.
func (p *pyFile) fallback(i int) (string, bool) {
	toks := p.toks
	if at(toks, i).is(",") {
		k := i + 1
		for at(toks, k).kind == ident && at(toks, k+1).is("=") && !at(toks, k).is("default") {
			k += 3
			if at(toks, k).is(",") {
				k++
			}
		}
		if at(toks, k).is("default") && at(toks, k+1).is("=") {
			k += 2
		}
		for at(toks, k).is("str") || at(toks, k).is("int") || at(toks, k).is("(") {
			k++
		}
		port, _, ok := p.value(toks[min(k, len(toks)):min(k+1, len(toks))], 0)
		return port, ok
	}
	for at(toks, i).is(")") || at(toks, i).is("]") {
		i++
	}
	if at(toks, i).is("or") {
		port, _, ok := p.value(toks[min(i+1, len(toks)):min(i+2, len(toks))], 0)
		return port, ok
	}
	return "", false
}

// call looks at a call whose name is token i.
func (p *pyFile) call(i int) {
	toks := p.toks
	name := toks[i].text
	line := toks[i].line
	switch name {
	case "fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp", "spawnl", "spawnle", "spawnlp", "spawnv", "spawnve", "spawnvp":
		if at(toks, i-1).is(".") && at(toks, i-2).is("os") {
			p.spawns = append(p.spawns, Fact{"os." + name, p.file, line, "call of os." + name})
		}
		return
	case "create_subprocess_exec", "create_subprocess_shell", "ProcessPoolExecutor":
		p.spawns = append(p.spawns, Fact{name, p.file, line, "call of " + name})
		return
	}
	position := -1 // of the port among the arguments
	switch name {
	case "listen", "start_http_server":
		position = 0
	case "run", "make_server", "run_simple", "bind", "add_insecure_port", "add_secure_port", "create_server":
		position = 1
		if name == "bind" || strings.HasPrefix(name, "add_") || name == "create_server" {
			position = 0
		}
	case "start_server", "serve":
		position = 2
	case "run_app", "TCPSite", "run_server", "Config", "launch":
	case "add_argument", "option":
		p.flag(i)
		return
	default:
		if !strings.HasSuffix(name, "Server") {
			return
		}
		position = 0
	}
	said, listens := false, false
	for n, arg := range arguments(toks, i+1) {
		key := ""
		if len(arg) > 2 && arg[0].kind == ident && arg[1].is("=") {
			key, arg = arg[0].text, arg[2:]
		}
		if key == "workers" && (name == "run" || name == "Config") && !at(arg, 0).is("None") && at(arg, 0).text != "1" {
			p.spawns = append(p.spawns, Fact{name + " workers", p.file, line, "workers=" + join(arg)})
		}
		if key == "" && n != position || key != "" && key != "port" && key != "listen" && key != "bind" && key != "server_port" {
			continue
		}
		if key == "" && name == "run" && !at(arg, 0).isString() && at(arg, 0).kind != number && at(arg, 0).kind != ident {
			continue
		}
		if len(arg) > 2 && arg[0].is("(") { // (host, port)
			if pair := arguments(arg, 0); len(pair) == 2 {
				arg = pair[1]
			}
		} else if key == "" && name == "bind" {
			// A single address: ZeroMQ's "tcp://*:5555".
			if !at(arg, 0).isString() {
				continue
			}
		}
		said = true
		port, why, ok := p.value(arg, 0)
		if !ok {
			continue
		}
		listens = true
		if why == "" {
			why = "literal " + name + "(" + strings.TrimPrefix(key+"=", "=") + join(arg) + ")"
		}
		p.addPort(port, p.file, line, why)
	}
	if said || listens {
		return
	}
	switch {
	case name == "run" && at(toks, i-2).is("uvicorn"):
		p.serves = append(p.serves, Fact{"8000", p.file, line, "default of uvicorn.run"})
	case name == "run_app":
		p.serves = append(p.serves, Fact{"8080", p.file, line, "default of aiohttp's run_app"})
	case name == "run" && p.framework == "flask" && at(toks, i-1).is(".") && at(toks, i-2).kind == ident && !slices.Contains([]string{"subprocess", "asyncio", "trio", "anyio"}, toks[i-2].text):
		p.serves = append(p.serves, Fact{"5000", p.file, line, "default of Flask's run"})
	case name == "run" && p.framework == "bottle" && (at(toks, i-1).nl || at(toks, i).nl || at(toks, i-2).is("bottle")):
		p.serves = append(p.serves, Fact{"8080", p.file, line, "default of Bottle's run"})
	}
}

// flag looks at argparse's add_argument and click's option.
func (p *pyFile) flag(i int) {
	flag := ""
	for _, arg := range arguments(p.toks, i+1) {
		if len(arg) == 1 && arg[0].isString() && strings.HasPrefix(arg[0].text, "-") {
			if name := strings.TrimLeft(arg[0].text, "-"); bindName(name) {
				flag = name
			}
			continue
		}
		if flag == "" || len(arg) < 3 || !arg[0].is("default") || !arg[1].is("=") {
			continue
		}
		if port, why, ok := p.value(arg[2:], 0); ok {
			if why != "" {
				why = ", " + why
			}
			p.addPort(port, p.file, arg[0].line, "default of --"+flag+why)
		}
	}
}

// value finds the port that an expression comes to: a literal (no why), the
// default of a variable, a name of the same file.
func (p *pyFile) value(expr []token, depth int) (port, why string, ok bool) {
	if depth > 4 || len(expr) == 0 {
		return "", "", false
	}
	if len(expr) == 1 {
		if port, ok := literalPort(expr[0]); ok {
			return port, "", true
		}
		if v, found := p.vars[expr[0].text]; found && expr[0].kind == ident {
			if port, why, ok := p.value(v, depth+1); ok {
				if why == "" {
					why = expr[0].text + " = " + port
				}
				return port, why, true
			}
		}
		return "", "", false
	}
	// int(…), str(…)
	if (expr[0].is("int") || expr[0].is("str")) && expr[1].is("(") && closing(expr, 1) == len(expr)-1 {
		return p.value(expr[2:len(expr)-1], depth+1)
	}
	// os.environ.get("X", 8001), os.getenv("X") or 8001
	sub := &pyFile{scan: p.scan, source: source{p.file, expr}, pyEnv: p.pyEnv, getenv: p.getenv, vars: p.vars}
	for k := range expr {
		if expr[k].kind != ident {
			continue
		}
		if name, end, ok := sub.variable(k); ok {
			if port, ok := sub.fallback(end); ok {
				return port, "default of environment variable " + name, true
			}
			return "", "", false
		}
	}
	return "", "", false
}

// healthAt notes a literal that looks like a health endpoint, unless it is
// what this program asks of another one.
func (p *pyFile) healthAt(i int) {
	toks := p.toks
	t := toks[i]
	prev, callee := at(toks, i-1), at(toks, i-2)
	s := t.text
	if prev.is("(") && (callee.is("path") || callee.is("re_path") || callee.is("url")) {
		s = "/" + strings.TrimSuffix(strings.TrimSuffix(strings.TrimLeft(s, "^/"), "$"), "?") // Django has no leading slash
	}
	route, ok := healthPath(s)
	if !ok || prev.is("+") || at(toks, i+1).is("+") || prev.is("[") && at(toks, i-2).kind == ident {
		return
	}
	next := at(toks, i+1)
	switch {
	case prev.is("(") && callee.kind == ident:
		switch callee.text {
		case "get", "head", "route", "api_route", "all":
			if decorated(toks, i-2) {
				p.addHealth(route, p.file, t.line, 0, "@"+callee.text+"("+quoted(t)+")")
			}
		case "path", "re_path", "url", "add_url_rule", "add_route", "add_api_route", "add_get", "add_view", "Route", "APIRoute", "URLSpec", "add_resource":
			p.addHealth(route, p.file, t.line, 0, callee.text+"("+quoted(t)+")")
		case "startswith", "endswith", "match", "fullmatch":
			p.addHealth(route, p.file, t.line, 1, callee.text+"("+quoted(t)+")")
		case "post", "put", "delete", "patch", "request", "Request", "urlopen", "urljoin", "redirect", "open", "Path", "join":
		default:
			p.addHealth(route, p.file, t.line, 2, "literal "+quoted(t))
		}
	case prev.is("==") || prev.is("case") || next.is("=="):
		p.addHealth(route, p.file, t.line, 1, "compared with "+quoted(t))
	case prev.is(","):
		// A later argument: add_resource(Health, "/healthz"), request("GET", "/healthz").
		if callOf(toks, i) == "add_resource" || callOf(toks, i) == "add_route" {
			p.addHealth(route, p.file, t.line, 0, callOf(toks, i)+"(…, "+quoted(t)+")")
		} else if c := callOf(toks, i); c != "request" && c != "urljoin" && c != "call" && c != "HTTPConnection" {
			p.addHealth(route, p.file, t.line, 2, "literal "+quoted(t))
		}
	default:
		p.addHealth(route, p.file, t.line, 2, "literal "+quoted(t))
	}
}

// decorated reports whether the call at i belongs to a decorator.
func decorated(toks []token, i int) bool {
	for ; i >= 0 && (toks[i].kind == ident || toks[i].is(".")); i-- {
	}
	return at(toks, i).is("@")
}

// callOf returns the name of the call whose arguments token i is among.
func callOf(toks []token, i int) string {
	depth := 0
	for k := i; k >= max(0, i-40); k-- {
		switch {
		case toks[k].is(")") || toks[k].is("]"):
			depth++
		case toks[k].is("["):
			depth--
		case toks[k].is("("):
			if depth == 0 {
				return at(toks, k-1).text
			}
			depth--
		}
	}
	return ""
}
