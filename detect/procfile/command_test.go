package procfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCommandForms(t *testing.T) {
	for _, c := range []struct {
		text     string
		argv     string // words separated by "|"; or
		script   string
		direct   bool
		shell    string
		assigned string
		reads    string
	}{
		{text: `node server.js`, argv: `node|server.js`},
		{text: `exec node server.js`, argv: `node|server.js`},
		{text: `node 'a b' "c d" e\ f "g\"h" ''`, argv: `node|a b|c d|e f|g"h|`},
		{text: `gunicorn app:app --workers=4 # the web`, argv: `gunicorn|app:app|--workers=4`},
		{text: `bundle exec rails server -p $PORT`, script: `exec bundle exec rails server -p $PORT`, direct: true, reads: "PORT"},
		{text: `exec node web.js $PORT`, script: `exec node web.js $PORT`, direct: true, reads: "PORT"},
		{text: `node x.js > log 2>&1`, script: `exec node x.js > log 2>&1`, direct: true},
		{text: `< in node x.js`, script: `< in exec node x.js`, direct: true},
		{text: `node *.js`, script: `exec node *.js`, direct: true},
		{text: `node ~/x.js`, script: `exec node ~/x.js`, direct: true},
		{text: `node $(cat main)`, script: `exec node $(cat main)`, direct: true},
		{text: `$RUNNER x.js`, script: `exec $RUNNER x.js`, direct: true, reads: "RUNNER"},
		{text: `NODE_ENV=production node server.js`, argv: `node|server.js`, assigned: "NODE_ENV=production"},
		{text: `A=1 B='x y' C= node $PORT`, script: `exec node $PORT`, direct: true, assigned: "A=1 B=x y C=", reads: "PORT"},
		{text: `A=$HOME/x B=1 node y`, script: `A=$HOME/x B=1 exec node y`, direct: true, reads: "HOME"},
		{text: `A=1 node $A`, script: `A=1 exec node $A`, direct: true},
		{text: `A=1 exec node x`, argv: `node|x`, assigned: "A=1"},
		{text: `env A=1 node x`, argv: `env|A=1|node|x`},
		{text: `cd app && node x`, script: `cd app && node x`},
		{text: `node x | tee log`, script: `node x | tee log`},
		{text: `node a; node b`, script: `node a; node b`},
		{text: `node x &`, script: `node x &`},
		{text: `! node x`, script: `! node x`},
		{text: `. ./env`, script: `. ./env`},
		{text: `exec -a name node x`, script: `exec -a name node x`, direct: true},
		{text: `if true; then node x; fi`, script: `if true; then node x; fi`},
		{text: `while :; do node x; done`, script: `while :; do node x; done`},
		{text: `export A=1; node $A $B`, script: `export A=1; node $A $B`, reads: "B"},
		{text: `for i in 1 2; do echo $i ${X:-3} ${Y:?}; done`, script: `for i in 1 2; do echo $i ${X:-3} ${Y:?}; done`, reads: "Y"},
		{text: `node x {a,b}`, script: `exec node x {a,b}`, direct: true, shell: bashShell},
		{text: `node {a}`, script: `exec node {a}`, direct: true},
		{text: `[[ -n $A ]] && node x`, script: `[[ -n $A ]] && node x`, shell: bashShell, reads: "A"},
		{text: `node x &> log`, script: `exec node x &> log`, direct: true, shell: bashShell},
		{text: `node ${A//x/y}`, script: `exec node ${A//x/y}`, direct: true, shell: bashShell, reads: "A"},
		{text: `source env && node x`, script: `source env && node x`, shell: bashShell},
		{text: `bash -c 'cd app && exec node x'`, argv: `bash|-c|cd app && exec node x`},
	} {
		got, bad := parseCommand(c.text)
		if bad != nil {
			t.Errorf("%s: %s", c.text, bad.what)
			continue
		}
		if a := strings.Join(got.argv, "|"); a != c.argv || got.script != c.script || got.direct != c.direct {
			t.Errorf("%s:\n got argv %q script %q direct %v\nwant argv %q script %q direct %v", c.text, a, got.script, got.direct, c.argv, c.script, c.direct)
		}
		var assigned []string
		for _, a := range got.assigned {
			assigned = append(assigned, a.name+"="+a.value)
		}
		if a := strings.Join(assigned, " "); a != c.assigned {
			t.Errorf("%s: assigned %q, want %q", c.text, a, c.assigned)
		}
		if r := strings.Join(got.reads, " "); r != c.reads {
			t.Errorf("%s: reads %q, want %q", c.text, r, c.reads)
		}
		if c.script != "" && c.shell == "" {
			c.shell = posixShell
		}
		if got.shell != c.shell || (got.bash != "") != (c.shell == bashShell) {
			t.Errorf("%s: shell %q (%s), want %q", c.text, got.shell, got.bash, c.shell)
		}
		if (got.why == "") == (c.script != "" && !c.direct) {
			t.Errorf("%s: direct %v, but why is %q", c.text, got.direct, got.why)
		}
	}
}

