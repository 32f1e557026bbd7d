package unitfile

import (
	"os/exec"
	"strings"
	"testing"
)

// The wanted values are those of systemd 252's unit_full_printf, measured, except for %D (255) and %y, %Y.
func TestExpand(t *testing.T) {
	instance := SystemSpecifiers(`foo-web@bar-b\x2dz.service`, "/etc/systemd/system/foo-web@.service")
	plain := SystemSpecifiers(`a-b\x20c.service`, "/a.service")
	tests := []struct {
		specifiers    Specifiers
		in, want      string
		problem       string
		unknownsInAll string
	}{
		{instance, "", "", "", ""},
		{instance, "100%% %", "100% %", "", ""},
		{instance, "%-x % %_ %é", "%-x % %_ %é", "", ""},
		{instance, "%n|%N|%p|%P|%j|%J", `foo-web@bar-b\x2dz.service|foo-web@bar-b\x2dz|foo-web|foo/web|web|web`, "", ""},
		{instance, "%i|%I|%f", `bar-b\x2dz|bar/b-z|/bar/b-z`, "", ""},
		{instance, "%d", `/run/credentials/foo-web@bar-b\x2dz.service`, "", ""},
		{instance, "%u %U %g %G %h", "root 0 root 0 /root", "", ""},
		{instance, "%t %S %C %L %E %D %T %V", "/run /var/lib /var/cache /var/log /etc /usr/share /tmp /var/tmp", "", ""},
		{instance, "%y|%Y", "/etc/systemd/system/foo-web@.service|/etc/systemd/system", "", ""},
		{plain, "%n|%N|%p|%P|%j|%J|%f", `a-b\x20c.service|a-b\x20c|a-b\x20c|a/b c|b\x20c|b c|/a/b c`, "", ""},
		{plain, "[%i%I] %Y", "[] /", "", ""},
		{plain, "%H and %%H on %m", "%H and %H on %m", "", "%H host name 0, %m machine ID 13"},
		{plain, "%s", "%s", "", "%s shell of the service manager's user 0"},
		{SystemSpecifiers("a@-.service", ""), "%I%f %y", "// %y", "", "%y path of the unit file 3"},
		{SystemSpecifiers("a@.service", ""), "%p %i", "a %i", "", "%i instance of the template 2"},
		{SystemSpecifiers("a@b.c.service", ""), "%i %N", "b.c a@b.c", "", ""},
		{Specifiers{}, "%n %h", "%n %h", "", "%n name of the unit 0, %h home directory of the service manager's user 3"},
		{plain, "date +%Q", "date +", "unknown specifier %Q; write %% for a percent sign", ""},
		{plain, "%5", "", "unknown specifier %5; write %% for a percent sign", ""},
		{SystemSpecifiers(`a@b\zz.service`, ""), "%i", `b\zz`, "", ""},
		{SystemSpecifiers(`a@b\zz.service`, ""), "x%I", "x", `%I cannot undo the escaping of b\zz; mend the name of the unit`, ""},
		{SystemSpecifiers("a@b-.service", ""), "%f", "", "%f cannot undo the escaping of b-; mend the name of the unit", ""},
	}
	for _, test := range tests {
		got, unknown, problem := Expand(test.in, test.specifiers)
		var b []string
		for _, u := range unknown {
			b = append(b, u.Specifier+" "+u.Meaning+" "+string(rune('0'+u.Offset/10))+string(rune('0'+u.Offset%10)))
		}
		unknowns := strings.ReplaceAll(strings.Join(b, ", "), " 0", " ")
		if got != test.want || unknowns != test.unknownsInAll {
			t.Errorf("%s: got %q, unknown %s; want %q, unknown %s", test.in, got, unknowns, test.want, test.unknownsInAll)
		}
		one(t, test.in, problem, test.problem)
	}
}

func TestSplitUnitName(t *testing.T) {
	for name, want := range map[string]UnitName{
		"web.service":      {"web", "", ".service", false},
		"w@.service":       {"w", "", ".service", true},
		"w@1@2.x.service":  {"w", "1@2.x", ".service", true},
		"-.mount":          {"-", "", ".mount", false},
		"web":              {"web", "", "", false},
		"":                 {},
		"w@a.example":      {"w", "a", ".example", true},
		"dbus-a.b.service": {"dbus-a.b", "", ".service", false},
	} {
		if got := SplitUnitName(name); got != want {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

var escaped = []string{`a`, `a-b`, `a\x2db`, `-`, `a-b\x2dc-\xc3\xa4`, `a--b`, `.`, `a\x2e\x2e-b`, `a\x20b`}

func TestUnescapedAgainstSystemdEscape(t *testing.T) {
	if _, err := exec.LookPath("systemd-escape"); err != nil {
		missing(t, "systemd-escape is not installed")
	}
	for _, s := range escaped {
		out, err := exec.Command("systemd-escape", "--unescape", "--", s).Output()
		if got, ok := Unescaped(s); ok != (err == nil) || ok && got+"\n" != string(out) {
			t.Errorf("%s: got %q %v, systemd %q %v", s, got, ok, out, err)
		}
		out, err = exec.Command("systemd-escape", "--unescape", "--path", "--", s).Output()
		if got, ok := UnescapedPath(s); ok != (err == nil) || ok && got+"\n" != string(out) {
			t.Errorf("path %s: got %q %v, systemd %q %v", s, got, ok, out, err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("%n %i %H %% %", "foo@bar-b.service")
	f.Add("%f%I%J%Q", `a\x2d-@\x.service`)
	f.Fuzz(func(t *testing.T, s, unit string) {
		text, unknown, problem := Expand(s, SystemSpecifiers(unit, "/x/"+unit))
		for _, u := range unknown {
			if u.Meaning == "" || !strings.HasPrefix(text[u.Offset:], u.Specifier) {
				t.Fatalf("%q %+v", text, u)
			}
		}
		if problem == nil && !strings.Contains(s, "%") && text != s {
			t.Fatalf("%q became %q", s, text)
		}
		if doubled := strings.ReplaceAll(s, "%", "%%"); problem == nil {
			if again, _, problem := Expand(doubled, Specifiers{}); problem != nil || again != s {
				t.Fatalf("%q became %q", doubled, again)
			}
		}
	})
}
