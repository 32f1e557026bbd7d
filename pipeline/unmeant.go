package pipeline

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/ledger"
	"go.yaml.in/yaml/v3"
)

// unmeant finds what stands in written files otherwise than it was written although the model knows nothing of it: a field that no reader has a place for (hostNetwork, a redirect), a file that leads
// nowhere any more, a program that nobody reads, an instruction that changes nothing by itself. Comments, order of keys and layout are the user's. Files in which the model differs already are
// left to that.
func unmeant(st Stage, back detect.Result, disk detect.Tree, known []Difference) []Difference {
	differs, read := map[string]bool{}, map[string]bool{}
	for _, d := range known {
		differs[d.Here.File] = true
	}
	for _, s := range back.Doc.Settings {
		read[s.At.File] = true
	}
	var out []Difference
	for _, f := range st.Set.Files() {
		now, err := fs.ReadFile(disk.FS, f.Path)
		if err != nil || differs[f.Path] || bytes.Equal(now, f.Data) {
			continue // a file that is gone is told elsewhere
		}
		add := func(kind deploy.ChangeKind, line int, what string) {
			out = append(out, Difference{Target: st.Name, Change: deploy.Change{Kind: kind, From: deploy.Path(what), To: deploy.Path(what)}, Here: ledger.Pos{File: f.Path, Line: line}})
		}
		if ext := path.Ext(f.Path); ext != ".yaml" && ext != ".yml" {
			if !read[f.Path] {
				add(deploy.Changed, 1, "its content")
			} else if kind, line, what, ok := otherLine(f.Data, now); ok {
				add(kind, line, what)
			}
			continue
		}
		was, is := leavesOf(f.Data), leavesOf(now)
		for _, key := range keysOf(was, is) {
			a, had := was[key]
			b, has := is[key]
			switch {
			case !has:
				add(deploy.Removed, 1, key)
			case !had:
				add(deploy.Added, b.line, key)
			case a.text != b.text:
				add(deploy.Changed, b.line, key)
			}
		}
	}
	return out
}

// otherLine finds the first line that says something else than was written, comments and blank lines left out: what was done, where, and how the line begins. No more of it: it may hold a secret.
func otherLine(was, now []byte) (kind deploy.ChangeKind, line int, what string, ok bool) {
	a, b := linesOf(was), linesOf(now)
	for len(a) > 0 && len(b) > 0 && a[0].text == b[0].text {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1].text == b[len(b)-1].text {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 && len(b) == 0:
		return "", 0, "", false
	case len(a) == 0:
		return deploy.Added, b[0].number, b[0].begin, true
	case len(b) == 0:
		return deploy.Removed, a[0].number, a[0].begin, true
	}
	return deploy.Changed, b[0].number, b[0].begin, true
}

type textLine struct {
	text   string
	begin  string // the first word of it, or of the line that it continues
	number int
}

func linesOf(src []byte) []textLine {
	var out []textLine
	begin, going := "", false
	for i, l := range strings.Split(string(src), "\n") {
		text := strings.Join(strings.Fields(l), " ")
		if text == "" || text[0] == '#' {
			continue
		}
		if !going {
			begin, _, _ = strings.Cut(text, " ")
		}
		going = strings.HasSuffix(text, "\\")
		out = append(out, textLine{text, begin, i + 1})
	}
	return out
}

type yamlLeaf struct {
	text string
	line int
}

// leavesOf lists the leaves of all documents of a YAML file by their paths; nil where it cannot be parsed, which its reader says.
func leavesOf(src []byte) map[string]yamlLeaf {
	out := map[string]yamlLeaf{}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for n := 0; ; n++ {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			return out
		}
		prefix := ""
		if n > 0 {
			prefix = fmt.Sprintf("(document %d) ", n+1)
		}
		for _, c := range doc.Content {
			leaves(c, prefix, out, 0)
		}
	}
}

func leaves(n *yaml.Node, at string, out map[string]yamlLeaf, depth int) {
	if depth > 100 {
		return
	}
	switch {
	case n.Kind == yaml.AliasNode:
		out[at] = yamlLeaf{"*" + n.Value, n.Line}
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := at + n.Content[i].Value
			if at != "" && at[len(at)-1] != ' ' {
				key = at + "." + n.Content[i].Value
			}
			leaves(n.Content[i+1], key, out, depth+1)
		}
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		for i, c := range n.Content {
			leaves(c, fmt.Sprintf("%s[%d]", at, i), out, depth+1)
		}
	default:
		out[at] = yamlLeaf{n.Tag + " " + n.Value, n.Line}
	}
}

func keysOf(was, is map[string]yamlLeaf) []string {
	var out []string
	for k := range was {
		out = append(out, k)
	}
	for k := range is {
		if _, both := was[k]; !both {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(is[a].line, is[b].line), cmp.Compare(a, b)) })
	return out
}
