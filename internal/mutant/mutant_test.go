package mutant

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// told lists what was done where, one mutant a line.
func told(t *testing.T, file, text string) string {
	t.Helper()
	list, err := Of(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, m := range list {
		b.WriteString(strings.TrimPrefix(m.String(), file+":") + "\n")
	}
	return b.String()
}

// Every leaf is dropped, changed and renamed, every element doubled and swapped, and collections as well.
func TestYAML(t *testing.T) {
	const text = `# a comment
name: shop
services:
  web:
    restart: always
    ports: ["80:8080", "443:443"]
    cpus: 0.5
    read_only: true
`
	const want = `2: drop name: "shop"
2: rename name: "name" is called "namf"
2: change name: "shop" is "shoq"
3: drop services: web: restart: always ports: ["80:8080", "443:443"] cpus: 0.5…
3: rename services: "services" is called "servicet"
4: drop services.web: restart: always ports: ["80:8080", "443:443"] cpus: 0.5 read…
4: rename services.web: "web" is called "wec"
5: drop services.web.restart: "always"
5: rename services.web.restart: "restart" is called "restaru"
5: change services.web.restart: "always" is "on-failure"
5: change services.web.restart: "always" is "unless-stopped"
5: change services.web.restart: "always" is "no"
6: drop services.web.ports: ["80:8080", "443:443"]
6: rename services.web.ports: "ports" is called "portt"
6: drop services.web.ports[0]: "80:8080"
6: duplicate services.web.ports[0]: "80:8080"
6: change services.web.ports[0]: "80:8080" is "81:8080"
6: change services.web.ports[0]: "80:8080" is "80:8081"
6: drop services.web.ports[1]: "443:443"
6: duplicate services.web.ports[1]: "443:443"
6: swap services.web.ports[1]: "443:443" stands before "80:8080"
6: change services.web.ports[1]: "443:443" is "444:443"
6: change services.web.ports[1]: "443:443" is "443:444"
7: drop services.web.cpus: "0.5"
7: rename services.web.cpus: "cpus" is called "cput"
7: change services.web.cpus: "0.5" is "1.5"
7: change services.web.cpus: "0.5" is "0.6"
8: drop services.web.read_only: "true"
8: rename services.web.read_only: "read_only" is called "read_onlz"
8: change services.web.read_only: "true" is "false"
1: gone file: is not there
`
	if got := told(t, "compose.yaml", text); got != want {
		t.Errorf("got\n%s", got)
	}
}

// A configuration file in a ConfigMap is changed by its lines, and keys with dots stand in brackets.
func TestTextInYAML(t *testing.T) {
	const want = `2: drop data[nginx.conf]: "user www;\nworkers 2;\n"
2: rename data[nginx.conf]: "nginx.conf" is called "nginx.cong"
3: drop data[nginx.conf] line 1: "user www;"
3: duplicate data[nginx.conf] line 1: "user www;"
3: change data[nginx.conf] line 1: "user www;" is "uses www;"
3: change data[nginx.conf] line 1: "user www;" is "user wwx;"
4: drop data[nginx.conf] line 2: "workers 2;"
4: duplicate data[nginx.conf] line 2: "workers 2;"
4: swap data[nginx.conf] line 2: "workers 2;" stands before "user www;"
4: change data[nginx.conf] line 2: "workers 2;" is "workert 2;"
4: change data[nginx.conf] line 2: "workers 2;" is "workers 3;"
`
	got := told(t, "files.yaml", "data:\n  nginx.conf: |\n    user www;\n    workers 2;\n")
	if _, rest, _ := strings.Cut(got, "\n"); !strings.Contains(rest, want) {
		t.Errorf("got\n%s", got)
	}
}

func TestDockerfile(t *testing.T) {
	const text = `# syntax
FROM golang:1.26 AS build
RUN go build \
    -o /x ./x

FROM scratch
USER 990:990
CMD ["/x", "--all"]
`
	got := told(t, "web/Dockerfile", text)
	for _, want := range []string{
		`2: drop FROM[1]: "FROM golang:1.26 AS build"`,
		`2: change FROM[1] word 1: golang:1.26 is golang:1.27`,
		`3: drop RUN[1]: "RUN go build \\ -o /x ./x"`,
		`3: drop RUN[1] word 3: -o`,
		`3: change RUN[1] word 4: /x is /x/x`,
		`6: swap FROM[2]: "FROM scratch" stands before "RUN go build \\ -o /x ./x"`,
		`7: duplicate USER[1]: "USER 990:990"`,
		`7: change USER[1] word 1: 990:990 is 991:990`,
		`8: drop CMD[1] word 1: "/x"`,
		`8: drop CMD[1] word 2: "--all"`,
		`8: change CMD[1] word 2: "--all" is "--alm"`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	list, err := Of("Dockerfile", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		switch m.Kind.said() + m.At {
		case "drop CMD[1] word 1":
			if !strings.HasSuffix(string(m.Data), "\nCMD [\"--all\"]\n") {
				t.Errorf("%s\n%s", m, m.Data)
			}
		case "drop CMD[1] word 2":
			if !strings.HasSuffix(string(m.Data), "\nCMD [\"/x\"]\n") {
				t.Errorf("%s\n%s", m, m.Data)
			}
		case "drop RUN[1]":
			if string(m.Data) != "# syntax\nFROM golang:1.26 AS build\nFROM scratch\nUSER 990:990\nCMD [\"/x\", \"--all\"]\n" {
				t.Errorf("%s\n%s", m, m.Data)
			}
		}
	}
}

func (k Kind) said() string { return string(k) + " " }

// A mutant differs from the file, is what its name says, and all of a file differ from each other.
func TestDifferent(t *testing.T) {
	for file, text := range map[string]string{
		"compose.yaml":  "a: [x, x]\nb: {c: 1, d: !Sub \"${e}\"}\nf: |\n  g\n  g\n",
		"Dockerfile":    "FROM a\nRUN a b b\n",
		".dockerignore": "a\na\n\n# b\n",
	} {
		list, err := Of(file, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for _, m := range list {
			if string(m.Data) == text || m.File != file || m.Line < 1 || m.Last < m.Line && m.Kind != Gone {
				t.Errorf("%s: %q", m, m.Data)
			}
			if first, twice := seen[string(m.Data)]; twice && m.Kind != Drop && m.Kind != Duplicate { // of two that are the same either may go
				t.Errorf("%s is the same as %s", m, first)
			}
			seen[string(m.Data)] = m.String()
		}
		if len(list) < 5 {
			t.Errorf("%s: only %d", file, len(list))
		}
	}
}

// What is printed anew says the same.
func TestReprint(t *testing.T) {
	const text = "# x\na: \"1\" # y\nb: [1, true, null, 'no']\nc:\n  d: !Ref e\n  f: |\n    g\n    h\n---\ni: 08\n"
	data, err := Reprint([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	const want = "c:\n  f: |\n    g\n    h\n  d: !Ref e\nb: [1, true, null, 'no']\na: \"1\"\n---\ni: 08\n"
	if string(data) != want {
		t.Errorf("%s", data)
	}
	if _, err := Of("x.yaml", []byte("a: [")); err == nil || !strings.HasPrefix(err.Error(), "x.yaml: ") {
		t.Error(err)
	}
}

// What is changed in a scalar keeps its type.
func TestOthers(t *testing.T) {
	for text, want := range map[string]string{
		"true":                 "false",
		"always":               "on-failure unless-stopped no",
		"":                     "x",
		"/":                    "/x",
		"90s":                  "91s 90t",
		"007":                  "008",
		"512Mi":                "513Mi 512Mj",
		"a b c d e":            "b_b_c_d_e a_c_c_d_e a_b_c_d_f",
		"/var/log":             "/vas/log /var/loh /var/log/x",
		"1 2 3 4 5 6 7 8":      "2_2_3_4_5_6_7_8 1_3_3_4_5_6_7_8 1_2_4_4_5_6_7_8 1_2_3_5_5_6_7_8 1_2_3_4_6_6_7_8 1_2_3_4_5_7_7_8",
		"z":                    "a",
		"99999999999999999999": "99999999999999999998",
	} {
		var got []string
		for _, o := range others(text) {
			got = append(got, strings.ReplaceAll(o, " ", "_"))
			var a, b yaml.Node
			if yaml.Unmarshal([]byte(text), &a) == nil && yaml.Unmarshal([]byte(o), &b) == nil && len(a.Content) > 0 && len(b.Content) > 0 && a.Content[0].Tag != b.Content[0].Tag && text != "99999999999999999999" && text != "007" {
				t.Errorf("%q is %s, %q is %s", text, a.Content[0].Tag, o, b.Content[0].Tag)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
