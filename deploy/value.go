package deploy

import "crypto/subtle"

// Value is text that may be secret or unknown. It redacts itself wherever it is printed; Reveal is for writers and runners alone.
//
// A value is one of: a plain text; a secret text; or a parameter, whose text is not known here (what only the machine or the user knows, or a secret that has been
// moved out of the configuration) and which is referred to by name.
type Value struct {
	text   string
	param  string
	secret bool
	known  bool
}

// Plain returns a known text that may be shown.
func Plain(text string) Value { return Value{text: text, known: true} }

// Secret returns a known text that must never be shown.
func Secret(text string) Value { return Value{text: text, secret: true, known: true} }

// Param returns a value whose text is supplied from outside under a name. secret tells whether it may be shown once it is known.
func Param(name string, secret bool) Value { return Value{param: name, secret: secret} }

// Reveal returns the text and whether it is known. For writers and runners only: never for messages.
func (v Value) Reveal() (string, bool) { return v.text, v.known }

// Param returns the name under which the text is supplied from outside, "" when it is known.
func (v Value) Param() string { return v.param }

// IsSecret reports whether the text must not be shown.
func (v Value) IsSecret() bool { return v.secret }

// IsSet reports whether there is a value at all.
func (v Value) IsSet() bool { return v.known || v.param != "" }

// Equal compares two values, secrets included, without revealing them.
func (v Value) Equal(w Value) bool {
	return v.known == w.known && v.secret == w.secret && v.param == w.param &&
		subtle.ConstantTimeCompare([]byte(v.text), []byte(w.text)) == 1
}

// String prints the value for a person: a secret as (secret), a parameter as ${name}.
func (v Value) String() string {
	switch {
	case v.param != "":
		return "${" + v.param + "}"
	case !v.known:
		return ""
	case v.secret:
		return "(secret)"
	}
	return v.text
}

// GoString redacts the value in %#v as well.
func (v Value) GoString() string { return "deploy.Value(" + v.String() + ")" }

// MarshalText redacts the value in JSON and the like.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

func (v *Value) clear()            { *v = Value{} }
func (v *Value) equal(x leaf) bool { w, ok := x.(*Value); return ok && v.Equal(*w) }
func (v *Value) copyFrom(x leaf)   { *v = *x.(*Value) }
func (v *Value) parse(text string) error {
	*v = Plain(text)
	return nil
}
