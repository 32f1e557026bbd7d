package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
	"go.yaml.in/yaml/v3"
)

// ConfigFile is where the user pins what lift cannot know, at the root of the tree.
const ConfigFile = "lift.yaml"

// Config is the content of lift.yaml.
type Config struct {
	Paths map[string]string // path of the machine → path in the tree
}

// configKeys are the keys that lift.yaml may have.
var configKeys = []string{"paths"}

// ReadConfig reads lift.yaml of a tree; without one the Config is empty. What is wrong in it is returned as findings of severity error, all at once.
func ReadConfig(fsys fs.FS) (Config, []ledger.Finding) {
	var c Config
	var bad []ledger.Finding
	fault := func(line int, what, remedy string) {
		bad = append(bad, ledger.Finding{Severity: ledger.Error, At: ledger.Pos{File: ConfigFile, Line: line}, What: what, Remedy: remedy})
	}
	src, err := fs.ReadFile(fsys, ConfigFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		fault(0, "cannot be read", "make it a readable file of the tree")
		return c, bad
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		fault(1, "is no YAML: "+strings.TrimPrefix(err.Error(), "yaml: "), "mend the YAML")
		return c, bad
	}
	if len(doc.Content) == 0 {
		return c, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		fault(root.Line, "is no mapping", "write keys such as paths: at the start of a line")
		return c, bad
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		if k.Value != "paths" {
			remedy := "use " + strings.Join(configKeys, ", ")
			if near := nearest.Name(k.Value, configKeys); near != "" {
				remedy = "did you mean " + near + "?"
			}
			fault(k.Line, fmt.Sprintf("unknown key %q", k.Value), remedy)
			continue
		}
		c.Paths = paths(v, fault)
	}
	return c, bad
}

// paths reads the mapping of machine paths to paths of the tree.
func paths(v *yaml.Node, fault func(line int, what, remedy string)) map[string]string {
	const remedy = "write for example /opt/shop: ."
	if v.Kind != yaml.MappingNode {
		fault(v.Line, "paths is no mapping", remedy)
		return nil
	}
	out := map[string]string{}
	for i := 0; i+1 < len(v.Content); i += 2 {
		from, to := v.Content[i], v.Content[i+1]
		switch {
		case !path.IsAbs(from.Value):
			fault(from.Line, fmt.Sprintf("paths: %q is no path of the machine", from.Value), "begin it with a slash; "+remedy)
		case to.Kind != yaml.ScalarNode || to.Value == "" || !fs.ValidPath(path.Clean(to.Value)):
			fault(to.Line, fmt.Sprintf("paths: %s leads to no path of the tree", from.Value), "write it relative to lift.yaml, without ..; "+remedy)
		default:
			out[path.Clean(from.Value)] = path.Clean(to.Value)
		}
	}
	return out
}
