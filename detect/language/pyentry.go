package language

import (
	"path"
	"slices"
	"strings"
)

// mainFiles are the names under which Python programs begin, best first.
var mainFiles = []string{"app.py", "main.py", "manage.py", "__main__.py", "server.py", "run.py", "wsgi.py", "asgi.py", "worker.py", "bot.py"}

// entryPoints fills Main and App from the few files that programs begin with.
func entryPoints(t *tree, p *Program) {
	if m, ok := t.manage(p.Dir); ok {
		p.Main = Fact{relative(m, p.Dir), m, 0, "the file exists"}
		django(t, p, m)
		if p.Framework.Value == "" {
			p.Framework = Fact{"django", m, 0, "manage.py"}
		}
		if p.App.Value != "" {
			return
		}
	}
	var entry []string
	for _, dir := range entryDirs(t, p.Dir) {
		for _, name := range mainFiles {
			if f := path.Join(dir, name); t.has(f) && name != "manage.py" {
				entry = append(entry, f)
			}
		}
	}
	if len(entry) == 0 {
		// Not a usual name: the scripts of the directory itself.
		for _, f := range t.files(p.Dir) {
			if _, base := split(f); isPythonSource(base) && base != "setup.py" && base != "__init__.py" && !strings.HasSuffix(base, "conf.py") {
				entry = append(entry, f)
			}
		}
	}
	for _, f := range entry[:min(len(entry), 24)] {
		data, err := t.read(f)
		if err != nil {
			continue
		}
		toks := python(string(data))
		rel := relative(f, p.Dir)
		if app, ok := appObject(toks); ok && p.App.Value == "" {
			p.App = Fact{moduleName(rel) + ":" + app.Value, f, app.Line, app.Why}
			if p.Framework.Value == "" {
				p.Framework = Fact{frameworkOf(app.Why), f, app.Line, app.Why}
			}
		}
		if line, ok := runsAsMain(toks); ok && p.Main.Value == "" {
			p.Main = Fact{rel, f, line, `if __name__ == "__main__"`}
		}
	}
	if p.Main.Value == "" && len(entry) > 0 && slices.Contains(mainFiles, path.Base(entry[0])) {
		p.Main = Fact{relative(entry[0], p.Dir), entry[0], 0, "the file exists"}
	}
}

// manage finds Django's manage.py in dir or one directory below.
func (t *tree) manage(dir string) (string, bool) {
	for _, d := range entryDirs(t, dir) {
		if p := path.Join(d, "manage.py"); t.has(p) {
			return p, true
		}
	}
	return "", false
}

// entryDirs are the directory itself, src and the packages one level below
// both, bounded.
func entryDirs(t *tree, dir string) []string {
	out := []string{dir}
	for _, d := range []string{dir, path.Join(dir, "src")} {
		_, subs := t.list(d)
		for _, first := range subs {
			if len(out) == 16 {
				break
			}
			sub := path.Join(d, first)
			if sub == path.Join(dir, "src") || skipped(first) {
				continue
			}
			if _, ok := t.within(sub, append([]string{"__init__.py"}, mainFiles...)...); ok {
				if _, own := t.within(sub, "pyproject.toml", "requirements.txt", "Pipfile", "setup.py"); !own {
					out = append(out, sub)
				}
			}
		}
		if d == dir && t.hasDir(path.Join(dir, "src")) {
			out = append(out, path.Join(dir, "src"))
		}
	}
	return out
}

