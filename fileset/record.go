package fileset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Version is the version of the records that this lift writes.
const Version = 1

const recordPath = private + "/record.json"

// Record says what lift wrote and from what. It is kept in the output, so it has
// names and hashes only, never contents, and is the same for the same input: no
// time, no host, no absolute path.
type Record struct {
	Version int               `json:"version"` // set by Plan
	Target  string            `json:"target"`
	Source  string            `json:"source"`            // the source tree, from the output folder, with slashes; "." in place
	Options map[string]string `json:"options,omitempty"` // choices that change the result; never a secret
	Sources []Hash            `json:"sources"`           // what was read
	Files   []Hash            `json:"files"`             // what was written; set by Plan
}

// Hash is a file and the SHA-256 of its content, in hex.
type Hash struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Sum is the hash that a Hash holds.
func Sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// ReadRecord returns the record in an output folder, or nil if there is none (or
// no folder). It returns an error if the record is damaged, if a newer lift wrote
// it, or if it cannot be read.
func ReadRecord(out string) (*Record, error) {
	root, err := os.OpenRoot(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, at(out, "", err)
	}
	defer root.Close()
	d := &disk{root: root, out: out}
	st, err := d.look(recordPath)
	if err != nil {
		return nil, err
	}
	switch {
	case st.kind == absent:
		return nil, nil
	case st.kind != file:
		return nil, fmt.Errorf("%s: is %s; remove it", show(out, st.at), st.kind)
	}
	data, err := root.ReadFile(filepath.FromSlash(recordPath))
	if err != nil {
		return nil, at(out, recordPath, err)
	}
	r, err := parseRecord(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", show(out, recordPath), err)
	}
	return r, nil
}

func parseRecord(data []byte) (*Record, error) {
	// Deleting it is safe: lift then takes its own files for files of others.
	damaged := func(why string) error {
		return fmt.Errorf("damaged: %s; restore it, or delete it and run lift with --force", why)
	}
	var v struct{ Version int }
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, damaged("not the JSON of a record")
	}
	if v.Version > Version {
		return nil, fmt.Errorf("written by a newer lift (record version %d, this one knows %d); update lift", v.Version, Version)
	}
	var r Record
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return nil, damaged("not the JSON of a record")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, damaged("something follows the record")
	}
	if r.Version < 1 {
		return nil, damaged("no version")
	}
	for i, f := range r.Files {
		if err := checkPath(f.Path); err != nil {
			return nil, damaged(err.Error())
		}
		if i > 0 && r.Files[i-1].Path >= f.Path {
			return nil, damaged("files are not sorted")
		}
	}
	for _, f := range slices.Concat(r.Files, r.Sources) {
		if b, err := hex.DecodeString(f.SHA256); err != nil || len(b) != sha256.Size || strings.ToLower(f.SHA256) != f.SHA256 {
			return nil, damaged(fmt.Sprintf("%q has no SHA-256", f.Path))
		}
	}
	return &r, nil
}

// complete returns the record for a set: version, files and order filled in.
func (r Record) complete(set Set) (Record, error) {
	r.Version = Version
	r.Options = maps.Clone(r.Options)
	r.Sources = append([]Hash{}, r.Sources...)
	r.Files = []Hash{}
	for f := range set.from("") {
		r.Files = append(r.Files, Hash{f.Path, Sum(f.Data)})
	}
	slices.SortFunc(r.Sources, func(a, b Hash) int {
		return strings.Compare(a.Path+"\x00"+a.SHA256, b.Path+"\x00"+b.SHA256)
	})
	r.Sources = slices.Compact(r.Sources)
	for i, s := range r.Sources {
		switch {
		case absolute(s.Path):
			return r, fmt.Errorf("internal: source %s of the record is absolute; please report", s.Path)
		case i > 0 && r.Sources[i-1].Path == s.Path:
			return r, fmt.Errorf("%s: changed while lift was reading it; run lift again", s.Path)
		}
	}
	if absolute(r.Source) {
		return r, fmt.Errorf("internal: source %s of the record is absolute; please report", r.Source)
	}
	return r, nil
}

func absolute(path string) bool {
	return strings.HasPrefix(path, "/") || strings.Contains(path, `\`) || filepath.IsAbs(path)
}

// encode returns the bytes of a completed record.
func (r Record) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(r)
	return b.Bytes(), err
}
