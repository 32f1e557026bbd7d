package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/deploylift/lift/internal/cases"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Whatever the fixtures become, kubectl apply -k takes it: kustomize builds it, and a real API server refuses and warns of nothing.
// Pods that break the restricted Pod Security Standard are those of which the report says so.
func TestMigrations(t *testing.T) {
	a := server(t)
	lift := filepath.Join(t.TempDir(), "lift")
	build := exec.Command("go", "build", "-o", lift, "./cmd/lift")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	systems, err := cases.Systems(filepath.Join("..", "..", "fixtures"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []struct {
		name, root string // root is what kubectl apply -k is told
		least      int
	}{
		{"kubernetes", "kubernetes/overlays/production", 900},
		{"knative", "knative", 500},
	} {
		t.Run(target.name, func(t *testing.T) {
			var judged atomic.Int64
			t.Run("each", func(t *testing.T) {
				for _, s := range systems {
					t.Run(s.Name, func(t *testing.T) {
						t.Parallel()
						out := filepath.Join(t.TempDir(), "out")
						cmd := exec.Command(lift, append([]string{"migrate", s.In, "--to", target.name, "--out", out, "--format", "json"}, s.Flags...)...)
						var stderr bytes.Buffer
						cmd.Stderr = &stderr
						data, err := cmd.Output()
						if strings.Contains(stderr.String(), "tier already") {
							t.Skip("it is there already")
						}
						if err != nil {
							t.Fatalf("%v\n%s", err, &stderr)
						}
						var r migration
						if err := json.Unmarshal(data, &r); err != nil {
							t.Fatal(err)
						}
						judged.Add(int64(examine(t, a, out, target.root, r)))
					})
				}
			})
			t.Logf("%d objects", judged.Load())
			if judged.Load() < int64(target.least) {
				t.Errorf("only %d objects were judged: the fixtures have more", judged.Load())
			}
		})
	}
}

// migration is what is read of the report.
type migration struct {
	Findings []struct{ What, Remedy string }
}

// says reports whether a finding has all the texts.
func (r migration) says(texts ...string) bool {
	for _, f := range r.Findings {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(f.What+"; "+f.Remedy, text) }) {
			return true
		}
	}
	return false
}

// tells reports whether a finding speaks of Pod Security and of what breaks this rule of it.
func (r migration) tells(broken string) bool {
	why := []string{"runs as root", "runs privileged"} // with which the rules about capabilities and escalation fall, too
	switch rule, _, _ := strings.Cut(broken, " ("); rule {
	case "hostPath volumes", "restricted volume types":
		why = []string{"mounts "}
	case "unrestricted capabilities", "non-default capabilities":
		why = append(why, "keeps capabilities")
	}
	return slices.ContainsFunc(why, func(text string) bool { return r.says(text, "restricted") })
}

// examine judges all that one migration wrote and returns how many objects that were.
func examine(t *testing.T, a *API, out, root string, r migration) int {
	overlay := filepath.Join(out, filepath.FromSlash(root))
	if _, err := os.Stat(overlay); err != nil {
		return 0 // a system that is on Kubernetes already, or of which nothing is left
	}
	if r.says("names what stays by the folders that lift would write") {
		if !staysElsewhere(t, filepath.Join(overlay, "kustomization.yaml")) {
			return 0
		}
	}
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), overlay)
	if err != nil {
		t.Fatalf("kustomize: %v", err)
	}
	stream, err := made.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := a.Judge(stream, "judged")
	if err != nil {
		t.Fatal(err)
	}
	built := map[string]bool{}
	for _, o := range objects {
		built[o.String()] = true
		if o.Refused != nil {
			t.Errorf("%s is refused: %v", o, o.Refused)
		}
		for _, w := range o.Warnings {
			if strings.HasPrefix(w, "Kubernetes default value is insecure, Knative may default this") && r.says("runs as root", "restricted") {
				continue // Knative's webhook says so of what the restricted standard does not admit
			}
			t.Errorf("%s: warning: %s", o, w)
		}
		for _, broken := range o.Restricted {
			if !r.tells(broken) {
				t.Errorf("%s breaks the Pod Security Standard, which the report does not say: %s", o, broken)
			}
		}
	}
	if r.says("restricted", "refuse") && !slices.ContainsFunc(objects, func(o Object) bool { return len(o.Restricted) > 0 }) {
		t.Error("the report says that the restricted Pod Security Standard refuses a pod, and it refuses none")
	}
	references(t, objects, r)
	for _, name := range written(t, filepath.Join(out, strings.Split(root, "/")[0])) {
		if !built[name] {
			t.Errorf("%s was written, but kubectl apply -k does not reach it", name)
		}
	}
	return len(objects)
}

// staysElsewhere leaves out what the report says is not there: workloads that stay on Kubernetes in manifests that lift did not write.
// It reports whether anything is left.
func staysElsewhere(t *testing.T, file string) bool {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "  - ../kubernetes/base/") {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(kept, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	return kept[len(kept)-1] != "resources:\n"
}

// written lists the objects of all manifests of a folder.
func written(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(p) != ".yaml" || d.Name() == "kustomization.yaml" {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		docs, err := documents(data)
		for _, doc := range docs {
			var o metav1.PartialObjectMetadata
			if err = yaml.Unmarshal(doc, &o); err != nil {
				break
			}
			out = append(out, o.Kind+" "+o.Name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
