package kubernetes

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/verify/run"
)

// engine is a docker command that says what it was asked for. It has every image but those that are called missing.
func engine(t *testing.T) (command string, asked func() string) {
	t.Helper()
	dir := t.TempDir()
	command = filepath.Join(dir, "docker")
	script := `#!/bin/sh
echo "$*" >> ` + dir + `/asked
case "$*" in
*missing*) echo "no such image" >&2; exit 1;;
"image inspect"*bare*) echo '{}';;
"image inspect"*) echo '{"Entrypoint": ["/entry"], "Cmd": ["a", "b"]}';;
create*) echo c0ffee;;
"cp -"*) tar -t >> ` + dir + `/asked;;
save*) echo archive > "$3";;
esac
`
	if err := os.WriteFile(command, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return command, func() string {
		text, _ := os.ReadFile(filepath.Join(dir, "asked"))
		return string(text)
	}
}

func TestImages(t *testing.T) {
	witness := filepath.Join(t.TempDir(), "witness")
	if err := os.WriteFile(witness, []byte("binary"), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	bring := func(ctx context.Context, refs map[string]bool, load string, named map[string]string) (*images, map[string]image, string, error) {
		command, asked := engine(t)
		r := New(Options{Docker: command, Load: load, Images: named, Unload: "echo {} >> " + dir + "/unloaded"})
		m := &images{Runner: r, docker: docker{command: command}, run: "lift-x", progress: t.Logf}
		out, err := m.bring(ctx, refs, witness)
		if left, _ := filepath.Glob(filepath.Join(dir, archivePrefix+"*")); len(left) > 0 {
			t.Error("left on the disk:", left)
		}
		return m, out, asked(), err
	}
	cleaned := func(asked string) {
		t.Helper()
		if strings.Count(asked, "\ncreate ") != strings.Count(asked, "\nrm --force --volumes c0ffee") || strings.Count(asked, "commit c0ffee ") > 0 && !strings.Contains(asked, "image rm --force lift.invalid/lift-x/") {
			t.Error("left in the engine:\n" + asked)
		}
	}

	m, out, asked, err := bring(t.Context(), map[string]bool{"shop/web:1.0": true, "bare": false, "missing:2": false, "named:1": false}, "cat {} > "+dir+"/loaded", map[string]string{"named:1": "lift-x-web:run"})
	if err != nil {
		t.Fatal(err)
	}
	cleaned(asked)
	for ref, in := range map[string]string{"shop/web:1.0": "lift.invalid/lift-x/web:run", "bare": "lift.invalid/lift-x/bare:run", "missing:2": "missing:2", "named:1": "lift.invalid/lift-x/named:run"} {
		if i := out[ref]; i.in != in || i.here != (in != ref) {
			t.Errorf("%s: %+v", ref, i)
		}
	}
	if out["shop/web:1.0"].entry.Entrypoint[0] != "/entry" || strings.Count(asked, ".lift/witness") != 1 || !strings.Contains(asked, "lift-x-web:run\ncommit c0ffee lift.invalid/lift-x/named:run") || !strings.Contains(asked, "bare none\n") {
		t.Error(asked)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "loaded")); string(text) != "archive\n" {
		t.Errorf("loaded: %q", text)
	}
	for range 2 {
		if err := m.unload(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "unloaded")); string(text) != "lift.invalid/lift-x/bare:run\nlift.invalid/lift-x/named:run\nlift.invalid/lift-x/web:run\n" {
		t.Errorf("unloaded: %q", text)
	}

	_, _, asked, err = bring(t.Context(), map[string]bool{"web": true}, "echo no room left >&2; exit 3; #", nil)
	want(t, err, "the images cannot be brought into the cluster: ", "exit status 3", "no room left", "; mend the command that loads them: ")
	cleaned(asked)
	_, _, asked, err = bring(t.Context(), map[string]bool{"missing": true}, "true", nil)
	want(t, err, "the local Docker engine does not have the image missing; build it")
	if !strings.Contains(asked, "pull --quiet missing") {
		t.Error(asked)
	}
	_, _, _, err = bring(t.Context(), map[string]bool{"web": false}, "true", map[string]string{"web": "missing"})
	want(t, err, "does not have the image missing")
	_, _, _, err = bring(t.Context(), map[string]bool{"web": true}, "", nil)
	want(t, err, "the witness cannot be brought into the cluster", "kind load image-archive {}")
	_, out, asked, err = bring(t.Context(), map[string]bool{"web": false}, "", nil)
	if err != nil || asked != "" || out["web"].in != "web" || out["web"].here {
		t.Errorf("%+v %s %v", out, asked, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	begun := time.Now()
	_, _, asked, err = bring(ctx, map[string]bool{"web": true}, "sleep 60; true", nil)
	if !errors.Is(err, context.Canceled) || time.Since(begun) > 20*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
	cleaned(asked)
}

// What is loaded gets another name and is not pulled; the rest stays as it is written.
func TestImagesInManifests(t *testing.T) {
	command, _ := engine(t)
	two := strings.Replace(pod("web", "serve", readiness, "      initContainers: [{name: before-0, image: missing:1, imagePullPolicy: Always}]\n"), "image: "+testImage, "image: shop/web:1\n          imagePullPolicy: Always", 1)
	s := system(t, app(map[string]deploy.Kind{"web": deploy.Service}), map[string]string{"web.yaml": deployment("web", 1, two)})
	f := newFake(t, api("lift-"+s.Nonce, nil))
	p, err := f.runner(t, Options{Docker: command, Load: "true", Unload: "echo the word is " + testSecret + "; exit 9; #"}).Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	sent := f.sent["POST /apis/apps/v1/namespaces/lift-"+s.Nonce+"/deployments"]
	for _, part := range []string{`"image":"lift.invalid/lift-` + s.Nonce + `/web:run","imagePullPolicy":"IfNotPresent"`, `"image":"missing:1","imagePullPolicy":"Always"`} {
		if !strings.Contains(sent, part) {
			t.Errorf("%s is not in %s", part, sent)
		}
	}
	err = p.Close()
	want(t, err, "cannot be taken out of the cluster", "(secret)")
	if strings.Contains(err.Error(), testSecret) {
		t.Error(err)
	}
	if !errors.As(err, new(run.Error)) {
		t.Errorf("%T", err)
	}
}
