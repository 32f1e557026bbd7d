package unitfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The wanted values are those of systemd 252's load_env_file, measured.
func TestParseEnvFile(t *testing.T) {
	tests := []struct{ name, src, want, problems string }{
		{"plain", "A=b\nC=\n", `1:A="b" 2:C=""`, ""},
		{"no line end", "A=b", `1:A="b"`, ""},
		{"comments", "# A=1\n; A=2\n  # A=3\nB=c # not one\nD=#e\n", `4:B="c # not one" 5:D="#e"`, ""},
		{"white space", "  A =  b  c \t\n G = x\n", `1:A="b  c" 2:G="x"`, ""},
		{"double quotes", `A="b \"c\" \\ \$d \` + "`" + ` \n"` + "\nB=c", "1:A=\"b \\\"c\\\" \\\\ $d ` \\\\n\" 2:B=\"c\"", ""},
		{"single quotes", `A='b "c" \n $d'`, `1:A="b \"c\" \\n $d"`, ""},
		{"pieces", `A='b'"c" d 'e'` + "\n", `1:A="bcd 'e'"`, ""},
		{"quotes within a value", `A=b"c d"` + "\n", `1:A="b\"c d\""`, ""},
		{"white space within quotes", `A=" b "` + "\n", `1:A=" b "`, ""},
		{"several lines", "A='b\nc'\nD=\"e\\\nf\"\nG=h\\\ni\nJ=k", `1:A="b\nc" 3:D="ef" 5:G="hi" 7:J="k"`, ""},
		{"escapes", `A=b\ \c\\ \$\  ` + "\n", `1:A="b c\\ $ "`, ""},
		{"nothing is expanded", "A=$B ${C} %n", `1:A="$B ${C} %n"`, ""},
		{"CRLF", "A=b\r\nC='d'\r\n", `1:A="b" 2:C="d"`, ""},
		{"twice", "A=b\nA=c\n", `1:A="b" 2:A="c"`, ""},
		{"equals signs", "A=b=c\n", `1:A="b=c"`, ""},
		{"Latin-1 in a comment", "# \xe4\nA=b", `2:A="b"`, ""},

		{"export", "export A=b\nC=d\n", `2:C="d"`, "1:1 line ignored by systemd: it is no shell and knows no export; remove the word export\n"},
		{"no equals", "A\n  b\nC=d\nE", `3:C="d"`, "1:1 line ignored by systemd: missing '='; write NAME=value, or start the line with # if it is a comment\n" +
			"2:3 line ignored by systemd: missing '='; write NAME=value, or start the line with # if it is a comment\n" +
			"4:1 line ignored by systemd: missing '='; write NAME=value, or start the line with # if it is a comment\n"},
		{"names", "A.B=c\n1=2\nexports D=e\n", ``, "1:1 line ignored by systemd: invalid variable name; use letters, digits and underscores, and no digit first\n" +
			"2:1 line ignored by systemd: invalid variable name; use letters, digits and underscores, and no digit first\n" +
			"3:1 line ignored by systemd: invalid variable name; use letters, digits and underscores, and no digit first\n"},
		{"open quote", "A=b\nC='d\nE=f\n", `1:A="b" 2:C="d\nE=f\n"`, "2:3 unbalanced quote: everything up to the end of the file is the value; close it\n"},
		{"comment that goes on", "# a \\\nA=b\nC=d\n", `3:C="d"`, "1:0 comment that ends in a backslash: systemd up to 253 takes the next line for a comment too, later ones do not; remove the backslash\n"},
		{"not UTF-8", "A=b\nC=\xe4\n", ``, "2:1 not UTF-8: systemd refuses the whole environment file; save the file as UTF-8\n"},
		{"NUL", "A=b\nC=\x00\n", ``, "2:0 not an environment file: it contains NUL bytes; name a text file of NAME=value lines\n"},
		{"too large", strings.Repeat("#", MaxEnvFile+1), ``, "1:0 not an environment file: larger than 1 MiB; name a text file of NAME=value lines\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			list, problems := ParseEnvFile([]byte(test.src))
			var got []string
			for _, a := range list {
				got = append(got, fmt.Sprintf("%d:%s=%q", a.Line, a.Name, a.Value))
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got %s\nwant %s", s, test.want)
			}
			if s := texts(problems); s != test.problems {
				t.Errorf("problems\n%swant\n%s", s, test.problems)
			}
		})
	}
}

func FuzzParseEnvFile(f *testing.F) {
	f.Add("A=b # c\n; d\nexport E=f\nG = 'h\ni'\"j\\\nk\" l\\\nm\r\n")
	f.Add("# \\\nA=\"b")
	f.Fuzz(func(t *testing.T, src string) {
		list, problems := ParseEnvFile([]byte(src))
		lines := strings.Count(src, "\n") + strings.Count(src, "\r") + 1
		for _, p := range problems {
			if p.Line > lines || p.Remedy == "" {
				t.Fatalf("%+v", p)
			}
		}
		var again strings.Builder
		for _, a := range list {
			if !ValidEnvName(a.Name) || !validUTF8(a.Value) || a.Line < 1 || a.Line > lines {
				t.Fatalf("%+v", a)
			}
			again.WriteString(a.Name + "=\"" + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Value) + "\"\n")
		}
		if again.Len() > MaxEnvFile {
			return
		}
		second, problems := ParseEnvFile([]byte(again.String()))
		if problems != nil || !slices.EqualFunc(list, second, func(a, b Assignment) bool { return a.Name == b.Name && a.Value == b.Value }) {
			t.Fatalf("%q: %+v became %+v: %v", again.String(), list, second, problems)
		}
	})
}
