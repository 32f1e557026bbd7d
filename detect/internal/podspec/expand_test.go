package podspec

import (
	"strings"
	"testing"
)

// The rule is that of the kubelet: $$ is one $, $(X) is a reference, everything else is text.
func TestExpand(t *testing.T) {
	x := func(name string) bool { return name == "X" || name == "" }
	for _, c := range []struct {
		text, want, unresolved string
	}{
		{"", "", ""},
		{"plain", "plain", ""},
		{"$(X)", "${X}", ""},
		{"a$(X)b$(X)", "a${X}b${X}", ""},
		{"$$(X)", "$$(X)", ""},
		{"$$$(X)", "$$${X}", ""},
		{"$(Y)", "$$(Y)", "Y"},
		{"$(", "$$(", ""},
		{"$X ${X}", "$$X $${X}", ""},
		{"a$", "a$$", ""},
		{"$$", "$$", ""},
		{"$$$$", "$$$$", ""},
		{"$ü", "$$ü", ""},
	} {
		got, unresolved := expand(c.text, x)
		if got.String() != c.want || strings.Join(unresolved, ",") != c.unresolved {
			t.Errorf("%q: %s, %v; want %s, %s", c.text, got, unresolved, c.want, c.unresolved)
		}
	}
}

// Doubling each $ before a $ or ( is how a text is kept from being expanded.
func FuzzExpand(f *testing.F) {
	f.Add("echo $$ $(id) $HOME $")
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for i := range len(text) {
			b.WriteByte(text[i])
			if text[i] == '$' && i+1 < len(text) && (text[i+1] == '$' || text[i+1] == '(') {
				b.WriteByte('$')
			}
		}
		got, unresolved := expand(b.String(), func(string) bool { return true })
		lit, ok := got.Literal()
		if !ok || lit != text || len(unresolved) > 0 {
			t.Errorf("%q written as %q is read as %q", text, b.String(), got)
		}
		if w, _ := expand(text, func(string) bool { return true }); w == nil {
			t.Error("no word")
		}
	})
}
