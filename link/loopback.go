package link

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/internal/loopback"
	"github.com/deploylift/lift/ledger"
)

// Use is a place in a file or in code that counts on the machine itself: nobody rewrites it, so a person must.
type Use struct {
	At      ledger.Pos
	Verdict loopback.Verdict
	Address string // as it stands there
	Owner   string // the workload that it leads to, by the name that the source gives it
	What    string // instead of a verdict: a right that goes with the machine's own address, or why it stays
	Remedy  string
	Info    bool // good to know, no more
}

// Finding says what has to change there. name tells what a workload is called from now on.
func (u Use) Finding(name func(workload string) string) ledger.Finding {
	f := ledger.Finding{Severity: ledger.Warning, At: u.At, What: u.What, Remedy: u.Remedy}
	if u.Info {
		f.Severity = ledger.Info
	}
	if u.What != "" {
		return f
	}
	host, port := u.Address, ""
	if i := strings.LastIndexByte(u.Address, ':'); i >= 0 && !strings.HasSuffix(u.Address, "::1") {
		host, port = u.Address[:i], u.Address[i:]
	}
	switch u.Verdict {
	case loopback.Call:
		f.What = u.Address + " no longer leads to " + name(u.Owner) + ", which has a container of its own"
		f.Remedy = "write " + name(u.Owner) + port + " in the place of " + host + port
	case loopback.Listen:
		f.What = u.Address + " is where " + name(u.Owner) + " listens, and nothing outside of its container reaches that"
		f.Remedy = "write 0.0.0.0" + port + " in the place of " + host + port
	case loopback.Several:
		f.What = u.Address + " may lead to " + u.Owner + ", which claim the same port"
		f.Remedy = "write the name of the one that is meant"
	default:
		f.What = u.Address + " leads to the machine itself, where no workload listens; in a container it leads nowhere"
		f.Remedy = "name the machine or service that listens there"
	}
	return f
}

var wordInCode = lazyregexp.New(`[A-Za-z_][A-Za-z0-9_]*`)

// Code finds, among the strings in the code of the workloads' programs, addresses of other workloads. A string that only stands in for a variable is of no account where the variable is
// set, nor is one for the browser.
func Code(app deploy.App, texts []detect.Text) []Use {
	owners := loopback.Owners(app)
	var out []Use
	for _, x := range texts {
		i := slices.IndexFunc(app.Workloads, func(w deploy.Workload) bool { return w.Name == x.Workload })
		if i < 0 {
			continue
		}
		w := app.Workloads[i]
		words := []string{}
		for _, m := range wordInCode.FindAllStringSubmatch(x.Whole, -1) {
			words = append(words, m[0])
		}
		if slices.ContainsFunc(words, func(n string) bool {
			return loopback.Browser(n) || slices.ContainsFunc(w.Env, func(e deploy.Env) bool { return e.Name == n })
		}) {
			continue
		}
		if what, remedy := trust(words, x.Whole); what != "" {
			out = append(out, Use{At: x.At, What: what, Remedy: remedy})
			continue
		}
		for _, a := range loopback.Find(x.Value, owners.Hosts...) {
			port := loopback.PortOf([]loopback.Var{{Text: x.Value}}, 0, a, "")
			if port == "" {
				port = beside(x.Whole, owners)
			}
			v := loopback.Var{Text: x.Value}
			verdict, owner := owners.Judge(w, v, a, port)
			called := a.Scheme != "" && a.Scheme != "user" && !strings.HasPrefix(a.Scheme, "http") && !strings.HasPrefix(a.Scheme, "ws")
			if verdict != loopback.Call && verdict != loopback.Several && !(verdict == loopback.Nobody && called) {
				continue // where a program listens by itself is known by now, and a web address may be anybody's
			}
			at := x.At
			at.Line += strings.Count(x.Value[:a.Start], "\n")
			out = append(out, Use{At: at, Verdict: verdict, Address: address(x.Value, a, port), Owner: owner})
		}
	}
	return distinct(out)
}

// address is the address as a person knows it.
func address(text string, a loopback.Address, port string) string {
	if port == "" {
		return text[a.Start:a.End]
	}
	return text[a.Start:a.End] + ":" + port
}

var (
	numbers  = lazyregexp.New(`\d+`)
	hostPort = lazyregexp.New(`(?:[\d\]]|(?i:localhost)):$`)
)

// beside looks for a port that is owned in a line of code with a lone host: connect("127.0.0.1", 6379). The ports of other addresses in the line do not count.
func beside(line string, owners loopback.Table) string {
	for _, m := range numbers.FindAllStringIndex(line, -1) {
		if n := line[m[0]:m[1]]; len(owners.Of("127.0.0.1", n)) > 0 && !hostPort.MatchString(line[:m[0]]) {
			return n
		}
	}
	return ""
}

