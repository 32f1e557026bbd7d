package lambda

import (
	"fmt"
	"path"
	"strings"

	"github.com/deploylift/lift/convert/internal/names"
	"github.com/deploylift/lift/convert/internal/pod"
	"github.com/deploylift/lift/convert/internal/stay"
	"github.com/deploylift/lift/deploy"
)

// blockers finds all that keeps a workload on Kubernetes.
func (s *step) blockers(w deploy.Workload) []stay.Blocker {
	var out []stay.Blocker
	block := func(reason, remedy string) { out = append(out, stay.Blocker{Reason: reason, Remedy: remedy}) }
	kind := w.Kind.Or(deploy.Service)
	switch {
	case !w.Image.IsSet():
		return []stay.Blocker{{Reason: "it has no image", Remedy: "set its image in lift.yaml"}}
	case kind == deploy.Agent:
		block("it runs on each node, and Lambda knows events, not nodes", "leave it on Kubernetes")
	case kind == deploy.Job:
		block("it runs once, and a function waits for events", "leave it on Kubernetes, or run it by hand before the switch")
	case kind == deploy.Service && (w.Autostart.Is(false) || w.Scale.Replicas.Is(0)):
		block("it is switched off, and Lambda would start it at the first request", "switch it on, or leave it on Kubernetes")
	case kind == deploy.Service:
		s.blockService(w, block)
	case kind == deploy.Cron:
		blockJob(w, block)
	}
	if names.Label(w.Name) != w.Name {
		block("its name is no DNS label", "rename it")
	}
	s.blockMounts(w, kind, block)
	if words, ok := command(w); ok {
		for _, word := range words {
			if peers := s.peersIn(word, w.Name); len(peers) > 0 {
				block("its command names "+strings.Join(peers, ", ")+", a name that no function can resolve", "let it take the address from a variable")
			}
		}
	}
	if n := size(w); n > maxEnv {
		block(fmt.Sprintf("its variables have %d bytes, and a function's have %d at most", n, maxEnv), "move what is large to the parameter store")
	}
	if c := w.Security.Capabilities; c.IsSet() && c.String() != "none" && c.String() != "default" {
		block("it adds capabilities ("+c.String()+"), and a function has none", "do without them, or leave it on Kubernetes")
	}
	return append(out, stay.Extras(w, "Lambda")...)
}

// blockService wants one port that speaks HTTP/1, and somebody who asks it from outside: a function has no name inside of the system.
func (s *step) blockService(w deploy.Workload, block func(reason, remedy string)) {
	number, b := stay.HTTPPort(w, "Lambda")
	if b != nil {
		block(b.Reason, b.Remedy)
		return
	}
	if w.Ports[0].Protocol.Is("grpc") {
		block("its port speaks gRPC, and the Lambda Web Adapter knows HTTP/1 alone", "leave it on Kubernetes")
	}
	if len(s.routes[w.Name]) > 0 || s.static {
		return
	}
	if isExternal(w.Ports[0].Published.Or("")) {
		if s.fits[w.Name] {
			block("the machine offers it, as it does another workload, which has all paths of the HTTP API", "give each a domain or a path of its own")
		}
		return
	}
	reason, remedy := fmt.Sprintf("no route leads to its port %d from outside, and a function has no name by which the rest of the system could call it", number), "leave it on Kubernetes, or give it a domain in lift.yaml"
	for _, r := range s.src.Routes {
		if r.Via.Or("").Name() == w.Name {
			return // a proxy: what it hands on is asked for
		}
		if r.Workload.Or("").Name() != w.Name {
			continue
		}
		out, why, how := apiRoute(r)
		if why == "" {
			why, how = s.conflict(out, w.Name)
		}
		if why == "" {
			return // something else keeps it there
		}
		reason, remedy = r.Match+" has no place in the HTTP API: "+why, how
	}
	block(reason, remedy)
}

