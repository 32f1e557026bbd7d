package link

import (
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/verify"
)

func TestHandoffs(t *testing.T) {
	for _, c := range []struct {
		by             map[string]string
		workload, port string
		prefix         string
	}{
		{map[string]string{"a": "PORT"}, "workloads.a", "3000", "/"},
		{nil, "workloads.nginx", "80", ""}, // nobody is known to listen: nginx goes on doing it
	} {
		r := system(c.by)
		const match = "http://shop.example/api/"
		at := deploy.At("routes", match)
		r.App.Workloads = append(r.App.Workloads, deploy.Workload{Name: "nginx"})
		r.App.Routes = []deploy.Route{{Match: match, Via: deploy.Some(deploy.Ref("workloads.nginx"))}}
		r.Handoffs = []detect.Handoff{{Match: match, Address: "127.0.0.1:3000", Prefix: deploy.Some("/"), Setting: r.Calls[0].Setting, Itself: 80}}
		Handoffs(r)
		for leaf, want := range map[string]string{"workload": c.workload, "port": c.port, "prefix": c.prefix} {
			if got, _ := deploy.Text(r.App, at.Join(leaf)); got != want {
				t.Errorf("%v: %s is %q, want %q", c.by, leaf, got, want)
			}
		}
		for _, p := range verify.Claims(r.App, r.Doc) {
			if p.Path.Under(at) && p.Path != at.Join("via") {
				t.Error(p)
			}
		}
	}
}
