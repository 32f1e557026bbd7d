package pod

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
)

// expand is what the kubelet does with command, args and env values when no variable is known: third_party/forked/golang/expansion of Kubernetes.
func expand(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '$' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case '$':
			b.WriteByte('$')
			i++
		case '(':
			if end := strings.IndexByte(s[i:], ')'); end >= 0 {
				return "expanded: " + s
			}
			b.WriteByte('$')
		default:
			b.WriteByte('$')
		}
	}
	return b.String()
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{"": "", "$HOME": "$HOME", "echo $$": "echo $$$", "$(id)": "$$(id)", "$$(id)": "$$$$(id)", "a$": "a$", "$$x": "$$$x"} {
		if got := EscapeText(in); got != want || expand(got) != in {
			t.Errorf("%q: %q, want %q; comes back as %q", in, got, want, expand(got))
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("$($$(x)$")
	f.Fuzz(func(t *testing.T, s string) {
		if got := expand(EscapeText(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

func TestScript(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	argv := deploy.Argv{deploy.Lit("printf"), deploy.Lit("[%s]"), deploy.Lit("it's $X `id` \\"), deploy.Lit(""), {{Text: "a b="}, {Var: "X"}}, {{Var: "X", Split: true}}, {{Var: "NONE", Split: true}}, {{Var: "NONE"}}}
	cmd := exec.Command(sh, "-c", script(argv))
	cmd.Env = []string{"X=1  2"}
	out, err := cmd.CombinedOutput()
	if want := "[it's $X `id` \\][][a b=1  2][1][2][]"; err != nil || string(out) != want {
		t.Errorf("%v %s, want %s\n%s", err, out, want, script(argv))
	}
}

func TestJoinEndsWithTheFirstFailure(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	c := Join([]deploy.Task{{Command: deploy.Command{Argv: deploy.Args("echo", "one")}}, {Command: deploy.Command{Shell: deploy.Some("sh"), Argv: deploy.Args("echo 'two'; exit 3")}}, {Command: deploy.Command{Argv: deploy.Args("echo", "three")}}})
	words, _ := TaskWords(c)
	out, err := exec.Command(sh, words[1:]...).Output()
	if err == nil || string(out) != "one\ntwo\n" {
		t.Errorf("%v %q", err, out)
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[time.Duration]time.Duration{0: 0, time.Millisecond: time.Second, time.Second: time.Second, 1500 * time.Millisecond: 2 * time.Second} {
		if got := Seconds(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestQuantities(t *testing.T) {
	r := deploy.Resources{
		CPU:    deploy.CPU{Limit: deploy.Some(deploy.Bound[deploy.NanoCPU](1_500_000_000)), Request: deploy.Some[deploy.NanoCPU](2_000_000_000)},
		Memory: deploy.Memory{Limit: deploy.Some(deploy.Bound[deploy.Bytes](512 << 20)), Request: deploy.Some[deploy.Bytes](3000)},
	}
	out, err := Resources(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Limits.Cpu().String() + " " + out.Requests.Cpu().String() + " " + out.Limits.Memory().String() + " " + out.Requests.Memory().String(); got != "1500m 2 512Mi 3000" {
		t.Error(got)
	}
}
