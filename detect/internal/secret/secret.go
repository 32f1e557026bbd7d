// Package secret is the one rule by which readers of configuration tell a secret from a value that may be shown. Every reader follows it, so that a value has the same nature on both
// sides of a step.
//
// Three things make a value secret: the name of its variable (name.go), a form that only secrets have (form.go), or that it is long and random (random.go). The rule errs towards
// secrecy where a name or a form is plain about it, and keeps away from names that only speak of a secret (PASSWORD_FILE, TOKEN_TTL) and from random values that everybody may see
// (commits, digests, UUIDs).
package secret

import "strings"

// Looks reports whether a known value is a secret, by the name of the variable or by what it holds. An empty value hides nothing; for a value that is not known ask Name.
func Looks(name, value string) bool {
	value = strings.TrimSpace(value)
	if value == "" {
		return false
	}
	return Holds(value) || Name(name) && !harmless(name, value) || !shown(name) && random(strings.Trim(value, `"'`))
}
