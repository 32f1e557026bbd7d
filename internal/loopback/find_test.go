package loopback

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		"http://127.0.0.1:8001":                             "127.0.0.1>8001",
		"http://127.0.0.1:8001/api?x=localhost:1#localhost": "127.0.0.1>8001",
		"http://localhost":                                  "localhost>80*",
		"HTTPS://LOCALHOST/":                                "LOCALHOST>443*",
		"http://[::1]:8001/":                                "[::1]>8001",
		"http://0.0.0.0:8001/":                              "0.0.0.0>8001",
		"postgres://shop@127.0.0.1/shop":                    "127.0.0.1>5432*",
		"postgresql+psycopg2://u:p@localhost:5433/x":        "localhost>5433",
		"postgres://u:p/w#1@127.0.0.1/db":                   "127.0.0.1>5432*",
		"postgres://localhost@db.example/localhost":         "",
		"redis://:pw@127.0.0.1:6379/0":                      "127.0.0.1>6379",
		"mongodb://a:b@127.0.0.1:27017,localhost,db3/x":     "127.0.0.1>27017 localhost>27017*",
		"http://127.0.0.1:1,http://localhost:2":             "127.0.0.1>1 localhost>2",
		"nats://a:4222,nats://127.0.0.1:4222":               "127.0.0.1>4222",
		"jdbc:postgresql://localhost/shop?user=localhost":   "localhost>5432*",
		"jdbc:mysql://127.0.0.1:3307,db/shop":               "127.0.0.1>3307",
		"jdbc:sqlserver://localhost;databaseName=x":         "localhost>1433*",
		"jdbc:oracle:thin:@localhost:1521:orcl":             "localhost>1521",
		"shop:pw@tcp(127.0.0.1:3306)/shop":                  "127.0.0.1>3306",
		"shop:pw@tcp(localhost)/shop":                       "localhost>3306*",
		"shop:pw@unix(/run/mysqld/mysqld.sock)/shop":        "",
		"host=127.0.0.1 port=5433 dbname=localhost user=x":  "127.0.0.1>5433",
		"dbname=shop host=localhost":                        "localhost>5432*",
		"host=db1,localhost port=5432 dbname=x":             "localhost>5432*",
		"Server=127.0.0.1,1433;Initial Catalog=x":           "127.0.0.1>1433",
		"Server=tcp:localhost;Initial Catalog=x":            "localhost>1433*",
		"Server=localhost;Port=3307;Uid=shop":               "localhost>3307",
		"mysql:host=localhost;dbname=shop":                  "localhost>3306*",
		"pgsql:host=127.0.0.1;port=5432;dbname=shop":        "127.0.0.1>5432",
		`{"host": "127.0.0.1", "port": 6379}`:               "127.0.0.1>6379",
		`["http://127.0.0.1:9200","http://[::1]:9201"]`:     "127.0.0.1>9200 [::1]>9201",
		"127.0.0.1:6379":                                    "127.0.0.1>6379",
		"[::1]:6379":                                        "[::1]>6379",
		"localhost:6379/0":                                  "localhost>6379",
		"127.0.0.1:11211, localhost:11212":                  "127.0.0.1>11211 localhost>11212",
		"tcp:127.0.0.1:5432":                                "127.0.0.1>5432",
		"127.0.0.1":                                         "127.0.0.1>?",
		"::1":                                               "::1>?",
		"localhost":                                         "localhost>?",
		"localhost,127.0.0.1,.internal":                     "localhost>? 127.0.0.1>?",
		"root@localhost":                                    "",
		"worker@localhost:5":                                "localhost>5",
		"app --db=127.0.0.1:5432 --x localhost:1":           "127.0.0.1>5432 localhost>1",
		"http://127.0.0.1:${PORT}/":                         "127.0.0.1>${PORT}",
		"notlocalhost:80 localhost.example:80":              "",
		"http://localhost.example:80":                       "",
		"10.127.0.0.1:80 127.0.0.1.nip.io:80":               "",
		"see localhost, or not":                             "localhost>?",
		"/srv/localhost:80/x":                               "",
		"http://example.org/?next=http://localhost:3000/":   "",
		"file://localhost/etc/x":                            "",
		"127.0.0.1:99999999":                                "",
		"":                                                  "",
	} {
		var got []string
		for _, a := range Find(text) {
			p := a.Port
			if a.Default {
				p += "*"
			}
			if a.Lone {
				p = "?"
			}
			got = append(got, text[a.Start:a.End]+">"+p)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s:\n got %s\nwant %s", text, g, want)
		}
	}
}

func TestFindFurtherAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"http://10.0.0.5:8001/x":            "10.0.0.5",
		"10.0.0.5:8001,10.0.0.50:8001":      "10.0.0.5",
		"http://[fd00::1]:8001/":            "[fd00::1]",
		"210.0.0.5:1 10.0.0.5.example.org:": "",
	} {
		var got []string
		for _, a := range Find(text, "10.0.0.5", "fd00::1") {
			got = append(got, text[a.Start:a.End])
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %s, want %s", text, g, want)
		}
	}
}

func TestSockets(t *testing.T) {
	for text, want := range map[string]string{
		"shop:pw@unix(/var/run/mysqld/mysqld.sock)/shop": "/run/mysqld/mysqld.sock",
		"unix:/run/shop.sock":                            "/run/shop.sock",
		"postgresql:///shop?host=/var/run/postgresql":    "/run/postgresql",
		"unix:///run/a.sock,unix:///run/b.socket":        "/run/a.sock /run/b.socket",
		"postgresql:///shop":                             "/run/postgresql",
		"postgres://shop@/shop":                          "/run/postgresql",
		"dbname=shop user=shop":                          "/run/postgresql",
		"dbname=shop host=db":                            "",
		"postgres://shop@db/shop?dbname=x":               "",
		"file:///etc/x":                                  "",
		"/srv/socks/readme":                              "",
		"http://x.sockets.example":                       "",
	} {
		if g := strings.Join(Sockets(text), " "); g != want {
			t.Errorf("%s: got %q, want %q", text, g, want)
		}
	}
}

// Replacing keeps everything but the hosts, byte for byte: what stands between the hosts is there afterwards, in order, and the hosts that were found are gone.
func TestReplaceKeepsTheRest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	bits := []string{
		"127.0.0.1", "localhost", "[::1]", "::1", "0.0.0.0", "10.0.0.5", "db", ":", "5432", "/", "://", "http", "postgres", "@", "u:p", ",", ";", " ", "host=", "port=", "tcp(", ")", "\"", "'", "{", "}", "[", "]",
		"${X}", "é", "\\", "?", "#", "&", "jdbc:", "\t", "=", "127.", "::", "$", "\n",
	}
	for range 30000 {
		var b strings.Builder
		for range 1 + r.IntN(9) {
			b.WriteString(bits[r.IntN(len(bits))])
		}
		text := b.String()
		found := Find(text, "10.0.0.5")
		last := 0
		var keep strings.Builder
		for _, a := range found {
			if a.Start < last || a.End > len(text) || text[a.Start:a.End] != "10.0.0.5" && !Is(text[a.Start:a.End]) {
				t.Fatalf("%q: %+v is no host", text, a)
			}
			keep.WriteString(text[last:a.Start] + "\x00")
			last = a.End
		}
		keep.WriteString(text[last:])
		if got := Replace(text, found, func(Address) string { return "\x00" }); got != keep.String() {
			t.Fatalf("%q became %q, want %q", text, got, keep.String())
		}
		if got := Replace(text, found, func(Address) string { return "" }); got != text {
			t.Fatalf("%q became %q without a name", text, got)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("postgres://u:p@127.0.0.1:5432,localhost/db")
	f.Add("host=localhost port=5432 x")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, a := range Find(text) {
			if a.Start < last || !Is(text[a.Start:a.End]) {
				t.Fatalf("%q: %+v", text, a)
			}
			last = a.End
		}
	})
}

