package report

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// HashPrefix begins what Hash returns.
const HashPrefix = "hmac-sha256:"

// Hash stands for a value that may not be printed. The nonce of the run is its key, so that hashes of two runs cannot be compared, nor looked up.
func Hash(nonce, value string) string {
	mac := hmac.New(sha256.New, []byte(nonce))
	mac.Write([]byte(value))
	return HashPrefix + hex.EncodeToString(mac.Sum(nil))
}

// Matches reports whether what was reported is the value, shown or as its Hash.
func Matches(nonce, reported, value string) bool {
	if reported == value {
		return true
	}
	return strings.HasPrefix(reported, HashPrefix) && hmac.Equal([]byte(reported), []byte(Hash(nonce, value)))
}
