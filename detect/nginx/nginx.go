// Package nginx reads nginx configurations as they lie on a machine: the proxy in front of the programs.
//
// The proxy becomes a workload of its own, nginx in the foreground, with its whole configuration as one file: included files stand where they are included, log files are standard output and
// error, and addresses of the machine itself have their ports written out, so that a step can lead them to the workloads that listen there. All else stays as it is, comments included.
package nginx

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
)

// Source reads nginx configurations.
var Source = detect.Source{
	Name:   "nginx",
	Doc:    "nginx configurations below etc/nginx: nginx.conf, sites-enabled, conf.d",
	Tier:   detect.Process,
	Match:  match,
	Read:   read,
	Keys:   keys,
	Sample: sample,
	Absent: absent,
}

// match picks nginx.conf and the sites of directories that are a machine's /etc/nginx: those below etc, and others called nginx where nothing tells that they belong to an image.
func match(paths []string) []string {
	image := slices.ContainsFunc(paths, func(p string) bool {
		base := path.Base(p)
		return base == "Dockerfile" || strings.HasSuffix(base, ".Dockerfile") || strings.HasPrefix(base, "compose.y") || strings.HasPrefix(base, "docker-compose.")
	})
	var out []string
	for _, p := range paths {
		home, rest := homeOf(p)
		if home == "" || foreign(home) || image && !isEtc(home) {
			continue
		}
		switch dir, _ := path.Split(rest); {
		case rest == "nginx.conf", dir == "sites-enabled/", dir == "sites-available/", dir == "conf.d/" && strings.HasSuffix(rest, ".conf"):
			if !strings.HasSuffix(rest, "~") && path.Base(rest)[0] != '.' {
				out = append(out, p)
			}
		}
	}
	return out
}

// homeOf divides the path of a file below a directory called nginx into that directory and the rest.
func homeOf(p string) (home, rest string) {
	if i := strings.LastIndex("/"+p, "/nginx/"); i >= 0 {
		return p[:i+len("nginx")], p[i+len("nginx/"):]
	}
	return "", ""
}

// isEtc reports whether the directory is an /etc/nginx.
func isEtc(home string) bool { return home == "etc/nginx" || strings.HasSuffix(home, "/etc/nginx") }

// foreign reports whether a directory holds other people's files.
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

// read reads each configuration. One that is alone is the workload nginx; of several each has the name of its place in front.
func read(t detect.Tree, picked []string) (detect.Result, error) {
	var rec detect.Recorder
	var homes []string
	for _, p := range picked {
		if home, _ := homeOf(p); !slices.Contains(homes, home) {
			homes = append(homes, home)
		}
	}
	for _, home := range homes {
		name := "nginx"
		if place := strings.Trim(strings.TrimSuffix(strings.TrimSuffix(home, "nginx"), "etc/"), "/"); len(homes) > 1 && place != "" {
			name = strings.ReplaceAll(place, "/", "-") + "-nginx"
		}
		p := &proxy{rec: &rec, tree: t, home: home, w: deploy.Workload{Name: name}, at: deploy.At("workloads", name), edits: edits{}, upstreams: map[string]bool{}}
		p.read(picked)
		rec.App.Workloads = append(rec.App.Workloads, p.w)
		rec.Owns = append(rec.Owns, p.at)
	}
	return rec.Finish(func(ledger.Setting) (reason, remedy string) {
		return "lift does not know this directive", "if it matters, do by hand what it does"
	}), nil
}

// exists reports whether the tree has the file, and can read it.
func (p *proxy) exists(file string) bool {
	_, err := fs.Stat(p.tree.FS, file)
	return err == nil
}
