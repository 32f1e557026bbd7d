package conform

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/verify"
)

// Read reads a tree and checks what must hold for every input: all claims are true, and nothing is left to the backstop.
func Read(t testing.TB, src detect.Source, files map[string]string) detect.Result {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	paths := slices.Sorted(maps.Keys(files))
	res, err := src.Read(detect.Tree{FS: m, Paths: paths}, src.Match(paths))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range verify.Claims(res.App, res.Doc) {
		t.Error(p)
	}
	for _, f := range res.Findings {
		if strings.Contains(f.What, "nothing in lift reads it") {
			t.Error(f)
		}
	}
	return res
}
