package secret

import (
	"strings"

	"github.com/deploylift/lift/internal/lazyregexp"
)

// what stands where a secret could, but is none
var (
	// a file in which the secret is
	place = lazyregexp.New(`^(?:file://)?/(?:run|var|etc|home|opt|srv|usr|root|tmp|mnt|data|secrets|vault|app|config|credentials|%[a-z])(?:/[\w.@%+-]+)+/?$|^%[a-zA-Z](?:/[\w.@-]+)+$`)
	// the name of the secret in a store
	reference = lazyregexp.New(`^(?:arn:aws[\w-]*:|vault:|op://|secretsmanager:|ssm:|sm://|keyring:|awskms:|gcpkms:|\$\{?\w+\}?$|\$\(\w+\)$|%\(\w+\)s?$)`)
	// a connection string without a password
	address = lazyregexp.New(`^[a-z][a-z0-9+.:-]*://(?:[\w.-]{1,20}@)?[^\s@?]*(?:\?(?:[\w.-]+=[\w./:-]*&?)*)?$|^(?:sqlite|file|jdbc|memory):[^\s@]*$|^:memory:$|^(?:\s*(?:host|hostaddr|port|user|dbname|database|sslmode|connect_timeout|application_name|server)\s*=\s*\S+)+$`)
)

// form is a way to write a secret. Its group is the secret itself; a group that only refers to a variable is none.
type form struct {
	has string // what every text of the form contains, in lower case: nearly all values contain none of it
	re  *lazyregexp.Regexp
}

