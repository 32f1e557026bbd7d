package language

import (
	"path"
	"slices"
	"strings"
)

// owners are the Debian packages that programs come from, by the program's path (packages.debian.org, "contents"). NAME-N stands for packages with their version in the name.
var owners = map[string]string{
	"/usr/sbin/nginx":              "nginx",
	"/usr/sbin/apache2":            "apache2",
	"/usr/sbin/apachectl":          "apache2",
	"/usr/sbin/haproxy":            "haproxy",
	"/usr/sbin/varnishd":           "varnish",
	"/usr/sbin/squid":              "squid",
	"/usr/bin/redis-server":        "redis-server",
	"/usr/bin/redis-sentinel":      "redis-sentinel",
	"/usr/bin/memcached":           "memcached",
	"/usr/sbin/mysqld":             "mariadb-server",
	"/usr/sbin/mariadbd":           "mariadb-server",
	"/usr/sbin/rabbitmq-server":    "rabbitmq-server",
	"/usr/bin/beanstalkd":          "beanstalkd",
	"/usr/sbin/mosquitto":          "mosquitto",
	"/usr/sbin/slapd":              "slapd",
	"/usr/sbin/postfix":            "postfix",
	"/usr/sbin/exim4":              "exim4-daemon-light",
	"/usr/sbin/unbound":            "unbound",
	"/usr/sbin/named":              "bind9",
	"/usr/sbin/dnsmasq":            "dnsmasq-base",
	"/usr/bin/pgbouncer":           "pgbouncer",
	"/usr/sbin/pgbouncer":          "pgbouncer",
	"/usr/bin/prometheus":          "prometheus",
	"/usr/bin/stunnel4":            "stunnel4",
	"/usr/sbin/vsftpd":             "vsftpd",
	"/usr/bin/uwsgi":               "uwsgi",
	"/usr/sbin/tor":                "tor",
	"/usr/bin/transmission-daemon": "transmission-daemon",
}

// releases are the Debian releases whose package of that name has the version: of PostgreSQL and PHP each release has one.
var releases = map[string]string{
	"postgresql-13": "bullseye", "postgresql-15": "bookworm", "postgresql-17": "trixie",
	"php7.4-fpm": "bullseye", "php8.2-fpm": "bookworm", "php8.4-fpm": "trixie",
}

// machineDirs are where packages keep their configuration, beside the files that a command names.
var machineDirs = map[string][]string{
	"nginx": {"/etc/nginx"}, "apache2": {"/etc/apache2"}, "haproxy": {"/etc/haproxy"}, "varnish": {"/etc/varnish"}, "squid": {"/etc/squid"}, "mariadb-server": {"/etc/mysql"},
	"rabbitmq-server": {"/etc/rabbitmq"}, "mosquitto": {"/etc/mosquitto"}, "redis-server": {"/etc/redis"}, "pgbouncer": {"/etc/pgbouncer"}, "prometheus": {"/etc/prometheus"},
}

// packageOf returns the Debian package that a program of the machine comes from, and the release that has it, where the path tells.
func packageOf(exec string) (pkg, release string) {
	exec = path.Clean(exec)
	if after, ok := strings.CutPrefix(exec, "/bin/"); ok {
		exec = "/usr/bin/" + after
	} else if after, ok := strings.CutPrefix(exec, "/sbin/"); ok {
		exec = "/usr/sbin/" + after
	}
	pkg = owners[exec]
	if v, ok := strings.CutPrefix(exec, "/usr/lib/postgresql/"); ok {
		if v, ok = strings.CutSuffix(v, "/bin/postgres"); ok {
			pkg = "postgresql-" + v
		}
	}
	if v, ok := strings.CutPrefix(exec, "/usr/sbin/php-fpm"); ok && v != "" {
		pkg = "php" + v + "-fpm"
	}
	return pkg, releases[pkg]
}

// packaged finds a package of Debian's for what no program of the tree is.
func (e *enricher) packaged(inv invocation) (p Program, root string, ok bool) {
	pkg, release := packageOf(inv.exec)
	if pkg == "" {
		return p, "", false
	}
	p = Program{Name: pkg, Dir: ".", Language: Fact{Value: "debian", Why: "the command runs " + inv.exec + ", which is of Debian's package " + pkg}}
	p.Main = Fact{Value: pkg, Why: p.Language.Why}
	if release != "" {
		p.Version = Fact{Value: release, Why: "the command runs " + inv.exec + ": Debian " + release + " has " + pkg}
	}
	e.configuration(&p, pkg, inv)
	return p, "", true
}

// configuration looks in the tree for the files that the command names, and the package's own directory of them: deploy/etc/redis/redis.conf.
func (e *enricher) configuration(p *Program, pkg string, inv invocation) {
	wanted := slices.Clone(machineDirs[pkg])
	for _, a := range inv.args {
		if _, v, ok := strings.Cut(a, "="); ok {
			a = v
		}
		if path.IsAbs(a) && !slices.ContainsFunc(wanted, func(d string) bool { return inside(a, d) }) {
			wanted = append(wanted, path.Clean(a))
		}
	}
	for _, w := range wanted {
		for _, f := range e.tree.paths {
			i := strings.Index("/"+f, w+"/")
			if i < 0 && strings.HasSuffix("/"+f, w) {
				i = len(f) + 1 - len(w)
			}
			if i < 0 || skipped(path.Dir(f)) {
				continue
			}
			home := path.Clean(("/" + f)[:i] + "/.")[1:]
			if home == "" {
				home = "."
			}
			if p.Context.Value != "" && p.Context.Value != home {
				continue
			}
			part := strings.TrimPrefix(w, "/")
			if p.Context.Value == "" {
				p.Context = Fact{home, f, 0, "configuration of " + pkg}
			}
			if !slices.Contains(p.Parts, part) {
				p.Parts = append(p.Parts, part)
			}
		}
	}
}
