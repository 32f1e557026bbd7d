package process2container

import (
	"path"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/lazyregexp"
	"github.com/deploylift/lift/internal/loopback"
)

// packaged are programs that machines have from a package and that have an image of their makers.
var packaged = map[string]struct{ image, root string }{
	"nginx": {"nginx:1.28-bookworm", "its workers run as another user; where clusters with restricted Pod Security refuse it, use nginxinc/nginx-unprivileged and ports from 1024 on"},
}

// packagedAs returns what is known of the program as a package.
func (o one) packagedAs() (p struct{ image, root string }, ok bool) {
	if len(o.was.Command.Argv) == 0 || o.was.Source.Language.IsSet() {
		return p, false
	}
	program, _ := o.was.Command.Argv[0].Literal()
	p, ok = packaged[path.Base(program)]
	return p, ok
}

// ownListen finds the address of a listen directive: an address of the machine, which the container does not have.
var ownListen = lazyregexp.New(`(?m)(^|[;{\s])(listen\s+)(\[[0-9a-fA-F:]+\]|\d+\.\d+\.\d+\.\d+|localhost):(\d+)\b`)

// files leads the addresses in configuration files to the workloads that listen there, and lets the program listen on all addresses of its container.
func (o one) files(owners loopback.Table) {
	for i := range o.w.Files {
		f := &o.w.Files[i]
		content, ok := f.Content.Get()
		if !ok {
			continue
		}
		var peers []string
		var now strings.Builder
		for line := range strings.Lines(content) {
			if !strings.HasPrefix(strings.TrimSpace(line), "#") {
				line = listenOnAll(line)
				line = loopback.Replace(line, loopback.Find(line, owners.Hosts...), func(a loopback.Address) string {
					who := owners.Of(line[a.Start:a.End], a.Port)
					if a.Port == "" || len(who) != 1 || who[0] == o.w.Name {
						return ""
					}
					peers = append(peers, who[0])
					return who[0]
				})
			}
			now.WriteString(line)
		}
		if now.String() != content {
			f.Content = deploy.Some(now.String())
			o.l.Convert(o.from.Join("files", f.Path, "content"), "addresses of the machine lead to the workload that listens there", o.to.Join("files", f.Path, "content"))
		}
		o.await(peers)
	}
}

// listenOnAll lets a listen directive of nginx listen on all addresses of its container, of the same family.
func listenOnAll(line string) string {
	return ownListen.ReplaceAllStringFunc(line, func(m string) string {
		g := ownListen.FindStringSubmatch(m)
		if strings.HasPrefix(g[3], "[") {
			return g[1] + g[2] + "[::]:" + g[4]
		}
		return g[1] + g[2] + "0.0.0.0:" + g[4]
	})
}

// await lets the program start after those whose names it looks up once, at its start: while one of them is not there it would end.
func (o one) await(peers []string) {
	for _, peer := range peers {
		if contains(o.w.Needs, peer) {
			continue
		}
		o.w.Needs = append(o.w.Needs, deploy.Need{Workload: peer, Condition: deploy.Some(deploy.Started), Required: deploy.Some(true), Follow: deploy.Some(true)})
		why := "nginx looks up the names of its backends once, when it starts, and ends where one is not known"
		at := o.to.Join("needs", peer)
		o.l.Assume(at.Join("condition"), string(deploy.Started), why)
		o.l.Assume(at.Join("required"), "true", why)
		o.l.Assume(at.Join("follow"), "true", "the address of a backend changes with its container")
	}
}

func contains(needs []deploy.Need, workload string) bool {
	for _, n := range needs {
		if n.Workload == workload {
			return true
		}
	}
	return false
}
