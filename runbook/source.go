package runbook

import (
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/ledger"
)

// sums lists the checksums of all files below the working directory, in an order that is the same everywhere.
const sums = `find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum`

const helper = "debian:bookworm-slim" // image of the helper containers

// units returns the systemd units of a workload: its own, and those that start it.
func (b *book) units(w workload) []string {
	var out []string
	at := deploy.At("workloads", w.was.Name)
	add := func(file string) {
		base := path.Base(file)
		switch ext := path.Ext(base); {
		case ext != ".service" && ext != ".timer" && ext != ".socket" && ext != ".path":
			return
		case strings.HasSuffix(strings.TrimSuffix(base, ext), "@"): // an instance has its own name
			stem := strings.TrimSuffix(base, "@"+ext)
			instance := strings.TrimPrefix(strings.TrimPrefix(w.was.Name, stem+"-"), stem+"@")
			base = stem + "@" + instance + ext
		}
		if !slices.Contains(out, base) {
			out = append(out, base)
		}
	}
	for _, pl := range b.l.Source.Doc.Places {
		if pl.Path == at {
			add(pl.At.File)
		}
	}
	for _, r := range b.l.Source.Doc.Reads {
		for _, f := range r.Fields {
			if f.Under(at.Join("schedule")) || f.Under(at.Join("autostart")) || f.Under(at.Join("ports")) {
				add(b.l.Source.Doc.Settings[r.Setting].At.File)
			}
		}
	}
	slices.SortFunc(out, func(a, c string) int { // a timer before its service: else it would start it again
		return strings.Compare(path.Ext(c), path.Ext(a))
	})
	return out
}

func (b *book) from(source string) bool { return slices.Contains(b.l.Source.Sources, source) }

// oldStop stops what runs today, and keeps it from coming back after a restart of the machine.
func (b *book) oldStop() []string {
	return b.old(slices.Backward(b.ws), "sudo systemctl disable --now ", "stop")
}

// oldStart starts it again.
func (b *book) oldStart() []string {
	return b.old(slices.All(b.ws), "sudo systemctl enable --now ", "start")
}

func (b *book) old(ws func(func(int, workload) bool), systemctl, verb string) []string {
	var out []string
	var loose []string
	for _, w := range ws {
		switch units := b.units(w); {
		case len(units) > 0:
			first := systemctl
			if w.was.Autostart.Is(false) {
				first = "sudo systemctl " + verb + " "
			}
			out = append(out, first+units[0])
			if verb == "stop" && len(units) > 1 { // of a timer and its service, the timer is what is enabled
				out = append(out, "sudo systemctl stop "+strings.Join(units[1:], " "))
			}
		case b.from("compose"):
			out = append(out, "docker compose "+map[string]string{"stop": "stop ", "start": "up -d "}[verb]+w.was.Name)
		case b.from("kubernetes"):
			if verb == "stop" {
				out = append(out, "kubectl get pods -l app.kubernetes.io/name="+w.was.Name+"   # goes on until its traffic is switched; then delete the workload")
			}
		default:
			loose = append(loose, w.was.Name)
		}
	}
	if len(loose) > 0 {
		out = append(out, "# "+verb+" these with what starts them today: "+strings.Join(loose, ", "))
	}
	return out
}

// dump is a command that writes the volume's content as a tar archive to standard output. The directory itself is left out: whoever unpacks need not own it.
func (b *book) dump(s state) string {
	list := `find . -mindepth 1 -maxdepth 1 -print0 | tar --null -T - --numeric-owner -cf -`
	if s.origin != "" {
		return "sudo sh -c 'cd " + s.origin + " && " + list + "'"
	}
	return "docker run --rm --network none -v " + b.oldVolume(s) + ":/from:ro -w /from " + helper + " sh -c '" + list + "'"
}

// oldSums is a command that prints the checksums of what is there today.
func (b *book) oldSums(s state) string {
	if s.origin != "" {
		return "sudo sh -c 'cd " + s.origin + " && " + sums + "'"
	}
	return "docker run --rm --network none -v " + b.oldVolume(s) + ":/from:ro -w /from " + helper + " sh -c '" + sums + "'"
}

// load is a command that takes a tar archive from standard input and puts it in the place of the old content, which is kept.
func (b *book) load(s state) []string {
	if s.origin == "" {
		return []string{"docker run -i --rm --network none -v " + b.oldVolume(s) + ":/to -w /to " + helper + " tar --numeric-owner -xpf -"}
	}
	return []string{"sudo tar -C " + s.origin + " --numeric-owner -xpf -"}
}

// aside keeps the old directory before data is brought back to its place, with its owner and mode.
func (b *book) aside(s state) []string {
	if s.origin == "" {
		return nil
	}
	return []string{
		"sudo mv " + s.origin + " " + s.origin + ".before-lift",
		"sudo install -d -m \"$(stat -c %a " + s.origin + ".before-lift)\" -o \"$(stat -c %u " + s.origin + ".before-lift)\" -g \"$(stat -c %g " + s.origin + ".before-lift)\" " + s.origin,
	}
}

// oldVolume is the name that Docker has for a volume of the project that lift read.
func (b *book) oldVolume(s state) string { return b.l.Source.App.Name.Or("app") + "_" + s.was }

// position returns the setting that gave a place of the source's model.
func (b *book) position(p deploy.Path) (ledger.Setting, bool) {
	for _, r := range b.l.Source.Doc.Reads {
		if slices.Contains(r.Fields, p) {
			if s := b.l.Source.Doc.Settings[r.Setting]; s.At.File != "" {
				return s, true
			}
		}
	}
	return ledger.Setting{}, false
}
