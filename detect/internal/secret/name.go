package secret

import (
	"strings"
	"unicode"
)

// words that make a name secret, alone or as the tail of a compound word ("pgpassword").
var secretWords = []string{
	"password", "passwd", "passphrase", "passkey", "secret", "secrets", "token", "credential", "credentials", "apikey", "secretkey", "privatekey", "accesskey", "signingkey",
	"encryptionkey", "masterkey", "authkey", "requirepass", "masterauth",
}

// words that are secret only as a whole word: they are parts of harmless ones.
var wholeWords = words("pwd pass dsn creds cred salt pepper psk bearer pat")

// words that are secret in pairs.
var secretPairs = map[string]map[string]bool{
	"key": words(`api private access secret signing sign signature encryption encrypt master license auth account ssh deploy shared service jwt jwe cookie session client hmac app rsa aes root
		admin vault unseal webhook tls ssl crypt crypto cipher bot integration ingest storage openai stripe sendgrid mailgun twilio datadog anthropic`),
	"auth":   words("basic proxy redis registry smtp http"),
	"word":   words("pass"),
	"phrase": words("pass"),
}

// last words that make of a secret's name the name of something about it.
var about = words(`file files path paths dir directory folder ttl expiry expires expiration lifetime age maxage timeout length len size min max limit limits count rounds cost iterations algorithm alg algo
	type kind name names header headers url uri endpoint host hostname port enabled disabled required policy issuer audience second seconds minute minutes hour hours day days backend provider manager
	store prefix suffix field param parameter mode format encoding reset version id ids arn ref reference region mount location through bucket rate scope scopes realm attempts retries hint charset method
	strategy cache engine driver class selector label namespace interval rotation username user email audiences domain`)

// words anywhere in a name that say that everybody may see it.
var publicWords = words("public publishable pub site csrf xsrf tokenizer")

// words of names whose random values everybody may see: they tell versions and contents apart, or are public parts of something.
var shownWords = words(`commit sha sha1 sha256 sha384 sha512 md5 rev revision git digest digests hash checksum etag build version release tag image integrity sri fingerprint thumbprint cert certificate
	certs ca public publishable pub site uuid guid id ids arn trace span request boundary nonce host hosts hostname url uri endpoint path dir file name prefix bucket region zone project cluster container node
	invocation machine distinguished dn subject issuer`)

func words(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}

// Name reports whether a variable of this name holds a secret.
func Name(name string) bool {
	ws := split(name)
	if len(ws) == 0 || about[ws[len(ws)-1]] {
		return false
	}
	if len(ws) == 1 && ws[0] == "pwd" {
		return false // the working directory
	}
	found := false
	for i, w := range ws {
		if publicWords[w] && !strings.HasPrefix(strings.Join(ws[i:], ""), "publicsecret") {
			return false
		}
		found = found || wholeWords[w] || i > 0 && secretPairs[w][ws[i-1]]
		for _, s := range secretWords {
			found = found || strings.HasSuffix(w, s)
		}
	}
	return found
}

// shown reports whether the name says that a random value is no secret.
func shown(name string) bool {
	for _, w := range split(name) {
		if shownWords[w] {
			return true
		}
	}
	return false
}

// split cuts a name into lower-case words at anything that is no letter or digit, and inside camelCase.
func split(name string) []string {
	var out []string
	var cur []rune
	flush := func() {
		if len(cur) > 0 {
			out, cur = append(out, strings.ToLower(string(cur))), nil
		}
	}
	var before rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(before):
			flush()
			cur = append(cur, r)
		default:
			cur = append(cur, r)
		}
		before = r
	}
	flush()
	return out
}

// switches begin the names of variables that turn something on or off.
var switches = words("use allow require enable disable has is with without no skip need show verify check")

// harmless reports whether a value under a secret's name cannot be one: a switch, a place where the secret is, or an address without a password.
func harmless(name, value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no", "on", "off", "none", "null", "unused":
		return true
	case "0", "1":
		ws := split(name)
		return len(ws) > 0 && switches[ws[0]]
	}
	if place.MatchString(value) || reference.MatchString(value) {
		return true
	}
	return last(split(name)) == "dsn" && address.MatchString(value) || strings.Contains(value, "://") && address.MatchString(value) && !random(value)
}

func last(ws []string) string {
	if len(ws) == 0 {
		return ""
	}
	return ws[len(ws)-1]
}