func TestUnreadableCommands(t *testing.T) {
	for _, text := range []string{`node "x`, `node 'x`, `node $(x`, `node )`, `if true`, `node x |`, `# nothing`, `node <<EOF`} {
		if c, bad := parseCommand(text); bad == nil {
			t.Errorf("%s: read as %+v", text, c)
		} else if bad.column < 1 || bad.column > len(text)+1 {
			t.Errorf("%s: column %d", text, bad.column)
		}
	}
}

// The shell is the oracle: what lift makes of a command shows the program the same arguments and variables as the command itself.
func TestFormsBehaveLikeTheShell(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh")
	}
	dir := t.TempDir()
	show := filepath.Join(dir, "show")
	script := "#!/bin/sh\nfor a in \"$@\"; do printf '[%s]' \"$a\"; done\nprintf ' A=%s B=%s\\n' \"${A-unset}\" \"${B-unset}\"\n"
	if err := os.WriteFile(show, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "PORT=5000", "X=a  b", "HOME=/app", "EMPTY="}
	run := func(extra []string, argv ...string) string {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir, cmd.Env = dir, append(slices.Clone(env), extra...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return string(out) + err.Error()
		}
		return string(out)
	}
	for _, text := range []string{
		`show a b`, `exec show a`, `show 'a b' "c  d" e\ f "g\"h\\i\j" '' x''y`, `show a\\b a\nb "a\nb" 'a\nb'`, `show -p $PORT`, `show $X "$X" $EMPTY "$EMPTY" ${PORT}0`,
		`A=1 show a`, `A='x y' B="z" show $PORT`, `A=$PORT show a`, `A=1 show $A`, `A= B=\  show`, `A=1 exec show b`, `A=~ show`, `A=x:~/y show`, `show ~ a~b b=~ ~/c`, `show * [s]how`,
		`show a > out; cat out`, `show a 2>&1`, `2>&1 show a`, `2>&1 A=1 show $PORT`, `show $(echo a b)`, `show a # comment`, `show a#b`, `show {a} {a`, `show a | cat`, `show a && show b`,
		`A=1 B=$PORT show x`, `show é "ü" a=b`, `show ! a`, `show "a$" 'b$' c$`, `A="x\$y" show`, `echo a`, `show a;`,
	} {
		c, bad := parseCommand(text)
		if bad != nil {
			t.Errorf("%s: %s", text, bad.what)
			continue
		}
		var extra []string
		for _, a := range c.assigned {
			extra = append(extra, a.name+"="+a.value)
		}
		want := run(nil, "/bin/sh", "-c", text)
		var got string
		if len(c.argv) > 0 {
			argv := slices.Clone(c.argv)
			if argv[0] == "show" {
				argv[0] = show
			}
			got = run(extra, argv...)
		} else {
			got = run(extra, c.shell, "-c", c.script)
		}
		if got != want {
			t.Errorf("%s: %+v shows %q, the shell %q", text, c, got, want)
		}
	}
}

func TestSecretsInCommands(t *testing.T) {
	for text, want := range map[string]bool{
		`node x --token=abcdef`: true, `node x --password hunter2`: true, `node x postgres://u:pw@db/x`: true, `API_TOKEN=abc node x`: true,
		`node x --token=$TOKEN`: false, `node x --token $TOKEN`: false, `node x --password-file /run/pw`: false, `node server.js --port 80`: false, `node x postgres://u:$PW@db/x`: false,
	} {
		if got := secretIn(text); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func FuzzCommand(f *testing.F) {
	for _, s := range []string{`node x`, `A=1 node $PORT > x`, `exec -a b c`, `a | b`, `"`, `{a,b} x`, `$'a' b`, `((1))`, `exec`, `>x`, `A=`, `x\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimSpace(text)
		c, bad := parseCommand(text)
		if bad != nil {
			return
		}
		if (len(c.argv) > 0) == (c.script != "") {
			t.Fatalf("%q: neither or both of argv %q and script %q", text, c.argv, c.script)
		}
		if c.script != "" {
			if _, again := parseCommand(c.script); again != nil {
				t.Fatalf("%q became %q, which no shell reads", text, c.script)
			}
		}
	})
}
