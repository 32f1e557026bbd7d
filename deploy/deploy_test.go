package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFullSetsEveryLeaf(t *testing.T) {
	a := Full()
	if d := Diff(a, Clone(a)); len(d) != 0 {
		t.Fatalf("a clone differs: %v", d)
	}
	n := 0
	Visit(a, func(p []byte, l Leaf) { n++ })
	if n < 250 {
		t.Fatalf("Full sets only %d leaves", n)
	}
}

// Removing any single leaf or element is reported as exactly that.
func TestDiffNamesEachRemoval(t *testing.T) {
	full := Full()
	for _, p := range Paths(full) {
		b := Clone(full)
		if err := Unset(&b, p); err != nil {
			t.Fatal(err)
		}
		d := Diff(full, b)
		if _, step := lastStep(p); step {
			continue // the steps behind it move up: reported as changes of their own
		}
		if len(d) != 1 || d[0].Kind != Removed || d[0].From != p {
			t.Errorf("removing %s: Diff says %v", p, d)
		}
		if back := Diff(b, full); len(back) != 1 || back[0].Kind != Added || back[0].To != p {
			t.Errorf("adding %s: Diff says %v", p, back)
		}
	}
}

func lastStep(p Path) (string, bool) {
	b := p.Base()
	return b, b != "" && strings.Trim(b, "0123456789") == ""
}

func TestSetTextRoundTrip(t *testing.T) {
	full := Full()
	for _, p := range Paths(full) {
		text, ok := Text(full, p)
		if !ok && !Has(full, p) {
			t.Fatalf("%s vanished", p)
		}
		b := Clone(full)
		if text == "" {
			continue
		}
		if err := Set(&b, p, strings.ReplaceAll(text, ", ", "|")); err != nil {
			t.Errorf("Set(%s, %q): %v", p, text, err)
		}
		if d := Diff(full, b); len(d) != 0 {
			t.Errorf("Set(%s, %q) changed %v", p, text, d)
		}
	}
}

func TestSetRefusesWhatTheModelHasNot(t *testing.T) {
	for path, text := range map[Path]string{
		"workloads.web.colour":         "red",
		"workloads.web.kind":           "thing",
		"workloads.web.stop.grace":     "soon",
		"workloads.web.before.3":       "",
		"workloads.web.user.id.number": "1",
		"workloads.web.stop":           "x",
	} {
		a := Full()
		if err := Set(&a, path, text); err == nil {
			t.Errorf("Set(%s, %q) was accepted", path, text)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	const canary = "hunter2-canary"
	a := App{Workloads: []Workload{{Name: "w", Env: []Env{{Name: "P", Value: Secret(canary)}}}}}
	b := Clone(a)
	b.Workloads[0].Env[0].Value = Secret(canary + "x")
	out := fmt.Sprintf("%v %+v %#v %s", a, a, a, Diff(a, b))
	text, _ := Text(a, "workloads.w.env.P.value")
	if strings.Contains(out+text, canary) {
		t.Fatalf("a secret was printed: %s", out)
	}
	if len(Diff(a, b)) != 1 || len(Diff(a, Clone(a))) != 0 {
		t.Fatal("equality of secrets is not checked")
	}
}

func TestPathEscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z.\\/]{1,6}`), 1, 4).Draw(t, "names")
		p := At(names...)
		if got := p.Names(); !slices.Equal(got, names) {
			t.Fatalf("%q became %q", names, got)
		}
		if p.Base() != names[len(names)-1] || p.Parent() != At(names[:len(names)-1]...) {
			t.Fatalf("%s: base %q parent %q", p, p.Base(), p.Parent())
		}
	})
}

// system draws a model with several workloads that refer to each other and to volumes.
func system(t *rapid.T) App {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z_.]{0,5}`), 2, 6, rapid.ID[string]).Draw(t, "names")
	full := Full()
	var a App
	for i, n := range names {
		w := Clone(full).Workloads[0]
		w.Name = n
		w.Scale.Replicas = Some(int64(i))
		w.Mounts[0].Volume = Some(Ref(At("volumes", "v"+n)))
		w.Needs[0].Workload = names[(i+1)%len(names)]
		for _, p := range rapid.SliceOfN(rapid.IntRange(0, 200), 0, 5).Draw(t, "unset") {
			one := App{Workloads: []Workload{w}}
			paths := Paths(one)
			p := paths[p%len(paths)]
			if p != At("workloads", n) && !strings.Contains(string(p), ".mounts") && !strings.Contains(string(p), ".needs") {
				if err := Unset(&one, p); err != nil {
					t.Fatal(err)
				}
				w = one.Workloads[0]
			}
		}
		a.Workloads = append(a.Workloads, w)
		a.Volumes = append(a.Volumes, Volume{Name: "v" + n, Size: Some(Bytes(i))})
	}
	return a
}

