package report

import (
	_ "embed"
	"encoding/json"
	"io"
)

// Schema is the JSON schema (draft 2020-12) of the JSON output.
//
//go:embed schema.json
var Schema []byte

// JSON writes the report as indented JSON.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