// django follows manage.py to the settings and their WSGI_APPLICATION.
func django(t *tree, p *Program, manage string) {
	data, err := t.read(manage)
	if err != nil {
		return
	}
	toks := python(string(data))
	settings := ""
	for i := range toks {
		if toks[i].isString() && toks[i].text == "DJANGO_SETTINGS_MODULE" && i+2 < len(toks) && toks[i+2].isString() {
			settings = toks[i+2].text
		}
	}
	if settings == "" {
		return
	}
	root, _ := split(manage)
	for depth := 0; depth < 3; depth++ {
		file, ok := moduleFile(t, root, settings)
		if !ok {
			return
		}
		data, err := t.read(file)
		if err != nil {
			return
		}
		toks := python(string(data))
		collectStatic(p, manage, file, toks)
		app := func(name string) (Fact, bool) {
			for i := range toks {
				if toks[i].is(name) && toks[i].nl && i+2 < len(toks) && toks[i+1].is("=") && toks[i+2].isString() {
					return Fact{toks[i+2].text, file, toks[i].line, name}, true
				}
			}
			return Fact{}, false
		}
		if f, ok := app("WSGI_APPLICATION"); ok {
			if mod, obj, ok := cutLast(f.Value, "."); ok {
				f.Value = mod + ":" + obj
			}
			p.App = f
			return
		}
		if f, ok := app("ASGI_APPLICATION"); ok {
			if mod, obj, ok := cutLast(f.Value, "."); ok {
				f.Value = mod + ":" + obj
			}
			p.App = f
			return
		}
		// settings/production.py begins with "from .base import *".
		next := ""
		for i := range toks {
			if toks[i].is("from") && toks[i].nl {
				if mod, end := dottedName(toks, i+1); end+1 < len(toks) && toks[end].is("import") && toks[end+1].is("*") {
					next = absolute(mod, settings, path.Base(file) == "__init__.py")
					break
				}
			}
		}
		if next == "" {
			return
		}
		settings = next
	}
}

// collectStatic makes the gathering of Django's static files a part of the build, where the settings say that there are some. Variables that the settings cannot do without get a
// text that only the build sees.
func collectStatic(p *Program, manage, file string, toks []token) {
	line, app := 0, false
	var need []string
	for i := range toks {
		switch {
		case toks[i].is("STATIC_ROOT") && toks[i].nl && at(toks, i+1).is("="):
			line = toks[i].line
		case toks[i].isString() && toks[i].text == "django.contrib.staticfiles":
			app = true
		case toks[i].is("environ") && at(toks, i+1).is("[") && at(toks, i+2).isString() && at(toks, i+3).is("]"):
			if name := at(toks, i+2).text; spanIdent(name) == len(name) && !slices.Contains(need, name+"=unused") {
				need = append(need, name+"=unused")
			}
		}
	}
	if line == 0 || !app {
		return
	}
	p.Build = Fact{strings.Join(append(need, "python3 "+relative(manage, p.Dir)+" collectstatic --no-input"), " "), file, line, "STATIC_ROOT"}
}

// appObject finds `app = FastAPI()`, `application = Flask(__name__)`,
// `application = get_wsgi_application()` at the top of a module.
func appObject(toks []token) (Fact, bool) {
	for i := range toks {
		if !toks[i].nl || toks[i].in > 0 || toks[i].kind != ident || i+3 >= len(toks) {
			continue
		}
		j := i + 1
		if toks[j].is(":") { // app: FastAPI = FastAPI()
			for j < len(toks) && toks[j].kind != newline && !toks[j].is("=") {
				j++
			}
		}
		if j >= len(toks) || !toks[j].is("=") {
			continue
		}
		name, end := dottedName(toks, j+1)
		if end >= len(toks) || !toks[end].is("(") {
			continue
		}
		_, class, ok := cutLast(name, ".")
		if !ok {
			class = name
		}
		if kind := appClasses[class]; kind != "" {
			return Fact{toks[i].text, "", toks[i].line, toks[i].text + " = " + class + "(…), " + kind}, true
		}
	}
	return Fact{}, false
}

// appClasses are the classes and functions that make a WSGI or ASGI object.
var appClasses = map[string]string{
	"Flask": "WSGI", "get_wsgi_application": "WSGI", "Bottle": "WSGI", "default_app": "WSGI",
	"FastAPI": "ASGI", "Starlette": "ASGI", "Quart": "ASGI", "Litestar": "ASGI", "get_asgi_application": "ASGI", "Sanic": "ASGI",
}

