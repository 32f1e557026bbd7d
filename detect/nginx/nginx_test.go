package nginx

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/detect/nginx/conf"
	"github.com/deploylift/lift/internal/conform"
	"github.com/deploylift/lift/verify"
)

func TestTotal(t *testing.T) {
	conform.Total(t, Source, map[string]string{"etc/nginx/nginx.conf": "events {}\nhttp { server { listen 80; } }\n"})
}

func readFiles(t testing.TB, files map[string]string) (detect.Result, string) {
	t.Helper()
	m := fstest.MapFS{}
	for p, text := range files {
		m[p] = &fstest.MapFile{Data: []byte(text)}
	}
	tree := detect.Tree{FS: m, Paths: slices.Sorted(maps.Keys(files)), Map: map[string]string{"/opt/shop": "."}}
	res, err := Source.Read(tree, Source.Match(tree.Paths))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range verify.Claims(res.App, res.Doc) {
		t.Errorf("%v", p)
	}
	var out strings.Builder
	for _, w := range res.App.Workloads {
		for _, p := range w.Ports {
			fmt.Fprintf(&out, "port %s at %s %s\n", p.Number, p.Address, p.Protocol)
		}
		for _, x := range w.Mounts {
			fmt.Fprintf(&out, "mount %s\n", x.Path)
		}
	}
	for _, c := range res.Calls {
		fmt.Fprintf(&out, "call %s\n", c.Address)
	}
	for _, f := range res.Findings {
		fmt.Fprintf(&out, "%s %s\n", f.Severity, f)
	}
	return res, out.String()
}

// server puts directives into a server.
func server(text string) map[string]string {
	return map[string]string{"etc/nginx/nginx.conf": "events {}\nhttp {\nserver {\n" + text + "\n}\n}\n"}
}

func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "port 80/tcp at 0.0.0.0 http\n",
		"listen 8080; listen [::]:8080;":   "port 8080/tcp at 0.0.0.0 http\n",
		"listen 127.0.0.1:81;":             "port 81/tcp at 127.0.0.1 http\n",
		"listen 10.0.0.1;":                 "port 80/tcp at 10.0.0.1 http\n",
		"listen 443 ssl; listen 443 quic;": "port 443/tcp at 0.0.0.0 \nport 443/udp at 0.0.0.0 \n",
		"proxy_pass http://localhost;":     "port 80/tcp at 0.0.0.0 http\ncall localhost:80\n",
		"proxy_pass https://[::1]/x;":      "port 80/tcp at 0.0.0.0 http\ncall [::1]:443\n",
		"proxy_pass http://10.1.1.1:90;":   "port 80/tcp at 0.0.0.0 http\n",
		"fastcgi_pass 127.0.0.1:9000;":     "port 80/tcp at 0.0.0.0 http\ncall 127.0.0.1:9000\n",
		"root /srv/x;":                     "port 80/tcp at 0.0.0.0 http\nmount /srv/x\n",
		"root /srv/$host/x;":               "port 80/tcp at 0.0.0.0 http\nmount /srv\n",
		"ssl_certificate /etc/letsencrypt/live/a/b.pem; ssl_certificate_key /etc/letsencrypt/live/a/k.pem;": "port 80/tcp at 0.0.0.0 http\nmount /etc/letsencrypt\n",
		"ssl_certificate site.pem;":          "port 80/tcp at 0.0.0.0 http\nmount /etc/nginx/site.pem\n",
		"proxy_pass http://unix:/run/a/b:/;": "port 80/tcp at 0.0.0.0 http\nmount /run/a\nwarning etc/nginx/nginx.conf:4: proxy_pass leads to the socket /run/a/b, which a program on the machine makes: in a container of its own it is out of reach; let the program listen on a port, or mount /run/a into its container as well: the proxy has it already\n",
		"listen x:y;":                        "error etc/nginx/nginx.conf:4: listen names no port; write for example listen 80; or listen 127.0.0.1:8080;\n",
	} {
		if _, got := readFiles(t, server(text)); got != want {
			t.Errorf("%s: got\n%swant\n%s", text, got, want)
		}
	}
}

