// Package mutant makes mutants of written files: copies in which one leaf is gone or says something else. A check that is worth its name notices each of them, or a list says why it need not.
package mutant

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// Kind is what was done to a file.
type Kind string

// Kinds of mutants.
const (
	Drop      Kind = "drop"      // a leaf, a collection, an instruction, a line is not there
	Change    Kind = "change"    // a leaf says something else
	Rename    Kind = "rename"    // a key has another name
	Duplicate Kind = "duplicate" // an element is there twice
	Swap      Kind = "swap"      // two neighbours have changed places
	Gone      Kind = "gone"      // the file is not there
)

// Mutant is a file that differs in one place from the one that was written.
type Mutant struct {
	File string
	Line int    // of the place in the file as it was written
	Last int    // its last line
	At   string // the place: "services.web.ports[0]", "RUN[2] word 3", "line 12"
	Kind Kind
	What string // what was done, in words: `"80:80" is "80:81"`
	Data []byte // the file now; nil for Gone
}

// String names the mutant in a message.
func (m Mutant) String() string {
	return fmt.Sprintf("%s:%d: %s %s: %s", m.File, m.Line, m.Kind, m.At, m.What)
}

// Of makes all mutants of a file. What kind of file it is, its name tells.
func Of(file string, data []byte) ([]Mutant, error) {
	var list []Mutant
	var err error
	switch base := path.Base(file); {
	case path.Ext(base) == ".yaml" || path.Ext(base) == ".yml":
		list, err = ofYAML(data)
	case base == "Dockerfile" || strings.HasSuffix(base, ".Dockerfile"):
		list = ofDockerfile(data)
	default:
		list = ofLines(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	list = append(list, Mutant{Line: 1, At: "file", Kind: Gone, What: "is not there"})
	out := list[:0]
	for _, m := range list {
		if m.Kind != Gone && bytes.Equal(m.Data, data) {
			continue // two equal neighbours that changed places
		}
		m.File = file
		out = append(out, m)
	}
	return out, nil
}
