package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/internal/nearest"
	"github.com/deploylift/lift/ledger"
	"go.yaml.in/yaml/v3"
)

// ConfigFile is where the user pins what lift cannot know, at the root of the tree.
const ConfigFile = "lift.yaml"

// Config is the content of lift.yaml.
type Config struct {
	Paths    map[string]string // path of the machine → path in the tree
	Registry Stated            // put before the names of images that are built
	Pins     []Pin
	Only     []Stated // workloads
	Skip     []Stated
	Domains  []Domain
	Accept   []Accept
}

// Stated is a text of lift.yaml and where it stands.
type Stated struct {
	Text string
	At   ledger.Pos
}

// Pin gives a leaf of the model the value that lift would assume else.
type Pin struct {
	Key  string      // in the words of lift.yaml
	Path deploy.Path // the leaf
	Text string      // its exact text form
	At   ledger.Pos
}

// Accept declares a loss to be harmless.
type Accept struct {
	Setting, Where, Stays, Reason string
	At                            ledger.Pos
}

// configReader walks the YAML along the table of keys.
type configReader struct {
	c   Config
	bad []ledger.Finding
}

// ReadConfig reads lift.yaml of a tree; without one the Config is empty. What is wrong in it is returned as findings of severity error, all at once.
func ReadConfig(fsys fs.FS) (Config, []ledger.Finding) {
	var r configReader
	src, err := fs.ReadFile(fsys, ConfigFile)
	if errors.Is(err, fs.ErrNotExist) {
		return r.c, nil
	}
	if err != nil {
		r.fault(0, "cannot be read", "make it a readable file of the tree")
		return r.c, r.bad
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		what := strings.TrimPrefix(err.Error(), "yaml: ")
		line := 1
		if n, err := fmt.Sscanf(what, "line %d: ", &line); n == 1 && err == nil {
			_, what, _ = strings.Cut(what, ": ")
		}
		r.fault(line, "is no YAML: "+what, "mend the YAML")
		return r.c, r.bad
	}
	if len(doc.Content) == 0 {
		return r.c, nil
	}
	r.read(configTree, "", nil, doc.Content[0])
	if len(r.c.Only) > 0 && len(r.c.Skip) > 0 {
		r.fault(r.c.Skip[0].At.Line, "skip and only exclude each other", "name the workloads that stay behind, or those that move")
	}
	return r.c, r.bad
}

func (r *configReader) fault(line int, what, remedy string) {
	r.bad = append(r.bad, ledger.Finding{Severity: ledger.Error, At: ledger.Pos{File: ConfigFile, Line: line}, What: what, Remedy: remedy})
}

// read reads one node. at is the key that leads to it, entry the entry of a list that it belongs to.
func (r *configReader) read(t *keyTree, at deploy.Path, entry *Accept, n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		r.fault(n.Line, string(at)+": an alias of YAML", "write the value itself")
		return
	}
	switch {
	case t.row != nil:
		r.value(t.row, at, entry, n)
	case t.each != nil:
		if n.Kind != yaml.SequenceNode {
			r.fault(n.Line, string(at)+" is no list", "write one entry a line, each after a dash: - setting: …")
			return
		}
		for _, e := range n.Content {
			a := Accept{At: ledger.Pos{File: ConfigFile, Line: e.Line}}
			before := len(r.bad)
			r.read(t.each, at, &a, e)
			if len(r.bad) == before {
				r.accept(a)
			}
		}
	case n.Kind != yaml.MappingNode:
		what := string(at) + " is no mapping"
		if at == "" {
			what = "is no mapping"
		}
		r.fault(n.Line, what, "write "+t.example())
	default:
		r.mapping(t, at, entry, n)
	}
}

func (r *configReader) mapping(t *keyTree, at deploy.Path, entry *Accept, n *yaml.Node) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode || k.Value == "":
			r.fault(k.Line, string(at.Join("?"))+": a key that is no text", "write "+t.example())
		case seen[k.Value]:
			r.fault(k.Line, string(at.Join(k.Value))+" stands here twice", "remove one of them")
		case t.any != nil:
			r.read(t.any, at.Join(k.Value), entry, v)
		case t.named[k.Value] != nil:
			r.read(t.named[k.Value], at.Join(k.Value), entry, v)
		case at == "" && strings.Contains(k.Value, "."):
			r.dotted(k, v)
		default:
			remedy := "use " + strings.Join(t.order, ", ")
			if near := nearest.Name(k.Value, t.order); near != "" {
				remedy = "did you mean " + near + "?"
			}
			what := fmt.Sprintf("unknown key %q", k.Value)
			if at != "" {
				what = string(at) + ": " + what
			}
			r.fault(k.Line, what, remedy)
		}
		seen[k.Value] = true
	}
}

// dotted reads a key as lift diff prints it: workloads.orders.resources.memory.request.
func (r *configReader) dotted(k, v *yaml.Node) {
	t := configTree
	var at deploy.Path
	for _, name := range deploy.Path(k.Value).Names() {
		at = at.Join(name)
		switch next := t.named[name]; {
		case t.any != nil:
			t = t.any
		case next != nil:
			t = next
		default:
			remedy := "lift diff lists the keys of what it assumes"
			if near := nearest.Name(name, t.order); near != "" {
				remedy = "did you mean " + near + "?"
			}
			r.fault(k.Line, fmt.Sprintf("unknown key %q in %s", name, k.Value), remedy)
			return
		}
	}
	r.read(t, at, nil, v)
}

