package witness

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// source is the witness's source, so that a lift that was installed alone can build it.
//
//go:embed report/*.go program/*.go program/*.s
var source embed.FS

// module makes a module of the source. It keeps lift's module path, under which the program imports package report, and asks for the oldest Go that knows what it uses, for it is built with whatever Go is there.
const (
	goMod    = "module github.com/deploylift/lift\n\ngo " + oldestGo + "\n"
	oldestGo = "1.24"
	inModule = "verify/run/witness" // where the source is in the module
)

// files are those of the module, by slash path. Tests stay behind.
func files() (map[string][]byte, error) {
	all := map[string][]byte{"go.mod": []byte(goMod)}
	err := fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		all[inModule+"/"+path], err = source.ReadFile(path)
		return err
	})
	return all, err
}

// writeModule writes the module below a directory.
func writeModule(dir string) error {
	all, err := files()
	if err != nil {
		return err
	}
	for path, content := range all {
		full := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sum is the key of what is built from the source with all that is named.
func sum(with ...string) (string, error) {
	all, err := files()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, path := range sortedKeys(all) {
		fmt.Fprintf(h, "%s %d\n%s", path, len(all[path]), all[path])
	}
	fmt.Fprintf(h, "%q", with)
	return hex.EncodeToString(h.Sum(nil)), nil
}
