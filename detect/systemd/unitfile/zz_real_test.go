//go:build oracle

package unitfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOReal(t *testing.T) {
	o := start(t)
	n, cmds := 0, 0
	for _, root := range []string{"/usr/lib/systemd/system", "/usr/lib/systemd/user"} {
		ps, _ := filepath.Glob(root + "/*.*")
		for _, p := range ps {
			src, err := os.ReadFile(p)
			if err != nil {
				continue
			}
			n++
			f, pr := Parse(p, src)
			if pr != nil {
				t.Error(p, texts(pr))
			}
			for _, d := range f.Directives {
				if strings.HasPrefix(d.Key, "Exec") && d.Section == "Service" {
					cs, pr := ParseCommands(d.Value, SystemSpecifiers("a@b.service", p))
					if pr != nil {
						t.Log(p, d.Value, texts(pr))
					}
					cmds++
					w := o.q("exec", "a@b.service\n"+d.Value)
					if strings.Count(w, "cmd ") != len(cs) {
						t.Error(p, d.Value)
					}
				}
				if !checkReal(d) {
					t.Error(p, d.Key, d.Value)
				}
				if d.Key == "OnCalendar" {
					c, p := ToCron(d.Value)
					t.Log(d.Value, c, p)
				}
			}
		}
	}
	t.Log(n, cmds)
}

func checkReal(d Directive) bool {
	if d.Section != "Service" || d.Value == "" {
		return true
	}
	k := d.Key
	switch {
	case strings.HasPrefix(k, "Limit"), k == "MemoryMax", k == "CPUQuota", k == "KillSignal", k == "UMask", k == "PrivateTmp", k == "SuccessExitStatus":
		return checkDirective(k, d.Value)
	case strings.HasSuffix(k, "Sec"):
		_, p := ParseSpan(d.Value)
		return p == nil
	case k == "User" || k == "Group":
		_, p := ParseAccount(d.Value)
		return p == nil
	case k == "Environment":
		_, p := ParseEnvironment(d.Value, SystemSpecifiers("a@b.service", ""))
		return p == nil
	}
	return true
}
