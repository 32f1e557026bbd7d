package nginx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Which requests lead where: to nginx (itself), or through it to an address of the machine.
func TestRoutes(t *testing.T) {
	pass := "proxy_pass http://127.0.0.1:1"
	for text, want := range map[string]string{
		"server_name a.example b.example; location / { " + pass + "; }": "http://a.example itself 80, http://a.example/ → 127.0.0.1:1, http://b.example itself 80, http://b.example/ → 127.0.0.1:1",
		"server_name .a.example;":                                                     "http://*.a.example itself 80, http://a.example itself 80",
		"server_name a.example a.example .a.example;":                                 "http://*.a.example itself 80, http://a.example itself 80",
		"server_name _;":                                                              "http://* itself 80",
		"server_name localhost 10.0.0.1 db *.a.*;":                                    "",
		"server_name ~^www[0-9]\\.a$;":                                                "",
		"listen 8080; server_name a.example;":                                         "",
		"listen 443 ssl; server_name a.example;":                                      "https://a.example itself 443",
		"listen 80; listen 443 ssl; server_name a.example;":                           "http://a.example itself 80, https://a.example itself 443",
		"location /api/ { " + pass + "/; }":                                           "http://* itself 80, http://*/api/ → 127.0.0.1:1 as /",
		"location /api/ { " + pass + "/api/; }":                                       "http://* itself 80, http://*/api/ → 127.0.0.1:1",
		"location = /x { " + pass + "/y; }":                                           "http://* itself 80, http://*=/x → 127.0.0.1:1 as /y",
		"location ^~ /x { " + pass + "; }":                                            "http://* itself 80, http://*/x → 127.0.0.1:1",
		"location ~* \\.php$ { " + pass + "; }":                                       `http://* itself 80, http://*~(?i)\.php$ itself 80`,
		"location @x { " + pass + "; }":                                               "http://* itself 80",
		"location / { root /srv; }":                                                   "http://* itself 80, http://*/ itself 80",
		"location / { proxy_pass http://10.0.0.1:1; }":                                "http://* itself 80, http://*/ itself 80",
		"location / { proxy_pass http://$x; }":                                        "http://* itself 80, http://*/ itself 80",
		"location / { auth_basic x; " + pass + "; }":                                  "http://* itself 80, http://*/ itself 80",
		"auth_basic x; location / { " + pass + "; }":                                  "http://* itself 80, http://*/ itself 80",
		"location / { if ($a) { return 403; } " + pass + "; }":                        "http://* itself 80, http://*/ itself 80",
		"location / { proxy_set_header X-Key 1; " + pass + "; }":                      "http://* itself 80, http://*/ itself 80",
		"location / { proxy_set_header Connection close; " + pass + "; }":             "http://* itself 80, http://*/ → 127.0.0.1:1",
		"location / { proxy_set_header Upgrade $http_upgrade; " + pass + "; }":        "http://* itself 80, http://*/ → 127.0.0.1:1 upgrade",
		"proxy_set_header Upgrade $http_upgrade; location / { " + pass + "; }":        "http://* itself 80, http://*/ → 127.0.0.1:1 upgrade",
		"location /a/ { " + pass + "; location /a/b { proxy_pass http://[::1]:2; } }": "http://* itself 80, http://*/a/ → 127.0.0.1:1, http://*/a/b → [::1]:2",
	} {
		res, _ := readFiles(t, server(text))
		var got []string
		for _, r := range res.App.Routes {
			line := r.Match
			if r.Workload.IsSet() {
				line += fmt.Sprintf(" itself %s", r.Port)
			}
			for _, h := range res.Handoffs {
				if h.Match == r.Match {
					line += " → " + h.Address
					if h.Prefix.IsSet() {
						line += " as " + h.Prefix.String()
					}
				}
			}
			if r.Upgrade.Is(true) {
				line += " upgrade"
			}
			got = append(got, line)
		}
		slices.Sort(got)
		if all := strings.Join(got, ", "); all != want {
			t.Errorf("%s: got\n%s, want\n%s", text, all, want)
		}
	}
}

// An upstream of one server is that server; of several nginx chooses one. Of two servers with one name nginx takes the first.
func TestUpstreams(t *testing.T) {
	for text, want := range map[string]int{"server 127.0.0.1:1;": 1, "server 127.0.0.1:1; server 127.0.0.1:2 backup; server 127.0.0.1:3 down;": 1, "server 127.0.0.1:1; server 127.0.0.1:2;": 0, "server 10.0.0.1:1;": 0} {
		res, _ := readFiles(t, map[string]string{"etc/nginx/nginx.conf": "events {}\nhttp {\nserver { location / { proxy_pass http://b; } }\nupstream b { " + text + " }\n}\n"})
		if len(res.Handoffs) != want {
			t.Errorf("%s: %v, want %d", text, res.Handoffs, want)
		}
	}
	res, got := readFiles(t, map[string]string{"etc/nginx/nginx.conf": "events {}\nhttp {\nserver { server_name a.example; }\nserver {\nserver_name a.example; location / { return 200; } }\n}\n"})
	if len(res.App.Routes) != 1 || !strings.Contains(got, "nginx.conf:5: another server has the same name on the same port, and nginx takes the first") {
		t.Errorf("%v\n%s", res.App.Routes, got)
	}
}
