package names

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var dns1035 = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

func TestLabel(t *testing.T) {
	for in, want := range map[string]string{
		"web":                    "web",
		"my_db":                  "my-db",
		"My.DB":                  "my-db",
		"a--b":                   "a--b",
		"a__b":                   "a-b",
		"-web-":                  "web",
		"3proxy":                 "x-3proxy",
		"":                       "x",
		"Ü":                      "x",
		"worker@1.service":       "worker-1-service",
		strings.Repeat("a", 52):  strings.Repeat("a", 52),
		strings.Repeat("ab", 40): strings.Repeat("ab", 23) + "-" + hash(strings.Repeat("ab", 40), 5),
	} {
		if got := Label(in); got != want {
			t.Errorf("Label(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLabelsKeepApart(t *testing.T) {
	in := []string{"my_db", "my-db", "my.db", "volumes", "ok", strings.Repeat("x", 60) + "1", strings.Repeat("x", 60) + "2"}
	got := Labels(in, "volumes")
	if got["my-db"] != "my-db" || got["ok"] != "ok" {
		t.Errorf("names that are right must stay: %v", got)
	}
	seen := map[string]string{"volumes": "reserved"}
	for n, l := range got {
		if other := seen[l]; other != "" {
			t.Errorf("%q and %q both became %q", n, other, l)
		}
		seen[l] = n
		if !dns1035.MatchString(l) || len(l) > MaxLabel {
			t.Errorf("%q became %q, which is no label", n, l)
		}
	}
	slices.Reverse(in)
	for n, l := range Labels(in, "volumes") {
		if got[n] != l {
			t.Errorf("the order counts: %q became %q and %q", n, got[n], l)
		}
	}
	again := Labels(slices.Collect(func(yield func(string) bool) {
		for _, l := range got {
			if !yield(l) {
				return
			}
		}
	}), "volumes")
	for n, l := range again {
		if n != l {
			t.Errorf("not stable: %q became %q", n, l)
		}
	}
}

func TestPortName(t *testing.T) {
	for in, want := range map[string]string{"http": "http", "HTTP_alt": "http-alt", "a-very-long-port-name": "a-very-long-por", "exactly15chars-": "exactly15chars"} {
		if got := PortName(in); got != want {
			t.Errorf("PortName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	got := Keys([]string{"API_TOKEN", "API TOKEN", "API/TOKEN", "..", "a.b-c"})
	if got["API_TOKEN"] != "API_TOKEN" || got["a.b-c"] != "a.b-c" || got[".."] != "_.." {
		t.Error(got)
	}
	if got["API TOKEN"] == got["API/TOKEN"] || got["API TOKEN"] == "API_TOKEN" {
		t.Error("collide:", got)
	}
}

func FuzzLabel(f *testing.F) {
	f.Add("my_db")
	f.Fuzz(func(t *testing.T, s string) {
		l := Label(s)
		if !dns1035.MatchString(l) || len(l) > MaxLabel || Label(l) != l {
			t.Errorf("%q: %q", s, l)
		}
		if p := PortName(s); !dns1035.MatchString(p) || len(p) > MaxPort {
			t.Errorf("%q: port %q", s, p)
		}
	})
}
