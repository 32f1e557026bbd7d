// Package procfile reads a Procfile with what stands beside it: .env and app.json.
//
// A Procfile is a Heroku application's list of process types. On a developer's machine foreman, heroku local (node-foreman) or honcho run the same file. Where they differ from
// Heroku, Heroku counts: it is what runs in production. So a process type is restarted for ever, gets SIGTERM with 30 seconds to end, and runs in /app as an unprivileged user;
// foreman does not restart, waits 5 seconds and runs in the Procfile's directory. The port is the exception: Heroku chooses another one for every dyno, so the numbers are those that
// foreman gives.
//
// Files named otherwise (Procfile.dev and the like) are for development and are not read; neither are those below node_modules, vendor, testdata and hidden directories.
package procfile

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/internal/secret"
	"github.com/deploylift/lift/ledger"
)

// Source reads Procfiles.
var Source = detect.Source{
	Name:   "procfile",
	Doc:    "Procfile with .env and app.json beside it (Heroku, foreman, heroku local, honcho)",
	Tier:   detect.Process,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Absent: absent,
}

// match picks the files named Procfile.
func match(paths []string) []string {
	var out []string
	for _, p := range paths {
		if path.Base(p) == "Procfile" && !foreign(path.Dir(p)) {
			out = append(out, p)
		}
	}
	return out
}

// foreign reports whether a directory holds other people's files or no program that is deployed.
func foreign(dir string) bool {
	for name := range strings.SplitSeq(dir, "/") {
		switch name {
		case "node_modules", "bower_components", "vendor", "testdata":
			return true
		}
		if len(name) > 1 && name[0] == '.' {
			return true
		}
	}
	return false
}

// read reads every picked Procfile with its neighbours. The process types of one that is alone, or in the root of the tree, keep their names; those of several in subdirectories get the
// directory in front: api/Procfile's web becomes api-web.
func read(t detect.Tree, picked []string) (detect.Result, error) {
	var rec detect.Recorder
	taken := map[string]ledger.Pos{}
	for _, name := range picked {
		dir := path.Dir(name)
		u := unit{rec: &rec, fs: t.FS, paths: t.Paths, file: name, dir: dir, taken: taken}
		if len(picked) > 1 && dir != "." {
			u.prefix = strings.ReplaceAll(dir, "/", "-") + "-"
		}
		u.read()
	}
	res := rec.Finish(func(s ledger.Setting) (reason, remedy string) {
		return "lift does not know this key", "if it matters, do by hand what it does"
	})
	slices.SortStableFunc(res.Findings, func(a, b ledger.Finding) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Col, b.At.Col))
	})
	return res, nil
}

// process is one process type on its way into the model.
type process struct {
	entry   // of the Procfile
	command // its parsed form
	setting int
	release bool
	port    int64 // what PORT says
	w       *deploy.Workload
}

// listens reports whether the process type has a port: web, and whoever mentions PORT. The release phase has none.
func (p *process) listens() bool { return !p.release && (p.name == "web" || p.usesPort) }

// at returns the path of a place in the process type's workload.
func (p *process) at(names ...string) deploy.Path {
	return deploy.At("workloads", p.w.Name).Join(names...)
}

// setEnv sets a variable of the workload.
func (p *process) setEnv(name string, v deploy.Value) deploy.Path {
	i := slices.IndexFunc(p.w.Env, func(e deploy.Env) bool { return e.Name == name })
	if i < 0 {
		i = len(p.w.Env)
		p.w.Env = append(p.w.Env, deploy.Env{Name: name})
	}
	p.w.Env[i].Value = v
	return p.at("env", name, "value")
}

// hasEnv reports whether the variable is set.
func (p *process) hasEnv(name string) bool {
	return slices.ContainsFunc(p.w.Env, func(e deploy.Env) bool { return e.Name == name })
}

// value classifies a text: secret or plain.
func value(name, text string) deploy.Value {
	if secret.Looks(name, text) {
		return deploy.Secret(text)
	}
	return deploy.Plain(text)
}

