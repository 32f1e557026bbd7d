// Package names holds the naming rules of the container tier and up: one function for each kind of name, and one way to keep names apart that would become one.
package names

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// MaxLabel is how long the name of a workload or volume may be. DNS allows 63; a CronJob appends eleven characters to its Jobs' names (batch/v1 validation: 52), and a StatefulSet puts its
// name with a hash of ten into a label of 63.
const MaxLabel = 52

// MaxPort is how long the name of a port may be (RFC 6335, section 5.1).
const MaxPort = 15

// Label returns a DNS label (RFC 1035: it begins with a letter, as the name of a Kubernetes Service must) that is as close to the name as possible. A name that is one already is returned as
// it is.
func Label(name string) string { return label(name, MaxLabel) }

// PortName returns a name that a Kubernetes port may have: a DNS label of 15 characters without two hyphens in a row.
func PortName(name string) string {
	name = label(name, 1<<20)
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	return strings.TrimRight(cut(name, MaxPort), "-")
}

// Labels gives each name a DNS label of its own, never one of the reserved ones. A name that is a label already keeps it. Of several names that would get the same label the first in alphabetical order gets it,
// the others get it with a suffix that is made of the name alone, so that it does not change when other names come and go. The result does not depend on the order of the names.
func Labels(names []string, reserved ...string) map[string]string {
	return distinct(names, reserved, Label, MaxLabel, "-")
}

// Key returns a key that a ConfigMap or Secret can hold: letters, digits, ".", "_" and "-".
func Key(name string) string {
	key := strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '.' || r == '_' || r == '-' || isAlnum(byte(r)) || r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, name)
	if strings.Trim(key, ".") == "" || strings.HasPrefix(key, "..") {
		key = "_" + key
	}
	return cut(key, 253)
}

// Keys gives each name a key of its own, by the same rules as Labels.
func Keys(names []string) map[string]string { return distinct(names, nil, Key, 253, "_") }

// Identifier returns a name of letters and digits alone, each part of the name with a capital: ORDERS_URL is OrdersUrl.
func Identifier(name string) string {
	var b strings.Builder
	upper := true
	lower := strings.ToUpper(name) == name
	for _, r := range name {
		switch {
		case r >= 0x80 || !isAlnum(byte(r)) && (r < 'A' || r > 'Z'):
			upper = true
			continue
		case upper:
			b.WriteString(strings.ToUpper(string(r)))
		case lower:
			b.WriteString(strings.ToLower(string(r)))
		default:
			b.WriteRune(r)
		}
		upper = false
	}
	s := b.String()
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "X" + s
	}
	return cut(s, 200)
}

// Identifiers gives each name an identifier of its own, by the same rules as Labels.
func Identifiers(names []string, reserved ...string) map[string]string {
	return distinct(names, reserved, Identifier, 200, "")
}

func distinct(names, reserved []string, rule func(string) string, limit int, sep string) map[string]string {
	out := make(map[string]string, len(names))
	taken := make(map[string]bool, len(names)+len(reserved))
	for _, r := range reserved {
		taken[r] = true
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	for _, n := range sorted { // who has a right name keeps it, whatever comes before it in the alphabet
		if rule(n) == n && !taken[n] {
			out[n], taken[n] = n, true
		}
	}
	for _, n := range sorted {
		if _, ok := out[n]; ok {
			continue
		}
		name := rule(n)
		for digits := 5; taken[name]; digits++ {
			suffix := sep + hash(n, digits)
			name = strings.TrimRight(cut(rule(n), limit-len(suffix)), "-") + suffix
		}
		out[n], taken[name] = name, true
	}
	return out
}

func label(name string, limit int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < 0x80 && isAlnum(byte(r)):
			b.WriteRune(r)
		case b.Len() > 0 && (r == '-' || !strings.HasSuffix(b.String(), "-")):
			b.WriteByte('-')
		}
	}
	s := strings.TrimRight(b.String(), "-")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = strings.TrimRight("x-"+s, "-")
	}
	if len(s) > limit { // what is cut off still tells names apart
		s = strings.TrimRight(s[:limit-6], "-") + "-" + hash(name, 5)
	}
	return s
}

func isAlnum(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// hash returns the first hexadecimal digits of the name's SHA-256.
func hash(name string, digits int) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])[:digits]
}

// Image takes the reference of an image apart: its name, and its tag and digest where it has them.
func Image(image string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, digest
}
