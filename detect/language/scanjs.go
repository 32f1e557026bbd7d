package language

import (
	"slices"
	"strings"
)

// facts gathers what is in one file of JavaScript.
func (j *jsFile) facts() {
	toks := j.toks
	for i, t := range toks {
		switch {
		case t.isString():
			j.module(i)
			j.healthAt(i)
		case t.kind == ident && at(toks, i+1).is("("):
			j.call(i)
		}
		if t.kind == ident {
			j.envAt(i)
			j.option(i)
		}
	}
}

// module notes the modules that start processes.
func (j *jsFile) module(i int) {
	if !imported(j.toks, i) {
		return
	}
	name := strings.TrimPrefix(j.toks[i].text, "node:")
	if slices.Contains(nodeSpawners, name) {
		j.spawns = append(j.spawns, Fact{name, j.file, j.toks[i].line, "import of " + j.toks[i].text})
	}
}

// variable recognises the reading of an environment variable at token i: its name
// and the index after it.
func (j *jsFile) variable(i int) (name string, end int, ok bool) {
	toks := j.toks
	t := toks[i]
	switch {
	case (t.is("process") || t.is("Bun")) && dot(at(toks, i+1)) && at(toks, i+2).is("env") && !dot(at(toks, i-1)):
		i += 3
	case t.is("process") && at(toks, i-1).is(".") && at(toks, i-2).is("globalThis") && at(toks, i+2).is("env"):
		i += 3
	case t.kind == ident && slices.Contains(j.jsEnv, t.text) && !dot(at(toks, i-1)):
		i++
	case t.is("Deno") && at(toks, i+2).is("env") && at(toks, i+4).is("get") && at(toks, i+5).is("(") && at(toks, i+6).isString():
		return toks[i+6].text, i + 8, true
	default:
		return "", 0, false
	}
	switch {
	case dot(at(toks, i)) && at(toks, i+1).kind == ident:
		name, end = toks[i+1].text, i+2
	case at(toks, i).is("[") && at(toks, i+1).isString() && at(toks, i+2).is("]"):
		name, end = toks[i+1].text, i+3
	default:
		return "", 0, false
	}
	if at(toks, end).is("=") || at(toks, end).is("(") {
		return "", 0, false // written, or a method
	}
	return name, end, true
}

func dot(t token) bool { return t.is(".") || t.is("?.") }

// envAt notes a variable that is read at i, and the port that it defaults to.
func (j *jsFile) envAt(i int) {
	toks := j.toks
	if name, end, ok := j.variable(i); ok {
		j.addEnv(name, j.file, toks[i].line, "process.env."+name)
		if bindName(name) {
			if p, ok := jsDefault(toks, end); ok {
				j.addPort(p, j.file, toks[i].line, "default of process.env."+name)
			}
		}
		return
	}
	// const { PORT = 3000, HOST: host } = process.env
	if !toks[i].is("process") && !slices.Contains(j.jsEnv, toks[i].text) || !at(toks, i-1).is("=") || !at(toks, i-2).is("}") {
		return
	}
	if toks[i].is("process") && !(at(toks, i+1).is(".") && at(toks, i+2).is("env")) || toks[i].is("process") && dot(at(toks, i+3)) {
		return
	}
	open := i - 2
	for depth := 0; open > max(0, i-300); open-- {
		if toks[open].is("}") {
			depth++
		}
		if toks[open].is("{") {
			if depth--; depth == 0 {
				break
			}
		}
	}
	for _, arg := range arguments(toks, open) {
		if len(arg) == 0 || arg[0].kind != ident || arg[0].text == "..." {
			continue
		}
		name := arg[0].text
		j.addEnv(name, j.file, arg[0].line, "process.env."+name)
		if n := len(arg); n >= 3 && arg[n-2].is("=") && bindName(name) {
			if p, ok := literalPort(arg[n-1]); ok {
				j.addPort(p, j.file, arg[0].line, "default of process.env."+name)
			}
		}
	}
}

