package deploy

import "strings"

// Target is what a Route matches, taken apart.
type Target struct {
	Scheme  string // http or https; with https and no path the workload has the certificate itself
	Host    string // "*" for every host, "*.shop.example" for every name below one
	Path    string // "" for all paths
	Exact   bool   // the path alone, not what begins with it
	Pattern bool   // Path is a regular expression
}

// ParseTarget takes the key of a Route apart.
func ParseTarget(match string) (t Target, ok bool) {
	rest := ""
	t.Scheme, rest, ok = strings.Cut(match, "://")
	if !ok || t.Scheme != "http" && t.Scheme != "https" {
		return t, false
	}
	end := strings.IndexAny(rest, "/=~")
	if end < 0 {
		t.Host = rest
		return t, rest != ""
	}
	t.Host, t.Path = rest[:end], rest[end:]
	switch t.Path[0] {
	case '=':
		t.Exact, t.Path = true, t.Path[1:]
	case '~':
		t.Pattern, t.Path = true, t.Path[1:]
	}
	return t, t.Host != "" && t.Path != ""
}

// String is the key of the Route that matches it.
func (t Target) String() string {
	sign := ""
	switch {
	case t.Exact:
		sign = "="
	case t.Pattern:
		sign = "~"
	}
	return t.Scheme + "://" + t.Host + sign + t.Path
}
