package unitfile

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func position(line, column int) string { return strconv.Itoa(line) + ":" + strconv.Itoa(column) }

// dump renders a file: one line for each header and each assignment, by position.
func dump(f File) string {
	var b strings.Builder
	for _, s := range f.Sections {
		fmt.Fprintf(&b, "%s [%s]\n", position(s.Line, s.Column), s.Name)
	}
	for _, d := range f.Directives {
		line, column := d.Position(0)
		fmt.Fprintf(&b, "%s %s.%s %s %q\n", position(d.Line, d.Column), d.Section, d.Key, position(line, column), d.Value)
	}
	return b.String()
}

// The wanted values are those of systemd 252's config_parse, measured.
func TestParse(t *testing.T) {
	tests := []struct{ name, src, want, problems string }{
		{"plain", "[Unit]\nDescription=a b\n\n[Service]\nExecStart=/bin/true", "1:1 [Unit]\n4:1 [Service]\n2:1 Unit.Description 2:13 \"a b\"\n5:1 Service.ExecStart 5:11 \"/bin/true\"\n", ""},
		{"white space around everything", " [Service] \n\t A = b  c \t\nB=\n", "1:2 [Service]\n2:3 Service.A 2:7 \"b  c\"\n3:1 Service.B 3:3 \"\"\n", ""},
		{"other spaces are characters", "[S]\nA=\u00a0b\v\n", "1:1 [S]\n2:1 S.A 2:3 \"\\u00a0b\\v\"\n", ""},
		{"comments", "# a\n;b\n  # c\n[S]\nA=b # no comment\n", "4:1 [S]\n5:1 S.A 5:3 \"b # no comment\"\n", ""},
		{"a comment does not go on", "[S]\n# a \\\nA=b\n", "1:1 [S]\n3:1 S.A 3:3 \"b\"\n", ""},
		{"continuation keeps the indentation", "[S]\nA=b\\\n   c \\\nd\nE=f", "1:1 [S]\n2:1 S.A 2:3 \"b    c  d\"\n5:1 S.E 5:3 \"f\"\n", ""},
		{"comments within a continuation", "[S]\nA=b\\\n  # c\n ; d \\\n   e\n", "1:1 [S]\n2:1 S.A 2:3 \"b    e\"\n", ""},
		{"an empty line ends a continuation", "[S]\nA=b \\\n\nC=d", "1:1 [S]\n2:1 S.A 2:3 \"b\"\n4:1 S.C 4:3 \"d\"\n", ""},
		{"a header within a continuation is text", "[S]\nA=b\\\n[U]\nC=d", "1:1 [S]\n2:1 S.A 2:3 \"b [U]\"\n4:1 S.C 4:3 \"d\"\n", ""},
		{"continuation at the end of the file", "[S]\nA=b\\", "1:1 [S]\n2:1 S.A 2:3 \"b\"\n", ""},
		{"two backslashes do not continue", "[S]\nA=b\\\\\nC=d\n", "1:1 [S]\n2:1 S.A 2:3 \"b\\\\\\\\\"\n3:1 S.C 3:3 \"d\"\n", ""},
		{"backslash and space do not continue", "[S]\nA=b\\ \nC=d\n", "1:1 [S]\n2:1 S.A 2:3 \"b\\\\\"\n3:1 S.C 3:3 \"d\"\n", ""},
		{"key and value on different lines", "[S]\nA \\\n = \\\n  b\n", "1:1 [S]\n2:1 S.A 4:3 \"b\"\n", ""},
		{"line ends", "[S]\r\nA=b\rC=d\n\rE=f\\\r\ng\n", "1:1 [S]\n2:1 S.A 2:3 \"b\"\n3:1 S.C 3:3 \"d\"\n4:1 S.E 4:3 \"f g\"\n", ""},
		{"byte order mark", "\uFEFF[S]\nA=b", "1:4 [S]\n2:1 S.A 2:3 \"b\"\n", ""},
		{"equals signs in a value", "[S]\nA=b=c\n", "1:1 [S]\n2:1 S.A 2:3 \"b=c\"\n", ""},
		{"white space in a key", "[S]\nA B=c\n", "1:1 [S]\n2:1 S.A B 2:5 \"c\"\n", ""},
		{"section twice", "[S]\nA=b\n[T]\n[S]\nA=c\n", "1:1 [S]\n3:1 [T]\n4:1 [S]\n2:1 S.A 2:3 \"b\"\n5:1 S.A 5:3 \"c\"\n", ""},
		{"empty", "", "", ""},
		{"only a comment", "# nothing", "", ""},

		{"outside of a section", "A=b\n[S]\n", "2:1 [S]\n", "1:1 assignment outside of a section; put a [Service] line before it\n"},
		{"no equals", "[S]\n  nothing\nA=b\n", "1:1 [S]\n3:1 S.A 3:3 \"b\"\n", "2:3 missing '='; write Key=value, or start the line with # if it is a comment\n"},
		{"a broken continuation", "[S]\nA=b \\ \n  c\n", "1:1 [S]\n2:1 S.A 2:3 \"b \\\\\"\n", "3:3 missing '='; remove the white space after the backslash of line 2, or write Key=value\n"},
		{"no key", "[S]\n=b\n", "1:1 [S]\n", "2:1 missing key before '='; write Key=value\n"},
		{"header not closed", "[S\nA=b\n", "1:1 [S]\n2:1 S.A 2:3 \"b\"\n", "1:1 section header without ']'; write it as [Service]\n"},
		{"header with a comment", "[S] # x\nA=b\n", "1:1 [S]\n2:1 S.A 2:3 \"b\"\n", "1:1 text after the section header; put it on a line of its own, also if it is a comment\n"},
		{"header without a name", "[]\n", "1:1 []\n", "1:1 section header without a name; write it as [Service]\n"},
		{"header with a quote", "[\"S\"]\n", "1:1 [\"S\"]\n", "1:1 control character, quote or backslash in a section header; write it as [Service]\n"},
		{"not UTF-8", "[S]\nA=b\xe4\nC=d\n", "1:1 [S]\n3:1 S.C 3:3 \"d\"\n", "2:1 not UTF-8: systemd refuses the whole file; save the file as UTF-8\n"},
		{"all faults in one run", "A=b\n[S]\nx\n=y\n", "2:1 [S]\n", "1:1 assignment outside of a section; put a [Service] line before it\n3:1 missing '='; write Key=value, or start the line with # if it is a comment\n4:1 missing key before '='; write Key=value\n"},

		{"NUL", "[S]\nA=b\x00\nx\ny\n", "", "2:0 not a unit file: it contains NUL bytes; give the text that `systemctl cat` shows\n"},
		{"a program", "\x7fELF\x02\x01\x01\x00\x00\n\n\n", "", "1:0 not a unit file: it contains NUL bytes; give the text that `systemctl cat` shows\n"},
		{"UTF-16", "\xff\xfe[\x00S\x00]\x00", "", "1:0 not a unit file: text in UTF-16; save it as UTF-8\n"},
		{"bytes", "\x80\x81\n" + strings.Repeat("\xfe\n", 99), "", "1:0 not a unit file: no section header, and bytes that are not UTF-8; give the text that `systemctl cat` shows\n"},
		{"too large", "[S]\n" + strings.Repeat("A=b\n", MaxFile/4), "", "1:0 not a unit file: larger than 1 MiB; give the text that `systemctl cat` shows\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, problems := Parse("x.service", []byte(test.src))
			if got := dump(f); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
			if got := texts(problems); got != test.problems {
				t.Errorf("problems\n%swant\n%s", got, test.problems)
			}
		})
	}
}