// What changes in the configuration: from a directive in a server to what stands there afterwards.
func TestContent(t *testing.T) {
	for text, want := range map[string]string{
		"gzip on; # why": "gzip on; # why",
		"access_log /var/log/nginx/a.log main gzip=5;": "access_log /dev/stdout main ;",
		"access_log off;":                                             "access_log off;",
		"error_log /var/log/nginx/e.log warn;":                        "error_log /dev/stderr warn;",
		"proxy_pass http://localhost/x;":                              "proxy_pass http://localhost:80/x;",
		"proxy_pass http://localhost:81/x;":                           "proxy_pass http://localhost:81/x;",
		"proxy_set_header Authorization \"Basic c2hvcA==\"; gzip on;": "# left out: proxy_set_header\n gzip on;",
		"proxy_set_header Authorization $http_authorization;":         "proxy_set_header Authorization $http_authorization;",
		"more_set_headers \"A: b\";":                                  "# left out: more_set_headers",
		"gzpi on;":                                                    "# left out: gzpi",
		"include proxy_params;":                                       "proxy_set_header X-Real-IP $remote_addr;",
		"include fastcgi_params;":                                     "include fastcgi_params;",
	} {
		res, _ := readFiles(t, server(text))
		if got := res.App.Workloads[0].Files[0].Content.Or(""); !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("%s: %q is missing in\n%s", text, want, got)
		}
	}
}

func TestFindings(t *testing.T) {
	for text, want := range map[string]string{
		"gzpi on;":                        `etc/nginx/nginx.conf:4: gzpi dropped: the modules of nginx itself know no such directive, and nginx would not start with it; did you mean gzip?`,
		"include /srv/else/*.conf;":       "include /srv/else/*.conf leads out of the tree; add the file below etc/nginx",
		"include ../../../x;":             "include ../../../x leads out of the tree",
		"include conf.d/none;":            "include conf.d/none: there is no etc/nginx/conf.d/none in the tree",
		"include nginx.conf;":             "include of etc/nginx/nginx.conf goes round in a loop",
		"allow 127.0.0.1;":                "allow 127.0.0.1 speaks of the machine itself",
		"listen 80\nserver_name a;":       "etc/nginx/nginx.conf:4: listen is not ended: server_name begins in line 5",
		"proxy_pass http://127.0.0.1:$p;": "makes an address of the machine itself of variables",
		"if ($http_x_token = \"hunter2-canary\") { return 403; }": "if compares with a secret",
	} {
		_, got := readFiles(t, server(text))
		if !strings.Contains(got, want) || strings.Contains(got, "canary") {
			t.Errorf("%s: got\n%swant\n%s", text, got, want)
		}
	}
}

// proxy_set_header is inherited only where a level has none of its own.
func TestHost(t *testing.T) {
	for text, differs := range map[string]bool{
		"location / { proxy_pass http://127.0.0.1:1/; }":                                                                     true,
		"proxy_set_header Host $host; location / { proxy_pass http://127.0.0.1:1/; }":                                        false,
		"proxy_set_header Host $host; location / { proxy_set_header X 1; proxy_pass http://127.0.0.1:1/; }":                  true,
		"proxy_set_header X 1; location / { include proxy_params; proxy_pass http://127.0.0.1:1/; }":                         false,
		"location / { proxy_pass http://127.0.0.1:1; include proxy_params; location /a { proxy_pass http://127.0.0.1:1; } }": false,
	} {
		res, _ := readFiles(t, server(text))
		got := false
		for _, r := range res.Doc.Reads {
			got = got || strings.HasPrefix(r.Reason, "without proxy_set_header Host")
		}
		if got != differs {
			t.Errorf("%s: the backend sees another host: %v, want %v", text, got, differs)
		}
	}
}

func TestTree(t *testing.T) {
	main := "events {}\nhttp {\n    include /etc/nginx/sites-enabled/*;\n    include /opt/shop/extra.conf;\n    include mime.types;\n}\n"
	res, got := readFiles(t, map[string]string{
		"m/etc/nginx/nginx.conf": main, "m/etc/nginx/sites-available/a": "server { listen 81; }", "extra.conf": "server { listen 82; }", "m/etc/nginx/conf.d/x.conf": "server { listen 83; }",
	})
	for _, want := range []string{"port 81/tcp", "port 82/tcp", "conf.d/x.conf: is not read: nothing in nginx.conf includes it", "sites-enabled is not in the tree"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	text := res.App.Workloads[0].Files[0].Content.Or("")
	if list, bad := conf.Parse(text, isKnown); len(bad) > 0 || len(list) != 2 || !strings.Contains(text, "include mime.types;") {
		t.Errorf("what stands there cannot be read: %v\n%s", bad, text)
	}
	for _, files := range [][]string{{"web/nginx/nginx.conf", "web/Dockerfile"}, {"nginx.conf"}, {"node_modules/x/etc/nginx/nginx.conf"}, {"etc/nginx/conf.d/x.conf~"}} {
		if got := match(files); len(got) > 0 {
			t.Errorf("%v: %v is no configuration of a machine", files, got)
		}
	}
}

// Whatever stands in the files: no panic, and every setting is accounted for.
func FuzzRead(f *testing.F) {
	for _, k := range keys() {
		f.Add(k.Name + " " + k.Example + ";")
	}
	f.Add("location / { proxy_pass http://127.0.0.1:3000/; }")
	f.Fuzz(func(t *testing.T, text string) { readFiles(t, server(text)) })
}