// blockJob wants a command that is known, a schedule that EventBridge can say, and a run that ends in time.
func blockJob(w deploy.Workload, block func(reason, remedy string)) {
	if words, ok := command(w); !ok || len(words) == 0 {
		block("nothing shows its command, which a function's runtime starts for each event", "write the command")
	}
	if cron, ok := w.Schedule.Cron.Get(); !ok {
		block("it has no schedule", "give it one")
	} else if _, reason := scheduler(cron); reason != "" {
		block("its schedule "+cron+" "+reason, "give it a schedule that EventBridge Scheduler knows")
	}
	if n, bounded := w.Start.Run.Or(deploy.Bound(maxRun)).Get(); bounded && n > maxRun {
		block("a run may take "+n.String()+", and Lambda ends one after 15 minutes", "bound the run if it is shorter, or leave it on Kubernetes")
	}
}

// blockMounts takes directories in memory at /tmp, and for what runs by a schedule volumes whose place the program is told.
func (s *step) blockMounts(w deploy.Workload, kind deploy.Kind, block func(reason, remedy string)) {
	seen := 0
	for _, m := range w.Mounts {
		if m.Volume.IsSet() && m.Kind.Or(deploy.MountVolume) == deploy.MountVolume {
			seen++
		}
	}
	if seen > 1 && kind == deploy.Cron {
		block("it mounts volumes in several places, and a function has one file system in one place", "bring the data together in one volume")
	}
	for _, m := range w.Mounts {
		switch {
		case m.Kind.Is(deploy.MountHost) || !m.Kind.IsSet() && m.Host.IsSet():
			block("it mounts "+m.Path+" from its node, and a function has none", "put what it reads into the image")
		case m.Kind.Is(deploy.MountVolume) || !m.Kind.IsSet() && m.Volume.IsSet():
			if kind != deploy.Cron {
				block("it keeps data at "+m.Path+", and copies of a function come and go", "keep the data in a database or an object store")
				continue
			}
			volume := m.Volume.Or("").Name()
			for _, other := range s.src.Workloads {
				if other.Name != w.Name && !s.fits[other.Name] && mounts(other, volume) {
					block("it shares the volume "+volume+" with "+other.Name+", which stays", "give each its own")
				}
			}
			if m.Path != efs(volume) && !s.told(w, m.Path) {
				block("nothing tells the program that its data is at "+m.Path+", and a function has file systems below /mnt alone", "let a variable or an argument name the directory")
			}
		case !scratch(m.Path):
			block("it writes to "+m.Path+", and a function may write to /tmp alone", "let it write below /tmp")
		}
	}
}

func mounts(w deploy.Workload, volume string) bool {
	for _, v := range pod.Volumes(w) {
		if v == volume {
			return true
		}
	}
	return false
}

// scratch reports whether a directory in memory is one that a function has: /tmp, or one that programs take for it.
func scratch(dir string) bool {
	dir = path.Clean(dir)
	return dir == "/tmp" || dir == "/var/tmp" || strings.HasPrefix(dir, "/tmp/")
}

// efs is where a function has a volume: LocalMountPath begins with /mnt/.
func efs(volume string) string { return "/mnt/" + volume }

// told reports whether a variable or an argument names the directory.
func (s *step) told(w deploy.Workload, dir string) bool {
	for _, e := range w.Env {
		if text, known := e.Value.Reveal(); known && relocate(text, dir, "") != text {
			return true
		}
	}
	words, _ := command(w)
	for _, word := range words {
		if relocate(word, dir, "") != word {
			return true
		}
	}
	return false
}

// command returns the words of a command without its entrypoint, and whether they are known.
func command(w deploy.Workload) ([]string, bool) {
	var all []string
	for _, argv := range []deploy.Argv{w.Command.Entrypoint, w.Command.Argv} {
		for _, word := range argv {
			all = append(all, word.String())
		}
	}
	return all, w.Command.Argv.IsSet()
}

// size is how much of a function's room the variables take.
func size(w deploy.Workload) int {
	n := 0
	for _, e := range w.Env {
		text, _ := e.Value.Reveal()
		n += len(e.Name) + len(text)
	}
	return n
}
