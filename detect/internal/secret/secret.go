// Package secret is the one rule by which readers of configuration tell a secret from a value that may be shown. Every reader follows it, so that a value has the same nature on both
// sides of a step.
//
// The rule errs towards secrecy where a name is plain about it (DB_PASSWORD), and keeps away from names that only speak of a secret: PASSWORD_FILE, TOKEN_TTL, MAX_TOKENS.
package secret

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/deploylift/lift/internal/lazyregexp"
)

// Looks reports whether a known value is a secret, by the name of the variable or by what it holds. An empty value hides nothing; for a value that is not known ask Name.
func Looks(name, value string) bool {
	if strings.TrimSpace(value) == "" {
		return false
	}
	return Holds(value) || Name(name) && !harmless(value)
}

// words that make a name secret, alone or as the tail of a compound word ("pgpassword").
var secretWords = []string{"password", "passwd", "passphrase", "secret", "secrets", "token", "credential", "credentials", "apikey"}

// words that are secret only as a whole word: they are parts of harmless ones.
var wholeWords = map[string]bool{"pwd": true, "pass": true, "dsn": false, "auth": false}

// pairs of words that are secret together.
var secretPairs = map[[2]string]bool{
	{"api", "key"}: true, {"private", "key"}: true, {"access", "key"}: true, {"secret", "key"}: true, {"signing", "key"}: true, {"encryption", "key"}: true,
	{"master", "key"}: true, {"license", "key"}: true, {"auth", "key"}: true, {"account", "key"}: true, {"ssh", "key"}: true, {"deploy", "key"}: true,
	{"shared", "key"}: true, {"service", "key"}: true, {"jwt", "key"}: true, {"cookie", "key"}: true, {"session", "key"}: true, {"client", "key"}: true,
	{"pass", "word"}: true, {"pass", "phrase"}: true, {"web", "hook"}: false,
}

// last words that make of a secret's name the name of something about it.
var about = map[string]bool{
	"file": true, "files": true, "path": true, "dir": true, "directory": true, "ttl": true, "expiry": true, "expires": true, "expiration": true, "lifetime": true, "age": true,
	"timeout": true, "length": true, "len": true, "size": true, "min": true, "max": true, "limit": true, "count": true, "rounds": true, "cost": true, "algorithm": true, "alg": true,
	"algo": true, "type": true, "kind": true, "name": true, "header": true, "url": true, "uri": true, "endpoint": true, "host": true, "port": true, "enabled": true, "disabled": true,
	"required": true, "policy": true, "issuer": true, "audience": true, "seconds": true, "minutes": true, "hours": true, "days": true, "backend": true, "provider": true,
	"manager": true, "store": true, "prefix": true, "suffix": true, "field": true, "param": true, "mode": true, "format": true, "encoding": true, "reset": true, "version": true,
	"id": true, "arn": true, "ref": true, "region": true, "mount": true, "location": true,
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
	for i, w := range ws {
		if wholeWords[w] || i > 0 && secretPairs[[2]string{ws[i-1], w}] {
			return true
		}
		for _, s := range secretWords {
			if strings.HasSuffix(w, s) {
				return true
			}
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

// harmless reports whether a value under a secret's name cannot be one: a switch.
func harmless(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true", "false", "yes", "no", "on", "off", "none", "null":
		return true
	}
	return false
}

var (
	pem      = lazyregexp.New(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----`)
	inURL    = lazyregexp.New(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:]*:([^\s/?#@]+)@`)
	inQuery  = lazyregexp.New(`(?i)[?&;](?:password|passwd|pwd|token|access_token|api_key|apikey|secret|sig)=([^&;\s]+)`)
	keyValue = lazyregexp.New(`(?i)(?:^|[\s;])(?:password|pwd)\s*=\s*([^\s;]+)`) // DSN "host=db password=x"
	// tokens whose makers gave them a form of their own
	marked = lazyregexp.New(`^(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|sk_live_\w{10,}|rk_live_\w{10,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})$`)
)

// Holds reports whether a text is or contains a secret, whatever its name: a URL or connection string with a password, a private key, a token of a known form.
func Holds(value string) bool {
	// nearly all values are none: what every form contains is looked for before the form itself
	if strings.Contains(value, "-----BEGIN") && pem.MatchString(value) {
		return true
	}
	if len(value) > 12 && marked.MatchString(strings.TrimSpace(value)) {
		return true
	}
	if strings.IndexByte(value, '=') > 0 && keyValue.MatchString(value) {
		return true
	}
	if !strings.Contains(value, "://") {
		return false
	}
	if m := inURL.FindStringSubmatch(value); m != nil && !variable(m[1]) {
		return true
	}
	if m := inQuery.FindStringSubmatch(value); m != nil && !variable(m[1]) {
		return true
	}
	if u, err := url.Parse(value); err == nil && u.User != nil {
		if p, ok := u.User.Password(); ok && p != "" && !variable(p) {
			return true
		}
	}
	return false
}

// variable reports whether the password is only a reference: ${DB_PASSWORD}.
func variable(s string) bool {
	return strings.HasPrefix(s, "$") && len(s) > 1 || strings.HasPrefix(s, "%24")
}