func TestNames(t *testing.T) {
	for _, m := range []string{"DB_HOST DB_PORT", "PGHOST PGPORT", "--db-host --db-port", "HOST PORT", "host port", "dbHost dbPort", "db.host db.port", "redis_server redis_port"} {
		h, p, _ := strings.Cut(m, " ")
		if !Mate(h, p) {
			t.Errorf("%s and %s are a pair", h, p)
		}
	}
	for _, m := range []string{"DB_HOST REDIS_PORT", "DB_HOST PORT", "DB DB_PORT", "HOST DB_PORT"} {
		h, p, _ := strings.Cut(m, " ")
		if Mate(h, p) {
			t.Errorf("%s and %s are no pair", h, p)
		}
	}
	for name, want := range map[string]string{"REDIS_HOST": "6379", "PGHOST": "5432", "SHOP_POSTGRES_HOST": "5432", "MEMCACHED_SERVERS": "11211", "DB_HOST": "", "MONGO_HOST": "27017", "HTTP_HOST": "", "RABBITMQ_HOST": "5672", "MYSQL_HOST": "3306"} {
		if got := ClientPort(name); got != want {
			t.Errorf("ClientPort(%s) = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"NEXT_PUBLIC_API", "VITE_API_URL", "CORS_ORIGINS", "OAUTH_REDIRECT_URI", "BASE_URL", "PUBLIC_URL", "CSRF_TRUSTED_ORIGINS"} {
		if !Browser(name) {
			t.Errorf("%s is for the browser", name)
		}
	}
	for _, name := range []string{"CATALOGUE_URL", "REDIS_BASE_URL", "INTERNAL_BASE_URL", "DATABASE_URL"} {
		if Browser(name) {
			t.Errorf("%s is not for the browser", name)
		}
	}
	for _, name := range []string{"HOST", "BIND", "LISTEN_ADDR", "--listen", "-b", "ASPNETCORE_URLS", "--bind"} {
		if !Bind(name) {
			t.Errorf("%s says where to listen", name)
		}
	}
	for _, name := range []string{"DB_HOST", "", "--upstream", "CATALOGUE_URL"} {
		if Bind(name) {
			t.Errorf("%s does not say where to listen", name)
		}
	}
}

func TestArguments(t *testing.T) {
	var got []string
	for _, v := range Arguments([]string{"/x", "--db", "127.0.0.1:5432", "--up=http://localhost:1/?a=b", "-b127.0.0.1:80", "-v", "--q", "host=localhost port=1", "A=b", "rest"}) {
		got = append(got, fmt.Sprintf("%s|%s|%d|%d", v.Name, v.Text, v.Word, v.Start))
	}
	want := "|/x|0|0 --db|127.0.0.1:5432|2|0 --up|http://localhost:1/?a=b|3|5 -b|127.0.0.1:80|4|2 --q|host=localhost port=1|7|0 A|b|8|2 |rest|9|0"
	if g := strings.Join(got, " "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

func TestTrust(t *testing.T) {
	for _, v := range []string{"FORWARDED_ALLOW_IPS 127.0.0.1", "--forwarded-allow-ips 127.0.0.1", "TRUST_PROXY loopback", "TRUSTED_PROXIES 127.0.0.1/8,::1", "USE_X_FORWARDED_HOST True", "ALLOWED_HOSTS 127.0.0.1,localhost", "protected-mode yes"} {
		name, value, _ := strings.Cut(v, " ")
		if what, remedy := Trust(name, value); what == "" || remedy == "" {
			t.Errorf("%s is trust", v)
		}
	}
	for _, v := range []string{"FORWARDED_ALLOW_IPS *", "USE_X_FORWARDED_HOST false", "ALLOWED_HOSTS shop.example", "protected-mode no", "DB_HOST 127.0.0.1"} {
		name, value, _ := strings.Cut(v, " ")
		if what, _ := Trust(name, value); what != "" {
			t.Errorf("%s is no trust: %s", v, what)
		}
	}
	for line, want := range map[string]bool{
		"host all all 127.0.0.1/32 trust":         true,
		"host  shop shop ::1/128  scram-sha-256":  true,
		"local all all peer":                      false,
		"host all all 10.0.0.0/8 scram-sha-256":   false,
		"app.set('trust proxy', 'loopback')":      true,
		"app.set('trust proxy', 1)":               false,
		"# host all all 127.0.0.1/32 trust":       false,
		"hostssl all all 127.0.0.1 255.0.0.0 md5": true,
	} {
		if what, _ := TrustLine(line); (what != "") != want {
			t.Errorf("%s: %q", line, what)
		}
	}
}