// renamed applies a renaming of workloads and volumes to the model, references included, and returns the moves that describe it.
func renamed(a App, to func(string) string) (App, []Move) {
	b := Clone(a)
	var moves []Move
	for i := range b.Workloads {
		w := &b.Workloads[i]
		moves = append(moves, Move{From: At("workloads", w.Name), To: At("workloads", to(w.Name))})
		w.Name = to(w.Name)
		w.Needs[0].Workload = to(w.Needs[0].Workload)
		v := w.Mounts[0].Volume.Or("").Name()
		w.Mounts[0].Volume = Some(Ref(At("volumes", "v"+to(v[1:]))))
	}
	for i := range b.Volumes {
		v := &b.Volumes[i]
		n := "v" + to(v.Name[1:])
		moves = append(moves, Move{From: At("volumes", v.Name), To: At("volumes", n)})
		v.Name = n
	}
	return b, moves
}

func TestDiffFollowsMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := system(t)
		order := rapid.Permutation(a.Workloads).Draw(t, "order")
		// a rotation among the names themselves is the hardest renaming: swaps and cycles
		to := func(n string) string {
			i := slices.IndexFunc(a.Workloads, func(w Workload) bool { return w.Name == n })
			return order[i].Name
		}
		b, moves := renamed(a, to)
		Sort(&b)
		if d := Diff(a, b, moves...); len(d) != 0 {
			t.Fatalf("with its moves it differs: %v", d)
		}
		if to(a.Workloads[0].Name) != a.Workloads[0].Name {
			if d := Diff(a, b); len(d) == 0 {
				t.Fatal("a swap went unnoticed")
			}
			if d := Diff(a, b, moves[1:]...); len(d) == 0 {
				t.Fatal("a missing move went unnoticed")
			}
		}
	})
}

func TestDiffFindsCollisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := system(t)
		b := Clone(a)
		x, y := a.Workloads[0].Name, a.Workloads[1].Name
		b.Workloads = b.Workloads[1:]
		m := Move{From: At("workloads", x), To: At("workloads", y)}
		if d := Diff(a, b, m); !slices.ContainsFunc(d, func(c Change) bool { return c.Kind == Collision }) {
			t.Fatalf("two workloads became one unnoticed: %v", d)
		}
		if d := Diff(a, b); !slices.ContainsFunc(d, func(c Change) bool { return c.Kind == Removed && c.From == m.From }) {
			t.Fatalf("a lost workload went unnoticed: %v", d)
		}
		j := []Move{{From: m.From, To: m.To, Joined: true}, {From: m.To, To: m.To, Joined: true}}
		if d := Diff(a, b, j...); slices.ContainsFunc(d, func(c Change) bool { return c.Kind == Collision }) {
			t.Fatalf("declared as joined, still a collision: %v", d)
		}
	})
}

// A change anywhere below a moved element is reported at both its places and nowhere else.
func TestDiffBelowMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := system(t)
		b, moves := renamed(a, func(n string) string { return "x-" + n })
		i := rapid.IntRange(0, len(b.Workloads)-1).Draw(t, "which")
		b.Workloads[i].Scale.Replicas = Some(int64(77))
		d := Diff(a, b, moves...)
		from := At("workloads", a.Workloads[i].Name, "scale", "replicas")
		to := At("workloads", b.Workloads[i].Name, "scale", "replicas")
		if len(d) != 1 || d[0].To != to || d[0].From != from && d[0].Kind != Added {
			t.Fatalf("want one change at %s, got %v", to, d)
		}
	})
}

func TestGraft(t *testing.T) {
	full := Full()
	var a App
	for _, p := range Paths(full) {
		if err := Graft(&a, p, full, p); err != nil {
			t.Fatal(err)
		}
	}
	if d := Diff(full, a); len(d) != 0 {
		t.Fatalf("grafting every path makes another model: %v", d)
	}
}

func BenchmarkDiff200(b *testing.B) {
	var a App
	for i := range 200 {
		w := Clone(Full()).Workloads[0]
		w.Name = fmt.Sprintf("w%03d", i)
		a.Workloads = append(a.Workloads, w)
	}
	c := Clone(a)
	b.ReportAllocs()
	for b.Loop() {
		if len(Diff(a, c)) != 0 {
			b.Fatal("differs")
		}
	}
}

func TestTarget(t *testing.T) {
	for _, match := range []string{"http://shop.example", "https://*", "http://*.shop.example/api/", "http://shop.example=/favicon.ico", `https://shop.example~\.php$`, "http://a/="} {
		target, ok := ParseTarget(match)
		if !ok || target.String() != match {
			t.Errorf("%s: %v %+v", match, ok, target)
		}
	}
	for _, match := range []string{"", "shop.example", "ftp://shop.example", "http://", "http:///x", "http://shop.example="} {
		if target, ok := ParseTarget(match); ok {
			t.Errorf("%s is taken for %+v", match, target)
		}
	}
}

func TestLead(t *testing.T) {
	a := Full()
	Lead(&a, "routes", func(p Path) Path { return p + "2" })
	for _, r := range a.Routes {
		if !r.Workload.Is("workloads.web2") {
			t.Error(r)
		}
	}
	if ref := a.Workloads[0].Mounts[0].Volume; !ref.Is("volumes.data") {
		t.Error("another place was led elsewhere", ref)
	}
}