func trust(names []string, line string) (what, remedy string) {
	for _, n := range names {
		if what, remedy = loopback.Trust(n, line); what != "" {
			return n + " " + what, remedy
		}
	}
	if what, remedy = loopback.TrustLine(line); what != "" {
		what = "this " + what
	}
	return what, remedy
}

// maxConfig bounds the size of a file that is taken for configuration.
const maxConfig = 1 << 20

// Files finds addresses of other workloads in the configuration files that the workloads are started with: paths in their arguments and variables that the tree has. Files that tell a
// database who may come in are looked at wherever they are.
func Files(t detect.Tree, r detect.Result) []Use {
	owners := loopback.Owners(r.App)
	var out []Use
	for _, w := range r.App.Workloads {
		seen := map[string]bool{}
		read := func(value string, from deploy.Path) {
			machine, tree, ok := configFile(t, r, w, value)
			if !ok || seen[tree] {
				return
			}
			seen[tree] = true
			data, err := fs.ReadFile(t.FS, tree)
			if err != nil || len(data) > maxConfig || slices.Contains(data, 0) {
				return
			}
			out = append(out, file(w, owners, tree, string(data))...)
			if !within(w, machine) {
				out = append(out, Use{
					At: position(r.Doc, from), What: w.Name + " reads " + machine + ", which is " + tree + " in the tree, and neither its image nor a volume has it",
					Remedy: "copy it into the image, or mount it at that path",
				})
			}
		}
		words := make([]string, len(w.Command.Argv))
		for i, word := range w.Command.Argv {
			words[i] = word.String()
		}
		if w.Command.Shell.IsSet() {
			words = strings.Fields(strings.Join(words, " "))
		}
		for i, v := range loopback.Arguments(words) {
			if i > 0 {
				read(v.Text, deploy.At("workloads", w.Name, "command", "argv"))
			}
		}
		for _, e := range w.Env {
			if text, known := e.Value.Reveal(); known && !e.Value.IsSecret() {
				read(text, deploy.At("workloads", w.Name, "env", e.Name, "value"))
			}
		}
	}
	for _, p := range t.Paths {
		if base := path.Base(p); base == "pg_hba.conf" || base == "redis.conf" {
			if data, err := fs.ReadFile(t.FS, p); err == nil && len(data) <= maxConfig {
				out = append(out, rights(p, string(data))...)
			}
		}
	}
	return distinct(out)
}

// configFile returns the machine's path and the tree's of a configuration file that a value names.
func configFile(t detect.Tree, r detect.Result, w deploy.Workload, value string) (machine, tree string, ok bool) {
	value = strings.TrimPrefix(value, "file:")
	value = strings.TrimPrefix(value, "//")
	if !config(path.Ext(value)) || strings.ContainsAny(value, " \n*${}") {
		return "", "", false
	}
	machine = path.Clean(value)
	if !path.IsAbs(value) {
		machine = path.Join(w.Dir.Or("/"), value)
	}
	if rest, in := strings.CutPrefix(machine, w.Source.Installed.Or("/nowhere")+"/"); in {
		if p := path.Join(w.Source.Dir.Or("."), rest); known(t, p) {
			return machine, p, true
		}
	}
	if tree, ok = t.Machine(machine, position(r.Doc, deploy.At("workloads", w.Name, "command", "argv")).File); ok && known(t, tree) {
		return machine, tree, true
	}
	return "", "", false
}

func known(t detect.Tree, p string) bool {
	_, ok := slices.BinarySearch(t.Paths, p)
	return ok
}

// config reports whether files with this extension hold configuration: not code, which the language's reader knows, nor certificates and data.
func config(ext string) bool {
	return slices.Contains([]string{".ini", ".conf", ".cfg", ".cnf", ".config", ".yaml", ".yml", ".toml", ".json", ".properties", ".env", ".xml", ".hcl", ".edn"}, ext)
}

// within reports whether the path is in the image or in a mount.
func within(w deploy.Workload, machine string) bool {
	if dir, ok := w.Source.Installed.Get(); ok && (machine == dir || strings.HasPrefix(machine, strings.TrimSuffix(dir, "/")+"/")) {
		return true
	}
	return slices.ContainsFunc(w.Mounts, func(m deploy.Mount) bool { return strings.HasPrefix(machine, strings.TrimSuffix(m.Path, "/")+"/") })
}

