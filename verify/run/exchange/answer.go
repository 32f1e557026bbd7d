package exchange

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// answer is what came of an item on one side. It holds secrets: nothing of it is printed but through the mask of its recording.
type answer struct {
	missing string // why there is no answer: "refused the connection"; "" if there is one
	nowhere string // why the question makes no sense on the tier; "" if it does
	skipped string // why the request was not sent: something that it needs was not kept
	direct  bool   // it went to the program itself although the published port was meant

	status     int
	protocol   string
	header     http.Header // as it came
	normal     http.Header // as it is compared: without what only this side can have
	trailer    http.Header
	body       []byte // unpacked
	cut        bool   // longer than what is kept of it
	framing    string
	connection string
	tries      int

	unmet []miss // what was expected and is not so

	ended *Ended // of a step
	fault string // of a step: why it could not be done
}

// miss is something that was expected and is not so.
type miss struct {
	at   Place
	what string
	here string
}

// ok reports whether there is an answer to look at.
func (a answer) ok() bool {
	return a.missing == "" && a.nowhere == "" && a.skipped == "" && a.fault == ""
}

// keepBody is how much of a body is kept.
const keepBody = 16 << 20

// unpack undoes what gzip has done to a body. What cannot be undone stays as it is.
func unpack(h http.Header, body []byte) []byte {
	if !strings.EqualFold(h.Get("Content-Encoding"), "gzip") {
		return body
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	out, err := io.ReadAll(io.LimitReader(r, keepBody))
	if err != nil {
		return body
	}
	return out
}

// shape is how a body is looked at.
type shape string

const (
	asNothing shape = "nothing"
	asJSON    shape = "JSON"
	asText    shape = "text"
	asBytes   shape = "bytes"
)

// look tells how the body is to be looked at, and decodes JSON: what is called so, and objects and arrays that are not called anything else than text.
func (a answer) look() (shape, any) {
	if len(a.body) == 0 {
		return asNothing, nil
	}
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	first := bytes.TrimLeft(a.body, " \t\r\n")
	if kind == "application/json" || strings.HasSuffix(kind, "+json") || kind != "text/html" && len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if v, err := decodeJSON(a.body); err == nil {
			return asJSON, v
		}
	}
	if utf8.Valid(a.body) && !bytes.ContainsRune(a.body, 0) {
		return asText, nil
	}
	return asBytes, nil
}

// decodeJSON decodes one value, numbers as they are written.
func decodeJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("the JSON ends early")
		case errors.As(err, &syntax):
			return nil, fmt.Errorf("the JSON has an error at its character %d", syntax.Offset)
		}
		return nil, errors.New("no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON")
	}
	return v, nil
}

// kindOf names the type of a JSON value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// sameNumber compares two numbers by their value, however they are written.
func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	if len(a) > 40 || len(b) > 40 || exponent(string(a)) || exponent(string(b)) {
		return false // 1e999999999 is not to be multiplied out
	}
	x, ok := new(big.Rat).SetString(string(a))
	y, oky := new(big.Rat).SetString(string(b))
	return ok && oky && x.Cmp(y) == 0
}

// exponent reports whether a number has an exponent of more than two digits.
func exponent(n string) bool {
	i := strings.IndexAny(n, "eE")
	return i >= 0 && len(strings.TrimLeft(n[i+1:], "+-0")) > 2
}

// sameJSON compares two values by structure.
func sameJSON(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !sameJSON(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameJSON)
	case json.Number:
		y, ok := b.(json.Number)
		return ok && sameNumber(x, y)
	}
	return kindOf(a) == kindOf(b) && a == b
}

// containsJSON reports whether a value has all that another one has: objects may have more keys, arrays more elements, in any order.
func containsJSON(all, part any) bool {
	switch p := part.(type) {
	case map[string]any:
		a, ok := all.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range p {
			if w, ok := a[k]; !ok || !containsJSON(w, v) {
				return false
			}
		}
		return true
	case []any:
		a, ok := all.([]any)
		if !ok {
			return false
		}
		for _, v := range p {
			if !slices.ContainsFunc(a, func(w any) bool { return containsJSON(w, v) }) {
				return false
			}
		}
		return true
	}
	return sameJSON(all, part)
}

// compact prints a JSON value on one line, with sorted keys.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return kindOf(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
