// Package archtest enforces who may import whom.
package archtest

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/deploylift/lift/"

type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// rule says what the packages below from may import of this module. The first rule that fits counts.
type rule struct {
	from   string
	allow  []string // prefixes; an entry that ends in "$" is exact
	reason string
}

var rules = []rule{
	{"deploy", nil, "the model is plain data: it stands on the standard library alone"},
	{"ledger", []string{"deploy$"}, "the ledger speaks of the model and of nothing else"},
	{"fileset", nil, "files know nothing of what is in them"},
	{"facts", nil, "facts are constants"},
	{"merge", []string{"deploy$", "ledger$", "detect$"}, "merging knows results, no formats"},
	{"link", []string{"deploy$", "ledger$", "detect$", "facts", "internal/loopback$"}, "linking knows the model, no formats"},
	{"convert/internal", []string{"deploy$", "ledger$", "convert$", "convert/internal"}, "a writer shares nothing with the reader that checks it"},
	{"convert/process2container", []string{"deploy$", "ledger$", "fileset$", "facts", "convert$", "convert/internal", "internal/loopback$"}, "a writer shares nothing with the reader that checks it"},
	{"convert", []string{"deploy$", "ledger$", "fileset$", "facts", "convert$", "convert/internal"}, "a writer shares nothing with the reader that checks it: they would confirm each other's mistakes"},
	{"detect/internal", []string{"deploy$", "ledger$", "detect$", "detect/internal"}, "a reader shares nothing with the writer that it checks"},
	{"detect", []string{"deploy$", "ledger$", "facts", "detect$", "detect/internal"}, "a reader shares nothing with the writer that it checks: they would confirm each other's mistakes; no format imports another one"},
	{"verify", []string{"deploy$", "ledger$", "fileset$", "verify"}, "checks know the model, no formats"},
	{"pipeline", []string{"deploy$", "ledger$", "fileset$", "detect$", "detect/exposed$", "detect/language$", "convert$", "merge$", "link$", "verify"}, "the loop knows what a source and a target are, and gets the lists of them from the command"},
	{"report", []string{"deploy$", "ledger$", "verify", "pipeline$"}, "a report prints what the pipeline found"},
	{"runbook", []string{"deploy$", "ledger$", "detect$", "convert$", "pipeline$"}, "a runbook is made of the model and of what was written"},
	{"internal/conform", []string{"deploy$", "ledger$", "fileset$", "detect$", "convert$", "verify$"}, "conformance is the same for all formats"},
	{"internal/loopback", []string{"deploy$"}, "what a value means to a workload is the same for the step that rewrites it and for the search in files"},
	{"test/equivalence", []string{"report$"}, "it uses lift as a user does, and reads the reports"},
	{"internal/remodel", []string{"deploy$", "fileset$"}, "it changes models and looks at what is written, for the tests of every step"},
	{"internal", nil, "internal tools stand alone"},
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	n := 0
	for dec.More() {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		n++
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "k8s.io/client-go/") && from != "verify/run/kubernetes" {
				t.Errorf("%s imports %s: the runner alone speaks to clusters, with the light parts of client-go", from, imp)
			}
		}
		if strings.HasPrefix(from, "cmd/") {
			continue
		}
		r, ok := ruleFor(from)
		if !ok {
			t.Errorf("%s has no rule of who may be imported; add one", from)
			continue
		}
		for _, imp := range p.Imports {
			to, own := strings.CutPrefix(imp, module)
			if own && !allowed(r, from, to) {
				t.Errorf("%s imports %s: %s", from, to, r.reason)
			}
			if !own && r.from == "deploy" && strings.Contains(imp, ".") {
				t.Errorf("%s imports %s: %s", from, imp, r.reason)
			}
		}
	}
	if n < 10 {
		t.Fatalf("only %d packages were listed", n)
	}
}

func ruleFor(from string) (rule, bool) {
	for _, r := range rules {
		if from == r.from || strings.HasPrefix(from, r.from+"/") {
			return r, true
		}
	}
	return rule{}, false
}

// allowed lets a package import what its rule names, and what lies below itself.
func allowed(r rule, from, to string) bool {
	if strings.HasPrefix(to, from+"/") {
		return true
	}
	if to == "internal/lazyregexp" || to == "internal/nearest" {
		return true // tools that know nothing of formats
	}
	for _, a := range r.allow {
		if exact, ok := strings.CutSuffix(a, "$"); ok && to == exact || !ok && (to == a || strings.HasPrefix(to, a+"/")) {
			return true
		}
	}
	return false
}

// Heavy dependencies stay out of the command: each costs at every start. Of client-go the parts are in it that cost half a millisecond together; its typed clients would cost four.
func TestHeavyDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"cmd/lift").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{"github.com/compose-spec/", "k8s.io/client-go/kubernetes", "k8s.io/client-go/discovery", "k8s.io/client-go/dynamic", "k8s.io/client-go/informers", "github.com/google/gnostic-models", "knative.dev/", "helm.sh/", "github.com/go-enry/", "github.com/alecthomas/chroma", "github.com/dop251/goja", "testing\n"} {
		if strings.Contains(string(out), heavy) {
			t.Errorf("cmd/lift links %s", strings.TrimSpace(heavy))
		}
	}
}