func TestPositionFollowsContinuations(t *testing.T) {
	src := "[Service]\nEnvironment=\"A=1\" \\\n  # a comment\n  B=\\x \\\n  \"C=3\"\n"
	f, _ := Parse("x.service", []byte(src))
	d := f.Directives[0]
	if want := src[len("[Service]\n") : len(src)-1]; d.Raw != want {
		t.Errorf("raw %q", d.Raw)
	}
	for word, want := range map[string]string{"A=1": "2:14", "B=": "4:3", "\"C": "5:3"} {
		line, column := d.Position(strings.Index(d.Value, word))
		if got := position(line, column); got != want {
			t.Errorf("%s at %s, want %s", word, got, want)
		}
	}
	_, problems := ParseEnvironment(d.Value, Specifiers{})
	if len(problems) != 1 {
		t.Fatal(problems)
	}
	if p := d.Locate(problems[0]); p.Line != 4 || p.Column != 5 {
		t.Errorf("%d:%d, want 4:5", p.Line, p.Column)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[Unit]\nDescription=a\n[Service]\nExecStart=/bin/sh -c 'a \\\n# c\n  b'\n")
	f.Add("[S]\r\nA=b\\\r\n;\r\n c=d\r\n[\n=\nx\\ \ny")
	f.Add("\uFEFF[S]\nA \\\n=\\\n b\\")
	f.Fuzz(func(t *testing.T, src string) {
		file, problems := Parse("x", []byte(src))
		if len(problems) > MaxProblems+1 {
			t.Fatalf("%d problems", len(problems))
		}
		var starts []int
		for i := 0; i < len(src); {
			starts = append(starts, i)
			_, i = lineEnd(src, i)
		}
		at := func(line, column int) int { return starts[line-1] + column - 1 }
		for _, p := range problems {
			if p.Line < 0 || p.Line > len(starts) || p.What == "" || p.Remedy == "" {
				t.Fatalf("%+v", p)
			}
		}
		var again strings.Builder
		for _, d := range file.Directives {
			if !strings.HasPrefix(src[at(d.Line, d.Column):], d.Key[:1]) || !strings.Contains(src, d.Raw) {
				t.Fatalf("key %q at %d:%d", d.Key, d.Line, d.Column)
			}
			for i := range len(d.Value) {
				line, column := d.Position(i)
				if c := src[at(line, column)]; c != d.Value[i] && (c != '\\' || d.Value[i] != ' ') {
					t.Fatalf("byte %d of %q is not at %d:%d", i, d.Value, line, column)
				}
			}
			fmt.Fprintf(&again, "[%s]\n%s=%s \n", d.Section, d.Key, d.Value)
		}
		if len(problems) > 0 || strings.Contains(src, "\uFEFF") {
			return
		}
		// Written out on one line each, the assignments are the same.
		second, problems := Parse("x", []byte(again.String()))
		if len(problems) > 0 || len(second.Directives) != len(file.Directives) {
			t.Fatalf("%q: %v", again.String(), problems)
		}
		for i, d := range second.Directives {
			if was := file.Directives[i]; d.Section != was.Section || d.Key != was.Key || d.Value != was.Value {
				t.Fatalf("%q became %q", was.Value, d.Value)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	src := []byte(strings.Repeat(`[Unit]
Description=A web application
After=network-online.target postgresql.service

# The application itself.
[Service]
Type=notify
User=web
Environment=PORT=3000 \
  NODE_ENV=production \
  "GREETING=hello world"
ExecStart=/usr/bin/node --max-old-space-size=512 /srv/web/server.js
Restart=on-failure
MemoryMax=1G
[Install]
WantedBy=multi-user.target
`, 10))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse("web.service", src); problems != nil {
			b.Fatal(problems)
		}
	}
}

// Large input of the worst shape takes no more than linear time: this test would hang.
func TestLargeInput(t *testing.T) {
	const n = MaxFile / 16
	specifiers := SystemSpecifiers("a.service", "")
	for _, unit := range []string{"\\\n", "x\\\n", "=\n", "[", "A=b\n", "\r"} {
		Parse("x", []byte("[S]\nA="+strings.Repeat(unit, n)))
	}
	for _, piece := range []string{"$$", "%H", "%H$$", "${A}", "${", "${A:", "a ", "\\x41", `"`, "; /a ", "$", "\\"} {
		value := strings.Repeat(piece, n)
		ParseCommands("/bin/a "+value, specifiers)
		ParseCommands("/bin//"+value, specifiers)
		ParseEnvironment("A="+value, specifiers)
		ParseEnvFile([]byte("A=" + value))
		ParseSize(value)
		ParseSpan(value)
		ToCron(value)
		ParseExitStatuses(value)
	}
	for _, piece := range []string{"1,", "1 ", "1K ", "1s", "Mon,", "1.1s"} {
		value := strings.Repeat(piece, n)
		ParseSize(value)
		ParseSpan(value)
		ToCron(value)
		ToCron("*:" + value)
		ParseLimit("LimitCPU", value)
		ParseExitStatuses(value)
	}
}
