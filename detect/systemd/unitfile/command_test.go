package unitfile

import (
	"fmt"
	"strings"
	"testing"
)

// show renders commands: flags, path, and each argument; variables as ${A}, or as $A where they are split, and
// specifiers as <%H>.
func show(commands []Command) string {
	var b strings.Builder
	for i, c := range commands {
		if i > 0 {
			b.WriteString(" ; ")
		}
		for _, f := range []struct {
			on   bool
			sign string
		}{{c.Argv0Given, "@"}, {c.IgnoreFailure, "-"}, {c.NoExpand, ":"}, {c.FullPrivileges, "+"}, {c.NoSetuid, "!"}, {c.AmbientMagic, "!!"}} {
			if f.on {
				b.WriteString(f.sign)
			}
		}
		b.WriteString(c.Path + ":")
		for _, w := range c.Argv {
			b.WriteString(" [")
			for _, p := range w.Parts {
				switch {
				case p.Split:
					b.WriteString("$" + p.Var)
				case p.Var != "":
					b.WriteString("${" + p.Var + "}")
				case p.Specifier != "":
					b.WriteString("<" + p.Specifier + ">")
				default:
					fmt.Fprintf(&b, "%q", p.Text)
				}
			}
			b.WriteString("]")
		}
	}
	return b.String()
}

// The wanted vectors are those of systemd 252's config_parse_exec and replace_env_argv, measured.
func TestParseCommands(t *testing.T) {
	tests := []struct{ value, want, problems string }{
		{"", "", ""},
		{"/bin/echo foo bar", `/bin/echo: ["/bin/echo"] ["foo"] ["bar"]`, ""},
		{"echo foo", `echo: ["echo"] ["foo"]`, ""},
		{"-/bin/a b", `-/bin/a: ["/bin/a"] ["b"]`, ""},
		{"@/bin/a argv0 b", `@/bin/a: ["argv0"] ["b"]`, ""},
		{`@/bin/a "" b`, `@/bin/a: [] ["b"]`, ""},
		{"-:@+/bin/a b", `@-:+/bin/a: ["b"]`, ""},
		{"!/bin/a", `!/bin/a: ["/bin/a"]`, ""},
		{"!!/bin/a", `!!/bin/a: ["/bin/a"]`, ""},
		{`"-/bin/a b" c`, `-/bin/a b: ["/bin/a b"] ["c"]`, ""},
		{"/bin//a/../b/./c x", `/bin/a/../b/c: ["/bin//a/../b/./c"] ["x"]`, ""},
		{"%h/bin/a", `/root/bin/a: ["/root/bin/a"]`, ""},
		{"/opt/%H/.//a %H-x:%%H", `/opt/%H/a: ["/opt/"<%H>"/.//a"] [<%H>"-x:%H"]`, ""},

		{`/bin/a $A ${B} pre$C pre${D} '${E}f' "$F"`, `/bin/a: ["/bin/a"] [$A] [${B}] ["pre$C"] ["pre"${D}] [${E}"f"] [$F]`, ""},
		{`/bin/a $$A x$$y $$${A} a$$${B} $$$A ${A}$$${B}`, `/bin/a: ["/bin/a"] ["$A"] ["x$y"] ["$"${A}] ["a$"${B}] ["$$A"] [${A}"$"${B}]`, ""},
		{`/bin/a ${A ${A:-x} a$ ${A:${B}} %%${A}`, `/bin/a: ["/bin/a"] ["${A"] ["${A:-x}"] ["a$"] ["${A:"${B}"}"] ["%"${A}]`, ""},
		{`:/bin/a $A ${B} $$ %i%%`, `:/bin/a: ["/bin/a"] ["$A"] ["${B}"] ["$$"] ["i-1%"]`, ""},
		{`/bin/a \x24A \x24{B}`, `/bin/a: ["/bin/a"] [$A] [${B}]`, ""},
		{`/bin/a "" a"b c"d *.txt '>x' &`, `/bin/a: ["/bin/a"] [] ["ab cd"] ["*.txt"] [">x"] ["&"]`, ""},
		{`/bin/a \q a\ b c\`, `/bin/a: ["/bin/a"] ["\\q"] ["a\\ b"] ["c\\"]`, ""},
		{`/bin/sh -c 'a && b; c "$$(date +%%s)"'`, `/bin/sh: ["/bin/sh"] ["-c"] ["a && b; c \"$(date +%s)\""]`, ""},

		{"/bin/a b ; -/bin/c d", `/bin/a: ["/bin/a"] ["b"] ; -/bin/c: ["/bin/c"] ["d"]`, ""},
		{"; /bin/a ; ; /bin/b ;", `/bin/a: ["/bin/a"] ; /bin/b: ["/bin/b"]`, ""},
		{`/bin/a \; ";" \x3b b; \;c ;d`, `/bin/a: ["/bin/a"] [";"] [";"] [";"] ["b;"] ["\\;c"] [";d"]`, ""},
		{`echo / >/dev/null & \; ls`, `echo: ["echo"] ["/"] [">/dev/null"] ["&"] [";"] ["ls"]`, ""},

		{"/bin/a $(date) ${A-B} $", `/bin/a: ["/bin/a"] []`, "0:8 a word that starts with $ and is no variable's name vanishes; write $$ for a dollar sign; systemd runs no shell\n" +
			"0:16 ${…} around what is no variable's name vanishes; write $${ for a literal one\n" +
			"0:23 a word that starts with $ and is no variable's name vanishes; write $$ for a dollar sign; systemd runs no shell\n"},
		{"${JAVA_HOME}/bin/java x", "", "0:1 the program's path is relative; write the absolute path\n"},
		{"/opt/${V}/java x", `/opt/${V}/java: ["/opt/"${V}"/java"] ["x"]`, "0:1 a variable in the program's path, where systemd expands none; write the path itself, or start it with /usr/bin/env or a shell\n"},
		{"-", "", "0:1 no program after the prefixes; write the program's absolute path\n"},
		{"- /bin/a", "", "0:1 no program after the prefixes; write the program's absolute path\n"},
		{"@/bin/a", "", "0:1 \"@\" without argv[0]; write the name for argv[0] after the program, or remove the @\n"},
		{"+!/bin/a", "", "0:1 the prefixes before the program do not go together; write each of @ - : once, and at most one of + ! !!\n"},
		{"bin/a", "", "0:1 the program's path is relative; write the absolute path\n"},
		{"/bin/", "", "0:1 the program is a directory; write the program's absolute path\n"},
		{`/bin/a\x07`, "", "0:1 control character, quote or backslash in the program's path; give the program a plain name\n"},
		{strings.Repeat("a", 256), "", "0:1 the program's name is longer than a file name can be; write the program's absolute path\n"},
		{`/bin/a ; /bin/b "c`, `/bin/a: ["/bin/a"]`, "0:17 unbalanced quote; close it, or write \\\" or \\' for a literal one\n"},
		{"/bin/a ; date +%Q", `/bin/a: ["/bin/a"]`, "0:15 unknown specifier %Q; write %% for a percent sign\n"},
	}

	for _, test := range tests {
		commands, problems := ParseCommands(test.value, SystemSpecifiers("a@i-1.service", ""))
		if got := show(commands); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.value, got, test.want)
		}
		if got := texts(problems); got != test.problems {
			t.Errorf("%s: problems\n%swant\n%s", test.value, got, test.problems)
		}
	}
}