// read records all settings of the Procfile and its neighbours and then what each of them gives, from the weakest to the strongest: the platform's defaults, app.json, .env, the Procfile.
// A later claim on a field takes it from an earlier one.
func (u *unit) read() {
	src, ok := u.text(u.file, "a Procfile")
	if !ok {
		return
	}
	entries, faults := parseProcfile(src)
	u.report(u.file, faults)
	if len(entries) == 0 && len(faults) == 0 {
		u.rec.Find(ledger.Warning, ledger.Pos{File: u.file}, "a Procfile without process types", `write for example "web: node server.js", or remove the file`)
	}
	u.entries(entries)
	env := u.dotenv()
	app := u.appJSON()
	u.ignored()

	u.ports(env)
	u.defaults()
	u.appEnv(app)
	for _, e := range env {
		if e.ignored == "" && e.name != "PORT" {
			u.each(e.setting, func(p *process) deploy.Path { return p.setEnv(e.name, value(e.name, e.value)) })
		}
	}
	for _, p := range u.processes {
		u.command(p)
	}
	u.appRest(app)
	for _, p := range u.processes {
		u.rec.App.Workloads = append(u.rec.App.Workloads, *p.w)
		u.rec.Owns = append(u.rec.Owns, p.at())
	}
}

// each lets the setting give one field of every workload. A setting that no workload takes is inert.
func (u *unit) each(setting int, set func(p *process) deploy.Path) {
	var fields []deploy.Path
	for _, p := range u.processes {
		fields = append(fields, set(p))
	}
	if len(fields) == 0 {
		u.rec.Inert(setting, "the Procfile has no process type that could take it")
		return
	}
	u.rec.Convert(setting, fields...)
}

// entries records the lines of the Procfile and decides which of them become workloads: of two with one name the later.
func (u *unit) entries(entries []entry) {
	last := map[string]int{}
	for i, e := range entries {
		last[e.name] = i
	}
	at := map[string]*process{}
	for i, e := range entries {
		pos := ledger.Pos{File: u.file, Line: e.line, Col: 1}
		s := u.rec.Setting(pos, e.name, deploy.Secret(e.text))
		p := at[e.name]
		if p == nil { // its place is where the name stands first, as in heroku local
			p = &process{}
			at[e.name] = p
			u.processes = append(u.processes, p)
		}
		if j := last[e.name]; j != i {
			by := ledger.Pos{File: u.file, Line: entries[j].line}
			u.rec.Override(s, "overridden by "+by.String())
			u.rec.Find(ledger.Warning, pos, "process type "+strconv.Quote(e.name)+" is defined again in line "+strconv.Itoa(by.Line)+
				": heroku local runs the later one, foreman both, honcho none", "remove one of them or give it another name")
			continue
		}
		cmd, bad := parseCommand(e.text)
		if bad != nil {
			u.rec.Find(ledger.Error, ledger.Pos{File: u.file, Line: e.line, Col: e.col + bad.column - 1}, e.name+": "+bad.what, bad.remedy)
			u.rec.Drop(s, "no shell can read the command", bad.remedy)
			continue
		}
		name := u.prefix + e.name
		if other, ok := u.taken[name]; ok {
			u.rec.Find(ledger.Error, pos, "workload "+strconv.Quote(name)+" is defined by "+other.String()+" as well", "give one of the process types another name")
			u.rec.Drop(s, "its name is taken by "+other.String(), "give one of the process types another name")
			continue
		}
		u.taken[name] = pos
		*p = process{entry: e, command: cmd, setting: s, release: e.name == "release", w: &deploy.Workload{Name: name}}
		u.rec.Place(p.at(), pos)
	}
	u.processes = slices.DeleteFunc(u.processes, func(p *process) bool { return p.w == nil })
}

// ports decides which PORT every process type gets: 5000 and 100 more for each following one, or from the PORT of .env upwards. The release phase is not counted, as in heroku local,
// because it is over before the others start.
func (u *unit) ports(env []envLine) {
	base, setting := int64(5000), -1
	for _, e := range env {
		if e.name != "PORT" || e.ignored != "" {
			continue
		}
		n, err := strconv.ParseInt(e.value, 10, 64)
		if err != nil || n < 1 || n+100*int64(len(u.processes)) > 65535 {
			u.rec.Bad(e.setting, "PORT is no port number that leaves room for %d process types; write for example PORT=5000", len(u.processes))
			continue
		}
		base, setting = n, e.setting
	}
	var fields []deploy.Path // what the PORT of .env gives itself; the others' numbers follow from it
	listeners := slices.ContainsFunc(u.processes, (*process).listens)
	index := int64(0)
	for i, p := range u.processes {
		p.port = base + 100*index
		if p.release {
			p.port = base // it runs alone
			if i < len(u.processes)-1 {
				next := u.processes[i+1]
				u.rec.Find(ledger.Info, u.rec.At(p.setting), "foreman and honcho count release among the process types: there "+next.name+" gets PORT="+strconv.FormatInt(base+100*(index+1), 10)+
					", in heroku local and here "+strconv.FormatInt(base+100*index, 10), "move release to the end of the Procfile and all agree")
			}
		} else {
			index++
		}
		number := strconv.FormatInt(p.port, 10)
		field := p.setEnv("PORT", deploy.Plain(number))
		if setting >= 0 && (p.listens() || !listeners && i == 0) {
			fields = append(fields, field)
		} else { // implied: that a process type has a PORT does not mean that it listens
			u.imply(specForeman, u.prefix+p.name+" PORT", number, field)
		}
	}
	switch {
	case setting < 0:
	case len(fields) == 0:
		u.rec.Inert(setting, "the Procfile has no process type that could take it")
	default:
		u.rec.Convert(setting, fields...)
	}
}

