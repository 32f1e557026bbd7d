package secret

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/deploylift/lift/internal/lazyregexp"
)

// token is what generators of secrets make: letters, digits and the signs of base64, without white space.
var token = lazyregexp.New(`^[A-Za-z0-9+/_=.~:-]{20,}$`)

// known are random texts that everybody may see: digests, UUIDs, public keys, publishable keys.
var known = lazyregexp.New(`^(?:sha(?:1|256|384|512)[:-]|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$|AAAA[BCE][0-9A-Za-z]|pk_(?:live|test)_|age1[0-9a-z]{50,}$|SHA256:|h1:|arn:|urn:|projects/)`)

// random reports whether a text looks made by a generator of random numbers: long, of one piece, and with letters and digits mixed as no word mixes them.
func random(value string) bool {
	if len(value) < 20 || !token.MatchString(value) || known.MatchString(value) {
		return false
	}
	value = strings.TrimPrefix(value, "base64:") // Laravel
	if isHex(value) {
		// of 32 digits are MD5 sums and ids, of 40 commits: too many of them are harmless
		return len(value) >= 48 && entropy(value) > 3
	}
	if text, ok := decoded(value); ok {
		return Holds(text)
	}
	// base64 with its own signs is one piece; everything else (paths, host names, versions, dates) is looked at piece by piece
	if base64Like(value) && len(value) >= 24 && jumps(value) > 0.4 && entropy(value) > 4 {
		return true
	}
	for _, piece := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("/.:~_-=+", r) }) {
		if len(piece) >= 20 && !isHex(piece) && digits(piece) >= 3 && jumps(piece) > 0.28 && entropy(piece) > 3.3 {
			return true
		}
	}
	return false
}

func isHex(s string) bool {
	if len(s)%2 == 1 {
		s += "0"
	}
	_, err := hex.DecodeString(s)
	return err == nil
}

// base64Like reports whether the text can be base64 or base64url as a whole: an absolute path or one with several short names cannot.
func base64Like(s string) bool {
	if strings.ContainsAny(s, ".:~") || strings.HasPrefix(s, "/") || strings.Contains(strings.TrimRight(s, "="), "=") {
		return false
	}
	return strings.Count(s, "/")+strings.Count(s, "-")+strings.Count(s, "_") <= len(s)/10+1
}

// decoded returns the text that base64 hides, if it is one.
func decoded(s string) (string, bool) {
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		data, err := e.DecodeString(s)
		if err != nil || !utf8.Valid(data) {
			continue
		}
		readable := true
		for _, r := range string(data) {
			readable = readable && (r >= ' ' && r < 0x7f || r == '\n' || r == '\t' || r == '\r' || r > 0xa0)
		}
		if readable {
			return string(data), true
		}
	}
	return "", false
}

// jumps is the part of neighbours that are of different kinds: upper case, lower case, digits. Random letters and digits jump at more than half of the places, words at their borders.
func jumps(s string) float64 {
	kind := func(c byte) int {
		switch {
		case c >= '0' && c <= '9':
			return 1
		case c >= 'A' && c <= 'Z':
			return 2
		case c >= 'a' && c <= 'z':
			return 3
		}
		return 0
	}
	n, all := 0, 0
	for i := 1; i < len(s); i++ {
		a, b := kind(s[i-1]), kind(s[i])
		if a == 0 || b == 0 {
			continue
		}
		all++
		if a != b {
			n++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}

// digits counts them: names in camel case have at most one or two.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// entropy is Shannon's, in bits for each byte.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	e := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			e -= p * math.Log2(p)
		}
	}
	return e
}
