package unitfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The wanted words are those of systemd 252's extract_first_word, measured with the flags of each kind of list.
func TestSplit(t *testing.T) {
	const quote = `unbalanced quote; close it, or write \" or \' for a literal one`
	tests := []struct {
		escapes     Escapes
		value, want string // words with their offsets
		problem     string
		column      int
	}{
		{escapes: Unescape, value: "", want: ""},
		{escapes: Unescape, value: "  a  b\tc ", want: `2"a" 5"b" 7"c"`},
		{escapes: Unescape, value: `a"b c"d 'e f'g`, want: `0"ab cd" 8"e fg"`},
		{escapes: Unescape, value: `"" '' a`, want: `0"" 3"" 6"a"`},
		{escapes: Unescape, value: `"it's" 'say "x"'`, want: `0"it's" 7"say \"x\""`},
		{escapes: Unescape, value: `\x41\101\u00e9\U0001F600`, want: `0"AAé😀"`},
		{escapes: Unescape, value: `a\sb 'c\td' \"`, want: `0"a b" 5"c\td" 12"\""`},
		{escapes: Unescape, value: `\a\b\f\n\r\t\v\\`, want: `0"\a\b\f\n\r\t\v\\"`},
		{escapes: Unescape, value: `\xff`, want: `0"\xff"`},
		{escapes: Unescape, value: `a b\q c`, want: `0"a"`, problem: `unknown escape sequence; write \\ for a backslash`, column: 4},
		{escapes: Unescape, value: `\x00`, problem: `unknown escape sequence; write \\ for a backslash`, column: 1},
		{escapes: Unescape, value: `\U0000fffe`, problem: `unknown escape sequence; write \\ for a backslash`, column: 1},
		{escapes: Unescape, value: `\400`, problem: `unknown escape sequence; write \\ for a backslash`, column: 1},
		{escapes: Unescape, value: `a\`, problem: `backslash at the end of the value; write \\ for a backslash`, column: 2},
		{escapes: Unescape, value: `a "b c`, want: `0"a"`, problem: quote, column: 3},
		{escapes: Unescape, value: `"a\`, problem: quote, column: 1},
		{escapes: UnescapeKnown, value: `a\q\x41 b\`, want: `0"a\\qA" 8"b\\"`},
		{escapes: UnescapeKnown, value: `a\ b`, want: `0"a\\ b"`},
		{escapes: UnescapeKnown, value: `\x00`, want: `0"\\x00"`},
		{escapes: UnescapeKnown, value: `\ud800`, want: `0"\xed\xa0\x80"`},
		{escapes: UnescapeKnown, value: `'a\`, problem: quote, column: 1},
		{escapes: Protect, value: `a\x41 b\ c "d\"e"`, want: `0"ax41" 6"b c" 11"d\"e"`},
		{escapes: Protect, value: `a\`, problem: `backslash at the end of the value; write \\ for a backslash`, column: 2},
		{escapes: Keep, value: `dev-disk-by\x2duuid.device a\ b "c\" d`, want: `0"dev-disk-by\\x2duuid.device" 27"a\\" 30"b" 32"c\\" 37"d"`},
	}
	for _, test := range tests {
		items, problems := Split(test.value, test.escapes)
		var got []string
		for _, item := range items {
			got = append(got, fmt.Sprintf("%d%q", item.Offset, item.Text))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%d %s: got %s, want %s", test.escapes, test.value, s, test.want)
		}
		switch {
		case test.problem == "" && problems == nil:
		case len(problems) != 1 || problems[0].String() != test.problem || problems[0].Column != test.column:
			t.Errorf("%d %s: problems %v, want %d %s", test.escapes, test.value, problems, test.column, test.problem)
		}
	}
}

func TestParseEnvironment(t *testing.T) {
	specifiers := SystemSpecifiers("foo@bar.service", "")
	tests := []struct{ value, want, problems string }{
		{`A=b "C=d e" 'F=%%x'`, `A="b" C="d e" F="%x"`, ""},
		{`VAR1=1 "VAR2=$word 5 6"`, `VAR1="1" VAR2="$word 5 6"`, ""},
		{`A=%i\ttab P=%p=x`, `A="bar\ttab" P="foo=x"`, ""},
		{`A= B=`, `A="" B=""`, ""},
		{`A=b A=c`, `A="b" A="c"`, ""},
		{`"A=b"c A\x42=d`, `A="bc" AB="d"`, ""},
		{`A=b c D=e`, `A="b" D="e"`, "0:5 word without '=' in Environment=; put the whole assignment in quotes: \"NAME=some text\"\n"},
		{`1=2 A-B=c =d`, ``, "0:1 invalid variable name in Environment=; use letters, digits and underscores, and no digit first\n0:5 invalid variable name in Environment=; use letters, digits and underscores, and no digit first\n0:11 invalid variable name in Environment=; use letters, digits and underscores, and no digit first\n"},
		{`A=\xff`, ``, "0:1 value that is not UTF-8 in Environment=; remove the escapes that produce such bytes\n"},
		{`A=%Q B=c`, `B="c"`, "0:1 unknown specifier %Q; write %% for a percent sign\n"},
		{`A=b "C`, `A="b"`, "0:5 unbalanced quote; close it, or write \\\" or \\' for a literal one\n"},
	}
	for _, test := range tests {
		list, problems := ParseEnvironment(test.value, specifiers)
		var got []string
		for _, a := range list {
			got = append(got, fmt.Sprintf("%s=%q", a.Name, a.Value))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: got %s, want %s", test.value, s, test.want)
		}
		if s := texts(problems); s != test.problems {
			t.Errorf("%s: problems\n%swant\n%s", test.value, s, test.problems)
		}
	}
	list, _ := ParseEnvironment("A=1 NODE=%p@%H", specifiers)
	if a := list[1]; a.Value != "foo@%H" || len(a.Unknown) != 1 || a.Unknown[0] != (Unknown{"%H", "host name", 4}) || a.Column != 5 {
		t.Errorf("%+v", a)
	}
}

// No problem may show a value: it can be a password.
func TestEnvironmentProblemsHideValues(t *testing.T) {
	for _, value := range []string{`A=secret\q`, `"A=secret`, `secret`, `1A=secret`, `A=secret%Q`, `A=secret\xff`} {
		_, problems := ParseEnvironment(value, Specifiers{})
		_, more := ParseEnvFile([]byte("secret\nexport A=secret\nB-C=secret\nsecret==\nD='secret"))
		for _, p := range append(problems, more...) {
			if strings.Contains(p.String(), "secret") {
				t.Error(p)
			}
		}
	}
}

// quoted writes words as a list that Unescape reads.
func quoted(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteByte('"')
		for _, c := range []byte(w) {
			if c < ' ' || c == '"' || c == '\\' {
				fmt.Fprintf(&b, `\x%02x`, c)
			} else {
				b.WriteByte(c)
			}
		}
		b.WriteString("\" ")
	}
	return b.String()
}

func FuzzSplit(f *testing.F) {
	f.Add(`A=b "C=d e" 'F=\x41' \u00e9 a"b`)
	f.Add(`\q \  'a\`)
	f.Fuzz(func(t *testing.T, value string) {
		for _, escapes := range []Escapes{Unescape, UnescapeKnown, Protect, Keep} {
			items, problems := Split(value, escapes)
			last := -1
			var words []string
			for _, item := range items {
				if item.Offset <= last || item.Offset >= len(value) || isWhite(value[item.Offset]) {
					t.Fatalf("%d: offset %d", escapes, item.Offset)
				}
				last = item.Offset
				words = append(words, item.Text)
			}
			if len(problems) > 1 || len(problems) == 1 && (problems[0].Column < 1 || problems[0].Column > len(value)) {
				t.Fatal(problems)
			}
			if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "\x00") }) {
				continue // cannot be written
			}
			var again []string
			items, problems = Split(quoted(words), Unescape)
			for _, item := range items {
				again = append(again, item.Text)
			}
			if problems != nil || !slices.Equal(words, again) {
				t.Fatalf("%q became %q: %v", words, again, problems)
			}
		}
		list, _ := ParseEnvironment(value, SystemSpecifiers("a@.service", ""))
		for _, a := range list {
			for _, u := range a.Unknown {
				if !strings.HasPrefix(a.Value[u.Offset:], u.Specifier) {
					t.Fatalf("%+v", a)
				}
			}
		}
	})
}