func frameworkOf(why string) string {
	for _, f := range []struct{ class, name string }{
		{"Flask(", "flask"},
		{"FastAPI(", "fastapi"},
		{"Starlette(", "starlette"},
		{"Quart(", "quart"},
		{"Litestar(", "litestar"},
		{"Sanic(", "sanic"},
		{"Bottle(", "bottle"},
		{"default_app(", "bottle"},
		{"get_wsgi_application(", "django"},
		{"get_asgi_application(", "django"},
	} {
		if strings.Contains(why, f.class) {
			return f.name
		}
	}
	return ""
}

// runsAsMain finds `if __name__ == "__main__":`.
func runsAsMain(toks []token) (int, bool) {
	for i := 0; i+3 < len(toks); i++ {
		if toks[i].is("if") && toks[i].nl && (toks[i+1].is("__name__") && toks[i+3].text == "__main__" || toks[i+3].is("__name__") && toks[i+1].text == "__main__") {
			return toks[i].line, true
		}
	}
	return 0, false
}

// pythonScripts makes a program of a directory that has scripts and no build
// file.
func pythonScripts(t *tree, dir string, opened *int) (Program, bool) {
	var files []string
	for _, name := range mainFiles {
		if f := path.Join(dir, name); t.has(f) {
			files = append(files, f)
		}
	}
	for _, f := range t.files(dir) {
		if _, base := split(f); isPythonSource(base) && !slices.Contains(files, f) {
			files = append(files, f)
		}
	}
	for _, f := range files {
		if *opened++; *opened > maxScripts {
			return Program{}, false
		}
		data, err := t.read(f)
		if err != nil {
			continue
		}
		if line, ok := runsAsMain(python(string(data))); ok {
			p := Program{Dir: dir, Language: Fact{"python", f, line, `if __name__ == "__main__"`}}
			pr := pyProject{dir: dir}
			p.Version = pr.version(t)
			p.Manager, p.Install = Fact{Why: "no dependencies"}, Fact{Why: "no dependencies"}
			p.Build = Fact{File: f, Why: "Python needs no build"}
			entryPoints(t, &p)
			if p.Main.Value == "" {
				p.Main = Fact{relative(f, dir), f, line, `if __name__ == "__main__"`}
			}
			pr.start(&p)
			p.Name = baseName(dir, nameAfterMain(p.Main.Value))
			return p, true
		}
	}
	return Program{}, false
}

// dottedName reads a.b.c, or .b for a relative import, from token i and
// returns the index after it.
func dottedName(toks []token, i int) (string, int) {
	var b strings.Builder
	for i < len(toks) && !toks[i].nl {
		if !toks[i].is(".") && toks[i].kind != ident || toks[i].is("import") {
			break
		}
		if toks[i].kind == ident && i > 0 && b.Len() > 0 && toks[i-1].kind == ident {
			break
		}
		b.WriteString(toks[i].text)
		i++
	}
	return b.String(), i
}

// absolute resolves a relative module name (.base) as seen from module.
func absolute(name, module string, isPackage bool) string {
	dots := len(name) - len(strings.TrimLeft(name, "."))
	if dots == 0 {
		return name
	}
	parts := strings.Split(module, ".")
	if isPackage {
		dots--
	}
	if module == "" || dots > len(parts) {
		return strings.TrimLeft(name, ".")
	}
	return strings.Trim(strings.Join(parts[:len(parts)-dots], ".")+"."+strings.TrimLeft(name, "."), ".")
}

// moduleFile finds the file of a module below root.
func moduleFile(t *tree, root, module string) (string, bool) {
	if module == "" || len(module) > 512 {
		return "", false
	}
	p := path.Join(root, strings.ReplaceAll(module, ".", "/"))
	for _, f := range []string{p + ".py", p + "/__init__.py"} {
		if t.has(f) {
			return f, true
		}
	}
	return "", false
}

func moduleName(file string) string {
	file = strings.TrimSuffix(strings.TrimSuffix(file, ".py"), "/__init__")
	return strings.ReplaceAll(strings.TrimPrefix(file, "src/"), "/", ".")
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
