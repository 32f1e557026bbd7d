package fileset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const wantRecord = `{
  "version": 1,
  "target": "kubernetes",
  "source": "../app",
  "options": {
    "a": "<2>",
    "b": "1"
  },
  "sources": [
    {
      "path": "a.service",
      "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    },
    {
      "path": "b.service",
      "sha256": "a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa"
    }
  ],
  "files": [
    {
      "path": "k8s/web.yaml",
      "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    }
  ]
}
`

func TestRecord(t *testing.T) {
	out := t.TempDir()
	var s Set
	add(t, &s, "k8s/web.yaml", "x")
	rec := Record{
		Target: "kubernetes", Source: "../app", Options: map[string]string{"b": "1", "a": "<2>"},
		Sources: []Hash{{"b.service", Sum([]byte("y"))}, {"a.service", Sum([]byte("x"))}, {"b.service", Sum([]byte("y"))}},
	}
	write(t, out, s, rec)
	if d := cmp.Diff(wantRecord, read(t, out, recordPath)); d != "" {
		t.Error(d)
	}
	got, err := ReadRecord(out)
	if err != nil || got.Target != "kubernetes" || len(got.Sources) != 2 || len(got.Files) != 1 || got.Version != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if rec.Sources[0].Path != "b.service" {
		t.Error("the caller's record was sorted")
	}
}

func TestNoRecord(t *testing.T) {
	out := t.TempDir()
	for _, dir := range []string{out, filepath.Join(out, "none")} {
		if r, err := ReadRecord(dir); r != nil || err != nil {
			t.Errorf("%v %v", r, err)
		}
	}
}

func TestBadRecord(t *testing.T) {
	sum := Sum(nil)
	for name, c := range map[string]struct{ data, want string }{
		"empty":         {"", "damaged: not the JSON of a record"},
		"cut":           {wantRecord[:100], "damaged: not the JSON of a record"},
		"other JSON":    {"[]", "damaged: not the JSON of a record"},
		"merge marks":   {"<<<<<<< HEAD\n" + wantRecord, "damaged: not the JSON of a record"},
		"unknown field": {`{"version": 1, "x": 1}`, "damaged: not the JSON of a record"},
		"two records":   {wantRecord + wantRecord, "damaged: not the JSON of a record"},
		"no version":    {`{}`, "damaged: no version"},
		"newer":         {`{"version": 2, "x": 1}`, "written by a newer lift (record version 2, this one knows 1); update lift"},
		"leads out":     {`{"version": 1, "files": [{"path": "../x", "sha256": "` + sum + `"}]}`, `damaged: "../x": path leads out of the output folder`},
		"no hash":       {`{"version": 1, "files": [{"path": "x", "sha256": "1"}]}`, `damaged: "x" has no SHA-256`},
		"not sorted":    {`{"version": 1, "files": [{"path": "b", "sha256": "` + sum + `"}, {"path": "a", "sha256": "` + sum + `"}]}`, "damaged: files are not sorted"},
	} {
		out := t.TempDir()
		put(t, out, recordPath, c.data)
		r, err := ReadRecord(out)
		if want := filepath.ToSlash(out) + "/.lift/record.json: " + c.want; r != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestRecordRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		rec  Record
		want string
	}{
		"absolute source":  {Record{Source: "/home/u/app"}, "internal: source /home/u/app of the record is absolute; please report"},
		"absolute sources": {Record{Sources: []Hash{{"/etc/x", ""}}}, "internal: source /etc/x of the record is absolute; please report"},
		"source twice":     {Record{Sources: []Hash{{"x", "1"}, {"x", "2"}}}, "x: changed while lift was reading it; run lift again"},
	} {
		if _, err := Plan(t.TempDir(), Set{}, c.rec, nil, false); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestRecordBehindLink(t *testing.T) {
	out, elsewhere := t.TempDir(), t.TempDir()
	put(t, elsewhere, "record.json", wantRecord)
	if err := os.Symlink(elsewhere, filepath.Join(out, ".lift")); err != nil {
		t.Skip(err)
	}
	want := show(out, ".lift") + ": symbolic link leads out of " + show(out, "") + "; remove it"
	if _, err := ReadRecord(out); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	var s Set
	add(t, &s, "x", "1")
	if _, err := Plan(out, s, Record{}, nil, true); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(wantRecord))
	f.Add([]byte(`{"version": 1, "files": [{"path": "a/../../x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseRecord(data)
		if err != nil {
			return
		}
		// What is accepted can be written and read again, and leads nowhere.
		again, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseRecord(again); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		for _, h := range r.Files {
			if !filepath.IsLocal(h.Path) {
				t.Fatal(h.Path)
			}
		}
	})
}