// jsDefault returns the port that stands in for an unset variable whose
// reading ends at i: … || 3000, … ?? "3000", Number(…) || 3000, … ? … : 3000.
func jsDefault(toks []token, i int) (string, bool) {
	for at(toks, i).is(")") || at(toks, i).is(",") && at(toks, i+1).kind == number && at(toks, i+2).is(")") {
		if toks[i].is(",") {
			i += 2
		}
		i++
	}
	if at(toks, i).is("||") || at(toks, i).is("??") {
		i++
		for at(toks, i).is("(") || at(toks, i).is("Number") || at(toks, i).is("parseInt") {
			i++
		}
		return literalPort(at(toks, i))
	}
	if at(toks, i).is("?") {
		for k := i + 1; k < i+16 && k < len(toks); k++ {
			if toks[k].is(":") {
				return literalPort(at(toks, k+1))
			}
		}
	}
	return "", false
}

// call looks at a call whose name is token i.
func (j *jsFile) call(i int) {
	toks := j.toks
	name := toks[i].text
	switch {
	case name == "listen":
		args := arguments(toks, i+1)
		if len(args) == 0 || len(args[0]) == 0 {
			return
		}
		if args[0][0].is("{") {
			j.object(args[0], "listen")
			return
		}
		if p, why, ok := j.value(args[0], 0); ok {
			if why == "" {
				why = "literal listen(" + quoted(args[0][0]) + ")"
			}
			j.addPort(p, j.file, toks[i].line, why)
		}
	case name == "serve" || name == "server" || name == "Server" || name == "WebSocketServer" || name == "startStandaloneServer" || name == "start":
		for _, arg := range arguments(toks, i+1) {
			if len(arg) > 0 && arg[0].is("{") {
				j.object(arg, name)
			}
		}
	case name == "option" || name == "options": // commander, yargs
		args := arguments(toks, i+1)
		if len(args) == 0 || !at(args[0], 0).isString() {
			return
		}
		flag := flagName(args[0][0].text)
		if !bindName(flag) {
			return
		}
		for _, arg := range args[1:] {
			if len(arg) == 1 && arg[0].kind != ident {
				if p, ok := literalPort(arg[0]); ok {
					j.addPort(p, j.file, arg[0].line, "default of --"+flag)
				}
			}
			j.defaultKey(arg, flag)
		}
	case slices.Contains(j.helpers, name) && !at(toks, i-1).is("function"):
		args := arguments(toks, i+1)
		if len(args) == 0 || len(args[0]) != 1 || !args[0][0].isString() {
			return
		}
		v := args[0][0].text
		j.addEnv(v, j.file, toks[i].line, name+"("+quoted(args[0][0])+")")
		if !bindName(v) {
			return
		}
		if len(args) > 1 && len(args[1]) == 1 {
			if p, ok := literalPort(args[1][0]); ok {
				j.addPort(p, j.file, toks[i].line, "default of "+v)
				return
			}
		}
		if p, ok := jsDefault(toks, closing(toks, i+1)); ok {
			j.addPort(p, j.file, toks[i].line, "default of "+v)
		}
	}
}

// flagName returns "port" of "-p, --port <number>".
func flagName(s string) string {
	if _, after, ok := cutLast(s, "--"); ok {
		s = after
	}
	if i := strings.IndexAny(s, " =<[,"); i >= 0 {
		s = s[:i]
	}
	return s
}

// option looks at the options of util.parseArgs and yargs:
// port: { type: 'string', default: '3000' }.
func (j *jsFile) option(i int) {
	toks := j.toks
	if at(toks, i+1).is(":") && at(toks, i+2).is("{") && bindName(toks[i].text) {
		j.defaultKey(toks[i+2:closing(toks, i+2)], toks[i].text)
	}
}

func (j *jsFile) defaultKey(arg []token, flag string) {
	for k, t := range arg {
		if t.is("default") && at(arg, k+1).is(":") {
			if p, ok := literalPort(at(arg, k+2)); ok {
				j.addPort(p, j.file, t.line, "default of --"+flag)
			}
		}
	}
}

// object looks for port: in an object that a server is given.
func (j *jsFile) object(arg []token, name string) {
	tries := 0
	for k, t := range arg {
		if t.kind != ident || t.text != "port" {
			continue
		}
		if tries++; tries > 4 {
			return
		}
		var expr []token
		switch {
		case at(arg, k+1).is(":"):
			expr = expression(arg, k+2)
		case (at(arg, k-1).is("{") || at(arg, k-1).is(",")) && (at(arg, k+1).is(",") || at(arg, k+1).is("}") || k+1 == len(arg)):
			expr = arg[k : k+1]
		default:
			continue
		}
		if p, why, ok := j.value(expr, 0); ok {
			if why == "" {
				why = "literal " + name + "({port: " + p + "})"
			}
			j.addPort(p, j.file, t.line, why)
		}
	}
}

