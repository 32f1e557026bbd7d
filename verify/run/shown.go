package run

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

const hashed = "hmac-sha256:"

// shown is how the witness reports the value of a variable: as it is, or as a hash keyed by the nonce, where it must not be shown.
func shown(nonce, value string, plain bool) string {
	if plain {
		return value
	}
	m := hmac.New(sha256.New, []byte(nonce))
	m.Write([]byte(value))
	return hashed + hex.EncodeToString(m.Sum(nil))
}
