package runbook

import "strings"

// platforms are the targets whose commands are known.
var platforms = map[string]platform{"compose": compose{}, "kubernetes": kubernetes{}, "knative": knative{}, "lambda": lambda{}}

// generic says what is to be done at a target whose commands are not known here.
type generic struct{}

func (generic) prepare(b *book) []string {
	return []string{"# build what was written for " + b.target() + ", and upload it"}
}

func (generic) supply(b *book, list []supply) []string {
	var out []string
	for _, s := range list {
		out = append(out, "# "+s.byHand(b))
	}
	return out
}

func (generic) copy(b *book, s state) []string {
	return []string{b.dump(s) + " > " + s.Name + ".tar   # then unpack it where " + s.owner.Name + " has " + s.path}
}

func (generic) start(b *book, w workload) []string { return []string{"# deploy " + w.Name} }
func (generic) logs(workload) []string             { return nil }
func (generic) rest(*book) []string                { return nil }

func (generic) check(_ *book, w workload) []string {
	for _, p := range w.was.Ports {
		number, _, _ := strings.Cut(p.Number, "/")
		if path, ok := probePath(w, number); ok {
			return []string{"curl -fsS https://ADDRESS" + path}
		}
	}
	return nil
}

func (generic) switchOver(*book, []workload) string {
	return "Lead the proxy or the DNS records to the new addresses."
}

func (generic) stop(_ *book, w workload) []string {
	return []string{"# take " + w.Name + " out of service"}
}

func (generic) restore(b *book, s state) []string {
	return []string{"# bring the content of " + s.path + " back"}
}
