package language

import (
	"path"
	"strings"
)

// fileServers are programs that hand out the files of a directory, with the options that take a value.
var fileServers = map[string]string{
	"serve":       "-l --listen -p -c --config --ssl-cert --ssl-key --ssl-pass",
	"http-server": "-p --port -a -c -P --proxy -e --ext -t --cors",
	"http.server": "-b --bind -p --protocol",
}

// files finds the directory of the tree that a server of mere files hands out: as it is, or as the build of a package.json makes it.
func (e *enricher) files(inv invocation, c Command) (p Program, root string, ok bool) {
	valued, ok := fileServers[inv.server]
	if !ok {
		return p, "", false
	}
	served, _ := positional(inv.given, valued, true)
	if inv.server == "http.server" {
		served = ""
		for i, a := range inv.given {
			opt, v, joined := strings.Cut(a, "=")
			if !joined && i+1 < len(inv.given) {
				v = inv.given[i+1]
			}
			if opt == "-d" || opt == "--directory" {
				served = v
			}
		}
	}
	dir := c.Dir
	if inv.chdir != "" {
		dir = path.Join(dir, inv.chdir)
	}
	below := ""
	switch {
	case path.IsAbs(served):
		if in, ok := strings.CutPrefix(served+"/", strings.TrimSuffix(dir, "/")+"/"); ok && dir != "" {
			below = path.Clean(in)
		} else {
			dir, below = path.Clean(served), "."
		}
	default:
		below = path.Clean(served + "/.")
	}
	home, ok := e.homeOf(dir, below, c.Pairs)
	if !ok {
		return p, "", false
	}
	p = Program{Name: path.Base(home), Dir: home, Language: Fact{Value: "static", Why: "the command hands out the files of " + path.Join(dir, below)}}
	p.Main = Fact{Value: below, Why: p.Language.Why}
	p.Framework = Fact{Value: inv.server, Why: "the command runs " + inv.server}
	file := path.Join(home, "package.json")
	if v, ok := e.packageJSON(file); ok && !e.tree.hasDir(path.Join(home, below)) || ok && below == "." {
		if text, _ := v.str("scripts", "build"); text != "" {
			one := nodePackage(e.tree, v, home, file, nil, map[string]value{file: v})
			p.Version, p.Manager, p.Lockfile, p.Install, p.Build, p.Manifests = one.Version, one.Manager, one.Lockfile, one.Install, one.Build, one.Manifests
		}
	}
	return p, dir, true
}

// homeOf finds the directory of the tree that the machine has as dir: by what the user says, by the directories above what is handed out, or by the build that makes it.
func (e *enricher) homeOf(dir, below string, pairs []Pair) (string, bool) {
	if pair, ok := longestPair(pairs, dir); ok {
		return path.Join(path.Clean(pair.Tree), relative(dir, path.Clean(pair.Machine))), true
	}
	elems := strings.Split(strings.Trim(dir, "/"), "/")
	for i := range elems {
		home := path.Join(elems[i:]...)
		if home != "" && (e.tree.has(path.Join(home, "package.json")) || e.tree.has(path.Join(home, below, "index.html"))) {
			return home, true
		}
	}
	if e.tree.has(path.Join(below, "index.html")) || below != "." && e.tree.hasDir(below) {
		return ".", true
	}
	if v, ok := e.packageJSON("package.json"); ok {
		if text, _ := v.str("scripts", "build"); text != "" && below != "." {
			return ".", true
		}
	}
	return "", false
}

func (e *enricher) packageJSON(file string) (value, bool) {
	if !e.tree.has(file) {
		return value{}, false
	}
	data, err := e.tree.read(file)
	if err != nil {
		return value{}, false
	}
	v, _, err := parseJSON(data)
	return v, err == nil && v.kind == '{'
}
