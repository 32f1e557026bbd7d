package loopback

import (
	"slices"
	"strings"
	"unicode"
)

// clientPorts are the ports that clients use when an address says none, by the scheme of a URL or by what a variable is named after (IANA's registry, and each program's manual).
var clientPorts = map[string]string{
	"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21", "ldap": "389", "ldaps": "636", "smtp": "25", "mail": "25", "email": "25",
	"postgres": "5432", "postgresql": "5432", "pgsql": "5432", "pg": "5432", "mysql": "3306", "mariadb": "3306", "sqlserver": "1433", "mssql": "1433",
	"redis": "6379", "rediss": "6379", "valkey": "6379", "amqp": "5672", "amqps": "5671", "rabbitmq": "5672", "rabbit": "5672",
	"memcached": "11211", "memcache": "11211", "mongodb": "27017", "mongo": "27017", "elasticsearch": "9200", "opensearch": "9200", "elastic": "9200",
	"nats": "4222", "mqtt": "1883", "kafka": "9092", "statsd": "8125", "etcd": "2379", "consul": "8500", "influxdb": "8086", "clickhouse": "9000", "plaintext": "9092",
	"psql": "5432", "pg_isready": "5432", "pg_dump": "5432", "mysqladmin": "3306", "mysqldump": "3306", "redis-cli": "6379", "mongosh": "27017", "beanstalkd": "11300", "zookeeper": "2181", "minio": "9000", "sphinx": "9306", "meilisearch": "7700",
}

// Words splits the name of a variable, a flag or a key into lower-case words: DB_HOST, db.host, --db-host and dbHost are the same.
func Words(name string) []string {
	var out []string
	var cur []rune
	flush := func() {
		if len(cur) > 0 {
			out, cur = append(out, strings.ToLower(string(cur))), nil
		}
	}
	var before rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(before):
			flush()
			cur = append(cur, r)
		default:
			cur = append(cur, r)
		}
		before = r
	}
	flush()
	return out
}

var hostWords = []string{"host", "hostname", "hosts", "addr", "address", "server", "servers", "ip"}

// stem splits what a host's name is about from the word that says it is a host: DB_HOST is about db, PGHOST about pg.
func stem(name string) ([]string, bool) {
	ws := Words(name)
	if len(ws) == 0 {
		return nil, false
	}
	last := ws[len(ws)-1]
	if slices.Contains(hostWords, last) {
		return ws[:len(ws)-1], true
	}
	if before, ok := strings.CutSuffix(last, "host"); ok {
		return append(slices.Clone(ws[:len(ws)-1]), before), true
	}
	return nil, false
}

func mateable(name string) bool { _, ok := stem(name); return ok }

// Mate reports whether the variable or flag port tells the port to the host that the variable or flag host names: DB_HOST and DB_PORT, PGHOST and PGPORT, --db-host and --db-port.
func Mate(host, port string) bool {
	about, ok := stem(host)
	if !ok {
		return false
	}
	ws := Words(port)
	if len(ws) == 0 {
		return false
	}
	last, isPort := strings.CutSuffix(ws[len(ws)-1], "port")
	if !isPort {
		return false
	}
	if ws = ws[:len(ws)-1]; last != "" {
		ws = append(slices.Clone(ws), last)
	}
	return slices.Equal(about, ws)
}

// ClientPort returns the port that the client which a variable is named after uses when nothing says one: REDIS_HOST leads to 6379. "" when the name tells of no client.
func ClientPort(name string) string {
	about, ok := stem(name)
	if !ok {
		about = Words(name)
	}
	for i := len(about) - 1; i >= 0; i-- {
		if p := clientPorts[about[i]]; p != "" && about[i] != "http" && about[i] != "https" {
			return p
		}
	}
	return ""
}

// Bind reports whether a variable or flag of this name tells a program where to listen, whatever port it speaks of.
func Bind(name string) bool {
	ws := Words(name)
	switch {
	case len(ws) == 0:
		return false
	case slices.ContainsFunc(ws, func(w string) bool { return w == "bind" || w == "listen" || w == "listener" || w == "listeners" }):
		return true
	case len(ws) == 1:
		return name == "-b" || slices.Contains([]string{"host", "hostname", "addr", "address", "ip", "urls"}, ws[0])
	}
	return slices.Equal(ws, []string{"aspnetcore", "urls"}) || slices.Equal(ws, []string{"http", "addr"})
}

// Serves reports whether a name may tell a program where to listen: SERVER_HOST, --http-address. The port decides.
func Serves(name string) bool {
	about, ok := stem(name)
	if !ok {
		return false
	}
	return !slices.ContainsFunc(about, func(w string) bool {
		return !slices.Contains([]string{"http", "https", "web", "server", "service", "srv", "app", "application", "api", "grpc", "admin", "metrics", "health", "my"}, w)
	})
}

// serviceName reports whether a name may as well be about a service that the program calls.
func serviceName(name string) bool {
	about, _ := stem(name)
	return slices.ContainsFunc(about, func(w string) bool { return slices.Contains([]string{"api", "grpc", "service", "srv"}, w) })
}

// Names of values for the browser: by what the name begins with (front-end build tools publish these), and by the words in it.
var (
	browserPrefixes = []string{"NEXT_PUBLIC_", "VITE_", "REACT_APP_", "NUXT_PUBLIC_", "GATSBY_", "EXPO_PUBLIC_", "VUE_APP_", "PUBLIC_", "STORYBOOK_"}
	browserWords    = []string{
		"public url", "base url", "baseurl", "site url", "root url", "external url", "frontend url", "nextauth url", "app url", "cors", "redirect", "redirects", "callback", "callbacks",
		"canonical", "origin", "origins", "issuer",
	}
)

// Browser reports whether a value of this name is for the user's browser, to which the machine's addresses mean something else. name may be that of a variable, a flag or a key.
// A base URL that is named after a client (REDIS_BASE_URL) or says that it is internal is called by the program itself.
func Browser(name string) bool {
	for _, prefix := range browserPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	words := Words(name)
	if slices.Contains(words, "internal") || slices.Contains(words, "upstream") || ClientPort(name) != "" {
		return false
	}
	joined := " " + strings.Join(words, " ") + " "
	return slices.ContainsFunc(browserWords, func(w string) bool { return strings.Contains(joined, " "+w+" ") })
}

// Exempt reports whether hosts in a value of this name are no addresses to go to: what bypasses a proxy.
func Exempt(name string) bool {
	return strings.EqualFold(name, "no_proxy") || strings.EqualFold(name, "--no-proxy")
}