// position returns where a place of the model comes from.
func position(doc ledger.Doc, p deploy.Path) ledger.Pos {
	for _, rd := range doc.Reads {
		if slices.Contains(rd.Fields, p) && doc.Settings[rd.Setting].At.File != "" {
			return doc.Settings[rd.Setting].At
		}
	}
	return ledger.Pos{}
}

// keyLine is KEY = VALUE, KEY: VALUE or KEY VALUE. A colon without a space is part of a value, such as a URL's, unless the key is quoted.
var keyLine = lazyregexp.New(`^([\s\-]*)["']?([A-Za-z_][\w.\-]*)(?:["']\s*:\s*|\s*=\s*|\s*:(?:\s+|$)|\s+)(.*)$`)

// entry is a line of a configuration file. Its name has the section or the keys above it before its own.
type entry struct {
	line  int
	group string // of entries that speak of one thing
	v     loopback.Var
}

// entries reads the keys and values of a file in any of the usual forms (INI, properties, YAML, TOML, JSON, words and values); what is no such line is a value without a name.
func entries(text string) []entry {
	type key struct {
		indent int
		name   string
	}
	var out []entry
	var above []key
	section, n := "", 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.IndexByte("#;!", trimmed[0]) >= 0 || strings.HasPrefix(trimmed, "//"):
			continue
		case trimmed[0] == '[' && strings.HasSuffix(trimmed, "]") && !strings.ContainsAny(trimmed, `,"'`):
			section, above = strings.Trim(trimmed, "[]")+".", nil
			continue
		}
		if i := strings.Index(line, " #"); i > 0 {
			line = line[:i]
		}
		m := keyLine.FindStringSubmatch(line)
		if m == nil {
			out = append(out, entry{n, "", loopback.Var{Text: strings.Trim(trimmed, `,"'`)}})
			continue
		}
		for len(above) > 0 && above[len(above)-1].indent >= len(m[1]) {
			above = above[:len(above)-1]
		}
		group := section
		for _, k := range above {
			group += k.name + "."
		}
		value := strings.Trim(strings.TrimSuffix(strings.TrimSpace(m[3]), ","), `"'`)
		if value == "" || value == "{" || value == "[" { // what follows, deeper, belongs to this key
			above = append(above, key{len(m[1]), m[2]})
		}
		out = append(out, entry{n, group, loopback.Var{Name: group + m[2], Text: value}})
	}
	return out
}

// file judges the lines of a configuration file that a workload reads.
func file(w deploy.Workload, owners loopback.Table, p, text string) []Use {
	var out []Use
	list := entries(text)
	for i, e := range list {
		at := ledger.Pos{File: p, Line: e.line}
		if what, remedy := trust([]string{e.v.Name}, e.v.Text); what != "" {
			out = append(out, Use{At: at, What: what, Remedy: remedy})
			continue
		}
		found := loopback.Find(e.v.Text, owners.Hosts...)
		if len(found) == 0 || loopback.Exempt(e.v.Name) {
			continue
		}
		if loopback.Browser(e.v.Name) {
			out = append(out, Use{At: at, Info: true, What: e.v.Name + " is left as it is: a browser or another site follows " + e.v.Text[found[0].Start:found[0].End] + " to the machine that it runs on", Remedy: "set the public address of the new place"})
			continue
		}
		vars, self := []loopback.Var{}, 0
		for k, o := range list {
			if o.group != e.group {
				continue
			}
			if k == i {
				self = len(vars)
			}
			vars = append(vars, o.v)
		}
		listens := false
		for _, a := range found {
			port := loopback.PortOf(vars, self, a, "")
			verdict, owner := owners.Judge(w, e.v, a, port)
			if verdict == loopback.Keep || verdict == loopback.Private || verdict == loopback.NoPort || listens && verdict == loopback.Listen {
				continue
			}
			listens = verdict == loopback.Listen
			shown := e.v.Text[a.Start:a.End]
			if !a.Lone && !a.Default {
				shown += ":" + port
			}
			out = append(out, Use{At: at, Verdict: verdict, Address: shown, Owner: owner})
		}
	}
	return out
}

// rights lists the lines of a database's file that let in who comes from the machine itself.
func rights(p, text string) []Use {
	var out []Use
	n := 0
	for line := range strings.Lines(text) {
		n++
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		what, remedy := trust([]string{name}, value)
		if what == "" {
			what, remedy = trust(nil, line)
		}
		if what != "" {
			out = append(out, Use{At: ledger.Pos{File: p, Line: n}, What: what, Remedy: remedy})
		}
	}
	return out
}

func distinct(list []Use) []Use {
	var out []Use
	for _, u := range list {
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}
