package nginx

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/detect/nginx/conf"
	"github.com/deploylift/lift/ledger"
)

const (
	configHome = "/etc/nginx" // what relative paths of a configuration are relative to
	mainFile   = configHome + "/nginx.conf"
)

// packaged are files that distributions install with nginx and that the image of nginx does not have: what they say stands in the configuration. The main file does so where the tree has the
// sites alone.
var packaged = map[string]string{
	mainFile: `# The tree has no nginx.conf: this is what a distribution's says.
user www-data;
worker_processes auto;
pid /run/nginx.pid;

events {
    worker_connections 768;
}

http {
    sendfile on;
    tcp_nopush on;
    include mime.types;
    default_type application/octet-stream;
    gzip on;

    include conf.d/*.conf;
    include sites-enabled/*;
}
`,
	configHome + "/proxy_params": `proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`,
	configHome + "/fastcgi.conf": `include fastcgi_params;
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
`,
	configHome + "/snippets/fastcgi-php.conf": `fastcgi_split_path_info ^(.+?\.php)(/.*)$;
try_files $fastcgi_script_name =404;
set $path_info $fastcgi_path_info;
fastcgi_param PATH_INFO $path_info;
fastcgi_index index.php;
include fastcgi.conf;
`,
}

// inImage are files that the image of nginx has at the same place.
var inImage = map[string]bool{
	configHome + "/mime.types": true, configHome + "/fastcgi_params": true, configHome + "/uwsgi_params": true, configHome + "/scgi_params": true,
}

// load reads the main file with all that it includes.
func (p *proxy) load() *conf.File {
	main := p.home + "/nginx.conf"
	if !p.exists(main) {
		main = mainFile
	}
	f, bad := conf.Load(main, func(name string) (string, error) {
		if text, ok := packaged[name]; ok {
			return text, nil
		}
		src, err := fs.ReadFile(p.tree.FS, name)
		return string(src), err
	}, p.find, isKnown)
	for _, b := range bad {
		p.rec.Find(ledger.Error, ledger.Pos{File: b.File, Line: b.Line, Col: b.Col}, b.What, b.Remedy)
	}
	return f
}

// find leads from the argument of an include to files of the tree.
func (p *proxy) find(pattern string) conf.Found {
	at := path.Clean(pattern)
	if !path.IsAbs(at) {
		at = path.Join(configHome, at)
	}
	local, known := p.local(at)
	if strings.ContainsAny(at, "*?[") {
		if _, err := path.Match(at, ""); err != nil {
			return conf.Found{What: "include " + pattern + " is no pattern", Remedy: "close the ["}
		}
		paths := p.glob(local)
		if dir, enabled := strings.CutSuffix(local, "/sites-enabled/*"); len(paths) == 0 && enabled {
			if paths = p.glob(dir + "/sites-available/*"); len(paths) > 0 {
				p.rec.Find(ledger.Info, ledger.Pos{File: paths[0]}, "sites-enabled is not in the tree: all of sites-available are taken as enabled", "add the links of sites-enabled if some are not")
			}
		}
		if len(paths) == 0 && !known && !strings.HasPrefix(at, "/usr/share/nginx/modules/") {
			return outside(pattern)
		}
		return conf.Found{Paths: paths}
	}
	switch {
	case known && p.exists(local):
		return conf.Found{Paths: []string{local}}
	case inImage[at]:
		return conf.Found{Keep: true}
	case packaged[at] != "" && at != mainFile:
		return conf.Found{Paths: []string{at}}
	case !known:
		return outside(pattern)
	}
	return conf.Found{What: "include " + pattern + ": there is no " + local + " in the tree", Remedy: "add the file as it is on the machine, or take the include out"}
}

func outside(pattern string) conf.Found {
	return conf.Found{What: "include " + pattern + " leads out of the tree", Remedy: "add the file below etc/nginx, or say in lift.yaml, paths:, where it is"}
}

// local returns where in the tree a path of the machine is, and whether the tree has a place for it.
func (p *proxy) local(at string) (string, bool) {
	best := ""
	for from := range p.tree.Map {
		if (at == from || strings.HasPrefix(at, strings.TrimSuffix(from, "/")+"/")) && len(from) > len(best) {
			best = from
		}
	}
	if best != "" {
		return path.Join(p.tree.Map[best], strings.TrimPrefix(at, best)), true
	}
	if rest, ok := strings.CutPrefix(at, configHome+"/"); ok {
		return p.home + "/" + rest, true
	}
	if isEtc(p.home) {
		local := path.Join(strings.TrimSuffix(p.home, "etc/nginx"), at[1:])
		dir := path.Dir(local)
		return local, slices.ContainsFunc(p.tree.Paths, func(q string) bool { return strings.HasPrefix(q, dir+"/") })
	}
	return at, false
}

// glob lists the files that fit a pattern, in their order. A link that leads out of the tree, as those of sites-enabled do on a machine, stands for the site of its name.
func (p *proxy) glob(pattern string) []string {
	var out []string
	for _, q := range p.tree.Paths {
		if ok, err := path.Match(pattern, q); !ok || err != nil || path.Base(q)[0] == '.' && path.Base(pattern)[0] != '.' {
			continue
		}
		if dir, isSite := strings.CutSuffix(path.Dir(q), "/sites-enabled"); !p.exists(q) && isSite {
			if other := dir + "/sites-available/" + path.Base(q); p.exists(other) {
				q = other
			}
		}
		out = append(out, q)
	}
	return out
}
