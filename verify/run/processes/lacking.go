//go:build linux

package processes

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// packages are Debian's packages of programs that sources start by their names.
var packages = map[string]string{
	"nginx": "nginx-light", "redis-server": "redis-server", "memcached": "memcached", "haproxy": "haproxy", "postgres": "postgresql", "mysqld": "mariadb-server", "mariadbd": "mariadb-server", "caddy": "caddy",
	"apache2": "apache2", "rabbitmq-server": "rabbitmq-server", "mosquitto": "mosquitto", "php-fpm": "php-fpm", "gunicorn": "gunicorn", "uwsgi": "uwsgi", "celery": "python3-celery", "java": "default-jre-headless",
	"ruby": "ruby", "perl": "perl", "php": "php-cli", "node": "nodejs", "python3": "python3",
}

// lacking tells, before anything is built, all that the machine does not have and nothing brings.
func (p *plan) lacking() error {
	var errs []error
	for _, w := range p.sys.App.Workloads {
		_, takes := p.witness(w)
		if !takes {
			errs = append(errs, p.startable(w))
		}
		for _, m := range w.Mounts {
			host := path.Clean(m.Host.Or(m.Path))
			if takes || !m.Kind.Is(deploy.MountHost) || p.brings(host) {
				continue
			}
			errs = append(errs, run.Error{
				What:   w.Name + ": " + host + " is not on this machine",
				Remedy: "put there what the workload is to find, or into the tree below the directory that holds the machine's files (the one with etc/systemd or etc/nginx in it)",
			})
		}
	}
	return errors.Join(errs...)
}

// brings reports whether a path is on the machine, or will be in the side.
func (p *plan) brings(at string) bool {
	for _, known := range []string{at, filepath.Join(p.scratch, "machine", at)} {
		if _, err := os.Lstat(known); err == nil {
			return true
		}
	}
	for _, m := range p.made {
		if under(at, m.at) {
			return true
		}
	}
	return slices.ContainsFunc(p.sys.App.Workloads, func(w deploy.Workload) bool {
		return slices.ContainsFunc(w.Mounts, func(m deploy.Mount) bool { return !m.Kind.Is(deploy.MountHost) && under(at, m.Path) })
	})
}

// startable looks for the program that a workload starts by its name.
func (p *plan) startable(w deploy.Workload) error {
	if w.Command.Shell.IsSet() || len(w.Command.Argv) == 0 || w.Command.Entrypoint.IsSet() {
		return nil
	}
	program, ok := w.Command.Argv[0].Literal()
	if !ok || strings.Contains(program, "/") || interpreter(program) != "" {
		return nil
	}
	if m := p.program[w.Name]; m != nil && m.venv != "" {
		return nil // it comes with what is installed, or not: that shows then
	}
	search := searchPath
	for _, e := range w.Env {
		if t, known := e.Value.Reveal(); known && e.Name == "PATH" {
			search = t
		}
	}
	if found(program, []string{"PATH=" + search}) {
		return nil
	}
	remedy := "install the package that it is of"
	if name := packages[program]; name != "" {
		remedy = "install the package " + name
	}
	return run.Error{What: w.Name + ": " + program + " is not on this machine", Remedy: remedy}
}