// example shows how what stands below a key is written.
func (t *keyTree) example() string {
	text, end := "for example ", ""
	for t.row == nil {
		name := "NAME"
		switch {
		case t.any != nil:
			t = t.any
		case t.each != nil:
			t, text, end = t.each, text+"[", "]"+end
			continue
		default:
			name = t.order[0]
			t = t.named[name]
		}
		text += name + ": "
		if t.row == nil && t.each == nil {
			text, end = text+"{", "}"+end
		}
	}
	return text + t.row.Example + end
}

// value reads a value of the row's type.
func (r *configReader) value(row *ConfigKey, at deploy.Path, entry *Accept, n *yaml.Node) {
	wrong := func(why string) {
		r.fault(n.Line, string(at)+": "+why, "write for example "+row.Example)
	}
	var texts []Stated
	switch {
	case row.Type == isTexts && n.Kind == yaml.SequenceNode:
		for _, e := range n.Content {
			if e.Kind != yaml.ScalarNode || e.Value == "" || e.Tag == "!!null" {
				wrong("is no list of texts")
				return
			}
			texts = append(texts, Stated{e.Value, ledger.Pos{File: ConfigFile, Line: e.Line}})
		}
		if len(texts) == 0 {
			wrong("is an empty list")
			return
		}
	case n.Kind != yaml.ScalarNode:
		wrong(map[bool]string{true: "is no list of texts", false: "is no single value"}[row.Type == isTexts])
		return
	case n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		wrong("has no value")
		return
	case row.Type == isYesNo && n.Tag != "!!bool":
		wrong(fmt.Sprintf("%q is neither true nor false", n.Value))
		return
	default:
		texts = []Stated{{n.Value, ledger.Pos{File: ConfigFile, Line: n.Line}}}
	}
	if choice := strings.Split(row.Type, " | "); len(choice) > 1 && !slices.Contains(choice, n.Value) {
		remedy := "use " + strings.Join(choice, ", ")
		if near := nearest.Name(n.Value, choice); near != "" {
			remedy = "did you mean " + near + "?"
		}
		r.fault(n.Line, fmt.Sprintf("%s: unknown value %q", at, n.Value), remedy)
		return
	}
	if row.model() != "" {
		var list []string
		for _, t := range texts {
			list = append(list, t.Text)
		}
		exact, err := deploy.FromUnits(deploy.Path(strings.ReplaceAll(row.model(), "*", "0")), strings.Join(list, "|"))
		if err != nil {
			wrong(err.Error())
			return
		}
		if why := badValue(row.leaf(at), exact); why != "" {
			wrong(fmt.Sprintf("%q %s", strings.Join(list, ", "), why))
			return
		}
		r.c.Pins = append(r.c.Pins, Pin{Key: string(at), Path: row.leaf(at), Text: exact, At: texts[0].At})
		return
	}
	switch text := texts[0].Text; row.Name {
	case "registry":
		if r.c.Registry = texts[0]; badRegistry(text) {
			r.fault(n.Line, fmt.Sprintf("registry: %q cannot stand before an image's name", text), "write host and path alone, without https:// and without a slash at the end: "+row.Example)
		}
	case "workloads.*.domain":
		if !validHost(text) {
			r.fault(n.Line, fmt.Sprintf("%s: %q is no host name", at, text), "write it in lower case, without http:// and without a path: "+row.Example)
		}
		r.c.Domains = append(r.c.Domains, Domain{Stated: texts[0], Key: string(at), Workload: at.Names()[1]})
	case "only":
		r.c.Only = texts
	case "skip":
		r.c.Skip = texts
	case "paths.*":
		r.path(at.Base(), n)
	case "accept.[].setting":
		entry.Setting = text
	case "accept.[].at":
		entry.Where = text
	case "accept.[].stays":
		entry.Stays = text
	case "accept.[].reason":
		entry.Reason = text
	}
}

// path reads one machine path with its place in the tree.
func (r *configReader) path(from string, to *yaml.Node) {
	const remedy = "write for example /opt/shop: ."
	switch {
	case !path.IsAbs(from):
		r.fault(to.Line, fmt.Sprintf("paths: %q is no path of the machine", from), "begin it with a slash; "+remedy)
	case !fs.ValidPath(path.Clean(to.Value)):
		r.fault(to.Line, fmt.Sprintf("paths: %s leads to no path of the tree", from), "write it relative to lift.yaml, without ..; "+remedy)
	default:
		if r.c.Paths == nil {
			r.c.Paths = map[string]string{}
		}
		r.c.Paths[path.Clean(from)] = path.Clean(to.Value)
	}
}

// accept takes up an accepted loss that says what it accepts and why.
func (r *configReader) accept(a Accept) {
	line := a.At.Line
	for _, pattern := range []string{a.Setting, a.Where} {
		if _, err := path.Match(pattern, ""); err != nil {
			r.fault(line, fmt.Sprintf("accept: %q is no pattern", pattern), `write a lone bracket as \[`)
			return
		}
	}
	switch {
	case a.Reason == "":
		r.fault(line, "accept: a loss without a reason", "add reason: and say why it is harmless")
	case a.Setting == "" && a.Where == "" && a.Stays == "":
		r.fault(line, "accept: nothing says which loss", "name its setting:, its file and line with at:, or with stays: a workload that stays on the tier before")
	case a.Stays != "" && a.Setting+a.Where != "":
		r.fault(line, "accept: stays speaks of a workload, setting and at of settings", "write two entries")
	default:
		r.c.Accept = append(r.c.Accept, a)
	}
}
