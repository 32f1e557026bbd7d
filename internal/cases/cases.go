// Package cases unpacks the fixtures for judges in modules of their own: every system that lift migrates, whoever wrote the fixture and whenever. A new one is picked up without being listed.
package cases

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// System is a tree that lift migrates, and the flags that it is migrated with.
type System struct {
	Name, In string
	Flags    []string
}

// Systems lists the example systems, and of the small cases those that migrate and end well, unpacked below dir.
func Systems(fixtures, dir string) ([]System, error) {
	var out []System
	apps, err := os.ReadDir(filepath.Join(fixtures, "apps"))
	if err != nil {
		return nil, err
	}
	for _, a := range apps {
		out = append(out, System{Name: "apps/" + a.Name(), In: filepath.Join(fixtures, "apps", a.Name())})
	}
	files, err := filepath.Glob(filepath.Join(fixtures, "*", "*.txtar"))
	if err != nil {
		return nil, err
	}
	for i, file := range files {
		s, ok, err := unpack(file, filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, s)
		}
	}
	return out, nil
}

func unpack(file, dir string) (s System, ok bool, err error) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		return s, false, err
	}
	s = System{Name: filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".txtar"), In: filepath.Join(dir, "in")}
	ends := ""
	var words []string
	for _, f := range ar.Files {
		name, to, link := strings.Cut(f.Name, " -> ")
		switch {
		case f.Name == "args":
			words = strings.Fields(string(f.Data))
			continue
		case f.Name == "want/exit":
			ends = strings.TrimSpace(string(f.Data))
			continue
		case !strings.HasPrefix(name, "in/"):
			continue
		}
		p := filepath.Join(s.In, strings.TrimPrefix(name, "in/"))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return s, false, err
		}
		if link {
			err = os.Symlink(to, p)
		} else {
			err = os.WriteFile(p, f.Data, 0o644)
		}
		if err != nil {
			return s, false, err
		}
	}
	if ends != "0" || len(words) < 2 || words[0] != "migrate" || words[1] != "IN" {
		return s, false, nil
	}
	for i := 2; i < len(words); i++ {
		switch words[i] {
		case "--to", "--out", "--format":
			i++
		default:
			s.Flags = append(s.Flags, words[i])
		}
	}
	return s, true, nil
}
