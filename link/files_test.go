package link

import (
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"github.com/deploylift/lift/verify"
)

func TestFiles(t *testing.T) {
	paths := []string{"shop/config/app.json", "shop/server.js"}
	for _, c := range []struct{ value, want string }{
		{"./data/votes.json", "volume web-data /srv/shop/data"},
		{"data/votes.json", "volume web-data /srv/shop/data"},
		{"/srv/shop/var/uploads", "volume web-uploads /srv/shop/var/uploads"},
		{"./uploads", "volume web-uploads /srv/shop/uploads"},
		{"./config/app.json", ""},          // of the tree
		{"./config", ""},                   // of the tree
		{"./config/local.json", "warning"}, // a volume would hide app.json
		{"./votes.json", "warning"},
		{"../votes.json", ""},
		{"/srv/shop", ""},
		{"/srv/shopping/data", ""},
		{"/etc/shop/app.json", ""},
		{"shop/web", ""}, // a name
		{"http://x/a.json", ""},
		{"a.json,b/c.json", ""},
	} {
		r := detect.Recorder{}
		r.App.Workloads = []deploy.Workload{{
			Name: "web", Dir: deploy.Some("/srv/shop"), Source: deploy.Source{Dir: deploy.Some("shop")},
			Env: []deploy.Env{{Name: "STORE", Value: deploy.Plain(c.value)}},
		}}
		deploy.Visit(r.App, func(p []byte, l deploy.Leaf) {
			if !l.Presence() {
				r.Convert(r.Setting(ledger.Pos{File: "f", Line: 1}, string(p), deploy.Plain("")), deploy.Path(p))
			}
		})
		Files(&r.Result, paths)
		got := ""
		for _, v := range r.App.Volumes {
			got = "volume " + v.Name + " " + v.Origin.Or("")
			if m := r.App.Workloads[0].Mounts; len(m) != 1 || m[0].Path != v.Origin.Or("") || m[0].Volume.Or("").Name() != v.Name {
				t.Errorf("%s: mounts %v", c.value, m)
			}
		}
		if got == "" && len(r.Findings) > 0 {
			got = string(r.Findings[0].Severity)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.value, got, c.want)
		}
		for _, f := range r.Findings {
			if !strings.Contains(f.What, "STORE="+c.value) || f.Remedy == "" || f.At.Line == 0 {
				t.Errorf("%s: %v", c.value, f)
			}
		}
		for _, p := range verify.Claims(r.App, r.Doc) {
			t.Errorf("%s: %s", c.value, p)
		}
	}
}