var forms = []form{
	// key material
	{"-----begin", lazyregexp.New(`(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*-----|$))`)},
	{"putty-user-key-file", lazyregexp.New(`(PuTTY-User-Key-File-\d(?s:.*))`)},
	{"age-secret-key-", lazyregexp.New(`(AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{20,})`)},
	{"openvpn static key", lazyregexp.New(`(-----BEGIN OpenVPN Static key V1-----(?s:.*))`)},

	// passwords in addresses
	{"//", lazyregexp.New(`//[^\s/?#@:'"]*:([^\s/?#@'"]+)@`)},
	{"://", lazyregexp.New(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:'"]*:([^\s@'"]+)@[\w.\[-]`)}, // a password with a slash that should have been escaped
	{"://", lazyregexp.New(`https?://([0-9a-fA-F]{32,64})@`)},                               // Sentry and its like: the user is the key
	{"=", lazyregexp.New(`(?i)[?&;](?:password|passwd|pwd|pass|token|access_token|refresh_token|auth|api_key|api-key|apikey|key|secret|client_secret|sig|signature|x-amz-signature|x-amz-security-token)=([^&;\s'"]{3,})`)},
	{"jdbc:oracle", lazyregexp.New(`jdbc:oracle:\w+:[^/@\s]+/([^@\s]+)@`)},
	{"@", lazyregexp.New(`(?:^|[\s'"=])[\w.+-]+:([^@\s'"]+)@(?:\w+)?\([^()\s]*\)/`)}, // Go's MySQL driver
	{"hooks.slack.com/", lazyregexp.New(`hooks\.slack\.com/(?:services|workflows)/(\S+)`)},
	{"/webhooks/", lazyregexp.New(`discord(?:app)?\.com/api/webhooks/(\d+/[\w-]+)`)},
	{".webhook.office.com/", lazyregexp.New(`\.webhook\.office\.com/(\S+)`)},
	{"api.telegram.org/bot", lazyregexp.New(`api\.telegram\.org/bot(\d+:[\w-]+)`)},

	// names and values in one text: connection strings, assignments before a command, options
	{"=", lazyregexp.New(`(?i)(?:^|[\s;,{'"])(?:[\w-]*_)?(?:password|passwd|pwd|accountkey|sharedaccesskey|sharedaccesssignature|requirepass)\s*=\s*("[^"]+"|'[^']+'|[^\s;,'"}]+)`)},
	{"=", lazyregexp.New(`(?:^|[\s;'"])[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|API_KEY|APIKEY|SECRET_KEY|PRIVATE_KEY|ACCESS_KEY)=("[^"]+"|'[^']+'|[^\s;'"]+)`)},
	{"-", lazyregexp.New(`(?i)(?:^|[\s'"])--?(?:[a-z0-9]+[-_.])*(?:password|passwd|passphrase|pass|token|secret|api-?key|secret-?key|requirepass|masterauth)(?:=|\s+)("[^"]+"|'[^']+'|[^\s'"=-][^\s'"]*)`)},
	{"authorization", lazyregexp.New(`(?i)(?:proxy-)?authorization['"]?\s*[:=]\s*['"]?(?:bearer|basic|token|apikey)\s+([^\s'"]+)`)},
	{"bearer", lazyregexp.New(`(?i)^bearer\s+(\S{8,})$`)},
	{"curl", lazyregexp.New(`\bcurl\s(?:.*\s)?(?:-u|--user)[ =]?['"]?[^\s:'"]+:([^\s'"]+)`)},
	{"sshpass", lazyregexp.New(`\bsshpass\s+(?:-\w\s+)*-p\s*('[^']+'|"[^"]+"|\S+)`)},
	{"mysql", lazyregexp.New(`\bmysql\w*\s(?:.*\s)?-p('[^']+'|"[^"]+"|[^\s'"]+)`)},
	{"redis-cli", lazyregexp.New(`\bredis-cli\s(?:.*\s)?-a\s+('[^']+'|"[^"]+"|[^\s'"]+)`)},

	// tokens to which their makers gave a form of their own
	{"_", lazyregexp.New(`\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|[rs]k_(?:live|test)_\w{10,}|whsec_[\w+/=-]{16,}|npm_[A-Za-z0-9]{30,}|dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-f]{32}|dckr_pat_[\w-]{20,}|glsa_\w{30,}|figd_[\w-]{30,}|lin_api_\w{30,}|hf_[A-Za-z]{30,}|sq0csp-[\w-]{30,}|xkeysib-[\w-]{40,})`)},
	{"-", lazyregexp.New(`\b(glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}|sk-[A-Za-z0-9_-]{20,}|pypi-AgE[\w-]{20,}|key-[0-9a-f]{32}|PMAK-[0-9a-f-]{40,}|NRAK-[0-9A-Z]{20,})`)},
	{".", lazyregexp.New(`\b(eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|SG\.[\w-]{16,}\.[\w-]{16,}|ya29\.[\w-]{20,}|hv[sbr]\.[\w-]{20,})`)},
	{"", lazyregexp.New(`\b((?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}|AIza[\w-]{35})(?:[^\w]|$)`)},
}

// Holds reports whether a text is or contains a secret, whatever its name: a URL or connection string with a password, a private key, a token of a known form.
func Holds(text string) bool { return len(find(text, 1)) > 0 }

// Find returns the places of all secrets that a text contains by their form, in order and without overlaps.
func Find(text string) [][2]int { return find(text, -1) }

func find(text string, most int) [][2]int {
	if len(text) < 5 {
		return nil
	}
	lower := strings.ToLower(text)
	var out [][2]int
	for _, f := range forms {
		if !strings.Contains(lower, f.has) || f.has == "" && longest(text) < 20 {
			continue
		}
		for at := 0; at < len(text); {
			m := f.re.FindStringSubmatchIndex(text[at:])
			if m == nil {
				break
			}
			from, to := at+m[2], at+m[3]
			at = max(at+m[3], at+1)
			if to-from > 2 && (text[from] == '"' || text[from] == '\'') && text[to-1] == text[from] {
				from, to = from+1, to-1
			}
			if !plainly(text[from:to]) {
				out = insert(out, [2]int{from, to})
				if len(out) == most {
					return out
				}
			}
		}
	}
	return out
}

// plainly reports whether what stands in a secret's place is none: a variable, a place, a switch.
func plainly(s string) bool {
	return strings.HasPrefix(s, "$") && len(s) > 1 || strings.HasPrefix(s, "%24") || strings.HasPrefix(s, "<") || strings.HasPrefix(s, "{{") || harmless("-", s)
}

// longest is the length of the longest run of letters and digits.
func longest(s string) int {
	most, run := 0, 0
	for i := range len(s) {
		if c := s[i]; c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			if run++; run > most {
				most = run
			}
			continue
		}
		run = 0
	}
	return most
}

// insert adds a span in order; one that overlaps another widens it.
func insert(spans [][2]int, s [2]int) [][2]int {
	var out [][2]int
	placed := false
	for _, x := range spans {
		switch {
		case x[1] <= s[0]:
			out = append(out, x)
		case s[1] <= x[0]:
			if !placed {
				out, placed = append(out, s), true
			}
			out = append(out, x)
		default:
			s = [2]int{min(x[0], s[0]), max(x[1], s[1])}
		}
	}
	if !placed {
		out = append(out, s)
	}
	return out
}