// value finds the port that an expression comes to: a literal (no why), the
// default of a variable, a constant of the same file.
func (j *jsFile) value(expr []token, depth int) (port, why string, ok bool) {
	if depth > 4 || len(expr) == 0 {
		return "", "", false
	}
	if len(expr) == 1 {
		if p, ok := literalPort(expr[0]); ok {
			return p, "", true
		}
	}
	for k, t := range expr {
		if (t.is("||") || t.is("??")) && k > 0 {
			if p, ok := literalPort(at(expr, k+1)); ok {
				return p, "default of " + join(expr[:k]), true
			}
		}
	}
	// Number(port), +port, config.port, port
	inner := expr
	if len(inner) > 3 && (inner[0].is("Number") || inner[0].is("parseInt")) && inner[1].is("(") {
		inner = inner[2:]
		for k, t := range inner {
			if t.is(",") || t.is(")") {
				inner = inner[:k]
				break
			}
		}
	}
	if len(inner) > 1 && inner[0].is("+") {
		inner = inner[1:]
	}
	if len(inner) == 0 || inner[0].kind != ident {
		return "", "", false
	}
	last := inner[len(inner)-1]
	if len(inner) == 1 {
		if v, found := j.vars[last.text]; found {
			if p, why, ok := j.value(v, depth+1); ok {
				if why == "" {
					why = last.text + " = " + p
				}
				return p, why, true
			}
		}
		return "", "", false
	}
	if dot(at(inner, len(inner)-2)) {
		for _, v := range j.props[last.text] {
			if p, why, ok := j.value(v, depth+1); ok {
				if why == "" {
					why = last.text + ": " + p
				}
				return p, why, true
			}
		}
	}
	return "", "", false
}

func join(toks []token) string {
	var b strings.Builder
	for _, t := range toks[:min(len(toks), 8)] {
		b.WriteString(t.text)
	}
	return b.String()
}

// healthAt notes a literal that looks like a health endpoint, unless it is
// what this program asks of another one.
func (j *jsFile) healthAt(i int) {
	toks := j.toks
	t := toks[i]
	prev, callee := at(toks, i-1), at(toks, i-2)
	s := t.text
	// Nest: @Get('healthz'), @Controller('health')
	if prev.is("(") && at(toks, i-3).is("@") && (callee.is("Get") || callee.is("Controller") || callee.is("All")) && !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	p, ok := healthPath(s)
	if !ok || prev.is("+") || at(toks, i+1).is("+") {
		return
	}
	switch {
	case prev.is("(") && callee.kind == ident:
		switch callee.text {
		case "get", "head":
			// app.get registers, axios.get asks.
			if r := at(toks, i-4); dot(at(toks, i-3)) && slices.Contains([]string{"http", "https", "axios", "got", "client", "agent", "superagent", "request", "needle", "ky", "cache", "redis", "map", "headers"}, r.text) {
				return
			}
			j.addHealth(p, j.file, t.line, 0, callee.text+"("+quoted(t)+")")
		case "all", "use", "route", "Get", "Controller", "All", "on", "add":
			j.addHealth(p, j.file, t.line, 0, callee.text+"("+quoted(t)+")")
		case "startsWith", "includes", "endsWith", "test":
			j.addHealth(p, j.file, t.line, 1, callee.text+"("+quoted(t)+")")
		case "fetch", "request", "axios", "got", "URL", "join", "resolve", "post", "put", "delete", "patch", "log", "redirect", "require", "import":
		default:
			j.addHealth(p, j.file, t.line, 2, "literal "+quoted(t))
		}
	case prev.is(":") && (callee.is("url") || callee.is("path")):
		j.addHealth(p, j.file, t.line, 0, callee.text+": "+quoted(t))
	case prev.is("===") || prev.is("==") || prev.is("case") || at(toks, i+1).is("===") || at(toks, i+1).is("=="):
		j.addHealth(p, j.file, t.line, 1, "compared with "+quoted(t))
	default:
		j.addHealth(p, j.file, t.line, 2, "literal "+quoted(t))
	}
}