func TestCommandOffsets(t *testing.T) {
	value := `  -/bin/a "b c"   $D ; /bin/e \;`
	commands, problems := ParseCommands(value, Specifiers{})
	if problems != nil || len(commands) != 2 {
		t.Fatal(problems)
	}
	var got []string
	for _, c := range commands {
		got = append(got, value[c.Offset:c.Offset+2])
		for _, w := range c.Argv {
			got = append(got, value[w.Offset:w.Offset+2])
		}
	}
	if s := strings.Join(got, "|"); s != `-/|-/|"b|$D|/b|/b|\;` {
		t.Error(s)
	}
}

// A specifier in the path keeps its place when the path is simplified.
func TestCommandUnknownInPath(t *testing.T) {
	commands, _ := ParseCommands("/opt//%H/./%v/a", SystemSpecifiers("a.service", ""))
	c := commands[0]
	if c.Path != "/opt/%H/%v/a" || len(c.Unknown) != 2 || c.Path[c.Unknown[0].Offset:][:2] != "%H" || c.Path[c.Unknown[1].Offset:][:2] != "%v" {
		t.Errorf("%+v", c)
	}
}

func FuzzParseCommands(f *testing.F) {
	f.Add(`-@/bin/a "$B" ${C}d $$ \x41 %n %H ; :/bin/e \; 'f'`)
	f.Add(`/bin/sh -c 'exec a ${B:-c} $(d)'`)
	f.Fuzz(func(t *testing.T, value string) {
		commands, problems := ParseCommands(value, SystemSpecifiers("a@b-c.service", ""))
		if len(problems) > MaxProblems+1 {
			t.Fatal(len(problems))
		}
		for _, c := range commands {
			if c.Path == "" || c.Offset >= len(value) {
				t.Fatalf("%+v", c)
			}
			for _, u := range c.Unknown {
				if !strings.HasPrefix(c.Path[u.Offset:], u.Specifier) {
					t.Fatalf("%+v", c)
				}
			}
			for _, w := range c.Argv {
				if w.Offset >= len(value) || isWhite(value[w.Offset]) {
					t.Fatalf("offset %d", w.Offset)
				}
				for i, p := range w.Parts {
					set := 0
					for _, s := range []string{p.Text, p.Var, p.Specifier} {
						if s != "" {
							set++
						}
					}
					switch {
					case set != 1, p.Var != "" && !ValidEnvName(p.Var), p.Split && (p.Var == "" || len(w.Parts) != 1),
						i > 0 && p.Text != "" && w.Parts[i-1].Text != "", p.Var != "" && c.NoExpand:
						t.Fatalf("%+v", w)
					}
				}
			}
		}
	})
}
