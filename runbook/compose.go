package runbook

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
)

// compose works a compose.yaml beside this file.
type compose struct{}

func (compose) prepare(*book) []string {
	return []string{
		"docker compose --profile '*' build",
		"docker compose --profile '*' config --quiet   # once the secrets are there: complains of what is missing, prints no value",
	}
}

func (compose) supply(b *book, list []supply) []string {
	var out, hand []string
	for _, s := range list {
		if s.at.File != "" && path.Clean(b.source(s.at.File)) == ".env" && s.cut != "" {
			out = append(out, "# "+s.key()+" is in .env already, where compose reads it")
			continue
		}
		if c, ok := s.sed(b, "'"); ok {
			out = append(out, "(umask 077; "+c+" >> .env)")
		} else {
			hand = append(hand, "# "+s.byHand(b))
		}
	}
	if len(hand) > 0 {
		out = append(append(out, "# to be written into .env, mode 0600:"), hand...)
	}
	if len(out) > 0 {
		out = append(out, "chmod 600 .env")
	}
	return out
}

// copy lets compose make the volume, so that it is its own, and fills it before any container runs.
func (compose) copy(b *book, s state) []string {
	volume := b.app().Name.Or("app") + "_" + s.Name
	mount := "docker run --rm --network none -v " + volume + ":/to"
	out := []string{
		"docker compose --profile '*' create " + s.owner.Name + "   # makes the volume, starts nothing",
		b.dump(s) + " | docker run -i --rm --network none -v " + volume + ":/to " + helper + " tar -C /to --numeric-owner -xpf -",
		"diff <(" + b.oldSums(s) + ") <(" + mount + ":ro -w /to " + helper + " sh -c '" + sums + "') && echo the same files",
	}
	if uid, gid, ok := s.owner.uid(); ok {
		out = append(out, mount+" "+helper+" chown -R "+uid+":"+gid+" /to   # "+s.owner.Name+" runs under this number in its image")
	}
	return out
}

func (compose) start(b *book, w workload) []string {
	switch w.was.Kind.Or(deploy.Service) {
	case deploy.Job:
		return []string{"docker compose run --rm " + w.Name}
	case deploy.Cron:
		return []string{"# compose has no schedule: at " + w.was.Schedule.Cron.Or("its times") + ", let a timer of the machine run", "#   docker compose run --rm " + w.Name}
	}
	if w.Autostart.Is(false) {
		return []string{"# it was not started with the machine; when it is needed:", "docker compose --profile manual up -d --wait " + w.Name}
	}
	return []string{"docker compose up -d --wait " + w.Name}
}

func (compose) rest(*book) []string { return []string{"docker compose ps --all"} }

func (compose) logs(w workload) []string {
	return []string{"docker compose logs --tail 50 " + w.Name}
}

func (compose) check(b *book, w workload) []string {
	for _, p := range w.Ports {
		number, proto, _ := strings.Cut(p.Number, "/")
		at, published := p.Published.Get()
		if !published || proto != "tcp" {
			continue
		}
		if !strings.Contains(at, ":") {
			at = "127.0.0.1:" + at
		}
		if path, ok := probePath(w, number); ok {
			return []string{"curl -fsS -o /dev/null -w '%{http_code}\\n' http://" + at + path}
		}
		host, port := at[:strings.LastIndex(at, ":")], at[strings.LastIndex(at, ":")+1:]
		return []string{"timeout 3 bash -c '</dev/tcp/" + strings.Trim(host, "[]") + "/" + port + "' && echo listens"}
	}
	if w.Probes.Readiness.Command.Argv.IsSet() || w.Probes.Readiness.Path.IsSet() {
		return []string{"docker compose ps " + w.Name + "   # healthy"}
	}
	return nil
}

// probePath returns the path by which the port's health is asked for, as the source knows it, where the lowered model had to drop it too.
func probePath(w workload, port string) (string, bool) {
	for _, p := range []deploy.Probe{w.Probes.Readiness, w.was.Probes.Readiness, w.was.Probes.Liveness} {
		if path, ok := p.Path.Get(); ok && (!p.Port.IsSet() || p.Port.String() == port) {
			return path, true
		}
	}
	return "", false
}

func (compose) switchOver(_ *book, ws []workload) string {
	var list []string
	for _, w := range ws {
		for _, p := range w.Ports {
			if at, ok := p.Published.Get(); ok {
				list = append(list, "`"+at+"` is "+w.Name)
			}
		}
	}
	if len(list) == 0 {
		return "No port is published: whoever used the programs finds them by their names inside of the project."
	}
	slices.Sort(list)
	return "The containers answer at the machine's own addresses: " + strings.Join(list, ", ") + ". A proxy or a DNS record that leads there needs no change. Ask it the way your users do, and look at its log and at `docker compose logs --since 10m`."
}

func (compose) stop(_ *book, w workload) []string {
	if w.was.Kind.Or(deploy.Service) != deploy.Service {
		return nil
	}
	return []string{"docker compose stop " + w.Name}
}

func (compose) restore(b *book, s state) []string {
	volume := b.app().Name.Or("app") + "_" + s.Name
	dump := "docker run --rm --network none -v " + volume + ":/from:ro -w /from " + helper + " sh -c 'find . -mindepth 1 -maxdepth 1 -print0 | tar --null -T - --numeric-owner -cf -'"
	out := b.aside(s)
	for _, l := range b.load(s) {
		out = append(out, dump+" | "+l)
	}
	return append(out, b.chownBack(s)...)
}

// chownBack gives brought-back files the owner that the old directory has: the number in the image may be another one.
func (b *book) chownBack(s state) []string {
	if s.origin == "" {
		return nil
	}
	return []string{"sudo chown -R --reference=" + s.origin + ".before-lift " + s.origin}
}
