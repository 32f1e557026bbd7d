package link

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/loopback"
	"github.com/deploylift/lift/ledger"
)

func listener(name, number string) deploy.Workload {
	return deploy.Workload{Name: name, Ports: []deploy.Port{{Number: number + "/tcp"}}}
}

func TestEntries(t *testing.T) {
	for text, want := range map[string]string{
		"[db]\nhost = 127.0.0.1 # here\nport=5432\n":             "2 db.host=127.0.0.1 3 db.port=5432",
		"spring.url=jdbc:x://localhost\n! c\n":                   "1 spring.url=jdbc:x://localhost",
		"a:\n  b:\n    host: localhost\n  url: http://x:1\nc: 2": "1 a= 2 a.b= 3 a.b.host=localhost 4 a.url=http://x:1 5 c=2",
		"list:\n  - http://localhost:1\n":                        "1 list= 2 =- http://localhost:1",
		"{\n  \"a\": {\n    \"host\":\"::1\",\n  }\n}":           "1 ={ 2 a={ 3 a.host=::1 4 =} 5 =}",
		"bind 127.0.0.1 ::1\nprotected-mode yes\n":               "1 bind=127.0.0.1 ::1 2 protected-mode=yes",
		"; c\n# c\n// c\n\n":                                     "",
	} {
		var got []string
		for _, e := range entries(text) {
			got = append(got, fmt.Sprintf("%d %s=%s", e.line, e.v.Name, e.v.Text))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q:\n got %s\nwant %s", text, g, want)
		}
	}
}

// A configuration file may hold passwords: what is said of its lines holds nothing but hosts and ports.
func TestFilesShowNoSecrets(t *testing.T) {
	web := deploy.Workload{Name: "web", Command: deploy.Command{Argv: deploy.Args("/x", "--config", "/etc/web.conf")}}
	r := detect.Result{App: deploy.App{Workloads: []deploy.Workload{web, listener("my_db", "5432")}}}
	tree := detect.Tree{FS: fstest.MapFS{"etc/web.conf": {Data: []byte("password = hunter2\nurl = postgres://u:hunter2@127.0.0.1:5432/x\nother = redis://:hunter2@localhost\n")}}, Paths: []string{"etc/web.conf"}}
	var got []string
	for _, u := range Files(tree, r) {
		got = append(got, u.Finding(func(w string) string { return strings.ReplaceAll(w, "_", "-") }).String())
	}
	want := []string{
		"etc/web.conf:2: 127.0.0.1:5432 no longer leads to my-db, which has a container of its own; write my-db:5432 in the place of 127.0.0.1:5432",
		"etc/web.conf:3: localhost leads to the machine itself, where no workload listens; in a container it leads nowhere; name the machine or service that listens there",
		"web reads /etc/web.conf, which is etc/web.conf in the tree, and neither its image nor a volume has it; copy it into the image, or mount it at that path",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFilesThatAreNotRead(t *testing.T) {
	r := detect.Result{App: deploy.App{Workloads: []deploy.Workload{
		{
			Name: "web", Source: deploy.Source{Dir: deploy.Some("app"), Installed: deploy.Some("/srv/app")},
			Command: deploy.Command{Argv: deploy.Args("/etc/program.conf", "/srv/app/in.conf", "/mnt/in.conf", "../../outside.conf", "main.py", "/etc/absent.conf", "${X}.conf")},
			Mounts:  []deploy.Mount{{Path: "/mnt"}},
		},
		listener("db", "1"),
	}}}
	tree := detect.Tree{FS: fstest.MapFS{
		"app/in.conf": {Data: []byte("a=127.0.0.1:1")}, "mnt/in.conf": {Data: []byte("a=127.0.0.1:1\x00")}, "main.py": {Data: []byte("a=127.0.0.1:1")}, "etc/program.conf": {Data: []byte("a=127.0.0.1:1")},
	}, Paths: []string{"app/in.conf", "etc/program.conf", "main.py", "mnt/in.conf"}}
	var got []string
	for _, u := range Files(tree, r) {
		got = append(got, u.At.String()+" "+u.Address)
	}
	if g := strings.Join(got, ", "); g != "app/in.conf:1 127.0.0.1:1" {
		t.Errorf("got %s", g)
	}
}

func TestCode(t *testing.T) {
	web := listener("web", "3000")
	web.Env = []deploy.Env{{Name: "API_URL", Value: deploy.Plain("http://127.0.0.1:8001")}}
	app := deploy.App{Workloads: []deploy.Workload{web, listener("api", "8001"), listener("cache", "6379")}}
	for line, want := range map[string]string{
		`fetch("http://127.0.0.1:8001/x")`:              "api 127.0.0.1:8001",
		`fetch("http://127.0.0.1:3000/x")`:              "",
		`x = env.API_URL || "http://127.0.0.1:8001"`:    "",
		`x = env.OTHER || "http://127.0.0.1:8001"`:      "api 127.0.0.1:8001",
		`corsOrigin = "http://127.0.0.1:8001"`:          "",
		`net.connect(6379, "127.0.0.1")`:                "cache 127.0.0.1:6379",
		`if (host === "127.0.0.1") x = 5`:               "",
		`listen("127.0.0.1", 3000)`:                     "",
		`x = "amqp://localhost"`:                        " localhost:5672",
		`x = "http://localhost:9999"`:                   "",
		`f("http://localhost:8001"); g(1, "localhost")`: "api localhost:8001",
	} {
		for _, value := range strings.Split(line, `"`)[1:2] {
			var got []string
			for _, u := range Code(app, []detect.Text{{Workload: "web", At: ledger.Pos{File: "f", Line: 1}, Value: value, Whole: line}}) {
				got = append(got, u.Owner+" "+u.Address)
			}
			if g := strings.Join(got, ", "); g != want {
				t.Errorf("%s: got %q, want %q", line, g, want)
			}
		}
	}
}

func FuzzEntries(f *testing.F) {
	f.Add("[a]\nb: c\n  d = 127.0.0.1:5432\n{\"x\": [\n")
	owners := loopback.Owners(deploy.App{Workloads: []deploy.Workload{listener("db", "5432")}})
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, e := range entries(text) {
			if e.line <= last {
				t.Fatalf("line %d after %d", e.line, last)
			}
			last = e.line
		}
		file(deploy.Workload{Name: "w"}, owners, "f", text)
		rights("f", text)
	})
}