// command lets the Procfile's line give the command, with what stands in front of it and what it reads.
func (u *unit) command(p *process) {
	line, at := p.setting, u.rec.At(p.setting)
	hidden := secretIn(p.text)
	if secretIn(p.script) || secretIn(strings.Join(p.argv, " ")) { // what stands in front of the command is a variable by now
		u.rec.Find(ledger.Warning, at, "the command of "+p.name+" holds a secret, which everybody sees who lists the processes", "write it as $NAME and put NAME into .env")
	}
	kind := deploy.Service
	if p.release {
		kind = deploy.Job
	}
	p.w.Kind = deploy.Some(kind)
	fields := []deploy.Path{p.at("kind")}
	for _, a := range p.assigned {
		v := value(a.name, a.value)
		hidden = hidden || v.IsSecret()
		fields = append(fields, p.setEnv(a.name, v))
	}
	u.port(p, &fields)
	for _, name := range p.reads {
		switch {
		case name == "DYNO" || name == "PS":
			u.rec.Find(ledger.Warning, at, p.name+" uses $"+name+", which names the running instance on Heroku or under foreman only", "use $HOSTNAME")
		case p.hasEnv(name) || shellSets(name):
		default:
			fields = append(fields, p.setEnv(name, deploy.Param(name, secret.Name(name))))
			u.rec.Find(ledger.Warning, at, p.name+" uses $"+name+", which nothing here sets", "write it into .env, or supply it where the result is deployed")
		}
	}
	if !hidden {
		u.rec.Show(line)
	}
	u.rec.Convert(line, fields...)

	if len(p.argv) > 0 {
		p.w.Command.Argv = deploy.Args(p.argv...)
		u.rec.Convert(line, p.at("command", "argv"))
		return
	}
	p.w.Command = deploy.Command{Argv: deploy.Args(p.script), Shell: deploy.Some(p.shell)}
	if p.bash != "" {
		u.rec.Find(ledger.Info, at, p.name+" uses "+p.bash+" of bash: Heroku runs it with bash, foreman and heroku local with /bin/sh, which may not know it", "")
	}
	if p.direct {
		u.rec.Convert(line, p.at("command", "argv"), p.at("command", "shell"))
		return
	}
	u.rec.Approximate(line, "the shell stays between the platform and the program ("+p.why+"): whoever signals the main process alone reaches the shell",
		"put the command into a script that ends with exec, or into a single command", p.at("command", "argv"), p.at("command", "shell"))
}

// port lets the process type listen. A PORT that the line itself sets counts.
func (u *unit) port(p *process, fields *[]deploy.Path) {
	own := false
	for _, a := range p.assigned {
		if a.name != "PORT" {
			continue
		}
		n, err := strconv.ParseUint(a.value, 10, 16)
		if err != nil || n == 0 {
			u.rec.Find(ledger.Error, u.rec.At(p.setting), p.name+": PORT is no port number", "write for example PORT=5000")
			return
		}
		p.port, own = int64(n), true
	}
	if !p.listens() {
		return
	}
	number := strconv.FormatInt(p.port, 10)
	port := deploy.Port{Number: number + "/tcp", Reachable: deploy.Some(true)}
	claim := func(spec, what, value, field string) {
		f := p.at("ports", port.Number, field)
		if own {
			*fields = append(*fields, f)
			return
		}
		u.imply(spec, u.prefix+p.name+" "+what, value, f)
	}
	if p.name == "web" { // Heroku's router speaks HTTP to web alone and offers it to the world
		port.Protocol, port.Published = deploy.Some("http"), deploy.Some(number)
		claim(specRouter, "protocol", "http", "protocol")
		claim(specRouter, "published", number, "published")
	}
	p.w.Ports = []deploy.Port{port}
	claim(specForeman, "listens on", number, "reachable")
}
